"""Orders and what they are made of, for tests: say what matters, the rest is plain.

    an_order()                                          two teas and a cup for Ann, 45.00 EUR, to be paid by card
    an_order(sold("TEA", 3), on_delivery=True)          three teas, paid at the door
    shipped(paid(an_order()))                           further on in its life

Every function takes the facts that a test is about as keywords and makes up the others, always the same ones.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from attrs import frozen

from shopwright import orders
from shopwright.catalog.products import Product
from shopwright.members.actors import Actor, customer, staff
from shopwright.members.addresses import Address
from shopwright.money import Money
from shopwright.orders import paying
from shopwright.orders.order import Order
from shopwright.orders.terms import Terms
from shopwright.payments import verbs
from shopwright.payments.outcomes import Done, Totals
from shopwright.payments.payment import Payment, Tender, Via
from shopwright.pricing.cart import Cart, CartLine
from shopwright.pricing.facts import NoShipping, Offers, PriceFacts, Shipping
from shopwright.pricing.quote import Quote, price
from shopwright.promotions.coupons import Coupon, coupon_key
from shopwright.promotions.engine import Engine
from shopwright.promotions.extras import Extra
from shopwright.promotions.promotion import Promotion
from shopwright.promotions.taking import Gift
from shopwright.refusals import accepted

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""When everything happens, unless a test says otherwise."""

ANN, CLERK = customer("ann"), staff("clerk")
"""Who buys, and who works in the shop."""


@frozen
class Sold:
    """So many units of something at a price in minor units; `facts` are more fields of its product."""

    sku: str = "TEA"
    quantity: int = 1
    price: int = 1000
    facts: tuple[tuple[str, Any], ...] = ()


def sold(sku: str = "TEA", quantity: int = 1, price: int = 1000, **facts: Any) -> Sold:
    """Units of a product, such as `sold("BOOK", 2, 1500, ships=False)`."""
    return Sold(sku, quantity, price, tuple(sorted(facts.items())))


PLAIN = (sold("TEA", 2, 1000), sold("CUP", 1, 2500))
"""Two teas and a cup: 45.00."""


def a_product(sku: str = "TEA", price: int = 1000, *, currency: str = "EUR", **facts: Any) -> Product:
    """A product at a price in minor units."""
    return Product(**{"sku": sku, "title": sku.title(), "seller_id": "house", "prices": (Money(price, currency),), **facts})


def an_address(name: str = "Ann Lee", **facts: Any) -> Address:
    """Where Ann lives."""
    return Address(**{"name": name, "lines": ("1 Harbor Street",), "city": "Hamburg", "postcode": "20457", "country": "DE", **facts})


def a_cart(*goods: Sold, currency: str = "EUR", coupon_code: str = "", **facts: Any) -> Cart:
    """A cart of these goods."""
    return Cart(currency, tuple(CartLine(it.sku, it.quantity) for it in goods or PLAIN), coupon_code, **facts)


def a_gift(sku: str = "MUG", quantity: int = 1, **more: Any) -> Promotion:
    """A promotion that gives something away with every order, and whatever `more` an `Extra` gives, such as `points=50`."""
    return Promotion(id=f"gift-{sku}", effects=(Extra(gifts=(Gift(sku, quantity),), **more),))


def a_quote(
    *goods: Sold,
    currency: str = "EUR",
    coupon: Coupon | None = None,
    shipping: Shipping | None = None,
    promotions: tuple[Promotion, ...] = (),
    at: datetime = NOON,
    **facts: Any,
) -> Quote:
    """The price of these goods, with promotions whose gifts the shop has; raises `Refused` when they have none."""
    goods = goods or PLAIN
    products = {it.sku: a_product(it.sku, it.price, currency=currency, **dict(it.facts)) for it in goods}
    for gift in [gift for it in promotions for effect in it.effects if isinstance(effect, Extra) for gift in effect.gifts]:
        products.setdefault(gift.sku, a_product(gift.sku, prices=()))
    offers = Offers(Engine(promotions)) if promotions else None
    known = PriceFacts(tuple(products.values()), coupon, shipping or NoShipping(), offers)
    return accepted(price(a_cart(*goods, currency=currency, coupon_code=coupon.code if coupon else "", **facts), known, at=at))


def a_tender(amount: int = 4500, method: str = "card", **facts: Any) -> Tender:
    """A card at the gateway `fake`; with another `via`, no gateway."""
    gateway = "fake" if facts.get("via", Via.GATEWAY) is Via.GATEWAY else ""
    return Tender(**{"method": method, "amount": amount, "gateway": gateway, **facts})


def a_voucher(amount: int, **facts: Any) -> Tender:
    """A tender that somebody outside pays."""
    return a_tender(amount, "voucher", via=Via.EXTERNAL, **facts)


def cash(amount: int, **facts: Any) -> Tender:
    """A tender that is paid at the door."""
    return a_tender(amount, "cash", via=Via.ON_DELIVERY, **facts)


