"""Place-order on PostgreSQL by hand, the naive way: the same facts as ours in the same tables, a statement and a round trip per row."""

from __future__ import annotations

import json
from typing import Any

from tests.benchmarks import work
from tests.benchmarks.by_hand import documents as d
from tests.benchmarks.by_hand import postgres
from tests.benchmarks.by_hand.postgres import COUPON, PRODUCTS, SCOPE
from tests.benchmarks.sides import Bench
from tests.benchmarks.work import Wanted

OPERATION = "insert into operation values (%s, %s, %s, %s, %s::timestamptz)"
ORDER = """insert into orders (scope, id, version, body, number, buyer_id, placed_at, state, standing, due_at)
    values (%s, %s, 1, %s::json, %s, %s, %s::timestamptz, 'placed', 'unpaid', %s::timestamptz)"""
RECORD = """insert into record (scope, stream, key, number, at, type, body)
    values (%s, 'events', %s, 1, %s::timestamptz, 'OrderPlaced', %s::json)"""
HOLD = "insert into hold values (%s, %s, %s::timestamptz, %s::text[], %s::bigint[])"
HOLD_ITEM = "insert into hold_item values (%s, %s, %s::timestamptz, %s, %s)"
RESERVE = "update quota set held = held + %s where scope = %s and key = %s and granted - used - held >= %s"


def statement_per_row(conninfo: str) -> Bench:
    """As most would write it first: every row by itself, stock where it is thought of, prepared statements."""
    connection = postgres.filled(conninfo)
    return Bench(
        run=lambda cart: place(connection, cart),
        tell=d.told,
        prepare=work.wanted,
        facts=lambda: postgres.facts(connection),
        close=connection.close,
    )


def place(connection: Any, cart: Wanted) -> d.Priced:
    """One order: two statements that load, eighteen that write."""
    execute = connection.execute
    found = execute(PRODUCTS, (SCOPE, [sku for sku, _ in cart.lines])).fetchall()
    (coupon,) = execute(COUPON, (SCOPE, work.COUPON)).fetchone()
    lines, sums = d.price(cart, {sku: json.loads(body) for sku, body in found}, json.loads(coupon))
    items = d.claim(cart)
    order = d.order_document(cart, lines, sums, items)
    id, body, event = order["id"], d.dumps(order), d.dumps(d.placed_event(order, sums))
    execute("begin")
    try:
        execute(OPERATION, (SCOPE, cart.key, d.fingerprint(cart), id, d.AT_TEXT))
        for key, quantity in items:
            if execute(RESERVE, (quantity, SCOPE, key, quantity)).rowcount != 1:
                raise AssertionError("there is stock for every turn")
        execute(HOLD, (SCOPE, id, d.DUE_TEXT, [key for key, _ in items], [quantity for _, quantity in items]))
        for key, quantity in items:
            execute(HOLD_ITEM, (SCOPE, key, d.DUE_TEXT, id, quantity))
        execute(ORDER, (SCOPE, id, body, order["number"], cart.buyer, d.AT_TEXT, d.DUE_TEXT))
        execute(RECORD, (SCOPE, id, d.AT_TEXT, event))
        execute("commit")
    except BaseException:
        execute("rollback")
        raise
    return lines, sums
