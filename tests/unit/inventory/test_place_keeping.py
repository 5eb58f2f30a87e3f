"""The stock of one sku at one place, beside its quota: what each verb makes of both."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from shopwright.errors import InvalidValue
from shopwright.inventory import Costing, Keeping, Movement, MovementKind, StockLot, Worth
from shopwright.inventory import place_keeping as keeping
from shopwright.inventory.place_stock import Aside, Guarded, PlaceStock, standing_of
from shopwright.inventory.shelves import PAST, Shelf, Step, shelf_of
from shopwright.inventory.sold import SoldGoods, SoldPart
from shopwright.inventory.stock_events import StockOwed, StockRanLow, StockRecovered
from shopwright.inventory.stock_lots import units_of
from shopwright.inventory.transfers import Sent, StockTransfer, TransferLine, arrived
from shopwright.refusals import Refusal, accepted

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
LATE, SOON = StockLot("late", 6, NOW, expires_at=NOW + 9 * DAY), StockLot("soon", 4, NOW, expires_at=NOW + 3 * DAY)
EMPTY = PlaceStock(place="north", sku="milk")


def a_shelf(step: Step | None = None, *, used: int = 0, held: int = 0, at: datetime = NOW, in_lots: bool = False, **kept: Any) -> Shelf:
    """The shelf after a step, of which orders use and hold some."""
    stock = EMPTY if step is None else step.stock
    guarded = Guarded(granted=stock.granted, used=used, held=held + stock.kept + stock.set_aside)
    return shelf_of(stock, guarded, keeping=Keeping(**kept), in_lots=in_lots, at=at)


def stocked(units: int, *, cost: int = 0, **kept: Any) -> Step:
    """Goods came in where nothing was."""
    return keeping.receive(a_shelf(**kept), units=units, cost=cost, at=NOW)


def in_lots() -> Step:
    """Ten bottles came in, in two lots, and cost 10.01."""
    return keeping.receive(a_shelf(in_lots=True), lots=(LATE, SOON), cost=1_001, at=NOW)


def moved(step: Step) -> list[Movement]:
    return [it for it in step.records if isinstance(it, Movement)]


def told(step: Step) -> list[type]:
    return [type(it) for it in step.records if not isinstance(it, Movement)]


def test_what_is_on_hand_is_the_sum_of_all_movements_and_what_was_granted_less_used_and_missing():
    """SHELF-1."""
    steps = [stocked(10, cost=1_000)]
    steps.append(accepted(keeping.damage(a_shelf(steps[-1]), 3, reason="wet", at=NOW)))
    steps.append(keeping.book_sale(a_shelf(steps[-1], used=2), 2, source="o1", at=NOW))
    steps.append(keeping.count(a_shelf(steps[-1], used=2), units=4, at=NOW))
    last = steps[-1].stock
    assert [it.change for step in steps for it in moved(step)] == [10, -3, -2, -1]
    assert (last.on_hand, last.granted - 2 - last.missing, last.worth.value, last.worth.spent) == (4, 4, 400, 600)


def test_what_an_accident_takes_of_promised_goods_is_missing_and_what_comes_in_makes_up_for_it():
    """SHELF-2."""
    step = accepted(keeping.damage(a_shelf(stocked(10), held=8), 5, reason="fire", at=NOW))
    assert (step.grant, step.stock.missing, told(step)) == (-2, 3, [StockOwed])
    more = keeping.receive(a_shelf(step, held=8), units=4, at=NOW)
    assert (more.grant, more.stock.missing, more.stock.on_hand) == (1, 0, 9)
    freed = keeping.settle(a_shelf(step, held=6), at=NOW)
    assert (freed.grant, freed.stock.missing, moved(freed)) == (-2, 1, [])


def test_goods_that_are_promised_cannot_be_moved_away_or_set_aside():
    """SHELF-3."""
    shelf = a_shelf(stocked(10), held=8)
    short = Refusal(
        "stock_short", "3 of milk are wanted and 2 are available at north", {"place": "north", "sku": "milk", "wanted": 3, "available": 2}
    )
    assert keeping.move_out(shelf, 3, source="t1", at=NOW) == short
    assert keeping.set_aside(shelf, "recall", 3, at=NOW) == short
    assert accepted(keeping.move_out(shelf, 2, source="t1", at=NOW)).grant == -2


def test_what_expires_first_leaves_first_and_what_has_expired_is_sold_last():
    """SHELF-4."""
    shelf = a_shelf(in_lots(), in_lots=True)
    sent = accepted(keeping.move_out(shelf, 5, source="t1", at=NOW))
    assert moved(sent)[0].taken == (SOON, evolve(LATE, units=1))
    assert keeping.move_out(shelf, 7, source="t1", at=NOW + 4 * DAY) == Refusal(
        "stock_short", "7 of milk are wanted and 6 are available at north", {"place": "north", "sku": "milk", "wanted": 7, "available": 6}
    )
    sold = keeping.book_sale(a_shelf(in_lots(), used=7, in_lots=True), 7, source="o1", at=NOW + 4 * DAY)
    assert moved(sold)[0].taken == (LATE, evolve(SOON, units=1))


def test_what_comes_in_fills_what_is_kept_for_safety_before_it_is_free():
    """SHELF-5."""
    first = stocked(2, safety=3)
    assert (first.stock.kept, standing_of(first.stock, a_shelf(first).guarded).available) == (2, 0)
    second = keeping.receive(a_shelf(first, safety=3), units=4, at=NOW)
    assert (second.stock.kept, standing_of(second.stock, a_shelf(second).guarded).available) == (3, 3)
    burnt = accepted(keeping.damage(a_shelf(second, held=2, safety=3), 3, reason="fire", at=NOW))
    assert (burnt.grant, burnt.stock.kept, burnt.stock.missing) == (-3, 1, 0)


def test_what_was_granted_past_the_verbs_is_booked_with_the_next_of_them():
    """SHELF-6."""
    before = stocked(5).stock
    came = shelf_of(before, Guarded(granted=8), keeping=Keeping(), in_lots=False, at=NOW)
    step = keeping.receive(came, units=1, at=NOW)
    assert [(it.kind, it.change, it.reason) for it in moved(step)] == [(MovementKind.RECEIVED, 3, PAST), (MovementKind.RECEIVED, 1, "")]
    assert (step.grant, step.stock.on_hand, step.stock.granted) == (1, 9, 9)
    went = shelf_of(before, Guarded(granted=4), keeping=Keeping(), in_lots=False, at=NOW)
    assert [(it.kind, it.change) for it in moved(keeping.settle(went, at=NOW))] == [(MovementKind.ADJUSTED, -1)]


def test_goods_on_their_way_arrive_or_are_lost_to_the_last_unit_and_cent():
    """SHELF-7."""
    sent = Sent(sku="milk", units=5, lots=(SOON, evolve(LATE, units=1)), cost=501)
    transfer = StockTransfer(id="t1", from_place="north", to_place="south", goods=(sent,), sent_at=NOW)
    assert (transfer.under_way, transfer.lost) == (5, 0)
    came = accepted(arrived(transfer, (TransferLine("milk", 3),), at=NOW + DAY))
    assert (came.under_way, came.lost, came.goods[0].came) == (0, 2, (0, (evolve(SOON, units=3),), 301))
    assert arrived(came, None, at=NOW) == Refusal("transfer_arrived", "transfer t1 arrived before", {"transfer": "t1"})
    whole = accepted(arrived(transfer, None, at=NOW + DAY))
    assert (whole.lost, whole.goods[0].came) == (0, (0, sent.lots, 501))
    more = arrived(transfer, (TransferLine("milk", 6),), at=NOW)
    assert isinstance(more, Refusal)
    assert (more.code, more.fact("wanted"), more.fact("available")) == ("stock_short", 6, 5)


def test_what_is_booked_of_an_order_follows_what_it_uses_and_goes_back_to_its_lots_at_its_cost():
    """SHELF-8."""
    key = "stock@north/milk"
    sold = SoldGoods("o1").with_more(key, 5, (SOON, evolve(LATE, units=1)), 501)
    assert sold.changes(((key, 5),)) == ()
    assert sold.changes(((key, 2), ("stock@south/milk", 1))) == ((key, -3), ("stock@south/milk", 1))
    less, lots, cost = sold.with_fewer(key, 3)
    assert (lots, cost) == ((evolve(LATE, units=1), evolve(SOON, units=2)), 301)
    assert less.parts == (SoldPart(key=key, units=2, lots=(evolve(SOON, units=2),), cost=200),)
    none, rest, left = less.with_fewer(key, 2)
    assert (none, units_of(rest), left) == (SoldGoods("o1"), 2, 200)


def test_units_with_serial_numbers_leave_their_lots_when_somebody_says_which_they_are():
    """SHELF-9."""
    phones = StockLot("phones", 4, NOW, serials=("p1", "p2", "p3", "p4"))
    step = keeping.receive(a_shelf(in_lots=True), lots=(phones,), cost=400, at=NOW)
    sold = keeping.book_sale(a_shelf(step, used=2, in_lots=True), 2, source="o1", at=NOW)
    assert (sold.stock.lots, sold.stock.loose, sold.stock.on_hand, sold.cost) == ((phones,), -2, 2, 200)
    shelf = a_shelf(sold, used=2, in_lots=True)
    assert not keeping.count(shelf, lots=(phones,), at=NOW).changes
    named = accepted(keeping.name_units(shelf, ("p2", "p4"), source="o1", at=NOW))
    assert (named.left_lots, named.grant, named.stock.worth) == ((evolve(phones, units=2, serials=("p2", "p4")),), 0, sold.stock.worth)
    assert (named.stock.lots, named.stock.loose) == ((evolve(phones, units=2, serials=("p1", "p3")),), 0)
    facts: dict[str, str | int] = {"place": "north", "sku": "milk", "wanted": 2, "available": 1}
    gone = Refusal("serials_unknown", "1 of 2 serial numbers of milk are there", facts)
    assert keeping.name_units(a_shelf(named, used=2, in_lots=True), ("p1", "p2"), source="o1", at=NOW) == gone
    booked = SoldGoods("o1").with_more("k", 2, (), 200)
    assert (booked.parts[0].unnamed, booked.with_lots("k", named.left_lots).parts[0].unnamed) == (2, 0)


def test_that_a_stock_runs_low_is_told_once_and_that_it_has_recovered_once():
    full = stocked(5, low=3)
    assert told(full) == []
    fewer = keeping.settle(a_shelf(full, held=3, low=3), at=NOW)
    assert told(fewer) == [StockRanLow]
    assert told(keeping.settle(a_shelf(fewer, held=4, low=3), at=NOW)) == []
    assert told(keeping.settle(a_shelf(fewer, held=2, low=3), at=NOW)) == [StockRecovered]


def test_a_step_that_changes_nothing_writes_nothing():
    full = stocked(5)
    assert not keeping.settle(a_shelf(full), at=NOW).changes
    assert not keeping.count(a_shelf(full), units=5, at=NOW).changes
    assert not keeping.keep(a_shelf(full), safety=None, low=None, at=NOW).changes


def test_what_a_count_of_lots_finds_leaves_out_what_was_sold_and_is_not_booked_yet():
    shelf = a_shelf(in_lots(), used=3, in_lots=True)
    right = keeping.count(shelf, lots=(evolve(SOON, units=1), LATE), at=NOW)
    assert moved(right) == []
    wrong = keeping.count(shelf, lots=(evolve(LATE, units=5),), at=NOW)
    assert (moved(wrong)[0].taken, wrong.grant) == ((evolve(LATE, units=1), evolve(SOON, units=1)), -2)


def test_units_that_are_set_aside_are_there_and_not_for_sale_until_somebody_has_looked():
    aside = accepted(keeping.set_aside(a_shelf(in_lots(), in_lots=True), "recall", 5, reason="a letter", at=NOW))
    told_of = standing_of(aside.stock, a_shelf(aside).guarded)
    assert aside.stock.asides == (Aside(id="recall", units=5, lots=(SOON, evolve(LATE, units=1)), reason="a letter", at=NOW),)
    assert (told_of.on_hand, told_of.aside, told_of.available, moved(aside)) == (10, 5, 5, [])
    shelf = a_shelf(aside, in_lots=True)
    assert keeping.set_aside(shelf, "recall", 1, at=NOW) == Refusal("aside_exists", "something is set aside as recall already", {"aside": "recall"})
    looked = accepted(keeping.end_aside(shelf, "recall", broken=2, reason="leaks", at=NOW))
    assert (moved(looked)[0].taken, looked.grant, looked.stock.lots) == ((evolve(SOON, units=2),), -2, (LATE, evolve(SOON, units=2)))
    assert keeping.end_aside(a_shelf(looked), "recall", at=NOW) == Refusal("aside_unknown", "nothing is set aside as recall", {"aside": "recall"})


def test_what_has_expired_is_set_aside_as_far_as_it_is_not_promised():
    late = NOW + 4 * DAY
    step = keeping.settle(a_shelf(in_lots(), held=8, in_lots=True), at=late)
    assert (step.stock.set_aside, step.stock.aside(keeping.EXPIRED).lots) == (2, (evolve(SOON, units=2),))
    rest = keeping.settle(a_shelf(step, in_lots=True), at=late)
    assert (rest.stock.aside(keeping.EXPIRED).lots, rest.stock.lots) == ((SOON,), (LATE,))


def test_goods_in_lots_and_goods_in_none_are_not_mixed_up():
    with pytest.raises(InvalidValue, match="milk is kept in no lots, got lot late; give units, or name milk in Places"):
        keeping.receive(a_shelf(), lots=(LATE,), at=NOW)
    with pytest.raises(InvalidValue, match="milk is kept in lots, got 3 units without one; give lots"):
        keeping.receive(a_shelf(in_lots=True), units=3, at=NOW)


def test_a_stock_on_average_is_worth_what_its_units_cost_on_average():
    stock = evolve(EMPTY, worth=Worth(Costing.AVERAGE))
    first = keeping.receive(shelf_of(stock, Guarded(), keeping=Keeping(), in_lots=False, at=NOW), units=2, cost=200, at=NOW)
    second = keeping.receive(a_shelf(first), units=2, cost=600, at=NOW)
    sold = keeping.book_sale(a_shelf(second, used=1), 1, source="o1", at=NOW)
    assert (sold.cost, sold.stock.worth.value) == (200, 600)
