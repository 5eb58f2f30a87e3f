"""Amounts of money: a whole number of the smallest unit of one currency.

Rules
- an amount is an int of minor units (cents, yen, fils) within 64 bits; a float is refused everywhere;
- two currencies never meet in a sum or an order: that raises `CurrencyMismatch`; as values they are merely not equal;
- whatever has to round says by which `Rounding`; whatever need not round is exact or refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from reprlib import repr as shown
from typing import TYPE_CHECKING, Final

from attrs import frozen

from shopwright.errors import CurrencyMismatch, InvalidValue
from shopwright.money.allocation import allocate
from shopwright.money.currencies import EXPONENTS, exponent, unknown
from shopwright.money.rounding import Rounding, divide, share

if TYPE_CHECKING:
    from decimal import Decimal
    from fractions import Fraction

LARGEST: Final = 2**63 - 1
"""The largest amount, in minor units."""
SMALLEST: Final = -(2**63)
"""The smallest amount, in minor units."""

_MOST_DIGITS = 40
_MOST_ZEROS = 60


@frozen
class Money:
    """An amount in one currency: `Money(1999, "EUR")` is 19.99 euro.

    Raises `InvalidValue` for an amount that is not an int within 64 bits, and for a code that ISO 4217 does not know.
    """

    minor: int
    """The amount in the smallest unit of the currency."""
    currency: str
    """The ISO 4217 code, three upper-case letters."""

    # Written by hand, as attrs with validators would take three times as long, and orders hold dozens of amounts.
    def __init__(self, minor: int, currency: str) -> None:
        if minor.__class__ is not int or not SMALLEST <= minor <= LARGEST:
            raise _bad_amount(minor)
        try:
            EXPONENTS[currency]
        except (KeyError, TypeError):
            raise unknown(currency) from None
        _set_minor(self, minor)
        _set_currency(self, currency)

    @classmethod
    def of(cls, value: str | int | Decimal | Fraction, currency: str, *, rounding: Rounding | None = None) -> Money:
        """The amount in whole units of the currency: `Money.of("19.99", "EUR")`, `Money.of(20, "EUR")`.

        Text is plain digits with an optional sign and point. A value finer than the currency is refused with `InvalidValue`
        unless `rounding` says what to do with it; a float is always refused, since 19.99 has no exact float.
        """
        places = exponent(currency)
        numerator, denominator = _ratio(value)
        minor, rest = divmod(numerator * 10**places, denominator)
        if rest:
            if rounding is None:
                hint = "round it first, or say rounding=Rounding.HALF_UP or another"
                raise InvalidValue(f"expected an amount of at most {places} decimals for {currency}, got {shown(value)}; {hint}")
            minor = divide(numerator * 10**places, denominator, rounding)
        return cls(minor, currency)

    @classmethod
    def parse(cls, text: str) -> Money:
        """The amount that `str()` wrote: `Money.parse("19.99 EUR")`; raises `InvalidValue` for anything else."""
        if text.__class__ is not str or text.count(" ") != 1:
            raise InvalidValue(f"expected an amount and a currency code such as '19.99 EUR', got {shown(text)}")
        value, currency = text.split(" ")
        return cls.of(value, currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Nothing, in this currency."""
        return cls(0, currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in whole units, exact, with as many decimals as the currency has."""
        from decimal import Decimal

        sign = 1 if self.minor < 0 else 0
        digits = tuple(int(digit) for digit in str(abs(self.minor)))
        return Decimal((sign, digits, -EXPONENTS[self.currency]))

    def share(self, basis_points: int, rounding: Rounding) -> Money:
        """So many basis points of this amount (1 % is 100), rounded as said."""
        return _money(share(self.minor, basis_points, rounding), self.currency)

    def allocate(self, weights: Sequence[int]) -> tuple[Money, ...]:
        """This amount split by weights to the last unit; the laws are those of `shopwright.money.allocate`."""
        shares = []
        currency = self.currency
        for part in allocate(self.minor, weights):
            share = _new(Money)  # no part is larger than the whole, whose size was checked
            _set_minor(share, part)
            _set_currency(share, currency)
            shares.append(share)
        return tuple(shares)

    def __add__(self, other: Money) -> Money:
        if other.__class__ is not Money:
            return NotImplemented
        if self.currency != other.currency:
            raise _mismatch("add", self, other)
        return _money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        if other.__class__ is not Money:
            return NotImplemented
        if self.currency != other.currency:
            raise _mismatch("subtract", self, other)
        return _money(self.minor - other.minor, self.currency)

    def __mul__(self, times: int) -> Money:
        if times.__class__ is not int:
            hint = "for a percentage use share(), for a split allocate()"
            raise InvalidValue(f"expected to multiply {self} by an int, got {shown(times)} ({type(times).__name__}); {hint}")
        return _money(self.minor * times, self.currency)

    __rmul__ = __mul__

    def __neg__(self) -> Money:
        return _money(-self.minor, self.currency)

    def __pos__(self) -> Money:
        return self

    def __abs__(self) -> Money:
        return _money(abs(self.minor), self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: Money) -> bool:
        if other.__class__ is not Money:
            return NotImplemented
        return self.minor < _comparable(self, other)

    def __le__(self, other: Money) -> bool:
        if other.__class__ is not Money:
            return NotImplemented
        return self.minor <= _comparable(self, other)

    def __gt__(self, other: Money) -> bool:
        if other.__class__ is not Money:
            return NotImplemented
        return self.minor > _comparable(self, other)

    def __ge__(self, other: Money) -> bool:
        if other.__class__ is not Money:
            return NotImplemented
        return self.minor >= _comparable(self, other)

    def __str__(self) -> str:
        places = EXPONENTS[self.currency]
        digits = str(abs(self.minor)).rjust(places + 1, "0")
        sign = "-" if self.minor < 0 else ""
        point = len(digits) - places
        return f"{sign}{digits[:point]}{'.' if places else ''}{digits[point:]} {self.currency}"

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


# The slots themselves: they fill a new value past the frozen `__setattr__`, at half its price.
_new = object.__new__
_set_minor = Money.__dict__["minor"].__set__
_set_currency = Money.__dict__["currency"].__set__


def total(monies: Iterable[Money], *, currency: str) -> Money:
    """The sum of amounts that are all in this currency, which an empty sum needs to be told; raises `CurrencyMismatch`."""
    exponent(currency)
    minor = 0
    for money in monies:
        if money.__class__ is not Money:
            raise InvalidValue(f"expected amounts of Money in {currency}, got {shown(money)} ({type(money).__name__})")
        if money.currency != currency:
            raise CurrencyMismatch(f"cannot total {money} in {currency}; expected every amount in {currency}, so convert it first")
        minor += money.minor
    return _money(minor, currency)


def _money(minor: int, currency: str) -> Money:
    """A result whose currency is known to be right: only its size is left to check."""
    if not SMALLEST <= minor <= LARGEST:
        raise _bad_amount(minor)
    money = _new(Money)
    _set_minor(money, minor)
    _set_currency(money, currency)
    return money


def _comparable(one: Money, other: Money) -> int:
    if one.currency != other.currency:
        raise _mismatch("compare", one, other)
    return other.minor


def _ratio(value: object) -> tuple[int, int]:
    """The exact value as numerator and denominator."""
    if isinstance(value, str):
        return _ratio_of_text(value)
    if type(value) is int:
        return value, 1
    from decimal import Decimal
    from fractions import Fraction

    if isinstance(value, Fraction):
        return value.numerator, value.denominator
    if isinstance(value, Decimal) and value.is_finite():
        # A short Decimal can stand for a number of a billion digits, which nobody means as a price.
        if abs(int(value.as_tuple().exponent)) <= _MOST_ZEROS:
            return value.as_integer_ratio()
        raise InvalidValue(f"expected an amount within 64 bits of minor units, got {shown(value)}")
    hint = "; a float is never exact, so pass text such as '19.99'" if isinstance(value, float) else ""
    raise InvalidValue(f"expected an amount as text, int, finite Decimal or Fraction, got {shown(value)} ({type(value).__name__}){hint}")


def _ratio_of_text(text: str) -> tuple[int, int]:
    unsigned = text[1:] if text[:1] in ("-", "+") else text
    whole, point, fraction = unsigned.partition(".")
    digits = whole + fraction
    if not (digits.isascii() and digits.isdecimal() and whole and (fraction or not point) and len(digits) <= _MOST_DIGITS):
        raise InvalidValue(
            f"expected an amount such as '1999.00': digits, at most one point, no separators, {_MOST_DIGITS} digits at most; got {shown(text)}"
        )
    return (-int(digits) if text[0] == "-" else int(digits)), 10 ** len(fraction)


def _bad_amount(minor: object) -> InvalidValue:
    if type(minor) is not int:
        hint = "; for whole units use Money.of('19.99', currency)" if type(minor).__name__ in ("float", "str", "Decimal") else ""
        return InvalidValue(f"expected an int of minor units, got {shown(minor)} ({type(minor).__name__}){hint}")
    return InvalidValue(f"expected an amount within 64 bits, {SMALLEST} to {LARGEST} minor units, got an int of {minor.bit_length()} bits")


def _mismatch(verb: str, one: Money, other: Money) -> CurrencyMismatch:
    return CurrencyMismatch(f"cannot {verb} {one} and {other}; expected two amounts in {one.currency}, so convert one first")
