"""A locked, full, damaged, closed-off or vanished file raises the outage that tells what to do, and nothing is half written."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import tempfile
import threading
from pathlib import Path

import pytest

from shopwright.adapters.sqlite import SqliteStorage
from shopwright.adapters.sqlite.connections import Connections
from shopwright.adapters.sqlite.engine import Engine
from shopwright.errors import SchemaMismatch, StorageBusy, StorageCorrupted, StorageFull, StorageUnavailable
from shopwright.ports.storage import Committed, Query
from shopwright.testing.samples import SAMPLE_KINDS, Note
from shopwright.testing.storage_contract.steps import a_change, counts, done, hold, noted, put, stocked
from shopwright.wire.codec import Codec
from tests.unit.adapters.sqlite.notebooks import a_note, a_notebook, raw, rows

EVERYTHING = "select (select count(*) from note), (select count(*) from record), (select count(*) from hold), (select sum(held) from quota)"


def a_full_step(number: int, *, size: int = 0):
    """A changeset that writes to every table."""
    return a_change(put(a_note(number, tags=("x" * size,))), noted(1, key=f"n-{number}"), hold(f"h-{number}", ("tea", 1)))


def test_a_lock_that_another_process_keeps_is_busy_and_nothing_is_written(tmp_path):
    storage = a_notebook(tmp_path, busy_timeout=0.05)
    stocked(storage, tea=9)
    other = raw(tmp_path)
    other.execute("begin immediate")
    with pytest.raises(StorageBusy, match="nothing was written; run the command again"):
        storage.commit(a_full_step(1))
    assert storage.find(Query(Note)).items == ()
    other.execute("rollback")
    other.close()
    assert storage.commit(a_full_step(1)) == Committed("")
    storage.close()


def test_a_lock_that_another_thread_keeps_is_busy(tmp_path):
    storage = a_notebook(tmp_path, busy_timeout=0.05)
    inside, leave = threading.Event(), threading.Event()

    def keep():
        with storage._connections.writing():
            inside.set()
            leave.wait()

    keeper = threading.Thread(target=keep)
    keeper.start()
    inside.wait()
    with pytest.raises(StorageBusy, match=r"other threads of this process kept writing to .* for 0.05 s; nothing was written"):
        done(storage, put(a_note(1)))
    leave.set()
    keeper.join()
    done(storage, put(a_note(1)))
    storage.close()


def with_room_for(folder, pages: int) -> SqliteStorage:
    """A notebook on a disk that is about to be full."""
    a_notebook(folder).close()
    connections = Connections(folder / "notes.db", durability="full", busy_timeout=1)
    with connections.writing() as cursor:
        (now,) = cursor.execute("PRAGMA page_count").fetchone()
        cursor.execute(f"PRAGMA max_page_count={now + pages}")
    return SqliteStorage(Engine(Codec(SAMPLE_KINDS), connections.place), connections)


def test_a_full_disk_writes_nothing_of_what_did_not_fit(tmp_path):
    storage = with_room_for(tmp_path, pages=40)
    stocked(storage, tea=1_000)
    with pytest.raises(StorageFull, match=r"there is no room for .* nothing was written"):
        list(map(storage.commit, (a_full_step(number, size=2_000) for number in range(1_000))))
    kept = len(storage.find(Query(Note, limit=1_000)).items)
    assert 0 < kept < 1_000
    assert rows(tmp_path, EVERYTHING) == [(kept, kept, kept, kept)]
    assert rows(tmp_path, "select count(*) from operation") == [(kept + 1,)]
    assert counts(storage, "tea") == (1_000, 0, kept)
    storage.close()


def test_a_full_disk_is_written_to_again_once_there_is_room(tmp_path):
    storage = with_room_for(tmp_path, pages=0)
    with pytest.raises(StorageFull):
        done(storage, put(a_note(1, tags=("x" * 100_000,))))
    done(storage, put(a_note(1)))
    assert storage.load(Note, "n-0001").value == a_note(1)
    storage.close()


def test_a_damaged_page_is_told_and_never_read_as_data(tmp_path):
    storage = a_notebook(tmp_path)
    done(storage, *(put(a_note(number, tags=("x" * 500,))) for number in range(200)))
    storage.close()
    path = tmp_path / "notes.db"
    data = bytearray(path.read_bytes())
    data[len(data) // 2 :] = b"\xff" * (len(data) - len(data) // 2)
    path.write_bytes(data)
    storage = SqliteStorage.open(path, kinds=SAMPLE_KINDS)
    with pytest.raises(StorageCorrupted, match="is damaged or is no SQLite database"):
        storage.find(Query(Note, order_by="title", limit=1_000))
    storage.close()


def test_a_table_that_somebody_dropped_asks_for_an_upgrade(tmp_path):
    storage = a_notebook(tmp_path)
    other = raw(tmp_path)
    other.execute("drop table quota")
    other.close()
    with pytest.raises(SchemaMismatch, match="lacks a table or a column"):
        counts(storage, "tea")
    storage.close()


@pytest.mark.parametrize("lose", [lambda path: path.unlink(), lambda path: path.rename(path.with_name("elsewhere.db"))])
def test_a_file_that_was_moved_or_deleted_is_not_written_to(tmp_path, lose):
    storage = a_notebook(tmp_path)
    done(storage, put(a_note(1)))
    lose(tmp_path / "notes.db")
    with pytest.raises(StorageUnavailable, match="was moved or deleted while it was open"):
        done(storage, put(a_note(2)))
    with pytest.raises(StorageUnavailable, match="cannot be opened"):
        done(storage, put(a_note(2)))
    storage.close()


def write_as_nobody(path, told):
    """A root user may write anything, so become somebody who may not."""
    if os.geteuid() == 0:
        os.setresuid(65_534, 65_534, 65_534)
    connections = Connections(path, durability="full", busy_timeout=1)
    storage = SqliteStorage(Engine(Codec(SAMPLE_KINDS), connections.place), connections)
    try:
        storage.commit(a_change(put(a_note(2)), key="in the child"))
    except StorageUnavailable as error:
        told.send(str(error))
    else:
        told.send("written")
    storage.close()


def test_a_file_that_may_not_be_written_says_so(tmp_path):
    storage = a_notebook(tmp_path)
    done(storage, put(a_note(1)))
    for folder in (tmp_path, *tmp_path.parents):
        if Path(tempfile.gettempdir()) in folder.parents:
            folder.chmod(0o755)
    for file in tmp_path.iterdir():
        file.chmod(0o444)
    tmp_path.chmod(0o555)
    fork = multiprocessing.get_context("fork")
    here, there = fork.Pipe()
    process = fork.Process(target=write_as_nobody, args=(tmp_path / "notes.db", there))
    process.start()
    there.close()
    told = here.recv()
    process.join()
    tmp_path.chmod(0o755)
    assert "cannot be written" in told
    assert "check the permissions of the file and of its folder" in told
    assert storage.find(Query(Note)).items[0].value == a_note(1)
    storage.close()


def test_an_exception_inside_a_transaction_leaves_nothing_behind(tmp_path):
    storage = a_notebook(tmp_path)

    def write_and_be_interrupted():
        with storage._connections.writing() as cursor:
            cursor.execute("insert into quota (scope, key, rank, granted, used, held) values ('', 'tea', 0, 5, 0, 0)")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_and_be_interrupted()
    assert counts(storage, "tea") == (0, 0, 0)
    stocked(storage, tea=3)
    assert counts(storage, "tea") == (3, 0, 0)
    storage.close()


def test_the_counters_of_a_tampered_file_never_go_below_zero(tmp_path):
    a_notebook(tmp_path).close()
    connection = raw(tmp_path)
    with pytest.raises(sqlite3.IntegrityError, match="CHECK constraint failed"):
        connection.execute("insert into quota values ('', 'tea', 0, 1, 1, 1)")
    connection.close()
