"""What goes wrong on the server becomes the outage that the port names, and nothing is half written."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread
from typing import Any

import psycopg
import pytest

from shopwright.adapters.postgres import faults
from shopwright.adapters.postgres.storage import PostgresStorage
from shopwright.errors import Outage, SchemaMismatch, StorageBusy, StorageCorrupted, StorageFull, StorageUnavailable
from shopwright.ports.quotas import Grant, Take
from shopwright.ports.storage import Query
from shopwright.testing.postgres import LocalPostgres
from shopwright.testing.samples import Note
from shopwright.testing.storage_contract.steps import a_change, counts, done, noted, put
from tests.unit.adapters.postgres.conftest import Opener


@pytest.fixture(params=[True, False], ids=["function", "statements"])
def storage(request: pytest.FixtureRequest, open_shop: Opener) -> PostgresStorage:
    return open_shop(functions=request.param, lock_timeout=0.2)


@pytest.fixture
def trouble(admin: Any, storage: PostgresStorage, schema: str) -> Iterator[Any]:
    """Makes the server raise an error of this SQLSTATE at the end of a commit, when a quota is written."""

    def begin(code: str) -> None:
        admin.execute(
            f"""create or replace function {schema}.trouble() returns trigger language plpgsql as $$
            begin raise exception using errcode = '{code}', message = 'trouble of the test'; end $$"""
        )
        admin.execute(f"create or replace trigger trouble before update on {schema}.quota for each row execute function {schema}.trouble()")

    yield begin
    admin.execute(f"drop trigger if exists trouble on {schema}.quota")


@pytest.mark.parametrize(
    ("code", "outage", "told"),
    [
        ("53100", StorageFull, "there is no room for .*; nothing was written; free some space"),
        ("53200", StorageUnavailable, "did not answer"),
        ("57014", StorageBusy, "did not grant a lock .*; nothing was written"),
        ("XX001", StorageCorrupted, "is damaged .*; restore it from a backup"),
        ("57P01", StorageUnavailable, "run the same command again with the same key"),
        ("25006", StorageUnavailable, "it may be a standby: connect to the primary"),
        ("42501", StorageUnavailable, "does not let this user do it"),
    ],
)
def test_an_error_of_the_server_is_the_outage_of_the_port(storage: PostgresStorage, trouble: Any, code: str, outage: type[Outage], told: str) -> None:
    done(storage, Grant("tea", 10))
    trouble(code)
    with pytest.raises(outage, match=told):
        storage.commit(a_change(put(Note("n-1")), noted(1), Take("tea", 1)))
    assert (storage.load(Note, "n-1"), counts(storage, "tea"), list(storage.read("notes", key="n-1"))) == (None, (10, 0, 0), [])


@pytest.mark.parametrize("code", ["40P01", "40001"])
def test_a_lost_deadlock_or_serialization_is_tried_again_a_few_times_and_then_busy(storage: PostgresStorage, trouble: Any, code: str) -> None:
    done(storage, Grant("tea", 10))
    trouble(code)
    with pytest.raises(StorageBusy, match=r"others were faster 5 times .*; nothing was written; run the command again"):
        storage.commit(a_change(Take("tea", 1)))
    assert counts(storage, "tea") == (10, 0, 0)


def test_a_bug_of_ours_is_not_told_as_an_outage(storage: PostgresStorage, trouble: Any) -> None:
    done(storage, Grant("tea", 10))
    trouble("22012")
    with pytest.raises(psycopg.errors.DivisionByZero):
        storage.commit(a_change(Take("tea", 1)))
    assert counts(storage, "tea") == (10, 0, 0)


def test_a_lock_that_is_not_granted_in_time_is_busy(storage: PostgresStorage, admin: Any, schema: str) -> None:
    done(storage, Grant("tea", 10))
    admin.execute("begin")
    admin.execute(f"select * from {schema}.quota for update")
    with pytest.raises(StorageBusy, match="canceling statement due to lock timeout"):
        storage.commit(a_change(put(Note("n-1")), Take("tea", 1)))
    admin.execute("rollback")
    assert storage.load(Note, "n-1") is None
    done(storage, Take("tea", 1))


@pytest.mark.parametrize(("pooled", "timeout"), [(True, "0"), (False, "200ms")])
def test_the_timeout_for_locks_stays_in_a_session_of_our_own_and_in_no_other(open_shop: Opener, *, pooled: bool, timeout: str) -> None:
    storage = open_shop(pooled=pooled, lock_timeout=0.2)
    done(storage, Grant("tea", 10))
    done(storage, Take("tea", 1))
    with storage._lender.lent() as cursor:
        assert cursor.execute("select current_setting('lock_timeout'), current_setting('synchronous_commit')").fetchone() == (timeout, "on")


def test_a_schema_that_is_gone_is_a_mismatch(storage: PostgresStorage, admin: Any, schema: str) -> None:
    admin.execute(f"drop schema {schema} cascade")
    for call in (lambda: storage.commit(a_change(put(Note("n-1")))), lambda: storage.load(Note, "n-1"), lambda: storage.find(Query(Note))):
        with pytest.raises(SchemaMismatch, match=r"lacks a table, a column or a function .*; run `shopwright db upgrade postgresql:"):
            call()


def test_a_standby_reads_and_takes_no_writes(postgres_server: LocalPostgres, open_shop: Opener, schema: str, admin: Any) -> None:
    done(open_shop(), put(Note("n-1")))
    admin.execute("create role reader login")
    try:
        admin.execute("alter role reader set default_transaction_read_only = on")
        admin.execute(f"grant usage on schema {schema} to reader")
        admin.execute(f"grant select, insert, update on all tables in schema {schema} to reader")
        storage = open_shop(conninfo=postgres_server.conninfo.replace("user=postgres", "user=reader"), upgrade=False)
        assert storage.load(Note, "n-1") is not None
        with pytest.raises(StorageUnavailable, match="takes no writes"):
            storage.commit(a_change(put(Note("n-2"))))
        storage.close()
    finally:
        admin.execute("drop owned by reader")
        admin.execute("drop role reader")


def test_changesets_that_lock_in_every_order_never_deadlock(open_shop: Opener, admin: Any) -> None:
    """Moves, holds, records and documents come in any order; the store takes its locks in one."""
    storage = open_shop(lock_timeout=20)
    done(storage, *(Grant(f"k-{number}", 100_000, rank=number % 3) for number in range(4)), *(put(Note(f"n-{number}")) for number in range(4)))
    (before,) = admin.execute("select deadlocks from pg_stat_database where datname = current_database()").fetchone()

    def work(name: int) -> None:
        view = open_shop(upgrade=False, lock_timeout=20)
        for number in range(25):
            order = [(place * (name + 1) + number) % 4 for place in range(4)]
            moves = [Take(f"k-{key}", 1) for key in dict.fromkeys(order)]
            records = [noted(1, key=f"r-{name}-{number}-{key}") for key in dict.fromkeys(order)]
            done(view, *moves, *records, *(put(Note(f"d-{name}-{number}-{key}")) for key in dict.fromkeys(order)))

    threads = [Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (after,) = admin.execute("select deadlocks from pg_stat_database where datname = current_database()").fetchone()
    assert after == before
    assert sum(counts(storage, f"k-{number}")[1] for number in range(4)) == sum(
        len({(place * (name + 1) + number) % 4 for place in range(4)}) for name in range(4) for number in range(25)
    )


def test_only_errors_of_the_server_and_the_network_are_outages() -> None:
    assert [faults.is_outage(error) for error in (psycopg.OperationalError(), psycopg.InterfaceError(), psycopg.InternalError())] == [True] * 3
    assert [faults.is_outage(error) for error in (psycopg.ProgrammingError("bad"), psycopg.DataError(), ValueError(), None)] == [False] * 4
