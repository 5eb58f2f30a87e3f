"""Money moved and the shop could not write that down: the error says which, and recovery ends it with one movement, whatever was asked."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shopwright import CapturePayment, Money, Order, PayOrder, RefundOrder, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import Outage, StorageFull, StorageUnavailable, VersionConflict
from shopwright.flows.commands import RefreshPayments
from shopwright.payments.errors import ReconciliationRequired
from shopwright.ports.storage import Changeset, Committed
from shopwright.refusals import Refusal
from shopwright.wire.kinds import KINDS
from tests.flows.mall import ANN, CLERK, Mall, an_order, paid, placed


class Failing(MemoryStorage):
    """A storage whose commits fail from a number on, until it is mended."""

    left: int | None = None
    error: type[Exception] = StorageUnavailable

    def commit(self, change: Changeset) -> Committed | Refusal:
        """Write it, while there are commits left."""
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise self.error("the disk is gone")
        return super().commit(change)


def _charge(mall: Mall) -> Callable[[], Any]:
    order = placed(mall.shop)
    return lambda: mall.shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id))


def _authorize(mall: Mall) -> Callable[[], Any]:
    order = placed(mall.shop, an_order(capture=False))
    return lambda: mall.shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id))


def _capture(mall: Mall) -> Callable[[], Any]:
    order = paid(mall.shop, an_order(capture=False))
    return lambda: mall.shop.payments.capture(CapturePayment(key="take", by=CLERK, order_id=order.id, payment_id="p1"))


def _refund(mall: Mall) -> Callable[[], Any]:
    order = paid(mall.shop)
    sorry = RefundOrder(key="sorry", by=CLERK, order_id=order.id, amount=Money(700, "EUR"), reason="a chip")
    return lambda: mall.shop.payments.refund(sorry)


DEEDS = {
    "charge": (_charge, "start", 4900),
    "authorize": (_authorize, "start", 4900),
    "capture": (_capture, "capture", 4900),
    "refund": (_refund, "refund", 700),
}


@pytest.mark.parametrize("error", [StorageUnavailable, StorageFull, VersionConflict])
@pytest.mark.parametrize("deed", sorted(DEEDS))
def test_money_that_moved_and_could_not_be_written_is_told_with_all_that_finds_it_and_then_recovered(deed: str, error: type[Exception]) -> None:
    """RECOVER-1"""
    prepare, verb, amount = DEEDS[deed]
    storage = Failing(KINDS)
    mall = Mall(storage)
    act = prepare(mall)
    before, moved = mall.orders()[0], len(mall.provider.movements())
    storage.left, storage.error = (2 if deed == "refund" else 1), error  # a refund is granted first

    with pytest.raises(ReconciliationRequired) as told:
        act()

    payment = before.payments[0]
    key = f"{before.id}_{before.attempts + 1}"
    reference = payment.reference or "fp_000001"
    found = told.value
    assert (found.order_id, found.payment_id, found.verb, found.key) == (before.id, "p1", verb, key)
    assert (found.gateway, found.reference, found.at_stake, found.why) == ("fake", reference, Money(amount, "EUR"), str(found.__cause__))
    assert isinstance(found, Outage)
    assert isinstance(found.__cause__, error)
    assert all(word in str(found) for word in (key, "fake", reference, str(Money(amount, "EUR")), "do not ask for it anew", "refresh"))
    assert len(mall.provider.movements()) == moved + 1

    storage.left = None
    again = pickle.loads(pickle.dumps(found))
    assert (str(again), again.at_stake) == (str(found), found.at_stake)
    _demand_recovered(mall, moved + 1)


def _demand_recovered(mall: Mall, movements: int) -> None:
    mall.clock.advance(timedelta(minutes=5))
    assert mall.shop.orders.sweep().recovered == 1
    order = mall.orders()[0]
    truth = mall.provider.totals(order.payments[0].reference)
    payment = order.payments[0]
    assert (payment.authorized, payment.captured, payment.refunded) == (truth.authorized.minor, truth.captured.minor, truth.refunded.minor)
    assert (order.open_attempts, len(mall.provider.movements())) == ((), movements)


@pytest.mark.parametrize("way", ["the same command again", "refresh"])
def test_the_same_command_or_a_refresh_ends_it_too(way: str) -> None:
    storage = Failing(KINDS)
    mall = Mall(storage)
    act = _charge(mall)
    storage.left = 1
    with pytest.raises(ReconciliationRequired):
        act()
    storage.left = None

    order: Order = mall.orders()[0]
    after = act() if way != "refresh" else mall.shop.payments.refresh(RefreshPayments(key="look", by=ANN, order_id=order.id))

    assert (accepted(after).state, accepted(after).paid, len(mall.provider.charges())) == ("confirmed", 4900, 1)


def test_an_answer_by_which_no_money_moved_is_an_outage_of_the_storage_alone() -> None:
    storage = Failing(KINDS)
    mall = Mall(storage)
    order = placed(mall.shop, an_order(token="tok_declined"))
    storage.left = 1

    with pytest.raises(StorageUnavailable):
        mall.shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id))
