"""Who is in which tier: what counts, when a tier begins, how long it is kept, and how it is lost."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

import pytest

from shopwright.errors import InvalidValue
from shopwright.loyalty.expiry import EndOf
from shopwright.loyalty.qualifying import Deed, MemberFacts, Missing, TierGrant, Undone
from shopwright.loyalty.tiering import Interval, Progress, TierCause, evaluate, joined, replay, tier_at, tier_before
from shopwright.loyalty.tiers import (
    AllOf,
    AnyOf,
    AtLeast,
    Basis,
    Benefits,
    Calendar,
    Drop,
    Keep,
    Lifetime,
    MemberYear,
    Requirement,
    Returns,
    Rolling,
    SinceTier,
    Tier,
    TierPolicy,
    Upgrade,
)

ORDERS, SPEND = Basis.ORDERS, Basis.SPEND


def at(text: str) -> datetime:
    return datetime.fromisoformat(text + ("" if "T" in text else "T12:00") + "+00:00")


def spent(amount: int, over: object = Calendar()) -> AtLeast:
    return AtLeast(SPEND, amount, over)


def a_policy(*, silver: Requirement = spent(100), gold: Requirement = spent(300), **more: object) -> TierPolicy:
    tiers = (Tier(id="regular"), Tier(id="silver", requires=silver), Tier(id="gold", requires=gold, gives=Benefits(points_rate=15_000)))
    return TierPolicy(tiers=tiers, zone="UTC", **more)


def order(day: str, amount: int) -> Deed:
    return Deed(id=day, at=at(day), spend=amount, orders=1)


def member(*deeds: Deed, undone: tuple[Undone, ...] = (), grants: tuple[TierGrant, ...] = (), since: str = "2025-01-01") -> MemberFacts:
    return MemberFacts(joined=at(since), deeds=deeds, undone=undone, grants=grants)


def history(facts: MemberFacts, policy: TierPolicy, until: str = "2030-01-01") -> list[tuple[str, str, str]]:
    return [(it.tier, it.start.isoformat()[:16], it.cause.value) for it in replay(facts, policy, at=at(until))]


def test_everybody_begins_in_the_lowest_tier_and_a_threshold_is_met_by_its_amount():  # TIERS-1, TIERS-2
    """The first tier was skipped: frappe/erpnext#22167."""
    facts = member(order("2025-02-01", 99), order("2025-03-01", 1))

    assert history(facts, a_policy(), "2025-03-02") == [("regular", "2025-01-01T12:00", "joined"), ("silver", "2025-03-01T12:00", "deserved")]


def test_an_order_earns_by_the_tier_before_it():  # TIERS-7
    """The crossing order was given the new tier's rate: frappe/erpnext#33550."""
    told = replay(member(order("2025-03-01", 100)), a_policy(), at=at("2025-04-01"))
    crossing = at("2025-03-01")

    assert (tier_before(told, crossing), tier_at(told, crossing), tier_before(told, at("2025-01-01"))) == ("regular", "silver", "regular")
    with pytest.raises(InvalidValue, match="within the history"):
        tier_at(told, at("2024-12-31"))


def test_one_order_may_lift_by_several_tiers():
    assert history(member(order("2025-03-01", 300)), a_policy(), "2025-04-01")[-1] == ("gold", "2025-03-01T12:00", "deserved")


def test_a_tier_may_begin_with_the_next_period():
    policy = a_policy(upgrade=Upgrade.NEXT_PERIOD, period=EndOf.QUARTER)

    assert history(member(order("2025-02-01", 300)), policy, "2025-12-01")[1:] == [("gold", "2025-04-01T00:00", "deserved")]


@pytest.mark.parametrize(
    ("keep", "lost"),
    [
        (Keep.NOT, "2026-01-01T00:00"),
        (Keep.PERIOD_END, "2026-01-01T00:00"),
        (Keep.NEXT_PERIOD_END, "2027-01-01T00:00"),
        (Keep.YEAR, "2026-12-31T00:00"),
    ],
)
def test_a_tier_is_kept_for_as_long_as_the_policy_says_after_it_was_last_deserved(keep, lost):  # TIERS-5
    facts = member(order("2025-02-01", 100))

    assert history(facts, a_policy(keep=keep))[1:] == [("silver", "2025-02-01T12:00", "deserved"), ("regular", lost, "not_kept")]


