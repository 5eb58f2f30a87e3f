"""The laws of statistics, for any life of an order and any way of counting it."""

from __future__ import annotations

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from shopwright.orders import Decision, Order, fold
from shopwright.statistics.counting import Added, CountedSale, Place, count, summed
from shopwright.statistics.sales import parts_of
from shopwright.statistics.tallies import NOTHING, Dimension, Tally
from shopwright.testing.strategies import lives

FILED = {"TEA": "drinks", "CUP": "dishes", "MUG": "dishes"}
TALLIES = st.builds(Tally, placed=st.integers(0, 9), gross=st.integers(0, 99), visits=st.integers(0, 9), refunds=st.integers(-5, 5))


def counted(counts: CountedSale | None, order: Order, life: Decision, begin: int, end: int) -> tuple[CountedSale, tuple[Added, ...]]:
    """The order counted when the events from one number to another have come."""
    events = [(number, event) for number, event in enumerate(life.events, 1) if begin <= number <= end]
    return count(counts, order, events, categories=FILED, zone="UTC")


@given(lives())
def test_total_sales_are_what_the_order_says_that_its_buyer_owes(life: Decision) -> None:
    """STAT-2, STAT-9, STAT-10"""
    shop, *parts = parts_of(life.order, categories={}, returned={}, zone="UTC")

    assert shop.tally.total == life.order.owed
    assert shop.tally.gross - shop.tally.discounts + shop.tally.shipping + shop.tally.taxes == life.order.total.minor
    off = ("called_off", "given_back", "allowed", "shipping_off", "taxes_off")
    assert [name for it in (shop, *parts) for name in off if getattr(it.tally, name) < 0] == []


@given(lives())
def test_units_and_amounts_of_categories_and_of_sellers_add_up_to_those_of_the_shop(life: Decision) -> None:
    """STAT-8"""
    filed = {line.line_no: FILED.get(line.sku, "") for line in life.order.lines}
    shop, *parts = parts_of(life.order, categories=filed, returned={}, zone="UTC")

    for dimension in (Dimension.CATEGORY, Dimension.SELLER):
        mine = [it.tally for it in parts if it.dimension is dimension]
        together = reduce(Tally.plus, mine, NOTHING)
        for name in ("units", "units_arrived", "units_returned", "gross", "discounts", "net", "total", "shipping", "taxes", "taxes_within"):
            assert getattr(together, name) == getattr(shop.tally, name)
        assert {it.placed for it in mine} == {1}


@given(lives(), st.data())
def test_an_order_counts_alike_however_its_events_come(life: Decision, data: st.DataObject) -> None:
    """STAT-1, STAT-13, STAT-15: in one go, in any pieces while the order goes on, behind it, and with pieces that come again."""
    last = len(life.events)
    _, at_once = counted(None, life.order, life, 1, last)
    ends = sorted({*data.draw(st.lists(st.integers(1, last), max_size=5)), last})
    kept: CountedSale | None = None
    piecemeal: list[Added] = []
    begin = 1
    for end in ends:
        seen = data.draw(st.sampled_from((end, last)))  # the order may have gone on by the time its events are counted
        again = data.draw(st.integers(1, begin))
        kept, added = counted(kept, fold(life.events[:seen]), life, again, end)
        piecemeal += added
        begin = end + 1

    assert summed(piecemeal) == summed(at_once)


@given(TALLIES, TALLIES, TALLIES)
def test_tallies_add_up_in_any_order(one: Tally, two: Tally, three: Tally) -> None:
    """STAT-1"""
    assert one.plus(two).plus(three) == three.plus(one.plus(two))
    assert one.plus(two).minus(two) == one
    assert one.plus(NOTHING) == one


@given(lives())
def test_an_order_that_did_not_change_adds_nothing(life: Decision) -> None:
    """STAT-13"""
    kept, first = counted(None, life.order, life, 1, len(life.events))
    assert counted(kept, life.order, life, 1, len(life.events)) == (kept, ())
    place = Place(kept.day, life.order.currency, life.order.channel)
    assert summed(first)[place].placed == 1
