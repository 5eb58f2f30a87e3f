"""What a type checker knows about prices, orders and payments. Checked by `nox -s types`, never run."""

from datetime import datetime
from typing import assert_never, assert_type

from shopwright import orders
from shopwright.members.actors import SYSTEM
from shopwright.orders import CancelReason, Decision, Order, OrderEvent, Standing
from shopwright.payments.outcomes import ActionRequired, Declined, Done, InProgress, Outcome
from shopwright.pricing import Cart, PriceFacts, Quote, price
from shopwright.refusals import Refusal


def priced(cart: Cart, facts: PriceFacts, at: datetime) -> Quote:
    """A price or a refusal; what is left after the refusal is the quote."""
    answer = price(cart, facts, at=at)
    assert_type(answer, Quote | Refusal)
    if isinstance(answer, Refusal):
        raise LookupError(answer.code)
    return answer


def called_off(order: Order, at: datetime) -> tuple[OrderEvent, ...]:
    """A verb decides: the order after it and the events, or a refusal."""
    answer = orders.cancel(order, reason=CancelReason.CUSTOMER, by=SYSTEM, at=at)
    assert_type(answer, Decision | Refusal)
    if isinstance(answer, Refusal):
        return ()
    assert_type(answer.order, Order)
    assert_type(orders.standing(answer.order), Standing)
    return answer.events


def what_to_tell(outcome: Outcome) -> str:
    """The answers of a gateway are a closed union: forgetting one is an error of types."""
    match outcome:
        case Done():
            return "thank you"
        case ActionRequired():
            return "please confirm"
        case InProgress():
            return "we will write"
        case Declined():
            return "another card?"
        case _:
            assert_never(outcome)


def without_a_time(order: Order) -> None:
    """Time is an argument, never a default."""
    orders.cancel(order, reason=CancelReason.CUSTOMER, by=SYSTEM)  # type: ignore[call-arg]
    order.number = "1"  # type: ignore[misc]
