"""How often somebody may be wrong: the hook for an app's own limiter, and a sliding window as a plain value.

Rules
- only what could have been a guess counts: a code of the right form that was never issued, or was issued to somebody else. A typing mistake is
  seen by its check letter, which anybody can work out: it tells nothing and costs nothing;
- a limiter that is told which code it was counts a wrong code once, however often it is asked: a cart is quoted again and again, and a code
  that was wrong tells nothing new. It keeps fingerprints, never codes;
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
from hashlib import sha256
from typing import Any, Protocol

from attrs import evolve, field, frozen

from shopwright.edges import members, of, whole
from shopwright.errors import InvalidValue
from shopwright.periods import utc
from shopwright.promotions.code_books import CodeBook, IssuedCode, admit
from shopwright.promotions.codes import squeeze
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


class CodeLimiter(AttemptLimiter, Protocol):
    """A limiter that is told which code was wrong, so that it can count one that comes again once."""

    def missed(self, subject: str, code: str, *, at: datetime) -> None:
        """Take note of a wrong code; called in place of `failed`."""
        ...


def note(limiter: AttemptLimiter, subject: str, code: str, *, at: datetime) -> None:
    """Tell a limiter of a wrong code, and which one where it wants to know."""
    missed = getattr(limiter, "missed", None)
    if callable(missed):
        missed(subject, code, at=at)
    else:
        limiter.failed(subject, at=at)


def enter(book: CodeBook, typed: str, *, subject: str, limiter: AttemptLimiter, at: datetime, member: str | None = None) -> IssuedCode | Refusal:
    """`admit` behind a limiter, which is told of each guess that missed; refuses `coupon_attempts` when it does not allow one."""
    if not limiter.allow(subject, at=at):
        return out_of_attempts()
    outcome = admit(book, typed, at=at, member=member)
    if isinstance(outcome, Refusal) and outcome.code in _GUESSES:
        note(limiter, subject, typed, at=at)
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
    seen: tuple[tuple[str, datetime], ...] = field(default=(), validator=members(tuple))
    """Fingerprints of the codes that failed, where `after` was told them, each with when it did."""

    def allows(self, at: datetime) -> bool:
        """Whether another code may be tried now."""
        return len(self._counting(at)) < self.limit

    def after(self, at: datetime, *, code: str = "") -> Attempts:
        """The attempts with one more failure; those that no longer count are gone. A `code` whose failure still counts is none again."""
        moment = utc(at)
        counting = self._counting(moment)
        seen = tuple([(known, when) for known, when in self.seen if moment - when < self.window])
        if code:
            fingerprint = sha256(squeeze(code).encode()).hexdigest()[:24]
            if any(known == fingerprint for known, _ in seen):
                return evolve(self, failures=counting, seen=seen)
            seen = (*seen, (fingerprint, moment))[-self.limit :]
        return evolve(self, failures=tuple(sorted((*counting, moment)))[-self.limit :], seen=seen)

    def free_at(self, at: datetime) -> datetime:
        """From when on another code may be tried: `at`, in UTC, when that is now."""
        counting = self._counting(at)
        return utc(at) if len(counting) < self.limit else counting[-self.limit] + self.window

    def _counting(self, at: datetime) -> tuple[datetime, ...]:
        moment = utc(at)
        return tuple(failure for failure in self.failures if moment - failure < self.window)
