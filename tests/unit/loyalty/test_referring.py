"""Referrals: who may refer whom, which order counts, when rewards are given and when they go back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from shopwright.errors import InvalidValue
from shopwright.loyalty.referral_events import RejectReason, Side, Signal
from shopwright.loyalty.referrals import Attribution, Referral, ReferralProgram, ReferralState, Reward
from shopwright.loyalty.referring import Known, Referred, ReferredOrder, expire, note_order, refer, reject, reward, sale_goes_to
from shopwright.members.actors import SYSTEM, staff
from shopwright.refusals import Refusal, accepted

DAY = timedelta(days=1)
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
PROGRAM = ReferralProgram(id="friends", currency="EUR", advocate_points=500, referee_points=200, least=3000, hold_days=14)


def begun(program: ReferralProgram = PROGRAM, **more: object) -> Referral:
    return accepted(refer(program, advocate_id="ann", referee_id="bob", at=START, **more)).referral


def order(amount: int = 5000, *, completed: int | None = None, **more: object) -> ReferredOrder:
    """An order of the day after, completed so many days after the start."""
    facts = {"id": "o1", "buyer_id": "bob", "placed_at": START + DAY, "currency": "EUR", "amount": amount, "paid": True}
    return ReferredOrder(**facts | {"completed_at": None if completed is None else START + completed * DAY} | more)


def names(told: Referred) -> list[str]:
    return [type(event).__name__ for event in told.events]


def held(program: ReferralProgram = PROGRAM) -> Referral:
    return note_order(begun(program), order(completed=5), at=START + 5 * DAY).referral


def test_nobody_refers_themselves_nor_whoever_brought_them():  # REFERRAL-1, REFERRAL-3
    themselves = refer(PROGRAM, advocate_id="ann", referee_id="ann", at=START)
    circle = refer(PROGRAM, advocate_id="ann", referee_id="bob", before=("cid", "bob"), at=START)

    assert isinstance(themselves, Refusal)
    assert isinstance(circle, Refusal)
    assert (themselves.code, circle.code) == ("referral_self", "referral_loop")


def test_who_has_bought_before_is_not_new_unless_the_program_does_not_mind():
    said = refer(PROGRAM, advocate_id="ann", referee_id="bob", is_new=False, at=START)

    assert isinstance(said, Refusal)
    assert said.code == "referral_not_new"
    assert begun(evolve(PROGRAM, new_only=False), is_new=False).state is ReferralState.PENDING


def test_what_both_have_in_common_rejects_or_is_noted_as_the_program_says():  # REFERRAL-3
    said = refer(PROGRAM, advocate_id="ann", referee_id="bob", known=Known(shared=frozenset({Signal.PAYMENT, Signal.NETWORK})), at=START)

    assert said == Refusal("referral_signals", "advocate and referee have in common: payment", {"signals": "payment"})
    assert begun(known=Known(shared=frozenset({Signal.NETWORK}))).signals == (Signal.NETWORK,)


def test_a_card_that_only_the_order_shows_to_be_shared_rejects_later():
    told = note_order(begun(), order(), known=Known(shared=frozenset({Signal.PAYMENT})), at=START + DAY)

    assert names(told) == ["ReferralRejected"]
    assert (told.referral.state, told.referral.reason, told.referral.signals) == (ReferralState.REJECTED, RejectReason.SIGNALS, (Signal.PAYMENT,))


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 2999},
        {"paid": False},
        {"currency": "USD"},
        {"buyer_id": "cid"},
        {"placed_at": START - DAY},
        {"placed_at": START + 90 * DAY},
    ],
)
def test_an_order_counts_only_if_it_is_paid_large_enough_and_in_time(wrong):  # REFERRAL-4
    assert note_order(begun(), evolve(order(), **wrong), at=START + 2 * DAY).events == ()
    assert names(note_order(begun(), order(3000), at=START + 2 * DAY)) == ["ReferralQualified"]


def test_an_order_of_nothing_never_counts():
    assert note_order(begun(evolve(PROGRAM, least=0)), order(0), at=START + DAY).events == ()


def test_the_advocate_waits_until_the_order_can_be_returned_no_more():  # REFERRAL-4
    waiting = held()
    due = START + 19 * DAY

    assert waiting.due_at == due
    assert reward(waiting, at=due - timedelta(microseconds=1)).events == ()
    told = reward(waiting, at=due)
    assert names(told) == ["RewardGiven", "RewardGiven", "ReferralRewarded"]
    assert told.referral.rewards == (
        Reward(side=Side.REFEREE, desired=200, granted=200, at=due),
        Reward(side=Side.ADVOCATE, desired=500, granted=500, at=due),
    )


def test_an_order_that_is_not_complete_is_held_for_good():
    waiting = note_order(begun(), order(), at=START + DAY).referral

    assert waiting.due_at is None
    assert reward(waiting, at=START + 900 * DAY).events == ()


def test_the_referee_can_be_rewarded_at_once_and_the_advocate_later():
    program = evolve(PROGRAM, referee_at_once=True)
    now = note_order(begun(program), order(), at=START + DAY)

    assert names(now) == ["ReferralQualified", "RewardGiven"]
    then = note_order(now.referral, order(completed=5), at=START + 5 * DAY).referral
    assert names(reward(then, at=START + 19 * DAY)) == ["RewardGiven", "ReferralRewarded"]


def test_each_side_is_rewarded_once_whatever_happens_in_between():  # REFERRAL-2
    told = reward(held(), at=START + 19 * DAY)

    assert reward(told.referral, at=START + 20 * DAY).events == ()
    assert note_order(told.referral, order(completed=5), at=START + 20 * DAY).events == ()


def test_an_advocate_at_the_cap_gets_none_and_the_wish_is_told():
    told = reward(held(), left=0, at=START + 19 * DAY)

    assert told.referral.reward(Side.ADVOCATE) == Reward(side=Side.ADVOCATE, desired=500, granted=0, at=START + 19 * DAY)
    assert told.referral.reward(Side.REFEREE) == Reward(side=Side.REFEREE, desired=200, granted=200, at=START + 19 * DAY)


def test_an_order_that_goes_back_in_the_hold_lets_another_take_its_place():  # REFERRAL-5
    back = note_order(held(), order(0, completed=5), at=START + 9 * DAY)

    assert names(back) == ["ReferralUnqualified"]
    assert (back.referral.state, back.referral.due_at) == (ReferralState.PENDING, START + 90 * DAY)
    again = note_order(back.referral, order(id="o2", completed=12), at=START + 12 * DAY).referral
    assert (again.state, again.order_id, again.due_at) == (ReferralState.QUALIFIED, "o2", START + 26 * DAY)


def test_an_order_that_goes_back_later_takes_both_rewards_with_it():  # REFERRAL-5
    rewarded = reward(held(), at=START + 19 * DAY).referral
    told = note_order(rewarded, order(2999, completed=5), at=START + 30 * DAY)

    assert names(told) == ["RewardTakenBack", "RewardTakenBack", "ReferralClawedBack"]
    assert told.referral.state is ReferralState.CLAWED_BACK
    assert all(it.taken_back for it in told.referral.rewards)
    assert note_order(told.referral, order(2999, completed=5), at=START + 31 * DAY).events == ()


def test_a_referee_who_was_rewarded_at_once_loses_it_with_the_order():
    paid = note_order(begun(evolve(PROGRAM, referee_at_once=True)), order(), at=START + DAY).referral

    assert names(note_order(paid, order(0), at=START + 2 * DAY)) == ["RewardTakenBack", "ReferralClawedBack"]


def test_another_order_that_goes_back_changes_nothing():
    rewarded = reward(held(), at=START + 19 * DAY).referral

    assert note_order(rewarded, order(0, id="o2"), at=START + 30 * DAY).events == ()


def test_part_of_an_order_may_go_back_while_enough_is_left():
    assert note_order(held(), order(3000, completed=5), at=START + 9 * DAY).events == ()


def test_a_referral_expires_when_the_referee_has_bought_nothing_in_time():
    late = begun()

    assert expire(late, at=START + 90 * DAY - timedelta(seconds=1)).events == ()
    assert expire(late, at=START + 90 * DAY).referral.state is ReferralState.EXPIRED
    assert expire(held(), at=START + 90 * DAY).events == ()


def test_a_person_can_end_a_referral_with_a_reason_and_takes_back_what_was_given():
    rewarded = reward(held(), at=START + 19 * DAY).referral
    told = accepted(reject(rewarded, reason=RejectReason.FRAUD, note="one person", by=staff("eve"), at=START + 20 * DAY))

    assert names(told) == ["RewardTakenBack", "RewardTakenBack", "ReferralRejected"]
    again = reject(told.referral, reason=RejectReason.OTHER, by=SYSTEM, at=START + 21 * DAY)
    assert isinstance(again, Refusal)
    assert again.code == "referral_over"


@pytest.mark.parametrize(
    ("rule", "touched", "goes"),
    [
        (Attribution.REFERRAL, START - DAY, (True, False)),
        (Attribution.AFFILIATE, START + DAY, (False, True)),
        (Attribution.BOTH, START, (True, True)),
        (Attribution.FIRST, START - DAY, (False, True)),
        (Attribution.FIRST, START + DAY, (True, False)),
        (Attribution.FIRST, None, (True, False)),
        (Attribution.LAST, START - DAY, (True, False)),
        (Attribution.LAST, START + DAY, (False, True)),
    ],
)
def test_a_sale_that_an_affiliate_brought_too_is_whose_the_program_says(rule, touched, goes):  # REFERRAL-6
    program = evolve(PROGRAM, attribution=rule)
    known = Known(affiliate_id="blog", affiliate_at=touched)

    assert sale_goes_to(program, referred_at=START, known=known) == goes
    assert sale_goes_to(program, referred_at=START, known=Known()) == (True, False)
    assert bool(note_order(begun(program), order(), known=known, at=START + DAY).events) is goes[0]


def test_a_program_gives_somebody_something():
    with pytest.raises(InvalidValue, match="got none for either"):
        ReferralProgram(id="empty", currency="EUR", advocate_points=0)
