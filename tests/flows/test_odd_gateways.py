"""Gateways and carriers that can do little, fail oddly, or are no longer there: money moves once or not at all, and nothing is guessed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from shopwright import CancelOrder, Money, Order, PayOrder, RecordPayment, RefundOrder, ShipOrder, Shop, Via, accepted
from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.adapters.flat_rate import FlatRate
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import InvalidValue
from shopwright.flows import commands as c
from shopwright.orders import standings
from shopwright.orders.recovering import PATIENCE
from shopwright.payments.errors import GatewayKeyConflict, Misconfigured
from shopwright.payments.notifications import Ack, EventKind, GatewayEvent, Notification
from shopwright.payments.operations import Flow, OperationKey
from shopwright.payments.outcomes import ActionRequired, InProgress, Totals
from shopwright.ports.carrier import TrackNotification
from shopwright.ports.quotas import Reserve
from shopwright.ports.storage import Changeset, Operation, Query, Stored
from shopwright.shipping.tracking import Track, TrackEvent, TrackStatus
from shopwright.testing.ids import SeededIds
from shopwright.wire.kinds import KINDS, LooseMoney
from tests.flows.bad_cases import a_notification
from tests.flows.mall import ANN, CLERK, WANTED, Mall, an_order, paid, placed
from tests.flows.pictures import picture


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS))


def opened(mall: Mall, *gateways: Any, carriers: tuple[Any, ...] = ()) -> Shop:
    """The shop again, with these gateways and carriers alone."""
    mall.shop = Shop(mall.storage, gateways=gateways, carriers=carriers, clock=mall.clock, ids=SeededIds(99), terms=mall.terms)
    return mall.shop


def pay(mall: Mall, order: Order, key: str = "pay") -> Order:
    return accepted(mall.shop.payments.pay(PayOrder(key=key, by=ANN, order_id=order.id)))


def refresh(mall: Mall, order: Order) -> Order:
    return accepted(mall.shop.payments.refresh(c.RefreshPayments(key="look", by=ANN, order_id=order.id)))


def charges(mall: Mall) -> list[int]:
    return [movement.amount.minor for movement in mall.provider.charges()]


# What a gateway can do.


@pytest.mark.parametrize("token", ["tok_lost_applied", "tok_lost_not_applied"])
def test_a_gateway_that_is_not_asked_by_key_is_told_twice_if_it_honors_keys(mall: Mall, token: str) -> None:
    mall.provider.capabilities = evolve(mall.provider.capabilities, queries_by_key=False)

    order = paid(mall.shop, an_order(token=token))

    assert (order.state, order.paid, charges(mall)) == ("confirmed", 4900, [4900])
    assert "FakeGateway.query" not in mall.faults.calls


@pytest.mark.parametrize("able", [{"honors_keys": False}, {"idempotency_ttl": timedelta(minutes=5)}])
def test_a_question_that_can_neither_be_looked_up_nor_put_again_stays_open_until_the_provider_tells(mall: Mall, able: dict[str, Any]) -> None:
    mall.provider.capabilities = evolve(mall.provider.capabilities, queries_by_key=False, **able)
    mall.provider.script("start", *["lost_applied"] * 3)
    order = paid(mall.shop)
    asked = mall.faults.calls.count("FakeGateway.start")
    mall.clock.advance(timedelta(hours=1))

    for _ in range(3):
        assert standings(refresh(mall, order)).payment == "unanswered"
    assert mall.shop.orders.sweep().expired == 0
    assert (charges(mall), mall.faults.calls.count("FakeGateway.start")) == ([4900], asked)

    for raw in mall.provider.notifications():
        assert mall.shop.payments.receive("fake", raw).status == 200
    assert accepted(mall.shop.orders.get(order.id)).paid == 4900
    picture(mall)


def test_a_capture_that_cannot_be_looked_up_by_its_key_is_looked_up_by_its_payment(mall: Mall) -> None:
    mall.provider.capabilities = evolve(mall.provider.capabilities, queries_by_key=False, honors_keys=False)
    order = paid(mall.shop, an_order(token="tok_ok+capture_lost_applied", capture=False))

    asked = accepted(mall.shop.payments.capture(c.CapturePayment(key="take", by=CLERK, order_id=order.id, payment_id="p1")))
    assert asked.payments[0].attempts[0].unanswered
    mall.clock.advance(PATIENCE)

    taken = refresh(mall, order)
    assert (taken.paid, taken.open_attempts, charges(mall)) == (4900, (), [4900])


class AtOnce(FakeGateway):
    """It takes no installments."""

    @property
    def capabilities(self) -> Any:
        """Less than others."""
        return evolve(super().capabilities, installments=False)


class YuanAlone(FakeGateway):
    """It takes yuan alone."""

    @property
    def capabilities(self) -> Any:
        """Less than others."""
        return evolve(super().capabilities, currencies={"CNY"})


def test_a_currency_that_its_gateway_could_never_take_is_refused_before_an_order_is_placed(mall: Mall) -> None:
    opened(mall, YuanAlone())
    with pytest.raises(InvalidValue, match="tender card cannot go to fake: this gateway does not take EUR; it takes: CNY"):
        mall.shop.orders.place(an_order())
    assert mall.storage.find(Query(Order)).items == ()


def test_installments_are_refused_by_a_gateway_without_them_and_reach_one_that_has_them(mall: Mall) -> None:
    whole = an_order()
    parts = evolve(whole, tenders=(evolve(whole.tenders[0], installments=3),))
    order = accepted(mall.shop.orders.place(parts))
    assert (order.payments[0].tender.installments, pay(mall, order).paid) == (3, 4900)

    opened(mall, AtOnce())
    with pytest.raises(InvalidValue, match="this gateway takes no installments, got 3"):
        mall.shop.orders.place(evolve(parts, key="o2"))
    with pytest.raises(InvalidValue, match="this gateway takes no installments, got 3"):
        mall.shop.payments.add(c.AddPayment(key="add", by=ANN, order_id=order.id, tenders=parts.tenders))


class Taciturn(FakeGateway):
    """It tells of a payment that waits for its buyer, and not what the buyer was to be shown."""

    def query(self, **named: Any) -> Any:
        """Only that it is at it."""
        found = super().query(**named)
        return InProgress(found.reference, timedelta(seconds=2)) if isinstance(found, ActionRequired) else found


def test_what_a_buyer_was_to_be_shown_is_asked_for_again_when_it_was_lost_with_the_answer(mall: Mall) -> None:
    mall.provider.capabilities = evolve(mall.provider.capabilities, recalls_actions=False)
    mall.provider.script("start", "lost_applied")
    opened(mall, Taciturn(provider=mall.provider))
    [tender] = an_order().tenders
    order = pay(mall, placed(mall.shop, evolve(an_order(), tenders=(evolve(tender, flow=Flow.REDIRECT),))))

    assert (order.payments[0].state, order.open_attempts) == ("awaiting_buyer", ())
    assert order.payments[0].action is not None
    mall.provider.approve(order.payments[0].reference)
    assert (refresh(mall, order).paid, charges(mall)) == (4900, [4900])


# Errors that are no answer.


class Estranged(FakeGateway):
    """It no longer accepts who asks: credentials have expired."""

    def query(self, *_: Any, **__: Any) -> Any:
        """Nothing is told."""
        raise Misconfigured("the api key has expired")

    query_refund = query


def test_an_error_of_a_look_up_says_nothing_about_the_question(mall: Mall) -> None:
    mall.provider.script("start", "lost_applied")
    opened(mall, Estranged(provider=mall.provider))
    order = pay(mall, placed(mall.shop))
    assert (order.payments[0].state, order.paid) == ("unanswered", 0)

    mall.reopened()
    assert (refresh(mall, order).paid, charges(mall)) == (4900, [4900])


def test_an_error_of_a_refunds_look_up_gives_nothing_back_twice(mall: Mall) -> None:
    order = paid(mall.shop)
    opened(mall, Estranged(provider=mall.provider))
    mall.provider.script("refund", "lost_applied")
    sorry = RefundOrder(key="sorry", by=CLERK, order_id=order.id, amount=Money(700, "EUR"), reason="a chip")
    assert accepted(mall.shop.payments.refund(sorry)).refunded == 0

    mall.reopened()
    after = refresh(mall, order)
    assert (after.refunded, after.open_attempts, len(mall.provider.refunds())) == (700, (), 1)


class Conflicted(FakeGateway):
    """It takes every key for one that was used for something else."""

    def start(self, request: Any) -> Any:
        """No."""
        raise GatewayKeyConflict("the key was used with other parameters", raw_code="idempotency_error")


def test_an_error_of_the_question_itself_is_an_answer(mall: Mall) -> None:
    opened(mall, Conflicted(provider=mall.provider))

    order = pay(mall, placed(mall.shop))

    assert (order.payments[0].state, order.open_attempts, charges(mall)) == ("declined", (), [])


class Foreign(FakeGateway):
    """It answers in dollars, whatever it was asked in."""

    dollars = True

    def start(self, request: Any) -> Any:
        """Yes, in another currency."""
        outcome = super().start(request)
        return evolve(outcome, totals=Totals.of("USD", authorized=4900, captured=4900)) if self.dollars else outcome

    def query(self, **facts: Any) -> Any:
        """The same."""
        outcome = super().query(**facts)
        return evolve(outcome, totals=Totals.of("USD", authorized=4900, captured=4900)) if self.dollars else outcome


@pytest.mark.parametrize("token", ["tok_ok", "tok_redirect"])
def test_an_answer_in_another_currency_is_no_answer(mall: Mall, token: str) -> None:
    gateway = Foreign(provider=mall.provider)
    gateway.dollars = token == "tok_ok"
    opened(mall, gateway)
    order = pay(mall, placed(mall.shop, an_order(token=token)))
    gateway.dollars = True
    if token == "tok_redirect":
        mall.provider.approve(order.payments[0].reference)
    assert refresh(mall, order).paid == 0

    gateway.dollars = False
    assert refresh(mall, order).paid == 4900


# Orders that were canceled meanwhile.


def test_a_payment_that_was_never_begun_is_not_begun_once_its_order_is_canceled(mall: Mall) -> None:
    mall.provider.script("start", *["not_sent"] * 3)
    order = paid(mall.shop)
    assert order.open_attempts
    canceled = accepted(mall.shop.orders.cancel(CancelOrder(key="no", by=ANN, order_id=order.id)))
    assert canceled.open_attempts, "somebody may just be asking for it"
    mall.clock.advance(PATIENCE)

    assert mall.shop.orders.sweep().recovered == 1
    after = accepted(mall.shop.orders.get(order.id, by=ANN))
    assert (after.state, after.open_attempts, charges(mall)) == ("canceled", (), [])


def test_a_payment_that_was_begun_unheard_is_found_and_given_back_once_its_order_is_canceled(mall: Mall) -> None:
    mall.provider.script("start", "lost_applied")
    mall.provider.script("query", *["lost_not_applied"] * 2)
    order = paid(mall.shop)
    assert order.payments[0].state == "unanswered"
    after = accepted(mall.shop.orders.cancel(CancelOrder(key="no", by=ANN, order_id=order.id)))

    assert (after.state, after.paid, charges(mall), len(mall.provider.refunds())) == ("canceled", 0, [4900], 1)


# Gateways and carriers that are gone.


def test_money_that_a_missing_gateway_owes_waits_for_it_and_goes_back_once(mall: Mall) -> None:
    order = paid(mall.shop)
    opened(mall)
    after = accepted(mall.shop.orders.cancel(CancelOrder(key="no", by=ANN, order_id=order.id)))
    assert (after.state, after.paid, standings(after).payment) == ("canceled", 4900, "refund_due")
    mall.clock.advance(timedelta(hours=1))
    assert mall.shop.orders.sweep().recovered == 0

    mall.reopened()
    mall.clock.advance(timedelta(hours=1))
    assert mall.shop.orders.sweep().recovered == 1
    assert (accepted(mall.shop.orders.get(order.id)).paid, len(mall.provider.refunds())) == (0, 1)
    picture(mall)


def test_one_order_of_a_missing_gateway_keeps_no_other_order_from_the_sweep(mall: Mall) -> None:
    lost = paid(mall.shop, an_order(token="tok_redirect"))
    unpaid = placed(mall.shop, an_order(key="o2"))
    opened(mall)
    mall.clock.advance(timedelta(days=1))

    assert mall.shop.orders.sweep().expired == 2
    assert {accepted(mall.shop.orders.get(order.id)).state for order in (lost, unpaid)} == {"canceled"}


def test_a_booking_of_a_missing_carrier_waits_for_it_and_is_voided_once(mall: Mall) -> None:
    order = paid(mall.shop)
    order = accepted(mall.shop.shipping.ship(ShipOrder(key="ship", by=CLERK, order_id=order.id, carrier="flat_rate", wanted=WANTED)))
    opened(mall, FakeGateway(provider=mall.provider))
    assert accepted(mall.shop.shipping.track(c.TrackShipment(key="where", by=ANN, order_id=order.id, shipment_id="s1"))) == order
    after = accepted(mall.shop.orders.cancel(CancelOrder(key="no", by=ANN, order_id=order.id)))
    assert [it.voided for it in after.shipments] == [False]
    mall.clock.advance(timedelta(hours=1))

    mall.reopened()
    assert mall.shop.orders.sweep().recovered == 1
    assert [it.voided for it in accepted(mall.shop.orders.get(order.id)).shipments] == [True]


class Reusing(FlatRate):
    """It has one tracking number, and uses it again for whatever it books."""

    scan: TrackEvent

    def book(self, *args: Any, **facts: Any) -> Any:
        """A transport under the number that it always uses."""
        return evolve(super().book(*args, **facts), tracking_numbers=("R1",))

    def parse_notification(self, raw: Any) -> TrackNotification:
        """What was scanned last."""
        return TrackNotification((Track(number="R1", events=(self.scan,)),), Ack(200), Ack(503))


def test_a_tracking_number_that_a_carrier_uses_again_means_the_shipment_that_had_it_last(mall: Mall) -> None:
    carrier = Reusing(rate=Money(350, "EUR"), desk=mall.desk)
    opened(mall, FakeGateway(provider=mall.provider), carriers=(carrier,))
    orders = [pay(mall, placed(mall.shop, an_order(key=f"o{number}")), f"pay-{number}") for number in range(2)]
    for order in orders:
        ship = ShipOrder(key=f"ship-{order.id}", by=CLERK, order_id=order.id, carrier="flat_rate", wanted=WANTED)
        assert accepted(mall.shop.shipping.ship(ship)).shipments[0].tracking_numbers == ("R1",)
    carrier.scan = TrackEvent(at=mall.clock.now(), status=TrackStatus.DELIVERED, raw_code="D")

    assert mall.shop.shipping.receive("flat_rate", a_notification()).status == 200

    assert [accepted(mall.shop.orders.get(order.id)).shipments[0].state for order in orders] == ["booked", "delivered"]


# Odd news.


class Told(FakeGateway):
    """It pushes the events that a test gives it."""

    events: tuple[GatewayEvent, ...] = ()

    def parse_notification(self, raw: Any) -> Notification:
        """These events."""
        return Notification(self.events, Ack(200), Ack(503))


def heard(mall: Mall, event: GatewayEvent) -> int:
    """The status of the answer to a notification with this event."""
    gateway = Told(provider=mall.provider)
    gateway.events = (event,)
    opened(mall, gateway)
    (raw, *_) = mall.provider.notifications(again=True)
    return mall.shop.payments.receive("fake", raw).status


def news(mall: Mall, **facts: Any) -> GatewayEvent:
    return GatewayEvent(**{"event_id": "e1", "kind": EventKind.CAPTURED, "reference": "r", "occurred_at": mall.clock.now(), **facts})


@pytest.mark.parametrize("key", [None, "somebody_elses", "0" * 26 + "_1"])
def test_news_of_a_payment_that_is_not_known_is_asked_for_again(mall: Mall, key: str | None) -> None:
    order = paid(mall.shop)
    event = news(mall, payment_key=None if key is None else OperationKey(key))

    assert heard(mall, event) == 503
    assert accepted(mall.shop.orders.get(order.id)) == order


def test_news_of_a_payment_of_another_gateway_is_asked_for_again(mall: Mall) -> None:
    order = placed(mall.shop, an_order(via=Via.ON_DELIVERY))
    paid(mall.shop, an_order(key="o2"))

    assert heard(mall, news(mall, payment_key=OperationKey(f"{order.id}_1"))) == 503


def test_news_in_another_currency_is_noted_once_and_moves_nothing(mall: Mall) -> None:
    order = paid(mall.shop)
    event = news(mall, kind=EventKind.CHARGED_BACK, payment_key=OperationKey(f"{order.id}_1"), amount=Money(4900, "USD"))

    assert [heard(mall, event) for _ in range(2)] == [200, 200]
    after = accepted(mall.shop.orders.get(order.id))
    assert [(note.code, dict(note.facts)["currency"]) for note in after.exceptions] == [("payment_currency", "USD")]
    assert after.paid == 4900


def test_news_whose_ids_differ_in_their_last_letters_alone_are_two(mall: Mall) -> None:
    order = paid(mall.shop)
    totals = [Totals.of("EUR", authorized=4900, captured=4900, charged_back=amount) for amount in (100, 300)]
    for number, each in enumerate(totals):
        told = news(mall, event_id="e" * 199 + str(number), kind=EventKind.CHARGED_BACK, payment_key=OperationKey(f"{order.id}_1"), totals=each)
        assert heard(mall, told) == 200

    assert accepted(mall.shop.orders.get(order.id)).paid == 4600


# Holds that are gone.


def _pruned(mall: Mall) -> None:
    """Everything was bought by others, and long ago: the order's hold was reclaimed and is forgotten."""
    mall.clock.advance(timedelta(days=40))
    grab = Reserve("grab", (("stock/TEA", 9), ("stock/CUP", 10)), mall.clock.now() + timedelta(minutes=1))
    mall.storage.commit(Changeset(Operation("grab", "x"), mall.clock.now(), moves=(grab,)))
    mall.clock.advance(timedelta(days=40))
    assert mall.storage.prune(before=mall.clock.now() - timedelta(days=1)) > 0


