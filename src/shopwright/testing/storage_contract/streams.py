"""Streams and operations: append-only records, and commands that happen once."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from shopwright.errors import InvalidValue, KeyConflict, UnknownKind, VersionConflict
from shopwright.ports.quotas import CommitHold, Take
from shopwright.ports.storage import START, Answer, Changeset, Committed, Operation, Position, Record, Storage
from shopwright.refusals import Refusal
from shopwright.testing.clock import NOON
from shopwright.testing.samples import Note, Noted, Unheard
from shopwright.testing.storage_contract.steps import LATER, a_change, counts, done, every_record, hold, noted, put, refused, stocked, texts


class StreamPromises:
    """Records keep their order, are numbered per aggregate without gaps, and are read by position."""

    def test_a_stream_that_nobody_wrote_is_empty(self, storage: Storage) -> None:
        assert list(storage.read("notes")) == []
        assert list(storage.read("notes", after=START, limit=1, key="n-1")) == []

    def test_a_record_comes_back_with_its_stream_key_number_time_and_value(self, storage: Storage) -> None:
        done(storage, noted(1, text="一", quantity=3), at=NOON + timedelta(microseconds=1))
        (record,) = storage.read("notes")
        assert (record.stream, record.key, record.number, record.at, record.value) == (
            "notes",
            "n-1",
            1,
            NOON + timedelta(microseconds=1),
            Noted("一", 3),
        )

    def test_records_come_in_the_order_of_their_commits_and_within_one_as_they_stand(self, storage: Storage) -> None:
        done(storage, noted(1, key="b"), noted(1, key="a"), noted(2, key="b"))
        done(storage, noted(2, key="a"))
        assert texts(every_record(storage)) == ["b 1", "a 1", "b 2", "a 2"]

    def test_positions_increase_and_are_never_given_twice(self, storage: Storage) -> None:
        for number in range(1, 8):
            done(storage, noted(number), noted(number, key="n-2"), noted(number, stream="others"))
        seen = [record.position for record in every_record(storage)]
        assert len(set(seen)) == 14
        for earlier, later in pairwise(seen):
            assert storage.read("notes", after=earlier, limit=1)[0].position == later

    @pytest.mark.parametrize("limit", [1, 2, 3, 10, 11])
    def test_pages_of_any_size_give_every_record_once(self, storage: Storage, limit: int) -> None:
        done(storage, *(noted(number) for number in range(1, 6)))
        done(storage, *(noted(number) for number in range(6, 11)))
        assert texts(every_record(storage, limit=limit)) == [f"n-1 {number}" for number in range(1, 11)]

    def test_after_the_last_record_there_is_nothing_until_the_next_one(self, storage: Storage) -> None:
        done(storage, noted(1))
        last = storage.read("notes")[-1].position
        assert list(storage.read("notes", after=last)) == []
        done(storage, noted(2))
        assert texts(storage.read("notes", after=last)) == ["n-1 2"]

    def test_a_reader_of_one_stream_does_not_see_another(self, storage: Storage) -> None:
        done(storage, noted(1), noted(1, stream="others"), noted(1, stream="notes2"))
        assert texts(every_record(storage)) == ["n-1 1"]
        assert [record.stream for record in every_record(storage, "others")] == ["others"]

    def test_the_records_of_one_aggregate_are_read_alone(self, storage: Storage) -> None:
        for number in (1, 2, 3):
            done(storage, noted(number, key="a"), noted(number, key="b"))
        assert texts(every_record(storage, key="b", limit=2)) == ["b 1", "b 2", "b 3"]
        assert every_record(storage, key="c") == []

    def test_numbers_count_per_stream_and_aggregate(self, storage: Storage) -> None:
        done(storage, noted(1), noted(2), noted(1, key="n-2"), noted(1, stream="others"))
        done(storage, noted(3), noted(2, key="n-2"), noted(2, stream="others"))
        assert [record.number for record in every_record(storage, key="n-1")] == [1, 2, 3]

    @pytest.mark.parametrize("number", [1, 2, 4])
    def test_a_number_that_is_not_the_next_one_conflicts(self, storage: Storage, number: int) -> None:
        done(storage, noted(1), noted(2))
        with pytest.raises(VersionConflict):
            storage.commit(a_change(noted(number)))
        assert texts(every_record(storage)) == ["n-1 1", "n-1 2"]

    def test_the_first_record_of_an_aggregate_has_number_1(self, storage: Storage) -> None:
        with pytest.raises(VersionConflict):
            storage.commit(a_change(noted(2)))

    def test_records_of_one_changeset_about_one_aggregate_are_numbered_without_gaps(self, storage: Storage) -> None:
        for numbers in ((1, 1), (1, 3), (2, 1)):
            with pytest.raises(InvalidValue, match="without gaps"):
                storage.commit(a_change(*(noted(number) for number in numbers)))
        assert every_record(storage) == []

    def test_a_type_that_nobody_registered_is_not_recorded(self, storage: Storage) -> None:
        for value in (Unheard(), Note("a document is no record")):
            with pytest.raises(UnknownKind):
                storage.commit(a_change(Record("notes", "n-1", 1, value)))

    def test_a_large_changeset_keeps_its_order(self, storage: Storage) -> None:
        done(storage, *(noted(number) for number in range(1, 501)))
        assert [record.number for record in every_record(storage)] == list(range(1, 501))

    @pytest.mark.parametrize("limit", [0, -1, 1_001])
    def test_a_reader_takes_1_to_1000_records_at_once(self, storage: Storage, limit: int) -> None:
        with pytest.raises(InvalidValue, match="limit"):
            storage.read("notes", limit=limit)

    @pytest.mark.parametrize("after", ["x", "-1", "12 34", "\0", "9" * 300])
    def test_what_is_no_position_is_refused(self, storage: Storage, after: str) -> None:
        with pytest.raises(InvalidValue, match="position"):
            storage.read("notes", after=Position(after))


class OperationPromises:
    """The same key and command gives the stored answer; refusals are not stored."""

    def test_an_operation_that_was_not_done_has_no_answer(self, storage: Storage) -> None:
        assert storage.answered(Operation("k", "f")) is None

    def test_an_operation_that_was_done_has_its_answer_and_time(self, storage: Storage) -> None:
        change = a_change(answer="order 订单-1", at=NOON + timedelta(microseconds=7))
        storage.commit(change)
        assert storage.answered(change.operation) == Answer("order 订单-1", NOON + timedelta(microseconds=7))

    def test_a_repeat_gives_the_first_answer_and_writes_nothing(self, storage: Storage) -> None:
        stocked(storage, tea=10)
        assert storage.commit(a_change(put(Note("n-1")), noted(1), Take("tea", 3), key="k", answer="first")) == Committed("first")
        again = a_change(put(Note("n-2")), noted(1), Take("tea", 3), key="k", answer="second", at=LATER)
        assert storage.commit(again) == Committed("first", repeated=True)
        assert storage.answered(again.operation) == Answer("first", NOON)
        assert storage.load(Note, "n-2") is None
        assert counts(storage, "tea") == (10, 3, 0)
        assert len(every_record(storage)) == 1

    def test_a_repeat_is_answered_even_when_it_would_be_refused_now(self, storage: Storage) -> None:
        stocked(storage, tea=1)
        change = a_change(put(Note("n-1", slug="cat")), Take("tea", 1), answer="done")
        assert [storage.commit(change), storage.commit(change)] == [Committed("done"), Committed("done", repeated=True)]

    def test_one_key_for_two_commands_is_a_conflict(self, storage: Storage) -> None:
        storage.commit(a_change(key="k", command="one"))
        with pytest.raises(KeyConflict):
            storage.commit(a_change(put(Note("n-1")), key="k", command="two"))
        with pytest.raises(KeyConflict):
            storage.answered(Operation("k", "two"))
        assert storage.load(Note, "n-1") is None

    def test_refusals_are_not_stored(self, storage: Storage) -> None:
        change = a_change(Take("tea", 1), key="k", answer="taken")
        assert isinstance(storage.commit(change), Refusal)
        assert storage.answered(change.operation) is None
        stocked(storage, tea=1)
        assert storage.commit(change) == Committed("taken")

    def test_a_key_that_was_only_refused_may_be_used_for_another_command(self, storage: Storage) -> None:
        assert isinstance(storage.commit(a_change(Take("tea", 1), key="k", command="one")), Refusal)
        assert storage.commit(a_change(key="k", command="two")) == Committed("")

    def test_conflicts_are_not_stored(self, storage: Storage) -> None:
        change = a_change(put(Note("n-1"), expected=1), key="k")
        with pytest.raises(VersionConflict):
            storage.commit(change)
        assert storage.answered(change.operation) is None

    def test_an_answer_may_have_2000_characters_in_any_script_and_no_more(self, storage: Storage) -> None:
        change = a_change(answer="茶" * 2_000)
        assert storage.commit(change) == Committed("茶" * 2_000)
        with pytest.raises(InvalidValue, match="answer"):
            storage.commit(a_change(answer="x" * 2_001))


class PrunePromises:
    """Old operations and reclaimed holds are forgotten on demand, nothing else is."""

    def test_operations_older_than_this_are_forgotten(self, storage: Storage) -> None:
        old, new = a_change(answer="old"), a_change(answer="new", at=LATER)
        storage.commit(old)
        storage.commit(new)
        assert storage.prune(before=LATER) == 1
        assert storage.answered(old.operation) is None
        assert storage.answered(new.operation) == Answer("new", LATER)
        assert storage.prune(before=LATER) == 0

    def test_a_pruned_operation_happens_again(self, storage: Storage) -> None:
        change = a_change(answer="x")
        storage.commit(change)
        storage.prune(before=LATER)
        assert storage.commit(change) == Committed("x")

    def test_documents_records_quotas_and_live_or_lapsed_holds_stay(self, storage: Storage) -> None:
        stocked(storage, tea=10)
        done(storage, put(Note("n-1")), noted(1), Take("tea", 1), hold("h-1", ("tea", 2)))
        assert storage.prune(before=LATER) == 2
        assert storage.load(Note, "n-1") is not None
        assert len(every_record(storage)) == 1
        assert counts(storage, "tea") == (10, 1, 2)
        done(storage, CommitHold("h-1"), at=LATER)

    def test_a_hold_that_was_reclaimed_before_is_forgotten(self, storage: Storage) -> None:
        stocked(storage, tea=10)
        done(storage, hold("h-1", ("tea", 10)))
        done(storage, Take("tea", 10), at=LATER)
        storage.prune(before=LATER)
        assert refused(storage, CommitHold("h-1"), at=LATER).code == "hold_lapsed"
        assert storage.prune(before=LATER + timedelta(microseconds=1)) == 2
        assert refused(storage, CommitHold("h-1"), at=LATER).code == "hold_unknown"

    def test_no_more_than_the_limit_is_forgotten_at_once(self, storage: Storage) -> None:
        for _ in range(5):
            done(storage)
        assert [storage.prune(before=LATER, limit=2) for _ in range(4)] == [2, 2, 1, 0]

    def test_1_to_1000_are_forgotten_at_once(self, storage: Storage) -> None:
        for limit in (0, 1_001):
            with pytest.raises(InvalidValue, match="limit"):
                storage.prune(before=LATER, limit=limit)


class ScopePromises:
    """The scope is the first part of every key: tenants never meet."""

    def test_scopes_have_documents_records_quotas_holds_and_operations_of_their_own(self, storage: Storage) -> None:
        tenants = [storage, storage.scoped("ann"), storage.scoped("安"), storage.scoped("ANN")]
        for number, tenant in enumerate(tenants, 1):
            stocked(tenant, tea=number)
            change = a_change(
                put(Note("n-1", f"of {number}", slug="cat")), noted(1, text=f"of {number}"), hold("h", ("tea", number)), key="k", command="c"
            )
            assert tenant.commit(Changeset(Operation("k", "c", f"of {number}"), NOON, change.puts, change.moves, change.records)) == Committed(
                f"of {number}"
            )
        for number, tenant in enumerate(tenants, 1):
            (found,) = tenant.load_many(Note, ("n-1",)).values()
            assert found.value.title == f"of {number}"
            assert texts(every_record(tenant)) == [f"of {number}"]
            assert counts(tenant, "tea") == (number, 0, number)
            assert tenant.answered(Operation("k", "c")) == Answer(f"of {number}", NOON)

    def test_what_one_scope_wrote_no_other_finds(self, storage: Storage) -> None:
        done(storage.scoped("ann"), put(Note("n-1")), noted(1))
        for other in (storage, storage.scoped("bob"), storage.scoped("an"), storage.scoped("ann ")):
            assert other.load(Note, "n-1") is None
            assert every_record(other) == []
            assert other.prune(before=LATER) == 0

    def test_two_views_of_one_scope_see_the_same(self, storage: Storage) -> None:
        done(storage.scoped("ann"), put(Note("n-1")))
        assert storage.scoped("ann").load(Note, "n-1") is not None

    def test_a_view_has_the_kinds_of_its_storage(self, storage: Storage) -> None:
        assert storage.scoped("ann").kinds == storage.kinds

    def test_scopes_do_not_nest(self, storage: Storage) -> None:
        with pytest.raises(Exception, match="nest"):
            storage.scoped("ann").scoped("bob")

    @pytest.mark.parametrize("scope", ["", "x" * 201, "\0", "\ud800"])
    def test_a_scope_is_text_as_every_key_is(self, storage: Storage, scope: str) -> None:
        with pytest.raises(InvalidValue, match="scope"):
            storage.scoped(scope)
