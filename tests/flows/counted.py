"""A mall that counts what happens: its visits, scenarios, and what is refused."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from shopwright import CancelOrder, Order, accepted, customer, flows
from shopwright.errors import InvalidValue
from shopwright.flows.statistics.commands import RecordVisits
from shopwright.ports.storage import START as BEGINNING
from shopwright.ports.storage import Query
from shopwright.statistics.reports import By
from shopwright.statistics.visits import Step, VisitStep
from shopwright.wire.statistics_kinds import VISITS, DayTally, KnownVisitor
from tests.flows.bad_case import Bad
from tests.flows.mall import ANN, CLERK, START, Mall, an_order, paid, placed
from tests.flows.scenario import Scenario

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
COOKIE = VisitStep(visitor="cookie-1", at=START)
STATISTICS_PARTS: dict[Any, dict[str, Any]] = {RecordVisits: {"steps": (COOKIE,)}}


def steps(*minutes: int, visitor: str = "cookie-1", step: Step = Step.VISIT, **facts: Any) -> tuple[VisitStep, ...]:
    """Steps of a visitor so many minutes after the shop has opened."""
    return tuple([VisitStep(visitor=visitor, at=START + timedelta(minutes=it), step=step, **facts) for it in minutes])


def visit(mall: Mall, *told: VisitStep, key: str = "visits", **facts: Any) -> int:
    """Tell the shop of these steps."""
    return mall.shop.visits.record(RecordVisits(**{"key": key, "by": CLERK, "steps": told or steps(0, 1), **facts}))


def follow(mall: Mall, *, limit: int = 500) -> int:
    """Count all there is; how many records that were."""
    count = 0
    while more := mall.shop.statistics.follow(limit=limit):
        count += more
    return count


def tallies_of(mall: Mall) -> Any:
    """What was counted, where, what steps there are, and which visitors are known."""
    storage = mall.storage
    tallies = [it.value for it in storage.find(Query(DayTally, order_by="shelf", limit=1_000)).items]
    seen = [it.value for it in storage.read(VISITS, after=BEGINNING, limit=1_000)]
    return tallies, seen, [it.value for it in storage.find(Query(KnownVisitor, order_by="last_at", limit=1_000)).items]


def _busy(mall: Mall) -> Order:
    """Two orders, one of them called off, and two visitors."""
    order = paid(mall.shop)
    placed(mall.shop, an_order(key="other"))
    accepted(mall.shop.orders.cancel(CancelOrder(key="off", by=ANN, order_id=order.id)))
    visit(mall, *steps(0, 1, 45), *steps(2, visitor="cookie-2", step=Step.CART))
    return order


def _counted(mall: Mall) -> None:
    visit(mall, *steps(0, 1), *steps(2, visitor="cookie-2"), *steps(60 * 24 * 8, visitor="cookie-3"))
    follow(mall)
    mall.clock.advance(timedelta(days=9))


COUNT_SCENARIOS = (
    Scenario("record visits", flows.record_visits, lambda mall, _: visit(mall)),
    Scenario("count what happened", flows.follow_statistics, lambda mall, _: follow(mall, limit=3), _busy),
    Scenario("forget visitors", flows.forget_visitors, lambda mall, _: mall.shop.visits.forget(), _counted),
)


def _report(mall: Mall, **facts: Any) -> Any:
    return mall.shop.statistics.report(**{"since": FIRST, "until": LAST, **facts})


COUNT_CASES: dict[str, list[Bad]] = {
    "visits.record": [
        Bad("by a customer", lambda mall: visit(mall, by=customer("ann")), InvalidValue, "for staff"),
        Bad("no steps", lambda mall: visit(mall, steps=()), InvalidValue, "at least 1"),
        Bad("a list", lambda mall: visit(mall, steps=[COOKIE]), InvalidValue, "must be tuple"),
        Bad("more steps than a batch has", lambda mall: visit(mall, steps=(COOKIE,) * 501), InvalidValue, "at most 500 steps"),
        Bad("what is no step", lambda mall: visit(mall, steps=("cookie-1",)), InvalidValue, "VisitStep"),
        Bad("nobody", lambda mall: visit(mall, *steps(0, visitor="")), InvalidValue, "VisitStep.visitor"),
        Bad("a step that is none", lambda mall: visit(mall, *steps(0, step="cart")), InvalidValue, "must be Step"),  # type: ignore[arg-type]
    ],
    "visits.forget": [
        Bad("too early", lambda mall: mall.shop.visits.forget(after=timedelta(days=1)), InvalidValue, "2 days or more"),
        Bad("no time", lambda mall: mall.shop.visits.forget(after=7), InvalidValue, "timedelta"),  # type: ignore[arg-type]
        Bad("no limit", lambda mall: mall.shop.visits.forget(limit=0), InvalidValue, "limit"),
    ],
    "statistics.follow": [
        Bad("no limit", lambda mall: mall.shop.statistics.follow(limit=0), InvalidValue, "limit"),
        Bad("a limit that is none", lambda mall: mall.shop.statistics.follow(limit="all"), InvalidValue, "limit"),  # type: ignore[arg-type]
    ],
    "statistics.report": [
        Bad("days the wrong way round", lambda mall: _report(mall, since=LAST, until=FIRST), InvalidValue, "swap the two"),
        Bad("a moment", lambda mall: _report(mall, since=START), InvalidValue, "expected a day"),
        Bad("by what is none", lambda mall: _report(mall, by=("day",)), InvalidValue, "allowed: day"),
        Bad("by a text", lambda mall: _report(mall, by="day"), InvalidValue, "tuple of By"),
        Bad("by two calendars", lambda mall: _report(mall, by=(By.DAY, By.MONTH)), InvalidValue, "each once"),
        Bad("by categories and sellers", lambda mall: _report(mall, by=(By.CATEGORY, By.SELLER)), InvalidValue, "each once"),
        Bad("a currency that is none", lambda mall: _report(mall, currency="EURO"), InvalidValue, "currency"),
    ],
}
