"""What a shop asks of a notification itself, whatever its gateway has let through: its size, its time, its account, its payment, its amounts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from shopwright import Money, Order, accepted
from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import InvalidValue
from shopwright.payments.errors import BadNotification, NotFound
from shopwright.payments.notifications import BODY_LIMIT, FRESHNESS, MOST_EVENTS, Ack, EventKind, GatewayEvent, Notification, RawNotification
from shopwright.payments.operations import OperationKey
from shopwright.payments.outcomes import Totals
from shopwright.wire.kinds import KINDS
from tests.flows.mall import START, Mall, an_order, paid
from tests.flows.test_odd_gateways import opened

OK, LATER = Ack(202, b"\x00thanks\xff", "application/x-odd"), Ack(500, b"again", "application/x-odd")
ARRIVAL = RawNotification(headers=(), body=b"{}", received_at=START)


class Careless(FakeGateway):
    """A gateway that verifies nothing itself: it says what a test tells it to."""

    notification = Notification((), OK, LATER)
    read = 0

    def parse_notification(self, raw: RawNotification) -> Notification:
        """What the test says."""
        self.read += 1
        return self.notification


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS))


def careless(mall: Mall, *events: GatewayEvent, **facts: Any) -> Careless:
    gateway = Careless(provider=mall.provider)
    gateway.notification = Notification(events, OK, LATER, **facts)
    opened(mall, gateway)
    return gateway


def news(order: Order, **facts: Any) -> GatewayEvent:
    told = {"event_id": "e1", "kind": EventKind.CAPTURED, "reference": "", "occurred_at": START, "payment_key": OperationKey(f"{order.id}_1")}
    return GatewayEvent(**{**told, **facts})


def captured(amount: int, currency: str = "EUR") -> Totals:
    return Totals.of(currency, authorized=amount, captured=amount)


def now(mall: Mall, order: Order) -> Order:
    return accepted(mall.shop.orders.get(order.id))


@pytest.mark.parametrize("apart", [FRESHNESS, -FRESHNESS, timedelta(0)])
def test_what_was_signed_within_the_window_is_taken_in(mall: Mall, apart: timedelta) -> None:
    """RECEIVE-1"""
    order = paid(mall.shop, an_order(token="tok_redirect"))
    careless(mall, news(order, totals=captured(4900)), signed_at=START + apart)

    assert mall.shop.payments.receive("fake", ARRIVAL) == OK
    assert now(mall, order).paid == 4900


@pytest.mark.parametrize("apart", [FRESHNESS + timedelta(microseconds=1), -FRESHNESS - timedelta(microseconds=1), timedelta(days=30)])
def test_what_was_signed_at_another_time_is_refused_though_its_gateway_let_it_through(mall: Mall, apart: timedelta) -> None:
    """RECEIVE-1"""
    order = paid(mall.shop, an_order(token="tok_redirect"))
    careless(mall, news(order, totals=captured(4900)), signed_at=START + apart)

    with pytest.raises(BadNotification, match="at most 0:05:00 between them"):
        mall.shop.payments.receive("fake", ARRIVAL)
    assert now(mall, order) == order


def test_a_gateway_says_how_far_apart_they_may_be(mall: Mall) -> None:
    order = paid(mall.shop, an_order(token="tok_redirect"))
    careless(mall, news(order, totals=captured(4900)), signed_at=START - timedelta(hours=24), fresh_for=timedelta(hours=25))

    assert mall.shop.payments.receive("fake", ARRIVAL) == OK


@pytest.mark.parametrize("theirs", ["somebody_else", "OURS", " ours"])
def test_what_is_for_another_account_is_refused_whole(mall: Mall, theirs: str) -> None:
    """RECEIVE-1: also where one event of two is ours."""
    order = paid(mall.shop, an_order(token="tok_redirect"))
    ours = news(order, totals=captured(4900), merchant_account="ours")
    careless(mall, ours, evolve(ours, event_id="e2", merchant_account=theirs), account="ours")

    with pytest.raises(BadNotification, match="another merchant account"):
        mall.shop.payments.receive("fake", ARRIVAL)
    assert now(mall, order) == order


def test_a_body_beyond_the_limit_is_refused_unread(mall: Mall) -> None:
    """RECEIVE-1"""
    gateway = careless(mall)

    with pytest.raises(BadNotification, match="at most 1000000 bytes"):
        mall.shop.payments.receive("fake", evolve(ARRIVAL, body=b"x" * (BODY_LIMIT + 1)))
    assert gateway.read == 0
    assert mall.shop.payments.receive("fake", evolve(ARRIVAL, body=b"x" * BODY_LIMIT)) == OK


def test_more_events_than_any_provider_tells_at_once_are_refused_whole(mall: Mall) -> None:
    order = paid(mall.shop)
    careless(mall, *[news(order, event_id=f"e{n}") for n in range(MOST_EVENTS + 1)])

    with pytest.raises(BadNotification, match="at most 1000 events, got 1001"):
        mall.shop.payments.receive("fake", ARRIVAL)


def test_a_time_without_a_zone_is_misuse_and_nothing_is_read(mall: Mall) -> None:
    gateway = careless(mall)
    with pytest.raises(InvalidValue):
        mall.shop.payments.receive("fake", ARRIVAL, at=START.replace(tzinfo=None))
    assert gateway.read == 0


def test_the_provider_gets_its_own_words_byte_for_byte(mall: Mall) -> None:
    """RECEIVE-4"""
    order = paid(mall.shop, an_order(token="tok_redirect"))
    careless(mall, news(order, totals=captured(4900)))
    assert mall.shop.payments.receive("fake", ARRIVAL) == Ack(202, b"\x00thanks\xff", "application/x-odd")

    careless(mall, news(order, event_id="e2", payment_key=OperationKey("0" * 26 + "_1")))
    assert mall.shop.payments.receive("fake", ARRIVAL) == Ack(500, b"again", "application/x-odd")


def test_of_two_events_the_known_one_is_taken_in_and_both_are_asked_for_again(mall: Mall) -> None:
    """RECEIVE-3"""
    order = paid(mall.shop, an_order(token="tok_redirect"))
    unknown = news(order, event_id="e2", payment_key=OperationKey("0" * 26 + "_1"))
    careless(mall, unknown, news(order, totals=captured(4900)))

    assert [mall.shop.payments.receive("fake", ARRIVAL) for _ in range(2)] == [LATER, LATER]
    assert now(mall, order).paid == 4900


def test_the_same_news_under_many_ids_is_taken_in_once(mall: Mall) -> None:
    """RECEIVE-2: by its id, and by (key, kind, amount)."""
    order = paid(mall.shop, an_order(token="tok_redirect"))
    amount = Money(4900, "EUR")
    told = [news(order, event_id=f"e{n}", amount=amount, our_key=OperationKey(f"{order.id}_1"), totals=captured(4900)) for n in range(20)]
    careless(mall, told[0])
    assert mall.shop.payments.receive("fake", ARRIVAL) == OK
    once = now(mall, order)
    careless(mall, *told)

    assert [mall.shop.payments.receive("fake", ARRIVAL) for _ in range(3)] == [OK] * 3
    assert (once.paid, now(mall, order)) == (4900, once)


@pytest.mark.parametrize(("amount", "noted"), [(4900, []), (5000, [5000]), (1, [1])])
def test_money_that_is_not_what_was_asked_for_is_taken_in_and_noted_once(mall: Mall, amount: int, noted: list[int]) -> None:
    """RECEIVE-6"""
    order = paid(mall.shop, an_order(token="tok_redirect"))
    careless(mall, *[news(order, event_id=f"e{n}", totals=captured(amount)) for n in range(3)])

    assert mall.shop.payments.receive("fake", ARRIVAL) == OK
    after = now(mall, order)
    facts = [dict(note.facts) for note in after.exceptions]
    assert facts == [{"payment": "p1", "kind": "captured", "amount": it, "expected": 4900} for it in noted]
    assert (after.paid, after.state) == (amount, "confirmed" if amount >= 4900 else "placed")


def test_news_that_names_two_payments_changes_neither_and_is_noted_once(mall: Mall) -> None:
    """RECEIVE-5"""
    order = paid(mall.shop, an_order(token="tok_redirect"))
    reference = order.payments[0].reference
    wrong = news(order, reference=reference, payment_key=OperationKey(f"{order.id}_7"), totals=captured(4900))
    careless(mall, wrong, evolve(wrong, event_id="e2"))

    assert mall.shop.payments.receive("fake", ARRIVAL) == OK
    after = now(mall, order)
    assert [(note.code, dict(note.facts)["key"]) for note in after.exceptions] == [("payment_mismatch", f"{order.id}_7")]
    assert (after.paid, after.payments) == (0, order.payments)


def test_news_in_another_currency_is_noted_once_under_whatever_id(mall: Mall) -> None:
    """RECEIVE-5"""
    order = paid(mall.shop, an_order(token="tok_redirect"))
    careless(mall, *[news(order, event_id=f"e{n}", totals=captured(4900, "USD")) for n in range(3)])

    assert mall.shop.payments.receive("fake", ARRIVAL) == OK
    after = now(mall, order)
    assert ([note.code for note in after.exceptions], after.paid) == (["payment_currency"], 0)


class Finder(Careless):
    """A gateway whose provider tells events by its own reference alone."""

    keys: dict[str, OperationKey | None]

    def key_of(self, reference: str) -> OperationKey | None:
        """The key that a test gave this reference; an unknown one is not found, and a silent provider does not answer."""
        if reference not in self.keys:
            raise NotFound(f"nobody knows {reference}", raw_code="unknown")
        return self.keys[reference]


def finding(mall: Mall, event: GatewayEvent, keys: dict[str, OperationKey | None]) -> Ack:
    gateway = Finder(provider=mall.provider)
    gateway.notification, gateway.keys = Notification((event,), OK, LATER), keys
    opened(mall, gateway)
    return mall.shop.payments.receive("fake", ARRIVAL)


def test_the_payment_of_an_event_without_a_key_is_asked_of_a_gateway_that_knows(mall: Mall) -> None:
    """RECEIVE-7"""
    order = paid(mall.shop, an_order(token="tok_redirect"))
    event = news(order, payment_key=None, reference="theirs_1", totals=captured(4900))

    assert finding(mall, event, {"theirs_1": OperationKey(f"{order.id}_1")}) == OK
    assert now(mall, order).paid == 4900


def test_an_event_without_a_key_is_passed_over_when_its_payment_is_of_another_system(mall: Mall) -> None:
    """RECEIVE-7"""
    order = paid(mall.shop, an_order(token="tok_redirect"))
    assert finding(mall, news(order, payment_key=None, reference="theirs_1", totals=captured(4900)), {"theirs_1": None}) == OK
    assert now(mall, order) == order


def test_an_event_without_a_key_comes_again_while_nobody_can_tell_its_payment(mall: Mall) -> None:
    """RECEIVE-7"""
    order = paid(mall.shop, an_order(token="tok_redirect"))
    assert finding(mall, news(order, payment_key=None, reference="theirs_1", totals=captured(4900)), {}) == LATER
    careless(mall, news(order, payment_key=None, reference="theirs_1", totals=captured(4900)))
    assert mall.shop.payments.receive("fake", ARRIVAL) == LATER
    assert now(mall, order) == order
