"""Races of threads: never oversold, one winner per version, one effect per operation, no record missed.

Nothing here measures time: a barrier starts the threads together, and what must hold must hold in every interleaving.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from threading import Barrier, Event, Thread
from time import sleep
from typing import Any, TypeVar

from shopwright.errors import VersionConflict
from shopwright.ports.quotas import CommitHold, Grant, ReleaseHold, Take
from shopwright.ports.storage import START, Changeset, Committed, Operation, Position, Put, Recorded, Storage, Stored
from shopwright.refusals import Refusal
from shopwright.testing.clock import NOON
from shopwright.testing.samples import Note, Secret
from shopwright.testing.storage_contract.steps import LATER, a_change, counts, done, every_record, hold, noted, put, stocked

T = TypeVar("T")
THREADS = 8
PATIENCE = 500
"""How often a consumer looks again for records that somebody else's transaction still hides."""


def together(work: Callable[[int], T], *, threads: int = THREADS) -> list[T]:
    """What this work answers in each of so many threads, all started at a barrier; the first failure is raised."""
    barrier, answers, failures = Barrier(threads), dict[int, T](), list[Exception]()

    def run(number: int) -> None:
        barrier.wait()
        try:
            answers[number] = work(number)
        except Exception as failure:  # noqa: BLE001  # raised again below, in the thread of the test
            failures.append(failure)

    started = [Thread(target=run, args=(number,), daemon=True) for number in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    if failures:
        raise failures[0]
    return [answers[number] for number in range(threads)]


def put_or_lose(storage: Storage, change: Changeset) -> bool:
    """Whether this put won its version."""
    try:
        return isinstance(storage.commit(change), Committed)
    except VersionConflict:
        return False


class RacePromises:
    """What holds for one caller holds for many."""

    def test_many_takers_never_oversell_and_are_refused_only_when_too_little_is_left(self, storage: Storage) -> None:
        stocked(storage, tea=100)

        def take(number: int) -> tuple[int, list[int]]:
            chance, sold, refusals = Random(number), 0, []
            for _ in range(10):
                wanted = chance.randint(1, 3)
                outcome = storage.commit(a_change(Take("tea", wanted)))
                if isinstance(outcome, Refusal):
                    assert outcome.code == "quota_exhausted"
                    refusals.append(wanted)
                else:
                    sold += wanted
            return sold, refusals

        sales = together(take)
        granted, used, held = counts(storage, "tea")
        assert (granted, used, held) == (100, sum(sold for sold, _ in sales), 0)
        assert used <= 100
        assert all(wanted > 100 - used for _, refusals in sales for wanted in refusals), "somebody was refused while enough was left"

    def test_holds_that_are_made_committed_released_and_left_behind_add_up(self, storage: Storage) -> None:
        stocked(storage, tea=60, milk=60)

        def shop(number: int) -> tuple[int, int]:
            used = left = 0
            for round_ in range(9):
                id = f"h-{number}-{round_}"
                items = (("tea", 1), ("milk", 1)) if number % 2 else (("milk", 1), ("tea", 1))
                if isinstance(storage.commit(a_change(hold(id, *items))), Refusal):
                    continue
                match round_ % 3:
                    case 0:
                        done(storage, CommitHold(id))
                        used += 1
                    case 1:
                        done(storage, ReleaseHold(id))
                    case _:
                        left += 1
            return used, left

        outcomes = together(shop)
        used, left = (sum(column) for column in zip(*outcomes, strict=True))
        assert [counts(storage, key) for key in ("tea", "milk")] == [(60, used, left)] * 2
        assert [counts(storage, key, at=LATER) for key in ("tea", "milk")] == [(60, used, 0)] * 2
        done(storage, Take("tea", 60 - used), at=LATER)

    def test_lapsed_holds_that_many_want_are_reclaimed_once(self, storage: Storage) -> None:
        stocked(storage, tea=8)
        done(storage, *(hold(f"h-{number}", ("tea", 2)) for number in range(4)))
        outcomes = together(lambda _: [storage.commit(a_change(Take("tea", 1), at=LATER)) for _ in range(2)])
        sold = sum(isinstance(outcome, Committed) for pair in outcomes for outcome in pair)
        assert (sold, counts(storage, "tea", at=NOON)) == (8, (8, 8, 0))
        late = [storage.commit(a_change(CommitHold(f"h-{number}"), at=NOON)) for number in range(4)]
        assert [outcome.code for outcome in late if isinstance(outcome, Refusal)] == ["hold_lapsed"] * 4

    def test_a_hold_is_either_committed_or_reclaimed(self, storage: Storage) -> None:
        for round_ in range(10):
            key, id = f"tea-{round_}", f"h-{round_}"
            done(storage, Grant(key, 1), hold(id, (key, 1)))

            def race(number: int, key: str = key, id: str = id) -> bool:
                return isinstance(storage.commit(a_change(Take(key, 1) if number else CommitHold(id), at=LATER)), Committed)

            assert sum(together(race, threads=3)) == 1
            assert counts(storage, key, at=LATER) == (1, 1, 0)

    def test_of_many_puts_that_name_one_version_exactly_one_wins(self, storage: Storage) -> None:
        for version in range(10):
            changes = [a_change(put(Note("n-1", f"{version} by {number}"), expected=version), answer=str(number)) for number in range(THREADS)]
            won = together(lambda number, changes=changes: put_or_lose(storage, changes[number]))  # type: ignore[misc]  # a default binds the round
            assert sum(won) == 1
            assert storage.load(Note, "n-1") == Stored(Note("n-1", f"{version} by {won.index(True)}"), version + 1)

    def test_of_many_documents_that_want_one_unique_value_exactly_one_gets_it(self, storage: Storage) -> None:
        outcomes = together(lambda number: storage.commit(a_change(put(Note(f"n-{number}", slug="cat")))))
        refusals = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
        assert [refusal.code for refusal in refusals] == ["index_taken"] * (THREADS - 1)

    def test_of_many_records_with_one_number_exactly_one_is_appended(self, storage: Storage) -> None:
        for round_ in range(1, 6):
            changes = [a_change(noted(round_, text=f"{round_} by {number}")) for number in range(THREADS)]
            won = together(lambda number, changes=changes: put_or_lose(storage, changes[number]))  # type: ignore[misc]  # a default binds the round
            assert sum(won) == 1
        assert [record.number for record in every_record(storage)] == [1, 2, 3, 4, 5]

    def test_one_operation_from_many_callers_happens_once_and_all_get_its_answer(self, storage: Storage) -> None:
        stocked(storage, tea=100)
        for round_ in range(5):
            change = a_change(Take("tea", 3), noted(round_ + 1), put(Note(f"n-{round_}")), answer=f"answer {round_}")
            outcomes = together(lambda _, change=change: storage.commit(change))  # type: ignore[misc]  # a default binds the round
            assert sorted(outcomes, key=lambda outcome: getattr(outcome, "repeated", True)) == [
                Committed(f"answer {round_}"),
                *[Committed(f"answer {round_}", repeated=True)] * (THREADS - 1),
            ]
        assert counts(storage, "tea") == (100, 15, 0)
        assert len(every_record(storage)) == 5

    def test_changesets_that_lock_the_same_things_in_opposite_order_all_end(self, storage: Storage) -> None:
        keys = [f"q-{number}" for number in range(6)]
        done(storage, *(Grant(key, 10_000, rank=number % 3) for number, key in enumerate(keys)))
        done(storage, *(put(Note(key)) for key in keys))

        def move(number: int) -> int:
            chance, won = Random(number), 0
            for round_ in range(12):
                mixed = chance.sample(keys, k=4)
                parts = [Take(key, 1) for key in mixed[:2]] + [hold(f"h-{number}-{round_}", *((key, 1) for key in mixed[2:]))]
                versions = {id: stored.version for id, stored in storage.load_many(Note, mixed[:2]).items()}
                puts = [put(Note(id, f"{number}"), expected=version) for id, version in versions.items()]
                chance.shuffle(puts)
                won += put_or_lose(storage, a_change(*puts, *parts))
            return won

        won = sum(together(move))
        assert won >= 12, "whoever is alone in the end loses to nobody"
        quotas = storage.quota(keys, at=NOON).values()
        assert (sum(quota.used for quota in quotas), sum(quota.held for quota in quotas)) == (2 * won, 2 * won)
        assert sum(stored.version - 1 for stored in storage.load_many(Note, keys).values()) == 2 * won

    def test_what_is_loaded_at_once_is_one_snapshot(self, storage: Storage) -> None:
        done(storage, put(Note("a", stars=0)), put(Note("b", stars=0)), Put("s", Secret("s", b"")))
        stop = Event()

        def write_or_read(number: int) -> list[Any]:
            if number:
                seen: list[Any] = []
                for _ in range(40):
                    several = storage.load_many(Note, ("a", "b"))
                    seen.append({stored.value.stars for stored in several.values()})
                    found = storage.load_each({Note: ("a",), Secret: ("s",)})
                    seen.append({found.of(Note)["a"].version, found.of(Secret)["s"].version})
                stop.set()
                return seen
            version = 1
            while not stop.is_set():
                notes = [put(Note(id, stars=version), expected=version) for id in ("a", "b")]
                done(storage, *notes, Put("s", Secret("s", b""), version))
                version += 1
            return []

        _, seen = together(write_or_read, threads=2)
        assert [stars for stars in seen if len(stars) != 1] == []

    def test_a_consumer_that_reads_while_slow_changesets_commit_late_misses_nothing(self, storage: Storage) -> None:
        writers, rounds = 6, 12
        finished = Event()
        read: list[Recorded] = []

        def consume() -> None:
            after: Position = START
            patience = PATIENCE
            while patience:
                records = storage.read("notes", after=after, limit=7)
                read.extend(records)
                after = records[-1].position if records else after
                if finished.is_set() and not records:
                    patience -= 1 if len(read) < 2 * writers * rounds else patience
                    sleep(0.01)

        def write(number: int) -> None:
            for round_ in range(rounds):
                size = 60 if (number + round_) % 4 == 0 else 1
                others = (noted(at, stream="others", key=f"{number}-{round_}") for at in range(1, size + 1))
                done(storage, noted(round_ + 1, key=f"w-{number}"), *others, noted(1, key=f"w-{number}-{round_}"))

        consumer = Thread(target=consume, daemon=True)
        consumer.start()
        try:
            together(write, threads=writers)
        finally:
            finished.set()
            consumer.join()
        expected = {(f"w-{number}", round_ + 1) for number in range(writers) for round_ in range(rounds)}
        expected |= {(f"w-{number}-{round_}", 1) for number in range(writers) for round_ in range(rounds)}
        assert len(read) == len(expected), "each record is read once"
        assert {(record.key, record.number) for record in read} == expected
        assert read == every_record(storage)

    def test_the_records_of_one_aggregate_come_in_the_order_of_their_numbers_even_under_load(self, storage: Storage) -> None:
        def append(number: int) -> int:
            won = 0
            for _ in range(10):
                last = [record.number for record in every_record(storage, key="n-1")][-1:] or [0]
                won += put_or_lose(storage, a_change(noted(last[0] + 1, text=f"by {number}")))
            return won

        won = sum(together(append, threads=4))
        assert [record.number for record in every_record(storage)] == list(range(1, won + 1))

    def test_scopes_do_not_wait_for_one_another_to_be_right(self, storage: Storage) -> None:
        def work(number: int) -> tuple[int, int, int]:
            tenant = storage.scoped(f"tenant-{number % 4}-{number}")
            stocked(tenant, tea=5)
            outcomes = [tenant.commit(Changeset(Operation(f"k-{round_}", "f"), NOON, moves=(Take("tea", 1),))) for round_ in range(7)]
            assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == 2
            return counts(tenant, "tea")

        assert together(work) == [(5, 5, 0)] * THREADS
