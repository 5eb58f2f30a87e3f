"""Which payment of an order a provider's event is about, and whether what it says can be meant.

Rules
- RECEIVE-5: an event counts for the payment that it names, by the provider's reference or by the key it was started under; one that names two
  payments, or tells of another currency, is noted for a person and changes nothing;
- RECEIVE-6: money that was taken is taken in, also where it is not what was asked for: that is noted beside it (`payment_amount`), for a person;
- what was noted once is not noted again, under whatever event id it comes.
"""

from __future__ import annotations

from datetime import datetime

from shopwright.orders.events import ExceptionNoted
from shopwright.orders.order import Order
from shopwright.payments.events import PaymentVerb
from shopwright.payments.notifications import EventKind, GatewayEvent
from shopwright.payments.payment import Payment
from shopwright.refusals import Fact

_TAKEN = frozenset({EventKind.AUTHORIZED, EventKind.CAPTURED})
Facts = tuple[tuple[str, Fact], ...]
"""What is noted beside a code."""


def payment_of(order: Order, gateway: str, event: GatewayEvent) -> Payment | None:
    """The payment of this gateway that an event is about: by reference, or by the key it was started under."""
    mine = [payment for payment in order.payments if payment.tender.gateway == gateway]
    by_reference = [payment for payment in mine if payment.reference and payment.reference == event.reference]
    named = {key.value for key in (event.payment_key, event.our_key) if key is not None}
    by_key = [payment for payment in mine if payment.key in named or any(attempt.key in named for attempt in payment.attempts)]
    return next(iter(by_reference or by_key), None)


def no_meaning(order: Order, payment: Payment, event: GatewayEvent) -> tuple[str, Facts] | None:
    """Why nothing can be taken in of an event, as a code and its facts; `None` where it can."""
    amounts = (event.amount, None if event.totals is None else event.totals.captured)
    foreign = next((amount for amount in amounts if amount is not None and amount.currency != order.currency), None)
    if foreign is not None:
        return "payment_currency", (*_about(payment, event), ("amount", foreign.minor), ("currency", foreign.currency))
    key = event.payment_key
    if key is not None and payment.key and key.value != payment.key:
        return "payment_mismatch", (*_about(payment, event), ("key", key.value), ("expected", payment.key))
    return None


def odd_amount(payment: Payment, event: GatewayEvent) -> tuple[str, Facts] | None:
    """What an event says was promised or taken, where that is not what was asked for: more than the tender, or less where all was to be taken."""
    if event.kind not in _TAKEN:
        return None
    asked, told = payment.tender.amount, _told(event)
    whole = payment.tender.capture and not payment.held_back and not payment.asked(PaymentVerb.CAPTURE)
    if told is None or not (told > asked or (told < asked and whole)):
        return None
    return "payment_amount", (*_about(payment, event), ("amount", told), ("expected", asked))


def noted(order: Order, note: tuple[str, Facts] | None, *, at: datetime) -> tuple[ExceptionNoted, ...]:
    """The event that notes this on the order, unless there is nothing to note or it stands there."""
    if note is None or any((known.code, known.facts) == note for known in order.exceptions):
        return ()
    code, facts = note
    return (ExceptionNoted(code=code, facts=facts, at=at),)


def _told(event: GatewayEvent) -> int | None:
    if event.totals is not None:
        return max(event.totals.authorized.minor, event.totals.captured.minor)
    return None if event.amount is None else event.amount.minor


def _about(payment: Payment, event: GatewayEvent) -> Facts:
    return ("payment", payment.id), ("kind", event.kind.value)
