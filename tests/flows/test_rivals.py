"""Two who act on one order at the same time: whoever is second decides again on what the first has left, and the order stays legal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from attrs import evolve

from shopwright import Money, Order, PayOrder, Product, PutProduct, Refusal, Shop, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.errors import IllegalTransition, InvalidValue, VersionConflict
from shopwright.flows import commands as c
from shopwright.flows.trying import TRIES
from shopwright.wire.kinds import KINDS
from tests.flows.mall import ANN, CLERK, Mall, an_order, placed
from tests.flows.pictures import picture
from tests.flows.stages import STAGES, assert_legal
from tests.flows.troubles import Interrupted
from tests.flows.verbs import COMMANDED, a_command

RACING = (
    *(c.PayOrder, c.CapturePayment, c.RefundOrder, c.RepayOrder, c.ConfirmOrder, c.HoldOrder, c.LiftHold, c.CancelOrder),
    *(c.ShipOrder, c.UnplanShipment, c.DispatchShipment, c.DeliverShipment, c.LoseShipment, c.CompleteOrder),
)
"""Commands that get in each other's way."""


def _act(mall: Mall, kind: type[c.OrderCommand], key: str) -> Any:
    """What becomes of a command, as a value: the order's state, a refusal's code or the name of an exception."""
    verb = next(verb for verb in COMMANDED if verb.command is kind)
    (order,) = mall.orders()
    try:
        answer = verb.of(mall.shop)(a_command(kind, order_id=order.id, key=key))
    except (IllegalTransition, InvalidValue) as error:
        return type(error).__name__
    return answer.code if isinstance(answer, Refusal) else "done"


def _in_turn(stage: str, *kinds: type[c.OrderCommand]) -> tuple[Any, ...]:
    """What becomes of commands that are sent one after the other, and the world then."""
    mall = Mall(MemoryStorage(KINDS))
    STAGES[stage](mall)
    return (*(_act(mall, kind, kind.__name__) for kind in kinds), picture(mall))


@pytest.mark.parametrize("stage", ["placed", "promised", "confirmed", "half shipped"])
@pytest.mark.parametrize("mine", RACING, ids=lambda kind: kind.__name__)
def test_who_is_second_ends_where_one_after_the_other_ends(mine: type[c.OrderCommand], stage: str) -> None:
    for other in (kind for kind in RACING if kind is not mine):
        storage = Interrupted(MemoryStorage(KINDS))
        mall, heard = Mall(storage), []  # type: ignore[arg-type, var-annotated]  # it answers as a storage does
        STAGES[stage](mall)
        storage.before_commit(1, partial(_rival, mall, other, heard))

        answer = _act(mall, mine, mine.__name__)
        if heard:
            assert (*heard, answer, picture(mall)) == _in_turn(stage, other, mine), other.__name__
        else:  # refused without a write, so that nobody could come in between
            assert (answer, picture(mall)) == _in_turn(stage, mine), other.__name__
        assert_legal(mall, mall.orders()[0])


def _rival(mall: Mall, kind: type[c.OrderCommand], heard: list[Any]) -> None:
    heard.append(_act(mall, kind, kind.__name__))


def test_who_always_meets_somebody_faster_is_told_after_some_tries_and_has_written_nothing() -> None:
    storage = Interrupted(MemoryStorage(KINDS))
    mall = Mall(storage)  # type: ignore[arg-type]  # it answers as a storage does
    order, notes = placed(mall.shop), count(1)

    def faster() -> None:
        number = next(notes)
        accepted(mall.shop.orders.note(c.NoteException(key=f"note-{number}", by=CLERK, order_id=order.id, code=f"seen_{number}")))

    storage.before_commit(1, faster, every=True)
    with pytest.raises(VersionConflict):
        mall.shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id))
    after = accepted(mall.shop.orders.get(order.id))
    assert (len(after.exceptions), after.payments, mall.provider.movements()) == (TRIES, order.payments, ())


def test_a_command_that_a_rival_has_sent_too_asks_its_gateway_once() -> None:
    storage = Interrupted(MemoryStorage(KINDS))
    mall = Mall(storage)  # type: ignore[arg-type]  # it answers as a storage does
    order = placed(mall.shop)
    mall.faults.heal()

    def pay() -> Order:
        return accepted(mall.shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id)))

    storage.before_commit(1, pay)
    assert pay().paid == 4900
    assert Counter(mall.faults.calls)["FakeGateway.start"] == 1


