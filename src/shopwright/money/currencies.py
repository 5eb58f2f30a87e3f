"""Which currencies there are, and how many decimals each has: ISO 4217, frozen into the package.

Rules
- the exponent is ISO's own (JPY 0, CNY 2, KWD 3), not the number of decimals that people of a place are used to see;
- a code that ISO withdraws stays known here as retired, so that old books can always be read;
- what has no minor unit (gold, test codes, "no currency") is not a currency that a shop can charge, and is unknown here.
"""

from __future__ import annotations

from reprlib import repr as shown
from typing import Final, NamedTuple

from shopwright.errors import InvalidValue
from shopwright.money.iso4217 import ACTIVE, RETIRED

EXPONENTS: Final[dict[str, int]] = {code: row[0] for table in (RETIRED, ACTIVE) for code, row in table.items()}
"""Code to exponent, retired ones included; read only."""


class Currency(NamedTuple):
    """One currency of ISO 4217."""

    code: str
    """Three upper-case letters: `EUR`."""
    exponent: int
    """How many decimals the smallest unit has: 2 for EUR, 0 for JPY, 3 for KWD."""
    number: str
    """The three digits some payment networks want in place of the code: `978`."""
    name: str
    """The English name in the standard: `Euro`."""
    retired: bool
    """Withdrawn by ISO: fine to read in old books, not to price new goods in."""


def exponent(currency: str) -> int:
    """How many decimals the currency has; raises `InvalidValue` for a code that ISO 4217 does not know."""
    try:
        return EXPONENTS[currency]
    except (KeyError, TypeError):
        raise unknown(currency) from None


def currency(code: str) -> Currency:
    """All that the standard says of a code; raises `InvalidValue` for one it does not know."""
    places = exponent(code)
    _, number, name = ACTIVE.get(code) or RETIRED[code]
    return Currency(code, places, f"{number:03d}", name, code not in ACTIVE)


def currencies() -> tuple[Currency, ...]:
    """Every currency in use today, by code; retired ones are left out."""
    return tuple(currency(code) for code in sorted(ACTIVE))


def unknown(code: object) -> InvalidValue:
    """The error for what is no currency code, with the nearest right one where it is plain."""
    if not isinstance(code, str):
        return InvalidValue(f"expected a currency code such as 'EUR', got {shown(code)} ({type(code).__name__})")
    near = code.strip().upper()
    hint = f"; did you mean {near!r}?" if near in EXPONENTS else "; codes such as XAU and XXX have no minor unit and cannot be charged"
    return InvalidValue(f"unknown currency: expected an ISO 4217 code of three upper-case letters, got {shown(code)}{hint}")
