"""A promotion set: the promotions of a shop with the rules that hold between them, as one value.

It is what a file of promotions holds, what the linter reads and what an engine is made from.
"""

from __future__ import annotations

from attrs import field, frozen

from shopwright.edges import members, of
from shopwright.promotions.engine import Engine
from shopwright.promotions.promotion import Promotion, Stacking, in_order
from shopwright.promotions.search import Search


@frozen
class PromotionSet:
    """Promotions, how they stack, and how the best of them are searched.

    Raises `InvalidValue` for wrong types, for ids that come twice, and for a lane that the stacking rules do not name.
    """

    promotions: tuple[Promotion, ...] = field(default=(), validator=members(Promotion))
    stacking: Stacking = field(default=Stacking(), validator=of(Stacking))
    how: Search = field(default=Search(), validator=of(Search))

    def __attrs_post_init__(self) -> None:
        in_order(self.promotions, self.stacking)

    def engine(self) -> Engine:
        """The engine that evaluates these promotions."""
        return Engine(self.promotions, stacking=self.stacking, how=self.how)
