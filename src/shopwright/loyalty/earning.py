"""What an order earns in points: the base is said, the rounding is said, and what each line earned is frozen for a return to read.

    earned = earn_on(rule, lines, rates=(15_000,), paid_with_points=500)
    earned.granted, earned.lines

Rules
- EARN-1: points are reckoned from whole minor units and rounded down, once for the order or once for each line, as the rule says; what the lines
  earned sums to what the order earned;
- EARN-2: what was paid with points earns none; it is taken off the lines by what they are worth;
- EARN-3: rates (of the member's tier before the order, of promotions) are multiplied, or the highest is taken, as the rule says;
- EARN-4: a cap grants what is left of it, and tells what would have been earned without it; the lines share what is granted by what they earned.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from math import prod

from attrs import field, frozen

from shopwright.edges import MOST, identifier, members, of, whole
from shopwright.errors import InvalidValue
from shopwright.money import allocate

RATE = 10_000
"""A rate that changes nothing, in basis points."""


class EarnBasis(StrEnum):
    """What of a line earns points."""

    LISTED = "listed"
    """The goods before any discount."""
    PAID = "paid"
    """The goods after discounts."""
    WITH_SHIPPING = "with_shipping"
    """The goods after discounts, and the line's share of shipping."""


class Rates(StrEnum):
    """How several rates go together."""

    PRODUCT = "product"
    HIGHEST = "highest"


@frozen(kw_only=True)
class EarnLine:
    """A line of an order, in minor units: its goods at list price, what was taken off, its share of shipping, and the tax in what is paid for it.

    `tax` is in the goods and `shipping_tax` in the shipping; with `tax_on_top` they come on top of them. `earns` is false for what gives no points,
    such as a gift card.
    """

    line_no: int = field(validator=whole(least=1))
    listed: int = field(validator=whole(least=0))
    discount: int = field(default=0, validator=whole(least=0))
    shipping: int = field(default=0, validator=whole(least=0))
    tax: int = field(default=0, validator=whole(least=0))
    shipping_tax: int = field(default=0, validator=whole(least=0))
    tax_on_top: bool = field(default=False, validator=of(bool))
    earns: bool = field(default=True, validator=of(bool))

    def __attrs_post_init__(self) -> None:
        if self.discount > self.listed:
            raise InvalidValue(f"line {self.line_no}: expected a discount of at most the {self.listed} of its goods, got {self.discount}")


@frozen(kw_only=True)
class EarnRule:
    """So many `points` for every `per` minor units of the base, with or without the tax in it; below `least` minor units of base nothing is earned.

    `by_line` rounds each line down by itself, which earns less on many cheap lines. `most` caps one order.
    """

    id: str = field(validator=identifier())
    version: int = field(default=1, validator=whole(least=1))
    points: int = field(default=1, validator=whole(least=1, most=10**9))
    per: int = field(default=100, validator=whole(least=1, most=10**12))
    basis: EarnBasis = field(default=EarnBasis.PAID, validator=of(EarnBasis))
    with_tax: bool = field(default=True, validator=of(bool))
    by_line: bool = field(default=False, validator=of(bool))
    rates: Rates = field(default=Rates.PRODUCT, validator=of(Rates))
    least: int = field(default=0, validator=whole(least=0))
    most: int | None = field(default=None)

    def __attrs_post_init__(self) -> None:
        if self.most is not None and (self.most.__class__ is not int or not 0 <= self.most <= MOST):
            raise InvalidValue(f"EarnRule.most must be a number of points from 0 up, or None, got {self.most!r}")

    def base_of(self, line: EarnLine) -> int:
        """What of a line counts, in minor units."""
        if not line.earns:
            return 0
        base, tax = line.listed if self.basis is EarnBasis.LISTED else line.listed - line.discount, line.tax
        if self.basis is EarnBasis.WITH_SHIPPING:
            base, tax = base + line.shipping, tax + line.shipping_tax
        if line.tax_on_top:
            return base + tax if self.with_tax else base
        return base if self.with_tax else max(0, base - tax)

    def rate(self, rates: Sequence[int]) -> tuple[int, int]:
        """The rate as a fraction: of all of them together, or the highest."""
        for rate in rates:
            if rate.__class__ is not int or rate < 0:
                raise InvalidValue(f"expected rates in basis points from 0 up, got {rate!r}")
        if self.rates is Rates.HIGHEST:
            return max(rates, default=RATE), RATE
        return prod(rates), RATE ** len(rates)


@frozen(kw_only=True)
class Earned:
    """What an order earns: `desired` by its rule alone, `granted` under the caps, and what of that is of each line, by its number."""

    rule: str
    rule_version: int
    base: int
    desired: int
    granted: int
    lines: tuple[tuple[int, int], ...] = field(validator=members(tuple))


def earn_on(rule: EarnRule, lines: Iterable[EarnLine], *, rates: Sequence[int] = (), paid_with_points: int = 0, left: int | None = None) -> Earned:
    """What an order of these lines earns.

    `paid_with_points` is in minor units, and `left` what is left of the caps that this order shares with others, in points. Raises `InvalidValue`
    for two lines of one number, and for amounts below zero.
    """
    told = tuple(lines)
    numbers = [line.line_no for line in told]
    if len(set(numbers)) < len(numbers):
        raise InvalidValue(f"expected each line once, got the numbers {numbers}")
    if paid_with_points < 0 or (left is not None and left < 0):
        raise InvalidValue(f"expected amounts from zero up, got {paid_with_points} paid with points and {left} left of the caps")
    bases = _after_points([rule.base_of(line) for line in told], paid_with_points)
    desired = _points(rule, bases, rates) if sum(bases) >= rule.least else [0] * len(bases)
    total = sum(desired)
    granted = min([total, *[cap for cap in (rule.most, left) if cap is not None]])
    parts = desired if granted == total else allocate(granted, desired)
    return Earned(
        rule=rule.id,
        rule_version=rule.version,
        base=sum(bases),
        desired=total,
        granted=granted,
        lines=tuple(zip(numbers, parts, strict=True)),
    )


def _after_points(bases: list[int], paid_with_points: int) -> list[int]:
    """The bases less what was paid with points, which lines share by what they are worth (EARN-2)."""
    total = sum(bases)
    if not paid_with_points or not total:
        return bases
    return [base - part for base, part in zip(bases, allocate(min(paid_with_points, total), bases), strict=True)]


def _points(rule: EarnRule, bases: list[int], rates: Sequence[int]) -> list[int]:
    """What each line earns (EARN-1)."""
    times, over = rule.rate(rates)
    if rule.by_line:
        return [base * rule.points * times // (rule.per * over) for base in bases]
    total = sum(bases)
    return list(allocate(total * rule.points * times // (rule.per * over), bases)) if total else [0] * len(bases)
