"""Whoever dies, and whenever: each order that is there has its hold, none is lost that was acknowledged, and in the end exactly all is sold.

Sellers in many threads take a unit of one hot quota for each order, until they or the server are killed with SIGKILL.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import count
from random import Random
from threading import Event
from time import sleep
from typing import Any

import psycopg
import pytest

from shopwright.adapters.postgres.storage import PostgresStorage
from shopwright.errors import Outage, StorageUnavailable
from shopwright.ports.quota_ways import QuotaWays
from shopwright.ports.quotas import CommitHold, Grant, Take
from shopwright.ports.storage import Changeset, Committed, Storage
from shopwright.testing.clock import NOON
from shopwright.testing.postgres import LocalPostgres
from shopwright.testing.samples import SAMPLE_KINDS, Note
from shopwright.testing.storage_contract.processes import Worker
from shopwright.testing.storage_contract.steps import a_change, counts, done, hold, put, refused

UNITS = 100_000
THREADS = 8
KILLS = 3
LONGEST = 0.3
BLOCK = 1_000_000
"""From one kill to the next the numbers of orders are far more apart than anybody sells between them."""
AFTER = NOON + timedelta(minutes=2)
"""When holds without an order have lapsed, and those of orders have not."""


def opened(conninfo: str, schema: str, way: str) -> PostgresStorage:
    """What each process opens."""
    return PostgresStorage.open(conninfo, kinds=SAMPLE_KINDS, schema=schema, upgrade=True, ways=QuotaWays({"hot": way}))


def order(number: int) -> Changeset:
    """An order for one hot unit and one that nobody else wants."""
    note = put(Note(f"n-{number}", serial=number))
    return a_change(note, hold(f"h-{number}", ("hot", 1), ("cold", 1), until=NOON + timedelta(hours=1)), key=f"order-{number}", command="order")


def sell(storage: Storage, first: int) -> Iterator[int]:
    """Place orders in many threads, and tell the number of each that was acknowledged."""
    with ThreadPoolExecutor(THREADS) as pool:
        for begin in count(first, THREADS):
            numbers = range(begin, begin + THREADS)
            for number, outcome in zip(numbers, pool.map(lambda number: storage.commit(order(number)), numbers), strict=True):
                assert isinstance(outcome, Committed), outcome
                yield number


def sell_until_it_is_gone(storage: Storage, first: int, begun: Event) -> list[int]:
    """The numbers of the orders that were acknowledged before the server went away."""
    sold: list[int] = []

    def work(thread: int) -> None:
        with suppress(Outage):
            for number in count(first + thread, THREADS):
                assert isinstance(storage.commit(order(number)), Committed)
                sold.append(number)
                begun.set()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    return sold


def check_orders(storage: Storage, numbers: range, acknowledged: list[int]) -> list[int]:
    """Which of these orders are there: all that were acknowledged, and every one with its hold, which it can still use."""
    found = storage.load_many(Note, [f"n-{number}" for number in numbers])
    there = [number for number in numbers if f"n-{number}" in found]
    assert set(acknowledged) <= set(there)
    done(storage, *(CommitHold(f"h-{number}") for number in there))
    assert counts(storage, "cold")[2] == 0, "a hold without its order is on a key that is not hot"
    return there


def check_all_is_sold(storage: Storage, orders: int) -> None:
    """What no order has is free again once the holds of the dead have lapsed, to the last unit and not one more."""
    assert counts(storage, "hot", at=AFTER) == (UNITS, orders, 0)
    done(storage, Take("hot", UNITS - orders), at=AFTER)
    assert refused(storage, Take("hot", 1), at=AFTER).code == "quota_exhausted"
    assert counts(storage, "hot", at=NOON) == (UNITS, UNITS, 0)


def wait_until_gone(admin: Any) -> None:
    """The server does to the end what a killed client has sent it, and ends its connections then."""
    for _ in range(1_000):
        if not admin.execute("select count(*) from pg_stat_activity where application_name = 'seller'").fetchone()[0]:
            return
        sleep(0.01)
    raise AssertionError("a server process works on for a client that is gone")


@pytest.mark.parametrize("way", ["hold_first", "batched"])
def test_sellers_that_are_killed_lose_no_order_and_no_unit(postgres_server: LocalPostgres, schema: str, admin: Any, way: str) -> None:
    open_it, chance, sold = partial(opened, f"{postgres_server.conninfo} application_name=seller", schema, way), Random(way), 0
    storage = opened(postgres_server.conninfo, schema, way)
    done(storage, Grant("hot", UNITS), Grant("cold", UNITS))
    for kill in range(KILLS):
        first = kill * BLOCK
        seller = Worker(open_it, sell, first)
        acknowledged = [seller.next()]
        sleep(chance.random() * LONGEST)
        seller.kill()
        acknowledged += seller.rest()
        wait_until_gone(admin)
        sold += len(check_orders(storage, range(first, max(acknowledged) + 2 * THREADS), acknowledged))
    check_all_is_sold(storage, sold)
    storage.close()


@pytest.fixture
def fragile() -> Iterator[LocalPostgres]:
    """A server that writes late what nobody waits for, so that its end loses as much as can be lost."""
    with LocalPostgres(settings={"wal_writer_delay": "10s", "wal_writer_flush_after": "0", "autovacuum": "off"}) as server:
        yield server


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL for the processes of a server")
@pytest.mark.parametrize("way", ["hold_first", "batched"])
def test_a_server_that_is_killed_and_started_again_has_every_order_that_was_acknowledged_with_its_hold(fragile: LocalPostgres, way: str) -> None:
    chance, sold = Random(way), 0
    storage = opened(fragile.conninfo, "shop", way)
    done(storage, Grant("hot", UNITS), Grant("cold", UNITS))
    for kill in range(KILLS):
        first, begun = kill * BLOCK, Event()
        with ThreadPoolExecutor(1) as pool:
            selling = pool.submit(sell_until_it_is_gone, storage, first, begun)
            assert begun.wait(30)
            sleep(chance.random() * LONGEST)
            kill_server(fragile)
            acknowledged = selling.result()
        start_again(fragile)
        sold += len(check_orders(storage, range(first, max(acknowledged) + 2 * THREADS), acknowledged))
    check_all_is_sold(storage, sold)
    storage.close()


def kill_server(server: LocalPostgres) -> None:
    """SIGKILL for the server and all its processes: what it had in its memory alone is gone."""
    with psycopg.connect(server.conninfo, autocommit=True) as admin:
        pids = [pid for (pid,) in admin.execute("select pid from pg_stat_activity where pid <> pg_backend_pid()").fetchall()]
        postmaster = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
    for pid in (postmaster, *pids):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    server.crash()  # it is dead; this lets the system forget it


def start_again(server: LocalPostgres) -> None:
    """Start it once its last process has noticed that it is alone."""
    for _ in range(50):
        try:
            server.start()
        except StorageUnavailable:
            sleep(0.1)
        else:
            return
    server.start()
