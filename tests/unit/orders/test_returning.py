"""Goods that come back from the buyer, and goods that go out once more."""

from __future__ import annotations

import pytest
from attrs import evolve

from shopwright import orders
from shopwright.errors import IllegalTransition, InvalidValue
from shopwright.orders import Decision, Order, OrderState
from shopwright.orders import events as e
from shopwright.orders.lines import Bucket, Buckets
from shopwright.orders.planning import plan_refund, refund_planned
from shopwright.orders.returning import reopen_units, restock, return_units
from shopwright.refusals import Refusal, accepted
from shopwright.testing.builders import CLERK, NOON, an_order, canceled, completed, delivered, paid, shipped, sold

TEA, CUP = "stock/TEA", "stock/CUP"


def _come() -> Order:
    return delivered(paid(an_order()))


def _again(order: Order, *units: tuple[int, int], source: Bucket = Bucket.DELIVERED) -> Decision | Refusal:
    return reopen_units(order, units, source=source, by=CLERK, at=NOON)


def test_units_that_are_for_sale_again_are_no_longer_claimed_and_all_others_are() -> None:
    """ORDER-22."""
    decision = accepted(return_units(_come(), ((1, 2), (2, 1)), restocked=((1, 1),), at=NOON))

    assert decision.events == (e.UnitsReturned(units=((1, 2), (2, 1)), items=((CUP, 1), (TEA, 1)), at=NOON),)
    assert [line.buckets for line in decision.order.lines] == [Buckets(returned=2), Buckets(returned=1)]
    assert decision.order.claim.items == ((CUP, 1), (TEA, 1))
    assert decision.order.surplus == 4500


@pytest.mark.parametrize(("units", "code"), [(((1, 3),), "units_not_there"), (((9, 1),), "units_unknown")])
def test_only_units_that_are_with_the_buyer_come_back_from_there(units: tuple[tuple[int, int], ...], code: str) -> None:
    """ORDER-22."""
    refused = return_units(_come(), units, at=NOON)

    assert isinstance(refused, Refusal)
    assert refused.code == code


def test_units_on_their_way_do_not_come_back_from_the_buyer() -> None:
    refused = return_units(shipped(paid(an_order())), ((1, 1),), at=NOON)

    assert isinstance(refused, Refusal)
    assert dict(refused.facts) == {"line_no": 1, "wanted": 1, "there": 0, "source": "delivered"}


def test_no_more_is_restocked_than_comes_back() -> None:
    with pytest.raises(InvalidValue, match="only units that come back can be restocked"):
        return_units(_come(), ((1, 1),), restocked=((1, 2),), at=NOON)


