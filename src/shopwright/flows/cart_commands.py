"""Commands about goods that are held for carts, and about goods that are not there yet."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from shopwright.catalog.products import MAX_SKU
from shopwright.edges import aware, members, of, text
from shopwright.flows.commands import KEY, Command
from shopwright.flows.inventory.commands import WarehouseCommand
from shopwright.inventory.keys import place_name
from shopwright.inventory.promising import Incoming
from shopwright.pricing.cart import Cart

_ID = text(least=1, most=200)


@frozen(kw_only=True)
class HoldCart(Command):
    """Hold the goods of a cart for somebody until a moment, in place of what was held for it before. In a shop with places `zone` says where they
    are to go: `Places.zone_of` tells it of an address.
    """

    cart_id: str = field(validator=KEY)
    buyer_id: str = field(validator=_ID)
    cart: Cart = field(validator=of(Cart))
    until: datetime = field(validator=aware)
    zone: str = field(default="", validator=text())


@frozen(kw_only=True)
class ReleaseCart(Command):
    """Give up what is held for a cart."""

    cart_id: str = field(validator=KEY)


@frozen(kw_only=True)
class ExpectGoods(WarehouseCommand):
    """Say all that is on its way to a place of one sku, in place of what was said before: what has come in is no longer in it. Raises `InvalidValue`
    for a customer.
    """

    place: str = field(validator=place_name)
    sku: str = field(validator=text(least=1, most=MAX_SKU))
    incoming: tuple[Incoming, ...] = field(default=(), validator=members(Incoming))
