"""The stock of one sku at one place as a shop keeps it: what a quota cannot say. How many are granted, used and held is counted by the quota.

Rules
- SHELF-1: what all movements sum to is what is on hand: what is loose, in lots and set aside; and that is what was granted, less what was used and
  what is missing, as soon as all sales are booked;
- what is kept for safety or set aside is held in the quota without an end, so that the guard in the write knows of it;
- SHELF-2: `missing` is what an accident or a count took while it was promised: no quota goes below zero for it, and what comes in or is let go next
  makes up for it before anybody else gets it;
- goods that are kept in no lots are `loose`. Of goods in lots so many are loose as were sold before a lot of theirs was known, below zero.
"""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from shopwright.edges import MOST, aware, identifier, maybe, members, of, text, whole
from shopwright.inventory.keys import MAX_PLACE, place_key
from shopwright.inventory.stock_lots import StockLot, StockLots, in_turn, units_of
from shopwright.inventory.valuing import Costing, Worth

MAX_ASIDE = 30
"""How long the id of what is set aside may be."""

_UNITS = whole(least=0, most=MOST)


@frozen(kw_only=True)
class Aside:
    """Units that are there and not for sale, since a moment, for a reason; of lots those that they are in."""

    id: str = field(validator=identifier(most=MAX_ASIDE))
    units: int = field(validator=whole(least=1, most=MOST))
    lots: StockLots = field(default=(), validator=members(StockLot))
    reason: str = field(default="", validator=text(most=1_000))
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class PlaceStock:
    """What is kept of a sku at a place; `""` is the place of a shop with one.

    `safety` and `low` are what was said for this place, `None` where it is kept as the shop says; `kept` is what is held for safety now.
    `awaited` is what orders were last seen to wait for, `granted` how much of what the quota was granted is booked, `is_low` whether it was told
    that it runs low, `worth` what it is worth, and `count` how many records its stream has.
    """

    place: str = field(validator=text(most=MAX_PLACE))
    sku: str = field(validator=identifier())
    loose: int = field(default=0, validator=whole())
    lots: StockLots = field(default=(), validator=members(StockLot))
    asides: tuple[Aside, ...] = field(default=(), validator=members(Aside))
    safety: int | None = field(default=None, validator=maybe(_UNITS))
    low: int | None = field(default=None, validator=maybe(_UNITS))
    kept: int = field(default=0, validator=_UNITS)
    missing: int = field(default=0, validator=_UNITS)
    awaited: int = field(default=0, validator=_UNITS)
    granted: int = field(default=0, validator=_UNITS)
    is_low: bool = field(default=False, validator=of(bool))
    worth: Worth = field(default=Worth(Costing.FIFO), validator=of(Worth))
    count: int = field(default=0, validator=_UNITS)

    @property
    def key(self) -> str:
        """The key of its quota and of its records, and its id in the store."""
        return place_key(self.place, self.sku)

    @property
    def set_aside(self) -> int:
        """How many units are there and not for sale."""
        return sum([aside.units for aside in self.asides])

    @property
    def on_hand(self) -> int:
        """What all booked movements sum to (SHELF-1)."""
        return self.loose + units_of(self.lots) + self.set_aside

    def sellable(self, at: datetime) -> StockLots:
        """The lots that have not expired, as they leave."""
        return in_turn([lot for lot in self.lots if not lot.has_expired(at)])

    def aside(self, id: str) -> Aside | None:
        """What was set aside under this id."""
        return next((it for it in self.asides if it.id == id), None)

    @property
    def expires_at(self) -> datetime | None:
        """When the first of its lots expires."""
        return min([lot.expires_at for lot in self.lots if lot.expires_at is not None], default=None)


@frozen(kw_only=True)
class Guarded:
    """What the quotas say: all that was granted, what is used, and what is held, for safety and aside among it; what has lapsed is not held.
    `awaited` is what was ordered without being there.
    """

    granted: int = 0
    used: int = 0
    held: int = 0
    awaited: int = 0

    @property
    def free(self) -> int:
        """What may be promised at once."""
        return self.granted - self.used - self.held


@frozen(kw_only=True)
class StockStanding:
    """How the stock of a sku at a place stands, in units.

    `on_hand` is all that is there and not sold; `held` is promised to carts and orders, `safety` is never promised, `aside` is not for sale; what is
    left is `available`. `missing` of what was promised is not there any more, and `awaited` was promised before it is there. `value` is in minor
    units, and counts what was booked.
    """

    place: str
    sku: str
    on_hand: int
    held: int
    safety: int
    aside: int
    available: int
    missing: int
    awaited: int
    is_low: bool
    value: int
    lots: StockLots = ()


def standing_of(stock: PlaceStock, guarded: Guarded) -> StockStanding:
    """How a stock stands, from what is kept of it and what its quota says."""
    return StockStanding(
        place=stock.place,
        sku=stock.sku,
        on_hand=guarded.granted - guarded.used - stock.missing,
        held=guarded.held - stock.kept - stock.set_aside,
        safety=stock.kept,
        aside=stock.set_aside,
        available=max(0, guarded.free - stock.missing),
        missing=stock.missing,
        awaited=guarded.awaited,
        is_low=stock.is_low,
        value=stock.worth.value,
        lots=stock.lots,
    )
