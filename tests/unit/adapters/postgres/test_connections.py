"""Connections: made when needed, told apart when they fail, replaced when the server closed them, and silent about passwords."""

from __future__ import annotations

import os
import signal
import traceback
from threading import Event, Thread
from typing import Any

import psycopg
import pytest

from shopwright.adapters.postgres.connections import Connections
from shopwright.adapters.postgres.storage import PostgresStorage
from shopwright.errors import InvalidValue, Outage, StorageBusy, StorageUnavailable
from shopwright.ports.quotas import Grant, Take
from shopwright.ports.storage import Committed, Stored
from shopwright.testing.postgres import LocalPostgres
from shopwright.testing.samples import SAMPLE_KINDS, Note
from shopwright.testing.storage_contract.steps import a_change, counts, done, put
from tests.unit.adapters.postgres.conftest import Opener


def test_a_server_that_is_not_there_is_told_at_once_with_its_place() -> None:
    with pytest.raises(StorageUnavailable, match=r"no connection to postgresql://127\.0\.0\.1:1/shop .*; nothing was written"):
        PostgresStorage.open("host=127.0.0.1 port=1 dbname=shop", kinds=SAMPLE_KINDS)


def test_a_database_that_is_not_there_is_told(postgres_server: LocalPostgres) -> None:
    with pytest.raises(StorageUnavailable, match='database "nowhere" does not exist'):
        PostgresStorage.open(postgres_server.conninfo.replace("dbname=postgres", "dbname=nowhere"), kinds=SAMPLE_KINDS)


@pytest.mark.parametrize(
    "conninfo",
    [
        "host=127.0.0.1 port=1 dbname=shop user=ann password=s3cret",
        "postgresql://ann:s3cret@127.0.0.1:1/shop",
        "postgresql://ann:s3cret@127.0.0.1:port/shop",
        "host=127.0.0.1 password='s3cret",
        "password=s3cret nothing",
    ],
)
def test_a_password_is_in_no_error(conninfo: str) -> None:
    with pytest.raises((StorageUnavailable, InvalidValue)) as raised:
        PostgresStorage.open(conninfo, kinds=SAMPLE_KINDS)
    assert "s3cret" not in "".join(traceback.format_exception(raised.value, chain=True)).replace(repr(conninfo), "").replace(conninfo, "")


def test_a_login_that_is_not_accepted_is_told_without_the_password(admin: Any, postgres_server: LocalPostgres) -> None:
    rules = postgres_server.folder / "data" / "pg_hba.conf"
    before = rules.read_text()
    admin.execute("create role locked_out login password 'other'")
    try:
        rules.write_text("local all locked_out scram-sha-256\n" + before)
        admin.execute("select pg_reload_conf()")
        conninfo = postgres_server.conninfo.replace("user=postgres", "user=locked_out") + " password=s3cret"
        with pytest.raises(StorageUnavailable, match=r"did not accept the login .*; check the user and the password") as raised:
            _until_refused(conninfo)
        assert "s3cret" not in str(raised.value)
    finally:
        rules.write_text(before)
        admin.execute("select pg_reload_conf()")
        admin.execute("drop role locked_out")


def _until_refused(conninfo: str) -> None:
    """The server takes a moment to read its rules again."""
    for _ in range(500):
        Connections(conninfo, least=1).open()


def test_the_storage_shows_its_place_and_never_its_login(open_shop: Opener, postgres_server: LocalPostgres, schema: str) -> None:
    storage = open_shop(conninfo=postgres_server.conninfo + " password=s3cret")
    assert repr(storage.scoped("shop-1")).startswith("<PostgresStorage on postgresql:///postgres?host=")
    assert repr(storage.scoped("shop-1")).endswith(f"schema \"{schema}\", scope 'shop-1'>")
    assert "s3cret" not in repr(storage)


def test_a_connection_that_the_server_closed_while_idle_is_replaced_unnoticed(storage: PostgresStorage, admin: Any) -> None:
    done(storage, put(Note("n-1")))
    with storage._lender.lent() as cursor:
        process = cursor.connection.info.backend_pid
    admin.execute("select pg_terminate_backend(%s, 5000)", (process,))
    done(storage, put(Note("n-2")))
    assert storage.load(Note, "n-1") == Stored(Note("n-1"), 1)


def test_a_connection_that_is_lost_in_the_middle_is_an_outage_and_the_operation_tells_what_became_of_it(storage: PostgresStorage, admin: Any) -> None:
    done(storage, Grant("tea", 10))
    change = a_change(put(Note("n-1")), Take("tea", 3), answer="taken")
    admin.execute("begin")
    admin.execute(f"lock table {storage._engine.schema}.quota in access exclusive mode")
    outcomes: list[Any] = []
    writer = Thread(target=lambda: outcomes.append(_outcome(storage, change)))
    writer.start()
    waiting = _process_that_waits(admin)
    admin.execute("select pg_terminate_backend(%s, 5000)", (waiting,))
    writer.join()
    admin.execute("rollback")
    assert isinstance(outcomes[0], StorageUnavailable)
    assert "run the same command again with the same key" in str(outcomes[0])
    assert (storage.load(Note, "n-1"), counts(storage, "tea")) == (None, (10, 0, 0))
    assert storage.commit(change) == Committed("taken")
    assert storage.commit(change) == Committed("taken", repeated=True)
    assert counts(storage, "tea") == (10, 3, 0)


