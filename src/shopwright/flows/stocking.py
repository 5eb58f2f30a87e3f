"""Put goods and coupons into the shop."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from shopwright.catalog.products import Product
from shopwright.flows.catalog.past import past_puts
from shopwright.flows.checking import takes
from shopwright.flows.commands import Command, PutCoupon, PutProduct, ReceiveStock
from shopwright.flows.ports import Ports
from shopwright.flows.saving import operation
from shopwright.flows.trying import tried
from shopwright.inventory.keys import stock_key
from shopwright.ports.quotas import Grant, Quota, QuotaMove
from shopwright.ports.storage import Changeset, Put
from shopwright.promotions.coupons import Coupon, coupon_key
from shopwright.refusals import Refusal

T = TypeVar("T")

COUPON_RANK = 1
"""Coupon uses are locked after stock: many orders share one coupon."""


@takes(PutProduct)
def put_product(ports: Ports, command: PutProduct, *, at: datetime) -> Product | Refusal:
    """Put a product on sale, or change it."""
    return _put(ports, command, command.product.sku, command.product, (), at=at)


@takes(PutCoupon)
def put_coupon(ports: Ports, command: PutCoupon, *, at: datetime) -> Coupon | Refusal:
    """Put a coupon into circulation, or change it."""
    code = command.coupon.code
    moves = (Grant(coupon_key(code), command.more_uses, COUPON_RANK),) if command.more_uses else ()
    return _put(ports, command, code, command.coupon, moves, at=at)


def _put(ports: Ports, command: Command, id: str, value: T, moves: tuple[QuotaMove, ...], *, at: datetime) -> T | Refusal:
    op = operation(ports, command, id)

    def attempt() -> T | Refusal:
        stored = ports.storage.load(type(value), id)
        puts: tuple[Put, ...] = (Put(id, value, 0 if stored is None else stored.version),)
        if isinstance(value, Product) and ports.catalog.lists is not None:
            puts += past_puts(ports.storage, {id: (value, None)}, at=at)
        result = ports.storage.commit(Changeset(op, at, puts=puts, moves=moves))
        return result if isinstance(result, Refusal) else value

    return tried(ports.storage, attempt)


@takes(ReceiveStock)
def receive_stock(ports: Ports, command: ReceiveStock, *, at: datetime) -> Quota | Refusal:
    """Count goods in; the stock of the sku as it then stands.

    Refused with `quota_exhausted` when fewer are free than are taken away. Raises `InvalidValue` for more goods than 64 bits count.
    """
    key = stock_key(command.sku)
    result = ports.storage.commit(Changeset(operation(ports, command, command.sku), at, moves=(Grant(key, command.quantity),)))
    return result if isinstance(result, Refusal) else ports.storage.quota((key,), at=at)[key]