@pytest.mark.parametrize("units", [(), ((1, 0),), ((1, 1), (1, 1))])
def test_units_are_named_once_and_are_one_or_more(units: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(InvalidValue, match="expected pairs of a line number and 1 unit or more, each line once"):
        return_units(_come(), units, at=NOON)


def test_stock_of_units_that_were_kept_aside_is_given_back_later_and_once() -> None:
    back = accepted(return_units(_come(), ((1, 2),), at=NOON)).order

    freed = restock(back, ((1, 2),), at=NOON)

    assert freed.events == (e.ClaimReduced(items=((CUP, 1),), at=NOON),)
    assert restock(freed.order, ((1, 2),), at=NOON).events == ()


def test_at_several_places_the_last_gets_its_units_first() -> None:
    order = _come()
    placed = evolve(order, claim=evolve(order.claim, items=(("coupon/SPRING", 1), ("stock@east/TEA", 1), ("stock@west/TEA", 1))))

    assert accepted(return_units(placed, ((1, 1),), restocked=((1, 1),), at=NOON)).order.claim.items == (("coupon/SPRING", 1), ("stock@east/TEA", 1))


def test_what_goes_out_once_more_takes_stock_anew_and_costs_nothing() -> None:
    """ORDER-23."""
    order = _come()

    decision = accepted(_again(order, (1, 1)))

    assert decision.events == (e.UnitsReopened(units=((1, 1),), source=Bucket.DELIVERED, items=((CUP, 1), (TEA, 3)), at=NOON),)
    assert decision.order.lines[0].buckets == Buckets(open=1, delivered=1)
    assert (decision.order.owed, decision.order.surplus) == (order.owed, 0)
    assert completed_again(decision.order).state is OrderState.COMPLETED


def completed_again(order: Order) -> Order:
    """The order once what is open has arrived."""
    return accepted(orders.complete(delivered(order), by=CLERK, at=NOON)).order


def test_a_completed_order_is_reopened_for_it() -> None:
    """ORDER-23."""
    decision = accepted(_again(completed(an_order()), (2, 1)))

    assert [type(event) for event in decision.events] == [e.OrderReopened, e.UnitsReopened]
    assert (decision.order.state, decision.order.closed_at) == (OrderState.CONFIRMED, None)
    assert completed_again(decision.order).state is OrderState.COMPLETED


def test_a_canceled_order_delivers_nothing_once_more() -> None:
    with pytest.raises(IllegalTransition, match=r"^cannot reopen an order that is canceled; allowed: nothing, it is final$"):
        _again(canceled(an_order()), (1, 1))


@pytest.mark.parametrize("source", [Bucket.DELIVERED, Bucket.RETURNED])
def test_units_whose_money_went_back_are_not_delivered_once_more(source: Bucket) -> None:
    """ORDER-23."""
    order = _come()
    back = order if source is Bucket.DELIVERED else accepted(return_units(order, ((2, 1),), at=NOON)).order
    plan = accepted(plan_refund(back, ((2, 1),), reason="broken", by=CLERK, at=NOON))

    refused = _again(accepted(refund_planned(back, plan)).order, (2, 1), source=source)

    assert isinstance(refused, Refusal)
    assert (refused.code, dict(refused.facts)) == ("units_not_there", {"line_no": 2, "wanted": 1, "there": 0, "source": source.value})


def _lost() -> Order:
    order = shipped(paid(an_order()))
    return accepted(orders.lose(order, order.shipments[0].id, at=NOON)).order


def test_lost_units_go_out_once_more() -> None:
    decision = accepted(_again(_lost(), (1, 2), source=Bucket.LOST))

    assert decision.order.lines[0].buckets == Buckets(open=2)
    assert decision.order.surplus == 2500


def test_lost_units_whose_money_went_back_without_a_plan_would_be_unpaid() -> None:
    """ORDER-23."""
    repaid = accepted(orders.refund(_lost(), 4500, reason="lost", by=CLERK, at=NOON)).order

    refused = _again(repaid, (1, 2), source=Bucket.LOST)

    assert isinstance(refused, Refusal)
    assert refused.code == "order_unpaid"


def test_units_are_delivered_once_more_from_where_units_can_be() -> None:
    with pytest.raises(InvalidValue, match="delivered once more from delivered, lost, returned; got"):
        _again(_come(), (1, 1), source=Bucket.SHIPPED)


@pytest.mark.parametrize("ships", [True, False])
def test_goods_that_were_to_go_out_once_more_and_are_called_off_give_back_their_own_stock_alone(ships: bool) -> None:
    """ORDER-12: the buyer still has the two that came first, and nobody can sell them."""
    come = paid(an_order(sold("TEA", 2), sold("CUP", 1, ships=ships)))
    come = delivered(come)
    again = accepted(_again(come, (1, 2), (2, 1), source=Bucket.DELIVERED)).order
    assert dict(again.claim.items) == {"stock/TEA": 4, "stock/CUP": 2}

    after = canceled(again)

    assert (after.claim.state, dict(after.claim.items)) == (e.ClaimState.USED, {"stock/TEA": 2, "stock/CUP": 1})
