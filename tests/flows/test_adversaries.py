"""Single misfortunes, each of which once lost a cent, a booking, or the way out of an order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from shopwright import (
    Address,
    CancelOrder,
    CapturePayment,
    Money,
    Order,
    PayOrder,
    PlaceOrder,
    RefundOrder,
    ShipOrder,
    Shop,
    Tender,
    Terms,
    Via,
    accepted,
)
from shopwright.adapters.fake_gateway import EVERYTHING, FakeGateway, FakeProvider
from shopwright.adapters.flat_rate import FlatRate
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows.commands import AddPayment, RefreshPayments
from shopwright.payments.capabilities import Capabilities
from shopwright.payments.errors import GatewayKeyConflict, Misconfigured, NotFound
from shopwright.payments.notifications import Notification, RawNotification
from shopwright.payments.operations import OperationKey
from shopwright.payments.outcomes import Outcome
from shopwright.payments.requests import RefundPart, StartPayment
from shopwright.shipping.bookings import Booking
from shopwright.shipping.tracking import TrackEvent, TrackStatus
from shopwright.testing.faults import Crash
from shopwright.wire.kinds import KINDS
from tests.flows.deeds import Wish, place
from tests.flows.mall import ANN, CLERK, WANTED
from tests.flows.town import QUOTAS, STOCK, Town, a_cart


@pytest.fixture
def town() -> Town:
    return Town(MemoryStorage(KINDS), Terms())


def _paid(town: Town, token: str = "tok_ok") -> Order:
    order = accepted(place(town.other, Wish(token=token), "o1"))
    return accepted(town.other.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id)))


def _later(town: Town, order: Order) -> Order:
    town.clock.advance(timedelta(hours=1))
    town.other.orders.sweep()
    return accepted(town.other.orders.get(order.id))


def test_a_payment_that_nobody_made_is_voided_though_only_the_provider_tells_that_it_was_closed(town: Town) -> None:
    order = _paid(town, "tok_redirect")
    town.meddling.die_at("Watched.void", after=True)
    with pytest.raises(Crash):
        town.shop.orders.cancel(CancelOrder(key="no", by=ANN, order_id=order.id))

    town.deliver_all()

    after = _later(town, order)
    assert (after.payments[0].state, after.open_attempts, after.exceptions) == ("voided", (), ())


@pytest.mark.parametrize("moment", ["FlatRate.find_booking", "FlatRate.quote", "FlatRate.book"])
@pytest.mark.parametrize("after", [False, True])
def test_a_booking_that_lands_after_its_shipment_was_canceled_is_voided_at_the_carrier(town: Town, moment: str, after: bool) -> None:
    order = _paid(town)
    cancel = CancelOrder(key="no", by=ANN, order_id=order.id)
    town.meddling.meddle_at(moment, lambda: town.other.orders.cancel(cancel), after=after)

    order = accepted(town.shop.shipping.ship(ShipOrder(key="ship", by=CLERK, order_id=order.id, carrier="flat_rate", wanted=WANTED)))

    assert (order.state, order.shipments[0].state, order.shipments[0].booking_key) == ("canceled", "canceled", "")
    assert town.desk.bookings() == ()


def test_a_scan_is_not_lost_to_another_step_that_begins_where_it_begins(town: Town) -> None:
    order = _paid(town)
    order = accepted(town.other.shipping.ship(ShipOrder(key="s1", by=CLERK, order_id=order.id, units=((1, 1),), carrier="flat_rate", wanted=WANTED)))
    order = accepted(town.other.shipping.ship(ShipOrder(key="s2", by=CLERK, order_id=order.id, units=((2, 1),), carrier="flat_rate", wanted=WANTED)))
    for shipment in order.shipments:
        scan = TrackEvent(at=town.clock.now(), status=TrackStatus.DELIVERED, raw_code="delivered")
        town.desk.scan(shipment.tracking_numbers[0], scan)
    one, other = [raw for raw in town.desk.notifications() if b'"delivered"' in raw.body]
    town.meddling.meddle_at("MemoryStorage.commit", lambda: town.other.shipping.receive("flat_rate", other), after=False)

    answer = town.shop.shipping.receive("flat_rate", one)

    after = accepted(town.other.orders.get(order.id))
    assert (answer.status, [shipment.state for shipment in after.shipments]) == (200, ["delivered", "delivered"])


def test_a_part_capture_that_is_sent_again_is_answered_and_not_taken_for_misuse(town: Town) -> None:
    order = accepted(place(town.other, Wish(capture=False), "o1"))
    order = accepted(town.other.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id)))
    command = CapturePayment(key="part", by=CLERK, order_id=order.id, payment_id="p1", amount=Money(3000, "EUR"))
    first = accepted(town.shop.payments.capture(command))

    assert accepted(town.shop.payments.capture(command)) == first
    assert [charge.amount.minor for charge in town.provider.charges()] == [3000]


def test_an_answer_that_is_older_than_a_won_dispute_does_not_open_it_again(town: Town) -> None:
    order = _paid(town)
    reference = order.payments[0].reference
    town.provider.charge_back(reference, Money(500, "EUR"))
    town.deliver_all()
    town.provider.reverse_chargeback(reference, Money(1, "EUR"))
    (part,) = town.provider.notifications()

    def the_rest_is_won() -> None:
        town.provider.reverse_chargeback(reference)
        for raw in town.provider.notifications():
            town.other.payments.receive("fake", raw)

    town.meddling.meddle_at("Watched.query", the_rest_is_won, after=True)
    town.shop.payments.receive("fake", part)

    payment = accepted(town.other.orders.get(order.id)).payments[0]
    assert (payment.charged_back, town.provider.totals(reference).charged_back.minor) == (0, 0)


def test_a_letter_that_leaves_a_question_open_comes_again_while_the_gateway_does_not_answer(town: Town) -> None:
    order = _paid(town)
    reference = order.payments[0].reference
    town.provider.charge_back(reference)
    town.provider.reverse_chargeback(reference)
    _, reversal = town.provider.notifications()[-2:]
    town.provider.script("query", "lost_applied")

    assert town.shop.payments.receive("fake", reversal).status == 503
    assert town.shop.payments.receive("fake", reversal).status == 200


class _Strict(FakeGateway):
    """Remembers all that was asked under a key, as real providers do, and can only be asked by asking again."""

    def __init__(self, provider: FakeProvider) -> None:
        super().__init__(provider=provider)
        self.starts: list[StartPayment] = []

    @property
    def capabilities(self) -> Capabilities:
        return evolve(EVERYTHING, queries_by_key=False)

    def start(self, request: StartPayment) -> Outcome:
        self.starts.append(request)
        return super().start(request)


def test_a_payment_is_begun_again_with_the_very_same_words_though_its_order_was_canceled_meanwhile(town: Town) -> None:
    strict = _Strict(town.provider)
    shop = Shop(town.storage, gateways=[strict], clock=town.clock, ids=town.ids)
    order = accepted(place(shop, Wish(), "o1"))
    town.provider.script("start", "lost_applied", "lost_not_applied", "not_sent")
    accepted(shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id)))

    after = accepted(shop.orders.cancel(CancelOrder(key="no", by=ANN, order_id=order.id)))

    assert len(strict.starts) == 4
    assert strict.starts.count(strict.starts[0]) == 4
    assert (after.state, after.paid, after.payments[0].refunded) == ("canceled", 0, 3900)


def test_a_payment_that_died_before_it_was_replaced_does_not_wait_for_its_buyer_for_ever(town: Town) -> None:
    order = _paid(town, "tok_redirect")
    town.clock.advance(minutes=31)
    cash = Tender(method="cash", amount=3900, via=Via.ON_DELIVERY)

    after = accepted(town.other.payments.add(AddPayment(key="cash", by=ANN, order_id=order.id, tenders=(cash,), replaces=("p1",))))

    assert [(payment.state, payment.prospect) for payment in after.payments] == [("declined", 0), ("on_delivery", 3900)]


def test_a_promise_that_has_lapsed_at_the_provider_is_known_to_be_gone_once_it_cannot_be_taken(town: Town) -> None:
    order = accepted(place(town.other, Wish(capture=False), "o1"))
    accepted(town.other.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id)))
    town.clock.advance(days=8)

    after = accepted(town.other.payments.capture(CapturePayment(key="take", by=CLERK, order_id=order.id, payment_id="p1")))

    assert (after.payments[0].state, after.payments[0].voided, after.secured) == ("voided", 3900, False)


class _Stranger(FakeGateway):
    """A gateway whose provider does not know us for a while."""

    known = True

    def refund(self, request: RefundPart) -> Outcome:
        if not self.known:
            raise Misconfigured("the certificate has expired")
        return super().refund(request)


def test_money_goes_back_once_the_provider_knows_us_again(town: Town) -> None:
    order = _paid(town)
    stranger = _Stranger(provider=town.provider)
    stranger.known = False
    shop = Shop(town.storage, gateways=[stranger], clock=town.clock, ids=town.ids)
    accepted(shop.orders.cancel(CancelOrder(key="no", by=ANN, order_id=order.id)))
    for _ in range(5):
        town.clock.advance(minutes=3)
        shop.orders.sweep()

    stranger.known = True
    town.clock.advance(minutes=3)
    shop.orders.sweep()

    after = accepted(shop.orders.get(order.id))
    assert (after.paid, after.exceptions, len(town.provider.refunds())) == (0, (), 1)


def test_a_second_dispute_that_is_won_while_it_is_looked_up_is_over(town: Town) -> None:
    order = _paid(town)
    reference = order.payments[0].reference
    town.provider.charge_back(reference, Money(500, "EUR"))
    town.provider.reverse_chargeback(reference)
    town.deliver_all()
    town.provider.charge_back(reference, Money(400, "EUR"))
    (second,) = town.provider.notifications()

    def won() -> None:
        town.provider.reverse_chargeback(reference)
        for raw in town.provider.notifications():
            town.other.payments.receive("fake", raw)

    town.meddling.meddle_at("Watched.query", won, after=True)
    town.shop.payments.receive("fake", second)

    assert accepted(town.other.orders.get(order.id)).payments[0].charged_back == 0


def test_an_answer_that_is_older_than_a_won_dispute_does_not_open_it_again_either(town: Town) -> None:
    order = _paid(town)
    reference = order.payments[0].reference
    town.provider.charge_back(reference, Money(500, "EUR"))
    town.deliver_all()

    def won() -> None:
        town.provider.reverse_chargeback(reference)
        town.deliver_all(again=False)

    town.meddling.meddle_at("Watched.refund", won, after=True)
    accepted(town.shop.payments.refund(RefundOrder(key="r", by=CLERK, order_id=order.id, amount=Money(700, "EUR"), reason="kindness")))

    payment = accepted(town.other.orders.get(order.id)).payments[0]
    assert (payment.charged_back, payment.refunded) == (0, 700)


class _Vague(FakeGateway):
    """A gateway whose provider's letters do not name the refund that they are about."""

    def parse_notification(self, raw: RawNotification) -> Notification:
        heard = super().parse_notification(raw)
        return evolve(heard, events=tuple(evolve(event, our_key=None) for event in heard.events))


