"""The two sides of a race: a piece of work in this process, or in a process of its own.

Rules
- what `prepare` does is not timed, what `run` does is; `turn` is a new number for every piece of work;
- a heavy peer (an ORM with its registry, a framework) lives in its own process, so that it slows nobody's garbage collector but its own;
- a peer that is not installed fails where CI is set; elsewhere its rows say that it was skipped, and why.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any, Protocol

from attrs import define, field, frozen

CPU = time.thread_time
"""The clock for pure computation."""

LONGEST = 4
"""A slice ends after so many times its length, where most of it goes into what is not timed."""


class PeerMissing(Exception):
    """A peer cannot be imported here; the text says what to install."""


def peer(module: str) -> Any:
    """Import a peer; raises `PeerMissing`, or lets the `ImportError` through where CI is set."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        if os.environ.get("CI"):
            raise
        raise PeerMissing(f"{module} cannot be imported ({error}); `nox -s bench` installs it") from error


@frozen
class Slice:
    """One turn at the clock: the seconds of each timed call, how many pieces of work a call did, and how many worked at the same time."""

    latencies: tuple[float, ...]
    per: int = 1
    writers: int = 1

    @property
    def rate(self) -> float:
        """Pieces of work per second, of all together."""
        return len(self.latencies) * self.per * self.writers / sum(self.latencies)


@define
class Bench:
    """What a side does: `run(prepare(turn))`; `tell` puts the outcome into plain data, `facts` what is in its store afterwards.

    `clock` is the wall unless the work is nothing but computation: then the processor time of the thread (`CPU`) leaves out what else the
    machine does. `elsewhere` tells how many seconds so far were spent in what this benchmark does not measure, such as a driver. Work that takes
    seconds is done `once`: the very runs that it is checked by are what is timed.
    """

    run: Callable[[Any], Any]
    tell: Callable[[Any], Any] = lambda outcome: outcome
    prepare: Callable[[int], Any] = lambda turn: turn
    facts: Callable[[], Any] = lambda: None
    close: Callable[[], None] = lambda: None
    per: int = 1
    clock: Callable[[], float] = time.perf_counter
    elsewhere: Callable[[], float] = lambda: 0.0
    once: bool = False


class Side(Protocol):
    """One side of a race."""

    name: str

    def answers(self, count: int) -> Any:
        """The answers to the first pieces of work, and the facts they left, as plain data."""

    def slice(self, seconds: float) -> Slice:
        """Work for about so many timed seconds."""

    def close(self) -> None:
        """Let go of everything."""


@define
class Local:
    """A side in this process."""

    name: str
    bench: Bench
    turn: int = field(default=0, init=False)
    _checked: list[float] = field(factory=list, init=False)

    def answers(self, count: int) -> Any:
        """The answers to the first pieces of work, and the facts they left, as plain data."""
        bench = self.bench
        first = [bench.tell(self._timed(bench.prepare(self._next()))) for _ in range(count)]
        return json.loads(json.dumps([first, bench.facts()]))

    def _timed(self, item: Any) -> Any:
        begun = self.bench.clock()
        outcome = self.bench.run(item)
        self._checked.append(self.bench.clock() - begun)
        return outcome

    def slice(self, seconds: float) -> Slice:
        """Work for about so many timed seconds."""
        if self.bench.once:
            return Slice(tuple(self._checked), self.bench.per)
        run, prepare, clock, elsewhere = self.bench.run, self.bench.prepare, self.bench.clock, self.bench.elsewhere
        latencies: list[float] = []
        spent = 0.0
        gc.collect()
        gc.freeze()  # what the other sides keep in memory is not ours to walk through
        run(prepare(self._next()))  # the caches are ours again after the other side's turn
        until = time.perf_counter() + LONGEST * seconds
        while spent < seconds and (not latencies or time.perf_counter() < until):
            item = prepare(self._next())
            begun = clock() - elsewhere()
            run(item)
            took = clock() - elsewhere() - begun
            latencies.append(took)
            spent += took
        return Slice(tuple(latencies), self.bench.per)

    def close(self) -> None:
        """Let go of everything."""
        self.bench.close()

    def _next(self) -> int:
        self.turn += 1
        return self.turn - 1


class Remote:
    """A side in a process of its own: `module` has `open_bench(**facts) -> Bench`. Speaks JSON lines over pipes."""

    def __init__(self, name: str, module: str, **facts: Any) -> None:
        self.name = name
        command = [sys.executable, "-W", "ignore", "-m", __name__, module, json.dumps(facts)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            self._hear()
        except BaseException:
            self.close()
            raise

    def answers(self, count: int) -> Any:
        """The answers to the first pieces of work, and the facts they left, as plain data."""
        return self._ask({"answers": count})

    def slice(self, seconds: float) -> Slice:
        """Work for about so many timed seconds."""
        told = self._ask({"slice": seconds})
        return Slice(tuple(told["latencies"]), told["per"])

    def close(self) -> None:
        """Let go of everything: the process ends when its input does."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _ask(self, message: dict[str, Any]) -> Any:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()
        return self._hear()

    def _hear(self) -> Any:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the process of {self.name} ended with code {self._process.wait()}; its error is above")
        told = json.loads(line)
        if told.get("missing"):
            raise PeerMissing(told["missing"])
        return told["value"]


def serve(module: str, facts: dict[str, Any]) -> None:
    """The other end of `Remote`, in the child process. Whatever a peer prints, in C too, goes to stderr, so that the pipe stays ours."""
    pipe, sys.stdout = os.fdopen(os.dup(1), "w"), sys.stderr
    os.dup2(2, 1)

    def tell(**message: Any) -> None:
        print(json.dumps(message), file=pipe, flush=True)

    try:
        side = Local(module, importlib.import_module(module).open_bench(**facts))
    except PeerMissing as missing:
        tell(missing=str(missing))
        return
    tell(value="ready")
    for line in sys.stdin:
        message = json.loads(line)
        if "answers" in message:
            tell(value=side.answers(message["answers"]))
        else:
            done = side.slice(message["slice"])
            tell(value={"latencies": done.latencies, "per": done.per})
    side.close()


if __name__ == "__main__":
    # Through the import system once more, so that a peer's `PeerMissing` is the class that is caught here.
    importlib.import_module("tests.benchmarks.sides").serve(sys.argv[1], json.loads(sys.argv[2]))
