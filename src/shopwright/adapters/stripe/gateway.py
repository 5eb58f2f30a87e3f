"""The gateway: our operations, each asked of Stripe and told in our words.

Rules
- the reference of a payment is its PaymentIntent (`pi_...`); of one that waits on a page of Stripe it is the session (`cs_...`) until it is paid,
  and both are taken afterwards;
- a repeat within 24 hours is answered by Stripe as it was the first time; a lost start is found by its key before and after that;
- a refund is answered with the totals of its payment; when those cannot be read, nobody knows (`Indeterminate`), and the repeat tells;
- a card is saved for a customer of Stripe, who is made with the first payment that saves one;
- a refund, and every look at it, takes back from sellers what it asks for (`sharing`); until that is done, nobody knows how it stands;
- `void` of what is void already is done, and of a session that is paid it is the void of its payment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Lock

from attrs import evolve

from shopwright.adapters.scrubbing import scrub
from shopwright.adapters.stripe import disputing, ledgers, messages, sharing, standing
from shopwright.adapters.stripe.amounts import CURRENCIES, MINIMA, STEPS
from shopwright.adapters.stripe.client import Answer, Ask, StripeClient
from shopwright.adapters.stripe.codes import TOKENS
from shopwright.adapters.stripe.notices import opened
from shopwright.adapters.stripe.settings import StripeSettings
from shopwright.adapters.system import SystemClock
from shopwright.money import Money
from shopwright.payments.capabilities import Capabilities
from shopwright.payments.disputes import Dispute
from shopwright.payments.errors import GatewayError, Indeterminate, InvalidRequest, InvalidState, NotFound, Unsupported
from shopwright.payments.evidence import Evidence
from shopwright.payments.ledger import LedgerLine
from shopwright.payments.notifications import Notification, RawNotification
from shopwright.payments.operations import Flow, Operation, OperationKey
from shopwright.payments.outcomes import Declined, Done, Outcome, Totals
from shopwright.payments.requests import RefundPart, Split, StartPayment
from shopwright.payments.saved import SavedToken
from shopwright.ports.clock import Clock

OPERATIONS = (Operation.AUTHORIZE, Operation.CHARGE, Operation.CAPTURE, Operation.VOID, Operation.REFUND, Operation.LEDGER)
FLOWS = (Flow.TOKEN, Flow.REDIRECT, Flow.CLIENT_SDK)
REMEMBERED = timedelta(hours=24)
"""How long Stripe knows an idempotency key."""

LAG = timedelta(minutes=15)
"""A payment that was begun so lately may not be in the index of Stripe's search yet, and is looked for in the list; pages are in no index."""

_DISPUTE = re.compile(r"d[up]_[A-Za-z0-9]{1,60}")
FORGOTTEN = frozenset({"resource_missing", "payment_method_unexpected_state", "payment_method_not_attached"})
"""What Stripe says of a method that it keeps for nobody."""

_MOST_SEEN = 10_000


