"""Inside a host's transaction: a savepoint on the host's own connection."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from shopwright.adapters.postgres.storage import PostgresStorage
from shopwright.errors import InvalidValue, KeyConflict, NotSupportedHere, StorageBusy, VersionConflict
from shopwright.ports.quotas import CommitHold, Grant, Quota, Take
from shopwright.ports.storage import Committed, Drop, Query, Stored
from shopwright.refusals import Refusal
from shopwright.testing.clock import NOON
from shopwright.testing.postgres import LocalPostgres
from shopwright.testing.samples import Note, Secret
from shopwright.testing.storage_contract.steps import LATER, a_change, counts, done, every_record, hold, noted, put, refused
from tests.unit.adapters.postgres.conftest import Opener


@pytest.fixture(params=[True, False], ids=["function", "statements"])
def storage(request: pytest.FixtureRequest, open_shop: Opener) -> PostgresStorage:
    return open_shop(functions=request.param)


@pytest.fixture
def host(postgres_server: LocalPostgres, schema: str) -> Iterator[Any]:
    """An application's connection, with a row factory and a time zone of its own, and a table of its own."""
    with psycopg.connect(postgres_server.conninfo, row_factory=dict_row) as connection:
        connection.execute("set time zone 'Pacific/Auckland'")
        connection.execute(f"create table if not exists host_{schema} (word text)")
        connection.commit()
        yield connection
        connection.rollback()
        connection.execute(f"drop table host_{schema}")


def test_what_is_written_is_the_hosts_to_commit(storage: PostgresStorage, host: Any, schema: str) -> None:
    joined = storage.joined(host)
    host.execute(f"insert into host_{schema} values ('ours')")
    done(joined, put(Note("n-1", written_at=NOON)), noted(1), Grant("tea", 5))
    done(joined, Take("tea", 2))
    assert joined.load(Note, "n-1") == Stored(Note("n-1", written_at=NOON), 1)
    assert [stored.value.id for stored in joined.find(Query(Note, order_by="written_at")).items] == ["n-1"]
    assert (storage.load(Note, "n-1"), counts(storage, "tea")) == (None, (0, 0, 0))
    host.commit()
    assert storage.load(Note, "n-1") == Stored(Note("n-1", written_at=NOON), 1)
    assert [record.at for record in every_record(storage)] == [NOON]
    assert host.execute(f"select word from host_{schema}").fetchall() == [{"word": "ours"}]


def test_a_host_that_rolls_back_takes_everything_back(storage: PostgresStorage, host: Any) -> None:
    done(storage.joined(host), put(Note("n-1")), noted(1), Grant("tea", 5))
    host.rollback()
    assert (storage.load(Note, "n-1"), counts(storage, "tea"), list(every_record(storage))) == (None, (0, 0, 0), [])


def test_a_refusal_leaves_the_transaction_usable_and_nothing_of_the_changeset(storage: PostgresStorage, host: Any, schema: str) -> None:
    joined = storage.joined(host)
    host.execute(f"insert into host_{schema} values ('before')")
    done(joined, Grant("tea", 1), put(Note("n-0", slug="tea")))
    assert refused(joined, put(Note("n-1")), noted(1), Take("tea", 2)).code == "quota_exhausted"
    assert refused(joined, put(Note("n-2", slug="tea"))).code == "index_taken"
    assert refused(joined, CommitHold("none")).code == "hold_unknown"
    host.execute(f"insert into host_{schema} values ('after')")
    host.commit()
    assert set(storage.load_many(Note, ("n-0", "n-1", "n-2"))) == {"n-0"}
    assert [row["word"] for row in host.execute(f"select word from host_{schema}").fetchall()] == ["before", "after"]


def test_a_conflict_raises_and_leaves_the_transaction_usable(storage: PostgresStorage, host: Any) -> None:
    done(storage, put(Note("n-1")), noted(1))
    joined = storage.joined(host)
    with pytest.raises(VersionConflict):
        joined.commit(a_change(put(Note("n-1"))))
    with pytest.raises(VersionConflict):
        joined.commit(a_change(noted(1)))
    with pytest.raises(VersionConflict):
        joined.commit(a_change(noted(3)))
    done(joined, put(Note("n-1", "new"), expected=1), noted(2))
    host.commit()
    assert storage.load(Note, "n-1") == Stored(Note("n-1", "new"), 2)


