"""Laws of tier accounts: however facts arrive, and however often old ones are summed up, the history is that of the facts alone."""

from __future__ import annotations

from datetime import timedelta

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwright.loyalty.qualifying import Counting, MemberFacts
from shopwright.loyalty.tier_accounts import CARRIED, TierAccount, decide, look, merge_accounts, open_account, sum_up, take_in, tier_now
from shopwright.loyalty.tiering import evaluate, joined, replay, tier_at
from shopwright.loyalty.tiers import TierPolicy
from tests.properties.test_tier_laws import DAY, JOINED, facts, moments, policies
from tests.surroundings import tries

END = JOINED + 1_200 * DAY


def steps_of(member: MemberFacts) -> list[tuple[tuple, tuple]]:
    return [((deed,), ()) for deed in member.deeds] + [((), (it,)) for it in member.undone]


def told(member: MemberFacts, policy: TierPolicy, steps: list[tuple[tuple, tuple]]) -> TierAccount:
    account = open_account("ann", policy, joined_at=JOINED)
    account = evolve(account, facts=evolve(account.facts, grants=member.grants))
    for deeds, undone in steps:
        when = max(it.at for it in (*deeds, *undone))
        account = take_in(account, policy, deeds=deeds, undone=undone, at=max(when, account.standing.seen))
    return look(account, policy, at=END)


@given(facts(), policies(), st.randoms(use_true_random=False))
def test_facts_in_any_order_and_twice_give_the_history_of_the_facts_alone(member, policy, rng):  # TIERS-8
    steps = steps_of(member) * 2
    rng.shuffle(steps)
    account = told(member, policy, steps)

    assert account.history == replay(member, policy, at=END)
    assert look(account, policy, at=END) == account


@settings(max_examples=tries(80, full=200))
@given(facts(), policies(), st.lists(moments, max_size=3))
def test_summing_up_old_deeds_changes_no_tier(member, policy, moves):  # TIERS-9
    steps = sorted(steps_of(member), key=lambda step: max(it.at for it in (*step[0], *step[1])))
    account = open_account("ann", policy, joined_at=JOINED)
    account = evolve(account, facts=evolve(account.facts, grants=member.grants))
    for deeds, undone in steps:
        when = max(it.at for it in (*deeds, *undone))
        for move in sorted(moves):
            if move < when:
                account = sum_up(account, policy, before=move)
        account = take_in(account, policy, deeds=deeds, undone=undone, at=max(when, account.standing.seen))
    account = sum_up(look(account, policy, at=END), policy, before=END)

    assert look(account, policy, at=END).history == replay(member, policy, at=END)
    later = END + 400 * DAY
    plain = evaluate(joined(policy, at=JOINED), member, policy, at=later)
    now = decide(account, policy, at=later)
    assert (now.standing.tier, now.standing.since, now.lost_at, now.missing, now.next) == (
        plain.standing.tier,
        plain.standing.since,
        plain.lost_at,
        plain.missing,
        plain.next,
    )


@given(facts(), policies())
def test_what_is_summed_up_leaves_no_deed_behind_that_no_span_can_count(member, policy):
    account = sum_up(told(member, policy, steps_of(member)), policy, before=END)

    assert all(deed.id == CARRIED or deed.at >= account.carried_until for deed in account.facts.deeds)
    assert sum(deed.id == CARRIED for deed in account.facts.deeds) == 1


@given(facts(), policies(), moments)
def test_the_tier_of_a_moment_is_told_by_the_clock_and_not_by_when_somebody_looked(member, policy, later):
    account = told(member, policy, steps_of(member))
    at = END + (later - JOINED)

    assert tier_now(account, policy, at=at) == evaluate(account.standing, account.facts, policy, at=at).standing.tier
    assert tier_now(account, policy, at=later) == tier_at(account.history, later)


@given(facts(grants=False), policies(), moments)
def test_a_policy_of_a_new_version_changes_no_history(member, policy, late):
    account = told(member, policy, steps_of(member))
    stricter = evolve(policy, tiers=policy.tiers[:1] + tuple([evolve(tier, version=2) for tier in policy.tiers[1:]]), grace_days=3, version=2)
    at = END + (late - JOINED) + timedelta(seconds=1)
    after = look(account, stricter, at=at)

    assert after.history[: len(account.history) - 1] == account.history[:-1]
    assert tier_at(after.history, END) == account.standing.tier
    assert after.policy_version == 2


@given(facts(), facts(), policies(), st.booleans(), st.booleans())
def test_of_two_members_who_are_one_all_deeds_count_and_the_history_of_the_one_that_goes_on_stays(one, other, policy, summed_one, summed_other):
    apart = evolve(other, deeds=tuple([evolve(it, id=f"x{it.id}") for it in other.deeds]))
    apart = evolve(apart, undone=tuple([evolve(it, id=f"x{it.id}", of=f"x{it.of}") for it in other.undone]))
    into, gone = told(one, policy, steps_of(one)), told(apart, policy, steps_of(apart))
    into = sum_up(into, policy, before=END) if summed_one else into
    gone = sum_up(gone, policy, before=END) if summed_other else gone
    at = END + DAY
    left, after = merge_accounts(gone, into, policy, at=at)
    both = evolve(one, deeds=one.deeds + apart.deeds, undone=one.undone + apart.undone, grants=one.grants + apart.grants)

    assert (left.facts.deeds, left.merged_into) == ((), into.id)
    assert after.history[: len(look(into, policy, at=at).history) - 1] == look(into, policy, at=at).history[:-1]
    counted = Counting(after.facts, policy, at, at).deserved()
    assert counted == Counting(both, policy, at, at).deserved()
