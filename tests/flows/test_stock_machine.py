"""The stock of a shop, on any storage, is what its movements sum to, and nobody is promised what is not there: whatever comes, leaves, is counted,
set aside or sold, twice or late, by processes that die, and whether orders were followed by then or not.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from shopwright import Refusal, Shop
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows.commands import Command
from shopwright.flows.inventory import commands as s
from shopwright.inventory import Keeping, Place, Places, StockLot, place_key
from shopwright.inventory.stock_lots import first_units, in_turn, units_of, without
from shopwright.inventory.transfers import StockTransfer, TransferLine
from shopwright.orders.events import ClaimState
from shopwright.orders.order import Order
from shopwright.ports.storage import Query, Storage
from shopwright.testing.clock import FrozenClock
from shopwright.testing.faults import Crash, Faults
from shopwright.testing.ids import SeededIds
from shopwright.wire.kinds import KINDS
from tests.flows.mall import CLERK, START
from tests.flows.scoped_worlds import scoped_worlds
from tests.flows.stock_world import cancel, check_first_out, check_stock, hold, pay, reduce, stocks_of
from tests.flows.stocked import VERBS

HOUR = timedelta(hours=1)
NAMES, SKUS = ("north", "south"), ("MUG", "MILK", "PHONE")
PLACES = Places(tuple([Place(name) for name in NAMES]), keeping=Keeping(low=3), skus={"MUG": Keeping(safety=2, low=4)}, in_lots={"MILK", "PHONE"})

places, skus, few = st.sampled_from(NAMES), st.sampled_from(SKUS), st.integers(1, 6)
numbers = st.integers(0, 30)


class StockMachine(RuleBasedStateMachine):
    """Everything that happens to stock, told by naive counts of what is on hand."""

    opened: ClassVar[Callable[[], Storage]] = staticmethod(lambda: MemoryStorage(KINDS))

    @initialize(empty=st.sampled_from((False, False, True)))
    def begin(self, empty: bool) -> None:
        self.storage, self.clock, self.faults = type(self).opened(), FrozenClock(START), Faults()
        self.shop = Shop(self.faults.wrap(self.storage), clock=self.clock, ids=SeededIds(1), places=PLACES)
        self.other = Shop(self.storage, clock=self.clock, ids=SeededIds(2), places=PLACES)
        self._numbers = count(1)
        self.on_hand = {place_key(place, sku): 0 for place in NAMES for sku in SKUS}
        self.last: Command | None = None
        for place in () if empty else NAMES:
            for sku in SKUS:
                self.goods_come(place, sku, 9, 24)

    # What a warehouse does.

    @rule(place=places, sku=skus, units=few, hours=st.integers(1, 60))
    def goods_come(self, place: str, sku: str, units: int, hours: int) -> None:
        self.done(s.ReceiveGoods, place, sku, units, **self.as_kept(sku, units, hours), cost=units * 97 + hours)

    @rule(place=places, sku=skus, units=few, kind=st.sampled_from((s.FindGoods, s.TakeBackGoods)))
    def goods_come_again(self, place: str, sku: str, units: int, kind: type[s.IncomingCommand]) -> None:
        self.done(kind, place, sku, units, **self.as_kept(sku, units, 30))

    @rule(place=places, sku=skus, units=few, kind=st.sampled_from((s.DamageGoods, s.WriteOffGoods)))
    def goods_are_gone(self, place: str, sku: str, units: int, kind: type[Command]) -> None:
        there = self.on_hand[place_key(place, sku)] - self.aside(place, sku)
        self.done(kind, place, sku, -units, fits=units <= there, units=units)

    @rule(place=places, sku=skus, units=st.integers(0, 9))
    def somebody_counts(self, place: str, sku: str, units: int) -> None:
        key = place_key(place, sku)
        expected = self.on_hand[key] - self.aside(place, sku)
        if sku == "MUG":
            self.done(s.CountGoods, place, sku, units - expected, units=units)
            return
        stock = stocks_of(self.storage).get(key)
        lots = () if stock is None else stock.lots
        seen = without(lots, first_units(in_turn(lots), max(0, units_of(lots) - units)))
        named = any(lot.serials for lot in lots)  # those are there until somebody says which were packed (SHELF-9)
        self.done(s.CountGoods, place, sku, units_of(seen) - (units_of(lots) if named else expected), lots=seen)

    @rule(place=places, sku=skus, units=few, name=st.sampled_from("ab"))
    def some_is_set_aside(self, place: str, sku: str, units: int, name: str) -> None:
        stock = stocks_of(self.storage).get(place_key(place, sku))
        lots = units if stock is None or sku == "MUG" else units_of(stock.lots)
        free = self.available(place, sku) + (0 if stock is None else stock.kept)
        fits = units <= min(free, lots) and (stock is None or stock.aside(name) is None)
        self.done(s.SetAsideGoods, place, sku, 0, fits=fits, aside_id=name, units=units)

    @precondition(lambda self: any(stock.asides for stock in stocks_of(self.storage).values()))
    @rule(pick=numbers, broken=st.integers(0, 3))
    def somebody_looks_at_it(self, pick: int, broken: int) -> None:
        found = [(stock, aside) for stock in stocks_of(self.storage).values() for aside in stock.asides]
        stock, aside = found[pick % len(found)]
        self.done(s.EndAside, stock.place, stock.sku, -broken, fits=broken <= aside.units, aside_id=aside.id, broken=broken)

    @rule(place=places, sku=skus, safety=st.one_of(st.none(), st.integers(0, 4)))
    def safety_changes(self, place: str, sku: str, safety: int | None) -> None:
        self.done(s.KeepStock, place, sku, 0, safety=safety)

    @rule(place=places, sku=skus, units=few)
    def goods_are_sent(self, place: str, sku: str, units: int) -> None:
        stock = stocks_of(self.storage).get(place_key(place, sku))
        there = self.available(place, sku)
        if sku != "MUG":
            there = 0 if stock is None else min(there, units_of(stock.sellable(self.clock.now())))
        other = NAMES[place == "north"]
        number = next(self._numbers)
        command = s.SendTransfer(
            key=f"k{number}", by=CLERK, transfer_id=f"t{number}", from_place=place, to_place=other, lines=(TransferLine(sku, units),)
        )
        self.settle(command, {place_key(place, sku): -units}, fits=units <= there)

    @precondition(lambda self: self.under_way())
    @rule(pick=numbers, lost=st.integers(0, 2))
    def goods_arrive(self, pick: int, lost: int) -> None:
        ways = self.under_way()
        transfer = ways[pick % len(ways)]
        (goods,) = transfer.goods
        came = max(0, goods.units - lost)
        arrived = (TransferLine(goods.sku, came),) if came else ()
        command = s.ReceiveTransfer(key=f"k{next(self._numbers)}", by=CLERK, transfer_id=transfer.id, arrived=arrived)
        self.settle(command, {place_key(transfer.to_place, goods.sku): came}, fits=True)

    @rule()
    def the_last_command_comes_again(self) -> None:
        if self.last is not None:
            self.send(self.other, self.last)

    # What orders do.

    @rule(items=st.dictionaries(st.tuples(places, skus), st.integers(1, 3), min_size=1, max_size=2), hours=st.integers(1, 40))
    def an_order_holds(self, items: dict[tuple[str, str], int], hours: int) -> None:
        now = self.clock.now()
        wanted = tuple(sorted((place_key(*where), units) for where, units in items.items()))
        quotas = self.storage.quota([key for key, _ in wanted], at=now)
        refused = hold(self.storage, f"o{next(self._numbers)}", wanted, until=now + hours * HOUR, at=now)
        assert (refused is None) == all(quotas[key].free >= units for key, units in wanted)

    @rule(items=st.dictionaries(st.tuples(places, skus), st.integers(1, 2), min_size=1, max_size=2))
    def an_order_is_placed_and_paid(self, items: dict[tuple[str, str], int]) -> None:
        self.an_order_holds(items, 1)
        self.an_order_is_paid(-1)

    @precondition(lambda self: self.orders(ClaimState.HELD))
    @rule(pick=numbers)
    def an_order_is_paid(self, pick: int) -> None:
        order = self.order(pick, ClaimState.HELD)
        if order is not None and pay(self.storage, order.id, at=self.clock.now()) is None:
            self.take(order, -1)

    @precondition(lambda self: self.orders(ClaimState.HELD) or self.orders(ClaimState.USED))
    @rule(pick=numbers, state=st.sampled_from((ClaimState.HELD, ClaimState.USED)))
    def an_order_is_called_off(self, pick: int, state: ClaimState) -> None:
        order = self.order(pick, state)
        if order is not None:
            assert cancel(self.storage, order.id, at=self.clock.now()) is None
            self.take(order, 1 if state is ClaimState.USED else 0)

    @precondition(lambda self: self.orders(ClaimState.USED))
    @rule(pick=numbers)
    def a_unit_of_an_order_is_called_off(self, pick: int) -> None:
        order = self.order(pick, ClaimState.USED)
        if order is not None and order.claim.items:
            key = order.claim.items[pick % len(order.claim.items)][0]
            assert reduce(self.storage, order.id, key, at=self.clock.now()) is None
            self.on_hand[key] += 1

    @precondition(lambda self: self.phones())
    @rule(pick=numbers, units=st.integers(1, 3))
    def somebody_says_which_phones_were_packed(self, pick: int, units: int) -> None:
        orders = self.phones()
        order, place = orders[pick % len(orders)]
        key = place_key(place, "PHONE")
        part, stock = self.other.stock.sold(order.id).part(key), stocks_of(self.storage).get(key)
        there = [serial for lot in ([] if stock is None else stock.lots) for serial in lot.serials]
        named = tuple(there[pick % (len(there) + 1) :][:units]) or ("nobody's",)
        sold = dict(order.claim.items)[key] - (0 if part is None else min(units_of(part.lots), dict(order.claim.items)[key]))
        command = s.NameUnits(key=f"k{next(self._numbers)}", by=CLERK, place=place, sku="PHONE", order_id=order.id, serials=named)
        answer = self.send(self.shop, command)
        assert isinstance(answer, Refusal) == (named == ("nobody's",) or len(named) > sold), (command, answer)

    # What follows.

    @rule(hours=st.integers(0, 30))
    def time_passes(self, hours: int) -> None:
        self.clock.advance(hours * HOUR)

    @rule(limit=st.integers(1, 9))
    def orders_are_followed(self, limit: int) -> None:
        before = stocks_of(self.storage)
        self.shop.stock.follow(limit=limit)
        check_first_out(before, self.storage, self.clock.now())

    @rule()
    def all_orders_are_followed(self) -> None:
        while self.shop.stock.follow():
            pass
        check_stock(self.storage, self.clock.now(), followed=True)
        stocks = stocks_of(self.storage)
        assert {key: stock.on_hand for key, stock in stocks.items()} == {key: self.on_hand[key] for key in stocks}

    @rule()
    def stock_is_swept(self) -> None:
        self.shop.stock.sweep()
        now = self.clock.now()
        for key, stock in stocks_of(self.storage).items():
            quota = self.storage.quota([key], at=now)[key]
            expired = sum(lot.units for lot in stock.lots if lot.has_expired(now))
            assert not (expired and quota.free > stock.missing)  # what has expired is aside, but for what is promised

    @rule(call=st.integers(1, 6), after=st.booleans(), sweep=st.booleans())
    def a_process_dies(self, call: int, after: bool, sweep: bool) -> None:
        self.faults.crash_at(call, after=after)
        with suppress(Crash):
            if sweep:
                self.shop.stock.sweep()
            else:
                self.shop.stock.follow()
        self.faults.heal()

    # The laws.

    @invariant()
    def the_books_are_right(self) -> None:
        if hasattr(self, "storage"):
            check_stock(self.storage, self.clock.now())

    @invariant()
    def what_is_available_is_on_hand_less_held_less_safety_less_aside(self) -> None:
        if not hasattr(self, "storage"):
            return
        now = self.clock.now()
        for sku, told in self.other.stock.standings(SKUS).items():
            for standing in told:
                key = place_key(standing.place, sku)
                quota = self.storage.quota([key], at=now)[key]
                assert standing.on_hand == self.on_hand[key]
                assert standing.held == quota.held - standing.safety - standing.aside
                assert standing.available == max(0, standing.on_hand - standing.held - standing.safety - standing.aside)
                assert standing.available <= quota.free

    def teardown(self) -> None:
        if hasattr(self, "storage"):
            self.storage.close()

    def as_kept(self, sku: str, units: int, hours: int) -> dict[str, Any]:
        if sku == "MUG":
            return {"units": units}
        now, number = self.clock.now(), next(self._numbers)
        if sku == "PHONE":
            return {"lots": (StockLot(f"lot-{number}", units, now, serials=tuple([f"{number}/{n}" for n in range(units)])),)}
        return {"lots": (StockLot(f"lot-{number}", units, now, expires_at=now + hours * HOUR),)}

    def aside(self, place: str, sku: str) -> int:
        stock = stocks_of(self.storage).get(place_key(place, sku))
        return 0 if stock is None else stock.set_aside

    def available(self, place: str, sku: str) -> int:
        return self.other.stock.standings([sku], places=[place])[sku][0].available

    def done(self, kind: type[Command], place: str, sku: str, change: int, *, fits: bool = True, **facts: Any) -> None:
        command = kind(key=f"k{next(self._numbers)}", by=CLERK, place=place, sku=sku, reason="it is so", **facts)  # type: ignore[call-arg]
        self.settle(command, {place_key(place, sku): change}, fits=fits)

    def settle(self, command: Command, changes: dict[str, int], *, fits: bool) -> None:
        """Send a command, which comes to what was expected; what is kept for safety is kept then as far as it can be."""
        before = stocks_of(self.storage)
        answer = self.send(self.shop, command)
        assert isinstance(answer, Refusal) != fits, (command, answer)
        if not fits:
            return  # nothing was done, and the same command may be, later
        self.last = command
        for key, change in changes.items():
            self.on_hand[key] += change
        check_first_out(before, self.storage, self.clock.now())
        now = self.clock.now()
        for key in changes:
            stock, quota = stocks_of(self.storage).get(key), self.storage.quota([key], at=now)[key]
            if stock is not None:
                wanted = PLACES.keeping_of(stock.sku).safety if stock.safety is None else stock.safety
                assert stock.kept == wanted or (stock.kept < wanted and quota.free == 0)
                assert not stock.missing or (stock.kept == 0 and quota.free == 0)

    def send(self, shop: Shop, command: Command) -> Any:
        return getattr(shop.stock, VERBS[type(command)])(command)

    def phones(self) -> list[tuple[Order, str]]:
        paid = self.orders(ClaimState.USED)
        return [(order, place) for order in paid for place in NAMES if place_key(place, "PHONE") in dict(order.claim.items)]

    def under_way(self) -> list[StockTransfer]:
        return [it.value for it in self.storage.find(Query(StockTransfer, limit=500)).items if it.value.arrived_at is None]

    def orders(self, state: ClaimState) -> list[Order]:
        found = [it.value for it in self.storage.find(Query(Order, limit=500)).items if it.value.claim.state is state]
        return sorted(found, key=lambda it: int(it.id[1:]))

    def order(self, pick: int, state: ClaimState) -> Order | None:
        found = self.orders(state)
        return found[pick % len(found)] if found else None

    def take(self, order: Order, sign: int) -> None:
        for key, units in order.claim.items:
            self.on_hand[key] += sign * units


PACE = settings(stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))
TestStock = StockMachine.TestCase
TestStock.settings = settings(PACE, max_examples=60)


@pytest.mark.full
def test_stock_is_right_for_a_long_time() -> None:
    run_state_machine_as_test(StockMachine, settings=settings(PACE, max_examples=400, stateful_step_count=50))


@pytest.mark.parametrize("where", ["sqlite", "postgres"])
@pytest.mark.parametrize("runs", [6, pytest.param(60, marks=pytest.mark.full)])
def test_stock_is_right_on_databases(where: str, runs: int, request: pytest.FixtureRequest) -> None:
    with scoped_worlds(where, request) as opened_world:

        class Machine(StockMachine):
            opened = staticmethod(opened_world)

        run_state_machine_as_test(Machine, settings=settings(PACE, max_examples=runs, stateful_step_count=20))
