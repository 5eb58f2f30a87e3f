"""Transfers of a bank statement, and which orders they pay: found by the numbers that buyers wrote, and never guessed.

    told = matched(line, {number: awaited for number in numbers.find(line.text)})

Rules
- BANK-1: a transfer is for the orders whose numbers stand in its text, whatever the case, spaces and dashes; a number carries a check character, so
  that a slip of the pen names no order rather than another one;
- BANK-2: one that names one order pays it with all that came, up to what is open: of less the rest stays open, and more is for a person to look at;
- BANK-3: one that names several orders pays them when it is exactly what is open of them together, and else is for a person to take apart;
- BANK-4: what names no order is never booked by itself, though just one order may await that amount: it is proposed;
- BANK-5: money of another currency than the order's is for a person; what leaves the account is nobody's payment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from attrs import field, frozen

from shopwright.edges import identifier, of
from shopwright.edges import text as words
from shopwright.errors import InvalidValue
from shopwright.members.actors import Actor
from shopwright.money import Money

PROPOSALS = 5
"""How many orders are proposed for a transfer that names none."""


def _a_day(instance: Any, attribute: Any, value: Any) -> None:
    if type(value) is not date:
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must be a date without a time, got {value!r}")


@frozen(kw_only=True)
class StatementLine:
    """One booked line of a bank statement: what came in (above zero) or went out (below), and what the payer wrote.

    `id` names the line within its account, the same in every statement that tells it. Text and payer never show in a `repr`.
    """

    id: str = field(validator=identifier(most=150))
    booked_on: date = field(validator=_a_day)
    amount: Money = field(validator=of(Money))
    text: str = field(default="", validator=words(most=4_000), repr=False)
    payer: str = field(default="", validator=words(most=500), repr=False)


@frozen(kw_only=True)
class Awaited:
    """An order that a transfer may be for: what is open of it, in minor units of its currency."""

    order_id: str
    number: str
    currency: str
    open: int


@frozen
class Share:
    """The part of a transfer that pays one order, in minor units."""

    order_id: str
    amount: int


class Unclear(StrEnum):
    """Why a person has to look at a transfer."""

    NO_NUMBER = "no_number"
    """Its text names no order."""
    UNKNOWN_NUMBER = "unknown_number"
    """Its text names an order that the shop does not have."""
    OTHER_CURRENCY = "other_currency"
    NOTHING_OPEN = "nothing_open"
    """Of the order that it names nothing is open: it was paid twice, or by somebody else."""
    MORE_THAN_OPEN = "more_than_open"
    SEVERAL_ORDERS = "several_orders"
    """It names several orders and is not what is open of them together."""
    OVERTAKEN = "overtaken"
    """It was clear when it was read, and somebody else settled the order before it was booked."""


@frozen(kw_only=True)
class Told:
    """What is to be done with a transfer: `shares` to book, or the reason why a person has to; `proposals` are numbers of orders."""

    shares: tuple[Share, ...] = ()
    unclear: Unclear | None = None
    proposals: tuple[str, ...] = ()


def matched(line: StatementLine, named: Mapping[str, Awaited | None], *, awaiting: Iterable[Awaited] = ()) -> Told:
    """Which orders a transfer pays (BANK-2 to BANK-5).

    `named` are the numbers of its text with their orders, `None` where there is none; `awaiting` are orders that are proposed where it names
    none. Raises `InvalidValue` for a line that brings nothing in.
    """
    if line.amount.minor <= 0:
        raise InvalidValue(f"expected a transfer that came in, got {line.amount}; what leaves the account pays no order")
    if not named:
        near = [it.number for it in awaiting if it.currency == line.amount.currency and it.open == line.amount.minor]
        return Told(unclear=Unclear.NO_NUMBER, proposals=tuple(sorted(near)[:PROPOSALS]))
    orders = [it for it in named.values() if it is not None]
    if len(orders) < len(named):
        return Told(unclear=Unclear.UNKNOWN_NUMBER, proposals=tuple([it.number for it in orders]))
    if any(it.currency != line.amount.currency for it in orders):
        return Told(unclear=Unclear.OTHER_CURRENCY, proposals=tuple([it.number for it in orders]))
    return _of_one(line, orders[0]) if len(orders) == 1 else _of_several(line, orders)


def _of_one(line: StatementLine, order: Awaited) -> Told:
    if 0 < line.amount.minor <= order.open:
        return Told(shares=(Share(order.order_id, line.amount.minor),))
    return Told(unclear=Unclear.MORE_THAN_OPEN if order.open > 0 else Unclear.NOTHING_OPEN, proposals=(order.number,))


def _of_several(line: StatementLine, orders: list[Awaited]) -> Told:
    if all(it.open > 0 for it in orders) and sum([it.open for it in orders]) == line.amount.minor:
        return Told(shares=tuple([Share(it.order_id, it.open) for it in orders]))
    return Told(unclear=Unclear.SEVERAL_ORDERS, proposals=tuple([it.number for it in orders]))


class TransferState(StrEnum):
    """How far a transfer has come."""

    PLANNED = "planned"
    """Its orders are known; booking it goes on from here, whoever crashed in between."""
    BOOKED = "booked"
    UNCLEAR = "unclear"
    """A person has to look at it."""
    ASIDE = "aside"
    """A person has said that it pays no order."""


@frozen(kw_only=True)
class Transfer:
    """What became of one line of a statement; its id is `<source>/<line id>`. It keeps neither what was written nor by whom, but a `digest` of it.

    `shares` are booked, or while it is `planned` to be booked. `by` is who brought the statement, or who cleared it up.
    """

    id: str
    source: str
    line_id: str
    booked_on: date
    amount: int
    currency: str
    digest: str
    state: TransferState
    by: Actor
    at: datetime
    shares: tuple[Share, ...] = ()
    unclear: Unclear | None = None
    proposals: tuple[str, ...] = ()
    note: str = ""


def digest_of(line: StatementLine) -> str:
    """What tells whether a line that is read again is the same."""
    parts = (line.id, line.booked_on.isoformat(), str(line.amount.minor), line.amount.currency, line.text, line.payer)
    return sha256("\x00".join(parts).encode()).hexdigest()
