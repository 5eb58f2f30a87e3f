"""A cart is checked against the facts before anything is reckoned; what is wrong with it is told as a refusal.

Rules
- each check looks at all lines before the next begins, so the order of lines decides at most which line is named;
- a cart that passes becomes a `Sheet`: every line beside its product and its unit price.

Refusals, in the order of the checks

| code | condition | facts |
|---|---|---|
| `cart_empty` | the cart has no line | |
| `cart_too_large` | it has more than 500 lines | `lines`, `most` |
| `codes_too_many` | it has more than 100 promotion codes | `codes`, `most` |
| `quantity_invalid` | a quantity is below 1 or above 1,000,000 | `line`, `sku`, `quantity`, `most` |
| `sku_unknown` | no product among the facts has the sku | `line`, `sku` |
| `product_inactive` | the product is not for sale | `line`, `sku` |
| `product_elsewhere` | the product is for sale, but not in the channel of the cart | `line`, `sku`, `channel` |
| `currency_mixed` | the price was shown in another currency than the cart's | `line`, `sku`, `currency`, `shown_currency` |
| `price_missing` | the product has no price in the cart's currency | `line`, `sku`, `currency` |
| `price_changed` | the price is not the one that was shown, or not for every unit; `now` is the highest | `line`, `sku`, `currency`, `shown`, `now` |
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from attrs import evolve, frozen

from shopwright.catalog.products import Product
from shopwright.money import Money
from shopwright.pricing.cart import MAX_CODES, MAX_LINES, MAX_QUANTITY, Cart, CartLine
from shopwright.pricing.facts import Granted, PriceFacts, Prices, Shipping
from shopwright.pricing.listing import Found, Listed
from shopwright.pricing.shelf import entries_of_shelf, granted_entries, shelf_of
from shopwright.pricing.taxes import Taxes
from shopwright.pricing.trace import TraceStep
from shopwright.promotions.coupons import Coupon
from shopwright.refusals import Fact, Refusal

Amounts = tuple[int, ...]


@frozen(slots=False)
class Sheet:
    """A cart that passed its checks, with what is known about it: one product and one unit price per line."""

    cart: Cart
    products: tuple[Product, ...]
    unit_prices: tuple[int, ...]
    coupon: Coupon | None
    shipping: Shipping
    at: datetime
    granted: tuple[TraceStep, ...] = ()
    """What promotions take off, each effect an entry that does not know yet where it begins."""
    taxes: Taxes | None = None
    gifts: tuple[Product, ...] = ()
    """The products of the gifts that are given, in the order of their entries."""
    listed: tuple[TraceStep, ...] = ()
    """Which price lists the unit prices are from, each line an entry that does not know yet where it begins."""
    shelf: tuple[TraceStep, ...] = ()
    """What price rules take off, each rule an entry that does not know yet where it begins."""
    shares: Amounts = ()
    """Each line's share of shipping, once it was reckoned; kept where taxes need it."""


def open_sheet(cart: Cart, facts: PriceFacts, *, at: datetime) -> Sheet | Refusal:
    """The cart beside the facts, or the first thing that is wrong with it."""
    by_sku = {product.sku: product for product in facts.products}
    products: list[Product] = []
    unit_prices: list[int] = []
    ruled = isinstance(facts.prices, Prices)
    lists = Found(facts.lists, cart, at) if isinstance(facts.lists, Listed) else None
    if not 0 < len(cart.lines) <= MAX_LINES or len(cart.codes) > MAX_CODES:
        return _wrong(cart, by_sku, lists)
    for line in cart.lines:
        product = by_sku.get(line.sku)
        if product is None or not product.sold_in(cart.channel) or not 0 < line.quantity <= MAX_QUANTITY:
            return _wrong(cart, by_sku, lists)
        price, shown = product.price_in(cart.currency) if lists is None else lists.price(product), line.shown_price
        if price is None or (shown is not None and (shown.currency != cart.currency or (shown.minor != price and not ruled))):
            return _wrong(cart, by_sku, lists)
        products.append(product)
        unit_prices.append(price)
    sheet = Sheet(cart, tuple(products), tuple(unit_prices), facts.coupon, facts.shipping, at, (), facts.taxes)
    if facts.lists is not None:
        sheet = evolve(sheet, listed=facts.lists.entries if isinstance(facts.lists, Granted) else lists.entries() if lists is not None else ())
    return sheet if facts.prices is None else _with_shelf(sheet, facts.prices)


