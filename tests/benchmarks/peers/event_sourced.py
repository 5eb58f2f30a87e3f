"""Points as an event-sourced aggregate with eventsourcing, on SQLite: an account that earns and spends, saved as its manual says.

Its cache is on, so that no command replays the history of its account, and it looks for newer events as it does by itself. Several events and
several aggregates are one transaction of its recorder. The log is ahead of the file, as with ours; by itself every commit waits for the disk, and
where a row is not to wait, its one connection is told so.
"""

from __future__ import annotations

from typing import Any

from tests.benchmarks import points_work
from tests.benchmarks.points_work import ACCOUNTS, Deed
from tests.benchmarks.sides import Bench, peer

SYNCHRONOUS = {"normal": 1, "full": 2}
"""What SQLite calls them."""


def open_bench(path: str, size: int, durability: str) -> Bench:
    """So many events in a commit."""
    account = account_class()
    app = application(path)
    with app.factory.datastore.get_connection(commit=True) as connection:
        connection.cursor().execute(f"PRAGMA synchronous={durability}")
    ids = {}
    opened = [account(f"M{number:04}") for number in range(ACCOUNTS)]
    app.save(*opened)
    for each in opened:
        ids[each.member] = each.id

    def run(deeds: tuple[Deed, ...]) -> None:
        changed: dict[str, Any] = {}
        for deed in deeds:
            aggregate = changed.get(deed.member) or app.repository.get(ids[deed.member])
            if deed.points > 0:
                aggregate.earn(deed.id, deed.points, deed.at)
            else:
                aggregate.spend(deed.id, -deed.points, deed.at)
            changed[deed.member] = aggregate
        app.save(*changed.values())

    def facts() -> dict[str, Any]:
        balances = {member: app.repository.get(id).points for member, id in ids.items()}
        return {"balances": {member: points for member, points in balances.items() if points}, "entries": stored(app, durability) - ACCOUNTS}

    clock = points_work.clock_of(durability)
    return Bench(run=run, prepare=lambda turn: points_work.batch(turn, size), facts=facts, close=app.close, clock=clock)


def stored(app: Any, durability: str) -> int:
    """How many events there are; on the way, that the settings on which durability hangs are those of ours."""
    with app.factory.datastore.transaction(commit=False) as cursor:
        for pragma, expected in (("journal_mode", "wal"), ("synchronous", SYNCHRONOUS[durability])):
            cursor.execute(f"PRAGMA {pragma}")
            got = cursor.fetchone()[0]
            assert got == expected, (pragma, got)
        cursor.execute("select count(*) from stored_events")
        return int(cursor.fetchone()[0])


def application(path: str) -> Any:
    """Its application in a file, with the cache on."""
    module = peer("eventsourcing.application")
    settings = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": path, "AGGREGATE_CACHE_MAXSIZE": "1000"}
    return module.Application(env=settings)


def account_class() -> Any:
    """Its aggregate."""
    domain = peer("eventsourcing.domain")

    class Account(domain.Aggregate):  # type: ignore[misc,name-defined]  # the peer is imported when it is asked for
        def __init__(self, member: str) -> None:
            self.member = member
            self.points = 0

        @domain.event("Earned")
        def earn(self, lot: str, points: int, at: Any) -> None:
            self.points += points

        @domain.event("Spent")
        def spend(self, redemption: str, points: int, at: Any) -> None:
            if points > self.points:
                raise ValueError("too few points")
            self.points -= points

    return Account
