"""What a shop keeps of what it gave back."""

from __future__ import annotations

from shopwright.orders.credit_notes import CreditNote, CreditNoteBook
from shopwright.ports.kinds import Index, IndexType, Kind

DOCUMENTS = (
    Kind(
        "credit_note",
        CreditNote,
        indexes=(
            Index("order_id", IndexType.TEXT, lambda note: note.order_id),
            Index("issued_at", IndexType.TIME, lambda note: note.issued_at),
        ),
    ),
    Kind("credit_note_book", CreditNoteBook),
)
