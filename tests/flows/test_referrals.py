"""Referrals as a shop keeps them: who may refer whom, and what both get, once and after the hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from shopwright import CancelOrder, PayOrder, Shop, accepted, customer
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows.growth import commands as g
from shopwright.flows.growth.referrals import note_order
from shopwright.flows.points.commands import MergePoints, RedeemPoints
from shopwright.loyalty.naming import account_id
from shopwright.loyalty.referral_events import RejectReason, Side, Signal
from shopwright.loyalty.referrals import Attribution, Referral, ReferralState, Reward
from shopwright.loyalty.referring import Known
from shopwright.orders.events import CancelReason
from shopwright.ports.storage import START as BEGINNING
from shopwright.ports.storage import Changeset, Storage
from shopwright.refusals import Refusal
from shopwright.wire.growth_kinds import REFERRALS
from shopwright.wire.kinds import KINDS
from tests.flows.growing import DAY, OPEN, REDEEM, delivered, paid_by, qualified, referred, refund, rewarded
from tests.flows.grown import FRIENDS, GROWN, Folk
from tests.flows.grown_malls import a_mall, a_shop, points
from tests.flows.mall import ANN, CLERK, START, Mall, paid, placed, refused
from tests.flows.processes import Opener, opener, race


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS))


class Seen:
    """Whatever two members have in common, as the test says."""

    def __init__(self, *, at_first: Known | None = None, with_order: Known | None = None) -> None:
        self.at_first, self.with_order = at_first or Known(), with_order or Known()

    def known(self, advocate_id: str, referee_id: str, *, order_id: str, at: datetime) -> Known:
        return self.with_order if order_id else self.at_first


def referral(mall: Mall) -> Referral:
    return accepted(mall.shop.growth.referral("ann"))


def test_both_are_rewarded_once_the_order_can_be_returned_no_more(mall: Mall) -> None:  # woo-wallet 55, treg 145
    qualified(mall)
    assert (points(mall, "ann"), points(mall, "bob")) == (0, 0)
    assert mall.shop.growth.sweep_referrals() == 1

    assert (points(mall, "ann"), points(mall, "bob")) == (200, 500)
    assert referral(mall).state is ReferralState.REWARDED
    assert mall.shop.growth.sweep_referrals() == 0


def test_nothing_is_rewarded_before_the_order_is_paid_and_complete(mall: Mall) -> None:  # markm8 125
    referred(mall)
    order = placed(mall.shop)
    mall.shop.growth.follow_referrals()
    assert referral(mall).state is ReferralState.PENDING
    accepted(mall.shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id)))
    mall.shop.growth.follow_referrals()
    assert referral(mall).state is ReferralState.QUALIFIED
    mall.clock.advance(60 * DAY)
    assert mall.shop.growth.sweep_referrals() == 0
    assert points(mall, "bob") == 0


def test_what_goes_back_in_the_hold_is_seen_right_before_the_reward(mall: Mall) -> None:
    refund(mall, qualified(mall), 4900)
    mall.shop.growth.sweep_referrals()

    assert referral(mall).state is ReferralState.PENDING
    assert points(mall, "bob") == 0


def test_what_goes_back_later_takes_the_points_of_both_and_leaves_a_debt_where_they_were_spent(mall: Mall) -> None:
    order = rewarded(mall)
    spent = RedeemPoints(key="prize", by=customer("bob"), account_id=account_id("bob"), redemption_id="prize", points=450)
    accepted(mall.shop.points.redeem(spent))
    refund(mall, order, 4000)
    mall.shop.growth.follow_referrals()

    assert referral(mall).state is ReferralState.CLAWED_BACK
    assert (points(mall, "ann"), points(mall, "bob")) == (0, -450)
    names = [type(it.value).__name__ for it in mall.storage.read(REFERRALS, after=BEGINNING, limit=50)]
    assert names == [
        "ReferralStarted",
        "ReferralQualified",
        "ReferralHeld",
        "RewardGiven",
        "RewardGiven",
        "ReferralRewarded",
        "RewardTakenBack",
        "RewardTakenBack",
        "ReferralClawedBack",
    ]


def test_the_referee_may_be_rewarded_at_once_and_the_advocate_after_the_hold() -> None:  # treg 145
    mall = a_mall(evolve(GROWN, referrals=evolve(FRIENDS, referee_at_once=True)))
    referred(mall)
    order = paid(mall.shop)
    mall.shop.growth.follow_referrals()
    assert (points(mall, "ann"), points(mall, "bob")) == (200, 0)
    delivered(mall, order)
    mall.shop.growth.follow_referrals()
    mall.clock.advance(14 * DAY)
    mall.shop.growth.sweep_referrals()
    assert (points(mall, "ann"), points(mall, "bob")) == (200, 500)


def test_a_member_has_one_advocate_and_whoever_bought_before_is_not_new(mall: Mall) -> None:
    referred(mall)
    accepted(mall.shop.growth.open_referrals(g.OpenReferrals(key="cid", by=customer("cid"), member_id="cid", code="CID")))
    assert refused(mall.shop.growth.redeem_referral(evolve(REDEEM, key="by-cid", code="CID"))) == "referral_taken"
    dan = evolve(REDEEM, key="dan", by=customer("dan"), member_id="dan")
    paid_by(mall, "dan", "dans")
    assert refused(mall.shop.growth.redeem_referral(dan)) == "referral_not_new"


def test_an_order_that_was_canceled_makes_nobody_an_old_customer(mall: Mall) -> None:
    order = placed(mall.shop)
    accepted(mall.shop.orders.cancel(CancelOrder(key="no", by=ANN, order_id=order.id, reason=CancelReason.CUSTOMER)))
    referred(mall)
    assert referral(mall).advocate_id == "bob"


def test_nobody_refers_themselves_or_in_a_circle(mall: Mall) -> None:
    referred(mall)
    code = accepted(mall.shop.growth.open_referrals(g.OpenReferrals(key="anns", by=ANN, member_id="ann")))
    back = evolve(REDEEM, key="bob-by-ann", by=customer("bob"), member_id="bob", code=code.id.lower())
    assert refused(mall.shop.growth.redeem_referral(back)) == "referral_loop"
    alone = g.OpenReferrals(key="dans", by=customer("dan"), member_id="dan", code="DAN")
    accepted(mall.shop.growth.open_referrals(alone))
    themselves = evolve(REDEEM, key="dan-by-dan", by=customer("dan"), member_id="dan", code="DAN")
    assert refused(mall.shop.growth.redeem_referral(themselves)) == "referral_self"


def test_a_code_is_somebodys_alone_and_stays_theirs(mall: Mall) -> None:
    first = accepted(mall.shop.growth.open_referrals(OPEN))
    assert accepted(mall.shop.growth.open_referrals(evolve(OPEN, key="again", code="OTHER"))) == first
    theirs = g.OpenReferrals(key="same", by=ANN, member_id="ann", code="bob-1")
    assert refused(mall.shop.growth.open_referrals(theirs)) == "referral_code_taken"


def test_a_household_is_seen_at_the_door_or_when_it_pays() -> None:
    card = Known(shared=frozenset({Signal.PAYMENT}))
    mall = a_mall(referral_signals=Seen(at_first=card))
    accepted(mall.shop.growth.open_referrals(OPEN))
    assert refused(mall.shop.growth.redeem_referral(REDEEM)) == "referral_signals"

    mall = a_mall(referral_signals=Seen(with_order=card))
    referred(mall)
    paid(mall.shop)
    mall.shop.growth.follow_referrals()
    assert (referral(mall).state, referral(mall).reason) == (ReferralState.REJECTED, RejectReason.SIGNALS)


def test_a_sale_of_an_affiliate_is_whose_the_program_says() -> None:  # Kilo 2643
    blog = Seen(with_order=Known(affiliate_id="blog", affiliate_at=START))
    states = {}
    for rule in (Attribution.REFERRAL, Attribution.AFFILIATE, Attribution.BOTH):
        mall = a_mall(evolve(GROWN, referrals=evolve(FRIENDS, attribution=rule)), referral_signals=blog)
        referred(mall)
        paid(mall.shop)
        mall.shop.growth.follow_referrals()
        states[rule] = referral(mall).state
    assert states == {
        Attribution.REFERRAL: ReferralState.QUALIFIED,
        Attribution.AFFILIATE: ReferralState.PENDING,
        Attribution.BOTH: ReferralState.QUALIFIED,
    }


def test_an_advocate_is_rewarded_for_as_many_as_the_program_says_in_a_period(mall: Mall) -> None:
    accepted(mall.shop.growth.open_referrals(OPEN))
    for who in ("cid", "dan", "eva"):
        accepted(mall.shop.growth.redeem_referral(evolve(REDEEM, key=who, by=customer(who), member_id=who)))
        delivered(mall, paid_by(mall, who, f"of-{who}"))
    mall.clock.advance(14 * DAY)
    mall.shop.growth.sweep_referrals()

    got = [accepted(mall.shop.growth.referral(who)).reward(Side.ADVOCATE) for who in ("cid", "dan", "eva")]
    assert all(isinstance(it, Reward) and it.desired == 500 for it in got)
    assert sorted(it.granted for it in got if it) == [0, 500, 500]
    assert points(mall, "bob") == 1000
    assert [points(mall, who) for who in ("cid", "dan", "eva")] == [200, 200, 200]


def test_a_referral_ends_when_nothing_was_bought_in_time(mall: Mall) -> None:
    referred(mall)
    mall.clock.advance(90 * DAY)
    assert mall.shop.growth.sweep_referrals() == 1
    assert referral(mall).state is ReferralState.EXPIRED


def test_a_person_who_finds_out_takes_back_what_was_given(mall: Mall) -> None:
    rewarded(mall)
    command = g.RejectReferral(key="fraud", by=CLERK, member_id="ann", note="one person")
    assert accepted(mall.shop.growth.reject_referral(command)).reason is RejectReason.FRAUD
    assert mall.shop.growth.reject_referral(command) == referral(mall)
    assert (points(mall, "ann"), points(mall, "bob")) == (0, 0)
    assert refused(mall.shop.growth.reject_referral(evolve(command, key="twice"))) == "referral_over"


def test_two_sides_that_turn_out_to_be_one_member_lose_both_rewards(mall: Mall) -> None:
    order = rewarded(mall)
    one = MergePoints(key="one", by=CLERK, member_id="ann", into_member_id="bob")
    accepted(mall.shop.points.merge(one))
    refund(mall, order, 4000)
    mall.shop.growth.follow_referrals()

    assert referral(mall).state is ReferralState.CLAWED_BACK
    assert points(mall, "bob") == 0


def test_orders_that_are_followed_from_the_beginning_again_change_nothing(mall: Mall) -> None:
    order = rewarded(mall)
    from_before = referral(mall)
    for _ in range(2):
        note_order(mall.shop.ports, order.id, at=mall.clock.now())
    assert referral(mall) == from_before


class Interrupted:
    """A storage in which somebody else is faster once: right before the first commit."""

    def __init__(self, storage: Storage, meanwhile: Callable[[], object]) -> None:
        self._storage, self._meanwhile = storage, [meanwhile]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    def commit(self, change: Changeset) -> Any:
        while self._meanwhile:
            self._meanwhile.pop()()
        return self._storage.commit(change)


def brought(shop: Shop, who: str, by: str) -> Referral | Refusal:
    return shop.growth.redeem_referral(g.RedeemReferral(key=f"{who}-by-{by}", by=customer(who), member_id=who, code=by), at=START)


@pytest.mark.parametrize(
    ("before", "mine", "theirs"),
    [((), "ab", "ba"), (("bc",), "ab", "ca"), (("ab", "cd"), "da", "bc"), (("ab", "bc", "de", "ef"), "cd", "fa")],
    ids=["two", "three", "four in two lines", "six in two lines"],
)
def test_a_circle_is_not_closed_by_whoever_is_faster(before: tuple[str, ...], mine: str, theirs: str) -> None:
    storage = MemoryStorage(KINDS)
    shop = Shop(storage, growth=GROWN, people=Folk())
    for who in "abcdef":
        accepted(shop.growth.open_referrals(g.OpenReferrals(key=who, by=customer(who), member_id=who, code=who), at=START))
    for who, by in before:
        accepted(brought(shop, who, by))
    meddled = Shop(Interrupted(storage, lambda: accepted(brought(shop, *theirs))), growth=GROWN, people=Folk())

    assert refused(brought(meddled, *mine)) == "referral_loop"


def _refer_in_a_circle(open_: Opener, number: int, ready: Any) -> None:
    shop = a_shop(open_)
    ready.wait()
    me, other = f"m{number}", f"m{(number + 1) % 3}"
    shop.growth.redeem_referral(g.RedeemReferral(key=f"r{number}", by=customer(me), member_id=me, code=other), at=START)
    shop.close()


WHERE = pytest.mark.parametrize("where", ["sqlite", pytest.param("postgres", marks=pytest.mark.full)])


@WHERE
def test_members_who_refer_each_other_at_once_make_no_circle(where: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    open_ = opener(where, tmp_path, request)
    shop = a_shop(open_)
    for number in range(3):
        who = f"m{number}"
        accepted(shop.growth.open_referrals(g.OpenReferrals(key=who, by=customer(who), member_id=who, code=who), at=START))
    race(_refer_in_a_circle, 3, open_)

    begun = [shop.growth.referral(f"m{number}") for number in range(3)]
    assert sum(isinstance(it, Referral) for it in begun) == 2
    shop.close()
