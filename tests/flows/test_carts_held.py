"""Goods that are held for carts: until a moment, for one buyer, and traded for the order's own hold without a gap."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from shopwright import Cart, CartLine, Order, PlaceOrder, accepted, customer
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import InvalidValue, KeyConflict
from shopwright.flows.cart_commands import HoldCart, ReleaseCart
from shopwright.flows.members import commands as m
from shopwright.inventory.cart_holds import CartHold, CartState
from shopwright.testing.faults import Crash
from shopwright.wire.kinds import KINDS
from tests.flows.mall import ANN, CLERK, START, Mall, refused
from tests.flows.membering import of_ann, registered
from tests.flows.placed import a_mall, bought, free, ordering, parts
from tests.flows.test_places import TEAS, late
from tests.flows.vaulted import VAULTED

BOB = customer("bob")
QUARTER = timedelta(minutes=15)


def holding(*lines: tuple[str, int], key: str = "h1", by: Any = ANN, zone: str = "DE", **facts: Any) -> HoldCart:
    """A command that holds these skus and quantities for a quarter of an hour."""
    cart = Cart("EUR", tuple(CartLine(*line) for line in lines))
    plain: dict[str, Any] = {"cart_id": f"cart-{by.id}", "buyer_id": by.id, "until": START + QUARTER, "zone": zone}
    return HoldCart(key=key, by=by, cart=cart, **{**plain, **facts})


def for_cart(*lines: tuple[str, int], key: str = "o1", **facts: Any) -> PlaceOrder:
    """A command that places an order for Ann's cart."""
    return ordering(*lines, key=key, **{"cart_id": "cart-ann", **facts})


def one_place() -> Mall:
    """Ten teas and ten cups at one place."""
    return Mall(MemoryStorage(KINDS))


def test_a_cart_holds_its_goods_until_a_moment_and_then_they_are_free_by_the_clock() -> None:
    """CART-1."""
    mall = one_place()

    held = accepted(mall.shop.carts.hold(holding(("TEA", 8), zone="")))

    assert held == CartHold(cart_id="cart-ann", buyer_id="ann", items=(("stock/TEA", 8),), until=START + QUARTER)
    assert refused(mall.shop.orders.place(ordering(("TEA", 3), key="other"))) == "stock_exhausted"
    mall.clock.advance(QUARTER)
    assert accepted(mall.shop.orders.place(ordering(("TEA", 3), key="later"))).claim.items == (("stock/TEA", 3),)


def test_an_order_trades_the_hold_of_its_cart_for_its_own() -> None:
    """CART-2."""
    mall = one_place()
    accepted(mall.shop.carts.hold(holding(("TEA", 8), zone="")))

    order = accepted(mall.shop.orders.place(for_cart(("TEA", 9))))

    assert free(mall, "stock/TEA") == [1]
    after = accepted(mall.shop.carts.get("cart-ann", by=ANN))
    assert (after.state, after.order_id) == (CartState.ORDERED, order.id)
    assert accepted(mall.shop.orders.place(for_cart(("TEA", 9)))) == order
    assert accepted(mall.shop.orders.place(for_cart(("TEA", 1), key="again"))).claim.items == (("stock/TEA", 1),)


def test_a_cart_is_held_anew_in_place_of_what_was_held() -> None:
    mall = one_place()
    accepted(mall.shop.carts.hold(holding(("TEA", 8), zone="")))

    held = accepted(mall.shop.carts.hold(holding(("TEA", 9), ("CUP", 1), key="h2", zone="")))

    assert (held.number, held.items) == (2, (("stock/CUP", 1), ("stock/TEA", 9)))
    assert free(mall, "stock/TEA", "stock/CUP") == [1, 9]
    assert refused(mall.shop.carts.hold(holding(("TEA", 11), key="h3", zone=""))) == "stock_exhausted"
    assert accepted(mall.shop.carts.get("cart-ann")) == held


def test_a_cart_is_released_once() -> None:
    mall = one_place()
    accepted(mall.shop.carts.hold(holding(("TEA", 8), zone="")))
    release = ReleaseCart(key="r", by=ANN, cart_id="cart-ann")

    first = accepted(mall.shop.carts.release(release))

    assert (first.state, free(mall, "stock/TEA")) == (CartState.RELEASED, [10])
    assert accepted(mall.shop.carts.release(release)) == first
    assert refused(mall.shop.carts.release(evolve(release, key="r2"))) == "cart_not_held"
    assert accepted(mall.shop.carts.hold(holding(("TEA", 2), key="h2", zone=""))).number == 2


def test_the_same_command_holds_once_and_another_under_its_key_is_a_conflict() -> None:
    mall = one_place()
    first = accepted(mall.shop.carts.hold(holding(("TEA", 8), zone="")))

    assert accepted(mall.shop.carts.hold(holding(("TEA", 8), zone=""))) == first
    with pytest.raises(KeyConflict):
        mall.shop.carts.hold(holding(("TEA", 7), zone=""))


def test_a_cart_is_its_buyers() -> None:
    mall = one_place()
    accepted(mall.shop.carts.hold(holding(("TEA", 8), zone="")))

    assert refused(mall.shop.carts.get("cart-ann", by=BOB)) == "cart_not_held"
    assert refused(mall.shop.carts.release(ReleaseCart(key="r", by=BOB, cart_id="cart-ann"))) == "cart_not_held"
    assert refused(mall.shop.carts.hold(holding(("TEA", 1), key="h2", by=BOB, cart_id="cart-ann", zone=""))) == "cart_not_held"
    assert refused(mall.shop.carts.hold(holding(("TEA", 1), key="h3", by=BOB, buyer_id="ann", zone=""))) == "cart_not_held"
    theirs = for_cart(("TEA", 3), key="o2", buyer_id="bob", by=BOB)
    assert refused(mall.shop.orders.place(theirs)) == "stock_exhausted"
    assert free(mall, "stock/TEA") == [2]


