"""Conditions with zen-engine: expressions, compiled once, each evaluated on the facts of a cart. Its engine is written in Rust."""

from __future__ import annotations

from typing import Any

from tests.benchmarks import asked
from tests.benchmarks.sides import CPU, Bench, peer


def open_bench() -> Bench:
    """All conditions on one cart."""
    compile_expression = peer("zen").compile_expression
    compiled = [compile_expression(written(tree)) for tree in asked.conditions()]

    def run(facts: dict[str, Any]) -> list[bool]:
        return [each.evaluate(facts) for each in compiled]

    return Bench(run=run, prepare=asked.facts, per=asked.CONDITIONS, clock=CPU)


def written(tree: asked.Tree) -> str:
    """A tree in its language."""
    match tree:
        case "all" | "any" as kind, parts:
            return "(" + (" and " if kind == "all" else " or ").join(map(written, parts)) + ")"
        case "not", part:
            return f"not {written(part)}"
        case "total" | "units" as name, least:
            return f"({name} >= {least})"
        case "tier" | "country" as name, names:
            return f"({name} in [{', '.join(map(repr, names))}])"
        case "category", name:
            return f"({name!r} in categories)"
        case "channel", name:
            return f"(channel == {name!r})"
        case _:
            return "(orders == 0)"