@pytest.mark.parametrize(("keep", "lost"), [(Keep.NOT, "2026-01-11T00:00"), (Keep.PERIOD_END, "2026-01-11T00:00")])
def test_days_of_grace_come_on_top_of_what_is_kept(keep, lost):
    told = history(member(order("2025-02-01", 100)), a_policy(keep=keep, grace_days=10), "2026-02-01")

    assert told[-1] == ("regular", lost, "not_kept")


@pytest.mark.parametrize(("drop", "falls"), [(Drop.TO_DESERVED, ["regular"]), (Drop.ONE_STEP, ["silver", "regular"])])
def test_a_tier_that_is_not_kept_falls_to_what_is_deserved_or_by_a_step(drop, falls):
    told = history(member(order("2025-02-01", 300)), a_policy(keep=Keep.PERIOD_END, drop=drop))

    assert [tier for tier, _, _ in told[2:]] == falls


@pytest.mark.parametrize(
    ("returns", "after"),
    [
        (Returns.COUNT, []),
        (Returns.DROP_AT_ONCE, [("regular", "2025-04-01T12:00", "undone")]),
        (Returns.DROP_TO_BEFORE, [("silver", "2025-04-01T12:00", "undone")]),
    ],
)
def test_what_is_undone_counts_no_more_and_may_end_a_tier_at_once(returns, after):  # TIERS-3
    facts = member(
        order("2025-02-01", 100),
        order("2025-03-01", 200),
        undone=(Undone(id="r-1", of="2025-03-01", at=at("2025-04-01"), spend=200), Undone(id="r-2", of="2025-02-01", at=at("2025-04-01"), spend=900)),
    )

    assert history(facts, a_policy(returns=returns), "2025-06-01")[3:] == after


def test_a_tier_given_by_hand_lasts_as_long_as_it_was_given_for():
    grants = (TierGrant(tier="gold", start=at("2025-02-01"), end=at("2025-05-01"), reason="an apology"),)

    assert history(member(order("2025-03-01", 100), grants=grants), a_policy())[1:] == [
        ("gold", "2025-02-01T12:00", "granted"),
        ("silver", "2025-05-01T12:00", "not_kept"),
        ("regular", "2027-01-01T00:00", "not_kept"),
    ]


def test_a_tier_given_for_good_stays():
    facts = member(grants=(TierGrant(tier="gold", start=at("2025-02-01"), reason="the founder"),))

    assert history(facts, a_policy())[-1] == ("gold", "2025-02-01T12:00", "granted")


@pytest.mark.parametrize(
    ("over", "there"),
    [
        (Lifetime(), 15),
        (Calendar(EndOf.MONTH), 8),
        (Calendar(EndOf.YEAR), 14),
        (Rolling(days=10), 8),
        (Rolling(months=1), 12),
        (MemberYear(), 14),
        (SinceTier(), 8),
    ],
)
def test_a_span_counts_from_its_own_beginning(over, there):
    facts = member(
        Deed(id="a", at=at("2024-12-31"), spend=1),
        Deed(id="b", at=at("2025-01-01"), spend=2),
        Deed(id="c", at=at("2025-02-28"), spend=4),
        Deed(id="d", at=at("2025-03-20"), spend=8),
        Deed(id="e", at=at("2025-03-29"), spend=16),
        since="2024-01-01",
    )
    standing = joined(a_policy(), at=at("2025-03-01"))

    told = evaluate(standing, facts, a_policy(silver=spent(99, over)), at=at("2025-03-28"))

    assert told.next == Progress(tier="silver", missing=(Missing(basis=SPEND, over=over, needed=99, there=there),))


def test_the_year_of_who_joined_on_29_february_begins_on_the_28th_in_other_years():
    facts = member(Deed(id="a", at=at("2025-02-27"), spend=100), Deed(id="b", at=at("2025-02-28"), spend=100), since="2024-02-29")
    policy = a_policy(silver=spent(200, MemberYear()))

    assert history(facts, policy, "2025-12-01") == [("regular", "2024-02-29T12:00", "joined")]
    assert evaluate(joined(policy, at=facts.joined), facts, policy, at=at("2025-03-01")).next.missing[0].there == 100


