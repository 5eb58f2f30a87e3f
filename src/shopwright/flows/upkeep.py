"""All that a shop does by itself as time passes, in one call that a host makes every minute or so: its orders, its cases, and what is late.

Rules
- UPKEEP-1: each part has its turn on its own, at most `limit` at a time, in the order of `SweptShop`; what is left is found by the next call;
- UPKEEP-2: a part that fails keeps no other from its turn; what the first one raised is raised once all had theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from attrs import frozen

from shopwright.errors import InvalidValue, ShopwrightError
from shopwright.flows.checking import moment
from shopwright.flows.exceptions.late import LateSwept, sweep_late
from shopwright.flows.ports import Ports
from shopwright.flows.returns.sweeping import sweep_cases
from shopwright.flows.sweeping import Progress, Swept, sweep
from shopwright.ports.edge import check_integer

T = TypeVar("T")


@frozen
class SweptShop:
    """What each part has done."""

    orders: Swept = Swept()
    cases: int = 0
    late: LateSwept = LateSwept()

    @property
    def total(self) -> int:
        """How much was done in all; 0 when nothing was due."""
        of_orders = (self.orders.recovered, self.orders.expired, self.orders.completed, self.orders.lifted, self.orders.filled)
        return sum(of_orders) + self.cases + self.late.noted + self.late.told + self.late.given


def sweep_shop(ports: Ports, *, at: datetime, limit: int = 10_000, progress: Progress | None = None) -> SweptShop:
    """Do all that is due by now: what `sweep`, `sweep_cases` and `sweep_late` do, one after the other.

    Safe to run at the same time in several workers, and to run again after a crash: each step is taken once. `progress` is told the name of a
    job and how many it has looked at so far. Raises `InvalidValue` for a limit below 1 and a progress that cannot be called, before anything is done.
    """
    check_integer("limit", limit, least=1)
    if progress is not None and not callable(progress):
        raise InvalidValue(f"expected progress to be a function, got {type(progress).__name__}")
    at, failed = moment(at), list[ShopwrightError]()
    swept = SweptShop(
        orders=_turn(lambda: sweep(ports, at=at, limit=limit, progress=progress), Swept(), failed),
        cases=_turn(lambda: sweep_cases(ports, at=at, limit=limit, progress=progress), 0, failed),
        late=_turn(lambda: sweep_late(ports, at=at, limit=limit, progress=progress), LateSwept(), failed),
    )
    if failed:
        raise failed[0]
    return swept


def _turn(part: Callable[[], T], nothing: T, failed: list[ShopwrightError]) -> T:
    try:
        return part()
    except ShopwrightError as error:
        failed.append(error)
        return nothing
