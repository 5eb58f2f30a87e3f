"""What happens to an order. Its history is these events, the events of its payments and those of its shipments, in one sequence."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from shopwright.edges import aware, maybe, of, text, whole
from shopwright.loyalty.earning import Earned
from shopwright.loyalty.order_points import OrderPoints
from shopwright.members.actors import Actor
from shopwright.members.addresses import Address
from shopwright.members.sealing import Sealed
from shopwright.orders.edit_events import EditEvent
from shopwright.orders.exception_events import ExceptionEvent
from shopwright.orders.holds import Hold
from shopwright.orders.lines import Bucket, OrderLine
from shopwright.orders.settled import SettledUnits
from shopwright.orders.sourcing import SourcedWhy, Sourcing
from shopwright.orders.tags import OrderTagged
from shopwright.orders.terms import Terms
from shopwright.payments.events import PaymentEvent
from shopwright.payments.payment import Payment
from shopwright.pricing.gifts import Grant
from shopwright.pricing.trace import TraceStep
from shopwright.refusals import Fact
from shopwright.shipping.events import ShipmentEvent


def _note(instance: Any, attribute: Any, value: Any) -> None:
    """A note, where none is sealed."""
    text(least=0 if isinstance(instance.sealed_note, Sealed) else 1, most=1_000)(instance, attribute, value)


class CancelReason(StrEnum):
    """Why an order was canceled."""

    CUSTOMER = "customer"
    REJECTED = "rejected"
    PAYMENT_EXPIRED = "payment_expired"
    PAYMENT_DECLINED = "payment_declined"
    OUT_OF_STOCK = "out_of_stock"
    UNAVAILABLE = "unavailable"
    FRAUD = "fraud"
    OTHER = "other"


class ClaimState(StrEnum):
    """What became of the stock and coupon uses that an order claims."""

    NONE = "none"
    HELD = "held"
    USED = "used"
    RELEASED = "released"


@frozen
class Claim:
    """Stock and coupon uses of an order: quota keys with quantities, held until paid, then used, or released."""

    state: ClaimState = ClaimState.NONE
    items: tuple[tuple[str, int], ...] = ()


@frozen(kw_only=True)
class OrderPlaced:
    """An order begins, with everything about it that is frozen from now on; `trace` tells how its price came about.

    `grants` are what it promises besides goods; what stands of them is told by `shopwright.orders.grants`. `points` is what it earns, `None`
    where the shop has no program for it. `sourcing` says which place ships what, `None` in a shop with one place.
    """

    order_id: str
    number: str
    currency: str
    buyer_id: str
    channel: str
    lines: tuple[OrderLine, ...]
    payments: tuple[Payment, ...]
    ship_to: Address
    shipping_method: str
    coupon_code: str
    coupon_version: int
    claim: Claim
    terms: Terms
    due_at: datetime | None
    promised_at: datetime | None
    external_id: str
    trace: tuple[TraceStep, ...]
    by: Actor
    at: datetime = field(validator=aware)
    grants: tuple[Grant, ...] = ()
    points: OrderPoints | None = None
    sourcing: Sourcing | None = None


@frozen(kw_only=True)
class ReviewRequested:
    """A person should look at it; `reasons` name the limits that the approval rule found exceeded."""

    reasons: tuple[str, ...]
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class OrderConfirmed:
    """It will be fulfilled."""

    by: Actor
    rule: str
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class OrderSentBack:
    """The customer is asked to correct it. With a vault the note is sealed: `sealed_note` holds it, and `note` is empty."""

    by: Actor
    note: str = field(default="", validator=_note)
    at: datetime = field(validator=aware)
    sealed_note: Sealed | None = field(default=None, validator=maybe(of(Sealed)), repr=False)


@frozen(kw_only=True)
class OrderCorrected:
    """The customer has corrected it; it is looked at again."""

    by: Actor
    ship_to: Address
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class OrderCompleted:
    """Nothing more is expected of it."""

    by: Actor
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class OrderCanceled:
    """It is called off. `goods_out` tells that goods were on their way or there already; with a vault the note is sealed."""

    reason: CancelReason
    by: Actor
    at: datetime = field(validator=aware)
    note: str = field(default="", validator=text(most=1_000))
    goods_out: bool = False
    sealed_note: Sealed | None = field(default=None, validator=maybe(of(Sealed)), repr=False)


@frozen(kw_only=True)
class RefundGranted:
    """The shop owes this much back, in minor units; the payments' own events tell when it has gone.

    `allowance` is the part of it by which the buyer owes less from now on; the rest was paid above what was owed. With `goodwill` it is for no unit
    and no mistake, and counts towards the limit of the terms. `of_lines` are pairs of line number and amount, where it is for the goods of some.
    """

    amount: int
    allowance: int = 0
    reason: str
    by: Actor
    at: datetime = field(validator=aware)
    goodwill: bool = False
    of_lines: tuple[tuple[int, int], ...] = ()


@frozen(kw_only=True)
class UnitsSettled:
    """These units were given back, for so much of their price: from now on the buyer owes no more on them than what is kept."""

    lines: tuple[SettledUnits, ...]
    reason: str
    by: Actor
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class UnitsCanceled:
    """These units, pairs of line number and quantity, will not be delivered."""

    units: tuple[tuple[int, int], ...]
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class UnitsHandedOver:
    """These units, pairs of line number and quantity, do not travel: the buyer has them now."""

    units: tuple[tuple[int, int], ...]
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class UnitsReturned:
    """These units, pairs of line number and quantity, were with the buyer and are with the shop again; `items` are what the order still uses."""

    units: tuple[tuple[int, int], ...]
    items: tuple[tuple[str, int], ...]
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class UnitsReopened:
    """These units, pairs of line number and quantity, are to be delivered once more, at no charge; `items` are what the order uses from now on.

    `source` tells where they were: with the buyer, back in the shop, or lost.
    """

    units: tuple[tuple[int, int], ...]
    source: Bucket = field(validator=of(Bucket))
    items: tuple[tuple[str, int], ...]
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class OrderReopened:
    """It was complete, and goods of it are to be delivered once more."""

    by: Actor
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class PaymentAdded:
    """One more tender, for money that is still missing."""

    payment: Payment
    by: Actor
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class EarningChanged:
    """It earns other points than before, by the same rules, because another part of it is paid with points."""

    earned: tuple[Earned, ...]
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ClaimChanged:
    """Its stock and coupon uses were used, taken anew, or given back."""

    state: ClaimState
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ClaimReduced:
    """Some of what it had used was given back; `items` are what it still uses."""

    items: tuple[tuple[str, int], ...]
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class OrderSourced:
    """Other places ship it, or goods that it waited for have come: the plan from now on, and `items`, all that it claims."""

    sourcing: Sourcing
    items: tuple[tuple[str, int], ...]
    why: SourcedWhy
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class HoldPlaced:
    """It does not ship while this hold is active."""

    hold: Hold
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class HoldLifted:
    """A hold has ended."""

    hold_id: str
    by: Actor
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ExceptionNoted:
    """Something about it is not as it should be; noted by code, and nothing is changed for it. `on_record`: it waits for nobody (EXCEPT-2)."""

    code: str = field(validator=text(least=1, most=60))
    facts: tuple[tuple[str, Fact], ...]
    at: datetime = field(validator=aware)
    on_record: bool = False


@frozen(kw_only=True)
class RecoveryDelayed:
    """Asked again, nobody outside has told what became of it, `tries` times in a row: the shop asks again at `until`."""

    tries: int = field(validator=whole(least=1))
    until: datetime = field(validator=aware)
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class DisputeAnswered:
    """Somebody has given the provider evidence for a dispute: `parts` names what it tells. Without any, the shop has given the dispute up."""

    payment_id: str
    dispute_id: str
    parts: tuple[str, ...]
    by: Actor
    at: datetime = field(validator=aware)


OwnEvent = (
    OrderPlaced
    | ReviewRequested
    | OrderConfirmed
    | OrderSentBack
    | OrderCorrected
    | OrderCompleted
    | OrderCanceled
    | RefundGranted
    | UnitsSettled
    | UnitsCanceled
    | UnitsHandedOver
    | UnitsReturned
    | UnitsReopened
    | OrderReopened
    | PaymentAdded
    | EarningChanged
    | ClaimChanged
    | ClaimReduced
    | OrderSourced
    | HoldPlaced
    | HoldLifted
    | ExceptionNoted
    | RecoveryDelayed
    | DisputeAnswered
    | EditEvent
    | OrderTagged
)

OrderEvent = OwnEvent | ExceptionEvent | PaymentEvent | ShipmentEvent
