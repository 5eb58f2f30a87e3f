"""What can become of an order, story by story. `STORIES` is the whole list, each with how many of a hundred orders live it."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve as changed

from shopwright import CancelOrder, CancelReason, CapturePayment, HoldOrder, Money, Order, RefundOrder
from shopwright.flows.commands import AddPayment, LiftHold, LoseShipment, RefreshPayments, RepayOrder, TakeBackShipment
from shopwright.orders.holds import HoldReason
from shopwright.orders.states import OrderState
from shopwright.payments.outcomes import DeclineReason
from shopwright.payments.states import PaymentState
from shopwright.shipping.tracking import TrackStatus
from small_mall.goods import CURRENCY
from small_mall.lives import (
    ARRIVES,
    DAYS,
    HOURS,
    MINUTES,
    WAY,
    Life,
    Tale,
    Visit,
    bought,
    brought,
    card,
    cash,
    noted,
    paid,
    placed,
    recorded,
    reviewed,
    sent,
    voucher,
)
from small_mall.world import CLERK


def as_it_should_be(visit: Visit) -> Life:
    """Bought, sent, delivered; it completes by itself a week later."""
    order = yield from bought(visit)
    if order is not None:
        yield from sent(visit, order)


def around_the_corner(visit: Visit) -> Life:
    """The mall's own boy brings it, and the money that was promised is taken by hand."""
    order = yield from bought(visit, capture=False)
    if order is not None and order.state is OrderState.CONFIRMED:
        order = yield from brought(visit, order)
        world = visit.world
        world.heard(world.shop.payments.capture(CapturePayment(key=world.key("capture"), by=CLERK, order_id=order.id, payment_id="p1")))


def declined(visit: Visit) -> Life:
    """The card is declined, the buyer leaves, and the order expires."""
    yield from bought(visit, visit.rng.choice(("tok_declined", "tok_insufficient_funds", "tok_expired_card")))


def with_a_second_card(visit: Visit) -> Life:
    """The first card is declined and the second one pays."""
    order = yield from bought(visit, "tok_declined")
    if order is None:
        return
    yield MINUTES * 3
    world = visit.world
    second = changed(card(), amount=order.owed)
    if world.heard(world.shop.payments.add(AddPayment(key=world.key("add"), by=visit.buyer, order_id=order.id, tenders=(second,)))) is None:
        return
    order = yield from reviewed(visit, paid(visit, order))
    yield from sent(visit, order)


def on_the_bank_page(visit: Visit) -> Life:
    """The buyer is sent to the bank's page and comes back; the provider tells the shop."""
    order = yield from _waiting(visit, "tok_redirect")
    if order is not None:
        visit.world.provider.approve(order.payments[0].reference)
        yield HOURS
        order = yield from reviewed(visit, visit.world.now(order))
        yield from sent(visit, order)


def refused_on_the_bank_page(visit: Visit) -> Life:
    """The buyer comes back from the bank's page with a no."""
    order = yield from _waiting(visit, "tok_redirect")
    if order is not None:
        visit.world.provider.decline(order.payments[0].reference, DeclineReason.AUTHENTICATION_FAILED)


def lost_on_the_bank_page(visit: Visit) -> Life:
    """The buyer never comes back from the bank's page, and the order expires."""
    yield from _waiting(visit, "tok_qr")


def _waiting(visit: Visit, token: str) -> Tale[Order | None]:
    order = placed(visit, card(token))
    if order is None:
        return None
    yield MINUTES
    order = paid(visit, order)
    yield MINUTES * 4
    return order if order.payments[0].state is PaymentState.AWAITING_BUYER else None


def slow(visit: Visit) -> Life:
    """The provider takes its time; the shop asks until it knows."""
    order = placed(visit, card("tok_slow"))
    if order is None:
        return
    yield MINUTES
    paid(visit, order)
    world = visit.world
    for _ in range(2):
        yield MINUTES * 5
        world.heard(world.shop.payments.refresh(RefreshPayments(key=world.key("refresh"), by=CLERK, order_id=order.id)))
    order = yield from reviewed(visit, world.now(order))
    yield from sent(visit, order)


