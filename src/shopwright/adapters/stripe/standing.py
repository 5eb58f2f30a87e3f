"""How things stand at Stripe, in our words, pure: objects of its API become outcomes.

Rules
- a payment that was authorized has an `amount`, of which `amount_received` is taken and `amount_capturable` still promised; the rest is voided;
- what Stripe releases of an authorization may look like a refund; it names no payment, or has neither a booking nor a key of ours, and is none;
- a session that is open waits for its buyer, also after a card said no; once it is complete its payment tells;
- an answer about another object, or one that misses what it must tell, is no answer (`Indeterminate`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from shopwright.adapters.stripe.amounts import from_wire
from shopwright.adapters.stripe.client import Answer
from shopwright.adapters.stripe.codes import DECLINES, declined
from shopwright.adapters.stripe.messages import KEY
from shopwright.money import Money
from shopwright.payments.errors import Indeterminate
from shopwright.payments.outcomes import (
    ActionRequired,
    Advice,
    ClientSdk,
    Declined,
    DeclineReason,
    Done,
    InProgress,
    NextAction,
    Outcome,
    Redirect,
    ShowQr,
    Totals,
)
from shopwright.payments.saved import MethodLabel, SavedToken

POLL_AFTER = timedelta(seconds=5)
UNDER_WAY = frozenset({"pending", "requires_action"})
TAKEN_BACK = frozenset({"needs_response", "under_review", "lost"})
"""Disputes in these states have taken the money."""

_CODES = {"wechat_pay_display_qr_code": "data", "pix_display_qr_code": "data", "promptpay_display_qr_code": "data"}
_LAPSED = frozenset({"automatic", "expired", "abandoned"})


def intent(answer: Answer, *, at: datetime, publishable_key: str = "", refunds: Iterable[Answer] = (), disputes: Iterable[Answer] = ()) -> Outcome:
    """How a payment stands; `at` is when, for what tells no time of its own."""
    reference, status = word(answer, "id"), word(answer, "status")
    match status:
        case "succeeded" | "requires_capture":
            return _done(answer, reference, at=at, refunds=refunds, disputes=disputes)
        case "requires_action":
            return ActionRequired(reference, _action(answer, publishable_key))
        case "processing" | "requires_confirmation":
            return InProgress(reference, POLL_AFTER)
        case "requires_payment_method":
            error = answer.get("last_payment_error")
            return declined(error, reference) if isinstance(error, dict) else InProgress(reference, POLL_AFTER)
        case "canceled" if was_authorized(answer):
            return _done(answer, reference, at=at, refunds=refunds, disputes=disputes)
        case "canceled":
            return _given_up(answer, reference)
        case _:
            raise Indeterminate(f"Stripe tells a state of a payment that is not known here: {status[:40]!r}", raw_code=status[:40])


def _done(answer: Answer, reference: str, *, at: datetime, refunds: Iterable[Answer], disputes: Iterable[Answer]) -> Done:
    charge = charge_of(answer)
    since = moment(charge.get("created")) or moment(answer.get("created")) or at
    found = totals(answer, refunds=refunds, disputes=disputes)
    return Done(reference, found, since, raw=_facts(answer, charge), under_review=under_review(answer))


def totals(answer: Answer, *, refunds: Iterable[Answer] = (), disputes: Iterable[Answer] = ()) -> Totals:
    """The totals of a payment that was authorized."""
    currency = answer.get("currency")
    whole, taken, left = (_number(answer, name, currency) for name in ("amount", "amount_received", "amount_capturable"))
    given_back = under_way = 0
    for each in refunds:
        minor = _number(each, "amount", each.get("currency"))
        if each.get("status") in UNDER_WAY:
            under_way += minor
        elif each.get("status") == "succeeded" and _is_no_release(each):
            given_back += minor
    lost = sum(_number(each, "amount", each.get("currency")) for each in disputes if each.get("status") in TAKEN_BACK)
    return Totals.of(
        from_wire(0, currency).currency,
        authorized=whole,
        captured=taken,
        refunded=given_back,
        voided=whole - taken - left,
        pending_refund=under_way,
        charged_back=lost,
    )


def _is_no_release(refund: Answer) -> bool:
    return bool(refund.get("payment_intent")) and (bool(refund.get("balance_transaction")) or KEY in metadata(refund))


def _number(answer: Answer, name: str, currency: Any) -> int:
    return from_wire(answer.get(name), currency).minor


def money(answer: Answer, name: str = "amount") -> Money:
    """An amount of an object, in its currency."""
    return from_wire(answer.get(name), answer.get("currency"))


def _action(answer: Answer, publishable_key: str) -> NextAction:
    action = answer.get("next_action")
    told: dict[str, Any] = action if isinstance(action, dict) else {}
    kind = str(told.get("type"))
    inner = told.get(kind)
    details: dict[str, Any] = inner if isinstance(inner, dict) else {}
    if kind == "redirect_to_url" and isinstance(details.get("url"), str):
        return Redirect(details["url"])
    if kind in _CODES and isinstance(details.get(_CODES[kind]), str):
        return ShowQr(details[_CODES[kind]])
    return in_browser(answer, publishable_key)


def in_browser(answer: Answer, publishable_key: str) -> ClientSdk:
    """What Stripe's code in the page of the shop needs."""
    return ClientSdk("stripe", {"client_secret": word(answer, "client_secret"), "publishable_key": publishable_key})