def test_requirements_are_joined_by_all_and_any_and_the_way_up_is_the_shortest():
    either = AnyOf((AllOf((spent(100), AtLeast(ORDERS, 4))), AtLeast(ORDERS, 10)))
    facts = member(order("2025-02-01", 90), order("2025-02-02", 0), order("2025-02-03", 0))
    policy = a_policy(silver=either, gold=spent(10_000))

    told = evaluate(joined(policy, at=facts.joined), facts, policy, at=at("2025-03-01"))

    assert [(it.basis, it.amount, it.part) for it in told.next.missing] == [(SPEND, 10, Fraction(1, 10)), (ORDERS, 1, Fraction(1, 4))]
    more = member(*facts.deeds, order("2025-02-04", 10))
    assert evaluate(told.standing, more, policy, at=at("2025-03-01")).tier.id == "silver"


def test_a_decision_tells_what_is_kept_until_when_and_what_would_keep_it():
    facts = member(order("2025-02-01", 100))
    policy = a_policy(keep=Keep.NEXT_PERIOD_END)
    first = evaluate(joined(policy, at=facts.joined), facts, policy, at=at("2025-02-01"))

    later = evaluate(first.standing, facts, policy, at=at("2026-06-01"))

    assert (first.changed, later.changed, later.lost_at) == (True, False, at("2027-01-01T00:00"))
    assert later.missing == (Missing(basis=SPEND, over=Calendar(), needed=100, there=0),)
    assert (first.tier.gives.points_rate, policy.tiers[2].gives.points_rate) == (10_000, 15_000)


def test_who_looks_late_finds_the_moment_at_which_the_tier_ended():
    facts = member(order("2025-02-01", 300))
    policy = a_policy(keep=Keep.PERIOD_END, drop=Drop.ONE_STEP)
    first = evaluate(joined(policy, at=facts.joined), facts, policy, at=at("2025-02-01"))

    late = evaluate(first.standing, facts, policy, at=at("2029-07-01"))

    assert (late.standing.tier, late.standing.since, late.standing.before) == ("regular", at("2027-01-01T00:00"), "silver")


def test_an_interval_tells_its_tier_its_times_and_its_cause():
    told = replay(member(order("2025-03-01", 100)), a_policy(), at=at("2025-04-01"))

    assert told[0] == Interval(tier="regular", start=at("2025-01-01"), end=at("2025-03-01"), cause=TierCause.JOINED)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: TierPolicy(tiers=(Tier(id="a"), Tier(id="a", requires=spent(1))), zone="UTC"), "each tier once, got a, a"),
        (lambda: TierPolicy(tiers=(Tier(id="a", requires=spent(1)),), zone="UTC"), "the lowest tier, a, to ask for nothing"),
        (lambda: TierPolicy(tiers=(Tier(id="a"), Tier(id="b")), zone="UTC"), "every other to ask for something"),
        (lambda: TierPolicy(tiers=(Tier(id="a"),), zone="Nowhere/At-all"), "Nowhere/At-all"),
        (lambda: a_policy().place("bronze"), "there is no tier bronze; allowed: regular, silver, gold"),
        (Rolling, "of some months or days"),
        (lambda: a_policy(upgrade=Upgrade.NEXT_PERIOD, keep=Keep.NOT), "next period to be kept"),
        (lambda: a_policy(silver=AnyOf((spent(1), spent(2, SinceTier()))), keep=Keep.NOT), "for they begin with nothing"),
        (lambda: AllOf(()), "at least 1 members"),
        (lambda: member(order("2025-02-01", 1), order("2025-02-01", 1)), "got 2025-02-01 twice"),
        (lambda: replay(member(), a_policy(), at=at("2024-01-01")), "expected a moment from 2025-01-01"),
        (lambda: evaluate(joined(a_policy(), at=at("2025-01-01")), member(), a_policy(), at=at("2024-01-01")), "when the tier was looked at last"),
    ],
)
def test_what_makes_no_sense_is_refused(wrong, words):
    with pytest.raises(InvalidValue, match=words):
        wrong()
