"""Let the money follow the order: ask gateways for what is due, find out what became of open questions, give back what is owed.

Rules
- what is asked is stored first, under its key (PAY-2); no transaction is open while a gateway is called;
- a question that may have been asked before is looked up by its key, and asked again under the same key when nobody knows it; how
  that can be done the gateway's capabilities say, and where it cannot be done the question stays open;
- what a buyer was to be shown and was lost with the answer is asked for again under the same key, where a look-up does not tell it;
- a gateway that forgets keys is asked again only once nobody else can be asking it (`PATIENCE`);
- a gateway that does not know who asks has done nothing, and is asked again later;
- RECOVER-1: an answer that says that money moved, and that cannot be kept, raises `ReconciliationRequired`; the question stays open, so that recovery
  ends it;
- no answer is no verdict: the payment stays `unanswered` and says so, and `recover` asks again;
- a payment that provably was never begun is not begun any more once its order is canceled; nobody proves that while somebody may just be asking;
- inside a host's transaction nobody is asked; `refresh` or the sweep does it once the host has committed;
- in one run no question is asked more than `ROUNDS` times, and what was refused is not asked anew; later runs go on from there.
"""

from __future__ import annotations

from datetime import datetime

from shopwright import orders
from shopwright.errors import Conflict, Outage
from shopwright.flows.looking import in_currency, looked_at
from shopwright.flows.ports import Ports
from shopwright.flows.saving import Taken, take_next
from shopwright.flows.vault.tokens import opened_tender
from shopwright.money import Money
from shopwright.orders import paying
from shopwright.orders.decision import Decision, decided
from shopwright.orders.order import Order
from shopwright.orders.recovering import PATIENCE
from shopwright.orders.states import OrderState
from shopwright.payments.card_numbers import holds_card_number
from shopwright.payments.errors import (
    GatewayError,
    GatewayKeyConflict,
    Indeterminate,
    InvalidRequest,
    InvalidState,
    Misconfigured,
    NotFound,
    NotSent,
    ReconciliationRequired,
    Throttled,
)
from shopwright.payments.events import PaymentVerb
from shopwright.payments.operations import Flow, OperationKey
from shopwright.payments.outcomes import Advice, Declined, DeclineReason, Done, InProgress, Outcome
from shopwright.payments.payment import Attempt, Payment
from shopwright.payments.requests import RefundPart, StartPayment
from shopwright.payments.verbs import open_attempt
from shopwright.ports.gateway import PaymentGateway
from shopwright.refusals import Refusal

_SHOWN = frozenset({Flow.REDIRECT, Flow.QR, Flow.CLIENT_SDK, Flow.OFFLINE})
"""The flows in which a buyer is shown what to do."""

ROUNDS = 3
"""How often one question is asked in one run before it is left to a later one."""

_SILENCE = (Indeterminate, NotSent, Throttled, Misconfigured)

STEPS = 300
"""More steps than the payments of one order can take in one run."""


def settle(ports: Ports, order: Order, *, at: datetime, fresh: frozenset[str] = frozenset(), version: int = 0) -> Order:
    """Take every step that the order's money can take now; `fresh` are keys that were stored a moment ago and never asked, `version` the one under
    which the order was.
    """
    if ports.storage.is_joined:
        return order
    asked: dict[str, int] = {}
    taken: set[tuple[str, PaymentVerb]] = set()
    for _ in range(STEPS):
        question = _open_question(order, asked)
        if question is not None:
            payment, attempt = question
            asked[attempt.key] = asked.get(attempt.key, 0) + 1
            heard = ask(ports, order, payment, attempt, look_up=attempt.key not in fresh, version=version, at=at)
            if heard is not None:
                order, version, fresh = heard.order, heard.version, fresh - {attempt.key}
            continue
        step = orders.next_step(order, at=at)
        if step is None or (step.payment_id, step.verb) in taken:
            return order
        taken.add((step.payment_id, step.verb))
        next_taken = take_next(ports, order, lambda current: _next(current, at), version=version, at=at)
        order, version, fresh = next_taken.order, next_taken.version, fresh | next_taken.asked
    return order


def _next(order: Order, at: datetime) -> Decision:
    step = orders.next_step(order, at=at)
    return Decision(order) if step is None else decided(order, step)


