"""For every flow at least one scenario: what came before, and the command itself, which can be sent again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from attrs import evolve

from shopwright import (
    CancelOrder,
    CapturePayment,
    CompleteOrder,
    ConfirmOrder,
    Coupon,
    DeliverShipment,
    DispatchShipment,
    HoldOrder,
    Money,
    Order,
    PayOrder,
    PlaceOrder,
    Product,
    PutCoupon,
    PutProduct,
    ReceiveStock,
    RecordPayment,
    RefundOrder,
    ShipOrder,
    Tender,
    Terms,
    Via,
    accepted,
    flows,
)
from shopwright.flows import commands as c
from shopwright.flows.vault.commands import ErasePerson
from shopwright.orders.holds import HoldReason
from shopwright.orders.terms import CaptureWhen, ReturnUses
from shopwright.promotions.matching import Named
from shopwright.promotions.price_rules import CatalogPrice, SetPrice
from shopwright.settlement.reconciling import PayoutReceived
from shopwright.shipping.tracking import TrackEvent, TrackStatus
from tests.flows.banked import an_unclear_transfer, assign_one, match_two, wait_for_transfers
from tests.flows.carted import CART_DEEDS, PLACED_WAYS
from tests.flows.cased import CASE_SCENARIOS
from tests.flows.cataloged import CATALOG_DEEDS
from tests.flows.coded import CODED, a_coded_order
from tests.flows.counted import COUNT_SCENARIOS
from tests.flows.credited import CREDIT_DEEDS, CREDITED
from tests.flows.disputes import a_dispute_unheard, a_disputed_order, answer_it, give_it_up, hear_of_it
from tests.flows.earned import EARNED_DEEDS, EARNING_WAYS
from tests.flows.edited import EDITED
from tests.flows.excepted import EXCEPTED
from tests.flows.found import FINDING_SCENARIOS
from tests.flows.given_back import GIVEN_BACK
from tests.flows.giving import GIVING, late_for_the_gift, one_mug, with_gift
from tests.flows.growing import GROWING
from tests.flows.labeled import LABEL_SCENARIOS
from tests.flows.mall import ANN, CLERK, REVIEWED, START, WANTED, Mall, an_order, paid, placed
from tests.flows.membering import acts, verified
from tests.flows.pointed import POINTS_DEEDS
from tests.flows.risk.scenes import RISK_SCENARIOS
from tests.flows.scenario import Scenario
from tests.flows.stocked import FOLLOWED, STOCK_DEEDS, STOCKED
from tests.flows.subscribed import SUBSCRIPTION_SCENARIOS
from tests.flows.tagged import TAGGED
from tests.flows.taxed import ASKED, BY_TABLE, STOOD_IN, a_taxed_order
from tests.flows.upkept import UPKEPT
from tests.flows.vaulted import VAULTED, rotated
from tests.flows.viewed import VIEWED

_REFUNDED, _RETURNED = (Terms(return_uses=policy) for policy in (ReturnUses.REFUNDED, ReturnUses.RETURNED))


def _paid_with_uses(mall: Mall) -> Order:
    return paid(mall.shop, a_coded_order(coupon="SPRING", total=4000))


def _refund_all(mall: Mall, order: Order) -> Any:
    return mall.shop.payments.refund(RefundOrder(key="all", by=CLERK, order_id=order.id, amount=Money(4000, "EUR"), reason="nothing fits"))


def _paid_by_voucher(mall: Mall) -> Order:
    command = a_coded_order(coupon="SPRING", total=4000)
    order = placed(mall.shop, evolve(command, tenders=(Tender(method="voucher", amount=4000, via=Via.EXTERNAL),)))
    return accepted(
        mall.shop.payments.record(RecordPayment(key="voucher", by=CLERK, order_id=order.id, payment_id="p1", amount=Money(4000, "EUR")))
    )


def _repay_all(mall: Mall, order: Order) -> Any:
    return mall.shop.payments.repay(c.RepayOrder(key="by-hand", by=CLERK, order_id=order.id, payment_id="p1", amount=Money(4000, "EUR")))


def _refunded_on_its_way(mall: Mall) -> Order:
    order = _paid_with_uses(mall)
    accepted(mall.shop.shipping.ship(ShipOrder(key="ship", by=CLERK, order_id=order.id)))
    accepted(mall.shop.shipping.dispatch(DispatchShipment(key="out", by=CLERK, order_id=order.id, shipment_id="s1")))
    return accepted(_refund_all(mall, order))


def _shipped(mall: Mall, *, carrier: bool = False, dispatched: bool = True) -> Order:
    order = paid(mall.shop)
    booked = ShipOrder(key="ship", by=CLERK, order_id=order.id, carrier="flat_rate", wanted=WANTED)
    own = ShipOrder(key="ship", by=CLERK, order_id=order.id)
    order = accepted(mall.shop.shipping.ship(booked if carrier else own))
    if dispatched:
        order = accepted(mall.shop.shipping.dispatch(DispatchShipment(key="out", by=CLERK, order_id=order.id, shipment_id="s1")))
    return order


def _delivered(mall: Mall) -> Order:
    order = _shipped(mall)
    return accepted(mall.shop.shipping.deliver(DeliverShipment(key="there", by=CLERK, order_id=order.id, shipment_id="s1")))


def _scan(mall: Mall, order: Order) -> None:
    scan = TrackEvent(at=mall.clock.now(), status=TrackStatus.DELIVERED, raw_code="D1")
    mall.desk.scan(order.shipments[0].tracking_numbers[0], scan)


def _tracked(mall: Mall) -> Order:
    order = _shipped(mall, carrier=True)
    _scan(mall, order)
    return order


def _pay(mall: Mall, order: Order) -> Any:
    return mall.shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id, return_url="https://mall.example/back"))


def _pay_scenario(token: str) -> Scenario:
    return Scenario(f"pay {token}", flows.pay, _pay, lambda mall: placed(mall.shop, an_order(token=token)))


def _approved(mall: Mall) -> Order:
    order = paid(mall.shop, an_order(token="tok_redirect"))
    mall.provider.approve(order.payments[0].reference)
    return order


def _notified(mall: Mall, order: Order) -> Any:
    return [mall.shop.payments.receive("fake", raw) for raw in mall.provider.notifications(again=True)]


def _declined_refund(mall: Mall) -> Order:
    order = paid(mall.shop)
    mall.provider.script("refund", "lost_applied")
    return order


def _add(mall: Mall, order: Order, *, replaces: tuple[str, ...] = ()) -> Any:
    card = Tender(method="card", amount=4900, gateway="fake", source="tok_ok")
    accepted(mall.shop.payments.add(c.AddPayment(key="other", by=ANN, order_id=order.id, tenders=(card,), replaces=replaces)))
    return mall.shop.payments.pay(PayOrder(key="pay again", by=ANN, order_id=order.id))


def _replace(mall: Mall, order: Order) -> Any:
    return _add(mall, order, replaces=("p1",))


def _canceled_cash(mall: Mall) -> Order:
    order = placed(mall.shop, an_order(via=Via.ON_DELIVERY))
    accepted(mall.shop.payments.record(RecordPayment(key="cash", by=CLERK, order_id=order.id, payment_id="p1", amount=Money(4900, "EUR"))))
    return accepted(mall.shop.orders.cancel(CancelOrder(key="cancel", by=ANN, order_id=order.id)))


def _repay(mall: Mall, order: Order) -> Any:
    return mall.shop.payments.repay(c.RepayOrder(key="back", by=CLERK, order_id=order.id, payment_id="p1", amount=Money(4900, "EUR")))


def _cancel(mall: Mall, order: Order) -> Any:
    return mall.shop.orders.cancel(CancelOrder(key="cancel", by=ANN, order_id=order.id))


def _sweep(mall: Mall, order: Order) -> Any:
    mall.clock.advance(timedelta(days=30))
    return mall.shop.orders.sweep()


def _in_review(mall: Mall) -> Order:
    return paid(mall.shop, an_order())


def _sent_back(mall: Mall) -> Order:
    order = _in_review(mall)
    return accepted(mall.shop.orders.send_back(c.SendBackOrder(key="back", by=CLERK, order_id=order.id, note="which street?")))


def _held(mall: Mall) -> Order:
    order = paid(mall.shop)
    return accepted(mall.shop.orders.hold(_hold(order)))


def _hold(order: Order) -> HoldOrder:
    return HoldOrder(key="hold", by=CLERK, order_id=order.id, hold_id="h1", reason=HoldReason.ADDRESS_WRONG)


def _refunded_twice(mall: Mall) -> Order:
    order = paid(mall.shop)
    for key in ("one", "two"):
        back = RefundOrder(key=key, by=CLERK, order_id=order.id, amount=Money(500, "EUR"), reason="late")
        accepted(mall.shop.payments.refund(back))
    mall.clock.advance(timedelta(hours=1))
    return order


def _paid_out(mall: Mall) -> None:
    _refunded_twice(mall)
    mall.provider.pay_out()


def _reconcile_payouts(mall: Mall, _: Any) -> Any:
    came = PayoutReceived(id="po_1", amount=Money(1, "EUR"), at=mall.clock.now(), line_id="L1")
    return mall.shop.payments.reconcile_payouts("fake", START, mall.clock.now() + timedelta(days=1), [came])


def _reconcile(mall: Mall, _: Any) -> Any:
    report = mall.shop.payments.reconcile("fake", START, mall.clock.now())
    assert (report.matched, report.is_balanced) == (3, True)


def _receive(mall: Mall, _: Any) -> Any:
    return mall.shop.goods.receive(ReceiveStock(key="more", by=CLERK, sku="TEA", quantity=5))


class _Consumer:
    """Keeps what it was told, as a consumer that tells repeats apart by aggregate and number."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, int]] = set()

    def __call__(self, events: Any) -> None:
        self.seen |= {(event.key, event.number) for event in events}


