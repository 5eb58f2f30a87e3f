"""The rest of an order's life, as every side lives it: eight durable steps from paid to partly refunded."""

from __future__ import annotations

from typing import Any

from tests.benchmarks import work

REFUND = 500
"""What goes back at the end, in cents."""

REASON = "one came late"


def told(*, state: str, captured: int, refunded: int, delivered: int) -> dict[str, Any]:
    """How an order ended."""
    return {"state": state, "captured": captured, "refunded": refunded, "delivered": delivered}


def expected(turns: int) -> list[Any]:
    """What every side must answer to the first turns."""
    placed = work.expected(turns)[0]
    units = [sum(quantity for _, quantity in work.wanted(turn).lines) for turn in range(turns)]
    ends = [told(state="completed", captured=order["total"], refunded=REFUND, delivered=count) for order, count in zip(placed, units, strict=True)]
    return [ends, None]
