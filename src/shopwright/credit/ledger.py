"""What happens to an account: each verb answers with the account afterwards and its entries, or says why not.

    posted = spend(account, 1_250, cause=Cause(source="order_7"), at=at)

Rules
- CREDIT-3: every verb first settles what has lapsed by then: holds are let go, and lots whose time is over are written off;
- CREDIT-4: what lapses soonest is spent first; of what lapses together, what came first;
- CREDIT-5: what comes back goes to the lots that it was taken from, the last taken first, with the time those have; where that is over
  it is good for `reinstate` from then on, and without one it is written off at once;
- money that is held stays good while it is held, also where its time is over meanwhile.

Refusals

| code | condition | facts |
|---|---|---|
| `credit_waiting` | the card is not active yet | `account` |
| `credit_void` | the account is void | `account` |
| `credit_short` | less can be spent than is wanted | `wanted`, `available`, `currency` |
| `credit_hold_unknown` | there is no such hold, or its time is over | `hold` |
| `credit_hold_short` | less is held than is to be taken | `wanted`, `held`, `currency` |
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from attrs import evolve, frozen

from shopwright.credit.account import CreditAccount, CreditHold, CreditState, total
from shopwright.credit.books import Book, CreditLot, CreditPosted, EntryKind, Origin, Posting, lapse_book
from shopwright.errors import InvalidValue
from shopwright.loyalty.entries import Cause
from shopwright.refusals import Fact, Refusal

LAPSED = Cause(reason="its time was over")


@frozen
class Posted:
    """The account afterwards, its new entries, and the lots that were taken."""

    account: CreditAccount
    entries: tuple[CreditPosted, ...] = ()
    lots: tuple[CreditLot, ...] = ()


def settle(account: CreditAccount, *, at: datetime) -> Posted:
    """Let go of holds whose time is over, and write lots off whose time is over (CREDIT-3)."""
    posted = Posted(account)
    for hold in account.holds:
        if hold.until <= at:
            posted = _let_go(posted, hold, EntryKind.LAPSED, cause=LAPSED, at=at)
    return _written_off(posted, at=at)


def put_in(account: CreditAccount, lot: CreditLot, *, cause: Cause, at: datetime) -> Posted | Refusal:
    """Put money in. Refused with `credit_waiting` and `credit_void`. Raises `InvalidValue` for a lot that has lapsed by then."""
    if refusal := closed(account):
        return refusal
    if not lot.good(at):
        raise InvalidValue(f"expected money that can be spent after {at}, got {lot.id} that lapsed at {lot.expires_at}")
    before = settle(account, at=at)
    after = evolve(before.account, lots=_joined(before.account.lots, (lot,)), granted=before.account.granted + lot.amount)
    return _then(before, after, EntryKind.PUT_IN, _moved(lot.amount, Book(lot.origin.value), Book.FREE), (lot,), cause=cause, at=at)


def spend(account: CreditAccount, amount: int, *, cause: Cause, at: datetime) -> Posted | Refusal:
    """Spend money at once; `lots` of the answer are what was taken. Refused with `credit_waiting`, `credit_void` and `credit_short`."""
    drawn = _drawn(account, amount, at=at)
    if isinstance(drawn, Refusal):
        return drawn
    before, taken, left = drawn
    after = evolve(before.account, lots=left, used=before.account.used + amount)
    return _then(before, after, EntryKind.SPENT, _moved(amount, Book.FREE, Book.SPENT), taken, cause=cause, at=at)


def hold(account: CreditAccount, id: str, amount: int, *, until: datetime, cause: Cause, at: datetime) -> Posted | Refusal:
    """Promise money until a moment. Refused as `spend`. Raises `InvalidValue` for the id of another hold, and for a moment that is over."""
    if until <= at:
        raise InvalidValue(f"expected a hold until after {at}, got {until}")
    drawn = _drawn(account, amount, at=at)
    if isinstance(drawn, Refusal):
        return drawn
    before, taken, left = drawn
    if before.account.hold(id) is not None:
        raise InvalidValue(f"expected the id of a new hold, got {id} that {account.id} has")
    holds = (*before.account.holds, CreditHold(id=id, lots=taken, until=until))
    after = evolve(before.account, lots=left, holds=holds, used=before.account.used + amount)
    return _then(before, after, EntryKind.HELD, _moved(amount, Book.FREE, Book.HELD), taken, hold=id, cause=cause, at=at)


def take_held(account: CreditAccount, id: str, amount: int, *, final: bool, cause: Cause, at: datetime) -> Posted | Refusal:
    """Spend so much of a hold; with `final` the rest is free again. Refused with `credit_hold_unknown` and `credit_hold_short`."""
    before = settle(account, at=at)
    held = before.account.hold(id)
    if held is None:
        return _no_hold(account, id)
    if amount > held.amount:
        facts: dict[str, Fact] = {"wanted": amount, "held": held.amount, "currency": account.currency}
        return Refusal("credit_hold_short", f"{held.amount} is held, less than {amount}", facts)
    taken, rest = _split(held.lots, amount)
    kept = (evolve(held, lots=rest),) if rest else ()
    holds = tuple([each for it in before.account.holds for each in (kept if it.id == id else (it,))])
    after = evolve(before.account, holds=holds)
    posted = _then(before, after, EntryKind.SPENT, _moved(amount, Book.HELD, Book.SPENT), taken, hold=id, cause=cause, at=at)
    if final and kept:
        posted = _written_off(_let_go(posted, kept[0], EntryKind.RELEASED, cause=cause, at=at), at=at)
    return evolve(posted, lots=taken)


def release(account: CreditAccount, id: str, *, cause: Cause, at: datetime) -> Posted | Refusal:
    """Give held money free. Refused with `credit_hold_unknown`."""
    before = settle(account, at=at)
    held = before.account.hold(id)
    if held is None:
        return _no_hold(account, id)
    return _written_off(_let_go(before, held, EntryKind.RELEASED, cause=cause, at=at), at=at)


def give_back(account: CreditAccount, lots: Sequence[CreditLot], *, reinstate: timedelta | None, cause: Cause, at: datetime) -> Posted | Refusal:
    """Put spent money back where it was taken from (CREDIT-5). Refused with `credit_void`: then it has to go back on another way."""
    if refusal := closed(account):
        return refusal
    before, amount = settle(account, at=at), total(lots)
    back = tuple([lot if lot.good(at) or reinstate is None else evolve(lot, expires_at=at + reinstate) for lot in lots])
    after = evolve(before.account, lots=_joined(before.account.lots, back), used=before.account.used - amount)
    posted = _then(before, after, EntryKind.GIVEN_BACK, _moved(amount, Book.SPENT, Book.FREE), back, cause=cause, at=at)
    return evolve(_written_off(posted, at=at), lots=back)


def take_out(account: CreditAccount, amount: int, *, cause: Cause, at: datetime) -> Posted | Refusal:
    """Take money out that should not be there. Refused as `spend`."""
    drawn = _drawn(account, amount, at=at)
    if isinstance(drawn, Refusal):
        return drawn
    before, taken, left = drawn
    after = evolve(before.account, lots=left, granted=before.account.granted - amount)
    return _then(before, after, EntryKind.VOIDED, _moved(amount, Book.FREE, Book.VOIDED), taken, cause=cause, at=at)


def void(account: CreditAccount, *, cause: Cause, at: datetime) -> Posted:
    """Let nothing out any more: what is free is gone, what is held can still be taken, and is gone when it is not. Voiding twice changes nothing."""
    if account.state is CreditState.VOID:
        return Posted(account)
    before = settle(account, at=at)
    shut = evolve(before.account, state=CreditState.VOID, face=0)
    if not shut.lots:
        return _then(before, shut, EntryKind.CLOSED, (), (), cause=cause, at=at)
    return _emptied(evolve(before, account=shut), cause=cause, at=at)


def merge(gone: CreditAccount, into: CreditAccount, *, cause: Cause, at: datetime) -> tuple[Posted, Posted]:
    """Put all of an account into another: lots, holds, and what may still come back. Raises `InvalidValue` for another program or currency."""
    if (gone.program, gone.currency) != (into.program, into.currency):
        raise InvalidValue(f"expected accounts of one program and currency, got {gone.id} and {into.id}")
    one, other = settle(gone, at=at), settle(into, at=at)
    lots, holds = one.account.lots, one.account.holds
    free, held = total(lots), sum([it.amount for it in holds])
    left = evolve(one.account, lots=(), holds=(), granted=0, used=0, merged_into=into.id)
    there = evolve(
        other.account,
        lots=_joined(other.account.lots, lots),
        holds=(*other.account.holds, *holds),
        granted=other.account.granted + one.account.granted,
        used=other.account.used + one.account.used,
    )
    moved = (*lots, *[lot for it in holds for lot in it.lots])
    out = tuple([Posting(book, amount) for book, amount in ((Book.FREE, free), (Book.HELD, held), (Book.MOVED, -free - held)) if amount])
    came = tuple([Posting(it.book, -it.amount) for it in out])
    return (
        _then(one, left, EntryKind.MOVED_OUT, out, moved, cause=cause, at=at),
        _then(other, there, EntryKind.MOVED_IN, came, moved, cause=cause, at=at),
    )


def activate(account: CreditAccount) -> CreditAccount:
    """A card that waited, ready to be filled; one that is active or void stays as it is."""
    return evolve(account, state=CreditState.ACTIVE, face=0) if account.state is CreditState.WAITING else account


def last_of(lots: Sequence[CreditLot], amount: int) -> tuple[tuple[CreditLot, ...], tuple[CreditLot, ...]]:
    """Of lots that were taken, those that come back for an amount, the last taken first, and those that stay."""
    back, stay = _split(lots[::-1], amount)
    return back, stay[::-1]


def closed(account: CreditAccount) -> Refusal | None:
    """Why nothing goes in or out of an account; `None` where it does."""
    if account.state is CreditState.ACTIVE:
        return None
    if account.state is CreditState.WAITING:
        return Refusal("credit_waiting", f"the account {account.id} is not active yet", {"account": account.id})
    return Refusal("credit_void", f"the account {account.id} is void", {"account": account.id})


def _drawn(account: CreditAccount, amount: int, *, at: datetime) -> tuple[Posted, tuple[CreditLot, ...], tuple[CreditLot, ...]] | Refusal:
    """The settled account, what is taken of its lots, and what is left of them (CREDIT-4)."""
    if amount < 1:
        raise InvalidValue(f"expected an amount of 1 or more minor units, got {amount}")
    if refusal := closed(account):
        return refusal
    before = settle(account, at=at)
    if amount > before.account.free:
        facts: dict[str, Fact] = {"wanted": amount, "available": before.account.free, "currency": account.currency}
        return Refusal("credit_short", f"{before.account.free} can be spent, less than {amount}", facts)
    taken, left = _split(before.account.lots, amount)
    return before, taken, left


def _split(lots: Sequence[CreditLot], amount: int) -> tuple[tuple[CreditLot, ...], tuple[CreditLot, ...]]:
    """The first lots up to an amount, and the rest."""
    taken, rest = list[CreditLot](), list[CreditLot]()
    for lot in lots:
        part = min(amount, lot.amount)
        amount -= part
        if part:
            taken.append(evolve(lot, amount=part))
        if part < lot.amount:
            rest.append(evolve(lot, amount=lot.amount - part))
    return tuple(taken), tuple(rest)


def _joined(lots: Iterable[CreditLot], more: Iterable[CreditLot]) -> tuple[CreditLot, ...]:
    """Lots in the order in which they are spent; parts of one lot are one again, unless their times differ."""
    sums: dict[tuple[str, datetime | None, datetime, Origin], int] = {}
    for lot in (*lots, *more):
        key = (lot.id, lot.expires_at, lot.since, lot.origin)
        sums[key] = sums.get(key, 0) + lot.amount
    made = [CreditLot(id=id, amount=n, origin=origin, since=since, expires_at=ends) for (id, ends, since, origin), n in sums.items()]
    return tuple(sorted(made, key=_turn))


def _turn(lot: CreditLot) -> tuple[bool, datetime, datetime, str]:
    return lot.expires_at is None, lot.expires_at or lot.since, lot.since, lot.id


def _moved(amount: int, debit: Book, credit: Book) -> tuple[Posting, ...]:
    return Posting(debit, amount), Posting(credit, -amount)


def _let_go(before: Posted, hold: CreditHold, kind: EntryKind, *, cause: Cause, at: datetime) -> Posted:
    account = before.account
    holds = tuple([it for it in account.holds if it.id != hold.id])
    after = evolve(account, lots=_joined(account.lots, hold.lots), holds=holds, used=account.used - hold.amount)
    return _then(before, after, kind, _moved(hold.amount, Book.HELD, Book.FREE), hold.lots, hold=hold.id, cause=cause, at=at)


def _written_off(before: Posted, *, at: datetime) -> Posted:
    """Without the lots whose time is over, and with nothing at all in an account that is void."""
    if before.account.state is CreditState.VOID:
        return _emptied(before, cause=LAPSED, at=at)
    posted = before
    for origin in Origin:
        over = tuple([lot for lot in before.account.lots if lot.origin is origin and not lot.good(at)])
        if over:
            account, amount = posted.account, total(over)
            left = tuple([lot for lot in account.lots if lot not in over])
            after = evolve(account, lots=left, granted=account.granted - amount)
            posted = _then(posted, after, EntryKind.EXPIRED, _moved(amount, Book.FREE, lapse_book(origin)), over, cause=LAPSED, at=at)
    return posted


def _emptied(before: Posted, *, cause: Cause, at: datetime) -> Posted:
    account = before.account
    if not account.lots:
        return before
    after = evolve(account, lots=(), granted=account.granted - account.free)
    return _then(before, after, EntryKind.VOIDED, _moved(account.free, Book.FREE, Book.VOIDED), account.lots, cause=cause, at=at)


def _then(
    before: Posted,
    after: CreditAccount,
    kind: EntryKind,
    postings: tuple[Posting, ...],
    lots: tuple[CreditLot, ...],
    *,
    hold: str = "",
    cause: Cause,
    at: datetime,
) -> Posted:
    """One more entry."""
    entry = CreditPosted(
        kind=kind, account_id=after.id, program=after.program, currency=after.currency, postings=postings, lots=lots, hold=hold, cause=cause, at=at
    )
    return Posted(evolve(after, entry_count=after.entry_count + 1), (*before.entries, entry), lots)


def _no_hold(account: CreditAccount, id: str) -> Refusal:
    return Refusal("credit_hold_unknown", f"nothing is held under {id} in {account.id}", {"hold": id})
