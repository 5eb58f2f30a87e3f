"""What a shop keeps of its books with payment providers and banks."""

from __future__ import annotations

from shopwright.ports.kinds import Index, IndexType, Kind
from shopwright.settlement.books import BooksReport, PaymentBooks
from shopwright.settlement.payouts import PayoutBooks
from shopwright.settlement.transfers import Transfer

DOCUMENTS = (
    Kind(
        "payment_books",
        PaymentBooks,
        indexes=(Index("open_at", IndexType.TEXT, lambda books: books.gateway if books.is_open else None),),
    ),
    Kind(
        "payout_books",
        PayoutBooks,
        indexes=(Index("open_at", IndexType.TEXT, lambda books: books.gateway if books.is_open else None),),
    ),
    Kind(
        "books_report",
        BooksReport,
        indexes=(
            Index("gateway", IndexType.TEXT, lambda report: report.gateway),
            Index("until", IndexType.TIME, lambda report: report.until),
        ),
    ),
    Kind(
        "transfer",
        Transfer,
        indexes=(
            Index("state", IndexType.TEXT, lambda transfer: transfer.state.value),
            Index("booked_on", IndexType.TEXT, lambda transfer: transfer.booked_on.isoformat()),
        ),
    ),
)
