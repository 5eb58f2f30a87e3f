"""The shortcut that every event takes makes the same values as the long way."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from shopwright.changing import begun, changed, made
from shopwright.orders import OrderState
from shopwright.orders.lines import Buckets, OrderLine
from shopwright.orders.order import Order
from shopwright.payments.payment import Payment
from shopwright.pricing.quote import QuoteLine
from shopwright.shipping.shipment import Shipment
from tests.benchmarks import our_values

QUICK = (Order, OrderLine, Buckets, Payment, QuoteLine, Shipment)


def test_a_value_with_other_facts_is_what_attrs_makes_of_it():
    order = our_values.placed(0).order
    facts: dict[str, Any] = {"state": OrderState.CONFIRMED, "event_count": 2, "due_at": None}
    assert changed(order, **facts) == attrs.evolve(order, **facts)


def test_the_value_that_was_there_stays_as_it_was():
    order, same = our_values.placed(0).order, our_values.placed(0).order
    changed(order, state=OrderState.CANCELED)
    assert order == same


def test_a_value_of_all_its_facts_is_what_its_class_makes_of_them():
    line = our_values.placed(0).order.lines[0]
    assert made(OrderLine, dict(vars(line))) == OrderLine(**vars(line))


def test_the_lines_of_a_quote_are_what_their_class_makes_of_their_facts():
    for line in our_values.quoted(0).lines:
        assert line == QuoteLine(**vars(line))
        assert list(vars(line)) == [field.name for field in attrs.fields(QuoteLine)]


def test_a_value_that_is_begun_has_the_defaults_of_its_class():
    order = our_values.placed(0).order
    facts: dict[str, Any] = {field.name: getattr(order, field.name) for field in attrs.fields(Order) if field.default is attrs.NOTHING}
    assert begun(Order, **facts) == Order(**facts)
    assert list(vars(begun(Order, **facts))) == [field.name for field in attrs.fields(Order)]


def test_the_line_of_an_order_has_the_fields_of_a_quote_and_its_buckets():
    fields = {field.name for field in attrs.fields(QuoteLine)}
    assert {field.name for field in attrs.fields(OrderLine)} == fields | {"buckets"}


@pytest.mark.parametrize("type_", QUICK)
def test_what_is_changed_by_a_copy_checks_and_converts_nothing(type_: type[Any]):
    assert not hasattr(type_, "__slots__")
    assert not hasattr(type_, "__attrs_post_init__")
    assert not [field.name for field in attrs.fields(type_) if field.validator or field.converter or not field.init]
