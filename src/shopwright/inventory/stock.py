"""The stock of one sku at one location: its lots, what is promised of them, and how it is kept.

Rules
- what is on hand is the sum of all movements (STOCK-1);
- STOCK-2: free is what can be sold, less what is promised, less what is kept for safety; a promise takes it below zero only as far as the shop lets
  goods be ordered that are not there. What a count, an accident or the date of expiry takes is a fact, and may;
- promises get units in the order in which they were made, and one whose time is over only after all others;
- `evolve` decides nothing, so that history always replays to the same stock.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import reduce

from attrs import evolve as changed
from attrs import field, frozen

from shopwright.edges import MOST, aware, identifier, maybe, members, of, whole
from shopwright.inventory.movements import Movement
from shopwright.inventory.stock_lots import StockLot, StockLots, in_turn, joined, units_of, without


@frozen(kw_only=True)
class Keeping:
    """How a stock is kept, in units: `safety` is never promised, `backorder` is how many may be promised that are not there, and fewer available
    than `low` are told. Goods with `releases_at` can be ordered before, and leave from then on.
    """

    safety: int = field(default=0, validator=whole(least=0, most=MOST))
    backorder: int = field(default=0, validator=whole(least=0, most=MOST))
    low: int = field(default=0, validator=whole(least=0, most=MOST))
    releases_at: datetime | None = field(default=None, validator=maybe(aware))


@frozen(kw_only=True)
class Promised:
    """Units that are kept for somebody, a cart or an order; `until` is when they are free again, and never where it is `None`."""

    id: str = field(validator=identifier())
    units: int = field(validator=whole(least=1, most=MOST))
    made_at: datetime = field(validator=aware)
    until: datetime | None = field(default=None, validator=maybe(aware))

    def has_lapsed(self, at: datetime) -> bool:
        """Whether its time is over: then its units are free, and stay with it until somebody needs them."""
        return self.until is not None and self.until <= at


@frozen(kw_only=True)
class Position:
    """How a stock stands at a moment, in units. `free` may be below zero; `expired` is on hand and not for sale."""

    on_hand: int
    expired: int
    held: int
    safety: int

    @property
    def free(self) -> int:
        """What can be sold, less what is promised and what is kept for safety (STOCK-2)."""
        return self.on_hand - self.expired - self.held - self.safety

    @property
    def available(self) -> int:
        """What can be promised from what is there."""
        return max(0, self.free)

    @property
    def owed(self) -> int:
        """What is promised and not there."""
        return max(0, self.held - (self.on_hand - self.expired))


@frozen
class Stock:
    """What there is of a sku at a location."""

    sku: str = field(validator=identifier())
    location_id: str = field(validator=identifier())
    keeping: Keeping = field(default=Keeping(), validator=of(Keeping), kw_only=True)
    lots: StockLots = field(default=(), validator=members(StockLot), kw_only=True)
    promises: tuple[Promised, ...] = field(default=(), validator=members(Promised), kw_only=True)

    @property
    def on_hand(self) -> int:
        """All units that are there."""
        return units_of(self.lots)

    def promised(self, id: str) -> Promised | None:
        """The promise of this id."""
        return next((it for it in self.promises if it.id == id), None)

    def sellable(self, at: datetime) -> StockLots:
        """The lots that have not expired, as they leave."""
        return in_turn([lot for lot in self.lots if not lot.has_expired(at)])

    def position(self, at: datetime) -> Position:
        """How the stock stands at a moment."""
        held = sum([it.units for it in self.promises if not it.has_lapsed(at)])
        expired = self.on_hand - units_of(self.sellable(at))
        return Position(on_hand=self.on_hand, expired=expired, held=held, safety=self.keeping.safety)

    def in_line(self, at: datetime) -> tuple[Promised, ...]:
        """The promises in the order in which they get units."""
        return tuple(sorted(self.promises, key=lambda it: (it.has_lapsed(at), it.made_at, it.id)))

    def covered(self, at: datetime) -> dict[str, int]:
        """How many units of each promise are there, by its id."""
        left, found = units_of(self.sellable(at)), {}
        for promise in self.in_line(at):
            found[promise.id] = min(left, promise.units)
            left -= found[promise.id]
        return found


def evolve(stock: Stock, movement: Movement) -> Stock:
    """The stock after one more movement."""
    return changed(stock, lots=joined(without(stock.lots, movement.taken), movement.added))


def fold(stock: Stock, movements: Iterable[Movement]) -> Stock:
    """The stock after these movements."""
    return reduce(evolve, movements, stock)
