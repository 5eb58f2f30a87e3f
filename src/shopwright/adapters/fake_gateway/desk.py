"""What the provider does with a request: every function changes the book or raises, and then nothing has changed.

Rules
- a known key with the same parameters changes nothing: its entry is the answer;
- an authorization that has lapsed is released, an unpaid payment whose time is over has expired, before anything else is looked at;
- a decline leaves the amounts as they were.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from attrs import evolve

from shopwright.adapters.fake_gateway.book import Account, Book, Entry, moved
from shopwright.adapters.fake_gateway.conduct import Conduct, Phase, conduct
from shopwright.money import Money
from shopwright.payments.capabilities import Capabilities
from shopwright.payments.errors import InvalidRequest, InvalidState, Unsupported
from shopwright.payments.notifications import EventKind
from shopwright.payments.operations import Flow
from shopwright.payments.outcomes import DeclineReason
from shopwright.payments.requests import RefundPart, Split, StartPayment

UNPAID = frozenset({"action", "waiting"})
_ACTION_OF_FLOW = {Flow.REDIRECT: "redirect", Flow.QR: "qr", Flow.CLIENT_SDK: "sdk"}


def start(book: Book, request: StartPayment, how: Conduct, able: Capabilities) -> Entry:
    """Open an account, and settle it at once unless the buyer has to act or the provider takes its time."""
    source = sha256((request.source_token or "").encode()).hexdigest()[:12]
    terms = f"{request.amount} by {request.flow}, {'captured' if request.capture else 'authorized only'}, from source {source}"
    terms += ", challenged" if request.challenge else ""
    terms += ", saved" if request.save else ""
    terms += ", absent" if request.absent else ""
    terms += f", in {request.installments} installments" if request.installments > 1 else ""
    known = book.known(request.key.value, Phase.START, terms)
    if known is not None:
        return known
    action = _ACTION_OF_FLOW.get(request.flow) or how.action or ("redirect" if request.challenge else "")
    account = book.keep(
        Account(
            reference=book.next_reference(),
            key=request.key.value,
            amount=request.amount.minor,
            currency=request.amount.currency,
            capture=request.capture,
            token=how.token,
            stage="action" if action else "waiting",
            action=action,
            started_at=book.at,
            expires_at=request.expires_at,
            saves=request.save,
        )
    )
    entry = book.note(_entry(book, request.key.value, Phase.START, terms, account, request.amount.minor, state="pending"))
    if action or how.slow:
        return entry
    return proceed(book, account, able)


def proceed(book: Book, account: Account, able: Capabilities) -> Entry:
    """The buyer has done their part, or the time of waiting is over: take the money, or say no."""
    how = conduct(account.token, Phase.START)
    if account.stage == "action" and how.slow:
        book.keep(evolve(account, stage="waiting"))
        return book.entry(account.key)
    if how.decline is not None:
        return refuse(book, account, how.decline)
    taken = account.amount if account.capture else 0
    account = book.keep(
        evolve(
            account,
            stage="open",
            settled_at=book.at,
            captured_at=book.at if taken else None,
            lapses_at=None if taken or able.auth_ttl is None else book.at + able.auth_ttl,
            authorized=account.amount,
            captured=taken,
            under_review=how.review,
        )
    )
    book.tell(account, EventKind.CAPTURED if taken else EventKind.AUTHORIZED, account.key, account.amount)
    if how.review:
        book.tell(account, EventKind.REVIEW_OPENED, account.key, 0)
    return book.note(evolve(book.entry(account.key), state="done"))


def refuse(book: Book, account: Account, reason: DeclineReason) -> Entry:
    """End an unpaid payment with a no."""
    stage = "expired" if reason is DeclineReason.EXPIRED else "declined"
    account = book.keep(evolve(account, stage=stage, decline=reason.value))
    book.tell(account, EventKind.FAILED, account.key, 0)
    return book.note(evolve(book.entry(account.key), state="declined", decline=reason.value))


def lapse(book: Book, account: Account) -> Account:
    """The account after what time alone has done to it."""
    if account.stage in UNPAID and account.expires_at is not None and account.expires_at <= book.at:
        refuse(book, account, DeclineReason.EXPIRED)
        return book.account(account.reference)
    if account.lapses_at is not None and account.lapses_at <= book.at and account.capturable:
        rest = account.capturable
        account = book.keep(moved(account, voided=rest))
        book.tell(account, EventKind.VOIDED, account.key, rest)
    return account


def capture(book: Book, key: str, reference: str, amount: Money, *, final: bool, how: Conduct, able: Capabilities) -> Entry:
    """Take authorized money; with `final` the rest is released."""
    terms = f"{amount} of {reference}, {'final' if final else 'more to come'}"
    known = book.known(key, Phase.CAPTURE, terms)
    if known is not None:
        return known
    account = _open(book, reference, amount)
    if amount.minor > account.capturable:
        raise InvalidState(f"{amount} is more than can be captured: {Money(account.capturable, account.currency)}", raw_code="over_capture")
    if account.captured and not able.multi_capture:
        raise InvalidState("this payment was captured already, and once is all there is", raw_code="already_captured")
    if amount.minor < account.capturable and not able.partial_capture:
        raise Unsupported(f"only all of it can be captured: {Money(account.capturable, account.currency)}, got {amount}")
    if how.decline is not None:
        return book.note(_entry(book, key, Phase.CAPTURE, terms, account, amount.minor, state="declined", decline=how.decline))
    account = moved(account, captured=amount.minor, voided=account.capturable - amount.minor if final else 0)
    account = book.keep(evolve(account, captured_at=book.at))
    book.tell(account, EventKind.CAPTURED, key, amount.minor)
    return book.note(_entry(book, key, Phase.CAPTURE, terms, account, amount.minor))


def void(book: Book, key: str, reference: str, *, how: Conduct) -> Entry:
    """Release an authorization, or close what nobody has paid."""
    known = book.known(key, Phase.VOID, reference)
    if known is not None:
        return known
    account = book.account(reference)
    if account.stage not in {*UNPAID, "open"} or account.captured or (account.stage == "open" and not account.capturable):
        held = Money(account.captured, account.currency)
        raise InvalidState(f"{reference} cannot be voided: it is {account.stage}, with {held} captured", raw_code="not_voidable")
    if how.decline is not None:
        return book.note(_entry(book, key, Phase.VOID, reference, account, 0, state="declined", decline=how.decline))
    released = account.capturable
    stage = "open" if account.stage == "open" else "closed"
    account = book.keep(evolve(moved(account, voided=released), stage=stage))
    book.tell(account, EventKind.VOIDED, key, released)
    return book.note(_entry(book, key, Phase.VOID, reference, account, released))


def refund(book: Book, request: RefundPart, *, how: Conduct, able: Capabilities) -> Entry:
    """Give captured money back, at once or later."""
    key, amount = request.key.value, request.amount
    terms = f"{amount} of {request.payment}"
    known = book.known(key, Phase.REFUND, terms)
    if known is not None:
        return known
    account = _open(book, request.payment, amount)
    _demand_refundable(account, request, able, at=book.at)
    if how.decline is not None:
        return book.note(_entry(book, key, Phase.REFUND, terms, account, amount.minor, state="declined", decline=how.decline))
    account = moved(account, refunds=1, **{"pending_refund" if how.slow else "refunded": amount.minor})
    book.keep(account)
    if not how.slow:
        book.tell(account, EventKind.REFUNDED, key, amount.minor)
    entry = _entry(book, key, Phase.REFUND, terms, account, amount.minor, state="pending" if how.slow else "done")
    return book.note(evolve(entry, fails_late=how.fails_late))


def settle_refund(book: Book, entry: Entry) -> Entry:
    """A refund that was under way has arrived."""
    if entry.state != "pending":
        raise InvalidState(f"the refund {entry.key} is {entry.state}, not pending")
    account = book.keep(moved(book.account(entry.reference), pending_refund=-entry.amount, refunded=entry.amount))
    book.tell(account, EventKind.REFUNDED, entry.key, entry.amount)
    return book.note(evolve(entry, state="done"))


def fail_refund(book: Book, entry: Entry) -> Entry:
    """A refund has come back, be it under way or done: the money is the shop's again."""
    if entry.state not in {"pending", "done"}:
        raise InvalidState(f"the refund {entry.key} is {entry.state}, neither pending nor done")
    bucket = "pending_refund" if entry.state == "pending" else "refunded"
    account = book.keep(moved(book.account(entry.reference), **{bucket: -entry.amount}))
    book.tell(account, EventKind.REFUND_FAILED, entry.key, entry.amount)
    return book.note(evolve(entry, state="failed", decline=DeclineReason.PROCESSING_ERROR.value, fails_late=False))


