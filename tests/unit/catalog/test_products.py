"""A product has one price for each currency it is sold in, and only values that every store keeps."""

from __future__ import annotations

import pytest
from attrs.exceptions import FrozenInstanceError

from shopwright.catalog import Product
from shopwright.errors import InvalidValue
from shopwright.money import Money


def a_product(**more) -> Product:
    return Product(**{"sku": "MUG", "title": "A mug", "seller_id": "own", "prices": (Money(999, "EUR"), Money(1500, "JPY")), **more})


def test_a_product_tells_its_price_in_each_currency_it_is_sold_in():
    assert [a_product().price_in(currency) for currency in ("EUR", "JPY", "USD")] == [999, 1500, None]


def test_a_product_may_be_given_away():
    assert a_product(prices=(Money(0, "EUR"),)).price_in("EUR") == 0


def test_a_product_without_prices_is_sold_nowhere():
    assert a_product(prices=()).price_in("EUR") is None


def test_a_product_is_for_sale_counted_and_shipped_unless_said_otherwise():
    product = a_product()
    assert (product.active, product.tracked, product.ships, product.weight_g, product.version) == (True, True, True, 0, 1)


def test_a_product_never_changes():
    with pytest.raises(FrozenInstanceError):
        a_product().title = "Another mug"


def test_names_come_in_any_script():
    assert a_product(sku="马克杯-红", title="Кружка ☕", seller_id="продавец").sku == "马克杯-红"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"sku": ""}, "Product.sku must have 1 to 100 characters, got 0"),
        ({"sku": "x" * 101}, "Product.sku must have 1 to 100 characters, got 101"),
        ({"sku": 7}, "Product.sku must be text, got int"),
        ({"title": "a\0b"}, "U+0000"),
        ({"title": "\ud800"}, "lone surrogate"),
        ({"seller_id": ""}, "Product.seller_id"),
        ({"prices": [Money(1, "EUR")]}, "Product.prices must be tuple, got list"),
        ({"prices": (1,)}, "Product.prices must be Money, got int"),
        ({"prices": (Money(-1, "EUR"),)}, "prices of product MUG must be 0 or more minor units, got -0.01 EUR"),
        ({"prices": (Money(1, "EUR"), Money(2, "EUR"))}, "prices of product MUG must name each currency once, got EUR, EUR"),
        ({"active": 1}, "Product.active must be bool, got int"),
        ({"tracked": None}, "Product.tracked must be bool"),
        ({"ships": "yes"}, "Product.ships must be bool"),
        ({"weight_g": -1}, "Product.weight_g must be between 0 and"),
        ({"weight_g": 1.5}, "Product.weight_g must be an integer, got float"),
        ({"version": 0}, "Product.version must be between 1 and"),
        ({"version": 2**63}, "Product.version must be between 1 and"),
    ],
)
def test_a_wrong_value_is_named_with_its_field(wrong, said):
    with pytest.raises(InvalidValue) as caught:
        a_product(**wrong)
    assert said in str(caught.value)
