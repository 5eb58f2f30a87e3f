"""What the linter finds: stable codes with their severity, as values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from attrs import field, frozen

from shopwright.edges import maybe, of, whole
from shopwright.promotions.basket import BasketLine
from shopwright.promotions.effects import Aim
from shopwright.promotions.linting.asking import ANYTHING_AT_ALL, Asked, asked, looks
from shopwright.promotions.linting.clauses import Truth
from shopwright.promotions.linting.lines import Ask
from shopwright.promotions.linting.meeting import Meeting, alike, apart, earlier
from shopwright.promotions.linting.reach import Question, both, may_be
from shopwright.promotions.matching import LineMatch
from shopwright.promotions.promotion import Promotion, Stacking
from shopwright.promotions.standing import bits


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


def silent() -> None:
    """Nobody wants to know how far it is."""


@frozen(slots=False)
class Live:
    """The promotions that are looked at, in the order in which they are taken, and from when on; `tick` is called for each that was looked at."""

    promotions: tuple[Promotion, ...]
    stacking: Stacking
    at: datetime | None
    tick: Callable[[], None] = field(default=silent, eq=False, repr=False)
    _known: Any = field(factory=dict, init=False, eq=False, repr=False)

    @cached_property
    def apart(self) -> list[int]:
        """For each promotion those that may not stand beside it, as a set with a bit for each place."""
        return apart(self.promotions, self.stacking)

    @cached_property
    def places(self) -> dict[str, int]:
        """The places of the promotions by their ids."""
        return {it.id: place for place, it in enumerate(self.promotions)}

    @cached_property
    def everyone(self) -> int:
        """All of them, as such a set."""
        return (1 << len(self.promotions)) - 1

    @cached_property
    def of_goods(self) -> int:
        """Those that change what goods cost."""
        return sum(1 << place for place, it in enumerate(self.promotions) if it.aim < Aim.SHIPPING)

    @cached_property
    def _around(self) -> Meeting:
        return Meeting([asked(it) for it in self.promotions])

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

    def pairs(
        self, asks: Callable[[Promotion], Asked | None], same: Callable[[Promotion], Any] = lambda _: None
    ) -> Iterator[tuple[Promotion, Promotion]]:
        """Each two that may stand together and could meet, for all that they ask for, and that are the same in something; the one that is taken
        first first. Those that ask for `None` are left out.
        """
        given = [asks(it) for it in self.promotions]
        meeting = Meeting([it or _NOTHING for it in given])
        wanted = sum(1 << place for place, it in enumerate(given) if it is not None)
        of_a_kind = alike(self.promotions, same)
        for place, other in enumerate(self.promotions):
            self.tick()
            if wanted >> place & 1:
                for before in earlier(meeting.with_(place) & wanted & of_a_kind[place] & ~self.apart[place], place):
                    yield self.promotions[before], other

    def in_place_of(self, one: Promotion, like: Sequence[int]) -> Iterator[Promotion]:
        """Those that may not stand beside this one, could apply whenever it does, and are among those that are like it, by their places."""
        self.tick()
        place = self.places[one.id]
        for other in bits(self._around.wherever(place, looks(one.when)) & like[place] & self.apart[place]):
            yield self.promotions[other]

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


_NOTHING = Asked(ANYTHING_AT_ALL)


def rate_text(basis_points: int) -> str:
    """Basis points as a percentage."""
    units, part = divmod(basis_points, 100)
    return f"{units}.{part:02}".rstrip("0").rstrip(".") + " %"