def lost_answer(visit: Visit) -> Life:
    """The answer of the provider is lost, whether the money moved or not; the buyer pays once."""
    order = yield from bought(visit, visit.rng.choice(("tok_lost_applied", "tok_lost_not_applied", "tok_not_sent")))
    if order is not None:
        yield from sent(visit, order, trouble="lost_applied")


def at_the_door(visit: Visit) -> Life:
    """Cash on delivery; now and then nobody opens."""
    order = placed(visit, cash())
    if order is None:
        return
    yield HOURS
    opens = visit.rng.random() < 0.8
    order = yield from reviewed(visit, order)
    order = yield from sent(visit, order, scans=ARRIVES if opens else (*WAY, TrackStatus.ATTEMPT_FAILED, TrackStatus.RETURNING))
    if not opens and order.shipments:
        world = visit.world
        noted(visit, order, "nobody_opened")
        world.heard(world.shop.shipping.take_back(TakeBackShipment(key=world.key("back"), by=CLERK, order_id=order.id, shipment_id="s1")))
    elif order.shipments:
        recorded(visit, order)


def with_vouchers(visit: Visit) -> Life:
    """Two vouchers and a card pay one order; when it is called off, what the vouchers paid is given back by hand."""
    order = placed(visit, voucher(500), voucher(300), card())
    if order is None:
        return
    yield MINUTES
    if any(payment.tender.gateway for payment in order.payments):
        paid(visit, order)
    yield MINUTES * 5
    order = yield from reviewed(visit, recorded(visit, order))
    if visit.rng.random() < 0.7:
        yield from sent(visit, order)
        return
    yield HOURS
    _cancel(visit, order, CancelReason.CUSTOMER)
    yield DAYS
    world = visit.world
    for payment in world.now(order).payments:
        if payment.tender.method == "voucher" and payment.net:
            amount = Money(payment.net, CURRENCY)
            repay = RepayOrder(key=world.key("repay"), by=CLERK, order_id=order.id, payment_id=payment.id, amount=amount, reference="a new voucher")
            world.heard(world.shop.payments.repay(repay))


def for_nothing(visit: Visit) -> Life:
    """A sample costs nothing and is confirmed at once."""
    order = placed(visit)
    if order is not None:
        yield from brought(visit, order)


def in_two_parcels(visit: Visit) -> Life:
    """The first line goes at once, the rest a day later."""
    order = yield from bought(visit)
    if order is None:
        return
    first, *rest = ((line.line_no, line.quantity) for line in order.lines)
    order = yield from sent(visit, order, units=(first,))
    if rest:
        yield from sent(visit, order, units=tuple(rest))


def half_of_it(visit: Visit) -> Life:
    """The first line is sent, the rest is called off and its price goes back."""
    order = yield from bought(visit)
    if order is None:
        return
    if len(order.lines) > 1:
        order = yield from sent(visit, order, units=((1, order.lines[0].quantity),), scans=WAY)
        _cancel(visit, order, CancelReason.OUT_OF_STOCK)
    else:
        yield from sent(visit, order)


def thought_better_of(visit: Visit) -> Life:
    """The buyer calls it off after paying, before it has left; now and then the refund takes its time."""
    order = yield from bought(visit, visit.rng.choice(("tok_ok", "tok_ok+refund_slow", "tok_ok+refund_lost_applied")))
    if order is None:
        return
    yield HOURS * 5
    _cancel(visit, order, CancelReason.CUSTOMER)
    yield HOURS * 2
    world = visit.world
    world.heard(world.shop.payments.refresh(RefreshPayments(key=world.key("refresh"), by=CLERK, order_id=order.id)))


def _cancel(visit: Visit, order: Order, reason: CancelReason) -> None:
    world = visit.world
    if world.now(order).state in (OrderState.PLACED, OrderState.IN_REVIEW, OrderState.SENT_BACK, OrderState.CONFIRMED):
        world.heard(world.shop.orders.cancel(CancelOrder(key=world.key("cancel"), by=CLERK, order_id=order.id, reason=reason)))


