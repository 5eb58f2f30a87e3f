"""The shortcut that every event takes makes the same order as the long way."""

from __future__ import annotations

import attrs

from shopwright.orders import OrderState
from shopwright.orders.order import order_with
from tests.benchmarks import our_values


def test_an_order_with_other_facts_is_what_attrs_makes_of_it():
    order = our_values.placed(0).order
    facts = {"state": OrderState.CONFIRMED, "event_count": 2, "due_at": None}
    assert order_with(order, **facts) == attrs.evolve(order, **facts)


def test_the_order_that_was_there_stays_as_it_was():
    order, same = our_values.placed(0).order, our_values.placed(0).order
    order_with(order, state=OrderState.CANCELED)
    assert order == same
