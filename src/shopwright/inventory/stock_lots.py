"""Lots of stock: units of one sku that came in together, with the day they expire and their serial numbers.

Rules
- STOCK-3: what expires first leaves first, then what came in first; what has expired is not sold, though it is still there;
- a lot has either no serial numbers or one for each of its units, and a part of it takes its own with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from attrs import evolve, field, frozen

from shopwright.edges import MOST, aware, identifier, maybe, texts, whole
from shopwright.errors import InvalidValue

StockLots = tuple["StockLot", ...]

_NEVER = datetime.max.replace(tzinfo=UTC)


@frozen
class StockLot:
    """Units that came in together, or a part of them. Raises `InvalidValue` where serial numbers are not one for each unit."""

    id: str = field(validator=identifier())
    units: int = field(validator=whole(least=1, most=MOST))
    received_at: datetime = field(validator=aware)
    expires_at: datetime | None = field(default=None, validator=maybe(aware), kw_only=True)
    serials: tuple[str, ...] = field(default=(), validator=texts(least=1), kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.serials and len(set(self.serials)) != self.units:
            different = len(set(self.serials))
            raise InvalidValue(f"lot {self.id}: expected one serial number for each of {self.units} units, got {different} different ones")

    def has_expired(self, at: datetime) -> bool:
        """Whether its time is over; the last moment does not count."""
        return self.expires_at is not None and self.expires_at <= at


def in_turn(lots: Iterable[StockLot]) -> StockLots:
    """The lots as they leave (STOCK-3)."""
    return tuple(sorted(lots, key=lambda lot: (lot.expires_at or _NEVER, lot.received_at, lot.id)))


def units_of(lots: Iterable[StockLot]) -> int:
    """How many units these are."""
    return sum([lot.units for lot in lots])


def first_units(lots: Iterable[StockLot], units: int) -> StockLots:
    """The first so many units, as parts of lots; all where they are fewer."""
    parts: list[StockLot] = []
    for lot in lots:
        if units <= 0:
            break
        parts.append(lot if lot.units <= units else evolve(lot, units=units, serials=lot.serials[:units]))
        units -= lot.units
    return tuple(parts)


def with_serials(lots: Iterable[StockLot], serials: Sequence[str]) -> StockLots:
    """The units with these serial numbers, as parts of lots; those that are there."""
    wanted, parts = set(serials), []
    for lot in lots:
        found = tuple([serial for serial in lot.serials if serial in wanted])
        if found:
            parts.append(evolve(lot, units=len(found), serials=found))
    return tuple(parts)


def without(lots: Iterable[StockLot], parts: Iterable[StockLot]) -> StockLots:
    """The lots less these parts of them. Raises `InvalidValue` for a part that is not there."""
    left = {lot.id: lot for lot in lots}
    for part in parts:
        lot = left.pop(part.id, None)
        if lot is None or lot.units < part.units or not set(part.serials) <= set(lot.serials) or bool(part.serials) != bool(lot.serials):
            raise InvalidValue(f"expected {part.units} units to leave lot {part.id}, got a lot that does not hold them")
        if lot.units > part.units:
            gone = set(part.serials)
            left[part.id] = evolve(lot, units=lot.units - part.units, serials=tuple([it for it in lot.serials if it not in gone]))
    return tuple([left[id] for id in sorted(left)])


def joined(lots: Iterable[StockLot], parts: Iterable[StockLot]) -> StockLots:
    """The lots with these parts in them, by id.

    Raises `InvalidValue` where a lot of the same id has other facts, or a serial number is there already.
    """
    found = {lot.id: lot for lot in lots}
    for part in parts:
        there = found.get(part.id)
        if there is None:
            found[part.id] = part
            continue
        if (there.received_at, there.expires_at, bool(there.serials)) != (part.received_at, part.expires_at, bool(part.serials)):
            raise InvalidValue(f"lot {part.id} is there with another time or without serial numbers; give what comes in an id of its own")
        found[part.id] = evolve(there, units=there.units + part.units, serials=there.serials + part.serials)
    every = [serial for lot in found.values() for serial in lot.serials]
    if len(set(every)) != len(every):
        raise InvalidValue("expected a serial number once in a stock, got one that is there already")
    return tuple([found[id] for id in sorted(found)])
