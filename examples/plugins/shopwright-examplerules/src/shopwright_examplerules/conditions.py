"""A condition: goods of at least so many of these brands are in the basket."""

from __future__ import annotations

from attrs import field, frozen
from shopwright.edges import whole
from shopwright.promotions.basket import Basket, as_names, some_names
from shopwright.promotions.conditions import Unmet
from shopwright.promotions.matching import Keys


@frozen
class FromBrands:
    """Goods of at least so many of these brands."""

    brands: frozenset[str] = field(converter=as_names, validator=some_names)
    least: int = field(default=2, validator=whole(least=1))
    reads = frozenset(("brand",))

    @property
    def keys(self) -> Keys:
        """One of the brands: without any of them it is never met, so nobody needs to look."""
        return frozenset(("brand", brand) for brand in self.brands)

    def unmet(self, basket: Basket) -> Unmet | None:
        """How many brands are missing."""
        found = len(self.brands & {line.brand for line in basket.lines})
        return None if found >= self.least else Unmet("from_brands", self.least, found, self.least - found, "brands")
