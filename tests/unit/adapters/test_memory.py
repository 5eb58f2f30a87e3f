"""What the memory storage promises beyond the port; the port itself is held by tests/contracts/test_memory_storage.py."""

import pytest

from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import NotSupportedHere, StorageUnavailable
from shopwright.ports.storage import Query
from shopwright.testing.clock import NOON
from shopwright.testing.samples import SAMPLE_KINDS, Note
from shopwright.testing.storage_contract.steps import a_change, done, put


def a_storage() -> MemoryStorage:
    return MemoryStorage(SAMPLE_KINDS)


def test_the_very_value_that_was_put_comes_back():
    storage, note = a_storage(), Note("n-1", "a cat")
    done(storage, put(note))
    found = storage.load(Note, "n-1")
    assert found is not None
    assert found.value is note


def test_a_closed_storage_and_its_views_say_that_they_are_closed():
    storage = a_storage()
    view = storage.scoped("ann")
    storage.close()
    for closed in (storage, view):
        for call in (
            lambda closed=closed: closed.load(Note, "n-1"),
            lambda closed=closed: closed.find(Query(Note)),
            lambda closed=closed: closed.quota(("tea",), at=NOON),
            lambda closed=closed: closed.read("notes"),
            lambda closed=closed: closed.commit(a_change()),
            lambda closed=closed: closed.prune(before=NOON),
        ):
            with pytest.raises(StorageUnavailable, match="closed"):
                call()


def test_closing_a_view_closes_nothing():
    storage = a_storage()
    storage.scoped("ann").close()
    done(storage, put(Note("n-1")))


def test_a_view_of_a_view_is_not_supported():
    with pytest.raises(NotSupportedHere, match="scoped to 'ann' already"):
        a_storage().scoped("ann").scoped("bob")


def test_two_storages_share_nothing():
    one, other = a_storage(), a_storage()
    done(one, put(Note("n-1")))
    assert other.load(Note, "n-1") is None
