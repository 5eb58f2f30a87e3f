"""A read of a few rows: over the writing connection while nobody writes, over a reader's while somebody does."""

from __future__ import annotations

from pathlib import Path
from threading import Thread

import pytest

from shopwright.adapters.sqlite.connections import Connections
from shopwright.errors import SchemaMismatch, StorageUnavailable

KEPT = "select name from kept order by name"


def opened(tmp_path: Path) -> Connections:
    (tmp_path / "shop.sqlite").touch()
    connections = Connections(tmp_path / "shop.sqlite", durability="normal", busy_timeout=0.2)
    with connections.writing() as cursor:
        cursor.execute("create table kept (name text)")
    return connections


def test_it_sees_what_was_committed_just_now(tmp_path: Path) -> None:
    connections = opened(tmp_path)
    with connections.writing() as cursor:
        cursor.execute("insert into kept values ('tea')")
    assert connections.look(KEPT, ()) == [("tea",)]
    connections.close()


def test_while_somebody_writes_it_waits_for_nobody_and_sees_what_was_there_before(tmp_path: Path) -> None:
    connections, seen = opened(tmp_path), list[object]()
    with connections.writing() as cursor:
        cursor.execute("insert into kept values ('tea')")
        reader = Thread(target=lambda: seen.append(connections.look(KEPT, ())))
        reader.start()
        reader.join()
    assert seen == [[]]
    assert connections.look(KEPT, ()) == [("tea",)]
    connections.close()


def test_what_is_wrong_with_it_is_told_and_the_next_write_goes_on(tmp_path: Path) -> None:
    connections = opened(tmp_path)
    with pytest.raises(SchemaMismatch, match="no such table"):
        connections.look("select name from nowhere", ())
    with connections.writing() as cursor:
        cursor.execute("insert into kept values ('tea')")
    assert connections.look(KEPT, ()) == [("tea",)]
    connections.close()


def test_after_it_was_closed_nothing_is_read(tmp_path: Path) -> None:
    connections = opened(tmp_path)
    connections.close()
    with pytest.raises(StorageUnavailable, match="was closed; open it again"):
        connections.look(KEPT, ())
