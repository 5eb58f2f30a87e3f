"""A walk through the product of an order and its cases, by public verbs alone: all that people, carriers, gateways and time may do to either.

A case is moved by its shop, by its customer, and by time. What the shop and time do leads forth; no end may hang on what the customer does.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from datetime import timedelta
from functools import partial

from attrs import define, evolve, field, frozen

from shopwright.errors import IllegalTransition
from shopwright.orders import Order, OrderEvent
from shopwright.refusals import Refusal
from shopwright.returns.applying import Grounds, answer, apply, expire, withdraw
from shopwright.returns.case import Case
from shopwright.returns.decision import CaseDecision
from shopwright.returns.events import CaseEvent
from shopwright.returns.receiving import inspect, miss, receive, send
from shopwright.returns.resolving import Resolved, end_quarantine, resolve
from shopwright.returns.reviewing import approve, ask, reject
from shopwright.returns.rules import GoodsFacts
from shopwright.returns.words import Condition, Disposition, Finding, Outcome, Resolution, Wish
from shopwright.testing.builders import ANN, CLERK, NOON
from shopwright.testing.move import Kind
from shopwright.testing.moves import moves
from tests.unit.orders.product import ended, joint
from tests.unit.returns.cases import PLAIN

LATER = NOON + timedelta(days=30)
GOODS = {"TEA": GoodsFacts(sku="TEA", unit_price=1_000)}


@frozen
class Affair:
    """An order and its cases, with their histories."""

    order: Order
    history: tuple[OrderEvent, ...]
    cases: tuple[Case, ...] = ()
    told: tuple[tuple[CaseEvent, ...], ...] = ()

    @property
    def key(self) -> Hashable:
        """What tells it from another."""
        return joint(self.order), tuple((case.state, case.lines, case.due_at is None) for case in self.cases)

    @property
    def at_rest(self) -> bool:
        """Whether nobody has to do anything any more."""
        return ended(self.order) and self.closed

    @property
    def closed(self) -> bool:
        """Whether its cases have come to an end, and no goods are kept aside."""
        return not any(case.open or any(line.quarantined for line in case.lines) for case in self.cases)


@frozen
class Step:
    """Something that can happen to an affair; `about_case` where it is a case that it happens to."""

    name: str
    act: Callable[[], Affair | None]
    kind: Kind = Kind.FORTH
    about_case: bool = True

    def taken(self) -> Affair | None:
        """What comes of it; `None` where it is not allowed, or nothing comes of it."""
        try:
            return self.act()
        except IllegalTransition:
            return None


Case_ = CaseDecision | Resolved | Refusal


def steps(here: Affair, wishes: tuple[Wish, ...], most: int) -> Iterator[Step]:
    """All that can happen next; each of these wishes may be applied for, in `most` cases at most."""
    for move in moves(here.order, at=NOON):
        yield Step(move.name, partial(_moved, here, move.taken), move.kind, about_case=False)
    for wish in wishes if len(here.cases) < most else ():
        yield Step(f"apply: {wish.why} {wish.resolution}", partial(_opened, here, wish), Kind.ELSE)
    for nth, case in enumerate(here.cases):
        for name, kind, act in _of_case(case, here.order):
            yield Step(name, partial(_done, here, nth, act), kind)


def _moved(here: Affair, taken: Callable[[Order], object]) -> Affair | None:
    decision = taken(here.order)
    if decision is None:
        return None
    return evolve(here, order=decision.order, history=(*here.history, *decision.events))  # type: ignore[attr-defined]


def _opened(here: Affair, wish: Wish) -> Affair | None:
    taken: dict[int, int] = {}
    for case in here.cases:
        for line_no, units in case.claimed().items():
            taken[line_no] = taken.get(line_no, 0) + units
    opened = apply(here.order, (wish,), Grounds(terms=PLAIN, goods=GOODS, taken=taken), nth=len(here.cases) + 1, by=ANN, at=NOON)
    if isinstance(opened, Refusal):
        return None
    return evolve(here, cases=(*here.cases, opened.case), told=(*here.told, opened.events))


def _done(here: Affair, nth: int, act: Callable[[], Case_]) -> Affair | None:
    outcome = act()
    if isinstance(outcome, Refusal):
        return None
    decision, order, history = (
        (outcome.case, outcome.order.order, outcome.order.events) if isinstance(outcome, Resolved) else (outcome, here.order, ())
    )
    if not decision.events:
        return None
    cases = tuple(decision.case if place == nth else it for place, it in enumerate(here.cases))
    told = tuple((*it, *decision.events) if place == nth else it for place, it in enumerate(here.told))
    return Affair(order, (*here.history, *history), cases, told)


def _of_case(case: Case, order: Order) -> Iterator[tuple[str, Kind, Callable[[], Case_]]]:
    yield "ask", Kind.ELSE, lambda: ask(case, PLAIN, note="which one?", by=CLERK, at=NOON)
    yield "answer", Kind.ELSE, lambda: answer(case, note="the blue one", by=ANN, at=NOON)
    yield "approve", Kind.FORTH, lambda: approve(case, PLAIN, by=CLERK, at=NOON)
    yield "reject", Kind.FORTH, lambda: reject(case, why="not ours", by=CLERK, at=NOON)
    yield "send", Kind.ELSE, lambda: send(case, by=ANN, at=NOON)
    yield "withdraw", Kind.ELSE, lambda: withdraw(case, by=ANN, at=NOON)
    yield "receive 1", Kind.ELSE, lambda: receive(case, ((1, 1),), by=CLERK, at=NOON)
    yield "miss", Kind.FORTH, lambda: miss(case, by=CLERK, at=NOON)
    yield "expire", Kind.FORTH, lambda: expire(case, at=LATER)
    if case.lines[0].received > case.lines[0].inspected:
        yield "inspect", Kind.FORTH, lambda: inspect(case, by=CLERK, at=NOON)
        bad = Finding(no=1, units=1, condition=Condition.USED, disposition=Disposition.QUARANTINE)
        good = Finding(no=1, units=1, condition=Condition.ACCEPTED, disposition=Disposition.QUARANTINE)
        yield "inspect: used", Kind.ELSE, lambda: inspect(case, (bad,), by=CLERK, at=NOON)
        yield "inspect: kept aside", Kind.ELSE, lambda: inspect(case, (good,), by=CLERK, at=NOON)
    yield "resolve", Kind.ELSE, lambda: resolve(case, order, by=CLERK, at=NOON)
    for instead in (Resolution.REFUND, Resolution.REJECT):
        if units := case.lines[0].within_reach:
            other = (Outcome(no=1, units=units, resolution=instead),)
            kind = Kind.FORTH if instead is Resolution.REJECT else Kind.ELSE
            yield f"resolve: {instead}", kind, partial(resolve, case, order, other, by=CLERK, at=NOON)
        else:
            yield "resolve: nothing", Kind.FORTH, lambda: resolve(case, order, by=CLERK, at=NOON)
    if any(line.quarantined for line in case.lines):
        for restocked in (True, False):
            yield f"kept aside: {restocked}", Kind.FORTH, partial(end_quarantine, case, order, restocked=restocked, by=CLERK, at=NOON)


@define
class Seen:
    """What a walk has seen."""

    affairs: dict[Hashable, Affair] = field(factory=dict)
    ways: dict[Hashable, tuple[str, ...]] = field(factory=dict)
    before: dict[Hashable, list[Hashable]] = field(factory=dict)
    before_by_case: dict[Hashable, list[Hashable]] = field(factory=dict)

    def stuck(self, *, cases_alone: bool) -> list[tuple[str, ...]]:
        """How one comes to where no way of people doing their part leads to rest; with `cases_alone` to the end of its cases, by their own moves."""
        before = self.before_by_case if cases_alone else self.before
        good = {key for key, it in self.affairs.items() if (it.closed if cases_alone else it.at_rest)}
        queue = deque(good)
        while queue:
            for earlier in before.get(queue.popleft(), ()):
                if earlier not in good:
                    good.add(earlier)
                    queue.append(earlier)
        return [self.ways[key] for key in self.affairs if key not in good]


def walk(start: Affair, wishes: tuple[Wish, ...], named: str, allow: Callable[[str, Affair], bool], *, cases: int, most: int) -> Seen:
    """Every joint state that steps of these names lead to; raises `AssertionError` when there are more than `most`."""
    seen, allowed = Seen({start.key: start}, {start.key: ()}), re.compile(named)
    queue = deque([start.key])
    while queue:
        from_ = queue.popleft()
        here = seen.affairs[from_]
        for step in steps(here, wishes, cases):
            after = step.taken() if allowed.fullmatch(step.name) and allow(step.name, here) else None
            if after is None:
                continue
            key = after.key
            if step.kind is Kind.FORTH:
                seen.before.setdefault(key, []).append(from_)
                if step.about_case:
                    seen.before_by_case.setdefault(key, []).append(from_)
            if key not in seen.affairs:
                seen.affairs[key], seen.ways[key] = after, (*seen.ways[from_], step.name)
                queue.append(key)
        assert len(seen.affairs) <= most, f"more than {most} joint states; the last came by {seen.ways[from_]}"
    return seen
