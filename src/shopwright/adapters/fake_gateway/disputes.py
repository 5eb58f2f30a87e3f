"""Disputes at the fake provider: opened by a buyer, answered by the shop, decided by the bank. Money goes when one is lost, and not before.

Rules
- one answer is all there is: a second one, or one after the deadline, raises `InvalidState`; the same key answers as the first time;
- a dispute that is lost takes what is left of what it is about.
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

from attrs import evolve

from shopwright.adapters.fake_gateway.book import Account, Book, Entry, Filed
from shopwright.adapters.fake_gateway.conduct import Phase
from shopwright.adapters.fake_gateway.desk import charge_back
from shopwright.payments.disputes import DisputeReason, DisputeState
from shopwright.payments.errors import InvalidState
from shopwright.payments.evidence import Evidence
from shopwright.payments.notifications import EventKind

S = DisputeState

_AFTER_ANSWER = {S.INQUIRY: S.INQUIRY_ANSWERED, S.NEEDS_RESPONSE: S.UNDER_REVIEW}


def open_dispute(book: Book, account: Account, amount: int, *, reason: DisputeReason, inquiry: bool, answer_within: timedelta) -> Filed:
    """A buyer asks for this much back."""
    if not 0 < amount <= account.captured - account.charged_back:
        raise InvalidState(f"a dispute is about 1 to {account.captured - account.charged_back} minor units here, got {amount}")
    filed = Filed(
        id=f"dp_{account.reference}_{len(book.disputes(account.reference)) + 1}",
        reference=account.reference,
        amount=amount,
        state=(S.INQUIRY if inquiry else S.NEEDS_RESPONSE).value,
        reason=reason.value,
        due_at=book.at + answer_within,
        told_at=book.at,
    )
    return _told(book, account, filed)


def decide(book: Book, filed: Filed, state: DisputeState) -> Filed:
    """The bank decides, pursues an inquiry, or lets it rest."""
    if not filed.dispute.open:
        raise InvalidState(f"the dispute {filed.id} is {filed.state}, which is final")
    account = book.account(filed.reference)
    filed = _told(book, account, evolve(filed, state=state.value, told_at=book.at))
    if state is S.LOST and (left := min(filed.amount, account.refundable)):
        charge_back(book, account, left)
    return filed


def answer(book: Book, key: str, id: str, evidence: Evidence | None) -> Entry:
    """The shop gives evidence, or gives up."""
    terms = f"{id}: " + ("given up" if evidence is None else sha256(repr(evidence.texts).encode()).hexdigest()[:12])
    known = book.known(key, Phase.DISPUTE, terms)
    if known is not None:
        return known
    filed = book.dispute(id)
    if evidence is None:
        decide(book, filed, S.LOST if filed.state not in (S.INQUIRY, S.INQUIRY_ANSWERED) else S.CLOSED)
    else:
        _answered(book, filed)
    return book.note(
        Entry(key=key, verb=Phase.DISPUTE.value, parameters=terms, reference=filed.reference, amount=filed.amount, state="done", made_at=book.at)
    )


def _answered(book: Book, filed: Filed) -> Filed:
    after = _AFTER_ANSWER.get(filed.dispute.state)
    if after is None or (filed.due_at is not None and book.at > filed.due_at):
        raise InvalidState(f"the dispute {filed.id} is {filed.state}, and due until {filed.due_at}: no evidence is taken", raw_code="not_answerable")
    return _told(book, book.account(filed.reference), evolve(filed, state=after.value, told_at=book.at))


def _told(book: Book, account: Account, filed: Filed) -> Filed:
    book.file(filed)
    book.tell(account, EventKind.DISPUTED, account.key, filed.amount, filed)
    return filed