def charge_back(book: Book, account: Account, amount: int) -> None:
    """The buyer's bank takes money back."""
    if not 0 < amount <= account.refundable:
        raise InvalidState(f"a chargeback takes 1 to {account.refundable} minor units here, got {amount}")
    account = book.keep(evolve(moved(account, charged_back=amount), disputed=True))
    book.tell(account, EventKind.CHARGED_BACK, account.key, amount)


def reverse_chargeback(book: Book, account: Account, amount: int) -> None:
    """The shop has won the dispute: money that was charged back is its own again."""
    if not 0 < amount <= account.charged_back:
        raise InvalidState(f"a reversal gives back 1 to {account.charged_back} minor units here, got {amount}")
    account = book.keep(moved(account, charged_back=-amount))
    book.tell(account, EventKind.CHARGEBACK_REVERSED, account.key, amount)


def split(book: Book, key: str, reference: str, parts: tuple[Split, ...], *, finish: bool, how: Conduct) -> Entry:
    """Share captured money among receivers."""
    shares = ", ".join(f"{part.amount} to {part.receiver}" for part in parts)
    terms = f"{reference}: {shares or 'nothing'}, {'the rest stays' if finish else 'more to come'}"
    known = book.known(key, Phase.SPLIT, terms)
    if known is not None:
        return known
    account = book.account(reference)
    if any(part.amount.currency != account.currency for part in parts):
        raise InvalidRequest(f"shares of {reference} are in {account.currency}, got {shares}")
    shared, left = sum(part.amount.minor for part in parts), account.refundable - account.shared
    if account.sharing_ended or shared > left:
        raise InvalidState(f"{reference} has {0 if account.sharing_ended else left} minor units left to share, got {shared}", raw_code="over_split")
    if how.decline is not None:
        return book.note(_entry(book, key, Phase.SPLIT, terms, account, shared, state="declined", decline=how.decline))
    account = book.keep(evolve(moved(account, shared=shared), sharing_ended=finish))
    book.tell(account, EventKind.SPLIT_DONE, key, shared)
    return book.note(_entry(book, key, Phase.SPLIT, terms, account, shared))


