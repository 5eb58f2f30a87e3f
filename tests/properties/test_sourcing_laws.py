"""What is given back of a plan goes where it was planned from, whatever has left and from wherever."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shopwright.catalog.products import Component
from shopwright.inventory.keys import backorder_key, place_key
from shopwright.inventory.plans import Standing, Strategy
from shopwright.orders.lines import Buckets, OrderLine
from shopwright.orders.sourcing import SourcedPart, Sourcing, given_back, ready_units
from shopwright.testing.builders import NOON

PLACES = ("a", "b", "c")


@st.composite
def partly_left(draw: st.DrawFn) -> tuple[Sourcing, OrderLine, dict[str, int]]:
    """A line of some units, planned from some places, of which some units that were there have left, from a place or from nowhere certain."""
    each = draw(st.integers(1, 3))
    planned = {place: draw(st.integers(0, 4)) for place in PLACES}
    awaited = {place: draw(st.integers(0, units)) for place, units in planned.items()}
    components = (Component("PART", each),) if each > 1 else ()
    sku = "PART" if components else "GOODS"
    parts = tuple(
        SourcedPart(place=place, line_no=1, sku=sku, quantity=units * each, awaited=awaited[place] * each)
        for place, units in planned.items()
        if units
    )
    left = {place: draw(st.integers(0, planned[place] - awaited[place])) for place in PLACES}
    there = sum(planned.values()) - sum(awaited.values()) - sum(left.values())
    left[""] = draw(st.integers(0, there))
    quantity = sum(planned.values())
    amounts = dict.fromkeys(("unit_price", "subtotal", "discount", "shipping", "tax", "total"), 0)
    open_units = quantity - sum(left.values())
    buckets = Buckets(open=open_units, shipped=quantity - open_units)
    line = OrderLine(line_no=1, sku="GOODS", title="", seller_id="s", quantity=quantity, buckets=buckets, components=components, **amounts)
    standing = Standing(cost=0, parcels=0, distance=0)
    return Sourcing(zone="z", strategy=Strategy.CHEAPEST, parts=parts, standing=standing, proved=True), line, left


@given(partly_left())
def test_the_rest_of_a_line_goes_back_to_the_unit_where_it_was_planned_from(known: tuple[Sourcing, OrderLine, dict[str, int]]) -> None:
    """SOURCE-2."""
    plan, line, left = known
    items = dict(plan.claims())
    before = dict(items)

    given_back(plan, line, line.buckets.open, left, items)

    each = line.from_stock(1)[0][1]
    assert sum(items.values()) == sum(left.values()) * each
    assert all(0 <= units <= before[key] for key, units in items.items())
    for part in plan.parts:
        assert items.get(place_key(part.place, part.sku), 0) >= left[part.place] * each
        assert items.get(backorder_key(part.place, part.sku), 0) == 0


@given(partly_left())
def test_what_is_ready_at_the_places_is_what_is_ready_in_all(known: tuple[Sourcing, OrderLine, dict[str, int]]) -> None:
    """SOURCE-3."""
    plan, line, _ = known

    assert sum(ready_units(plan, line, NOON, place) for place in PLACES) == (ready_units(plan, line, NOON) if line.quantity else 0)
    assert line.quantity - ready_units(plan, line, NOON) == sum(part.awaited for part in plan.parts) // line.from_stock(1)[0][1]
