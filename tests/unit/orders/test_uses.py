"""What an order gives back once it is undone, decided on the order alone (ORDER-16)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from attrs import evolve

from shopwright.orders import give_back
from shopwright.orders.decision import Decision, decided
from shopwright.orders.events import Claim, ClaimReduced, ClaimState, RefundGranted, UnitsCanceled
from shopwright.orders.order import Order
from shopwright.orders.terms import ReturnUses, Terms
from shopwright.payments.payment import Payment
from shopwright.testing.builders import an_order

AT = datetime(2026, 3, 2, tzinfo=UTC)
STOCK = ("stock/TEA", 2)
ITEMS = (STOCK, ("coupon/SPRING", 1), ("promotion/five/budget/EUR", 500))


def an_undone(policy: ReturnUses = ReturnUses.REFUNDED, **facts: object) -> Order:
    """An order of which everything was paid and has gone back, and whose units were called off."""
    order = an_order(terms=Terms(return_uses=policy))
    total = order.total.minor
    payment: Payment = evolve(order.payments[0], captured=total, refunded=total)
    order = evolve(order, claim=Claim(ClaimState.USED, ITEMS), payments=(payment,), refund_granted=total)
    units = tuple((line.line_no, line.quantity) for line in order.lines)
    return evolve(decided(order, UnitsCanceled(units=units, at=AT)).order, **facts)


def of(order: Order) -> tuple[object, ...]:
    return give_back(Decision(order), at=AT).events


def test_everything_but_stock_is_given_back_once() -> None:
    decision = give_back(Decision(an_undone()), at=AT)

    assert decision.events == (ClaimReduced(items=(STOCK,), at=AT),)
    assert give_back(decision, at=AT) == decision


@pytest.mark.parametrize("state", [ClaimState.NONE, ClaimState.HELD, ClaimState.RELEASED])
def test_what_is_not_used_is_not_given_back(state: ClaimState) -> None:
    assert of(an_undone(claim=Claim(state, ITEMS))) == ()


def test_an_order_without_uses_changes_nothing() -> None:
    assert of(an_undone(claim=Claim(ClaimState.USED, (STOCK,)))) == ()


def test_by_the_policy_never_nothing_is_given_back() -> None:
    assert of(an_undone(ReturnUses.NEVER)) == ()


@pytest.mark.parametrize("policy", [ReturnUses.REFUNDED, ReturnUses.RETURNED])
def test_a_cent_that_has_not_gone_back_keeps_the_uses(policy: ReturnUses) -> None:
    order = an_undone(policy)
    (payment,) = order.payments

    assert of(evolve(order, payments=(evolve(payment, refunded=payment.captured - 1),))) == ()


def test_an_order_that_is_still_to_be_paid_keeps_its_uses() -> None:
    order = an_order(terms=Terms(return_uses=ReturnUses.REFUNDED))
    paid_a_part = evolve(order.payments[0], captured=100, refunded=100)
    standing = evolve(order, claim=Claim(ClaimState.USED, ITEMS), payments=(paid_a_part,))
    allowed = RefundGranted(amount=standing.owed, allowance=standing.owed, reason="sorry", by=standing.placed_by, at=AT)

    assert (of(standing), len(of(decided(standing, allowed).order))) == ((), 1)


def test_where_nothing_was_paid_the_money_alone_says_nothing_and_the_goods_do() -> None:
    def unpaid(policy: ReturnUses) -> Order:
        order = an_undone(policy)
        return evolve(order, payments=(evolve(order.payments[0], captured=0, refunded=0),), refund_granted=0)

    assert (of(unpaid(ReturnUses.REFUNDED)), len(of(unpaid(ReturnUses.RETURNED)))) == ((), 1)