def test_the_cart_of_a_guest_goes_with_them_when_they_become_a_member() -> None:
    mall = Mall(MemoryStorage(KINDS), ways=VAULTED)
    guest = customer("guest-7")
    accepted(mall.shop.carts.hold(holding(("TEA", 9), by=guest, cart_id="cart-7", zone="")))
    registered(mall)
    assert refused(mall.shop.orders.place(for_cart(("TEA", 9), key="o0", cart_id="cart-7"))) == "stock_exhausted"
    accepted(mall.shop.members.adopt_guest(of_ann(m.AdoptGuest, guest_id="guest-7", by=CLERK)))

    assert accepted(mall.shop.carts.get("cart-7", by=ANN)).buyer_id == "guest-7"
    assert accepted(mall.shop.orders.place(for_cart(("TEA", 9), cart_id="cart-7"))).claim.items == (("stock/TEA", 9),)
    assert accepted(mall.shop.carts.get("cart-7", by=ANN)).state is CartState.ORDERED


@pytest.mark.parametrize(
    ("lines", "code"), [((), "cart_empty"), ((("NIX", 1),), "sku_unknown"), ((("TEA", 0),), "quantity_invalid"), ((("TEA", 11),), "stock_exhausted")]
)
def test_what_is_wrong_with_a_cart_is_told_when_it_is_held(lines: tuple[tuple[str, int], ...], code: str) -> None:
    assert refused(one_place().shop.carts.hold(holding(*lines, zone=""))) == code


def test_a_hold_ends_after_it_begins_and_in_a_shop_with_places_goes_somewhere() -> None:
    with pytest.raises(InvalidValue, match="until must be after"):
        one_place().shop.carts.hold(holding(("TEA", 1), until=START, zone=""))
    with pytest.raises(InvalidValue, match="zone must say where"):
        a_mall().shop.carts.hold(holding(("TEA", 1), zone=""))


def test_a_cart_is_planned_over_places_and_its_order_plans_with_what_it_holds() -> None:
    mall = a_mall()
    held = accepted(mall.shop.carts.hold(holding(("TEA", 7))))
    assert held.items == (("stock@hamburg/TEA", 5), ("stock@lyon/TEA", 2))
    bought(mall.shop, ("TEA", 2), key="other")

    order = accepted(mall.shop.orders.place(for_cart(("TEA", 8))))

    assert parts(order) == [("hamburg", 1, "TEA", 5, 0), ("lyon", 1, "TEA", 3, 0)]
    assert free(mall, *TEAS) == [0, 0]


def test_a_cart_whose_time_is_over_is_planned_anew_and_may_find_the_goods_gone() -> None:
    mall = a_mall()
    accepted(mall.shop.carts.hold(holding(("TEA", 5))))
    mall.clock.advance(QUARTER)
    bought(mall.shop, ("TEA", 5), key="other")

    assert parts(accepted(mall.shop.orders.place(for_cart(("TEA", 3))))) == [("lyon", 1, "TEA", 3, 0)]
    accepted(mall.shop.carts.hold(holding(("TEA", 2), key="h2", until=START + 2 * QUARTER)))
    mall.clock.advance(QUARTER)
    bought(mall.shop, ("TEA", 2), key="another")
    assert refused(mall.shop.orders.place(for_cart(("TEA", 1), key="o2"))) == "stock_exhausted"


@pytest.mark.parametrize("what", ["order", "hold", "release"])
def test_a_hold_that_the_storage_has_forgotten_stands_in_nobodys_way(what: str) -> None:
    mall = one_place()
    accepted(mall.shop.carts.hold(holding(("TEA", 8), zone="")))
    mall.clock.advance(QUARTER)
    bought(mall.shop, ("TEA", 9), key="other")
    mall.storage.prune(before=mall.clock.now() + QUARTER)

    acts: dict[str, Any] = {
        "order": lambda: mall.shop.orders.place(for_cart(("TEA", 1))),
        "hold": lambda: mall.shop.carts.hold(holding(("TEA", 1), key="h2", until=START + 2 * QUARTER, zone="")),
        "release": lambda: mall.shop.carts.release(ReleaseCart(key="r", by=ANN, cart_id="cart-ann")),
    }
    assert accepted(acts[what]()) is not None


def test_of_two_orders_for_one_cart_one_trades_its_hold_and_the_other_looks_for_goods_of_its_own() -> None:
    mall = a_mall()
    accepted(mall.shop.carts.hold(holding(("TEA", 8))))
    slow = late(mall, lambda: accepted(mall.shop.orders.place(for_cart(("TEA", 8), key="faster"))))

    answer = slow.orders.place(for_cart(("TEA", 3)))

    assert refused(answer) == "stock_exhausted"
    assert isinstance(slow.orders.place(for_cart(("TEA", 2), key="o2")), Order)


def test_a_crash_between_hold_and_order_leaks_nothing_past_the_holds_time() -> None:
    mall = a_mall()
    accepted(mall.shop.carts.hold(holding(("TEA", 8))))

    def die() -> None:
        raise Crash("here")

    with pytest.raises(Crash):
        late(mall, die).orders.place(for_cart(("TEA", 8)))

    assert free(mall, *TEAS) == [0, 2]
    assert free(mall, *TEAS, at=START + QUARTER) == [5, 5]
    assert parts(accepted(mall.shop.orders.place(for_cart(("TEA", 8))))) == [("hamburg", 1, "TEA", 5, 0), ("lyon", 1, "TEA", 3, 0)]
