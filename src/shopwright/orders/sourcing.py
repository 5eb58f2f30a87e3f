"""Which place ships what of an order: the plan that its goods were reserved by, frozen with its reasons.

Rules
- SOURCE-1: every unit of every line whose stock is counted is in the plan once, and the claim of the order is the sum of the plan: what is there on
  the stock of the place, what is awaited on what may be ordered from there without being there;
- SOURCE-2: what is given back goes to the place that it was planned from, and what was awaited first;
- SOURCE-3: what is awaited, and what may not leave yet, is set aside for no shipment;
- a shipment says from which place it is; the units of one that does not are taken from the places in the order of the plan;
- the units of a bundle are at a place where all of its components are planned from there; a bundle that is brought together from several places is
  shipped from none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

from attrs import evolve as changed
from attrs import frozen

from shopwright.inventory.keys import backorder_key, is_backorder, is_stock, place_key
from shopwright.inventory.plans import Reason, Standing, Strategy
from shopwright.orders.lines import OrderLine


class SourcedWhy(StrEnum):
    """Why a plan has changed."""

    PLANNED_ANEW = "planned_anew"
    """The goods had gone by the time the money came, and were found again."""
    GOODS_CAME = "goods_came"
    """Goods that it waited for have come in."""
    READDRESSED = "readdressed"
    """It goes somewhere else, to where other places ship."""


@frozen(kw_only=True)
class SourcedPart:
    """Units of one line from one place. `awaited` of them were not there; `due_at` is when all of them can leave, where that is not at once: `None`
    for what is awaited says that nobody knows. `sku` is what is taken: the line's own, or that of a component of it.
    """

    place: str
    line_no: int
    sku: str
    quantity: int
    awaited: int = 0
    due_at: datetime | None = None

    def ready(self, at: datetime | None) -> int:
        """How many of its units are there, and may leave at this time, if one is given."""
        if at is not None and not self.awaited and self.due_at is not None and at < self.due_at:
            return 0
        return self.quantity - self.awaited


@frozen(kw_only=True)
class Sourcing:
    """A plan as it was taken: where the goods go, what counted first, which place ships what, how the plan stands, whether it is proved that none
    stands better, and why each place is in it.
    """

    zone: str
    strategy: Strategy
    parts: tuple[SourcedPart, ...]
    standing: Standing
    proved: bool
    reasons: tuple[Reason, ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """The places that ship, in their order."""
        return tuple(dict.fromkeys([part.place for part in self.parts]))

    @property
    def awaits(self) -> bool:
        """Whether some of its units are not there."""
        return any(part.awaited for part in self.parts)

    def claims(self) -> tuple[tuple[str, int], ...]:
        """The quotas that it takes from, each once, by key (SOURCE-1)."""
        found: dict[str, int] = {}
        for part in self.parts:
            for key, units in ((place_key(part.place, part.sku), part.quantity - part.awaited), (backorder_key(part.place, part.sku), part.awaited)):
                if units:
                    found[key] = found.get(key, 0) + units
        return tuple(sorted(found.items()))

    def of_line(self, line_no: int) -> tuple[SourcedPart, ...]:
        """The parts of one line."""
        return tuple([part for part in self.parts if part.line_no == line_no])

    def filled(self, place: str, sku: str, units: int) -> Sourcing:
        """The plan with so many awaited units there, those of the first lines first."""
        parts = []
        for part in self.parts:
            come = min(units, part.awaited) if (part.place, part.sku) == (place, sku) else 0
            units -= come
            left = part.awaited - come
            parts.append(changed(part, awaited=left, due_at=part.due_at if left else None) if come else part)
        return changed(self, parts=tuple(parts))


def goods(items: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Of quota keys with quantities those that count goods, there or awaited."""
    return tuple([item for item in items if is_stock(item[0]) or is_backorder(item[0])])


def beside_goods(items: Iterable[tuple[str, int]], plan: Sourcing) -> tuple[tuple[str, int], ...]:
    """What an order claims by this plan, with all that it claims besides goods."""
    items = tuple(items)
    counted = goods(items)
    return (*plan.claims(), *[item for item in items if item not in counted])


def ready_units(plan: Sourcing, line: OrderLine, at: datetime | None, place: str = "") -> int:
    """How many units of a line the plan lets leave, in all or from one place (SOURCE-3); what has left already is among them."""
    needs = dict(line.from_stock(1))
    if not needs:
        return line.quantity if not place else 0
    there = dict.fromkeys(needs, 0)
    for part in plan.of_line(line.line_no):
        if not place or part.place == place:
            there[part.sku] += part.ready(at)
    return min(there[sku] // units for sku, units in needs.items())


def given_back(plan: Sourcing, line: OrderLine, units: int, left: Mapping[str, int], items: dict[str, int]) -> None:
    """Take so many units of a line off the claim `items`, where they were planned from (SOURCE-2). `left` says how many units of the line have left,
    by place, with those that left from no certain place under `""`.
    """
    for sku, each in line.from_stock(1):
        parts = [part for part in plan.of_line(line.line_no) if part.sku == sku]
        here = {part.place: 0 for part in parts}
        there = dict(here)
        for part in parts:
            here[part.place] += part.quantity
            there[part.place] += part.quantity - part.awaited  # What is awaited cannot have left.
        gone = {place: min(there[place], left.get(place, 0) * each) for place in here}
        astray = sum(left.values()) * each - sum(gone.values())
        for place, ready in there.items():
            more = min(astray, ready - gone[place])
            gone[place] += more
            astray -= more
        back = units * each
        for place in reversed(here):
            back -= _off(items, place, sku, min(back, here[place] - gone[place]))


def _off(items: dict[str, int], place: str, sku: str, units: int) -> int:
    """Take units off what is awaited from a place, then off what is there; how many that were."""
    before = units
    for key in (backorder_key(place, sku), place_key(place, sku)):
        some = min(units, items.get(key, 0))
        if some:
            items[key] -= some
            units -= some
    return before - units
