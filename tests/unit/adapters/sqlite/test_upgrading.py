"""An upgrade goes forward only, may be stopped and run again, may run twice at once, and never leaves an index half filled and asked."""

from __future__ import annotations

from multiprocessing import get_context

import pytest
from attrs import evolve

from shopwright.adapters.sqlite import SqliteStorage
from shopwright.adapters.sqlite.upgrading import BATCH
from shopwright.errors import InvalidValue, SchemaMismatch, StorageCorrupted, UndecodableDocument, UnknownIndex
from shopwright.ports.kinds import Index, IndexType, Kind
from shopwright.ports.storage import Match, Query, Where
from shopwright.testing.samples import NOTE, SAMPLE_KINDS, Note
from shopwright.testing.storage_contract.steps import done, every_page, put
from tests.unit.adapters.sqlite.notebooks import BY_TAGS, BY_TITLE_ONCE, a_note, a_notebook, notes_with, only, raw, rows

TAGGED = notes_with(BY_TAGS)
TWO_TAGS = Query(Note, (Where("tags", Match.EQUAL, 2),), limit=1_000)


class Interrupted(Exception):
    """Somebody pressed the keys that stop a program."""


def filled(folder, notes: int) -> None:
    storage = a_notebook(folder, durability="normal")
    done(storage, *(put(a_note(number, tags=("a", "b"))) for number in range(notes)))
    storage.close()


def test_a_new_index_finds_the_documents_that_were_there_before_it(tmp_path):
    filled(tmp_path, 10)
    storage = a_notebook(tmp_path, kinds=TAGGED)
    assert [stored.value for stored in storage.find(TWO_TAGS).items] == [a_note(number, tags=("a", "b")) for number in range(10)]
    storage.close()


def test_documents_of_every_scope_are_filled_in(tmp_path):
    storage = a_notebook(tmp_path)
    for scope in ("east", "west"):
        done(storage.scoped(scope), put(a_note(1, tags=("a", "b"))))
    storage.close()
    storage = a_notebook(tmp_path, kinds=TAGGED)
    assert [len(storage.scoped(scope).find(TWO_TAGS).items) for scope in ("east", "west", "north")] == [1, 1, 0]
    storage.close()


def test_a_backfill_tells_how_far_it_came(tmp_path):
    filled(tmp_path, 2 * BATCH + 1)
    told = []
    a_notebook(tmp_path, kinds=TAGGED, progress=lambda *step: told.append(step)).close()
    whole = 2 * BATCH + 1
    assert told == [("indexing note by tags", done, whole) for done in (BATCH, 2 * BATCH, whole, whole)]


def stop_after_one_batch(what, done, total):
    raise Interrupted


def test_an_index_is_refused_until_its_backfill_is_done(tmp_path):
    filled(tmp_path, BATCH + 1)
    with pytest.raises(Interrupted):
        a_notebook(tmp_path, kinds=TAGGED, progress=stop_after_one_batch)
    storage = SqliteStorage.open(tmp_path / "notes.db", kinds=TAGGED)
    done(storage, put(a_note(9_999, tags=("c", "d"))))
    with pytest.raises(UnknownIndex, match="the backfill of index tags of note is not done; run `shopwright db upgrade"):
        storage.find(TWO_TAGS)
    with pytest.raises(UnknownIndex, match="not done"):
        storage.find(Query(Note, order_by="tags"))
    assert len(storage.find(Query(Note, order_by="stars", limit=1_000)).items) == BATCH + 2
    a_notebook(tmp_path, kinds=TAGGED).close()
    assert len(every_page(storage, TWO_TAGS)) == BATCH + 2
    storage.close()


def test_an_interrupted_backfill_goes_on_where_it_stopped(tmp_path):
    filled(tmp_path, BATCH + 1)
    with pytest.raises(Interrupted):
        a_notebook(tmp_path, kinds=TAGGED, progress=stop_after_one_batch)
    told = []
    a_notebook(tmp_path, kinds=TAGGED, progress=lambda *step: told.append(step)).close()
    assert told[0] == ("indexing note by tags", 1, BATCH + 1)


def test_a_unique_index_on_shared_values_names_a_document_that_shares(tmp_path):
    storage = a_notebook(tmp_path)
    done(storage, put(Note("n-1", title="same")), put(Note("n-2", title="same")))
    storage.close()
    with pytest.raises(SchemaMismatch, match="note 'n-2' shares a value with another"):
        a_notebook(tmp_path, kinds=notes_with(BY_TITLE_ONCE))
    storage = SqliteStorage.open(tmp_path / "notes.db", kinds=notes_with(BY_TITLE_ONCE))
    done(storage, put(Note("n-2", title="another"), expected=1))
    storage.close()
    a_notebook(tmp_path, kinds=notes_with(BY_TITLE_ONCE)).close()


