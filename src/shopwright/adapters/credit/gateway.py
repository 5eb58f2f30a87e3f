"""The gateways of store credit and gift cards: orders are paid with them as with any other money. A shop with `CreditTerms` has them by itself.

    Tender(method="store_credit", amount=500, gateway="store_credit")
    shop.credit.card_tender("GIFT-7KQ2-...", Money(500, "EUR"), buyer_id="ann", subject="ann")

Rules
- a payment that is only promised holds money (`hold_for` of the program), one that is taken at once spends it; a capture spends what is held, in
  as many parts as are wanted, a void releases it, and a refund puts money back into the lots it came from, with the time those have;
- each operation is one changeset over the account, its guard and the payment, so that it is done wholly and once, whoever asks at the same time;
- store credit is the buyer's own, whatever a tender says; without a buyer it is of the account that the `source` names;
- a gift card is whose the code is: the pass in a tender vouches for the code, for its buyer alone, and is declined for any other.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import datetime

from attrs import frozen

from shopwright.adapters.credit import desk
from shopwright.adapters.scrubbing import scrub
from shopwright.credit.cards import card_of
from shopwright.credit.naming import credit_account_id
from shopwright.credit.payments import CreditPayment, CreditVerb
from shopwright.credit.programs import CreditProgram, GiftCards, StoreCredit
from shopwright.flows.ports import Ports
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


@frozen
class Payer:
    """Which account pays, or the code by which the payment is declined."""

    account_id: str
    declined: str = ""


class _KeptMoneyGateway(ABC):
    """What both gateways have: a `PaymentGateway` over the accounts of one program in the storage of `ports`."""

    api_version = 1

    def __init__(self, ports: Ports, program: CreditProgram, *, clock: Clock) -> None:
        self.ports, self.program, self.clock = ports, program, clock
        self.name = program.gateway
        self.capabilities = Capabilities(
            operations=OPERATIONS,
            flows={Flow.TOKEN},
            currencies=program.currencies,
            partial_capture=True,
            multi_capture=True,
            auth_ttl=program.hold_for,
            pushes_notifications=False,
            names_buyer=True,
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r})"

    @abstractmethod
    def payer(self, request: StartPayment) -> Payer:
        """The account that a payment is taken from. Raises `InvalidRequest` where nobody says."""

    def start(self, request: StartPayment) -> Outcome:
        """Hold money, or spend it at once. Declined where too little is free, and where the account is not the buyer's or the pass is not good."""
        self.capabilities.demand_start(request)
        return desk.outcome(desk.started(self, request), request.key.value, at=self.clock.now())

    def capture(self, key: OperationKey, reference: str, amount: Money, *, final: bool = True) -> Outcome:
        """Spend held money; with `final` the rest of it is free again."""
        self.capabilities.demand(Operation.CAPTURE)
        self.capabilities.demand_amount(amount)
        return desk.outcome(desk.captured(self, reference, key.value, amount, final=final), key.value, at=self.clock.now())

    def void(self, key: OperationKey, reference: str) -> Outcome:
        """Give what is still held free."""
        self.capabilities.demand(Operation.VOID)
        return desk.outcome(desk.voided(self, reference, key.value), key.value, at=self.clock.now())

    def refund(self, request: RefundPart) -> Outcome:
        """Put spent money back where it came from."""
        self.capabilities.demand(Operation.REFUND)
        self.capabilities.demand_amount(request.amount)
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
        if found.operation(key.value, CreditVerb.REFUND) is None:
            raise NotFound(f"there is no refund {key} of {payment}")
        return desk.outcome(found, key.value, at=self.clock.now())

    def split(self, key: OperationKey, reference: str, parts: tuple[Split, ...], *, finish: bool) -> Outcome:
        """Kept money is not shared among receivers: raises `Unsupported`."""
        raise Unsupported(f"this gateway cannot split; it can: {', '.join(sorted(self.capabilities.operations))}")

    def parse_notification(self, raw: RawNotification) -> Notification:
        """Nothing is pushed: raises `Unsupported`."""
        raise Unsupported("this gateway pushes no notifications")

    def ledger(self, since: datetime, until: datetime) -> Iterator[LedgerLine]:
        """What happened stands in the stream `credit`: raises `Unsupported`."""
        raise Unsupported(f"this gateway cannot ledger; it can: {', '.join(sorted(self.capabilities.operations))}")

    def scrub(self, transcript: str) -> str:
        """The text without card numbers; the gateway sends nothing anywhere."""
        return scrub(transcript, secrets=())

    def found(self, reference: str) -> CreditPayment:
        """The payment of this reference. Raises `NotFound`."""
        return desk.read(self.ports, reference)


class StoreCreditGateway(_KeptMoneyGateway):
    """A `PaymentGateway` over the store credit of members."""

    def __init__(self, ports: Ports, program: StoreCredit, *, clock: Clock) -> None:
        super().__init__(ports, program, clock=clock)

    def payer(self, request: StartPayment) -> Payer:
        """The buyer's account in the currency of the payment; a `source` that names another is declined."""
        buyer, source = dict(request.buyer).get("id", ""), request.source_token or ""
        mine = credit_account_id(self.program.id, request.amount.currency, buyer) if buyer else ""
        if not (mine or source):
            raise InvalidRequest("expected a buyer, or the account that pays as source_token; got neither")
        return Payer(source or mine, declined=desk.NOT_YOURS if mine and source and not desk.is_same(self.ports, mine, source) else "")


class GiftCardGateway(_KeptMoneyGateway):
    """A `PaymentGateway` over gift cards."""

    def __init__(self, ports: Ports, program: GiftCards, *, clock: Clock) -> None:
        super().__init__(ports, program, clock=clock)
        self.cards = program

    def payer(self, request: StartPayment) -> Payer:
        """The card that the pass is for; what is no pass of this buyer is declined."""
        card = card_of(self.cards, request.source_token or "", dict(request.buyer).get("id", ""))
        return Payer(card, declined="" if card else desk.UNKNOWN)