def _entry(
    book: Book, key: str, verb: Phase, terms: str, account: Account, amount: int, *, state: str = "done", decline: DeclineReason | None = None
) -> Entry:
    why = "" if decline is None else decline.value
    return Entry(key=key, verb=verb.value, parameters=terms, reference=account.reference, amount=amount, state=state, made_at=book.at, decline=why)


def _open(book: Book, reference: str, amount: Money) -> Account:
    account = book.account(reference)
    if account.stage != "open":
        raise InvalidState(f"{reference} is {account.stage}; only an open payment has money to move", raw_code="not_open")
    if amount.currency != account.currency:
        raise InvalidRequest(f"{reference} is in {account.currency}, got {amount}")
    return account


def _demand_refundable(account: Account, request: RefundPart, able: Capabilities, *, at: datetime) -> None:
    held = Money(account.captured, account.currency)
    if request.of_total != held:
        raise InvalidRequest(f"of_total must be what was captured in all, {held}, got {request.of_total}")
    if request.amount.minor > account.refundable:
        left = Money(max(0, account.refundable), account.currency)
        raise InvalidState(f"{request.amount} is more than is left to refund: {left}", raw_code="over_refund")
    if able.max_refunds is not None and account.refunds >= able.max_refunds:
        raise InvalidState(f"this payment had {able.max_refunds} refunds already, which is the most", raw_code="too_many_refunds")
    window = able.refund_window
    if window is not None and account.captured_at is not None and at > account.captured_at + window:
        raise InvalidState(f"refunds end {window} after the capture", raw_code="refund_window_over")
