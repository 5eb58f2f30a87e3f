"""Reconcile: hold what the shop booked of its payments against what a provider booked, keep both side by side, and tell the breaks.

Rules
- ours comes from the stream of events, behind a position of its own (`books`): nobody does anything for it while an order is placed or paid;
- theirs comes from the gateway's ledger; no transaction is open while it is read, and what was read is kept page by page;
- both count once however often they are read (BOOKS-7), so a run that broke off is run again, and two workers at a time do no harm;
- what is still open is judged anew with every run of its gateway, whatever time that is about;
- payments of a gateway that keeps no ledger have no books here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from hashlib import sha256
from itertools import islice

from shopwright.errors import InvalidValue
from shopwright.flows.checking import moment
from shopwright.flows.ports import Ports
from shopwright.flows.relaying import relay
from shopwright.flows.saving import fitted
from shopwright.flows.sweeping import Progress
from shopwright.flows.trying import tried
from shopwright.orders.order import Order
from shopwright.payments.ledger import LedgerLine
from shopwright.payments.operations import Operation as Ability
from shopwright.ports.storage import Changeset, Match, Operation, Put, Query, Recorded, Where
from shopwright.settlement.books import BooksReport, PaymentBooks, Tally
from shopwright.settlement.movements import MOVING, Movement, movement
from shopwright.settlement.reconciling import BooksTerms

CONSUMER = "books"
"""The name under which the position in the stream of events is kept."""

PAGE = 200

Names = tuple[str, str]
"""A gateway, and its reference of a payment."""


def reconcile(
    ports: Ports,
    gateway: str,
    since: datetime,
    until: datetime,
    *,
    at: datetime,
    terms: BooksTerms = BooksTerms(),
    progress: Progress | None = None,
) -> BooksReport:
    """Bring the books of a gateway up to now, and tell how they stand for what was booked from `since` on and before `until`.

    Safe to repeat and to run in several workers. Raises `InvalidValue` for a gateway that the shop does not have, a time that ends before it
    begins and a progress that cannot be called, `Unsupported` for a gateway without a ledger, and what the ledger raises when the
    provider does not answer: what was read until then is kept, and the next run goes on.
    """
    at, since, until = moment(at), moment(since), moment(until)
    if until <= since:
        raise InvalidValue(f"expected a time that ends after it begins, got {since} to {until}")
    if not isinstance(terms, BooksTerms):
        raise InvalidValue(f"expected terms to be BooksTerms, got {type(terms).__name__}")
    if progress is not None and not callable(progress):
        raise InvalidValue(f"expected progress to be a function, got {type(progress).__name__}")
    asked = ports.gateway(gateway)
    asked.capabilities.demand(Ability.LEDGER)
    note_movements(ports, at=at, terms=terms, progress=progress)
    tally, lines = Tally(), 0
    told = iter(asked.ledger(since, until))
    while page := tuple(islice(told, PAGE)):
        for books in tried(ports.storage, partial(_keep_lines, ports, gateway, page, at, terms)):
            tally.add(books, at=at, terms=terms)
        lines += len(page)
        if progress is not None:
            progress("lines", lines)
    for books in _judged_again(ports, gateway, at, terms):
        tally.add(books, at=at, terms=terms)
    report = tally.report(id=_report_id(gateway, since, until), gateway=gateway, since=since, until=until, at=at, lines=lines)
    tried(ports.storage, lambda: _keep_report(ports, report, at=at))
    return report


def note_movements(ports: Ports, *, at: datetime, terms: BooksTerms = BooksTerms(), progress: Progress | None = None) -> int:
    """Note what the events of orders since the last time moved, for all gateways; returns how many events were read."""
    now, seen = moment(at), 0

    def deliver(recorded: Sequence[Recorded]) -> None:
        found = _movements(ports, recorded)
        if found:
            tried(ports.storage, lambda: _keep(ports, found, {}, at=now, terms=terms))

    while read := relay(ports, CONSUMER, deliver, at=now, limit=PAGE):
        seen += read
        if progress is not None:
            progress("events", seen)
    return seen


def _movements(ports: Ports, recorded: Sequence[Recorded]) -> dict[Names, list[Movement]]:
    """What these events moved, by the payment; its gateway and reference stand in its order."""
    moving = [it for it in recorded if isinstance(it.value, MOVING)]
    orders = ports.storage.load_many(Order, {it.key for it in moving}) if moving else {}
    found: dict[Names, list[Movement]] = defaultdict(list)
    for it in moving:
        order = orders[it.key].value
        payment = order.payment(it.value.payment_id)
        if payment is None or not payment.reference or not _keeps_ledger(ports, payment.tender.gateway):
            continue
        one = movement(it.value, id=f"{it.key}/{it.number}", reference=payment.reference, currency=order.currency)
        if one is not None:
            found[(payment.tender.gateway, payment.reference)].append(one)
    return found


def _keeps_ledger(ports: Ports, gateway: str) -> bool:
    """Whether there is or may be a ledger to hold it against; a gateway that the shop has no longer can come back."""
    known = ports.gateways.get(gateway)
    return bool(gateway) and (known is None or Ability.LEDGER in known.capabilities.operations)


def _keep_lines(ports: Ports, gateway: str, page: Iterable[LedgerLine], at: datetime, terms: BooksTerms) -> tuple[PaymentBooks, ...]:
    told: dict[Names, list[LedgerLine]] = defaultdict(list)
    for line in page:
        # A line that is about no payment has books of its own.
        told[(gateway, line.reference or f"-{line.line_id}")].append(line)
    return _keep(ports, {}, told, at=at, terms=terms)


def _keep(
    ports: Ports, ours: Mapping[Names, Sequence[Movement]], theirs: Mapping[Names, Sequence[LedgerLine]], *, at: datetime, terms: BooksTerms
) -> tuple[PaymentBooks, ...]:
    """The books of these payments with what is new in them; all that has changed is one changeset."""
    names = {_books_id(*it): it for it in (*ours, *theirs)}
    stored = ports.storage.load_many(PaymentBooks, tuple(names))
    books, puts = [], []
    for id, (gateway, reference) in names.items():
        before = stored[id].value if id in stored else PaymentBooks(id=id, gateway=gateway, reference=reference)
        more = before.plus(ours=ours.get((gateway, reference), ()), theirs=theirs.get((gateway, reference), ()))
        after = more.judged(at=at, terms=terms)
        books.append(after)
        if after != before:
            puts.append(Put(id, after, stored[id].version if id in stored else 0))
    _write(ports, puts, at=at)
    return tuple(books)


def _write(ports: Ports, puts: Sequence[Put], *, at: datetime) -> None:
    """Write what nobody asked for by a command: it is named by the versions that it changes, which no other step can."""
    if puts:
        named = "|".join([f"{put.id}:{put.expected}" for put in puts])
        ports.storage.commit(Changeset(Operation(f"books/{sha256(named.encode()).hexdigest()}", "keep"), at, puts=tuple(puts)))


def _judged_again(ports: Ports, gateway: str, at: datetime, terms: BooksTerms) -> Iterator[PaymentBooks]:
    """The books that are open, as they stand by now: what was awaited may be missing, and what was missing may have come."""
    after = ""
    while True:
        page = ports.storage.find(Query(PaymentBooks, where=(Where("open_at", Match.EQUAL, gateway),), limit=PAGE, after=after))
        names = {(it.value.gateway, it.value.reference): () for it in page.items}
        yield from tried(ports.storage, partial(_keep, ports, names, {}, at=at, terms=terms))
        if not page.next:
            return
        after = page.next


def _keep_report(ports: Ports, report: BooksReport, *, at: datetime) -> None:
    stored = ports.storage.load(BooksReport, report.id)
    version = 0 if stored is None else stored.version
    if stored is None or stored.value != report:
        ports.storage.commit(Changeset(Operation(fitted(f"books/{report.id}/{version}"), "report"), at, puts=(Put(report.id, report, version),)))


def _books_id(gateway: str, reference: str) -> str:
    return fitted(f"{gateway}/{reference}")


def _report_id(gateway: str, since: datetime, until: datetime) -> str:
    return fitted(f"{gateway}/{since.isoformat()}/{until.isoformat()}")
