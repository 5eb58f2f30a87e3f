"""Place-order on SQLite by hand, with the strategy of ours: documents, holds, quotas, an event, and the operation that makes a repeat harmless."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from tests.benchmarks import work
from tests.benchmarks.by_hand import documents as d
from tests.benchmarks.sides import Bench
from tests.benchmarks.work import Wanted

SCOPE = "main"

SCHEMA = """
create table product (scope text not null, id text not null, body text not null, primary key (scope, id)) strict;
create table coupon (scope text not null, id text not null, body text not null, primary key (scope, id)) strict;
create table operation (scope text not null, key text not null, fingerprint text not null, answer text not null, at text not null,
    primary key (scope, key)) strict, without rowid;
create index operation_by_at on operation (scope, at);
create table orders (scope text not null, id text not null, version integer not null, body text not null, number text not null,
    buyer_id text not null, placed_at text not null, state text not null, standing text not null, external_id text, due_at text,
    complete_at text, hold_ends_at text, recover_at text, primary key (scope, id)) strict;
create unique index orders_by_number on orders (scope, number);
create unique index orders_by_external_id on orders (scope, external_id) where external_id is not null;
create index orders_by_buyer_id on orders (scope, buyer_id, id);
create index orders_by_placed_at on orders (scope, placed_at, id);
create index orders_by_state on orders (scope, state, id);
create index orders_by_standing on orders (scope, standing, id);
create index orders_by_due_at on orders (scope, due_at, id) where due_at is not null;
create index orders_by_complete_at on orders (scope, complete_at, id) where complete_at is not null;
create index orders_by_hold_ends_at on orders (scope, hold_ends_at, id) where hold_ends_at is not null;
create index orders_by_recover_at on orders (scope, recover_at, id) where recover_at is not null;
create table record (position integer primary key, scope text not null, stream text not null, key text not null, number integer not null,
    at text not null, type text not null, body text not null, unique (scope, stream, key, number)) strict;
create index record_by_stream on record (scope, stream, position);
create table quota (scope text not null, key text not null, granted integer not null, used integer not null, held integer not null,
    primary key (scope, key)) strict, without rowid;
create table hold (scope text not null, id text not null, until text not null, items text not null, primary key (scope, id)) strict, without rowid;
create table hold_item (scope text not null, key text not null, until text not null, hold text not null, quantity integer not null,
    primary key (scope, key, until, hold)) strict, without rowid;
"""


def connected(path: Path, durability: str, *, page_size: int = 4096) -> sqlite3.Connection:
    """A connection with the same durability and cache as ours; SQLite's own page size unless the way of writing knows better."""
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=512)
    for pragma in (f"page_size={page_size}", "journal_mode=WAL", f"synchronous={durability.upper()}", "cache_size=-16384"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def filled(path: Path, durability: str) -> sqlite3.Connection:
    """A connection to a new file with the tables and the catalog."""
    connection = connected(path, durability, page_size=2048)  # as ours: an order touches many small rows
    connection.executescript(SCHEMA)
    connection.execute("begin")
    connection.executemany("insert into product values (?, ?, ?)", [(SCOPE, item.sku, d.product_body(item)) for item in work.catalog()])
    connection.execute("insert into coupon values (?, ?, ?)", (SCOPE, work.COUPON, d.coupon_body(work.COUPON_BASIS_POINTS)))
    quotas = [*((f"stock/{item.sku}", work.STOCK) for item in work.catalog()), (f"coupon/{work.COUPON}", work.COUPON_USES)]
    connection.executemany("insert into quota values (?, ?, ?, 0, 0)", [(SCOPE, key, granted) for key, granted in quotas])
    connection.execute("commit")
    return connection


def same_strategy(path: Path, durability: str) -> Bench:
    """The strategy of ours: what a team that knows it would write for this one command."""
    connection = filled(path, durability)

    def facts() -> dict[str, int]:
        orders = [json.loads(body) for (body,) in connection.execute("select body from orders")]
        held = dict(connection.execute("select key, held from quota where held > 0"))
        uses = held.pop(f"coupon/{work.COUPON}")
        total = sum(line["total"] for order in orders for line in order["lines"])
        return work.facts(orders=len(orders), units=sum(held.values()), coupon_uses=uses, total=total)

    return Bench(run=lambda cart: place(connection, cart), tell=d.told, prepare=work.wanted, facts=facts, close=connection.close)


def place(connection: sqlite3.Connection, cart: Wanted) -> d.Priced:
    """One order."""
    execute = connection.execute
    skus = d.dumps([sku for sku, _ in cart.lines])
    found = execute("select id, body from product where scope = ? and id in (select value from json_each(?))", (SCOPE, skus)).fetchall()
    products = {sku: json.loads(body) for sku, body in found}
    (coupon,) = execute("select body from coupon where scope = ? and id = ?", (SCOPE, work.COUPON)).fetchone()
    lines, sums = d.price(cart, products, json.loads(coupon))
    items = d.claim(cart)
    order = d.order_document(cart, lines, sums, items)
    body, event, claimed = d.dumps(order), d.dumps(d.placed_event(order, sums)), d.dumps(items)
    order_id = order["id"]
    execute("begin immediate")
    try:
        execute("insert into operation values (?, ?, ?, ?, ?)", (SCOPE, cart.key, d.fingerprint(cart), order_id, d.AT_TEXT))
        facts = (SCOPE, order_id, 1, body, order["number"], cart.buyer, d.AT_TEXT, "placed", "unpaid", None, d.DUE_TEXT, None, None, None)
        execute("insert into orders values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", facts)
        record = (SCOPE, "events", order_id, 1, d.AT_TEXT, "OrderPlaced", event)
        execute("insert into record (scope, stream, key, number, at, type, body) values (?, ?, ?, ?, ?, ?, ?)", record)
        execute("insert into hold values (?, ?, ?, ?)", (SCOPE, order_id, d.DUE_TEXT, claimed))
        held = [(SCOPE, key, d.DUE_TEXT, order_id, quantity) for key, quantity in items]
        connection.executemany("insert into hold_item values (?, ?, ?, ?, ?)", held)
        reserve = "update quota set held = held + ?3 where scope = ?1 and key = ?2 and granted - used - held >= ?3"
        if connection.executemany(reserve, [(SCOPE, key, quantity) for key, quantity in items]).rowcount != len(items):
            raise AssertionError("there is stock for every turn")
        execute("commit")
    except BaseException:
        execute("rollback")
        raise
    return lines, sums
