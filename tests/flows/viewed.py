"""Saved views in tests: good commands, bad cases, and what a crash breaks in two."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from attrs import evolve

from shopwright import Order, accepted, flows
from shopwright.errors import InvalidValue
from shopwright.flows.commands import Command
from shopwright.flows.finding.view_commands import RemoveView, SaveView
from shopwright.flows.finding.views import MOST
from shopwright.orders.finding import OrderFilter
from shopwright.ports.storage import Query
from shopwright.wire.view_kinds import OrderViews
from tests.flows.bad_case import Bad
from tests.flows.mall import ANN, CLERK, START, Mall, paid
from tests.flows.scenario import Scenario

VIEW_PARTS: dict[type[Command], dict[str, Any]] = {SaveView: {"name": "held", "wanted": OrderFilter(words="tea")}, RemoveView: {"name": "held"}}


def views_kept(mall: Mall) -> list[OrderViews]:
    """Every owner's views, in an order of their own."""
    return sorted((it.value for it in mall.storage.find(Query(OrderViews, limit=100)).items), key=repr)


def saving(**facts: Any) -> SaveView:
    return SaveView(**{"key": "save", "by": CLERK, "name": "tea", "wanted": OrderFilter(sku="TEA"), **facts})


def removing(**facts: Any) -> RemoveView:
    return RemoveView(**{"key": "remove", "by": CLERK, "name": "tea", **facts})


def viewed(mall: Mall) -> Order:
    """A paid order, and a view that shows it."""
    accepted(mall.shop.views.save(saving(key="first")))
    return paid(mall.shop)


def _full(mall: Mall) -> Any:
    for number in range(MOST):
        accepted(mall.shop.views.save(saving(key=f"s{number}", name=f"view {number}")))
    return paid(mall.shop)


def _save(title: str, expected: type[Exception] | str, match: str | None = None, **facts: Any) -> Bad:
    return Bad(title, lambda mall: mall.shop.views.save(evolve(saving(), **facts)), expected, match, before=viewed)


def _remove(title: str, expected: type[Exception] | str, match: str | None = None, **facts: Any) -> Bad:
    return Bad(title, lambda mall: mall.shop.views.remove(evolve(removing(), **facts)), expected, match, before=viewed)


VIEW_CASES = {
    "views.save": [
        _save("with the end of a phone", "view_personal", wanted=OrderFilter(phone_tail="1820")),
        Bad("one too many", lambda mall: mall.shop.views.save(saving()), "views_exceeded", before=_full),
        _save("by a customer", InvalidValue, "for staff and the shop itself", by=ANN),
        _save("without a name", InvalidValue, "1 to 60 characters", name=""),
        _save("with a filter that is none", InvalidValue, "OrderFilter", wanted={"sku": "TEA"}),
        _save("that looks into the future", InvalidValue, "timedelta", within=timedelta(days=-1)),
        _save("that begins twice", InvalidValue, "give one of them", within=timedelta(days=1), wanted=OrderFilter(placed_from=START)),
    ],
    "views.remove": [
        _remove("that is not there", "view_not_found", name="coffee"),
        _remove("that is shared by nobody", "view_not_found", shared=True),
        _remove("by a customer", InvalidValue, "for staff and the shop itself", by=ANN),
    ],
    "views.open": [
        Bad("that is not there", lambda mall: mall.shop.views.open("coffee", by=CLERK), "view_not_found", before=viewed),
        Bad("by a customer", lambda mall: mall.shop.views.open("tea", by=ANN), InvalidValue, "expected `by` to be staff", before=viewed),
    ],
    "views.mine": [Bad("by a customer", lambda mall: mall.shop.views.mine(by=ANN), InvalidValue, "expected `by` to be staff")],
    "views.shared": [Bad("by a customer", lambda mall: mall.shop.views.shared(by=ANN), InvalidValue, "expected `by` to be staff")],
}

VIEWED = (
    Scenario("save a view", flows.save_view, lambda mall, order: mall.shop.views.save(saving(name="more", shared=True)), viewed),
    Scenario("remove a view", flows.remove_view, lambda mall, order: mall.shop.views.remove(removing()), viewed),
)
