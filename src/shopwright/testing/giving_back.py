"""What can happen to units once they have left: money goes back for them, they come back, they go out once more. Of few units on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from shopwright.orders.decision import Decision
from shopwright.orders.lines import Bucket, OrderLine
from shopwright.orders.order import Order
from shopwright.orders.planning import plan_refund, refund_planned
from shopwright.orders.refunds import goodwill
from shopwright.orders.returning import REOPENED_FROM, reopen_units, return_units
from shopwright.refusals import Refusal
from shopwright.testing.builders import CLERK
from shopwright.testing.move import Kind, Move

Units = tuple[tuple[int, int], ...]


def of_units(order: Order, at: datetime) -> Iterator[Move]:
    """Refunds of units, apologies, and goods that come back from the buyer and go out again."""
    yield Move("goodwill 1", lambda o: goodwill(o, 1, reason="it came late", by=CLERK, at=at), Kind.ELSE)
    settled = {it.line_no: it.units for it in order.settled}
    for line in order.lines:
        free = line.buckets.left - settled.get(line.line_no, 0)
        if free > 0:
            yield _given_back("give back 1", ((line.line_no, 1),), at)
        if free > 1:
            yield _given_back("give back all", ((line.line_no, free),), at)
        yield from _of_line(line, at)


def _given_back(name: str, units: Units, at: datetime) -> Move:
    def act(order: Order) -> Decision | Refusal:
        plan = plan_refund(order, units, reason="it does not fit", by=CLERK, at=at)
        return plan if isinstance(plan, Refusal) else refund_planned(order, plan)

    return Move(name, act, Kind.ELSE, f"line {units[0][0]}")


def _of_line(line: OrderLine, at: datetime) -> Iterator[Move]:
    one, about = ((line.line_no, 1),), f"line {line.line_no}"
    if line.buckets.delivered:
        yield Move("come back", lambda o: return_units(o, one, at=at), Kind.ELSE, about)
        yield Move("come back, for sale", lambda o: return_units(o, one, restocked=one, at=at), Kind.ELSE, about)
    for source in sorted(REOPENED_FROM):
        if getattr(line.buckets, source):
            yield _again(one, source, about, at)


def _again(one: Units, source: Bucket, about: str, at: datetime) -> Move:
    return Move(f"again: {source}", lambda o: reopen_units(o, one, source=source, by=CLERK, at=at), Kind.ELSE, about)
