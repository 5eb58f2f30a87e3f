"""What a page of goods reads of a shop: products, price lists with their prices, and what both were before; each in one call."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cached_property

from attrs import evolve, frozen

from shopwright.catalog.kept_prices import ListBook, PastLists, PastPrices, SkuPrices
from shopwright.catalog.products import Product
from shopwright.flows.catalog.past import listed_for, prior_of
from shopwright.flows.ports import Ports
from shopwright.ports.storage import Loaded
from shopwright.pricing.listing import Listed
from shopwright.pricing.shelf_price import ShelfPrice
from shopwright.promotions.basket import Buyer
from shopwright.refusals import Refusal
from shopwright.wire.catalog_kinds import PRICE_LISTS

Shown = dict[str, ShelfPrice | Refusal]


def lists_in(found: Loaded, buyer: Buyer) -> Listed:
    """The price lists among what was read, for who buys."""
    book = found.of(ListBook).get(PRICE_LISTS)
    return listed_for(None if book is None else book.value, {sku: it.value for sku, it in found.of(SkuPrices).items()}, buyer.tier)


@frozen(slots=False)
class Shelved:
    """The products of some skus in a shop, and what is known of their prices."""

    ports: Ports
    skus: Collection[str]

    @cached_property
    def _found(self) -> Loaded:
        wanted: dict[type, Collection[str]] = {Product: self.skus}
        if self.ports.catalog.lists is not None:
            wanted |= {SkuPrices: self.skus, ListBook: (PRICE_LISTS,)}
        return self.ports.storage.load_each(wanted)

    @property
    def products(self) -> Mapping[str, Product]:
        """The products that there are, by sku."""
        return {sku: stored.value for sku, stored in self._found.of(Product).items()}

    def lists(self, buyer: Buyer) -> Listed | None:
        """The price lists for who buys; `None` where the shop does not ask them."""
        return None if self.ports.catalog.lists is None else lists_in(self._found, buyer)

    def with_priors(self, shown: Shown, *, channel: str, at: datetime) -> Shown:
        """What is shown, with the prior prices of what everybody pays less for now."""
        terms = self.ports.catalog.lists
        priced = {sku: it for sku, it in shown.items() if isinstance(it, ShelfPrice)}
        if terms is None or not priced:
            return shown
        found = self.ports.storage.load_each({PastPrices: tuple(priced), PastLists: (PRICE_LISTS,)})
        lists = found.of(PastLists).get(PRICE_LISTS)
        past = PastLists() if lists is None else lists.value
        told = dict(shown)
        for sku, stored in found.of(PastPrices).items():
            currency = priced[sku].price.currency
            prior = prior_of(self.products[sku], stored.value, past, self.ports.prices, terms, currency=currency, channel=channel, at=at)
            told[sku] = evolve(priced[sku], prior=prior)
        return told
