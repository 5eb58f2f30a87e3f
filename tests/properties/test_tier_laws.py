"""Laws of tiers, under any policy and any facts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from shopwright.loyalty.expiry import EndOf
from shopwright.loyalty.qualifying import Counting, Deed, MemberFacts, TierGrant, Undone
from shopwright.loyalty.tiering import evaluate, joined, replay, tier_at
from shopwright.loyalty.tiers import (
    AllOf,
    AnyOf,
    AtLeast,
    Basis,
    Calendar,
    Drop,
    Keep,
    Lifetime,
    MemberYear,
    Returns,
    Rolling,
    SinceTier,
    Tier,
    TierPolicy,
    Upgrade,
    spans_of,
)

JOINED = datetime(2024, 2, 29, 9, tzinfo=UTC)
DAY = timedelta(days=1)
UNITS = (EndOf.MONTH, EndOf.QUARTER, EndOf.YEAR)

moments = st.integers(0, 900).map(lambda days: JOINED + days * DAY)
rolling = st.builds(Rolling, months=st.integers(0, 8), days=st.integers(1, 40))
steady = st.one_of(st.builds(Lifetime), st.builds(Calendar, st.sampled_from(UNITS)), rolling, st.builds(MemberYear))
spans = st.one_of(steady, st.builds(SinceTier))


def requirements(over):
    single = st.builds(AtLeast, st.sampled_from(Basis), st.integers(1, 20), over)
    several = st.lists(single, min_size=1, max_size=2).map(tuple)
    return st.one_of(single, st.builds(AllOf, several), st.builds(AnyOf, several))


def policies(over=spans):
    def made(requires, **more):
        tiers = (Tier(id="t0"), *[Tier(id=f"t{place}", requires=each) for place, each in enumerate(requires, 1)])
        counts_since = any(isinstance(span, SinceTier) for each in requires for span in spans_of(each))
        if more["keep"] is Keep.NOT and (counts_since or more["upgrade"] is Upgrade.NEXT_PERIOD):
            more["keep"] = Keep.PERIOD_END
        return TierPolicy(tiers=tiers, zone="Europe/Berlin", **more)

    return st.builds(
        made,
        st.lists(requirements(over), min_size=1, max_size=3),
        period=st.sampled_from(UNITS),
        upgrade=st.sampled_from(Upgrade),
        keep=st.sampled_from(Keep),
        drop=st.sampled_from(Drop),
        returns=st.sampled_from(Returns),
        grace_days=st.sampled_from((0, 0, 7)),
    )


@st.composite
def facts(draw, grants: bool = True) -> MemberFacts:
    numbers = st.integers(0, 12)
    deeds = [
        Deed(id=f"d{number}", at=when, spend=draw(numbers), orders=1, points=draw(numbers))
        for number, when in enumerate(draw(st.lists(moments, max_size=6)))
    ]
    undone = [
        Undone(id=f"u-{deed.id}", of=deed.id, at=deed.at + draw(st.integers(0, 90)) * DAY, spend=deed.spend, orders=1, points=deed.points)
        for deed in deeds
        if draw(st.booleans())
    ]
    given_ = [TierGrant(tier="t1", start=start, end=start + 40 * DAY, reason="why") for start in draw(st.lists(moments, max_size=1 if grants else 0))]
    return MemberFacts(joined=JOINED, deeds=tuple(deeds), undone=tuple(undone), grants=tuple(given_))


@given(facts(), policies(), moments)
def test_history_has_no_gap_and_no_overlap_and_begins_with_joining(member, policy, until):  # TIERS-6
    told = replay(member, policy, at=until)

    assert (told[0].start, told[-1].end) == (JOINED, None)
    assert all(one.end == other.start and one.tier != other.tier and one.start < other.start for one, other in pairwise(told))
    assert all(tier_at(told, it.start) == it.tier for it in told)


@given(facts(), policies(), moments, st.randoms(use_true_random=False))
def test_the_order_in_which_facts_arrive_changes_nothing(member, policy, until, rng):  # TIERS-4
    deeds, undone = list(member.deeds), list(member.undone)
    rng.shuffle(deeds)
    rng.shuffle(undone)

    assert replay(evolve(member, deeds=tuple(deeds), undone=tuple(undone)), policy, at=until) == replay(member, policy, at=until)


@given(facts(), policies(), st.lists(moments, min_size=1, max_size=4))
def test_looking_twice_or_more_often_changes_nothing(member, policy, times):  # TIERS-4, TIERS-5
    standing = joined(policy, at=JOINED)
    for moment in sorted(times):
        once = evaluate(standing, member, policy, at=moment)
        again = evaluate(once.standing, member, policy, at=moment)
        standing = again.standing
        assert (again.standing, again.lost_at, again.changed) == (once.standing, once.lost_at, False)

    last = replay(member, policy, at=max(times))[-1]
    assert (standing.tier, standing.since) == (last.tier, last.start)


@given(facts(), policies(), st.lists(moments, min_size=1, max_size=4))
def test_what_came_later_changes_no_history(member, policy, times):
    early, late = min(times), max(times)
    before, after = replay(member, policy, at=early), replay(member, policy, at=late)

    assert [tier_at(after, it.start) for it in before] == [it.tier for it in before]
    assert tier_at(after, early) == before[-1].tier


@given(facts(grants=False), policies(steady), moments)
def test_at_once_and_without_keeping_the_tier_is_the_one_that_is_deserved(member, policy, until):
    strict = evolve(policy, upgrade=Upgrade.AT_ONCE, keep=Keep.NOT, grace_days=0, drop=Drop.TO_DESERVED)
    deserved = Counting(member, strict, until, JOINED).deserved()

    assert replay(member, strict, at=until)[-1].tier == strict.tiers[deserved].id


@given(facts(), policies(), moments)
def test_nobody_is_below_what_they_deserve_once_upgrades_are_at_once(member, policy, until):
    policy = evolve(policy, upgrade=Upgrade.AT_ONCE)
    told = evaluate(joined(policy, at=JOINED), member, policy, at=until)

    assert policy.place(told.tier.id) >= Counting(member, policy, until, told.standing.since).deserved() or told.changed
