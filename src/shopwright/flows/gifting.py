"""Gifts of promotions and their stock: read when a price names them, and left out when somebody else was faster.

Rules
- nothing is read for a price that names no gift;
- GIFT-4: who loses the last gift in the very write is priced again without it, and placed;
- GIFT-5: an order whose hold was reclaimed before its money came goes on without its gift where the gift alone is gone; a note tells of it, and
  what the gift's promotion used of its limits stays used.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from attrs import evolve

from shopwright.catalog.bundles import sets_from
from shopwright.catalog.products import Component, Product
from shopwright.flows.bundling import opened
from shopwright.flows.ports import Ports
from shopwright.flows.sourcing import free_anywhere
from shopwright.inventory.keys import stock_key
from shopwright.orders.decision import Decision
from shopwright.orders.events import ClaimReduced, ExceptionNoted, UnitsCanceled
from shopwright.orders.order import Order
from shopwright.ports.quotas import QuotaMove, Take
from shopwright.pricing.facts import Offers, PriceFacts
from shopwright.pricing.gifts import gifts_named
from shopwright.pricing.quote import Quote
from shopwright.refusals import Refusal

GIFT_GONE = "gift_gone"
"""The code of the exception noted when an order goes on without its gift."""


def named(offer: Quote | Refusal) -> frozenset[str]:
    """The skus of the gifts that a price names, given or not, or for the lack of which there is no price."""
    if isinstance(offer, Quote):
        return gifts_named(offer.trace)
    return frozenset({str(offer.fact("sku"))}) if offer.code == "gift_unavailable" else frozenset()


def with_gifts(ports: Ports, facts: PriceFacts, skus: frozenset[str], *, at: datetime) -> PriceFacts:
    """The facts with the products of these gifts, as far as there are such, and with what is free of them."""
    assert isinstance(facts.offers, Offers), "only offers name gifts"
    known = {product.sku for product in facts.products}
    stored = ports.storage.load_many(Product, skus - known) if skus - known else {}
    products = (*facts.products, *opened(ports, [stored[sku].value for sku in sorted(stored)]))
    told = dict(facts.offers.gift_stock)
    unread = skus - told.keys()
    if unread:
        told |= _free(ports, unread, products, at=at)
    return evolve(facts, products=products, offers=evolve(facts.offers, gift_stock=tuple(sorted(told.items()))))


def _free(ports: Ports, skus: Collection[str], products: Iterable[Product], *, at: datetime) -> dict[str, int]:
    """How many of each sku could be given, as far as its stock goes."""
    parts = {sku: (Component(sku),) for sku in skus} | {it.sku: it.components for it in products if it.sku in skus and it.components}
    counted = sorted({part.sku for each in parts.values() for part in each})
    free = free_anywhere(ports, counted, at=at)
    return {sku: sets_from(each, free) for sku, each in parts.items()}


def without_last(facts: PriceFacts, offer: Quote, refusal: Refusal) -> PriceFacts | None:
    """The facts as the write found them, where it was a gift that fell short; `None` where it was not."""
    if refusal.code != "quota_exhausted" or not isinstance(facts.offers, Offers):
        return None
    key = refusal.fact("key")
    short = [(line, units) for line in offer.gifts for sku, units in line.from_stock() if stock_key(sku) == key]
    if not short:
        return None
    gift, units = short[0]
    left = int(refusal.fact("free"))
    if gift.components:  # what the others take of this component is not there for the gift
        left = (left - int(refusal.fact("wanted")) + units) * gift.quantity // units
    told = dict(facts.offers.gift_stock) | {gift.sku: max(0, left)}
    return evolve(facts, offers=evolve(facts.offers, gift_stock=tuple(sorted(told.items()))))


def without_unplanned(facts: PriceFacts, offer: Quote, refusal: Refusal) -> PriceFacts | None:
    """The facts without the gifts that no plan could ship, where the gifts may be what is too much; `None` where there are none."""
    if refusal.code == "stock_short":
        short = {"key": stock_key(str(refusal.fact("sku"))), "wanted": refusal.fact("wanted"), "free": refusal.fact("available")}
        return without_last(facts, offer, Refusal("quota_exhausted", refusal.message, short))
    gifts = {line.sku for line in offer.gifts if line.tracked}
    if not gifts or not isinstance(facts.offers, Offers):
        return None
    told = dict(facts.offers.gift_stock) | dict.fromkeys(gifts, 0)
    return evolve(facts, offers=evolve(facts.offers, gift_stock=tuple(sorted(told.items()))))


def gone_since(before: Order, decision: Decision, refusal: Refusal, *, at: datetime) -> tuple[Decision, tuple[QuotaMove, ...]] | None:
    """The same decision without the gifts that are gone, and what it takes of the stock; `None` where no gift fell short (GIFT-5)."""
    key = refusal.fact("key")
    canceled = {line_no for event in decision.events if isinstance(event, UnitsCanceled) for line_no, _ in event.units}
    gifts = [line for line in before.lines if line.given_by is not None and line.line_no not in canceled]
    short = [line for line in gifts if any(stock_key(sku) == key for sku, _ in line.from_stock(line.quantity))]
    if not short:
        return None
    units = tuple([(line.line_no, line.quantity) for line in short])
    quantity = sum(line.quantity for line in short)
    items = dict(decision.order.claim.items)
    for sku, count in [taken for line in short for taken in line.from_stock(line.quantity)]:
        items[stock_key(sku)] -= count
    kept = tuple([(name, count) for name, count in items.items() if count])
    note = ExceptionNoted(code=GIFT_GONE, facts=(("quantity", quantity), ("sku", short[0].sku)), at=at)
    events = (UnitsCanceled(units=units, at=at), *decision.events, ClaimReduced(items=kept, at=at), note)
    return Decision(before).then(*events), tuple([Take(name, count) for name, count in kept])
