"""Rows of a CSV file brought into a catalog, in rows per second, against what no import can be faster than: the same rows in one table, unchecked,
by `executemany` on SQLite and by `COPY` on PostgreSQL.

Ours checks every cell, asks what is there, and writes for each row a product group, a product, and a record that tells of it, in batches that can be
repeated after a crash. All sides must have the same skus, titles, categories and prices in the end.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from shopwright import Product, Shop
from shopwright.adapters.postgres.storage import PostgresStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.flows.catalog.bringing import all_groups
from shopwright.ports.storage import Storage
from shopwright.testing.clock import NOON
from shopwright.wire.kinds import KINDS
from tests.benchmarks.by_hand import goods_in_bulk
from tests.benchmarks.rows import Row
from tests.benchmarks.session import QUICK, Race, Session
from tests.benchmarks.sides import Bench, Local

JOB, UNIT, BATCH = "catalog import", "rows/s", 1_000
MANY, FEW = 10_000, 500


def rows(session: Session) -> list[Row]:
    """A file into a catalog of its own for each turn, on both databases."""
    count = FEW if session.plan is QUICK else MANY
    file = a_file(session.path("goods.csv"), count)
    scale = f"{count:,} products"
    sqlite = Race(
        JOB,
        f"SQLite, FULL, {scale}",
        UNIT,
        lambda: Local("ours", ours(SqliteStorage.open(session.path("mall.sqlite"), kinds=KINDS, upgrade=True), file, count)),
        {"executemany": lambda: Local("executemany", goods_in_bulk.on_sqlite(session.path("goods.sqlite"), file, count))},
        check=1,
    )
    postgres = Race(
        JOB,
        f"PostgreSQL, FULL, {scale}",
        UNIT,
        lambda: Local("ours", ours(PostgresStorage.open(session.database(), kinds=KINDS, upgrade=True), file, count)),
        {"COPY": lambda: Local("COPY", goods_in_bulk.on_postgres(session.database(), file, count))},
        check=1,
    )
    return [*session.run(sqlite), *session.run(postgres)]


def a_file(place: Path, count: int) -> Path:
    """Goods with prices of their own, in a hundred categories."""
    with place.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(("product", "seller", "status", "title:en", "categories", "sku", "prices"))
        for number in range(count):
            price = f"{number % 900 + 1}.{number % 100:02} EUR"
            writer.writerow((f"p{number}", "own", "active", f"Thing number {number}", f"c{number % 100}", f"SKU-{number:07}", price))
    return place


def ours(storage: Storage, file: Path, count: int) -> Bench:
    """The desk of the catalog, each turn a tenant of its own."""

    def run(turn: int) -> Shop:
        shop = Shop(storage.scoped(f"turn{turn}"))
        with file.open(encoding="utf-8", newline="") as lines:
            report = shop.catalog.bring_in(lines, form="csv", key="goods", at=NOON, batch=BATCH)
        assert report.created == count, report
        return shop

    return Bench(run=run, tell=told, close=storage.close, per=count)


def told(shop: Shop) -> list[Any]:
    """What is in the catalog, as the products of its groups say."""
    groups = list(all_groups(shop.ports))
    found: dict[str, Product] = {}
    for start in range(0, len(groups), BATCH):
        skus = [group.variants[0].sku for group in groups[start : start + BATCH]]
        found |= {sku: stored.value for sku, stored in shop.ports.storage.load_many(Product, skus).items()}
    minors = [product.prices[0].minor for product in found.values()]
    titles, categories = {product.title for product in found.values()}, {product.categories for product in found.values()}
    return [len(found), sum(minors), min(found), max(found), len(titles), len(categories)]
