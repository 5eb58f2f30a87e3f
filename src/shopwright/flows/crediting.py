"""Number the credit note of what a step gives back, in the very write of that step.

Rules
- the note, the number that it took and the step are one changeset: nothing is given back without its note, and no number is lost (REFUND-6);
- the series is the one that the command names, else that of the order's terms; terms without a series issue no notes by themselves;
- what was charged and credited before is read from the history of the order, whose version the write demands.
"""

from __future__ import annotations

from datetime import datetime

from shopwright.flows.histories import history
from shopwright.flows.ports import Ports
from shopwright.orders.credit_notes import CreditNoteBook
from shopwright.orders.crediting import credited, gives_back
from shopwright.orders.decision import Decision
from shopwright.ports.storage import Put, Stored


def noted_puts(ports: Ports, decision: Decision, *, series: str = "", at: datetime) -> tuple[Put, ...]:
    """The credit note of a decision and the book that counts it; none where nothing is given back."""
    named = series or decision.order.terms.credit_series
    if named is None or not gives_back(decision.events):
        return ()
    before = decision.order.event_count - len(decision.events)
    past = [it.value for it in history(ports, decision.order.id, expected=before)]
    if len(past) != before:
        return ()  # somebody was faster, which the write will tell
    noted = credited(past, decision.events)
    if noted is None:
        return ()
    book = ports.storage.load(CreditNoteBook, named) or Stored(CreditNoteBook(series=named), 0)
    taken = book.value.next()
    return Put(taken.number(), noted.note(taken.number(), at=at)), Put(named, taken, book.version)
