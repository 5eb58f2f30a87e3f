"""What an edit has to have priced: the goods that it adds, at the price of today, and lines whose coupon or shipping changes."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from shopwright.flows.addressing import opened_address
from shopwright.flows.commands import PlaceOrder
from shopwright.flows.editing.commands import EditOrder
from shopwright.flows.limiting import priced
from shopwright.flows.placing import member_blocked
from shopwright.flows.ports import Ports
from shopwright.flows.quoting import read_facts
from shopwright.flows.relaying import history
from shopwright.flows.sourcing import sourced, takings
from shopwright.flows.taxing import taxed
from shopwright.members.addresses import Address
from shopwright.orders.edit_changes import ChangeCoupon
from shopwright.orders.editing import Priced, additions, to_plan_anew
from shopwright.orders.order import Order
from shopwright.orders.repricing import frozen_price, priced_again, wants_repricing
from shopwright.orders.sourcing import Sourcing
from shopwright.pricing.cart import Cart, CartLine
from shopwright.pricing.quote import Quote
from shopwright.promotions.coupons import Coupon, coupon_key
from shopwright.refusals import Refusal


@frozen(kw_only=True)
class _Added:
    """Goods that are added: their price, what it claims, and the places that ship them."""

    offer: Quote
    claims: tuple[tuple[str, int], ...]
    plan: Sourcing | None


@frozen(kw_only=True)
class _Again:
    """Lines that are priced again, and what uses of coupons that takes and gives back."""

    offer: Quote
    taken: tuple[tuple[str, int], ...]
    gone: tuple[str, ...]


def prices(ports: Ports, order: Order, command: EditOrder, *, grant: bool, at: datetime) -> Priced | Refusal:
    """All that has to be priced for an edit. With `grant` the quotas of limits are made ready, as for an order."""
    added = _added(ports, order, command, grant=grant, at=at)
    if isinstance(added, Refusal):
        return added
    again = _again(ports, order, command, at=at)
    if isinstance(again, Refusal):
        return again
    anew = _anew(ports, order, command, at=at)
    if isinstance(anew, Refusal):
        return anew
    return Priced(
        added=None if added is None else added.offer,
        claims=() if added is None else added.claims,
        sourced=None if added is None else added.plan,
        anew=anew,
        again=None if again is None else again.offer,
        coupon_claims=() if again is None else again.taken,
        coupon_gone=() if again is None else again.gone,
    )


def _added(ports: Ports, order: Order, command: EditOrder, *, grant: bool, at: datetime) -> _Added | Refusal | None:
    wanted = additions(order, command.changes)
    if not wanted:
        return None
    to = opened_address(ports, order) if command.ship_to is None else command.ship_to
    if isinstance(to, Refusal):
        return to
    asked = PlaceOrder(
        key=command.key,
        by=command.by,
        buyer_id=order.buyer_id,
        cart=Cart(order.currency, tuple([CartLine(sku, units) for sku, units in wanted]), channel=order.channel),
        ship_to=to,
        shipping=command.shipping,
    )
    facts, _, _, block = read_facts(ports, asked, grant=grant, at=at)
    if block is not None:
        return member_blocked(block)
    offer, limits = priced(ports, asked.cart, facts, grant=grant, at=at)
    offer = taxed(ports, facts, offer, to=to)
    if isinstance(offer, Refusal):
        return offer
    uses = tuple([(it.key, it.quantity) for it in limits])
    if ports.places is None:
        return _Added(offer=offer, claims=(*offer.stock_wanted(), *uses), plan=None)
    plan = _planned(ports, offer, to, at=at)
    if isinstance(plan, Refusal):
        return plan
    return _Added(offer=offer, claims=(*(offer.stock_wanted() if plan is None else plan.claims()), *uses), plan=plan)


def _planned(ports: Ports, offer: Quote, to: Address, *, at: datetime) -> Sourcing | Refusal | None:
    """Which place ships what of the goods that are added; what the order ships besides is not moved for them."""
    assert ports.places is not None, "asked in a shop with places alone"
    wanted = takings([(line.line_no, line.from_stock()) for line in offer.lines])
    return sourced(ports, ports.places, wanted, ports.places.zone_of(to), own={}, at=at)


def _anew(ports: Ports, order: Order, command: EditOrder, *, at: datetime) -> Sourcing | Refusal | None:
    """Which place ships what of an order that goes to another zone (EDIT-10). Refused with the codes of `shopwright.inventory.plan`."""
    if ports.places is None or command.ship_to is None:
        return None
    zone = ports.places.zone_of(command.ship_to)
    wanted = takings([(it.line_no, it.from_stock(it.buckets.open)) for it in to_plan_anew(order, zone) if it.buckets.open])
    return sourced(ports, ports.places, wanted, zone, own=dict(order.claim.items), at=at)


def _again(ports: Ports, order: Order, command: EditOrder, *, at: datetime) -> _Again | Refusal | None:
    if not wants_repricing(command.changes):
        return None
    frozen = frozen_price([it.value for it in history(ports, order.id)])
    assert frozen is not None, "the history of an order begins with its placing"
    change = next((it for it in command.changes if isinstance(it, ChangeCoupon)), None)
    stored = None if change is None or not change.code else ports.storage.load(Coupon, change.code)
    coupon = None if stored is None else stored.value
    offer = priced_again(frozen, command.changes, coupon, at=at)
    if isinstance(offer, Refusal):
        return offer
    gone = () if change is None or not order.coupon_code or change.code == order.coupon_code else (coupon_key(order.coupon_code),)
    new = coupon is not None and coupon.limited and coupon.code != order.coupon_code
    taken = ((coupon_key(offer.coupon_code), 1),) if new and offer.coupon_code else ()
    return _Again(offer=offer, taken=taken, gone=gone)
