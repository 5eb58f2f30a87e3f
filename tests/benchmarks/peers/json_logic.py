"""Conditions with JSON Logic (json-logic-qubit): rules as plain data, which it walks through for each cart."""

from __future__ import annotations

from typing import Any

from tests.benchmarks import asked
from tests.benchmarks.sides import CPU, Bench, peer


def open_bench() -> Bench:
    """All conditions on one cart."""
    evaluate = peer("json_logic").jsonLogic
    rules = [rule(tree) for tree in asked.conditions()]

    def run(facts: dict[str, Any]) -> list[Any]:
        return [evaluate(each, facts) for each in rules]

    return Bench(run=run, prepare=asked.facts, tell=lambda met: list(map(bool, met)), per=asked.CONDITIONS, clock=CPU)


def rule(tree: asked.Tree) -> dict[str, Any]:
    """A tree in its language."""
    match tree:
        case "all" | "any" as kind, parts:
            return {"and" if kind == "all" else "or": [rule(part) for part in parts]}
        case "not", part:
            return {"!": [rule(part)]}
        case "total" | "units" as name, least:
            return {">=": [{"var": name}, least]}
        case "tier" | "country" as name, names:
            return {"in": [{"var": name}, list(names)]}
        case "category", name:
            return {"in": [name, {"var": "categories"}]}
        case "channel", name:
            return {"==": [{"var": "channel"}, name]}
        case _:
            return {"==": [{"var": "orders"}, 0]}
