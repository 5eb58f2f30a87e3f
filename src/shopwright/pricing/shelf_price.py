"""What a product page shows: the list price of a product, what it costs by the price rules of the shop, why, and until when.

    shown = shelf_price(tea, PriceFacts((), prices=Prices(book)), currency="EUR", at=now)
    shown.price, shown.list_price, shown.until

Rules
- it is what `price` charges for the same product, facts and moment before promotions of the cart: one function reckons both;
- a price holds for as many units as it says: behind a flash price there may be fewer left than a customer wants.

Refusals: those of `shopwright.pricing.checks`, as for a cart of this one line.
"""

from __future__ import annotations

from datetime import datetime

from attrs import evolve, frozen

from shopwright.catalog.price_history import PriorPrice
from shopwright.catalog.price_lists import PriceFound
from shopwright.catalog.products import Product
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.pricing.cart import Cart, CartLine
from shopwright.pricing.checks import open_sheet
from shopwright.pricing.facts import PriceFacts, Prices
from shopwright.pricing.listing import Found, Listed
from shopwright.pricing.shelf import entries_of_shelf, shelf_of
from shopwright.pricing.trace import TraceStep
from shopwright.promotions.price_rules import CatalogPrice, PriceRule
from shopwright.promotions.shelf import PriceSkipped, Runs, Shelf
from shopwright.refusals import Refusal

MOST_CHANGES = 100
"""How many openings and closings of windows are looked at to find the end of a price."""


@frozen
class ShelfPrice:
    """What one unit of a product costs, before promotions of a cart.

    `units` says how many units the buyer may have at this price, where it is a flash price; `None` is any number. `until` is a moment up to which
    the price holds by what is known, `None` where no window will end it. `why` are the entries of a trace, `skipped` the rules not taken.
    `listed` is what the price lists of the shop say, where it has some, and `prior` the price to tell beside a reduced one.
    """

    sku: str
    list_price: Money
    price: Money
    units: int | None = None
    until: datetime | None = None
    why: tuple[TraceStep, ...] = ()
    skipped: tuple[PriceSkipped, ...] = ()
    listed: PriceFound | None = None
    prior: PriorPrice | None = None

    @property
    def is_reduced(self) -> bool:
        """Whether it costs less than its list price."""
        return self.price.minor < self.list_price.minor


def shelf_price(product: Product, facts: PriceFacts, *, currency: str, channel: str = "", quantity: int = 1, at: datetime) -> ShelfPrice | Refusal:
    """What one of `quantity` units of a product costs; the products among the facts are not looked at.

    Refused with `quantity_invalid`, `product_inactive`, `product_elsewhere` or `price_missing`.
    Raises `InvalidValue` for wrong types and a time without a zone.
    """
    _check_types(product, facts, at)
    cart = Cart(currency, (CartLine(product.sku, quantity),), channel=channel)
    sheet = open_sheet(cart, evolve(facts, products=(product,), prices=None), at=at)
    if isinstance(sheet, Refusal):
        return sheet
    (listed,) = sheet.unit_prices
    shown = ShelfPrice(product.sku, Money(listed, currency), Money(listed, currency))
    turn = None
    if isinstance(facts.lists, Listed):
        found = Found(facts.lists, cart, at)
        turn = _turn(found, product, listed)
        shown = evolve(shown, listed=found.of(product.sku), until=turn, why=found.entries())
    if not isinstance(facts.prices, Prices):
        return shown
    asked = _Asked(cart, product, listed, facts.prices)
    shelf = asked.shelf(at)
    _, price = shelf.runs[0][0]
    return evolve(
        shown,
        price=Money(price, currency),
        units=_units_left(shelf, dict(facts.prices.left)),
        until=min([moment for moment in (asked.until(at, shelf.runs[0]), turn) if moment is not None], default=None),
        why=(*shown.why, *entries_of_shelf(shelf)),
        skipped=shelf.skipped,
    )


def _turn(found: Found, product: Product, minor: int) -> datetime | None:
    """When a list begins or ends by which the list price is another; with very many of them, the last moment that was looked at."""
    moments = found.listed.lists.turns(after=found.at)
    for moment in moments[:MOST_CHANGES]:
        if evolve(found, at=moment).price(product) != minor:
            return moment
    return moments[MOST_CHANGES - 1] if len(moments) > MOST_CHANGES else None


def _check_types(product: object, facts: object, at: object) -> None:
    if not isinstance(product, Product) or not isinstance(facts, PriceFacts):
        raise InvalidValue(f"expected a Product and PriceFacts, got {type(product).__name__} and {type(facts).__name__}")
    if not isinstance(at, datetime) or at.utcoffset() is None:
        raise InvalidValue(f"expected `at` to be a datetime with a time zone, got {at!r}")


def _units_left(shelf: Shelf, left: dict[str, int]) -> int | None:
    """How many units there are at the lowest price, where it is a flash price."""
    dealt = [it for it in shelf.taken if isinstance(it.rule, CatalogPrice)]
    best = max(dealt, key=lambda it: sum(it.parts) // it.units, default=None)
    if best is None or not isinstance(best.rule, CatalogPrice) or best.rule.most is None:
        return None
    return min(best.rule.most, left.get(best.rule.id, best.rule.most))


@frozen
class _Asked:
    """One line, and who asks for its price."""

    cart: Cart
    product: Product
    listed: int
    prices: Prices

    def shelf(self, at: datetime) -> Shelf:
        return shelf_of(self.cart, (self.product,), (self.listed,), self.prices, at=at)

    def until(self, at: datetime, runs: Runs) -> datetime | None:
        """The first opening or closing of a window at which the price is another, or the last that was looked at."""
        shelf = self.shelf(at)
        rules = [*[it.rule for it in shelf.taken], *[it.rule for it in shelf.skipped]]
        for _ in range(MOST_CHANGES):
            after = min((moment for rule in rules for moment in _changes(rule, at)), default=None)
            if after is None:
                return None
            at = after
            if self.shelf(at).runs[0] != runs:
                return at
        return at


def _changes(rule: PriceRule, at: datetime) -> list[datetime]:
    """When the window of a rule opens and when it closes next."""
    return [moment for moment in (rule.window.next_start(at), rule.window.next_end(at)) if moment is not None]
