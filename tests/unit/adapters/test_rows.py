"""What the fakes remember: all of a change or nothing, shared by threads and processes, and a killed writer hurts nobody."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from attrs import frozen

from shopwright.adapters.rows import FileRows, MemoryRows, Rows

NOON = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)


@frozen
class Note:
    text: str
    count: int
    noted_at: datetime
    tags: tuple[str, ...] = ()
    sent_at: datetime | None = None


def rows_in(path: Path) -> FileRows:
    return FileRows(path, {"notes": Note})


@pytest.fixture(params=["memory", "file"])
def rows(request: pytest.FixtureRequest, tmp_path: Path) -> Rows:
    return MemoryRows() if request.param == "memory" else rows_in(tmp_path / "rows.jsonl")


def a_note(count: int = 1) -> Note:
    return Note("凛\n", count, NOON, ("a", "b"))


def test_what_was_put_is_read_back_as_it_was(rows: Rows):
    with rows.writing() as draft:
        draft.put("notes", "1", a_note())
        assert draft.get("notes", "1", Note) == a_note()
    with rows.writing() as draft:
        assert (draft.get("notes", "1", Note), draft.get("notes", "2", Note)) == (a_note(), None)


def test_a_block_that_fails_keeps_nothing(rows: Rows):
    def fail() -> None:
        with rows.writing() as draft:
            draft.put("notes", "1", a_note())
            raise ValueError("changed my mind")

    with pytest.raises(ValueError, match="changed my mind"):
        fail()
    with rows.writing() as draft:
        assert draft.count("notes") == 0


def test_records_come_in_the_order_of_their_first_writing(rows: Rows):
    with rows.writing() as draft:
        for key in ("b", "a"):
            draft.put("notes", key, a_note())
    with rows.writing() as draft:
        draft.put("notes", "b", a_note(2))
        draft.put("notes", "c", a_note(3))
        assert [note.count for note in draft.all("notes", Note)] == [2, 1, 3]
        assert draft.count("notes") == 3


def test_threads_write_one_after_the_other(rows: Rows):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _number: _increment(rows), range(200)))
    assert _count(rows) == 200


def test_another_object_on_the_same_file_sees_what_was_written(tmp_path: Path):
    first, second = rows_in(tmp_path / "rows"), rows_in(tmp_path / "rows")
    for rows in (first, second, first, second):
        _increment(rows)
    assert (_count(first), _count(second), _count(rows_in(tmp_path / "rows"))) == (4, 4, 4)


def test_processes_write_one_after_the_other(tmp_path: Path):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_increment_often, args=(tmp_path / "rows", 50)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert _count(rows_in(tmp_path / "rows")) == 100


def test_a_line_that_a_killed_writer_left_half_written_is_dropped(tmp_path: Path):
    path = tmp_path / "rows"
    _increment(rows_in(path))
    whole = path.read_bytes()
    for cut in range(1, len(whole)):
        path.write_bytes(whole + whole[:cut])
        rows = rows_in(path)
        assert _count(rows) == 1
        _increment(rows)
        assert _count(rows_in(path)) == 2


def test_a_file_that_was_begun_anew_is_read_from_its_start(tmp_path: Path):
    path = tmp_path / "rows"
    rows = rows_in(path)
    for _ in range(3):
        _increment(rows)
    path.write_bytes(b"")
    assert _count(rows) == 0


def _increment(rows: Rows) -> None:
    with rows.writing() as draft:
        known = draft.get("notes", "counter", Note)
        draft.put("notes", "counter", a_note(known.count + 1 if known else 1))


def _increment_often(path: Path, times: int) -> None:
    rows = rows_in(path)
    for _ in range(times):
        _increment(rows)


def _count(rows: Rows) -> int:
    with rows.writing() as draft:
        known = draft.get("notes", "counter", Note)
        return known.count if known else 0
