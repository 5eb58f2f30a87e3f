"""A storage that is locked, full, damaged, too new or cut off: the documented exception, nothing half written, and the same command
afterwards is done exactly once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any

import pytest
from attrs import evolve

from shopwright import Order, PayOrder, ReceiveStock, Shop, accepted
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.adapters.sqlite.connections import Connections
from shopwright.adapters.sqlite.engine import Engine
from shopwright.errors import SchemaMismatch, StorageBusy, StorageCorrupted, StorageFull, StorageUnavailable, UndecodableDocument
from shopwright.payments.errors import ReconciliationRequired
from shopwright.ports.kinds import Index, IndexType, Kinds
from shopwright.ports.storage import Query, Storage
from shopwright.testing.postgres import LocalPostgres
from shopwright.wire.codec import Codec
from shopwright.wire.kinds import KINDS, ORDER
from tests.flows.mall import ANN, CLERK, Mall, an_order, paid, placed
from tests.flows.pictures import picture, repeated
from tests.flows.scenarios import SCENARIOS, Scenario
from tests.flows.troubles import Interrupted
from tests.surroundings import peer

_NAMES = ("receive stock", "place with a coupon", "pay tok_ok", "record a voucher", "cancel and refund", "ship with a carrier", "relay")
SOME = tuple(scenario for scenario in SCENARIOS if scenario.name in _NAMES)
"""Scenarios that write one changeset, several of them, and several with calls to the outside in between."""

by_name = pytest.mark.parametrize("scenario", SOME, ids=lambda scenario: scenario.name.replace(" ", "-"))


def _prepared(storage: Storage, scenario: Scenario) -> tuple[Mall, Any]:
    mall = Mall(storage, terms=scenario.terms, ways=scenario.ways)
    return mall, scenario.prepare(mall)


# SQLite


def _file(folder: Path, name: str = "mall") -> Path:
    return folder / f"{name}.sqlite"


def _opened(folder: Path, name: str = "mall", *, busy_timeout: float = 5) -> SqliteStorage:
    return SqliteStorage.open(_file(folder, name), kinds=KINDS, upgrade=True, durability="normal", busy_timeout=busy_timeout)


@by_name
def test_a_database_that_is_locked_at_any_commit_is_busy_and_the_command_goes_on_once_it_is_free(scenario: Scenario, tmp_path: Path) -> None:
    quiet, subject = _prepared(calm := Interrupted(_opened(tmp_path)), scenario)  # type: ignore[arg-type]  # it answers as one
    before = calm.commits
    scenario.act(quiet, subject)
    commits = calm.commits - before
    expected = repeated(quiet, scenario, subject)
    assert commits

    for number in range(1, commits + 1):
        name = f"locked-{number}"
        other = sqlite3.connect(_file(tmp_path, name), isolation_level=None)
        storage = Interrupted(_opened(tmp_path, name, busy_timeout=0.01))
        mall, subject = _prepared(storage, scenario)  # type: ignore[arg-type]
        storage.before_commit(number, partial(other.execute, "begin immediate"))
        with pytest.raises((StorageBusy, ReconciliationRequired), match="nothing was written; run the command again"):
            scenario.act(mall, subject)
        other.execute("rollback")
        other.close()
        assert repeated(mall, scenario, subject) == expected, f"locked at commit {number}"
        storage.close()
    quiet.storage.close()


def _with_room_for(folder: Path, pages: int) -> SqliteStorage:
    """The storage of a mall on a disk that has room for so many more pages; a fault gives it room again."""
    connections = Connections(_file(folder), durability="normal", busy_timeout=1)
    with connections.writing() as cursor:
        (now,) = cursor.execute("pragma page_count").fetchone()
        cursor.execute(f"pragma max_page_count={now + pages}")
    return SqliteStorage(Engine(Codec(KINDS), connections.place), connections)


def test_a_full_disk_writes_nothing_half_wherever_it_strikes_and_the_command_goes_on_once_there_is_room(tmp_path: Path) -> None:
    mall = Mall(_opened(tmp_path))
    accepted(mall.shop.goods.receive(ReceiveStock(key="tea", by=CLERK, sku="TEA", quantity=1_000)))
    accepted(mall.shop.goods.receive(ReceiveStock(key="cup", by=CLERK, sku="CUP", quantity=1_000)))
    struck: set[int] = set()
    for number in range(1, 41):
        assert len(mall.orders()) == number - 1
        mall.storage.close()
        mall.storage = _with_room_for(tmp_path, number % 10)
        mall.reopened()
        with suppress(StorageFull, ReconciliationRequired):
            _sold(mall, number)
            continue
        struck.add(len(mall.provider.movements()) - number)
        order = _sold(mall, number)
        assert (order.state, order.paid) == ("confirmed", 4900)
        assert len(mall.orders()) == len(mall.provider.movements()) == number
        picture(mall)
    assert struck == {-1, 0}, "it struck before money moved, and after"
    mall.storage.close()


def _sold(mall: Mall, number: int) -> Order:
    order = placed(mall.shop, an_order(key=f"place-{number}"))
    return accepted(mall.shop.payments.pay(PayOrder(key=f"pay-{number}", by=ANN, order_id=order.id)))


def test_a_file_that_is_no_database_or_of_a_newer_release_is_not_opened_and_not_touched(tmp_path: Path) -> None:
    diary = _file(tmp_path, "diary")
    diary.write_text("Dear diary, today I sold a teapot. " * 100)
    with pytest.raises(StorageCorrupted, match="is damaged or is no SQLite database"):
        Shop.open(f"sqlite:///{diary}")
    assert diary.read_text().startswith("Dear diary")

    mall = Mall(_opened(tmp_path))
    order = paid(mall.shop)
    mall.storage.close()
    later = sqlite3.connect(_file(tmp_path), isolation_level=None)
    later.execute("insert into shopwright_migration values (1000, 'from the future', '2031-01-01T00:00:00.000000Z')")
    with pytest.raises(SchemaMismatch, match="newer than this release"):
        Shop.open(f"sqlite:///{_file(tmp_path)}")
    later.execute("delete from shopwright_migration where name = 'from the future'")
    later.close()
    shop = Shop.open(f"sqlite:///{_file(tmp_path)}")
    assert shop.orders.get(order.id) == order
    shop.close()


def test_a_file_that_became_newer_while_it_was_open_is_written_no_more(tmp_path: Path) -> None:
    mall = Mall(_opened(tmp_path))
    order = placed(mall.shop)
    by_channel = Index("channel", IndexType.TEXT, lambda order: order.channel)
    kinds = Kinds((evolve(ORDER, indexes=(*ORDER.indexes, by_channel)), *KINDS.documents[1:]), KINDS.records)
    newer = SqliteStorage.open(_file(tmp_path), kinds=kinds, upgrade=True)
    with pytest.raises(SchemaMismatch, match="which this release does not declare"):
        mall.shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id))
    assert mall.provider.movements() == ()

    mall.storage.close()
    mall.storage = newer
    assert accepted(mall.reopened().payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id))).paid == 4900
    newer.close()


def test_damaged_pages_are_told_and_never_read_as_orders(tmp_path: Path) -> None:
    mall = Mall(_opened(tmp_path))
    accepted(mall.shop.goods.receive(ReceiveStock(key="tea", by=CLERK, sku="TEA", quantity=1_000)))
    accepted(mall.shop.goods.receive(ReceiveStock(key="cup", by=CLERK, sku="CUP", quantity=1_000)))
    for number in range(30):
        placed(mall.shop, an_order(key=f"o{number}"))
    mall.storage.close()
    data = bytearray(_file(tmp_path).read_bytes())
    data[4_096:] = Random(1).randbytes(len(data) - 4_096)
    _file(tmp_path).write_bytes(data)

    with pytest.raises(StorageCorrupted, match="is damaged or is no SQLite database"), closing(_damaged(tmp_path)) as shop:
        shop.orders.find(Query(Order))


def _damaged(folder: Path) -> Shop:
    return Shop(SqliteStorage.open(_file(folder), kinds=KINDS))


def test_an_order_whose_body_makes_no_sense_is_told_and_left_alone(tmp_path: Path) -> None:
    mall = Mall(_opened(tmp_path))
    broken, whole = placed(mall.shop), placed(mall.shop, an_order(key="o2"))
    other = sqlite3.connect(_file(tmp_path), isolation_level=None)
    (body,) = other.execute("""select body from "order" where id = ?""", (broken.id,)).fetchone()
    other.execute("""update "order" set body = '{"id": 7}' where id = ?""", (broken.id,))

    for act in (lambda: mall.shop.orders.get(broken.id), lambda: mall.shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=broken.id))):
        with pytest.raises(UndecodableDocument, match="a stored order of shape 1 cannot be read"):
            act()
    assert mall.provider.movements() == ()
    assert mall.shop.orders.get(whole.id) == whole
    other.execute("""update "order" set body = ? where id = ?""", (body, broken.id))
    other.close()
    assert accepted(mall.shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=broken.id))).paid == 4900
    mall.storage.close()


# PostgreSQL


@by_name
def test_a_connection_that_is_lost_before_any_commit_is_replaced_or_told_and_the_command_goes_on(
    scenario: Scenario, postgres_server: LocalPostgres, postgres_database: str
) -> None:
    shared, psycopg = _on_postgres(postgres_database), peer("psycopg")
    name = psycopg.conninfo.conninfo_to_dict(postgres_database)["dbname"]
    with psycopg.connect(postgres_server.conninfo, autocommit=True) as admin:

        def cut() -> int:
            return len(admin.execute("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s", (name,)).fetchall())

        quiet, subject = _prepared(calm := Interrupted(shared.scoped("quiet")), scenario)  # type: ignore[arg-type]
        before = calm.commits
        scenario.act(quiet, subject)
        commits = calm.commits - before
        expected = repeated(quiet, scenario, subject)

        for number in range(1, commits + 1):
            storage = Interrupted(shared.scoped(f"cut-{number}"))
            mall, subject = _prepared(storage, scenario)  # type: ignore[arg-type]
            cuts: list[int] = []
            storage.before_commit(number, lambda cuts=cuts: cuts.append(cut()))  # type: ignore[misc]
            with suppress(StorageUnavailable):
                scenario.act(mall, subject)
            assert sum(cuts) > 0
            assert repeated(mall, scenario, subject) == expected, f"cut before commit {number}"
    shared.close()


def test_a_connection_that_is_lost_in_the_middle_of_placing_and_of_paying_is_an_outage_and_nothing_happens_twice(
    postgres_server: LocalPostgres, postgres_database: str
) -> None:
    shared = _on_postgres(postgres_database)
    mall = Mall(shared)
    with peer("psycopg").connect(postgres_database, autocommit=True) as admin:
        order = _cut_off(lambda: placed(mall.shop), admin)
        assert mall.orders() == (order,)
        paid_order = _cut_off(lambda: accepted(mall.shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id))), admin)
        assert (paid_order.paid, len(mall.provider.movements())) == (4900, 1)
        picture(mall)
    shared.close()


def _on_postgres(conninfo: str) -> Any:
    return peer("shopwright.adapters.postgres.storage").PostgresStorage.open(conninfo, kinds=KINDS, upgrade=True)


def _cut_off(act: Callable[[], Order], admin: Any) -> Order:
    """The connection is ended while the act waits for a lock; the act is an outage, and done when it is sent again."""
    outcomes: list[Any] = []

    def run() -> None:
        try:
            outcomes.append(act())
        except StorageUnavailable as error:
            outcomes.append(error)

    admin.execute("begin")
    admin.execute("""lock table shopwright."order", shopwright.operation in share mode""")
    writer = Thread(target=run)
    writer.start()
    waiting = "select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    while (row := admin.execute(waiting).fetchone()) is None:
        assert writer.is_alive(), outcomes
    admin.execute("select pg_terminate_backend(%s, 5000)", row)
    writer.join()
    admin.execute("rollback")
    assert isinstance(outcomes[0], StorageUnavailable), outcomes
    assert "run the same command again with the same key" in str(outcomes[0])
    return act()
