"""The order: one aggregate with its lines, payments, shipments and holds. Values answer questions; the verbs are functions.

Amounts inside an order are whole minor units of its one currency; `Money` stands at the edge.
"""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from shopwright.loyalty.order_points import OrderPoints
from shopwright.members.actors import Actor
from shopwright.members.addresses import Address
from shopwright.money import Money
from shopwright.orders.events import CancelReason, Claim
from shopwright.orders.excepted import ExceptionNote
from shopwright.orders.holds import Hold
from shopwright.orders.lines import OrderLine
from shopwright.orders.settled import SettledUnits, owed_on
from shopwright.orders.sourcing import Sourcing
from shopwright.orders.states import OrderState
from shopwright.orders.terms import Terms
from shopwright.payments.events import PaymentVerb
from shopwright.payments.payment import Attempt, Payment
from shopwright.pricing.gifts import Grant
from shopwright.shipping.shipment import Shipment


@frozen
class Recovery:
    """How often in a row nobody told what became of an order's open questions, and when the shop asks again."""

    tries: int
    until: datetime


# Read often: to find a member through its class takes Python 3.11 much longer than to read a name.
_CANCELED = OrderState.CANCELED


# Not slotted: an order is made anew by every event, and a plain dict is copied at once (`shopwright.changing`).
@frozen(kw_only=True, slots=False)
class Order:
    """An order as it stands after its events; `event_count` says how many those are.

    `refund_granted` is all that was granted to go back so far, `allowances` the part of it by which the buyer owes less (ORDER-11).
    `grants` are what was promised besides goods when it was placed; what stands of them is told by `shopwright.orders.grants`.
    `points` is what it earns, by what is frozen with it (`shopwright.orders.earning`). `sourcing` says which place ships what, in a shop
    with places. `settled` is what was given back for units, line by line, and `goodwill` what was given back for none, both in minor units.
    """

    id: str
    number: str
    currency: str
    buyer_id: str
    placed_at: datetime
    state: OrderState
    lines: tuple[OrderLine, ...]
    payments: tuple[Payment, ...]
    ship_to: Address
    shipping_method: str
    claim: Claim
    terms: Terms
    placed_by: Actor
    due_at: datetime | None = None
    promised_at: datetime | None = None
    channel: str = ""
    external_id: str = ""
    coupon_code: str = ""
    coupon_version: int = 0
    shipments: tuple[Shipment, ...] = ()
    holds: tuple[Hold, ...] = ()
    exceptions: tuple[ExceptionNote, ...] = ()
    review_reasons: tuple[str, ...] = ()
    cancel_reason: CancelReason | None = None
    confirmed_at: datetime | None = None
    delivered_at: datetime | None = None
    closed_at: datetime | None = None
    refund_granted: int = 0
    allowances: int = 0
    attempts: int = 0
    event_count: int = 1
    grants: tuple[Grant, ...] = ()
    points: OrderPoints | None = None
    recovery: Recovery | None = None
    sourcing: Sourcing | None = None
    settled: tuple[SettledUnits, ...] = ()
    goodwill: int = 0
    tags: tuple[str, ...] = ()

    def money(self, minor: int) -> Money:
        """Minor units of this order as `Money`."""
        return Money(minor, self.currency)

    @property
    def total(self) -> Money:
        """What was agreed when it was placed, and by edits since; what was called off or given back is in it."""
        return self.money(sum([line.total for line in self.lines]))

    @property
    def owed(self) -> int:
        """What the buyer owes now, in minor units: nothing once canceled, else the units that are not gone, less what was allowed."""
        if self.state is _CANCELED:
            return 0
        if self.settled:
            return max(0, self._owed_beside_settled - self.allowances)
        # Asked of an order again and again: a line that is whole is seen here, and only the others are asked.
        owed = sum([line.owed if (of := line.buckets).canceled or of.lost or of.returned else line.total for line in self.lines])
        return max(0, owed - self.allowances)

    @property
    def _owed_beside_settled(self) -> int:
        settled = {it.line_no: it for it in self.settled}
        return sum([owed_on(line, settled[line.line_no]) if line.line_no in settled else line.owed for line in self.lines])

    @property
    def paid(self) -> int:
        """What the shop has of the buyer's money now, in minor units; below zero when refunds met chargebacks."""
        return sum([payment.net for payment in self.payments])

    @property
    def expected(self) -> int:
        """What the shop may count on, in minor units: paid, promised, or due at the door."""
        return sum([payment.expected for payment in self.payments])

    @property
    def refunded(self) -> int:
        """What has gone back to the buyer, in minor units."""
        return sum([payment.refunded for payment in self.payments])

    @property
    def refund_outstanding(self) -> int:
        """What was granted to go back and neither has gone nor is on its way, in minor units; never more than the shop still has."""
        return self._outstanding_beside(self._refunds_asked) if self.refund_granted else 0

    def _outstanding_beside(self, asked: int) -> int:
        granted = self.refund_granted - self.refunded - asked
        return max(0, min(granted, sum([payment.refundable for payment in self.payments]))) if granted > 0 else 0

    @property
    def surplus(self) -> int:
        """What was paid above what is owed and was not granted to go back, in minor units; below zero while something is missing."""
        return self.kept - self.owed

    @property
    def going_back(self) -> int:
        """What was granted to go back and is still here, or on its way, in minor units: nobody may count on it (ORDER-24)."""
        asked = self._refunds_asked
        return self._outstanding_beside(asked) + asked if self.refund_granted else asked

    @property
    def kept(self) -> int:
        """What the shop has of the buyer's money now and keeps, in minor units."""
        return self.paid - self.going_back

    @property
    def _refunds_asked(self) -> int:
        return sum([payment.asked(PaymentVerb.REFUND) for payment in self.payments if payment.attempts])

    @property
    def open_attempts(self) -> tuple[tuple[Payment, Attempt], ...]:
        """What gateways were asked for and whose end is not known."""
        return tuple([(payment, attempt) for payment in self.payments for attempt in payment.attempts])

    @property
    def secured(self) -> bool:
        """Whether what is owed is paid, promised or due at the door, within the tolerance of its terms (ORDER-7), beside what goes back."""
        return self.expected - self.going_back + self.terms.tolerance >= self.owed

    def line(self, line_no: int) -> OrderLine | None:
        """The line of this number."""
        return next((line for line in self.lines if line.line_no == line_no), None)

    def payment(self, id: str) -> Payment | None:
        """The payment of this id."""
        return next((payment for payment in self.payments if payment.id == id), None)

    def shipment(self, id: str) -> Shipment | None:
        """The shipment of this id."""
        return next((shipment for shipment in self.shipments if shipment.id == id), None)

    @property
    def open_exceptions(self) -> tuple[tuple[int, ExceptionNote], ...]:
        """The exceptions that are not resolved, with their numbers, oldest first."""
        return tuple((number, note) for number, note in enumerate(self.exceptions, start=1) if note.is_open)

    def held(self, at: datetime) -> tuple[Hold, ...]:
        """The holds that are active at this time."""
        return tuple(hold for hold in self.holds if hold.active(at))

