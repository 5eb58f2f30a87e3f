"""A file is opened only when it is ours, undamaged, and as new as this release; otherwise the error says what to do."""

from __future__ import annotations

import re
import sqlite3

import pytest

from shopwright.adapters.sqlite import SqliteStorage
from shopwright.errors import InvalidValue, NotSupportedHere, SchemaMismatch, StorageCorrupted, StorageUnavailable
from shopwright.ports.storage import Operation, Query
from shopwright.testing.samples import NOTE, SAMPLE_KINDS, SECRET, Note
from shopwright.testing.storage_contract.steps import done, put
from tests.unit.adapters.sqlite.notebooks import BY_TAGS, a_note, a_notebook, notes_with, only, raw, rows


def opened(folder, kinds=SAMPLE_KINDS):
    return SqliteStorage.open(folder / "notes.db", kinds=kinds)


def refusal_to_open(folder, error, kinds=SAMPLE_KINDS) -> str:
    with pytest.raises(error) as raised:
        opened(folder, kinds)
    return str(raised.value).replace(str(folder), "FOLDER")


def test_a_missing_file_is_not_made_by_opening_it(tmp_path):
    told = refusal_to_open(tmp_path, SchemaMismatch)
    assert told == "there is no database at sqlite:///FOLDER/notes.db; make one with `shopwright db upgrade sqlite:///FOLDER/notes.db`"
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_asks_for_an_upgrade(tmp_path):
    (tmp_path / "notes.db").touch()
    assert refusal_to_open(tmp_path, SchemaMismatch).endswith("is empty; run `shopwright db upgrade sqlite:///FOLDER/notes.db`")


def test_the_file_of_another_program_is_left_alone(tmp_path):
    other = raw(tmp_path)
    other.execute("create table bookmarks (url text)")
    other.close()
    assert "no Shopwright database: it has the tables bookmarks and none of ours" in refusal_to_open(tmp_path, StorageCorrupted)
    assert rows(tmp_path, "select name from sqlite_master") == [("bookmarks",)]


def test_a_file_that_is_no_database_is_told_apart(tmp_path):
    (tmp_path / "notes.db").write_text("Dear diary, today I sold a teapot. " * 100)
    assert "is damaged or is no SQLite database" in refusal_to_open(tmp_path, StorageCorrupted)


def test_a_folder_is_no_database(tmp_path):
    (tmp_path / "notes.db").mkdir()
    assert "cannot be opened" in refusal_to_open(tmp_path, StorageUnavailable)


def test_a_file_in_a_folder_that_is_missing_cannot_be_made(tmp_path):
    with pytest.raises(StorageUnavailable, match="make its folder and allow writing there"):
        SqliteStorage.open(tmp_path / "no" / "such" / "notes.db", kinds=SAMPLE_KINDS, upgrade=True)


def test_a_file_with_a_newer_migration_is_newer_than_this_release(tmp_path):
    a_notebook(tmp_path).close()
    later = raw(tmp_path)
    later.execute("insert into shopwright_migration values (1000, 'from the future', '2031-01-01T00:00:00.000000Z')")
    later.close()
    told = refusal_to_open(tmp_path, SchemaMismatch)
    assert re.search(r"newer than this release: its migration is 1000, this release has \d+; run the release that upgraded it", told)
    with pytest.raises(SchemaMismatch, match="newer than this release"):
        a_notebook(tmp_path)


def test_a_file_without_the_table_of_a_kind_is_older(tmp_path):
    a_notebook(tmp_path, kinds=only(NOTE)).close()
    told = refusal_to_open(tmp_path, SchemaMismatch)
    assert "older than this release: it has no table for kind secret; run `shopwright db upgrade" in told


def test_a_file_with_more_kinds_than_are_registered_opens(tmp_path):
    a_notebook(tmp_path).close()
    opened(tmp_path, only(SECRET)).close()


def test_a_file_without_an_index_of_a_kind_is_older(tmp_path):
    a_notebook(tmp_path).close()
    assert "kind note lacks the index tags" in refusal_to_open(tmp_path, SchemaMismatch, notes_with(BY_TAGS))


def test_a_file_with_an_index_that_no_kind_declares_is_newer(tmp_path):
    a_notebook(tmp_path, kinds=notes_with(BY_TAGS)).close()
    assert "kind note has the index tags, which this release does not declare" in refusal_to_open(tmp_path, SchemaMismatch)
    with pytest.raises(SchemaMismatch, match="newer than this release"):
        a_notebook(tmp_path)


