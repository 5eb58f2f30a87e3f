"""The conditions of a hundred coupons and the carts they are asked about, as plain data, for every side to make its own of.

A tree is `("all", trees)`, `("any", trees)`, `("not", tree)`, `("total", cents)`, `("units", count)`, `("tier", names)`, `("country", names)`,
`("category", name)`, `("channel", name)` or `("first_order",)`; a cart has each of these as a fact, so that nothing is unknown.
"""

from __future__ import annotations

import random
from functools import cache
from typing import Any

CONDITIONS, CARTS = 100, 200
TIERS = ("basic", "silver", "gold", "diamond")
COUNTRIES = ("DE", "AT", "CH", "FR", "NL", "GB")
CATEGORIES = ("tea", "books", "shoes", "garden", "toys", "games", "bags")
CHANNELS = ("web", "app", "outlet")

Tree = tuple[Any, ...]


@cache
def conditions() -> tuple[Tree, ...]:
    """The trees."""
    rng = random.Random(3)
    return tuple(_tree(rng) for _ in range(CONDITIONS))


def _tree(rng: random.Random) -> Tree:
    either = ("any", (("category", rng.choice(CATEGORIES)), ("first_order",), ("units", rng.randint(3, 20))))
    parts: list[Tree] = [
        ("total", 100 * rng.randint(1, 60)),
        ("tier", tuple(sorted(rng.sample(TIERS, 3)))),
        ("country", tuple(sorted(rng.sample(COUNTRIES, 4)))),
        rng.choice((either, ("category", rng.choice(CATEGORIES)), ("units", rng.randint(1, 12)))),
        *rng.choice(((), (("not", ("channel", "outlet")),))),
    ]
    return "all", tuple(parts)


@cache
def cart(turn: int) -> dict[str, Any]:
    """The facts of a turn's cart; each line is a category, a quantity and a price in cents."""
    rng = random.Random(1_000 + turn % CARTS)
    lines = [(rng.choice(CATEGORIES), rng.randint(1, 3), 100 * rng.randint(1, 9)) for _ in range(rng.randint(1, 12))]
    return {
        "lines": lines,
        "total": sum(quantity * price for _, quantity, price in lines),
        "units": sum(quantity for _, quantity, _ in lines),
        "categories": sorted({category for category, _, _ in lines}),
        "tier": rng.choice(TIERS),
        "country": rng.choice(COUNTRIES),
        "channel": rng.choice(CHANNELS),
        "orders": rng.randint(0, 3),
    }


def facts(turn: int) -> dict[str, Any]:
    """What a rule engine is asked about: the same facts without the lines, which makes them cheaper to hand over."""
    return {name: value for name, value in cart(turn).items() if name != "lines"}


def holds(tree: Tree, given: dict[str, Any]) -> bool:
    """The right answer."""
    match tree:
        case "all", parts:
            return all(holds(part, given) for part in parts)
        case "any", parts:
            return any(holds(part, given) for part in parts)
        case "not", part:
            return not holds(part, given)
        case "total" | "units" as name, least:
            return bool(given[name] >= least)
        case "tier" | "country" as name, names:
            return given[name] in names
        case "category", name:
            return name in given["categories"]
        case "channel", name:
            return bool(given["channel"] == name)
        case _:
            return bool(given["orders"] == 0)


def answers(turns: int) -> list[list[bool]]:
    """What every side must answer to the first turns."""
    return [[holds(tree, cart(turn)) for tree in conditions()] for turn in range(turns)]
