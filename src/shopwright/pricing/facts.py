"""What the shop knows about a cart when it prices it: products, price rules, the coupon, what shipping costs, and promotions.

Rules
- facts are read by whoever asks for a price, and are plain values: the same cart and facts give the same price tomorrow;
- facts may know more than the cart asks for, such as products that are no longer in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from attrs import field, frozen

from shopwright.catalog.products import Product
from shopwright.edges import maybe, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.pricing.listing import Listed
from shopwright.pricing.taxes import FrozenTaxes, GivenTaxes, TableTaxes, Taxes
from shopwright.pricing.trace import TraceStep
from shopwright.promotions.basket import Buyer, as_names, names
from shopwright.promotions.code_desks import Entered
from shopwright.promotions.coupons import Coupon
from shopwright.promotions.engine import Engine
from shopwright.promotions.price_rules import PriceBook


@frozen
class FlatShipping:
    """One amount for the order, in minor units, shared by the lines that ship.

    The share follows their value after discounts, or their quantity where that value is zero. Where no line ships, nothing is charged.
    """

    method: str = field(validator=text(least=1))
    amount: int = field(validator=whole(least=0))


@frozen
class ShippingPerLine:
    """An amount per cart line, in minor units and in the order of the lines: a marketplace's freight, a carrier's rates."""

    method: str = field(validator=text(least=1))
    amounts: tuple[int, ...] = field(validator=members(int))

    def __attrs_post_init__(self) -> None:
        for amount in self.amounts:
            if amount.__class__ is not int or amount < 0:
                raise InvalidValue(f"ShippingPerLine.amounts must be integers from zero up, got {amount!r}")


@frozen
class NoShipping:
    """Nothing is charged for shipping: free, fetched, or nothing to send."""


Shipping = FlatShipping | ShippingPerLine | NoShipping


def _stock(_: object, __: object, value: object) -> None:
    """Each sku with how many of it are free."""
    if value.__class__ is not tuple or not all(
        each.__class__ is tuple and len(each) == 2 and isinstance(each[0], str) and each[1].__class__ is int and each[1] >= 0 for each in value
    ):
        raise InvalidValue(f"expected Offers.gift_stock as pairs of a sku and how many are free, got {value!r}; write (('MUG', 3),)")


@frozen
class Offers:
    """The promotions of a shop and what is known about who buys, how and where to; `exhausted` are the ids of those that are used up.

    `gift_stock` tells of skus that are gifts how many are free. Stock that is not told of is taken to suffice; products of gifts are looked for
    among those of the facts.

    `entered` is what became of the cart's codes at the desk of the shop; without it each is taken as it was typed.
    """

    engine: Engine = field(validator=of(Engine))
    buyer: Buyer = field(default=Buyer(), validator=of(Buyer))
    payment_method: str | None = field(default=None, validator=maybe(text()))
    ship_to: str | None = field(default=None, validator=maybe(text()))
    exhausted: frozenset[str] = field(default=frozenset(), converter=as_names, validator=names)
    gift_stock: tuple[tuple[str, int], ...] = field(default=(), validator=_stock)
    entered: Entered | None = field(default=None, validator=maybe(of(Entered)))


@frozen
class Granted:
    """What promotions, price rules or price lists gave when a price was frozen: the entries of its trace that tell of them."""

    entries: tuple[TraceStep, ...] = field(validator=members(TraceStep))


def _as_book(given: object) -> object:
    return PriceBook(given) if isinstance(given, tuple | list) else given


def _as_left(given: Mapping[str, int] | Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    try:
        return tuple(sorted(dict(given).items()))
    except (TypeError, ValueError):
        raise InvalidValue(f"expected the units that are left by the ids of flash prices, got {given!r}; give {{'flash': 3}}") from None


def _counts(_: object, __: object, value: tuple[tuple[str, int], ...]) -> None:
    for pair in value:
        if pair[0].__class__ is not str or pair[1].__class__ is not int:
            raise InvalidValue(f"Prices.left must be whole units by the ids of flash prices, got {pair!r}")


@frozen
class Prices:
    """The price rules of a shop, who buys, and how many units this buyer may still have at flash prices, by their ids; not told is all of them."""

    book: PriceBook = field(converter=_as_book, validator=of(PriceBook))
    buyer: Buyer = field(default=Buyer(), validator=of(Buyer))
    left: tuple[tuple[str, int], ...] = field(default=(), converter=_as_left, validator=_counts)


@frozen
class PriceFacts:
    """The products of a cart, the coupon that its code names (`None` where there is none), what shipping costs, promotions, taxes, price rules,
    price lists.

    Raises `InvalidValue` for wrong types and for two products with one sku.
    """

    products: tuple[Product, ...] = field(validator=members(Product))
    coupon: Coupon | None = field(default=None, validator=maybe(of(Coupon)))
    shipping: Shipping = field(default=NoShipping(), validator=of(FlatShipping, ShippingPerLine, NoShipping))
    offers: Offers | Granted | None = field(default=None, validator=maybe(of(Offers, Granted)))
    taxes: Taxes | None = field(default=None, validator=maybe(of(TableTaxes, GivenTaxes, FrozenTaxes)))
    prices: Prices | Granted | None = field(default=None, validator=maybe(of(Prices, Granted)))
    lists: Listed | Granted | None = field(default=None, validator=maybe(of(Listed, Granted)))

    def __attrs_post_init__(self) -> None:
        skus = [product.sku for product in self.products]
        if len(set(skus)) < len(skus):
            twice = sorted(sku for sku, times in Counter(skus).items() if times > 1)
            raise InvalidValue(f"facts must hold each product once, got two of {', '.join(twice)}")