def test_a_refund_that_came_back_goes_again_though_the_letter_does_not_say_which_it_was(town: Town) -> None:
    order = _paid(town, "tok_ok+refund_fails_late")
    shop = Shop(town.storage, gateways=[_Vague(provider=town.provider)], clock=town.clock, ids=town.ids)
    for amount in (100, 700):
        accepted(shop.payments.refund(RefundOrder(key=f"r{amount}", by=CLERK, order_id=order.id, amount=Money(amount, "EUR"), reason="kindness")))
    with town.provider.open() as book:
        first, _ = (OperationKey(entry.key) for entry in book.entries() if entry.verb == "refund")
    town.provider.fail_refund(first)

    for raw in town.provider.notifications():
        shop.payments.receive("fake", raw)

    after = accepted(shop.orders.get(order.id))
    assert (after.payments[0].refunded, town.provider.totals(order.payments[0].reference).refunded.minor) == (800, 800)


@pytest.mark.parametrize("at_the_door", [0, 3000])
def test_an_order_whose_tenders_do_not_pay_for_it_is_held_for_a_while_and_then_canceled(town: Town, at_the_door: int) -> None:
    cash = Tender(method="cash", amount=at_the_door, via=Via.ON_DELIVERY)
    command = PlaceOrder(
        key="o1",
        by=ANN,
        buyer_id="ann",
        cart=a_cart(1, 1, "SPRING"),
        ship_to=Address("Ann Lee", ("1 Harbor Street",), "Hamburg", country="DE"),
        tenders=(cash,) if at_the_door else (),
        exact_tenders=False,
    )
    order = accepted(town.other.orders.place(command))
    assert (order.state, order.claim.state) == ("placed", "held")

    assert (_later(town, order).state, town.storage.quota(QUOTAS, at=town.clock.now())["coupon/SPRING"].used) == ("canceled", 0)


