"""Stock on paper against a naive model: a heap of single units, each with its lot, its time and its serial number."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from attrs import define, evolve
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from shopwright import inventory as inv
from shopwright.refusals import Refusal

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
few = st.integers(1, 6)


@define
class Unit:
    lot: str
    received_at: datetime
    expires_at: datetime | None
    serial: str = ""


@define
class Waiting:
    id: str
    units: int
    made_at: datetime
    until: datetime | None


class StockMachine(RuleBasedStateMachine):
    """Every verb, on both sides, at a clock that goes on."""

    @initialize(safety=st.integers(0, 2), backorder=st.integers(0, 3), low=st.integers(0, 4))
    def begin(self, safety: int, backorder: int, low: int) -> None:
        self.now, self.made = START, 0
        self.stock = inv.Stock("mug", "hub", keeping=inv.Keeping(safety=safety, backorder=backorder, low=low))
        self.first, self.movements, self.paid = self.stock, list[inv.Movement](), 0
        self.units, self.waiting = list[Unit](), list[Waiting]()

    def fresh(self, what: str) -> str:
        self.made += 1
        return f"{what}-{self.made:03}"

    def good(self) -> list[Unit]:
        return [unit for unit in self.units if unit.expires_at is None or self.now < unit.expires_at]

    def in_turn(self, units: list[Unit]) -> list[Unit]:
        return sorted(units, key=lambda it: (it.expires_at or datetime.max.replace(tzinfo=UTC), it.received_at, it.lot))

    def live(self) -> list[Waiting]:
        return [it for it in self.waiting if it.until is None or self.now < it.until]

    def free(self) -> int:
        return len(self.good()) - sum(it.units for it in self.live()) - self.stock.keeping.safety

    def keep(self, kept: inv.Kept) -> None:
        """Take what was kept over; what is told is what changed."""
        before, after = self.stock.position(self.now), kept.stock.position(self.now)
        low = self.stock.keeping.low
        expected = []
        if after.available < low <= before.available:
            expected.append("StockRanLow")
        if before.available < low <= after.available:
            expected.append("StockRecovered")
        if after.owed > before.owed:
            expected.append("StockOwed")
        assert [type(event).__name__ for event in kept.events] == expected
        self.stock = kept.stock
        self.movements += kept.movements

    def leave(self, units: list[Unit]) -> None:
        for unit in units:
            self.units.remove(unit)

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        self.now += hours * HOUR

    @rule(units=few, lasts=st.none() | st.integers(1, 60), serial=st.booleans(), cost=st.integers(0, 100))
    def receive(self, units: int, lasts: int | None, serial: bool, cost: int) -> None:
        lot, expires = self.fresh("lot"), None if lasts is None else self.now + lasts * HOUR
        serials = tuple([f"{lot}/{number}" for number in range(units)]) if serial else ()
        self.keep(inv.receive(self.stock, inv.StockLot(lot, units, self.now, expires_at=expires, serials=serials), cost=cost, at=self.now))
        self.units += [Unit(lot, self.now, expires, serials[number] if serial else "") for number in range(units)]
        self.paid += cost

    @rule(units=few, hours=st.none() | st.integers(1, 20))
    def promise(self, units: int, hours: int | None) -> None:
        id, until = self.fresh("order"), None if hours is None else self.now + hours * HOUR
        kept = inv.promise(self.stock, id, units, until=until, at=self.now)
        allowed = self.free() + self.stock.keeping.backorder
        if allowed < units:
            assert isinstance(kept, Refusal)
            assert (kept.code, kept.fact("available")) == ("stock_short", max(0, allowed))
            return
        assert isinstance(kept, inv.Kept)
        self.keep(kept)
        known = {it.id for it in self.stock.promises}
        gone = [it for it in self.waiting if it.id not in known]
        assert [it for it in gone if it in self.live()] == []
        self.waiting = [it for it in self.waiting if it.id in known] + [Waiting(id, units, self.now, until)]
        assert self.stock.position(self.now).free >= -self.stock.keeping.backorder

    @rule(data=st.data())
    def sell(self, data: st.DataObject) -> None:
        if not self.waiting:
            return
        chosen = data.draw(st.sampled_from(self.waiting))
        left = len(self.good())
        for other in sorted(self.waiting, key=lambda it: (it not in self.live(), it.made_at, it.id)):
            covered = min(left, other.units)
            left -= covered
            if other is chosen:
                break
        kept = inv.sell(self.stock, chosen.id, at=self.now)
        if covered < chosen.units:
            assert isinstance(kept, Refusal)
            assert (kept.code, kept.fact("available")) == ("stock_awaited", covered)
            return
        assert isinstance(kept, inv.Kept)
        self.keep(kept)
        self.waiting.remove(chosen)
        self.leave(self.in_turn(self.good())[: chosen.units])

    @rule(data=st.data())
    def let_go(self, data: st.DataObject) -> None:
        if self.waiting:
            chosen = data.draw(st.sampled_from(self.waiting))
            kept = inv.let_go(self.stock, chosen.id, at=self.now)
            assert isinstance(kept, inv.Kept)
            self.keep(kept)
            self.waiting.remove(chosen)

    @rule(units=few, lot=st.integers(0, 3))
    def damage(self, units: int, lot: int) -> None:
        lots = sorted({unit.lot for unit in self.units})
        lot_id = lots[lot] if lot < len(lots) else None
        there = self.in_turn([unit for unit in self.units if lot_id in {None, unit.lot}])
        kept = inv.damage(self.stock, units, reason="fell", lot_id=lot_id, at=self.now)
        if len(there) < units:
            assert isinstance(kept, Refusal)
            return
        assert isinstance(kept, inv.Kept)
        self.keep(kept)
        self.leave(there[:units])

    @rule(units=few)
    def move_out_and_half_of_it_back(self, units: int) -> None:
        kept = inv.move_out(self.stock, units, source="transfer", at=self.now)
        if self.free() < units:
            assert isinstance(kept, Refusal)
            return
        assert isinstance(kept, inv.Kept)
        self.keep(kept)
        gone = self.in_turn(self.good())[:units]
        self.leave(gone)
        back = kept.movements[0].taken[0]
        self.keep(inv.move_in(self.stock, back, source="transfer", at=self.now))
        self.units += [unit for unit in gone if unit.lot == back.id]

    @rule(drop=st.integers(0, 4))
    def count(self, drop: int) -> None:
        left = self.in_turn(self.units)[drop:]
        found = []
        for lot in self.stock.lots:
            mine = [unit for unit in left if unit.lot == lot.id]
            if mine:
                found.append(evolve(lot, units=len(mine), serials=tuple([unit.serial for unit in mine if unit.serial])))
        kept = inv.count(self.stock, *found, at=self.now)
        assert bool(kept.movements) == (len(left) < len(self.units))
        self.keep(kept)
        self.units = left

    @invariant()
    def on_hand_is_the_sum_of_all_movements(self) -> None:
        """STOCK-1."""
        assert self.stock.on_hand == sum(movement.change for movement in self.movements) == len(self.units)
        assert inv.fold(self.first, self.movements).lots == self.stock.lots

    @invariant()
    def every_unit_is_where_the_model_has_it(self) -> None:
        """STOCK-3."""
        assert Counter({lot.id: lot.units for lot in self.stock.lots}) == Counter(unit.lot for unit in self.units)
        assert {serial for lot in self.stock.lots for serial in lot.serials} == {unit.serial for unit in self.units if unit.serial}

    @invariant()
    def what_is_free_is_what_the_model_counts(self) -> None:
        """STOCK-2."""
        position = self.stock.position(self.now)
        assert (position.free, position.expired) == (self.free(), len(self.units) - len(self.good()))

    @invariant()
    def what_came_in_cost_what_left_and_what_is_left(self) -> None:
        """STOCK-5."""
        for costing in inv.Costing:
            worth = inv.valued(self.movements, costing)
            assert (worth.units, worth.value + worth.spent) == (len(self.units), self.paid)


TestStock = StockMachine.TestCase
TestStock.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
