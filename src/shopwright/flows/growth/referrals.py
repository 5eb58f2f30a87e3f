"""Referrals: codes that members hand on, whoever comes with one, what becomes of their orders, and the rewards of both sides.

Rules
- a step of a referral, its events and the points of both sides are one changeset;
- a referral touches the codes of the referee and of whoever began the line of its advocate: of two that would close a circle together, both
  touch one of these, so they are decided one after the other, and no circle is made by being fast;
- an order is looked at as it stands, also right before a reward, so that what went back a moment ago is not rewarded;
- the advocate's cap counts referrals that were rewarded, in the period of the reward.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from attrs import evolve, frozen

from shopwright.errors import InvalidValue, VersionConflict
from shopwright.flows.checking import moment, takes
from shopwright.flows.growth.commands import OpenReferrals, RedeemReferral, RejectReferral
from shopwright.flows.growth.points import Given, give_all, take_back_all
from shopwright.flows.growth.ranking import Progress, unknown_member
from shopwright.flows.growth.rewarding import growth_of, person_of
from shopwright.flows.points.saving import PointsChanges
from shopwright.flows.ports import Ports
from shopwright.flows.relaying import relay
from shopwright.flows.saving import fitted, operation
from shopwright.flows.trying import tried
from shopwright.loyalty import referring
from shopwright.loyalty.expiry import first_of
from shopwright.loyalty.growth import Growth, Tally
from shopwright.loyalty.referral_events import ReferralRewarded, RewardGiven, RewardTakenBack, Side
from shopwright.loyalty.referrals import Referral, ReferralProgram, ReferralState
from shopwright.loyalty.referring import ReferredOrder
from shopwright.loyalty.reversing import Recourse
from shopwright.orders.deeds import worth_of
from shopwright.orders.order import Order
from shopwright.orders.states import OrderState
from shopwright.periods import day_of
from shopwright.ports.edge import check_integer
from shopwright.ports.storage import Changeset, Committed, Match, Operation, Put, Query, Record, Recorded, Stored, Where
from shopwright.refusals import Refusal
from shopwright.wire.growth_kinds import REFERRALS, ReferralCode

CONSUMER = "referrals"

FURTHEST = 1_000
"""How many advocates back a circle is looked for."""

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def _program(ports: Ports) -> tuple[Growth, ReferralProgram]:
    growth = growth_of(ports)
    if growth.referrals is None:
        raise InvalidValue("this shop has no referrals; give it Growth(referrals=ReferralProgram(...))")
    return growth, growth.referrals


@takes(OpenReferrals)
def open_referrals(ports: Ports, command: OpenReferrals, *, at: datetime) -> ReferralCode | Refusal:
    """The code of a member, made if there is none. Refused with `member_unknown`, and with `referral_code_taken` for a code that somebody has."""
    _program(ports)
    person = person_of(ports, command)
    if isinstance(person, Refusal):
        return person
    mine = _code_of(ports, command.member_id)
    if mine is not None:
        return mine.value
    made = command.code.strip().upper() or "".join([_LETTERS[byte % len(_LETTERS)] for byte in ports.ids.randbytes(8)])
    code = ReferralCode(id=made, advocate_id=command.member_id, at=at)
    op = operation(ports, command, made if command.code else command.member_id)
    try:
        result = ports.storage.commit(Changeset(op, at, puts=(Put(made, code),)))
    except VersionConflict:
        result = None
    mine = _code_of(ports, command.member_id)
    if isinstance(result, Committed | Refusal) and mine is not None:
        return mine.value
    return Refusal("referral_code_taken", f"the code {made} is somebody else's", {"code": made})


def _code_of(ports: Ports, member_id: str) -> Stored[ReferralCode] | None:
    where = (Where("advocate_id", Match.EQUAL, member_id),)
    return next(iter(ports.storage.find(Query(ReferralCode, where=where, limit=1)).items), None)


@takes(RedeemReferral)
def redeem_referral(ports: Ports, command: RedeemReferral, *, at: datetime) -> Referral | Refusal:
    """Begin the referral of a member who names a code.

    Refused with `member_unknown`, `referral_code_unknown`, `referral_taken` for who was referred before, and as `loyalty.referring.refer`.
    """
    growth, program = _program(ports)
    person, op = person_of(ports, command), operation(ports, command, command.member_id)
    if isinstance(person, Refusal):
        return person

    def attempt() -> Referral | Refusal:
        done = ports.storage.answered(op) is not None
        theirs = ports.storage.load(Referral, command.member_id)
        if theirs is not None:
            return theirs.value if done else _taken(theirs.value)
        code = ports.storage.load(ReferralCode, command.code.strip().upper())
        if code is None:
            return Refusal("referral_code_unknown", f"nobody has the code {command.code!r}", {"code": command.code})
        mine = _code_of(ports, command.member_id)
        line, first = _line(ports, code.value.advocate_id)
        told = _referred(ports, program, code.value.advocate_id, line, command, at=at)
        if isinstance(told, Refusal):
            return told
        _begin(ports, growth, told, op, (mine, first), at=at)
        return told.referral

    return tried(ports.storage, attempt)


def _taken(referral: Referral) -> Refusal:
    return Refusal("referral_taken", f"{referral.id} came by somebody's word before", {"since": referral.started_at.isoformat()})


def _referred(
    ports: Ports, program: ReferralProgram, advocate_id: str, line: tuple[str, ...], command: RedeemReferral, *, at: datetime
) -> referring.Referred | Refusal:
    if ports.people.person(advocate_id) is None:
        return unknown_member(advocate_id)
    return referring.refer(
        program,
        advocate_id=advocate_id,
        referee_id=command.member_id,
        before=line,
        is_new=not program.new_only or _is_new(ports, command.member_id),
        known=ports.referral_signals.known(advocate_id, command.member_id, order_id="", at=at),
        by=command.by,
        at=at,
    )


def _line(ports: Ports, member_id: str) -> tuple[tuple[str, ...], Stored[ReferralCode] | None]:
    """By whose word somebody came, and by whose word they, the nearest first; and the code of whoever began the line.

    That code is read before it is made sure that nobody brought its owner: whoever is brought meanwhile has touched it.
    """
    line: list[str] = []
    code: Stored[ReferralCode] | None = None
    while len(line) < FURTHEST:
        stored = ports.storage.load(Referral, member_id)
        if stored is not None:
            member_id, code = stored.value.advocate_id, None
            line.append(member_id)
        elif code is None and (code := _code_of(ports, member_id)) is not None:
            continue
        else:
            break
    return tuple(line), code


def _is_new(ports: Ports, member_id: str) -> bool:
    """Whether somebody has placed no order but canceled ones."""
    where, after = (Where("buyer_id", Match.EQUAL, member_id),), ""
    while True:
        page = ports.storage.find(Query(Order, where=where, after=after))
        if any(stored.value.state is not OrderState.CANCELED for stored in page.items):
            return False
        if not page.next:
            return True
        after = page.next


def _begin(
    ports: Ports, growth: Growth, told: referring.Referred, op: Operation, codes: tuple[Stored[ReferralCode] | None, ...], *, at: datetime
) -> None:
    """Write a fresh referral, and touch these codes as they were read."""
    puts = [_touched(code) for code in codes if code is not None]
    change = _change(ports, growth, Stored(told.referral, 0), told, op, at=at)
    ports.storage.commit(evolve(change, puts=(*change.puts, *puts)))


def _touched(code: Stored[ReferralCode]) -> Put:
    return Put(code.value.id, evolve(code.value, touched=code.value.touched + 1), code.version)


def _change(ports: Ports, growth: Growth, before: Stored[Referral], told: referring.Referred, op: Operation, *, at: datetime) -> Changeset:
    """One step of a referral, with its events and the points of both sides."""
    after = told.referral
    first = after.event_count - len(told.events) + 1
    records = [Record(REFERRALS, after.id, first + number, event) for number, event in enumerate(told.events)]
    points = _points(ports, growth, told, at=at)
    puts = (Put(after.id, after, before.version), *points.puts)
    return Changeset(op, at, puts=puts, records=(*records, *points.records))


def _points(ports: Ports, growth: Growth, told: referring.Referred, *, at: datetime) -> PointsChanges:
    referral = told.referral
    given = [(_whose(referral, it.side), _given(referral, it.side, it.granted)) for it in told.events if isinstance(it, RewardGiven)]
    back = [(_whose(referral, it.side), _given(referral, it.side, it.points)) for it in told.events if isinstance(it, RewardTakenBack)]
    if not back:
        return give_all(ports, growth, given, at=at)
    return take_back_all(ports, growth, back, at=at, recourse=Recourse.UNLIMITED)


def _whose(referral: Referral, side: Side) -> str:
    return referral.advocate_id if side is Side.ADVOCATE else referral.referee_id


def _given(referral: Referral, side: Side, points: int) -> Given:
    program = referral.program
    return Given(f"referral/{referral.id}/{side.value}", points, program.points(side), program.id, program.version)


def referred_order(growth: Growth, order: Order) -> ReferredOrder:
    """What a referral reads of an order, as it stands."""
    return ReferredOrder(
        id=order.id,
        buyer_id=order.buyer_id,
        placed_at=order.placed_at,
        currency=order.currency,
        amount=worth_of(order, leave_out=growth.leave_out),
        paid=order.paid + order.terms.tolerance >= order.owed,
        completed_at=order.closed_at if order.state is OrderState.COMPLETED else None,
    )


@frozen
class _Step:
    """What is decided about a referral, and what else is written with it."""

    told: referring.Referred
    puts: tuple[Put, ...] = ()


Decide = Callable[[Referral], _Step | Refusal]


def _step(ports: Ports, referral_id: str, decide: Decide, *, at: datetime, op: Operation | None = None) -> Referral | Refusal | None:
    """Read a referral, decide, write; `None` where there is none. Without an operation of its own a step is keyed by where the referral stands."""
    growth = growth_of(ports)

    def attempt() -> Referral | Refusal | None:
        done = op is not None and ports.storage.answered(op) is not None
        stored = ports.storage.load(Referral, referral_id)
        if stored is None:
            return None
        if done:
            return stored.value
        step = decide(stored.value)
        if isinstance(step, Refusal):
            return step
        if not step.told.events:
            return stored.value
        own = op or Operation(fitted(f"referral/{referral_id}/{stored.value.event_count}"), "step")
        change = _change(ports, growth, stored, step.told, own, at=at)
        ports.storage.commit(evolve(change, puts=(*change.puts, *step.puts)))
        return step.told.referral

    return tried(ports.storage, attempt)


def follow_referrals(ports: Ports, *, at: datetime, limit: int = 1_000) -> int:
    """Look at the orders of referred members to which something happened since the last time; returns how many events were read."""
    _program(ports)
    at = moment(at)

    def deliver(recorded: Sequence[Recorded]) -> None:
        for order_id in dict.fromkeys(it.key for it in recorded):
            note_order(ports, order_id, at=at)

    return relay(ports, CONSUMER, deliver, at=at, limit=limit)


def note_order(ports: Ports, order_id: str, *, at: datetime) -> None:
    """Look at an order as it stands, for the referral of its buyer if there is one."""
    stored = ports.storage.load(Order, order_id)
    if stored is not None:
        _step(ports, stored.value.buyer_id, lambda referral: _Step(_noted(ports, referral, order_id, at=at)), at=at)


def _noted(ports: Ports, referral: Referral, order_id: str, *, at: datetime) -> referring.Referred:
    stored = ports.storage.load(Order, order_id)
    if stored is None:
        return referring.Referred(referral)
    known = ports.referral_signals.known(referral.advocate_id, referral.referee_id, order_id=order_id, at=at)
    return referring.note_order(referral, referred_order(growth_of(ports), stored.value), known=known, at=at)


def sweep_referrals(ports: Ports, *, at: datetime, limit: int = 10_000, progress: Progress | None = None) -> int:
    """Reward the referrals whose hold is over, and end those that are too late, at most `limit`; returns how many ended so.

    Orders that were not followed yet are looked at first. Safe to run in several workers at once.
    """
    check_integer("limit", limit, least=1)
    _program(ports)
    at, ended = moment(at), 0
    while follow_referrals(ports, at=at):
        pass
    for seen, referral in enumerate(_due(ports, at, limit), 1):
        after = _step(ports, referral.id, lambda now: _ended(ports, now, at=at), at=at)
        ended += isinstance(after, Referral) and after.due_at is None
        if progress is not None:
            progress(seen)
    return ended


def _due(ports: Ports, at: datetime, limit: int) -> Iterator[Referral]:
    after, seen = "", 0
    while seen < limit:
        where = (Where("due_at", Match.AT_MOST, at),)
        page = ports.storage.find(Query(Referral, where=where, order_by="due_at", limit=min(200, limit - seen), after=after))
        yield from [stored.value for stored in page.items]
        seen += len(page.items)
        if not page.next:
            return
        after = page.next


def _ended(ports: Ports, referral: Referral, *, at: datetime) -> _Step:
    """What ends a referral that is due; its order is looked at once more before anybody is rewarded."""
    if referral.state is ReferralState.PENDING:
        return _Step(referring.expire(referral, at=at))
    fresh = _noted(ports, referral, referral.order_id, at=at)
    if fresh.events:
        return _Step(fresh)
    program = referral.program
    if program.most_per_period is None:
        return _Step(referring.reward(referral, at=at))
    period = first_of(day_of(at, program.zone), program.period).isoformat()
    id = f"{program.id}/{referral.advocate_id}/{period}"
    tally = ports.storage.load(Tally, id) or Stored(Tally(id=id), 0)
    told = referring.reward(referral, left=program.most_per_period - tally.value.granted, at=at)
    rewarded = any(isinstance(it, RewardGiven) and it.side is Side.ADVOCATE and it.granted for it in told.events)
    counted = evolve(tally.value, granted=tally.value.granted + rewarded)
    return _Step(told, (Put(id, counted, tally.version),) if any(isinstance(it, ReferralRewarded) for it in told.events) else ())


@takes(RejectReferral)
def reject_referral(ports: Ports, command: RejectReferral, *, at: datetime) -> Referral | Refusal:
    """End a referral by hand and take back what was given for it. Refused with `referral_unknown` and `referral_over`."""
    _program(ports)
    op = operation(ports, command, command.member_id)

    def decide(referral: Referral) -> _Step | Refusal:
        told = referring.reject(referral, reason=command.reason, note=command.note, by=command.by, at=at)
        return told if isinstance(told, Refusal) else _Step(told)

    return _step(ports, command.member_id, decide, at=at, op=op) or _unknown(command.member_id)


def _unknown(member_id: str) -> Refusal:
    return Refusal("referral_unknown", f"nobody referred {member_id}", {"member": member_id})


def referral_of(ports: Ports, member_id: str) -> Referral | Refusal:
    """How a member was referred. Refused with `referral_unknown`."""
    stored = ports.storage.load(Referral, member_id)
    return _unknown(member_id) if stored is None else stored.value
