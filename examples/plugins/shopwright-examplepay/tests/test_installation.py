"""The plug-in as a shop meets it: by its entry point."""

from __future__ import annotations

from importlib.metadata import entry_points

from shopwright.ports.gateway import PaymentGateway

from shopwright_examplepay import ExamplePay, Settings

SETTINGS = Settings(account="shop", api_key="sk_secret", signing_secret="whsec_secret")


def test_the_shop_finds_the_gateway_by_its_name() -> None:
    (found,) = entry_points(group="shopwright.gateways", name="examplepay")
    assert found.load() is ExamplePay


def test_making_a_gateway_needs_no_network() -> None:
    assert isinstance(ExamplePay(SETTINGS), PaymentGateway)


def test_printing_a_gateway_shows_no_secret() -> None:
    assert "secret" not in repr(ExamplePay(SETTINGS)).replace("signing_secret", "")
