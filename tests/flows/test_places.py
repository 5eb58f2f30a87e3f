"""Orders of a shop with several places: planned, reserved where they were planned, planned anew where somebody was faster, and given back there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from shopwright import CancelOrder, DispatchShipment, Order, PayOrder, ShipOrder, Shop, Via, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows.commands import LoseShipment
from shopwright.flows.inventory.commands import DamageGoods, ReceiveGoods
from shopwright.inventory.plans import Policy, Reason, Standing, Strategy
from shopwright.orders import fold
from shopwright.orders.events import CancelReason, Claim, ClaimState
from shopwright.orders.sourcing import SourcedPart, SourcedWhy, Sourcing
from shopwright.payments.payment import Tender
from shopwright.ports.storage import Changeset
from shopwright.promotions.extras import Extra
from shopwright.promotions.promotion import Promotion
from shopwright.promotions.taking import Gift
from shopwright.wire.kinds import KINDS
from tests.flows.mall import ANN, CLERK, START, Mall, paid, refused
from tests.flows.placed import a_mall, bought, come, free, ordering, parts, two_places

TEAS = ("stock@hamburg/TEA", "stock@lyon/TEA")
CASH = (Tender(method="cash", amount=100_000, via=Via.ON_DELIVERY),)


def test_an_order_is_planned_and_the_plan_is_frozen_with_its_reasons() -> None:
    order = bought(a_mall().shop, ("TEA", 2), ("CUP", 1))

    assert order.sourcing == Sourcing(
        zone="DE",
        strategy=Strategy.CHEAPEST,
        parts=(
            SourcedPart(place="hamburg", line_no=1, sku="TEA", quantity=2),
            SourcedPart(place="hamburg", line_no=2, sku="CUP", quantity=1),
        ),
        standing=Standing(cost=490, parcels=1, distance=0),
        proved=True,
        reasons=(Reason(location_id="hamburg", without=Standing(cost=990, parcels=1, distance=0), proved=True),),
    )
    assert order.claim == Claim(ClaimState.HELD, (("stock@hamburg/CUP", 1), ("stock@hamburg/TEA", 2)))


def test_where_goods_go_decides_from_where_they_come() -> None:
    mall = a_mall()

    assert parts(bought(mall.shop, ("TEA", 2), country="FR")) == [("lyon", 1, "TEA", 2, 0)]
    assert free(mall, *TEAS) == [5, 3]


def test_an_order_takes_from_several_places_under_one_hold() -> None:
    """SOURCE-1."""
    mall = a_mall()

    order = bought(mall.shop, ("TEA", 8))

    assert parts(order) == [("hamburg", 1, "TEA", 5, 0), ("lyon", 1, "TEA", 3, 0)]
    assert free(mall, *TEAS) == [0, 2]
    accepted(mall.shop.orders.cancel(CancelOrder(key="c", by=ANN, order_id=order.id)))
    assert free(mall, *TEAS) == [5, 5]


@pytest.mark.parametrize("lines", [(("TEA", 6), ("TEA", 5)), (("SET", 3), ("TEA", 2))])
def test_medusa_16502_what_lines_want_of_one_sku_is_summed_over_all_places(lines: tuple[tuple[str, int], ...]) -> None:
    answer = a_mall().shop.orders.place(ordering(*lines))

    assert refused(answer) == "stock_exhausted"
    assert dict(answer.facts) == {"sku": "TEA", "wanted": 11, "free": 10}  # type: ignore[union-attr]  # refused() has looked


def test_saleor_17170_a_place_that_misses_goods_takes_nothing_from_what_others_have() -> None:
    mall = Mall(MemoryStorage(KINDS), ways={"places": two_places()})
    for place in ("hamburg", "lyon"):
        goods = ReceiveGoods(key=f"in-{place}", by=CLERK, place=place, sku="TEA", units=5, cost=500)
        accepted(mall.shop.stock.receive(goods))
    bought(mall.shop, ("TEA", 5), key="promised")

    gone = accepted(mall.shop.stock.damage(DamageGoods(key="fire", by=CLERK, place="hamburg", sku="TEA", units=4, reason="fire")))

    assert (gone.on_hand, gone.missing, gone.available) == (1, 4, 0)
    assert refused(mall.shop.orders.place(ordering(("TEA", 6), key="more"))) == "stock_exhausted"
    assert parts(bought(mall.shop, ("TEA", 5))) == [("lyon", 1, "TEA", 5, 0)]


def test_the_components_of_a_bundle_are_planned_like_lines() -> None:
    order = bought(a_mall().shop, ("SET", 2))

    assert parts(order) == [("hamburg", 1, "CUP", 2, 0), ("hamburg", 1, "TEA", 5, 0), ("lyon", 1, "TEA", 1, 0)]


def test_what_no_place_ships_to_and_what_may_not_be_split_is_refused() -> None:
    whole = a_mall(places=two_places(Policy()))

    assert refused(whole.shop.orders.place(ordering(("TEA", 1), country="JP"))) == "destination_unserved"
    assert refused(whole.shop.orders.place(ordering(("TEA", 6)))) == "split_unavoidable"
    assert free(whole, *TEAS) == [5, 5]


def test_goods_that_are_not_counted_need_no_plan() -> None:
    mall = a_mall()
    from tests.flows.test_bundles import put

    put(mall.shop, "CARD", tracked=False)

    order = bought(mall.shop, ("CARD", 1))

    assert (order.sourcing, order.claim) == (None, Claim())


class Late:
    """A storage that lets somebody act once, just before the first changeset is written."""

    def __init__(self, storage: Any, act: Any) -> None:
        self._storage, self._act = storage, act

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    def commit(self, change: Changeset) -> Any:
        """Once, somebody is faster."""
        act, self._act = self._act, None
        if act is not None:
            act()
        return self._storage.commit(change)


def late(mall: Mall, act: Any, **ways: Any) -> Shop:
    """A shop on the same storage, in which somebody is faster once."""
    gateways = tuple(mall.shop.ports.gateways.values())
    return Shop(Late(mall.storage, act), gateways=gateways, places=mall.ways["places"], clock=mall.clock, **ways)  # type: ignore[arg-type]  # it hands on


def test_whoever_loses_a_race_at_one_place_is_planned_anew_from_others() -> None:
    mall = a_mall()
    slow = late(mall, lambda: bought(mall.shop, ("TEA", 4), key="faster"))

    assert parts(bought(slow, ("TEA", 3))) == [("lyon", 1, "TEA", 3, 0)]
    assert free(mall, *TEAS) == [1, 2]


def test_a_repeat_gets_its_order_though_nothing_could_be_planned_by_now() -> None:
    mall = a_mall()
    first = bought(mall.shop, ("TEA", 10))

    assert bought(mall.shop, ("TEA", 10)) == first


def test_an_order_whose_goods_had_gone_when_its_money_came_is_planned_anew_from_wherever_they_are() -> None:
    """SOURCE-5."""
    mall = a_mall()
    order = bought(mall.shop, ("TEA", 5))
    mall.clock.advance(timedelta(minutes=31))
    paid(mall.shop, ordering(("TEA", 3), key="faster"))

    after = accepted(mall.shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id)))

    assert (after.state, parts(after)) == ("confirmed", [("lyon", 1, "TEA", 5, 0)])
    assert free(mall, *TEAS) == [2, 0]
    history = mall.shop.orders.history(order.id)
    assert [it.value.why for it in history if type(it.value).__name__ == "OrderSourced"] == [SourcedWhy.PLANNED_ANEW]
    assert fold(it.value for it in history) == after


def test_an_order_that_can_be_planned_no_more_is_canceled_and_its_money_goes_back() -> None:
    mall = a_mall()
    order = bought(mall.shop, ("TEA", 5))
    mall.clock.advance(timedelta(minutes=31))
    paid(mall.shop, ordering(("TEA", 8), key="faster"))

    after = accepted(mall.shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id)))

    assert (after.state, after.cancel_reason, after.paid) == ("canceled", CancelReason.OUT_OF_STOCK, 0)
    assert free(mall, *TEAS) == [0, 2]


GIVES_A_CUP = Promotion(id="cup", effects=(Extra(gifts=(Gift("CUP", 1),)),))


def test_a_gift_comes_from_where_it_is_and_is_left_out_where_it_is_nowhere() -> None:
    mall = a_mall(promotions=(GIVES_A_CUP,))

    assert parts(bought(mall.shop, ("TEA", 1))) == [("hamburg", 1, "TEA", 1, 0), ("hamburg", 2, "CUP", 1, 0)]
    bought(mall.shop, ("CUP", 9), key="all")
    assert parts(bought(mall.shop, ("TEA", 1), key="none")) == [("hamburg", 1, "TEA", 1, 0)]


def test_a_gift_that_no_plan_can_ship_stands_in_nobodys_way() -> None:
    mall = a_mall(hamburg=5, lyon=0, promotions=(GIVES_A_CUP,), places=two_places(Policy(most_parcels=1)))
    come(mall.shop, "lyon", "TEA", 9)
    bought(mall.shop, ("TEA", 5), key="first")

    order = bought(mall.shop, ("TEA", 2), key="second")

    assert parts(order) == [("lyon", 1, "TEA", 2, 0)]


def test_an_order_whose_gift_is_gone_by_the_time_it_is_paid_goes_on_without_it() -> None:
    """GIFT-5."""
    mall = a_mall(promotions=(GIVES_A_CUP,))
    order = bought(mall.shop, ("TEA", 2))
    mall.clock.advance(timedelta(minutes=31))
    paid(mall.shop, ordering(("CUP", 9), key="faster"))

    after = accepted(mall.shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id)))

    assert (after.state, parts(after)) == ("confirmed", [("hamburg", 1, "TEA", 2, 0)])
    assert [note.code for note in after.exceptions] == ["gift_gone"]


def test_shipments_know_their_place_and_take_what_was_planned_from_there() -> None:
    mall = a_mall()
    order = bought(mall.shop, ("TEA", 8), tenders=CASH)

    wrong = ShipOrder(key="s0", by=CLERK, order_id=order.id, units=((1, 4),), place="lyon")
    assert refused(mall.shop.shipping.ship(wrong)) == "units_not_at_place"
    first = accepted(mall.shop.shipping.ship(ShipOrder(key="s1", by=CLERK, order_id=order.id, place="hamburg")))
    second = accepted(mall.shop.shipping.ship(ShipOrder(key="s2", by=CLERK, order_id=order.id)))

    assert [(it.place, it.units) for it in second.shipments] == [("hamburg", ((1, 5),)), ("lyon", ((1, 3),))]
    assert first.shipments == second.shipments[:1]


@pytest.mark.parametrize(("place", "back"), [("hamburg", [0, 5]), ("lyon", [5, 2]), ("", [0, 5])])
def test_the_rest_of_an_order_goes_back_to_where_it_was_planned_from(place: str, back: list[int]) -> None:
    """SOURCE-2: with eight teas planned as five and three, what has left one place is not given back there."""
    mall = a_mall()
    order = bought(mall.shop, ("TEA", 8), tenders=CASH)
    units = ((1, 3 if place == "lyon" else 5),)
    order = accepted(mall.shop.shipping.ship(ShipOrder(key="s1", by=CLERK, order_id=order.id, units=units, place=place)))
    accepted(mall.shop.shipping.dispatch(DispatchShipment(key="d1", by=CLERK, order_id=order.id, shipment_id="s1")))

    after = accepted(mall.shop.orders.cancel(CancelOrder(key="c", by=CLERK, order_id=order.id)))

    assert free(mall, *TEAS) == back
    assert after.lines[0].buckets.canceled == 8 - units[0][1]


def test_a_bundle_that_is_brought_together_is_shipped_from_no_certain_place() -> None:
    mall = a_mall()
    order = bought(mall.shop, ("SET", 2), tenders=CASH)

    refusal = mall.shop.shipping.ship(ShipOrder(key="s0", by=CLERK, order_id=order.id, units=((1, 2),), place="hamburg"))
    assert refused(refusal) == "units_not_at_place"
    after = accepted(mall.shop.shipping.ship(ShipOrder(key="s1", by=CLERK, order_id=order.id)))
    assert [(it.place, it.units) for it in after.shipments] == [("", ((1, 2),))]


def test_what_was_lost_on_its_way_is_not_given_back() -> None:
    mall = a_mall()
    order = bought(mall.shop, ("TEA", 8), tenders=CASH)
    accepted(mall.shop.shipping.ship(ShipOrder(key="s1", by=CLERK, order_id=order.id, place="hamburg")))
    accepted(mall.shop.shipping.dispatch(DispatchShipment(key="d1", by=CLERK, order_id=order.id, shipment_id="s1")))
    accepted(mall.shop.shipping.lose(LoseShipment(key="l1", by=CLERK, order_id=order.id, shipment_id="s1")))

    accepted(mall.shop.orders.cancel(CancelOrder(key="c", by=CLERK, order_id=order.id)))

    assert free(mall, *TEAS) == [0, 5]


def test_an_order_of_a_shop_without_places_is_written_as_ever() -> None:
    plain = Mall(MemoryStorage(KINDS))

    order: Order = accepted(plain.shop.orders.place(evolve(ordering(("TEA", 2)))))

    body = plain.shop.ports.codec.dump(order)
    assert ("sourcing" in body, "components" in body, '"place"' in body) == (False, False, False)
    assert plain.storage.quota(("stock/TEA",), at=START)["stock/TEA"].held == 2
