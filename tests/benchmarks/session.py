"""One run of the benchmarks: how long to measure, where files may lie, the PostgreSQL of the run, and the race itself."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from tests.benchmarks.rows import Row, compared, measure, skipped
from tests.benchmarks.sides import PeerMissing, Side, Slice


class Unequal(Exception):
    """Two sides gave different answers: there is nothing to compare."""


@frozen
class Plan:
    """How much to measure. `again` is how often a race with a row below its goal gets as many rounds more, all slices counted."""

    seconds: float
    rounds: int
    again: int


QUICK = Plan(seconds=0.04, rounds=3, again=0)
FULL = Plan(seconds=0.25, rounds=13, again=2)


@frozen
class Race:
    """One job at one scale: what all sides must answer, and in which unit they are told.

    Sides are opened lazily, ours first, so that a peer that is missing loses its own row alone.
    """

    job: str
    scale: str
    unit: str
    ours: Callable[[], Side]
    peers: dict[str, Callable[[], Side]]
    check: int = 3
    expected: Any = None


@define
class Session:
    """What the jobs of one run share."""

    plan: Plan
    place: Path
    _stack: ExitStack
    _rng: random.Random = field(factory=lambda: random.Random(7))
    _numbers: Iterator[int] = field(factory=count)

    def say(self, text: str) -> None:
        """Show how far the run is."""
        print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)

    def path(self, name: str) -> Path:
        """A place for a file that nobody else uses."""
        return self.place / f"{next(self._numbers)}-{name}"

    @cached_property
    def postgres(self) -> Any:
        """The PostgreSQL of this run, started when it is first asked for; every setting that durability hangs on is the server's default."""
        from tests.benchmarks.servers import started

        self.say("starting a PostgreSQL")
        return self._stack.enter_context(started())

    def database(self) -> str:
        """The address of an empty PostgreSQL database."""
        return str(self.postgres.database(f"bench_{next(self._numbers)}"))

    def run(self, race: Race) -> list[Row]:
        """All rows of a race."""
        with ExitStack() as stack:
            ours = _opened(stack, race.ours)
            peers: dict[str, Side] = {}
            missing: list[Row] = []
            for name, opener in race.peers.items():
                try:
                    peers[name] = _opened(stack, opener)
                except PeerMissing as why:
                    missing.append(skipped(race.job, name, race.scale, race.unit, str(why)))
            self.say(f"{race.job}, {race.scale}: ours against {', '.join(peers) or 'nobody'}")
            assert_equal_answers([ours, *peers.values()], race)
            return [*self._measured(race, ours, peers), *missing]

    def _measured(self, race: Race, ours: Side, peers: dict[str, Side]) -> list[Row]:
        slices: dict[str, list[Slice]] = {"": [], **{name: [] for name in peers}}
        sides = {"": ours, **peers}
        rows: list[Row] = []
        for attempt in range(1 + self.plan.again):
            self.alternate({name: lambda side=side: side.slice(self.plan.seconds) for name, side in sides.items()}, slices)
            mine = measure(slices[""], race.unit)
            rows = [compared(race.job, name, race.scale, race.unit, mine, measure(slices[name], race.unit)) for name in peers]
            missed = [row.peer for row in rows if row.missed]
            if not missed or attempt == self.plan.again:
                break
            self.say(f"  below the goal against {', '.join(missed)}; as many rounds more, all of them counted")
        return rows

    def alternate(self, turns: dict[Any, Callable[[], Any]], into: dict[Any, list[Any]], rounds: int | None = None) -> None:
        """Give every turn once per round, in random order."""
        for _ in range(rounds or self.plan.rounds):
            names = list(turns)
            self._rng.shuffle(names)
            for name in names:
                into[name].append(turns[name]())


def _opened(stack: ExitStack, opener: Callable[[], Side]) -> Side:
    side = opener()
    stack.callback(side.close)
    return side


def assert_equal_answers(sides: Sequence[Side], race: Race) -> None:
    """All sides answer alike, and as expected; raises `Unequal` naming the two that do not."""
    reference, expected = ("what is expected", race.expected) if race.expected is not None else (sides[0].name, None)
    for side in sides:
        got = side.answers(race.check)
        if expected is None:
            expected = got
        elif got != expected:
            where, one, other = difference(got, expected)
            raise Unequal(f"{race.job}, {race.scale}: at {where} {side.name} answers {one!r:.300}, and {reference} is {other!r:.300}")


def difference(one: Any, other: Any, path: str = "$") -> tuple[str, Any, Any]:
    """Where two pieces of plain data first differ, and what stands there in each."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        pairs = [(f".{key}", one[key], other[key]) for key in one]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [(f"[{place}]", *both) for place, both in enumerate(zip(one, other, strict=True))]
    else:
        return path, one, other
    step, mine, theirs = next(pair for pair in pairs if pair[1] != pair[2])
    return difference(mine, theirs, path + step)


@define
class opened_session:  # noqa: N801  # used as a verb: `with opened_session(plan) as session`
    """A session whose files and servers are gone afterwards."""

    plan: Plan
    _stack: ExitStack = field(factory=ExitStack, init=False)

    def __enter__(self) -> Session:
        place = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="shopwright-bench-", ignore_cleanup_errors=True)))
        return Session(self.plan, place, self._stack)

    def __exit__(self, *error: object) -> None:
        self._stack.close()
