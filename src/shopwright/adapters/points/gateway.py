"""The points gateway: orders are paid with points as with any other money. A shop with a program that takes points has one by itself.

    Tender(method="points", amount=500, gateway="points", source=account_id("ann"))

Rules
- a payment that is only promised holds points (`hold_for` of the program), one that is taken at once redeems them; a capture redeems what is held and
  gives the rest back, a void releases it, and a refund restores points to the lots they came from, with the time those have;
- each operation is one changeset over the account and the payment, so that it is done wholly and once, whoever asks at the same time;
- a payment is taken from one account, and declined where that is not the buyer's; without a `source` it is the buyer's;
- who pays is told by the flows in `StartPayment.buyer` (`names_buyer`); a caller of its own that tells nobody vouches for the account.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from shopwright.adapters.points import desk
from shopwright.adapters.scrubbing import scrub
from shopwright.errors import InvalidValue
from shopwright.flows.ports import Ports
from shopwright.loyalty.payments import PointsPayment, PointsVerb
from shopwright.loyalty.program import PointsProgram
from shopwright.money import Money
from shopwright.payments.capabilities import Capabilities
from shopwright.payments.errors import InvalidRequest, NotFound, Unsupported
from shopwright.payments.ledger import LedgerLine
from shopwright.payments.notifications import Notification, RawNotification
from shopwright.payments.operations import Flow, Operation, OperationKey
from shopwright.payments.outcomes import Outcome
from shopwright.payments.requests import RefundPart, Split, StartPayment
from shopwright.ports.clock import Clock

OPERATIONS = (Operation.AUTHORIZE, Operation.CHARGE, Operation.CAPTURE, Operation.VOID, Operation.REFUND)


class PointsGateway:
    """A `PaymentGateway` over the accounts in the storage of `ports`, by the tender of a program.

    Raises `InvalidValue` for a program without one.
    """

    api_version = 1

    def __init__(self, ports: Ports, program: PointsProgram, *, clock: Clock) -> None:
        if program.tender is None:
            raise InvalidValue(f"expected a program with a tender, got {program.id} without; give PointsProgram(tender=PointsTender(...))")
        self.ports, self.program, self.clock, self.tender = ports, program, clock, program.tender
        self.name = program.tender.gateway
        step = program.tender.step
        self.capabilities = Capabilities(
            operations=OPERATIONS,
            flows={Flow.TOKEN},
            currencies={program.currency},
            partial_capture=True,
            auth_ttl=program.tender.hold_for,
            pushes_notifications=False,
            names_buyer=True,
            amount_step={program.currency: step} if step > 1 else (),
        )

    def __repr__(self) -> str:
        return f"PointsGateway(name={self.name!r}, program={self.program.id!r})"

    def start(self, request: StartPayment) -> Outcome:
        """Hold points, or redeem them at once. Declined where too few are free (`points_short`), or the account is not the buyer's."""
        self.capabilities.demand_start(request)
        return desk.outcome(desk.started(self, request), request.key.value, at=self.clock.now())

    def capture(self, key: OperationKey, reference: str, amount: Money, *, final: bool = True) -> Outcome:
        """Redeem held points, once; the rest of them is free again. Raises `Unsupported` for a part that is not final."""
        self.capabilities.demand(Operation.CAPTURE)
        self._demand_currency(amount)
        return desk.outcome(desk.captured(self, reference, key.value, amount, final=final), key.value, at=self.clock.now())

    def void(self, key: OperationKey, reference: str) -> Outcome:
        """Give held points back."""
        self.capabilities.demand(Operation.VOID)
        return desk.outcome(desk.voided(self, reference, key.value), key.value, at=self.clock.now())

    def refund(self, request: RefundPart) -> Outcome:
        """Give redeemed points back to the lots they came from."""
        self.capabilities.demand(Operation.REFUND)
        self._demand_currency(request.amount)
        return desk.outcome(desk.refunded(self, request), request.key.value, at=self.clock.now())

    def query(self, *, key: OperationKey | None = None, reference: str | None = None) -> Outcome:
        """How a payment stands; it is known by the key of its start, which is its reference."""
        if (key is None) == (reference is None):
            raise InvalidRequest("expected a key or a reference, got both or neither")
        payment = self.found(key.value if key is not None else reference or "")
        return desk.outcome(payment, "", at=self.clock.now())

    def query_refund(self, payment: str, key: OperationKey) -> Outcome:
        """How a refund stands; one that is known is done."""
        found = self.found(payment)
        if found.operation(key.value, PointsVerb.REFUND) is None:
            raise NotFound(f"there is no refund {key} of {payment}")
        return desk.outcome(found, key.value, at=self.clock.now())

    def split(self, key: OperationKey, reference: str, parts: tuple[Split, ...], *, finish: bool) -> Outcome:
        """Points are not shared among receivers: raises `Unsupported`."""
        raise Unsupported(f"this gateway cannot split; it can: {', '.join(sorted(self.capabilities.operations))}")

    def parse_notification(self, raw: RawNotification) -> Notification:
        """Nothing is pushed: raises `Unsupported`."""
        raise Unsupported("this gateway pushes no notifications")

    def ledger(self, since: datetime, until: datetime) -> Iterator[LedgerLine]:
        """What happened stands in the stream `points`: raises `Unsupported`."""
        raise Unsupported(f"this gateway cannot ledger; it can: {', '.join(sorted(self.capabilities.operations))}")

    def scrub(self, transcript: str) -> str:
        """The text without card numbers; the gateway has no secret of its own."""
        return scrub(transcript, secrets=())

    def _demand_currency(self, amount: Money) -> None:
        """What is taken or given back is counted at the rate of its payment, and not at that of today."""
        if amount.currency != self.program.currency:
            raise Unsupported(f"this gateway does not take {amount.currency}; it takes: {self.program.currency}")
        if amount.minor <= 0:
            raise InvalidRequest(f"an amount must be positive, got {amount}")

    def found(self, reference: str) -> PointsPayment:
        """The payment of this reference. Raises `NotFound`."""
        return desk.read(self.ports, reference)
