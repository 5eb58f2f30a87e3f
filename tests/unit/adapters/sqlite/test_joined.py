"""Inside a host's transaction a changeset is a savepoint: only the host commits."""

from __future__ import annotations

import sqlite3

import pytest

from shopwright.adapters.sqlite import SqliteStorage
from shopwright.errors import InvalidValue, NotSupportedHere, SchemaMismatch, StorageBusy, StorageCorrupted, StorageFull, VersionConflict
from shopwright.ports.storage import Committed, Query
from shopwright.testing.samples import NOTE, SAMPLE_KINDS, Note
from shopwright.testing.storage_contract.steps import LATER, a_change, counts, done, hold, put, refused, stocked
from tests.unit.adapters.sqlite.notebooks import BY_TAGS, a_note, a_notebook, notes_with, only, raw


@pytest.fixture
def storage(tmp_path):
    """A notebook that knows some tea."""
    storage = a_notebook(tmp_path, busy_timeout=0.05)
    stocked(storage, tea=5)
    yield storage
    storage.close()


@pytest.fixture
def host(tmp_path):
    """A host's connection, inside a transaction of its own."""
    connection = raw(tmp_path)
    connection.execute("create table if not exists visitor (name text)")
    connection.execute("begin immediate")
    connection.execute("insert into visitor values ('Ada')")
    yield connection
    connection.close()


def visitors(connection) -> list[str]:
    return [name for (name,) in connection.execute("select name from visitor order by name")]


def test_nothing_is_seen_outside_until_the_host_commits(storage, host):
    joined = storage.joined(host)
    assert joined.commit(a_change(put(a_note(1)), hold("h", ("tea", 2)))) == Committed("")
    assert joined.load(Note, "n-0001").value == a_note(1)
    assert (storage.load(Note, "n-0001"), counts(storage, "tea")) == (None, (5, 0, 0))
    host.execute("commit")
    assert storage.load(Note, "n-0001").value == a_note(1)
    assert counts(storage, "tea") == (5, 0, 2)
    assert visitors(host) == ["Ada"]


def test_a_rollback_of_the_host_takes_the_changeset_with_it(storage, host):
    done(storage.joined(host), put(a_note(1)), hold("h", ("tea", 2)))
    host.execute("rollback")
    assert storage.find(Query(Note)).items == ()
    assert counts(storage, "tea") == (5, 0, 0)
    assert visitors(host) == []


def test_what_the_host_wrote_before_is_seen(storage, host):
    host.execute("update quota set granted = 50 where key = 'tea'")
    assert counts(storage.joined(host), "tea") == (50, 0, 0)


def test_a_refusal_undoes_the_changeset_and_leaves_the_transaction_usable(storage, host):
    joined = storage.joined(host)
    assert refused(joined, put(a_note(1)), hold("h", ("tea", 6))).code == "quota_exhausted"
    host.execute("insert into visitor values ('Bob')")
    done(joined, put(a_note(2)), hold("h", ("tea", 5)))
    host.execute("commit")
    assert [stored.value for stored in storage.find(Query(Note)).items] == [a_note(2)]
    assert visitors(host) == ["Ada", "Bob"]


def test_a_conflict_raises_and_undoes_only_the_changeset(storage, host):
    joined = storage.joined(host)
    done(joined, put(a_note(1)))
    with pytest.raises(VersionConflict, match="is at version 1, expected 0"):
        done(joined, put(a_note(1)), put(a_note(2)))
    host.execute("commit")
    assert [stored.value for stored in storage.find(Query(Note)).items] == [a_note(1)]


def test_a_repeat_inside_one_transaction_answers_what_was_answered(storage, host):
    joined = storage.joined(host)
    change = a_change(put(a_note(1)), key="once", answer="n-0001")
    assert joined.commit(change) == Committed("n-0001")
    assert joined.commit(change) == Committed("n-0001", repeated=True)


def test_lapsed_holds_are_reclaimed_inside_the_hosts_transaction(storage, host):
    done(storage.joined(host), hold("old", ("tea", 4)))
    done(storage.joined(host), hold("new", ("tea", 4), until=LATER), at=LATER)
    host.execute("commit")
    assert counts(storage, "tea") == (5, 0, 4)


def test_the_hosts_own_savepoints_are_left_alone(storage, host):
    host.execute("savepoint shopwright")
    refused(storage.joined(host), hold("h", ("tea", 6)))
    done(storage.joined(host), hold("h", ("tea", 1)))
    host.execute("rollback to shopwright")
    host.execute("release shopwright")
    host.execute("commit")
    assert counts(storage, "tea") == (5, 0, 0)


