"""Answer what buyers dispute at their banks, and tell what is to be answered by when.

Rules
- DISPUTE-6: a provider is asked under a key that is made of that of the command, so that the same command answers once, however often it is sent; and
  what it says is kept in one step with who has answered;
- only the names of what evidence tells are kept, never its texts;
- staff answers disputes: for a customer the order is not found;
- of a gateway through which nobody can answer, that is done at the provider's own desk; what comes of it is pushed like anything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import cast

from attrs import field, frozen

from shopwright.edges import maybe, of, text
from shopwright.errors import NotSupportedHere
from shopwright.flows.checking import takes
from shopwright.flows.commands import OrderCommand
from shopwright.flows.ports import Ports
from shopwright.flows.saving import change, not_found, operation, read
from shopwright.members.actors import ActorKind
from shopwright.orders.decision import Decision, decided
from shopwright.orders.disputing import disputed
from shopwright.orders.events import DisputeAnswered
from shopwright.orders.order import Order
from shopwright.payments.disputes import Dispute
from shopwright.payments.errors import InvalidState
from shopwright.payments.evidence import Evidence
from shopwright.payments.operations import OperationKey
from shopwright.payments.payment import Payment
from shopwright.periods import aware
from shopwright.ports.gateway import AnswersDisputes
from shopwright.ports.storage import Match, Page, Query, Where
from shopwright.refusals import Fact, Refusal

_NAME = text(least=1, most=200)
_BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)


@frozen(kw_only=True)
class AnswerDispute(OrderCommand):
    """Give evidence for a dispute of a payment, once and for all. Without `evidence` the shop gives it up, and loses the money."""

    payment_id: str = field(validator=_NAME)
    dispute_id: str = field(validator=_NAME)
    evidence: Evidence | None = field(default=None, validator=maybe(of(Evidence)), repr=False)


@frozen(kw_only=True)
class OpenDispute:
    """A dispute that the shop is asked to answer, and where it belongs."""

    order_id: str
    number: str
    payment_id: str
    dispute: Dispute


@takes(AnswerDispute)
def answer_dispute(ports: Ports, command: AnswerDispute, *, at: datetime) -> Order | Refusal:
    """Give a provider evidence for a dispute, or give it up.

    Refused with `order_not_found`, `payment_unknown`, `dispute_unknown`, `dispute_not_answerable` where it is decided, or answered, or the provider
    takes nothing any more, and `dispute_answered_elsewhere` where its gateway passes nothing on. Raises what gateways raise: then nobody knows, and
    the same command is sent again. Raises `NotSupportedHere` inside a host's transaction.
    """
    stored = read(ports, command.order_id, command.by)
    if isinstance(stored, Refusal) or command.by.kind is ActorKind.CUSTOMER:
        return not_found(command.order_id)
    if ports.storage.answered(operation(ports, command, command.order_id)) is not None:
        return stored.value
    if ports.storage.is_joined:
        raise NotSupportedHere("a dispute is answered outside of a host's transaction, for a rollback would not take the answer back; commit first")
    payment = stored.value.payment(command.payment_id)
    if refusal := _refused(stored.value, payment, command):
        return refusal
    assert payment is not None, "a payment that is not there is refused"
    told = _told(ports, payment, command)
    return told if isinstance(told, Refusal) else change(ports, command, lambda order: _kept(order, command, told, at=at), at=at)


def _refused(order: Order, payment: Payment | None, command: AnswerDispute) -> Refusal | None:
    if payment is None:
        return Refusal("payment_unknown", f"order {order.number} has no payment {command.payment_id!r}", {"payment": command.payment_id})
    dispute = next((it for it in payment.disputes if it.id == command.dispute_id), None)
    facts: dict[str, Fact] = {"payment": payment.id, "dispute": command.dispute_id}
    if dispute is None:
        return Refusal("dispute_unknown", f"payment {payment.id} has no dispute {command.dispute_id!r}", facts)
    if not dispute.to_answer:
        return _not_answerable(dispute.state.value, facts)
    return None


def _not_answerable(state: str, facts: dict[str, Fact]) -> Refusal:
    message = f"the dispute {facts['dispute']} is {state}: no answer is taken any more"
    return Refusal("dispute_not_answerable", message, {**facts, "state": state})


def _told(ports: Ports, payment: Payment, command: AnswerDispute) -> Dispute | Refusal:
    """What the provider says to the answer."""
    gateway = ports.reached_gateway(payment.tender.gateway)
    facts: dict[str, Fact] = {"payment": payment.id, "dispute": command.dispute_id}
    if not hasattr(gateway, "answer_dispute"):
        message = f"{payment.tender.gateway} passes no answers on; answer the dispute {command.dispute_id} at the provider's desk"
        return Refusal("dispute_answered_elsewhere", message, {**facts, "gateway": payment.tender.gateway})
    able = cast("AnswersDisputes", gateway)
    key = OperationKey(f"d{sha256(command.key.encode()).hexdigest()[:31]}")
    try:
        if command.evidence is None:
            return able.accept_dispute(key, command.dispute_id)
        return able.answer_dispute(key, command.dispute_id, command.evidence)
    except InvalidState:
        return _not_answerable("closed for answers at the provider", facts)


def _kept(order: Order, command: AnswerDispute, told: Dispute, *, at: datetime) -> Decision:
    parts = () if command.evidence is None else tuple(part.value for part in command.evidence.parts)
    answered = DisputeAnswered(payment_id=command.payment_id, dispute_id=command.dispute_id, parts=parts, by=command.by, at=at)
    return disputed(decided(order, answered), command.payment_id, (told,), at=at)


def open_disputes(ports: Ports, *, until: datetime | None = None, limit: int = 50, after: str = "") -> Page[OpenDispute]:
    """The disputes that the shop is asked to answer, those whose time ends first before the others; `until` leaves out what is due later.

    Pages are of orders, `limit` of them, so a page may tell more disputes than that. Raises `InvalidValue` for a time without a zone and for a limit
    beyond 1 to 1,000.
    """
    where = () if until is None else (Where("dispute_due_at", Match.AT_MOST, aware(until)),)
    present = where or (Where("dispute_due_at", Match.AT_LEAST, _BEGINNING),)
    found = ports.storage.find(Query(Order, where=present, order_by="dispute_due_at", limit=limit, after=after))
    return Page(tuple(row for stored in found.items for row in _to_answer(stored.value)), found.next)


def _to_answer(order: Order) -> Iterator[OpenDispute]:
    for payment in order.payments:
        for dispute in payment.disputes:
            if dispute.to_answer:
                yield OpenDispute(order_id=order.id, number=order.number, payment_id=payment.id, dispute=dispute)
