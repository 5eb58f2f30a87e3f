"""The value edge: text in any script, U+0000 and lone surrogates, 64 bits, aware times. Everything here raises, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from shopwright.errors import InvalidValue
from shopwright.ports.quotas import CommitHold, Give, Grant, ReleaseHold, Take
from shopwright.ports.storage import Changeset, Drop, Operation, Put, Record, Storage, Stored
from shopwright.testing.clock import NOON
from shopwright.testing.samples import Note, Noted, Secret
from shopwright.testing.storage_contract.steps import a_change, counts, done, every_record, hold, noted, put

SCRIPTS = (
    "订单号",
    "طلب رقم",
    "заказ",
    "주문",
    "คำสั่งซื้อ",
    "🛒👩‍👩‍👧‍👦",
    "e\u0301\u0323",
    "\u202eabc",
    "'; drop table note; --",
    '{"a": 1}',
    "\\u0000",
    "\x01\x7f\u2028",
    "x" * 200,
    "🛒" * 200,
)
BAD_TEXTS = ("", "x" * 201, "a\0b", "\ud800", "a\udfffb", 7, None, b"bytes")
BAD_NUMBERS = (2**63, -(2**63) - 1, True, "7", 7.0, None)
BAD_TIMES = (datetime(2026, 3, 1), "2026-03-01T00:00:00Z", None, datetime.min.replace(tzinfo=timezone(timedelta(hours=1))))  # noqa: DTZ001


def _or_text(number: Any) -> Any:
    """A wrong value for an optional number too, where `None` is a right one."""
    return "none" if number is None else number


IN_CHANGES: dict[str, Callable[[Any], Changeset]] = {
    "operation key": lambda text: Changeset(Operation(text, "f"), NOON),
    "fingerprint": lambda text: Changeset(Operation("k", text), NOON),
    "document id": lambda text: a_change(Put(text, Note("n-1"))),
    "id of a drop": lambda text: a_change(Drop(Secret, text)),
    "stream": lambda text: a_change(Record(text, "n-1", 1, Noted(""))),
    "record key": lambda text: a_change(Record("notes", text, 1, Noted(""))),
    "granted key": lambda text: a_change(Grant(text, 1)),
    "taken key": lambda text: a_change(Grant("tea", 1), Take(text, 1)),
    "given key": lambda text: a_change(Give(text, 1)),
    "hold": lambda text: a_change(Grant("tea", 1), hold(text, ("tea", 1))),
    "held key": lambda text: a_change(hold("h-1", (text, 1))),
    "committed hold": lambda text: a_change(CommitHold(text)),
    "released hold": lambda text: a_change(ReleaseHold(text)),
}

IN_READS: dict[str, Callable[[Storage, Any], object]] = {
    "operation": lambda storage, text: storage.answered(Operation(text, "f")),
    "document": lambda storage, text: storage.load(Note, text),
    "documents": lambda storage, text: storage.load_many(Note, ("n-1", text)),
    "documents of each kind": lambda storage, text: storage.load_each({Secret: ("n-1",), Note: ("n-1", text)}),
    "quota": lambda storage, text: storage.quota((text,), at=NOON),
    "stream": lambda storage, text: storage.read(text),
}

WITH_NUMBERS: dict[str, Callable[[Any], Changeset]] = {
    "expected version": lambda number: a_change(Put("n-1", Note("n-1"), number)),
    "record number": lambda number: a_change(noted(number)),
    "granted": lambda number: a_change(Grant("tea", number)),
    "rank": lambda number: a_change(Grant("tea", 1, rank=number)),
    "taken": lambda number: a_change(Take("tea", number)),
    "given": lambda number: a_change(Give("tea", number)),
    "held": lambda number: a_change(hold("h-1", ("tea", number))),
    "in an index": lambda number: a_change(put(Note("n-1", stars=_or_text(number)))),
}


class EdgePromises:
    """What cannot be kept alike by every store is refused before anything is written."""

    def test_text_in_any_script_is_kept_as_it_is(self, storage: Storage) -> None:
        for number, text in enumerate(SCRIPTS, 1):
            note = Note(text, text, slug=text, tags=(text,))
            done(storage, put(note), Record(text, text, 1, Noted(text)), Grant(text, number), hold(text, (text, number)), CommitHold(text))
            assert storage.load(Note, text) == Stored(note, 1)
            assert [(record.stream, record.key, record.value) for record in every_record(storage, text)] == [(text, text, Noted(text))]
            assert counts(storage, text) == (number, number, 0)

    @pytest.mark.parametrize("place", IN_CHANGES)
    def test_names_in_a_changeset_are_text_of_1_to_200_characters(self, storage: Storage, place: str) -> None:
        for text in BAD_TEXTS:
            with pytest.raises(InvalidValue):
                storage.commit(IN_CHANGES[place](text))

    @pytest.mark.parametrize("place", IN_READS)
    def test_names_in_a_read_are_text_of_1_to_200_characters(self, storage: Storage, place: str) -> None:
        for text in BAD_TEXTS:
            with pytest.raises(InvalidValue):
                IN_READS[place](storage, text)

    @pytest.mark.parametrize("place", WITH_NUMBERS)
    def test_numbers_are_integers_within_64_bits(self, storage: Storage, place: str) -> None:
        for number in BAD_NUMBERS:
            with pytest.raises(InvalidValue):
                storage.commit(WITH_NUMBERS[place](number))

    @pytest.mark.parametrize("number", [0, -1])
    def test_quantities_are_above_zero(self, storage: Storage, number: int) -> None:
        done(storage, Grant("tea", 5), Take("tea", 2))
        for move in (Take("tea", number), Give("tea", number), hold("h-1", ("tea", number))):
            with pytest.raises(InvalidValue):
                storage.commit(a_change(move))
        assert counts(storage, "tea") == (5, 2, 0)

    def test_a_grant_is_not_zero_a_version_not_negative_and_a_record_number_at_least_1(self, storage: Storage) -> None:
        for part in (Grant("tea", 0), put(Note("n-1"), expected=-1), noted(0), noted(-1)):
            with pytest.raises(InvalidValue):
                storage.commit(a_change(part))

    def test_a_hold_names_each_key_once_and_at_least_one(self, storage: Storage) -> None:
        done(storage, Grant("tea", 5))
        for reserve in (hold("h-1"), hold("h-1", ("tea", 1), ("tea", 1))):
            with pytest.raises(InvalidValue):
                storage.commit(a_change(reserve))

    @pytest.mark.parametrize("text", ["a\0b", "\ud800", "\udfff tail"])
    def test_bodies_hold_no_nul_and_no_lone_surrogate(self, storage: Storage, text: str) -> None:
        bodies = (
            put(Note("n-1", tags=("fine", text))),
            Put("s-1", Secret(text)),
            noted(1, text=text),
            put(Note("n-1", title=text)),
            put(Note("n-1", slug=text)),
        )
        for part in bodies:
            with pytest.raises(InvalidValue):
                storage.commit(a_change(part))
        assert storage.load(Note, "n-1") is None

    def test_bodies_hold_no_integer_beyond_64_bits(self, storage: Storage) -> None:
        for number in (2**63, -(2**63) - 1, 10**30):
            with pytest.raises(InvalidValue):
                storage.commit(a_change(noted(1, quantity=number)))
        done(storage, noted(1, quantity=2**63 - 1), noted(2, quantity=-(2**63)))
        assert [record.value.quantity for record in every_record(storage)] == [2**63 - 1, -(2**63)]

    def test_text_in_an_index_has_at_most_200_characters(self, storage: Storage) -> None:
        done(storage, put(Note("n-1", title="茶" * 200)))
        with pytest.raises(InvalidValue, match="title"):
            storage.commit(a_change(put(Note("n-2", title="x" * 201))))

    def test_an_index_that_answers_another_type_is_refused(self, storage: Storage) -> None:
        wrong: tuple[Any, ...] = (7, b"x")
        for value in wrong:
            with pytest.raises(InvalidValue):
                storage.commit(a_change(put(Note("n-1", title=value))))

    @pytest.mark.parametrize("at", BAD_TIMES)
    def test_times_are_aware_and_exist_in_utc(self, storage: Storage, at: Any) -> None:
        done(storage, Grant("tea", 5))
        attempts: tuple[Callable[[], object], ...] = (
            lambda: storage.commit(a_change(at=at)),
            lambda: storage.commit(a_change(hold("h-1", ("tea", 1), until=at))),
            lambda: storage.quota(("tea",), at=at),
            lambda: storage.prune(before=at),
        )
        for attempt in attempts:
            with pytest.raises(InvalidValue):
                attempt()

    def test_the_first_and_the_last_moment_are_kept(self, storage: Storage) -> None:
        first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
        done(storage, noted(1), put(Note("n-1", written_at=first)), at=first)
        done(storage, noted(2), put(Note("n-2", written_at=last)), at=last)
        assert [record.at for record in every_record(storage)] == [first, last]
        assert storage.load(Note, "n-2") == Stored(Note("n-2", written_at=last), 1)

    def test_one_text_in_place_of_a_collection_is_refused(self, storage: Storage) -> None:
        with pytest.raises(InvalidValue, match="collection"):
            storage.load_many(Note, "n-1")
        with pytest.raises(InvalidValue, match="collection"):
            storage.load_each({Note: "n-1"})
        with pytest.raises(InvalidValue, match="collection"):
            storage.quota("tea", at=NOON)
