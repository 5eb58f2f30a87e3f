"""Ways out of exceptions: units that cannot be had are called off, and their money goes back."""

from __future__ import annotations

from shopwright import orders
from shopwright.money import Money
from shopwright.orders.order import Order
from shopwright.orders.states import OrderState
from shopwright.orders.ways_out import cancel_units
from shopwright.payments.outcomes import Done, Totals
from shopwright.payments.payment import Payment
from shopwright.refusals import Refusal, accepted
from shopwright.testing.builders import CLERK, NOON, a_tender, an_order, paid, sold


def _taking(amount: int | None = None) -> Order:
    """Three of tea, promised, of which so much is being taken."""
    promised = paid(an_order(sold("TEA", 3), tenders=(a_tender(3_000, capture=False),)))
    return accepted(orders.capture(promised, "p1", amount=amount, at=NOON)).order


def _called_off(order: Order, units: int) -> Order | Refusal:
    told = cancel_units(order, ((1, units),), exception=0, by=CLERK, at=NOON)
    return told if isinstance(told, Refusal) else told.order


def _payment(order: Order) -> Payment:
    (payment,) = order.payments
    return payment


def test_no_units_are_called_off_while_money_is_taken_that_would_be_too_much():
    """EDIT-11"""
    refused = _called_off(_taking(), 1)
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.fact("taking"), refused.fact("currency")) == ("edit_capture_open", 3_000, "EUR")


def test_units_are_called_off_while_so_much_is_taken_as_the_others_cost():
    """EDIT-11"""
    order = _called_off(_taking(2_000), 1)
    assert isinstance(order, Order)
    taken = Done("ref", Totals.of("EUR", authorized=3_000, captured=2_000), NOON)
    (attempt,) = _payment(order).attempts
    after = orders.paying.answer(order, _payment(order), taken, key=attempt.key, at=NOON).order
    assert (order.owed, after.kept, after.surplus) == (2_000, 2_000, 0)


def test_an_order_of_which_nothing_is_left_is_canceled_whatever_is_being_taken():
    order = _called_off(_taking(), 3)
    assert isinstance(order, Order)
    assert order.state is OrderState.CANCELED
    (attempt,) = _payment(order).attempts
    taken = Done("ref", Totals.of("EUR", authorized=3_000, captured=3_000), NOON)
    after = orders.paying.answer(order, _payment(order), taken, key=attempt.key, at=NOON).order
    assert after.money(after.refund_outstanding) == Money(3_000, "EUR")
