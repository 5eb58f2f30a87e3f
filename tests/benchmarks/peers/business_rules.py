"""Conditions with business-rules: trees of `all` and `any` over variables of a class. It has no `not`, so that asks for its opposite."""

from __future__ import annotations

from typing import Any

from tests.benchmarks import asked
from tests.benchmarks.sides import CPU, Bench, peer

NUMBERS, NAMES = ("total", "units", "orders"), ("categories", "tier", "country", "channel")


def open_bench() -> Bench:
    """All conditions on one cart."""
    check = peer("business_rules.engine").check_conditions_recursively
    trees = [rule(tree) for tree in asked.conditions()]
    kind = variables()

    def run(facts: dict[str, Any]) -> list[bool]:
        known = kind(facts)
        return [check(each, known) for each in trees]

    return Bench(run=run, prepare=asked.facts, tell=lambda met: list(map(bool, met)), per=asked.CONDITIONS, clock=CPU)


def variables() -> Any:
    """Its class of the facts: numbers, and sets of names."""
    library = peer("business_rules.variables")

    def number(name: str) -> Any:
        return library.numeric_rule_variable(lambda self: self.facts[name])

    def names(name: str) -> Any:
        return library.select_multiple_rule_variable()(lambda self: [known] if isinstance(known := self.facts[name], str) else known)

    def begin(self: Any, facts: dict[str, Any]) -> None:
        self.facts = facts

    members = {name: number(name) for name in NUMBERS} | {name: names(name) for name in NAMES}
    return type("Facts", (library.BaseVariables,), {"__init__": begin, **members})


def rule(tree: asked.Tree) -> dict[str, Any]:
    """A tree in its language."""
    match tree:
        case "all" | "any" as kind, parts:
            return {kind: [rule(part) for part in parts]}
        case "not", ("channel", name):
            return compared("channel", "shares_no_elements_with", [name])
        case "total" | "units" as name, least:
            return compared(name, "greater_than_or_equal_to", least)
        case "tier" | "country" as name, names:
            return compared(name, "shares_at_least_one_element_with", list(names))
        case "category", name:
            return compared("categories", "contains_all", [name])
        case "channel", name:
            return compared("channel", "contains_all", [name])
        case _:
            return compared("orders", "equal_to", 0)


def compared(name: str, operator: str, value: Any) -> dict[str, Any]:
    """One comparison."""
    return {"name": name, "operator": operator, "value": value}
