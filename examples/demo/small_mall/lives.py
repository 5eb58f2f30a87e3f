"""What buyers, clerks and carriers do with an order, step by step. Each step is a generator: it acts, yields how long nothing happens
now, and goes on from there, so that a story reads from top to bottom though days go by between its lines.
"""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta
from random import Random
from typing import TypeVar

from attrs import evolve as changed
from attrs import frozen

from shopwright import (
    Actor,
    Cart,
    CartLine,
    ConfirmOrder,
    DeliverShipment,
    DispatchShipment,
    FlatShipping,
    Money,
    Order,
    PayOrder,
    PlaceOrder,
    RecordPayment,
    ShipOrder,
    Tender,
    Via,
)
from shopwright.flows.commands import CorrectOrder, NoteException, RejectOrder, SendBackOrder
from shopwright.orders.states import OrderState
from shopwright.payments.states import PaymentState
from shopwright.pricing.facts import NoShipping
from shopwright.shipping.tracking import TrackEvent, TrackStatus
from small_mall.goods import CURRENCY, SHIPPING, WEIGHTS, address, parcel
from small_mall.world import CLERK, World

T = TypeVar("T")
Tale = Generator[timedelta, None, T]
Life = Tale[None]
MINUTES, HOURS, DAYS = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
Units = tuple[tuple[int, int], ...]
WAY = (TrackStatus.PICKED_UP, TrackStatus.IN_TRANSIT, TrackStatus.OUT_FOR_DELIVERY)
ARRIVES = (*WAY, TrackStatus.DELIVERED)


@frozen(kw_only=True)
class Visit:
    """One buyer in the mall, what is in the cart, and chance of their own, so that no visit changes another."""

    world: World
    number: int
    name: str
    buyer: Actor
    rng: Random
    skus: tuple[tuple[str, int], ...]
    coupon: str = ""


# Buy.


def placed(visit: Visit, *tenders: Tender, coupon: str | None = None) -> Order | None:
    """The order that a visit leads to; the last tender pays what the others leave. A buyer whose coupon is used up orders without it."""
    code = visit.coupon if coupon is None else coupon
    world, ships = visit.world, any(WEIGHTS[sku] > 10 for sku, _ in visit.skus)
    command = PlaceOrder(
        key=world.key("place"),
        by=visit.buyer,
        buyer_id=visit.buyer.id,
        cart=Cart(CURRENCY, tuple(CartLine(sku, quantity) for sku, quantity in visit.skus), coupon_code=code),
        shipping=FlatShipping("parcel", SHIPPING) if ships else NoShipping(),
        ship_to=address(visit.name, visit.number),
    )
    quote = world.heard(world.shop.orders.quote(command))
    if quote is None:
        return placed(visit, *tenders, coupon="") if code else None
    answer = world.heard(world.shop.orders.place(_paying(command, tenders, quote.total)))
    return placed(visit, *tenders, coupon="") if answer is None and code else answer


def _paying(command: PlaceOrder, tenders: tuple[Tender, ...], total: int) -> PlaceOrder:
    if not total:
        return command
    left, chosen = total, []
    for tender in tenders[:-1]:
        chosen.append(changed(tender, amount=min(tender.amount, left)))
        left -= chosen[-1].amount
    last = (changed(tenders[-1], amount=left),) if left else ()
    return changed(command, tenders=(*chosen, *last))


def card(behaving: str = "tok_ok", *, capture: bool = True) -> Tender:
    """A card that behaves as this token of the fake gateway says."""
    return Tender(method="card", amount=0, gateway="fake", source=behaving, capture=capture)


def voucher(amount: int) -> Tender:
    """A paper voucher, worth at most this much."""
    return Tender(method="voucher", amount=amount, via=Via.EXTERNAL)


def cash() -> Tender:
    """Cash at the door."""
    return Tender(method="cash", amount=0, via=Via.ON_DELIVERY)


def paid(visit: Visit, order: Order) -> Order:
    """The order after its buyer has pressed the button."""
    command = PayOrder(key=visit.world.key("pay"), by=visit.buyer, order_id=order.id, return_url="https://mall.example/back")
    visit.world.heard(visit.world.shop.payments.pay(command))
    return visit.world.now(order)


