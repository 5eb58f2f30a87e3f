"""What things are called: typed ids, ids that sort by time, and order numbers that people can read out.

    >>> from datetime import UTC, datetime
    >>> from random import Random
    >>> from shopwright.ids import OrderNumbers, id_time, new_id
    >>> at = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    >>> new_id(at=at, rng=Random(7).randbytes)
    '01M819EKE072TECMQ49PKZ57H6'
    >>> id_time("01M819EKE072TECMQ49PKZ57H6") == at
    True
    >>> OrderNumbers().make(at=at, rng=Random(7).randbytes)
    '20261122-2E4V5-9'

Chance and time are arguments here as everywhere in the core.
"""

from __future__ import annotations

from shopwright.ids.names import (
    CouponCode,
    HoldId,
    LocationId,
    MemberId,
    OrderId,
    OrderNumber,
    PaymentId,
    ProductId,
    RefundId,
    ReturnId,
    SellerId,
    ShipmentId,
    Sku,
)
from shopwright.ids.numbers import OrderNumbers
from shopwright.ids.ordered import Entropy, id_time, new_id

__all__ = [
    "CouponCode",
    "Entropy",
    "HoldId",
    "LocationId",
    "MemberId",
    "OrderId",
    "OrderNumber",
    "OrderNumbers",
    "PaymentId",
    "ProductId",
    "RefundId",
    "ReturnId",
    "SellerId",
    "ShipmentId",
    "Sku",
    "id_time",
    "new_id",
]
