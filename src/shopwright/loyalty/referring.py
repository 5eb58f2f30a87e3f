"""What can become of a referral: each verb looks at it and answers with the referral as it stands afterwards and the events to append.

    begun = refer(program, advocate_id="ann", referee_id="bob", known=Known(), at=now)
    if isinstance(begun, Refusal): ...
    ordered = note_order(begun.referral, order, at=now)

Rules
- REFERRAL-3: nobody gets anything for themselves, in a circle, or for somebody with whom they share what the program does not allow;
- REFERRAL-4: only a paid order that counts and was placed in time qualifies, and only once it can be returned no more is the advocate rewarded;
- REFERRAL-5: an order that goes back, so that less is left than counts, takes with it what was given for it;
- REFERRAL-6: an order that an affiliate brought as well is whose the program says it is (`sale_goes_to`);
- orders are told as they stand and not as what happened to them, so that telling one twice, or late, changes nothing.

Refusals of `refer`: `referral_self`, `referral_loop`, `referral_not_new`, `referral_signals` (fact: `signals`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import reduce

from attrs import field, frozen

from shopwright.edges import aware, identifier, maybe, members, of, text, whole
from shopwright.loyalty import referral_events as e
from shopwright.loyalty.referral_events import ReferralEvent, RejectReason, Side, Signal
from shopwright.loyalty.referrals import Attribution, Referral, ReferralProgram, ReferralState, evolve, too_late_at
from shopwright.members.actors import SYSTEM, Actor
from shopwright.periods import aware as is_aware
from shopwright.refusals import Refusal


@frozen(kw_only=True)
class Known:
    """What the host knows of a referral: what both have in common, and which affiliate brought the sale and when, if one did."""

    shared: frozenset[Signal] = frozenset()
    affiliate_id: str = field(default="", validator=text())
    affiliate_at: datetime | None = field(default=None, validator=maybe(aware))


@frozen(kw_only=True)
class ReferredOrder:
    """What a referral reads of an order, as it stands: `amount` is what is paid for it less what went back, in minor units.

    `paid` tells that nothing of it is owed; `completed_at` is when nothing more was expected of it, `None` before.
    """

    id: str = field(validator=identifier())
    buyer_id: str = field(validator=text(least=1))
    placed_at: datetime = field(validator=aware)
    currency: str = field(validator=text(least=3, most=3))
    amount: int = field(validator=whole())
    paid: bool = field(validator=of(bool))
    completed_at: datetime | None = field(default=None, validator=maybe(aware))


@frozen
class Referred:
    """The referral after the events; the events are what is new, in their order."""

    referral: Referral
    events: tuple[ReferralEvent, ...] = field(default=(), validator=members(object))

    def then(self, *events: ReferralEvent) -> Referred:
        """This with more events."""
        return Referred(reduce(evolve, events, self.referral), (*self.events, *events))


def refer(
    program: ReferralProgram,
    *,
    advocate_id: str,
    referee_id: str,
    before: tuple[str, ...] = (),
    is_new: bool = True,
    known: Known | None = None,
    by: Actor = SYSTEM,
    at: datetime,
) -> Referred | Refusal:
    """Begin a referral; `before` are those by whose word the advocate came, the nearest first (REFERRAL-1, REFERRAL-3).

    That the referee has no advocate yet is for whoever stores it: its id is the referee's.
    """
    shared = (known or Known()).shared
    if advocate_id == referee_id:
        return Refusal("referral_self", "nobody can refer themselves", {})
    if referee_id in before:
        return Refusal("referral_loop", "whoever brought the advocate cannot be referred by them", {})
    if program.new_only and not is_new:
        return Refusal("referral_not_new", "a referral is for members who have not bought before", {})
    if against := shared & program.rejects:
        told = ", ".join(sorted(against))
        return Refusal("referral_signals", f"advocate and referee have in common: {told}", {"signals": told})
    until = is_aware(at) + timedelta(days=program.within_days)
    fresh = Referral(id=referee_id, advocate_id=advocate_id, program=program, started_at=at, due_at=until)
    return Referred(fresh).then(e.ReferralStarted(signals=tuple(sorted(shared)), by=by, at=at))


def note_order(referral: Referral, order: ReferredOrder, *, known: Known | None = None, at: datetime) -> Referred:
    """What an order of the referee, as it stands now, does to the referral (REFERRAL-4, REFERRAL-5)."""
    told = Referred(referral)
    if referral.state is ReferralState.PENDING and _counts(referral, order):
        told = _qualified(told, order, known or Known(), at=is_aware(at))
    now = told.referral
    if now.order_id != order.id or now.state not in (ReferralState.QUALIFIED, ReferralState.REWARDED):
        return told
    if not _counts(now, order):
        return _undone(told, at=at)
    if now.state is ReferralState.QUALIFIED and now.due_at is None and order.completed_at is not None:
        until = order.completed_at + timedelta(days=now.program.hold_days)
        return told.then(e.ReferralHeld(until=until, at=at))
    return told


def reward(referral: Referral, *, left: int | None = None, at: datetime) -> Referred:
    """Reward both sides once the hold is over; `left` is for how many more referrals the advocate can be rewarded, `None` for any number."""
    if referral.state is not ReferralState.QUALIFIED or referral.due_at is None or is_aware(at) < referral.due_at:
        return Referred(referral)
    told = _given(Referred(referral), Side.REFEREE, at=at)
    return _given(told, Side.ADVOCATE, at=at, capped=left is not None and left < 1).then(e.ReferralRewarded(at=at))


def expire(referral: Referral, *, at: datetime) -> Referred:
    """End a referral whose referee bought nothing in time."""
    if referral.state is not ReferralState.PENDING or is_aware(at) < too_late_at(referral):
        return Referred(referral)
    return Referred(referral).then(e.ReferralExpired(at=at))


def reject(
    referral: Referral,
    *,
    reason: RejectReason,
    note: str = "",
    signals: frozenset[Signal] = frozenset(),
    by: Actor,
    at: datetime,
) -> Referred | Refusal:
    """End a referral that should not have been; what was given for it goes back. Refused with `referral_over` once it has ended otherwise."""
    if referral.state in (ReferralState.CLAWED_BACK, ReferralState.REJECTED, ReferralState.EXPIRED):
        return Refusal("referral_over", f"the referral is {referral.state} already", {"state": referral.state.value})
    told = _taken_back(Referred(referral), at=is_aware(at))
    return told.then(e.ReferralRejected(reason=reason, signals=tuple(sorted(signals)), note=note, by=by, at=at))


def sale_goes_to(program: ReferralProgram, *, referred_at: datetime, known: Known) -> tuple[bool, bool]:
    """Whether the advocate, and whether the affiliate, gets something for a sale that both may have brought (REFERRAL-6)."""
    if not known.affiliate_id:
        return True, False
    touched = known.affiliate_at
    match program.attribution:
        case Attribution.REFERRAL:
            return True, False
        case Attribution.AFFILIATE:
            return False, True
        case Attribution.BOTH:
            return True, True
        case Attribution.FIRST:
            ours = touched is None or referred_at <= touched
            return ours, not ours
        case Attribution.LAST:
            ours = touched is None or referred_at > touched
            return ours, not ours


def _counts(referral: Referral, order: ReferredOrder) -> bool:
    """Whether an order is one that qualifies (REFERRAL-4)."""
    program = referral.program
    in_time = referral.started_at <= order.placed_at < too_late_at(referral)
    enough = order.currency == program.currency and order.amount >= max(1, program.least)
    return order.paid and in_time and enough and order.buyer_id == referral.referee_id


def _qualified(told: Referred, order: ReferredOrder, known: Known, *, at: datetime) -> Referred:
    program = told.referral.program
    if against := known.shared & program.rejects:
        return told.then(e.ReferralRejected(reason=RejectReason.SIGNALS, signals=tuple(sorted(against)), at=at))
    ours, _ = sale_goes_to(program, referred_at=told.referral.started_at, known=known)
    if not ours:
        return told
    told = told.then(e.ReferralQualified(order_id=order.id, amount=order.amount, at=at))
    return _given(told, Side.REFEREE, at=at) if program.referee_at_once else told


def _given(told: Referred, side: Side, *, at: datetime, capped: bool = False) -> Referred:
    """A side with its reward, if it has none yet and there is one (REFERRAL-2)."""
    desired = told.referral.program.points(side)
    if not desired or told.referral.reward(side) is not None:
        return told
    return told.then(e.RewardGiven(side=side, desired=desired, granted=0 if capped else desired, at=at))


def _undone(told: Referred, *, at: datetime) -> Referred:
    """The order went back: another may take its place, unless somebody has got something for it (REFERRAL-5)."""
    order_id = told.referral.order_id
    if told.referral.rewards or told.referral.state is ReferralState.REWARDED:
        return _taken_back(told, at=at).then(e.ReferralClawedBack(order_id=order_id, at=at))
    return told.then(e.ReferralUnqualified(order_id=order_id, at=at))


def _taken_back(told: Referred, *, at: datetime) -> Referred:
    for it in told.referral.rewards:
        if not it.taken_back and it.granted:
            told = told.then(e.RewardTakenBack(side=it.side, points=it.granted, at=at))
    return told
