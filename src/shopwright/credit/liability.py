"""What a shop owes of money that it keeps, by program and currency, told from the entries alone.

Rules
- CREDIT-7: `put_in - spent - expired - breakage - voided = outstanding`, and `held` is the part of `outstanding` that is promised to orders;
- what lapsed counts as outstanding until it is written off: let `expire` run before the books are closed;
- breakage is what somebody had paid for and nobody spent; what was a present and lapsed is no income.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from attrs import field, frozen

from shopwright.credit.books import Book, CreditPosted
from shopwright.edges import aware


@frozen(kw_only=True)
class Liability:
    """How one program stands in one currency at a moment, in minor units. `put_in` is what came in by its origin, `spent` less what came back."""

    program: str
    currency: str
    as_of: datetime = field(validator=aware)
    sold: int
    granted: int
    refunded: int
    spent: int
    expired: int
    breakage: int
    voided: int
    outstanding: int
    held: int

    @property
    def put_in(self) -> int:
        """All that came in."""
        return self.sold + self.granted + self.refunded


def liabilities(entries: Iterable[CreditPosted], *, as_of: datetime) -> tuple[Liability, ...]:
    """What is owed at a moment, sorted by program and currency; entries may come in any order, and are not kept."""
    sums: dict[tuple[str, str], Counter[Book]] = defaultdict(Counter)
    for entry in entries:
        if entry.at <= as_of:
            books = sums[entry.program, entry.currency]
            for posting in entry.postings:
                books[posting.book] += posting.amount
    return tuple([_one(program, currency, sums[program, currency], as_of) for program, currency in sorted(sums)])


def _one(program: str, currency: str, books: Mapping[Book, int], as_of: datetime) -> Liability:
    owed = {book: -books.get(book, 0) for book in Book}
    return Liability(
        program=program,
        currency=currency,
        as_of=as_of,
        sold=-owed[Book.SOLD],
        granted=-owed[Book.GRANTED],
        refunded=-owed[Book.REFUNDED],
        spent=owed[Book.SPENT],
        expired=owed[Book.EXPIRED],
        breakage=owed[Book.BREAKAGE],
        voided=owed[Book.VOIDED],
        outstanding=owed[Book.FREE] + owed[Book.HELD],
        held=owed[Book.HELD],
    )
