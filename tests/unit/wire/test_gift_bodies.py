"""How gifts and grants stand in stored orders; an order that was stored before there were any is read as it is."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given

from shopwright.orders.decision import Decision
from shopwright.orders.events import OrderPlaced
from shopwright.ports.kinds import RecordType
from shopwright.pricing.gifts import GivenBy, Grant, GrantKind
from shopwright.testing.builders import a_decision, a_gift
from shopwright.testing.strategies import lives
from shopwright.wire.codec import Codec
from shopwright.wire.kinds import KINDS, ORDER

CODEC = Codec(KINDS)
PLACED: RecordType[OrderPlaced] = next(it for it in KINDS.records if it.type is OrderPlaced)
GIVING = a_decision(promotions=(a_gift("MUG", 2, points=50, points_rate=20_000, coupons=("next-time",)),))


def body(value: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(CODEC.dump(value))
    return found


def test_a_gift_stands_in_an_order_as_a_line_that_names_its_promotion() -> None:
    (mug,) = [line for line in body(GIVING.order)["lines"] if "given_by" in line]

    assert mug == {
        "line_no": 3,
        "sku": "MUG",
        "title": "Mug",
        "seller_id": "house",
        "quantity": 2,
        "unit_price": 0,
        "subtotal": 0,
        "discount": 0,
        "shipping": 0,
        "tax": 0,
        "total": 0,
        "buckets": {"open": 2},
        "given_by": {"promotion": "gift-MUG", "version": 1},
    }


def test_grants_stand_in_the_order_and_in_the_event_that_placed_it() -> None:
    grants = [
        {"kind": "points", "amount": 50, "promotion": "gift-MUG", "version": 1},
        {"kind": "points_rate", "amount": 20_000, "promotion": "gift-MUG", "version": 1},
        {"kind": "coupon", "amount": 1, "promotion": "gift-MUG", "version": 1, "batch": "next-time"},
    ]
    assert (body(GIVING.order)["grants"], body(GIVING.events[0])["grants"]) == (grants, grants)


def test_they_are_read_back_as_they_were() -> None:
    order, placed = CODEC.load(ORDER, 1, CODEC.dump(GIVING.order)), CODEC.load(PLACED, 1, CODEC.dump(GIVING.events[0]))

    assert (order, placed) == (GIVING.order, GIVING.events[0])
    assert (order.lines[2].given_by, placed.grants[0]) == (GivenBy("gift-MUG", 1), Grant(GrantKind.POINTS, 50, "gift-MUG", 1))


def test_an_order_without_them_has_the_body_that_it_had_before_there_were_any() -> None:
    plain = a_decision()

    for value in (plain.order, plain.events[0]):
        text = CODEC.dump(value)
        assert "grants" not in text
        assert "given_by" not in text


@given(lives())
def test_any_life_with_or_without_gifts_is_read_back(life: Decision) -> None:
    assert CODEC.load(ORDER, ORDER.shape, CODEC.dump(life.order)) == life.order
    for event in life.events:
        kind = next(it for it in KINDS.records if it.type is type(event))
        assert CODEC.load(kind, kind.shape, CODEC.dump(event)) == event
