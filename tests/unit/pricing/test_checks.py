"""What can be wrong with a cart, in the order in which it is told."""

from __future__ import annotations

from datetime import datetime

import pytest

from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.pricing import Cart, CartLine, FlatShipping, PriceFacts, price
from shopwright.refusals import Refusal
from tests.unit.pricing.builders import NOON, a_cart, a_product, goods, price_of


def refused(cart, *products) -> Refusal:
    outcome = price(cart, PriceFacts(products), at=NOON)
    assert isinstance(outcome, Refusal), outcome
    return outcome


def test_an_empty_cart_is_refused():
    assert refused(a_cart()) == Refusal("cart_empty", "the cart is empty")


def test_a_cart_of_more_lines_than_can_be_priced_is_refused():
    expected = Refusal("cart_too_large", "the cart has 501 lines, at most 500 can be priced", {"lines": 501, "most": 500})
    assert refused(a_cart(*["MUG"] * 501), a_product()) == expected


def test_the_largest_cart_is_priced():
    quote = price(a_cart(*["MUG"] * 500), PriceFacts((a_product(),)), at=NOON)
    assert (len(quote.lines), quote.total) == (500, 500_000)


@pytest.mark.parametrize("quantity", [-1, 0, 1_000_001])
def test_a_quantity_that_nobody_can_buy_is_refused(quantity):
    expected = Refusal(
        "quantity_invalid",
        f"MUG: the quantity must be 1 to 1000000, got {quantity}",
        {"line": 1, "sku": "MUG", "quantity": quantity, "most": 1_000_000},
    )
    assert refused(a_cart(("MUG", quantity)), a_product()) == expected


def test_the_largest_quantity_is_priced():
    assert price_of(1, quantities=[1_000_000]).total == 1_000_000


def test_a_sku_that_no_product_has_is_refused():
    assert refused(a_cart("MUG", "CUP"), a_product()) == Refusal("sku_unknown", "there is no CUP", {"line": 2, "sku": "CUP"})


def test_a_product_that_is_not_for_sale_is_refused():
    assert refused(a_cart("MUG"), a_product(active=False)) == Refusal("product_inactive", "MUG is not for sale", {"line": 1, "sku": "MUG"})


def test_a_price_shown_in_another_currency_is_refused_even_if_the_number_is_right():
    cart = Cart("EUR", (CartLine("MUG", 1, Money(1000, "USD")),))
    expected = Refusal(
        "currency_mixed",
        "MUG was shown in USD, the cart is in EUR",
        {"line": 1, "sku": "MUG", "currency": "EUR", "shown_currency": "USD"},
    )
    assert refused(cart, a_product()) == expected


def test_a_product_without_a_price_in_the_currency_is_refused():
    expected = Refusal("price_missing", "MUG is not sold in USD", {"line": 1, "sku": "MUG", "currency": "USD"})
    assert refused(a_cart("MUG", currency="USD"), a_product()) == expected


def test_a_price_that_changed_since_it_was_shown_is_refused_up_or_down():
    cart = Cart("EUR", (CartLine("MUG", 1, Money(999, "EUR")),))
    facts = {"line": 1, "sku": "MUG", "currency": "EUR", "shown": 999}
    dearer, cheaper = refused(cart, a_product(minor=1000)), refused(cart, a_product(minor=998))
    assert dearer == Refusal("price_changed", "MUG was shown at 9.99 EUR and is now 10.00 EUR", {**facts, "now": 1000})
    assert cheaper == Refusal("price_changed", "MUG was shown at 9.99 EUR and is now 9.98 EUR", {**facts, "now": 998})


def test_the_line_whose_price_changed_is_named():
    cart = Cart("EUR", (CartLine("MUG", 1, Money(1000, "EUR")), CartLine("CUP"), CartLine("MUG", 1, Money(999, "EUR"))))
    assert refused(cart, a_product(), a_product("CUP")).fact("line") == 3


