"""From an order of the marketplace to the commands that tell a shop of it, each with its own time.

    created                          placed; what was never approved stays due
    approved, invoiced, processing   confirmed (note `state_narrowed` keeps the word)
    shipped                          confirmed, its shipments in transit
    delivered                        delivered, and completed by the sweep some days later
    canceled, unavailable            canceled where it stood, nothing refunded
    any state, without items         no order at all: its payments are kept as loose money

Rules
- a command carries the time that the files tell, even where the times contradict each other; `due` is when the replay sends it, which
  never is before the command that it builds on;
- goods leave and arrive by their dates, whatever the state says; a date that is missing is not made up;
- the files do not say when an order was canceled: the last time that they tell of it is taken, and noted.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from attrs import field, frozen

from marketplace.oddities import CALLED_OFF, Facts, Odd, odd_facts
from marketplace.source import CURRENCY, ORDERS, Goods, Item, Marketplace, Sale
from shopwright import (
    Address,
    CancelOrder,
    CancelReason,
    Cart,
    CartLine,
    DeliverShipment,
    DispatchShipment,
    Money,
    PlaceOrder,
    Product,
    RecordPayment,
    ShipOrder,
    Tender,
    Via,
    staff,
)
from shopwright.flows.commands import KeepLooseMoney, NoteException, OrderCommand
from shopwright.pricing.facts import ShippingPerLine

IMPORT = staff("replay")
CHANNEL = "olist"


@frozen(kw_only=True)
class Step:
    """One command about an order: when it is sent, the time it tells, and how it is made once the shop has named the order."""

    due: datetime
    at: datetime
    make: Callable[[str], OrderCommand]


def key(sale: Sale, what: str) -> str:
    """The key of a command about this order: the same in every run, so that a replay that was cut short goes on."""
    return f"{CHANNEL}/{sale.id}/{what}"


def sku(market: Marketplace, item: Item) -> str:
    """A product that several sellers sell is a sku of its own with each."""
    return f"{item.product_id}/{item.seller_id}" if item.product_id in market.shared else item.product_id


def product(sku: str, item: Item, goods: Goods, version: int) -> Product:
    """The product as it was sold at that time: the files know a category and no name, and nothing of stock."""
    return Product(
        sku=sku,
        title=f"{goods.category or 'no category'} {goods.id[:8]}",
        seller_id=item.seller_id,
        prices=(Money(item.price, CURRENCY),),
        tracked=False,
        weight_g=goods.weight_g,
        version=version,
    )


def place(market: Marketplace, sale: Sale) -> PlaceOrder:
    """The order as it was placed: a line for each item, a tender for each payment."""
    customer = sale.customer
    return PlaceOrder(
        key=key(sale, "place"),
        by=IMPORT,
        buyer_id=customer.person,
        cart=Cart(CURRENCY, tuple(CartLine(sku(market, item)) for item in sale.items), channel=CHANNEL),
        shipping=ShippingPerLine("freight", tuple(item.freight for item in sale.items)),
        ship_to=Address(name=customer.id, city=customer.city, region=customer.state, postcode=customer.zip, country="BR"),
        tenders=tuple(
            Tender(method=paid.type, amount=paid.value, via=Via.EXTERNAL, installments=max(paid.installments, 1)) for paid in sale.payments
        ),
        promised_at=sale.promised_at,
        external_id=sale.id,
        exact_tenders=False,
    )


@frozen
class _Course:
    """The steps of one order, in the order in which each builds on the one before."""

    sale: Sale
    steps: list[Step] = field(factory=list)

    def add(self, at: datetime, make: Callable[[str], OrderCommand]) -> None:
        """One more step; it is sent at its time, or with the step before it where that is later."""
        last = self.steps[-1].due if self.steps else self.sale.purchased_at
        self.steps.append(Step(due=max(last, at), at=at, make=make))

    @property
    def last(self) -> datetime:
        """When the last step is sent."""
        return self.steps[-1].due if self.steps else self.sale.purchased_at


def course(sale: Sale) -> tuple[Step, ...]:
    """Everything that follows once an order was placed."""
    course = _Course(sale)
    _money(course)
    _goods(course)
    if sale.state in CALLED_OFF:
        _cancel(course)
    for number, odd in enumerate(odd_facts(sale), 1):
        _note(course, number, odd)
    return tuple(course.steps)


def _money(course: _Course) -> None:
    """Each payment came when the order was approved; where that has no date it came with the order, unless nothing more is known of it."""
    sale = course.sale
    if sale.approved_at is None and sale.state == "created":
        return
    for number, paid in enumerate(sale.payments, 1):
        course.add(sale.approved_at or sale.purchased_at, _recorded(sale, number, Money(paid.value, CURRENCY), f"{sale.id}/{paid.sequence}"))


def _recorded(sale: Sale, number: int, amount: Money, reference: str) -> Callable[[str], OrderCommand]:
    return lambda id: RecordPayment(
        key=key(sale, f"pay-{number}"), by=IMPORT, order_id=id, payment_id=f"p{number}", amount=amount, reference=reference
    )


def _goods(course: _Course) -> None:
    """Each seller sends a parcel; the files have one date of leaving and one of arriving, which are those of all of them."""
    sale = course.sale
    left = sale.carrier_at or sale.delivered_at
    if left is None:
        return
    for number, (_, units) in enumerate(parcels(sale), 1):
        course.add(left, _shipped(sale, number, units))
        course.add(left, _dispatched(sale, number))
        if sale.delivered_at is not None:
            course.add(sale.delivered_at, _delivered(sale, number))


def parcels(sale: Sale) -> tuple[tuple[str, tuple[tuple[int, int], ...]], ...]:
    """The sellers in the order of their first items, each with the lines of their own."""
    lines: dict[str, list[tuple[int, int]]] = {}
    for number, item in enumerate(sale.items, 1):
        lines.setdefault(item.seller_id, []).append((number, 1))
    return tuple((seller, tuple(units)) for seller, units in lines.items())


def _shipped(sale: Sale, number: int, units: tuple[tuple[int, int], ...]) -> Callable[[str], OrderCommand]:
    return lambda id: ShipOrder(key=key(sale, f"ship-{number}"), by=IMPORT, order_id=id, units=units)


def _dispatched(sale: Sale, number: int) -> Callable[[str], OrderCommand]:
    return lambda id: DispatchShipment(key=key(sale, f"out-{number}"), by=IMPORT, order_id=id, shipment_id=f"s{number}")


def _delivered(sale: Sale, number: int) -> Callable[[str], OrderCommand]:
    return lambda id: DeliverShipment(key=key(sale, f"there-{number}"), by=IMPORT, order_id=id, shipment_id=f"s{number}")


def _cancel(course: _Course) -> None:
    """The order is called off where it stood. What was shipped stays where it is, and no refund is granted, for none is recorded."""
    sale = course.sale
    reason = CancelReason.UNAVAILABLE if sale.state == "unavailable" else CancelReason.OTHER
    course.add(
        course.last,
        lambda id: CancelOrder(
            key=key(sale, "cancel"),
            by=IMPORT,
            order_id=id,
            reason=reason,
            note=f"{sale.state} at the marketplace",
            goods_out=sale.carrier_at is not None or sale.delivered_at is not None,
            refund=False,
        ),
    )


def _note(course: _Course, number: int, odd: Odd) -> None:
    facts = (*odd.facts, ("file", odd.row.file), ("line", odd.row.line))
    course.add(
        course.last,
        lambda id: NoteException(key=key(course.sale, f"odd-{number}"), by=IMPORT, order_id=id, code=odd.code, facts=facts, on_record=True),
    )


def loose(sale: Sale, *, reason: str = "no_items") -> tuple[tuple[datetime, KeepLooseMoney], ...]:
    """The payments of an order that cannot be placed, with all that is known of it; its odd facts stand with the first of them."""
    odd = odd_facts(sale)
    at = sale.approved_at or sale.purchased_at
    found = []
    for number, paid in enumerate(sale.payments, 1):
        codes = [it.code for it in odd if it.row == paid.row or (number == 1 and it.row.file == ORDERS)]
        facts: Facts = (("odd", " ".join(codes)), ("sequence", paid.sequence), ("installments", paid.installments), *_told(sale))
        command = KeepLooseMoney(
            key=key(sale, f"loose-{number}"),
            by=IMPORT,
            source=sale.id,
            method=paid.type,
            amount=Money(paid.value, CURRENCY),
            reason=reason,
            facts=facts,
        )
        found.append((at, command))
    return tuple(found)


def _told(sale: Sale) -> tuple[tuple[str, str], ...]:
    times = (
        ("purchased_at", sale.purchased_at),
        ("approved_at", sale.approved_at),
        ("carrier_at", sale.carrier_at),
        ("delivered_at", sale.delivered_at),
        ("promised_at", sale.promised_at),
    )
    told = tuple((name, at.isoformat()) for name, at in times if at is not None)
    return (("state", sale.state), ("buyer", sale.customer.person), ("customer", sale.customer.id), *told)
