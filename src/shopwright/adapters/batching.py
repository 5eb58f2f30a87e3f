"""Threads that would each write a changeset write together: one of them writes for all that wait, while the next ones gather.

Rules
- nobody waits for company: who comes when nobody writes, writes at once, with whoever is there;
- whoever came first is written first; jobs that touch the same things never share a turn, so each sees what the one before it left;
- there is no thread of its own: the writer is one of the callers, and hands over to the first that waits when its turn is done;
- everybody gets an answer, or an error that says whether anything was written, also when the writer is interrupted;
- a forked child begins anew: what waits in the parent is the parent's.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from typing import Generic, TypeVar

from attrs import define, field

from shopwright.errors import Outage, StorageUnavailable

J = TypeVar("J")
A = TypeVar("A")

Touched = Callable[[J], frozenset[Hashable]]
"""What a job touches: jobs with something in common do not share a turn."""


@define(eq=False)
class _Turn(Generic[J, A]):
    """A job that waits: its gate opens when it is done, or when it is its thread's turn to write."""

    job: J
    touched: frozenset[Hashable]
    gate: Lock = field(factory=Lock)
    leads: bool = False
    done: bool = False
    answer: A | None = None
    error: BaseException | None = None


class Batches(Generic[J, A]):
    """Writes jobs in turns of at most `most`; `write` gives an answer or an error for each of them, in their order."""

    def __init__(self, write: Callable[[Sequence[J]], Sequence[A | Exception]], *, touched: Touched[J], most: int) -> None:
        self._write, self._touched, self._most = write, touched, most
        self._begin()

    def _begin(self) -> None:
        self._owner = os.getpid()
        self._lock = Lock()
        self._waiting: list[_Turn[J, A]] = []
        self._busy = False

    def run(self, job: J) -> A:
        """Have it written, by this thread or another; raises what its writing raised."""
        if self._owner != os.getpid():
            self._begin()
        turn = _Turn[J, A](job, self._touched(job))
        turn.gate.acquire()
        with self._lock:
            self._waiting.append(turn)
            turn.leads, self._busy = not self._busy, True
        try:
            if not turn.leads:
                turn.gate.acquire()
            if turn.leads:
                self._lead()
        except BaseException:
            self._withdraw(turn)
            raise
        if turn.error is not None:
            raise turn.error
        assert turn.done
        return turn.answer  # type: ignore[return-value]  # a turn that is done without an error has its answer, which may be any A

    def _withdraw(self, turn: _Turn[J, A]) -> None:
        """Whoever is interrupted leaves; a turn that is being written is written without somebody to hear of it."""
        with self._lock:
            if turn in self._waiting:
                self._waiting.remove(turn)
                if turn.leads:
                    self._hand_over()

    def _hand_over(self) -> None:
        """Let the first that waits write; the lock is held."""
        self._busy = bool(self._waiting)
        if self._waiting:
            self._waiting[0].leads = True
            self._waiting[0].gate.release()

    def _lead(self) -> None:
        together: list[_Turn[J, A]] = []
        try:
            with self._lock:
                together = self._next()
            answers = self._write([turn.job for turn in together])
            for turn, answer in zip(together, answers, strict=True):
                if isinstance(answer, Exception):
                    turn.error = answer
                else:
                    turn.answer = answer
                turn.done = True
        except BaseException as error:
            _fail(together, error)
            raise
        finally:
            with self._lock:
                self._hand_over()
            for turn in together:
                if not turn.leads:
                    turn.gate.release()

    def _next(self) -> list[_Turn[J, A]]:
        """The first that wait, each without anything that one before it touches, not even one that must wait longer."""
        taken: list[_Turn[J, A]] = []
        left: list[_Turn[J, A]] = []
        touched: set[Hashable] = set()
        for turn in self._waiting:
            fits = len(taken) < self._most and touched.isdisjoint(turn.touched)
            (taken if fits else left).append(turn)
            touched |= turn.touched
        self._waiting = left
        return taken


def _fail(turns: Sequence[_Turn[J, A]], error: BaseException) -> None:
    """Tell all of them, each by an error of its own, that the turn was not brought to its end."""
    for turn in turns:
        if turn.done:
            continue
        turn.done = True
        if isinstance(error, Outage):
            turn.error = type(error)(*error.args)
        else:
            turn.error = StorageUnavailable(f"whoever wrote this with others was stopped ({type(error).__name__}); run the same command again")
        turn.error.__cause__ = error
