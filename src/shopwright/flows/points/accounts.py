"""Points of members: granted, held, spent, given back and taken back, each as one changeset over one account.

Rules
- what can be spent is decided by the clock of the command, in the write: of two that want the last points one gets them;
- a command that was done before answers as it did, with its account, credit or redemption as it stands now;
- an account that is not there is an empty one, and begins with its first entry.

Refusals, told in this order: `account_not_found`; `lot_exists`, `redemption_exists`, `lot_unknown`, `redemption_unknown`; those of
`shopwright.loyalty.ledger`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeVar

from attrs import evolve

from shopwright import loyalty
from shopwright.errors import InvalidValue
from shopwright.flows.checking import takes
from shopwright.flows.points.commands import (
    ActivatePoints,
    ExtendPoints,
    GrantPoints,
    HoldPoints,
    PointsCommand,
    RedeemHeldPoints,
    RedeemPoints,
    ReleasePoints,
    RestorePoints,
    ReversePoints,
)
from shopwright.flows.points.saving import Credit, Decided, Kept, changes_of, credited, followed, kept_account, seen, take
from shopwright.flows.ports import Ports
from shopwright.loyalty.account import Account
from shopwright.loyalty.entries import Cause, PointsExpired
from shopwright.loyalty.ledger import Posted
from shopwright.loyalty.lots import Lot
from shopwright.loyalty.reversing import Earning, Redemption
from shopwright.ports.storage import Loaded, Stored
from shopwright.refusals import Refusal

K = TypeVar("K", Earning, Redemption)

Decide = Callable[[Account], Posted | Refusal]


@takes(GrantPoints)
def grant_points(ports: Ports, command: GrantPoints, *, at: datetime) -> Earning | Refusal:
    """Credit points; what is kept of the credit. Refused with `lot_exists` for a lot that another command credited.

    Raises `InvalidValue` for points that expire before they can be spent, and that are earned later than now.
    """

    def decide() -> Decided[Earning] | Refusal:
        credit = _credit(command, at)
        changes = credited(ports, (credit,), at=credit.lot.earned_at)
        if isinstance(changes, Refusal):
            return changes
        return Decided(changes, next(put.value for put in changes.puts if isinstance(put.value, Earning)))

    return take(ports, command, decide, partial(_there, ports, Earning, command.lot_id), at=at)


@takes(ActivatePoints)
def activate_points(ports: Ports, command: ActivatePoints, *, at: datetime) -> Account | Refusal:
    """Let points that wait be spent; nothing happens to others. Refused with `lot_unknown`, or with `lot_lapsed` when their time is over by then."""
    since = command.available_from or at

    def decide(account: Account) -> Posted | Refusal:
        lot = account.lot(command.lot_id)
        expires_at = command.expires_at or (None if lot is None else lot.expires_at)
        if lot is not None and lot.available_from is None and expires_at is not None and expires_at <= since:
            return Refusal("lot_lapsed", f"the points {lot.id} have expired by {since}", {"lot": lot.id})
        return loyalty.activate(account, command.lot_id, available_from=since, expires_at=expires_at, cause=_cause(command), at=at)

    return _account(ports, command, decide, at=at)


@takes(HoldPoints)
def hold_points(ports: Ports, command: HoldPoints, *, at: datetime) -> Account | Refusal:
    """Keep points for somebody. Refused with `points_short`. Raises `InvalidValue` for an id that another hold of the account has."""

    def decide(account: Account) -> Posted | Refusal:
        cause = _cause(command)
        return loyalty.hold(account, command.hold_id, command.points, until=command.until, order=command.order, cause=cause, at=at)

    return _account(ports, command, decide, at=at)


@takes(ReleasePoints)
def release_points(ports: Ports, command: ReleasePoints, *, at: datetime) -> Account | Refusal:
    """Give held points back. Refused with `hold_unknown`."""
    return _account(ports, command, lambda account: loyalty.release(account, command.hold_id, cause=_cause(command), at=at), at=at)


@takes(ExtendPoints)
def extend_points(ports: Ports, command: ExtendPoints, *, at: datetime) -> Account | Refusal:
    """Let a lot expire later, or never. Refused with `lot_unknown` and `lot_lapsed`. Raises `InvalidValue` for an earlier moment."""
    cause = _cause(command)
    return _account(ports, command, lambda it: loyalty.extend(it, command.lot_id, expires_at=command.expires_at, cause=cause, at=at), at=at)


@takes(RedeemPoints)
def redeem_points(ports: Ports, command: RedeemPoints, *, at: datetime) -> Redemption | Refusal:
    """Spend points; what is kept of it. Refused with `points_short`, or `redemption_exists` for one that another command made."""

    def decide(account: Account) -> Posted | Refusal:
        return loyalty.redeem(account, command.redemption_id, command.points, order=command.order, cause=_cause(command), at=at)

    return _redemption(ports, command, decide, at=at)


@takes(RedeemHeldPoints)
def redeem_held_points(ports: Ports, command: RedeemHeldPoints, *, at: datetime) -> Redemption | Refusal:
    """Spend held points; the rest of the hold is free again. Refused with `hold_unknown`, `points_short` and `redemption_exists`."""

    def decide(account: Account) -> Posted | Refusal:
        id, cause = command.redemption_id, _cause(command)
        return loyalty.redeem_held(account, command.hold_id, command.points, redemption_id=id, cause=cause, at=at)

    return _redemption(ports, command, decide, at=at)


@takes(RestorePoints)
def restore_points(ports: Ports, command: RestorePoints, *, at: datetime) -> Redemption | Refusal:
    """Give spent points back, at most those that are left to come back. Refused with `redemption_unknown`."""

    def decide() -> Decided[Redemption] | Refusal:
        found = _both(ports, command, Redemption, command.redemption_id)
        if isinstance(found, Refusal):
            return found
        kept, stored = found
        if stored is None:
            return Refusal("redemption_unknown", f"there is no redemption {command.redemption_id}", {"redemption": command.redemption_id})
        cause = _cause(command)
        posted, after = loyalty.restore(kept.account, stored.value, command.points, key=command.key, reinstate=command.reinstate, cause=cause, at=at)
        lapsed = _lapsed(ports, posted)
        versions = {after.id: stored.version, **{id: it.version for id, it in lapsed.items()}}
        earnings = [it.value.after(posted.entries) for it in lapsed.values()]
        return Decided(changes_of(kept, posted, after, *earnings, versions=versions), after)

    return take(ports, command, decide, partial(_there, ports, Redemption, command.redemption_id), at=at)


@takes(ReversePoints)
def reverse_points(ports: Ports, command: ReversePoints, *, at: datetime) -> Earning | Refusal:
    """Take points of a credit back, as far as the recourse goes; what is kept of the credit tells how many that were. Refused with `lot_unknown`."""

    def decide() -> Decided[Earning] | Refusal:
        found = _both(ports, command, Earning, command.lot_id)
        if isinstance(found, Refusal):
            return found
        kept, stored = found
        if stored is None:
            return Refusal("lot_unknown", f"no points {command.lot_id} were credited to {command.account_id}", {"lot": command.lot_id})
        cause = _cause(command)
        posted, after = loyalty.reverse(kept.account, stored.value, command.points, key=command.key, recourse=command.recourse, cause=cause, at=at)
        return Decided(changes_of(kept, posted, after, versions={command.lot_id: stored.version}), after)

    return take(ports, command, decide, partial(_there, ports, Earning, command.lot_id), at=at)


def _credit(command: GrantPoints, at: datetime) -> Credit:
    """The lot that is credited. A repeat asks for it in vain: what was right then may be too late now."""
    earned_at = command.earned_at or at
    if earned_at > at:
        raise InvalidValue(f"expected points to be earned by now, {at}, got {earned_at}")
    since = None if command.wait else command.available_from or earned_at
    lot = Lot(command.lot_id, command.points, earned_at, available_from=since, expires_at=command.expires_at, rank=command.rank)
    recorded_at = None if earned_at == at else at
    cause = evolve(_cause(command), rule=command.rule, rule_version=command.rule_version, recorded_at=recorded_at)
    return Credit(account_id=command.account_id, lot=lot, lines=command.lines, desired=command.desired, cause=cause)


def _account(ports: Ports, command: PointsCommand, decide: Decide, *, at: datetime) -> Account | Refusal:
    def decided() -> Decided[Account] | Refusal:
        kept = kept_account(ports, command.account_id)
        if refusal := seen(kept, command.account_id, command.by):
            return refusal
        posted = decide(kept.account)
        return posted if isinstance(posted, Refusal) else Decided(changes_of(kept, posted), posted.account)

    return take(ports, command, decided, lambda: kept_account(ports, command.account_id).account, at=at)


def _redemption(ports: Ports, command: RedeemPoints | RedeemHeldPoints, decide: Decide, *, at: datetime) -> Redemption | Refusal:
    id = command.redemption_id

    def decided() -> Decided[Redemption] | Refusal:
        loaded = ports.storage.load_each({Account: (command.account_id,), Redemption: (id,)})
        kept = _of(ports, loaded, command.account_id)
        if refusal := seen(kept, command.account_id, command.by):
            return refusal
        if id in loaded.of(Redemption):
            return Refusal("redemption_exists", f"there is a redemption {id} already", {"redemption": id})
        posted = decide(kept.account)
        if isinstance(posted, Refusal):
            return posted
        made = loyalty.redemption_in(posted)
        return Decided(changes_of(kept, posted, made), made)

    return take(ports, command, decided, partial(_there, ports, Redemption, id), at=at)


def _both(ports: Ports, command: PointsCommand, kind: type[K], id: str) -> tuple[Kept, Stored[K] | None] | Refusal:
    """An account and what is kept of one of its credits or redemptions: none where it is of another account."""
    loaded = ports.storage.load_each({Account: (command.account_id,), kind: (id,)})
    kept = _of(ports, loaded, command.account_id)
    if refusal := seen(kept, command.account_id, command.by):
        return refusal
    stored = loaded.of(kind).get(id)
    if stored is None or not _is_of(ports, stored.value.account_id, kept):
        return kept, None
    return kept, stored


def _is_of(ports: Ports, account_id: str, kept: Kept) -> bool:
    """Whether what was kept for an account is this account's, which it may have come to by merging."""
    return account_id in ("", kept.account.id) or kept_account(ports, account_id).account.id == kept.account.id


def _of(ports: Ports, loaded: Loaded, account_id: str) -> Kept:
    return followed(ports, loaded.of(Account), (account_id,))[account_id]


def _lapsed(ports: Ports, posted: Posted) -> dict[str, Stored[Earning]]:
    """What is kept of the credits whose points are written off."""
    ids = {part.id for entry in posted.entries if isinstance(entry, PointsExpired) for part in entry.parts}
    return ports.storage.load_many(Earning, ids) if ids else {}


def _there(ports: Ports, kind: type[K], id: str) -> K:
    stored = ports.storage.load(kind, id)
    assert stored is not None, "what was done before is in the store"
    return stored.value


def _cause(command: PointsCommand) -> Cause:
    return Cause(by=command.by, source=command.source, reason=command.reason)
