"""What is wrong with a promotion whatever stands beside it: it can never apply, it has ended, it means no goods, it has no bound."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from shopwright.promotions.effects import EachOff, FixedPrice, Percent
from shopwright.promotions.extras import Ladder
from shopwright.promotions.linting.clauses import Truth
from shopwright.promotions.linting.findings import Code, Finding, Live, Severity
from shopwright.promotions.linting.lines import Ask
from shopwright.promotions.linting.reach import Question, may_be
from shopwright.promotions.promotion import Promotion, Stacking
from shopwright.promotions.units import BuyGet, EveryNth

_FAR = datetime(9990, 1, 1, tzinfo=UTC)
"""A promotion that can still apply then has no end."""
_NO_RULES = Stacking()
_MUCH = 10**15
"""Lines that can amount to so much have no bound."""


def never(promotion: Promotion, at: datetime | None) -> Finding | None:
    """Why no basket gets anything of it, if that is so."""
    if at is not None and promotion.ends is not None and promotion.ends <= at:
        return _finding(Code.ENDED, Severity.WARNING, promotion, f"it ended at {promotion.ends.isoformat()}; archive it, or give it a new end")
    live = Live((promotion,), _NO_RULES, None)
    if not may_be(live.question((promotion,), timeless=True)):
        return _finding(Code.UNREACHABLE, Severity.ERROR, promotion, "no basket meets its condition: its parts contradict each other; mend `when`")
    if not may_be(live.question((promotion,))):
        return _finding(
            Code.CONTRADICTORY_WINDOWS,
            Severity.ERROR,
            promotion,
            "its windows, its start and its end leave no moment at which it applies; mend them until they overlap",
        )
    if at is not None and not may_be(Live((promotion,), _NO_RULES, at).question((promotion,))):
        return _finding(Code.ENDED, Severity.WARNING, promotion, "its windows are all over; archive it, or give it new ones")
    return _no_goods(promotion, live)


def _no_goods(promotion: Promotion, live: Live) -> Finding | None:
    """Effects of which none has a line to work on."""
    for effect in promotion.effects:
        wanted = lines_wanted(effect)
        if wanted is None or may_be(live.question((promotion,), some=wanted)):
            return None
    message = "its condition and the lines that its effects mean never come together in one basket, so that it gives nothing; mend `lines` or `when`"
    return _finding(Code.NO_GOODS, Severity.ERROR, promotion, message)


def lines_wanted(effect: Any) -> tuple[Any, ...] | None:
    """Predicates of each of which a line must be there for the effect to do anything; `None` where it needs none, or does not tell."""
    if hasattr(effect, "parts"):
        return tuple([part.lines for part in effect.parts])
    if isinstance(effect, BuyGet):
        return effect.bought, effect.given
    lines = getattr(effect, "lines", None)
    return None if lines is None else (lines,)


def unbounded(promotion: Promotion, *, limited: frozenset[str]) -> Iterator[Finding]:
    """That nothing bounds what it may cost: no cap, no limit, no end."""
    limits = promotion.limits
    if promotion.ends is not None or promotion.id in limited or limits.total is not None or limits.units is not None or limits.budget:
        return
    if not may_be(Question(((promotion.when, Truth.TRUE),), starts=_FAR)):
        return
    for effect in promotion.effects:
        lines = _uncapped(effect)
        if lines is not None and may_be(Question(((promotion.when, Truth.TRUE),), asks=(Ask(lines, True, _MUCH),))):
            message = "it has no end, no limit on its uses, and no cap on what it takes off one order; give it one of the three"
            yield _finding(Code.UNBOUNDED_BUDGET, Severity.WARNING, promotion, message)
            return


def _uncapped(effect: Any) -> Any:
    """The lines that it takes off without a bound in money or in units; `None` where there is a bound, or none can be told."""
    if isinstance(effect, BuyGet):
        return effect.given if effect.times is None else None
    if isinstance(effect, EveryNth):
        return effect.lines if effect.times is None else None
    if not isinstance(effect, Percent | EachOff | FixedPrice | Ladder):
        return None
    if effect.cap.per_order or (effect.cap.units is not None and (effect.cap.per_unit or isinstance(effect, EachOff))):
        return None
    if isinstance(effect, Ladder) and not any(rung.percent for rung in effect.rungs):
        return None
    return effect.lines


def _finding(code: Code, severity: Severity, promotion: Promotion, message: str) -> Finding:
    return Finding(code, severity, (promotion.id,), message)
