"""What happened to an order as a story: who did what, when and why, for staff and for the customer.

Rules
- TIME-1: every event has a line here, and shows of itself what its line names and nothing else: no key of an operation, no token, no address, no
  reference, no answer of a provider in its own words;
- TIME-2: the customer's story is a part of the staff's: it leaves out what the shop thinks of them (risk, holds, disputes, exceptions), how it works
  inside (claims, attempts, recovery), who of the staff it was, and a reason that they must not read (`fraud` is `other`);
- what people typed is no part of an event's line: notes stand beside it, opened for who may read them (`shopwright.flows.timeline`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from attrs import evolve, field, frozen

from shopwright.members.actors import Actor, ActorKind
from shopwright.money import Money
from shopwright.orders import edit_events as d
from shopwright.orders import events as o
from shopwright.orders import exception_events as x
from shopwright.orders.events import CancelReason
from shopwright.orders.lines import OrderLine
from shopwright.orders.tags import OrderTagged
from shopwright.payments import events as p
from shopwright.refusals import Fact
from shopwright.shipping import events as s

SHOP, PROVIDER, CARRIER, BUYER = "shop", "provider", "carrier", "customer"
_AMOUNTS = frozenset({"amount", "allowance", "cost"})


@frozen(kw_only=True)
class Moment:
    """One thing that happened to an order.

    `what` is a code, as `payment_captured`; `who` is `customer`, `staff`, `system`, `shop`, `provider` or `carrier`, and `actor` the id of a person
    where staff may know it. `facts` are what is known of it, amounts in minor units of `currency`. `note` is what somebody wrote; `None` where nobody
    did, or the buyer was erased.
    """

    at: datetime
    what: str
    who: str
    actor: str = ""
    facts: tuple[tuple[str, Fact], ...] = ()
    currency: str = ""
    words: str = field(default="", repr=False)
    note: str | None = field(default=None, repr=False)

    @property
    def text(self) -> str:
        """The same in a sentence, with moment and person before it and the note behind it."""
        facts = {name: str(Money(int(fact), self.currency)) if name in _AMOUNTS else fact for name, fact in self.facts}
        who = f"{self.who} {self.actor}".strip()
        note = f": {self.note}" if self.note else ""
        return f"{self.at.isoformat(timespec='seconds')} {who}: {self.words.format_map(facts)}{note}"


@frozen
class Line:
    """How an event is told: to staff in `words`, to the customer in `customer` words, empty for what is none of theirs. `shows` names its facts."""

    words: str
    customer: str = ""
    shows: tuple[str, ...] = ()
    who: str = SHOP


_P, _S = ("payment_id",), ("shipment_id",)
_MONEY = ("payment_id", "amount")
LINES: Mapping[type, Line] = {
    o.OrderPlaced: Line("placed order {number}", "placed order {number}", ("number",)),
    o.ReviewRequested: Line("asked for a review: {reasons}", "is looking at the order", ("reasons",)),
    o.OrderConfirmed: Line("confirmed the order ({rule})", "confirmed the order", ("rule",)),
    o.OrderSentBack: Line("asked for a correction", "asked for a correction"),
    o.OrderCorrected: Line("corrected the order", "corrected the order"),
    o.OrderCompleted: Line("completed the order", "completed the order"),
    o.OrderCanceled: Line("canceled the order ({reason})", "canceled the order ({reason})", ("reason", "goods_out")),
    o.RefundGranted: Line("granted a refund of {amount} ({reason})", "granted a refund of {amount}", ("amount", "allowance", "goodwill", "reason")),
    o.UnitsSettled: Line("settled units"),
    o.UnitsCanceled: Line("canceled units: {units}", "canceled units: {units}", ("units",)),
    o.UnitsHandedOver: Line("handed units over: {units}", "handed units over: {units}", ("units",)),
    o.UnitsReturned: Line("took units back: {units}", "took units back: {units}", ("units",)),
    o.UnitsReopened: Line("delivers units once more: {units}", "delivers units once more: {units}", ("units", "source")),
    d.OrderEdited: Line("edited the order", "edited the order"),
    d.AddressChanged: Line("changed the address", "changed the address"),
    d.LinesAdded: Line("added {lines}", "added {lines}", ("lines",)),
    d.LinesRepriced: Line("priced the order again (coupon {coupon_code})", "priced the order again", ("coupon_code", "shipping_method")),
    o.OrderReopened: Line("reopened the order", "reopened the order"),
    o.PaymentAdded: Line("added a payment", "added a payment"),
    o.EarningChanged: Line("changed the points that it earns"),
    o.ClaimChanged: Line("stock and coupon uses are {state}", shows=("state",)),
    o.ClaimReduced: Line("gave stock and coupon uses back in part"),
    o.OrderSourced: Line("planned anew which place ships what ({why})", shows=("why",)),
    o.HoldPlaced: Line("held the order ({reason})"),
    o.HoldLifted: Line("lifted hold {hold_id}", shows=("hold_id",)),
    o.ExceptionNoted: Line("noted an exception: {code}", shows=("code",)),
    OrderTagged: Line("tagged the order: on {added}, off {removed}", shows=("added", "removed")),
    x.ExceptionAssigned: Line("gave exception {exception} to {owner}", shows=("exception", "owner")),
    x.PromiseMoved: Line("moved the promise to {promised_at}", "now promises it for {promised_at}", ("promised_at",)),
    x.CustomerTold: Line("told the customer of exception {exception}", shows=("exception",)),
    x.CompensationOwed: Line("owes {gives} for exception {exception} (rule {rule})", shows=("exception", "rule", "gives")),
    x.CompensationGiven: Line("gave {gives} for exception {exception} (rule {rule}) {refused}", shows=("exception", "rule", "gives", "refused")),
    x.ExceptionPutOff: Line("looks at exception {exception} again: {until}", shows=("exception", "until")),
    x.ExceptionResolved: Line("resolved exception {exception} ({how})", shows=("exception", "how")),
    o.RecoveryDelayed: Line("asks outside again later ({tries} tries)", shows=("tries",)),
    o.DisputeAnswered: Line("answered a dispute of {payment_id} with: {parts}", shows=("payment_id", "parts")),
    p.PaymentAttempted: Line("asks for payment {payment_id}: {verb} {amount}", shows=("payment_id", "verb", "amount")),
    p.RiskAssessed: Line("judged payment {payment_id}: {verdict}, then {follows}", shows=("payment_id", "verdict", "follows")),
    p.PaymentReviewTold: Line("tells of a review of payment {payment_id}, open: {open}", shows=("payment_id", "open"), who=PROVIDER),
    p.PaymentUnanswered: Line("gives no verdict on payment {payment_id}", shows=_P, who=PROVIDER),
    p.PaymentActionRequired: Line("waits for the buyer at payment {payment_id}", "the payment waits for you", _P, PROVIDER),
    p.PaymentPending: Line("is at payment {payment_id}", "the payment is under way", _P, PROVIDER),
    p.PaymentDeclined: Line("declined payment {payment_id}: {reason}", "the payment was declined", ("payment_id", "reason", "advice"), PROVIDER),
    p.AttemptFailed: Line("refused to {verb} payment {payment_id}: {reason}", shows=("payment_id", "verb", "reason"), who=PROVIDER),
    p.AttemptClosed: Line("ended a question about payment {payment_id}", shows=_P, who=PROVIDER),
    p.PaymentAuthorized: Line("promised {amount} of payment {payment_id}", "{amount} was authorized", _MONEY, PROVIDER),
    p.PaymentCaptured: Line("took {amount} of payment {payment_id}", "{amount} was paid", _MONEY, PROVIDER),
    p.PaymentVoided: Line("gave up {amount} of payment {payment_id}", "{amount} is not charged", _MONEY, PROVIDER),
    p.PaymentRefundPending: Line("is giving {amount} of payment {payment_id} back", "{amount} is on its way back to you", _MONEY, PROVIDER),
    p.PaymentRefunded: Line("gave {amount} of payment {payment_id} back", "{amount} was given back", (*_MONEY, "by_hand"), PROVIDER),
    p.PaymentRefundFailed: Line("could not give {amount} of payment {payment_id} back", "a refund of {amount} did not arrive", _MONEY, PROVIDER),
    p.PaymentChargedBack: Line("charged {amount} of payment {payment_id} back", shows=_MONEY, who=PROVIDER),
    p.ChargebackReversed: Line("returned {amount} of a chargeback of {payment_id}", shows=_MONEY, who=PROVIDER),
    p.DisputeTold: Line("tells of a dispute of payment {payment_id}", shows=_P, who=PROVIDER),
    s.ShipmentPlanned: Line("set shipment {shipment_id} aside: {units}", "set shipment {shipment_id} aside", (*_S, "units", "carrier", "place")),
    s.BookingAttempted: Line("asks a carrier for shipment {shipment_id}", shows=_S),
    s.ShipmentBooked: Line(
        "takes shipment {shipment_id}: {tracking_numbers}", "takes shipment {shipment_id}: {tracking_numbers}", (*_S, "tracking_numbers"), CARRIER
    ),
    s.BookingFailed: Line("refused shipment {shipment_id}", shows=_S, who=CARRIER),
    s.ShipmentDispatched: Line("dispatched shipment {shipment_id}", "dispatched shipment {shipment_id}", _S),
    s.ShipmentTracked: Line("scanned shipment {shipment_id}: {scans}", "scanned shipment {shipment_id}: {scans}", (*_S, "scans"), CARRIER),
    s.ShipmentTroubled: Line("has trouble with shipment {shipment_id}", "shipment {shipment_id} is delayed", _S, CARRIER),
    s.ShipmentDelivered: Line("delivered shipment {shipment_id}", "delivered shipment {shipment_id}", _S, CARRIER),
    s.ShipmentReturning: Line("is bringing shipment {shipment_id} back", "is bringing shipment {shipment_id} back", _S, CARRIER),
    s.ShipmentReturned: Line("shipment {shipment_id} is back", "shipment {shipment_id} is back", _S),
    s.ShipmentLost: Line("gave shipment {shipment_id} up for lost", "shipment {shipment_id} is lost", _S),
    s.ShipmentCanceled: Line("took shipment {shipment_id} apart", "shipment {shipment_id} will not leave", _S),
    s.BookingVoided: Line("was told not to come for shipment {shipment_id}: {void}", shows=("shipment_id", "void"), who=CARRIER),
}
"""How each event is told. One that is not here cannot be told, which a test holds."""

_FOR_STAFF_ALONE = frozenset({"source", "reasons", "rule", "goods_out", "advice", "place", "allowance", "goodwill", "by_hand"})
_HUSHED = frozenset({CancelReason.FRAUD.value, CancelReason.REJECTED.value})


def moment(event: object, currency: str) -> Moment:
    """An event as staff are told it."""
    line = LINES[type(event)]
    by = getattr(event, "by", None)
    if isinstance(event, o.HoldPlaced):
        by = event.hold.by
    facts = [(name, _fact(getattr(event, name))) for name in line.shows]
    if isinstance(event, o.HoldPlaced):
        facts = [("hold_id", event.hold.id), ("reason", event.hold.reason.value)]
    who, actor = (by.kind.value, by.id) if isinstance(by, Actor) else (line.who, "")
    at: datetime = getattr(event, "at")  # noqa: B009  # every event has it; their union does not say so
    return Moment(at=at, what=code_of(type(event)), who=who, actor=actor, facts=tuple(sorted(facts)), currency=currency, words=line.words)


def for_customer(event: object, currency: str) -> Moment | None:
    """An event as its customer is told it; `None` for what is none of theirs (TIME-2)."""
    line = LINES[type(event)]
    if not line.customer:
        return None
    told = moment(event, currency)
    theirs = [(name, fact) for name, fact in told.facts if name not in _FOR_STAFF_ALONE and (name, told.what) not in _WHY_FOR_STAFF]
    facts = tuple([(name, _hushed(name, fact)) for name, fact in theirs])
    is_theirs = told.who == ActorKind.CUSTOMER.value
    who = told.who if is_theirs or told.who in (PROVIDER, CARRIER) else SHOP
    return evolve(told, who=who, actor=told.actor if is_theirs else "", facts=facts, words=line.customer)


_WHY_FOR_STAFF = frozenset({("reason", "payment_declined"), ("reason", "refund_granted")})


def _hushed(name: str, fact: Fact) -> Fact:
    return CancelReason.OTHER.value if name == "reason" and fact in _HUSHED else fact


def code_of(event: type) -> str:
    """The code of an event: the words of its name, in lower case."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in event.__name__).lstrip("_")


def _fact(value: Any) -> Fact:
    """A value as a plain fact."""
    match value:
        case Enum():
            return str(value.value)
        case bool() | int() | str():
            return value
        case datetime():
            return value.isoformat(timespec="minutes")
        case tuple():
            return _listed(value)
        case _:
            return str(getattr(value, "status", type(value).__name__))


def _listed(values: Iterable[Any]) -> str:
    return ", ".join(_one(one) for one in values)


def _one(value: Any) -> str:
    """One of several: units of a line, a line that is sold, or a plain fact."""
    match value:
        case tuple():
            return f"{value[1]} of line {value[0]}"
        case OrderLine():
            return f"{value.quantity} of {value.sku} as line {value.line_no}"
        case _:
            return str(_fact(value))
