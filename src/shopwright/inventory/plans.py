"""What is asked of the planner, and what it answers: which location ships what.

Rules
- a location that ships anything ships one parcel;
- the cost of a plan is, over its parcels, the rate of the parcel, the rate of each unit in it and `per_distance` times the distance; for each
  parcel after the first `split`; and for each unit that leaves a location with fewer than its target `shortfall`;
- the distance of a plan is the sum over its units of how far each goes.
"""

from __future__ import annotations

from enum import StrEnum

from attrs import field, frozen

from shopwright.edges import MOST, identifier, maybe, members, of, whole
from shopwright.inventory.locations import LARGEST_COST


@frozen
class Wanted:
    """One line of an order: so many units of a sku."""

    line_id: str = field(validator=identifier())
    sku: str = field(validator=identifier())
    quantity: int = field(validator=whole(least=1, most=MOST))


class Strategy(StrEnum):
    """What counts first, what decides between equals, and what between those."""

    CHEAPEST = "cheapest"
    """The least cost, then the fewest parcels, then the least distance."""
    FEWEST_PARCELS = "fewest_parcels"
    """The fewest parcels, then the least cost, then the least distance."""
    NEAREST = "nearest"
    """The least distance, then the fewest parcels, then the least cost."""

    @property
    def measures(self) -> tuple[str, str, str]:
        """The names of the fields of `Standing`, in the order in which they count."""
        return _MEASURES[self]


_MEASURES = {
    Strategy.CHEAPEST: ("cost", "parcels", "distance"),
    Strategy.FEWEST_PARCELS: ("parcels", "cost", "distance"),
    Strategy.NEAREST: ("distance", "parcels", "cost"),
}


@frozen(kw_only=True)
class Costs:
    """What a plan costs beside the rates, in minor units: per unit of distance and parcel, per parcel after the first, and per unit of shortfall."""

    per_distance: int = field(default=0, validator=whole(least=0, most=LARGEST_COST))
    split: int = field(default=0, validator=whole(least=0, most=LARGEST_COST))
    shortfall: int = field(default=0, validator=whole(least=0, most=LARGEST_COST))


@frozen(kw_only=True)
class Policy:
    """What a plan may do. `split_lines` lets the units of one line come from several locations; `most_parcels` bounds how many there are.

    `steps` is how long the planner may search for something better before it answers with the best it has found.
    """

    strategy: Strategy = field(default=Strategy.CHEAPEST, validator=of(Strategy))
    costs: Costs = field(default=Costs(), validator=of(Costs))
    split_lines: bool = field(default=False, validator=of(bool))
    most_parcels: int | None = field(default=None, validator=maybe(whole(least=1)))
    steps: int = field(default=20_000, validator=whole(least=0))


@frozen(kw_only=True)
class Standing:
    """How a plan stands: its cost in minor units, its parcels, and its distance, units times how far each goes."""

    cost: int
    parcels: int
    distance: int

    def weight(self, strategy: Strategy) -> tuple[int, int, int]:
        """What a strategy compares; the lower is the better."""
        first, second, third = [getattr(self, name) for name in strategy.measures]
        return first, second, third


@frozen(kw_only=True)
class Part:
    """So many units of one line, from one location."""

    location_id: str
    line_id: str
    sku: str
    quantity: int


@frozen(kw_only=True)
class Plan:
    """Which location ships what, by location and line; each line is shipped whole.

    `proved` says that no plan stands better; otherwise none stands better than `bound` in what the strategy counts first (cost in minor units,
    parcels or distance).
    """

    parts: tuple[Part, ...] = field(validator=members(Part, least=1))
    standing: Standing
    proved: bool
    bound: int

    @property
    def locations(self) -> tuple[str, ...]:
        """The ids of the locations that ship, in their order."""
        return tuple(dict.fromkeys(part.location_id for part in self.parts))

    def taken(self) -> tuple[tuple[str, str, int], ...]:
        """What leaves each location: its id, a sku, and the units of all lines together, in order."""
        found: dict[tuple[str, str], int] = {}
        for part in self.parts:
            key = (part.location_id, part.sku)
            found[key] = found.get(key, 0) + part.quantity
        return tuple((location_id, sku, units) for (location_id, sku), units in sorted(found.items()))


@frozen(kw_only=True)
class Reason:
    """Why a location is in a plan: how the best plan without it would stand, or `None` where nothing can be shipped without it.

    `proved` is that of the plan without it.
    """

    location_id: str
    without: Standing | None
    proved: bool

    def worse_by(self, plan: Plan) -> Standing | None:
        """How much more the plan without it would cost, ship and travel; less is below zero."""
        if self.without is None:
            return None
        mine = plan.standing
        return Standing(
            cost=self.without.cost - mine.cost, parcels=self.without.parcels - mine.parcels, distance=self.without.distance - mine.distance
        )
