"""Two edits of one order at once, and an edit against whatever else may happen to it: no unit and no cent is counted twice, on each storage."""

from __future__ import annotations

from typing import Any

from shopwright import CancelOrder, Order, Refusal, ShipOrder, accepted
from shopwright.flows.commands import CapturePayment
from shopwright.inventory.keys import stock_key
from shopwright.orders.edit_changes import AddLine
from shopwright.orders.states import OrderState
from shopwright.ports.storage import Storage
from tests.flows.edited import LESS, card, edit
from tests.flows.mall import ANN, CLERK, Mall, an_order, paid
from tests.flows.stages import assert_legal
from tests.flows.test_case_races import Act, at_once, storage

__all__ = ["storage"]


def less(order: Order, key: str, **facts: Any) -> Act:
    """One tea less."""
    return lambda shop: shop.orders.edit(edit(order, LESS, key=key, **facts))


def codes(answers: list[Any]) -> list[str]:
    return sorted(it.code if isinstance(it, Refusal) else type(it).__name__ for it in answers)


def checked(mall: Mall, order: Order) -> Order:
    """The order as it is now: the sum of its history, with its money where the provider has it, and with as much of the stock as it claims."""
    after = accepted(mall.shop.orders.get(order.id))
    assert_legal(mall, after)
    claimed = dict(after.claim.items) if after.claim.state == "used" else {}
    for sku in ("TEA", "CUP"):
        assert mall.storage.quota([stock_key(sku)], at=mall.clock.now())[stock_key(sku)].used == claimed.get(stock_key(sku), 0)
    return after


def test_a_unit_is_called_off_once_however_many_edit_it_away(storage: Storage) -> None:
    mall = Mall(storage)
    order = paid(mall.shop)
    answers = at_once(mall, *[less(order, f"less-{n}") for n in range(4)])
    assert codes(answers) == ["Order", *["edit_changes_nothing"] * 3]
    after = checked(mall, order)
    assert (after.lines[0].buckets.canceled, after.refunded) == (1, 1_089)
    assert len(accepted(mall.shop.payments.credit_notes(order.id))) == 1


def test_of_two_edits_of_the_same_plan_one_is_done_and_the_other_is_planned_again(storage: Storage) -> None:
    """EDIT-3"""
    mall = Mall(storage)
    order = paid(mall.shop)
    more = edit(order, AddLine("CUP"), key="more", as_of=order.event_count, tenders=(card(2_500),))
    answers = at_once(mall, less(order, "less", as_of=order.event_count), lambda shop: shop.orders.edit(more))
    assert codes(answers) == ["Order", "edit_plan_stale"]
    checked(mall, order)


def test_units_are_called_off_or_set_aside_and_never_both(storage: Storage) -> None:
    """EDIT-1"""
    mall = Mall(storage)
    order = paid(mall.shop)
    answers = at_once(mall, less(order, "less"), lambda shop: shop.shipping.ship(ShipOrder(key="ship", by=CLERK, order_id=order.id)))
    tea = checked(mall, order).lines[0].buckets
    assert (codes(answers), tea.canceled, tea.allocated) in [(["Order", "Order"], 1, 1), (["Order", "edit_units_left"], 0, 2)]


def test_an_order_that_is_canceled_as_it_grows_gives_all_of_it_back(storage: Storage) -> None:
    mall = Mall(storage)
    order = paid(mall.shop)
    more = edit(order, AddLine("CUP"), key="more", tenders=(card(2_500),))
    cancel = CancelOrder(key="cancel", by=ANN, order_id=order.id)
    answers = at_once(mall, lambda shop: shop.orders.edit(more), lambda shop: shop.orders.cancel(cancel))
    assert codes(answers) in (["Order", "Order"], ["Order", "order_closed"])
    after = checked(mall, order)
    assert (after.state, after.paid, after.claim.state) == (OrderState.CANCELED, 0, "released")


def test_what_is_taken_and_what_is_called_off_come_to_what_is_owed(storage: Storage) -> None:
    """EDIT-4 EDIT-11"""
    mall = Mall(storage)
    order = paid(mall.shop, an_order(capture=False))
    take = CapturePayment(key="take", by=CLERK, order_id=order.id, payment_id="p1")
    answers = at_once(mall, less(order, "less"), lambda shop: shop.payments.capture(take))
    after = checked(mall, order)
    assert (codes(answers), after.owed) in [(["Order", "Order"], 3_811), (["Order", "edit_capture_open"], 4_900)]
    assert (after.kept, after.going_back) == (after.owed, 0)