def test_of_money_that_came_for_goods_that_are_gone_all_goes_back_though_some_went_before(town: Town) -> None:
    order = _paid(town, "tok_redirect")
    reference = order.payments[0].reference
    town.provider.approve(reference)
    town.clock.advance(minutes=31)
    accepted(place(town.other, Wish(teas=0, cups=STOCK), "all the cups"))
    whole, part = Money(3900, "EUR"), Money(300, "EUR")
    town.provider_page.refund(RefundPart(key=OperationKey("by_somebody"), payment=reference, amount=part, of_total=whole))

    after = accepted(town.other.payments.refresh(RefreshPayments(key="look", by=ANN, order_id=order.id)))

    assert (after.state, after.cancel_reason, after.paid) == ("canceled", "out_of_stock", 0)
    assert town.provider.totals(reference).refunded == whole


class _Lagging(FakeGateway):
    """A gateway whose look-ups lag behind, and which takes a repeat after a while for another request."""

    behind = True

    def query(self, *, key: OperationKey | None = None, reference: str | None = None) -> Outcome:
        if self.behind:
            raise NotFound("nothing here yet")
        return super().query(key=key, reference=reference)

    def start(self, request: StartPayment) -> Outcome:
        if self.provider.told():
            raise GatewayKeyConflict("this key was used an hour ago")
        return super().start(request)


