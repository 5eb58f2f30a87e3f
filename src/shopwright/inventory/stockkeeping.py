"""What can be done to a stock: each verb answers with the stock as it stands afterwards, the movement to append, and what is to be told.

    kept = promise(stock, "order-7", 2, at=now)
    if isinstance(kept, Refusal): ...
    stock, movements, events = kept.stock, kept.movements, kept.events

Rules
- what is promised, and what is moved to another location, must be free; a backorder may promise so many more as the shop allows (STOCK-2);
- what expires first leaves first, and what has expired is not sold (STOCK-3);
- STOCK-4: who was promised units first gets them first: goods that came late leave for the oldest promise;
- a promise whose time is over counts as free, gives its units up when they are needed, and can be sold until then.

That a command is done once is for whoever stores the movements, under the key of the command. Refusals: `stock_short` (facts: `sku`, `wanted`,
`available`), `promise_unknown` (fact: `promise`), `stock_awaited` (facts: `promise`, `wanted`, `available`),
`stock_unreleased` (fact: `releases_at`). Raises `InvalidValue` for numbers below one, ids that are taken, and lots or serial numbers that are not
there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import evolve as changed
from attrs import frozen

from shopwright.edges import MOST
from shopwright.errors import InvalidValue
from shopwright.inventory.movements import Movement, MovementKind
from shopwright.inventory.stock import Promised, Stock, evolve
from shopwright.inventory.stock_events import StockEvent, StockOwed, StockRanLow, StockRecovered
from shopwright.inventory.stock_lots import StockLot, StockLots, first_units, in_turn, joined, units_of, with_serials
from shopwright.periods import aware
from shopwright.refusals import Refusal


@frozen
class Kept:
    """The stock afterwards, what to append to its movements, and what to tell."""

    stock: Stock
    movements: tuple[Movement, ...] = ()
    events: tuple[StockEvent, ...] = ()


def receive(stock: Stock, *lots: StockLot, cost: int = 0, source: str = "", at: datetime) -> Kept:
    """Goods came in; `cost` is what all of them cost together, in minor units."""
    return _moved(stock, Movement(kind=MovementKind.RECEIVED, added=lots, cost=cost, source=source, at=at))


def take_back(stock: Stock, *lots: StockLot, cost: int = 0, source: str = "", at: datetime) -> Kept:
    """Goods that were sold came back, fit to be sold again."""
    return _moved(stock, Movement(kind=MovementKind.RETURNED, added=lots, cost=cost, source=source, at=at))


def move_in(stock: Stock, *lots: StockLot, cost: int = 0, source: str, at: datetime) -> Kept:
    """Goods came from another location, the lots as `move_out` took them there; `source` names the transfer."""
    return _moved(stock, Movement(kind=MovementKind.MOVED_IN, added=lots, cost=cost, source=source, at=at))


def move_out(stock: Stock, units: int, *, source: str, at: datetime) -> Kept | Refusal:
    """Goods leave for another location. Refused with `stock_short` where so many are not free."""
    _require_units(units)
    free = stock.position(aware(at)).available
    if free < units:
        return _short(stock, units, free)
    parts = first_units(stock.sellable(at), units)
    return _moved(stock, Movement(kind=MovementKind.MOVED_OUT, taken=parts, source=source, at=at))


def damage(stock: Stock, units: int, *, reason: str, lot_id: str | None = None, at: datetime) -> Kept | Refusal:
    """Units are broken, lost or expired, of one lot or of what leaves first. Refused with `stock_short` for more than there are."""
    return _taken(stock, MovementKind.DAMAGED, units, reason=reason, lot_id=lot_id, at=at)


def adjust(stock: Stock, units: int, *, reason: str, lot_id: str | None = None, at: datetime) -> Kept | Refusal:
    """Write units off for a reason. Refused with `stock_short` for more than there are; what was found is for `find`."""
    return _taken(stock, MovementKind.ADJUSTED, units, reason=reason, lot_id=lot_id, at=at)


def find(stock: Stock, *lots: StockLot, reason: str, cost: int = 0, at: datetime) -> Kept:
    """Write units on for a reason."""
    return _moved(stock, Movement(kind=MovementKind.ADJUSTED, added=lots, cost=cost, reason=reason, at=at))


def count(stock: Stock, *found: StockLot, reason: str = "", at: datetime) -> Kept:
    """The lots as somebody counted them, all of them: what differs came or went. Nothing is written where nothing differs."""
    seen = joined((), found)
    added, taken = difference(seen, stock.lots), difference(stock.lots, seen)
    if not added and not taken:
        return Kept(stock)
    return _moved(stock, Movement(kind=MovementKind.COUNTED, added=added, taken=taken, reason=reason, at=at))


def promise(stock: Stock, promise_id: str, units: int, *, until: datetime | None = None, at: datetime) -> Kept | Refusal:
    """Keep units for somebody, for a time or until they are sold or let go.

    Refused with `stock_short` for more than are free and than may be ordered without being there; `available` tells both together.
    """
    _require_units(units)
    if until is not None and aware(until) <= aware(at):
        raise InvalidValue(f"expected a promise to end after {at}, got {until}")
    if stock.promised(promise_id) is not None:
        raise InvalidValue(f"{stock.sku} has a promise {promise_id} already; give each promise an id of its own")
    allowed = max(0, stock.position(aware(at)).free + stock.keeping.backorder)
    if allowed < units:
        return _short(stock, units, allowed)
    ready = _without_lapsed(stock, units, at)
    after = changed(ready, promises=(*ready.promises, Promised(id=promise_id, units=units, made_at=at, until=until)))
    return Kept(after, (), _told(stock, after, at))


def let_go(stock: Stock, promise_id: str, *, at: datetime) -> Kept | Refusal:
    """Nobody wants the units any more. Refused with `promise_unknown`."""
    if stock.promised(promise_id) is None:
        return _unknown(promise_id)
    after = _without_promise(stock, promise_id)
    return Kept(after, (), _told(stock, after, aware(at)))


def sell(stock: Stock, promise_id: str, *, serials: Sequence[str] = (), at: datetime) -> Kept | Refusal:
    """The promised units leave; which serial numbers those are may be said.

    Refused with `promise_unknown`, with `stock_unreleased` before the goods may leave, and with `stock_awaited` where not all of them are there, or
    those that are were promised to others before (STOCK-4).
    """
    promised = stock.promised(promise_id)
    if promised is None:
        return _unknown(promise_id)
    released = stock.keeping.releases_at
    if released is not None and aware(at) < released:
        return Refusal("stock_unreleased", f"{stock.sku} may leave from {released.isoformat()} on", {"releases_at": released.isoformat()})
    covered = stock.covered(aware(at))[promise_id]
    if covered < promised.units:
        facts: dict[str, str | int] = {"promise": promise_id, "wanted": promised.units, "available": covered}
        return Refusal("stock_awaited", f"{promised.units} of {stock.sku} are promised to {promise_id} and {covered} are there for it", facts)
    parts = _named(stock, promised.units, serials, at) if serials else first_units(stock.sellable(at), promised.units)
    after = _without_promise(stock, promise_id)
    return _moved(after, Movement(kind=MovementKind.SOLD, taken=parts, source=promise_id, at=at), stock)


def _named(stock: Stock, units: int, serials: Sequence[str], at: datetime) -> StockLots:
    parts = with_serials(stock.sellable(at), serials)
    if units_of(parts) != units or len(set(serials)) != units:
        told = f"got {len(set(serials))} of which {units_of(parts)} are"
        raise InvalidValue(f"expected {units} serial numbers of units that are there and have not expired, {told}")
    return parts


def _taken(stock: Stock, kind: MovementKind, units: int, *, reason: str, lot_id: str | None, at: datetime) -> Kept | Refusal:
    """Units leave as a fact, also where they are promised; no more than there are."""
    _require_units(units)
    lots = in_turn([lot for lot in stock.lots if lot_id in {None, lot.id}])
    if units_of(lots) < units:
        return _short(stock, units, units_of(lots))
    return _moved(stock, Movement(kind=kind, taken=first_units(lots, units), reason=reason, at=at))


def _moved(stock: Stock, movement: Movement, before: Stock | None = None) -> Kept:
    after = evolve(stock, movement)
    if after.on_hand > MOST:
        raise InvalidValue(f"{stock.sku} cannot have more than {MOST} units, got {after.on_hand}")
    return Kept(after, (movement,), _told(before or stock, after, movement.at))


def _told(before: Stock, after: Stock, at: datetime) -> tuple[StockEvent, ...]:
    """What changed that somebody waits to hear."""
    was, now, low = before.position(at), after.position(at), after.keeping.low
    where = {"sku": after.sku, "location_id": after.location_id}
    found: list[StockEvent] = []
    if now.available < low <= was.available:
        found.append(StockRanLow(**where, available=now.available, low=low, at=at))
    if was.available < low <= now.available:
        found.append(StockRecovered(**where, available=now.available, low=low, at=at))
    if now.owed > was.owed:
        found.append(StockOwed(**where, owed=now.owed, at=at))
    return tuple(found)


def difference(these: StockLots, those: StockLots) -> StockLots:
    """What of these lots is not in those."""
    known = {lot.id: lot for lot in those}
    found: list[StockLot] = []
    for lot in these:
        other = known.get(lot.id)
        if other is None or not _is_same(lot, other):
            found.append(lot)
        elif lot.serials:
            left = tuple([serial for serial in lot.serials if serial not in other.serials])
            found += [changed(lot, units=len(left), serials=left)] if left else []
        elif lot.units > other.units:
            found.append(changed(lot, units=lot.units - other.units))
    return tuple(found)


def _is_same(lot: StockLot, other: StockLot) -> bool:
    """Whether two lots of one id differ in units alone; where they do not, all units of the one went and all of the other came."""
    return (lot.received_at, lot.expires_at, bool(lot.serials)) == (other.received_at, other.expires_at, bool(other.serials))


def _without_lapsed(stock: Stock, units: int, at: datetime) -> Stock:
    """The stock without promises whose time is over, the oldest first, as far as so many more units need theirs."""
    short = units + sum([it.units for it in stock.promises]) + stock.keeping.safety - units_of(stock.sellable(at)) - stock.keeping.backorder
    for promised in sorted([it for it in stock.promises if it.has_lapsed(at)], key=lambda it: (it.until, it.id)):
        if short <= 0:
            break
        stock, short = _without_promise(stock, promised.id), short - promised.units
    return stock


def _without_promise(stock: Stock, promise_id: str) -> Stock:
    return changed(stock, promises=tuple([it for it in stock.promises if it.id != promise_id]))


def _require_units(units: int) -> None:
    if units.__class__ is not int or not 0 < units <= MOST:
        raise InvalidValue(f"expected a number of units from 1 to {MOST}, got {units!r}")


def _short(stock: Stock, wanted: int, available: int) -> Refusal:
    message = f"{wanted} of {stock.sku} are wanted and {available} are available"
    return Refusal("stock_short", message, {"sku": stock.sku, "wanted": wanted, "available": available})


def _unknown(promise_id: str) -> Refusal:
    return Refusal("promise_unknown", f"there is no promise {promise_id}", {"promise": promise_id})
