"""A cart is a wish: it holds what was asked for, right or wrong, as long as it is made of the right things."""

from __future__ import annotations

import pytest

from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.pricing import Cart, CartLine, FlatShipping, PriceFacts, ShippingPerLine
from tests.unit.pricing.builders import a_product


def test_a_cart_line_holds_any_whole_quantity_for_the_price_to_refuse():
    assert [CartLine("MUG", quantity).quantity for quantity in (-1, 0, 1, 10**9)] == [-1, 0, 1, 10**9]


def test_a_coupon_code_is_kept_in_its_one_form():
    assert Cart("EUR", (), " save 10 ") == Cart("EUR", (), "SAVE10")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: CartLine("", 1), "CartLine.sku must have 1 to 100 characters"),
        (lambda: CartLine(5, 1), "CartLine.sku must be text, got int"),
        (lambda: CartLine("MUG", 1.5), "CartLine.quantity must be an integer, got float"),
        (lambda: CartLine("MUG", True), "CartLine.quantity must be an integer, got bool"),
        (lambda: CartLine("MUG", 2**63), "CartLine.quantity must be between"),
        (lambda: CartLine("MUG", 1, 999), "CartLine.shown_price must be Money, got int"),
        (lambda: Cart("EURO", ()), "Cart.currency must have 3 to 3 characters"),
        (lambda: Cart("eur", ()), "did you mean 'EUR'?"),
        (lambda: Cart("XXX", ()), "unknown currency"),
        (lambda: Cart(978, ()), "Cart.currency must be text, got int"),
        (lambda: Cart("EUR", [CartLine("MUG")]), "Cart.lines must be tuple, got list"),
        (lambda: Cart("EUR", ("MUG",)), "Cart.lines must be CartLine, got str"),
        (lambda: Cart("EUR", (), None), "coupon code must be text, got NoneType"),
        (lambda: Cart("EUR", (), "x" * 65), "coupon code must have 0 to 64 characters"),
        (lambda: Cart("EUR", (), channel=None), "Cart.channel must be text"),
    ],
)
def test_a_cart_of_wrong_things_is_named_with_its_field(make, said):
    with pytest.raises(InvalidValue) as caught:
        make()
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: PriceFacts([a_product()]), "PriceFacts.products must be tuple, got list"),
        (lambda: PriceFacts((a_product(), a_product(minor=1))), "facts must hold each product once, got two of MUG"),
        (lambda: PriceFacts((), coupon="SAVE10"), "PriceFacts.coupon must be Coupon, got str"),
        (lambda: PriceFacts((), shipping=None), "PriceFacts.shipping must be FlatShipping or ShippingPerLine or NoShipping, got NoneType"),
        (lambda: FlatShipping("standard", -1), "FlatShipping.amount must be between 0"),
        (lambda: FlatShipping("", 1), "FlatShipping.method must have 1 to 200 characters"),
        (lambda: FlatShipping("standard", Money(1, "EUR")), "FlatShipping.amount must be an integer, got Money"),
        (lambda: ShippingPerLine("freight", [1]), "ShippingPerLine.amounts must be tuple, got list"),
        (lambda: ShippingPerLine("freight", (1, -1)), "ShippingPerLine.amounts must be integers from zero up, got -1"),
        (lambda: ShippingPerLine("freight", (True,)), "ShippingPerLine.amounts must be integers from zero up, got True"),
    ],
)
def test_facts_of_wrong_things_are_named_with_their_field(make, said):
    with pytest.raises(InvalidValue) as caught:
        make()
    assert said in str(caught.value)
