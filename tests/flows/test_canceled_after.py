"""Orders that are called off after something else has happened to them: each ends, its stock is given back once, and its money is exact."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shopwright import CancelOrder, DispatchShipment, Money, Order, RefundOrder, ShipOrder, accepted, standing
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.flows.commands import TakeBackShipment
from shopwright.orders import fold
from shopwright.payments.disputes import DisputeState
from shopwright.ports.storage import Storage
from shopwright.wire.kinds import KINDS
from tests.flows.disputes import hear_of_it
from tests.flows.given_back import back, come, sorry
from tests.flows.laws import check_notes
from tests.flows.mall import CLERK, Mall, paid
from tests.surroundings import peer

Life = Callable[[Mall], Order]


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


def _refunded_in_part(mall: Mall) -> Order:
    order = paid(mall.shop)
    return accepted(mall.shop.payments.refund(RefundOrder(key="some", by=CLERK, order_id=order.id, amount=Money(500, "EUR"), reason="a scratch")))


def _shipped_in_part(mall: Mall) -> Order:
    order = paid(mall.shop)
    accepted(mall.shop.shipping.ship(ShipOrder(key="ship", by=CLERK, order_id=order.id, units=((1, 1),))))
    return accepted(mall.shop.shipping.dispatch(DispatchShipment(key="go", by=CLERK, order_id=order.id, shipment_id="s1")))


def _charged_back(mall: Mall) -> Order:
    order = paid(mall.shop)
    mall.provider.charge_back(order.payments[0].reference)
    hear_of_it(mall, order)
    return order


def _lost(mall: Mall) -> Order:
    order = paid(mall.shop)
    mall.provider.open_dispute(order.payments[0].reference, Money(1_000, "EUR"))
    hear_of_it(mall, order)
    (payment,) = accepted(mall.shop.orders.get(order.id)).payments
    mall.provider.decide_dispute(payment.disputes[0].id, DisputeState.LOST)
    hear_of_it(mall, order)
    return order


def _given_back(mall: Mall) -> Order:
    order = come(mall)
    accepted(mall.shop.payments.refund_units(back(order, (1, 1))))
    return accepted(mall.shop.payments.give_goodwill(sorry(order)))


def _returned(mall: Mall) -> Order:
    order = come(mall)
    return accepted(mall.shop.shipping.take_back(TakeBackShipment(key="back", by=CLERK, order_id=order.id, shipment_id="s1")))


@pytest.mark.parametrize(
    ("life", "goods_out", "state", "money", "notes", "stock"),
    [
        pytest.param(_refunded_in_part, False, "canceled", (4_900, 0, 0), [500, 4_400], (10, 10), id="Sylius#12869: a part was refunded"),
        pytest.param(_shipped_in_part, False, "confirmed", (3_811, 1_089, 1_089), [3_811], (9, 10), id="a part was shipped"),
        pytest.param(_charged_back, False, "canceled", (0, 0, 0), [], (10, 10), id="all was charged back"),
        pytest.param(_lost, False, "canceled", (3_900, 0, 0), [3_900], (10, 10), id="a dispute was lost"),
        pytest.param(_given_back, True, "canceled", (4_900, 0, 0), [1_089, 500, 3_311], (8, 9), id="a unit and goodwill were given back"),
        pytest.param(_returned, True, "canceled", (4_900, 0, 0), [4_900], (8, 9), id="goods came back"),
    ],
)
def test_an_order_is_called_off_after_anything_and_money_and_stock_come_back_once(
    mall: Mall, life: Life, goods_out: bool, state: str, money: tuple[int, int, int], notes: list[int], stock: tuple[int, int]
) -> None:
    """ORDER-9, ORDER-12, REFUND-8"""
    order = life(mall)
    command = CancelOrder(key="cancel", by=CLERK, order_id=order.id, goods_out=goods_out)
    after = [accepted(mall.shop.orders.cancel(command)) for _ in range(2)][-1]
    quotas = mall.storage.quota(("stock/TEA", "stock/CUP"), at=mall.clock.now())

    assert fold(it.value for it in mall.shop.orders.history(order.id)) == after
    assert (after.state, after.refunded, after.paid, after.owed) == (state, *money)
    assert sum(it.amount.minor for it in mall.provider.refunds()) == after.refunded
    assert sorted(note.refund for note in accepted(mall.shop.payments.credit_notes(order.id))) == sorted(notes)
    assert (quotas["stock/TEA"].free, quotas["stock/CUP"].free) == stock
    assert (after.refund_outstanding, standing(after) != "refund_due") == (0, True)
    check_notes(mall.storage, (after,))
