"""Place-order on PostgreSQL by hand, with the strategy of ours: reads, then one call of a function that writes everything and locks stock last."""

from __future__ import annotations

import json
from typing import Any

from tests.benchmarks import work
from tests.benchmarks.by_hand import documents as d
from tests.benchmarks.sides import Bench, peer
from tests.benchmarks.work import Wanted

SCOPE = "main"

SCHEMA = """
create table product (scope text not null, id text not null, body json not null, primary key (scope, id));
create table coupon (scope text not null, id text not null, body json not null, primary key (scope, id));
create table operation (scope text not null, key text not null, fingerprint text not null, answer text not null, at timestamptz not null,
    primary key (scope, key));
create index operation_by_at on operation (scope, at);
create table orders (scope text not null, id text not null, version bigint not null, body json not null, number text not null,
    buyer_id text not null, placed_at timestamptz not null, state text not null, standing text not null, external_id text, due_at timestamptz,
    complete_at timestamptz, hold_ends_at timestamptz, recover_at timestamptz, primary key (scope, id));
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
create table record (position bigint generated always as identity, xid xid8 not null default pg_current_xact_id(), scope text not null,
    stream text not null, key text not null, number bigint not null, at timestamptz not null, type text not null, body json not null,
    primary key (scope, stream, xid, position));
create unique index record_by_key on record (scope, stream, key, number);
create table quota (scope text not null, key text not null, granted bigint not null, used bigint not null, held bigint not null,
    primary key (scope, key)) with (fillfactor = 70);
create table hold (scope text not null, id text not null, until timestamptz not null, keys text[] not null, quantities bigint[] not null,
    primary key (scope, id));
create table hold_item (scope text not null, key text not null, until timestamptz not null, hold text not null, quantity bigint not null,
    primary key (scope, key, until, hold));

create function place_order(scope_ text, key_ text, fingerprint_ text, at_ timestamptz, until_ timestamptz, id_ text, number_ text,
    buyer_id_ text, order_ json, event_ json, keys_ text[], quantities_ bigint[]) returns void language plpgsql as $$
begin
    insert into operation values (scope_, key_, fingerprint_, id_, at_);
    insert into orders (scope, id, version, body, number, buyer_id, placed_at, state, standing, due_at)
        values (scope_, id_, 1, order_, number_, buyer_id_, at_, 'placed', 'unpaid', until_);
    insert into record (scope, stream, key, number, at, type, body) values (scope_, 'events', id_, 1, at_, 'OrderPlaced', event_);
    insert into hold values (scope_, id_, until_, keys_, quantities_);
    insert into hold_item select scope_, key, until_, id_, quantity from unnest(keys_, quantities_) as item (key, quantity);
    for i in 1..array_length(keys_, 1) loop
        update quota set held = held + quantities_[i] where scope = scope_ and key = keys_[i] and granted - used - held >= quantities_[i];
        if not found then
            raise exception 'quota exhausted: %', keys_[i];
        end if;
    end loop;
end $$;
"""

PRODUCTS = "select id, body::text from product where scope = %s and id = any(%s)"
COUPON = "select body::text from coupon where scope = %s and id = %s"
PLACE = "select place_order(%s, %s, %s, %s::timestamptz, %s::timestamptz, %s, %s, %s, %s::json, %s::json, %s::text[], %s::bigint[])"


def filled(conninfo: str) -> Any:
    """A connection to a database with the tables and the catalog."""
    connection = peer("psycopg").connect(conninfo, autocommit=True, prepare_threshold=0)
    connection.execute(SCHEMA, prepare=False)
    quotas = [*((f"stock/{item.sku}", work.STOCK) for item in work.catalog()), (f"coupon/{work.COUPON}", work.COUPON_USES)]
    with connection.cursor() as cursor:
        cursor.executemany("insert into product values (%s, %s, %s)", [(SCOPE, item.sku, d.product_body(item)) for item in work.catalog()])
        cursor.execute("insert into coupon values (%s, %s, %s)", (SCOPE, work.COUPON, d.coupon_body(work.COUPON_BASIS_POINTS)))
        cursor.executemany("insert into quota values (%s, %s, %s, 0, 0)", [(SCOPE, key, granted) for key, granted in quotas])
        cursor.execute("vacuum analyze", prepare=False)
    return connection


def same_strategy(conninfo: str) -> Bench:
    """The strategy of ours: what a team that knows it would write for this one command."""
    connection = filled(conninfo)
    return Bench(
        run=lambda cart: place(connection, cart), tell=d.told, prepare=work.wanted, facts=lambda: facts(connection), close=connection.close
    )


def facts(connection: Any) -> dict[str, int]:
    """What stands in the database."""
    orders = connection.execute("select count(*) from orders").fetchone()[0]
    total = connection.execute("select sum((line->>'total')::bigint) from orders, json_array_elements(body->'lines') as line").fetchone()[0]
    held = dict(connection.execute("select key, held from quota where held > 0").fetchall())
    uses = held.pop(f"coupon/{work.COUPON}")
    return work.facts(orders=orders, units=sum(held.values()), coupon_uses=uses, total=int(total))


def place(connection: Any, cart: Wanted) -> d.Priced:
    """One order: two reads and one call."""
    found = connection.execute(PRODUCTS, (SCOPE, [sku for sku, _ in cart.lines])).fetchall()
    (coupon,) = connection.execute(COUPON, (SCOPE, work.COUPON)).fetchone()
    lines, sums = d.price(cart, {sku: json.loads(body) for sku, body in found}, json.loads(coupon))
    items = d.claim(cart)
    order = d.order_document(cart, lines, sums, items)
    keys, quantities = [key for key, _ in items], [quantity for _, quantity in items]
    about = (SCOPE, cart.key, d.fingerprint(cart), d.AT_TEXT, d.DUE_TEXT, order["id"], order["number"], cart.buyer)
    bodies = d.dumps(order), d.dumps(d.placed_event(order, sums))
    connection.execute(PLACE, (*about, *bodies, keys, quantities))
    return lines, sums