def test_a_price_that_is_still_the_one_shown_is_fine():
    cart = Cart("EUR", (CartLine("MUG", 2, Money(1000, "EUR")),))
    assert price(cart, PriceFacts((a_product(),)), at=NOON).total == 2000


def test_each_check_looks_at_all_lines_before_the_next_begins():
    shown = Money(1, "USD")
    wrong = [
        ("quantity_invalid", CartLine("MUG", 0)),
        ("sku_unknown", CartLine("NONE", 1)),
        ("product_inactive", CartLine("OLD", 1)),
        ("currency_mixed", CartLine("MUG", 1, shown)),
        ("price_missing", CartLine("YEN", 1)),
        ("price_changed", CartLine("MUG", 1, Money(1, "EUR"))),
    ]
    products = (a_product(), a_product("OLD", active=False), a_product("YEN", currency="JPY"))
    told = []
    while wrong:
        last_first = Cart("EUR", tuple(line for _, line in reversed(wrong)))
        refusal = refused(last_first, *products)
        told.append((refusal.code, refusal.fact("line")))
        assert refusal.code == wrong[0][0]
        wrong.pop(0)
    assert told == [
        ("quantity_invalid", 6),
        ("sku_unknown", 5),
        ("product_inactive", 4),
        ("currency_mixed", 3),
        ("price_missing", 2),
        ("price_changed", 1),
    ]


def test_a_line_with_two_faults_is_refused_for_the_earlier_check():
    inactive_in_yen = a_product("OLD", currency="JPY", active=False)
    assert refused(a_cart(("OLD", 0)), inactive_in_yen).code == "quantity_invalid"
    assert refused(a_cart("OLD"), inactive_in_yen).code == "product_inactive"


def test_more_than_64_bits_hold_is_refused_by_prices_and_by_shipping():
    most = 2**63 - 1
    expected = Refusal("amount_too_large", f"the cart amounts to more than {most} minor units", {"currency": "EUR"})
    assert price_of(most, 1) == expected
    assert price_of(most, shipping=FlatShipping("standard", 1)) == expected
    assert price_of(most).total == most


def test_facts_may_know_more_than_the_cart_asks_for():
    outcome = price(a_cart("P2"), PriceFacts(goods(100, 200, 300)), at=NOON)
    assert outcome.total == 200


def test_the_same_sku_may_stand_on_two_lines_and_asks_for_the_sum_of_stock():
    quote = price(a_cart(("MUG", 2), "CUP", ("MUG", 3)), PriceFacts((a_product(), a_product("CUP", 500))), at=NOON)
    assert [(line.line_no, line.sku, line.quantity, line.subtotal) for line in quote.lines] == [
        (1, "MUG", 2, 2000),
        (2, "CUP", 1, 500),
        (3, "MUG", 3, 3000),
    ]
    assert quote.stock_wanted() == (("stock/CUP", 1), ("stock/MUG", 5))


def test_stock_that_is_not_counted_is_not_asked_for():
    quote = price(a_cart("MUG", "CUP"), PriceFacts((a_product(tracked=False), a_product("CUP"))), at=NOON)
    assert quote.stock_wanted() == (("stock/CUP", 1),)


@pytest.mark.parametrize(
    ("cart", "facts", "at", "said"),
    [
        ("MUG", PriceFacts(()), NOON, "expected a Cart and PriceFacts, got str and PriceFacts"),
        (a_cart("MUG"), (a_product(),), NOON, "expected a Cart and PriceFacts, got Cart and tuple"),
        (a_cart("MUG"), PriceFacts(()), "today", "expected `at` to be a datetime with a time zone, got 'today'"),
        (a_cart("MUG"), PriceFacts(()), datetime(2026, 1, 1), "expected `at` to be a datetime with a time zone"),
    ],
)
def test_a_price_of_wrong_things_is_misuse(cart, facts, at, said):
    with pytest.raises(InvalidValue) as caught:
        price(cart, facts, at=at)
    assert said in str(caught.value)
