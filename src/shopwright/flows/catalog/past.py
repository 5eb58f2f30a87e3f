"""What everything was to cost: written beside each change of a price, and read back as the prior price of a reduction.

Rules
- a price is what somebody pays of whom nothing is known: lists, the product's own price, and catalog prices of today's price rules;
- price rules are configuration, so those that were taken out since are not known any more: let them end by their windows instead;
- PRIOR-1: a reduction begins when the price fell to what it is now, and the days before that moment are looked at, not those before today.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from attrs import evolve

from shopwright.catalog.kept_prices import ListBook, PastLists, PastPrices, SkuPrices, asked, holding
from shopwright.catalog.price_history import PriceHistory, PriorPrice, prior_price
from shopwright.catalog.price_lists import ListedPrice
from shopwright.catalog.products import Product
from shopwright.catalog.terms import ListTerms
from shopwright.ports.storage import Put, Storage
from shopwright.pricing.facts import PriceFacts, Prices
from shopwright.pricing.listing import Listed
from shopwright.pricing.shelf_price import shelf_price
from shopwright.promotions.price_rules import PriceBook
from shopwright.refusals import Refusal

LONGEST = timedelta(days=90)
"""How long ago a reduction may have begun to be told as one still."""

MOST_STEPS = 1_000
"""How many changes of a price are looked at."""

Now = tuple[Product | None, tuple[ListedPrice, ...] | None]
"""A product as it is from now on, and what lists say of it; `None` for what does not change."""


def past_puts(storage: Storage, changed: Mapping[str, Now], *, at: datetime) -> tuple[Put, ...]:
    """What keeping these prices for later writes."""
    stored = storage.load_many(PastPrices, tuple(changed)) if changed else {}
    puts: list[Put] = []
    for sku, (product, rows) in changed.items():
        before = stored[sku].value if sku in stored else PastPrices(sku)
        prices = None if product is None else product.prices if product.active else ()
        after = before.changed(at=at, prices=prices, rows=rows)
        if after is not before:
            puts.append(Put(sku, after, stored[sku].version if sku in stored else 0))
    return tuple(puts)


def listed_for(book: ListBook | None, kept: Mapping[str, SkuPrices], tier: str | None) -> Listed:
    """The lists of a shop with their prices of some skus, for somebody of a tier."""
    return Listed(asked(book or ListBook(), kept.values()), tier or "")


def prior_of(
    product: Product, past: PastPrices, lists: PastLists, rules: PriceBook | None, terms: ListTerms, *, currency: str, channel: str, at: datetime
) -> PriorPrice | None:
    """The price to tell beside that of a product, where everybody pays less now than before; `None` where it is no reduction."""
    since = at - LONGEST - timedelta(days=terms.days + 1)
    history = _history(product, past, lists, rules, currency=currency, channel=channel, since=since, until=at)
    now = history.price_at(at)
    if now is None or len(history.changes) < 2:
        return None
    began, before = history.changes[-1].at, history.changes[-2].minor
    if before is None or before <= now or began < at - LONGEST:
        return None
    return prior_price(history, at=began, zone=terms.zone, days=terms.days)  # PRIOR-1


def _history(
    product: Product,
    past: PastPrices,
    lists: PastLists,
    rules: PriceBook | None,
    *,
    currency: str,
    channel: str,
    since: datetime,
    until: datetime,
) -> PriceHistory:
    """What a unit cost everybody in a stretch of time, up to its end and with it."""
    edges = _edges(past, lists)
    history, moment = PriceHistory(product.sku, currency, channel), since
    for _ in range(MOST_STEPS):
        held, there = holding(past.revisions, moment), holding(lists.revisions, moment)
        minor, ends = None, None
        if held is not None:
            book = ListBook(() if there is None else there.lists)
            facts = PriceFacts((), lists=listed_for(book, {product.sku: SkuPrices(product.sku, held.rows)}, None))
            facts = facts if rules is None else evolve(facts, prices=Prices(rules))
            was = evolve(product, prices=held.prices, active=True)
            shown = shelf_price(was, facts, currency=currency, channel=channel, at=moment)
            if not isinstance(shown, Refusal):
                minor, ends = shown.price.minor, shown.until
        history = history.changed(minor, at=moment)
        later = [edge for edge in (*edges, ends) if edge is not None and edge > moment]
        moment = min(later, default=until)
        if not later or moment > until:
            break
    return history


def _edges(past: PastPrices, lists: PastLists) -> frozenset[datetime]:
    """The moments at which prices were put, or a list was, began or ended."""
    found = {each.since for each in past.revisions}
    for revision in lists.revisions:
        found.add(revision.since)
        found |= {edge for each in revision.lists for edge in (each.window.start, each.window.end) if edge is not None}
    return frozenset(found)
