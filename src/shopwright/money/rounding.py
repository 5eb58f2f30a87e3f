"""How an exact amount becomes a whole number of minor units: always by a named policy, never in silence.

Rules
- everything is integers; a rate is a whole number of basis points or an exact `Fraction`, never a float;
- a policy says what happens to the exact result, sign included: `UP` and `DOWN` go away from and towards zero, `CEILING` and
  `FLOOR` towards plus and minus infinity, and the `HALF_*` ones take the nearest and differ only on an exact half;
- an exact result is returned as it is under every policy.
"""

from __future__ import annotations

from enum import Enum
from reprlib import repr as shown
from typing import TYPE_CHECKING

from shopwright.errors import InvalidValue

if TYPE_CHECKING:
    from fractions import Fraction

BASIS_POINTS = 10_000
"""One whole, in basis points: 10,000 of them are 100 %."""


class Rounding(Enum):
    """A named way to round; the name is what a price trace records."""

    HALF_UP = "half_up"
    """To the nearest, a half away from zero: what most shops and tax offices mean by rounding."""
    HALF_EVEN = "half_even"
    """To the nearest, a half to the even neighbor: no drift over many roundings."""
    HALF_DOWN = "half_down"
    """To the nearest, a half towards zero."""
    UP = "up"
    """Away from zero."""
    DOWN = "down"
    """Towards zero: cut off."""
    CEILING = "ceiling"
    """Towards plus infinity."""
    FLOOR = "floor"
    """Towards minus infinity."""


# Reading a member off an enum class costs as much as the division itself, so the two hot policies have names of their own.
_HALF_UP, _HALF_EVEN = Rounding.HALF_UP, Rounding.HALF_EVEN


def divide(numerator: int, denominator: int, rounding: Rounding) -> int:
    """The quotient of two integers, rounded exactly; raises `InvalidValue` unless the denominator is positive."""
    if numerator.__class__ is not int or denominator.__class__ is not int or denominator <= 0:
        raise _bad_division(numerator, denominator)
    floor, rest = divmod(numerator, denominator)
    if rounding is _HALF_UP:
        return floor + (2 * rest > denominator or (2 * rest == denominator and numerator > 0))
    if rounding is _HALF_EVEN:
        return floor + (2 * rest > denominator or (2 * rest == denominator and floor % 2 == 1))
    return floor + _goes_up(floor < 0, rest, denominator, rounding)


def share(minor: int, basis_points: int, rounding: Rounding) -> int:
    """So many basis points of an amount: `share(1999, 1500, HALF_UP)` is 15 % of 19.99, that is 300."""
    if minor.__class__ is not int:
        raise _not_whole("amount", minor, "an int of minor units")
    if basis_points.__class__ is not int:
        raise _not_whole("rate", basis_points, "an int of basis points (1 % is 100); for a finer rate use portion() with a Fraction")
    return divide(minor * basis_points, BASIS_POINTS, rounding)


def portion(minor: int, rate: Fraction | int, rounding: Rounding) -> int:
    """An exact rate of an amount: `portion(10_000, Fraction("0.08875"), HALF_UP)` is 8.875 % of 100.00, that is 888.

    A rate here is the ratio itself: `Fraction(1, 10)` is a tenth, and the int 1 is all of it.
    """
    from fractions import Fraction

    if minor.__class__ is not int:
        raise _not_whole("amount", minor, "an int of minor units")
    if rate.__class__ is not int and not isinstance(rate, Fraction):
        raise _not_whole("rate", rate, "a Fraction, such as Fraction('0.08875')")
    return divide(minor * rate.numerator, rate.denominator, rounding)


def _goes_up(negative: bool, rest: int, denominator: int, rounding: Rounding) -> bool:
    """Whether a result goes to the integer above its floor; an exact one (`rest` is zero) never does."""
    match rounding:
        case Rounding.HALF_DOWN:
            return 2 * rest > denominator or (2 * rest == denominator and negative)
        case Rounding.UP:
            return rest > 0 and not negative
        case Rounding.DOWN:
            return rest > 0 and negative
        case Rounding.CEILING:
            return rest > 0
        case Rounding.FLOOR:
            return False
        case _:
            allowed = ", ".join(policy.name for policy in Rounding)
            raise InvalidValue(f"expected a Rounding, got {shown(rounding)}; allowed: {allowed}")


def _not_whole(name: str, value: object, expected: str) -> InvalidValue:
    return InvalidValue(f"expected the {name} to be {expected}, got {shown(value)} ({type(value).__name__})")


def _bad_division(numerator: object, denominator: object) -> InvalidValue:
    for name, value in (("numerator", numerator), ("denominator", denominator)):
        if type(value) is not int:
            return _not_whole(name, value, "an int")
    return InvalidValue(f"expected a denominator above zero, got {shown(denominator)}; move the sign to the numerator")
