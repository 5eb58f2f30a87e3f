"""Accounts of kept money in the store: how they are read, and what of a decision is written, also inside a changeset of another flow.

    kept = kept_credit(ports, id) or KeptCredit(CreditAccount(...))
    changes = changes_of(kept, ledger.put_in(kept.account, lot, cause=cause, at=at))
    ports.storage.commit(Changeset(op, at, puts=changes.puts, moves=changes.moves, records=changes.records))

Rules
- CREDIT-8: an account, its entries and the quota that guards it are one changeset; the quota has `granted` and `used` of the account, so that what
  two processes both took for free is refused in the write, whatever they had read;
- the entries of an account stand in the stream `credit` under its id, numbered without gaps;
- a stale version means that somebody else was faster: read again, decide again, a bounded number of times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from attrs import frozen

from shopwright.credit.account import CreditAccount
from shopwright.credit.ledger import Posted
from shopwright.errors import Misuse
from shopwright.flows.commands import Command
from shopwright.flows.ports import Ports
from shopwright.flows.saving import fitted, operation
from shopwright.flows.trying import tried
from shopwright.ports.quotas import Give, Grant, QuotaMove, Take
from shopwright.ports.storage import Changeset, Put, Record, Stored
from shopwright.refusals import Refusal
from shopwright.wire.credit_kinds import CREDIT

TRIES = 100
"""How often a decision about an account is made again because somebody else was faster: one account is a single document, and can be hot."""


@frozen
class KeptCredit:
    """An account as it was read, with the version to name when it is put back: 0 for one that is not in the store yet."""

    account: CreditAccount
    version: int = 0


@frozen
class CreditChanges:
    """What belongs into a changeset: documents, entries, and moves of the guards."""

    puts: tuple[Put, ...] = ()
    moves: tuple[QuotaMove, ...] = ()
    records: tuple[Record, ...] = ()

    def plus(self, other: CreditChanges) -> CreditChanges:
        """These and others, which must be of other documents."""
        return CreditChanges((*self.puts, *other.puts), (*self.moves, *other.moves), (*self.records, *other.records))


def guard_key(account_id: str) -> str:
    """The quota that guards an account."""
    return fitted(f"credit/{account_id}")


def changes_of(kept: KeptCredit, posted: Posted) -> CreditChanges:
    """What a decision about an account writes (CREDIT-8); nothing where it changed nothing."""
    before, after = kept.account, posted.account
    if after == before and kept.version:
        return CreditChanges()
    first = after.entry_count - len(posted.entries) + 1
    records = tuple([Record(CREDIT, after.id, first + n, entry) for n, entry in enumerate(posted.entries)])
    return CreditChanges((Put(after.id, after, kept.version),), _guarded(before, after), records)


def _guarded(before: CreditAccount, after: CreditAccount) -> tuple[QuotaMove, ...]:
    """What brings the guard from one to the other, such that it is never short on the way where it is not in the end."""
    key, granted, used = guard_key(after.id), after.granted - before.granted, after.used - before.used
    moves: list[QuotaMove] = []
    if used < 0:
        moves.append(Give(key, -used))
    if granted:
        moves.append(Grant(key, granted))
    if used > 0:
        moves.append(Take(key, used))
    return tuple(moves)


def kept_credit(ports: Ports, id: str) -> KeptCredit | None:
    """An account, `None` where there is none; for one that was merged, the one that it went into."""
    return followed(ports, ports.storage.load_many(CreditAccount, (id,)), (id,)).get(id)


def followed(ports: Ports, stored: Mapping[str, Stored[CreditAccount]], ids: Iterable[str]) -> dict[str, KeptCredit]:
    """Those that were read, each brought to where it went by merging; those that are not there are left out."""
    found = {id: KeptCredit(stored[id].value, stored[id].version) for id in ids if id in stored}
    while gone := {id: kept.account.merged_into for id, kept in found.items() if kept.account.merged_into}:
        more = ports.storage.load_many(CreditAccount, set(gone.values()))
        found |= {id: KeptCredit(more[into].value, more[into].version) for id, into in gone.items()}
    return found


@frozen
class Decided:
    """What a decision writes, and the account that it is about."""

    changes: CreditChanges
    account: CreditAccount


def take(
    ports: Ports, command: Command, decide: Callable[[], Decided | Refusal], again: Callable[[], CreditAccount], *, at: datetime
) -> CreditAccount | Refusal:
    """Read and decide, write once; `again` tells the account of a command that was done before. Raises `KeyConflict` and `VersionConflict`."""
    op = operation(ports, command, "credit")

    def attempt() -> CreditAccount | Refusal:
        try:
            decided = decide()
        except Misuse:
            if ports.storage.answered(op) is None:
                raise
            return again()
        if isinstance(decided, Refusal):
            return decided if ports.storage.answered(op) is None else again()
        made = decided.changes
        result = ports.storage.commit(Changeset(op, at, puts=made.puts, moves=made.moves, records=made.records))
        if isinstance(result, Refusal):
            return result
        return again() if result.repeated else decided.account

    return tried(ports.storage, attempt, most=TRIES)


def account_unknown(account_id: str) -> Refusal:
    """The refusal for an account that is not there, or not the actor's to see."""
    return Refusal("credit_unknown", f"there is no account {account_id!r}", {"account": account_id})
