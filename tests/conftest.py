"""Options and fixtures for all tests: `--full`, a PostgreSQL of our own, and a fresh database in it for each test that asks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest
from hypothesis import settings

from shopwright.testing import postgres
from shopwright.testing.postgres import LocalPostgres
from tests.surroundings import missing, peer

# The same examples in every run of CI, so that it judges the change and not the dice; elsewhere new ones each time, and with `--full` more of them.
settings.register_profile("same", deadline=None, print_blob=True, max_examples=60, derandomize=True)
settings.register_profile("new", deadline=None, print_blob=True, max_examples=60)
settings.register_profile("many", deadline=None, print_blob=True, max_examples=200)
settings.load_profile("same" if os.environ.get("CI") else "new")

_numbers = count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="also run the tests marked `full`, which take minutes")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--full"):
        settings.load_profile("many")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--full"):
        return
    later = [item for item in items if item.get_closest_marker("full")]
    if later:
        config.hook.pytest_deselected(items=later)
        items[:] = [item for item in items if not item.get_closest_marker("full")]


TOLD = {
    "crash_points": "flows were made to crash at {} points, and went on",
    "wire_points": "exchanges with providers went wrong {} times, and money moved once",
    "heard_orders": "what providers pushed was heard in {} orders, to the same amounts",
    "refused_notifications": "{} notifications that were changed, weakened, stale or another's were refused",
    "harmless_notifications": "{} notifications that came again changed nothing",
    "joint_states": "orders were walked through {} joint states",
}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell at how many points flows were made to crash, and through how many states orders were walked."""
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.stats.get(outcome, ())]
    told = [pair for report in reports for pair in getattr(report, "user_properties", ())]
    for name, words in TOLD.items():
        if total := sum(value for told_name, value in told if told_name == name):
            terminalreporter.write_line(words.format(f"{total:,}"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[LocalPostgres]:
    """A PostgreSQL server of this test run alone; no test pulls the plug of the machine, so it does not wait for the disk."""
    reason = postgres.missing()
    if reason is not None:
        missing(reason)
    # Autovacuum has transactions of its own, and until they end a stream shows nothing that began after them.
    with postgres.LocalPostgres(fsync=False, settings={"autovacuum": "off"}) as server:
        yield server


@pytest.fixture
def postgres_database(postgres_server: LocalPostgres) -> Iterator[str]:
    """How to reach an empty database that nobody else uses; it is dropped afterwards."""
    with empty_database(postgres_server) as conninfo:
        yield conninfo


@contextmanager
def empty_database(server: LocalPostgres) -> Iterator[str]:
    """The same for as long as the block lasts, for what several tests share."""
    name = f"shopwright_{next(_numbers)}"
    with peer("psycopg").connect(server.conninfo, autocommit=True) as admin:
        admin.execute(f"create database {name}")
        yield server.conninfo.replace("dbname=postgres", f"dbname={name}")
        admin.execute(f"drop database {name} with (force)")
