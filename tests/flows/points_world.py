"""All points accounts of a shop as the simplest thing that could be right: what each command must come to, and how to see that it did."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from datetime import datetime
from typing import Any

from attrs import define, evolve, field

from shopwright.flows.commands import Command
from shopwright.flows.points import commands as p
from shopwright.loyalty import Account, Earning, Lot, Redemption, account_id, expiring, fold
from shopwright.loyalty import entries as e
from shopwright.loyalty.lapsing import PATIENCE
from shopwright.loyalty.lots import total
from shopwright.ports.storage import Query, Storage
from tests.properties.points_model import Points

DONE, MISUSE, CONFLICT = "done", "InvalidValue", "KeyConflict"


@define
class World:
    """Every point of everybody, which account was merged into which, and to whom lots and redemptions belonged at first."""

    accounts: dict[str, Points] = field(factory=dict)
    merged: dict[str, str] = field(factory=dict)
    lots: dict[str, str] = field(factory=dict)
    redemptions: dict[str, str] = field(factory=dict)
    done: dict[str, Command] = field(factory=dict)
    """What was done under each key."""

    def root(self, id: str) -> str:
        while id in self.merged:
            id = self.merged[id]
        return id

    def of(self, id: str) -> Points:
        return self.accounts.setdefault(self.root(id), Points())

    def after(self, *commands: Command, at: datetime) -> tuple[World, list[str]]:
        """The world after these commands, and what each of them came to."""
        world = deepcopy(self)
        return world, [world.apply(command, at) for command in commands]

    def apply(self, command: Command, at: datetime) -> str:
        """What a command comes to: it is done, refused with a code, or a mistake."""
        if command.key in self.done:
            return DONE if self.done[command.key] == command else CONFLICT
        answer = str(getattr(self, _DEEDS[type(command)])(command, at))
        if answer == DONE:
            self.done[command.key] = command
        return answer

    def grant(self, it: p.GrantPoints, at: datetime) -> str:
        assert it.earned_at is not None
        if it.earned_at > at:
            return MISUSE
        if it.lot_id in self.lots:
            return "lot_exists"
        self.lots[it.lot_id] = self.root(it.account_id)
        since = None if it.wait else it.available_from or it.earned_at
        self.of(it.account_id).earn(Lot(it.lot_id, it.points, it.earned_at, available_from=since, expires_at=it.expires_at, rank=it.rank))
        return DONE

    def activate(self, it: p.ActivatePoints, at: datetime) -> str:
        mine = self.of(it.account_id)
        lot = mine.facts.get(it.lot_id)
        if lot is None or all(point.lot != it.lot_id for point in mine.at("open")):
            return "lot_unknown"
        if lot.available_from is None:
            if lot.expires_at is not None and lot.expires_at <= at:
                return "lot_lapsed"
            if at < lot.earned_at:
                return MISUSE
            mine.facts[lot.id] = evolve(lot, available_from=at)
        return DONE

    def hold(self, it: p.HoldPoints, at: datetime) -> str:
        mine = self.of(it.account_id)
        if it.until <= at or it.hold_id in mine.until:
            return MISUSE
        if not mine.make_room(it.points, at):
            return "points_short"
        mine.take(mine.free(at)[: it.points], it.hold_id)
        mine.until[it.hold_id] = it.until
        return DONE

    def release(self, it: p.ReleasePoints, at: datetime) -> str:
        mine = self.of(it.account_id)
        if it.hold_id not in mine.until:
            return "hold_unknown"
        mine.release(it.hold_id, at)
        return DONE

    def redeem(self, it: p.RedeemPoints, at: datetime) -> str:
        mine = self.of(it.account_id)
        if it.redemption_id in self.redemptions:
            return "redemption_exists"
        if not mine.make_room(it.points, at):
            return "points_short"
        mine.take(mine.free(at)[: it.points], it.redemption_id)
        self.redemptions[it.redemption_id] = self.root(it.account_id)
        return DONE

    def redeem_held(self, it: p.RedeemHeldPoints, at: datetime) -> str:
        mine = self.of(it.account_id)
        if it.redemption_id in self.redemptions:
            return "redemption_exists"
        if it.hold_id not in mine.until:
            return "hold_unknown"
        kept = mine.kept[it.hold_id]
        if len(kept) < it.points:
            return "points_short"
        del mine.until[it.hold_id], mine.kept[it.hold_id]
        mine.take(kept[: it.points], it.redemption_id)
        mine.come_back(kept[it.points :], at)
        self.redemptions[it.redemption_id] = self.root(it.account_id)
        return DONE

    def restore(self, it: p.RestorePoints, at: datetime) -> str:
        if not self._is_of(self.redemptions.get(it.redemption_id), it.account_id):
            return "redemption_unknown"
        self.of(it.account_id).restore(it.redemption_id, it.points, at)
        return DONE

    def reverse(self, it: p.ReversePoints, at: datetime) -> str:
        if not self._is_of(self.lots.get(it.lot_id), it.account_id):
            return "lot_unknown"
        self.of(it.account_id).reverse(it.lot_id, it.points, it.recourse.value, at)
        return DONE

    def transfer(self, it: p.TransferPoints, at: datetime) -> str:
        mine, theirs = self.of(it.account_id), self.of(it.to_account_id)
        if mine is theirs:
            return "accounts_same"
        if f"{it.transfer_id}/1" in self.lots:
            return "lot_exists"
        if not mine.make_room(it.points, at):
            return "points_short"
        before = set(theirs.facts)
        mine.send(mine.free(at)[: it.points], it.transfer_id, theirs)
        self.lots |= dict.fromkeys(theirs.facts.keys() - before, self.root(it.to_account_id))
        return DONE

    def merge(self, it: p.MergePoints, at: datetime) -> str:
        gone, into = account_id(it.member_id), account_id(it.into_member_id)
        if self.root(gone) == self.root(into):
            return DONE
        if gone in self.merged:
            return "account_merged"
        mine, theirs = deepcopy(self.of(gone)), deepcopy(self.of(into))
        for hold in mine.until.keys() & theirs.until.keys():
            for side in (mine, theirs):
                if side.until[hold] <= at:
                    side.release(hold, at)
        if mine.until.keys() & theirs.until.keys():
            return "hold_exists"
        theirs.swallow(mine, at)
        self.accounts[self.root(into)] = theirs
        del self.accounts[gone]
        self.merged[gone] = self.root(into)
        return DONE

    def sweep(self, at: datetime) -> None:
        for mine in self.accounts.values():
            for hold in sorted(mine.until, key=lambda it: (mine.until[it], it)):
                if mine.until[hold] + PATIENCE <= at:
                    mine.release(hold, at)
            mine.expire(at)

    def _is_of(self, first: str | None, id: str) -> bool:
        return first is not None and self.root(first) == self.root(id)


_DEEDS: dict[type[Command], str] = {
    p.GrantPoints: "grant",
    p.ActivatePoints: "activate",
    p.HoldPoints: "hold",
    p.ReleasePoints: "release",
    p.RedeemPoints: "redeem",
    p.RedeemHeldPoints: "redeem_held",
    p.RestorePoints: "restore",
    p.ReversePoints: "reverse",
    p.TransferPoints: "transfer",
    p.MergePoints: "merge",
}


def told(world: World, at: datetime) -> dict[str, Any]:
    """What is to be seen of every account in the store."""
    return {id: _told(mine, at) for id, mine in sorted(world.accounts.items()) if mine.every}


def _told(mine: Points, now: datetime) -> tuple[Any, ...]:
    over = [point for hold, until in mine.until.items() if until <= now for point in mine.kept[hold]]
    free = [*mine.at("open"), *over]
    counts = [sum(which(point, now) for point in free) for which in (mine.good, mine.pending, mine.lapsed)]
    held = sum(len(mine.kept[hold]) for hold, until in mine.until.items() if until > now)
    return (*counts, held, mine.deficit, dict(Counter(point.lot for point in mine.at("open"))), {hold: len(mine.kept[hold]) for hold in mine.until})


def found(storage: Storage, at: datetime) -> dict[str, Any]:
    """The same of the accounts as they are, those in which there never was a point left out."""
    accounts = [stored.value for stored in storage.find(Query(Account, limit=1_000)).items]
    return {it.id: _found(it, at) for it in accounts if not it.merged_into and (_was_used(storage, it) or it.points)}


def _was_used(storage: Storage, account: Account) -> bool:
    return any(entry.change or isinstance(entry, e.PointsReversed) for entry in entries_of(storage, account.id))


def _found(it: Account, at: datetime) -> tuple[Any, ...]:
    balance = it.balance(at)
    lots = {lot.id: lot.points for lot in it.lots}
    holds = {hold.id: hold.points for hold in it.holds}
    return balance.available, balance.pending, balance.lapsed, balance.held, balance.deficit, lots, holds


def entries_of(storage: Storage, id: str) -> list[e.PointsEntry]:
    """The entries of an account."""
    return [recorded.value for recorded in storage.read("points", key=id, limit=1_000)]


def check_books(storage: Storage, at: datetime) -> None:
    """What holds of every account, whatever has happened to it."""
    accounts = {stored.value.id: stored.value for stored in storage.find(Query(Account, limit=1_000)).items}
    earnings = {stored.value.lot.id: stored.value for stored in storage.find(Query(Earning, limit=1_000)).items}
    redemptions = [stored.value for stored in storage.find(Query(Redemption, limit=1_000)).items]
    entries = {id: entries_of(storage, id) for id in accounts}
    for id, account in accounts.items():
        assert fold(id, entries[id]) == account  # what is kept is what its entries make of it
        assert account.points == sum(entry.change for entry in entries[id])  # POINTS-1
        assert account.entry_count == len(entries[id])
        assert sum(it.points for it in expiring(account, at=at)) == total([lot for lot in account.lots if not lot.has_lapsed(at)])  # POINTS-12
        assert all(_is_good(entry) for entry in entries[id])
    every = [entry for those in entries.values() for entry in those]
    _check_kept(earnings, redemptions, every)


def _is_good(entry: e.PointsEntry) -> bool:
    """Nothing is spent, held or sent that was over or waited, by the clock of its command (POINTS-2)."""
    if isinstance(entry, e.PointsHeld):
        return all(part.is_spendable(entry.at) for part in entry.hold.parts)
    if isinstance(entry, e.PointsSent) or (isinstance(entry, e.PointsRedeemed) and not entry.hold_id):
        return all(part.is_spendable(entry.at) for part in entry.parts)
    return True


def _check_kept(earnings: dict[str, Earning], redemptions: list[Redemption], entries: list[e.PointsEntry]) -> None:
    """What is kept of credits and redemptions is what the entries tell."""
    spent = {it.redemption_id: -it.change for it in entries if isinstance(it, e.PointsRedeemed)}
    expired = Counter(part.id for it in entries if isinstance(it, e.PointsExpired) for part in it.parts for _ in range(part.points))
    assert {it.id: total(it.parts) for it in redemptions} == spent  # POINTS-4
    assert {id: it.expired for id, it in earnings.items() if it.expired} == expired
    assert all(it.reversible >= 0 for it in earnings.values())  # POINTS-8
    assert all(sum(done.points for done in it.restorings) + total(it.left) == total(it.parts) for it in redemptions)
