"""Goods that are ordered before they are there: as many as the shop allows, each with a moment, and in turn once they come."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shopwright import CancelOrder, DispatchShipment, PayOrder, ShipOrder, accepted, standing
from shopwright.errors import InvalidValue
from shopwright.flows.awaiting import Filled, Waiting
from shopwright.flows.cart_commands import ExpectGoods
from shopwright.inventory.plans import Costs, Policy
from shopwright.inventory.promising import Incoming
from shopwright.inventory.stock import Keeping
from shopwright.orders import fold, standings
from shopwright.orders.events import OrderSourced
from shopwright.orders.sourcing import SourcedWhy
from tests.flows.mall import ANN, CLERK, START, Mall, refused
from tests.flows.placed import LATE, a_mall, bought, come, free, ordering, parts, two_places
from tests.flows.test_carts_held import for_cart, holding
from tests.flows.test_places import CASH, TEAS

DAY = timedelta(days=1)
FAR = ("backorder@hamburg/TEA", "backorder@lyon/TEA")


def a_short_mall(**facts: Any) -> Mall:
    """Two teas in Hamburg, none in Lyon, and six more may be ordered from each that are not there."""
    return a_mall(hamburg=2, lyon=0, places=two_places(**{**LATE, **facts}))


def expect(mall: Mall, *incoming: Incoming, key: str = "e1") -> None:
    """These are on their way to Hamburg."""
    mall.shop.backorders.expect(ExpectGoods(key=key, by=CLERK, place="hamburg", sku="TEA", incoming=incoming))


def test_an_order_takes_what_is_there_and_awaits_the_rest_with_a_moment() -> None:
    mall = a_short_mall()
    expect(mall, Incoming(4, START + 3 * DAY), Incoming(9, START + 9 * DAY))

    first, second = bought(mall.shop, ("TEA", 4), key="o1"), bought(mall.shop, ("TEA", 3), key="o2")

    assert first.claim.items == (("backorder@hamburg/TEA", 2), ("stock@hamburg/TEA", 2))
    assert first.sourcing is not None
    assert second.sourcing is not None
    assert [it.due_at for it in (*first.sourcing.parts, *second.sourcing.parts)] == [START + 3 * DAY, START + 9 * DAY]
    assert parts(second) == [("hamburg", 1, "TEA", 3, 3)]


def test_nobody_knows_when_what_is_not_on_its_way_will_be_there() -> None:
    order = bought(a_short_mall().shop, ("TEA", 4))

    assert order.sourcing is not None
    assert (order.sourcing.awaits, order.sourcing.parts[0].due_at) == (True, None)


@pytest.mark.parametrize(
    ("shortfall", "expected"),
    [(0, [("hamburg", 1, "TEA", 5, 5)]), (1_000, [("lyon", 1, "TEA", 5, 2)])],
    ids=["the cheaper parcel", "what is there"],
)
def test_the_policy_says_what_it_costs_to_await_a_unit_that_elsewhere_is_there(shortfall: int, expected: list[Any]) -> None:
    mall = a_mall(hamburg=0, lyon=3, places=two_places(Policy(split_lines=True, costs=Costs(shortfall=shortfall)), **LATE))

    assert parts(bought(mall.shop, ("TEA", 5))) == expected


def test_no_more_can_be_ordered_than_the_shop_allows() -> None:
    mall = a_short_mall()

    assert refused(mall.shop.orders.place(ordering(("TEA", 15)))) == "stock_exhausted"
    assert parts(bought(mall.shop, ("TEA", 14))) == [("hamburg", 1, "TEA", 8, 6), ("lyon", 1, "TEA", 6, 6)]
    assert refused(mall.shop.orders.place(ordering(("TEA", 1), key="o2"))) == "stock_exhausted"


def test_the_limit_follows_what_the_shop_allows_and_is_raised_once() -> None:
    mall = a_short_mall()
    bought(mall.shop, ("TEA", 4))
    for number, most in enumerate((9, 6, 9), 2):
        mall.ways["places"] = two_places(skus={"TEA": Keeping(backorder=most)})
        bought(mall.reopened(), ("TEA", 1), key=f"o{number}")

        assert mall.storage.quota(FAR, at=START)[FAR[0]].granted == most


def paid_late(mall: Mall, key: str, units: int) -> Any:
    """An order on delivery, which needs no payment before it leaves."""
    mall.clock.advance(timedelta(minutes=1))
    return bought(mall.shop, ("TEA", units), key=key, tenders=CASH)


def test_goods_that_come_in_go_to_the_oldest_promises() -> None:
    """AWAIT-1."""
    mall = a_short_mall()
    first, second = paid_late(mall, "o1", 4), paid_late(mall, "o2", 3)
    come(mall.shop, "hamburg", "TEA", 3, key="in")

    assert mall.shop.backorders.fill() == Filled(3, 2)

    first, second = [accepted(mall.shop.orders.get(order.id)) for order in (first, second)]
    assert (parts(first), parts(second)) == ([("hamburg", 1, "TEA", 4, 0)], [("hamburg", 1, "TEA", 3, 2)])
    assert second.claim.items == (("stock@hamburg/TEA", 1), ("backorder@hamburg/TEA", 2))
    assert free(mall, *TEAS, *FAR) == [0, 0, 4, 6]
    told = [it.value for it in mall.shop.orders.history(first.id) if isinstance(it.value, OrderSourced)]
    assert [it.why for it in told] == [SourcedWhy.GOODS_CAME]
    assert fold(it.value for it in mall.shop.orders.history(second.id)) == second
    assert mall.shop.backorders.fill() == Filled()


def test_who_comes_later_gets_nothing_of_what_others_wait_for() -> None:
    """SOURCE-4."""
    mall = a_short_mall()
    paid_late(mall, "o1", 4)
    come(mall.shop, "hamburg", "TEA", 3, key="in")

    assert parts(bought(mall.shop, ("TEA", 2), key="o2")) == [("hamburg", 1, "TEA", 2, 1)]


def test_an_order_that_is_not_paid_yet_keeps_its_turn_until_its_time_is_over() -> None:
    mall = a_short_mall()
    first = bought(mall.shop, ("TEA", 4))
    second = paid_late(mall, "o2", 2)
    come(mall.shop, "hamburg", "TEA", 3, key="in")

    assert mall.shop.backorders.fill(place="hamburg", sku="TEA") == Filled(1, 1)
    accepted(mall.shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=first.id)))
    assert mall.shop.orders.sweep().filled == 2
    assert parts(accepted(mall.shop.orders.get(first.id))) == [("hamburg", 1, "TEA", 4, 0)]
    assert parts(accepted(mall.shop.orders.get(second.id))) == [("hamburg", 1, "TEA", 2, 1)]


def test_a_promise_that_was_never_paid_for_stands_in_nobodys_way() -> None:
    mall = a_short_mall()
    bought(mall.shop, ("TEA", 4))
    second = paid_late(mall, "o2", 2)
    come(mall.shop, "hamburg", "TEA", 1, key="in")
    mall.clock.advance(timedelta(minutes=31))

    assert mall.shop.orders.sweep().filled == 2
    assert parts(accepted(mall.shop.orders.get(second.id))) == [("hamburg", 1, "TEA", 2, 0)]


def test_everybody_in_line_can_be_told_when() -> None:
    mall = a_short_mall()
    expect(mall, Incoming(3, START + 3 * DAY))
    first, second = paid_late(mall, "o1", 4), paid_late(mall, "o2", 3)

    assert mall.shop.backorders.waiting("hamburg", "TEA") == (
        Waiting(order_id=first.id, units=2, since=first.placed_at, due_at=START + 3 * DAY),
        Waiting(order_id=second.id, units=3, since=second.placed_at, due_at=None),
    )
    expect(mall, Incoming(3, START + 3 * DAY), Incoming(2, START + 4 * DAY), key="e2")
    assert [it.due_at for it in mall.shop.backorders.waiting("hamburg", "TEA")] == [START + 3 * DAY, START + 4 * DAY]


def test_what_is_awaited_is_set_aside_for_no_shipment() -> None:
    """SOURCE-3."""
    mall = a_short_mall()
    order = paid_late(mall, "o1", 4)

    assert refused(mall.shop.shipping.ship(ShipOrder(key="s0", by=CLERK, order_id=order.id, units=((1, 3),)))) == "units_awaited"
    some = accepted(mall.shop.shipping.ship(ShipOrder(key="s1", by=CLERK, order_id=order.id)))
    assert [it.units for it in some.shipments] == [((1, 2),)]
    assert refused(mall.shop.shipping.ship(ShipOrder(key="s2", by=CLERK, order_id=order.id))) == "units_awaited"
    come(mall.shop, "hamburg", "TEA", 2, key="in")
    mall.shop.backorders.fill()
    rest = accepted(mall.shop.shipping.ship(ShipOrder(key="s3", by=CLERK, order_id=order.id)))
    assert [it.units for it in rest.shipments] == [((1, 2),), ((1, 2),)]


def test_what_is_called_off_gives_back_what_was_awaited_first() -> None:
    """SOURCE-2."""
    mall = a_short_mall()
    order = paid_late(mall, "o1", 4)
    accepted(mall.shop.shipping.ship(ShipOrder(key="s1", by=CLERK, order_id=order.id, units=((1, 1),))))
    accepted(mall.shop.shipping.dispatch(DispatchShipment(key="d1", by=CLERK, order_id=order.id, shipment_id="s1")))

    after = accepted(mall.shop.orders.cancel(CancelOrder(key="c", by=CLERK, order_id=order.id)))

    assert after.claim.items == (("stock@hamburg/TEA", 1),)
    assert free(mall, TEAS[0], FAR[0]) == [1, 6]
    assert mall.shop.backorders.waiting("hamburg", "TEA") == ()
    assert mall.shop.backorders.fill() == Filled()


def test_an_order_of_which_nothing_is_there_yet_says_that_it_awaits_goods() -> None:
    mall = a_short_mall()
    paid_late(mall, "o1", 2)
    order = paid_late(mall, "o2", 2)
    assert (standing(order), standings(order, at=START).fulfillment) == ("awaiting_goods", "awaited")

    come(mall.shop, "hamburg", "TEA", 1, key="in")
    mall.shop.backorders.fill()

    assert standing(accepted(mall.shop.orders.get(order.id))) == "ready_to_ship"


def test_goods_that_appear_later_are_ordered_before_and_leave_then() -> None:
    """SOURCE-3."""
    appears = START + 5 * DAY
    mall = a_short_mall(skus={"TEA": Keeping(backorder=6, releases_at=appears)})
    order = paid_late(mall, "o1", 2)

    assert order.sourcing.parts[0].due_at == appears
    assert refused(mall.shop.shipping.ship(ShipOrder(key="s0", by=CLERK, order_id=order.id))) == "units_awaited"
    mall.clock.advance(5 * DAY)
    assert accepted(mall.shop.shipping.ship(ShipOrder(key="s1", by=CLERK, order_id=order.id))).shipments[0].units == ((1, 2),)


def test_a_cart_holds_what_is_not_there_too_and_its_order_takes_what_came_in_meanwhile() -> None:
    mall = a_short_mall()
    held = accepted(mall.shop.carts.hold(holding(("TEA", 5))))
    assert held.items == (("backorder@hamburg/TEA", 3), ("stock@hamburg/TEA", 2))
    come(mall.shop, "hamburg", "TEA", 9, key="in")

    order = accepted(mall.shop.orders.place(for_cart(("TEA", 5))))

    assert (parts(order), free(mall, FAR[0])) == ([("hamburg", 1, "TEA", 5, 0)], [6])


def test_a_shop_without_places_fills_nothing_and_a_place_is_one_of_the_shops() -> None:
    from tests.flows.test_carts_held import one_place

    assert one_place().shop.backorders.fill() == Filled()
    for act in (
        lambda: one_place().shop.backorders.waiting("hamburg", "TEA"),
        lambda: a_short_mall().shop.backorders.waiting("rome", "TEA"),
        lambda: a_short_mall().shop.backorders.fill(place="hamburg"),
        lambda: a_short_mall().shop.backorders.fill(limit=0),
        lambda: a_short_mall().shop.backorders.expect(ExpectGoods(key="e", by=CLERK, place="rome", sku="TEA")),
    ):
        with pytest.raises(InvalidValue):
            act()
