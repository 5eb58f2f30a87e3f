"""`shopwright db` works on any database by its url, tells how far it came, and changes nothing when it only looks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from shopwright.adapters import databases
from shopwright.adapters.tables import Difference
from shopwright.errors import InvalidValue, SchemaMismatch, StorageCorrupted
from shopwright.ports.kinds import Index, IndexType, Kinds
from shopwright.ports.storage import Operation
from shopwright.testing.clock import NOON
from shopwright.testing.samples import NOTE, NOTED, SAMPLE_KINDS, SECRET, Note
from shopwright.testing.storage_contract.steps import a_change, done, put

BY_LENGTH = Index("length", IndexType.INTEGER, lambda note: len(note.title))
LONGER = Kinds(documents=(evolve(NOTE, indexes=(*NOTE.indexes, BY_LENGTH)), SECRET), records=(NOTED,))


@pytest.fixture
def url(tmp_path):
    """Where a database may be made."""
    return f"sqlite:///{tmp_path}/shop.db"


def test_an_upgrade_makes_a_database_and_tells_how_it_stands(url):
    status = databases.upgrade(url, kinds=SAMPLE_KINDS)
    assert (status.place, status.is_current, status.difference) == (url, True, Difference())
    assert status.lines() == (f"{url}: migration {status.newest} of {status.newest}, 2 kinds", "up to date")
    assert databases.status(url, kinds=SAMPLE_KINDS) == status


def test_status_tells_what_an_upgrade_would_do_and_does_none_of_it(url):
    databases.upgrade(url, kinds=SAMPLE_KINDS)
    status = databases.status(url, kinds=LONGER)
    assert not status.is_current
    assert status.lines()[1:] == ("to upgrade: kind note lacks the index length",)
    assert databases.status(url, kinds=LONGER) == status


def test_status_tells_what_is_newer_than_this_release(url):
    databases.upgrade(url, kinds=LONGER)
    status = databases.status(url, kinds=SAMPLE_KINDS)
    assert status.lines()[1:] == ("newer than this release: kind note has the index length, which this release does not declare",)
    with pytest.raises(SchemaMismatch, match="newer than this release"):
        databases.upgrade(url, kinds=SAMPLE_KINDS)


def test_status_of_an_index_that_is_being_filled_says_so(url):
    databases.upgrade(url, kinds=SAMPLE_KINDS)
    storage = databases.open_storage(url, kinds=SAMPLE_KINDS)
    done(storage, put(Note("n-1")))
    storage.close()

    def stop(what, done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        databases.upgrade(url, kinds=LONGER, progress=stop)
    status = databases.status(url, kinds=LONGER)
    assert (status.is_current, status.lines()[1:]) == (False, ("index length of note is being filled",))
    told = []
    assert databases.upgrade(url, kinds=LONGER, progress=lambda *step: told.append(step)).is_current
    assert told[-1][0] == "indexing note by length"


def test_status_of_nothing_and_of_somebody_elses_file_is_an_error(url, tmp_path):
    with pytest.raises(SchemaMismatch, match="there is no database at"):
        databases.status(url, kinds=SAMPLE_KINDS)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "shop.db").touch()
    assert databases.status(url, kinds=SAMPLE_KINDS).lines() == (f"{url}: never upgraded; this release has migration 1",)
    (tmp_path / "shop.db").write_text("Dear diary" * 1_000)
    with pytest.raises(StorageCorrupted):
        databases.status(url, kinds=SAMPLE_KINDS)


def test_pruning_forgets_old_operations_of_one_scope_batch_by_batch(url):
    databases.upgrade(url, kinds=SAMPLE_KINDS)
    storage = databases.open_storage(url, kinds=SAMPLE_KINDS)
    changes = [a_change(at=NOON + timedelta(days=number)) for number in range(5)]
    for change in changes:
        storage.commit(change)
        storage.scoped("branch").commit(change)
    told = []
    gone = databases.prune(url, NOON + timedelta(days=3), kinds=SAMPLE_KINDS, progress=lambda *step: told.append(step))
    assert (gone, told) == (3, [("forgetting operations and reclaimed holds", 3, 3)])
    assert [storage.answered(change.operation) is None for change in changes] == [True, True, True, False, False]
    assert storage.scoped("branch").answered(changes[0].operation) is not None
    assert databases.prune(url, NOON + timedelta(days=9), kinds=SAMPLE_KINDS, scope="branch") == 5
    storage.close()


def test_an_opened_storage_works(url):
    databases.upgrade(url, kinds=SAMPLE_KINDS)
    storage = databases.open_storage(url, kinds=SAMPLE_KINDS)
    assert storage.answered(Operation("key", "fingerprint")) is None
    storage.close()


@pytest.mark.parametrize("url", ["", "shop.db", "mysql://shop", "sqlite:", "sqlite:///", "sqlite://shop.db", "postgres"])
@pytest.mark.parametrize("verb", [databases.upgrade, databases.status, databases.open_storage])
def test_a_url_that_names_no_database_is_refused(url, verb):
    with pytest.raises(InvalidValue, match="expected sqlite:///"):
        verb(url, kinds=SAMPLE_KINDS)
