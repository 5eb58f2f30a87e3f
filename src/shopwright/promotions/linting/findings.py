"""What the linter finds: stable codes with their severity, as values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from shopwright.edges import maybe, of, whole
from shopwright.promotions.basket import BasketLine
from shopwright.promotions.linting.clauses import Truth
from shopwright.promotions.linting.lines import Ask
from shopwright.promotions.linting.reach import Question, both, may_be
from shopwright.promotions.matching import LineMatch
from shopwright.promotions.promotion import Promotion, Stacking, is_legal


class Severity(StrEnum):
    """How bad it is."""

    ERROR = "error"
    """The set does what nobody wants, or a promotion does nothing."""
    WARNING = "warning"
    """The set may do what nobody wants."""


class Code(StrEnum):
    """What can be found; the codes are stable."""

    UNREACHABLE = "unreachable"
    CONTRADICTORY_WINDOWS = "contradictory_windows"
    NO_GOODS = "no_goods"
    ENDED = "ended"
    SHADOWED = "shadowed"
    OVERLAPPING_STACKS = "overlapping_stacks"
    AMBIGUOUS_TIES = "ambiguous_ties"
    FREE_GOODS = "free_goods"
    BELOW_COST = "below_cost"
    UNBOUNDED_BUDGET = "unbounded_budget"


@frozen
class Finding:
    """Something that is found: its code, how bad it is, the promotions that it is about, and words for people."""

    code: Code
    severity: Severity
    promotions: tuple[str, ...]
    message: str

    def __str__(self) -> str:
        return f"{self.severity} {self.code} {', '.join(self.promotions)}: {self.message}"


@frozen
class Good:
    """Goods as they are sold, with what a unit costs the shop in minor units; only the unit price, the floor and the attributes of `line` count."""

    line: BasketLine = field(validator=of(BasketLine))
    currency: str = field(validator=of(str))
    cost: int | None = field(default=None, validator=maybe(whole(least=0)))


@frozen
class Live:
    """The promotions that are looked at, in the order in which they are taken, and from when on."""

    promotions: tuple[Promotion, ...]
    stacking: Stacking
    at: datetime | None
    _known: Any = field(factory=dict, init=False, eq=False, repr=False)

    def question(
        self,
        promotions: Sequence[Promotion],
        *,
        some: tuple[LineMatch, ...] = (),
        asks: tuple[Ask, ...] = (),
        market: str = "",
        timeless: bool = False,
    ) -> Question:
        """Whether all of these can apply to one basket."""
        starts = [it for it in (self.at, *[promotion.starts for promotion in promotions]) if it is not None]
        ends = [promotion.ends for promotion in promotions if promotion.ends is not None]
        conditions = tuple([(promotion.when, Truth.TRUE) for promotion in promotions])
        return Question(conditions, max(starts, default=None), min(ends, default=None), some, asks, market, timeless)

    def pairs(self) -> Iterable[tuple[Promotion, Promotion]]:
        """Each two that may stand together, the one that is taken first first."""
        for place, other in enumerate(self.promotions):
            for one in self.promotions[:place]:
                if is_legal((one, other), self.stacking):
                    yield one, other

    def can_meet(self, promotions: Sequence[Promotion], *some: LineMatch) -> bool:
        """Whether all of these can apply to one basket that has these lines in it; reckoned once."""
        key = tuple([it.id for it in promotions]), some
        known: dict[Any, bool] = self._known
        if key not in known:
            known[key] = may_be(self.question(promotions, some=some))
        return known[key]

    def can_overlap(self, promotions: Sequence[Promotion], one: LineMatch, other: LineMatch) -> bool:
        """Whether all of these can apply to one basket with a line that both predicates mean. Most pairs are told apart by their lines alone."""
        lines = both(one, other)
        return self.can_meet((), lines) and self.can_meet(promotions, lines)


def rate_text(basis_points: int) -> str:
    """Basis points as a percentage."""
    units, part = divmod(basis_points, 100)
    return f"{units}.{part:02}".rstrip("0").rstrip(".") + " %"
