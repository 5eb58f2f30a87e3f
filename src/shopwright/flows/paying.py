"""Pay: ask gateways, take in what arrived outside them, capture and refund."""

from __future__ import annotations

from datetime import datetime

from shopwright import orders
from shopwright.flows.checking import check_gateways, steps_of, takes
from shopwright.flows.commands import AddPayment, CapturePayment, KeepLooseMoney, PayOrder, RecordPayment, RefreshPayments, RefundOrder, RepayOrder
from shopwright.flows.looking import looked_at
from shopwright.flows.members.methods import with_saved
from shopwright.flows.points.earning import points_refused
from shopwright.flows.ports import Ports
from shopwright.flows.risk.judging import pay_judged
from shopwright.flows.saving import Taken, operation, read, take
from shopwright.flows.settling import settle
from shopwright.flows.vault.sealing import kept_box
from shopwright.flows.vault.tokens import sealed_tenders
from shopwright.money import Money
from shopwright.orders import paying
from shopwright.orders.decision import Decision
from shopwright.orders.order import Order
from shopwright.ports.storage import Changeset, Committed, Put
from shopwright.refusals import Refusal
from shopwright.wire.kinds import LooseMoney


@takes(PayOrder)
def pay(ports: Ports, command: PayOrder, *, at: datetime) -> Order | Refusal:
    """Ask the gateways for every payment that is due, and take their answers in; what the buyer has to do stands in `payment.action`.

    Refused with `order_not_found` or `nothing_due`; in a shop that judges payments also with `payment_blocked` and `payment_unjudged`. Raises
    `IllegalTransition` for an order that is canceled, and `InvalidValue` when the shop does not have the gateway of a payment that is due.
    """
    if ports.risk is not None:
        return then_settle(ports, pay_judged(ports, command, at=at), at=at)

    def decide(order: Order) -> Decision | Refusal:
        due = paying.due(order)
        if not due:
            return Refusal("nothing_due", f"order {order.number} has no payment that waits for a gateway", {"order": order.id})
        decision: Decision = Decision(order)
        for payment in due:
            ports.gateway(payment.tender.gateway)
            started = orders.start(decision.order, payment.id, at=at, return_url=command.return_url, notify_url=command.notify_url)
            assert isinstance(started, Decision), "a payment that is due can be started"
            decision = Decision(started.order, (*decision.events, *started.events))
        return decision

    return then_settle(ports, take(ports, command, decide, at=at), at=at)


@takes(AddPayment)
def add_payment(ports: Ports, command: AddPayment, *, at: datetime) -> Order | Refusal:
    """Take more tenders on, and void at their gateways the payments that they replace. `pay` then asks for the new ones.

    Refused with `order_not_found`, `payment_unknown`, `payment_in_use`, `method_unknown` or `tenders_above_owed`, and for tenders of points
    with the codes of `shopwright.loyalty.tendering`. Raises `InvalidValue` for a tender of
    nothing, for more than 99 tenders, and for a gateway that the shop does not have.
    """
    check_gateways(ports, command.tenders)

    def decide(order: Order) -> Decision | Refusal:
        if ports.loyalty is not None and (no := points_refused(ports.loyalty, order, command)):
            return no
        check_gateways(ports, command.tenders, order.currency)
        steps = steps_of(ports, command.tenders, order.currency)
        tenders = with_saved(ports, order.buyer_id, command.tenders, by=command.by)
        if isinstance(tenders, Refusal):
            return tenders
        if ports.vault is not None:
            tenders = sealed_tenders(kept_box(ports, order.buyer_id, at=at), order.id, tenders)
        return orders.retender(order, tenders, replaces=command.replaces, by=command.by, at=at, steps=steps)

    return then_settle(ports, take(ports, command, decide, at=at), at=at)


@takes(RefreshPayments)
def refresh(ports: Ports, command: RefreshPayments, *, at: datetime) -> Order | Refusal:
    """Ask how the order's open and disputed payments stand, and do what is left to do. Safe to send as often as one likes.

    Refused with `order_not_found`.
    """
    stored = read(ports, command.order_id, command.by)
    if isinstance(stored, Refusal):
        return stored
    order = stored.value
    for payment in paying.disputed_payments(order):
        order = looked_at(ports, order, payment, at=at) or order
    return recover(ports, order, at=at)


