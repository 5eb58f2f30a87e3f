"""What there is of kept money: accounts and their entries, and what the shop owes of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from shopwright.credit.account import CreditAccount, CreditBalance
from shopwright.credit.books import CreditPosted
from shopwright.credit.liability import Liability, liabilities
from shopwright.credit.naming import credit_account_id, holder_of
from shopwright.errors import InvalidValue
from shopwright.flows.checking import moment
from shopwright.flows.credit.accounts import account_for, store_of, wrong_currency
from shopwright.flows.credit.saving import account_unknown, kept_credit
from shopwright.flows.ports import Ports
from shopwright.members.actors import Actor, ActorKind
from shopwright.money import Money
from shopwright.ports.edge import check_text
from shopwright.ports.storage import START, Match, Position, Query, Recorded, Where
from shopwright.refusals import Refusal
from shopwright.wire.credit_kinds import CREDIT

PAGE = 500


def account(ports: Ports, account_id: str, *, by: Actor) -> CreditAccount | Refusal:
    """An account; for one that was merged, the one that it went into. Refused with `credit_unknown`, to customers for all but their own."""
    check_text("account id", account_id)
    kept = kept_credit(ports, account_id)
    if kept is None or not _sees(by, kept.account, account_id):
        return account_unknown(account_id)
    return kept.account


def accounts_of(ports: Ports, member_id: str, *, by: Actor) -> tuple[CreditAccount, ...] | Refusal:
    """The accounts of a member, one for each currency they have had, by their ids. Refused with `credit_unknown` when they are somebody else's."""
    check_text("member id", member_id)
    if not _actor(by).sees(member_id):
        return account_unknown(member_id)
    return held_by(ports, member_id)


def held_by(ports: Ports, member_id: str) -> tuple[CreditAccount, ...]:
    """The accounts whose holder a member is."""
    where = (Where("holder", Match.EQUAL, holder_of(member_id)),)
    return tuple([stored.value for stored in ports.storage.find(Query(CreditAccount, where=where, limit=PAGE)).items])


def balance(ports: Ports, member_id: str, currency: str, *, by: Actor, at: datetime) -> CreditBalance | Refusal:
    """What store credit a member has in a currency; nothing where there is no account. Refused with `credit_currency` and `credit_unknown`."""
    program, at = store_of(ports), moment(at)
    if refusal := wrong_currency(program.currencies, Money(0, currency)):
        return refusal
    if not _actor(by).sees(member_id):
        return account_unknown(credit_account_id(program.id, currency, member_id))
    return account_for(ports, program, member_id, currency).account.balance(at)


def entries(ports: Ports, account_id: str, *, after: Position, limit: int, by: Actor) -> tuple[Recorded, ...] | Refusal:
    """The entries of an account page by page, oldest first. Refused with `credit_unknown`."""
    found = account(ports, account_id, by=by)
    if isinstance(found, Refusal):
        return found
    return tuple(ports.storage.read(CREDIT, after=after, limit=limit, key=found.id))


def liability(ports: Ports, *, as_of: datetime) -> tuple[Liability, ...]:
    """What the shop owes at a moment; reads all entries in pages, and keeps sums alone."""
    return liabilities(_all(ports), as_of=moment(as_of))


def _all(ports: Ports) -> Iterator[CreditPosted]:
    after = START
    while page := ports.storage.read(CREDIT, after=after, limit=PAGE):
        yield from [it.value for it in page]
        after = page[-1].position


def _sees(by: Actor, account: CreditAccount, asked: str) -> bool:
    """Whether an account may be seen: by customers their own, under its id or that of an account that went into it."""
    if _actor(by).kind is not ActorKind.CUSTOMER:
        return True
    mine = credit_account_id(account.program, account.currency, by.id)
    return bool(account.holder) and (account.holder == holder_of(by.id) or asked == mine)


def _actor(by: Actor) -> Actor:
    if not isinstance(by, Actor):
        raise InvalidValue(f"expected `by` to be an Actor, got {type(by).__name__}; make one with customer(id) or staff(id)")
    return by
