"""The views that an upgrade makes for people and for reports: one row per thing that a shop speaks of.

Rules
- a view is made when every kind it reads is registered, and made anew by every upgrade, because it holds nothing itself;
- views read bodies with SQLite's JSON functions, which have been built in since 3.38; the storage itself never reads a view.
"""

from __future__ import annotations

from attrs import frozen

from shopwright.ports.kinds import Kinds


@frozen
class View:
    """A named `select` over the tables of some kinds."""

    name: str
    kinds: frozenset[str]
    select: str


VIEWS: tuple[View, ...] = (
    View(
        "orders",
        frozenset({"order"}),
        """
select o.scope, o.id, o.number, o.buyer_id, o.state, o.standing, o.placed_at, o.external_id, o.body ->> 'currency' as currency,
  sum(line.value ->> 'subtotal') as subtotal, sum(line.value ->> 'discount') as discount, sum(line.value ->> 'shipping') as shipping,
  sum(line.value ->> 'tax') as tax, sum(line.value ->> 'total') as total,
  (select coalesce(sum(coalesce(payment.value ->> 'captured', 0) - coalesce(payment.value ->> 'refunded', 0)
    - coalesce(payment.value ->> 'charged_back', 0)), 0) from json_each(o.body, '$.payments') as payment) as paid,
  o.body ->> 'coupon_code' as coupon_code, o.body ->> 'cancel_reason' as cancel_reason,
  coalesce(json_array_length(o.body, '$.exceptions'), 0) as exceptions
from "order" as o, json_each(o.body, '$.lines') as line
group by o.scope, o.id""",
    ),
    View(
        "order_lines",
        frozenset({"order"}),
        """
select o.scope, o.id as order_id, o.number, o.placed_at, line.value ->> 'line_no' as line_no, line.value ->> 'sku' as sku,
  line.value ->> 'title' as title, line.value ->> 'seller_id' as seller_id, line.value ->> 'quantity' as quantity,
  o.body ->> 'currency' as currency, line.value ->> 'unit_price' as unit_price, line.value ->> 'subtotal' as subtotal,
  line.value ->> 'discount' as discount, line.value ->> 'shipping' as shipping, line.value ->> 'tax' as tax, line.value ->> 'total' as total,
  coalesce(line.value ->> '$.buckets.open', 0) as open, coalesce(line.value ->> '$.buckets.allocated', 0) as allocated,
  coalesce(line.value ->> '$.buckets.shipped', 0) as shipped, coalesce(line.value ->> '$.buckets.delivered', 0) as delivered,
  coalesce(line.value ->> '$.buckets.returned', 0) as returned, coalesce(line.value ->> '$.buckets.lost', 0) as lost,
  coalesce(line.value ->> '$.buckets.canceled', 0) as canceled, line.value ->> '$.given_by.promotion' as given_by
from "order" as o, json_each(o.body, '$.lines') as line""",
    ),
    View(
        "payments",
        frozenset({"order"}),
        """
select o.scope, o.id as order_id, o.number, payment.value ->> 'id' as payment_id, payment.value ->> '$.tender.method' as method,
  coalesce(payment.value ->> '$.tender.via', 'gateway') as via, payment.value ->> '$.tender.gateway' as gateway,
  coalesce(payment.value ->> '$.tender.installments', 1) as installments, payment.value ->> 'state' as state,
  payment.value ->> 'reference' as reference, o.body ->> 'currency' as currency, payment.value ->> '$.tender.amount' as tendered,
  coalesce(payment.value ->> 'authorized', 0) as authorized, coalesce(payment.value ->> 'captured', 0) as captured,
  coalesce(payment.value ->> 'voided', 0) as voided, coalesce(payment.value ->> 'pending_refund', 0) as pending_refund,
  coalesce(payment.value ->> 'refunded', 0) as refunded, coalesce(payment.value ->> 'charged_back', 0) as charged_back
from "order" as o, json_each(o.body, '$.payments') as payment""",
    ),
    View(
        "stock",
        frozenset({"product"}),
        """
select scope, substr(key, instr(key, '/') + 1) as sku, granted as received, used as sold, held, granted - used - held as free,
  case when key >= 'stock@' then substr(key, 7, instr(key, '/') - 7) else '' end as place
from quota where key >= 'stock/' and key < 'stock0' or key >= 'stock@' and key < 'stockA'""",
    ),
    View(
        "quota_standing",
        frozenset(),
        "select scope, key, granted, used, held, granted - used - held as free from quota",
    ),
    View(
        "hold_standing",
        frozenset(),
        """
select item.scope, item.hold, item.key, item.quantity, item.until, item.until <= strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') as lapsed
from hold_item as item""",
    ),
)


def views_of(kinds: Kinds) -> tuple[View, ...]:
    """The views whose kinds are all registered."""
    names = {kind.name for kind in kinds.documents}
    return tuple(view for view in VIEWS if view.kinds <= names)
