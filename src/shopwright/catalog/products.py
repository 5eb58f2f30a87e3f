"""A product as it is sold: one sku, one seller, and one list price for each currency it is sold in.

Rules
- a price is an amount from zero up; a currency without a price is a currency the product is not sold in;
- `version` counts the changes of a product, and a quote freezes it on its line, so that it can be told later which product was priced;
- CATALOG-3: a product that names channels is sold in these alone, and in no cart that names none;
- an inactive product keeps its place in past orders, but no cart can be priced with it;
- a product with components has no stock of its own: a unit of it takes theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from attrs import field, frozen

from shopwright.edges import identifier, members, of, text, texts, whole
from shopwright.errors import InvalidValue
from shopwright.money import Money

MAX_SKU = 100
"""The longest sku, in characters: a sku is part of quota keys, which have their own limit."""


@frozen
class Component:
    """So many units of a sku are in one unit of a bundle."""

    sku: str = field(validator=identifier(most=MAX_SKU))
    quantity: int = field(default=1, validator=whole(least=1, most=1_000_000))


@frozen
class Product:
    """One sellable thing.

    `prices` has at most one price per currency. `tracked=False` says that its stock is not counted (imported, made to order,
    digital), `ships=False` that it needs no parcel, and `weight_g` is the weight of one unit in grams. `categories` are those it stands in
    with all above them (`CategoryTree.with_above`); a `floor` is the price of one unit that no promotion and no coupon may go below, and
    `tax_class` is what tables of tax rates know it by. `components` are what it is put together from when it is ordered: their stock is counted, and
    not its own; those that are put together themselves are opened when an order is placed. `channels` are those it is sold in, none meaning all, and
    `group_id` is the product group that it was made of, where there is one.
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
    components: tuple[Component, ...] = field(default=(), validator=members(Component))
    channels: tuple[str, ...] = field(default=(), validator=texts(least=1))
    group_id: str = field(default="", validator=text(most=100))

    def __attrs_post_init__(self) -> None:
        check_amounts(f"prices of product {self.sku}", self.prices, least=0)
        if self.floors:
            check_amounts(f"floors of product {self.sku}", self.floors, least=0)
        if self.components:
            check_components(f"product {self.sku}", self.sku, self.components)

    def sold_in(self, channel: str) -> bool:
        """Whether it is for sale in this channel."""
        return self.active and (not self.channels or channel in self.channels)

    def price_in(self, currency: str) -> int | None:
        """The list price of one unit in minor units of this currency; `None` where it is not sold in it."""
        for price in self.prices:
            if price.currency == currency:
                return price.minor
        return None

    def floor_in(self, currency: str) -> int:
        """The price of one unit that no promotion may go below, in minor units of this currency; zero where none is named."""
        return amount_in(self.floors, currency) or 0 if self.floors else 0


class Stocked(Protocol):
    """What tells which stock a unit comes from: a product, and the lines that were made of it."""

    @property
    def sku(self) -> str:
        """What is sold."""
        ...

    @property
    def tracked(self) -> bool:
        """Whether its stock is counted."""
        ...

    @property
    def components(self) -> tuple[Component, ...]:
        """What a unit is put together from, none where it is in stock itself."""
        ...


def from_stock(goods: Stocked, units: int) -> tuple[tuple[str, int], ...]:
    """The skus that so many units come from with how many of each; none where stock is not counted."""
    if not goods.tracked:
        return ()
    if not goods.components:
        return ((goods.sku, units),)
    return tuple([(it.sku, it.quantity * units) for it in goods.components])


def amount_in(amounts: Sequence[Money], currency: str) -> int | None:
    """The amount in this currency, in minor units, among amounts that name each currency once; `None` where none does."""
    for amount in amounts:
        if amount.currency == currency:
            return amount.minor
    return None


def check_components(what: str, sku: str, components: Sequence[Component]) -> None:
    """Other skus, each once; raises `InvalidValue` naming `what`."""
    skus = [component.sku for component in components]
    if len(set(skus)) < len(skus) or sku in skus:
        raise InvalidValue(f"{what} must be made of other skus, each once, got {', '.join(skus)}")


def check_amounts(what: str, amounts: Sequence[Money], *, least: int) -> None:
    """One amount per currency, each from `least` minor units up; raises `InvalidValue` naming `what`."""
    currencies = [amount.currency for amount in amounts]
    if len(set(currencies)) < len(currencies):
        raise InvalidValue(f"{what} must name each currency once, got {', '.join(currencies)}")
    for amount in amounts:
        if amount.minor < least:
            raise InvalidValue(f"{what} must be {least} or more minor units, got {amount}")
