"""A thousand orders over fifty warehouses as plain data, for every side to make its own of; money in cents, distances in kilometers."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

ORDERS, PLACES, SKUS = 1_000, 50, 40
PER_KM, SPLIT, SHORTFALL = 1, 200, 15


@cache
def warehouses() -> tuple[dict[str, Any], ...]:
    """Where each lies, what a parcel and a unit cost from there, and what it has: of each sku some units, and how many it wants to keep."""
    rng = random.Random(11)
    return tuple(
        {
            "id": f"w{number:02}",
            "at": (rng.randint(0, 1_000), rng.randint(0, 1_000)),
            "parcel": rng.choice((390, 490, 590)),
            "unit": rng.randint(10, 60),
            "stock": {sku: (rng.randint(0, 8), rng.randint(0, 4)) for sku in range(SKUS) if rng.random() < 0.5},
        }
        for number in range(PLACES)
    )


@cache
def order(turn: int) -> dict[str, Any]:
    """The order of a turn: one to six lines, of which now and then two want the same sku, and how far it is from each warehouse."""
    rng = random.Random(5_000 + turn % ORDERS)
    lines = [(rng.randrange(SKUS), rng.randint(1, 4)) for _ in range(rng.randint(1, 6))]
    if len(lines) > 2 and rng.random() < 0.2:
        lines[1] = (lines[0][0], lines[1][1])
    x, y = rng.randint(0, 1_000), rng.randint(0, 1_000)
    return {"lines": lines, "distances": [abs(x - place["at"][0]) + abs(y - place["at"][1]) for place in warehouses()]}
