"""Our side of the points races on SQLite: postings through the storage port, and commands at the desk of points."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

from shopwright.adapters.sqlite import SqliteStorage
from shopwright.flows.points.commands import GrantPoints, RedeemPoints
from shopwright.flows.points.saving import PointsChanges, changes_of, kept_accounts
from shopwright.flows.ports import Ports
from shopwright.loyalty import Account, Cause, Lot, Posted, earn, redeem
from shopwright.loyalty.naming import account_id
from shopwright.members.actors import SYSTEM
from shopwright.ports.storage import START, Changeset, Committed, Operation, Query, Storage
from shopwright.refusals import Refusal
from shopwright.shop import Shop
from shopwright.wire.kinds import KINDS, POINTS
from tests.benchmarks import points_work
from tests.benchmarks.points_work import Deed
from tests.benchmarks.sides import CPU, Bench

WHY = Cause(source="benchmark")
LASTS = 900 * points_work.DAY


def opened(path: Path, durability: str = "full") -> Shop:
    """A shop in a new file; with full durability every commit waits for the disk."""
    return Shop(SqliteStorage.open(path, kinds=KINDS, durability=durability, upgrade=True))


def postings(path: Path, durability: str, size: int) -> Bench:
    """So many postings in a commit: the accounts read, each posting decided, the accounts and their entries written with the operation."""
    ports = opened(path, durability).ports

    def run(deeds: tuple[Deed, ...]) -> None:
        changes = posted(ports, deeds)
        done = ports.storage.commit(Changeset(Operation(deeds[0].id, deeds[-1].id), deeds[-1].at, puts=changes.puts, records=changes.records))
        assert isinstance(done, Committed), done

    return Bench(
        run=run,
        prepare=lambda turn: points_work.batch(turn, size),
        facts=lambda: facts(ports.storage),
        close=ports.storage.close,
        clock=points_work.clock_of(durability),
    )


def posted(ports: Ports, deeds: tuple[Deed, ...]) -> PointsChanges:
    """What these postings write, of one account or of many."""
    ids = {deed.member: account_id(deed.member) for deed in deeds}
    kept = kept_accounts(ports, list(ids.values()))
    now = {id: Posted(one.account) for id, one in kept.items()}
    for deed in deeds:
        id = ids[deed.member]
        after = decided(now[id].account, deed)
        assert isinstance(after, Posted), after
        now[id] = Posted(after.account, now[id].entries + after.entries)
    changes = PointsChanges()
    for id, one in kept.items():
        changes = changes.plus(changes_of(one, now[id]))
    return changes


def decided(account: Account, deed: Deed) -> Posted | Refusal:
    """One posting."""
    if deed.points > 0:
        lot = Lot(deed.id, deed.points, deed.at, available_from=deed.at, expires_at=deed.at + LASTS)
        return earn(account, lot, cause=WHY, at=deed.at)
    return redeem(account, deed.id, -deed.points, cause=WHY, at=deed.at)


def commands(path: Path, durability: str) -> Bench:
    """A command at the desk for each posting, which also keeps the credit or the redemption, so that it can be taken or given back."""
    shop = opened(path, durability)

    def run(deeds: tuple[Deed, ...]) -> None:
        (deed,) = deeds
        facts: dict[str, Any] = {
            "key": deed.id,
            "by": SYSTEM,
            "account_id": account_id(deed.member),
            "source": "benchmark",
            "points": abs(deed.points),
        }
        if deed.points > 0:
            answer = shop.points.grant(GrantPoints(lot_id=deed.id, expires_at=deed.at + LASTS, **facts), at=deed.at)
        else:
            answer = shop.points.redeem(RedeemPoints(redemption_id=deed.id, **facts), at=deed.at)
        assert not isinstance(answer, Refusal), answer

    storage = shop.ports.storage
    return Bench(
        run=run,
        prepare=lambda turn: points_work.batch(turn, 1),
        facts=lambda: facts(storage),
        close=storage.close,
        clock=points_work.clock_of(durability),
    )


def facts(storage: Storage) -> dict[str, Any]:
    """What stands in the store, read through the port."""
    accounts = [stored.value for stored in storage.find(Query(Account, limit=1_000)).items]
    balances = {account.id.removeprefix("points/"): account.points for account in accounts if account.points}
    after, count = START, 0
    while page := storage.read(POINTS, after=after, limit=1_000):
        after, count = page[-1].position, count + len(page)
    return {"balances": dict(sorted(balances.items())), "entries": count}


def balance(path: Path, entries: int) -> Bench:
    """The balance of an account that so many entries were made of, read at the desk."""
    shop = opened(path, "normal")
    member = fill(shop.ports, entries)
    id, at = account_id(member), points_work.history_ends(entries)
    return Bench(run=lambda turn: shop.points.balance(id, at=at), tell=lambda balance: balance.available, close=shop.ports.storage.close, clock=CPU)


def fill(ports: Ports, entries: int, at_once: int = 1_000) -> str:
    """A history of so many entries, through the storage port; whose it is."""
    history = points_work.history(entries)
    deeds: tuple[Deed, ...] = ()
    while some := tuple(islice(history, at_once)):
        changes, deeds = posted(ports, some), some
        done = ports.storage.commit(Changeset(Operation(some[0].id, "fill"), some[-1].at, puts=changes.puts, records=changes.records))
        assert isinstance(done, Committed), done
    return deeds[-1].member