def bought(visit: Visit, behaving: str = "tok_ok", *, capture: bool = True) -> Tale[Order | None]:
    """An order that is paid by card a minute later, and looked at by a person where it has to be."""
    order = placed(visit, card(behaving, capture=capture))
    if order is None:
        return None
    yield MINUTES
    return (yield from reviewed(visit, paid(visit, order)))


def reviewed(visit: Visit, order: Order) -> Tale[Order]:
    """The order after a clerk has looked at it, if it waits for one: most are approved, some sent back, a few rejected."""
    world, told = visit.world, visit.rng.random()
    if order.state is not OrderState.IN_REVIEW:
        return order
    yield HOURS * 3
    if told < 0.2:
        world.heard(world.shop.orders.reject(RejectOrder(key=world.key("reject"), by=CLERK, order_id=order.id, note="a reseller")))
        return world.now(order)
    if told < 0.5:
        note = "which entrance of the house?"
        world.heard(world.shop.orders.send_back(SendBackOrder(key=world.key("back"), by=CLERK, order_id=order.id, note=note)))
        yield HOURS * 20
        fixed = changed(order.ship_to, lines=(*order.ship_to.lines, "entrance B"))
        world.heard(world.shop.orders.correct(CorrectOrder(key=world.key("correct"), by=visit.buyer, order_id=order.id, ship_to=fixed)))
        yield HOURS * 2
    world.heard(world.shop.orders.confirm(ConfirmOrder(key=world.key("confirm"), by=CLERK, order_id=order.id)))
    return world.now(order)


# Bring.


def sent(visit: Visit, order: Order, *, units: Units = (), scans: tuple[TrackStatus, ...] = ARRIVES, trouble: str = "") -> Tale[Order]:
    """The order after units of it (or all) went by carrier, were scanned on the way, and the shop heard of it."""
    world = visit.world
    if order.state is not OrderState.CONFIRMED:
        return order
    yield HOURS * visit.rng.randrange(2, 20)
    weight = sum(WEIGHTS[line.sku] * line.quantity for line in order.lines)
    command = ShipOrder(key=world.key("ship"), by=CLERK, order_id=order.id, units=units, carrier="flat_rate", wanted=parcel(weight))
    if trouble:
        world.desk.script("book", trouble)
    if world.heard(world.shop.shipping.ship(command)) is None:
        return world.now(order)
    yield HOURS * 2  # by then a sweep has found out about a booking whose answer was lost
    number = world.now(order).shipments[-1].tracking_numbers[0]
    for status in scans:
        yield HOURS * visit.rng.randrange(5, 22)
        world.desk.scan(number, TrackEvent(at=world.clock.now(), status=status, raw_code=status.value))
    yield HOURS
    return world.now(order)


def brought(visit: Visit, order: Order) -> Tale[Order]:
    """The order after the mall's own boy brought it."""
    world = visit.world
    if order.state is not OrderState.CONFIRMED:
        return order
    yield HOURS * 2
    if world.heard(world.shop.shipping.ship(ShipOrder(key=world.key("ship"), by=CLERK, order_id=order.id))) is None:
        return world.now(order)
    shipment = world.now(order).shipments[-1].id
    world.heard(world.shop.shipping.dispatch(DispatchShipment(key=world.key("out"), by=CLERK, order_id=order.id, shipment_id=shipment)))
    yield HOURS
    world.heard(world.shop.shipping.deliver(DeliverShipment(key=world.key("there"), by=CLERK, order_id=order.id, shipment_id=shipment)))
    return world.now(order)


def recorded(visit: Visit, order: Order) -> Order:
    """The order after money that comes by no gateway (cash, a voucher) was counted."""
    world = visit.world
    for payment in world.now(order).payments:
        if payment.tender.via is not Via.GATEWAY and payment.state in (PaymentState.DUE, PaymentState.ON_DELIVERY):
            amount = Money(payment.tender.amount, CURRENCY)
            command = RecordPayment(key=world.key("record"), by=CLERK, order_id=order.id, payment_id=payment.id, amount=amount)
            world.heard(world.shop.payments.record(command))
    return world.now(order)


def noted(visit: Visit, order: Order, code: str) -> None:
    """Something about the order is not as it should be."""
    world = visit.world
    world.heard(world.shop.orders.note(NoteException(key=world.key("note"), by=CLERK, order_id=order.id, code=code)))
