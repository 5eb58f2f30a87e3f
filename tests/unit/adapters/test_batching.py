"""Threads that wait are written together, in their order, and each hears of its own job."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Event, Thread
from time import sleep
from typing import Any

import pytest

from shopwright.adapters.batching import Batches
from shopwright.errors import StorageBusy, StorageUnavailable


class Desk:
    """Writes what it is given, the first turn only when it is let; a job that is an exception is answered by it."""

    def __init__(self, *, most: int = 32) -> None:
        self.turns: list[list[Any]] = []
        self.entered, self.let = Event(), Event()
        self.batches: Batches[Any, str] = Batches(self.write, touched=lambda job: frozenset(str(job).split()[1:]), most=most)
        self.threads: list[Thread] = []
        self.heard: dict[Any, Any] = {}

    def write(self, jobs: Sequence[Any]) -> list[str | Exception]:
        first = not self.turns
        self.turns.append(list(jobs))
        if first:
            self.entered.set()
            assert self.let.wait(10)
        if "stop" in jobs:
            raise KeyboardInterrupt
        if "busy" in jobs:
            raise StorageBusy("somebody else")
        return [job if isinstance(job, Exception) else f"did {job}" for job in jobs]

    def ask(self, *jobs: Any) -> None:
        """Each in a thread of its own, the next one once that one waits."""
        for job in jobs:
            waiting = len(self.batches._waiting)
            thread = Thread(target=self._run, args=(job,), daemon=True)
            thread.start()
            self.threads.append(thread)
            if len(self.threads) == 1:
                assert self.entered.wait(10)
            else:
                self._see_more_than(waiting)

    def _see_more_than(self, waiting: int) -> None:
        for _ in range(10_000):
            if len(self.batches._waiting) > waiting:
                return
            sleep(0.001)
        raise AssertionError("nobody came to wait")

    def _run(self, job: Any) -> None:
        try:
            self.heard[job] = self.batches.run(job)
        except BaseException as error:
            self.heard[job] = error

    def finish(self) -> dict[Any, Any]:
        self.let.set()
        for thread in self.threads:
            thread.join(10)
            assert not thread.is_alive()
        return self.heard


def test_who_comes_alone_writes_at_once_and_who_waits_meanwhile_is_written_together_in_order() -> None:
    desk = Desk()
    desk.ask("a", "b", "c", "d")
    assert desk.finish() == {job: f"did {job}" for job in "abcd"}
    assert desk.turns == [["a"], ["b", "c", "d"]]


def test_a_turn_takes_at_most_so_many_and_the_next_one_takes_those_that_are_left() -> None:
    desk = Desk(most=2)
    desk.ask(*"abcdef")
    assert desk.finish() == {job: f"did {job}" for job in "abcdef"}
    assert desk.turns == [["a"], ["b", "c"], ["d", "e"], ["f"]]


def test_jobs_that_touch_the_same_never_share_a_turn_and_keep_their_order() -> None:
    desk = Desk()
    desk.ask("a", "b 1", "c 1 2", "d 2", "e 3")
    desk.finish()
    assert desk.turns == [["a"], ["b 1", "e 3"], ["c 1 2"], ["d 2"]]


def test_an_error_of_one_is_raised_to_its_caller_alone() -> None:
    desk, mine = Desk(), ValueError("mine")
    desk.ask("a", mine, "b")
    assert desk.finish() == {"a": "did a", mine: mine, "b": "did b"}


def test_an_outage_of_a_turn_is_told_to_all_in_it_and_to_nobody_else() -> None:
    desk = Desk(most=2)
    desk.ask("a", "busy", "b", "c")
    heard = desk.finish()
    assert (heard["a"], heard["c"]) == ("did a", "did c")
    assert [type(heard[job]) for job in ("busy", "b")] == [StorageBusy, StorageBusy]


def test_a_writer_that_is_interrupted_tells_the_others_to_run_again_and_hands_over() -> None:
    desk = Desk(most=2)
    desk.ask("a", "stop", "b", "c")
    heard = desk.finish()
    assert (heard["a"], heard["c"], type(heard["stop"])) == ("did a", "did c", KeyboardInterrupt)
    assert isinstance(heard["b"], StorageUnavailable)
    assert str(heard["b"]) == "whoever wrote this with others was stopped (KeyboardInterrupt); run the same command again"


def test_after_a_failed_turn_the_next_caller_writes_as_usual() -> None:
    desk = Desk()
    desk.let.set()
    with pytest.raises(StorageBusy):
        desk.batches.run("busy")
    assert desk.batches.run("a") == "did a"
