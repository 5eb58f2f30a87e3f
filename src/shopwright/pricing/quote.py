"""A quote: what a cart costs, line by line, with the trace that it was made from. `price` makes it.

Rules
- the totals of the lines sum to the total of the quote, column by column, and nothing in it is below zero but the amounts of adjustments;
- the order of the lines changes no total; between lines that are alike in value it decides who carries an odd cent;
- a line freezes what later work needs of its product (seller, whether it ships, whether stock is counted and whose, its version);
- BUNDLE-1: what lines and components want of one sku is asked for as one sum;
- gifts are lines after those of the cart, with nothing to pay on them (GIFT-1).

Refusals, in order: those of `shopwright.pricing.checks`; that of `shopwright.pricing.gifts`; `amount_too_large` when the list prices amount
to more than 64 bits of minor units hold (fact: `currency`); those of `shopwright.promotions.coupons`; and `amount_too_large` again, with shipping.
"""

from __future__ import annotations

from datetime import datetime
from itertools import count
from operator import add

from attrs import evolve, frozen

from shopwright.catalog.products import Component, from_stock
from shopwright.changing import made
from shopwright.edges import MOST
from shopwright.errors import InvalidValue
from shopwright.inventory.keys import stock_key
from shopwright.pricing.cart import Cart
from shopwright.pricing.checks import Sheet, open_sheet
from shopwright.pricing.facts import PriceFacts
from shopwright.pricing.gifts import GIFT, GIVEN, GivenBy, Grant, grants_of, products_given
from shopwright.pricing.offers import CODE, LINE, SHIPPING, found, found_and_not
from shopwright.pricing.shelf import CATALOG, MEMBER
from shopwright.pricing.steps import STEPS
from shopwright.pricing.tax_amounts import TaxedLine
from shopwright.pricing.taxing import Assessed
from shopwright.pricing.trace import TraceStep
from shopwright.promotions.engine import Skipped
from shopwright.refusals import Refusal


# Not slotted, like the trace: an order has dozens of these, and they are made in half the time.
@frozen(slots=False)
class Adjustment:
    """What a rule took off a line (a negative amount, in minor units) or put on it, under which version, and why."""

    code: str
    rule: str
    rule_version: int
    amount: int
    reason: str


@frozen(slots=False)
class QuoteLine:
    """What one line of the cart costs; amounts are minor units in the quote's currency, and
    `total == subtotal - discount + shipping + tax`.
    """

    line_no: int
    sku: str
    title: str
    seller_id: str
    quantity: int
    unit_price: int
    subtotal: int
    discount: int
    shipping: int
    tax: int
    total: int
    tracked: bool
    ships: bool
    product_version: int
    adjustments: tuple[Adjustment, ...] = ()
    taxed: TaxedLine | None = None
    """Net, taxes and gross of its goods and of its share of shipping; `tax` is what of it comes on top of the price."""
    given_by: GivenBy | None = None
    """The promotion that gives it away, where it is a gift."""
    components: tuple[Component, ...] = ()
    """What one unit is put together from, where that is what is in stock."""

    def from_stock(self) -> tuple[tuple[str, int], ...]:
        """The skus that its units come from, with how many of each; none where stock is not counted."""
        return from_stock(self, self.quantity)

    @property
    def shelf(self) -> int:
        """What its units cost as a product page shows them: at list prices, less member and catalog prices, before promotions."""
        return self.subtotal + sum([it.amount for it in self.adjustments if it.code in (MEMBER, CATALOG)])


