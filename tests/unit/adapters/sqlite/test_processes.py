"""What the contract of the port cannot say of processes: the file of a killed writer is sound, and a fork is safe."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import threading

import pytest

from shopwright.adapters.sqlite import SqliteStorage
from shopwright.errors import StorageUnavailable
from shopwright.ports.quotas import CommitHold
from shopwright.ports.storage import Changeset, Committed, Operation, Put, Query, Record
from shopwright.testing.clock import NOON
from shopwright.testing.samples import SAMPLE_KINDS, Note, Noted
from shopwright.testing.storage_contract.steps import counts, every_page, every_record, hold, put, stocked
from tests.unit.adapters.sqlite.notebooks import a_note, a_notebook, rows

fork = multiprocessing.get_context("fork")


def started(work, *facts):
    """A process at work, and where it tells what it found; a process that dies is an end of file, never silence."""
    here, there = fork.Pipe(duplex=False)
    process = fork.Process(target=work, args=(*facts, there))
    process.start()
    there.close()
    return process, here


def write_until_killed(folder, told):
    """Commits as fast as it can and tells of each commit after it returned."""
    storage = SqliteStorage.open(folder / "notes.db", kinds=SAMPLE_KINDS)
    number = len(every_page(storage, Query(Note, limit=1_000)))
    while True:
        number += 1
        id = f"n-{number:06}"
        storage.commit(
            Changeset(
                Operation(id, "write"),
                NOON,
                puts=(Put(id, Note(id, tags=("x" * (number % 50) * 40,))),),
                records=(Record("notes", id, 1, Noted("first")), Record("notes", id, 2, Noted("second"))),
                moves=(hold(f"h-{id}", ("tea", 1), ("milk", 2)), *([CommitHold(f"h-{id}")] if number % 2 else [])),
            )
        )
        told.send(number)


def kill_once(folder, after: float) -> int:
    """Start a writer, kill it after a while of writing, and return the last number it told of."""
    process, here = started(write_until_killed, folder)
    last = here.recv()
    threading.Event().wait(after)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    try:
        while True:
            last = here.recv()
    except EOFError:
        return last


def check_whole(storage: SqliteStorage, told: int) -> None:
    """All that was answered is there, at most one commit more, and each of them whole."""
    notes = every_page(storage, Query(Note, limit=1_000))
    records = every_record(storage, limit=1_000)
    assert told <= len(notes) <= told + 1
    assert [(record.key, record.number) for record in records] == [(note.value.id, number) for note in notes for number in (1, 2)]
    used, held = (len(notes) + 1) // 2, len(notes) // 2
    assert counts(storage, "tea") == (10**6, used, held)
    assert counts(storage, "milk") == (10**6, 2 * used, 2 * held)


def test_a_writer_killed_at_any_moment_leaves_a_sound_file_without_half_a_commit(tmp_path):
    chance = random.Random(7)
    storage = a_notebook(tmp_path)
    stocked(storage, tea=10**6, milk=10**6)
    for _ in range(3):
        check_whole(storage, kill_once(tmp_path, chance.random() * 0.03))
    storage.close()
    assert rows(tmp_path, "pragma integrity_check") == [("ok",)]


def write(storage, number: int) -> None:
    """A note under an operation key that no other process makes up too."""
    assert storage.commit(Changeset(Operation(f"write {number}", "a note"), NOON, puts=(put(a_note(number)),))) == Committed("")


def write_in_child(storage, told):
    write(storage, 2)
    told.send(storage.load(Note, "n-0001").version)
    storage.close()


def test_a_fork_leaves_both_processes_with_connections_of_their_own(tmp_path):
    storage = a_notebook(tmp_path)
    write(storage, 1)
    process, here = started(write_in_child, storage)
    write(storage, 3)
    assert here.recv() == 1
    process.join()
    assert [stored.value.id for stored in storage.find(Query(Note)).items] == ["n-0001", "n-0002", "n-0003"]
    storage.close()


def keep_open_in_child(storage, told):
    told.send(storage.load(Note, "n-0001").version)
    told.close()
    threading.Event().wait()


def test_a_child_holds_locks_that_its_parent_cannot_let_go(tmp_path):
    storage = a_notebook(tmp_path)
    write(storage, 1)
    process, here = started(keep_open_in_child, storage)
    assert here.recv() == 1
    storage.close()
    assert (tmp_path / "notes.db-wal").exists(), "the last to close removes the log, and the child is still there"
    process.kill()
    process.join()


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_fork_waits_for_the_transactions_of_other_threads(tmp_path):
    storage = a_notebook(tmp_path, busy_timeout=30)
    write(storage, 1)
    stop = threading.Event()

    def keep_writing():
        number = 10
        while not stop.is_set():
            number += 1
            write(storage, number)
            storage.load(Note, "n-0001")

    writer = threading.Thread(target=keep_writing)
    writer.start()
    children = [started(read_in_child, storage) for _ in range(5)]
    assert [here.recv() for _, here in children] == [1] * 5
    stop.set()
    writer.join()
    for process, _ in children:
        process.join()
    storage.close()


def read_in_child(storage, told):
    told.send(storage.load(Note, "n-0001").version)
    storage.close()


def refuse_in_child(storage, told):
    try:
        storage.load(Note, "n-0001")
    except StorageUnavailable as error:
        told.send(str(error))


def test_a_child_forked_inside_a_transaction_may_not_use_the_storage(tmp_path):
    storage = a_notebook(tmp_path, busy_timeout=0.05)
    write(storage, 1)
    with storage._connections.writing():
        process, here = started(refuse_in_child, storage)
        assert "was forked in the midst of a transaction" in here.recv()
        process.join()
    with storage._connections.reading():
        process, here = started(refuse_in_child, storage)
        assert "fork before, or start a new process" in here.recv()
        process.join()
    write(storage, 2)
    storage.close()
