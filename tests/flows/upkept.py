"""The upkeep of a mall in tests: a mall where each part has something to do, where it crashes, and what is wrong."""

from __future__ import annotations

from datetime import timedelta

from shopwright import accepted, flows
from shopwright.errors import InvalidValue
from shopwright.flows.returns import commands as r
from tests.flows.bad_case import Bad
from tests.flows.cased import apply, do
from tests.flows.excepted import promised
from tests.flows.given_back import come
from tests.flows.mall import Mall, an_order, placed
from tests.flows.scenario import Scenario

DAY = timedelta(days=1)


def overdue(mall: Mall) -> None:
    """A mall with an order that nobody paid, one that is late, and a case whose goods were never sent."""
    promised(mall, days=0)
    case = accepted(apply(mall, come(mall, key="came")))
    accepted(do(mall, r.ApproveCase, case))
    placed(mall.shop, an_order(key="unpaid"))
    mall.clock.advance(15 * DAY)


def _unpaid_and_late(mall: Mall) -> None:
    """Something to do for the first part and the last: every call of each part crashes in a scenario of its own."""
    promised(mall, days=2)
    placed(mall.shop, an_order(key="unpaid"))
    mall.clock.advance(DAY)


UPKEEP_CASES = {
    "upkeep.sweep": [
        Bad("no limit", lambda mall: mall.shop.upkeep.sweep(limit=0), InvalidValue, "limit", before=overdue),
        Bad("a word for a limit", lambda mall: mall.shop.upkeep.sweep(limit="all"), InvalidValue, "limit", before=overdue),  # type: ignore[arg-type]
        Bad("progress to nobody", lambda mall: mall.shop.upkeep.sweep(progress="bar"), InvalidValue, "function", before=overdue),  # type: ignore[arg-type]
    ],
}

UPKEPT = (Scenario("sweep a whole shop", flows.sweep_shop, lambda mall, _: mall.shop.upkeep.sweep(), _unpaid_and_late),)
