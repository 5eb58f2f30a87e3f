"""Credit notes at a shop: whatever gives charged money back issues one in the same write, in the series of the order, once and without a gap."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shopwright import CancelOrder, Money, Order, RefundOrder, Terms, accepted
from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows.commands import RejectOrder, TakeBackShipment
from shopwright.flows.credit.commands import RefundAsCredit
from shopwright.orders.credit_notes import CreditNote
from shopwright.payments.operations import OperationKey
from shopwright.payments.requests import RefundPart
from shopwright.wire.kinds import KINDS
from tests.flows.credited import CREDITED, send
from tests.flows.disputes import hear_of_it
from tests.flows.given_back import back, come, sorry
from tests.flows.laws import check_notes
from tests.flows.mall import CLERK, REVIEWED, Mall, an_order, paid, placed

Deed = Callable[[Mall, Order], Any]


def a_mall(terms: Terms | None = None) -> Mall:
    """A mall that keeps store credit."""
    return Mall(MemoryStorage(KINDS), terms=terms, ways=CREDITED)


def notes_of(mall: Mall, order: Order) -> tuple[CreditNote, ...]:
    """The credit notes of an order."""
    return accepted(mall.shop.payments.credit_notes(order.id))


def _refund(mall: Mall, order: Order, amount: int = 500) -> Any:
    money = Money(amount, "EUR")
    return mall.shop.payments.refund(RefundOrder(key=f"refund-{order.id}", by=CLERK, order_id=order.id, amount=money, reason="a scratch"))


def _cancel(mall: Mall, order: Order) -> Any:
    return mall.shop.orders.cancel(CancelOrder(key=f"cancel-{order.id}", by=CLERK, order_id=order.id))


def _reject(mall: Mall, order: Order) -> Any:
    return mall.shop.orders.reject(RejectOrder(key="reject", by=CLERK, order_id=order.id))


def _as_credit(mall: Mall, order: Order) -> Any:
    return send(mall, RefundAsCredit, f"credit-{order.id}", order_id=order.id)


def _unasked(mall: Mall, order: Order) -> Any:
    """Somebody gives money back at the provider's own desk."""
    money = Money(700, "EUR")
    part = RefundPart(key=OperationKey("by_hand"), payment=order.payments[0].reference, amount=money, of_total=order.total)
    FakeGateway(provider=mall.provider).refund(part)
    return hear_of_it(mall, order)


@pytest.mark.parametrize(
    ("deed", "amount", "reason", "terms"),
    [
        (_refund, 500, "a scratch", None),
        (_cancel, 4_900, "canceled: customer", None),
        (_reject, 4_900, "canceled: rejected", REVIEWED),
        (_as_credit, 900, "repaid", None),
        (_unasked, 700, "provider", None),
    ],
)
def test_whatever_gives_charged_money_back_has_its_note_and_the_same_again_has_no_other(
    deed: Deed, amount: int, reason: str, terms: Terms | None
) -> None:
    """REFUND-8"""
    mall = a_mall(terms)
    order = paid(mall.shop)
    for _ in range(2):
        deed(mall, order)
    (note,) = notes_of(mall, order)

    assert (note.number, note.gross, note.refund, note.reason) == ("CN-000001", amount, amount, reason)
    assert accepted(mall.shop.orders.get(order.id)).refunded == amount


def test_what_is_promised_and_given_up_has_no_note() -> None:
    """REFUND-8"""
    mall = a_mall()
    order = paid(mall.shop, an_order(capture=False))
    after = accepted(_cancel(mall, order))

    assert (after.payments[0].voided, notes_of(mall, order)) == (4_900, ())


def test_what_a_bank_takes_back_has_no_note() -> None:
    """REFUND-8"""
    mall = a_mall()
    order = paid(mall.shop)
    mall.provider.charge_back(order.payments[0].reference)
    hear_of_it(mall, order)
    after = accepted(_cancel(mall, order))

    assert (after.state, after.paid, after.refund_granted, notes_of(mall, order)) == ("canceled", 0, 0, ())


def test_goods_that_nobody_took_are_credited_when_their_money_goes_back() -> None:
    """REFUND-8"""
    mall = a_mall()
    order = come(mall)
    order = accepted(mall.shop.shipping.take_back(TakeBackShipment(key="back", by=CLERK, order_id=order.id, shipment_id="s1")))
    assert notes_of(mall, order) == ()

    _refund(mall, order, order.surplus)
    (note,) = notes_of(mall, order)
    assert [(it.sku, it.about, it.units, it.gross) for it in note.lines] == [
        ("TEA", "goods", 2, 2_000),
        ("TEA", "shipping", 0, 178),
        ("CUP", "goods", 1, 2_500),
        ("CUP", "shipping", 0, 222),
    ]


def test_notes_are_in_the_series_of_the_terms_that_the_order_was_placed_under() -> None:
    """REFUND-6"""
    mall = a_mall(Terms(credit_series="DE"))
    first = come(mall)
    mall.terms = Terms(credit_series="FR")
    mall.reopened()
    accepted(mall.shop.payments.refund_units(back(first, (1, 1))))
    accepted(mall.shop.payments.give_goodwill(sorry(first)))
    accepted(mall.shop.payments.refund_units(back(first, (1, 1), key="more", series="OWN")))
    _cancel(mall, second := paid(mall.shop, an_order(key="o2")))

    assert [[note.number for note in notes_of(mall, it)] for it in (first, second)] == [["DE-000001", "DE-000002", "OWN-000001"], ["FR-000001"]]


def test_a_shop_whose_notes_another_system_issues_has_none() -> None:
    mall = a_mall(Terms(credit_series=None))
    order = paid(mall.shop)
    _refund(mall, order)
    _cancel(mall, order)

    assert notes_of(mall, order) == ()


def test_refunds_and_cancellations_at_once_never_share_a_number() -> None:
    """REFUND-6"""
    mall = a_mall()
    found = [paid(mall.shop, an_order(key=f"o{n}")) for n in range(4)]
    deeds: list[Deed] = [_refund, _cancel, _as_credit, _refund]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda it: it[0](mall, it[1]), zip(deeds, found, strict=True)))

    assert sorted(note.number for order in found for note in notes_of(mall, order)) == [f"CN-{n:06d}" for n in range(1, 5)]
    check_notes(mall.storage, mall.orders())


def test_an_order_that_nobody_paid_in_time_takes_no_number() -> None:
    mall = a_mall()
    order = placed(mall.shop)
    mall.clock.advance(Terms().payment_window)
    mall.shop.orders.sweep()

    assert (accepted(mall.shop.orders.get(order.id)).state, notes_of(mall, order)) == ("canceled", ())
