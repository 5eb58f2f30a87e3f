"""Exceptions in tests: good commands, bad cases, and what a crash breaks in two."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from shopwright import Order, accepted, flows
from shopwright.errors import InvalidValue
from shopwright.flows import commands as c
from shopwright.flows.commands import Command
from shopwright.flows.exceptions import commands as x
from shopwright.flows.exceptions.looking import InboxFilter
from shopwright.orders.exception_events import How
from tests.flows.bad_case import Bad
from tests.flows.mall import ANN, CLERK, Mall, paid
from tests.flows.scenario import Scenario

EXCEPTION_PARTS: dict[type[Command], dict[str, Any]] = {
    x.AssignException: {"exception": 1, "owner_id": "eve"},
    x.ResolveException: {"exception": 1, "how": How.ACCEPTED, "note": "she called"},
}


def odd(mall: Mall, code: str = "payment_amount", **facts: Any) -> Order:
    """A paid order with an open exception."""
    order = paid(mall.shop)
    return accepted(mall.shop.orders.note(c.NoteException(key=f"odd-{code}", by=CLERK, order_id=order.id, code=code, facts=tuple(facts.items()))))


def assign(order: Order, **facts: Any) -> x.AssignException:
    return evolve(x.AssignException(key="mine", by=CLERK, order_id=order.id, exception=1, owner_id="clerk"), **facts)


def resolve(order: Order, **facts: Any) -> x.ResolveException:
    return evolve(x.ResolveException(key="done", by=CLERK, order_id=order.id, exception=1, how=How.SETTLED, note="she called"), **facts)


def _bad(verb: str, name: str, expected: type[Exception] | str, match: str | None = None, **facts: Any) -> Bad:
    def act(mall: Mall) -> Any:
        (order,) = mall.orders()
        command = assign(order) if verb == "assign" else resolve(order)
        return getattr(mall.shop.exceptions, verb)(evolve(command, **facts))

    return Bad(name, act, expected, match, before=odd)


def _resolved(mall: Mall) -> None:
    accepted(mall.shop.exceptions.resolve(resolve(odd(mall))))


def _again(mall: Mall) -> Any:
    return mall.shop.exceptions.resolve(resolve(mall.orders()[0], key="again"))


EXCEPTION_CASES: dict[str, list[Bad]] = {
    "exceptions.inbox": [
        Bad("no filter", lambda mall: mall.shop.exceptions.inbox("late"), InvalidValue, "InboxFilter"),
        Bad("a word for a kind", lambda mall: InboxFilter(kind="goods!"), InvalidValue, "kind"),
        Bad("no limit", lambda mall: mall.shop.exceptions.inbox(limit=0), InvalidValue, "limit"),
        Bad("no cursor", lambda mall: mall.shop.exceptions.inbox(after="x"), InvalidValue, "cursor"),
    ],
    "exceptions.assign": [
        _bad("assign", "an exception that is not there", "exception_unknown", exception=2),
        _bad("assign", "the customer asks", "order_not_found", by=ANN),
        _bad("assign", "no exception", InvalidValue, "exception", exception=0),
    ],
    "exceptions.resolve": [
        _bad("resolve", "an exception that is not there", "exception_unknown", exception=2),
        _bad("resolve", "as it cannot end", "resolution_unfit", how=How.RESHIPPED),
        _bad("resolve", "by itself", "resolution_unfit", how=How.BY_ITSELF),
        _bad("resolve", "the customer asks", "order_not_found", by=ANN),
        _bad("resolve", "in no known way", InvalidValue, "how", how="somehow"),
        Bad("what is resolved", _again, "exception_resolved", before=_resolved),
    ],
}

EXCEPTED = (
    Scenario("assign an exception", flows.assign_exception, lambda mall, order: mall.shop.exceptions.assign(assign(order)), odd),
    Scenario("resolve an exception", flows.resolve_exception, lambda mall, order: mall.shop.exceptions.resolve(resolve(order)), odd),
)
