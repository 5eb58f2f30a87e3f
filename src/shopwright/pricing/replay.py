"""A frozen price reckoned again from its own facts: the proof that it still says what it said when it was made.

Rules
- what is frozen may be a quote, or anything that keeps a quote's lines and its trace, such as the event that placed an order;
- nothing of today is read: prices, the coupon's worth, its version and rounding, and what shipping cost are those that were frozen;
- conditions that were met then (dates, minimum, the coupon still being known) are not asked again, for they were true at the time, and
  promotions take off what they took off then, whatever has become of them;
- what comes out agrees with what went in, to the cent and to the last entry of the trace; where it does not (`disagreements`), what
  is stored was tampered with, or this release reckons differently from the one that made it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from shopwright.catalog.products import Product
from shopwright.errors import InvalidValue
from shopwright.money import Money, Rounding
from shopwright.pricing.cart import Cart, CartLine
from shopwright.pricing.couponing import FLOOR
from shopwright.pricing.facts import FlatShipping, Granted, NoShipping, PriceFacts, Shipping, ShippingPerLine
from shopwright.pricing.frozen import FrozenLine, FrozenPrice
from shopwright.pricing.gifts import GIFT, GRANT
from shopwright.pricing.listing import LISTED
from shopwright.pricing.offers import CODE, LINE, LOOKED, SHIPPING
from shopwright.pricing.quote import Quote, price
from shopwright.pricing.shelf import CATALOG, MEMBER
from shopwright.pricing.taxing import frozen_taxes
from shopwright.pricing.trace import TraceStep
from shopwright.promotions.coupons import Coupon
from shopwright.refusals import Refusal


def replay(frozen: FrozenPrice, *, at: datetime) -> Quote:
    """The frozen facts priced again; `at` is the moment the price was made, and bears on nothing but `priced_at`.

    `replay(quote, at=quote.priced_at) == quote`. Raises `InvalidValue` where what is frozen cannot be priced at all.
    """
    cart, facts = frozen_facts(frozen)
    again = price(cart, facts, at=at)
    if isinstance(again, Refusal):
        raise InvalidValue(f"expected a price that can be made again, but its frozen facts are refused with {again.code}: {again.message}")
    return again


def disagreements(frozen: FrozenPrice, again: Quote) -> tuple[str, ...]:
    """Where a frozen price and its replay differ, in words; empty when they agree to the cent."""
    return tuple(_differences(frozen, again))


def _differences(frozen: FrozenPrice, again: Quote) -> Iterator[str]:
    if len(frozen.lines) != len(again.lines):
        yield f"lines: there are {len(frozen.lines)}, the facts give {len(again.lines)}"
    for was, line in zip(frozen.lines, again.lines, strict=False):
        for name in ("subtotal", "discount", "shipping", "tax", "total"):
            stored, reckoned = getattr(was, name), getattr(line, name)
            if stored != reckoned:
                yield f"line {line.line_no}: {name} is {Money(stored, again.currency)}, its facts give {Money(reckoned, again.currency)}"
        if (was.given_by, was.quantity) != (line.given_by, line.quantity):
            yield f"line {line.line_no}: it is no gift as its facts give it"
    if frozen.grants != again.grants:
        yield f"grants: {len(frozen.grants)} are promised, the trace promises {len(again.grants)}"
    for old, new in zip(frozen.trace, again.trace, strict=False):
        if old != new:
            yield f"trace: step {old.step} does not say what its facts give"
    if len(frozen.trace) != len(again.trace):
        yield f"trace: it has {len(frozen.trace)} steps, its facts give {len(again.trace)}"


def frozen_facts(frozen: FrozenPrice) -> tuple[Cart, PriceFacts]:
    """The cart and the facts that a price was made from, as far as they bore on it."""
    by_step = {entry.step: entry for entry in frozen.trace}
    if not by_step.keys() >= {"coupon", "shipping"}:
        raise InvalidValue(f"expected a trace with a coupon and a shipping step, got {', '.join(by_step) or 'none'}")
    sold = [line for line in frozen.lines if line.given_by is None]
    gifts = [line for line in frozen.lines if line.given_by is not None]
    floors = _floors(by_step["coupon"], sold, frozen.currency)
    products = {
        line.sku: Product(
            line.sku,
            line.title,
            line.seller_id,
            (Money(line.unit_price, frozen.currency),),
            tracked=line.tracked,
            ships=line.ships,
            version=line.product_version,
            components=line.components,
            floors=floors.get(line.sku, ()),
        )
        for line in (*gifts, *sold)  # what was bought and given has the price it was bought at
    }
    lines = tuple([CartLine(line.sku, line.quantity, Money(line.unit_price, frozen.currency)) for line in sold])
    cart = Cart(frozen.currency, lines, coupon_code=frozen.coupon_code)
    coupon, shipping = by_step["coupon"], by_step["shipping"]
    granted = tuple([entry for entry in frozen.trace if entry.step in _OF_PROMOTIONS])
    offers, taxes = Granted(granted) if granted else None, frozen_taxes(frozen, by_step["tax"]) if "tax" in by_step else None
    ruled = tuple([entry for entry in frozen.trace if entry.step in _OF_PRICES])
    prices = Granted(ruled) if ruled else None
    listed = tuple([entry for entry in frozen.trace if entry.step == LISTED])
    lists, told = Granted(listed) if listed else None, _coupon(coupon, frozen.currency)
    return cart, PriceFacts(tuple(products.values()), told, _shipping(shipping, len(lines)), offers, taxes, prices, lists)


_OF_PROMOTIONS = frozenset({CODE, LOOKED, LINE, SHIPPING, GIFT, GRANT})
_OF_PRICES = frozenset({MEMBER, CATALOG})


def _floors(entry: TraceStep, sold: Sequence[FrozenLine], currency: str) -> dict[str, tuple[Money, ...]]:
    """The floor prices that stood in the way of the coupon, by sku; the others bore on nothing."""
    if not entry.code.endswith("_floored"):
        return {}
    told = {number: int(entry.fact(f"{FLOOR}{number}")) for number in range(1, len(sold) + 1)}
    return {line.sku: (Money(told[number], currency),) for number, line in enumerate(sold, 1) if told[number]}


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
