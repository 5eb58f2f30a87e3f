"""Try risk rules on past payments before they decide on the next one.

Rules
- RISK-7: past payments are gone through in the order of time, and trails are kept in memory by the very functions that a shop keeps them with, so a
  rehearsal counts what the shop would have counted;
- what is known of the end (`fraud`) is only held against the verdicts, never told to the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from heapq import heappop, heappush
from itertools import count

from attrs import field, frozen

from shopwright.edges import maybe, members, of, whole
from shopwright.errors import InvalidValue
from shopwright.payments.risk.facts import RiskFacts
from shopwright.payments.risk.rules import RiskPolicy, assess, trails_of, with_counts
from shopwright.payments.risk.velocities import Happening, Kind, Trail, noted
from shopwright.payments.risk.verdicts import Assessment, Verdict


@frozen(kw_only=True)
class PastPayment:
    """A payment of the past: what was known when it was decided, what came of it, and whether it turned out to be fraud, if that is known.

    `amount` is its own where that is less than what was judged: a part of what was to be paid at once. `before` is what its order left before.
    """

    key: str
    facts: RiskFacts = field(validator=of(RiskFacts))
    amount: int | None = field(default=None, validator=maybe(whole(least=0)))
    before: tuple[Happening, ...] = field(default=(), validator=members(Happening))
    then: tuple[Happening, ...] = field(default=(), validator=members(Happening))
    fraud: bool | None = field(default=None, validator=maybe(of(bool)))


@frozen(kw_only=True)
class RuleTried:
    """How one rule did: how often it fired, and at fraud; how often it could not tell; and of how many payments the verdict was its alone."""

    rule: str
    fired: int = 0
    frauds: int = 0
    unknown: int = 0
    alone: int = 0


@frozen(kw_only=True)
class Rehearsal:
    """What a policy would have decided: verdicts, verdicts on what turned out to be fraud, and each rule."""

    payments: int
    verdicts: tuple[tuple[Verdict, int], ...]
    frauds: tuple[tuple[Verdict, int], ...]
    rules: tuple[RuleTried, ...]

    @property
    def caught(self) -> int:
        """How many frauds were not simply allowed."""
        return sum([count for verdict, count in self.frauds if verdict is not Verdict.ALLOW])


Seen = Callable[[PastPayment, Assessment], None]
"""Told each payment and what was decided about it."""


def rehearse(policy: RiskPolicy, past: Iterable[PastPayment], *, seen: Seen | None = None) -> Rehearsal:
    """What these rules would have decided, one payment after the other. Raises `InvalidValue` where time goes back."""
    course, tally = _Course(policy), _Tally(policy)
    before: PastPayment | None = None
    for payment in past:
        if before is not None and payment.facts.at < before.facts.at:
            raise InvalidValue(f"expected past payments in the order of time, got {payment.key} of {payment.facts.at} after {before.key}")
        before = payment
        told = assess(policy, with_counts(payment.facts, policy, course.with_attempt(payment)))
        tally.add(payment, told)
        if seen is not None:
            seen(payment, told)
        course.await_all(payment)
    return tally.report()


class _Course:
    """The trails as time goes by: what came of a payment is noted when its time has come, and not before."""

    def __init__(self, policy: RiskPolicy) -> None:
        self._policy = policy
        self._trails: dict[str, Trail] = {}
        self._awaited: list[tuple[datetime, int, RiskFacts, Happening]] = []
        self._number = count()

    def with_attempt(self, payment: PastPayment) -> dict[str, Trail]:
        """The trails once this payment was attempted."""
        facts = payment.facts
        while self._awaited and self._awaited[0][0] <= facts.at:
            *_, known, happening = heappop(self._awaited)
            self._note(known, happening)
        for happening in payment.before:
            self._note(facts, happening)
        amount = facts.amount if payment.amount is None else payment.amount
        attempt = Happening(key=payment.key, kind=Kind.ATTEMPT, at=facts.at, amount=amount, currency=facts.currency, links=facts.links)
        self._note(facts, attempt)
        return self._trails

    def await_all(self, payment: PastPayment) -> None:
        """Take in what came of a payment."""
        for happening in payment.then:
            heappush(self._awaited, (happening.at, next(self._number), payment.facts, happening))

    def _note(self, facts: RiskFacts, happening: Happening) -> None:
        for id in trails_of(facts, self._policy.links):
            self._trails[id] = noted(self._trails.get(id, Trail(id=id)), happening, keep=self._policy.keep)


class _Tally:
    """Counts as it goes."""

    def __init__(self, policy: RiskPolicy) -> None:
        self._rules = [rule.id for rule in policy.rules]
        self._counts: dict[tuple[str, str], int] = {}
        self._payments = 0

    def add(self, payment: PastPayment, told: Assessment) -> None:
        """Count one payment in."""
        self._payments += 1
        self._up("verdict", told.verdict)
        if payment.fraud:
            self._up("fraud", told.verdict)
        for it in told.fired:
            self._up("fired", it.rule)
            if payment.fraud:
                self._up("frauds", it.rule)
        for rule in told.unknown:
            self._up("unknown", rule)
        decisive = [it.rule for it in told.fired if it.then is told.verdict]
        if len(decisive) == 1:
            self._up("alone", decisive[0])

    def report(self) -> Rehearsal:
        """What was counted."""
        rules = [
            RuleTried(rule=id, **{name: self._counts.get((name, id), 0) for name in ("fired", "frauds", "unknown", "alone")}) for id in self._rules
        ]
        return Rehearsal(payments=self._payments, verdicts=self._by("verdict"), frauds=self._by("fraud"), rules=tuple(rules))

    def _by(self, name: str) -> tuple[tuple[Verdict, int], ...]:
        return tuple((verdict, self._counts.get((name, verdict), 0)) for verdict in Verdict)

    def _up(self, name: str, of: str) -> None:
        self._counts[name, of] = self._counts.get((name, of), 0) + 1