def test_an_operation_happens_once_whoever_commits_it(storage: PostgresStorage, host: Any) -> None:
    change = a_change(put(Note("n-1")), answer="yes")
    assert storage.joined(host).commit(change) == Committed("yes")
    assert storage.joined(host).commit(change) == Committed("yes", repeated=True)
    host.commit()
    assert storage.commit(change) == Committed("yes", repeated=True)
    with pytest.raises(KeyConflict):
        storage.joined(host).commit(a_change(put(Note("n-2")), key=change.operation.key, command="another"))
    host.rollback()


def test_lapsed_holds_are_reclaimed_inside_the_transaction_and_come_back_with_it(storage: PostgresStorage, host: Any) -> None:
    done(storage, Grant("tea", 5))
    done(storage, hold("h-1", ("tea", 5)))
    joined = storage.joined(host)
    assert refused(joined, Take("tea", 1), at=NOON).code == "quota_exhausted"
    done(joined, Take("tea", 1), at=LATER)
    assert joined.quota(("tea",), at=NOON)["tea"] == Quota("tea", 5, 1, 0)
    host.rollback()
    done(storage, CommitHold("h-1"), at=LATER)
    assert counts(storage, "tea") == (5, 5, 0)


def test_a_scope_and_an_erasure_work_inside_too(storage: PostgresStorage, host: Any) -> None:
    joined = storage.scoped("shop-1").joined(host)
    done(joined, put_secret := put_a_secret("s-1"))
    done(joined, Drop(Secret, put_secret.id))
    host.commit()
    assert storage.scoped("shop-1").load(Secret, "s-1") is None
    with pytest.raises(NotSupportedHere, match="scopes do not nest"):
        joined.scoped("shop-2")
    joined.close()
    assert storage.load(Note, "n-1") is None


def put_a_secret(id: str) -> Any:
    from shopwright.ports.storage import Put

    return Put(id, Secret(id, b"key"))


def test_a_connection_without_a_transaction_is_refused(storage: PostgresStorage, postgres_server: LocalPostgres) -> None:
    with psycopg.connect(postgres_server.conninfo, autocommit=True) as idle:
        joined = storage.joined(idle)
        with pytest.raises(NotSupportedHere, match=r"connection\.transaction"):
            joined.commit(a_change(put(Note("n-1"))))
        with idle.transaction():
            done(joined, put(Note("n-1")))
    assert storage.load(Note, "n-1") == Stored(Note("n-1"), 1)
    with pytest.raises(InvalidValue, match=r"expected a psycopg\.Connection, got str"):
        storage.joined("not a connection")  # type: ignore[arg-type]  # the point of the test


def test_a_deadlock_with_the_host_is_busy_and_not_retried(storage: PostgresStorage, host: Any, postgres_server: LocalPostgres) -> None:
    """The host locks against the order of the port, which only it can put right."""
    done(storage, Grant("a", 5), Grant("b", 5))
    joined = storage.joined(host)
    host.execute("set local deadlock_timeout = '30ms'")
    done(joined, Take("b", 1))
    with psycopg.connect(postgres_server.conninfo) as other:
        other.execute("set local deadlock_timeout = '10s'")
        theirs = storage.joined(other)
        done(theirs, Take("a", 1))
        waiter = Thread(target=lambda: done(theirs, Take("b", 1)))
        waiter.start()
        with pytest.raises(StorageBusy, match="deadlock detected"):
            joined.commit(a_change(Take("a", 1)))
        host.rollback()
        waiter.join()
    assert (counts(storage, "a"), counts(storage, "b")) == ((5, 1, 0), (5, 1, 0))


def test_a_hosts_snapshot_that_is_too_old_is_busy(storage: PostgresStorage, host: Any) -> None:
    done(storage, Grant("tea", 5))
    host.execute("set transaction isolation level repeatable read")
    joined = storage.joined(host)
    assert joined.quota(("tea",), at=NOON)["tea"].free == 5
    done(storage, Take("tea", 1))
    with pytest.raises(StorageBusy, match="could not serialize access"):
        joined.commit(a_change(Take("tea", 1)))
    host.rollback()


def test_a_refusal_is_the_same_value_as_outside(storage: PostgresStorage, host: Any) -> None:
    change = a_change(Take("tea", 2))
    inside = storage.joined(host).commit(change)
    host.rollback()
    assert inside == storage.commit(change)
    assert isinstance(inside, Refusal)
