"""What people do to a shop, what fate does to its payments and parcels: each deed is a value, so that a test can draw, repeat and
interleave them. Which order, shipment or payment a deed means is found out when it is done.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from attrs import frozen

from shopwright import (
    CancelOrder,
    CapturePayment,
    CompleteOrder,
    ConfirmOrder,
    DeliverShipment,
    DispatchShipment,
    FlatShipping,
    HoldOrder,
    Money,
    Order,
    PayOrder,
    PlaceOrder,
    RecordPayment,
    RefundOrder,
    Refusal,
    ShipOrder,
    Shop,
    Tender,
    Via,
    accepted,
)
from shopwright.errors import IllegalTransition, InvalidValue
from shopwright.flows import commands as c
from shopwright.members.addresses import Address
from shopwright.orders.holds import HoldReason
from shopwright.payments.errors import GatewayError
from shopwright.payments.operations import OperationKey
from shopwright.payments.requests import RefundPart
from shopwright.pricing.facts import NoShipping
from shopwright.shipping.tracking import TrackEvent, TrackStatus
from tests.flows.mall import ANN, CLERK, WANTED
from tests.flows.town import Town, a_cart

HOME = Address("Ann Lee", ("1 Harbor Street",), "Hamburg", country="DE")


@frozen
class Deed:
    """Something that somebody does: `which` picks among the orders, `part` among payments, shipments or amounts."""

    verb: str
    which: int = 0
    part: int = 0


@frozen
class Wish:
    """An order that somebody wants to place."""

    token: str = "tok_ok"
    teas: int = 1
    cups: int = 1
    coupon: str = ""
    via: Via = Via.GATEWAY
    capture: bool = True
    voucher: int = 0


def place(shop: Shop, wish: Wish, key: str) -> Order | Refusal:
    """Place an order as wished; one that costs nothing takes no tender."""
    facts = {"key": key, "by": ANN, "buyer_id": "ann", "cart": a_cart(wish.teas, wish.cups, wish.coupon)}
    facts |= {"ship_to": HOME}
    facts |= {"shipping": NoShipping() if wish.coupon == "GIFT" else FlatShipping("post", 400)}
    quoted = shop.orders.quote(PlaceOrder(**facts))
    if isinstance(quoted, Refusal):
        return quoted
    return shop.orders.place(PlaceOrder(**facts, tenders=_tenders(wish, quoted.total)))


def _tenders(wish: Wish, total: int) -> tuple[Tender, ...]:
    if not total:
        return ()
    vouchers = (Tender(method="voucher", amount=wish.voucher, via=Via.EXTERNAL),) if wish.voucher else ()
    return (*vouchers, _tender(wish.via, total - wish.voucher, wish.token, capture=wish.capture))


def _tender(via: Via, amount: int, token: str, *, capture: bool = True) -> Tender:
    if via is Via.GATEWAY:
        return Tender(method="card", amount=amount, gateway="fake", source=token, capture=capture)
    return Tender(method=via.value, amount=amount, via=via)


def command(order: Order, deed: Deed, key: str, at: Any) -> tuple[str, Any] | None:
    """The command that a deed means for this order as it stands, and the verb of the shop that takes it; `None` when it means nothing."""
    build = COMMANDS[deed.verb]
    about = {"key": key, "by": CLERK, "order_id": order.id}
    try:
        return build(order, deed.part, about, at)
    except (IndexError, ZeroDivisionError):
        return None


def _payment(order: Order, part: int) -> str:
    return order.payments[part % len(order.payments)].id if order.payments else "p1"


def _shipment(order: Order, part: int) -> str:
    return order.shipments[-1 - part % len(order.shipments)].id if order.shipments else "s1"


def _eur(amount: int) -> Money:
    return Money(amount, "EUR")


def _amount(order: Order, part: int) -> Money:
    """One cent, a third, all that is paid, or more than that."""
    paid = max(order.paid, 1)
    return _eur((1, max(1, paid // 3), paid, paid + 1)[part % 4])


def _added(order: Order, part: int, about: dict[str, Any], *, replaces: tuple[str, ...] = ()) -> tuple[str, Any]:
    standing = sum(payment.prospect for payment in order.payments if payment.id not in replaces)
    via, token = ((Via.GATEWAY, "tok_ok"), (Via.GATEWAY, "tok_redirect"), (Via.ON_DELIVERY, ""), (Via.GATEWAY, "tok_lost_applied"))[part % 4]
    tender = _tender(via, max(1, order.owed - standing), token)
    return "payments.add", c.AddPayment(tenders=(tender,), replaces=replaces, **about)


def _shipped(order: Order, part: int, about: dict[str, Any]) -> tuple[str, Any]:
    first = next((line for line in order.lines if line.buckets.open), None)
    units = ((first.line_no, 1),) if part % 2 and first is not None else ()
    booked = {"carrier": "flat_rate", "wanted": WANTED} if part % 4 >= 2 else {}
    return "shipping.ship", ShipOrder(units=units, **booked, **about)


def _gift_units(order: Order) -> list[tuple[int, int]]:
    return [(line.line_no, line.buckets.open) for line in order.lines if line.given_by is not None and line.buckets.open]


def _left(order: Order, part: int) -> tuple[int, int]:
    """One unit of some line, or all that left of it, whether it was given back or not."""
    line = order.lines[part % len(order.lines)]
    return line.line_no, (1, max(1, line.buckets.left))[part // 3 % 2]


Build = Callable[[Order, int, dict[str, Any], Any], tuple[str, Any]]

COMMANDS: dict[str, Build] = {
    "pay": lambda o, n, a, t: ("payments.pay", PayOrder(return_url="https://mall.example/back", **a)),
    "refresh": lambda o, n, a, t: ("payments.refresh", c.RefreshPayments(**a)),
    "record": lambda o, n, a, t: (
        "payments.record",
        RecordPayment(payment_id=_payment(o, n), amount=_eur(o.payments[n % len(o.payments)].tender.amount if o.payments else 1), **a),
    ),
    "add": lambda o, n, a, t: _added(o, n, a),
    "replace": lambda o, n, a, t: _added(o, n, a, replaces=(_payment(o, n // 4),)),
    "capture": lambda o, n, a, t: ("payments.capture", CapturePayment(payment_id=_payment(o, n), **a)),
    "capture_part": lambda o, n, a, t: ("payments.capture", CapturePayment(payment_id=_payment(o, n), amount=_eur(700), **a)),
    "refund": lambda o, n, a, t: ("payments.refund", RefundOrder(amount=_amount(o, n), reason="kindness", **a)),
    "refund_units": lambda o, n, a, t: ("payments.refund_units", c.RefundUnits(units=(_left(o, n),), reason="it does not fit", **a)),
    "give_goodwill": lambda o, n, a, t: ("payments.give_goodwill", c.GiveGoodwill(amount=_amount(o, n), reason="it came late", **a)),
    "repay": lambda o, n, a, t: ("payments.repay", c.RepayOrder(payment_id=_payment(o, n), amount=_eur(max(1, o.refund_outstanding)), **a)),
    "confirm": lambda o, n, a, t: ("orders.confirm", ConfirmOrder(**a)),
    "reject": lambda o, n, a, t: ("orders.reject", c.RejectOrder(**a)),
    "send_back": lambda o, n, a, t: ("orders.send_back", c.SendBackOrder(note="which street?", **a)),
    "correct": lambda o, n, a, t: ("orders.correct", c.CorrectOrder(ship_to=HOME, **a)),
    "hold": lambda o, n, a, t: (
        "orders.hold",
        HoldOrder(hold_id=f"h{n}", reason=HoldReason.OTHER, expires_at=t + timedelta(hours=n) if n else None, **a),
    ),
    "lift": lambda o, n, a, t: ("orders.lift", c.LiftHold(hold_id=o.holds[n % len(o.holds)].id, **a)),
    "ship": lambda o, n, a, t: _shipped(o, n, a),
    "ship_gift": lambda o, n, a, t: ("shipping.ship", ShipOrder(units=(_gift_units(o)[0],), **a)),
    "unplan": lambda o, n, a, t: ("shipping.unplan", c.UnplanShipment(shipment_id=_shipment(o, n), **a)),
    "dispatch": lambda o, n, a, t: ("shipping.dispatch", DispatchShipment(shipment_id=_shipment(o, n), **a)),
    "track": lambda o, n, a, t: ("shipping.track", c.TrackShipment(shipment_id=_shipment(o, n), **a)),
    "deliver": lambda o, n, a, t: ("shipping.deliver", DeliverShipment(shipment_id=_shipment(o, n), **a)),
    "take_back": lambda o, n, a, t: ("shipping.take_back", c.TakeBackShipment(shipment_id=_shipment(o, n), **a)),
    "lose": lambda o, n, a, t: ("shipping.lose", c.LoseShipment(shipment_id=_shipment(o, n), **a)),
    "complete": lambda o, n, a, t: ("orders.complete", CompleteOrder(**a)),
    "cancel": lambda o, n, a, t: ("orders.cancel", CancelOrder(**a)),
    "cancel_goods_out": lambda o, n, a, t: ("orders.cancel", CancelOrder(goods_out=True, **a)),
    "cancel_without_refund": lambda o, n, a, t: ("orders.cancel", CancelOrder(refund=False, goods_out=bool(n % 2), **a)),
}
"""What somebody may ask of an order, at any time."""


def send(shop: Shop, verb: str, order: Any) -> Any:
    """Send a command; what is no outage and no refusal but misuse changes nothing."""
    group, _, name = verb.partition(".")
    try:
        return getattr(getattr(shop, group), name)(order)
    except (IllegalTransition, InvalidValue) as misuse:
        return misuse


def befall(town: Town, deed: Deed) -> None:
    """Something happens at the provider or the carrier; what cannot happen now does not."""
    accounts = town.accounts()
    if not accounts:
        return
    reference = accounts[deed.which % len(accounts)].reference
    try:
        FATES[deed.verb](town, reference, deed.part)
    except (GatewayError, InvalidValue):
        return


def _entries(town: Town, reference: str) -> list[OperationKey]:
    with town.provider.open() as book:
        return [OperationKey(entry.key) for entry in book.entries() if entry.verb == "refund" and entry.reference == reference]


def _refund_at_desk(town: Town, reference: str, part: int) -> None:
    """Somebody of the shop refunds on the provider's own page, past the shop."""
    totals = town.provider.totals(reference)
    amount = _eur((1, 300)[part % 2])
    key = OperationKey(f"desk_{len(town.provider.told())}_{reference}"[:32])
    town.provider_page.refund(RefundPart(key=key, payment=reference, amount=amount, of_total=totals.captured))


