"""What the gateways of kept money do with accounts: each operation reads, decides, and writes one changeset.

Rules
- the payment with its operations, the account and its guard are written together, under a version each; whoever was slower reads and decides anew;
- what is known of a key is asked first, so that a repeat is answered from what was done, whatever has happened since;
- a storage that cannot be read has done nothing (`NotSent`); one that gives no answer to a write may have written (`Indeterminate`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from shopwright.credit import ledger
from shopwright.credit.account import CreditAccount
from shopwright.credit.books import CreditLot
from shopwright.credit.ledger import Posted
from shopwright.credit.payments import CreditOperation, CreditPayment, CreditVerb
from shopwright.errors import KeyConflict, Outage, StorageBusy, VersionConflict
from shopwright.flows.credit.saving import TRIES, CreditChanges, KeptCredit, changes_of, followed, kept_credit
from shopwright.flows.ports import Ports
from shopwright.flows.trying import tries
from shopwright.loyalty.entries import Cause
from shopwright.money import Money
from shopwright.payments.errors import GatewayError, GatewayKeyConflict, Indeterminate, InvalidState, NotFound, NotSent, Throttled
from shopwright.payments.outcomes import Advice, Declined, DeclineReason, Done, Outcome, Totals
from shopwright.payments.requests import RefundPart, StartPayment
from shopwright.ports.storage import Changeset, Operation, Put
from shopwright.refusals import Refusal

if TYPE_CHECKING:
    from shopwright.adapters.credit.gateway import _KeptMoneyGateway as Gateway

NOT_YOURS, UNKNOWN, CURRENCY = "account_not_yours", "card_unknown", "credit_currency"

_REASONS = {
    NOT_YOURS: (DeclineReason.METHOD_UNAVAILABLE, "the store credit is not the buyer's"),
    UNKNOWN: (DeclineReason.INCORRECT_NUMBER, "there is no card of this pass"),
    CURRENCY: (DeclineReason.METHOD_UNAVAILABLE, "the money is in another currency"),
    "credit_short": (DeclineReason.INSUFFICIENT_FUNDS, "less can be spent than is wanted"),
    "credit_waiting": (DeclineReason.METHOD_UNAVAILABLE, "the card is not active yet"),
    "credit_void": (DeclineReason.METHOD_UNAVAILABLE, "the card is void"),
}
"""Why a payment is declined, by the code that it keeps."""


@frozen
class Found:
    """A payment as it was read, with the version to name when it is put back, and its account."""

    payment: CreditPayment | None
    version: int
    kept: KeptCredit | None

    @property
    def there(self) -> CreditPayment:
        """The payment, which was there before and never goes away."""
        assert self.payment is not None, "payments are never taken out of the store"
        return self.payment

    @property
    def account(self) -> KeptCredit:
        """The account of a payment that was not declined, which never goes away."""
        assert self.kept is not None, "accounts are never taken out of the store"
        return self.kept


@frozen
class Step:
    """What an operation writes: the payment as it stands then, and what becomes of the account."""

    payment: CreditPayment
    version: int
    changes: CreditChanges = CreditChanges()


Decide = Callable[[], Step | CreditPayment]


def outcome(payment: CreditPayment, key: str, *, at: datetime) -> Outcome:
    """How a payment stands, as the answer to the operation of this key."""
    if payment.declined:
        reason, told = _REASONS[payment.declined]
        return Declined(reason, Advice.TRY_OTHER_METHOD, payment.declined, told, payment.id)
    done = next((it for it in payment.done if it.key == key), payment.done[-1])
    totals = Totals.of(payment.currency, authorized=payment.authorized, captured=payment.captured, voided=payment.gone(at), refunded=payment.refunded)
    return Done(payment.id, totals, done.at)


def started(gateway: Gateway, request: StartPayment) -> CreditPayment:
    """Hold or spend money for a payment, or decline it; a payment that is known stays as it is."""
    key, at, payer = request.key.value, gateway.clock.now(), gateway.payer(request)
    begun = CreditPayment(
        id=key,
        account_id=payer.account_id,
        currency=request.amount.currency,
        amount=request.amount.minor,
        until=None if request.capture else at + gateway.program.hold_for,
    )

    def decide() -> Step | CreditPayment:
        found = _together(gateway.ports, key, payer.account_id)
        if found.payment is not None:
            return _same(found.payment, begun)
        return _begun(begun, found.kept, payer.declined or _unfit(gateway, found.kept, begun), at=at)

    return _written(gateway, key, f"{CreditVerb.START} {begun.amount}", decide, at=at)


def captured(gateway: Gateway, reference: str, key: str, amount: Money, *, final: bool) -> CreditPayment:
    """Spend so much of what is held; with `final` the rest is free again."""
    at, account = gateway.clock.now(), read(gateway.ports, reference).account_id

    def decide() -> Step | CreditPayment:
        found = _together(gateway.ports, reference, account)
        payment = found.there
        if payment.operation(key, CreditVerb.CAPTURE, amount.minor) is not None:
            return payment
        left = payment.capturable(at)
        if amount.minor > left or amount.currency != payment.currency:
            raise InvalidState(f"{left} minor units of {reference} can be captured, got {amount}")
        last = final or amount.minor == left
        posted = ledger.take_held(found.account.account, payment.id, amount.minor, final=last, cause=_cause(payment), at=at)
        if isinstance(posted, Refusal):
            raise InvalidState(f"what was held for {reference} is no longer there: {posted.message}", raw_code=posted.code)
        done = CreditOperation(key=key, verb=CreditVerb.CAPTURE, amount=amount.minor, final=last, at=at)
        return _step(found, payment.after(done, (*payment.lots, *posted.lots)), posted)

    return _written(gateway, key, f"{CreditVerb.CAPTURE} {reference} {amount.minor}", decide, at=at)


def voided(gateway: Gateway, reference: str, key: str) -> CreditPayment:
    """Give what is still held free; what has lapsed meanwhile is given up all the same."""
    at, account = gateway.clock.now(), read(gateway.ports, reference).account_id

    def decide() -> Step | CreditPayment:
        found = _together(gateway.ports, reference, account)
        payment = found.there
        if payment.operation(key, CreditVerb.VOID) is not None:
            return payment
        if payment.declined or payment.voided or payment.captured == payment.authorized:
            raise InvalidState(f"{reference} holds nothing: {payment.captured} of it were captured and {payment.voided} released")
        posted = ledger.release(found.account.account, payment.id, cause=_cause(payment), at=at)
        done = CreditOperation(key=key, verb=CreditVerb.VOID, at=at)
        after = payment.after(done, payment.lots)
        if isinstance(posted, Refusal):  # a hold that lapsed is gone
            return Step(after, found.version)
        return _step(found, after, posted)

    return _written(gateway, key, f"{CreditVerb.VOID} {reference}", decide, at=at)


def refunded(gateway: Gateway, request: RefundPart) -> CreditPayment:
    """Put money back into the lots that it came from."""
    at, key, amount = gateway.clock.now(), request.key.value, request.amount
    account = read(gateway.ports, request.payment).account_id

    def decide() -> Step | CreditPayment:
        found = _together(gateway.ports, request.payment, account)
        payment = found.there
        if payment.operation(key, CreditVerb.REFUND, amount.minor) is not None:
            return payment
        if amount.minor > payment.refundable or amount.currency != payment.currency:
            raise InvalidState(f"{payment.refundable} minor units of {payment.id} can go back, got {amount}")
        back, stay = ledger.last_of(payment.lots, amount.minor)
        reinstate = gateway.program.reinstate
        posted = ledger.give_back(found.account.account, back, reinstate=reinstate, cause=_cause(payment), at=at)
        if isinstance(posted, Refusal):
            raise InvalidState(f"nothing goes back to {payment.account_id}: {posted.message}; give it back another way", raw_code=posted.code)
        done = CreditOperation(key=key, verb=CreditVerb.REFUND, amount=amount.minor, at=at)
        return _step(found, payment.after(done, stay), posted)

    return _written(gateway, key, f"{CreditVerb.REFUND} {request.payment} {amount.minor}", decide, at=at)


def read(ports: Ports, reference: str) -> CreditPayment:
    """A payment as it is kept. Raises `NotFound`."""
    with answered():
        stored = ports.storage.load(CreditPayment, reference)
    if stored is None:
        raise NotFound(f"there is no payment {reference!r} in kept money")
    return stored.value


def is_same(ports: Ports, mine: str, source: str) -> bool:
    """Whether an account is this one, or both have come to one by merging."""
    if mine == source:
        return True
    with answered():
        one, other = kept_credit(ports, mine), kept_credit(ports, source)
    return one is not None and other is not None and one.account.id == other.account.id


@contextmanager
def answered(*, writing: bool = False) -> Iterator[None]:
    """Outages of the storage, as those of a gateway."""
    try:
        yield
    except GatewayError:
        raise
    except StorageBusy as error:
        raise Throttled(f"the storage is busy: {error}") from error
    except Outage as error:
        kind = Indeterminate if writing else NotSent
        raise kind(f"the storage gives no answer: {error}") from error


def _together(ports: Ports, reference: str, account: str) -> Found:
    """A payment with its account, as they stood at one moment: what one says of the other is then so."""
    with answered():
        loaded = ports.storage.load_each({CreditPayment: (reference,), CreditAccount: (account,) if account else ()})
        kept = followed(ports, loaded.of(CreditAccount), (account,)).get(account)
    stored = loaded.of(CreditPayment).get(reference)
    return Found(None if stored is None else stored.value, 0 if stored is None else stored.version, kept)


def _written(gateway: Gateway, key: str, asked: str, decide: Decide, *, at: datetime) -> CreditPayment:
    """Decide and write, anew where somebody else was faster; `asked` tells the operation from others of its key."""
    op = Operation(f"{gateway.name}/{key}", asked)
    for left in tries(gateway.ports.storage, TRIES):
        try:
            step = decide()
        except KeyConflict as error:
            raise GatewayKeyConflict(str(error)) from error
        if isinstance(step, CreditPayment):
            return step
        made, put = step.changes, Put(step.payment.id, step.payment, step.version)
        try:
            with answered(writing=True):
                result = gateway.ports.storage.commit(Changeset(op, at, puts=(put, *made.puts), moves=made.moves, records=made.records))
        except VersionConflict:
            if not left:
                raise Throttled(f"the account of {step.payment.id} changes all the time; ask again") from None
            continue
        except KeyConflict as error:
            raise GatewayKeyConflict(str(error)) from error
        if isinstance(result, Refusal):
            raise InvalidState(f"the guard of {step.payment.account_id} says otherwise: {result.message}", raw_code=result.code)
        return step.payment if not result.repeated else read(gateway.ports, step.payment.id)
    raise AssertionError("the last try returns or raises")


def _begun(begun: CreditPayment, kept: KeptCredit | None, declined: str, *, at: datetime) -> Step:
    """The payment with its money held or spent, or declined."""
    asked = CreditOperation(key=begun.id, verb=CreditVerb.START, amount=begun.amount, at=at)
    if declined or kept is None:
        return Step(_declined(begun, asked, declined), 0)
    cause = _cause(begun)
    if begun.until is None:
        posted = ledger.spend(kept.account, begun.amount, cause=cause, at=at)
    else:
        posted = ledger.hold(kept.account, begun.id, begun.amount, until=begun.until, cause=cause, at=at)
    if isinstance(posted, Refusal):
        return Step(_declined(begun, asked, posted.code), 0)
    lots: tuple[CreditLot, ...] = posted.lots if begun.until is None else ()
    return Step(begun.after(asked, lots), 0, changes_of(kept, posted))


def _unfit(gateway: Gateway, kept: KeptCredit | None, begun: CreditPayment) -> str:
    """Why an account pays nothing of the kind, whatever is in it; nobody has ever put money into one that is not there."""
    if kept is None:
        return "credit_short"
    if kept.account.program != gateway.program.id:
        return NOT_YOURS
    return "" if kept.account.currency == begun.currency else CURRENCY


def _declined(begun: CreditPayment, asked: CreditOperation, why: str) -> CreditPayment:
    return evolve(begun, declined=why, until=None, done=(asked,))


def _step(found: Found, after: CreditPayment, posted: Posted) -> Step:
    return Step(after, found.version, changes_of(found.account, posted))


def _same(known: CreditPayment, asked: CreditPayment) -> CreditPayment:
    """The payment that is known under a key; raises `KeyConflict` where another was asked for."""
    told = ("account_id", "currency", "amount")
    if any(getattr(known, name) != getattr(asked, name) for name in told) or (not known.declined and (known.until is None) != (asked.until is None)):
        raise KeyConflict(f"the key {known.id} stands for {known.amount} {known.currency}; give another payment a key of its own")
    return known


def _cause(payment: CreditPayment) -> Cause:
    return Cause(source=payment.id, reason="paid an order")
