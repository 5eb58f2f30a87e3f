"""The kinds of ids, so that a type checker tells a seller from a sku. At run time each is plain text.

Whoever makes one checks it where it enters a value, with `identifier()`.
"""

from __future__ import annotations

from typing import NewType

OrderId = NewType("OrderId", str)
"""The storage key of an order; `new_id` makes it."""
OrderNumber = NewType("OrderNumber", str)
"""What a customer reads out; `OrderNumbers` makes it."""
PaymentId = NewType("PaymentId", str)
"""One payment of an order; an order may have several."""
RefundId = NewType("RefundId", str)
"""One refund of a payment."""
ShipmentId = NewType("ShipmentId", str)
"""One parcel or set of parcels that leaves together."""
ReturnId = NewType("ReturnId", str)
"""One return of goods."""
HoldId = NewType("HoldId", str)
"""One reservation of a quota."""
MemberId = NewType("MemberId", str)
"""A registered customer."""
SellerId = NewType("SellerId", str)
"""A merchant of the mall."""
LocationId = NewType("LocationId", str)
"""A place that keeps stock."""
ProductId = NewType("ProductId", str)
"""A product, which has one or more skus."""
Sku = NewType("Sku", str)
"""A variant that can be bought: the stock keeping unit."""
CouponCode = NewType("CouponCode", str)
"""What a customer types to claim a promotion."""
