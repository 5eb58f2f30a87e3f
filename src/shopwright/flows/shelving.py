"""Price rules in a shop: who they are asked for, and what a product page shows, with what is left of flash prices.

Rules
- a page and a cart ask the same function with the same facts, so they tell the same price at the same moment;
- what is left of a flash price is read when it bears on a price, and never promised: the units are the order's that is written first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from attrs import evolve

from shopwright.errors import InvalidValue
from shopwright.flows.catalog.shelved import Shelved
from shopwright.flows.ports import Ports
from shopwright.ports.edge import check_ids
from shopwright.ports.quotas import Quota
from shopwright.pricing.facts import PriceFacts, Prices
from shopwright.pricing.shelf import CATALOG
from shopwright.pricing.shelf_price import ShelfPrice, shelf_price
from shopwright.promotions.basket import Buyer
from shopwright.promotions.limits import Claim, Use, claims, promotion_of
from shopwright.promotions.price_rules import CatalogPrice
from shopwright.refusals import Refusal

NOBODY = Buyer()
"""Who buys where no price depends on it."""


def known_buyer(ports: Ports, buyer_id: str, *, at: datetime) -> Buyer:
    """What the shop knows of who buys, asked where prices, promotions or points could depend on it.

    Raises `InvalidValue` for an answer about another.
    """
    rules = (ports.promotions, ports.prices, ports.catalog.lists)
    if rules == (None, None, None) and (ports.loyalty is None or not ports.loyalty.tiers):
        return NOBODY
    buyer: Any = ports.buyers.known(buyer_id, at=at)
    if not isinstance(buyer, Buyer) or buyer.id != buyer_id:
        raise InvalidValue(f"expected what is known of the buyer {buyer_id!r}, got {buyer!r} from {type(ports.buyers).__name__}.known")
    known: Buyer = buyer
    return known


def prices_for(ports: Ports, buyer: Buyer) -> Prices | None:
    """The price rules of the shop for who buys; `None` where it has none."""
    return None if ports.prices is None else Prices(ports.prices, buyer)


def with_left(prices: Prices, wanted: Iterable[Claim], standing: Mapping[str, Quota]) -> Prices:
    """The same prices, knowing how many units are left for these claims: the least of what is left in all and of the member's own."""
    left = dict(prices.left)
    for claim in wanted:
        quota, id = standing[claim.key], promotion_of(claim.key)
        free = max(0, claim.limit - quota.used - quota.held)
        left[id] = min(free, left.get(id, free))
    return evolve(prices, left=left)


def shelf(
    ports: Ports, skus: Iterable[str], *, currency: str, channel: str = "", buyer_id: str = "", quantity: int = 1, at: datetime
) -> dict[str, ShelfPrice | Refusal]:
    """What one of `quantity` units of each of these products costs one buyer now, before promotions of a cart, and with price lists what is to be
    told beside a reduced price; `sku_unknown` for what the shop does not have.
    """
    asked = check_ids("skus", skus)
    read = Shelved(ports, asked)
    found = read.products
    buyer = known_buyer(ports, buyer_id, at=at) if buyer_id else NOBODY
    facts = PriceFacts((), prices=prices_for(ports, buyer), lists=read.lists(buyer))
    while True:
        shown = {sku: shelf_price(it, facts, currency=currency, channel=channel, quantity=quantity, at=at) for sku, it in found.items()}
        wanted = _unread(facts.prices, shown.values(), at=at) if isinstance(facts.prices, Prices) else ()
        if not wanted or not isinstance(facts.prices, Prices):
            shown = read.with_priors(shown, channel=channel, at=at)
            return {sku: shown.get(sku) or Refusal("sku_unknown", f"there is no {sku}", {"sku": sku}) for sku in asked}
        facts = evolve(facts, prices=with_left(facts.prices, wanted, ports.storage.quota([claim.key for claim in wanted], at=at)))


def _unread(prices: Prices, shown: Iterable[ShelfPrice | Refusal], *, at: datetime) -> tuple[Claim, ...]:
    """The limits of the flash prices that are shown and of which nobody has read yet what is left."""
    read = dict(prices.left)
    ids = {entry.rule for it in shown if isinstance(it, ShelfPrice) for entry in it.why if entry.step == CATALOG and entry.rule not in read}
    found: list[Claim] = []
    for id in sorted(ids):
        rule = prices.book.by_id[id]
        if isinstance(rule, CatalogPrice) and rule.most is not None:
            found += claims(rule.limits, Use(id, 0, "", "", prices.buyer.id, frozenset(), at, 1))
    return tuple(found)
