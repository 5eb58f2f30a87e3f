"""Points in the changesets of what members are given: a lot for each thing that is rewarded, under its id, and the same taken back.

Rules
- the id of the lot is what it was given for, so no two changesets can give the same, whatever became of their operations;
- what is taken back comes from that lot first (POINTS-7) and leaves no debt, unless the program for referrals says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from attrs import field, frozen

from shopwright.flows.points.saving import Credit, PointsChanges, changes_of, credited, kept_accounts
from shopwright.flows.ports import Ports
from shopwright.loyalty.entries import Cause
from shopwright.loyalty.expiry import expires_at
from shopwright.loyalty.growth import Growth
from shopwright.loyalty.ledger import Posted
from shopwright.loyalty.lots import Lot
from shopwright.loyalty.naming import account_id
from shopwright.loyalty.reversing import Earning, Recourse, reverse
from shopwright.members.actors import SYSTEM, Actor
from shopwright.refusals import Refusal


@frozen
class Given:
    """Points for something: its id, how many, how many it would have been without caps, and by which rule."""

    id: str
    points: int
    desired: int
    rule: str
    rule_version: int
    by: Actor = field(default=SYSTEM, kw_only=True)
    reason: str = field(default="", kw_only=True)

    @property
    def cause(self) -> Cause:
        """What stands with the entries."""
        return Cause(by=self.by, source=self.id, rule=self.rule, rule_version=self.rule_version, reason=self.reason)


def give(ports: Ports, growth: Growth, member_id: str, given: Given, *, at: datetime) -> PointsChanges:
    """What giving these points writes; nothing for no points, and for what was given before."""
    return give_all(ports, growth, ((member_id, given),), at=at)


def give_all(ports: Ports, growth: Growth, given: Iterable[tuple[str, Given]], *, at: datetime) -> PointsChanges:
    """What giving points to several members writes."""
    wanted = [
        Credit(
            account_id=account_id(member_id, growth.points),
            lot=Lot(it.id, it.points, at, available_from=at, expires_at=expires_at(growth.expiry, at)),
            desired=it.desired,
            cause=it.cause,
        )
        for member_id, it in given
        if it.points
    ]
    if not wanted:
        return PointsChanges()
    changes = credited(ports, wanted, at=at)
    return PointsChanges() if isinstance(changes, Refusal) else changes


def take_back(
    ports: Ports, growth: Growth, member_id: str, given: Given, *, at: datetime, recourse: Recourse = Recourse.WITHIN_BALANCE
) -> PointsChanges:
    """What taking points back writes; nothing where none were given."""
    return take_back_all(ports, growth, ((member_id, given),), at=at, recourse=recourse)


def take_back_all(
    ports: Ports, growth: Growth, given: Iterable[tuple[str, Given]], *, at: datetime, recourse: Recourse = Recourse.WITHIN_BALANCE
) -> PointsChanges:
    """What taking points back from several members writes, also where these turned out to be one."""
    told = [(account_id(member_id, growth.points), it) for member_id, it in given]
    kept = kept_accounts(ports, {id for id, _ in told})
    earnings = ports.storage.load_many(Earning, [it.id for _, it in told])
    posted: dict[str, Posted] = {}
    after: dict[str, list[Earning]] = {}
    for asked, it in told:
        stored, account = earnings.get(it.id), kept[asked].account
        if stored is None or not stored.value.reversible:
            continue
        before = posted.get(account.id, Posted(account))
        done, earning = reverse(
            before.account, stored.value, stored.value.reversible, key="taken-back", recourse=recourse, cause=it.cause, at=at
        )
        posted[account.id] = Posted(done.account, (*before.entries, *done.entries))
        after.setdefault(account.id, []).append(earning)
    changes = PointsChanges()
    versions = {id: it.version for id, it in earnings.items()}
    for it_was in {one.account.id: one for one in kept.values()}.values():
        if (now := posted.get(it_was.account.id)) is not None:
            changes = changes.plus(changes_of(it_was, now, *after[it_was.account.id], versions=versions))
    return changes
