"""The provider itself: its books, its rules and its time, shared by every gateway object that talks to it.

It outlives a crash of the shop: in a test the same provider serves the gateway before and after; with `path` it lives in a file
that the processes of a test share. Its verbs beside the gateway's are what happens on the other side: the buyer on the page
(`approve`, `decline`), time (`advance`), the bank (`charge_back`), and the notifications that it pushes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from attrs import evolve, field, frozen

from shopwright.adapters import troubles
from shopwright.adapters.fake_gateway import desk, disputes, messages
from shopwright.adapters.fake_gateway.book import TYPES, Account, Book, Entry, Told
from shopwright.adapters.fake_gateway.conduct import PLAIN, Conduct, Phase, conduct, with_word
from shopwright.adapters.fake_gateway.settings import FakeSettings
from shopwright.adapters.rows import FileRows, MemoryRows, Rows
from shopwright.adapters.system import SystemClock
from shopwright.adapters.troubles import Trouble
from shopwright.money import Money
from shopwright.payments.capabilities import Capabilities
from shopwright.payments.disputes import DisputeReason, DisputeState
from shopwright.payments.errors import InvalidState, NotFound
from shopwright.payments.notifications import EventKind, RawNotification
from shopwright.payments.operations import Flow, Operation, OperationKey
from shopwright.payments.outcomes import DeclineReason, Totals
from shopwright.ports.clock import Clock

EVERYTHING = Capabilities(
    operations=frozenset(Operation),
    flows=frozenset(Flow) - {Flow.OFFLINE},
    partial_capture=True,
    multi_capture=True,
    refund_is_async=True,
    auth_ttl=timedelta(days=7),
    refund_window=timedelta(days=180),
    challenges=True,
    installments=True,
    saves_methods=True,
)
"""What the fake provider can do unless it is told to do less."""

MOVING = frozenset(
    {
        EventKind.AUTHORIZED,
        EventKind.CAPTURED,
        EventKind.VOIDED,
        EventKind.REFUNDED,
        EventKind.REFUND_FAILED,
        EventKind.CHARGED_BACK,
        EventKind.CHARGEBACK_REVERSED,
    }
)
"""The events in which money moves, or is held or let go."""

ANY = "any"
"""The next request, whatever its phase."""


@frozen
class Movement:
    """Money that moved: what kind of event, for which payment, under which operation key, how much and when."""

    kind: EventKind = field(converter=EventKind)
    reference: str
    key: str
    amount: Money
    at: datetime


class FakeProvider:
    """The provider's truth. Safe to share between threads and, with `path`, between processes (one object in each)."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        path: Path | None = None,
        capabilities: Capabilities = EVERYTHING,
        settings: FakeSettings | None = None,
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        self.capabilities = capabilities
        self.settings = settings or FakeSettings()
        self.forgotten: set[str] = set()
        """The tokens of methods that are kept no longer."""
        self._rows: Rows = MemoryRows() if path is None else FileRows(path, TYPES)

    # What the gateway asks.

    def handle(
        self,
        phase: Phase,
        key: str | None,
        work: Callable[[Book, Conduct], Entry],
        *,
        reference: str | None = None,
        token: str | None = None,
    ) -> tuple[Account, Entry]:
        """Serve a request: strike it with its trouble, if it has one, and do the work at most once.

        A start brings its token; for every other phase the token is that of the payment, found by reference or by key.
        """
        with self.open() as book:
            if token is None:
                token = self._token(book, key, reference)
            how = _arrival(book, phase, key or reference or "", token)
        troubles.before(how.trouble)
        with self.open() as book:
            entry = work(book, how)
            account = book.account(entry.reference)
        troubles.after(how.trouble)
        return account, entry

    def _token(self, book: Book, key: str | None, reference: str | None) -> str:
        """The token that the payment was started with, after time has done its work on it; one that exists not behaves plainly."""
        try:
            account = book.account(reference or book.entry(key or "").reference)
        except NotFound:
            return "tok_ok"
        return desk.lapse(book, account).token

    @contextmanager
    def open(self) -> Iterator[Book]:
        """The books, for one change at the present moment."""
        at = self.clock.now()
        with self._rows.writing() as draft:
            yield Book(draft, at=at)

    # What happens on the other side.

    def approve(self, reference: str) -> None:
        """The buyer has paid, or the wait is over; raises `InvalidState` when the payment waits for nothing."""
        with self.open() as book:
            desk.proceed(book, self._unpaid(book, reference), self.capabilities)

    def decline(self, reference: str, reason: DeclineReason = DeclineReason.GENERIC) -> None:
        """The buyer or their bank has said no; raises `InvalidState` when the payment waits for nothing."""
        with self.open() as book:
            desk.refuse(book, self._unpaid(book, reference), reason)

    def expire(self, reference: str) -> None:
        """The buyer's time is over."""
        self.decline(reference, DeclineReason.EXPIRED)

    def charge_back(self, reference: str, amount: Money | None = None) -> None:
        """The buyer's bank takes back this much, or all that is left."""
        with self.open() as book:
            account = book.account(reference)
            desk.charge_back(book, account, account.refundable if amount is None else amount.minor)

    def reverse_chargeback(self, reference: str, amount: Money | None = None) -> None:
        """The shop wins the dispute, over this much or over all that was charged back."""
        with self.open() as book:
            account = book.account(reference)
            desk.reverse_chargeback(book, account, account.charged_back if amount is None else amount.minor)

    def open_dispute(
        self,
        reference: str,
        amount: Money | None = None,
        *,
        reason: DisputeReason = DisputeReason.FRAUD,
        inquiry: bool = False,
        answer_within: timedelta = timedelta(days=7),
    ) -> str:
        """The buyer asks for this much back, or for all that was taken; the provider's name of the dispute. Money goes once it is lost."""
        with self.open() as book:
            account = book.account(reference)
            about = account.captured - account.charged_back if amount is None else amount.minor
            filed = disputes.open_dispute(book, account, about, reason=reason, inquiry=inquiry, answer_within=answer_within)
        return filed.id

    def decide_dispute(self, dispute: str, state: DisputeState) -> None:
        """The bank decides, pursues an inquiry, or lets it rest."""
        with self.open() as book:
            disputes.decide(book, book.dispute(dispute), DisputeState(state))

    def pay_out(self) -> str:
        """Pay out everything that was booked since the last time; the name of the payout."""
        with self.open() as book:
            return book.pay_out()

    def settle_refund(self, key: OperationKey) -> None:
        """A refund that was under way has arrived."""
        with self.open() as book:
            desk.settle_refund(book, book.entry(key.value))

    def fail_refund(self, key: OperationKey) -> None:
        """A refund has come back."""
        with self.open() as book:
            desk.fail_refund(book, book.entry(key.value))

    def open_review(self, reference: str) -> None:
        """The provider has second thoughts about a payment."""
        self._review(reference, under_review=True, kind=EventKind.REVIEW_OPENED)

    def close_review(self, reference: str) -> None:
        """The provider's doubt is gone."""
        self._review(reference, under_review=False, kind=EventKind.REVIEW_CLOSED)

    def advance(self, reference: str | None = None) -> None:
        """Let everything happen that is on its way, for one payment or for all: slow payments and refunds end, late failures
        and chargebacks strike, what has lapsed is released.
        """
        with self.open() as book:
            accounts = book.accounts() if reference is None else (book.account(reference),)
            references = {account.reference for account in accounts}
            for account in accounts:
                self._ripen(book, desk.lapse(book, account))
            for entry in book.entries():
                if entry.reference in references and entry.verb == Phase.REFUND:
                    _ripen_refund(book, entry)

    def script(self, phase: str, *words: str) -> None:
        """Make the next requests of a phase (start, capture, void, refund, split, query) behave so, one word each."""
        for word in words:
            with_word(PLAIN, Phase(phase), word)
        with self.open() as book:
            book.script(Phase(phase), words)

    def strike(self, trouble: Trouble) -> None:
        """Let the next request end in this trouble, whatever it asks for."""
        with self.open() as book:
            book.script(ANY, (Trouble(trouble).value,))

    # What the provider tells and counts.

    def notifications(self, *, duplicate: int = 1, shuffle: Random | None = None, noise: bool = False, again: bool = False) -> list[RawNotification]:
        """What the provider pushes now: events not delivered yet (`again`: all of them), each so many times, in this disorder."""
        at = self.clock.now()
        with self.open() as book:
            events = book.told(after=0 if again else book.tally("delivered"))
            book.set_tally("delivered", max((told.number for told in events), default=book.tally("delivered")))
        pushed = [messages.pushed(told, self.settings, at=at) for told in events for _ in range(duplicate)]
        if noise:
            pushed = [raw for number, real in enumerate(pushed) for raw in (messages.noise(number, self.settings, at=at), real)]
        if shuffle is not None:
            shuffle.shuffle(pushed)
        return pushed

    def paid_out(self) -> tuple[int, ...]:
        """Up to which event each payout goes, the first one first."""
        with self.open() as book:
            return book.payouts()

    def told(self) -> tuple[Told, ...]:
        """Every event so far, in the order in which it happened."""
        with self.open() as book:
            return book.told()

    def movements(self, *kinds: EventKind) -> tuple[Movement, ...]:
        """Every movement of money of these kinds, or of all kinds."""
        wanted = set(kinds or MOVING)
        events = [told for told in self.told() if told.kind in wanted]
        return tuple(Movement(told.kind, told.reference, told.key, Money(told.amount, told.currency), told.told_at) for told in events)

    def charges(self) -> tuple[Movement, ...]:
        """Every time money was taken: charges and captures."""
        return self.movements(EventKind.CAPTURED)

    def authorizations(self) -> tuple[Movement, ...]:
        """Every time money was held without being taken."""
        return self.movements(EventKind.AUTHORIZED)

    def refunds(self) -> tuple[Movement, ...]:
        """Every time money went back by a refund, those included that came back later."""
        return self.movements(EventKind.REFUNDED)

    def totals(self, reference: str) -> Totals:
        """The truth about one payment; raises `NotFound`."""
        with self.open() as book:
            return book.account(reference).totals

    def reference(self, key: OperationKey) -> str:
        """The payment that was started, or touched, under this key; raises `NotFound`."""
        with self.open() as book:
            return book.entry(key.value).reference

    def _review(self, reference: str, *, under_review: bool, kind: EventKind) -> None:
        with self.open() as book:
            account = book.account(reference)
            if account.stage != "open" or account.under_review is under_review:
                raise InvalidState(f"{reference} is {account.stage} and {'' if account.under_review else 'not '}under review")
            book.tell(book.keep(evolve(account, under_review=under_review)), kind, account.key, 0)

    def _unpaid(self, book: Book, reference: str) -> Account:
        account = desk.lapse(book, book.account(reference))
        if account.stage not in desk.UNPAID:
            raise InvalidState(f"{reference} is {account.stage}; it waits for nobody")
        return account

    def _ripen(self, book: Book, account: Account) -> None:
        if account.stage == "waiting":
            desk.proceed(book, account, self.capabilities)
        account = book.account(account.reference)
        if conduct(account.token, Phase.START).chargeback and not account.disputed and account.refundable > 0:
            desk.charge_back(book, account, account.refundable)


def _arrival(book: Book, phase: Phase, name: str, token: str) -> Conduct:
    """Count a request, and tell how it shall go: troubles strike the first one under a name only."""
    how = conduct(token, phase)
    scripted = book.next_word(phase) or book.next_word(ANY)
    if scripted is not None:
        scripted_token = token if scripted in set(Trouble) else f"{token}+{scripted}"
        return evolve(with_word(how, phase, scripted), token=scripted_token)
    if how.trouble is None:
        return how
    times = book.tally(f"{phase}:{name}")
    book.set_tally(f"{phase}:{name}", times + 1)
    return evolve(how, trouble=None) if times else how


def _ripen_refund(book: Book, entry: Entry) -> None:
    if entry.state == "pending":
        entry = desk.settle_refund(book, entry)
    elif entry.state == "done" and entry.fails_late:
        desk.fail_refund(book, entry)
