"""What can be wrong with an order, as a table: what each code means, how urgent it is, what one tries first, and how it can end.

Rules
- EXCEPT-1: every code that the package notes has its line here; a code of a host that has none is `other`;
- `suggests` names public verbs of a shop, in the order in which one tries them; `ends` are the ways in which a person may resolve it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from attrs import frozen

from shopwright.orders.exception_events import How

INFORMATION_WRONG, LATE, OUT_OF_STOCK = "information_wrong", "late", "out_of_stock"
PARCEL_LOST, PARCEL_DAMAGED, ADDRESS_REFUSED = "parcel_lost", "parcel_damaged", "address_refused"



class ExceptionKind(StrEnum):
    """What an exception is about."""

    INFORMATION = "information"
    LOGISTICS = "logistics"
    GOODS = "goods"
    PAYMENT = "payment"
    OTHER = "other"


class Severity(StrEnum):
    """How urgent it is, told by what waiting costs: money, a customer's patience, or nothing."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


@frozen(kw_only=True)
class ExceptionMeaning:
    """One line of the table."""

    code: str
    kind: ExceptionKind
    severity: Severity
    meaning: str
    suggests: tuple[str, ...]
    ends: frozenset[How]


K, S, H = ExceptionKind, Severity, How
_ALWAYS = {H.ACCEPTED, H.MISTAKEN}
_PARCEL = {H.RESHIPPED, H.REFUNDED, H.CANCELED, H.COMPENSATED, H.DELIVERED}
_LOOK, _REFUND, _RESHIP = "orders.timeline", "payments.refund_units", "exceptions.reship"
_HAND = "payments.repay"


def _line(code: str, kind: ExceptionKind, severity: Severity, meaning: str, suggests: tuple[str, ...], ends: set[How]) -> ExceptionMeaning:
    return ExceptionMeaning(code=code, kind=kind, severity=severity, meaning=meaning, suggests=suggests, ends=frozenset(ends | _ALWAYS))


