"""Order lines: what was sold at which frozen price, and where each unit of it is now.

Rules
- ORDER-1: units are conserved: `quantity = open + allocated + shipped + delivered + returned + lost + canceled`, each zero or more;
- ORDER-2: price, discount, shipping share and tax are frozen at placing and never computed again;
- ORDER-3: the share of one unit is cut so that any sequence of part refunds adds up to the line's total exactly;
- ORDER-13: goods that do not travel (downloads, services) are with the buyer once the order is confirmed.
"""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen

from shopwright.catalog.products import Component, from_stock
from shopwright.changing import changed
from shopwright.pricing.gifts import GivenBy
from shopwright.pricing.quote import Adjustment
from shopwright.pricing.tax_amounts import TaxedLine


class Bucket(StrEnum):
    """Where units of a line can be."""

    OPEN = "open"
    ALLOCATED = "allocated"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    RETURNED = "returned"
    LOST = "lost"
    CANCELED = "canceled"


# Not slotted, like the lines: an order has many of them, and they are made in half the time.
@frozen(slots=False)
class Buckets:
    """How many units of a line are where."""

    open: int = 0
    allocated: int = 0
    shipped: int = 0
    delivered: int = 0
    returned: int = 0
    lost: int = 0
    canceled: int = 0

    @property
    def total(self) -> int:
        """All units; equals the ordered quantity (ORDER-1)."""
        return self.open + self.allocated + self.shipped + self.delivered + self.returned + self.lost + self.canceled

    @property
    def unfinished(self) -> int:
        """Units that have not come to an end."""
        return self.open + self.allocated + self.shipped

    @property
    def gone(self) -> int:
        """Units that the buyer does not get, or has given back."""
        return self.canceled + self.lost + self.returned

    @property
    def left(self) -> int:
        """Units that have left the shop's hands, wherever they are now."""
        return self.shipped + self.delivered + self.returned + self.lost

    def moved(self, quantity: int, source: Bucket, target: Bucket) -> Buckets:
        """These units in another bucket, at most those that the source holds: units are neither made nor lost (ORDER-1)."""
        here = int(getattr(self, source))
        going = min(quantity, here)
        if going <= 0 or source is target:
            return self
        return changed(self, **{str(source): here - going, str(target): getattr(self, target) + going})


@frozen(kw_only=True, slots=False)
class OrderLine:
    """One line of an order. Amounts are minor units for the whole line; `total = subtotal - discount + shipping + tax`.

    `components` are what one unit is put together from, where that is what is in stock.
    `given_by` is the promotion that gave it away, where it is a gift; nothing is paid on a gift, so no money of it can go back.
    """

    line_no: int
    sku: str
    title: str
    seller_id: str
    quantity: int
    unit_price: int
    subtotal: int
    discount: int
    shipping: int
    tax: int
    total: int
    buckets: Buckets
    tracked: bool = True
    ships: bool = True
    product_version: int = 1
    adjustments: tuple[Adjustment, ...] = ()
    taxed: TaxedLine | None = None
    given_by: GivenBy | None = None
    components: tuple[Component, ...] = ()

    def from_stock(self, units: int) -> tuple[tuple[str, int], ...]:
        """The skus that so many of its units come from, with how many of each; none where stock is not counted."""
        return from_stock(self, units)

    @property
    def owed(self) -> int:
        """What the buyer owes for the units that are not gone (ORDER-3)."""
        buckets = self.buckets
        gone = buckets.canceled + buckets.lost + buckets.returned
        return self.total - self.total * gone // self.quantity if gone else self.total

    def owed_without(self, units: int) -> int:
        """What the buyer would owe if so many units more were gone (ORDER-3)."""
        gone = self.buckets.gone + units
        return self.total - self.total * gone // self.quantity if gone else self.total
