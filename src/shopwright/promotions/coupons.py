"""A coupon: a code that takes a percentage or a fixed amount off a whole cart.

Rules
- a coupon is a percentage or a list of fixed amounts, one per currency, never both;
- it may ask for a minimum subtotal, and is then good only in the currencies in which a minimum is named;
- its time is half-open: good from `starts` on, no longer good at `ends`;
- a percentage is taken once, of the whole subtotal, and rounded by the coupon's own policy; a fixed amount takes at most the subtotal;
- how often a `limited` coupon can be used is a quota under `coupon_key(code)`, decided by the storage when the order is written;
- a code is the same in any case and width, and spaces in it do not count, for people copy codes from posters.

Refusals, in the order of the checks (the first that fails is told)

| code | condition | facts |
|---|---|---|
| `coupon_unknown` | the cart names a code that no coupon among the facts has (asked by pricing) | `coupon` |
| `coupon_not_started` | `at` is before `starts` | `coupon`, `starts` |
| `coupon_expired` | `at` is `ends` or later | `coupon`, `ends` |
| `coupon_currency` | no fixed amount, or no minimum, is named in the currency of the cart | `coupon`, `currency` |
| `coupon_minimum` | the subtotal is below the minimum | `coupon`, `currency`, `minimum`, `subtotal`, `missing` |
| `coupon_no_effect` | nothing would be taken off (no line is above its floor, say), and no use is wasted on that | `coupon`, `currency`, `subtotal` |

Amounts among facts are minor units; times are ISO 8601.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime

from attrs import field, frozen

from shopwright.catalog.products import amount_in, check_amounts
from shopwright.edges import aware, maybe, members, of, text, text_problem, whole
from shopwright.errors import InvalidValue
from shopwright.money import BASIS_POINTS, Money, Rounding, share
from shopwright.refusals import Fact, Refusal

MAX_CODE = 64
"""The longest coupon code, in characters."""


def normalize_code(text: str) -> str:
    """The one form of a code, whatever was typed: ` save 10 ` and `ＳＡＶＥ10` are both `SAVE10`. Empty stays empty.

    Raises `InvalidValue` for what is not text, for more than 64 characters and for what no store keeps (U+0000, lone surrogates).
    """
    problem = text_problem(text, most=MAX_CODE)
    if problem:
        raise InvalidValue(f"coupon code {problem}")
    if text.isascii():
        return "".join(text.split()).upper()
    # Some signs fold to a space and a mark, which then belongs to the letter before: spaces go before letters are folded.
    spaceless = "".join(unicodedata.normalize("NFKC", text).split())
    # Twice, for the rare mark that turns into a letter of its own when folded.
    code = _folded(_folded(spaceless))
    if len(code) > MAX_CODE:
        raise InvalidValue(f"coupon code must have at most {MAX_CODE} characters, got {len(code)} after normalization")
    return code


def _folded(text: str) -> str:
    """Upper case by way of folding: letters that are one when case is ignored (ß and SS, a ligature and its letters) become one."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFKC", folded.upper())


@frozen
class Coupon:
    """One code and what it is worth.

    `percent` is in basis points (1,000 is 10 %); `amounts` are fixed amounts off the whole cart. `limited` says that its uses are
    a quota. `title` is what a customer reads. Raises `InvalidValue` unless exactly one of the two is given, for an empty code, amounts not
    above zero, a currency named twice, a time without a zone, and an end that is not after its start.
    """

    code: str = field(converter=normalize_code, validator=text(least=1, most=MAX_CODE))
    percent: int = field(default=0, validator=whole(least=0, most=BASIS_POINTS), kw_only=True)
    amounts: tuple[Money, ...] = field(default=(), validator=members(Money), kw_only=True)
    minimums: tuple[Money, ...] = field(default=(), validator=members(Money), kw_only=True)
    starts: datetime | None = field(default=None, validator=maybe(aware), kw_only=True)
    ends: datetime | None = field(default=None, validator=maybe(aware), kw_only=True)
    limited: bool = field(default=False, validator=of(bool), kw_only=True)
    title: str = field(default="", validator=text(), kw_only=True)
    rounding: Rounding = field(default=Rounding.HALF_UP, validator=of(Rounding), kw_only=True)
    version: int = field(default=1, validator=whole(least=1), kw_only=True)

    def __attrs_post_init__(self) -> None:
        if bool(self.percent) is bool(self.amounts):
            raise InvalidValue(f"coupon {self.code} must take a percent or fixed amounts off, got {self.percent} and {len(self.amounts)} amounts")
        check_amounts(f"amounts of coupon {self.code}", self.amounts, least=1)
        check_amounts(f"minimums of coupon {self.code}", self.minimums, least=1)
        if self.starts is not None and self.ends is not None and self.ends <= self.starts:
            raise InvalidValue(f"coupon {self.code} must end after it starts, got {self.starts.isoformat()} to {self.ends.isoformat()}")


