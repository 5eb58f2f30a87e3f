"""The books of money that the shop keeps: each entry is postings that sum to zero, and balances are nothing but sums of postings.

Rules
- CREDIT-1: the postings of an entry sum to zero, debits above zero and credits below, in minor units of one currency;
- what the shop owes stands in `FREE` and `HELD`, with a credit balance; the other books say where it came from and where it went;
- what lapsed is `BREAKAGE` where somebody had paid for it, and `EXPIRED` where it was a present;
- entries are never changed: what was wrong is posted back by another entry.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from attrs import field, frozen

from shopwright.edges import MOST, aware, identifier, maybe, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.loyalty.entries import Cause


class Book(StrEnum):
    """What a posting is posted to."""

    FREE = "free"
    """Owed to the holder, who can spend it."""
    HELD = "held"
    """Owed to the holder, and promised to an order."""
    SOLD = "sold"
    """Paid for by somebody: gift cards that were bought."""
    GRANTED = "granted"
    """Given by the shop: goodwill, presents."""
    REFUNDED = "refunded"
    """Given back for what was paid otherwise."""
    SPENT = "spent"
    """What orders were paid with."""
    EXPIRED = "expired"
    BREAKAGE = "breakage"
    VOIDED = "voided"
    """Taken out by a person, or gone with its card."""
    MOVED = "moved"
    """Went to another account; sums to zero over both."""


class Origin(StrEnum):
    """Where money in an account came from, named as the book that it is posted against."""

    SOLD = "sold"
    GRANTED = "granted"
    REFUNDED = "refunded"


class EntryKind(StrEnum):
    """What happened."""

    PUT_IN = "put_in"
    HELD = "held"
    RELEASED = "released"
    LAPSED = "lapsed"
    """A hold whose time was over was let go."""
    SPENT = "spent"
    GIVEN_BACK = "given_back"
    EXPIRED = "expired"
    VOIDED = "voided"
    MOVED_OUT = "moved_out"
    MOVED_IN = "moved_in"
    CLOSED = "closed"
    """The account is void, or goes on as another; nothing was in it."""


@frozen
class Posting:
    """An amount posted to a book: a debit above zero, a credit below."""

    book: Book = field(validator=of(Book))
    amount: int = field(validator=whole(least=-MOST, most=MOST))


@frozen(kw_only=True)
class CreditLot:
    """Money of one origin that expires at one moment; `amount` in minor units."""

    id: str = field(validator=identifier())
    amount: int = field(validator=whole(least=1, most=MOST))
    origin: Origin = field(validator=of(Origin))
    since: datetime = field(validator=aware)
    expires_at: datetime | None = field(default=None, validator=maybe(aware))

    def good(self, at: datetime) -> bool:
        """Whether it can be spent at this time."""
        return self.expires_at is None or at < self.expires_at


@frozen(kw_only=True)
class CreditPosted:
    """Something that happened to an account. `lots` are what of it moved; `hold` names the hold that it is about.

    Raises `InvalidValue` for postings that do not sum to zero (CREDIT-1).
    """

    kind: EntryKind = field(validator=of(EntryKind))
    account_id: str = field(validator=identifier())
    program: str = field(validator=identifier())
    currency: str = field(validator=text(least=3, most=3))
    postings: tuple[Posting, ...] = field(validator=members(Posting))
    lots: tuple[CreditLot, ...] = field(default=(), validator=members(CreditLot))
    hold: str = field(default="", validator=text())
    cause: Cause = Cause()
    at: datetime = field(validator=aware)

    def __attrs_post_init__(self) -> None:
        if over := sum([it.amount for it in self.postings]):
            raise InvalidValue(f"expected postings of {self.kind} that sum to zero, got {over} over")


def balances(entries: Iterable[CreditPosted]) -> dict[Book, int]:
    """What the books come to: debits above zero, credits below; books that come to nothing are left out."""
    sums: Counter[Book] = Counter()
    for entry in entries:
        for posting in entry.postings:
            sums[posting.book] += posting.amount
    return {book: sums[book] for book in Book if sums[book]}


def lapse_book(origin: Origin) -> Book:
    """The book that money of this origin goes to when its time is over."""
    return Book.EXPIRED if origin is Origin.GRANTED else Book.BREAKAGE
