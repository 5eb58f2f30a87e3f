"""Units that are given back at a shop: orders that have come, the commands, what is wrong with some of them, and where a crash may happen."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from shopwright import DeliverShipment, DispatchShipment, Money, Order, PlaceOrder, ShipOrder, accepted, flows
from shopwright.errors import InvalidValue
from shopwright.flows.commands import GiveGoodwill, RefundUnits
from tests.flows.bad_case import Bad
from tests.flows.mall import CLERK, Mall, an_order, paid
from tests.flows.scenario import Scenario


def come(mall: Mall, command: PlaceOrder | None = None, **facts: Any) -> Order:
    """An order that has been delivered, of two teas and a cup unless it is another."""
    order = paid(mall.shop, command or an_order(**facts))
    order = accepted(mall.shop.shipping.ship(ShipOrder(key=f"ship-{order.id}", by=CLERK, order_id=order.id)))
    about = {"by": CLERK, "order_id": order.id, "shipment_id": "s1"}
    accepted(mall.shop.shipping.dispatch(DispatchShipment(key=f"go-{order.id}", **about)))
    return accepted(mall.shop.shipping.deliver(DeliverShipment(key=f"come-{order.id}", **about)))


def back(order: Order, *units: tuple[int, int], key: str = "back", **facts: Any) -> RefundUnits:
    """The command that gives these units back."""
    return RefundUnits(key=key, by=CLERK, order_id=order.id, units=units, reason="it does not fit", **facts)


def sorry(order: Order, amount: int = 500, *, key: str = "sorry") -> GiveGoodwill:
    """The command that gives so much back for no unit."""
    return GiveGoodwill(key=key, by=CLERK, order_id=order.id, amount=Money(amount, "EUR"), reason="it came late")


def _come(mall: Mall) -> None:
    come(mall)


def _bad(verb: str, name: str, expected: type[Exception] | str, match: str | None = None, **facts: Any) -> Bad:
    def act(mall: Mall) -> Any:
        (order,) = mall.orders()
        command = sorry(order) if verb == "give_goodwill" else back(order, (1, 1))
        return getattr(mall.shop.payments, verb)(evolve(command, **facts))

    return Bad(name, act, expected, match, before=_come)


def _units(verb: str) -> list[Bad]:
    return [
        _bad(verb, "a line that is not there", "units_unknown", units=((9, 1),)),
        _bad(verb, "more than have left", "units_not_left", units=((1, 3),)),
        _bad(verb, "an order that has moved", "refund_plan_stale", as_of=1),
        _bad(verb, "no units", InvalidValue, "1 unit or more", units=()),
        _bad(verb, "a line twice", InvalidValue, "each line once", units=((1, 1), (1, 1))),
        _bad(verb, "a word for a policy", InvalidValue, "policy", policy="all"),
        _bad(verb, "no series", InvalidValue, "series", series=""),
    ]


REFUND_CASES: dict[str, list[Bad]] = {
    "payments.plan_refund": _units("plan_refund"),
    "payments.refund_units": _units("refund_units"),
    "payments.give_goodwill": [
        _bad("give_goodwill", "in another currency", "payment_currency", amount=Money(1, "KWD")),
        _bad("give_goodwill", "more than was paid", "refund_above_paid", amount=Money(4_901, "EUR")),
        _bad("give_goodwill", "nothing", InvalidValue, "1 or more", amount=Money(0, "EUR")),
        _bad("give_goodwill", "without a reason", InvalidValue, "reason", reason=""),
    ],
    "payments.credit_notes": [
        Bad("no such order", lambda mall: mall.shop.payments.credit_notes("0" * 26), "order_not_found"),
        Bad("nobody asks", lambda mall: mall.shop.payments.credit_notes("0" * 26, by="ann"), InvalidValue),
    ],
}

GIVEN_BACK = (
    Scenario("give units back", flows.refund_units, lambda mall, order: mall.shop.payments.refund_units(back(order, (1, 2))), come),
    Scenario("give goodwill", flows.give_goodwill, lambda mall, order: mall.shop.payments.give_goodwill(sorry(order)), come),
)

