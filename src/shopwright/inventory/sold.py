"""What was booked of an order: how many units of which stock it took, the lots that they came from, and what they cost.

Rules
- SHELF-8: what is booked of an order is what it uses, whenever and however often its events are followed;
- what goes back goes to the lots that it came from, at what it cost.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve, field, frozen

from shopwright.edges import MOST, members, text, whole
from shopwright.inventory.stock_lots import StockLot, StockLots, first_units, in_turn, joined, units_of, without
from shopwright.money.allocation import allocate


@frozen(kw_only=True)
class SoldPart:
    """Units of one stock, by the key of its quota; those that no lot is known of are in none of `lots`."""

    key: str = field(validator=text(least=1))
    units: int = field(validator=whole(least=1, most=MOST))
    lots: StockLots = field(default=(), validator=members(StockLot))
    cost: int = field(default=0, validator=whole(least=0, most=MOST))

    @property
    def unnamed(self) -> int:
        """How many of its units no lot is known of."""
        return self.units - units_of(self.lots)


@frozen
class SoldGoods:
    """All that is booked of an order; its id is the order's."""

    order_id: str = field(validator=text(least=1))
    parts: tuple[SoldPart, ...] = field(default=(), validator=members(SoldPart))

    def part(self, key: str) -> SoldPart | None:
        """What came from one stock."""
        return next((it for it in self.parts if it.key == key), None)

    def changes(self, items: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
        """By how much more the order uses of each stock than is booked, below zero where it uses less; in the order of the keys."""
        wanted, booked = dict(items), {it.key: it.units for it in self.parts}
        found = [(key, wanted.get(key, 0) - booked.get(key, 0)) for key in sorted(wanted.keys() | booked.keys())]
        return tuple([it for it in found if it[1]])

    def with_more(self, key: str, units: int, lots: StockLots, cost: int) -> SoldGoods:
        """With so many more units booked."""
        was = self.part(key)
        part = SoldPart(key=key, units=units, lots=lots, cost=cost)
        if was is not None:
            part = SoldPart(key=key, units=was.units + units, lots=joined(was.lots, lots), cost=was.cost + cost)
        return evolve(self, parts=(*[it for it in self.parts if it.key != key], part))

    def with_lots(self, key: str, lots: StockLots) -> SoldGoods:
        """With lots for units of which none was known."""
        parts = [evolve(it, lots=joined(it.lots, lots)) if it.key == key else it for it in self.parts]
        return evolve(self, parts=tuple(parts))

    def with_fewer(self, key: str, units: int) -> tuple[SoldGoods, StockLots, int]:
        """With so many units fewer, the lots that those go back to, and what they cost: first those that no lot is known of, then the last to
        expire.
        """
        part = self.part(key)
        assert part is not None, "what goes back was booked before"
        lots = first_units(tuple(reversed(in_turn(part.lots))), units - part.unnamed)
        cost, rest = allocate(part.cost, (units, part.units - units))
        others = tuple([it for it in self.parts if it.key != key])
        if units < part.units:
            others = (*others, SoldPart(key=key, units=part.units - units, lots=without(part.lots, lots), cost=rest))
        return evolve(self, parts=others), lots, cost
