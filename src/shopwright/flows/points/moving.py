"""Points that go from one account to another, both legs in one changeset: sent to somebody, converted, or all of them when two members are one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from shopwright import loyalty
from shopwright.flows.checking import takes
from shopwright.flows.points.commands import MergePoints, TransferPoints
from shopwright.flows.points.looking import accounts_of
from shopwright.flows.points.saving import Decided, Kept, PointsChanges, changes_of, followed, kept_account, lot_exists, seen, take
from shopwright.flows.ports import Ports
from shopwright.loyalty.account import Account
from shopwright.loyalty.entries import Cause, PointsReceived
from shopwright.loyalty.ledger import Posted
from shopwright.loyalty.moving import EVEN
from shopwright.loyalty.naming import POINTS, account_id, kind_of
from shopwright.loyalty.reversing import Earning
from shopwright.members.actors import SYSTEM
from shopwright.ports.storage import Stored
from shopwright.refusals import Refusal


@takes(TransferPoints)
def transfer_points(ports: Ports, command: TransferPoints, *, at: datetime) -> Account | Refusal:
    """Send points to another account, or convert them into another kind; the sender's account.

    Refused with `account_not_found`, `accounts_same` where one was merged into the other, `lot_exists` for the id of another transfer,
    `points_indivisible` and `points_short`.
    """
    first = f"{command.transfer_id}/1"

    def decide() -> Decided[Account] | Refusal:
        loaded = ports.storage.load_each({Account: (command.account_id, command.to_account_id), Earning: (first,)})
        found = followed(ports, loaded.of(Account), (command.account_id, command.to_account_id))
        sender, receiver = found[command.account_id], found[command.to_account_id]
        if refusal := seen(sender, command.account_id, command.by):
            return refusal
        if sender.account.id == receiver.account.id:
            return Refusal("accounts_same", f"both are the account {sender.account.id!r}", {"account": sender.account.id})
        if first in loaded.of(Earning):
            return lot_exists(loaded.of(Earning)[first].value)
        facts = Cause(by=command.by, source=command.source, reason=command.reason)
        rate, id, order = command.rate or EVEN, command.transfer_id, command.order
        moved = loyalty.transfer(
            sender.account, receiver.account, command.points, transfer_id=id, rate=rate, order=order, cause=facts, at=at
        )
        return moved if isinstance(moved, Refusal) else _both_legs(sender, receiver, *moved)

    return take(ports, command, decide, lambda: kept_account(ports, command.account_id).account, at=at)


def _both_legs(sender: Kept, receiver: Kept, sent: Posted, received: Posted) -> Decided[Account]:
    """Both legs; what comes in is kept as credits, so that it can be taken back."""
    lots = [lot for entry in received.entries if isinstance(entry, PointsReceived) for lot in entry.lots]
    earnings = [Earning(lot=lot, account_id=received.account.id) for lot in lots]
    return Decided(changes_of(sender, sent).plus(changes_of(receiver, received, *earnings)), sent.account)


@takes(MergePoints)
def merge_points(ports: Ports, command: MergePoints, *, at: datetime) -> tuple[Account, ...] | Refusal:
    """Put all points of a member into the accounts of another, kind by kind, in one changeset; the accounts of the other.

    From now on each account of the one stands for the other's, also one that nothing was in. Merging twice changes nothing. Refused with
    `account_merged` for a member who was merged into a third, and with `hold_exists`.
    """

    def decide() -> Decided[tuple[Account, ...]] | Refusal:
        cause = Cause(by=command.by, reason=command.reason)
        return merged_points(ports, command.member_id, command.into_member_id, cause=cause, at=at)

    return take(ports, command, decide, lambda: _of(ports, command.into_member_id), at=at)


def merged_points(ports: Ports, member_id: str, into_member_id: str, *, cause: Cause, at: datetime) -> Decided[tuple[Account, ...]] | Refusal:
    """What puts all points of a member into the accounts of another, for a larger changeset; refused as `merge_points`."""
    kinds = sorted({kind_of(account.id) for member in (member_id, into_member_id) for account in _of(ports, member)} | {POINTS})
    pairs = [(account_id(member_id, kind), account_id(into_member_id, kind)) for kind in kinds]
    stored = ports.storage.load_many(Account, {id for pair in pairs for id in pair})
    found = followed(ports, stored, [id for pair in pairs for id in pair])
    changes, after = PointsChanges(), list[Account]()
    for id, into_id in pairs:
        is_there = found[id].account.id == found[into_id].account.id  # by an earlier merge, or the other way round
        merged = Decided(PointsChanges(), found[into_id].account) if is_there else _merged(_as_stored(stored, id), found[into_id], cause, at)
        if isinstance(merged, Refusal):
            return merged
        changes, after = changes.plus(merged.changes), [*after, merged.answer]
    return Decided(changes, tuple(after))


def _merged(gone: Kept, into: Kept, cause: Cause, at: datetime) -> Decided[Account] | Refusal:
    """One account put into another."""
    if gone.account.merged_into:
        facts = {"account": gone.account.id, "into": gone.account.merged_into}
        return Refusal("account_merged", f"account {gone.account.id!r} was merged into {gone.account.merged_into!r}", facts)
    moved = loyalty.merge(gone.account, into.account, cause=cause, at=at)
    if isinstance(moved, Refusal):
        return moved
    left, there = moved
    return Decided(changes_of(gone, left).plus(changes_of(into, there)), there.account)


def _as_stored(stored: Mapping[str, Stored[Account]], id: str) -> Kept:
    """An account as it is, wherever it went."""
    return Kept(stored[id].value, stored[id].version) if id in stored else Kept(Account(id))


def _of(ports: Ports, member_id: str) -> tuple[Account, ...]:
    found = accounts_of(ports, member_id, by=SYSTEM)
    assert not isinstance(found, Refusal), "the shop itself sees all accounts"
    return found