def _open_question(order: Order, asked: dict[str, int]) -> tuple[Payment, Attempt] | None:
    """The first open attempt that this run may still ask about; one that is under way is asked about once."""
    for payment, attempt in order.open_attempts:
        if asked.get(attempt.key, 0) < (1 if attempt.pending else ROUNDS):
            return payment, attempt
    return None


def ask(ports: Ports, order: Order, payment: Payment, attempt: Attempt, *, look_up: bool, version: int, at: datetime) -> Taken | None:
    """Ask the gateway about one attempt and take its answer in; an order without a verdict says so. `None` when nothing was sent.

    A gateway whose own state does not allow what was asked knows something that the shop does not: so it is looked up, and the question stays
    open until it was, for afterwards nobody might ask again.
    """
    try:
        told = _verdict(ports, order, payment, attempt, look_up=look_up, at=at)
    except (NotSent, Throttled, Misconfigured):
        return None
    except Indeterminate as silence:
        why = str(silence)[:500]
        return take_next(ports, order, lambda now: _unanswered(now, payment.id, attempt.key, why, at), at=at)
    except InvalidState as error:
        no, unknown = error, f"{error}; how the payment stands could not be looked up"[:500]
        looked = looked_at(ports, order, payment, at=at)
        if looked is None:
            return take_next(ports, order, lambda now: _unanswered(now, payment.id, attempt.key, unknown, at), at=at)
        return take_next(ports, looked, lambda now: _answered(now, payment.id, attempt.key, no, at), at=at)
    try:
        return take_next(ports, order, lambda now: _answered(now, payment.id, attempt.key, told, at), version=version, at=at)
    except (Outage, Conflict) as error:
        if isinstance(told, Done):
            raise _to_reconcile(order, payment, attempt, told, why=str(error)) from error
        raise


def _to_reconcile(order: Order, payment: Payment, attempt: Attempt, outcome: Done, *, why: str) -> ReconciliationRequired:
    return ReconciliationRequired(
        order_id=order.id,
        payment_id=payment.id,
        verb=attempt.verb.value,
        key=attempt.key,
        gateway=payment.tender.gateway,
        reference=outcome.reference,
        at_stake=Money(attempt.amount, order.currency),
        why=why,
    )


def _answered(order: Order, payment_id: str, key: str, told: Outcome | GatewayError, at: datetime) -> Decision:
    payment = order.payment(payment_id)
    assert payment is not None, "payments never leave their order"
    if isinstance(told, GatewayError):
        return paying.answer(order, payment, _refused(told, payment), key=key, at=at, unasked=True)
    return paying.answer(order, payment, told, key=key, at=at)


def _unanswered(order: Order, payment_id: str, key: str, why: str, at: datetime) -> Decision:
    payment = order.payment(payment_id)
    if payment is None or open_attempt(payment, key) is None:
        return Decision(order)
    return paying.unanswered(order, payment, key=key, why=why, at=at)


def _verdict(ports: Ports, order: Order, payment: Payment, attempt: Attempt, *, look_up: bool, at: datetime) -> Outcome | GatewayError:
    """The gateway's answer. When a question is put, an error that is no silence is an answer too: what was asked will not happen.

    A gateway that says of a repeat that its key stands for another request has heard the first one, in whatever words.
    """
    gateway = ports.reached_gateway(payment.tender.gateway)
    if look_up:
        found = _looked_up(gateway, order, payment, attempt, at=at)
        if found is not None:
            return in_currency(found, order)
    try:
        return in_currency(_asked(ports, gateway, order, payment, attempt), order)
    except (*_SILENCE, InvalidState):
        raise
    except GatewayKeyConflict as error:
        if not look_up:
            return error
        raise Indeterminate(f"{attempt.key} was asked for before, in other words: what became of it has to be looked up") from error
    except GatewayError as error:
        return error


def _refused(error: GatewayError, payment: Payment) -> Declined:
    code = error.raw_code or type(error).__name__
    return Declined(DeclineReason.PROCESSING_ERROR, Advice.CONTACT_ISSUER, code[:200], str(error)[:1_000], payment.reference or None)