def recover(ports: Ports, order: Order, *, at: datetime) -> Order:
    """Find out what became of payments that wait for the buyer or the provider, then let the money follow the order."""
    return settle(ports, asked_about(ports, order, at=at)[0], at=at)


def asked_about(ports: Ports, order: Order, *, at: datetime) -> tuple[Order, bool]:
    """The order once its gateways were asked about payments that wait for the buyer or the provider, and whether all of them have told."""
    all_told = True
    for payment in paying.open_payments(order):
        looked = looked_at(ports, order, payment, at=at)
        order, all_told = looked or order, all_told and looked is not None
    return order, all_told


@takes(RecordPayment)
def record(ports: Ports, command: RecordPayment, *, at: datetime) -> Order | Refusal:
    """Take in money that arrived outside a gateway.

    Refused with `order_not_found`, `payment_unknown` or `payment_currency`. Raises `IllegalTransition` for a payment that was recorded.
    """

    def decide(order: Order) -> Decision | Refusal:
        if refusal := wrong_currency(order, command.amount):
            return refusal
        return orders.record(order, command.payment_id, command.amount.minor, reference=command.reference, reason=command.reason, at=at)

    return then_settle(ports, take(ports, command, decide, at=at), at=at)


def wrong_currency(order: Order, amount: Money) -> Refusal | None:
    """The refusal for an amount in another currency than that of the order."""
    if amount.currency == order.currency:
        return None
    return Refusal("payment_currency", f"order {order.number} is in {order.currency}, not {amount.currency}", {"currency": order.currency})


def then_settle(ports: Ports, taken: Taken | Refusal, *, at: datetime) -> Order | Refusal:
    """The order once the money has followed a step that was taken."""
    return taken if isinstance(taken, Refusal) else settle(ports, taken.order, at=at, fresh=taken.asked, version=taken.version)


@takes(CapturePayment)
def capture(ports: Ports, command: CapturePayment, *, at: datetime) -> Order | Refusal:
    """Take promised money.

    Refused with `order_not_found`, `payment_unknown` or `payment_currency`. Raises `IllegalTransition` when nothing is promised and
    `InvalidValue` for more than is.
    """

    def decide(order: Order) -> Decision | Refusal:
        if command.amount is not None and (refusal := wrong_currency(order, command.amount)):
            return refusal
        amount = None if command.amount is None else command.amount.minor
        return orders.capture(order, command.payment_id, amount=amount, at=at)

    return then_settle(ports, take(ports, command, decide, at=at), at=at)


@takes(RefundOrder)
def refund(ports: Ports, command: RefundOrder, *, at: datetime) -> Order | Refusal:
    """Give money back, on the ways it came; what no gateway can give back stays outstanding for a person.

    Refused with `order_not_found`, `payment_currency` or `refund_above_paid`.
    """

    def decide(order: Order) -> Decision | Refusal:
        if refusal := wrong_currency(order, command.amount):
            return refusal
        return orders.refund(order, command.amount.minor, reason=command.reason, by=command.by, at=at)

    return then_settle(ports, take(ports, command, decide, at=at), at=at)


@takes(RepayOrder)
def repay(ports: Ports, command: RepayOrder, *, at: datetime) -> Order | Refusal:
    """Note that a person gave money back outside any gateway.

    Refused with `order_not_found`, `payment_unknown`, `payment_currency` or `refund_above_paid`.
    """

    def decide(order: Order) -> Decision | Refusal:
        if refusal := wrong_currency(order, command.amount):
            return refusal
        return orders.repay(order, command.payment_id, command.amount.minor, reference=command.reference, by=command.by, at=at)

    return then_settle(ports, take(ports, command, decide, at=at), at=at)


@takes(KeepLooseMoney)
def keep_loose(ports: Ports, command: KeepLooseMoney, *, at: datetime) -> LooseMoney:
    """Keep a note of money that belongs to no order that could be placed, for a person to clear up."""
    kept = LooseMoney(
        id=command.key,
        source=command.source,
        method=command.method,
        amount=command.amount.minor,
        currency=command.amount.currency,
        reason=command.reason,
        at=at,
        facts=command.facts,
    )
    result = ports.storage.commit(Changeset(operation(ports, command, command.key), at, puts=(Put(kept.id, kept),)))
    stored = ports.storage.load(LooseMoney, kept.id) if isinstance(result, Committed) and result.repeated else None
    return kept if stored is None else stored.value