def test_who_waits_longer_than_allowed_for_a_connection_is_told_that_nothing_was_written(open_shop: Opener) -> None:
    storage = open_shop(pool_max=1, lock_timeout=0.05)
    with storage._lender.lent(), pytest.raises(StorageBusy, match=r"none of the 1 connections .* nothing was written"):
        storage.load(Note, "n-1")
    assert storage.load(Note, "n-1") is None


def test_threads_share_a_few_connections(open_shop: Opener, admin: Any) -> None:
    storage = open_shop(pool_max=2)
    done(storage, Grant("tea", 1_000))
    go = Event()

    def take(name: int) -> None:
        go.wait()
        for number in range(20):
            storage.commit(a_change(Take("tea", 1), key=f"take-{name}-{number}"))

    threads = [Thread(target=take, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    go.set()
    for thread in threads:
        thread.join()
    assert counts(storage, "tea") == (1_000, 120, 0)


def test_a_closed_storage_says_so(open_shop: Opener) -> None:
    storage = open_shop()
    view = storage.scoped("shop-1")
    view.close()
    assert storage.load(Note, "n-1") is None
    storage.close()
    for call in (lambda: storage.load(Note, "n-1"), lambda: view.quota(("tea",), at=a_change().at), lambda: storage.commit(a_change())):
        with pytest.raises(StorageUnavailable, match="was closed; open another"):
            call()


@pytest.mark.parametrize("bounds", [{"pool_min": 3, "pool_max": 2}, {"pool_min": 0, "pool_max": 0}, {"lock_timeout": 0.0}, {"durability": "best"}])
def test_settings_without_a_meaning_are_refused(open_shop: Opener, bounds: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue):
        open_shop(**bounds)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_leaves_the_connections_of_its_parent_alone(storage: PostgresStorage) -> None:
    done(storage, put(Note("n-1")))
    with storage._lender.lent() as cursor:
        ours = cursor.connection.info.backend_pid
    child = os.fork()
    if not child:
        code = 1
        try:
            storage.commit(a_change(put(Note("n-2")), key="of the child"))
            with storage._lender.lent() as cursor:
                code = 0 if cursor.connection.info.backend_pid != ours else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    done(storage, put(Note("n-3")))
    with storage._lender.lent() as cursor:
        assert cursor.connection.info.backend_pid == ours
    assert set(storage.load_many(Note, ("n-1", "n-2", "n-3"))) == {"n-1", "n-2", "n-3"}


def test_a_server_that_crashes_in_the_middle_of_a_commit_leaves_all_of_it_or_nothing() -> None:
    with LocalPostgres(settings={"autovacuum": "off"}) as server:
        storage = PostgresStorage.open(server.conninfo, kinds=SAMPLE_KINDS, upgrade=True)
        done(storage, Grant("tea", 100))
        admin = psycopg.connect(server.conninfo, autocommit=True)
        admin.execute("begin")
        admin.execute("lock table shopwright.quota in access exclusive mode")
        change = a_change(put(Note("n-1")), Take("tea", 3), answer="taken")
        outcomes: list[Any] = []
        writer = Thread(target=lambda: outcomes.append(_outcome(storage, change)))
        writer.start()
        _process_that_waits(admin)
        server.crash()
        writer.join()
        admin.close()
        assert isinstance(outcomes[0], StorageUnavailable), outcomes
        with pytest.raises(StorageUnavailable):
            storage.load(Note, "n-1")
        server.start()
        assert (storage.load(Note, "n-1"), counts(storage, "tea")) == (None, (100, 0, 0))
        assert storage.commit(change) == Committed("taken")
        server.crash()
        server.start()
        assert storage.commit(change) == Committed("taken", repeated=True)
        assert (storage.load(Note, "n-1"), counts(storage, "tea")) == (Stored(Note("n-1"), 1), (100, 3, 0))
        storage.close()


def test_an_interrupted_call_gives_its_connection_back(open_shop: Opener) -> None:
    storage = open_shop(pool_max=1, lock_timeout=0.5)

    def interrupt(signum: int, frame: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(KeyboardInterrupt), storage._lender.lent() as cursor:
            cursor.execute("select pg_sleep(5)")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert storage.load(Note, "n-1") is None


def _outcome(storage: PostgresStorage, change: Any) -> Any:
    try:
        return storage.commit(change)
    except Outage as outage:
        return outage


def _process_that_waits(admin: Any) -> int:
    """The server process that waits for a lock that `admin` has."""
    while True:
        row = admin.execute("select pid from pg_locks where not granted and pid <> pg_backend_pid()").fetchone()
        if row:
            return row[0]


def test_a_server_that_only_has_news_is_not_taken_to_be_gone(storage: PostgresStorage, admin: Any) -> None:
    with storage._lender.lent() as cursor:
        ours = cursor.connection.info.backend_pid
    try:
        admin.execute("alter system set timezone = 'Asia/Tokyo'")
        admin.execute("select pg_reload_conf()")
        while admin.execute("show timezone").fetchone() != ("Asia/Tokyo",):
            pass
        with storage._lender.lent() as cursor:
            assert cursor.connection.info.backend_pid == ours
    finally:
        admin.execute("alter system reset timezone")
        admin.execute("select pg_reload_conf()")
