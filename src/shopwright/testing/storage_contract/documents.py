"""Documents: versions, unique indexes, erasure, and that all of a changeset is written or nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from shopwright.errors import InvalidValue, UnknownKind, VersionConflict
from shopwright.ports.quotas import Take
from shopwright.ports.storage import Committed, Drop, Put, Query, Storage, Stored
from shopwright.refusals import Refusal
from shopwright.testing.clock import NOON
from shopwright.testing.samples import Note, Noted, Secret, Unheard
from shopwright.testing.storage_contract.steps import a_change, counts, done, every_record, hold, noted, put, refused, stocked


class DocumentPromises:
    """A document is under (kind, id) with a version; a put names the version that it read."""

    def test_a_document_that_was_never_put_is_none(self, storage: Storage) -> None:
        assert storage.load(Note, "n-1") is None
        assert storage.load_many(Note, ("n-1", "n-2")) == {}

    def test_a_document_comes_back_equal_and_at_version_1(self, storage: Storage) -> None:
        note = Note("n-1", "一只猫", 5, NOON, "a-cat", 7, ("cat", "猫"))
        assert storage.commit(a_change(put(note), answer="n-1")) == Committed("n-1")
        assert storage.load(Note, "n-1") == Stored(note, 1)

    def test_a_put_that_names_the_version_it_read_makes_the_next_one(self, storage: Storage) -> None:
        done(storage, put(Note("n-1", "first")))
        done(storage, put(Note("n-1", "second"), expected=1))
        done(storage, put(Note("n-1", "third"), expected=2))
        assert storage.load(Note, "n-1") == Stored(Note("n-1", "third"), 3)

    @pytest.mark.parametrize("expected", [0, 1, 3, 2**62])
    def test_a_put_that_names_another_version_conflicts_and_changes_nothing(self, storage: Storage, expected: int) -> None:
        done(storage, put(Note("n-1", "first")))
        done(storage, put(Note("n-1", "second"), expected=1))
        with pytest.raises(VersionConflict):
            storage.commit(a_change(put(Note("n-1", "stale"), expected=expected)))
        assert storage.load(Note, "n-1") == Stored(Note("n-1", "second"), 2)

    def test_a_put_that_expects_a_version_of_a_document_that_is_not_there_conflicts(self, storage: Storage) -> None:
        with pytest.raises(VersionConflict):
            storage.commit(a_change(put(Note("n-1"), expected=1)))
        assert storage.load(Note, "n-1") is None

    def test_documents_of_two_kinds_may_have_one_id(self, storage: Storage) -> None:
        done(storage, put(Note("x", "a note")), Put("x", Secret("x", b"\x00\xff")))
        assert storage.load(Note, "x") == Stored(Note("x", "a note"), 1)
        assert storage.load(Secret, "x") == Stored(Secret("x", b"\x00\xff"), 1)

    def test_load_many_gives_those_that_exist_by_id(self, storage: Storage) -> None:
        done(storage, put(Note("b", "two")), put(Note("a", "one")))
        assert storage.load_many(Note, ["a", "b", "c", "a"]) == {"a": Stored(Note("a", "one"), 1), "b": Stored(Note("b", "two"), 1)}
        assert storage.load_many(Note, ()) == {}

    def test_many_documents_are_loaded_at_once(self, storage: Storage) -> None:
        notes = {f"n-{number:04d}": Note(f"n-{number:04d}", f"note {number}") for number in range(1_200)}
        done(storage, *(put(note) for note in notes.values()))
        assert storage.load_many(Note, notes.keys()) == {id: Stored(note, 1) for id, note in notes.items()}

    def test_documents_of_several_kinds_are_loaded_at_once(self, storage: Storage) -> None:
        done(storage, put(Note("x")), put(Note("y")), Put("x", Secret("x", b"\x00")), Put("z", Secret("z", b"\xff")))
        found = storage.load_each({Note: ("y", "x", "z"), Secret: ["x", "y"]})
        assert found.of(Note) == {"x": Stored(Note("x"), 1), "y": Stored(Note("y"), 1)}
        assert found.of(Secret) == {"x": Stored(Secret("x", b"\x00"), 1)}

    @pytest.mark.parametrize("count", [1, 2, 3, 63, 64, 65, 600])
    def test_as_many_are_loaded_as_are_asked_for(self, storage: Storage, count: int) -> None:
        ids = [f"n-{number}" for number in range(count + 1)]
        done(storage, *(put(Note(id, f"note of {id}")) for id in ids))
        assert storage.load_many(Note, ids[:count]) == {id: Stored(Note(id, f"note of {id}"), 1) for id in ids[:count]}

    def test_a_kind_of_which_nothing_is_asked_or_there_is_empty(self, storage: Storage) -> None:
        done(storage, put(Note("n-1")))
        assert storage.load_each({}).by_kind == {}
        assert storage.load_each({Note: (), Secret: ("n-1",)}).by_kind == {Note: {}, Secret: {}}
        with pytest.raises(KeyError):
            storage.load_each({Note: ("n-1",)}).of(Secret)

    def test_times_come_back_as_the_same_instants_in_utc(self, storage: Storage) -> None:
        written = datetime(2026, 3, 1, 20, 30, 0, 123_456, tzinfo=timezone(timedelta(hours=8)))
        done(storage, put(Note("n-1", written_at=written)))
        found = storage.load(Note, "n-1")
        assert found is not None
        assert found.value.written_at == datetime(2026, 3, 1, 12, 30, 0, 123_456, tzinfo=UTC)

    def test_ids_that_differ_in_case_or_in_composition_are_different_documents(self, storage: Storage) -> None:
        ids = ("a", "A", "ä", "a\u0308", "Ä", "a ", " a", "%", "_", "'", '"', "a\\", "a\n", "Z" * 190)
        done(storage, *(put(Note(id, f"note of {id}")) for id in ids))
        assert storage.load_many(Note, ids) == {id: Stored(Note(id, f"note of {id}"), 1) for id in ids}


class UniqueIndexPromises:
    """A unique index allows one document per value; `None` is not in it."""

    def test_a_value_that_is_taken_refuses_the_second_document(self, storage: Storage) -> None:
        done(storage, put(Note("n-1", slug="cat", serial=0)))
        taken = refused(storage, put(Note("n-2", slug="cat")))
        assert (taken.code, dict(taken.facts)) == ("index_taken", {"kind": "note", "index": "slug", "value": "cat"})
        taken = refused(storage, put(Note("n-2", serial=0)))
        assert (taken.code, dict(taken.facts)) == ("index_taken", {"kind": "note", "index": "serial", "value": 0})
        assert storage.load(Note, "n-2") is None

    def test_two_documents_of_one_changeset_do_not_share_a_value_either(self, storage: Storage) -> None:
        assert refused(storage, put(Note("n-1", slug="cat")), put(Note("n-2", slug="cat"))).code == "index_taken"
        assert storage.load_many(Note, ("n-1", "n-2")) == {}

    def test_many_documents_may_have_no_value(self, storage: Storage) -> None:
        done(storage, put(Note("n-1")), put(Note("n-2")), put(Note("n-3", slug="")))
        assert refused(storage, put(Note("n-4", slug=""))).code == "index_taken"

    def test_a_document_keeps_its_value_when_it_is_put_again(self, storage: Storage) -> None:
        done(storage, put(Note("n-1", slug="cat")))
        done(storage, put(Note("n-1", "again", slug="cat"), expected=1))

    def test_a_value_is_free_again_once_its_document_has_another(self, storage: Storage) -> None:
        done(storage, put(Note("n-1", slug="cat")))
        done(storage, put(Note("n-1", slug="dog"), expected=1))
        done(storage, put(Note("n-2", slug="cat")))
        assert refused(storage, put(Note("n-3", slug="dog"))).code == "index_taken"

    def test_a_value_is_free_again_once_its_document_was_dropped(self, storage: Storage) -> None:
        done(storage, Put("s-1", Secret("ann")))
        assert refused(storage, Put("s-2", Secret("ann"))).code == "index_taken"
        done(storage, Drop(Secret, "s-1"))
        done(storage, Put("s-2", Secret("ann")))


class ErasurePromises:
    """Documents of an erasable kind may be dropped, no others."""

    def test_a_dropped_document_is_gone_and_may_be_made_anew(self, storage: Storage) -> None:
        done(storage, Put("s-1", Secret("ann", b"1")))
        done(storage, Drop(Secret, "s-1"))
        assert storage.load(Secret, "s-1") is None
        assert storage.find(Query(Secret)).items == ()
        done(storage, Put("s-1", Secret("ann", b"2")))
        assert storage.load(Secret, "s-1") == Stored(Secret("ann", b"2"), 1)

    def test_dropping_what_is_not_there_does_nothing(self, storage: Storage) -> None:
        done(storage, Drop(Secret, "s-1"))
        assert storage.load(Secret, "s-1") is None

    def test_a_kind_that_is_not_erasable_cannot_be_dropped(self, storage: Storage) -> None:
        done(storage, put(Note("n-1")))
        with pytest.raises(InvalidValue, match="erasable"):
            storage.commit(a_change(Drop(Note, "n-1")))
        assert storage.load(Note, "n-1") == Stored(Note("n-1"), 1)


class ChangesetPromises:
    """All of a changeset is written or nothing."""

    def test_a_changeset_may_hold_everything_at_once(self, storage: Storage) -> None:
        stocked(storage, tea=10)
        done(storage, put(Note("n-1")), Put("s-1", Secret("ann")), noted(1), noted(2), Take("tea", 3), hold("h-1", ("tea", 2)))
        assert storage.load(Note, "n-1") == Stored(Note("n-1"), 1)
        assert storage.load(Secret, "s-1") == Stored(Secret("ann"), 1)
        assert [record.value for record in every_record(storage)] == [Noted("n-1 1"), Noted("n-1 2")]
        assert counts(storage, "tea") == (10, 3, 2)

    def test_documents_of_several_kinds_are_put_and_dropped_together(self, storage: Storage) -> None:
        done(storage, Put("s-1", Secret("ann")), Put("s-2", Secret("bob")))
        done(storage, put(Note("n-1")), Put("s-3", Secret("ann")), Drop(Secret, "s-1"), Drop(Secret, "s-2"), Drop(Secret, "s-9"))
        assert [stored.value.owner for stored in storage.find(Query(Secret)).items] == ["ann"]
        assert storage.load(Note, "n-1") == Stored(Note("n-1"), 1)

    def test_a_unique_value_that_a_later_write_would_free_is_still_taken(self, storage: Storage) -> None:
        done(storage, Put("s-2", Secret("ann")))
        assert refused(storage, Put("s-1", Secret("ann")), Drop(Secret, "s-2")).code == "index_taken"
        assert storage.load(Secret, "s-2") == Stored(Secret("ann"), 1)

    def test_a_refusal_of_the_last_move_leaves_nothing(self, storage: Storage) -> None:
        stocked(storage, tea=10)
        refused(storage, put(Note("n-1")), noted(1), Take("tea", 3), hold("h-1", ("tea", 2)), Take("tea", 6))
        assert storage.load(Note, "n-1") is None
        assert storage.find(Query(Note)).items == ()
        assert every_record(storage) == []
        assert counts(storage, "tea") == (10, 0, 0)
        done(storage, hold("h-1", ("tea", 10)))

    def test_a_stale_record_leaves_nothing(self, storage: Storage) -> None:
        stocked(storage, tea=10)
        done(storage, noted(1))
        with pytest.raises(VersionConflict):
            storage.commit(a_change(put(Note("n-1")), noted(1), Take("tea", 3)))
        assert storage.load(Note, "n-1") is None
        assert counts(storage, "tea") == (10, 0, 0)

    def test_a_stale_document_among_many_leaves_nothing(self, storage: Storage) -> None:
        done(storage, put(Note("n-2")))
        with pytest.raises(VersionConflict):
            storage.commit(a_change(put(Note("n-1")), put(Note("n-2")), put(Note("n-3")), noted(1)))
        assert storage.load_many(Note, ("n-1", "n-3")) == {}
        assert every_record(storage) == []

    def test_a_changeset_may_be_empty_but_for_its_operation(self, storage: Storage) -> None:
        change = a_change(answer="nothing to do")
        assert storage.commit(change) == Committed("nothing to do")
        assert storage.commit(change) == Committed("nothing to do", repeated=True)

    def test_a_stale_version_is_told_before_a_quota_that_is_short(self, storage: Storage) -> None:
        done(storage, put(Note("n-1")))
        with pytest.raises(VersionConflict):
            storage.commit(a_change(put(Note("n-1")), Take("tea", 1)))

    def test_a_taken_index_is_told_before_a_quota_that_is_short(self, storage: Storage) -> None:
        done(storage, put(Note("n-1", slug="cat")))
        assert refused(storage, put(Note("n-2", slug="cat")), Take("tea", 1)).code == "index_taken"

    def test_a_document_stands_in_a_changeset_once(self, storage: Storage) -> None:
        with pytest.raises(InvalidValue, match="twice"):
            storage.commit(a_change(put(Note("n-1", "first")), put(Note("n-1", "second"), expected=1)))
        with pytest.raises(InvalidValue, match="twice"):
            storage.commit(a_change(Put("s-1", Secret("ann")), Drop(Secret, "s-1")))

    def test_types_that_nobody_registered_are_refused(self, storage: Storage) -> None:
        for change in (a_change(Put("u-1", Unheard())), a_change(Put("n-1", Noted("a record is no document"))), a_change(Drop(Unheard, "u-1"))):
            with pytest.raises(UnknownKind):
                storage.commit(change)
        with pytest.raises(UnknownKind):
            storage.load(Unheard, "u-1")
        with pytest.raises(UnknownKind):
            storage.find(Query(Unheard))

    def test_a_refused_changeset_may_be_tried_again_as_it_is(self, storage: Storage) -> None:
        change = a_change(put(Note("n-1")), Take("tea", 1))
        assert isinstance(storage.commit(change), Refusal)
        stocked(storage, tea=1)
        assert storage.commit(change) == Committed("")
