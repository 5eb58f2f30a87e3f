"""What orders count for tiers, told from their histories."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import evolve

from shopwright import CancelOrder, Money, RefundOrder, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import InvalidValue
from shopwright.loyalty.growth import CountWhen
from shopwright.loyalty.qualifying import Deed, Undone
from shopwright.orders.deeds import deeds_of, worth_of
from shopwright.orders.events import CancelReason
from shopwright.wire.kinds import KINDS
from tests.flows.mall import CLERK, Mall, an_order, paid, placed
from tests.flows.stages import STAGES

Facts = list[tuple[int, Deed | Undone]]


def facts(mall: Mall, upto: int | None = None, **more: object) -> Facts:
    (order,) = mall.orders()
    told = [it.value for it in mall.shop.orders.history(order.id)][:upto]
    return list(deeds_of(told, **{"currency": "EUR", "counts": CountWhen.CONFIRMED} | more))


def _refunded(mall: Mall) -> None:
    order = paid(mall.shop)
    for number, amount in enumerate((700, 1100, 3100)):
        accepted(mall.shop.payments.refund(RefundOrder(key=f"r{number}", by=CLERK, order_id=order.id, amount=Money(amount, "EUR"), reason="x")))


def _called_off(mall: Mall) -> None:
    order = paid(mall.shop)
    accepted(mall.shop.orders.cancel(CancelOrder(key="no", by=CLERK, order_id=order.id, reason=CancelReason.CUSTOMER)))


LIVES: dict[str, Callable[[Mall], object]] = {"refunded": _refunded, "called off": _called_off, **STAGES}


@pytest.mark.parametrize("counts", CountWhen)
@pytest.mark.parametrize("life", LIVES)
def test_a_longer_history_only_adds_facts_and_they_sum_to_what_the_order_is_worth(life: str, counts: CountWhen) -> None:  # DEEDS-1, DEEDS-2
    mall = Mall(MemoryStorage(KINDS))
    LIVES[life](mall)
    (order,) = mall.orders()
    whole = facts(mall, counts=counts)

    for upto in range(1, order.event_count + 1):
        assert facts(mall, upto, counts=counts) == [it for it in whole if it[0] <= upto]
    assert len({fact.id for _, fact in whole}) == len(whole)
    deeds = {fact.id: fact for _, fact in whole if isinstance(fact, Deed)}
    undone = [fact for _, fact in whole if isinstance(fact, Undone)]
    left = sum(it.spend for it in deeds.values()) - sum(it.spend for it in undone)
    assert left == (worth_of(order, promised=counts is CountWhen.CONFIRMED) if deeds else 0)
    for id, deed in deeds.items():
        assert sum(it.spend for it in undone if it.of == id) <= deed.spend
        assert sum(it.orders for it in undone if it.of == id) <= deed.orders


def test_an_order_counts_as_one_until_nothing_of_it_is_left() -> None:
    mall = Mall(MemoryStorage(KINDS))
    _refunded(mall)
    told = [fact for _, fact in facts(mall)]

    assert [(type(it).__name__, it.spend, it.orders) for it in told] == [
        ("Deed", 4900, 1),
        ("Undone", 700, 0),
        ("Undone", 1100, 0),
        ("Undone", 3100, 1),
    ]


def test_an_order_in_another_currency_is_an_order_and_no_money() -> None:
    mall = Mall(MemoryStorage(KINDS))
    paid(mall.shop)

    assert [(it.spend, it.orders) for _, it in facts(mall, currency="USD")] == [(0, 1)]


def test_what_was_paid_by_a_method_that_is_left_out_is_not_spent() -> None:
    mall = Mall(MemoryStorage(KINDS))
    paid(mall.shop, an_order(vouchers=(900,)))
    (order,) = mall.orders()

    assert worth_of(order, leave_out=("voucher",)) == worth_of(order) == 4000


def test_an_order_that_nobody_paid_counts_nothing() -> None:
    mall = Mall(MemoryStorage(KINDS))
    placed(mall.shop, evolve(an_order(), key="o1"))

    assert facts(mall) == []


def test_a_history_begins_with_the_order() -> None:
    mall = Mall(MemoryStorage(KINDS))
    paid(mall.shop)
    (order,) = mall.orders()
    told = [it.value for it in mall.shop.orders.history(order.id)][1:]

    with pytest.raises(InvalidValue, match="begins with OrderPlaced"):
        list(deeds_of(told, currency="EUR", counts=CountWhen.CONFIRMED))
