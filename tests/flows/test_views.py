"""The views that people and reports read: a row per order, order line, payment and stock position, equal to the documents."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from shopwright import CancelOrder, Order, ShipOrder, Shop, accepted, standing
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.flows.inventory.commands import ReceiveGoods
from shopwright.orders.lines import Bucket, OrderLine
from shopwright.wire.kinds import KINDS
from tests.flows.giving import GIVING, with_gift
from tests.flows.mall import ANN, CLERK, Mall, an_order, paid
from tests.flows.stocked import PLACES
from tests.surroundings import peer

Rows = list[tuple[Any, ...]]


@pytest.fixture(params=["sqlite", "postgres"])
def seen(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[tuple[Order, ...], dict[str, Rows]]:
    """The orders of a mall, and what a reader finds in each view."""
    if request.param == "sqlite":
        path = tmp_path / "mall.sqlite"
        mall = Mall(SqliteStorage.open(path, kinds=KINDS, upgrade=True), ways=GIVING)
        orders = _busy(mall)
        connection: Any = sqlite3.connect(path)
        prefix = ""
    else:
        from shopwright.adapters.postgres.storage import PostgresStorage

        conninfo = request.getfixturevalue("postgres_database")
        mall = Mall(PostgresStorage.open(conninfo, kinds=KINDS, upgrade=True), ways=GIVING)
        orders = _busy(mall)
        connection = peer("psycopg").connect(conninfo)
        prefix = "shopwright."
    try:
        return orders, {name: connection.execute(QUERIES[name].format(p=prefix)).fetchall() for name in QUERIES}
    finally:
        connection.close()
        mall.storage.close()


QUERIES = {
    "orders": "select id, number, buyer_id, state, standing, currency, total, paid, coupon_code from {p}orders order by id",
    "order_lines": "select order_id, line_no, sku, quantity, unit_price, discount, shipping, total, "
    + ", ".join(Bucket)
    + ", given_by from {p}order_lines order by order_id, line_no",
    "payments": "select order_id, payment_id, method, via, state, tendered, captured, refunded from {p}payments order by order_id, payment_id",
    "stock": "select place, sku, received, sold, held, free from {p}stock order by place, sku",
}


def _busy(mall: Mall) -> tuple[Order, ...]:
    with_gift(mall)
    places = Shop(mall.storage, places=PLACES, clock=mall.clock)
    for place, sku, units in (("north", "MUG", 8), ("south", "a/b@c", 3)):
        accepted(places.stock.receive(ReceiveGoods(key=f"to-{place}", by=CLERK, place=place, sku=sku, units=units)))
    mixed = paid(mall.shop, an_order(key="mixed", vouchers=(900,)))
    shipped = paid(mall.shop, an_order(key="shipped", coupon="SPRING"))
    accepted(mall.shop.shipping.ship(ShipOrder(key="s", by=CLERK, order_id=shipped.id, units=((1, 1),))))
    accepted(mall.shop.orders.cancel(CancelOrder(key="c", by=ANN, order_id=mixed.id)))
    return tuple(sorted(mall.orders(), key=lambda order: order.id))


def _places(line: OrderLine) -> tuple[int, ...]:
    return tuple(getattr(line.buckets, bucket) for bucket in Bucket)


def _giver(line: OrderLine) -> str | None:
    return None if line.given_by is None else line.given_by.promotion


def test_orders_have_a_row_each(seen: tuple[tuple[Order, ...], dict[str, Rows]]) -> None:
    orders, rows = seen
    assert rows["orders"] == [
        (it.id, it.number, "ann", it.state, standing(it), "EUR", it.total.minor, it.paid, it.coupon_code or None) for it in orders
    ]


def test_order_lines_have_a_row_each(seen: tuple[tuple[Order, ...], dict[str, Rows]]) -> None:
    orders, rows = seen
    assert rows["order_lines"] == [
        (it.id, line.line_no, line.sku, line.quantity, line.unit_price, line.discount, line.shipping, line.total, *_places(line), _giver(line))
        for it in orders
        for line in it.lines
    ]


def test_payments_have_a_row_each(seen: tuple[tuple[Order, ...], dict[str, Rows]]) -> None:
    orders, rows = seen
    assert rows["payments"] == [
        (it.id, pay.id, pay.tender.method, pay.tender.via, pay.state, pay.tender.amount, pay.captured, pay.refunded)
        for it in orders
        for pay in it.payments
    ]


def test_stock_has_a_row_for_each_sku(seen: tuple[tuple[Order, ...], dict[str, Rows]]) -> None:
    _, rows = seen
    assert [row[1:] for row in rows["stock"] if not row[0]] == [("CUP", 10, 1, 1, 8), ("MUG", 1, 0, 1, 0), ("TEA", 10, 2, 2, 6)]


def test_stock_at_places_has_a_row_for_each_place_and_sku(seen: tuple[tuple[Order, ...], dict[str, Rows]]) -> None:
    _, rows = seen
    assert [row for row in rows["stock"] if row[0]] == [("north", "MUG", 8, 0, 2, 6), ("south", "a/b@c", 3, 0, 0, 3)]
