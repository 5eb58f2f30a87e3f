"""The plug-in as a shop meets it: by its entry point."""

from __future__ import annotations

from importlib.metadata import entry_points

from shopwright.ports.carrier import Carrier

from shopwright_examplepost import ExamplePost, Settings

SETTINGS = Settings(customer="shop", api_key="sk_secret", signing_secret="pushes_secret")


def test_the_shop_finds_the_carrier_by_its_name() -> None:
    (found,) = entry_points(group="shopwright.carriers", name="examplepost")
    assert found.load() is ExamplePost


def test_making_a_carrier_needs_no_network() -> None:
    assert isinstance(ExamplePost(SETTINGS), Carrier)


def test_printing_a_carrier_shows_no_secret() -> None:
    assert "secret" not in repr(ExamplePost(SETTINGS)).replace("signing_secret", "")
