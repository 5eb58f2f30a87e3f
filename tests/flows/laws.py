"""The laws of a town: what holds after every step, and what holds once every question is answered and time has passed."""

from __future__ import annotations

from collections import Counter

from attrs import frozen

from shopwright import Order, standing
from shopwright.orders import complete_due_at, fold
from shopwright.orders.credit_notes import GOODWILL, CreditNote
from shopwright.orders.edit_events import LinesAdded, OrderEdited
from shopwright.orders.events import OrderPlaced, UnitsReopened
from shopwright.orders.standing import Standing
from shopwright.orders.states import OrderState
from shopwright.orders.terms import ReturnUses
from shopwright.payments.payment import Via
from shopwright.ports.storage import Match, Query, Storage, Where
from shopwright.pricing import disagreements, replay
from shopwright.returns.case import Case
from shopwright.returns.events import QuarantineEnded
from shopwright.shipping.states import ShipmentState
from tests.flows.town import QUOTAS, USES, Town, claimed

FOR_A_PERSON = frozenset(
    {
        Standing.IN_REVIEW,
        Standing.SENT_BACK,
        Standing.ON_HOLD,
        Standing.READY_TO_SHIP,
        Standing.PREPARING,
        Standing.PARTLY_SHIPPED,
        Standing.IN_TRANSIT,
        Standing.RETURNED,
        Standing.LOST,
        Standing.AWAITING_PAYMENT,
    }
)
"""Where a confirmed order may stand for as long as somebody leaves it there."""


def check_always(town: Town) -> None:
    """History tells the order; units, goods and coupon uses are conserved; nothing is begun twice, or goes back without a grant."""
    orders = check_books(town)
    for order in orders:
        assert town.refunds_of(order) <= order.refund_granted, "more goes back than was granted"
        assert len({attempt.key for _, attempt in order.open_attempts}) == len(order.open_attempts)
    started = [account.key for account in town.accounts()]
    known = {payment.key for order in orders for payment in order.payments}
    assert set(started) <= known, "a payment was begun that no order knows of"
    assert len(set(started)) == len(started), "a payment was begun twice"


def check_books(town: Town) -> tuple[Order, ...]:
    """The shop's own books: history, units, quotas. Returns the orders."""
    orders = town.orders()
    for order in orders:
        events = town.other.orders.history(order.id)
        assert [event.number for event in events] == list(range(1, order.event_count + 1))
        assert fold(event.value for event in events) == order
        assert all(line.buckets.total == line.quantity for line in order.lines)
        assert all(it.refunded <= it.captured for it in order.payments), "more goes back than came"
        _check_claim(order, moved_again(town, order))
    _check_quotas(town, orders)
    check_notes(town.storage, orders)
    return orders


def check_notes(storage: Storage, orders: tuple[Order, ...]) -> None:
    """Notes are numbered without a gap, and those of an order sum to what was granted to go back of what it charged."""
    notes = [it.value for it in storage.find(Query(CreditNote, limit=500)).items]
    for series in {note.number.rpartition("-")[0] for note in notes}:
        numbers = sorted(int(note.number.rpartition("-")[2]) for note in notes if note.number.rpartition("-")[0] == series)
        assert numbers == list(range(1, len(numbers) + 1)), series
    for order in orders:
        theirs = [note for note in notes if note.order_id == order.id]
        above = max(0, sum(payment.captured for payment in order.payments) - order.total.minor)
        refunds = sum(note.refund for note in theirs)
        assert refunds <= order.refund_granted, "a note tells of money that was not granted"
        assert refunds >= order.refund_granted - above or order.state == "canceled", "money was granted without a note"
        assert sum(line.gross for note in theirs for line in note.lines if line.about != GOODWILL) <= order.total.minor


def moved_again(town: Town, order: Order) -> Counter[str]:
    """What goods that went out once more took of stock, less what cases of the order put on sale again."""
    again = Counter[str]()
    sku = {line.line_no: line.sku for line in order.lines}
    for event in town.other.orders.history(order.id):
        if isinstance(event.value, UnitsReopened):
            for line_no, units in event.value.units:
                again[f"stock/{sku[line_no]}"] += units
    if again or any(line.buckets.returned for line in order.lines):
        for case in town.other.returns.find(Query(Case, where=(Where("order_id", Match.EQUAL, order.id),), limit=100)).items:
            again.subtract(_for_sale(town, case.value, sku))
    return again


def _for_sale(town: Town, case: Case, sku: dict[int, str]) -> Counter[str]:
    found = Counter[str]()
    wished = {line.no: f"stock/{sku[line.wish.line_no]}" for line in case.lines}
    for line in case.lines:
        found[wished[line.no]] += line.restocked
    for event in town.other.returns.history(case.id):
        if isinstance(event.value, QuarantineEnded) and event.value.restocked:
            for no, units in event.value.units:
                found[wished[no]] += units
    return found