@frozen
class Quote:
    """What a cart costs at a moment; amounts are minor units, and each is the sum of its column over the lines.

    `coupon_code` is the coupon that was applied, empty where none was, and `shipping_method` what shipping is charged for. `grants` are what an
    order at this price promises besides goods.
    """

    currency: str
    lines: tuple[QuoteLine, ...]
    subtotal: int
    discount: int
    shipping: int
    tax: int
    total: int
    coupon_code: str
    coupon_version: int
    shipping_method: str
    trace: tuple[TraceStep, ...]
    priced_at: datetime
    grants: tuple[Grant, ...] = ()

    @property
    def gifts(self) -> tuple[QuoteLine, ...]:
        """The lines that are given away."""
        return tuple([line for line in self.lines if line.given_by is not None])

    @property
    def refused_codes(self) -> tuple[TraceStep, ...]:
        """The entries of the promotion codes that are not good: `rule` is what was typed, `code`, `note` and `facts` are those of the refusal
        that an order with it gets.
        """
        return tuple([entry for entry in self.trace if entry.step == CODE and entry.code != "claimed"])

    def stock_wanted(self) -> tuple[tuple[str, int], ...]:
        """Quota keys and quantities of the lines whose stock is counted, each key once, by key: lines share the stock of a sku (BUNDLE-1)."""
        wanted: dict[str, int] = {}
        for line in self.lines:
            if line.components:
                for sku, units in line.from_stock():
                    wanted[sku] = wanted.get(sku, 0) + units
            elif line.tracked:
                wanted[line.sku] = wanted.get(line.sku, 0) + line.quantity
        return tuple([(stock_key(sku), wanted[sku]) for sku in sorted(wanted)])


def price(cart: Cart, facts: PriceFacts, *, at: datetime) -> Quote | Refusal:
    """What the cart costs at a moment, or why it has no price.

    Takes the `STEPS` in order; each adds to what the lines amount to. Raises `InvalidValue` for other types, for a time without a
    zone, and for shipping amounts that were not given for this very cart.
    """
    _check_types(cart, facts, at)
    sheet = open_sheet(cart, facts, at=at)
    if isinstance(sheet, Refusal):
        return sheet
    if facts.offers is not None:
        granted = found(sheet, facts)
        if isinstance(granted, Refusal):
            return granted
        sheet = evolve(sheet, granted=granted, gifts=products_given(granted, facts.products))
    return _priced(sheet)


@frozen
class Explained:
    """A price, and every promotion that does not change it with its reason."""

    quote: Quote
    skipped: tuple[Skipped, ...]


def explained(cart: Cart, facts: PriceFacts, *, at: datetime) -> Explained | Refusal:
    """The answers of `price` and of `why_not` at once, which costs one search and not two. Refused and raises as `price` does."""
    _check_types(cart, facts, at)
    sheet = open_sheet(cart, facts, at=at)
    if isinstance(sheet, Refusal):
        return sheet
    told = found_and_not(sheet, facts)
    if isinstance(told, Refusal):
        return told
    granted, skipped = told
    quote = _priced(evolve(sheet, granted=granted, gifts=products_given(granted, facts.products)))
    return quote if isinstance(quote, Refusal) else Explained(quote, skipped)


def _priced(sheet: Sheet) -> Quote | Refusal:
    """The price of a sheet, step by step."""
    amounts: tuple[int, ...] = (0,) * len(sheet.cart.lines)
    trace: list[TraceStep] = []
    taxed: tuple[TaxedLine, ...] = ()
    for step in STEPS:
        told = step(sheet, amounts)
        if isinstance(told, TraceStep):
            told = (told,)
        elif isinstance(told, Refusal):
            return told
        elif isinstance(told, Assessed):
            taxed, told = told.assessment.lines, (told.entry,)
        for entry in told:
            if entry.after > MOST:
                return Refusal("amount_too_large", f"the cart amounts to more than {MOST} minor units", {"currency": sheet.cart.currency})
            trace.append(entry)
            if entry.parts:
                amounts = tuple(map(add, amounts, entry.parts))
        if sheet.taxes is not None and trace[-1].step in _SHIPPING:
            sheet = evolve(sheet, shares=_column([entry for entry in trace if entry.step in _SHIPPING], len(amounts)))
    return _quote(sheet, tuple(trace), taxed)


def _check_types(cart: object, facts: object, at: object) -> None:
    if not isinstance(cart, Cart) or not isinstance(facts, PriceFacts):
        raise InvalidValue(f"expected a Cart and PriceFacts, got {type(cart).__name__} and {type(facts).__name__}")
    if not isinstance(at, datetime) or at.utcoffset() is None:
        raise InvalidValue(f"expected `at` to be a datetime with a time zone, got {at!r}")


