"""Shopwright: the whole business of an online mall as plain values and pure functions.

The names below are the public face; each also has a home in its package, and is loaded from there on first use, so that whoever
wants only `Money` or the coupon engine loads no more than that.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shopwright.catalog.products import Product as Product
    from shopwright.errors import ShopwrightError as ShopwrightError
    from shopwright.flows.commands import CancelOrder as CancelOrder
    from shopwright.flows.commands import CapturePayment as CapturePayment
    from shopwright.flows.commands import CompleteOrder as CompleteOrder
    from shopwright.flows.commands import ConfirmOrder as ConfirmOrder
    from shopwright.flows.commands import DeliverShipment as DeliverShipment
    from shopwright.flows.commands import DispatchShipment as DispatchShipment
    from shopwright.flows.commands import HoldOrder as HoldOrder
    from shopwright.flows.commands import PayOrder as PayOrder
    from shopwright.flows.commands import PlaceOrder as PlaceOrder
    from shopwright.flows.commands import PutCoupon as PutCoupon
    from shopwright.flows.commands import PutProduct as PutProduct
    from shopwright.flows.commands import ReceiveStock as ReceiveStock
    from shopwright.flows.commands import RecordPayment as RecordPayment
    from shopwright.flows.commands import RefundOrder as RefundOrder
    from shopwright.flows.commands import ShipOrder as ShipOrder
    from shopwright.ids import OrderNumbers as OrderNumbers
    from shopwright.members.actors import Actor as Actor
    from shopwright.members.actors import customer as customer
    from shopwright.members.actors import staff as staff
    from shopwright.members.addresses import Address as Address
    from shopwright.money import Money as Money
    from shopwright.money import Rounding as Rounding
    from shopwright.money import allocate as allocate
    from shopwright.orders.events import CancelReason as CancelReason
    from shopwright.orders.order import Order as Order
    from shopwright.orders.standing import Standing as Standing
    from shopwright.orders.standing import standing as standing
    from shopwright.orders.terms import ApprovalRule as ApprovalRule
    from shopwright.orders.terms import Terms as Terms
    from shopwright.payments.payment import Tender as Tender
    from shopwright.payments.payment import Via as Via
    from shopwright.pricing.cart import Cart as Cart
    from shopwright.pricing.cart import CartLine as CartLine
    from shopwright.pricing.facts import FlatShipping as FlatShipping
    from shopwright.pricing.facts import PriceFacts as PriceFacts
    from shopwright.pricing.quote import Quote as Quote
    from shopwright.pricing.quote import price as price
    from shopwright.promotions.coupons import Coupon as Coupon
    from shopwright.refusals import Refusal as Refusal
    from shopwright.refusals import accepted as accepted
    from shopwright.shop import Shop as Shop

_HOMES = {
    "Actor": "members.actors",
    "Address": "members.addresses",
    "ApprovalRule": "orders.terms",
    "CancelOrder": "flows.commands",
    "CancelReason": "orders.events",
    "CapturePayment": "flows.commands",
    "Cart": "pricing.cart",
    "CartLine": "pricing.cart",
    "CompleteOrder": "flows.commands",
    "ConfirmOrder": "flows.commands",
    "Coupon": "promotions.coupons",
    "DeliverShipment": "flows.commands",
    "DispatchShipment": "flows.commands",
    "FlatShipping": "pricing.facts",
    "HoldOrder": "flows.commands",
    "Money": "money",
    "Order": "orders.order",
    "OrderNumbers": "ids",
    "PayOrder": "flows.commands",
    "PlaceOrder": "flows.commands",
    "PriceFacts": "pricing.facts",
    "Product": "catalog.products",
    "PutCoupon": "flows.commands",
    "PutProduct": "flows.commands",
    "Quote": "pricing.quote",
    "ReceiveStock": "flows.commands",
    "RecordPayment": "flows.commands",
    "Refusal": "refusals",
    "RefundOrder": "flows.commands",
    "Rounding": "money",
    "ShipOrder": "flows.commands",
    "Shop": "shop",
    "ShopwrightError": "errors",
    "Standing": "orders.standing",
    "Tender": "payments.payment",
    "Terms": "orders.terms",
    "Via": "payments.payment",
    "accepted": "refusals",
    "allocate": "money",
    "customer": "members.actors",
    "price": "pricing.quote",
    "staff": "members.actors",
    "standing": "orders.standing",
}

__all__ = [
    "Actor",
    "Address",
    "ApprovalRule",
    "CancelOrder",
    "CancelReason",
    "CapturePayment",
    "Cart",
    "CartLine",
    "CompleteOrder",
    "ConfirmOrder",
    "Coupon",
    "DeliverShipment",
    "DispatchShipment",
    "FlatShipping",
    "HoldOrder",
    "Money",
    "Order",
    "OrderNumbers",
    "PayOrder",
    "PlaceOrder",
    "PriceFacts",
    "Product",
    "PutCoupon",
    "PutProduct",
    "Quote",
    "ReceiveStock",
    "RecordPayment",
    "RefundOrder",
    "Refusal",
    "Rounding",
    "ShipOrder",
    "Shop",
    "ShopwrightError",
    "Standing",
    "Tender",
    "Terms",
    "Via",
    "accepted",
    "allocate",
    "customer",
    "price",
    "staff",
    "standing",
]


def __getattr__(name: str) -> object:
    """A public name, loaded from its home on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'shopwright' has no attribute {name!r}")
    value: object = getattr(import_module(f"shopwright.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