def _looked_up(gateway: PaymentGateway, order: Order, payment: Payment, attempt: Attempt, *, at: datetime) -> Outcome | None:
    """What became of a question that may have been put before; `None` when it is right to put it (again) under its key.

    Raises `Indeterminate` when that cannot be told: an error of the look-up says nothing about what was asked.
    """
    can, key = gateway.capabilities, OperationKey(attempt.key)
    try:
        if attempt.verb is PaymentVerb.REFUND:
            return gateway.query_refund(payment.reference, key)
        if can.queries_by_key:
            found = gateway.query(key=key)
            return None if _is_to_be_shown_again(gateway, order, payment, attempt, found) else found
        if can.honors_keys and (can.idempotency_ttl is None or at - attempt.at < can.idempotency_ttl):
            return None
        if payment.reference:
            _wait_for_others(attempt, at)
            return gateway.query(reference=payment.reference)
    except NotFound:
        if attempt.verb is PaymentVerb.START and order.state is OrderState.CANCELED:
            _wait_for_others(attempt, at)
            return Declined(DeclineReason.EXPIRED, Advice.DO_NOT_RETRY, "order_canceled", "the order was canceled first", None)
        if not can.honors_keys:
            _wait_for_others(attempt, at)
        return None
    except _SILENCE:
        raise
    except GatewayError as error:
        raise Indeterminate(f"what became of {key} cannot be told: {error}") from error
    raise Indeterminate(f"what became of {key} cannot be told: the gateway can neither be asked by key nor be told twice")


def _is_to_be_shown_again(gateway: PaymentGateway, order: Order, payment: Payment, attempt: Attempt, found: Outcome) -> bool:
    """Whether the buyer waits for something to act upon that was lost with the answer, and that the gateway tells only to who starts again."""
    lost = attempt.verb is PaymentVerb.START and isinstance(found, InProgress) and payment.tender.flow in _SHOWN
    return lost and not gateway.capabilities.recalls_actions and order.state is not OrderState.CANCELED


def _wait_for_others(attempt: Attempt, at: datetime) -> None:
    """Raise `Indeterminate` while somebody else may just be putting this question, where a gateway cannot tell both for one."""
    if at - attempt.at < PATIENCE:
        raise Indeterminate(f"{attempt.key} may be on its way to the gateway; ask again after {PATIENCE}")


def _asked(ports: Ports, gateway: PaymentGateway, order: Order, payment: Payment, attempt: Attempt) -> Outcome:
    key, tender = OperationKey(attempt.key), payment.tender
    amount = Money(attempt.amount, order.currency)
    match attempt.verb:
        case PaymentVerb.CAPTURE:
            return gateway.capture(key, payment.reference, amount, final=attempt.final)
        case PaymentVerb.VOID:
            # A provider that names a payment only once it is made knows it by the key it was started under.
            return gateway.void(key, payment.reference or payment.key)
        case PaymentVerb.REFUND:
            whole = Money(payment.captured, order.currency)
            return gateway.refund(RefundPart(key=key, payment=payment.reference, amount=amount, of_total=whole, reason=attempt.reason))
        case PaymentVerb.START:
            source, owner = _source(ports, order, payment)
            return gateway.start(
                StartPayment(
                    key=key,
                    amount=amount,
                    description=f"Order {order.number}",
                    flow=tender.flow,
                    capture=tender.capture and not attempt.promise_only,
                    challenge=attempt.challenge,
                    source_token=source or None,
                    owner=owner,
                    save=tender.save,
                    absent=tender.absent,
                    return_url=attempt.return_url or None,
                    notify_url=attempt.notify_url or None,
                    expires_at=_expires(order, attempt),
                    buyer=(("id", order.buyer_id),) if gateway.capabilities.names_buyer else (),
                    installments=tender.installments,
                    at=attempt.at,
                )
            )


def _source(ports: Ports, order: Order, payment: Payment) -> tuple[str, str]:
    found = opened_tender(ports, order, payment.tender)
    if isinstance(found, Refusal):
        raise InvalidRequest("the buyer was erased, and what was to be charged with them", raw_code=found.code)
    source, owner = found
    if payment.tender.flow is not Flow.SCAN_BUYER_CODE and holds_card_number(source):
        raise InvalidRequest("the source looks like the number of a card, and no gateway is sent one", raw_code="card_number")
    return source, owner


def _expires(order: Order, attempt: Attempt) -> datetime | None:
    """Until when the buyer may pay: told from what never changes, for the same key must always ask for the same."""
    until = order.placed_at + order.terms.payment_window
    return until if attempt.at < until else None
