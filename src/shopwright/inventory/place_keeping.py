"""What can be done to the stock of a sku at a place: each verb answers with a `Step`, that is the stock afterwards, by how much more its quota is
granted, the movements to append, and what is to be told.

    shelf = shelf_of(stock, guarded, keeping=places.keeping_of("milk"), in_lots=True, at=now)
    step = receive(shelf, lots=(StockLot("monday", 6, now),), cost=354, at=now)

Rules
- what is moved away or set aside must be free, and what is damaged or written off must be there (SHELF-3);
- SHELF-4: what expires first leaves first, and what has expired is neither moved away nor, while there is anything else, sold;
- what was sold leaves the lots when its sale is booked: until then a count leaves so many units of them out;
- SHELF-9: units with serial numbers leave their lots when somebody says which they are, and are counted with what is there until then.

Refusals: `stock_short` (facts: `place`, `sku`, `wanted`, `available`), `aside_unknown` (fact: `aside`), `aside_exists` (fact: `aside`),
`serials_unknown` (facts: `place`, `sku`, `wanted`, `available`). Raises
`InvalidValue` for lots of a sku that is kept in none, for units without lots of one that is, and for lots that are not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import evolve

from shopwright.errors import InvalidValue
from shopwright.inventory.movements import Movement, MovementKind
from shopwright.inventory.place_stock import Aside, PlaceStock
from shopwright.inventory.shelves import Shelf, Step, settled
from shopwright.inventory.stock_lots import StockLots, first_units, in_turn, joined, units_of, with_serials, without
from shopwright.inventory.stockkeeping import difference
from shopwright.refusals import Refusal

EXPIRED = "expired"
"""The id under which what has expired is set aside."""


def receive(shelf: Shelf, *, units: int = 0, lots: StockLots = (), cost: int = 0, source: str = "", reason: str = "", at: datetime) -> Step:
    """Goods came in: `units`, or `lots` of a sku that is kept in them; `cost` is what all of them cost, in minor units."""
    return _came(shelf, MovementKind.RECEIVED, units, lots, cost=cost, source=source, reason=reason, at=at)


def take_back(shelf: Shelf, *, units: int = 0, lots: StockLots = (), cost: int = 0, source: str = "", reason: str = "", at: datetime) -> Step:
    """Goods that had left came back, fit to be sold again."""
    return _came(shelf, MovementKind.RETURNED, units, lots, cost=cost, source=source, reason=reason, at=at)


def move_in(shelf: Shelf, *, units: int = 0, lots: StockLots = (), cost: int = 0, source: str, at: datetime) -> Step:
    """Goods came from another place, in the lots in which they left it."""
    movement = Movement(kind=MovementKind.MOVED_IN, units=units, added=lots, cost=cost, source=source, at=at)
    return settled(shelf, movement, at=at)


def move_out(shelf: Shelf, units: int, *, source: str, at: datetime) -> Step | Refusal:
    """Goods leave for another place. Refused with `stock_short` where so many are not free (SHELF-3)."""
    lots = shelf.stock.sellable(at) if shelf.in_lots else ()
    there = min(shelf.available, units_of(lots)) if shelf.in_lots else shelf.available
    if there < units:
        return _short(shelf, units, there)
    return _left(shelf, MovementKind.MOVED_OUT, units, lots, source=source, at=at)


def damage(shelf: Shelf, units: int, *, reason: str = "", lot_id: str = "", at: datetime) -> Step | Refusal:
    """Units are broken, lost or stolen, of one lot or of what leaves first. Refused with `stock_short` for more than there are."""
    return _gone(shelf, MovementKind.DAMAGED, units, reason=reason, lot_id=lot_id, at=at)


def write_off(shelf: Shelf, units: int, *, reason: str, lot_id: str = "", at: datetime) -> Step | Refusal:
    """Units were never there, of one lot or of what leaves first. Refused with `stock_short` for more than there are."""
    return _gone(shelf, MovementKind.ADJUSTED, units, reason=reason, lot_id=lot_id, at=at)


def write_on(shelf: Shelf, *, units: int = 0, lots: StockLots = (), cost: int = 0, reason: str, at: datetime) -> Step:
    """Units were found."""
    return _came(shelf, MovementKind.ADJUSTED, units, lots, cost=cost, reason=reason, at=at)


def count(shelf: Shelf, *, units: int = 0, lots: StockLots = (), reason: str = "", at: datetime) -> Step:
    """What somebody counted: all that is there but what is sold and what is set aside. What differs came or went, and is valued at nothing."""
    _require_way(shelf, units, lots)
    stock = shelf.stock
    if not shelf.in_lots:
        movement = Movement(kind=MovementKind.COUNTED, units=units - shelf.there, reason=reason, at=at)
        return settled(shelf, movement if movement.units else None, at=at)
    if any(lot.serials for lot in (*stock.lots, *lots)):
        added, taken = difference(joined((), lots), stock.lots), difference(stock.lots, joined((), lots))
        named = Movement(kind=MovementKind.COUNTED, added=added, taken=taken, reason=reason, at=at)
        return settled(shelf, named if added or taken else None, at=at)
    sold = first_units(in_turn(stock.lots), units_of(stock.lots) + stock.loose - shelf.there)
    loose = stock.loose - (units_of(stock.lots) + stock.loose - shelf.there - units_of(sold))
    seen, expected = joined((), lots), without(stock.lots, sold)
    added, taken = difference(seen, expected), difference(expected, seen)
    movement = Movement(kind=MovementKind.COUNTED, added=added, taken=taken, units=-loose, reason=reason, at=at)
    return settled(shelf, movement if added or taken or loose else None, at=at)


def set_aside(shelf: Shelf, aside_id: str, units: int, *, reason: str = "", lot_id: str = "", at: datetime) -> Step | Refusal:
    """Units are there, and not for sale until somebody has looked at them; what is kept for safety may be among them.

    Refused with `aside_exists`, and with `stock_short` where so many are not free: what is promised goes to whom it was promised, or is damaged.
    """
    if shelf.stock.aside(aside_id) is not None:
        return Refusal("aside_exists", f"something is set aside as {aside_id} already", {"aside": aside_id})
    lots = in_turn([lot for lot in shelf.stock.lots if lot_id in {"", lot.id}]) if shelf.in_lots else ()
    free = shelf.available + shelf.stock.kept
    there = min(free, units_of(lots)) if shelf.in_lots else free
    if there < units:
        return _short(shelf, units, there)
    aside = Aside(id=aside_id, units=units, lots=first_units(lots, units), reason=reason, at=at)
    return settled(shelf, None, lambda stock: _aside(stock, aside, aside.lots), at=at)


def end_aside(shelf: Shelf, aside_id: str, *, broken: int = 0, reason: str = "", at: datetime) -> Step | Refusal:
    """Somebody has looked: `broken` of what was set aside are, what expires first before the others, and the rest is for sale again.

    Refused with `aside_unknown`, and with `stock_short` for more than were set aside.
    """
    aside = shelf.stock.aside(aside_id)
    if aside is None:
        return Refusal("aside_unknown", f"nothing is set aside as {aside_id}", {"aside": aside_id})
    if broken > aside.units:
        return _short(shelf, broken, aside.units)
    parts = first_units(in_turn(aside.lots), broken)
    movement = Movement(kind=MovementKind.DAMAGED, taken=parts, units=units_of(parts) - broken, source=aside_id, reason=reason, at=at)
    return settled(shelf, movement if broken else None, lambda stock: _back(stock, aside), at=at)


def keep(shelf: Shelf, *, safety: int | None, low: int | None, at: datetime) -> Step:
    """How many are kept for safety here, and below how many it is told; `None` as the shop says for the sku."""
    return settled(shelf, None, lambda stock: evolve(stock, safety=safety, low=low), at=at)


def settle(shelf: Shelf, *, at: datetime) -> Step:
    """What follows from the clock and from what orders did: lots that have expired are set aside as far as they are free, what is missing is made up
    for, what is to be kept for safety is kept, and what changed is told.
    """
    expired = in_turn([lot for lot in shelf.stock.lots if lot.has_expired(at)])
    parts = first_units(expired, min(units_of(expired), shelf.available + shelf.stock.kept))
    if not parts:
        return settled(shelf, at=at)
    before = shelf.stock.aside(EXPIRED)
    lots = parts if before is None else joined(before.lots, parts)
    aside = Aside(id=EXPIRED, units=units_of(lots), lots=lots, reason="their time is over", at=at)
    return settled(shelf, None, lambda stock: _aside(stock, aside, parts), at=at)


def book_sale(shelf: Shelf, units: int, *, source: str, at: datetime) -> Step:
    """Units that the quota counts as used have left, what expires first before the others (SHELF-4); the order is the `source`."""
    lots = [lot for lot in in_turn(shelf.stock.lots) if shelf.in_lots and not lot.serials]
    parts = first_units(sorted(lots, key=lambda lot: lot.has_expired(at)), units)
    movement = Movement(kind=MovementKind.SOLD, taken=parts, units=units_of(parts) - units, source=source, at=at)
    return settled(shelf, movement, booked=True, at=at)


def name_units(shelf: Shelf, serials: Sequence[str], *, source: str, at: datetime) -> Step | Refusal:
    """These units are among those that were sold to the order `source` (SHELF-9). Refused with `serials_unknown` where not all of them are there."""
    parts = with_serials(in_turn(shelf.stock.lots), serials)
    if units_of(parts) < len(serials):
        facts: dict[str, str | int] = {"place": shelf.stock.place, "sku": shelf.stock.sku, "wanted": len(serials), "available": units_of(parts)}
        return Refusal("serials_unknown", f"{units_of(parts)} of {len(serials)} serial numbers of {shelf.stock.sku} are there", facts)
    return settled(shelf, Movement(kind=MovementKind.NAMED, taken=parts, units=len(serials), source=source, at=at), at=at)


def book_return(shelf: Shelf, units: int, *, lots: StockLots = (), cost: int = 0, source: str, at: datetime) -> Step:
    """Units that the quota does not count as used any more are back, in the lots that they were taken from, at what they cost."""
    movement = Movement(kind=MovementKind.RETURNED, added=lots, units=units - units_of(lots), cost=cost, source=source, at=at)
    return settled(shelf, movement, booked=True, at=at)


def _came(shelf: Shelf, kind: MovementKind, units: int, lots: StockLots, *, cost: int = 0, source: str = "", reason: str = "", at: datetime) -> Step:
    _require_way(shelf, units, lots)
    return settled(shelf, Movement(kind=kind, units=units, added=lots, cost=cost, source=source, reason=reason, at=at), at=at)


def _left(shelf: Shelf, kind: MovementKind, units: int, lots: StockLots, *, source: str = "", reason: str = "", at: datetime) -> Step:
    parts = first_units(lots, units)
    movement = Movement(kind=kind, taken=parts, units=units_of(parts) - units, source=source, reason=reason, at=at)
    return settled(shelf, movement, at=at)


def _gone(shelf: Shelf, kind: MovementKind, units: int, *, reason: str, lot_id: str, at: datetime) -> Step | Refusal:
    """Units leave as a fact, also where they are promised; no more than there are."""
    lots = in_turn([lot for lot in shelf.stock.lots if lot_id in {"", lot.id}]) if shelf.in_lots else ()
    there = min(shelf.there, units_of(lots)) if shelf.in_lots else shelf.there
    if there < units:
        return _short(shelf, units, max(0, there))
    return _left(shelf, kind, units, lots, reason=reason, at=at)


def _aside(stock: PlaceStock, aside: Aside, parts: StockLots) -> PlaceStock:
    """The stock with this set aside; `parts` of its lots are taken for it."""
    others = tuple([it for it in stock.asides if it.id != aside.id])
    was = stock.set_aside - sum([it.units for it in others])
    loose = stock.loose - (0 if aside.lots else aside.units - was)
    return evolve(stock, loose=loose, lots=without(stock.lots, parts), asides=(*others, aside))


def _back(stock: PlaceStock, aside: Aside) -> PlaceStock:
    others = tuple([it for it in stock.asides if it.id != aside.id])
    return evolve(stock, loose=stock.loose + aside.units - units_of(aside.lots), lots=joined(stock.lots, aside.lots), asides=others)


def _require_way(shelf: Shelf, units: int, lots: StockLots) -> None:
    """Raises `InvalidValue` where a sku is kept the other way than it was given."""
    sku = shelf.stock.sku
    if lots and not shelf.in_lots:
        raise InvalidValue(f"{sku} is kept in no lots, got lot {lots[0].id}; give units, or name {sku} in Places(in_lots=...)")
    if units and shelf.in_lots:
        raise InvalidValue(f"{sku} is kept in lots, got {units} units without one; give lots")


def _short(shelf: Shelf, wanted: int, available: int) -> Refusal:
    stock = shelf.stock
    where = f" at {stock.place}" if stock.place else ""
    facts: dict[str, str | int] = {"place": stock.place, "sku": stock.sku, "wanted": wanted, "available": available}
    return Refusal("stock_short", f"{wanted} of {stock.sku} are wanted and {available} are available{where}", facts)