def test_an_unpaid_order_whose_hold_was_forgotten_expires_all_the_same(mall: Mall) -> None:
    order = placed(mall.shop)
    _pruned(mall)

    assert mall.shop.orders.sweep().expired == 1
    assert accepted(mall.shop.orders.get(order.id)).claim.state == "released"
    picture(mall)


def test_money_for_an_order_whose_hold_was_forgotten_takes_the_goods_anew(mall: Mall) -> None:
    order = placed(mall.shop, an_order(via=Via.EXTERNAL, vouchers=()))
    _pruned(mall)

    after = accepted(mall.shop.payments.record(RecordPayment(key="in", by=CLERK, order_id=order.id, payment_id="p1", amount=Money(4900, "EUR"))))

    assert (after.state, after.claim.state, after.paid) == ("confirmed", "used", 4900)
    picture(mall)


# Small things.


def test_loose_money_that_is_sent_again_later_is_what_was_kept(mall: Mall) -> None:
    command = c.KeepLooseMoney(key="loose", by=CLERK, source="bank", method="transfer", amount=Money(5, "EUR"), reason="no_order")
    first = mall.shop.payments.keep_loose(command)
    mall.clock.advance(timedelta(days=1))

    assert mall.shop.payments.keep_loose(command) == first
    assert mall.storage.load(LooseMoney, "loose") == Stored(first, 1)
