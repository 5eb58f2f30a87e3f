"""Who asks, and what they may see."""

from __future__ import annotations

import pytest

from shopwright.errors import InvalidValue
from shopwright.members.actors import SYSTEM, Actor, ActorKind, customer, staff
from shopwright.members.addresses import Address


@pytest.mark.parametrize(("actor", "sees"), [(customer("ann"), True), (customer("bob"), False), (staff("bob"), True), (SYSTEM, True)])
def test_a_customer_sees_nobodys_orders_but_their_own(actor: Actor, sees: bool) -> None:
    assert actor.sees("ann") is sees


def test_actors_are_made_in_their_roles() -> None:
    assert (customer("ann"), staff("clerk")) == (Actor(ActorKind.CUSTOMER, "ann"), Actor(ActorKind.STAFF, "clerk"))


@pytest.mark.parametrize(
    ("kind", "id", "message"), [("staff", "x", r"Actor\.kind must be ActorKind"), (ActorKind.STAFF, "", r"Actor\.id must have 1")]
)
def test_an_actor_has_a_role_and_a_name(kind: ActorKind, id: str, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        Actor(kind, id)


def test_an_address_is_taken_as_it_was_written_in_any_script_and_shows_no_name() -> None:
    address = Address("王小明", ("建国路1号",), "北京", country="CN")

    assert ("王小明" in repr(address), "建国路" in repr(address), address.city) == (False, False, "北京")


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"name": ""}, r"Address\.name must have 1"),
        ({"lines": ("x" * 201,)}, r"Address\.lines must have 0 to 200"),
        ({"lines": "1 Harbor Street"}, r"Address\.lines must be tuple, got str"),
        ({"city": None}, r"Address\.city must be text, got NoneType"),
        ({"postcode": "\x00"}, r"Address\.postcode must not hold U\+0000"),
    ],
)
def test_an_address_checks_what_it_is_told(facts: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        Address(**{"name": "Ann", **facts})
