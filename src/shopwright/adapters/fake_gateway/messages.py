"""The fake's translations, pure both ways: books to outcomes, events to signed notifications, and those back to events."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from shopwright.adapters.fake_gateway.book import AMOUNTS, Account, Entry, Told
from shopwright.adapters.fake_gateway.conduct import ADVICE
from shopwright.adapters.fake_gateway.settings import FakeSettings
from shopwright.adapters.signatures import signature, verify
from shopwright.errors import ShopwrightError
from shopwright.money import Money, Rounding
from shopwright.payments.disputes import Dispute, DisputeReason, DisputeState
from shopwright.payments.errors import BadNotification
from shopwright.payments.ledger import LedgerLine
from shopwright.payments.notifications import Ack, EventKind, GatewayEvent, Notification, RawNotification
from shopwright.payments.operations import OperationKey
from shopwright.payments.outcomes import (
    ActionRequired,
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

SIGNATURE, KEY_NAME = "Fake-Signature", "Fake-Key"
POLL_AFTER = timedelta(seconds=2)
SETTLES_AFTER = timedelta(days=2)
OK = Ack(200, b"ok")
RETRY_LATER = Ack(503, b"later")

_LEDGER_KINDS = {
    EventKind.CAPTURED: ("charge", 1),
    EventKind.REFUNDED: ("refund", -1),
    EventKind.REFUND_FAILED: ("refund_failure", 1),
    EventKind.CHARGED_BACK: ("chargeback", -1),
    EventKind.CHARGEBACK_REVERSED: ("chargeback_reversal", 1),
}


def standing(account: Account, start: Entry, disputes: tuple[Dispute, ...] = ()) -> Outcome:
    """How a payment stands."""
    match account.stage:
        case "action":
            return ActionRequired(account.reference, _action(account))
        case "waiting":
            return InProgress(account.reference, POLL_AFTER)
        case "open":
            return Done(account.reference, account.totals, account.settled_at or start.made_at, under_review=account.under_review, disputes=disputes)
        case "closed":
            return declined(DeclineReason.BUYER_CANCELED, account.reference, code="closed")
        case _:
            return declined(DeclineReason(account.decline), account.reference)


def operation(account: Account, entry: Entry) -> Outcome:
    """How a capture, void, refund or split stands."""
    match entry.state:
        case "done":
            return Done(account.reference, account.totals, entry.made_at)
        case "pending":
            return InProgress(account.reference, POLL_AFTER)
        case "failed":
            return declined(DeclineReason(entry.decline), account.reference, code="refund_failed")
        case _:
            return declined(DeclineReason(entry.decline), account.reference)


def declined(reason: DeclineReason, reference: str, *, code: str = "") -> Declined:
    """A no, with the advice that goes with its reason."""
    message = f"the bank says {reason.value.replace('_', ' ')}"
    return Declined(reason, ADVICE[reason], raw_code=code or reason.value, message=message, reference=reference)


def _action(account: Account) -> NextAction:
    page = f"https://fake.example/pay/{account.reference}"
    if account.action == "qr":
        return ShowQr(page, account.expires_at)
    if account.action == "sdk":
        return ClientSdk("fake-sdk", {"client_secret": f"cs_{account.reference}"})
    return Redirect(page)


def pushed(told: Told, settings: FakeSettings, *, at: datetime) -> RawNotification:
    """An event as the provider pushes it: JSON, signed."""
    body: dict[str, Any] = {
        "id": f"evt_{told.number:08d}",
        "type": f"payment.{told.kind}",
        "created": told.told_at.isoformat(),
        "merchant": settings.merchant_account,
        "payment": told.reference,
        "payment_key": told.payment_key,
        "operation_key": told.key,
        "currency": told.currency,
        "amount": told.amount,
        "totals": {name: getattr(told, name) for name in AMOUNTS},
    }
    if told.dispute:
        due = None if told.dispute_due_at is None else told.dispute_due_at.isoformat()
        body["dispute"] = {"id": told.dispute, "state": told.dispute_state, "reason": told.dispute_reason, "due": due}
    return sealed(json.dumps(body, sort_keys=True).encode(), settings, at=at)


def noise(number: int, settings: FakeSettings, *, at: datetime) -> RawNotification:
    """An event of a kind that no shop has asked for; providers send these too."""
    body = {"id": f"evt_noise_{number}", "type": "account.updated", "created": at.isoformat(), "merchant": settings.merchant_account}
    return sealed(json.dumps(body, sort_keys=True).encode(), settings, at=at)


def sealed(body: bytes, settings: FakeSettings, *, at: datetime) -> RawNotification:
    """These bytes, signed with the first of the keys."""
    name, secret = settings.signing_keys[0]
    headers = (("Content-Type", "application/json"), (KEY_NAME, name), (SIGNATURE, signature(secret, body, at=at)))
    return RawNotification(headers=headers, body=body, received_at=at)


def opened(raw: RawNotification, settings: FakeSettings) -> Notification:
    """What a notification says, if it is the provider's and for this account; raises `BadNotification`."""
    secret = dict(settings.signing_keys).get(raw.header(KEY_NAME))
    if secret is None:
        raise BadNotification("the notification is signed with a key that this account does not have")
    signed_at = verify(raw.header(SIGNATURE), secret, raw.within(), at=raw.received_at, tolerance=settings.tolerance)
    try:
        event = _event(json.loads(raw.body))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ShopwrightError) as error:
        raise BadNotification(f"the body is not an event of the fake provider: {type(error).__name__}") from error
    if event.merchant_account != settings.merchant_account:
        raise BadNotification("the notification is for another merchant account")
    account, fresh_for = settings.merchant_account, settings.tolerance
    return Notification((event,), OK, RETRY_LATER, signed_at=signed_at, fresh_for=fresh_for, account=account)