def a_chipped_cup(visit: Visit) -> Life:
    """Delivered, complained about, and a part of the price goes back; more than was paid never does."""
    order = yield from bought(visit)
    if order is None:
        return
    order = yield from sent(visit, order)
    yield DAYS
    world = visit.world
    if order.state is not OrderState.CONFIRMED:
        return
    noted(visit, order, "arrived_damaged")
    for amount in (250, order.total.minor):
        money = Money(amount, CURRENCY)
        world.heard(
            world.shop.payments.refund(RefundOrder(key=world.key("refund"), by=CLERK, order_id=order.id, amount=money, reason="a chipped cup"))
        )


def on_holiday(visit: Visit) -> Life:
    """The buyer asks to wait; the hold is lifted by hand or ends by itself."""
    order = yield from bought(visit)
    if order is None or order.state is not OrderState.CONFIRMED:
        return
    world, by_hand = visit.world, visit.rng.random() < 0.5
    ends = None if by_hand else world.clock.now() + DAYS * 2
    hold = HoldOrder(key=world.key("hold"), by=visit.buyer, order_id=order.id, hold_id="holiday", reason=HoldReason.CUSTOMER_REQUEST, expires_at=ends)
    world.heard(world.shop.orders.hold(hold))
    yield from sent(visit, order)
    yield DAYS * 2
    if by_hand:
        world.heard(world.shop.orders.lift(LiftHold(key=world.key("lift"), by=CLERK, order_id=order.id, hold_id="holiday")))
    yield from sent(visit, world.now(order))


def lost_on_the_way(visit: Visit) -> Life:
    """The parcel never arrives; it is given up and the money goes back."""
    order = yield from bought(visit)
    if order is None:
        return
    order = yield from sent(visit, order, scans=(TrackStatus.PICKED_UP, TrackStatus.EXCEPTION))
    if not order.shipments:
        return
    noted(visit, order, "parcel_lost")
    yield DAYS * 3
    world = visit.world
    world.heard(world.shop.shipping.lose(LoseShipment(key=world.key("lose"), by=CLERK, order_id=order.id, shipment_id="s1")))
    if order.paid:
        money = Money(order.paid, CURRENCY)
        world.heard(
            world.shop.payments.refund(RefundOrder(key=world.key("refund"), by=CLERK, order_id=order.id, amount=money, reason="lost on the way"))
        )


def doubted(visit: Visit) -> Life:
    """The provider has doubts about the payment, which hold the order until they are gone."""
    order = yield from bought(visit, "tok_review")
    if order is None or not order.holds:
        return
    yield HOURS * 9
    visit.world.provider.close_review(order.payments[0].reference)
    yield HOURS
    yield from sent(visit, visit.world.now(order))


def charged_back(visit: Visit) -> Life:
    """The buyer's bank takes the money back after the goods have arrived."""
    order = yield from bought(visit, "tok_chargeback")
    if order is None:
        return
    order = yield from sent(visit, order)
    yield DAYS * 2
    if visit.world.now(order).paid:
        visit.world.provider.advance(order.payments[0].reference)


Story = Callable[[Visit], Life]

STORIES: tuple[tuple[Story, int], ...] = (
    (as_it_should_be, 27),
    (around_the_corner, 4),
    (declined, 5),
    (with_a_second_card, 4),
    (on_the_bank_page, 6),
    (refused_on_the_bank_page, 2),
    (lost_on_the_bank_page, 3),
    (slow, 4),
    (lost_answer, 5),
    (at_the_door, 7),
    (with_vouchers, 5),
    (for_nothing, 3),
    (in_two_parcels, 6),
    (half_of_it, 4),
    (thought_better_of, 5),
    (a_chipped_cup, 3),
    (on_holiday, 3),
    (lost_on_the_way, 2),
    (doubted, 1),
    (charged_back, 1),
)
