"""The trace says how a price came about, to programs and to people."""

from __future__ import annotations

import pytest

from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.pricing import STEPS, FlatShipping, NoShipping, PriceFacts, ShippingPerLine, TraceStep, explain, price
from shopwright.promotions import Coupon
from tests.unit.pricing.builders import NOON, a_cart, a_product, priced


def said(quote) -> list[str]:
    return list(explain(quote.trace, currency=quote.currency))


def test_the_steps_are_taken_in_their_written_order():
    assert [step.__name__ for step in STEPS] == ["list_prices", "member_prices", "catalog_prices", "promotions", "coupon", "shipping", "tax"]
    assert [entry.step for entry in priced(1000).trace] == ["list_prices", "coupon", "shipping", "tax"]


def test_a_percentage_is_explained_with_its_rounding():
    quote = priced(1999, 500, coupon=Coupon("SAVE", percent=1250, version=2), shipping=FlatShipping("post", 495))
    assert said(quote) == [
        "list prices: 24.99 EUR (line 1 19.99 EUR, line 2 5.00 EUR)",
        "coupon SAVE (version 2): 12.5 % of 24.99 EUR, rounded half_up: -3.12 EUR (line 1 -2.50 EUR, line 2 -0.62 EUR)",
        "shipping by post: 4.95 EUR, shared by value (line 1 3.96 EUR, line 2 0.99 EUR)",
        "tax: off",
        "total: 26.82 EUR",
    ]


def test_a_fixed_amount_is_explained_with_what_caps_it():
    quote = priced(1500, currency="JPY", coupon=Coupon("OFF", amounts=(Money(2000, "JPY"),)), shipping=ShippingPerLine("freight", (300,)))
    assert said(quote) == [
        "list prices: 1500 JPY (line 1 1500 JPY)",
        "coupon OFF (version 1): 2000 JPY, but no more than 1500 JPY: -1500 JPY (line 1 -1500 JPY)",
        "shipping by freight: 300 JPY, given line by line (line 1 300 JPY)",
        "tax: off",
        "total: 300 JPY",
    ]


def test_a_step_that_did_nothing_says_why_not():
    facts = PriceFacts((a_product("CARD", ships=False),), shipping=FlatShipping("post", 500))
    assert said(price(a_cart("CARD"), facts, at=NOON)) == [
        "list prices: 10.00 EUR (line 1 10.00 EUR)",
        "coupon: none, the cart names no code",
        "shipping by post: no line ships, so 5.00 EUR is not charged",
        "tax: off",
        "total: 10.00 EUR",
    ]
    assert said(priced(1000, shipping=NoShipping()))[2] == "shipping: nothing is charged"


def test_a_step_that_nobody_here_knows_is_told_by_its_name():
    entry = TraceStep("handling", "fragile", 1000, 250, 1250, (250,), facts=(("glass", True),))
    assert explain((entry,), currency="EUR") == ("handling fragile: 2.50 EUR (line 1 2.50 EUR)", "total: 12.50 EUR")


def test_no_trace_has_nothing_to_explain():
    assert explain((), currency="EUR") == ()


def test_a_trace_is_not_explained_in_a_currency_that_nobody_knows():
    with pytest.raises(InvalidValue, match="unknown currency"):
        explain((), currency="eur")


def test_an_entry_tells_the_facts_its_rule_was_given():
    entry = priced(5000, coupon=Coupon("SAVE", percent=1000, minimums=(Money(2000, "EUR"),))).trace[1]
    assert (entry.facts, entry.fact("minimum"), entry.fact("fixed"), entry.fact("fixed", "none")) == (
        (("minimum", 2000), ("percent", 1000)),
        2000,
        0,
        "none",
    )
