"""The builders and strategies that ship: what they make is what they say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.flows.commands import PlaceOrder
from shopwright.orders import Decision, Order, OrderEvent, fold, standing
from shopwright.payments.payment import Tender, Via
from shopwright.pricing import FlatShipping
from shopwright.promotions.coupons import Coupon
from shopwright.refusals import Refused
from shopwright.testing import builders as b
from shopwright.testing import strategies
from shopwright.testing.move import Move
from shopwright.testing.moves import moves


def test_a_plain_order_is_two_teas_and_a_cup_for_ann() -> None:
    order = b.an_order()

    assert ([(it.sku, it.quantity, it.total) for it in order.lines], order.buyer_id, str(order.total)) == (
        [("TEA", 2, 2000), ("CUP", 1, 2500)],
        "ann",
        "45.00 EUR",
    )


def test_what_is_said_of_an_order_is_in_it() -> None:
    order = b.an_order(b.sold("TEA", 3, seller_id="tea house"), coupon=Coupon("HALF", percent=5000), shipping=FlatShipping("post", 400), number="A-1")

    assert (order.lines[0].seller_id, order.total.minor, order.coupon_code, order.number) == ("tea house", 1900, "HALF", "A-1")
    assert ("coupon/HALF", 1) in order.claim.items


def test_tenders_name_a_gateway_where_there_is_one() -> None:
    assert [(it.via, it.gateway) for it in (b.a_tender(), b.a_voucher(5), b.cash(5))] == [
        (Via.GATEWAY, "fake"),
        (Via.EXTERNAL, ""),
        (Via.ON_DELIVERY, ""),
    ]


@pytest.mark.parametrize(
    ("order", "word"),
    [
        (b.an_order(), "awaiting_payment"),
        (b.paid(b.an_order(tenders=(b.a_voucher(500), b.a_tender(4000)))), "ready_to_ship"),
        (b.planned(b.paid(b.an_order())), "preparing"),
        (b.shipped(b.paid(b.an_order()), units=((1, 1),)), "partly_shipped"),
        (b.delivered(b.paid(b.an_order())), "delivered"),
        (b.completed(b.an_order()), "completed"),
        (b.canceled(b.an_order()), "canceled"),
    ],
)
def test_a_sentence_leads_an_order_to_where_it_says(order: Order, word: str) -> None:
    assert standing(order) == word


def test_what_is_refused_is_no_sentence() -> None:
    with pytest.raises(Refused, match=r"^quantity_invalid"):
        b.a_quote(b.sold("TEA", 0))


@given(strategies.lives())
def test_a_life_is_an_order_with_its_history(life: Decision) -> None:
    assert fold(life.events) == life.order


@given(strategies.orders(most_moves=3), strategies.histories(most_moves=3))
def test_orders_and_histories_are_what_they_say(order: Order, history: tuple[OrderEvent, ...]) -> None:
    assert (isinstance(order, Order), isinstance(fold(history), Order)) == (True, True)


@given(strategies.place_commands(), st.data())
def test_a_command_to_place_an_order_pays_for_its_goods(command: PlaceOrder, data: st.DataObject) -> None:
    tenders = data.draw(strategies.tenders(50))

    assert (command.buyer_id, sum(tender.amount for tender in tenders)) == ("ann", 50)
    assert all(isinstance(tender, Tender) and tender.amount for tender in command.tenders)


def test_a_move_that_an_order_does_not_allow_is_not_taken() -> None:
    order = b.an_order()
    taken = {move.name for move in moves(order, at=b.NOON) if move.taken(order)}

    assert taken == {"start", "cancel", "cancel, goods out", "cancel, no refund", "hold", "hold for an hour"}
    assert Move("nothing", Decision).taken(order) is None
