"""The views that an upgrade makes for people and for reports: one row per thing that a shop speaks of.

Rules
- a view is made when every kind that it reads is registered, and made anew by an upgrade that has another text for it;
- the storage itself never reads a view.
"""

from __future__ import annotations

from hashlib import sha256

from attrs import frozen

from shopwright.adapters.postgres.connections import Cursor
from shopwright.adapters.postgres.schema import quoted
from shopwright.ports.kinds import Kinds


@frozen
class View:
    """A named `select` over the tables of some kinds; `{s}` stands for the schema."""

    name: str
    kinds: frozenset[str]
    select: str


VIEWS: tuple[View, ...] = (
    View(
        "orders",
        frozenset({"order"}),
        """
select o.scope, o.id, o.number, o.buyer_id, o.state, o.standing, o.placed_at, o.external_id, o.body ->> 'currency' as currency,
  lines.subtotal, lines.discount, lines.shipping, lines.tax, lines.total, payments.paid,
  o.body ->> 'coupon_code' as coupon_code, o.body ->> 'cancel_reason' as cancel_reason,
  coalesce(json_array_length(o.body -> 'exceptions'), 0) as exceptions
from {s}."order" as o,
  lateral (select sum((line ->> 'subtotal')::bigint) as subtotal, sum((line ->> 'discount')::bigint) as discount,
    sum((line ->> 'shipping')::bigint) as shipping, sum((line ->> 'tax')::bigint) as tax, sum((line ->> 'total')::bigint) as total
    from json_array_elements(o.body -> 'lines') as line) as lines,
  lateral (select coalesce(sum(coalesce((payment ->> 'captured')::bigint, 0) - coalesce((payment ->> 'refunded')::bigint, 0)
    - coalesce((payment ->> 'charged_back')::bigint, 0)), 0) as paid
    from json_array_elements(o.body -> 'payments') as payment) as payments""",
    ),
    View(
        "order_lines",
        frozenset({"order"}),
        """
select o.scope, o.id as order_id, o.number, o.placed_at, (line ->> 'line_no')::bigint as line_no, line ->> 'sku' as sku,
  line ->> 'title' as title, line ->> 'seller_id' as seller_id, (line ->> 'quantity')::bigint as quantity,
  o.body ->> 'currency' as currency, (line ->> 'unit_price')::bigint as unit_price, (line ->> 'subtotal')::bigint as subtotal,
  (line ->> 'discount')::bigint as discount, (line ->> 'shipping')::bigint as shipping,
  (line ->> 'tax')::bigint as tax, (line ->> 'total')::bigint as total,
  coalesce((line -> 'buckets' ->> 'open')::bigint, 0) as open, coalesce((line -> 'buckets' ->> 'allocated')::bigint, 0) as allocated,
  coalesce((line -> 'buckets' ->> 'shipped')::bigint, 0) as shipped, coalesce((line -> 'buckets' ->> 'delivered')::bigint, 0) as delivered,
  coalesce((line -> 'buckets' ->> 'returned')::bigint, 0) as returned, coalesce((line -> 'buckets' ->> 'lost')::bigint, 0) as lost,
  coalesce((line -> 'buckets' ->> 'canceled')::bigint, 0) as canceled, line -> 'given_by' ->> 'promotion' as given_by
from {s}."order" as o, json_array_elements(o.body -> 'lines') as line""",
    ),
    View(
        "payments",
        frozenset({"order"}),
        """
select o.scope, o.id as order_id, o.number, payment ->> 'id' as payment_id, payment -> 'tender' ->> 'method' as method,
  coalesce(payment -> 'tender' ->> 'via', 'gateway') as via, payment -> 'tender' ->> 'gateway' as gateway,
  coalesce((payment -> 'tender' ->> 'installments')::bigint, 1) as installments, payment ->> 'state' as state,
  payment ->> 'reference' as reference, o.body ->> 'currency' as currency, (payment -> 'tender' ->> 'amount')::bigint as tendered,
  coalesce((payment ->> 'authorized')::bigint, 0) as authorized, coalesce((payment ->> 'captured')::bigint, 0) as captured,
  coalesce((payment ->> 'voided')::bigint, 0) as voided, coalesce((payment ->> 'pending_refund')::bigint, 0) as pending_refund,
  coalesce((payment ->> 'refunded')::bigint, 0) as refunded, coalesce((payment ->> 'charged_back')::bigint, 0) as charged_back
from {s}."order" as o, json_array_elements(o.body -> 'payments') as payment""",
    ),
    View(
        "stock",
        frozenset({"product"}),
        """
select scope, substr(key, strpos(key, '/') + 1) as sku, granted as received, used as sold, held, granted - used - held as free,
  case when key >= 'stock@' then substr(key, 7, strpos(key, '/') - 7) else '' end as place
from {s}.quota where key >= 'stock/' and key < 'stock0' or key >= 'stock@' and key < 'stockA'""",
    ),
    View(
        "quota_standing",
        frozenset(),
        "select scope, key, granted, used, held, granted - used - held as free from {s}.quota",
    ),
    View(
        "hold_standing",
        frozenset(),
        "select scope, hold, key, quantity, until, until <= now() as lapsed from {s}.hold_item",
    ),
)


def make_views(cursor: Cursor, schema: str, kinds: Kinds) -> None:
    """Make the views whose kinds are all registered, and those anew whose text has changed."""
    names = {kind.name for kind in kinds.documents}
    for view in VIEWS:
        if not view.kinds <= names:
            continue
        name, select = f"{schema}.{quoted(view.name)}", view.select.format(s=schema)
        mark = f"shopwright {sha256(select.encode()).hexdigest()[:12]}"
        row = cursor.execute("select obj_description(to_regclass(%s))", (name,)).fetchone()
        if row is not None and row[0] == mark:
            continue
        cursor.execute(f"drop view if exists {name}")
        cursor.execute(f"create view {name} as {select}")
        cursor.execute(f"comment on view {name} is '{mark}'")


def drop_views(cursor: Cursor, schema: str) -> None:
    """Take the views away while the tables under them change."""
    cursor.execute(f"drop view if exists {', '.join(f'{schema}.{quoted(view.name)}' for view in VIEWS)}")
