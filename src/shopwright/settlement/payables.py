"""What the mall owes those who sell on it: entries that never change, and payouts that each take the open ones whole.

Rules
- SETTLE-2: a payout is the sum of its entries, each entry is in one payout at most, and what is in none is the balance;
- SETTLE-3: what was taken back after a payout makes the balance smaller, below zero if need be, and is netted with what comes next: a payout is
  never below zero, and no reversal is left behind by it;
- SETTLE-4: the same entries at the same moment make the same payout under the same id, so that a repeat pays nobody twice;
- an entry counts from `available_on`, such as the end of the time for returns; amounts are minor units of one currency.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from attrs import field, frozen

from shopwright.edges import MOST, aware, identifier, members, of, whole
from shopwright.errors import InvalidValue
from shopwright.periods import aware as checked


class PayableKind(StrEnum):
    """What an entry is for."""

    SALE = "sale"
    COMMISSION = "commission"
    FEE = "fee"
    REFUND = "refund"
    COMMISSION_BACK = "commission_back"
    CORRECTION = "correction"
    WRITE_OFF = "write_off"
    """A balance below zero that nobody will pay."""


@frozen(kw_only=True)
class Payable:
    """Something that changes what a payee has to get: above zero what is owed, below zero what comes off; `source` names the order or the refund."""

    id: str = field(validator=identifier())
    payee: str = field(validator=identifier())
    kind: PayableKind = field(validator=of(PayableKind))
    amount: int = field(validator=whole(least=-MOST, most=MOST))
    currency: str = field(validator=identifier(most=3))
    available_on: datetime = field(validator=aware)
    source: str = field(validator=identifier())


@frozen(kw_only=True)
class Payout:
    """What a payee gets, and the entries that it settles, by their ids in their order."""

    id: str
    payee: str
    currency: str
    amount: int = field(validator=whole(least=1))
    entries: tuple[str, ...] = field(validator=members(str, least=1))
    at: datetime = field(validator=aware)


def balance(entries: Iterable[Payable], payouts: Iterable[Payout], *, payee: str, currency: str, at: datetime | None = None) -> int:
    """What a payee has to get, of what counts by a moment (`None`: of all); below zero what the payee owes."""
    return sum([it.amount for it in _open(entries, payouts, payee, currency, at)])


def next_payout(
    entries: Iterable[Payable], payouts: Iterable[Payout], *, payee: str, currency: str, at: datetime, least: int = 1
) -> Payout | None:
    """The payout of all that is open and counts by a moment; `None` where it is less than `least`, and is carried over as it stands.

    Raises `InvalidValue` for a `least` below 1, and for two entries of one id.
    """
    if least < 1:
        raise InvalidValue(f"expected the least payout to be 1 or more, got {least}")
    due = sorted(_open(entries, payouts, payee, currency, checked(at)), key=lambda it: (it.available_on, it.id))
    amount = sum([it.amount for it in due])
    if amount < least:
        return None
    ids = tuple([it.id for it in due])
    mark = sha256("\n".join((payee, currency, at.isoformat(), *ids)).encode()).hexdigest()[:24]
    return Payout(id=f"payout-{mark}", payee=payee, currency=currency, amount=amount, entries=ids, at=at)


def _open(entries: Iterable[Payable], payouts: Iterable[Payout], payee: str, currency: str, at: datetime | None) -> list[Payable]:
    """The entries of a payee that are in no payout and count by a moment."""
    mine = [it for it in entries if it.payee == payee and it.currency == currency]
    ids = [it.id for it in mine]
    if len(set(ids)) < len(ids):
        raise InvalidValue(f"expected each entry once, got {', '.join(sorted({id for id in ids if ids.count(id) > 1}))} twice")
    settled = {id for payout in payouts if (payout.payee, payout.currency) == (payee, currency) for id in payout.entries}
    return [it for it in mine if it.id not in settled and (at is None or it.available_on <= at)]
