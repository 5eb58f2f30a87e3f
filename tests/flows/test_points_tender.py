"""Orders that are paid with points: held, taken and given back as money is, from the buyer's account alone, and never twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from attrs import evolve

from shopwright import CancelOrder, Money, Order, PayOrder, RefundOrder, Shop, Terms, accepted, customer
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.points import PointsGateway
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.errors import InvalidValue, KeyConflict, StorageBusy, StorageUnavailable
from shopwright.flows import commands as c
from shopwright.flows.points.commands import MergePoints
from shopwright.loyalty.payments import PointsOperation, PointsPayment, PointsVerb
from shopwright.loyalty.tendering import PointsTender
from shopwright.orders.terms import CaptureWhen
from shopwright.payments.errors import Indeterminate, InvalidRequest, InvalidState, NotFound, NotSent, Throttled, Unsupported
from shopwright.payments.notifications import RawNotification
from shopwright.payments.operations import Flow, OperationKey
from shopwright.payments.outcomes import Declined, Done
from shopwright.payments.payment import Tender
from shopwright.payments.requests import StartPayment
from shopwright.payments.states import PaymentState
from shopwright.ports.storage import Storage
from shopwright.wire.kinds import KINDS
from tests.flows.mall import ANN, CLERK, START, Mall, paid, placed, stock
from tests.flows.paying_points import ANNS, PAYING, PROGRAM, a_mall, account, balance, mixed, paid_with_points, with_points
from tests.flows.processes import Opener, opener, race

TWENTY = Money(2_000, "EUR")


def gateway(mall: Mall) -> Any:
    """The points gateway of a mall."""
    return mall.shop.ports.gateway("points")


def refunded(mall: Mall, order: Order, amount: int, key: str = "back") -> Order:
    """Some money went back."""
    return accepted(mall.shop.payments.refund(RefundOrder(key=key, by=CLERK, order_id=order.id, amount=Money(amount, "EUR"), reason="back")))


def start(key: str = "payment_1", **facts: Any) -> StartPayment:
    """A payment of 20.00 in points."""
    plain = {"amount": TWENTY, "description": "x", "flow": Flow.TOKEN, "source_token": ANNS, "at": START}
    return StartPayment(**{**plain, "key": OperationKey(key), **facts})


def test_points_that_pay_are_taken_when_the_order_is_paid():
    mall = a_mall()
    order = paid_with_points(mall)

    assert [(it.state, it.captured) for it in order.payments] == [(PaymentState.CAPTURED, 2_000), (PaymentState.CAPTURED, 2_900)]
    assert (order.state.value, balance(mall).available) == ("confirmed", 100)


def test_points_that_are_only_promised_are_held_and_taken_with_the_goods_on_their_way():
    mall = a_mall()
    mall.terms = Terms(capture=CaptureWhen.ON_DISPATCH)
    mall.reopened()
    with_points(mall)
    order = paid(mall.shop, mixed(capture=False))
    assert (balance(mall).available, balance(mall).held) == (100, 200)

    accepted(mall.shop.shipping.ship(c.ShipOrder(key="ship", by=CLERK, order_id=order.id)))
    accepted(mall.shop.shipping.dispatch(c.DispatchShipment(key="out", by=CLERK, order_id=order.id, shipment_id="s1")))
    assert (balance(mall).available, balance(mall).held) == (100, 0)


def test_an_order_that_is_canceled_gives_held_points_free():
    mall = a_mall()
    with_points(mall)
    order = paid(mall.shop, mixed(capture=False))
    accepted(mall.shop.orders.cancel(CancelOrder(key="cancel", by=ANN, order_id=order.id)))

    assert (balance(mall).available, balance(mall).held) == (300, 0)


def test_too_few_points_are_a_decline_and_another_tender_takes_their_place():
    mall = a_mall()
    with_points(mall, 100)
    order = paid(mall.shop, mixed())
    assert [it.state for it in order.payments] == [PaymentState.DECLINED, PaymentState.CAPTURED]

    card = Tender(method="card", amount=2_000, gateway="fake", source="tok_ok")
    accepted(mall.shop.payments.add(c.AddPayment(key="card", by=ANN, order_id=order.id, tenders=(card,), replaces=("p1",))))
    after = accepted(mall.shop.payments.pay(PayOrder(key="again", by=ANN, order_id=order.id)))
    assert (after.state.value, after.points.granted, balance(mall).available) == ("confirmed", 45, 100)


def test_without_a_source_the_account_of_the_buyer_pays():
    mall = a_mall()
    with_points(mall)
    paid(mall.shop, mixed(source=""))

    assert balance(mall).available == 100


def test_somebody_elses_account_is_declined_though_nobody_looked_when_the_order_was_placed():
    mall = a_mall()
    with_points(mall, member="bob")
    outcome = gateway(mall).start(start(source_token="points/bob", buyer=(("id", "ann"),)))

    assert isinstance(outcome, Declined)
    assert (outcome.raw_code, balance(mall, "points/bob").available) == ("account_not_yours", 300)


def test_a_decline_stays_one_for_its_key_though_there_are_points_now():
    mall = a_mall()
    first = gateway(mall).start(start())
    with_points(mall)

    assert isinstance(first, Declined)
    assert (gateway(mall).start(start()), gateway(mall).query(key=OperationKey("payment_1"))) == (first, first)
    assert isinstance(gateway(mall).start(start("payment_2")), Done)


def test_points_come_back_to_the_lots_they_came_from_with_the_time_those_have():
    mall = a_mall()
    with_points(mall, 150, lot="soon", expires_at=START + timedelta(days=10))
    with_points(mall, 150, lot="never")
    order = paid(mall.shop, mixed())
    accepted(mall.shop.orders.cancel(CancelOrder(key="cancel", by=ANN, order_id=order.id)))
    assert sorted((lot.id, lot.points) for lot in account(mall).lots) == [("ann-never", 150), ("ann-soon", 150)]

    mall.clock.advance(timedelta(days=10))
    assert balance(mall).available == 150


@pytest.mark.parametrize(("reinstate", "available"), [(None, 100), (timedelta(days=7), 300)])
def test_points_that_lapsed_meanwhile_come_back_as_the_program_says(reinstate, available):
    mall = a_mall(evolve(PAYING, tender=evolve(PAYING.tender, reinstate=reinstate)))
    with_points(mall, 200, lot="soon", expires_at=START + timedelta(days=10))
    with_points(mall, 100, lot="never")
    order = paid(mall.shop, mixed())
    mall.clock.advance(timedelta(days=11))
    accepted(mall.shop.orders.cancel(CancelOrder(key="cancel", by=ANN, order_id=order.id)))

    assert balance(mall).available == available


@pytest.mark.parametrize(
    ("terms", "points_last", "went"),
    [
        (Terms(), False, [0, 1_005]),
        (Terms(), True, [1_000, 5]),
        (Terms(refund_first=("points",)), False, [1_000, 5]),
        (Terms(refund_last=("points",)), True, [0, 1_005]),
    ],
)
def test_the_terms_say_what_goes_back_first_and_what_is_no_whole_point_goes_back_as_money(terms, points_last, went):  # ORDER-17
    mall = a_mall()
    mall.terms = terms
    mall.reopened()
    with_points(mall)
    order = refunded(mall, paid(mall.shop, mixed(points_last=points_last)), 1_005)

    by_method = {it.tender.method: it.refunded for it in order.payments}
    assert [by_method["points"], by_method["card"]] == went


def test_what_is_no_whole_point_of_an_order_paid_with_points_alone_stays_until_the_rest_goes_back():  # ORDER-17
    mall = a_mall()
    with_points(mall, 490)
    order = paid(mall.shop, mixed(4_900))
    part = refunded(mall, order, 1_005)
    assert (part.refunded, part.refund_outstanding, balance(mall).available) == (1_000, 5, 100)

    assert refunded(mall, part, 3_895, key="rest").refunded == 4_900
    assert balance(mall).available == 490


def test_a_rate_that_changes_leaves_what_was_paid_as_it_was():  # PAY-7
    mall = a_mall()
    order = paid_with_points(mall)
    mall.ways = {"loyalty": evolve(PAYING, tender=PointsTender(points=7, worth=50))}
    mall.reopened()
    accepted(mall.shop.orders.cancel(CancelOrder(key="cancel", by=ANN, order_id=order.id)))

    assert balance(mall).available == 300


def test_a_key_stands_for_one_operation_and_its_parameters():  # PAY-7
    asked = PointsOperation(key="k", verb=PointsVerb.REFUND, amount=10, at=START)
    payment = PointsPayment(id="p", account_id=ANNS, currency="EUR", amount=100, rate=(1, 10), captured=100, done=(asked,))

    assert payment.operation("k", PointsVerb.REFUND, 10) == asked
    assert payment.operation("other", PointsVerb.REFUND, 10) is None
    for verb, amount in ((PointsVerb.REFUND, 20), (PointsVerb.VOID, None)):
        with pytest.raises(KeyConflict, match="the key k stands for refund of 10"):
            payment.operation("k", verb, amount)


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (lambda it: it.start(start(source_token=None)), InvalidRequest),
        (lambda it: it.start(start(source_token="ann")), InvalidRequest),
        (lambda it: it.start(start(amount=Money(2_005, "EUR"))), InvalidRequest),
        (lambda it: it.start(start(amount=Money(2_000, "USD"))), Unsupported),
        (lambda it: it.query(), InvalidRequest),
        (lambda it: it.query(reference="nobody"), NotFound),
        (lambda it: it.capture(OperationKey("capture_1"), "payment_0", Money(-10, "EUR")), InvalidRequest),
        (lambda it: it.capture(OperationKey("capture_1"), "payment_0", Money(10, "USD")), Unsupported),
        (lambda it: it.capture(OperationKey("capture_1"), "payment_0", Money(15, "EUR")), InvalidRequest),
        (lambda it: it.capture(OperationKey("capture_1"), "payment_0", Money(10, "EUR"), final=False), Unsupported),
        (lambda it: it.query_refund("payment_0", OperationKey("refund_1")), NotFound),
        (lambda it: it.parse_notification(RawNotification(headers=(), body=b"{}", received_at=START)), Unsupported),
    ],
)
def test_what_makes_no_sense_is_told_and_moves_nothing(act, error):
    mall = a_mall()
    with_points(mall)
    gateway(mall).start(start("payment_0", capture=False))
    with pytest.raises(error):
        act(gateway(mall))
    assert (balance(mall).available, balance(mall).held) == (100, 200)


def test_held_points_that_lapsed_are_not_taken_and_can_still_be_given_up():
    mall = a_mall(evolve(PAYING, tender=evolve(PAYING.tender, hold_for=timedelta(days=1))))
    with_points(mall)
    held = gateway(mall).start(start(capture=False))
    mall.clock.advance(timedelta(days=2))
    with pytest.raises(InvalidState):
        gateway(mall).capture(OperationKey("capture_1"), held.reference, TWENTY)

    assert gateway(mall).void(OperationKey("void_01"), held.reference).totals.voided == TWENTY
    assert balance(mall).available == 300


class Silent(MemoryStorage):
    """A storage that fails where it is told."""

    def __init__(self, error: Exception, *, at: str) -> None:
        super().__init__(KINDS)
        self.error: Exception | None = None
        self.told, self.at = error, at

    def load_each(self, wanted: Any) -> Any:
        if self.error is not None and self.at == "load":
            raise self.error
        return super().load_each(wanted)

    def commit(self, change: Any) -> Any:
        if self.error is not None and self.at == "commit":
            raise self.error
        return super().commit(change)


@pytest.mark.parametrize(
    ("error", "at", "raised"),
    [
        (StorageUnavailable("gone"), "load", NotSent),
        (StorageUnavailable("gone"), "commit", Indeterminate),
        (StorageBusy("busy"), "load", Throttled),
        (StorageBusy("busy"), "commit", Throttled),
    ],
)
def test_a_storage_that_fails_is_an_outage_of_the_gateway(error, at, raised):
    storage = Silent(error, at=at)
    mall = a_mall(storage=storage)
    with_points(mall)
    storage.error = storage.told
    with pytest.raises(raised):
        gateway(mall).start(start())


def test_a_program_that_takes_no_points_has_no_gateway():
    mall = a_mall(PROGRAM)
    assert "points" not in mall.shop.ports.gateways
    with pytest.raises(InvalidValue, match="with a tender"):
        PointsGateway(mall.shop.ports, PROGRAM, clock=mall.clock)


def _paid_at_once(mall: Mall, orders: list[Order]) -> list[Order]:
    gates = Barrier(len(orders))

    def pay(order: Order) -> Order:
        gates.wait()
        return accepted(mall.shop.payments.pay(PayOrder(key=f"pay-{order.id}", by=ANN, order_id=order.id)))

    with ThreadPoolExecutor(len(orders)) as pool:
        return list(pool.map(pay, orders))


@pytest.mark.parametrize("where", ["memory", "sqlite"])
def test_of_orders_that_are_paid_at_once_with_the_same_points_some_are_and_the_others_are_declined(where, tmp_path: Path):
    storage: Storage = MemoryStorage(KINDS) if where == "memory" else SqliteStorage.open(tmp_path / "shop.sqlite", kinds=KINDS, upgrade=True)
    mall = a_mall(storage=storage)
    with_points(mall, 450)
    states = [order.payments[0].state for order in _paid_at_once(mall, [placed(mall.shop, mixed(key=f"o{n}")) for n in range(5)])]

    assert sorted(state.value for state in states) == ["captured"] * 2 + ["declined"] * 3
    assert balance(mall).available == 50
    storage.close()


def _pay_in_a_process(open_storage: Opener, order_ids: tuple[str, ...], number: int, ready: Any) -> None:
    storage = open_storage()
    mall = Mall(storage, ways={"loyalty": PAYING})
    ready.wait()
    answer = mall.shop.payments.pay(PayOrder(key=f"pay-{number}", by=ANN, order_id=order_ids[number]))
    assert isinstance(answer, Order)
    storage.close()


@pytest.mark.parametrize("where", ["sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def test_two_processes_never_spend_the_same_points_on_two_orders(where, tmp_path: Path, request: pytest.FixtureRequest):
    open_storage = opener(where, tmp_path, request)
    storage = open_storage()
    mall = a_mall(storage=storage)
    with_points(mall, 250)
    orders = [placed(mall.shop, mixed(key=f"o{n}")) for n in range(2)]
    race(_pay_in_a_process, 2, open_storage, tuple(order.id for order in orders))
    after = [accepted(mall.shop.orders.get(order.id)).payments[0].state for order in orders]

    assert sorted(state.value for state in after) == ["captured", "declined"]
    assert balance(mall).available == 50
    storage.close()


def test_a_shop_that_is_opened_at_a_url_takes_points(tmp_path: Path):
    shop = Shop.open(f"sqlite:///{tmp_path / 'mall.sqlite'}", loyalty=PAYING)
    stock(shop)
    assert shop.ports.gateway("points").capabilities.step("EUR") == 10
    shop.close()


def test_points_of_a_guest_who_became_a_member_follow_their_orders():
    mall = a_mall()
    with_points(mall, 300, member="guest")
    command = evolve(mixed(source="points/guest"), buyer_id="guest", by=customer("guest"))
    order = accepted(mall.shop.payments.pay(PayOrder(key="pay", by=customer("guest"), order_id=placed(mall.shop, command).id)))
    accepted(mall.shop.points.merge(MergePoints(key="merge", by=CLERK, member_id="guest", into_member_id="ann")))
    while mall.shop.loyalty.follow():
        pass
    assert (balance(mall).available, balance(mall).pending) == (100, 25)

    accepted(mall.shop.orders.cancel(CancelOrder(key="cancel", by=CLERK, order_id=order.id)))
    while mall.shop.loyalty.follow():
        pass
    assert (balance(mall).available, balance(mall).pending) == (300, 0)