def a_placement(total: int = 4500, *, tenders: tuple[Tender, ...] | None = None, **facts: Any) -> orders.Placement:
    """What is known of an order besides its price; paid by one card unless `tenders` are given."""
    given = ((a_tender(total),) if total else ()) if tenders is None else tenders
    plain = {"id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "number": "20260302-0001-7", "buyer_id": "ann", "ship_to": an_address()}
    return orders.Placement(**{**plain, "tenders": given, **facts})


def a_decision(
    *goods: Sold,
    quote: Quote | None = None,
    tenders: tuple[Tender, ...] | None = None,
    on_delivery: bool = False,
    coupon: Coupon | None = None,
    shipping: Shipping | None = None,
    promotions: tuple[Promotion, ...] = (),
    currency: str = "EUR",
    terms: Terms | None = None,
    by: Actor = ANN,
    at: datetime = NOON,
    **facts: Any,
) -> orders.Decision:
    """The placing of an order and what follows from it at once, with its events. Raises `Refused` when it is refused."""
    quote = quote or a_quote(*goods, currency=currency, coupon=coupon, shipping=shipping, promotions=promotions, at=at)
    paid_by = (cash(quote.total),) if on_delivery else tenders
    uses = ((coupon_key(quote.coupon_code), 1),) if quote.coupon_code else ()
    placement = a_placement(quote.total, tenders=paid_by, **facts)
    placed = accepted(orders.place(quote, placement, terms=terms or Terms(), claims=(*quote.stock_wanted(), *uses), by=by, at=at))
    more = orders.advance(placed.order, at=at)
    return orders.Decision(more.order, (*placed.events, *more.events))


def an_order(*goods: Sold, **facts: Any) -> Order:
    """An order as it stands right after it was placed; see `a_decision` for what can be said of it."""
    return a_decision(*goods, **facts).order


def a_done(payment: Payment, currency: str = "EUR", *, at: datetime = NOON, under_review: bool = False, **more: int) -> Done:
    """A gateway's yes: the totals of this payment with so much `more`, such as `captured=4500`."""
    return Done(payment.reference or f"ref_{payment.id}", totals_of(payment, currency, **more), at, under_review=under_review)


def totals_of(payment: Payment, currency: str = "EUR", **more: int) -> Totals:
    """A provider's totals of a payment as the shop knows them, with so much `more`."""
    known = {name: getattr(payment, name) for name in ("authorized", "captured", "voided", "charged_back")}
    known["refunded"] = payment.refunded - payment.refunded_by_hand
    return Totals.of(currency, **{name: known.get(name, 0) + more.get(name, 0) for name in {*known, *more}})


def paid(order: Order, *, at: datetime = NOON) -> Order:
    """Every payment that is due has been made; what is only promised is promised."""
    for payment in paying.due(order):
        order = _answered(order, payment.id, at)
    for payment in order.payments:
        if payment.tender.via is Via.EXTERNAL and "record" in verbs.allowed(payment):
            order = accepted(orders.record(order, payment.id, payment.tender.amount, at=at)).order
    return order


def _answered(order: Order, payment_id: str, at: datetime) -> Order:
    order = accepted(orders.start(order, payment_id, at=at)).order
    payment = next(it for it in order.payments if it.id == payment_id)
    amount = payment.tender.amount
    done = a_done(payment, order.currency, at=at, authorized=amount, captured=amount if payment.tender.capture else 0)
    return orders.answer(order, payment, done, key=payment.attempts[0].key, at=at).order


def planned(order: Order, *, units: tuple[tuple[int, int], ...] | None = None, at: datetime = NOON) -> Order:
    """Units, or all that are open, are set aside in one more shipment."""
    return accepted(orders.plan_shipment(order, units=units, at=at)).order


def shipped(order: Order, *, units: tuple[tuple[int, int], ...] | None = None, at: datetime = NOON) -> Order:
    """One more shipment has left."""
    order = planned(order, units=units, at=at)
    return accepted(orders.dispatch(order, order.shipments[-1].id, at=at)).order


def delivered(order: Order, *, units: tuple[tuple[int, int], ...] | None = None, at: datetime = NOON) -> Order:
    """One more shipment has arrived."""
    order = shipped(order, units=units, at=at)
    return accepted(orders.deliver(order, order.shipments[-1].id, at=at)).order


def completed(order: Order, *, at: datetime = NOON) -> Order:
    """A paid order that was delivered and closed."""
    return accepted(orders.complete(delivered(paid(order, at=at), at=at), by=CLERK, at=at)).order


def canceled(order: Order, *, by: Actor = ANN, at: datetime = NOON, **facts: Any) -> Order:
    """An order, or the rest of it, that the customer called off."""
    return accepted(orders.cancel(order, **{"reason": orders.CancelReason.CUSTOMER, **facts}, by=by, at=at)).order
