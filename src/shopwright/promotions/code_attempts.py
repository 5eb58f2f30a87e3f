"""How often somebody may be wrong: the hook for an app's own limiter, and a sliding window as a plain value.

Rules
- only what could have been a guess counts: a code of the right form that was never issued, or was issued to somebody else. A typing mistake is
  seen by its check letter, which anybody can work out: it tells nothing and costs nothing;
- within any span as long as the window there are at most `limit` wrong codes; a failure counts until exactly one window later;
- a time before a failure that is already known counts that failure too: a clock that jumps back frees nobody.

Refusals

| code | condition | facts |
|---|---|---|
| `coupon_attempts` | the limiter does not allow another attempt; asked before the code is looked at | none |
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Protocol

from attrs import evolve, field, frozen

from shopwright.edges import of, whole
from shopwright.errors import InvalidValue
from shopwright.periods import utc
from shopwright.promotions.code_books import CodeBook, IssuedCode, admit
from shopwright.refusals import Refusal

_GUESSES = frozenset({"coupon_unknown", "coupon_not_yours"})
_is_span = of(timedelta)


class AttemptLimiter(Protocol):
    """Who may try another code. An app brings one that all its processes share; `subject` is what it limits by: a member, a session, an address.

    Two processes can be allowed at once before either has failed. A limiter that must hold under such a race counts in `allow` already, and gives
    the attempt back when `failed` does not follow.
    """

    def allow(self, subject: str, *, at: datetime) -> bool:
        """Whether this subject may try a code now."""
        ...

    def failed(self, subject: str, *, at: datetime) -> None:
        """Take note of a wrong code."""
        ...


def enter(book: CodeBook, typed: str, *, subject: str, limiter: AttemptLimiter, at: datetime, member: str | None = None) -> IssuedCode | Refusal:
    """`admit` behind a limiter, which is told of each guess that missed; refuses `coupon_attempts` when it does not allow one."""
    if not limiter.allow(subject, at=at):
        return out_of_attempts()
    outcome = admit(book, typed, at=at, member=member)
    if isinstance(outcome, Refusal) and outcome.code in _GUESSES:
        limiter.failed(subject, at=at)
    return outcome


def out_of_attempts() -> Refusal:
    """The refusal of another attempt; the same for every code."""
    return Refusal("coupon_attempts", "too many wrong codes were entered; try again later")


def _window(instance: Any, attribute: Any, value: Any) -> None:
    _is_span(instance, attribute, value)
    if value <= timedelta(0):
        raise InvalidValue(f"Attempts.window must be a timedelta above zero, got {value!r}")


def _sorted(failures: object) -> tuple[datetime, ...]:
    if not isinstance(failures, Iterable):
        raise InvalidValue(f"Attempts.failures must be times, got {type(failures).__name__}")
    return tuple(sorted(utc(each, "Attempts.failures") for each in failures))


@frozen(kw_only=True)
class Attempts:
    """The wrong codes of one subject, of which `limit` are allowed within a `window`; ten in an hour by default.

    Keeps no more than `limit` failures, the latest. Raises `InvalidValue` for a limit below 1, a window not above zero, times without a zone.
    """

    limit: int = field(default=10, validator=whole(least=1, most=10_000))
    window: timedelta = field(default=timedelta(hours=1), validator=_window)
    failures: tuple[datetime, ...] = field(default=(), converter=_sorted)

    def allows(self, at: datetime) -> bool:
        """Whether another code may be tried now."""
        return len(self._counting(at)) < self.limit

    def after(self, at: datetime) -> Attempts:
        """The attempts with one more failure; those that no longer count are gone."""
        moment = utc(at)
        return evolve(self, failures=tuple(sorted((*self._counting(moment), moment)))[-self.limit :])

    def free_at(self, at: datetime) -> datetime:
        """From when on another code may be tried: `at`, in UTC, when that is now."""
        counting = self._counting(at)
        return utc(at) if len(counting) < self.limit else counting[-self.limit] + self.window

    def _counting(self, at: datetime) -> tuple[datetime, ...]:
        moment = utc(at)
        return tuple(failure for failure in self.failures if moment - failure < self.window)
