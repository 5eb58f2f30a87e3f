"""Laws of referrals, however orders are told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import reduce

from attrs import evolve as changed
from hypothesis import given
from hypothesis import strategies as st

from shopwright.loyalty.referral_events import ReferralEvent, RejectReason, RewardGiven, RewardTakenBack, Side
from shopwright.loyalty.referrals import TRANSITIONS, Referral, ReferralProgram, ReferralState, evolve
from shopwright.loyalty.referring import Referred, ReferredOrder, expire, note_order, refer, reject, reward
from shopwright.members.actors import SYSTEM
from shopwright.refusals import Refusal, accepted

START, DAY = datetime(2026, 1, 1, tzinfo=UTC), timedelta(days=1)

programs = st.builds(
    ReferralProgram,
    id=st.just("p"),
    currency=st.just("EUR"),
    advocate_points=st.integers(1, 9),
    referee_points=st.integers(0, 9),
    least=st.integers(0, 60),
    within_days=st.integers(1, 40),
    hold_days=st.integers(0, 20),
    referee_at_once=st.booleans(),
)
orders = st.builds(
    ReferredOrder,
    id=st.sampled_from(("o1", "o2")),
    buyer_id=st.just("bob"),
    placed_at=st.integers(0, 45).map(lambda days: START + days * DAY),
    currency=st.just("EUR"),
    amount=st.integers(0, 100),
    paid=st.booleans(),
    completed_at=st.none() | st.integers(0, 60).map(lambda days: START + days * DAY),
)
steps = st.lists(st.one_of(orders, st.sampled_from(("reward", "expire", "reject"))), max_size=10)


def taken(referral: Referral, step: ReferredOrder | str, at: datetime) -> Referred:
    if isinstance(step, ReferredOrder):
        return note_order(referral, step, at=at)
    if step == "reject":
        said = reject(referral, reason=RejectReason.FRAUD, by=SYSTEM, at=at)
        return Referred(referral) if isinstance(said, Refusal) else said
    return reward(referral, at=at) if step == "reward" else expire(referral, at=at)


def begun(program: ReferralProgram) -> Referral:
    return accepted(refer(program, advocate_id="ann", referee_id="bob", at=START)).referral


@given(programs, steps)
def test_each_side_gets_its_reward_once_and_never_loses_more_than_it_got(program, ways):  # REFERRAL-2
    referral, told = begun(program), []
    for day, step in enumerate(ways):
        after = taken(referral, step, START + 9 * day * DAY)
        assert taken(after.referral, step, START + 9 * day * DAY).events == ()
        referral, told = after.referral, [*told, *after.events]

    for side in Side:
        got = [it.granted for it in told if isinstance(it, RewardGiven) and it.side is side]
        lost = [it.points for it in told if isinstance(it, RewardTakenBack) and it.side is side]
        assert len(got) <= 1
        assert len(lost) <= len(got)
        assert sum(lost) <= sum(got)
        ended_badly = referral.state in (ReferralState.CLAWED_BACK, ReferralState.REJECTED, ReferralState.EXPIRED)
        assert not ended_badly or sum(lost) == sum(got)


@given(programs, steps)
def test_a_referral_is_what_its_events_make_of_it(program, ways):
    first = begun(program)
    referral, told = first, []
    for day, step in enumerate(ways):
        after = taken(referral, step, START + 9 * day * DAY)
        referral, told = after.referral, [*told, *after.events]

    assert reduce(evolve, told, first) == referral


@given(programs, orders, st.permutations(range(4)))
def test_the_order_in_which_news_of_an_order_arrives_does_not_matter_where_nobody_was_rewarded_before(program, order, turns):
    """Whoever delivers an event late reads the order as it stands, which is the last of these in every case."""
    program = changed(program, referee_at_once=False)
    grown = [changed(order, paid=False), changed(order, paid=True), order, order]
    told = begun(program)
    for turn in turns:
        told = note_order(told, grown[turn], at=START + 50 * DAY).referral
    last = note_order(told, order, at=START + 50 * DAY).referral
    alone = note_order(begun(program), order, at=START + 50 * DAY).referral

    assert changed(last, event_count=0) == changed(alone, event_count=0)


def test_every_state_can_be_reached_and_each_that_is_not_final_leads_to_an_end():
    ahead = {state: set(targets.values()) for state, targets in TRANSITIONS.items()}
    ends = {state for state, targets in ahead.items() if not targets}
    for state in ReferralState:
        seen, todo = set(), [state]
        while todo:
            here = todo.pop()
            if here not in seen:
                seen.add(here)
                todo += ahead[here]
        assert seen & ends, f"{state} is a dead end"


def test_an_event_that_a_state_does_not_list_leaves_it_where_it_is():
    every: set[type[ReferralEvent]] = {event for targets in TRANSITIONS.values() for event in targets}
    assert all(set(targets) <= every for targets in TRANSITIONS.values())
    over = expire(begun(ReferralProgram(id="p", currency="EUR", advocate_points=1, within_days=1)), at=START + DAY).referral
    after = reward(over, at=START + 9 * DAY)
    assert (after.referral, after.events) == (over, ())
