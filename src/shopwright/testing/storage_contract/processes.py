"""Races of processes on a store that outlives them: one hot quota, one version, one operation, one stream, and shoppers that are killed."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from datetime import timedelta
from multiprocessing.connection import Connection
from random import Random
from threading import Thread
from time import sleep
from traceback import format_exc
from typing import Any

from shopwright.errors import VersionConflict
from shopwright.ports.quotas import CommitHold, Grant, ReleaseHold, Take
from shopwright.ports.storage import START, Changeset, Committed, Position, Put, Storage, Stored
from shopwright.refusals import Refusal
from shopwright.testing.clock import NOON
from shopwright.testing.samples import Note
from shopwright.testing.storage_contract.races import PATIENCE, put_or_lose
from shopwright.testing.storage_contract.steps import a_change, counts, done, every_record, hold, noted, put

Opener = Callable[[], Storage]
Work = Callable[[Storage, int], Any]

_METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
PROCESSES: Any = multiprocessing.get_context(_METHOD)
"""Where processes come from: never a fork of this one, whose threads and connections a child must not inherit."""

PROCESSES.set_forkserver_preload([__name__])

EVENING = NOON + timedelta(hours=6)
"""When every hold of the shoppers has lapsed."""

_A_MINUTE = 60


class Worker:
    """Another process at work on the same store: it tells what its work returns, or one by one what it yields."""

    def __init__(self, opener: Opener, work: Callable[..., Any], number: int, *more: Any) -> None:
        self.pipe, theirs = PROCESSES.Pipe(duplex=False)
        self._process = PROCESSES.Process(target=_work, args=(opener, work, number, theirs, more), daemon=True)
        self._process.start()
        theirs.close()

    def next(self) -> Any:
        """What it tells next, `None` when it has come to its end; raises what went wrong over there."""
        try:
            word, message = self.pipe.recv()
        except (EOFError, OSError):
            return None
        if word == "failed":
            raise AssertionError(f"another process failed:\n{message}")
        return message

    def answer(self) -> Any:
        """Its last word; it has ended then."""
        message = self.next()
        self._process.join(_A_MINUTE)
        self.pipe.close()
        return message

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL): it closes nothing and says nothing."""
        self._process.kill()
        self._process.join(_A_MINUTE)

    def rest(self) -> list[Any]:
        """All that it told before its end and nobody has heard yet."""
        told = list(iter(self.next, None))
        self.pipe.close()
        return told


def _work(opener: Opener, work: Callable[..., Any], number: int, pipe: Connection, more: tuple[Any, ...]) -> None:
    try:
        storage = opener()
        try:
            made = work(storage, number, *more)
            for message in made if isinstance(made, Iterator) else (made,):
                pipe.send(("told", message))
        finally:
            storage.close()
    except Exception:  # noqa: BLE001  # told to the process of the test, which fails with it
        pipe.send(("failed", format_exc()))


def in_processes(opener: Opener, work: Callable[..., Any], *, processes: int) -> list[Any]:
    """What this work answers in each of so many processes, all started at a barrier."""
    barrier = PROCESSES.Barrier(processes)
    workers = [Worker(opener, _at_a_barrier, number, work, barrier) for number in range(processes)]
    return [worker.answer() for worker in workers]


def _at_a_barrier(storage: Storage, number: int, work: Work, barrier: Any) -> Any:
    barrier.wait(_A_MINUTE)
    return work(storage, number)


