"""What goes out about an event: one JSON object in a shape of its own, which stays as it is when the event that the shop stores gets other fields.

    {"shape": 1, "id": "evt_...", "type": "OrderConfirmed", "timestamp": "2026-03-02T09:00:00+00:00",
     "data": {"stream": "events", "key": "<order id>", "number": 4, "facts": {"by": {"kind": "staff"}, "rule": "person"}}}

Rules
- NOTICE-1: `facts` holds what `SHOWN` names of an event and nothing else: no name, address, note, contact, token or address of a page;
- NOTICE-2: who wants more names it field by field (`OrderPlaced.ship_to`); what `NEVER` names goes out to nobody;
- NOTICE-3: the id is made from stream, key and number alone, so that it is the same whenever, to whomever and by whichever process it is told;
- facts stand as in the store (`shopwright.wire.plain`): a fact at its default is left out, amounts are minor units, times ISO 8601 in UTC;
- a new fact may come at any time; one that goes or changes its meaning makes a new `shape`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import attrs

from shopwright.errors import InvalidValue
from shopwright.ports.kinds import Kinds, RecordType
from shopwright.ports.outlets import Notice
from shopwright.ports.storage import Recorded
from shopwright.wire.codec import Codec

SHAPE = 1
"""The shape of the object."""

_PAYMENT = ("payment_id", "amount")
_LINE = ("line_no", "sku", "seller_id", "quantity", "unit_price", "subtotal", "discount", "shipping", "tax", "total")

SHOWN: dict[str, tuple[str, ...]] = {
    "OrderPlaced": (
        *("number", "currency", "channel", "shipping_method", "coupon_code", "promised_at", "external_id", "by.kind"),
        *(f"lines.{name}" for name in _LINE),
        *("payments.id", "payments.tender.method", "payments.tender.amount"),
    ),
    "ReviewRequested": ("reasons",),
    "OrderConfirmed": ("by.kind", "rule"),
    "OrderSentBack": ("by.kind",),
    "OrderCorrected": ("by.kind",),
    "OrderCompleted": ("by.kind",),
    "OrderCanceled": ("reason", "by.kind", "goods_out"),
    "RefundGranted": ("amount", "allowance", "by.kind"),
    "UnitsSettled": ("lines.line_no", "lines.units", "lines.goods", "lines.shipping", "by.kind"),
    "UnitsCanceled": ("units",),
    "UnitsHandedOver": ("units",),
    "UnitsReturned": ("units",),
    "UnitsReopened": ("units", "source"),
    "OrderReopened": ("by.kind",),
    "OrderEdited": ("by.kind",),
    "AddressChanged": ("by.kind",),
    "LinesAdded": ("lines.line_no", "lines.sku", "lines.quantity", "lines.total", "by.kind"),
    "LinesRepriced": ("lines.line_no", "lines.total", "coupon_code", "shipping_method", "by.kind"),
    "PaymentAdded": ("payment.id", "payment.tender.method", "payment.tender.amount", "by.kind"),
    "EarningChanged": (),
    "ClaimChanged": ("state",),
    "ClaimReduced": ("items",),
    "OrderSourced": ("items", "why"),
    "HoldPlaced": ("hold.id", "hold.reason", "hold.expires_at"),
    "HoldLifted": ("hold_id", "by.kind"),
    "ExceptionNoted": ("code", "on_record"),
    "OrderTagged": ("added", "removed", "by.kind"),
    "ExceptionAssigned": ("exception",),
    "ExceptionResolved": ("exception", "how", "by.kind"),
    "PromiseMoved": ("promised_at", "by.kind"),
    "CustomerTold": ("exception",),
    "CompensationOwed": ("exception", "rule", "gives", "amount"),
    "CompensationGiven": ("exception", "rule", "gives", "amount", "refused"),
    "ExceptionPutOff": ("exception", "until"),
    "RecoveryDelayed": ("tries", "until"),
    "PaymentAttempted": (*_PAYMENT, "verb"),
    "RiskAssessed": ("payment_id", "verdict", "follows"),
    "PaymentReviewTold": ("payment_id", "open"),
    "PaymentUnanswered": ("payment_id",),
    "PaymentActionRequired": ("payment_id",),
    "PaymentPending": ("payment_id",),
    "PaymentDeclined": ("payment_id", "reason", "advice"),
    "AttemptFailed": ("payment_id", "verb", "reason"),
    "AttemptClosed": ("payment_id",),
    "PaymentAuthorized": _PAYMENT,
    "PaymentCaptured": _PAYMENT,
    "PaymentVoided": _PAYMENT,
    "PaymentRefundPending": _PAYMENT,
    "PaymentRefunded": (*_PAYMENT, "whole", "by_hand"),
    "PaymentRefundFailed": _PAYMENT,
    "PaymentChargedBack": _PAYMENT,
    "ChargebackReversed": _PAYMENT,
    "DisputeTold": ("payment_id", "dispute.id", "dispute.state", "dispute.amount", "dispute.reason"),
    "DisputeAnswered": ("payment_id", "dispute_id", "by.kind"),
    "ShipmentPlanned": ("shipment_id", "units", "carrier", "place"),
    "BookingAttempted": ("shipment_id",),
    "ShipmentBooked": ("shipment_id", "tracking_numbers"),
    "BookingFailed": ("shipment_id",),
    "ShipmentDispatched": ("shipment_id",),
    "ShipmentTracked": ("shipment_id", "scans.at", "scans.status"),
    "ShipmentTroubled": ("shipment_id", "why"),
    "ShipmentDelivered": ("shipment_id",),
    "ShipmentReturning": ("shipment_id",),
    "ShipmentReturned": ("shipment_id",),
    "ShipmentLost": ("shipment_id",),
    "ShipmentCanceled": ("shipment_id",),
    "BookingVoided": ("shipment_id", "void"),
    "CaseOpened": (
        *("number", "order_id", "currency", "by.kind", "terms.rule"),
        *(f"wishes.{name}" for name in ("line_no", "units", "why", "resolution", "sku")),
    ),
    "MoreAsked": ("due_at", "by.kind"),
    "MoreGiven": ("by.kind",),
    "CaseApproved": ("granted", "rule", "due_at", "by.kind"),
    "CaseRejected": ("why", "by.kind"),
    "GoodsSent": ("carrier", "tracking_number", "by.kind"),
    "GoodsReceived": ("units",),
    "GoodsMissing": ("by.kind",),
    "GoodsInspected": ("findings",),
    "CaseResolved": ("outcomes", "by.kind"),
    "CaseWithdrawn": ("by.kind",),
    "CaseExpired": (),
    "QuarantineEnded": ("units", "restocked"),
    "ReturnLabelAsked": ("carrier",),
    "ReturnLabelBooked": ("tracking_numbers",),
    "ReturnLabelFailed": (),
    "ReturnLabelDropped": ("by.kind",),
    "ReturnLabelVoided": (),
    "ReturnLabelKept": (),
    "ReturnParcelScanned": ("scans.at", "scans.status"),
}
"""What everybody is told of each event of an order and of a case, as paths. Of an event that is not here, nothing but that it happened."""

NEVER = frozenset(
    {
        "OrderPlaced.payments.tender.source",
        "OrderPlaced.payments.tender.sealed_source",
        "PaymentAdded.payment.tender.source",
        "PaymentAdded.payment.tender.sealed_source",
        "PaymentActionRequired.action",
        "PaymentAttempted.return_url",
        "PaymentAttempted.notify_url",
    }
)
"""Tokens that pay, and addresses of pages on which somebody pays: no subscription may ask for them."""


def notice_id(stream: str, key: str, number: int) -> str:
    """The id of the notice about this record (NOTICE-3)."""
    return f"evt_{sha256(f'{stream}/{key}/{number}'.encode()).hexdigest()[:40]}"


def notice_of(recorded: Recorded, codec: Codec, *, subscription: str, plus: Iterable[str] = ()) -> Notice:
    """What is told of a record, with the fields that `plus` names beside those that everybody is told (NOTICE-1)."""
    type_ = codec.kinds.record(type(recorded.value)).name
    more = [path.removeprefix(f"{type_}.") for path in plus if path.startswith(f"{type_}.")]
    wanted = (*SHOWN.get(type_, ()), *more)
    facts = _kept(json.loads(codec.dump(recorded.value)), wanted) if wanted else {}
    id = notice_id(recorded.stream, recorded.key, recorded.number)
    told = {
        "shape": SHAPE,
        "id": id,
        "type": type_,
        "timestamp": recorded.at.isoformat(),
        "data": {"stream": recorded.stream, "key": recorded.key, "number": recorded.number, "facts": facts},
    }
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    return Notice(
        id=id, subscription=subscription, stream=recorded.stream, type=type_, key=recorded.key, number=recorded.number, at=recorded.at, body=body
    )


def check_fields(kinds: Kinds, plus: object) -> None:
    """Raises `InvalidValue` unless each of these is `<event>.<field>`, or a path below a field, and none leads to what `NEVER` names (NOTICE-2)."""
    if not isinstance(plus, tuple):
        raise InvalidValue(f"expected fields as a tuple such as ('OrderPlaced.ship_to',), got {plus!r}")
    for path in plus:
        kind, _, rest = path.partition(".") if isinstance(path, str) else ("", "", "")
        if not rest:
            raise InvalidValue(f"expected a field as <event>.<field>, such as OrderPlaced.ship_to, got {path!r}")
        event = record_type(kinds, kind)
        known = [it.name for it in attrs.fields(event.type)]
        if rest.partition(".")[0] not in known:
            raise InvalidValue(f"{kind} has no field {rest.partition('.')[0]!r}; it has {', '.join(known)}")
        if secret := next((it for it in sorted(NEVER) if f"{it}.".startswith(f"{path}.") or f"{path}.".startswith(f"{it}.")), ""):
            raise InvalidValue(f"{path} would show {secret}, which goes out to nobody; name the fields beside it one by one")


def record_type(kinds: Kinds, name: object) -> RecordType[Any]:
    """The type of records of this name; raises `InvalidValue` for any other name."""
    found = next((it for it in kinds.records if it.name == name), None)
    if found is None:
        raise InvalidValue(f"expected the name of an event, such as OrderPlaced, got {name!r}; docs/reference/events.md lists them")
    return found


def _kept(plain: Any, paths: Iterable[str]) -> Any:
    """What these paths lead to, in the order of the fields, through arrays as if they were not there."""
    if isinstance(plain, list):
        return [_kept(it, paths) for it in plain]
    below: dict[str, list[str]] = {}
    for path in paths:
        head, _, rest = path.partition(".")
        below.setdefault(head, []).append(rest)
    if not isinstance(plain, dict):
        return plain
    return {name: value if "" in below[name] else _kept(value, below[name]) for name, value in plain.items() if name in below}
