"""Edits at a shop: what the preview shows is done, once, with stock, coupon uses and money that follow, on every storage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

from shopwright import DispatchShipment, FlatShipping, Order, PayOrder, ShipOrder, Terms, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.flows.commands import SendBackOrder
from shopwright.flows.editing.commands import EditOrder
from shopwright.inventory.keys import place_key, stock_key
from shopwright.orders import ApprovalRule, CustomerEdits, OrderState, fold
from shopwright.orders.edit_changes import AddLine, ChangeCoupon, ChangeQuantity, ChangeShipping
from shopwright.orders.edit_plan import MoneyChange
from shopwright.orders.repricing import frozen_price
from shopwright.ports.storage import Storage
from shopwright.pricing.replay import disagreements, replay
from shopwright.promotions.coupons import coupon_key
from shopwright.promotions.effects import Percent
from shopwright.promotions.promotion import Promotion
from shopwright.wire.kinds import KINDS
from tests.flows.edited import GRAZ, LESS, LYON_HOME, MORE, card, edit
from tests.flows.mall import ANN, CLERK, Mall, an_order, paid, placed, refused
from tests.flows.placed import a_mall, bought
from tests.surroundings import peer


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def mall(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mall]:
    """A mall on a storage of each kind."""
    made: Storage = MemoryStorage(KINDS) if request.param == "memory" else SqliteStorage.open(tmp_path / "shop.sqlite", kinds=KINDS, upgrade=True)
    if request.param == "postgres":
        made = peer("shopwright.adapters.postgres.storage").PostgresStorage.open(
            request.getfixturevalue("postgres_database"), kinds=KINDS, upgrade=True
        )
    yield Mall(made)
    made.close()


def held(mall: Mall, key: str) -> tuple[int, int]:
    quota = mall.storage.quota([key], at=mall.clock.now())[key]
    return quota.used, quota.held


def folds(mall: Mall, order: Order) -> None:
    """The history tells of the order as it is stored."""
    events = [it.value for it in mall.shop.orders.history(order.id)]
    assert fold(events) == accepted(mall.shop.orders.get(order.id)) == order


def test_what_the_preview_shows_is_what_is_done(mall: Mall):
    """EDIT-3"""
    order = paid(mall.shop)
    command = edit(order, *MORE, tenders=(card(6_000),))
    plan = accepted(mall.shop.orders.preview_edit(command))
    assert mall.shop.orders.get(order.id) == order
    assert (plan.delta, plan.to_pay, plan.money) == (6_000, 0, MoneyChange.NONE)

    after = accepted(mall.shop.orders.edit(EditOrder(**{**vars_of(command), "as_of": plan.event_count, "delta": plan.delta})))
    assert ([(it.sku, it.quantity) for it in after.lines], after.owed) == ([("TEA", 2), ("CUP", 1), ("TEA", 1), ("CUP", 2)], plan.owed_after)
    after = accepted(mall.shop.payments.pay(PayOrder(key="more", by=ANN, order_id=order.id)))
    assert (after.paid, after.secured, held(mall, stock_key("CUP"))) == (10_900, True, (3, 0))
    folds(mall, after)


def vars_of(command: EditOrder) -> dict[str, object]:
    return {name: getattr(command, name) for name in ("key", "by", "order_id", "changes", "tenders")}


def test_an_order_that_waits_for_its_money_holds_what_it_is_edited_to(mall: Mall):
    order = placed(mall.shop)
    after = accepted(mall.shop.orders.edit(edit(order, LESS, AddLine("CUP", 2))))
    assert (held(mall, stock_key("TEA")), held(mall, stock_key("CUP"))) == ((0, 1), (0, 3))
    assert [it.tender.amount for it in after.payments] == [4_900, after.owed]

    after = accepted(mall.shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id)))
    assert (after.state, after.paid, held(mall, stock_key("CUP"))) == (OrderState.CONFIRMED, after.owed, (3, 0))
    folds(mall, after)


def test_too_little_stock_changes_nothing(mall: Mall):
    for order in (placed(mall.shop), paid(mall.shop, an_order(key="o2"))):
        assert refused(mall.shop.orders.edit(edit(order, AddLine("CUP", 50), key=f"edit-{order.id}"))) == "stock_exhausted"
        assert accepted(mall.shop.orders.get(order.id)) == order
    assert held(mall, stock_key("CUP")) == (1, 1)


def test_fewer_units_of_a_paid_order_give_stock_and_money_back_once(mall: Mall):
    """EDIT-1, EDIT-4"""
    order = paid(mall.shop)
    first = accepted(mall.shop.orders.edit(edit(order, LESS)))
    assert accepted(mall.shop.orders.edit(edit(order, LESS))) == first
    assert (first.refunded, first.owed, held(mall, stock_key("TEA"))) == (1_089, 3_811, (1, 0))
    folds(mall, first)


def test_a_coupon_is_taken_and_given_back_with_its_use(mall: Mall):
    """EDIT-7"""
    order = paid(mall.shop)
    with_it = accepted(mall.shop.orders.edit(edit(order, ChangeCoupon("SPRING"))))
    assert (with_it.coupon_code, with_it.owed, with_it.refunded, held(mall, coupon_key("SPRING"))) == ("SPRING", 4_450, 450, (1, 0))
    assert refused(mall.shop.orders.edit(edit(with_it, ChangeShipping(FlatShipping("express", 900)), key="again"))) == "edit_not_open"

    other = placed(mall.shop, an_order(key="o2", coupon="SPRING"))
    without = accepted(mall.shop.orders.edit(edit(other, ChangeCoupon(), ChangeShipping(FlatShipping("express", 900)), key="edit2")))
    assert (without.coupon_code, without.shipping_method, without.owed, held(mall, coupon_key("SPRING"))) == ("", "express", 5_400, (1, 0))
    frozen = frozen_price([it.value for it in mall.shop.orders.history(other.id)])
    assert frozen is not None
    assert disagreements(frozen, replay(frozen, at=mall.clock.now())) == ()
    folds(mall, without)


def test_the_hold_of_an_unpaid_order_that_went_to_others_is_not_edited(mall: Mall):
    order = placed(mall.shop)
    mall.clock.advance(order.terms.payment_window * 2)
    for n in (1, 2, 3, 4):
        paid(mall.shop, an_order(key=f"late-{n}"))
    accepted(mall.shop.orders.edit(edit(placed(mall.shop, an_order(key="last")), LESS, key="fine")))
    assert refused(mall.shop.orders.edit(edit(order, ChangeQuantity(line_no=2, quantity=0)))) == "edit_hold_lapsed"


def test_a_customer_edits_until_the_order_is_confirmed_and_corrects_it_when_it_is_sent_back():
    """EDIT-9"""
    mall = Mall(MemoryStorage(KINDS), terms=Terms(approval=ApprovalRule(nobody=True)))
    order = placed(mall.shop)
    assert accepted(mall.shop.orders.edit(edit(order, LESS, by=ANN))).lines[0].buckets.canceled == 1
    accepted(mall.shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id)))
    more = edit(order, AddLine("CUP"), key="more", by=ANN, note="one for my mother", ship_to=GRAZ)
    assert refused(mall.shop.orders.edit(more)) == "edit_staff_only"
    accepted(mall.shop.orders.send_back(SendBackOrder(key="back", by=CLERK, order_id=order.id, note="which street?")))
    after = accepted(mall.shop.orders.edit(more))
    assert (after.state, after.ship_to, len(after.lines)) == (OrderState.IN_REVIEW, GRAZ, 3)
    folds(mall, after)


def test_terms_may_let_customers_edit_what_is_not_set_aside():
    """EDIT-9"""
    mall = Mall(MemoryStorage(KINDS), terms=Terms(customer_edits=CustomerEdits.UNTIL_SET_ASIDE))
    order = paid(mall.shop)
    assert accepted(mall.shop.orders.edit(edit(order, LESS, by=ANN))).refunded == 1_089
    accepted(mall.shop.shipping.ship(ShipOrder(key="ship", by=CLERK, order_id=order.id)))
    assert refused(mall.shop.orders.edit(edit(order, AddLine("CUP"), key="late", by=ANN))) == "edit_staff_only"


def test_a_note_and_an_address_are_sealed_where_there_is_a_vault():
    vaulted = pytest.importorskip("tests.flows.vaulted").VAULTED
    mall = Mall(MemoryStorage(KINDS), ways=vaulted)
    order = paid(mall.shop)
    assert accepted(mall.shop.orders.preview_edit(edit(order, ship_to=GRAZ, note="by phone"))).address_changes
    after = accepted(mall.shop.orders.edit(edit(order, ship_to=GRAZ, note="by phone")))
    assert (after.ship_to.name, after.ship_to.city, after.ship_to.sealed is None) == ("", "Graz", False)
    assert accepted(mall.shop.orders.address(order.id)) == GRAZ
    assert [(it.about, it.text) for it in accepted(mall.shop.orders.notes(order.id))] == [("edited", "by phone")]
    assert "phone" not in repr(mall.shop.orders.history(order.id))


def test_what_is_added_in_a_shop_with_places_is_planned_and_what_is_not_wanted_goes_back_to_its_place():
    mall = a_mall()
    order = bought(mall.shop, ("TEA", 2))
    key = place_key("hamburg", "TEA")
    after = accepted(mall.shop.orders.edit(edit(order, ChangeQuantity(line_no=1, quantity=1), AddLine("CUP", 2))))
    assert after.sourcing is not None
    assert [(it.place, it.line_no, it.sku, it.quantity) for it in after.sourcing.parts] == [("hamburg", 1, "TEA", 2), ("hamburg", 2, "CUP", 2)]
    assert (sum(held(mall, key)), sum(held(mall, place_key("hamburg", "CUP")))) == (1, 2)
    folds(mall, after)


def test_an_order_that_goes_to_another_zone_is_planned_anew_from_all_places():
    """EDIT-10"""
    mall = a_mall(hamburg=5, lyon=5)
    order = bought(mall.shop, ("TEA", 2))
    after = accepted(mall.shop.orders.edit(edit(order, LESS, AddLine("CUP"), ship_to=LYON_HOME)))
    assert after.sourcing is not None
    assert (after.sourcing.zone, [(it.place, it.line_no, it.quantity) for it in after.sourcing.parts]) == ("FR", [("lyon", 1, 2), ("lyon", 2, 1)])
    assert [sum(held(mall, place_key(place, "TEA"))) for place in ("hamburg", "lyon")] == [0, 1]
    folds(mall, after)


def test_what_an_order_claims_is_free_for_itself_when_it_is_planned_anew():
    """EDIT-10"""
    mall = a_mall(hamburg=2, lyon=0)
    order = bought(mall.shop, ("TEA", 2))
    after = accepted(mall.shop.orders.edit(edit(order, ship_to=LYON_HOME)))
    assert after.sourcing is not None
    assert (after.sourcing.zone, [it.place for it in after.sourcing.parts], sum(held(mall, place_key("hamburg", "TEA")))) == ("FR", ["hamburg"], 2)
    folds(mall, after)


def test_a_plan_of_which_units_are_set_aside_stays_when_the_address_changes():
    """EDIT-10"""
    mall = a_mall(hamburg=5, lyon=5)
    order = bought(mall.shop, ("TEA", 2))
    accepted(mall.shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id)))
    accepted(mall.shop.shipping.ship(ShipOrder(key="ship", by=CLERK, order_id=order.id, units=((1, 1),))))
    after = accepted(mall.shop.orders.edit(edit(order, ship_to=LYON_HOME)))
    assert (after.ship_to.city, after.sourcing) == ("Lyon", order.sourcing)


def test_the_address_that_an_order_has_already_is_no_change_sealed_or_not():
    for ways in ({}, pytest.importorskip("tests.flows.vaulted").VAULTED):
        mall = Mall(MemoryStorage(KINDS), ways=ways)
        order = paid(mall.shop)
        home = accepted(mall.shop.orders.address(order.id))
        assert refused(mall.shop.orders.edit(edit(order, ship_to=home))) == "edit_changes_nothing"
        assert accepted(mall.shop.orders.edit(edit(order, LESS, key="less", ship_to=home))).ship_to == order.ship_to


def test_a_promotion_that_has_ended_stays_on_what_is_left_of_an_order_and_goes_back_with_what_is_not():
    """shopware#5854: a line is taken out of an order that was placed, when the promotion of its price has ended already."""
    mall = Mall(MemoryStorage(KINDS), ways={"promotions": (Promotion(id="ten", effects=(Percent(1_000),)),)})
    command = an_order()
    order = paid(mall.shop, evolve(command, tenders=(evolve(command.tenders[0], amount=4_450),)))
    assert [(it.discount, it.total) for it in order.lines] == [(200, 1_978), (250, 2_472)]
    mall.ways |= {"promotions": ()}
    mall.reopened()

    after = accepted(mall.shop.orders.edit(edit(order, ChangeQuantity(line_no=2, quantity=0))))
    assert ([(it.discount, it.owed) for it in after.lines], after.refunded, after.kept) == ([(200, 1_978), (250, 0)], 2_472, 1_978)
    after = accepted(mall.shop.orders.edit(edit(order, LESS, key="tea")))
    assert (after.owed, after.refunded) == (989, 3_461)
    folds(mall, after)


