"""A product as it is sold: one sku, one seller, and one list price for each currency it is sold in.

Rules
- a price is an amount from zero up; a currency without a price is a currency the product is not sold in;
- `version` counts the changes of a product, and a quote freezes it on its line, so that it can be told later which product was priced;
- an inactive product keeps its place in past orders, but no cart can be priced with it.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import field, frozen

from shopwright.edges import members, of, text, texts, whole
from shopwright.errors import InvalidValue
from shopwright.money import Money

MAX_SKU = 100
"""The longest sku, in characters: a sku is part of quota keys, which have their own limit."""


@frozen
class Product:
    """One sellable thing.

    `prices` has at most one price per currency. `tracked=False` says that its stock is not counted (imported, made to order,
    digital), `ships=False` that it needs no parcel, and `weight_g` is the weight of one unit in grams. `categories` are those it stands in
    with all above them (`CategoryTree.with_above`); a `floor` is the price of one unit that no promotion and no coupon may go below, and
    `tax_class` is what tables of tax rates know it by.
    Raises `InvalidValue` for text that is empty or too long, a price below zero, and two prices in one currency.
    """

    sku: str = field(validator=text(least=1, most=MAX_SKU))
    title: str = field(validator=text(least=1, most=500))
    seller_id: str = field(validator=text(least=1, most=100))
    prices: tuple[Money, ...] = field(validator=members(Money))
    active: bool = field(default=True, validator=of(bool))
    tracked: bool = field(default=True, validator=of(bool))
    ships: bool = field(default=True, validator=of(bool))
    weight_g: int = field(default=0, validator=whole(least=0))
    version: int = field(default=1, validator=whole(least=1))
    brand: str = field(default="", validator=text())
    categories: tuple[str, ...] = field(default=(), validator=texts(least=1))
    tags: tuple[str, ...] = field(default=(), validator=texts(least=1))
    floors: tuple[Money, ...] = field(default=(), validator=members(Money))
    tax_class: str = field(default="standard", validator=text(least=1, most=60))

    def __attrs_post_init__(self) -> None:
        check_amounts(f"prices of product {self.sku}", self.prices, least=0)
        if self.floors:
            check_amounts(f"floors of product {self.sku}", self.floors, least=0)

    def price_in(self, currency: str) -> int | None:
        """The list price of one unit in minor units of this currency; `None` where it is not sold in it."""
        for price in self.prices:
            if price.currency == currency:
                return price.minor
        return None

    def floor_in(self, currency: str) -> int:
        """The price of one unit that no promotion may go below, in minor units of this currency; zero where none is named."""
        return amount_in(self.floors, currency) or 0 if self.floors else 0


def amount_in(amounts: Sequence[Money], currency: str) -> int | None:
    """The amount in this currency, in minor units, among amounts that name each currency once; `None` where none does."""
    for amount in amounts:
        if amount.currency == currency:
            return amount.minor
    return None


def check_amounts(what: str, amounts: Sequence[Money], *, least: int) -> None:
    """One amount per currency, each from `least` minor units up; raises `InvalidValue` naming `what`."""
    currencies = [amount.currency for amount in amounts]
    if len(set(currencies)) < len(currencies):
        raise InvalidValue(f"{what} must name each currency once, got {', '.join(currencies)}")
    for amount in amounts:
        if amount.minor < least:
            raise InvalidValue(f"{what} must be {least} or more minor units, got {amount}")
