"""Reconcile payouts: hold what a provider says it paid out, line by line, against what has arrived at the bank, and tell the breaks.

Rules
- theirs comes from the gateway's ledger, whose lines name their payouts; what has arrived comes from the host, from a bank statement as a rule
  (`shopwright.settlement.payouts.payouts_in`); both count once however often they are told (BOOKS-8);
- no transaction is open while a ledger is read, and what was read is kept page by page: a run that broke off is run again, and two workers at a time
  do no harm;
- what is still open is judged anew with every run of its gateway, whatever time that is about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from hashlib import sha256
from itertools import islice

from shopwright.errors import InvalidValue
from shopwright.flows.checking import moment
from shopwright.flows.ports import Ports
from shopwright.flows.saving import fitted
from shopwright.flows.sweeping import Progress
from shopwright.flows.trying import tried
from shopwright.payments.ledger import LedgerLine
from shopwright.payments.operations import Operation as Ability
from shopwright.ports.storage import Changeset, Match, Operation, Put, Query, Where
from shopwright.settlement.payouts import PayoutBooks, PayoutsReport, reported
from shopwright.settlement.reconciling import PAYOUT, BooksTerms, PayoutReceived

PAGE = 200


def reconcile_payouts(
    ports: Ports,
    gateway: str,
    since: datetime,
    until: datetime,
    received: Iterable[PayoutReceived] = (),
    *,
    at: datetime,
    terms: BooksTerms = BooksTerms(),
    progress: Progress | None = None,
) -> PayoutsReport:
    """Bring the books of a gateway's payouts up to now, with the lines from `since` on and before `until` and what has arrived, and tell the breaks.

    Safe to repeat and to run in several workers. Raises `InvalidValue` for a gateway that the shop does not have, a time that ends before it begins,
    what is no `PayoutReceived` and a progress that cannot be called, `Unsupported` for a gateway without a ledger, and what the ledger raises.
    """
    at, since, until = moment(at), moment(since), moment(until)
    came = _demand(since, until, received, terms, progress)
    asked = ports.gateway(gateway)
    asked.capabilities.demand(Ability.LEDGER)
    books: dict[str, PayoutBooks] = {}
    told, lines = iter(asked.ledger(since, until)), 0
    while page := tuple(islice(told, PAGE)):
        books |= tried(ports.storage, partial(_keep, ports, gateway, _by_payout(page), {}, at=at, terms=terms))
        lines += len(page)
        if progress is not None:
            progress("lines", lines)
    for start in range(0, len(came), PAGE):
        books |= tried(ports.storage, partial(_keep, ports, gateway, {}, _by_name(came[start : start + PAGE]), at=at, terms=terms))
    books |= _judged_again(ports, gateway, at=at, terms=terms)
    return reported(books.values(), gateway=gateway, since=since, until=until, at=at)


def _demand(
    since: datetime, until: datetime, received: Iterable[PayoutReceived], terms: BooksTerms, progress: Progress | None
) -> tuple[PayoutReceived, ...]:
    if until <= since:
        raise InvalidValue(f"expected a time that ends after it begins, got {since} to {until}")
    if not isinstance(terms, BooksTerms):
        raise InvalidValue(f"expected terms to be BooksTerms, got {type(terms).__name__}")
    if progress is not None and not callable(progress):
        raise InvalidValue(f"expected progress to be a function, got {type(progress).__name__}")
    came = tuple(received)
    for it in came:
        if not isinstance(it, PayoutReceived):
            raise InvalidValue(f"expected what has arrived as PayoutReceived, got {type(it).__name__}; read a statement with `payouts_in`")
    return came


Lines = Mapping[str, Sequence[LedgerLine]]
Received = Mapping[str, Sequence[PayoutReceived]]


def _by_payout(page: Iterable[LedgerLine]) -> Lines:
    found: dict[str, list[LedgerLine]] = defaultdict(list)
    for line in page:
        if line.payout_id is not None and line.kind != PAYOUT:
            found[line.payout_id].append(line)
    return found


def _by_name(came: Iterable[PayoutReceived]) -> Received:
    found: dict[str, list[PayoutReceived]] = defaultdict(list)
    for it in came:
        found[it.id].append(it)
    return found


def _keep(ports: Ports, gateway: str, lines: Lines, received: Received, *, at: datetime, terms: BooksTerms) -> dict[str, PayoutBooks]:
    """The books of these payouts with what is new in them; all that has changed is one changeset."""
    names = {fitted(f"{gateway}/{payout}"): payout for payout in (*lines, *received)}
    stored = ports.storage.load_many(PayoutBooks, tuple(names))
    books, puts = {}, []
    for id, payout in names.items():
        before = stored[id].value if id in stored else PayoutBooks(id=id, gateway=gateway, payout=payout)
        after = before.plus(lines=lines.get(payout, ()), received=received.get(payout, ())).judged(at=at, terms=terms)
        books[id] = after
        if after != before:
            puts.append(Put(id, after, stored[id].version if id in stored else 0))
    _write(ports, puts, at=at)
    return books


def _judged_again(ports: Ports, gateway: str, *, at: datetime, terms: BooksTerms) -> dict[str, PayoutBooks]:
    """The payouts that are open, as they stand by now."""
    found: dict[str, PayoutBooks] = {}
    after = ""
    while True:
        page = ports.storage.find(Query(PayoutBooks, where=(Where("open_at", Match.EQUAL, gateway),), limit=PAGE, after=after))
        nothing: Lines = {it.value.payout: () for it in page.items}
        found |= tried(ports.storage, partial(_keep, ports, gateway, nothing, {}, at=at, terms=terms))
        if not page.next:
            return found
        after = page.next


def _write(ports: Ports, puts: Sequence[Put], *, at: datetime) -> None:
    """Write what nobody asked for by a command: it is named by the versions that it changes, which no other step can."""
    if puts:
        named = "|".join([f"{put.id}:{put.expected}" for put in puts])
        ports.storage.commit(Changeset(Operation(f"payouts/{sha256(named.encode()).hexdigest()}", "keep"), at, puts=tuple(puts)))