@pytest.mark.parametrize("isolation_level", [None, "", "IMMEDIATE"])
def test_without_a_transaction_of_the_host_nothing_is_written(storage, tmp_path, isolation_level):
    connection = sqlite3.connect(tmp_path / "notes.db", isolation_level=isolation_level)
    with pytest.raises(NotSupportedHere, match="execute BEGIN IMMEDIATE on the connection first"):
        done(storage.joined(connection), put(a_note(1)))
    assert storage.joined(connection).find(Query(Note)).items == ()
    connection.close()


def test_a_host_that_lets_the_driver_begin_joins_after_its_first_write(storage, host, tmp_path):
    host.execute("rollback")
    with sqlite3.connect(tmp_path / "notes.db") as connection:
        connection.execute("insert into visitor values ('Eve')")
        done(storage.joined(connection), put(a_note(1)))
    connection.close()
    assert storage.load(Note, "n-0001").version == 1


def test_rows_come_as_we_need_them_whatever_the_host_prefers(storage, host):
    host.row_factory = sqlite3.Row
    joined = storage.joined(host)
    done(joined, put(a_note(1)))
    assert joined.load(Note, "n-0001").value == a_note(1)
    host.text_factory = bytes
    with pytest.raises(NotSupportedHere, match="text_factory"):
        joined.load(Note, "n-0001")


def test_a_scope_is_kept_inside_the_hosts_transaction(storage, host):
    done(storage.joined(host).scoped("branch"), put(a_note(1)))
    done(storage.scoped("other").joined(host), put(a_note(2)))
    host.execute("commit")
    found = {scope: [stored.value.id for stored in storage.scoped(scope).find(Query(Note)).items] for scope in ("branch", "other")}
    assert found == {"branch": ["n-0001"], "other": ["n-0002"]}
    with pytest.raises(NotSupportedHere, match="scopes do not nest"):
        storage.scoped("other").joined(host).scoped("branch")


def test_a_host_that_only_read_so_far_may_find_the_lock_taken(storage, host, tmp_path):
    reader = sqlite3.connect(tmp_path / "notes.db", isolation_level=None, timeout=0.05)
    reader.execute("begin")
    reader.execute("select count(*) from note").fetchall()
    with pytest.raises(StorageBusy):
        done(storage.joined(reader), put(a_note(1)))
    reader.execute("rollback")
    reader.close()


def test_a_full_disk_is_told_and_ends_the_hosts_transaction(storage, host):
    (pages,) = host.execute("PRAGMA page_count").fetchone()
    host.execute(f"PRAGMA max_page_count={pages + 4}")
    with pytest.raises(StorageFull):
        done(storage.joined(host), put(a_note(1, tags=("x" * 100_000,))))
    assert not host.in_transaction
    assert (storage.find(Query(Note)).items, visitors(host)) == ((), [])


def test_a_connection_to_another_file_is_told_apart(storage, tmp_path):
    other = sqlite3.connect(tmp_path / "other.db", isolation_level=None)
    with pytest.raises(SchemaMismatch, match="is empty"):
        storage.joined(other).find(Query(Note))
    other.execute("create table visitor (name text)")
    with pytest.raises(StorageCorrupted, match="none of ours"):
        storage.joined(other).find(Query(Note))
    other.close()


def test_a_storage_that_is_older_than_the_file_does_not_join(storage, tmp_path):
    a_notebook(tmp_path, kinds=notes_with(BY_TAGS)).close()
    connection = raw(tmp_path)
    connection.execute("begin immediate")
    with pytest.raises(SchemaMismatch, match="newer than this release"):
        done(storage.joined(connection), put(a_note(1)))
    connection.close()


def test_a_storage_tells_whether_a_host_has_the_last_word(storage, host):
    assert (storage.is_joined, storage.scoped("branch").is_joined) == (False, False)
    assert (storage.joined(host).is_joined, storage.joined(host).scoped("branch").is_joined) == (True, True)


def test_closing_a_joined_storage_leaves_the_host_its_connection(storage, host):
    storage.joined(host).close()
    assert visitors(host) == ["Ada"]


def test_misuse_is_found_before_the_host_is_touched(storage, host):
    with pytest.raises(InvalidValue):
        storage.joined(host).commit(a_change(put(Note(""))))
    assert host.in_transaction


def test_a_host_may_be_opened_for_fewer_kinds(storage, host, tmp_path):
    few = SqliteStorage.open(tmp_path / "notes.db", kinds=only(NOTE))
    done(few.joined(host), put(a_note(1)))
    host.execute("commit")
    few.close()
    assert storage.load(Note, "n-0001").version == 1
    assert storage.kinds == SAMPLE_KINDS
