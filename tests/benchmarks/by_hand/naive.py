"""Place-order the naive way, on SQLite and PostgreSQL: a row per line, a statement per row, 15 statements after the inputs are loaded.

It writes less than ours does: no operation that makes a repeat harmless, no hold that lapses, and an event that tells only the totals.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import frozen

from tests.benchmarks import work
from tests.benchmarks.by_hand import documents as d
from tests.benchmarks.by_hand.sqlite import connected
from tests.benchmarks.sides import Bench, peer
from tests.benchmarks.work import Wanted

SCHEMA = """
create table product (sku text primary key, title text not null, price integer not null);
create table coupon (code text primary key, percent integer not null, uses integer not null, most_uses integer not null);
create table stock (sku text primary key, on_hand integer not null, reserved integer not null);
create table orders (id text primary key, number text not null unique, buyer text not null, state text not null, currency text not null,
    subtotal bigint not null, discount bigint not null, shipping bigint not null, total bigint not null, coupon text, placed_at text not null);
create index orders_by_buyer on orders (buyer, placed_at);
create table order_line (order_id text not null, line_no integer not null, sku text not null, title text not null, quantity integer not null,
    unit_price bigint not null, discount bigint not null, shipping bigint not null, total bigint not null, primary key (order_id, line_no));
create table outbox (id {serial}, order_id text not null, type text not null, body text not null, at text not null);
"""


@frozen
class Way:
    """How a driver wants it."""

    connection: Any
    begin: str
    statement: Callable[[str], str]

    def execute(self, statement: str, *values: Any) -> Any:
        """One statement, one round trip."""
        return self.connection.execute(self.statement(statement), values)


Take = Callable[[Way, Wanted], None]
"""How stock is taken inside the transaction."""


def open_sqlite(path: Path, durability: str) -> Bench:
    """The naive way on SQLite, with the same settings as ours."""
    connection = connected(path, durability)
    connection.executescript(SCHEMA.format(serial="integer primary key"))
    return bench(Way(connection, "begin immediate", lambda text: text))


def open_postgres(conninfo: str) -> Bench:
    """The naive way on PostgreSQL: prepared statements, one after the other."""
    way = on_postgres(conninfo)
    way.connection.execute(SCHEMA.format(serial="bigint generated always as identity primary key"), prepare=False)
    return bench(way)


def on_postgres(conninfo: str) -> Way:
    """One more connection to a database that has the tables."""
    connection = peer("psycopg").connect(conninfo, autocommit=True, prepare_threshold=0)
    return Way(connection, "begin", lambda text: text.replace("?", "%s"))


def bench(way: Way) -> Bench:
    """Fill the store and offer the command."""
    fill(way)

    def facts() -> dict[str, int]:
        orders, total = way.execute("select count(*), sum(total) from orders").fetchone()
        (units,), (uses,) = (way.execute(asked).fetchone() for asked in ("select sum(reserved) from stock", "select uses from coupon"))
        return work.facts(orders=orders, units=int(units), coupon_uses=uses, total=int(total))

    return Bench(run=lambda cart: place(way, cart), tell=d.told, prepare=work.wanted, facts=facts, close=way.connection.close)


def fill(way: Way) -> None:
    """Products, their stock and the coupon."""
    way.execute(way.begin)
    for item in work.catalog():
        way.execute("insert into product values (?, ?, ?)", item.sku, item.title, item.price)
        way.execute("insert into stock values (?, ?, 0)", item.sku, work.STOCK)
    way.execute("insert into coupon values (?, ?, 0, ?)", work.COUPON, work.COUPON_BASIS_POINTS, work.COUPON_USES)
    way.execute("commit")


def place(way: Way, cart: Wanted, *, coupon: bool = True, take: Take | None = None) -> d.Priced:
    """One order: two statements that load, fifteen that write."""
    marks = ", ".join("?" * len(cart.lines))
    found = way.execute(f"select sku, title, price from product where sku in ({marks})", *(sku for sku, _ in cart.lines)).fetchall()
    products = {sku: {"sku": sku, "title": title, "seller_id": "house", "prices": [{"minor": price}]} for sku, title, price in found}
    percent = way.execute("select percent from coupon where code = ?", work.COUPON).fetchone()[0] if coupon else 0
    lines, sums = d.price(cart, products, {"code": work.COUPON, "percent": percent} if coupon else None)
    way.execute(way.begin)
    try:
        (take or conditional)(way, cart)
        write(way, cart, lines, sums, coupon=coupon)
        way.execute("commit")
    except BaseException:
        way.execute("rollback")
        raise
    return lines, sums


def conditional(way: Way, cart: Wanted) -> None:
    """Stock by one UPDATE per sku, which takes only what there is."""
    for sku, quantity in sorted(cart.lines):
        taken = way.execute("update stock set reserved = reserved + ? where sku = ? and on_hand - reserved >= ?", quantity, sku, quantity)
        if taken.rowcount != 1:
            raise AssertionError("there is stock for every turn")


def for_update(way: Way, cart: Wanted) -> None:
    """Stock by locking the rows, looking, and writing what was worked out."""
    wanted = dict(cart.lines)
    marks = ", ".join("?" * len(wanted))
    locked = way.execute(f"select sku, on_hand, reserved from stock where sku in ({marks}) order by sku for update", *wanted).fetchall()
    for sku, on_hand, reserved in locked:
        if on_hand - reserved < wanted[sku]:
            raise AssertionError("there is stock for every turn")
        way.execute("update stock set reserved = ? where sku = ?", reserved + wanted[sku], sku)


def write(way: Way, cart: Wanted, lines: list[dict[str, Any]], sums: dict[str, int], *, coupon: bool) -> None:
    """The rows of the order, the coupon's use and the event; stock was taken before, as it is mostly done."""
    order_id = d.new_id()
    amounts = sums["subtotal"], sums["discount"], work.SHIPPING, sums["total"]
    order = (order_id, f"20250301-{order_id[-8:]}", cart.buyer, "placed", work.CURRENCY, *amounts, work.COUPON if coupon else None, d.AT_TEXT)
    way.execute("insert into orders values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", *order)
    for line in lines:
        facts = [line[name] for name in ("line_no", "sku", "title", "quantity", "unit_price", "discount", "shipping", "total")]
        way.execute("insert into order_line values (?, ?, ?, ?, ?, ?, ?, ?, ?)", order_id, *facts)
    if coupon and way.execute("update coupon set uses = uses + 1 where code = ? and uses < most_uses", work.COUPON).rowcount != 1:
        raise AssertionError("there are coupon uses for every turn")
    event = d.dumps({"order_id": order_id, "buyer": cart.buyer, **sums})
    way.execute("insert into outbox (order_id, type, body, at) values (?, ?, ?, ?)", order_id, "order_placed", event, d.AT_TEXT)