@pytest.mark.parametrize(("there", "here", "told"), [(1, 2, "older"), (2, 1, "newer")])
def test_a_file_upgraded_for_another_shape_is_older_or_newer(tmp_path, there, here, told):
    a_notebook(tmp_path, kinds=notes_with(shape=there)).close()
    assert f"{told} than this release: kind note has shape {there} there and {here} here" in refusal_to_open(
        tmp_path, SchemaMismatch, notes_with(shape=here)
    )


def test_a_process_that_is_older_than_the_file_has_become_writes_no_more(tmp_path):
    before = a_notebook(tmp_path)
    done(before, put(a_note(1)))
    a_notebook(tmp_path, kinds=notes_with(BY_TAGS)).close()
    with pytest.raises(SchemaMismatch, match="kind note has the index tags, which this release does not declare"):
        done(before, put(a_note(2)))
    assert before.load(Note, "n-0002") is None
    before.close()


def test_a_process_goes_on_when_a_kind_it_does_not_know_was_added(tmp_path):
    before = a_notebook(tmp_path, kinds=only(NOTE))
    a_notebook(tmp_path).close()
    done(before, put(a_note(1)))
    assert before.load(Note, "n-0001").value == a_note(1)
    before.close()


@pytest.mark.parametrize("path", ["", ":memory:"])
def test_only_a_file_will_do(path):
    with pytest.raises(InvalidValue, match="MemoryStorage"):
        SqliteStorage.open(path, kinds=SAMPLE_KINDS, upgrade=True)


@pytest.mark.parametrize("settings", [{"durability": "off"}, {"busy_timeout": -1}, {"busy_timeout": 1e9}])
def test_settings_out_of_range_are_refused_before_a_file_is_made(tmp_path, settings):
    with pytest.raises(InvalidValue, match="expected"):
        a_notebook(tmp_path, **settings)
    assert list(tmp_path.iterdir()) == []


def test_a_path_in_any_script_is_opened(tmp_path):
    folder = tmp_path / "лавка #1 & 店?mode=ro%20"
    folder.mkdir()
    storage = a_notebook(folder)
    done(storage, put(a_note(1)))
    storage.close()
    storage = opened(folder)
    assert storage.load(Note, "n-0001").version == 1
    storage.close()
    assert rows(folder, "select count(*) from note") == [(1,)]


@pytest.mark.parametrize(("durability", "synchronous"), [("full", 2), ("normal", 1)])
def test_durability_is_what_the_writer_asks_of_the_disk(tmp_path, durability, synchronous):
    storage = a_notebook(tmp_path, durability=durability)
    with storage._connections.writing() as cursor:
        assert cursor.execute("PRAGMA synchronous").fetchone() == (synchronous,)
        assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    storage.close()


def test_full_durability_is_the_default(tmp_path):
    storage = a_notebook(tmp_path)
    with storage._connections.writing() as cursor:
        assert cursor.execute("PRAGMA synchronous").fetchone() == (2,)
    storage.close()


def test_a_closed_storage_says_so_and_its_views_do_too(tmp_path):
    storage = a_notebook(tmp_path)
    view = storage.scoped("branch")
    storage.close()
    storage.close()
    for each in (storage, view):
        with pytest.raises(StorageUnavailable, match="was closed; open it again"):
            each.load(Note, "n-0001")
        with pytest.raises(StorageUnavailable, match="was closed; open it again"):
            done(each, put(a_note(1)))


def test_a_scoped_view_closes_nothing(tmp_path):
    storage = a_notebook(tmp_path)
    storage.scoped("branch").close()
    assert storage.find(Query(Note)).items == ()
    assert storage.answered(Operation("key", "fingerprint")) is None
    with pytest.raises(NotSupportedHere, match="scopes do not nest"):
        storage.scoped("branch").scoped("twig")
    storage.close()


def test_tables_are_strict_and_readable(tmp_path):
    storage = a_notebook(tmp_path)
    done(storage, put(Note("n-1", title="Tea", stars=5)))
    storage.close()
    assert rows(tmp_path, "select scope, id, version, shape, title, stars, slug, body ->> 'title' from note") == [
        ("", "n-1", 1, 1, "Tea", 5, None, "Tea")
    ]
    connection = raw(tmp_path)
    with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT value in INTEGER column"):
        connection.execute("update note set stars = 'many'")
    connection.close()