def test_a_key_that_the_gateway_knows_is_looked_up_and_not_taken_for_a_decline(town: Town) -> None:
    lagging = _Lagging(provider=town.provider)
    shop = Shop(town.storage, gateways=[lagging], clock=town.clock, ids=town.ids)
    order = accepted(place(shop, Wish(token="tok_lost_applied"), "o1"))
    order = accepted(shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id)))
    assert order.payments[0].state == "unanswered"

    lagging.behind = False
    town.clock.advance(minutes=3)
    shop.orders.sweep()

    after = accepted(shop.orders.get(order.id))
    assert (after.state, after.paid) == ("confirmed", 3900)


class _LaggingCarrier(FlatRate):
    """A carrier whose look-ups lag behind."""

    behind = True

    def find_booking(self, key: OperationKey) -> Booking | None:
        return None if self.behind else super().find_booking(key)


def test_a_booking_that_the_carrier_knows_in_other_words_is_found_later_and_not_given_up(town: Town) -> None:
    carrier = _LaggingCarrier(rate=Money(350, "EUR"), desk=town.desk)
    shop = Shop(town.storage, gateways=[town.provider_page], carriers=[carrier], clock=town.clock, ids=town.ids)
    order = _paid(town)
    town.desk.script("book", "lost_applied")
    accepted(shop.shipping.ship(ShipOrder(key="ship", by=CLERK, order_id=order.id, carrier="flat_rate", wanted=WANTED)))
    town.clock.advance(minutes=3)
    shop.orders.sweep()

    carrier.behind = False
    town.clock.advance(minutes=5)
    shop.orders.sweep()

    (shipment,) = accepted(shop.orders.get(order.id)).shipments
    assert (shipment.state, [booking.reference for booking in town.desk.bookings()]) == ("booked", [shipment.reference])