def _check_claim(order: Order, again: Counter[str]) -> None:
    """An order claims what it has not called off, until it gives all of it back, and what went out once more."""
    if order.claim.state in {"held", "used"}:
        wanted = Counter[str]()
        for line in order.lines:
            wanted[f"stock/{line.sku}"] += line.quantity - line.buckets.canceled
        wanted.update(again)
        assert {key: quantity for key, quantity in order.claim.items if key.startswith("stock/")} == +wanted
        _check_uses(order)


def _check_uses(order: Order) -> None:
    """Uses are claimed for as long as the order stands; one that was undone in the sense of its terms claims none."""
    policy, uses = order.terms.return_uses, [key for key, _ in order.claim.items if not key.startswith("stock/")]
    if policy is ReturnUses.NEVER or order.claim.state == "held":
        assert uses == (["coupon/SPRING"] if order.coupon_code == "SPRING" else [])
    elif order.refunded and order.refunded == sum(payment.captured for payment in order.payments) and not order.owed:
        gone = all(line.buckets.gone == line.quantity for line in order.lines)
        assert uses == [] or (policy is ReturnUses.RETURNED and not gone)


def _check_quotas(town: Town, orders: tuple[Order, ...]) -> None:
    used, held = claimed(orders, "used"), claimed(orders, "held")
    for key, quota in town.storage.quota(QUOTAS, at=town.clock.now()).items():
        assert quota.used == used[key], key
        assert 0 <= quota.held <= held[key], key
        assert quota.free >= 0
        assert quota.granted == (USES if key.startswith("coupon") else town.stock)


def check_end(town: Town) -> None:
    """After `heal`: no question is open, both sides know the same money, and each order has come to an end or waits for a person."""
    check_always(town)
    orders = town.orders()
    _check_prices(town, orders)
    _check_truth(town, orders)
    _check_carrier(town, orders)
    assert claimed(orders, "held").total() == 0
    for order in orders:
        assert order.open_attempts == (), order.open_attempts
        assert not any(shipment.booking_key for shipment in order.shipments)
        assert order.refunded <= order.refund_granted
        _check_closed(town, order)


def _check_prices(town: Town, orders: tuple[Order, ...]) -> None:
    """What was agreed can be reckoned again from what was frozen, gifts and promises with it."""
    for order in orders:
        placing = town.other.orders.history(order.id)[0].value
        assert isinstance(placing, OrderPlaced)
        again = replay(placing, at=placing.at)
        assert disagreements(placing, again) == ()
        if any(isinstance(event.value, OrderEdited | LinesAdded) for event in town.other.orders.history(order.id)):
            continue
        assert (again.total, len(again.gifts), again.grants) == (order.total.minor, sum(it.given_by is not None for it in order.lines), order.grants)


@frozen
class Sums:
    """The money of one payment."""

    authorized: int
    captured: int
    voided: int
    refunded: int
    charged_back: int


def _check_truth(town: Town, orders: tuple[Order, ...]) -> None:
    known = {it.key: it for order in orders for it in order.payments if it.key}
    for account in town.accounts():
        payment = known[account.key]
        theirs = Sums(account.authorized, account.captured, account.voided, account.refunded + account.pending_refund, account.charged_back)
        refunded = payment.refunded - payment.refunded_by_hand
        ours = Sums(payment.authorized, payment.captured, payment.voided, refunded, payment.charged_back)
        assert ours == theirs, (account.stage, payment.state)
        assert (payment.state in {"awaiting_buyer", "processing"}) == (account.stage in {"action", "waiting"}), (account.stage, payment.state)
        assert payment.refunded + payment.charged_back <= payment.captured or payment.refunded_by_hand


def _check_carrier(town: Town, orders: tuple[Order, ...]) -> None:
    known = {it.reference: it for order in orders for it in order.shipments if it.reference}
    labels = {it.value.label.reference for it in town.storage.find(Query(Case, limit=500)).items if it.value.label is not None}
    for booking in town.desk.bookings():
        if booking.reference in labels:
            continue
        assert booking.reference in known, "the carrier comes for something that no order knows of"
        shipment = known[booking.reference]
        assert shipment.state is not ShipmentState.CANCELED or shipment.voided


def _check_closed(town: Town, order: Order) -> None:
    where = standing(order)
    stubborn = any(payment.failures >= 3 for payment in order.payments)
    by_hand = any(payment.tender.via is not Via.GATEWAY for payment in order.payments)
    assert order.state is not OrderState.PLACED, f"an order waits for nothing: {where}"
    if order.state is OrderState.CANCELED:
        promised = sum(payment.open_authorization for payment in order.payments if not payment.captured)
        assert not promised or stubborn, "a promise of a canceled order still stands"
    if order.state is OrderState.CONFIRMED:
        assert complete_due_at(order) is None, f"a delivered order does not complete: {where}"
        named = where in FOR_A_PERSON or order.holds or order.paid < order.owed
        assert named, f"nobody is to do anything about {where}"
    assert order.refund_outstanding == 0 or stubborn or by_hand, "money that was granted back does not go"