class ProcessPromises:
    """What holds between threads holds between processes."""

    processes = 4
    """How many processes race."""

    hot_units = 400
    """How much there is of the one hot quota; the demand is a fifth more."""

    def opener(self, storage: Storage) -> Opener:
        """What opens the same store in another process: a callable that can be pickled, such as a `functools.partial` of a function."""
        raise NotImplementedError(f"{type(self).__name__} must tell how another process opens the store: def opener(self, storage)")

    def test_processes_never_oversell_and_are_refused_only_when_too_little_is_left(self, storage: Storage) -> None:
        done(storage, Grant("hot", self.hot_units, rank=1), Grant("demand", self.hot_units * 6 // 5))
        sales = in_processes(self.opener(storage), take_until_nobody_wants_more, processes=self.processes)
        granted, used, held = counts(storage, "hot")
        assert (granted, used, held) == (self.hot_units, sum(sold for sold, _ in sales), 0)
        assert all(wanted > granted - used for _, refusals in sales for wanted in refusals), "somebody was refused while enough was left"
        assert used == sum(record.value.quantity for record in every_record(storage, "sales"))

    def test_no_update_of_one_document_is_lost_between_processes(self, storage: Storage) -> None:
        done(storage, put(Note("n-1", stars=0)))
        conflicts = in_processes(self.opener(storage), add_a_star_ten_times, processes=self.processes)
        stars = 10 * self.processes
        assert storage.load(Note, "n-1") == Stored(Note("n-1", stars=stars), stars + 1), conflicts

    def test_one_operation_from_many_processes_happens_once_and_all_get_its_answer(self, storage: Storage) -> None:
        done(storage, Grant("tea", 1_000))
        first = in_processes(self.opener(storage), repeat_what_others_do, processes=self.processes)
        assert sum(first) == 20
        assert counts(storage, "tea") == (1_000, 20, 0)
        assert [record.number for record in every_record(storage)] == list(range(1, 21))

    def test_a_consumer_misses_nothing_that_other_processes_commit_late(self, storage: Storage) -> None:
        seen: list[tuple[str, int]] = []
        wanted = self.processes * 24

        def consume() -> None:
            after: Position = START
            patience = PATIENCE * 4
            while len(seen) < wanted and patience:
                records = storage.read("notes", after=after, limit=5)
                seen.extend((record.key, record.number) for record in records)
                after = records[-1].position if records else after
                if not records:
                    patience -= 1
                    sleep(0.01)

        consumer = Thread(target=consume, daemon=True)
        consumer.start()
        in_processes(self.opener(storage), write_small_and_large_changesets, processes=self.processes)
        consumer.join()
        assert sorted(seen) == sorted((f"w-{number}", at) for number in range(self.processes) for at in range(1, 25))

    def test_shoppers_that_commit_release_abandon_and_die_leave_every_unit_accounted_for(self, storage: Storage) -> None:
        done(storage, Grant("hot", self.hot_units, rank=1), Grant("demand", self.hot_units * 6 // 5))
        opener, chance = self.opener(storage), Random(7)
        shoppers = [Worker(opener, shop_for_one_hot_thing, number) for number in range(self.processes)]
        for victim in range(self.processes, self.processes * 2):
            sleep(chance.random() / 4)
            shoppers[0].kill()
            shoppers[0].rest()
            shoppers = [*shoppers[1:], Worker(opener, shop_for_one_hot_thing, victim)]
            quota = storage.quota(("hot",), at=NOON)["hot"]
            assert min(quota.used, quota.held, quota.free) >= 0, quota
            assert quota.used + quota.held + quota.free == self.hot_units
        for shopper in shoppers:
            shopper.answer()
        check_that_every_unit_is_accounted_for(storage, self.hot_units)


def take_until_nobody_wants_more(storage: Storage, number: int) -> tuple[int, list[int]]:
    """Buy in quantities of 1 to 3 until the demand is met; what was sold, and the quantities that were refused."""
    chance, sold, bought = Random(number), 0, 0
    refusals: list[int] = []
    while True:
        wanted = chance.randint(1, 3)
        if isinstance(storage.commit(a_change(Take("demand", wanted), key=f"d-{number}-{len(refusals)}-{bought}")), Refusal):
            return sold, refusals
        record = noted(bought + 1, stream="sales", key=f"shopper-{number}", quantity=wanted)
        outcome = storage.commit(a_change(Take("hot", wanted), record, key=f"s-{number}-{len(refusals)}-{bought}"))
        if isinstance(outcome, Refusal):
            assert outcome.code == "quota_exhausted", outcome
            refusals.append(wanted)
        else:
            sold, bought = sold + wanted, bought + 1


def add_a_star_ten_times(storage: Storage, number: int) -> int:
    """Read, add one, write, and again after a conflict; how many conflicts there were."""
    conflicts = added = 0
    while added < 10:
        stored = storage.load(Note, "n-1")
        assert stored is not None
        more = Put("n-1", Note("n-1", stars=(stored.value.stars or 0) + 1), stored.version)
        try:
            storage.commit(a_change(more, key=f"star-{number}-{added}-{conflicts}"))
            added += 1
        except VersionConflict:
            conflicts += 1
    return conflicts


def repeat_what_others_do(storage: Storage, _: int) -> int:
    """Twenty operations that every process tries; how many of them this one did first."""
    first = 0
    for round_ in range(20):
        change = a_change(Take("tea", 1), noted(round_ + 1), key=f"shared-{round_}", command="the same", answer=f"answer {round_}")
        outcome = commit_when_it_is_due(storage, change)
        assert outcome.answer == f"answer {round_}"
        first += not outcome.repeated
    return first


def commit_when_it_is_due(storage: Storage, change: Changeset) -> Committed:
    """Commit what follows a record that another process may still be writing."""
    while True:
        try:
            outcome = storage.commit(change)
        except VersionConflict:
            sleep(0.001)
        else:
            assert isinstance(outcome, Committed), outcome
            return outcome


def write_small_and_large_changesets(storage: Storage, number: int) -> None:
    """24 records about one aggregate, some of them in changesets that take their time."""
    for at in range(1, 25):
        size = 80 if (at + number) % 5 == 0 else 0
        more = (noted(other, stream="others", key=f"{number}-{at}") for other in range(1, size + 1))
        done_as(storage, f"w-{number}-{at}", noted(at, key=f"w-{number}"), *more)


def done_as(storage: Storage, key: str, *parts: Any) -> None:
    """Commit under a key that no other process uses."""
    assert put_or_lose(storage, a_change(*parts, key=key)), key


def shop_for_one_hot_thing(storage: Storage, number: int) -> int:
    """Hold 1 to 3, then commit, release or abandon, by a clock that goes forward and back; how many holds were made."""
    chance, made, sold = Random(number), 0, 0
    for round_ in range(10_000):
        wanted, name = chance.randint(1, 3), f"{number}-{round_}"
        at = NOON + timedelta(minutes=chance.randint(0, 40))
        if isinstance(storage.commit(a_change(Take("demand", wanted), key=f"demand-{name}", at=at)), Refusal):
            return made
        until = at + timedelta(minutes=10)
        if isinstance(storage.commit(a_change(hold(f"h-{name}", ("hot", wanted), until=until), key=f"hold-{name}", at=at)), Refusal):
            continue
        made += 1
        if chance.random() < 0.6:
            record = noted(sold + 1, stream="sales", key=f"shopper-{number}", quantity=wanted)
            sold += isinstance(storage.commit(a_change(CommitHold(f"h-{name}"), record, key=f"buy-{name}", at=at)), Committed)
        elif chance.random() < 0.5:
            storage.commit(a_change(ReleaseHold(f"h-{name}"), key=f"release-{name}", at=at))
    return made


def check_that_every_unit_is_accounted_for(storage: Storage, units: int) -> None:
    """Sold is what the records say; what was abandoned is free once it lapsed; the last unit can be had, and not one more."""
    for _ in range(PATIENCE):
        if _accounts(storage)[0] == _accounts(storage)[1]:
            break
        sleep(0.01)  # a killed client's last commit may still be on its way in the server
    books, told = _accounts(storage)
    assert books == told
    left = units - books[0]
    if left:
        assert storage.commit(a_change(Take("hot", left), key="the rest", at=EVENING)) == Committed("")
    short = storage.commit(a_change(Take("hot", 1), key="one more", at=EVENING))
    assert isinstance(short, Refusal)
    assert dict(short.facts) == {"key": "hot", "wanted": 1, "free": 0}


def _accounts(storage: Storage) -> tuple[tuple[int, int], tuple[int, int]]:
    """What the quota has used and held once every hold has lapsed, and what it should have by the records."""
    _, used, held = counts(storage, "hot", at=EVENING)
    return (used, held), (sum(record.value.quantity for record in every_record(storage, "sales")), 0)
