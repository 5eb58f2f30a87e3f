"""Units that were sold and are not on the shelf: held back until the exception that tells of them is resolved, while the others are shipped.

Rules
- EXCEPT-7: units of which an open `out_of_stock` tells are not set aside; those that nobody misses are, so that an order is split.
"""

from __future__ import annotations

from shopwright.orders.exceptions import OUT_OF_STOCK
from shopwright.orders.lines import OrderLine
from shopwright.orders.order import Order


def withheld(order: Order, line_no: int) -> int:
    """How many open units of a line are missed; those that are not open any more are not."""
    notes = [note for _, note in order.open_exceptions if note.code == OUT_OF_STOCK and note.fact("line_no") == line_no]
    return sum([int(note.fact("units") or 0) for note in notes])


def free_of(order: Order, line: OrderLine) -> int:
    """How many open units of a line can be set aside."""
    missed = withheld(order, line.line_no) if order.exceptions else 0
    return max(0, line.buckets.open - missed)