def _relay(mall: Mall, consumer: _Consumer) -> Any:
    return mall.shop.events.relay("mailer", consumer, limit=3)


def _consumer(mall: Mall) -> _Consumer:
    paid(mall.shop)
    return _Consumer()


def _nobody(mall: Mall) -> None:
    """Nobody is a member yet."""


FLASH = CatalogPrice(id="flash", to=SetPrice(Money(600, "EUR")), lines=Named("sku", "TEA"), units=5, units_per_member=3)


def _cheaper(total: int) -> PlaceOrder:
    return evolve(an_order(), tenders=(evolve(an_order().tenders[0], amount=total),))


SCENARIOS = (
    Scenario(
        "put a product",
        flows.put_product,
        lambda mall, _: mall.shop.goods.put(
            PutProduct(key="pot", by=CLERK, product=Product(sku="POT", title="Pot", seller_id="house", prices=(Money(900, "EUR"),)))
        ),
    ),
    Scenario(
        "receive stock", flows.receive_stock, lambda mall, _: mall.shop.goods.receive(ReceiveStock(key="more", by=CLERK, sku="TEA", quantity=5))
    ),
    Scenario(
        "put a coupon",
        flows.put_coupon,
        lambda mall, _: mall.shop.goods.put_coupon(
            PutCoupon(key="june", by=CLERK, coupon=Coupon(code="JUNE", percent=500, limited=True), more_uses=3)
        ),
    ),
    Scenario("place", flows.place, lambda mall, _: mall.shop.orders.place(an_order())),
    Scenario("place with a coupon", flows.place, lambda mall, _: mall.shop.orders.place(an_order(coupon="SPRING"))),
    Scenario("place with a single-use code", flows.place, lambda mall, _: mall.shop.orders.place(a_coded_order()), ways=CODED),
    Scenario("place with a gift", flows.place, lambda mall, _: mall.shop.orders.place(an_order()), one_mug, ways=GIVING),
    Scenario("place when the gift is gone", flows.place, lambda mall, _: mall.shop.orders.place(an_order(key="second")), with_gift, ways=GIVING),
    Scenario("pay for an order with a gift", flows.pay, _pay, with_gift, ways=GIVING),
    Scenario("pay when the gift has gone to another", flows.pay, _pay, late_for_the_gift, ways=GIVING),
    Scenario("cancel an order with a gift", flows.cancel, _cancel, with_gift, ways=GIVING),
    Scenario("sweep an order with a gift", flows.sweep, _sweep, with_gift, ways=GIVING),
    Scenario("place at a flash price", flows.place, lambda mall, _: mall.shop.orders.place(_cheaper(4100)), ways={"prices": (FLASH,)}),
    Scenario("place with taxes of an engine", flows.place, lambda mall, _: mall.shop.orders.place(a_taxed_order()), ways=ASKED),
    Scenario("place with a silent tax engine", flows.place, lambda mall, _: mall.shop.orders.place(a_taxed_order(BY_TABLE)), ways=STOOD_IN),
    Scenario("place, cash on delivery", flows.place, lambda mall, _: mall.shop.orders.place(an_order(via=Via.ON_DELIVERY))),
    *map(_pay_scenario, ("tok_ok", "tok_declined", "tok_redirect", "tok_slow", "tok_lost_applied", "tok_lost_not_applied", "tok_not_sent")),
    Scenario("pay with two tenders", flows.pay, _pay, lambda mall: placed(mall.shop, an_order(vouchers=(900,)))),
    Scenario(
        "record a voucher",
        flows.record,
        lambda mall, order: mall.shop.payments.record(
            RecordPayment(key="voucher", by=CLERK, order_id=order.id, payment_id="p1", amount=Money(900, "EUR"))
        ),
        lambda mall: paid(mall.shop, an_order(vouchers=(900,))),
    ),
    Scenario(
        "record cash at the door",
        flows.record,
        lambda mall, order: mall.shop.payments.record(
            RecordPayment(key="cash", by=CLERK, order_id=order.id, payment_id="p1", amount=Money(4900, "EUR"))
        ),
        lambda mall: placed(mall.shop, an_order(via=Via.ON_DELIVERY)),
    ),
    Scenario(
        "refresh after a redirect",
        flows.refresh,
        lambda mall, order: mall.shop.payments.refresh(c.RefreshPayments(key="look", by=ANN, order_id=order.id)),
        _approved,
    ),
    Scenario(
        "capture",
        flows.capture,
        lambda mall, order: mall.shop.payments.capture(CapturePayment(key="take", by=CLERK, order_id=order.id, payment_id="p1")),
        lambda mall: paid(mall.shop, an_order(capture=False)),
    ),
    Scenario(
        "refund a part",
        flows.refund,
        lambda mall, order: mall.shop.payments.refund(
            RefundOrder(key="sorry", by=CLERK, order_id=order.id, amount=Money(700, "EUR"), reason="a chipped cup")
        ),
        lambda mall: paid(mall.shop),
    ),
    *GIVEN_BACK,
    *EXCEPTED,
    *TAGGED,
    *VIEWED,
    *EDITED,
    Scenario("refund all, and get the uses back", flows.refund, _refund_all, _paid_with_uses, _REFUNDED, CODED),
    Scenario("repay all by hand, and get the uses back", flows.repay, _repay_all, _paid_by_voucher, _REFUNDED, CODED),
    Scenario("add a card after a decline", flows.add_payment, _add, lambda mall: paid(mall.shop, an_order(token="tok_declined"))),
    Scenario("replace a redirect", flows.add_payment, _replace, lambda mall: paid(mall.shop, an_order(token="tok_redirect"))),
    Scenario("repay by hand", flows.repay, _repay, _canceled_cash),
    Scenario("receive a notification", flows.receive, _notified, _approved),
    Scenario(
        "keep loose money",
        flows.keep_loose,
        lambda mall, _: mall.shop.payments.keep_loose(
            c.KeepLooseMoney(key="loose", by=CLERK, source="bank", method="transfer", amount=Money(5, "EUR"), reason="no_order")
        ),
    ),
    Scenario("match a statement", flows.match_statement, match_two, wait_for_transfers),
    Scenario("answer a dispute", flows.answer_dispute, answer_it, a_disputed_order),
    Scenario("give a dispute up", flows.answer_dispute, give_it_up, a_disputed_order),
    Scenario("hear of a dispute", flows.receive, hear_of_it, a_dispute_unheard),
    Scenario("assign a transfer", flows.assign_transfer, assign_one, an_unclear_transfer),
    Scenario("reconcile payouts", flows.reconcile_payouts, _reconcile_payouts, _paid_out),
    Scenario("reconcile", flows.reconcile, _reconcile, _refunded_twice),
    Scenario(
        "confirm",
        flows.confirm,
        lambda mall, order: mall.shop.orders.confirm(ConfirmOrder(key="yes", by=CLERK, order_id=order.id)),
        _in_review,
        REVIEWED,
    ),
    Scenario(
        "reject",
        flows.reject,
        lambda mall, order: mall.shop.orders.reject(c.RejectOrder(key="no", by=CLERK, order_id=order.id)),
        _in_review,
        REVIEWED,
    ),
    Scenario(
        "send back",
        flows.send_back,
        lambda mall, order: mall.shop.orders.send_back(c.SendBackOrder(key="back", by=CLERK, order_id=order.id, note="which street?")),
        _in_review,
        REVIEWED,
    ),
    Scenario(
        "correct",
        flows.correct,
        lambda mall, order: mall.shop.orders.correct(c.CorrectOrder(key="here", by=ANN, order_id=order.id, ship_to=order.ship_to)),
        _sent_back,
        REVIEWED,
    ),
    Scenario("hold", flows.hold, lambda mall, order: mall.shop.orders.hold(_hold(order)), lambda mall: paid(mall.shop)),
    Scenario(
        "lift",
        flows.lift,
        lambda mall, order: mall.shop.orders.lift(c.LiftHold(key="lift", by=CLERK, order_id=order.id, hold_id="h1")),
        _held,
    ),
    Scenario(
        "note",
        flows.note,
        lambda mall, order: mall.shop.orders.note(c.NoteException(key="odd", by=CLERK, order_id=order.id, code="odd_date")),
        lambda mall: paid(mall.shop),
    ),
    Scenario(
        "ship with a carrier",
        flows.ship,
        lambda mall, order: mall.shop.shipping.ship(ShipOrder(key="ship", by=CLERK, order_id=order.id, carrier="flat_rate", wanted=WANTED)),
        lambda mall: paid(mall.shop),
    ),
    Scenario(
        "take apart what a carrier has booked",
        flows.unplan,
        lambda mall, order: mall.shop.shipping.unplan(c.UnplanShipment(key="apart", by=CLERK, order_id=order.id, shipment_id="s1")),
        lambda mall: _shipped(mall, carrier=True, dispatched=False),
    ),
    Scenario(
        "dispatch and capture",
        flows.dispatch,
        lambda mall, order: mall.shop.shipping.dispatch(DispatchShipment(key="out", by=CLERK, order_id=order.id, shipment_id="s1")),
        lambda mall: accepted(mall.shop.shipping.ship(ShipOrder(key="ship", by=CLERK, order_id=paid(mall.shop, an_order(capture=False)).id))),
        Terms(capture=CaptureWhen.ON_DISPATCH),
    ),
    Scenario(
        "track",
        flows.track,
        lambda mall, order: mall.shop.shipping.track(c.TrackShipment(key="where", by=ANN, order_id=order.id, shipment_id="s1")),
        _tracked,
    ),
    Scenario(
        "receive tracking",
        flows.receive_tracking,
        lambda mall, order: [mall.shop.shipping.receive("flat_rate", raw) for raw in mall.desk.notifications(again=True)],
        _tracked,
    ),
    Scenario(
        "deliver",
        flows.deliver,
        lambda mall, order: mall.shop.shipping.deliver(DeliverShipment(key="there", by=CLERK, order_id=order.id, shipment_id="s1")),
        _shipped,
    ),
    Scenario(
        "take back",
        flows.take_back,
        lambda mall, order: mall.shop.shipping.take_back(c.TakeBackShipment(key="back", by=CLERK, order_id=order.id, shipment_id="s1")),
        _shipped,
    ),
    Scenario(
        "take back what was refunded, and get the uses back",
        flows.take_back,
        lambda mall, order: mall.shop.shipping.take_back(c.TakeBackShipment(key="back", by=CLERK, order_id=order.id, shipment_id="s1")),
        _refunded_on_its_way,
        _RETURNED,
        CODED,
    ),
    *GROWING,
    *RISK_SCENARIOS,
    Scenario(
        "lose",
        flows.lose,
        lambda mall, order: mall.shop.shipping.lose(c.LoseShipment(key="lost", by=CLERK, order_id=order.id, shipment_id="s1")),
        _shipped,
    ),
    Scenario(
        "complete",
        flows.complete,
        lambda mall, order: mall.shop.orders.complete(CompleteOrder(key="done", by=CLERK, order_id=order.id)),
        _delivered,
    ),
    Scenario("place with a vault", flows.place, lambda mall, _: mall.shop.orders.place(an_order(coupon="SPRING")), ways=VAULTED),
    Scenario(
        "ship with a carrier and a vault",
        flows.ship,
        lambda mall, order: mall.shop.shipping.ship(ShipOrder(key="ship", by=CLERK, order_id=order.id, carrier="flat_rate", wanted=WANTED)),
        lambda mall: paid(mall.shop),
        ways=VAULTED,
    ),
    Scenario(
        "correct with a vault",
        flows.correct,
        lambda mall, order: mall.shop.orders.correct(c.CorrectOrder(key="here", by=ANN, order_id=order.id, ship_to=an_order().ship_to)),
        _sent_back,
        REVIEWED,
        VAULTED,
    ),
    Scenario("cancel before payment", flows.cancel, _cancel, lambda mall: placed(mall.shop, an_order(coupon="SPRING"))),
    Scenario("cancel a promise", flows.cancel, _cancel, lambda mall: paid(mall.shop, an_order(capture=False))),
    Scenario("cancel and refund", flows.cancel, _cancel, lambda mall: paid(mall.shop, an_order(coupon="SPRING"))),
    Scenario("cancel and lose the answer to the refund", flows.cancel, _cancel, _declined_refund),
    Scenario("cancel what a carrier has booked", flows.cancel, _cancel, lambda mall: _shipped(mall, carrier=True, dispatched=False)),
    Scenario("sweep an unpaid order", flows.sweep, _sweep, lambda mall: placed(mall.shop)),
    Scenario("sweep an abandoned redirect", flows.sweep, _sweep, lambda mall: paid(mall.shop, an_order(token="tok_redirect"))),
    Scenario("sweep a delivered order", flows.sweep, _sweep, _delivered),
    *UPKEPT,
    Scenario("relay", flows.relay, _relay, _consumer),
    *COUNT_SCENARIOS,
    *FINDING_SCENARIOS,
    *SUBSCRIPTION_SCENARIOS,
    *CASE_SCENARIOS,
    *LABEL_SCENARIOS,
    Scenario(
        "erase a person",
        flows.erase_person,
        lambda mall, _: mall.shop.persons.erase(ErasePerson(key="erase", by=ANN, subject="ann")),
        lambda mall: paid(mall.shop),
        ways=VAULTED,
    ),
    Scenario("rotate", flows.rotate, lambda mall, _: rotated(mall).persons.rotate(), verified, ways=VAULTED),
    *(Scenario(name, flow, act, prepare) for name, flow, prepare, act in (*POINTS_DEEDS, *CATALOG_DEEDS)),
    *(Scenario(name, getattr(flows, flow), act, before or _nobody, ways=VAULTED) for name, flow, act, before in acts()),
    *(Scenario(name, flow, act, prepare, ways=EARNING_WAYS) for name, flow, prepare, act in EARNED_DEEDS),
    *(Scenario(name, flow, act, prepare, ways=CREDITED) for name, flow, prepare, act in CREDIT_DEEDS),
    *(Scenario(name, flow, act, prepare, ways=STOCKED) for name, flow, prepare, act in STOCK_DEEDS),
    *(Scenario(name, flow, act, prepare) for name, flow, prepare, act in FOLLOWED),
    *(Scenario(name, flow, act, prepare, ways=PLACED_WAYS) for name, flow, prepare, act in CART_DEEDS),
)
