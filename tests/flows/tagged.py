"""Tags in tests: good commands, bad cases, and what a crash breaks in two."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from shopwright import Order, accepted, flows
from shopwright.errors import InvalidValue
from shopwright.flows.commands import Command
from shopwright.flows.finding.commands import TagOrder
from shopwright.orders.tagging import MOST
from tests.flows.bad_case import Bad
from tests.flows.mall import ANN, CLERK, Mall, paid
from tests.flows.scenario import Scenario

TAG_PARTS: dict[type[Command], dict[str, Any]] = {TagOrder: {"add": ("vip",), "remove": ("call back",)}}


def tagged(mall: Mall) -> Order:
    """A paid order that somebody is to call back about."""
    return accepted(mall.shop.orders.tag(TagOrder(key="first", by=CLERK, order_id=paid(mall.shop).id, add=("call back",))))


def tag(order: Order, **facts: Any) -> TagOrder:
    return evolve(TagOrder(key="tag", by=CLERK, order_id=order.id, add=("vip", "gift wrap"), remove=("call back",)), **facts)


def _bad(name: str, expected: type[Exception] | str, match: str | None = None, **facts: Any) -> Bad:
    return Bad(name, lambda mall: mall.shop.orders.tag(tag(mall.orders()[0], **facts)), expected, match, before=tagged)


TAG_CASES = {
    "orders.tag": [
        _bad("by a customer", "order_not_found", by=ANN),
        _bad("more than there may be", "tags_exceeded", add=tuple(f"tag {number}" for number in range(MOST + 1))),
        _bad("no tag", InvalidValue, "names no tag", add=(), remove=()),
        _bad("an empty tag", InvalidValue, "1 to 40 characters, got 0", add=("  ",)),
        _bad("a long tag", InvalidValue, "1 to 40 characters, got 41", add=("x" * 41,)),
        _bad("a tag with a comma", InvalidValue, "no comma", add=("a,b",)),
        _bad("a tag that a terminal would run", InvalidValue, "no comma", add=("a\x1b[2J",)),
        _bad("a tag that is no text", InvalidValue, "must be text, got int", add=(1,)),
        _bad("a text for tags", InvalidValue, "expected a tuple of tags, got str", add="vip"),
        _bad("on and off at once", InvalidValue, "both adds and removes 'vip'", remove=("VIP",)),
    ],
}

TAGGED = (Scenario("tag", flows.tag_order, lambda mall, order: mall.shop.orders.tag(tag(order)), tagged),)
