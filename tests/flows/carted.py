"""What tests of every verb, every bad input and every crash need to know of carts, of orders over places, and of goods that are awaited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from shopwright import CancelOrder, Cart, CartLine, PayOrder, accepted, flows
from shopwright.errors import InvalidValue
from shopwright.flows.cart_commands import ExpectGoods, HoldCart, ReleaseCart
from shopwright.inventory.cart_holds import CartHold, CartState
from shopwright.inventory.expecting import AwaitedGoods, ExpectedGoods
from shopwright.inventory.promising import Incoming
from shopwright.orders.events import ClaimState
from shopwright.orders.sourcing import goods
from shopwright.ports.storage import Query
from tests.flows.mall import ANN, CLERK, START, Mall
from tests.flows.placed import LATE, bought, come, ordering, two_places

TEAS = Cart("EUR", (CartLine("TEA", 3),))
PLACED_WAYS = {"places": two_places(**LATE)}
KEYS = tuple(f"{family}@{place}/TEA" for family in ("stock", "backorder") for place in ("hamburg", "lyon"))

CART_PARTS: dict[type, dict[str, Any]] = {
    HoldCart: {"cart_id": "cart-ann", "buyer_id": "ann", "cart": TEAS, "until": START + timedelta(days=1), "zone": "DE"},
    ReleaseCart: {"cart_id": "cart-ann"},
    ExpectGoods: {"place": "hamburg", "sku": "TEA", "incoming": (Incoming(4, START + timedelta(days=3)),)},
}


def a(kind: type, **facts: Any) -> Any:
    """A good command of this kind."""
    return kind(**{"key": "k", "by": CLERK, **CART_PARTS[kind], **facts})


CART_CASES: dict[str, list[tuple[Any, ...]]] = {
    "carts.hold": [
        ("a cart without a line", lambda mall: mall.shop.carts.hold(a(HoldCart, cart=Cart("EUR", ()))), "cart_empty"),
        ("more than there is", lambda mall: mall.shop.carts.hold(a(HoldCart, cart=Cart("EUR", (CartLine("TEA", 99),)))), "stock_exhausted"),
        ("for somebody else", lambda mall: mall.shop.carts.hold(a(HoldCart, by=ANN, buyer_id="bob")), "cart_not_held"),
        ("until now", lambda mall: mall.shop.carts.hold(a(HoldCart, until=START)), InvalidValue, "until must be after"),
        ("until some day", lambda mall: mall.shop.carts.hold(a(HoldCart, until="soon")), InvalidValue, "until"),
        ("without an id", lambda mall: mall.shop.carts.hold(a(HoldCart, cart_id="")), InvalidValue, "cart_id"),
    ],
    "carts.release": [("what is not held", lambda mall: mall.shop.carts.release(a(ReleaseCart)), "cart_not_held")],
    "carts.get": [
        ("what is not held", lambda mall: mall.shop.carts.get("cart-ann"), "cart_not_held"),
        ("no id", lambda mall: mall.shop.carts.get(""), InvalidValue, "cart id"),
        ("nobody", lambda mall: mall.shop.carts.get("cart-ann", by=None), InvalidValue, "expected `by` to be an Actor"),
    ],
    "backorders.expect": [
        ("a shop with one place", lambda mall: mall.shop.backorders.expect(a(ExpectGoods)), InvalidValue, "a place of this shop"),
        ("a customer", lambda mall: mall.shop.backorders.expect(a(ExpectGoods, by=ANN)), InvalidValue, "is for staff"),
        ("a place with a slash", lambda mall: mall.shop.backorders.expect(a(ExpectGoods, place="a/b")), InvalidValue, "no slash"),
    ],
    "backorders.waiting": [
        ("a shop with one place", lambda mall: mall.shop.backorders.waiting("hamburg", "TEA"), InvalidValue, "a place of this shop"),
        ("no text", lambda mall: mall.shop.backorders.waiting(None, "TEA"), InvalidValue, "as text"),
    ],
    "backorders.fill": [
        ("no limit", lambda mall: mall.shop.backorders.fill(limit=0), InvalidValue, "limit"),
        ("half of a stock", lambda mall: mall.shop.backorders.fill(place="hamburg"), InvalidValue, "a place and a sku, or neither"),
    ],
}

Act = Callable[[Mall, Any], Any]


def _stocked(mall: Mall) -> None:
    come(mall.shop, "hamburg", "TEA", 2)
    come(mall.shop, "lyon", "TEA", 2)


def _held(mall: Mall) -> None:
    _stocked(mall)
    accepted(mall.shop.carts.hold(a(HoldCart, key="held")))


def _waited(mall: Mall) -> Any:
    """Two orders wait for three teas each, and four have come in."""
    _stocked(mall)
    orders = [_paid(mall, key) for key in ("w1", "w2")]
    come(mall.shop, "hamburg", "TEA", 4, key="in")
    return orders[0]


def _paid(mall: Mall, key: str) -> Any:
    order = bought(mall.shop, ("TEA", 5), key=key)
    return accepted(mall.shop.payments.pay(PayOrder(key=f"pay-{key}", by=ANN, order_id=order.id)))


def _overtaken(mall: Mall) -> Any:
    """An order that is paid late, when its goods have gone and lie elsewhere."""
    _stocked(mall)
    order = bought(mall.shop, ("TEA", 2), key="slow")
    mall.clock.advance(timedelta(minutes=31))
    accepted(mall.shop.payments.pay(PayOrder(key="pay-fast", by=ANN, order_id=bought(mall.shop, ("TEA", 1), key="fast").id)))
    return order


CART_DEEDS: tuple[tuple[str, Callable[..., Any], Callable[[Mall], Any], Act], ...] = (
    ("hold a cart", flows.hold_cart, _stocked, lambda mall, _: mall.shop.carts.hold(a(HoldCart))),
    ("hold a cart anew", flows.hold_cart, _held, lambda mall, _: mall.shop.carts.hold(a(HoldCart, cart=Cart("EUR", (CartLine("TEA", 4),))))),
    ("release a cart", flows.release_cart, _held, lambda mall, _: mall.shop.carts.release(a(ReleaseCart))),
    ("order a cart that is held", flows.place, _held, lambda mall, _: mall.shop.orders.place(ordering(("TEA", 4), cart_id="cart-ann"))),
    ("order over places", flows.place, _stocked, lambda mall, _: mall.shop.orders.place(ordering(("TEA", 3), ("CUP", 1)))),
    ("order what is not there", flows.place, _stocked, lambda mall, _: mall.shop.orders.place(ordering(("TEA", 9)))),
    ("expect goods", flows.expect_goods, _stocked, lambda mall, _: mall.shop.backorders.expect(a(ExpectGoods))),
    ("fill promises", flows.fill_awaited, _waited, lambda mall, _: mall.shop.backorders.fill()),
    ("sweep promises", flows.sweep, _waited, lambda mall, _: mall.shop.orders.sweep()),
    (
        "pay for goods that lie elsewhere now",
        flows.pay,
        _overtaken,
        lambda mall, order: mall.shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id)),
    ),
    (
        "cancel what is awaited",
        flows.cancel,
        _waited,
        lambda mall, order: mall.shop.orders.cancel(CancelOrder(key="c", by=ANN, order_id=order.id)),
    ),
)


def carts_of(mall: Mall) -> dict[str, Any]:
    """Carts and places of a mall as a picture; what is used and held is what orders and carts claim, and not a unit more."""
    now = mall.clock.now()
    carts = [stored.value for stored in mall.storage.find(Query(CartHold, limit=100)).items]
    claimed: Counter[str] = Counter()
    for items in [order.claim.items for order in mall.orders() if order.claim.state in (ClaimState.HELD, ClaimState.USED)]:
        claimed.update(dict(goods(items)))
    for cart in carts:
        claimed.update(cart.own(now))
    quotas = mall.storage.quota(KEYS, at=now)
    assert {key: quota.used + quota.held for key, quota in quotas.items()} == {key: claimed[key] for key in KEYS}
    plans = [[(it.place, it.sku, it.quantity, it.awaited, it.due_at) for it in order.sourcing.parts] for order in mall.orders() if order.sourcing]
    return {
        "carts": [(it.items, it.number, it.state, bool(it.order_id)) for it in carts],
        "ordered": [it.cart_id for it in carts if it.state is CartState.ORDERED],
        "plans": plans,
        "quotas": {key: (quota.granted, quota.used, quota.held) for key, quota in quotas.items()},
        "expected": [stored.value for stored in mall.storage.find(Query(ExpectedGoods, limit=100)).items],
        "awaited": [(it.value.place, it.value.sku, it.value.is_open) for it in mall.storage.find(Query(AwaitedGoods, limit=100)).items],
    }