def _quote(sheet: Sheet, trace: tuple[TraceStep, ...], taxed: tuple[TaxedLine, ...]) -> Quote:
    """The quote that a trace tells of."""
    by_step = {entry.step: entry for entry in trace}
    coupon, tax = by_step["coupon"], by_step["tax"]
    off = [entry for entry in trace if entry.step in _OFF]
    shipping = [entry for entry in trace if entry.step in _SHIPPING]
    return Quote(
        sheet.cart.currency,
        (*_lines(sheet, by_step, off, shipping, taxed), *_gift_lines(sheet, trace)) if sheet.gifts else _lines(sheet, by_step, off, shipping, taxed),
        by_step["list_prices"].amount,
        -sum([entry.amount for entry in off]),
        sum([entry.amount for entry in shipping]),
        tax.amount,
        trace[-1].after,
        coupon.rule,
        coupon.rule_version,
        by_step["shipping"].rule,
        trace,
        sheet.at,
        grants_of(trace) if sheet.granted else (),
    )


_OFF, _SHIPPING = frozenset({MEMBER, CATALOG, LINE, "coupon"}), frozenset({"shipping", SHIPPING})


def _lines(
    sheet: Sheet, by_step: dict[str, TraceStep], off: list[TraceStep], shipping: list[TraceStep], taxed: tuple[TaxedLine, ...]
) -> tuple[QuoteLine, ...]:
    lines = len(sheet.products)
    columns = zip(
        count(1),
        sheet.cart.lines,
        sheet.products,
        sheet.unit_prices,
        by_step["list_prices"].parts,
        _column(off, lines),
        _column(shipping, lines),
        by_step["tax"].parts or (0,) * lines,
        strict=False,  # all but the count are as long as the cart
    )
    return tuple(
        [
            made(
                QuoteLine,
                {
                    "line_no": number,
                    "sku": product.sku,
                    "title": product.title,
                    "seller_id": product.seller_id,
                    "quantity": line.quantity,
                    "unit_price": unit_price,
                    "subtotal": subtotal,
                    "discount": -discount,
                    "shipping": shipping,
                    "tax": tax,
                    "total": subtotal + discount + shipping + tax,
                    "tracked": product.tracked,
                    "ships": product.ships,
                    "product_version": product.version,
                    "adjustments": _adjustments(off, number - 1),
                    "taxed": taxed[number - 1] if taxed else None,
                    "given_by": None,
                    "components": product.components,
                },
            )
            for number, line, product, unit_price, subtotal, discount, shipping, tax in columns
        ]
    )


def _gift_lines(sheet: Sheet, trace: tuple[TraceStep, ...]) -> tuple[QuoteLine, ...]:
    """The gifts, with nothing to pay on them."""
    given = [entry for entry in trace if entry.step == GIFT and entry.code == GIVEN]
    return tuple(
        [
            QuoteLine(
                number,
                product.sku,
                product.title,
                product.seller_id,
                int(entry.fact("quantity")),
                *(0, 0, 0, 0, 0, 0),  # the unit price, and all that is reckoned from it
                product.tracked,
                product.ships,
                product.version,
                given_by=GivenBy(entry.rule, entry.rule_version),
                components=product.components,
            )
            for number, product, entry in zip(count(len(sheet.products) + 1), sheet.gifts, given, strict=False)
        ]
    )


def _column(entries: list[TraceStep], lines: int) -> tuple[int, ...]:
    """What these entries change on each line."""
    parts = [entry.parts for entry in entries if entry.parts]
    if len(parts) == 1:
        return parts[0]
    return tuple(map(sum, zip(*parts, strict=True))) if parts else (0,) * lines


def _adjustments(off: list[TraceStep], place: int) -> tuple[Adjustment, ...]:
    """What each rule took off a line."""
    return tuple(
        [
            Adjustment(entry.step, entry.rule, entry.rule_version, entry.parts[place], entry.note)
            for entry in off
            if entry.parts and entry.parts[place]
        ]
    )
