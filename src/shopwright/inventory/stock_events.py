"""What is told of a stock beside its movements: that it runs low or has recovered, and that more is promised than is there."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen


@frozen(kw_only=True)
class StockRanLow:
    """Fewer units than the threshold are available, and before there were enough."""

    sku: str
    location_id: str
    available: int
    low: int
    at: datetime


@frozen(kw_only=True)
class StockRecovered:
    """As many units as the threshold are available again."""

    sku: str
    location_id: str
    available: int
    low: int
    at: datetime


@frozen(kw_only=True)
class StockOwed:
    """More units than before are promised and not there; `owed` is how many in all."""

    sku: str
    location_id: str
    owed: int
    at: datetime


StockEvent = StockRanLow | StockRecovered | StockOwed