def _with_shelf(sheet: Sheet, prices: Prices | Granted) -> Sheet | Refusal:
    """The sheet with what price rules take off; shown prices are held against those of the shelf."""
    if isinstance(prices, Granted):
        return evolve(sheet, shelf=granted_entries(prices, len(sheet.products)))
    cart = sheet.cart
    shelf = shelf_of(cart, sheet.products, sheet.unit_prices, prices, at=sheet.at)
    for number, (line, runs) in enumerate(zip(cart.lines, shelf.runs, strict=True), 1):
        now = runs[-1][1]
        if line.shown_price is not None and any(each != line.shown_price.minor for _, each in runs):
            facts: dict[str, Fact] = {"line": number, "sku": line.sku, "currency": cart.currency, "shown": line.shown_price.minor, "now": now}
            return Refusal("price_changed", f"{line.sku} was shown at {line.shown_price} and is now {Money(now, cart.currency)}", facts)
    return evolve(sheet, shelf=entries_of_shelf(shelf))


def _wrong(cart: Cart, by_sku: dict[str, Product], lists: Found | None) -> Refusal:
    """Why a cart is refused: check by check, and within a check line by line."""
    if not cart.lines:
        return Refusal("cart_empty", "the cart is empty")
    if len(cart.lines) > MAX_LINES:
        facts = {"lines": len(cart.lines), "most": MAX_LINES}
        return Refusal("cart_too_large", f"the cart has {len(cart.lines)} lines, at most {MAX_LINES} can be priced", facts)
    if len(cart.codes) > MAX_CODES:
        many = {"codes": len(cart.codes), "most": MAX_CODES}
        return Refusal("codes_too_many", f"the cart has {len(cart.codes)} codes, at most {MAX_CODES} can be tried", many)
    asked = [_Asked(number, line, by_sku.get(line.sku), cart.currency, cart.channel, lists) for number, line in enumerate(cart.lines, 1)]
    told = (check(one) for check in CHECKS for one in asked)
    return next(refusal for refusal in told if refusal is not None)


class _Asked(NamedTuple):
    """One line of a cart in which something is wrong."""

    number: int
    line: CartLine
    product: Product | None
    currency: str
    channel: str
    lists: Found | None

    @property
    def price(self) -> int | None:
        if self.product is None or self.lists is None:
            return None if self.product is None else self.product.price_in(self.currency)
        return self.lists.price(self.product)

    def facts(self, **more: Fact) -> dict[str, Fact]:
        return {"line": self.number, "sku": self.line.sku, **more}


def _quantity(asked: _Asked) -> Refusal | None:
    sku, quantity = asked.line.sku, asked.line.quantity
    if 0 < quantity <= MAX_QUANTITY:
        return None
    facts = asked.facts(quantity=quantity, most=MAX_QUANTITY)
    return Refusal("quantity_invalid", f"{sku}: the quantity must be 1 to {MAX_QUANTITY}, got {quantity}", facts)


def _known(asked: _Asked) -> Refusal | None:
    return Refusal("sku_unknown", f"there is no {asked.line.sku}", asked.facts()) if asked.product is None else None


def _for_sale(asked: _Asked) -> Refusal | None:
    if asked.product is None or asked.product.active:
        return None
    return Refusal("product_inactive", f"{asked.line.sku} is not for sale", asked.facts())


def _sold_here(asked: _Asked) -> Refusal | None:
    if asked.product is None or asked.product.sold_in(asked.channel):  # CATALOG-3
        return None
    where = f"in the channel {asked.channel}" if asked.channel else "without a channel"
    return Refusal("product_elsewhere", f"{asked.line.sku} is not sold {where}", asked.facts(channel=asked.channel))


def _one_currency(asked: _Asked) -> Refusal | None:
    shown = asked.line.shown_price
    if shown is None or shown.currency == asked.currency:
        return None
    facts = asked.facts(currency=asked.currency, shown_currency=shown.currency)
    return Refusal("currency_mixed", f"{asked.line.sku} was shown in {shown.currency}, the cart is in {asked.currency}", facts)


def _priced(asked: _Asked) -> Refusal | None:
    if asked.product is None or asked.price is not None:
        return None
    return Refusal("price_missing", f"{asked.line.sku} is not sold in {asked.currency}", asked.facts(currency=asked.currency))


def _unchanged(asked: _Asked) -> Refusal | None:
    now, shown = asked.price, asked.line.shown_price
    if now is None or shown is None or shown.minor == now:
        return None
    facts = asked.facts(currency=asked.currency, shown=shown.minor, now=now)
    return Refusal("price_changed", f"{asked.line.sku} was shown at {shown} and is now {Money(now, asked.currency)}", facts)


CHECKS: tuple[Callable[[_Asked], Refusal | None], ...] = (_quantity, _known, _for_sale, _sold_here, _one_currency, _priced, _unchanged)
"""The checks of the lines, in order."""