def _event(body: dict[str, Any]) -> GatewayEvent:
    scope, _, word = body["type"].partition(".")
    created = datetime.fromisoformat(body["created"])
    if scope != "payment" or word not in set(EventKind):
        return GatewayEvent(event_id=body["id"], kind=EventKind.IGNORED, reference="", merchant_account=body["merchant"], occurred_at=created)
    filed = body.get("dispute")
    return GatewayEvent(
        event_id=body["id"],
        kind=EventKind(word),
        dispute=None if filed is None else _dispute(filed, body["amount"], told_at=created),
        reference=body["payment"],
        occurred_at=created,
        payment_key=OperationKey(body["payment_key"]),
        our_key=OperationKey(body["operation_key"]),
        amount=Money(body["amount"], body["currency"]),
        totals=Totals.of(body["currency"], **{name: body["totals"][name] for name in AMOUNTS}),
        merchant_account=body["merchant"],
    )


def _dispute(filed: dict[str, Any], amount: int, *, told_at: datetime) -> Dispute:
    due_at = None if filed["due"] is None else datetime.fromisoformat(filed["due"])
    state, reason = DisputeState(filed["state"]), DisputeReason(filed["reason"])
    return Dispute(id=filed["id"], state=state, amount=amount, told_at=told_at, reason=reason, due_at=due_at)


def line(told: Told, settings: FakeSettings, payouts: tuple[int, ...] = ()) -> LedgerLine | None:
    """What an event means for the shop's account; `None` when no money moved. `payouts` says up to which event each payout goes."""
    kind, sign = _LEDGER_KINDS.get(EventKind(told.kind), ("", 0))
    if not sign:
        return None
    gross = Money(sign * told.amount, told.currency)
    fee = gross.share(settings.fee_basis_points, Rounding.HALF_UP) if kind == "charge" else Money(0, told.currency)
    payout = next((f"po_{number}" for number, last in enumerate(payouts, 1) if told.number <= last), None)
    return LedgerLine(
        line_id=f"ln_{told.number:08d}",
        kind=kind,
        reference=told.reference,
        gross=gross,
        fee=fee,
        booked_at=told.told_at,
        available_on=told.told_at + SETTLES_AFTER,
        payout_id=payout,
    )