def coupon_key(code: str) -> str:
    """The key of the quota that counts the uses of a limited coupon."""
    return f"coupon/{normalize_code(code)}"


def discount(coupon: Coupon, *, subtotal: int, currency: str) -> int:
    """What the coupon takes off a subtotal in minor units, from zero to the subtotal; it does not ask whether the coupon is good."""
    if coupon.percent:
        return min(share(subtotal, coupon.percent, coupon.rounding), subtotal)
    return min(amount_in(coupon.amounts, currency) or 0, subtotal)


def check(coupon: Coupon, *, subtotal: int, currency: str, at: datetime) -> Refusal | None:
    """Why a coupon is not good for a subtotal (minor units) now; `None` when it is. The order of the checks is that of the module's table."""
    outcome = redeem(coupon, subtotal=subtotal, currency=currency, at=at)
    return outcome if isinstance(outcome, Refusal) else None


def redeem(coupon: Coupon, *, subtotal: int, currency: str, at: datetime) -> int | Refusal:
    """What the coupon takes off a subtotal (minor units) now, always above zero, or why it is not good; the checks are those of `check`."""
    if coupon.starts is not None and at < coupon.starts:
        starts = coupon.starts.isoformat()
        return Refusal("coupon_not_started", f"coupon {coupon.code} is good from {starts} on", {"coupon": coupon.code, "starts": starts})
    if coupon.ends is not None and at >= coupon.ends:
        ends = coupon.ends.isoformat()
        return Refusal("coupon_expired", f"coupon {coupon.code} was good until {ends}", {"coupon": coupon.code, "ends": ends})
    minimum = amount_in(coupon.minimums, currency) if coupon.minimums else 0
    if minimum is None or (coupon.amounts and amount_in(coupon.amounts, currency) is None):
        return Refusal("coupon_currency", f"coupon {coupon.code} is not good for {currency}", {"coupon": coupon.code, "currency": currency})
    if subtotal < minimum:
        return _below_minimum(coupon, subtotal=subtotal, minimum=minimum, currency=currency)
    worth = discount(coupon, subtotal=subtotal, currency=currency)
    return worth or no_effect(coupon, subtotal=subtotal, currency=currency)


def no_effect(coupon: Coupon, *, subtotal: int, currency: str) -> Refusal:
    """The refusal of a coupon that would take nothing off, for whatever reason."""
    facts: dict[str, Fact] = {"coupon": coupon.code, "currency": currency, "subtotal": subtotal}
    return Refusal("coupon_no_effect", f"coupon {coupon.code} would take nothing off {Money(subtotal, currency)}", facts)


def _below_minimum(coupon: Coupon, *, subtotal: int, minimum: int, currency: str) -> Refusal:
    missing = minimum - subtotal
    facts: dict[str, Fact] = {"coupon": coupon.code, "currency": currency, "minimum": minimum, "subtotal": subtotal, "missing": missing}
    said = f"coupon {coupon.code} needs {Money(minimum, currency)}; {Money(missing, currency)} is missing"
    return Refusal("coupon_minimum", said, facts)
