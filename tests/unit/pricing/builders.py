"""Carts, products and facts for tests of prices: say what matters, the rest is plain."""

from __future__ import annotations

from datetime import UTC, datetime

from shopwright.catalog import Product
from shopwright.money import Money
from shopwright.pricing import Cart, CartLine, NoShipping, PriceFacts, Quote, Shipping, price
from shopwright.promotions import Coupon
from shopwright.refusals import Refusal

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def a_product(sku="MUG", minor=1000, currency="EUR", **more) -> Product:
    return Product(**{"sku": sku, "title": sku.title(), "seller_id": "own", "prices": (Money(minor, currency),), **more})


def a_cart(*lines, currency="EUR", coupon_code="") -> Cart:
    """Lines are skus or pairs of sku and quantity."""
    pairs = [(line, 1) if isinstance(line, str) else line for line in lines]
    return Cart(currency, tuple(CartLine(sku, quantity) for sku, quantity in pairs), coupon_code)


def goods(*unit_prices, currency="EUR") -> tuple[Product, ...]:
    """Products P1, P2 ... at these prices."""
    return tuple(a_product(f"P{number}", minor, currency) for number, minor in enumerate(unit_prices, 1))


def priced(*unit_prices, quantities=None, coupon: Coupon | None = None, shipping: Shipping = NoShipping(), currency="EUR", at=NOON) -> Quote:
    """A quote over lines with these unit prices; a coupon is asked for by its code."""
    outcome = price_of(*unit_prices, quantities=quantities, coupon=coupon, shipping=shipping, currency=currency, at=at)
    assert isinstance(outcome, Quote), outcome
    return outcome


def price_of(*unit_prices, quantities=None, coupon=None, shipping=NoShipping(), currency="EUR", at=NOON) -> Quote | Refusal:
    """Like `priced`, for what may be refused."""
    products = goods(*unit_prices, currency=currency)
    wanted = zip(products, quantities or [1] * len(products), strict=True)
    cart = a_cart(*[(product.sku, quantity) for product, quantity in wanted], currency=currency, coupon_code=coupon.code if coupon else "")
    return price(cart, PriceFacts(products, coupon, shipping), at=at)


def column(quote: Quote, name: str) -> list[int]:
    """One amount of every line."""
    return [getattr(line, name) for line in quote.lines]
