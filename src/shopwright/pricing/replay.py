"""A quote priced again from its own frozen facts: the proof that it still says what it said when it was made.

Rules
- nothing of today is read: prices, the coupon's worth, its version and rounding, and what shipping cost are those on the quote;
- conditions that were met then (dates, minimum) are not asked again, for they were true at the time;
- the quote that comes out equals the one that went in, to the cent and to the last entry of the trace; if it does not, the stored
  quote was tampered with, or this release reckons differently from the one that made it.
"""

from __future__ import annotations

from shopwright.catalog.products import Product
from shopwright.errors import InvalidValue
from shopwright.money import Money, Rounding
from shopwright.pricing.cart import Cart, CartLine
from shopwright.pricing.facts import FlatShipping, NoShipping, PriceFacts, Shipping, ShippingPerLine
from shopwright.pricing.quote import Quote, price
from shopwright.pricing.trace import TraceStep
from shopwright.promotions.coupons import Coupon
from shopwright.refusals import Refusal


def replay(quote: Quote) -> Quote:
    """The price of the frozen facts; equal to the quote unless something is wrong with it.

    Raises `InvalidValue` where what is frozen cannot be priced at all.
    """
    cart, facts = frozen_facts(quote)
    again = price(cart, facts, at=quote.priced_at)
    if isinstance(again, Refusal):
        raise InvalidValue(f"expected a quote that can be priced again, but its frozen facts are refused with {again.code}: {again.message}")
    return again


def frozen_facts(quote: Quote) -> tuple[Cart, PriceFacts]:
    """The cart and the facts that a quote was made from, as far as they bore on the price."""
    by_step = {entry.step: entry for entry in quote.trace}
    if not by_step.keys() >= {"coupon", "shipping"}:
        raise InvalidValue(f"expected a trace with a coupon and a shipping step, got {', '.join(by_step) or 'none'}")
    products = {
        line.sku: Product(
            line.sku,
            line.title,
            line.seller_id,
            (Money(line.unit_price, quote.currency),),
            tracked=line.tracked,
            ships=line.ships,
            version=line.product_version,
        )
        for line in quote.lines
    }
    lines = tuple([CartLine(line.sku, line.quantity, Money(line.unit_price, quote.currency)) for line in quote.lines])
    coupon = _coupon(by_step["coupon"], quote.currency)
    cart = Cart(quote.currency, lines, coupon_code=quote.coupon_code)
    return cart, PriceFacts(tuple(products.values()), coupon, _shipping(by_step["shipping"], len(lines)))


def _coupon(entry: TraceStep, currency: str) -> Coupon | None:
    if entry.code == "no_code":
        return None
    fixed, minimum = int(entry.fact("fixed")), int(entry.fact("minimum"))
    return Coupon(
        entry.rule,
        percent=int(entry.fact("percent")),
        amounts=(Money(fixed, currency),) if fixed else (),
        minimums=(Money(minimum, currency),) if minimum else (),
        title=entry.note,
        rounding=Rounding(entry.rounding) if entry.rounding else Rounding.HALF_UP,
        version=entry.rule_version,
    )


def _shipping(entry: TraceStep, lines: int) -> Shipping:
    match entry.code:
        case "flat":
            return FlatShipping(entry.rule, entry.amount)
        case "nothing_ships":
            return FlatShipping(entry.rule, int(entry.fact("offered")))
        case "per_line":
            return ShippingPerLine(entry.rule, entry.parts or (0,) * lines)
        case _:
            return NoShipping()
