"""What a shop keeps of its stock beside the quotas: kinds, record types, and the stream they are in, under names that never change."""

from __future__ import annotations

from typing import get_args

from shopwright.inventory.movements import Movement
from shopwright.inventory.place_stock import PlaceStock
from shopwright.inventory.sold import SoldGoods
from shopwright.inventory.stock_events import StockEvent
from shopwright.inventory.transfers import StockTransfer
from shopwright.ports.kinds import Index, IndexType, Kind, RecordType

STOCK = "stock"
"""The stream of what happens to stock: movements, and what is told of it, under the key of its quota."""

DOCUMENTS = (
    Kind(
        "place_stock",
        PlaceStock,
        indexes=(
            Index("place", IndexType.TEXT, lambda stock: stock.place),
            Index("sku", IndexType.TEXT, lambda stock: stock.sku),
            Index("unsettled", IndexType.TEXT, lambda stock: "yes" if stock.is_low or stock.missing or stock.awaited else None),
            Index("expires_at", IndexType.TIME, lambda stock: stock.expires_at),
        ),
    ),
    Kind(
        "stock_transfer",
        StockTransfer,
        indexes=(
            Index("to_place", IndexType.TEXT, lambda transfer: transfer.to_place),
            Index("under_way", IndexType.TIME, lambda transfer: transfer.sent_at if transfer.arrived_at is None else None),
        ),
    ),
    Kind("sold_goods", SoldGoods),
)

RECORDS = tuple(RecordType(record.__name__, record) for record in (Movement, *get_args(StockEvent)))
