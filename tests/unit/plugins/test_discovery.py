"""Finding adapters, and telling broken ones apart."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.errors import InvalidValue
from shopwright.plugins import Broken, Discovered, Lacking, discover

GROUP = "shopwright.gateways"


def _point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, GROUP)


def test_an_installed_gateway_is_found_by_its_name() -> None:
    assert discover("gateway").makers["fake"] is FakeGateway


def test_a_broken_plugin_names_itself_and_harms_nobody_else() -> None:
    points = (_point("good", "shopwright.adapters.fake_gateway:FakeGateway"), _point("lost", "no_such_distribution.gateway:Gateway"))

    found = discover("gateway", points=points)

    error = "ModuleNotFoundError: No module named 'no_such_distribution'"
    assert found == Discovered({"good": FakeGateway}, (Broken("lost", GROUP, "an unknown distribution", error),))
    assert str(found.broken[0]) == f"lost of an unknown distribution (shopwright.gateways) is left out: {error}"


def test_a_plugin_without_its_extra_says_what_to_install_and_is_not_broken() -> None:
    found = discover("gateway", points=(_point("lost", "no_such_distribution.gateway:Gateway [paying]"),))
    assert found.broken  # its own module is missing, which no extra brings

    needy = _point("needy", "tests.unit.plugins.needs_an_extra:Gateway [paying]")
    assert discover("gateway", points=(needy,)) == Discovered({}, (), (Lacking("needy", "its distribution[paying]"),))
    assert str(Lacking("wechat", "shopwright[wechat]")) == "wechat (pip install shopwright[wechat])"


def test_the_adapters_that_ship_are_all_found() -> None:
    assert {"alipay", "fake", "wechat"} <= {*discover("gateway").makers}
    assert discover("gateway").broken == discover("gateway").lacking == ()


def test_two_plugins_of_one_name_are_both_left_out() -> None:
    point = _point("fake", "shopwright.adapters.fake_gateway:FakeGateway")

    found = discover("gateway", points=(point, point))

    assert found.makers == {}
    assert [one.error for one in found.broken] == ["another distribution brings the same name; uninstall one of them"] * 2


def test_an_entry_point_that_makes_nothing_is_broken() -> None:
    found = discover("gateway", points=(_point("name", "shopwright.plugins.discovery:GROUPS"),))

    assert [one.error for one in found.broken] == ["expected a class or function that makes a gateway, got dict"]


def test_only_gateways_carriers_and_storages_are_looked_for():
    with pytest.raises(InvalidValue, match="expected one of gateway, carrier, storage, got 'notifier'"):
        discover("notifier")
