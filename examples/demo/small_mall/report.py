"""What became of the mall, counted from what the shop has stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from shopwright import Money, Order, standing
from shopwright.inventory.keys import stock_key
from shopwright.orders.events import ClaimState, OrderPlaced
from shopwright.ports.storage import Query, Recorded
from shopwright.pricing.trace import explain
from small_mall.goods import CURRENCY, SHELVES
from small_mall.world import World

SHOWN = ("code", "reason", "amount", "state", "shipment_id", "payment_id")


def told(world: World, visitors: int) -> Iterator[str]:
    """The report, line by line."""
    orders = _orders(world)
    yield f"{visitors} buyers came, {len(orders)} orders were placed"
    yield from _table("orders by state", Counter(order.state.value for order in orders))
    yield from _table("orders by standing", Counter(standing(order).value for order in orders))
    yield from _sales(orders)
    yield from _table("exceptions that were noted", Counter(note.code for order in orders for note in order.exceptions))
    yield from _table("what the shop said no to", world.refusals)
    yield from _stock(world, orders)
    yield from _sample(world, orders)


def _orders(world: World) -> list[Order]:
    found: list[Order] = []
    after = ""
    while True:
        page = world.shop.orders.find(Query(Order, order_by="placed_at", limit=200, after=after))
        found += [stored.value for stored in page.items]
        if not page.next:
            return found
        after = page.next


def _table(title: str, counts: Counter[str]) -> Iterator[str]:
    yield ""
    yield title
    yield from (f"  {name:<28}{count:>6}" for name, count in sorted(counts.items()))


def _sales(orders: list[Order]) -> Iterator[str]:
    payments = [payment for order in orders for payment in order.payments]
    rows = (
        ("agreed", sum(order.total.minor for order in orders)),
        ("owed for what was not called off", sum(order.owed for order in orders)),
        ("taken", sum(payment.captured for payment in payments)),
        ("given back", sum(payment.refunded for payment in payments)),
        ("charged back", sum(payment.charged_back for payment in payments)),
        ("kept", sum(payment.net for payment in payments)),
        ("of which to go back", sum(order.refund_outstanding for order in orders)),
    )
    yield ""
    yield "money"
    yield from (f"  {name:<34}{Money(cents, CURRENCY)!s:>16}" for name, cents in rows)
    by_method: Counter[str] = Counter()
    for payment in payments:
        by_method[payment.tender.method] += payment.net
    yield from (f"    by {method:<29}{Money(cents, CURRENCY)!s:>16}" for method, cents in sorted(by_method.items()))


def _stock(world: World, orders: list[Order]) -> Iterator[str]:
    """Every unit that arrived is free, held by an order, or used by one."""
    held, used = (_claimed(orders, state) for state in (ClaimState.HELD, ClaimState.USED))
    stock = world.shop.goods.stock(shelf.product.sku for shelf in SHELVES)
    wrong = []
    for shelf in SHELVES:
        sku = shelf.product.sku
        quota = stock[sku]
        expected = (shelf.stock, used[stock_key(sku)], held[stock_key(sku)])
        if (quota.granted, quota.used, quota.held) != expected or quota.free != expected[0] - expected[1] - expected[2]:
            wrong.append(f"  {sku}: counted {quota}, expected {expected}")
    units = sum(quota.used for quota in stock.values())
    yield ""
    yield f"stock: {len(SHELVES) - len(wrong)} of {len(SHELVES)} skus add up, {units} units sold, {sum(q.free for q in stock.values())} left"
    yield from wrong


def _claimed(orders: list[Order], state: ClaimState) -> Counter[str]:
    found: Counter[str] = Counter()
    for order in orders:
        if order.claim.state is state:
            found.update(dict(order.claim.items))
    return found


def _sample(world: World, orders: list[Order]) -> Iterator[str]:
    """The order to which most happened."""
    order = max(orders, key=lambda order: (bool(order.coupon_code), order.event_count, order.number))
    history = world.shop.orders.history(order.id)
    yield ""
    yield f"an order to which much happened: {order.number}, {order.total}, now {standing(order)}"
    yield from (f"  {event.at:%d %b %H:%M}  {type(event.value).__name__:<24}{_details(event)}".rstrip() for event in history)
    placed = history[0].value
    if isinstance(placed, OrderPlaced):
        yield ""
        yield "why it cost that much"
        yield from (f"  {line}" for line in explain(placed.trace, currency=placed.currency))


def _details(event: Recorded) -> str:
    """The few facts of an event that fit on its line."""
    facts = ((name, getattr(event.value, name, "")) for name in SHOWN)
    return " ".join(f"{name}={value}" for name, value in facts if value not in ("", 0))