@pytest.fixture(params=["memory", "sqlite"])
def mall(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    storage = MemoryStorage(KINDS) if request.param == "memory" else SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KINDS, upgrade=True)
    yield Mall(storage)
    storage.close()


def _together(*acts: Callable[[], Any]) -> list[Any]:
    """What becomes of acts that begin at the same moment, each in a thread."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return act()
        except IllegalTransition as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_eight_who_pay_one_order_pay_it_once(mall: Mall) -> None:
    order = placed(mall.shop)

    def pay(key: str) -> Callable[[], Any]:
        return lambda: mall.shop.payments.pay(PayOrder(key=key, by=ANN, order_id=order.id))

    _together(*(pay(f"pay-{number % 4}") for number in range(8)))

    after = accepted(mall.shop.orders.get(order.id))
    assert (after.paid, [movement.kind for movement in mall.provider.movements()]) == (4900, ["captured"])
    assert_legal(mall, after)


def test_of_canceling_and_shipping_at_once_one_comes_first_and_both_end_well(mall: Mall) -> None:
    for number in range(3):
        order = placed(mall.shop, an_order(key=f"o{number}"))
        accepted(mall.shop.payments.pay(PayOrder(key=f"pay-{number}", by=ANN, order_id=order.id)))
        ship = evolve(a_command(c.ShipOrder, order_id=order.id, key=f"ship-{number}"), units=(), carrier="", wanted=None)
        cancel = a_command(c.CancelOrder, order_id=order.id, key=f"cancel-{number}")

        _together(lambda ship=ship: mall.shop.shipping.ship(ship), lambda cancel=cancel: mall.shop.orders.cancel(cancel))  # type: ignore[misc]

        after = accepted(mall.shop.orders.get(order.id))
        assert (after.state, after.paid, after.refunded) == ("canceled", 0, 4900)
        assert all(shipment.state == "canceled" for shipment in after.shipments)
        assert_legal(mall, after)


def test_an_order_that_somebody_keeps_changing_is_left_to_the_next_sweep_and_keeps_no_other_from_this_one() -> None:
    storage = Interrupted(MemoryStorage(KINDS))
    mall = Mall(storage)  # type: ignore[arg-type]  # it answers as a storage does
    busy, calm = placed(mall.shop), placed(mall.shop, an_order(key="o2"))
    mall.clock.advance(timedelta(hours=1))
    notes = count(1)

    def faster() -> None:
        if next(notes) <= TRIES:
            name = f"note-{storage.commits}"
            accepted(mall.shop.orders.note(c.NoteException(key=name, by=CLERK, order_id=busy.id, code=name)))

    storage.before_commit(1, faster, every=True)
    assert mall.shop.orders.sweep().expired == 1
    assert [accepted(mall.shop.orders.get(order.id)).state for order in (busy, calm)] == ["placed", "canceled"]
    assert mall.shop.orders.sweep().expired == 1


def test_of_two_who_change_a_product_the_one_who_writes_last_decides(mall: Mall) -> None:
    storage = Interrupted(mall.storage)
    shop = Shop(storage, clock=mall.clock)  # type: ignore[arg-type]  # it answers as a storage does

    def put(key: str, title: str) -> Product:
        product = Product(sku="TEA", title=title, seller_id="house", prices=(Money(1000, "EUR"),))
        return accepted(shop.goods.put(PutProduct(key=key, by=CLERK, product=product)))

    storage.before_commit(1, lambda: put("theirs", "Theirs"))
    assert put("mine", "Mine").title == "Mine"
    assert storage.load(Product, "TEA").value.title == "Mine"
    puts = count(1)
    storage.before_commit(1, lambda: put(f"faster-{next(puts)}", "Faster"), every=True)
    with pytest.raises(VersionConflict):
        put("again", "Again")
    assert storage.load(Product, "TEA").value.title == "Faster"


def test_of_two_workers_of_one_consumer_both_deliver_and_the_position_is_kept_once(mall: Mall) -> None:
    placed(mall.shop)
    storage, seen = Interrupted(mall.storage), []  # type: ignore[var-annotated]
    shop = Shop(storage, clock=mall.clock)  # type: ignore[arg-type]  # it answers as a storage does
    storage.before_commit(1, lambda: shop.events.relay("mailer", lambda events: seen.append(len(events)), limit=1))

    assert shop.events.relay("mailer", lambda events: seen.append(len(events)), limit=1) == 1
    assert seen == [1, 1]
    assert shop.events.relay("mailer", lambda events: seen.append(len(events))) == 0
