"""What is held for a cart before it becomes an order.

Rules
- CART-1: a cart holds goods as an order does, until a moment; then they are free again by the clock, and no job is needed for it;
- each time that a cart is held anew its hold has another number, so that one that has lapsed never stands in the way;
- CART-2: an order that is placed for the cart trades the cart's hold for its own in one changeset, so that nobody comes between.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from attrs import frozen

from shopwright.inventory.keys import cart_hold


class CartState(StrEnum):
    """What became of what is held for a cart."""

    HELD = "held"
    RELEASED = "released"
    ORDERED = "ordered"


@frozen(kw_only=True)
class CartHold:
    """Goods that are held for a cart: the quotas and how many of each, until when, and for whom. `zone` is where they are planned to go, in a shop
    with places; `order_id` is the order that they became.
    """

    cart_id: str
    buyer_id: str
    items: tuple[tuple[str, int], ...]
    until: datetime
    number: int = 1
    state: CartState = CartState.HELD
    zone: str = ""
    order_id: str = ""

    @property
    def hold_id(self) -> str:
        """The id of the hold on the quotas."""
        return f"{cart_hold(self.cart_id)}/{self.number}"

    def own(self, at: datetime) -> Mapping[str, int]:
        """What it holds at a moment: nothing once its time is over."""
        return dict(self.items) if self.state is CartState.HELD and at < self.until else {}