def test_what_edits_call_off_of_a_paid_order_is_credited_with_its_refund_and_what_is_swapped_is_not(mall: Mall):
    order = paid(mall.shop)
    accepted(mall.shop.orders.edit(edit(order, LESS)))
    accepted(mall.shop.orders.edit(edit(order, AddLine("CUP"), key="more", tenders=(card(2_500),))))
    accepted(mall.shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id)))
    accepted(mall.shop.orders.edit(edit(order, ChangeQuantity(line_no=3, quantity=0), AddLine("TEA", 1), key="swap")))
    after = accepted(mall.shop.orders.get(order.id))
    notes = accepted(mall.shop.payments.credit_notes(order.id))
    assert [(it.reason, it.refund, it.set_off, [(line.line_no, line.about, line.units) for line in it.lines]) for it in notes] == [
        ("edited", 1_089, 0, [(1, "goods", 1), (1, "shipping", 0)]),
        ("edited", 1_500, 0, [(3, "goods", 1)]),
    ]
    assert (after.refunded, after.kept) == (2_589, after.owed)


def test_an_edit_and_a_shipment_never_take_the_same_units(mall: Mall):
    order = paid(mall.shop)
    accepted(mall.shop.shipping.ship(ShipOrder(key="ship", by=CLERK, order_id=order.id)))
    assert refused(mall.shop.orders.edit(edit(order, LESS))) == "edit_units_left"
    assert accepted(mall.shop.orders.edit(edit(order, ship_to=GRAZ, key="far"))).ship_to == GRAZ
    accepted(mall.shop.shipping.dispatch(DispatchShipment(key="go", by=CLERK, order_id=order.id, shipment_id="s1")))
    assert refused(mall.shop.orders.edit(edit(order, ship_to=order.ship_to, key="near"))) == "edit_shipment_open"
