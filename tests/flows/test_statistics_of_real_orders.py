"""The statistics of real orders, beside the same numbers by SQL over the raw files: to the cent and to the order."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

import stores
from marketplace import replaying
from marketplace.report import everything
from marketplace.source import read
from shopwright import Money, Product, Shop, accepted, staff
from shopwright.adapters.memory import MemoryStorage
from shopwright.catalog.groups import ProductGroup, Status
from shopwright.catalog.languages import Texts
from shopwright.catalog.variants import Variant
from shopwright.flows.catalog.commands import PutGroup
from shopwright.statistics.reports import By, Report
from shopwright.statistics.tallies import Tally
from shopwright.statistics.terms import StatisticsTerms
from shopwright.wire.kinds import KINDS
from tests.flows import marketplace_files as files
from tests.surroundings import real_data

FIRST, LAST = date(2016, 1, 1), date(2018, 12, 31)
COUNTED = "placed canceled arrived timed on_time units units_arrived units_returned gross discounts net shipping shipping_off total".split()
"""What the report and the SQL both tell, in this order."""

TABLES = {
    "orders": ("order_id", "order_status", "order_purchase_timestamp", "order_delivered_customer_date", "order_estimated_delivery_date"),
    "items": ("order_id", "product_id", "seller_id", "price", "freight_value"),
    "products": ("product_id", "product_category_name"),
}

FACTS = """
create view lines as
select o.order_id as id, substr(o.order_purchase_timestamp, 1, 10) as day, substr(o.order_purchase_timestamp, 1, 7) as month,
       i.seller_id as seller, p.product_category_name as category,
       i.price as price, i.freight_value as freight,
       o.order_status in ('canceled', 'unavailable') as called_off,
       o.order_delivered_customer_date <> '' as arrived,
       o.order_delivered_customer_date <> '' and o.order_estimated_delivery_date <> '' as timed,
       o.order_delivered_customer_date <> '' and o.order_estimated_delivery_date <> ''
           and substr(o.order_delivered_customer_date, 1, 10) <= substr(o.order_estimated_delivery_date, 1, 10) as on_time
from orders o join items i on i.order_id = o.order_id left join products p on p.product_id = i.product_id
"""

NUMBERS = """
select {keys}
       count(distinct id), count(distinct case when called_off then id end), count(distinct case when arrived then id end),
       count(distinct case when timed then id end), count(distinct case when on_time then id end),
       count(*), sum(arrived), 0, sum(price), 0, sum(case when called_off then 0 else price end),
       sum(freight), sum(case when called_off then freight else 0 end),
       sum(case when called_off then 0 else price + freight end)
from lines {group}
"""


def raw(folder) -> sqlite3.Connection:
    """The files in tables as they are, with amounts as whole cents."""
    connection = sqlite3.connect(":memory:")
    for table, columns in TABLES.items():
        connection.execute(f"create table {table} ({', '.join(columns)})")
        marks = ", ".join("?" * len(columns))
        found = ([_cell(column, row[column]) for column in columns] for row in files.rows(folder, table))
        connection.executemany(f"insert into {table} values ({marks})", found)
        connection.execute(f"create index {table}_by on {table} ({columns[0]})")
    connection.execute(FACTS)
    return connection


def _cell(column: str, text: str) -> str | int:
    return int(Decimal(text).scaleb(2)) if column in {"price", "freight_value"} else text


def numbers(tally: Tally) -> tuple[int, ...]:
    """What the SQL tells too."""
    return tuple(getattr(tally, name) for name in COUNTED)


def by_sql(connection: sqlite3.Connection, *keys: str) -> dict[tuple[str, ...], tuple[int, ...]]:
    """The numbers of the files for each key, none for keys of which there is nothing."""
    said = {"keys": "".join(f"{key}," for key in keys), "group": f"group by {', '.join(keys)}" if keys else ""}
    return {row[: len(keys)]: row[len(keys) :] for row in connection.execute(NUMBERS.format(**said))}


def file_by_category(shop: Shop, connection: sqlite3.Connection) -> None:
    """Put the products into groups of the categories that the files have: a replay of orders knows no catalog."""
    categories = dict(connection.execute("select product_id, product_category_name from products where product_category_name <> ''"))
    for product in everything(shop.ports.storage, Product):
        if category := categories.get(product.sku.partition("/")[0]):
            variant = Variant(product.sku, prices=product.prices or (Money(1, "BRL"),))
            group = ProductGroup(
                id=product.sku,
                seller_id=product.seller_id,
                titles=Texts({"pt": product.title}),
                status=Status.ACTIVE,
                categories=(category,),
                variants=(variant,),
            )
            accepted(shop.catalog.put(PutGroup(key=f"file/{product.sku}", by=staff("import"), group=group)))


def held_to_the_files(storage, folder) -> None:
    """Count a storage in which the files were replayed, and hold every number to SQL over them."""
    shop = Shop(storage, statistics=StatisticsTerms(zone="America/Sao_Paulo"))
    with closing(raw(folder)) as connection:
        file_by_category(shop, connection)
        while shop.statistics.follow(limit=1_000):
            pass

        def report(*by: By) -> Report:
            return shop.statistics.report(since=FIRST, until=LAST, by=by)

        def told(*by: By) -> dict[tuple[str, ...], tuple[int, ...]]:
            return {row.key: numbers(row.tally) for row in report(*by).rows if row.tally.placed}

        assert {(): numbers(report().total)} == by_sql(connection)
        assert told(By.DAY) == by_sql(connection, "day")
        assert told(By.CATEGORY) == by_sql(connection, "category")
        assert told(By.DAY, By.SELLER) == by_sql(connection, "day", "seller")
        assert told(By.MONTH, By.CHANNEL, By.CATEGORY) == by_sql(connection, "month", "'olist'", "category")
        check_rates(report(By.MONTH), by_sql(connection, "month"))


def check_rates(report: Report, told: dict[tuple[str, ...], tuple[int, ...]]) -> None:
    """The rates are those of the counts of the files, as exact fractions."""
    assert len(told) == len([row for row in report.rows if row.tally.placed]) > 10
    for key, numbers in told.items():
        count = dict(zip(COUNTED, numbers, strict=True))
        tally = report.row(*key)
        assert tally.average_value == Fraction(count["gross"], count["placed"])
        assert tally.cancellation_rate == Fraction(count["canceled"], count["placed"])
        assert tally.on_time_rate == (Fraction(count["on_time"], count["timed"]) if count["timed"] else None)
        assert tally.return_rate == (0 if count["units_arrived"] else None)
        assert tally.conversion_rate is None


@pytest.fixture(scope="module")
def sampled(tmp_path_factory):
    """A folder with real orders of every odd kind, and of every state and shape."""
    return files.sample(real_data("olist-sample-8135"), tmp_path_factory.mktemp("sample"), of_each=26)


def test_the_statistics_of_a_sample_are_those_of_the_files(sampled):
    storage = MemoryStorage(KINDS)
    replaying.in_one_go(storage, read(sampled))
    held_to_the_files(storage, sampled)


@pytest.mark.full
def test_the_statistics_of_all_real_orders_are_those_of_the_files(tmp_path):
    folder = real_data("olist-sample-8135")
    with stores.opened("sqlite", tmp_path / "mall.sqlite", name="") as store:
        replaying.in_batches(store, read(folder))
        held_to_the_files(store.storage, folder)