EXCEPTIONS: tuple[ExceptionMeaning, ...] = (
    _line(
        INFORMATION_WRONG,
        K.INFORMATION,
        S.HIGH,
        "Something that the customer told is wrong or missing: an address, a phone. The order is held until it is corrected.",
        ("orders.address", "orders.edit", "orders.send_back", "orders.lift", "orders.cancel"),
        {H.CORRECTED, H.CANCELED},
    ),
    _line(
        LATE,
        K.LOGISTICS,
        S.NORMAL,
        "The promised time has passed, and not all of it has arrived.",
        ("shipping.track", _LOOK, "exceptions.move_promise", "payments.give_goodwill", "exceptions.cancel_units"),
        {H.DELIVERED, H.COMPENSATED, H.CANCELED, H.BACKORDERED},
    ),
    _line(
        PARCEL_LOST,
        K.LOGISTICS,
        S.HIGH,
        "A parcel was given up for lost, by its carrier or by somebody of the shop.",
        (_RESHIP, _REFUND, "payments.give_goodwill"),
        _PARCEL,
    ),
    _line(
        PARCEL_DAMAGED,
        K.LOGISTICS,
        S.HIGH,
        "Goods were damaged on their way, as the carrier or the customer says.",
        (_RESHIP, _REFUND, "payments.give_goodwill"),
        _PARCEL,
    ),
    _line(
        ADDRESS_REFUSED,
        K.LOGISTICS,
        S.HIGH,
        "A parcel comes back though it never arrived: nobody is known there, nobody took it in, or it was refused at the door.",
        ("orders.address", "shipping.take_back", "orders.edit", _RESHIP, _REFUND, "orders.cancel"),
        {*_PARCEL, H.CORRECTED},
    ),
    _line(
        "booking_failed",
        K.LOGISTICS,
        S.NORMAL,
        "A carrier does not take a shipment, or offers nothing for it: it stays planned.",
        ("shipping.unplan", "shipping.ship"),
        {H.SETTLED, H.CANCELED},
    ),
    _line(
        "canceled_shipment_moves",
        K.LOGISTICS,
        S.HIGH,
        "A carrier moves a shipment that was canceled: somebody gets goods that nobody pays for.",
        (_LOOK, "shipping.track"),
        {H.SETTLED},
    ),
    _line(
        OUT_OF_STOCK,
        K.GOODS,
        S.HIGH,
        "Units of a line are not on the shelf, though they were sold. They are held back, and the others can be shipped.",
        ("shipping.ship", "orders.edit", "exceptions.move_promise", "exceptions.cancel_units", "orders.cancel"),
        {H.FOUND, H.BACKORDERED, H.SUBSTITUTED, H.CANCELED},
    ),
    _line(
        "gift_gone",
        K.GOODS,
        S.LOW,
        "The order was paid late and goes on without a gift that went to somebody else.",
        ("payments.give_goodwill",),
        {H.COMPENSATED, H.SUBSTITUTED},
    ),
    _line(
        "unresolved",
        K.PAYMENT,
        S.HIGH,
        "Nobody outside has answered for some two hours what became of a payment or a booking.",
        ("payments.refresh", _LOOK),
        {H.SETTLED},
    ),
    _line(
        "payment_stuck",
        K.PAYMENT,
        S.HIGH,
        "A provider has worked on a payment or a refund for days: somebody settles it at the provider's desk.",
        ("payments.refresh", _HAND),
        {H.SETTLED},
    ),
    _line(
        "payment_currency",
        K.PAYMENT,
        S.HIGH,
        "A provider tells of another currency than that of the order. Nothing was taken in.",
        ("payments.reconcile", "payments.refresh"),
        {H.SETTLED, H.REFUNDED},
    ),
    _line(
        "payment_mismatch",
        K.PAYMENT,
        S.HIGH,
        "A provider's event names two payments at once. Nothing was taken in.",
        ("payments.reconcile", "payments.refresh"),
        {H.SETTLED, H.REFUNDED},
    ),
    _line(
        "payment_amount",
        K.PAYMENT,
        S.NORMAL,
        "Money came that is not what was asked for. It was taken in.",
        ("payments.refund", "payments.add", _LOOK),
        {H.SETTLED, H.REFUNDED},
    ),
    _line(
        "start_failed",
        K.PAYMENT,
        S.NORMAL,
        "A gateway could not be asked for a payment: what was asked is an error to it, or the buyer's token is none that it knows.",
        ("payments.add", "payments.pay", "orders.cancel"),
        {H.SETTLED, H.CANCELED},
    ),
    _line(
        "capture_failed",
        K.PAYMENT,
        S.HIGH,
        "A gateway does not take money that was promised.",
        ("payments.capture", "payments.add", "orders.cancel"),
        {H.SETTLED, H.CANCELED},
    ),
    _line(
        "void_failed",
        K.PAYMENT,
        S.LOW,
        "A gateway does not give a promise up; it lapses by itself after some days.",
        ("payments.refresh",),
        {H.SETTLED},
    ),
    _line(
        "refund_failed",
        K.PAYMENT,
        S.HIGH,
        "A gateway does not give money back: the customer waits for it.",
        ("payments.refresh", _HAND),
        {H.SETTLED, H.REFUNDED},
    ),
    _line(
        "cash_short",
        K.PAYMENT,
        S.NORMAL,
        "Less was handed over at the door than was due there.",
        ("payments.add", "payments.give_goodwill"),
        {H.SETTLED},
    ),
    _line(
        "cash_over",
        K.PAYMENT,
        S.NORMAL,
        "More was handed over at the door than was due there.",
        ("payments.refund", _HAND),
        {H.SETTLED, H.REFUNDED},
    ),
    _line(
        "dispute_opened",
        K.PAYMENT,
        S.HIGH,
        "The customer asked the bank for the money back, and the shop has until `due_at` to answer.",
        ("payments.answer_dispute", _REFUND),
        {H.SETTLED, H.REFUNDED},
    ),
    _line(
        "dispute_lost",
        K.PAYMENT,
        S.NORMAL,
        "A dispute was lost, and the money is gone. Goods that have not left should stay.",
        ("orders.cancel", _LOOK),
        {H.SETTLED, H.CANCELED},
    ),
)
"""Each code that the package notes."""

MEANINGS: Mapping[str, ExceptionMeaning] = {it.code: it for it in EXCEPTIONS}


def meaning_of(code: str) -> ExceptionMeaning:
    """The line of a code; that of `other` for one that only a host knows (EXCEPT-1)."""
    if (found := MEANINGS.get(code)) is not None:
        return found
    ends = set(H) - {H.BY_ITSELF, H.ON_RECORD}
    return _line(code, K.OTHER, S.NORMAL, "Something that only the shop itself knows the meaning of.", (_LOOK,), ends)
