"""What a customer wants: skus and quantities, in one currency, perhaps with a coupon code.

Rules
- a cart is a wish and may be wrong; what is wrong with it is told by `price`, as a refusal, so a cart holds any quantity;
- a line may carry the unit price that was shown, and is then refused when the price has changed since;
- a sku may stand on several lines (two engravings of one ring): each is priced and shipped as its own line, and they are never merged; stock
  is asked for their sum (`Quote.stock_wanted`).
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen

from shopwright.catalog.products import MAX_SKU
from shopwright.edges import maybe, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.promotions.coupons import normalize_code

MAX_LINES = 500
"""The most lines a cart can be priced with."""

MAX_CODES = 100
"""The most promotion codes a cart can be priced with."""

MAX_QUANTITY = 1_000_000
"""The most units of one line."""


@frozen
class CartLine:
    """So many units of a sku; `shown_price` is the price of one unit as the customer saw it."""

    sku: str = field(validator=text(least=1, most=MAX_SKU))
    quantity: int = field(default=1, validator=whole())
    shown_price: Money | None = field(default=None, validator=maybe(of(Money)))


def _normalized(codes: Iterable[str]) -> tuple[str, ...]:
    if not codes:
        return ()
    if isinstance(codes, str) or not isinstance(codes, Iterable):
        raise InvalidValue(f"expected codes as a tuple of text, got {type(codes).__name__}; write ('SPRING',)")
    try:
        return tuple(sorted({normalize_code(code) for code in codes} - {""}))
    except InvalidValue as error:
        raise InvalidValue(f"Cart.codes: {error}") from None


@frozen
class Cart:
    """Lines in one currency (ISO 4217), a coupon code as it was typed, the sales channel, and the codes of promotions, each once.

    Raises `InvalidValue` for wrong types, text that is too long and a currency nobody knows.
    """

    currency: str = field(validator=text(least=3, most=3))
    lines: tuple[CartLine, ...] = field(validator=members(CartLine))
    coupon_code: str = field(default="", converter=normalize_code)
    channel: str = field(default="", validator=text())
    codes: tuple[str, ...] = field(default=(), converter=_normalized, validator=members(str))

    def __attrs_post_init__(self) -> None:
        Money(0, self.currency)
