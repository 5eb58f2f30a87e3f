"""Money: exact amounts, named rounding, and the one allocator.

    >>> from shopwright.money import Money, Rounding
    >>> price = Money.of("19.99", "EUR")
    >>> price * 3
    Money(minor=5997, currency='EUR')
    >>> str(price.share(1500, Rounding.HALF_UP))
    '3.00 EUR'
    >>> [str(part) for part in Money.of("1.00", "EUR").allocate((1, 1, 1))]
    ['0.34 EUR', '0.33 EUR', '0.33 EUR']

Inside the core the amounts of one order are plain ints in one currency, and `divide`, `share`, `portion` and `allocate` work on
ints; `Money` stands at the edge, where currencies could meet.
"""

from __future__ import annotations

from shopwright.money.allocation import allocate
from shopwright.money.amounts import LARGEST, SMALLEST, Money, total
from shopwright.money.currencies import Currency, currencies, currency, exponent
from shopwright.money.rounding import BASIS_POINTS, Rounding, divide, portion, share

__all__ = [
    "BASIS_POINTS",
    "LARGEST",
    "SMALLEST",
    "Currency",
    "Money",
    "Rounding",
    "allocate",
    "currencies",
    "currency",
    "divide",
    "exponent",
    "portion",
    "share",
    "total",
]
