"""Stock on paper, case by case: lots, serial numbers, promises and when they are due, what it is worth, and what is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shopwright import inventory as inv
from shopwright.errors import InvalidValue
from shopwright.inventory.stock_events import StockOwed, StockRanLow, StockRecovered
from shopwright.inventory.valuing import removed
from shopwright.refusals import Refusal, accepted

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def a_stock(*lots: inv.StockLot, **keeping) -> inv.Stock:
    return inv.Stock("milk", "hub", keeping=inv.Keeping(**keeping), lots=tuple(sorted(lots, key=lambda lot: lot.id)))


def a_lot(id: str, units: int, *, days: int | None = None, age: int = 0, serials: tuple[str, ...] = ()) -> inv.StockLot:
    return inv.StockLot(id, units, NOW - age * DAY, expires_at=None if days is None else NOW + days * DAY, serials=serials)


def with_promises(stock: inv.Stock, *units: int) -> inv.Stock:
    for number, wanted in enumerate(units, 1):
        stock = accepted(inv.promise(stock, f"order-{number}", wanted, at=NOW + timedelta(minutes=number))).stock
    return stock


def test_what_expires_first_leaves_first_then_what_came_in_first():
    """STOCK-3."""
    stock = a_stock(a_lot("a", 2), a_lot("b", 2, days=9), a_lot("c", 2, days=3), a_lot("d", 2, age=5))
    kept = accepted(inv.sell(with_promises(stock, 7), "order-1", at=NOW + DAY))
    assert [(lot.id, lot.units) for lot in kept.movements[0].taken] == [("c", 2), ("b", 2), ("d", 2), ("a", 1)]


def test_what_has_expired_is_on_hand_and_not_for_sale():
    stock = a_stock(a_lot("old", 5, days=1), a_lot("new", 2), safety=1)
    at = NOW + DAY
    assert stock.position(at) == inv.Position(on_hand=7, expired=5, held=0, safety=1)
    assert inv.promise(stock, "order-1", 2, at=at) == Refusal(
        "stock_short", "2 of milk are wanted and 1 are available", {"sku": "milk", "wanted": 2, "available": 1}
    )
    assert accepted(inv.damage(stock, 5, reason="expired", at=at)).stock.lots == (a_lot("new", 2),)


def test_nothing_is_promised_that_is_not_there_unless_the_shop_lets_it():
    """STOCK-2."""
    assert isinstance(inv.promise(a_stock(a_lot("a", 3)), "order-1", 4, at=NOW), Refusal)
    kept = accepted(inv.promise(a_stock(a_lot("a", 3), backorder=2), "order-1", 5, at=NOW))
    assert (kept.stock.position(NOW).free, kept.stock.position(NOW).owed) == (-2, 2)
    assert kept.events == (StockOwed(sku="milk", location_id="hub", owed=2, at=NOW),)
    assert isinstance(inv.promise(kept.stock, "order-2", 1, at=NOW), Refusal)


def test_goods_that_came_late_leave_for_the_oldest_promise():
    """STOCK-4."""
    stock = with_promises(a_stock(backorder=9), 2, 3)
    stock = inv.receive(stock, a_lot("late", 3), at=NOW).stock
    assert inv.sell(stock, "order-2", at=NOW + DAY) == Refusal(
        "stock_awaited",
        "3 of milk are promised to order-2 and 1 are there for it",
        {"promise": "order-2", "wanted": 3, "available": 1},
    )
    stock = accepted(inv.sell(stock, "order-1", at=NOW + DAY)).stock
    assert (stock.on_hand, [it.id for it in stock.promises]) == (1, ["order-2"])


def test_who_was_first_is_told_by_the_clock_and_not_by_the_id_and_a_lapsed_cart_comes_last():
    """STOCK-4."""
    stock = accepted(inv.promise(a_stock(a_lot("a", 4), backorder=9), "a-cart", 2, until=NOW + DAY, at=NOW)).stock
    stock = accepted(inv.promise(stock, "z", 3, at=NOW + timedelta(minutes=1))).stock
    stock = accepted(inv.promise(stock, "b", 3, at=NOW + timedelta(minutes=2))).stock
    assert stock.covered(NOW + timedelta(minutes=3)) == {"a-cart": 2, "z": 2, "b": 0}
    assert stock.covered(NOW + DAY) == {"z": 3, "b": 1, "a-cart": 0}


def test_each_promise_is_due_when_its_last_unit_comes_in():
    stock = with_promises(a_stock(a_lot("a", 3), backorder=20), 2, 3, 9, 4)
    coming = (inv.Incoming(5, NOW + 9 * DAY), inv.Incoming(2, NOW + 4 * DAY), inv.Incoming(4, NOW - DAY))
    at = NOW + DAY
    assert inv.due_dates(stock, coming, at=at) == (
        inv.DueDate(promise_id="order-1", due_at=at),
        inv.DueDate(promise_id="order-2", due_at=at),
        inv.DueDate(promise_id="order-3", due_at=NOW + 9 * DAY),
        inv.DueDate(promise_id="order-4", due_at=None),
    )
    assert inv.due_date_of(with_promises(a_stock(a_lot("a", 3)), 2), 4, coming, at=at) == at
    assert inv.due_date_of(with_promises(a_stock(a_lot("a", 3), safety=2), 1), 5, coming, at=at) == NOW + 4 * DAY


def test_a_preorder_is_promised_at_once_and_leaves_from_its_release_on():
    release = NOW + 10 * DAY
    stock = with_promises(a_stock(a_lot("a", 1), backorder=5, releases_at=release), 3)
    assert inv.sell(stock, "order-1", at=NOW + DAY) == Refusal(
        "stock_unreleased", "milk may leave from 2026-03-11T09:00:00+00:00 on", {"releases_at": "2026-03-11T09:00:00+00:00"}
    )
    assert inv.due_dates(stock, (inv.Incoming(2, NOW + 3 * DAY),), at=NOW + DAY) == (inv.DueDate(promise_id="order-1", due_at=release),)
    arrived = inv.receive(stock, a_lot("b", 2), at=NOW + 3 * DAY).stock
    assert accepted(inv.sell(arrived, "order-1", at=release)).stock.on_hand == 0


def test_a_promise_with_a_time_limit_is_free_afterwards_and_sold_while_nobody_needs_it():
    cart = accepted(inv.promise(a_stock(a_lot("a", 3)), "cart", 2, until=NOW + DAY, at=NOW)).stock
    assert (cart.position(NOW).available, cart.position(NOW + DAY).available) == (1, 3)
    assert accepted(inv.sell(cart, "cart", at=NOW + DAY)).stock.on_hand == 1
    other = accepted(inv.promise(cart, "order", 3, at=NOW + DAY)).stock
    assert [it.id for it in other.promises] == ["order"]
    assert inv.sell(other, "cart", at=NOW + DAY) == Refusal("promise_unknown", "there is no promise cart", {"promise": "cart"})
    assert inv.let_go(other, "cart", at=NOW + DAY) == Refusal("promise_unknown", "there is no promise cart", {"promise": "cart"})
    beside = accepted(inv.promise(cart, "order", 1, at=NOW + DAY)).stock
    assert [it.id for it in beside.promises] == ["cart", "order"]


def test_serial_numbers_leave_with_their_units_and_may_be_chosen():
    stock = with_promises(a_stock(a_lot("a", 3, serials=("s1", "s2", "s3"))), 1, 1)
    kept = accepted(inv.sell(stock, "order-1", serials=("s2",), at=NOW + DAY))
    assert (kept.movements[0].taken[0].serials, kept.stock.lots[0].serials) == (("s2",), ("s1", "s3"))
    with pytest.raises(InvalidValue, match="expected 1 serial numbers of units that are there and have not expired, got 1 of which 0 are"):
        inv.sell(kept.stock, "order-2", serials=("s2",), at=NOW + DAY)
    with pytest.raises(InvalidValue, match="expected a serial number once in a stock, got one that is there already"):
        inv.receive(stock, a_lot("b", 1, serials=("s1",)), at=NOW)
    with pytest.raises(InvalidValue, match="lot b: expected one serial number for each of 2 units, got 1 different ones"):
        a_lot("b", 2, serials=("s9",))


def test_a_threshold_is_told_once_on_the_way_down_and_once_on_the_way_up():
    stock = a_stock(a_lot("a", 5), low=3)
    first = accepted(inv.promise(stock, "order-1", 3, at=NOW))
    again = accepted(inv.promise(first.stock, "order-2", 1, at=NOW))
    back = accepted(inv.let_go(first.stock, "order-1", at=NOW))
    where = {"sku": "milk", "location_id": "hub", "low": 3, "at": NOW}
    assert (first.events, again.events, back.events) == ((StockRanLow(**where, available=2),), (), (StockRecovered(**where, available=5),))


def test_a_count_writes_what_differs_and_may_leave_promises_owed():
    stock = with_promises(a_stock(a_lot("a", 3), a_lot("b", 2, serials=("s1", "s2"))), 5)
    kept = inv.count(stock, a_lot("a", 1), a_lot("b", 1, serials=("s2",)), a_lot("c", 1), reason="stocktaking", at=NOW)
    (movement,) = kept.movements
    assert (movement.added, movement.taken) == ((a_lot("c", 1),), (a_lot("a", 2), a_lot("b", 1, serials=("s1",))))
    assert kept.events == (StockOwed(sku="milk", location_id="hub", owed=2, at=NOW),)
    assert inv.count(kept.stock, *kept.stock.lots, at=NOW) == inv.Kept(kept.stock)


def test_a_count_that_finds_another_date_on_a_lot_puts_it_right():
    kept = inv.count(a_stock(a_lot("a", 3, days=9)), a_lot("a", 3, days=2), at=NOW)
    assert (kept.stock.lots, kept.movements[0].change) == ((a_lot("a", 3, days=2),), 0)


def test_goods_are_moved_adjusted_found_and_taken_back():
    out = accepted(inv.move_out(a_stock(a_lot("a", 3), a_lot("b", 3, days=1)), 4, source="t-1", at=NOW))
    there = inv.move_in(inv.Stock("milk", "shop"), *out.movements[0].taken, source="t-1", at=NOW + DAY)
    assert [(lot.id, lot.units) for lot in there.stock.lots] == [("a", 1), ("b", 3)]
    less = accepted(inv.adjust(out.stock, 1, reason="sample", lot_id="a", at=NOW))
    more = inv.find(less.stock, a_lot("c", 2), reason="behind the shelf", cost=90, at=NOW)
    back = inv.take_back(more.stock, a_lot("a", 1), cost=50, source="order-7", at=NOW)
    kinds = [kept.movements[0].kind.value for kept in (out, there, less, more, back)]
    assert kinds == ["moved_out", "moved_in", "adjusted", "adjusted", "returned"]
    assert [(lot.id, lot.units) for lot in back.stock.lots] == [("a", 2), ("c", 2)]
    assert isinstance(inv.adjust(back.stock, 3, reason="gone", lot_id="a", at=NOW), Refusal)
    assert isinstance(inv.move_out(back.stock, 5, source="t-2", at=NOW), Refusal)


def test_a_stock_is_worth_what_came_in_cost_less_what_left_cost():
    """STOCK-5."""
    stock = inv.receive(a_stock(), a_lot("a", 3, age=2), cost=100, at=NOW)
    more = inv.receive(stock.stock, a_lot("b", 3), cost=131, at=NOW)
    sold = accepted(inv.damage(more.stock, 4, reason="fell", at=NOW))
    movements = (*stock.movements, *more.movements, *sold.movements)
    fifo, average = inv.valued(movements, inv.Costing.FIFO), inv.valued(movements, inv.Costing.AVERAGE)
    assert (fifo.units, fifo.value, fifo.spent) == (2, 87, 144)
    assert (average.units, average.value, average.spent) == (2, 77, 154)


def test_more_cannot_leave_the_books_than_is_in_them():
    with pytest.raises(InvalidValue, match="expected at most 0 units to leave the books, got 1"):
        removed(inv.Worth(inv.Costing.FIFO), 1)


@pytest.mark.parametrize("costing", inv.Costing)
def test_units_that_are_sold_before_they_come_cost_nothing_until_they_do(costing):
    sold = inv.Movement(kind=inv.MovementKind.SOLD, taken=(a_lot("a", 2),), at=NOW)
    came = inv.Movement(kind=inv.MovementKind.RECEIVED, units=5, cost=500, at=NOW)
    before, after = inv.valued((sold,), costing), inv.valued((sold, came), costing)
    assert (before.value, before.spent, before.owed) == (0, 0, 2)
    assert (after.units, after.value, after.spent, after.owed) == (3, 300, 200, 0)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (lambda stock: inv.promise(stock, "order-1", 1, at=NOW), "milk has a promise order-1 already"),
        (lambda stock: inv.promise(stock, "order-2", 0, at=NOW), "expected a number of units from 1 to"),
        (lambda stock: inv.promise(stock, "order-2", 1, until=NOW, at=NOW), "expected a promise to end after"),
        (lambda stock: inv.receive(stock, a_lot("a", 1, days=3), at=NOW), "lot a is there with another time"),
        (lambda stock: inv.receive(stock, a_lot("b", 2**63 - 1), at=NOW), "milk cannot have more than"),
        (lambda stock: inv.evolve(stock, inv.Movement(kind=inv.MovementKind.SOLD, taken=(a_lot("z", 1),), at=NOW)), "to leave lot z"),
    ],
)
def test_what_has_no_meaning_is_misuse(asked, told):
    with pytest.raises(InvalidValue, match=told):
        asked(with_promises(a_stock(a_lot("a", 3)), 1))
