"""Follow the events of orders and bring the points of buyers to them: earned when confirmed, open after the window, taken back as things go back.

Rules
- BOOK-1: what is booked is told by the order as it stands and stands under keys of its own, so events may come twice, late and in any order;
- BOOK-2: each step is one changeset over the account and what is kept of the credit: a crash between two loses none and does none twice;
- BOOK-3: points are granted within the caps of the member exactly, in the order in which orders are followed; what is over is not granted later;
- BOOK-4: what is taken back in all is what the order says, however many steps it takes; what was taken by hand counts;
- a coupon that is due is given as the next code of the batch of its name that the shop honors, or told as due where there is none.

The position of the follower is kept under the name `earning`. A host runs
`follow_points` as often as it runs the sweep, in as many workers as it likes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from shopwright import loyalty
from shopwright.flows.checking import moment
from shopwright.flows.points.handing import hand_out
from shopwright.flows.points.saving import TRIES, Credit, PointsChanges, changes_of, credited, kept_account
from shopwright.flows.ports import Ports
from shopwright.flows.relaying import relay
from shopwright.flows.saving import fitted
from shopwright.flows.trying import tried
from shopwright.loyalty.entries import Cause
from shopwright.loyalty.granted import GrantedSoFar
from shopwright.loyalty.ledger import Posted
from shopwright.loyalty.lots import Lot
from shopwright.loyalty.naming import account_id, account_problem
from shopwright.loyalty.reversing import Earning
from shopwright.money import allocate
from shopwright.orders.earning import Booking, bookings, gone_of
from shopwright.orders.order import Order
from shopwright.periods import day_of
from shopwright.ports.storage import Changeset, Operation, Put, Recorded
from shopwright.refusals import Refusal

CONSUMER = "earning"

Step = tuple[Operation, PointsChanges]


def follow_points(ports: Ports, *, at: datetime, limit: int = 100) -> int:
    """Book what the next events of orders say, `limit` of them at most; how many events those were, 0 when there is nothing new.

    Safe to run at the same time in several workers, and again after a crash. Raises as `relay`.
    """
    now = moment(at)

    def deliver(recorded: Sequence[Recorded]) -> None:
        ids = tuple(dict.fromkeys([it.key for it in recorded]))
        found = ports.storage.load_many(Order, ids)
        for order_id in ids:
            if order_id in found:
                book(ports, found[order_id].value, at=now)

    return relay(ports, CONSUMER, deliver, at=now, limit=limit)


def book(ports: Ports, order: Order, *, at: datetime) -> None:
    """Bring the account of the buyer of an order to what the order says (BOOK-1), and hand out the coupons that are due."""
    hand_out(ports, order, at=at)
    points = order.points
    if points is None or account_problem(f"{points.points}/{order.buyer_id}"):
        return
    for booking in bookings(order):
        _booked(ports, order, booking, account_id(order.buyer_id, points.points), at=at)


def _booked(ports: Ports, order: Order, booking: Booking, account: str, *, at: datetime) -> None:
    """Take the steps that one booking is behind by, each once."""
    _take(ports, lambda: _granted(ports, order, booking, account, at=at), at=at)
    _take(ports, lambda: _followed_up(ports, order, booking, at=at), at=at)


def _take(ports: Ports, decide: Callable[[], Step | None], *, at: datetime) -> None:
    """Read, decide and write, anew where somebody else was faster."""

    def attempt() -> None:
        step = decide()
        if step is None:
            return
        op, changes = step
        ports.storage.commit(Changeset(op, at, puts=changes.puts, records=changes.records))

    tried(ports.storage, attempt, most=TRIES)


def _granted(ports: Ports, order: Order, booking: Booking, account: str, *, at: datetime) -> Step | None:
    """The credit of a booking, pending; `None` where it is there, where nothing of it would stay, or where caps leave nothing."""
    if booking.gone >= booking.points or ports.storage.load(Earning, booking.key) is not None:
        return None
    points, counts = _within_caps(ports, order, booking, account)
    assert order.points is not None, "only an order with points has bookings"
    expires_at = order.points.expires_at(earned_at=booking.earned_at, available_from=None)
    if not points or (expires_at is not None and expires_at <= booking.earned_at):
        return None
    lines = booking.lines
    if lines and points < booking.points:
        parts = allocate(points, [earned for _, earned in lines])
        lines = tuple([(line_no, part) for (line_no, _), part in zip(lines, parts, strict=True)])
    lot = Lot(booking.key, points, booking.earned_at, expires_at=expires_at)
    credit = Credit(account_id=account, lot=lot, lines=lines, desired=booking.desired, cause=_cause(order, booking, at=at))
    changes = credited(ports, (credit,), at=booking.earned_at)
    if isinstance(changes, Refusal):
        return None  # somebody else was faster
    return Operation(fitted(f"points/{booking.key}"), "earn"), PointsChanges((*changes.puts, *counts), changes.records)


def _within_caps(ports: Ports, order: Order, booking: Booking, account: str) -> tuple[int, tuple[Put, ...]]:
    """The points that caps leave of a booking, and what then was granted so far (BOOK-3); what promotions promised is under no cap."""
    program = ports.loyalty
    capped = program is not None and program.is_capped and order.points is not None and program.id == order.points.program
    if program is None or not capped or not booking.is_earned:
        return booking.points, ()
    id = kept_account(ports, account).account.id  # of one that was merged, that which it went into
    stored = ports.storage.load(GrantedSoFar, id)
    so_far = GrantedSoFar(id) if stored is None else stored.value
    day = day_of(order.placed_at, program.zone)
    left = program.left(today=so_far.on(day), ever=so_far.ever)
    points = booking.points if left is None else min(booking.points, left)
    if not points:
        return 0, ()
    return points, (Put(id, so_far.plus(points, on=day), 0 if stored is None else stored.version),)


def _followed_up(ports: Ports, order: Order, booking: Booking, *, at: datetime) -> Step | None:
    """What is to be taken back of a credit by now (BOOK-4), and from when on the rest can be spent; `None` where that is so already."""
    stored = ports.storage.load(Earning, booking.key)
    if stored is None:
        return None
    earning = stored.value
    asked = sum([done.asked for done in earning.reversals])
    target = min(gone_of(order, earning.lines), earning.lot.points)
    opens = _opens(booking)
    if target <= asked and not opens:
        return None
    kept = kept_account(ports, earning.account_id)
    posted, after = _taken_back(order, booking, earning, Posted(kept.account), asked, target, at=at)
    opened = _opened(order, booking, posted, at=at) if opens else posted
    if after is earning and not opened.entries:
        return None
    step = f"{asked}-{max(asked, target)}/{'open' if len(opened.entries) > len(posted.entries) else 'back'}"
    op = Operation(fitted(f"points/{booking.key}/{step}"), "follow")
    documents = () if after is earning else (after,)
    return op, changes_of(kept, opened, *documents, versions={booking.key: stored.version})


def _taken_back(order: Order, booking: Booking, earning: Earning, before: Posted, asked: int, target: int, *, at: datetime) -> tuple[Posted, Earning]:
    """The account with so many points more taken back than were asked for before."""
    if target <= asked:
        return before, earning
    assert order.points is not None, "only an order with points has bookings"
    key, cause = fitted(f"{booking.key}/back/{target}"), _cause(order, booking, at=at)
    return loyalty.reverse(before.account, earning, target - asked, key=key, recourse=order.points.recourse, cause=cause, at=at)


def _opens(booking: Booking) -> bool:
    """Whether it is known from when on it can be spent, and that is before it expires."""
    return booking.available_from is not None and (booking.expires_at is None or booking.expires_at > booking.available_from)


def _opened(order: Order, booking: Booking, before: Posted, *, at: datetime) -> Posted:
    """The account with the points of a booking open, if they wait."""
    lot, since = before.account.lot(booking.key), booking.available_from
    if since is None or lot is None or lot.available_from is not None:
        return before
    cause = _cause(order, booking, at=at)
    opened = loyalty.activate(before.account, lot.id, available_from=since, expires_at=booking.expires_at, cause=cause, at=at)
    assert isinstance(opened, Posted), "the lot is there"
    return Posted(opened.account, (*before.entries, *opened.entries))


def _cause(order: Order, booking: Booking, *, at: datetime) -> Cause:
    told = None if at == booking.earned_at else at
    return Cause(source=order.id, rule=booking.rule, rule_version=booking.version, recorded_at=told)
