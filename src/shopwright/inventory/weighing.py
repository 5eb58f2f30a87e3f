"""A question to the planner in numbers: every measure of a strategy in one integer, so that the search compares and adds plain ints.

Rules
- lines and locations are put in order of their ids first, so that the order in which they are given changes nothing;
- a weight is the measures as digits of a number whose base is above all that any plan could reach: the lower weight is the better plan;
- lines are asked for one by one where they may not be split, and by sku where they may; either way the stock of a sku is counted once.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from shopwright.inventory.locations import Location, Rate
from shopwright.inventory.plans import Policy, Standing, Strategy, Wanted


@frozen
class Source:
    """Units of one sku at one location: how many there are in all, how many before it grows short, what one weighs, and one of those after."""

    place: int
    available: int
    plenty: int
    unit: int
    short_unit: int

    def weight(self, quantity: int, taken: int = 0) -> int:
        """What so many more units weigh, where some were taken before."""
        easy = min(quantity, max(0, self.plenty - taken))
        return easy * self.unit + (quantity - easy) * self.short_unit


@frozen
class Item:
    """Units of a sku to be found: one line, or all lines of that sku. `can` has a bit for each place that has what it takes."""

    sku: str
    lines: tuple[Wanted, ...]
    quantity: int
    sources: tuple[Source, ...]
    can: int


@frozen
class Scale:
    """How measures become one number and back. `split` is taken off the cost once: the first parcel splits nothing."""

    strategy: Strategy
    base: int
    split: int

    def weight(self, *, cost: int, parcels: int, distance: int) -> int:
        """The measures as one number."""
        match self.strategy:
            case Strategy.CHEAPEST:
                return (cost * self.base + parcels) * self.base + distance
            case Strategy.FEWEST_PARCELS:
                return (parcels * self.base + cost) * self.base + distance
            case Strategy.NEAREST:
                return (distance * self.base + parcels) * self.base + cost

    def standing(self, weight: int) -> Standing:
        """The measures of a plan with this weight."""
        rest, third = divmod(weight, self.base)
        first, second = divmod(rest, self.base)
        found = dict(zip(self.strategy.measures, (first, second, third), strict=True))
        return Standing(cost=found["cost"] - self.split, parcels=found["parcels"], distance=found["distance"])

    def first(self, weight: int) -> int:
        """The measure that counts first, of a plan that weighs no less than this."""
        found = weight // (self.base * self.base)
        return max(0, found - self.split) if self.strategy is Strategy.CHEAPEST else found


@frozen
class Question:
    """What the search answers: `places` are the ids of locations that ship there, `opening` what a parcel from each weighs."""

    places: tuple[str, ...]
    opening: tuple[int, ...]
    items: tuple[Item, ...]
    scale: Scale
    policy: Policy


def question(lines: Sequence[Wanted], locations: Sequence[Location], zone: str, policy: Policy) -> Question:
    """The lines and locations in numbers, with only the locations that ship to the zone."""
    served = [(it, rate) for it in sorted(locations, key=lambda it: it.id) if (rate := it.rate(zone)) is not None]
    scale = _scale(lines, [rate for _, rate in served], policy)
    costs = policy.costs
    opening = [scale.weight(cost=rate.parcel + costs.split + costs.per_distance * rate.distance, parcels=1, distance=0) for _, rate in served]
    skus = {line.sku for line in lines}
    shelves = [{it.sku: it for it in location.stock if it.sku in skus} for location, _ in served]
    found: dict[str, tuple[Source, ...]] = {}
    for sku in skus:
        sources = []
        for place, (shelf, (_, rate)) in enumerate(zip(shelves, served, strict=True)):
            if (on := shelf.get(sku)) is not None and on.available:
                unit = scale.weight(cost=rate.unit, parcels=0, distance=rate.distance)
                short = scale.weight(cost=rate.unit + costs.shortfall, parcels=0, distance=rate.distance)
                sources.append(Source(place, on.available, max(0, on.available - on.target), unit, short))
        found[sku] = tuple(sources)
    items = _items(lines, found, whole=not policy.split_lines)
    return Question(tuple([it.id for it, _ in served]), tuple(opening), items, scale, policy)


def _items(lines: Sequence[Wanted], found: dict[str, tuple[Source, ...]], *, whole: bool) -> tuple[Item, ...]:
    """What is to be found, what is hardest to find first."""
    groups: dict[str, list[Wanted]] = {}
    for line in sorted(lines, key=lambda it: it.line_id):
        groups.setdefault(line.line_id if whole else line.sku, []).append(line)
    items = []
    for group in groups.values():
        quantity, sku = sum([line.quantity for line in group]), group[0].sku
        least = quantity if whole else 1
        sources = tuple([source for source in found[sku] if source.available >= least])
        items.append(Item(sku, tuple(group), quantity, sources, sum([1 << source.place for source in sources])))
    return tuple(sorted(items, key=lambda it: (len(it.sources), -it.quantity, it.lines[0].line_id)))


def _scale(lines: Sequence[Wanted], rates: Sequence[Rate], policy: Policy) -> Scale:
    costs, units = policy.costs, sum([line.quantity for line in lines])
    opening = sum([rate.parcel + costs.split + costs.per_distance * rate.distance for rate in rates])
    dearest = max([rate.unit for rate in rates], default=0) + costs.shortfall
    farthest = max([rate.distance for rate in rates], default=0)
    return Scale(policy.strategy, 1 + max(opening + units * dearest, units * farthest, len(rates)), costs.split)