def _given_up(answer: Answer, reference: str) -> Declined:
    why = str(answer.get("cancellation_reason") or "")
    reason = DeclineReason.EXPIRED if why in _LAPSED else DeclineReason.BUYER_CANCELED
    return Declined(reason, Advice.ASK_BUYER, raw_code=why or "canceled", message="the payment was given up before it was made", reference=reference)


def session(answer: Answer, *, publishable_key: str = "") -> Outcome:
    """How a session stands whose payment does not tell more: its buyer has to act, or came too late, or the payment is on its way."""
    reference, status = word(answer, "id"), word(answer, "status")
    if status == "open":
        url = answer.get("url")
        return ActionRequired(reference, Redirect(url) if isinstance(url, str) and url else in_browser(answer, publishable_key))
    if status == "expired":
        message = "the page was closed before the buyer paid"
        return Declined(DeclineReason.EXPIRED, Advice.ASK_BUYER, raw_code="expired", message=message, reference=reference)
    if status == "complete":
        return InProgress(reference, POLL_AFTER)
    raise Indeterminate(f"Stripe tells a state of a session that is not known here: {status[:40]!r}", raw_code=status[:40])


def refund(answer: Answer, payment: str, now: Totals) -> Outcome:
    """How one refund stands, with the totals of its payment."""
    status = word(answer, "status")
    if status in UNDER_WAY:
        return InProgress(payment, POLL_AFTER, raw=(("refund", word(answer, "id")),))
    if status == "succeeded":
        since = moment(answer.get("created"))
        if since is None:
            raise Indeterminate("the refund tells no time", raw_code="unreadable")
        return Done(payment, now, since, raw=(("refund", word(answer, "id")),))
    why = str(answer.get("failure_reason") or status)[:200]
    reason, advice = DECLINES.get(why, (DeclineReason.PROCESSING_ERROR, Advice.CONTACT_ISSUER))
    return Declined(reason, advice, raw_code=why, message="the refund could not be delivered", reference=payment)


def saved(answer: Answer) -> SavedToken | None:
    """The method that a payment has saved; `None` until it is made, and where it saves none."""
    method, owner = answer.get("payment_method"), answer.get("customer")
    made = answer.get("status") in {"succeeded", "requires_capture"} and bool(answer.get("setup_future_usage"))
    if not made or not isinstance(method, dict) or not isinstance(owner, str):
        return None
    return SavedToken(token=word(method, "id"), owner=owner, label=_label(method))


def _label(method: Answer) -> MethodLabel:
    kind = str(method.get("type") or "")[:40]
    card = method.get(kind)
    told: dict[str, Any] = card if isinstance(card, dict) else {}
    year, month = told.get("exp_year"), told.get("exp_month")
    expires = f"{year:04d}-{month:02d}" if type(year) is int and type(month) is int else ""
    return MethodLabel(kind=kind, brand=str(told.get("brand") or "")[:40], last_four=str(told.get("last4") or ""), expires=expires)


def charge_of(answer: Answer) -> Answer:
    """The latest charge of a payment; empty when there is none, or only its name was told."""
    found = answer.get("latest_charge")
    return found if isinstance(found, dict) else {}


def was_authorized(answer: Answer) -> bool:
    """Whether a payment that was given up held money once. Without its charge, a charge that left no error must have done it."""
    if charge := charge_of(answer):
        return charge.get("status") == "succeeded"
    return bool(answer.get("latest_charge")) and not answer.get("last_payment_error")


def under_review(answer: Answer) -> bool:
    """Whether Stripe has doubts, and nobody has cleared them."""
    review = answer.get("review")
    return bool(review.get("open")) if isinstance(review, dict) else bool(review)


def given_back_something(answer: Answer) -> bool:
    """Whether there are refunds to ask for."""
    return bool(charge_of(answer).get("amount_refunded"))


def is_disputed(answer: Answer) -> bool:
    """Whether there are disputes to ask for."""
    return bool(charge_of(answer).get("disputed"))


def _facts(answer: Answer, charge: Answer) -> tuple[tuple[str, str], ...]:
    """What is worth keeping: the charge, and the saved method with its customer where the buyer agreed to that."""
    saved = ("payment_method", "customer") if answer.get("setup_future_usage") else ()
    found = {"charge": charge.get("id"), **{name: answer.get(name) for name in saved}}
    return tuple((name, value) for name, value in found.items() if isinstance(value, str) and value)


def metadata(answer: Answer) -> dict[str, str]:
    """The notes on an object."""
    found = answer.get("metadata")
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def word(answer: Answer, name: str) -> str:
    """A text that must be there. Raises `Indeterminate`."""
    found = answer.get(name)
    if not isinstance(found, str) or not found:
        raise Indeterminate(f"Stripe has told no {name}", raw_code="unreadable")
    return found


def moment(seconds: Any) -> datetime | None:
    """A time of Stripe: seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC) if type(seconds) is int and 0 <= seconds < 2**35 else None
