"""What the points gateway does with accounts: each operation reads, decides, and writes one changeset.

Rules
- the payment with its operations and the account are written together, under a version each; whoever was slower reads and decides anew;
- what is known of a key is asked first, so that a repeat is answered from what was done, whatever has happened since;
- a storage that cannot be read has done nothing (`NotSent`); one that gives no answer to a write may have written (`Indeterminate`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from shopwright import loyalty
from shopwright.errors import InvalidValue, KeyConflict, Outage, StorageBusy, VersionConflict
from shopwright.flows.points.saving import TRIES, Kept, PointsChanges, changes_of, followed, kept_account
from shopwright.flows.ports import Ports
from shopwright.flows.trying import tries
from shopwright.loyalty.account import Account
from shopwright.loyalty.entries import Cause, PointsExpired
from shopwright.loyalty.ledger import Posted
from shopwright.loyalty.naming import account_id, account_problem
from shopwright.loyalty.payments import PointsOperation, PointsPayment, PointsVerb
from shopwright.loyalty.reversing import Earning, Redemption
from shopwright.money import Money
from shopwright.payments.errors import (
    GatewayError,
    GatewayKeyConflict,
    Indeterminate,
    InvalidRequest,
    InvalidState,
    NotFound,
    NotSent,
    Throttled,
    Unsupported,
)
from shopwright.payments.outcomes import Advice, Declined, DeclineReason, Done, Outcome, Totals
from shopwright.payments.requests import RefundPart, StartPayment
from shopwright.ports.storage import Changeset, Operation, Put, Stored
from shopwright.refusals import Refusal

if TYPE_CHECKING:
    from shopwright.adapters.points.gateway import PointsGateway

SHORT, NOT_YOURS = "points_short", "account_not_yours"
"""Why a payment is declined."""

_REASONS = {
    SHORT: (DeclineReason.INSUFFICIENT_FUNDS, "fewer points are free than are to be spent"),
    NOT_YOURS: (DeclineReason.METHOD_UNAVAILABLE, "the points are not the buyer's"),
}


@frozen
class Found:
    """A payment as it was read, with the version to name when it is put back, and what is kept of it besides."""

    payment: PointsPayment | None
    version: int
    redemption: Stored[Redemption] | None
    kept: Kept

    @property
    def there(self) -> PointsPayment:
        """The payment, which was there before and never goes away."""
        assert self.payment is not None, "payments are never taken out of the store"
        return self.payment


@frozen
class Step:
    """What an operation writes: the payment as it stands then, and what becomes of the account."""

    payment: PointsPayment
    changes: PointsChanges = PointsChanges()


def outcome(payment: PointsPayment, key: str, *, at: datetime) -> Outcome:
    """How a payment stands, as the answer to the operation of this key."""
    if payment.declined:
        reason, told = _REASONS[payment.declined]
        return Declined(reason, Advice.TRY_OTHER_METHOD, payment.declined, told, payment.id)
    done = next((it for it in payment.done if it.key == key), payment.done[-1])
    totals = Totals.of(
        payment.currency, authorized=payment.authorized, captured=payment.captured, voided=payment.gone(at), refunded=payment.refunded
    )
    return Done(payment.id, totals, done.at)


def started(gateway: PointsGateway, request: StartPayment) -> PointsPayment:
    """Hold or redeem points for a payment, or decline it; a payment that is known stays as it is."""
    key, at, tender = request.key.value, gateway.clock.now(), gateway.tender
    buyer = dict(request.buyer).get("id", "")
    source = request.source_token or (account_id(buyer, gateway.program.points) if buyer else "")
    if problem := account_problem(source):
        raise InvalidRequest(f"source_token {problem}")
    begun = PointsPayment(
        id=key,
        account_id=source,
        currency=request.amount.currency,
        amount=request.amount.minor,
        rate=(tender.points, tender.worth),
        until=None if request.capture else at + tender.hold_for,
    )
    asked = PointsOperation(key=key, verb=PointsVerb.START, amount=begun.amount, at=at)

    def decide() -> tuple[Step, int] | PointsPayment:
        found = _together(gateway.ports, key, source)
        if found.payment is not None:
            return _same(found.payment, begun)
        with answered():
            mine = not buyer or _is_of(gateway.ports, found.kept, account_id(buyer, gateway.program.points))
        return _begun(begun, asked, found.kept, mine=mine, at=at), 0

    return _written(gateway, key, f"{PointsVerb.START} {begun.amount}", decide, at=at)


def captured(gateway: PointsGateway, reference: str, key: str, amount: Money, *, final: bool) -> PointsPayment:
    """Redeem so much of what is held, and give the rest back."""
    at, account = gateway.clock.now(), read(gateway.ports, reference).account_id

    def decide() -> tuple[Step, int] | PointsPayment:
        found = _together(gateway.ports, reference, account)
        payment, kept = found.there, found.kept
        if _done(payment, key, PointsVerb.CAPTURE, amount.minor):
            return payment
        left = payment.capturable(at)
        if amount.minor > left or amount.currency != payment.currency:
            raise InvalidState(f"{left} minor units of {reference} can be captured, got {amount}")
        if not final and amount.minor < left:
            raise Unsupported("points are captured once: the rest of what is held is given back; ask for all of it, or for a final part")
        cause, points = _cause(payment), _points(payment, amount)
        posted = loyalty.redeem_held(kept.account, payment.id, points, redemption_id=payment.id, cause=cause, at=at)
        if isinstance(posted, Refusal):
            raise InvalidState(f"what was held for {reference} is no longer there: {posted.message}", raw_code=posted.code)
        made = changes_of(kept, posted, loyalty.redemption_in(posted))
        operation = PointsOperation(key=key, verb=PointsVerb.CAPTURE, amount=amount.minor, at=at)
        return Step(payment.after(operation), made), found.version

    return _written(gateway, key, f"{PointsVerb.CAPTURE} {reference} {amount.minor}", decide, at=at)


def voided(gateway: PointsGateway, reference: str, key: str) -> PointsPayment:
    """Give what is held back; what has lapsed meanwhile is given up all the same."""
    at, account = gateway.clock.now(), read(gateway.ports, reference).account_id

    def decide() -> tuple[Step, int] | PointsPayment:
        found = _together(gateway.ports, reference, account)
        payment, kept = found.there, found.kept
        if _done(payment, key, PointsVerb.VOID):
            return payment
        if payment.declined or payment.captured or payment.voided:
            raise InvalidState(f"{reference} holds no points: {payment.captured} of it were captured and {payment.voided} released")
        posted = loyalty.release(kept.account, payment.id, cause=_cause(payment), at=at)
        changes = PointsChanges() if isinstance(posted, Refusal) else changes_of(kept, posted)  # a hold that lapsed may be gone
        operation = PointsOperation(key=key, verb=PointsVerb.VOID, at=at)
        return Step(payment.after(operation), changes), found.version

    return _written(gateway, key, f"{PointsVerb.VOID} {reference}", decide, at=at)


def refunded(gateway: PointsGateway, request: RefundPart) -> PointsPayment:
    """Restore points to the lots that they came from."""
    at, key, amount = gateway.clock.now(), request.key.value, request.amount
    account = read(gateway.ports, request.payment).account_id

    def decide() -> tuple[Step, int] | PointsPayment:
        found = _together(gateway.ports, request.payment, account)
        payment = found.there
        if _done(payment, key, PointsVerb.REFUND, amount.minor):
            return payment
        if amount.minor > payment.refundable or amount.currency != payment.currency:
            raise InvalidState(f"{payment.refundable} minor units of {payment.id} can go back, got {amount}")
        changes = _restored(gateway, found, _points(payment, amount), key, at=at)
        operation = PointsOperation(key=key, verb=PointsVerb.REFUND, amount=amount.minor, at=at)
        return Step(payment.after(operation), changes), found.version

    return _written(gateway, key, f"{PointsVerb.REFUND} {request.payment} {amount.minor}", decide, at=at)


def read(ports: Ports, reference: str) -> PointsPayment:
    """A payment as it is kept. Raises `NotFound`."""
    with answered():
        stored = ports.storage.load(PointsPayment, reference)
    if stored is None:
        raise NotFound(f"there is no payment {reference!r} in points")
    return stored.value


def _together(ports: Ports, reference: str, account: str) -> Found:
    """A payment with its redemption and its account, as they stood at one moment: what one says of the other is then so."""
    with answered():
        loaded = ports.storage.load_each({PointsPayment: (reference,), Redemption: (reference,), Account: (account,)})
        kept = followed(ports, loaded.of(Account), (account,))[account]
    stored = loaded.of(PointsPayment).get(reference)
    version = 0 if stored is None else stored.version
    return Found(None if stored is None else stored.value, version, loaded.of(Redemption).get(reference), kept)


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


def _written(
    gateway: PointsGateway, key: str, asked: str, decide: Callable[[], tuple[Step, int] | PointsPayment], *, at: datetime
) -> PointsPayment:
    """Decide and write, anew where somebody else was faster; `asked` tells the operation from others of its key."""
    op = Operation(f"{gateway.name}/{key}", asked)
    for left in tries(gateway.ports.storage, TRIES):
        try:
            decided = decide()
        except KeyConflict as error:
            raise GatewayKeyConflict(str(error)) from error
        if isinstance(decided, PointsPayment):
            return decided
        step, version = decided
        puts = (Put(step.payment.id, step.payment, version), *step.changes.puts)
        try:
            with answered(writing=True):
                result = gateway.ports.storage.commit(Changeset(op, at, puts=puts, records=step.changes.records))
        except VersionConflict:
            if not left:
                raise Throttled(f"the account of {step.payment.id} changes all the time; ask again") from None
            continue
        except KeyConflict as error:
            raise GatewayKeyConflict(str(error)) from error
        assert not isinstance(result, Refusal), "nothing is moved that could be refused"
        return step.payment if not result.repeated else read(gateway.ports, step.payment.id)
    raise AssertionError("the last try returns or raises")


def _begun(begun: PointsPayment, asked: PointsOperation, kept: Kept, *, mine: bool, at: datetime) -> Step:
    """The payment with its points held or taken, or declined."""
    if not mine:
        return Step(_declined(begun, asked, NOT_YOURS))
    cause, points = _cause(begun), begun.points(begun.amount)
    if begun.until is None:
        posted = loyalty.redeem(kept.account, begun.id, points, cause=cause, at=at)
    else:
        posted = loyalty.hold(kept.account, begun.id, points, until=begun.until, cause=cause, at=at)
    if isinstance(posted, Refusal):
        return Step(_declined(begun, asked, SHORT))
    if begun.until is not None:
        return Step(begun.after(asked), changes_of(kept, posted))
    taken = evolve(begun.after(asked), captured=begun.amount)
    return Step(taken, changes_of(kept, posted, loyalty.redemption_in(posted)))


def _declined(begun: PointsPayment, asked: PointsOperation, why: str) -> PointsPayment:
    return evolve(begun, declined=why, until=None, done=(asked,))


def _restored(gateway: PointsGateway, found: Found, points: int, key: str, *, at: datetime) -> PointsChanges:
    """What giving these points back writes."""
    ports, stored, kept = gateway.ports, found.redemption, found.kept
    assert stored is not None, "a payment that was captured has its redemption beside it"
    reinstate, cause = gateway.tender.reinstate, _cause(found.there)
    posted, after = loyalty.restore(kept.account, stored.value, points, key=key, reinstate=reinstate, cause=cause, at=at)
    lapsed = _lapsed(ports, posted)
    earnings = [it.value.after(posted.entries) for it in lapsed.values()]
    versions = {after.id: stored.version, **{id: it.version for id, it in lapsed.items()}}
    return changes_of(kept, posted, after, *earnings, versions=versions)


def _lapsed(ports: Ports, posted: Posted) -> dict[str, Stored[Earning]]:
    ids = {part.id for entry in posted.entries if isinstance(entry, PointsExpired) for part in entry.parts}
    if not ids:
        return {}
    with answered():
        return ports.storage.load_many(Earning, ids)


def _points(payment: PointsPayment, amount: Money) -> int:
    """The points of an amount, at the rate of the payment. Raises `InvalidRequest` for one that no whole number of them makes."""
    try:
        return payment.points(amount.minor)
    except InvalidValue as error:
        raise InvalidRequest(f"{amount} of {payment.id} is no whole number of its points: {error}") from error


def _same(known: PointsPayment, asked: PointsPayment) -> PointsPayment:
    """The payment that is known under a key; raises `KeyConflict` where another was asked for."""
    told = ("account_id", "currency", "amount")
    if any(getattr(known, name) != getattr(asked, name) for name in told) or (not known.declined and (known.until is None) != (asked.until is None)):
        stands = f"{known.amount} {known.currency} of {known.account_id}"
        raise KeyConflict(f"the key {known.id} stands for {stands}; give another payment a key of its own")
    return known


def _done(payment: PointsPayment, key: str, verb: PointsVerb, amount: int | None = None) -> bool:
    return payment.operation(key, verb, amount) is not None


def _is_of(ports: Ports, kept: Kept, mine: str) -> bool:
    """Whether an account is this one, or has come to it by merging."""
    return kept.account.id == mine or kept.account.id == kept_account(ports, mine).account.id


def _cause(payment: PointsPayment) -> Cause:
    return Cause(source=payment.id[:26], reason="paid an order")
