"""What a verb decides: the events, and the order as it stands after them."""

from __future__ import annotations

from functools import reduce

from attrs import frozen

from shopwright.errors import IllegalTransition
from shopwright.orders.events import OrderEvent
from shopwright.orders.evolve import evolve
from shopwright.orders.order import Order
from shopwright.orders.states import TRANSITIONS, VERBS, allowed


@frozen
class Decision:
    """The order after the events; the events are what is new, in their order."""

    order: Order
    events: tuple[OrderEvent, ...] = ()

    def then(self, *events: OrderEvent) -> Decision:
        """This decision with more events."""
        return Decision(reduce(evolve, events, self.order), (*self.events, *events))


def decided(order: Order, *events: OrderEvent) -> Decision:
    """These events, on top of this order."""
    return Decision(order).then(*events)


def require(order: Order, event: type) -> None:
    """Raise `IllegalTransition` unless the order's state lists this event."""
    if event not in TRANSITIONS[order.state]:
        raise IllegalTransition(VERBS[event], "an order", order.state, allowed(order.state))
