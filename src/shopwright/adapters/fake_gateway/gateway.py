"""The fake gateway: what a shop holds in its hand. It keeps nothing; the truth is with the `FakeProvider`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from attrs import evolve

from shopwright.adapters.fake_gateway import desk, disputes, messages
from shopwright.adapters.fake_gateway.book import Book, Entry
from shopwright.adapters.fake_gateway.conduct import Conduct, Phase
from shopwright.adapters.fake_gateway.provider import FakeProvider
from shopwright.adapters.fake_gateway.settings import FakeSettings
from shopwright.adapters.scrubbing import scrub
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.payments.capabilities import Capabilities
from shopwright.payments.disputes import Dispute
from shopwright.payments.errors import InvalidRequest, Unsupported
from shopwright.payments.evidence import Evidence
from shopwright.payments.ledger import LedgerLine
from shopwright.payments.notifications import Notification, RawNotification
from shopwright.payments.operations import Flow, Operation, OperationKey
from shopwright.payments.outcomes import Outcome
from shopwright.payments.requests import RefundPart, Split, StartPayment
from shopwright.payments.saved import MethodLabel, SavedToken
from shopwright.ports.clock import Clock

# Flows in which the instrument comes with the request.
_NEEDS_TOKEN = frozenset({Flow.TOKEN, Flow.SCAN_BUYER_CODE})


class FakeGateway:
    """A `PaymentGateway` without a network. Give it a `provider` to share its truth, or a `clock` for a provider of its own.

    What it does is told by the `source_token` of each payment; see `shopwright.adapters.fake_gateway`.
    """

    api_version = 1

    def __init__(
        self,
        provider: FakeProvider | None = None,
        *,
        clock: Clock | None = None,
        name: str = "fake",
        settings: FakeSettings | None = None,
    ) -> None:
        if provider is not None and clock is not None:
            raise InvalidValue("give a provider, which has a clock, or a clock, not both")
        self.name = name
        self.provider = provider or FakeProvider(clock=clock, settings=settings)
        self.settings = settings or self.provider.settings

    def __repr__(self) -> str:
        return f"FakeGateway(name={self.name!r}, merchant_account={self.settings.merchant_account!r})"

    @property
    def capabilities(self) -> Capabilities:
        """What the provider can do."""
        return self.provider.capabilities

    def start(self, request: StartPayment) -> Outcome:
        """Begin a payment as its token says; flows without a token behave as `tok_ok` once the buyer has acted."""
        self.capabilities.demand_start(request)
        if request.source_token is None and request.flow in _NEEDS_TOKEN:
            raise InvalidRequest(f"the {request.flow} flow needs a source_token, such as tok_ok")

        def work(book: Book, how: Conduct) -> Entry:
            return desk.start(book, request, how, self.capabilities)

        account, entry = self.provider.handle(Phase.START, request.key.value, work, token=request.source_token or "tok_ok")
        return messages.standing(account, entry)

    def capture(self, key: OperationKey, reference: str, amount: Money, *, final: bool = True) -> Outcome:
        """Take authorized money."""
        self.capabilities.demand(Operation.CAPTURE)
        self.capabilities.demand_amount(amount)
        if not final and not self.capabilities.multi_capture:
            raise Unsupported("this gateway captures a payment once; say final=True")

        def work(book: Book, how: Conduct) -> Entry:
            return desk.capture(book, key.value, reference, amount, final=final, how=how, able=self.capabilities)

        return messages.operation(*self.provider.handle(Phase.CAPTURE, key.value, work, reference=reference))

    def void(self, key: OperationKey, reference: str) -> Outcome:
        """Release an authorization or close an unpaid payment."""
        self.capabilities.demand(Operation.VOID)

        def work(book: Book, how: Conduct) -> Entry:
            return desk.void(book, key.value, reference, how=how)

        return messages.operation(*self.provider.handle(Phase.VOID, key.value, work, reference=reference))

    def refund(self, request: RefundPart) -> Outcome:
        """Give captured money back."""
        self.capabilities.demand(Operation.REFUND)
        self.capabilities.demand_amount(request.amount)
        if request.amount < request.of_total and not self.capabilities.partial_refund:
            raise Unsupported(f"this gateway refunds all or nothing: {request.of_total}, got {request.amount}")

        def work(book: Book, how: Conduct) -> Entry:
            return desk.refund(book, request, how=how, able=self.capabilities)

        return messages.operation(*self.provider.handle(Phase.REFUND, request.key.value, work, reference=request.payment))

    def query(self, *, key: OperationKey | None = None, reference: str | None = None) -> Outcome:
        """How a payment stands, or the operation of this key; the second query of a slow payment ends its wait."""
        if (key is None) == (reference is None):
            raise InvalidRequest("query by key or by reference, and not by both")
        if key is not None and not self.capabilities.queries_by_key:
            raise Unsupported("this gateway cannot query by key; query by reference")

        filed: list[Dispute] = []

        def work(book: Book, _how: Conduct) -> Entry:
            entry = book.entry(key.value) if key is not None else book.entry(book.account(reference or "").key)
            filed[:] = [evolve(it.dispute, told_at=book.at) for it in book.disputes(entry.reference)]
            return self._asked(book, entry) if entry.verb == Phase.START else entry

        account, entry = self.provider.handle(Phase.QUERY, None if key is None else key.value, work, reference=reference)
        return messages.standing(account, entry, tuple(filed)) if entry.verb == Phase.START else messages.operation(account, entry)

    def query_refund(self, payment: str, key: OperationKey) -> Outcome:
        """How a refund stands; the second query of a slow one ends its wait."""
        self.capabilities.demand(Operation.REFUND)

        def work(book: Book, _how: Conduct) -> Entry:
            entry = book.entry(key.value)
            if entry.verb != Phase.REFUND or entry.reference != payment:
                raise InvalidRequest(f"{key} is a {entry.verb} of {entry.reference}, not a refund of {payment}")
            if entry.state != "pending":
                return entry
            entry = book.note(evolve(entry, asked=entry.asked + 1))
            return desk.settle_refund(book, entry) if entry.asked > 1 else entry

        return messages.operation(*self.provider.handle(Phase.QUERY, key.value, work, reference=payment))

    def saved(self, reference: str) -> SavedToken | None:
        """What was kept of a payment that saves its method: the token that it was made with, for the one owner that there is here."""

        def work(book: Book, _how: Conduct) -> Entry:
            return book.entry(book.account(reference).key)

        account, _ = self.provider.handle(Phase.QUERY, None, work, reference=reference)
        if not account.saves or account.stage != "open":
            return None
        return SavedToken(token=account.token, owner="cus_fake", label=MethodLabel(brand="visa", last_four="4242", expires="2030-12"))

    def forget(self, token: str) -> None:
        """Keep a method no longer. Tokens here are words that mean the same to everybody, so nothing changes but what `forgotten` tells."""
        self.provider.forgotten.add(token)

    def split(self, key: OperationKey, reference: str, parts: tuple[Split, ...], *, finish: bool) -> Outcome:
        """Share captured money among receivers."""
        self.capabilities.demand(Operation.SPLIT)
        if not parts and not finish:
            raise InvalidRequest("a split has at least one part, or finishes")

        def work(book: Book, how: Conduct) -> Entry:
            return desk.split(book, key.value, reference, parts, finish=finish, how=how)

        return messages.operation(*self.provider.handle(Phase.SPLIT, key.value, work, reference=reference))

    def answer_dispute(self, key: OperationKey, dispute: str, evidence: Evidence) -> Dispute:
        """Give evidence, once and for all."""
        return self._answered(key, dispute, evidence)

    def accept_dispute(self, key: OperationKey, dispute: str) -> Dispute:
        """Give up: the dispute is lost."""
        return self._answered(key, dispute, None)

    def parse_notification(self, raw: RawNotification) -> Notification:
        """Verify and parse what the provider pushed."""
        return messages.opened(raw, self.settings)

    def ledger(self, since: datetime, until: datetime) -> Iterator[LedgerLine]:
        """What was booked in this time, oldest first."""
        self.capabilities.demand(Operation.LEDGER)
        paid_out = self.provider.paid_out()
        lines = (messages.line(told, self.settings, paid_out) for told in self.provider.told() if since <= told.told_at < until)
        return iter([line for line in lines if line is not None])

    def scrub(self, transcript: str) -> str:
        """The transcript without the account's secrets and without card numbers."""
        return scrub(transcript, secrets=(self.settings.api_secret, *(secret for _name, secret in self.settings.signing_keys)))

    def _answered(self, key: OperationKey, dispute: str, evidence: Evidence | None) -> Dispute:
        with self.provider.open() as book:
            reference = book.dispute(dispute).reference

        def work(book: Book, _how: Conduct) -> Entry:
            return disputes.answer(book, key.value, dispute, evidence)

        self.provider.handle(Phase.DISPUTE, key.value, work, reference=reference)
        with self.provider.open() as book:
            return book.dispute(dispute).dispute

    def _asked(self, book: Book, entry: Entry) -> Entry:
        account = book.account(entry.reference)
        if account.stage != "waiting":
            return entry
        account = book.keep(evolve(account, asked=account.asked + 1))
        return desk.proceed(book, account, self.capabilities) if account.asked > 1 else entry
