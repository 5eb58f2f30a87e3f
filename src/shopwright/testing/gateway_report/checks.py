"""What a run of the kit found, as values: checks, the promises they stand for, and the gateways that were checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import entry_points
from typing import Any

import pytest
from attrs import asdict, frozen

from shopwright.testing.gateway_contract.promises import PROMISES, Promise

KEPT, REFUSED, NOT_STAGED, BROKEN = "kept", "refused", "not staged", "broken"
VERDICTS = (KEPT, REFUSED, NOT_STAGED, BROKEN)
"""It works; it is not declared, and refused; its fake cannot bring it about; it does not hold."""


@frozen
class Check:
    """One test: the promise it stands for, its sentence, its case, how it ended, and why where that says something."""

    promise: int
    sentence: str
    case: str
    verdict: str
    why: str = ""


@frozen
class CheckedGateway:
    """A gateway and its checks. `facts` say what it declares."""

    test: str
    name: str
    package: str
    version: str
    facts: tuple[tuple[str, str], ...]
    checks: tuple[Check, ...]

    @property
    def title(self) -> str:
        """Its name with the version of its distribution."""
        return f"{self.name} ({f'{self.package} {self.version}'.strip()})"

    @property
    def summary(self) -> str:
        """One line on all of it."""
        sums = self.sums(self.checks)
        parts = ", ".join(f"{sums[verdict]} {verdict}" for verdict in VERDICTS if sums[verdict])
        broken = sorted({check.promise for check in self.checks if check.verdict == BROKEN})
        names = f"; broken: {', '.join(PROMISES[number].name for number in broken)}" if broken else ""
        return f"{self.title}: {len(self.checks)} checks: {parts}{names}"

    def rows(self) -> tuple[tuple[Promise, Counter[str]], ...]:
        """How the checks of each promise ended."""
        return tuple((promise, self.sums(check for check in self.checks if check.promise == promise.number)) for promise in PROMISES.values())

    @staticmethod
    def sums(checks: Iterable[Check]) -> Counter[str]:
        """How many ended in which way."""
        return Counter(check.verdict for check in checks)


def verdict_of(sums: Mapping[str, int]) -> str:
    """How a promise stands: broken by one broken check, kept by one that holds, otherwise what all of them are."""
    return next((verdict for verdict in (BROKEN, KEPT, REFUSED, NOT_STAGED) if sums.get(verdict)), "not checked")


def check_of(item: pytest.Item, report: pytest.TestReport, number: int, refused: Sequence[str]) -> dict[str, Any]:
    """A check as plain data, so that it travels between processes."""
    verdict, why = BROKEN, ""
    if report.skipped:
        verdict, why = NOT_STAGED, report.longrepr[2].removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else ""
    elif report.passed:
        verdict, why = (REFUSED, f"not declared: {', '.join(refused)}") if refused else (KEPT, "")
    else:
        why = next((line for line in str(report.longreprtext).splitlines() if line.startswith("E ")), "")[1:].strip()
    name = getattr(item, "originalname", None) or item.name
    check = Check(number, name.removeprefix("test_").replace("_", " "), item.name.removeprefix(name).strip("[]"), verdict, why)
    return {"test": item.nodeid.rpartition("::")[0], "gateway": _facts(getattr(item, "funcargs", {}).get("stage")), "check": asdict(check)}


def _facts(stage: Any) -> dict[str, Any] | None:
    try:
        gateway = stage.again()
        facts = [(field, _said(value)) for field, value in asdict(gateway.capabilities, recurse=False).items()]
        top = type(gateway).__module__.partition(".")[0]
        return {"name": str(gateway.name), "package": top, "facts": facts}
    except Exception:  # noqa: BLE001  # whatever keeps a gateway from being made is told by its tests
        return None


def _said(value: Any) -> str:
    if isinstance(value, frozenset):
        return ", ".join(sorted(map(str, value))) or "none"
    if isinstance(value, tuple):
        return ", ".join(f"{name} {amount}" for name, amount in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "not limited" if value is None else str(value)


def gateways_of(told: Iterable[Mapping[str, Any]]) -> list[CheckedGateway]:
    """The gateways of a run, each with its checks by promise."""
    checks: dict[str, list[Check]] = {}
    facts: dict[str, Mapping[str, Any]] = {}
    for each in told:
        checks.setdefault(each["test"], []).append(Check(**each["check"]))
        if each["gateway"] is not None:
            facts[each["test"]] = each["gateway"]
    found = []
    for test, of_test in sorted(checks.items()):
        known = facts.get(test, {"name": test.rpartition("::")[2], "package": "", "facts": []})
        package, release = _distribution(known["name"], known["package"])
        ordered = tuple(sorted(of_test, key=lambda check: (check.promise, check.sentence, check.case)))
        declared = tuple((name, value) for name, value in known["facts"])
        found.append(CheckedGateway(test, known["name"], package, release, declared, ordered))
    return found


def _distribution(name: str, package: str) -> tuple[str, str]:
    """The distribution that brings a gateway, and its version; the package itself where none does."""
    for point in entry_points(group="shopwright.gateways", name=name):
        if point.dist is not None and point.module.partition(".")[0] == package:
            return point.dist.name, point.dist.version
    return package or "no gateway was made", ""
