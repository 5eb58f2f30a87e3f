"""A consumer never skips a record that committed late: positions follow the order in which transactions may be seen, not that of the writes."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import psycopg

from shopwright.adapters.postgres.storage import PostgresStorage
from shopwright.ports.storage import START, Position
from shopwright.testing.postgres import LocalPostgres
from shopwright.testing.storage_contract.steps import done, every_record, noted, texts


def test_a_record_that_commits_late_is_read_before_those_that_began_after_it(storage: PostgresStorage, postgres_server: LocalPostgres) -> None:
    with psycopg.connect(postgres_server.conninfo) as slow:
        late = storage.joined(slow)
        done(late, noted(1, key="late"))
        done(storage, noted(1, key="early"))
        assert list(storage.read("notes")) == []
        slow.commit()
    assert texts(storage.read("notes")) == ["late 1", "early 1"]


def test_a_consumer_that_keeps_its_position_gets_every_record_once_whenever_it_commits(
    storage: PostgresStorage, postgres_server: LocalPostgres
) -> None:
    seen: list[str] = []
    after: Position = START

    def consume() -> None:
        nonlocal after
        for record in storage.read("notes", after=after):
            seen.append(f"{record.key} {record.number}")
            after = record.position

    with psycopg.connect(postgres_server.conninfo) as one, psycopg.connect(postgres_server.conninfo) as other:
        done(storage, noted(1, key="a"))
        consume()
        done(storage.joined(one), noted(1, key="b"))
        done(storage, noted(2, key="a"))
        consume()
        done(storage.joined(other), noted(1, key="c"))
        one.commit()
        consume()
        done(storage, noted(3, key="a"))
        other.rollback()
        consume()
    assert seen == ["a 1", "b 1", "a 2", "a 3"]


def test_records_of_one_aggregate_need_not_wait_for_anybody(storage: PostgresStorage, postgres_server: LocalPostgres) -> None:
    with psycopg.connect(postgres_server.conninfo) as slow:
        done(storage.joined(slow), noted(1, key="late"))
        done(storage, noted(1, key="early"), noted(2, key="early"))
        assert texts(storage.read("notes", key="early")) == ["early 1", "early 2"]
        slow.rollback()


def test_a_transaction_that_began_long_ago_writes_behind_what_it_read(storage: PostgresStorage, postgres_server: LocalPostgres) -> None:
    """Its number is older than that of a record which its own record follows; a position must not be."""
    with psycopg.connect(postgres_server.conninfo) as host:
        done(storage.joined(host), noted(1, key="other"))
        done(storage, noted(1, key="n-1"))
        done(storage.joined(host), noted(2, key="n-1"))
        host.commit()
    records = every_record(storage)
    assert texts(records) == ["other 1", "n-1 1", "n-1 2"]
    assert all(earlier.position < later.position for earlier, later in pairwise(records))


def test_two_changesets_in_one_transaction_keep_their_order(storage: PostgresStorage, postgres_server: LocalPostgres) -> None:
    with psycopg.connect(postgres_server.conninfo) as host:
        joined = storage.joined(host)
        done(joined, noted(1, key="z"), noted(1, key="a"))
        done(joined, noted(1, key="m"), noted(2, key="a"))
        host.commit()
    assert texts(every_record(storage)) == ["z 1", "a 1", "m 1", "a 2"]


def test_positions_go_on_above_32_bits(storage: PostgresStorage, admin: Any) -> None:
    """A store whose clock is ahead: its numbers have outgrown those of the server."""
    done(storage, noted(1))
    (before,) = storage.read("notes")
    admin.execute(f"update {storage._engine.schema}.shopwright_clock set ahead = %s", (2**40,))
    with storage._lender.lent() as cursor:
        storage._engine.learn(ahead=2**40)
        for definition in storage._engine.functions.definitions:
            cursor.execute(definition)
    done(storage, noted(2))
    later = storage.read("notes", after=before.position)
    assert [record.number for record in later] == [2]
    assert later[0].position > before.position
