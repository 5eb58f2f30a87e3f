"""Histories made by Hypothesis, run on a storage and on the memory reference side by side: each step must have one outcome.

Names come from small pools, so that steps meet; keys, ids and texts are of many scripts. An outcome is what was answered or the
type of what was raised; after each step documents and quotas are compared, at the end everything is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import ShopwrightError
from shopwright.ports.quotas import CommitHold, Give, Grant, ReleaseHold, Reserve, Take
from shopwright.ports.storage import START, Changeset, Drop, Match, Operation, Position, Put, Query, Record, Storage, Where
from shopwright.testing.clock import NOON
from shopwright.testing.samples import SAMPLE_KINDS, Note, Noted, Secret
from shopwright.testing.storage_contract.steps import every_page

IDS = ("a", "B", "ä", "茶", "🫖")
KEYS = ("tea", "Tea", "شاي")
HOLDS = ("h-1", "h-2", "H-1", "持")
STREAMS = ("notes", "Notes")
OPERATIONS = tuple(f"op-{number}" for number in range(6))
MINUTES = st.integers(-3, 6)

keys, holds, ids = st.sampled_from(KEYS), st.sampled_from(HOLDS), st.sampled_from(IDS)
quantities = st.integers(1, 6)
titles = st.sampled_from(("", "a", "Z", "é", "e\u0301", "茶", "%", "\ufffd", "🫖"))
stars = st.none() | st.integers(-2, 2) | st.sampled_from((2**63 - 1, -(2**63)))
moments = st.builds(lambda minutes: NOON + timedelta(minutes=minutes), MINUTES)

notes = st.builds(
    Note,
    id=ids,
    title=titles,
    stars=stars,
    written_at=st.none() | moments,
    slug=st.none() | st.sampled_from(("cat", "Cat", "猫")),
    serial=st.none() | st.integers(0, 2),
    tags=st.lists(titles, max_size=2).map(tuple),
)
secrets = st.builds(Secret, owner=st.sampled_from(("ann", "安")), key=st.binary(max_size=3))
items = st.lists(st.tuples(keys, quantities), min_size=1, max_size=3, unique_by=lambda item: item[0]).map(tuple)
moves = st.one_of(
    st.builds(Grant, keys, quantities, st.integers(0, 2)),
    st.builds(Grant, keys, quantities),
    st.builds(Grant, keys, st.integers(-4, -1)),
    st.builds(Take, keys, quantities),
    st.builds(Give, keys, quantities),
    st.builds(Reserve, holds, items, moments),
    st.builds(CommitHold, holds),
    st.builds(ReleaseHold, holds),
)
integer_conditions = st.builds(Where, st.just("stars"), st.sampled_from([match for match in Match if match is not Match.IN]), st.integers(-2, 2))
text_conditions = st.builds(Where, st.just("title"), st.sampled_from([match for match in Match if match is not Match.IN]), titles)
any_of_conditions = st.builds(Where, st.just("title"), st.just(Match.IN), st.lists(titles, max_size=3).map(tuple))
time_conditions = st.builds(Where, st.just("written_at"), st.sampled_from((Match.AT_LEAST, Match.BELOW)), moments)
queries = st.builds(
    Query,
    st.just(Note),
    st.lists(st.one_of(integer_conditions, text_conditions, any_of_conditions, time_conditions), max_size=2).map(tuple),
    st.sampled_from((None, "title", "stars", "written_at", "slug")),
    st.booleans(),
    st.integers(1, 4),
)


def storage_machine(make_storage: Callable[[], Storage]) -> type[RuleBasedStateMachine]:
    """A state machine that compares what `make_storage` gives with the reference; each history asks for a new, empty storage."""

    class StorageMachine(_Histories):
        def make(self) -> Storage:
            return make_storage()

    return StorageMachine


class _Histories(RuleBasedStateMachine):
    """The steps; `storage` is under test, `reference` is what it should be."""

    def make(self) -> Storage:
        raise NotImplementedError

    @initialize()
    def begin(self) -> None:
        self.storage, self.reference = self.make(), MemoryStorage(SAMPLE_KINDS)
        self.at = NOON
        self.numbers = count(1)
        self.tried: dict[str, Changeset] = {}
        self.places: dict[str, tuple[Position, int]] = dict.fromkeys(STREAMS, (START, 0))

    @rule(minutes=MINUTES)
    def the_clock_moves(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    @rule(note=notes, stale=st.sampled_from((0, 0, 0, 1)))
    def a_note_is_put(self, note: Note, stale: int) -> None:
        self.commit(self.put(note.id, note, stale))

    @rule(several=st.lists(notes, min_size=2, max_size=4, unique_by=lambda note: note.id))
    def several_notes_are_put(self, several: list[Note]) -> None:
        self.commit(*(self.put(note.id, note, 0) for note in several))

    @rule(id=ids, secret=secrets, drop=st.booleans())
    def a_secret_is_kept_or_erased(self, id: str, secret: Secret, drop: bool) -> None:
        self.commit(Drop(Secret, id) if drop else self.put(id, secret, 0))

    @rule(several=st.lists(moves, min_size=1, max_size=4))
    def quotas_are_moved(self, several: list[Any]) -> None:
        self.commit(*several)

    @rule(key=keys, quantity=st.integers(5, 15), rank=st.integers(0, 2))
    def there_is_more(self, key: str, quantity: int, rank: int) -> None:
        self.commit(Grant(key, quantity, rank))

    @rule(hold=holds, several=items, minutes=MINUTES)
    def a_hold_is_made(self, hold: str, several: tuple[tuple[str, int], ...], minutes: int) -> None:
        self.commit(Reserve(hold, several, self.at + timedelta(minutes=minutes)))

    @rule(hold=holds, release=st.booleans())
    def a_hold_is_ended(self, hold: str, release: bool) -> None:
        self.commit(ReleaseHold(hold) if release else CommitHold(hold))

    @rule(key=keys, more=st.sampled_from((0, 0, -1, 1)), back=st.booleans())
    def all_that_is_free_is_taken(self, key: str, more: int, back: bool) -> None:
        """As much as can be had, or one more: lapsed holds have to go."""
        wanted = self.reference.quota((key,), at=self.at)[key].free + more
        if wanted > 0:
            self.commit(Take(key, wanted), *([Give(key, wanted)] if back else []))

    @rule(stream=st.sampled_from(STREAMS), key=ids, gap=st.sampled_from((0, 0, 0, -1, 1)), many=st.integers(1, 3))
    def records_are_appended(self, stream: str, key: str, gap: int, many: int) -> None:
        self.commit(*self.records(stream, key, gap, many))

    @rule(note=notes, several=st.lists(moves, max_size=3), many=st.integers(0, 2), id=ids)
    def everything_is_changed_at_once(self, note: Note, several: list[Any], many: int, id: str) -> None:
        self.commit(self.put(note.id, note, 0), *several, *self.records("notes", note.id, 0, many), Drop(Secret, id))

    @rule(key=st.sampled_from(OPERATIONS), move=moves, command=st.sampled_from(("one", "one", "two")), again=st.booleans())
    def an_operation_is_done_or_repeated(self, key: str, move: Any, command: str, again: bool) -> None:
        change = self.tried.get(key) if again else None
        self.tried[key] = change or Changeset(Operation(key, command, f"answer of {key} {command}"), self.at, moves=(move,))
        self.agree(lambda storage: storage.commit(self.tried[key]))
        self.agree(lambda storage: storage.answered(Operation(key, command)))

    @rule(query=queries)
    def documents_are_found(self, query: Query[Note]) -> None:
        self.agree(lambda storage: every_page(storage, query))

    @rule(stream=st.sampled_from(STREAMS), limit=st.integers(1, 4))
    def a_consumer_reads_on(self, stream: str, limit: int) -> None:
        after, seen = self.places[stream]
        records = self.storage.read(stream, after=after, limit=limit)
        told = [_told(record) for record in records]
        assert told == [_told(record) for record in self.reference.read(stream, limit=1_000)][seen : seen + limit]
        if records:
            self.places[stream] = (records[-1].position, seen + len(records))

    @rule(limit=st.integers(1, 50), minutes=MINUTES)
    def old_operations_are_pruned(self, limit: int, minutes: int) -> None:
        before = self.at + timedelta(minutes=minutes)
        forgotten: list[int] = []
        while len(forgotten) < 100 and (not forgotten or forgotten[-1]):  # until nothing is left: which go first is nobody's promise
            forgotten.append(self.storage.prune(before=before, limit=limit))
        assert sum(forgotten) == self.reference.prune(before=before, limit=1_000)

    @invariant()
    def documents_and_quotas_agree(self) -> None:
        if hasattr(self, "storage"):
            self.agree(lambda storage: (storage.load_many(Note, IDS), storage.load_each({Secret: IDS, Note: IDS})))
            self.agree(lambda storage: (storage.quota(KEYS, at=self.at), storage.quota(KEYS, at=NOON - timedelta(days=1))))

    def teardown(self) -> None:
        if not hasattr(self, "storage"):
            return
        for stream in STREAMS:
            self.agree(lambda storage, stream=stream: [_told(record) for record in storage.read(stream, limit=1_000)])  # type: ignore[misc]  # binds the stream
        self.agree(lambda storage: every_page(storage, Query(Note, limit=2)))
        self.storage.close()

    def put(self, id: str, value: object, stale: int) -> Put:
        """A put that names the version of the reference, or one that is not it."""
        stored = self.reference.load(type(value), id)
        return Put(id, value, (stored.version if stored else 0) + stale)

    def records(self, stream: str, key: str, gap: int, many: int) -> list[Record]:
        """The next records about a key, or wrongly numbered ones."""
        first = max(1, len(self.reference.read(stream, key=key, limit=1_000)) + 1 + gap)
        return [Record(stream, key, first + number, Noted(f"{key} {first + number}", number)) for number in range(many)]

    def commit(self, *parts: Any) -> None:
        """Write these parts on both sides."""
        number = next(self.numbers)
        change = Changeset(
            operation=Operation(f"step-{number}", "step", f"answer {number}"),
            at=self.at,
            puts=tuple(part for part in parts if isinstance(part, Put)),
            moves=tuple(part for part in parts if not isinstance(part, Put | Drop | Record)),
            records=tuple(part for part in parts if isinstance(part, Record)),
            drops=tuple(part for part in parts if isinstance(part, Drop)),
        )
        self.agree(lambda storage: storage.commit(change))

    def agree(self, ask: Callable[[Storage], object]) -> None:
        """Both sides answer the same, or raise the same."""
        expected, got = _outcome(ask, self.reference), _outcome(ask, self.storage)
        assert got == expected, f"the reference says {expected}, the storage says {got}"


def _outcome(ask: Callable[[Storage], object], storage: Storage) -> object:
    try:
        return ask(storage)
    except ShopwrightError as error:
        return type(error)


def _told(record: Any) -> tuple[str, str, int, datetime, object]:
    """A record without its position, which is the storage's own."""
    return record.stream, record.key, record.number, record.at, record.value
