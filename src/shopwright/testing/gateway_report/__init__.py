"""A pytest plug-in for those who write a gateway: run promise by promise, and publish what your gateway keeps.

    addopts = ["-p", "shopwright.testing.gateway_report"]

    pytest --gateway-promises 1,2                 the checks of these promises and no others
    pytest --gateway-report promises.html         also .md and .json: each check, kept, refused, not staged or broken

Rules
- it is asked for by name, so that a shop which has Shopwright installed runs its own tests without it;
- what is not declared and was refused is told apart from what is declared and works;
- a check that its fake cannot stage is told too: a report is no better than what stands behind it;
- with several processes (pytest-xdist) there is one report.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

_CHECKS = pytest.StashKey[list[dict[str, Any]]]()
_REFUSED = pytest.StashKey[list[str]]()
_ENDINGS = (".html", ".json", ".md")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--gateway-promises` and `--gateway-report`."""
    group = parser.getgroup("shopwright gateways")
    group.addoption("--gateway-promises", metavar="NUMBERS", help="run only the checks of these promises of the gateway port, such as 1,2,7")
    group.addoption("--gateway-report", metavar="FILE", help="write what each gateway keeps into FILE; its ending says how: .html, .md or .json")


def pytest_configure(config: pytest.Config) -> None:
    """Say at once what is wrong with an option."""
    config.stash[_CHECKS] = []
    target = config.getoption("--gateway-report")
    if target is not None and Path(target).suffix not in _ENDINGS:
        raise pytest.UsageError(f"--gateway-report writes a file that ends in one of {', '.join(_ENDINGS)}, got {target!r}")
    _wanted(config)


def _wanted(config: pytest.Config) -> frozenset[int] | None:
    text = config.getoption("--gateway-promises")
    if text is None:
        return None
    numbers = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and 1 <= int(part) <= 17 for part in numbers):
        raise pytest.UsageError(f"--gateway-promises takes numbers from 1 to 17 with commas between them, got {text!r}")
    return frozenset(map(int, numbers))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the checks of promises that are not asked for."""
    wanted = _wanted(config)
    if wanted is None:
        return
    others = [item for item in items if _promise(item) not in wanted]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if _promise(item) in wanted]


def _promise(item: pytest.Item) -> int | None:
    return getattr(getattr(item, "function", None), "gateway_promise", None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Hear what the check finds not declared."""
    if _promise(item) is None:
        return (yield)
    from shopwright.testing.gateway_contract.stage import noting_refusals

    with noting_refusals() as refused:
        item.stash[_REFUSED] = refused
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Hand the check over with the report of its test, from whichever process ran it."""
    report = yield
    number = _promise(item)
    if number is not None and (report.when == "call" or report.outcome != "passed"):
        from shopwright.testing.gateway_report.checks import check_of

        refused = item.stash.get(_REFUSED, [])
        report.gateway_check = check_of(item, report, number, refused)  # type: ignore[attr-defined]  # reports carry what plug-ins add
    return report


class _Gathering:
    """Gathers the checks of a session where it ends."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told = getattr(report, "gateway_check", None)
        if told is not None:
            self._config.stash[_CHECKS].append(told)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Gather in the process that writes, and in no other."""
    if not hasattr(session.config, "workerinput"):
        session.config.pluginmanager.register(_Gathering(session.config), "shopwright-gateway-checks")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Tell how each gateway stands, and write the report."""
    told = config.stash[_CHECKS]
    if not told:
        return
    from shopwright.testing.gateway_report.checks import gateways_of
    from shopwright.testing.gateway_report.pages import written

    gateways = gateways_of(told)
    terminalreporter.section("promises of gateways")
    for gateway in gateways:
        terminalreporter.write_line(gateway.summary)
    target = config.getoption("--gateway-report")
    if target is not None:
        place = Path(target)
        place.write_text(written(gateways, place.suffix), encoding="utf-8")
        terminalreporter.write_line(f"written to {place}")
