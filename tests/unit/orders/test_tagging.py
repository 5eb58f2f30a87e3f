"""Tags of an order: what is a tag, how many there are, and what putting one on twice does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright import Refusal
from shopwright.errors import InvalidValue
from shopwright.orders.decision import Decision
from shopwright.orders.evolve import evolve
from shopwright.orders.finding import OrderFilter, meets
from shopwright.orders.order import Order
from shopwright.orders.tagging import MOST, tag
from shopwright.orders.tags import OrderTagged, tag_of
from shopwright.testing.builders import CLERK, NOON, an_order


def _tagged(order: Order, **tags: tuple[str, ...]) -> Order:
    decision = tag(order, **tags, by=CLERK, at=NOON)
    assert isinstance(decision, Decision)
    return decision.order


@pytest.mark.parametrize(
    ("typed", "tag"),
    [("VIP", "vip"), ("  Gift \t Wrap ", "gift wrap"), ("Straße", "strasse"), ("贈り物", "贈り物"), ("e\u0301te", "éte")],
)
def test_a_tag_is_what_is_typed_in_small_letters_with_single_spaces(typed: str, tag: str) -> None:
    """TAG-1"""
    assert tag_of(typed) == tag


@given(st.text(max_size=60))
def test_what_is_made_a_tag_stays_as_it_is(typed: str) -> None:
    """TAG-1"""
    try:
        tag = tag_of(typed)
    except InvalidValue:
        return
    assert tag_of(tag) == tag


def test_tags_come_and_go_and_change_nothing_else() -> None:
    """TAG-2"""
    order = an_order()
    decision = tag(_tagged(order, add=("vip", "check")), add=("wrap", "vip"), remove=("check", "unknown"), by=CLERK, at=NOON)
    assert isinstance(decision, Decision)
    assert decision.events == (OrderTagged(added=("wrap",), removed=("check",), by=CLERK, at=NOON),)
    assert decision.order.tags == ("vip", "wrap")
    assert _tagged(decision.order, remove=("vip", "wrap")) == evolve(evolve(evolve(order, *_no_tags()), *_no_tags()), *_no_tags())


def _no_tags() -> tuple[OrderTagged]:
    return (OrderTagged(added=(), removed=(), by=CLERK, at=NOON),)


def test_what_changes_no_tag_is_no_event() -> None:
    """TAG-3"""
    order = _tagged(an_order(), add=("vip",))
    assert tag(order, add=("vip",), remove=("wrap",), by=CLERK, at=NOON) == Decision(order)


def test_an_order_has_no_more_tags_than_it_may_and_one_can_be_put_in_the_place_of_another() -> None:
    """TAG-2"""
    full = _tagged(an_order(), add=tuple(f"tag {number}" for number in range(MOST)))
    refused = tag(full, add=("one more",), by=CLERK, at=NOON)
    assert isinstance(refused, Refusal)
    assert (refused.code, dict(refused.facts)) == ("tags_exceeded", {"count": MOST + 1, "allowed": MOST})
    assert "one more" in _tagged(full, add=("one more",), remove=("tag 0",)).tags


def test_an_order_is_found_by_a_tag_in_whatever_letters_it_is_asked_for() -> None:
    order = _tagged(an_order(), add=("gift wrap",))
    assert [meets(order, OrderFilter(tag=asked)) for asked in ("Gift  WRAP", "gift", "wrap")] == [True, False, False]
