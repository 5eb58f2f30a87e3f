"""A stock as it was read from the store, and what one step makes of it: the part that all verbs of `place_keeping` share.

Rules
- SHELF-3: nobody takes what is promised: what a verb needs must be free, and what an accident or a count takes beyond that is missing (SHELF-2);
- SHELF-5: what comes in makes up first for what is missing, then for what is kept for safety, and only then is free;
- SHELF-6: what was granted past these verbs is booked with the next of them, so that the movements always sum to what is there;
- that a stock runs low is told once, and that it has recovered once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from attrs import evolve, frozen

from shopwright.edges import MOST
from shopwright.errors import InvalidValue
from shopwright.inventory.movements import Movement, MovementKind
from shopwright.inventory.place_stock import Guarded, PlaceStock
from shopwright.inventory.stock import Keeping
from shopwright.inventory.stock_events import StockEvent, StockOwed, StockRanLow, StockRecovered
from shopwright.inventory.stock_lots import StockLots, first_units, in_turn, joined, units_of, without
from shopwright.inventory.valuing import after as worth_after

PAST = "counted in or out without a movement"
"""The reason of a movement that books what was granted past these verbs (SHELF-6)."""


@frozen(kw_only=True)
class Shelf:
    """A stock ready for a verb: as it stands with what was granted past all verbs (`past`), as it was stored (`before`), what its quota says, and how
    its sku is kept. Made by `shelf_of`.
    """

    before: PlaceStock
    stock: PlaceStock
    past: tuple[Movement, ...]
    guarded: Guarded
    keeping: Keeping
    in_lots: bool

    @property
    def available(self) -> int:
        """What may be moved away or set aside: what is free, less what is missing."""
        return max(0, self.guarded.free - self.stock.missing)

    @property
    def there(self) -> int:
        """All that is there and neither sold nor set aside, promised or not."""
        return self.guarded.granted - self.guarded.used - self.stock.missing - self.stock.set_aside


@frozen
class Step:
    """The stock as it was and as it is to be, by how much more its quota is granted, what to append to its stream, and what the units that left have
    cost.
    """

    before: PlaceStock
    stock: PlaceStock
    grant: int = 0
    records: tuple[Movement | StockEvent, ...] = ()
    cost: int = 0

    @property
    def left_lots(self) -> StockLots:
        """The parts of lots that are an order's by it."""
        kinds = {MovementKind.SOLD, MovementKind.NAMED}
        return tuple([part for it in self.records if isinstance(it, Movement) and it.kind in kinds for part in it.taken])

    @property
    def changes(self) -> bool:
        """Whether there is anything to write."""
        return self.stock != self.before


def shelf_of(stock: PlaceStock, guarded: Guarded, *, keeping: Keeping, in_lots: bool, at: datetime) -> Shelf:
    """A stock as it was read, with what was granted past all verbs booked (SHELF-6)."""
    units = guarded.granted - stock.granted
    if not units:
        return Shelf(before=stock, stock=stock, past=(), guarded=guarded, keeping=keeping, in_lots=in_lots)
    kind = MovementKind.RECEIVED if units > 0 else MovementKind.ADJUSTED
    parts = first_units(in_turn(stock.lots), -units) if units < 0 else ()
    past = Movement(kind=kind, taken=parts, units=units + units_of(parts), reason=PAST, at=at)
    ready, _ = _moved(evolve(stock, granted=guarded.granted), past)
    return Shelf(before=stock, stock=ready, past=(past,), guarded=guarded, keeping=keeping, in_lots=in_lots)


def settled(
    shelf: Shelf,
    movement: Movement | None = None,
    change: Callable[[PlaceStock], PlaceStock] | None = None,
    *,
    booked: bool = False,
    at: datetime,
) -> Step:
    """The step of a movement, and of what else changes; the quota knew before of one that is `booked`."""
    stock, cost = shelf.stock if change is None else change(shelf.stock), 0
    if movement is not None:
        stock, cost = _moved(stock, movement)
    units = 0 if movement is None or booked else movement.change
    pool = shelf.guarded.free + shelf.before.kept + shelf.before.set_aside - stock.set_aside
    wanted = units - stock.missing
    grant = max(wanted, -pool)
    if shelf.guarded.granted + grant > MOST:
        raise InvalidValue(f"{stock.sku} cannot be granted more than {MOST} units in all")
    safety = shelf.keeping.safety if stock.safety is None else stock.safety
    kept = min(safety, pool + grant)
    after = evolve(stock, granted=stock.granted + grant, missing=grant - wanted, awaited=shelf.guarded.awaited, kept=kept)
    low = shelf.keeping.low if stock.low is None else stock.low
    after = evolve(after, is_low=(available := pool + grant - kept) < low)
    moved = () if movement is None else (movement,)
    records = (*shelf.past, *moved, *_told(shelf.before, after, available, low, at))
    return Step(shelf.before, evolve(after, count=after.count + len(records)), grant, records, cost)


def _moved(stock: PlaceStock, movement: Movement) -> tuple[PlaceStock, int]:
    """The stock after a movement, and what the units cost that left by it."""
    if abs(stock.on_hand + movement.change) > MOST:
        raise InvalidValue(f"{stock.sku} cannot have more than {MOST} units, got {stock.on_hand + movement.change}")
    lots = joined(without(stock.lots, movement.taken), movement.added)
    worth, cost = worth_after(stock.worth, movement)
    return evolve(stock, loose=stock.loose + movement.units, lots=lots, worth=worth), cost


def _told(before: PlaceStock, after: PlaceStock, available: int, low: int, at: datetime) -> tuple[StockEvent, ...]:
    """What changed that somebody waits to hear."""
    found: list[StockEvent] = []
    if after.is_low and not before.is_low:
        found.append(StockRanLow(sku=after.sku, location_id=after.place, available=available, low=low, at=at))
    if before.is_low and not after.is_low:
        found.append(StockRecovered(sku=after.sku, location_id=after.place, available=available, low=low, at=at))
    if (owed := after.missing + after.awaited) > before.missing + before.awaited:
        found.append(StockOwed(sku=after.sku, location_id=after.place, owed=owed, at=at))
    return tuple(found)
