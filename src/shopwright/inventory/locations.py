"""Where goods lie: what a location has of each sku, and what it costs to ship from it.

Rules
- costs are whole minor units of one currency, distances whole numbers in one unit of the host's choice, such as kilometers;
- a location ships to the zones that it has a rate for, and to no others;
- what is available is what may be taken at once: what is held for others, or kept for safety, is not in it.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen

from shopwright.edges import MOST, identifier, members, whole
from shopwright.errors import InvalidValue

LARGEST_COST = 10**12
"""The most that one rate may cost, and the longest distance: sums of thousands of them stay within 64 bits."""


@frozen
class Rate:
    """What a parcel costs from a location to a zone: once for the parcel, and for each unit in it; `distance` is how far that is."""

    zone: str = field(validator=identifier())
    distance: int = field(default=0, validator=whole(least=0, most=LARGEST_COST), kw_only=True)
    parcel: int = field(default=0, validator=whole(least=0, most=LARGEST_COST), kw_only=True)
    unit: int = field(default=0, validator=whole(least=0, most=LARGEST_COST), kw_only=True)


@frozen
class OnShelf:
    """What a location has of a sku: how many units may be taken, and below how many left it grows short of them (`target`)."""

    sku: str = field(validator=identifier())
    available: int = field(validator=whole(least=0, most=MOST))
    target: int = field(default=0, validator=whole(least=0, most=MOST), kw_only=True)


@frozen
class Location:
    """A warehouse, a shop, a seller's store room. Raises `InvalidValue` where a sku or a zone is named twice."""

    id: str = field(validator=identifier())
    stock: tuple[OnShelf, ...] = field(default=(), validator=members(OnShelf), kw_only=True)
    rates: tuple[Rate, ...] = field(default=(), validator=members(Rate), kw_only=True)

    def __attrs_post_init__(self) -> None:
        _once(f"location {self.id}: a sku", [it.sku for it in self.stock])
        _once(f"location {self.id}: a zone", [rate.zone for rate in self.rates])

    def rate(self, zone: str) -> Rate | None:
        """What it costs to ship to this zone; `None` where the location does not."""
        return next((rate for rate in self.rates if rate.zone == zone), None)


def _once(what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InvalidValue(f"{what} must be named once, got {name} again; add the numbers up first")
        seen.add(name)
