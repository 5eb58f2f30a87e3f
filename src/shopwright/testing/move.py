"""One thing that can happen to an order next, as a value that a test can draw, name and try."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from attrs import frozen

from shopwright.errors import IllegalTransition
from shopwright.orders.decision import Decision
from shopwright.orders.order import Order
from shopwright.refusals import Refusal


class Kind(StrEnum):
    """How a move is meant."""

    FORTH = "forth"
    ELSE = "else"


@frozen
class Move:
    """Something that can happen, to the payment, shipment or hold that it is `about`; `act` decides it, or is refused, or raises
    `IllegalTransition`. Moves of one name are alike.
    """

    name: str
    act: Callable[[Order], Decision | Refusal]
    kind: Kind = Kind.FORTH
    about: str = ""

    def taken(self, order: Order) -> Decision | None:
        """The decision, or `None` where the order does not allow the move or nothing comes of it."""
        try:
            outcome = self.act(order)
        except IllegalTransition:
            return None
        return outcome if isinstance(outcome, Decision) and outcome.events else None
