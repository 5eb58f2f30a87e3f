"""Quote an order: what the shop knows about a cart, and what placing it would cost now. Nothing is written."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from attrs import evolve

from shopwright import pricing
from shopwright.catalog.kept_prices import ListBook, SkuPrices
from shopwright.catalog.products import Product
from shopwright.flows.bundling import opened
from shopwright.flows.catalog.shelved import lists_in
from shopwright.flows.checking import takes
from shopwright.flows.commands import PlaceOrder
from shopwright.flows.entering import blocked, entered, missed
from shopwright.flows.limiting import exhausting, priced
from shopwright.flows.ports import Ports
from shopwright.flows.shelving import known_buyer, prices_for
from shopwright.flows.taxing import table_for, taxed
from shopwright.members.member import MemberBlock
from shopwright.pricing.cart import MAX_LINES
from shopwright.pricing.facts import Offers, PriceFacts
from shopwright.pricing.quote import Quote
from shopwright.promotions.basket import Buyer
from shopwright.promotions.coupons import Coupon
from shopwright.promotions.engine import Skipped
from shopwright.refusals import Refusal
from shopwright.wire.catalog_kinds import PRICE_LISTS


@takes(PlaceOrder)
def quote(ports: Ports, command: PlaceOrder, *, at: datetime) -> Quote | Refusal:
    """What placing this order would cost now; nothing is written. A promotion code that is not good costs no more than its promotion, and is told
    in `Quote.refused_codes`. Refused with the codes of `shopwright.pricing.price`, `coupon_attempts` and `tax_unavailable`.
    """
    if no := blocked(ports, command, at=at):
        return no
    facts, *_ = read_facts(ports, command, grant=False, at=at)
    offer = priced(ports, command.cart, facts, grant=False, at=at)[0]
    missed(ports, command, offer, at=at)
    return taxed(ports, facts, offer, to=command.ship_to)


@takes(PlaceOrder)
def why_not(ports: Ports, command: PlaceOrder, *, at: datetime) -> tuple[Skipped, ...] | Refusal:
    """Why the promotions of the shop that do not change this price do not; refused where the cart has no price."""
    facts, *_ = read_facts(ports, command, grant=False, at=at)
    return pricing.why_not(command.cart, exhausting(ports, command.cart, facts, at=at), at=at)


def read_facts(ports: Ports, command: PlaceOrder, *, grant: bool, at: datetime) -> tuple[PriceFacts, bool, Buyer, MemberBlock | None]:
    """What the shop knows about a cart, whether the coupon's uses are limited, what it knows of who buys, and whether it takes their orders."""
    skus = {line.sku for line in command.cart.lines[: MAX_LINES + 1]}  # of more lines than that no price is made
    code = command.cart.coupon_code
    wanted: dict[type, Collection[str]] = {Product: skus, Coupon: [code]} if code else {Product: skus}
    if ports.vault is not None:  # only then there can be members
        wanted[MemberBlock] = [command.buyer_id]
    if ports.catalog.lists is not None:
        wanted |= {SkuPrices: skus, ListBook: (PRICE_LISTS,)}
    found = ports.storage.load_each(wanted)
    block = None if ports.vault is None else found.of(MemberBlock).get(command.buyer_id)
    stored = found.of(Coupon).get(code) if code else None
    coupon = None if stored is None else stored.value
    products = opened(ports, [it.value for it in found.of(Product).values()])
    buyer = known_buyer(ports, command.buyer_id, at=at)
    offers = _offers(ports, command, buyer, grant=grant, at=at)
    facts = PriceFacts(products, coupon, command.shipping, offers, table_for(ports, command.ship_to), prices_for(ports, buyer))
    facts = facts if ports.catalog.lists is None else evolve(facts, lists=lists_in(found, buyer))
    return facts, coupon is not None and coupon.limited, buyer, None if block is None else block.value


def _offers(ports: Ports, command: PlaceOrder, buyer: Buyer, *, grant: bool, at: datetime) -> Offers | None:
    """The promotions of the shop, who buys, and what the command says of the sale; how it is paid is known where there is one way."""
    if ports.promotions is None:
        return None
    methods = {tender.method for tender in command.tenders}
    method = methods.pop() if len(methods) == 1 else None
    country = command.ship_to.country or None
    told = entered(ports, command, grant=grant, at=at) if command.cart.codes else None
    return Offers(ports.promotions, buyer, payment_method=method, ship_to=country, entered=told)