def test_an_index_that_compares_otherwise_is_built_anew(tmp_path):
    filled(tmp_path, 3)
    by_text = Index("tags", IndexType.TEXT, lambda note: ",".join(note.tags))
    a_notebook(tmp_path, kinds=TAGGED).close()
    storage = a_notebook(tmp_path, kinds=notes_with(by_text))
    assert len(storage.find(Query(Note, (Where("tags", Match.EQUAL, "a,b"),))).items) == 3
    storage.close()


def test_an_index_goes_when_a_new_shape_no_longer_declares_it(tmp_path):
    filled(tmp_path, 1)
    a_notebook(tmp_path, kinds=notes_with(without=("stars",), shape=2)).close()
    assert "stars" not in {name for _, name, *_ in rows(tmp_path, "pragma table_info(note)")}
    assert rows(tmp_path, "select name from shopwright_index where name = 'stars'") == []


def test_documents_of_an_older_shape_are_lifted_before_they_are_indexed(tmp_path):
    filled(tmp_path, 1)
    with_stars = evolve(NOTE, shape=2, lifts=(lambda body: {**body, "tags": ["x", "y"]},), indexes=(*NOTE.indexes, BY_TAGS))
    storage = a_notebook(tmp_path, kinds=only(with_stars))
    assert [stored.value.tags for stored in storage.find(TWO_TAGS).items] == [("x", "y")]
    storage.close()


def test_a_body_that_no_shape_explains_stops_the_backfill_and_is_named(tmp_path):
    filled(tmp_path, 1)
    connection = raw(tmp_path)
    connection.execute("""update note set body = '{"color":"blue"}'""")
    connection.close()
    with pytest.raises(UndecodableDocument, match="note 'n-0000' cannot be indexed: "):
        a_notebook(tmp_path, kinds=TAGGED)


def test_a_host_may_keep_its_own_tables_in_the_same_file(tmp_path):
    connection = raw(tmp_path)
    connection.execute("create table visitor (name text)")
    connection.close()
    a_notebook(tmp_path).close()
    assert rows(tmp_path, "select name from sqlite_master where name in ('visitor', 'note') order by name") == [("note",), ("visitor",)]


def test_a_table_of_the_hosts_with_a_name_of_ours_is_left_alone(tmp_path):
    connection = raw(tmp_path)
    connection.execute("create table quota (megabytes integer)")
    connection.close()
    with pytest.raises(StorageCorrupted, match="already has a table named quota that is not ours; give the shop a file of its own"):
        a_notebook(tmp_path)
    assert rows(tmp_path, "select name from sqlite_master") == [("quota",)]


def test_an_upgrade_that_has_nothing_to_do_changes_nothing(tmp_path):
    a_notebook(tmp_path).close()
    before = rows(tmp_path, "pragma schema_version")
    a_notebook(tmp_path).close()
    assert rows(tmp_path, "pragma schema_version") == before


def test_people_find_views_of_what_is_left_and_what_is_held(tmp_path):
    a_notebook(tmp_path).close()
    assert rows(tmp_path, "select name from sqlite_master where type = 'view' order by name") == [("hold_standing",), ("quota_standing",)]


@pytest.mark.parametrize("name", ["Note", "note book", "9notes", "quota", "shopwright_kind", "sqlite_note", "n" * 30, 'no"te', ""])
def test_a_kind_that_cannot_name_a_table_is_refused_before_a_file_is_made(tmp_path, name):
    with pytest.raises(InvalidValue, match="kind"):
        a_notebook(tmp_path, kinds=only(Kind(name, Note)))
    assert list(tmp_path.iterdir()) == []


def upgrade_from_a_process(path, start):
    start.wait()
    SqliteStorage.open(path, kinds=TAGGED, upgrade=True, durability="normal").close()


def test_processes_that_upgrade_at_once_do_the_work_once(tmp_path):
    filled(tmp_path, 3 * BATCH)
    fork = get_context("fork")
    start = fork.Barrier(3)
    processes = [fork.Process(target=upgrade_from_a_process, args=(tmp_path / "notes.db", start)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    storage = SqliteStorage.open(tmp_path / "notes.db", kinds=TAGGED)
    assert len(every_page(storage, TWO_TAGS)) == 3 * BATCH
    storage.close()


def test_processes_that_make_the_file_at_once_share_it(tmp_path):
    fork = get_context("fork")
    start = fork.Barrier(3)
    processes = [fork.Process(target=upgrade_from_a_process, args=(tmp_path / "notes.db", start)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert rows(tmp_path, "select count(*) from shopwright_migration") == [(1,)]


def test_the_sample_kinds_are_what_a_fresh_file_is_made_for(tmp_path):
    a_notebook(tmp_path).close()
    assert rows(tmp_path, "select name, shape from shopwright_kind order by name") == [(kind.name, 1) for kind in SAMPLE_KINDS.documents]
