"""Risk rules: which payments are taken, refused, asked for a proof, or looked at by a person; and why.

    told = assess(policy, facts)
    if told.verdict is Verdict.BLOCK: ...

Rules
- RISK-4: all rules are asked, and all that fire are told; the first of allow, block, challenge, review that some rule says is the verdict, whatever
  the order of the rules, and a payment of which no rule says anything is allowed;
- RISK-5: rules that give points say nothing alone: their sum is held against the bounds of the policy, after what the other rules say outright;
- RISK-6: a decision keeps what each rule that fired had looked at, under the rule's id and version, and which rules could not tell; deciding again on
  the same facts gives the same.

The order of the verdicts is that of Stripe Radar, with the challenge after the block, since who is refused need not prove anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import cached_property

from attrs import evolve, field, frozen

from shopwright.edges import identifier, maybe, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.payments.risk.conditions import ChargebacksAbove, OnList, RiskCondition, parts_of, velocities_of
from shopwright.payments.risk.facts import RiskFacts
from shopwright.payments.risk.velocities import CHARGEBACKS_KEPT, Kind, Link, Trail, Velocity, counted, trail_id
from shopwright.payments.risk.verdicts import Assessment, Fired, Verdict


@frozen(kw_only=True)
class RiskRule:
    """When something holds of a payment, this follows: a verdict (`then`), or so many `points`. `why` is for the people of the shop.

    Raises `InvalidValue` for a rule with both or neither.
    """

    id: str = field(validator=identifier(most=100))
    when: RiskCondition
    then: Verdict | None = field(default=None, validator=maybe(of(Verdict)))
    points: int = field(default=0, validator=whole(least=-10_000, most=10_000))
    version: int = field(default=1, validator=whole(least=1))
    why: str = field(default="", validator=text(most=1_000))

    def __attrs_post_init__(self) -> None:
        if (self.then is None) == (self.points == 0):
            raise InvalidValue(f"rule {self.id} must either say what follows (`then`) or give points, got {self.then!r} and {self.points} points")


@frozen(kw_only=True)
class RiskPolicy:
    """The rules of a shop, and from how many points on a payment is reviewed or refused. Raises `InvalidValue` where an id is used twice."""

    rules: tuple[RiskRule, ...] = field(validator=members(RiskRule))
    review_from: int | None = field(default=None, validator=maybe(whole()))
    block_from: int | None = field(default=None, validator=maybe(whole()))

    def __attrs_post_init__(self) -> None:
        ids = [rule.id for rule in self.rules]
        twice = {id for id in ids if ids.count(id) > 1}
        if twice:
            raise InvalidValue(f"each rule needs an id of its own, got {', '.join(sorted(twice))} more than once")
        if self.review_from is not None and self.block_from is not None and self.block_from <= self.review_from:
            raise InvalidValue(f"expected fewer points for a review than for a block, got {self.review_from} and {self.block_from}")

    @cached_property
    def velocities(self) -> tuple[Velocity, ...]:
        """What has to be counted before the rules can be asked, each once."""
        return tuple(dict.fromkeys([velocity for rule in self.rules for velocity in velocities_of(rule.when)]))

    @cached_property
    def asks(self) -> frozenset[type]:
        """The types of the conditions in its rules, so that nobody has to find out what none of them asks for."""
        return frozenset([type(part) for rule in self.rules for part in parts_of(rule.when)])

    @cached_property
    def lists(self) -> tuple[str, ...]:
        """The names of the lists that are asked for, sorted."""
        return tuple(sorted({part.name for rule in self.rules for part in parts_of(rule.when) if isinstance(part, OnList)}))

    @cached_property
    def links(self) -> frozenset[Link]:
        """The links whose trails are asked for; all of them where chargebacks count."""
        return frozenset(Link) if ChargebacksAbove in self.asks else frozenset([velocity.by for velocity in self.velocities])

    @cached_property
    def distinct(self) -> frozenset[Link]:
        """The links that what happens has to be remembered with."""
        return frozenset([velocity.distinct for velocity in self.velocities if velocity.distinct is not None])

    @cached_property
    def keep(self) -> timedelta:
        """How long trails have to remember."""
        return max([velocity.within for velocity in self.velocities], default=timedelta(0))


_ORDER = (Verdict.ALLOW, Verdict.BLOCK, Verdict.CHALLENGE, Verdict.REVIEW)


def assess(policy: RiskPolicy, facts: RiskFacts) -> Assessment:
    """Ask all rules (RISK-4 to RISK-6). Velocities count this payment too where it was noted first: above 3, that is the fourth."""
    fired: list[Fired] = []
    unknown: list[str] = []
    for rule in policy.rules:
        told = rule.when.holds(facts)
        if told is None:
            unknown.append(rule.id)
        elif told:
            fired.append(Fired(rule.id, rule.version, rule.then, rule.points, rule.when.inputs(facts)))
    points = sum([it.points for it in fired])
    said = {it.then for it in fired if it.then is not None} | _by_points(policy, points, any(it.points for it in fired))
    verdict = next((verdict for verdict in _ORDER if verdict in said), Verdict.ALLOW)
    return Assessment(verdict=verdict, at=facts.at, fired=tuple(fired), unknown=tuple(unknown), points=points)


def _by_points(policy: RiskPolicy, points: int, given: bool) -> set[Verdict]:
    if not given:
        return set()
    if policy.block_from is not None and points >= policy.block_from:
        return {Verdict.BLOCK}
    return {Verdict.REVIEW} if policy.review_from is not None and points >= policy.review_from else set()


def with_counts(facts: RiskFacts, policy: RiskPolicy, trails: Mapping[str, Trail]) -> RiskFacts:
    """The facts with what the velocities of the policy count on these trails, by id; a link without a trail has seen nothing.

    How often payments with the same links were charged back is counted too, where a rule asks and nobody has told. A velocity whose link is not
    known is not counted, so a rule about it cannot tell.
    """
    counts: list[tuple[Velocity, int]] = []
    told = facts.chargebacks
    if told is None and ChargebacksAbove in policy.asks and facts.links:
        told = _chargebacks([trails[id] for id in trails_of(facts, policy.links) if id in trails], facts)
    for velocity in policy.velocities:
        value = facts.link(velocity.by)
        if value is not None:
            id = trail_id(velocity.by, value)
            counts.append((velocity, counted(trails.get(id, Trail(id=id)), velocity, at=facts.at, currency=facts.currency)))
    return evolve(facts, counts=tuple(counts), chargebacks=told)


def _chargebacks(trails: Iterable[Trail], facts: RiskFacts) -> int:
    """How many payments that share a link with this one were charged back, each counted once."""
    since = facts.at - CHARGEBACKS_KEPT
    return len({it.key for trail in trails for it in trail.happenings if it.kind is Kind.CHARGEBACK and since < it.at <= facts.at})


def trails_of(facts: RiskFacts, links: Iterable[Link]) -> tuple[str, ...]:
    """The ids of the trails that a payment with these facts leaves, sorted."""
    return tuple(sorted([trail_id(link, value) for link in set(links) if (value := facts.link(link)) is not None]))
