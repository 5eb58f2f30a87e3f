"""The books of a payment, as they are kept to be reconciled: what the shop booked, what the provider told, and what does not agree.

Rules
- BOOKS-7: both sides only grow: a movement stands once under the id of its event and a line once under its own, where a later word of the provider
  about the same line takes the place of the earlier one: it was paid out meanwhile;
- what does not agree is told anew from both sides whenever one of them grows, and as time passes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from attrs import evolve, field, frozen

from shopwright.edges import aware
from shopwright.payments.ledger import LedgerLine
from shopwright.settlement.movements import Movement
from shopwright.settlement.reconciling import BooksTerms, Break, Reconciled, reconcile


@frozen(kw_only=True)
class PaymentBooks:
    """Both sides of one payment at one gateway. `is_open` says that something is awaited or broken."""

    id: str
    gateway: str
    reference: str
    ours: tuple[Movement, ...] = ()
    theirs: tuple[LedgerLine, ...] = ()
    breaks: tuple[Break, ...] = ()
    is_open: bool = False

    def plus(self, *, ours: Iterable[Movement] = (), theirs: Iterable[LedgerLine] = ()) -> PaymentBooks:
        """The books with what is new of this."""
        moved = {it.id: it for it in self.ours}
        lines = {it.line_id: it for it in self.theirs}
        moved |= {it.id: it for it in ours if it.id not in moved}
        lines |= {it.line_id: it for it in theirs}
        return evolve(self, ours=tuple(moved.values()), theirs=tuple(lines.values()))

    def reconciled(self, *, at: datetime, terms: BooksTerms) -> Reconciled:
        """How both sides stand to each other at this time."""
        return reconcile(self.ours, self.theirs, at=at, terms=terms)

    def judged(self, *, at: datetime, terms: BooksTerms) -> PaymentBooks:
        """The books with what does not agree at this time."""
        found = self.reconciled(at=at, terms=terms)
        return evolve(self, breaks=found.breaks, is_open=bool(found.breaks or found.awaited))


@frozen(kw_only=True)
class BooksSum:
    """What both sides add up to in one currency, in minor units; `fees` is what the provider kept, `awaited` what it has yet to book of ours."""

    currency: str
    ours: int = 0
    theirs: int = 0
    fees: int = 0
    awaited: int = 0

    @property
    def difference(self) -> int:
        """What nobody accounts for; zero when the books are equal."""
        return self.ours - self.awaited - self.theirs


@frozen(kw_only=True)
class BooksReport:
    """What came of reconciling one gateway over a time: kept under `<gateway>/<since>/<until>`, and anew when it is run again.

    It is about every payment that has a line in that time, and every one that is still open. `breaks` are the first of them; `broken`
    counts them all.
    """

    id: str
    gateway: str
    since: datetime = field(validator=aware)
    until: datetime = field(validator=aware)
    at: datetime = field(validator=aware)
    payments: int
    lines: int
    matched: int
    awaited: int
    broken: int
    sums: tuple[BooksSum, ...]
    breaks: tuple[Break, ...]

    @property
    def is_balanced(self) -> bool:
        """Whether there is no break, and the sums of both sides are the same."""
        return not self.broken and not any(it.difference for it in self.sums)


MOST_BREAKS = 500
"""How many breaks stand in a report; all of them stand in the books of their payments."""


class Tally:
    """A report while it is added up, one payment at a time."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._sums: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(("ours", "theirs", "fees", "awaited"), 0))
        self._counts = dict.fromkeys(("matched", "awaited", "broken"), 0)
        self._breaks: list[Break] = []

    def add(self, books: PaymentBooks, *, at: datetime, terms: BooksTerms) -> None:
        """Count a payment, once."""
        if books.id in self._seen:
            return
        self._seen.add(books.id)
        found = books.reconciled(at=at, terms=terms)
        self._counts["matched"] += len(found.matches)
        self._counts["awaited"] += len(found.awaited)
        self.broken(found.breaks)
        for it in books.ours:
            self._sums[it.currency]["ours"] += it.amount
        for line in books.theirs:
            if line.kind not in terms.expected_kinds:
                self._sums[line.gross.currency]["theirs"] += line.gross.minor
                self._sums[line.fee.currency]["fees"] += line.fee.minor
        for it in found.awaited:
            self._sums[it.currency]["awaited"] += it.amount

    def broken(self, breaks: Iterable[Break]) -> None:
        """Count breaks."""
        for it in breaks:
            self._counts["broken"] += 1
            if len(self._breaks) < MOST_BREAKS:
                self._breaks.append(it)

    def report(self, *, id: str, gateway: str, since: datetime, until: datetime, at: datetime, lines: int) -> BooksReport:
        """What it comes to."""
        sums = tuple([BooksSum(currency=currency, **self._sums[currency]) for currency in sorted(self._sums)])
        return BooksReport(
            id=id,
            gateway=gateway,
            since=since,
            until=until,
            at=at,
            payments=len(self._seen),
            lines=lines,
            matched=self._counts["matched"],
            awaited=self._counts["awaited"],
            broken=self._counts["broken"],
            sums=sums,
            breaks=tuple(self._breaks),
        )
