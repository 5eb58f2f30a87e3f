"""Late orders: noted once for each promise, their customers told, and what the rules owe them given, each exactly once.

Rules
- LATE-3: what is owed is written before it is given, under a key of order, exception and rule, so that it is given once whatever crashes in between;
- LATE-4: a customer is told once, by the first contact that they have verified; a notifier that is out of reach is asked again an hour later, and who
  is no member is told by nobody here;
- what cannot be given (more goodwill than the terms allow, say) is left to a person, with the reason.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from attrs import frozen

from shopwright.errors import InvalidValue, VersionConflict
from shopwright.flows.checking import moment
from shopwright.flows.commands import GiveGoodwill
from shopwright.flows.points.accounts import grant_points
from shopwright.flows.points.commands import GrantPoints
from shopwright.flows.points.handing import next_code
from shopwright.flows.ports import Ports
from shopwright.flows.refunding import give_goodwill
from shopwright.flows.saving import advance, fitted
from shopwright.flows.sweeping import Progress
from shopwright.flows.trying import tried
from shopwright.flows.vault.sealing import box
from shopwright.loyalty.naming import account_id
from shopwright.loyalty.rewards import CouponGiven, CouponReward
from shopwright.members import verbs
from shopwright.members.actors import SYSTEM
from shopwright.members.member import Member
from shopwright.orders import lateness
from shopwright.orders.decision import Decision, decided
from shopwright.orders.excepted import Compensation
from shopwright.orders.exception_events import CompensationGiven, CustomerTold, ExceptionPutOff
from shopwright.orders.lateness import Gives
from shopwright.orders.order import Order
from shopwright.payments.errors import Indeterminate, NotSent
from shopwright.ports.edge import check_integer
from shopwright.ports.notifier import Message
from shopwright.ports.storage import Changeset, Match, Operation, Put, Query, Record, Where
from shopwright.refusals import Refusal
from shopwright.wire.kinds import REWARDS

AGAIN = timedelta(hours=1)
"""When a notifier that was out of reach is asked again."""

NOBODY = "nobody_to_give_to"
"""Why points are not given in a shop without any."""


@frozen
class LateSwept:
    """How many orders were noted as late, how many customers were told, and how much was given."""

    noted: int = 0
    told: int = 0
    given: int = 0


def sweep_late(ports: Ports, *, at: datetime, limit: int = 10_000, progress: Progress | None = None) -> LateSwept:
    """Note what is late by now, tell the customers, and give what is owed; at most `limit` orders. Safe to run in several workers at once.

    Raises `InvalidValue` for a limit below 1 and a progress that cannot be called.
    """
    check_integer("limit", limit, least=1)
    if progress is not None and not callable(progress):
        raise InvalidValue(f"expected progress to be a function, got {type(progress).__name__}")
    at, found, after = moment(at), list[Order](), ""
    while len(found) < limit:
        where = (Where("late_at", Match.AT_MOST, at),)
        page = ports.storage.find(Query(Order, where=where, order_by="late_at", limit=min(200, limit - len(found)), after=after))
        found += [stored.value for stored in page.items]
        if not page.next:
            break
        after = page.next
    noted = told = given = 0
    for seen, order in enumerate(found, 1):
        one = _unless_changing(ports, order, at)
        noted, told, given = noted + one.noted, told + one.told, given + one.given
        if progress is not None:
            progress("late", seen)
    return LateSwept(noted, told, given)


def _unless_changing(ports: Ports, order: Order, at: datetime) -> LateSwept:
    """What came of an order; nothing where somebody keeps changing it, and the next sweep finds it again."""
    try:
        return _looked_at(ports, order, at)
    except VersionConflict:
        return LateSwept()


def _looked_at(ports: Ports, order: Order, at: datetime) -> LateSwept:
    terms, before = ports.late, len(order.exceptions)
    order = advance(ports, order, lambda now: lateness.noted_late(now, terms, at=at), at=at)
    noted, waiting = len(order.exceptions) > before, lateness.looked_at(order, at=at)
    if waiting is None:
        return LateSwept(noted)
    number, note = waiting
    told = _told(ports, order, number) if terms.tells and note.is_open and note.told_at is None else None
    if told:
        order = advance(ports, order, lambda now: _once_told(now, number, at), at=at)
    order = advance(ports, order, lambda now: lateness.owed(now, number, terms, at=at), at=at)
    given = 0
    for it in order.exceptions[number - 1].compensations:
        if it.given_at is None:
            refused = _given(ports, order, number, it, at=at)
            order = advance(ports, order, partial(_once_given, number=number, owed=it, refused=refused, at=at), at=at)
            given += not refused
    until = at + AGAIN if told is False else None
    advance(ports, order, lambda now: _put_off(now, number, ports, until, at), at=at)
    return LateSwept(noted, bool(told), given)


def _once_told(order: Order, number: int, at: datetime) -> Decision:
    return Decision(order) if order.exceptions[number - 1].told_at is not None else decided(order, CustomerTold(exception=number, at=at))


def _once_given(order: Order, *, number: int, owed: Compensation, refused: str, at: datetime) -> Decision:
    now = next(it for it in order.exceptions[number - 1].compensations if it.rule == owed.rule)
    if now.given_at is not None:
        return Decision(order)
    return decided(order, CompensationGiven(exception=number, rule=owed.rule, gives=owed.gives, amount=owed.amount, refused=refused, at=at))


def _put_off(order: Order, number: int, ports: Ports, until: datetime | None, at: datetime) -> Decision:
    note = order.exceptions[number - 1]
    looks = [it for it in (until, lateness.next_look(note, ports.late)) if it is not None]
    look_at = min(looks, default=None)
    return Decision(order) if note.look_at == look_at else decided(order, ExceptionPutOff(exception=number, until=look_at, at=at))


def _told(ports: Ports, order: Order, number: int) -> bool | None:
    """Whether the notifier took the message; `None` where there is nobody to tell, or nobody who could (LATE-4)."""
    stored = None if ports.vault is None or ports.notifier is None else ports.storage.load(Member, order.buyer_id)
    contact = None if stored is None else next((it for it in stored.value.contacts if it.verified_at is not None), None)
    if stored is None or contact is None or ports.notifier is None:
        return None
    recipient = box(ports, stored.value.id).open(verbs.contact_subject(contact.id), contact.sealed)
    if isinstance(recipient, Refusal):
        return None
    message = Message(
        key=fitted(f"late/{order.id}/{number}"),
        channel=contact.channel.value,
        recipient=recipient,
        template="order_late",
        language=stored.value.locale,
        facts={"order": order.number, "promised_at": str(order.exceptions[number - 1].fact("promised_at"))},
    )
    try:
        ports.notifier.send(message)
    except (NotSent, Indeterminate):
        return False
    return True


def _given(ports: Ports, order: Order, number: int, owed: Compensation, *, at: datetime) -> str:
    """Give what is owed; the code of the refusal where that is refused. Every way has a key of its own (LATE-3)."""
    key = f"late/{order.id}/{number}/{owed.rule}"
    if not owed.amount:
        return "nothing_owed"
    answer: object = None
    match Gives(owed.gives):
        case Gives.GOODWILL | Gives.SHIPPING:
            answer = give_goodwill(ports, GiveGoodwill(key=key, by=SYSTEM, order_id=order.id, amount=order.money(owed.amount), reason="late"), at=at)
        case Gives.POINTS:
            kind = ports.loyalty.points if ports.loyalty is not None else ports.growth.points if ports.growth is not None else ""
            if not kind:
                return NOBODY
            account = account_id(order.buyer_id, kind)
            answer = grant_points(ports, GrantPoints(key=key, by=SYSTEM, account_id=account, lot_id=key, points=owed.amount, source=order.id), at=at)
        case Gives.COUPON:
            _coupon(ports, order, key, owed, at=at)
    return answer.code if isinstance(answer, Refusal) else ""


def _coupon(ports: Ports, order: Order, key: str, owed: Compensation, *, at: datetime) -> None:
    """A coupon as orders promise them: a code where the shop hands out codes of that batch, else for the host to give."""

    def attempt() -> None:
        if ports.storage.load(CouponReward, key) is not None:
            return
        code, puts = next_code(ports, owed.batch) or ("", ())
        reward = CouponReward(id=key, order_id=order.id, buyer_id=order.buyer_id, batch=owed.batch, code=code, promotion=owed.rule, version=1, at=at)
        told = CouponGiven(key=key, order_id=order.id, buyer_id=order.buyer_id, batch=owed.batch, has_code=bool(code), at=at)
        op = Operation(f"rewards/{key}", "give")
        ports.storage.commit(Changeset(op, at, puts=(Put(key, reward), *puts), records=(Record(REWARDS, key, 1, told),)))

    tried(ports.storage, attempt)
