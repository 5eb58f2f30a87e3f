"""A crash before and after every call to the outside, in every flow: run the command again, and the world is as if nothing had happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.flows.register import FLOWS
from shopwright.ports.storage import Storage
from shopwright.testing.faults import Crash
from shopwright.wire.kinds import KINDS
from tests.flows.mall import Mall
from tests.flows.pictures import repeated
from tests.flows.scenarios import SCENARIOS, Scenario

Open = Callable[[], Storage]


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def open_storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """How to open a fresh, empty storage of each kind: a store in memory, or a scope of a database, which is much cheaper to make than a database."""
    with ExitStack() as stack:
        if request.param == "memory":
            yield lambda: MemoryStorage(KINDS)
            return
        shared: Any
        if request.param == "sqlite":
            shared = SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KINDS, upgrade=True, durability="normal")
        else:
            from shopwright.adapters.postgres.storage import PostgresStorage

            shared = PostgresStorage.open(request.getfixturevalue("postgres_database"), kinds=KINDS, upgrade=True)
        stack.callback(shared.close)
        worlds = count(1)
        yield lambda: shared.scoped(f"world-{next(worlds)}")


def test_every_flow_has_a_scenario() -> None:
    without = [flow.__name__ for flow in FLOWS if flow not in {scenario.flow for scenario in SCENARIOS}]

    assert without == []


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name.replace(" ", "-"))
def test_a_crash_at_any_call_and_a_repeat_end_where_no_crash_ends(scenario: Scenario, open_storage: Open, record_property: Any) -> None:
    undisturbed, subject = _prepared(scenario, open_storage)
    scenario.act(undisturbed, subject)
    calls = list(undisturbed.faults.calls)
    expected = repeated(undisturbed, scenario, subject)
    assert calls, "a flow without a call to the outside has nothing to crash at"

    for call in range(1, len(calls) + 1):
        for after in (False, True):
            mall, subject = _prepared(scenario, open_storage)
            mall.faults.crash_at(call, after=after)
            with pytest.raises(Crash):
                scenario.act(mall, subject)
            mall.faults.heal()
            mall.reopened()
            assert repeated(mall, scenario, subject) == expected, f"crash {'after' if after else 'before'} call {call}, {calls[call - 1]}"
    record_property("crash_points", 2 * len(calls))


def _prepared(scenario: Scenario, open_storage: Open) -> tuple[Mall, Any]:
    mall = Mall(open_storage(), terms=scenario.terms, ways=scenario.ways)
    subject = scenario.prepare(mall)
    mall.faults.heal()
    return mall, subject
