"""Price rules in a price: the basket they look at, what they take off each line as entries of the trace, and the units they claim.

Rules
- price rules come after list prices and before promotions: what they take off is told as member prices and catalog prices, each by its rule and
  version, and promotions reckon from what is left or, by `Basis.LIST`, from the list price;
- a rule that was not looked at for something unknown, and a flash price that fell short, have an entry that says so;
- a frozen price is made again from what was granted then: no rule of today is asked (`Granted`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from shopwright.catalog.products import Product
from shopwright.errors import InvalidValue
from shopwright.pricing.cart import Cart
from shopwright.pricing.facts import Granted, Prices
from shopwright.pricing.trace import TraceStep
from shopwright.promotions.basket import Basket, BasketLine
from shopwright.promotions.limits import Claim, Use, claims
from shopwright.promotions.price_rules import CatalogPrice, MemberPrice, PercentOff, PriceRule
from shopwright.promotions.shelf import PriceSkip, PriceTaken, Shelf, put_on_shelf
from shopwright.refusals import Fact

SHELF_VERSION = 1
"""How price rules are reckoned; it goes up when the same rules would give another price."""

MEMBER, CATALOG = "member_price", "catalog_price"
"""The steps of a trace that tell of price rules."""


def basket_line(product: Product, quantity: int, price: int, currency: str, *, off: int = 0) -> BasketLine:
    """A line as price rules and promotions see it."""
    return BasketLine(
        product.sku,
        quantity,
        price,
        seller=product.seller_id,
        brand=product.brand,
        categories=product.categories,
        tags=product.tags,
        floor=product.floor_in(currency),
        reduced=off > 0,
        off=off,
    )


def shelf_of(cart: Cart, products: Sequence[Product], unit_prices: Sequence[int], prices: Prices, *, at: datetime) -> Shelf:
    """What the units of a cart cost by the price rules."""
    columns = zip(cart.lines, products, unit_prices, strict=True)
    lines = tuple([basket_line(product, line.quantity, price, cart.currency) for line, product, price in columns])
    return put_on_shelf(Basket(cart.currency, lines, at, channel=cart.channel, buyer=prices.buyer), prices.book, left=dict(prices.left))


def entries_of_shelf(shelf: Shelf) -> tuple[TraceStep, ...]:
    """A shelf as entries of a trace, as if each began at nothing: what was taken, what fell short, and what is not known."""
    return (*map(_taken, shelf.taken), *_short(shelf), *_unknown(shelf))


def _taken(taken: PriceTaken) -> TraceStep:
    rule, amount = taken.rule, -sum(taken.parts)
    facts: list[tuple[str, Fact]] = [("engine", SHELF_VERSION), ("units", taken.units)]
    code, rounding = "fixed", ""
    if isinstance(rule.to, PercentOff):
        code, rounding = "percent", rule.to.rounding.value
        facts += [("basis", rule.to.basis.value), ("percent", rule.to.percent)]
    parts = tuple([-part for part in taken.parts])
    return TraceStep(_step(rule), code, 0, amount, amount, parts, rule.id, rule.version, rounding, rule.title, tuple(sorted(facts)))


def _short(shelf: Shelf) -> Iterator[TraceStep]:
    taken = {it.rule.id for it in shelf.taken}
    for it in shelf.short:
        code = "short" if it.rule.id in taken else "exhausted"
        facts: tuple[tuple[str, Fact], ...] = (("left", it.left), ("wanted", it.wanted))
        yield TraceStep(CATALOG, code, 0, 0, 0, (), it.rule.id, it.rule.version, "", it.rule.title, facts)


def _unknown(shelf: Shelf) -> Iterator[TraceStep]:
    for it in shelf.skipped:
        if it.reason is PriceSkip.UNKNOWN:
            yield TraceStep(_step(it.rule), "unknown", 0, 0, 0, (), it.rule.id, it.rule.version, "", it.rule.title, (("needs", it.needs),))


def _step(rule: PriceRule) -> str:
    return MEMBER if isinstance(rule, MemberPrice) else CATALOG


def granted_entries(granted: Granted, lines: int) -> tuple[TraceStep, ...]:
    """What was granted, for a cart of so many lines; raises `InvalidValue` for another number of lines."""
    for entry in granted.entries:
        if entry.parts and len(entry.parts) != lines:
            raise InvalidValue(f"expected what price rule {entry.rule} granted for {lines} lines, got it for {len(entry.parts)}")
    return granted.entries


def shelf_claims(trace: tuple[TraceStep, ...], cart: Cart, prices: Prices, *, at: datetime) -> tuple[Claim, ...]:
    """What an order at this price needs of the units of flash prices."""
    found: list[Claim] = []
    for entry in trace:
        rule = prices.book.by_id.get(entry.rule) if entry.step == CATALOG and entry.parts else None
        if isinstance(rule, CatalogPrice) and rule.most is not None:
            use = Use(rule.id, -entry.amount, cart.currency, cart.channel, prices.buyer.id, frozenset(), at, int(entry.fact("units")))
            found += claims(rule.limits, use)
    return tuple(found)
