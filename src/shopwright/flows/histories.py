"""The history of an order, as it was written."""

from __future__ import annotations

from shopwright.flows.ports import Ports
from shopwright.ports.edge import check_text
from shopwright.ports.storage import START, Recorded
from shopwright.wire.kinds import EVENTS


def history(ports: Ports, order_id: str, *, expected: int | None = None) -> tuple[Recorded, ...]:
    """All events of one order, oldest first, or at least as many as are `expected`; raises `InvalidValue` for what cannot be an order's id."""
    check_text("order id", order_id)
    found: list[Recorded] = []
    after = START
    while page := ports.storage.read(EVENTS, after=after, limit=500, key=order_id):
        found += page
        after = page[-1].position
        if expected is not None and len(found) >= expected:
            break
    return tuple(found)
