"""Verdicts, points, what is told with them, and rehearsals."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.errors import InvalidValue
from shopwright.payments.risk.conditions import AmountAbove, FirstOrder, IsGuest, TooOften
from shopwright.payments.risk.facts import RiskFacts
from shopwright.payments.risk.rehearsing import PastPayment, RuleTried, rehearse
from shopwright.payments.risk.rules import RiskPolicy, RiskRule, assess, trails_of, with_counts
from shopwright.payments.risk.velocities import Happening, Kind, Link, Trail, Velocity
from shopwright.payments.risk.verdicts import Assessment, Fired, Verdict
from shopwright.testing.builders import NOON

CARD = Velocity(by=Link.CARD, within=timedelta(hours=1))


def facts(amount: int = 5_000, **known: Any) -> RiskFacts:
    return RiskFacts(**{"amount": amount, "at": NOON, **known})


def rule(id: str, **says: Any) -> RiskRule:
    return RiskRule(**{"id": id, "when": AmountAbove(1_000), **says})


@pytest.mark.parametrize("verdicts", [some for n in range(5) for some in permutations(Verdict, n)], ids=lambda it: "-".join(it) or "none")
def test_the_verdict_is_the_first_that_some_rule_says_whatever_the_order_of_the_rules(verdicts: tuple[Verdict, ...]) -> None:
    """RISK-4"""
    policy = RiskPolicy(rules=tuple(rule(verdict, then=verdict) for verdict in verdicts))
    wanted = min(verdicts, key=["allow", "block", "challenge", "review"].index, default=Verdict.ALLOW)

    told = assess(policy, facts())
    assert told.verdict is wanted
    assert [it.rule for it in told.fired] == list(verdicts)
    assert assess(policy, facts(amount=1_000)) == Assessment(verdict=Verdict.ALLOW, at=NOON)


@pytest.mark.parametrize(
    ("points", "verdict"), [((10,), "allow"), ((25,), "review"), ((50, 24), "review"), ((50, 25), "block"), ((90, -70), "allow"), ((80, -5), "block")]
)
def test_points_are_added_up_and_held_against_the_bounds_of_the_policy(points: tuple[int, ...], verdict: str) -> None:
    """RISK-5"""
    rules = tuple(rule(f"r{number}", points=each) for number, each in enumerate(points))
    told = assess(RiskPolicy(rules=rules, review_from=25, block_from=75), facts())

    assert (told.verdict, told.points) == (verdict, sum(points))


def test_points_do_not_overrule_what_is_allowed_outright() -> None:
    policy = RiskPolicy(rules=(rule("friend", then=Verdict.ALLOW), rule("much", points=99)), block_from=75)
    assert assess(policy, facts()).verdict is Verdict.ALLOW


def test_bounds_of_points_say_nothing_where_no_rule_gave_any() -> None:
    policy = RiskPolicy(rules=(rule("quiet", when=AmountAbove(9_999_999), points=1),), review_from=0)
    assert assess(policy, facts()).verdict is Verdict.ALLOW


def test_a_decision_keeps_what_its_rules_had_looked_at_and_which_could_not_tell() -> None:
    """RISK-6"""
    policy = RiskPolicy(rules=(rule("much", then=Verdict.REVIEW, version=3), rule("new", when=FirstOrder(), then=Verdict.BLOCK)))

    told = assess(policy, facts())
    assert told == Assessment(
        verdict=Verdict.REVIEW, at=NOON, fired=(Fired("much", 3, Verdict.REVIEW, 0, (("amount", 5_000),)),), unknown=("new",), points=0
    )
    assert assess(policy, facts()) == told


@given(amounts=st.lists(st.integers(0, 3_000), max_size=5), known=st.sampled_from([None, 0, 1]))
def test_what_a_policy_says_does_not_depend_on_the_order_of_its_rules(amounts: list[int], known: int | None) -> None:
    verdicts = list(Verdict)
    rules = [rule(f"r{n}", when=AmountAbove(amount), then=verdicts[n % 4]) for n, amount in enumerate(amounts)]
    rules.append(rule("new", when=FirstOrder(), points=30))
    case = facts(1_500, orders_before=known)
    one = assess(RiskPolicy(rules=tuple(rules), review_from=20), case)
    other = assess(RiskPolicy(rules=tuple(reversed(rules)), review_from=20), case)

    assert (one.verdict, one.points, set(one.fired), set(one.unknown)) == (other.verdict, other.points, set(other.fired), set(other.unknown))


def test_a_velocity_is_counted_on_the_trail_of_its_link_and_not_where_the_link_is_not_known() -> None:
    policy = RiskPolicy(rules=(rule("often", when=TooOften(CARD, above=1), then=Verdict.BLOCK),))
    twice = tuple(Happening(key=key, kind=Kind.ATTEMPT, at=NOON) for key in "ab")
    trails = {"card/c1": Trail(id="card/c1", happenings=twice)}

    def told(**known: Any) -> Assessment:
        return assess(policy, with_counts(facts(**known), policy, trails))

    assert policy.velocities == (CARD,)
    assert (policy.links, policy.keep) == ({Link.CARD}, timedelta(hours=1))
    assert told(links=((Link.CARD, "c1"),)).verdict is Verdict.BLOCK
    assert told(links=((Link.CARD, "c2"),)) == Assessment(verdict=Verdict.ALLOW, at=NOON)
    assert told().unknown == ("often",)
    assert trails_of(facts(links=((Link.IP, "i"), (Link.CARD, "c"))), [Link.CARD, Link.EMAIL, Link.IP]) == ("card/c", "ip/i")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: rule("both", then=Verdict.BLOCK, points=5),
        lambda: rule("neither"),
        lambda: RiskPolicy(rules=(rule("same", points=1), rule("same", points=2))),
        lambda: RiskPolicy(rules=(), review_from=50, block_from=50),
        lambda: RiskPolicy(rules=("block",)),  # type: ignore[arg-type]
    ],
)
def test_what_no_policy_can_mean_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidValue):
        wrong()


# Rehearsals.


def past(key: str, minutes: int, card: str, *, fraud: bool | None = None, then: tuple[Happening, ...] = (), **known: Any) -> PastPayment:
    at = NOON + timedelta(minutes=minutes)
    known_facts = RiskFacts(**{"amount": 5_000, "at": at, "links": ((Link.CARD, card),), **known})
    return PastPayment(key=key, facts=known_facts, fraud=fraud, then=then)


POLICY = RiskPolicy(
    rules=(
        rule("often", when=TooOften(CARD, above=2), then=Verdict.BLOCK),
        rule("guest", when=IsGuest(), then=Verdict.REVIEW),
        rule("dear", when=AmountAbove(100_000), then=Verdict.REVIEW),
    )
)


def test_a_rehearsal_counts_what_the_shop_would_have_counted() -> None:
    """RISK-7"""
    run = [past(f"p{n}", n * 10, "c1", fraud=n >= 2) for n in range(8)] + [past("other", 75, "c2", guest=True), past("late", 300, "c1")]
    seen: list[tuple[str, str]] = []
    told = rehearse(POLICY, run, seen=lambda payment, decided: seen.append((payment.key, decided.verdict)))

    assert seen == [(f"p{n}", "allow" if n < 2 else "block") for n in range(8)] + [("other", "review"), ("late", "allow")]
    assert dict(told.verdicts) == {"allow": 3, "block": 6, "challenge": 0, "review": 1}
    assert (told.payments, told.caught, dict(told.frauds)["block"]) == (10, 6, 6)
    assert told.rules == (
        RuleTried(rule="often", fired=6, frauds=6, alone=6),
        RuleTried(rule="guest", fired=1, unknown=9, alone=1),
        RuleTried(rule="dear"),
    )


def test_what_came_of_a_payment_counts_for_the_next_one_and_not_for_itself() -> None:
    declines = Velocity(by=Link.CARD, within=timedelta(hours=1), kinds=frozenset({Kind.DECLINE}))
    policy = RiskPolicy(rules=(rule("declined", when=TooOften(declines, above=0), then=Verdict.CHALLENGE),))
    no = Happening(key="p0", kind=Kind.DECLINE, at=NOON)
    seen: list[str] = []
    rehearse(policy, [past("p0", 0, "c1", then=(no,)), past("p1", 1, "c1")], seen=lambda _, decided: seen.append(decided.verdict))

    assert seen == ["allow", "challenge"]


def test_past_payments_are_told_in_the_order_of_time() -> None:
    with pytest.raises(InvalidValue, match=r"got early of .* after late"):
        rehearse(POLICY, [past("late", 10, "c1"), past("early", 9, "c1")])


def test_every_pair_of_rules_keeps_its_verdicts_apart() -> None:
    for one, other in product(Verdict, repeat=2):
        told = assess(RiskPolicy(rules=(rule("a", then=one), rule("b", then=other))), facts())
        assert {it.then for it in told.fired} == {one, other}
