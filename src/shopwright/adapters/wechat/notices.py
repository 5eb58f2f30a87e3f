"""What WeChat Pay pushes: a signed body with an encrypted resource in it, told to our account, read in one go.

Rules
- verified first: the signature over the raw bytes, by a key of WeChat Pay that is known, then its time, then the encryption, and only then the words;
- a key that is not known verifies nothing: it is looked up when the shop asks WeChat Pay the next time, never from here, so that a stranger
  causes no traffic; WeChat Pay repeats what was not acknowledged for a day;
- a payment and each refund are one event each, however often they are told;
- nothing but `BadNotification` is raised, whatever the bytes are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shopwright.adapters.wechat.certificates import PlatformKeys
from shopwright.adapters.wechat.client import ALGORITHM
from shopwright.adapters.wechat.messages import CURRENCY, fen, moment, part, word
from shopwright.adapters.wechat.proofs import HEADERS, Proof
from shopwright.adapters.wechat.settings import WechatSettings
from shopwright.adapters.wechat.signing import SCHEMA, decrypted
from shopwright.errors import InvalidValue, ShopwrightError
from shopwright.money import Money
from shopwright.payments.errors import BadNotification
from shopwright.payments.notifications import Ack, EventKind, GatewayEvent, Notification, RawNotification
from shopwright.payments.operations import OperationKey
from shopwright.payments.outcomes import Totals

OK = Ack(204)
RETRY_LATER = Ack(500, b'{"code":"FAIL","message":"try again later"}', "application/json")
REFUNDS = {"SUCCESS": EventKind.REFUNDED, "CLOSED": EventKind.REFUND_FAILED, "ABNORMAL": EventKind.IGNORED}
"""What became of a refund. One that the buyer's bank does not take is still on its way, until somebody settles it in the merchant console."""

_BYTES = 100_000

Words = Mapping[str, Any]


def opened(raw: RawNotification, settings: WechatSettings, keys: PlatformKeys) -> Notification:
    """What a notification says, if it is WeChat Pay's, to this account, and fresh. Raises `BadNotification`."""
    body = raw.within(_BYTES)
    proof = Proof(*[raw.header(name) for name in HEADERS])
    _demand_schema(raw)
    wrong = proof.problem(body, keys, at=raw.received_at, tolerance=settings.tolerance)
    if wrong is not None:
        raise BadNotification(f"the notification cannot be believed: {wrong}")
    try:
        told = _object(body)
        if word(told, "resource_type") != "encrypt-resource":
            raise BadNotification("expected an encrypted resource")
        sealed = part(told, "resource")
        if word(sealed, "algorithm") != ALGORITHM:
            raise BadNotification(f"expected {ALGORITHM}; other encryption is not accepted")
        event = _event(told, _object(_plain(sealed, settings)), settings)
    except BadNotification:
        raise
    except (KeyError, ValueError, OverflowError, RecursionError, ShopwrightError) as error:
        raise BadNotification(f"the notification is signed, and makes no sense: {type(error).__name__}") from error
    signed_at = datetime.fromtimestamp(int(proof.timestamp), UTC)
    return Notification((event,), OK, RETRY_LATER, signed_at=signed_at, fresh_for=settings.tolerance, account=settings.merchant_id)


def _demand_schema(raw: RawNotification) -> None:
    named = [value for name, value in raw.headers if name.lower() == "wechatpay-signature-type"]
    if named not in ([], [SCHEMA]):
        raise BadNotification(f"expected {SCHEMA}; other signatures are not accepted")


def _plain(sealed: Words, settings: WechatSettings) -> bytes:
    associated = sealed.get("associated_data", "")
    if not isinstance(associated, str):
        raise BadNotification("expected associated_data as a text")
    return decrypted(
        settings.api_v3_key.encode(), nonce=word(sealed, "nonce"), associated_data=associated, ciphertext=_long(sealed, "ciphertext")
    )


def _long(words: Words, name: str) -> str:
    found = words.get(name)
    if not isinstance(found, str):
        raise BadNotification(f"expected {name} as a text")
    return found


def _object(text: bytes) -> Words:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise BadNotification("expected an object")
    return found


def _event(told: Words, resource: Words, settings: WechatSettings) -> GatewayEvent:
    kind, original = word(told, "event_type"), str(part(told, "resource").get("original_type", ""))
    if resource.get("mchid", settings.merchant_id) != settings.merchant_id:
        raise BadNotification("the notification is for another merchant")
    if kind == "TRANSACTION.SUCCESS" and original in {"", "transaction"} and "out_trade_no" in resource:
        return _paid(resource, settings)
    if kind.startswith("REFUND.") and "out_refund_no" in resource:
        return _refunded(told, resource)
    return GatewayEvent(
        event_id=word(told, "id"),
        kind=EventKind.IGNORED,
        reference="",
        occurred_at=moment(word(told, "create_time")),
        merchant_account=settings.merchant_id,
        raw=(("event_type", kind),),
    )


def _paid(resource: Words, settings: WechatSettings) -> GatewayEvent:
    if word(resource, "mchid") != settings.merchant_id or word(resource, "appid") not in settings.app_ids:
        raise BadNotification("the notification is for another merchant or application")
    if word(resource, "trade_state") not in {"SUCCESS", "REFUND"}:
        raise BadNotification("a payment is told as made whose state says otherwise")
    amount = fen(part(resource, "amount"), "total")
    reference, transaction = word(resource, "out_trade_no"), word(resource, "transaction_id")
    return GatewayEvent(
        event_id=f"{transaction}_paid",
        kind=EventKind.CAPTURED,
        reference=reference,
        occurred_at=moment(word(resource, "success_time")),
        payment_key=_key(reference),
        our_key=_key(reference),
        amount=Money(amount, CURRENCY),
        totals=Totals.of(CURRENCY, authorized=amount, captured=amount),
        merchant_account=settings.merchant_id,
        raw=(("transaction_id", transaction),),
    )


def _refunded(told: Words, resource: Words) -> GatewayEvent:
    status, refund = word(resource, "refund_status"), word(resource, "refund_id")
    if status not in REFUNDS:
        raise BadNotification("a refund is told in a state that is not known here")
    merchant, reference = word(resource, "mchid"), word(resource, "out_trade_no")
    ended = resource.get("success_time")
    return GatewayEvent(
        event_id=f"{refund}_{status.lower()}",
        kind=REFUNDS[status],
        reference=reference,
        occurred_at=moment(ended if isinstance(ended, str) else word(told, "create_time")),
        payment_key=_key(reference),
        our_key=_key(word(resource, "out_refund_no")),
        amount=Money(fen(part(resource, "amount"), "refund"), CURRENCY),
        merchant_account=merchant,
        raw=(("refund_id", refund), ("refund_status", status), ("transaction_id", word(resource, "transaction_id"))),
    )


def _key(text: str) -> OperationKey | None:
    """The key in these words; orders that were made elsewhere have other ones."""
    try:
        return OperationKey(text)
    except InvalidValue:
        return None