class StripeGateway:
    """A `PaymentGateway` for one account at Stripe. `client` is given by who brings a wire of their own."""

    api_version = 1

    def __init__(self, settings: StripeSettings, *, clock: Clock | None = None, name: str = "stripe", client: StripeClient | None = None) -> None:
        self.settings, self.name = settings, name
        self.clock: Clock = clock or SystemClock()
        self.client = client or StripeClient(settings)
        self._seen = _Currencies()
        self.capabilities = Capabilities(
            operations=(*OPERATIONS, Operation.SPLIT) if settings.shares else OPERATIONS,
            flows=FLOWS,
            currencies=CURRENCIES,
            partial_capture=True,
            multi_capture=settings.multicapture,
            refund_is_async=True,
            auth_ttl=settings.auth_ttl,
            idempotency_ttl=REMEMBERED,
            queries_by_key=settings.searches,
            pushes_notifications=bool(settings.webhook_secrets),
            challenges=True,
            installments=True,
            saves_methods=True,
            amount_step=STEPS,
            min_amount=MINIMA,
        )

    def __repr__(self) -> str:
        return f"StripeGateway(name={self.name!r}, account={self.settings.account!r}, live={self.settings.live})"

    def start(self, request: StartPayment) -> Outcome:
        """Begin a payment: with a token at once, or on a page or in a form of Stripe."""
        self.capabilities.demand_start(request)
        if request.save and not request.owner and "customer" not in dict(request.buyer):
            messages.start(request, self.settings)  # what Stripe could not mean is refused before anybody is made a customer
            request = evolve(request, owner=standing.word(self.client.told(messages.customer(request)), "id"))
        answer = self.client.ask(messages.start(request, self.settings, at=self.clock.now()))
        if isinstance(answer, Declined):
            return answer
        name = "amount" if request.flow is Flow.TOKEN else "amount_total"
        if standing.money(answer, name) != request.amount or standing.metadata(answer).get(messages.KEY) != request.key.value:
            raise Indeterminate("the answer is about another payment", raw_code="other_payment")
        return self._read(answer)

    def capture(self, key: OperationKey, reference: str, amount: Money, *, final: bool = True) -> Outcome:
        """Take authorized money; what is left is released, unless the account may capture in parts and there is more to come."""
        self.capabilities.demand_amount(amount)
        if not final and not self.capabilities.multi_capture:
            raise Unsupported("this account captures once, and releases the rest; capture with final=True, or set multicapture")
        intent = self._intent(reference)
        self._demand_currency(intent, amount)
        answer = self.client.ask(messages.capture(key, intent, amount, final=final))
        return answer if isinstance(answer, Declined) else self._read(answer)

    def void(self, key: OperationKey, reference: str) -> Outcome:
        """Release an authorization or close a payment that the buyer has not made; raises `InvalidState` once money was taken."""
        if not reference.startswith(("pi_", "cs_")):
            reference = self._named(OperationKey(reference))
        if reference.startswith("cs_"):
            page = self.client.told(messages.session(reference))
            if page.get("status") != "complete":
                return self._closed(key, page)
        intent = self._intent(reference)
        try:
            answer = self.client.told(messages.cancel(key, intent))
        except InvalidState:
            answer = self.client.told(messages.intent(intent))
            if answer.get("status") != "canceled":
                raise
        found = self._read(answer)
        return found if isinstance(found, Done) else Done(reference, Totals.of(standing.money(answer).currency), self.clock.now())

    def _closed(self, key: OperationKey, page: Answer) -> Done:
        """A session that nobody has paid is closed, if it is not. Raises `InvalidState` when the buyer pays just now."""
        reference = standing.word(page, "id")
        if page.get("status") == "open":
            self.client.told(messages.expire(key, reference))
        return Done(reference, Totals.of(standing.money(page, "amount_total").currency), self.clock.now())

    def refund(self, request: RefundPart) -> Outcome:
        """Give money back. Banks may take days, and may send it back."""
        self.capabilities.demand_amount(request.amount)
        reference, payment_key = request.payment, ""
        if not reference.startswith("pi_"):
            payment = self._paid(reference)
            reference, payment_key = standing.word(payment, "id"), standing.metadata(payment).get(messages.KEY, "")
        self._demand_currency(reference, request.amount)
        answer = self.client.ask(messages.refund(request, reference, payment_key))
        if isinstance(answer, Declined):
            return answer
        try:
            return self._refund(answer, reference)
        except GatewayError as error:
            raise Indeterminate(f"the refund was asked for, and how it stands cannot be read: {error}", raw_code=error.raw_code) from None

    def query(self, *, key: OperationKey | None = None, reference: str | None = None) -> Outcome:
        """How a payment stands; by the key of its start, or of its latest capture, as well."""
        if (key is None) == (reference is None):
            raise InvalidRequest("query by key or by reference, and not by both")
        if key is not None:
            return self._by_key(key)
        name = reference or ""
        if name.startswith("cs_"):
            return self._read(self.client.told(messages.session(name)))
        return self._read(self.client.told(messages.intent(_demand_intent(name))))

    def query_refund(self, payment: str, key: OperationKey) -> Outcome:
        """How one refund stands."""
        reference = self._intent(payment)
        for each in self.client.all(messages.refunds(reference)):
            if standing.metadata(each).get(messages.KEY) == key.value:
                return self._refund(each, reference)
        raise NotFound(f"Stripe knows no refund {key} of {payment}", raw_code="no_refund")

    def saved(self, reference: str) -> SavedToken | None:
        """The method that a payment has saved for a customer."""
        return standing.saved(self.client.told(messages.saved(self._intent(reference))))

    def forget(self, token: str) -> None:
        """Detach a method from its customer."""
        try:
            self.client.told(messages.detach(token))
        except (NotFound, InvalidRequest, InvalidState) as error:
            if isinstance(error, NotFound) or error.raw_code in FORGOTTEN:
                return
            raise

    def key_of(self, reference: str) -> OperationKey | None:
        """The key that a payment was started under; none for one of another system on the same account."""
        found = standing.metadata(self.client.told(messages.intent(_demand_intent(reference)))).get(messages.KEY)
        return OperationKey(found) if found else None

    def answer_dispute(self, key: OperationKey, dispute: str, evidence: Evidence) -> Dispute:
        """Give evidence, once and for all."""
        return self._dispute(disputing.answered(key, dispute, evidence))

    def accept_dispute(self, key: OperationKey, dispute: str) -> Dispute:
        """Give up: the dispute is lost."""
        return self._dispute(disputing.accepted(key, dispute))

    def split(self, key: OperationKey, reference: str, parts: tuple[Split, ...], *, finish: bool) -> Outcome:
        """Send shares of captured money to sellers of the platform; raises `InvalidRequest` for a receiver that is none of them."""
        if Operation.SPLIT not in self.capabilities.operations:
            raise Unsupported("this account shares nothing; set shares for a platform of Stripe Connect")
        named: list[tuple[Split, str]] = []
        for part in parts:
            self.capabilities.demand_amount(part.amount)
            account = self.settings.seller(part.receiver)
            if account is None:
                raise InvalidRequest(f"nobody is known as {part.receiver!r}; give an account (acct_...), or name it in sellers")
            named.append((part, account))
        intent = self.client.told(messages.intent(self._intent(reference)))
        stands = self._read(intent)
        if not isinstance(stands, Done):
            raise InvalidState("a payment that is not captured has nothing to share", raw_code="not_captured")
        if any(part.amount.currency != stands.totals.currency for part in parts):
            raise InvalidRequest(f"the payment is in {stands.totals.currency}, and so are its shares")
        sharing.send(self.client, intent, stands.totals, key, named, last=finish)
        return stands

    def parse_notification(self, raw: RawNotification) -> Notification:
        """Verify and parse what Stripe pushed."""
        if not self.settings.webhook_secrets:
            raise Unsupported("this gateway has no secret to verify notifications with; set webhook_secrets")
        return opened(raw, self.settings)

    def ledger(self, since: datetime, until: datetime) -> Iterator[LedgerLine]:
        """What was booked on the account, oldest first."""
        payouts = self._payouts(since) if self.settings.names_payouts else {}
        booked = self.client.all(messages.booked(since, until))
        found = [ledgers.line(each, payouts.get(standing.word(each, "id"))) for each in booked]
        yield from sorted(found, key=lambda line: line.booked_at)

    def scrub(self, transcript: str) -> str:
        """The transcript without keys, tokens and card numbers."""
        return TOKENS.sub("[token]", scrub(transcript, secrets=self.settings.secrets))

    def _read(self, answer: Answer) -> Outcome:
        """How a payment or a session stands, with its refunds and disputes where it has any."""
        now, key = self.clock.now(), self.settings.publishable_key
        if answer.get("object") == "checkout.session":
            payment = self._payment_of(answer)
            if payment is not None and answer.get("status") == "complete":
                return self._read(payment)
            return standing.session(answer, publishable_key=key)
        name = standing.word(answer, "id")
        self._seen.note(name, standing.money(answer).currency)
        back = tuple(self.client.all(messages.refunds(name))) if standing.given_back_something(answer) else ()
        lost = tuple(self.client.all(messages.disputes(name))) if standing.is_disputed(answer) else ()
        found = standing.intent(answer, at=now, publishable_key=key, refunds=back, disputes=lost)
        if not isinstance(found, Done) or not lost:
            return found
        return evolve(found, disputes=tuple(disputing.dispute(each, told_at=now) for each in reversed(lost)))

    def _payouts(self, since: datetime) -> dict[str, str]:
        """The payouts that lines from then on are in, by the id of the line."""
        found: dict[str, str] = {}
        for payout in self.client.all(messages.payouts(since)):
            if payout.get("automatic") is not False:
                name = standing.word(payout, "id")
                found |= {standing.word(each, "id"): name for each in self.client.all(messages.paid_out(name))}
        return found

    def _dispute(self, ask: Ask) -> Dispute:
        if not _DISPUTE.fullmatch(ask.ids[0]):
            raise NotFound("a dispute at Stripe is named du_... or dp_...", raw_code="no_such_dispute")
        return disputing.dispute(self.client.told(ask), told_at=self.clock.now())

    def _by_key(self, key: OperationKey) -> Outcome:
        """The payment of a key: by the index, and in the lists of the last minutes, which the index may not have yet."""
        return self.query(reference=self._named(key))

    def _named(self, key: OperationKey) -> str:
        self._demand_search()
        for each in self.client.told(messages.search(key)).get("data", ()):
            return standing.word(each, "id")
        now = self.clock.now()
        for ask in (messages.begun(now - LAG), messages.pages(now - REMEMBERED)):
            for each in self.client.all(ask):
                if key.value in {standing.metadata(each).get(name) for name in (messages.KEY, messages.CAPTURE)}:
                    return standing.word(each, "id")
        raise NotFound(f"Stripe knows no payment under the key {key}", raw_code="no_such_key")

    def _demand_search(self) -> None:
        if not self.settings.searches:
            raise Unsupported("this account has no search, so no payment is found by its key; repeat the operation with its key")

    def _refund(self, answer: Answer, reference: str) -> Outcome:
        intent = self.client.told(messages.intent(reference))
        stands = self._read(intent)
        if not isinstance(stands, Done):
            raise Indeterminate("a payment that is refunded must have been made", raw_code="unreadable")
        if self.settings.shares:
            sharing.take_back(self.client, intent, stands.totals)
        return standing.refund(answer, reference, stands.totals)

    def _demand_currency(self, intent: str, amount: Money) -> None:
        """Stripe takes and gives back in the currency of the payment, whatever is meant; so it is looked up first, once."""
        if self._seen.of(intent) is None:
            self._read(self.client.told(messages.intent(intent)))
        if self._seen.of(intent) != amount.currency:
            raise InvalidRequest(f"the payment is in {self._seen.of(intent)}, got {amount}")

    def _intent(self, reference: str) -> str:
        """The PaymentIntent behind a reference. Raises `InvalidState` for a session that is not paid, `NotFound`."""
        return reference if reference.startswith("pi_") else standing.word(self._paid(reference), "id")

    def _paid(self, reference: str) -> Answer:
        if not reference.startswith("cs_"):
            raise NotFound("a payment at Stripe is named pi_... or cs_...", raw_code="no_such_payment")
        payment = self._payment_of(self.client.told(messages.session(reference)))
        if payment is None:
            raise InvalidState("the buyer has not paid on this page", raw_code="not_paid")
        return payment

    def _payment_of(self, page: Answer) -> Answer | None:
        """The payment that was made on a page, asked for apart where the answer has only its name."""
        payment = page.get("payment_intent")
        if isinstance(payment, str) and page.get("status") == "complete":
            return self.client.told(messages.intent(_demand_intent(payment)))
        return payment if isinstance(payment, dict) else None


class _Currencies:
    """The currencies of the payments that were read last: they never change."""

    def __init__(self) -> None:
        self._found: dict[str, str] = {}
        self._lock = Lock()

    def note(self, intent: str, currency: str) -> None:
        with self._lock:
            self._found[intent] = currency
            if len(self._found) > _MOST_SEEN:
                del self._found[next(iter(self._found))]

    def of(self, intent: str) -> str | None:
        return self._found.get(intent)


def _demand_intent(reference: str) -> str:
    if not reference.startswith("pi_"):
        raise NotFound("a payment at Stripe is named pi_... or cs_...", raw_code="no_such_payment")
    return reference