def _scan(town: Town, reference: str, part: int) -> None:
    bookings = town.desk.bookings()
    if bookings:
        number = bookings[-1].tracking_numbers[0]
        status = tuple(TrackStatus)[part % len(TrackStatus)]
        town.desk.scan(number, TrackEvent(at=town.clock.now() - timedelta(minutes=part % 3), status=status, raw_code=status.value))


def _last(found: list[OperationKey]) -> OperationKey:
    if not found:
        raise GatewayError("there is no refund")
    return found[-1]


TROUBLES = ("lost_applied", "lost_not_applied", "not_sent", "throttled", "declined", "slow", "fails_late")
PHASES = ("start", "capture", "void", "refund", "query")


def _trouble(town: Town, part: int) -> None:
    phase, word = PHASES[part % 5], TROUBLES[part // 5 % 7]
    fitting = {"start": TROUBLES[:6], "capture": TROUBLES[:5], "void": TROUBLES[:5], "refund": TROUBLES, "query": TROUBLES[:4]}
    if word in fitting[phase]:
        town.provider.script(phase, word)


def _carrier_trouble(town: Town, part: int) -> None:
    town.desk.script(("quote", "book", "find", "void", "track")[part % 5], TROUBLES[part // 5 % 4])


FATES: dict[str, Callable[[Town, str, int], None]] = {
    "approve": lambda t, r, n: t.provider.approve(r),
    "decline": lambda t, r, n: t.provider.decline(r),
    "expire": lambda t, r, n: t.provider.expire(r),
    "charge_back": lambda t, r, n: t.provider.charge_back(r, (None, _eur(1), _eur(500))[n % 3]),
    "reverse_chargeback": lambda t, r, n: t.provider.reverse_chargeback(r, (None, _eur(1))[n % 2]),
    "settle_refund": lambda t, r, n: t.provider.settle_refund(_last(_entries(t, r))),
    "fail_refund": lambda t, r, n: t.provider.fail_refund(_last(_entries(t, r))),
    "open_review": lambda t, r, n: t.provider.open_review(r),
    "close_review": lambda t, r, n: t.provider.close_review(r),
    "refund_at_desk": _refund_at_desk,
    "advance": lambda t, r, n: t.provider.advance(),
    "trouble": lambda t, r, n: _trouble(t, n),
    "carrier_trouble": lambda t, r, n: _carrier_trouble(t, n),
    "scan": _scan,
}
"""What may happen outside, at any time."""

__all__ = ["COMMANDS", "FATES", "Deed", "Wish", "accepted", "befall", "command", "place", "send"]
