"""Points accounts in the store: how they are read, and what of a decision is written. Other flows put points inside a changeset of their own with it.

    kept = kept_account(ports, account_id("ann"))
    posted = loyalty.redeem(kept.account, "prize-7", 300, cause=Cause(source="prize-7"), at=at)
    changes = changes_of(kept, posted, redemption_in(posted))
    ports.storage.commit(Changeset(op, at, puts=(*puts, *changes.puts), records=changes.records))

or, to credit lots only, `credited(ports, (Credit(...), ...), at=at)`.

Rules
- an account, what is kept of its credits and redemptions, and its entries are one changeset, so that none is ever without the others;
- the entries of an account stand in the stream `points` under its id, numbered without gaps;
- the ids of lots and of redemptions are unique in the shop, so that they are found again after accounts were merged;
- a stale version means that somebody else was faster: read again, decide again, a bounded number of times.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Generic, TypeVar

from attrs import field, frozen

from shopwright import loyalty
from shopwright.edges import of
from shopwright.errors import InvalidValue, Misuse
from shopwright.flows.commands import Command
from shopwright.flows.ports import Ports
from shopwright.flows.saving import operation
from shopwright.flows.trying import tried
from shopwright.loyalty.account import Account
from shopwright.loyalty.entries import Cause
from shopwright.loyalty.ledger import Posted
from shopwright.loyalty.lots import Lot
from shopwright.loyalty.naming import member_of, short
from shopwright.loyalty.reversing import Earning, Redemption
from shopwright.members.actors import Actor, ActorKind
from shopwright.ports.storage import Changeset, Operation, Put, Record, Stored
from shopwright.refusals import Refusal
from shopwright.wire.kinds import POINTS

T = TypeVar("T")

TRIES = 100
"""How often a decision about an account is made again because somebody else was faster: one account is a single document, and can be hot."""


@frozen
class Kept:
    """An account as it was read, with the version to name when it is put back: 0 for one that is not in the store yet."""

    account: Account
    version: int = 0


@frozen
class PointsChanges:
    """What belongs into a changeset: the documents and the entries of accounts."""

    puts: tuple[Put, ...] = ()
    records: tuple[Record, ...] = ()

    def plus(self, other: PointsChanges) -> PointsChanges:
        """These and others, which must be of other documents."""
        return PointsChanges((*self.puts, *other.puts), (*self.records, *other.records))


@frozen(kw_only=True)
class Credit:
    """A lot to credit. `lines` is what each line of an order earned, and `desired` what the rule would have given without its caps."""

    account_id: str
    lot: Lot = field(validator=of(Lot))
    lines: tuple[tuple[int, int], ...] = ()
    desired: int | None = None
    cause: Cause = Cause()


@frozen
class Decided(Generic[T]):
    """What a decision writes, and what it answers."""

    changes: PointsChanges
    answer: T


def kept_account(ports: Ports, account_id: str) -> Kept:
    """An account, an empty one where it is not in the store yet; for one that was merged, the one that it went into."""
    return kept_accounts(ports, (account_id,))[account_id]


def kept_accounts(ports: Ports, ids: Collection[str]) -> dict[str, Kept]:
    """Accounts by the ids that were asked for. Two of these may stand for one account, where one was merged into the other."""
    return followed(ports, ports.storage.load_many(Account, ids), ids)


def followed(ports: Ports, stored: Mapping[str, Stored[Account]], ids: Iterable[str]) -> dict[str, Kept]:
    """Those that were read, each brought to where it went by merging."""
    found = {id: _kept(stored.get(id), id) for id in ids}
    while gone := {id: kept.account.merged_into for id, kept in found.items() if kept.account.merged_into}:
        more = ports.storage.load_many(Account, set(gone.values()))
        found |= {id: _kept(more.get(into), into) for id, into in gone.items()}
    return found


def changes_of(kept: Kept, posted: Posted, *documents: Earning | Redemption, versions: Mapping[str, int] | None = None) -> PointsChanges:
    """What a posting writes: the account, its entries, and what is kept of credits and redemptions.

    `versions` are those of documents that were there already, by id.
    """
    told = versions or {}
    puts = tuple([Put(_id(it), it, told.get(_id(it), 0)) for it in documents])
    account, count = posted.account, len(posted.entries)
    if not count:
        return PointsChanges(puts)
    first = account.entry_count - count + 1
    records = tuple([Record(POINTS, account.id, first + n, entry) for n, entry in enumerate(posted.entries)])
    return PointsChanges((Put(account.id, account, kept.version), *puts), records)


def credited(ports: Ports, wanted: Iterable[Credit], *, at: datetime) -> PointsChanges | Refusal:
    """What crediting these lots writes, of one account or of many; all of them or none. Refused with `lot_exists`.

    Raises `InvalidValue` for two lots of one id, and as `loyalty.earn`.
    """
    given = tuple(wanted)
    lots = [it.lot.id for it in given]
    if len(set(lots)) < len(lots):
        raise InvalidValue(f"expected lots with ids of their own, got {', '.join(lots)}")
    loaded = ports.storage.load_each({Account: {it.account_id for it in given}, Earning: lots})
    taken = loaded.of(Earning)
    for id in lots:
        if id in taken:
            return lot_exists(taken[id].value)
    found = followed(ports, loaded.of(Account), [it.account_id for it in given])
    posted: dict[str, tuple[Kept, Posted]] = {}
    earnings: dict[str, list[Earning]] = {}
    for it in given:
        kept = found[it.account_id]
        id = kept.account.id
        _, before = posted.get(id, (kept, Posted(kept.account)))
        after = loyalty.earn(before.account, it.lot, cause=it.cause, at=at, desired=it.desired)
        posted[id] = kept, Posted(after.account, (*before.entries, *after.entries))
        earnings.setdefault(id, []).append(Earning(lot=it.lot, lines=it.lines, account_id=id))
    changes = PointsChanges()
    for id, (kept, after) in posted.items():
        changes = changes.plus(changes_of(kept, after, *earnings[id]))
    return changes


def take(ports: Ports, command: Command, decide: Callable[[], Decided[T] | Refusal], again: Callable[[], T], *, at: datetime) -> T | Refusal:
    """Read and decide, write once; `again` tells the answer of a command that was done before. Raises `KeyConflict` and `VersionConflict`."""
    op = operation(ports, command, "points")

    def attempt() -> T | Refusal:
        try:
            decided = decide()
        except Misuse:
            if ports.storage.answered(op) is None:
                raise
            return again()
        if isinstance(decided, Refusal):
            return decided if ports.storage.answered(op) is None else again()
        result = written(ports, decided.changes, op, at=at)
        if isinstance(result, Refusal):
            return result
        return decided.answer if result else again()

    return tried(ports.storage, attempt, most=TRIES)


def written(ports: Ports, changes: PointsChanges, op: Operation, *, at: datetime) -> bool | Refusal:
    """Write what was decided; whether this very call has written it."""
    result = ports.storage.commit(Changeset(op, at, puts=changes.puts, records=changes.records))
    return result if isinstance(result, Refusal) else not result.repeated


def seen(kept: Kept, account_id: str, by: Actor) -> Refusal | None:
    """The refusal for a customer who asks for somebody else's account: one that is neither theirs nor was merged into theirs."""
    if by.kind is not ActorKind.CUSTOMER or short(by.id) in (member_of(kept.account.id), member_of(account_id)):
        return None
    return account_not_found(account_id)


def account_not_found(account_id: str) -> Refusal:
    """The refusal for an account that is not the actor's to see."""
    return Refusal("account_not_found", f"there is no points account {account_id!r}", {"account": account_id})


def lot_exists(earning: Earning) -> Refusal:
    """The refusal for the id of a lot that was credited before, to this account or another."""
    return Refusal("lot_exists", f"the points {earning.lot.id} were credited before", {"lot": earning.lot.id, "points": earning.lot.points})


def _kept(stored: Stored[Account] | None, id: str) -> Kept:
    return Kept(Account(id)) if stored is None else Kept(stored.value, stored.version)


def _id(document: Earning | Redemption) -> str:
    return document.lot.id if isinstance(document, Earning) else document.id
