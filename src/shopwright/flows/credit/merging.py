"""Store credit of two members who turn out to be one: all of it goes into the accounts of the one that goes on, in the changeset that makes them one.

Rules
- CREDIT-9: both legs are one changeset with the members, guards too; what comes back later to an account that ended goes where that went;
- from then on each account of the one stands for the other's, also one that nothing was in;
- a gift card is whose the code is, and has no part in it.
"""

from __future__ import annotations

from datetime import datetime

from shopwright.credit import ledger
from shopwright.credit.account import CreditAccount
from shopwright.credit.naming import credit_account_id, holder_of
from shopwright.flows.credit.looking import held_by
from shopwright.flows.credit.saving import CreditChanges, KeptCredit, changes_of, followed
from shopwright.flows.ports import Ports
from shopwright.loyalty.entries import Cause


def merged_credit(ports: Ports, member_id: str, into_member_id: str, *, cause: Cause, at: datetime) -> CreditChanges:
    """What puts all store credit of a member into the accounts of another, for a larger changeset; nothing where it is there already."""
    changes = CreditChanges()
    for program, currency in _kept(ports, member_id, into_member_id):
        gone_id, into_id = (credit_account_id(program, currency, member) for member in (member_id, into_member_id))
        stored = ports.storage.load_many(CreditAccount, (gone_id, into_id))
        if gone_id in stored and stored[gone_id].value.merged_into:
            continue
        found = followed(ports, stored, (gone_id, into_id))
        gone = found.get(gone_id) or _blank(gone_id, program, currency, member_id)
        into = found.get(into_id) or _blank(into_id, program, currency, into_member_id)
        if gone.account.id == into.account.id:
            continue
        left, there = ledger.merge(gone.account, into.account, cause=cause, at=at)
        changes = changes.plus(changes_of(gone, left)).plus(changes_of(into, there))
    return changes


def _kept(ports: Ports, *members: str) -> list[tuple[str, str]]:
    """The programs and currencies of accounts that one of them has, and of those that the shop keeps now."""
    kept = {(it.program, it.currency) for member in members for it in held_by(ports, member)}
    store = None if ports.credit is None else ports.credit.store
    return sorted(kept | ({(store.id, currency) for currency in store.currencies} if store is not None else set()))


def _blank(id: str, program: str, currency: str, member_id: str) -> KeptCredit:
    return KeptCredit(CreditAccount(id=id, program=program, currency=currency, holder=holder_of(member_id)))
