"""What the shop knows about a cart when it prices it: products, the coupon, and what shipping costs.

Rules
- facts are read by whoever asks for a price, and are plain values: the same cart and facts give the same price tomorrow;
- facts may know more than the cart asks for, such as products that are no longer in it.
"""

from __future__ import annotations

from attrs import field, frozen

from shopwright.catalog.products import Product
from shopwright.edges import maybe, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.promotions.coupons import Coupon


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


@frozen
class PriceFacts:
    """The products of a cart, the coupon that its code names (`None` where there is none), and what shipping costs.

    Raises `InvalidValue` for wrong types and for two products with one sku.
    """

    products: tuple[Product, ...] = field(validator=members(Product))
    coupon: Coupon | None = field(default=None, validator=maybe(of(Coupon)))
    shipping: Shipping = field(default=NoShipping(), validator=of(FlatShipping, ShippingPerLine, NoShipping))

    def __attrs_post_init__(self) -> None:
        skus = [product.sku for product in self.products]
        if len(set(skus)) < len(skus):
            twice = sorted({sku for sku in skus if skus.count(sku) > 1})
            raise InvalidValue(f"facts must hold each product once, got two of {', '.join(twice)}")
