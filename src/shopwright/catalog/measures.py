"""How large and heavy a variant is, and the number that scanners read on it.

Rules
- weights are whole grams, lengths whole millimeters; zero says that it is not known;
- a barcode is a GTIN of 8, 12, 13 or 14 digits whose last one is the check digit of the GS1 General Specifications (section 7.9: weights 3 and 1
  from the right, up to the next ten); the four lengths are one number with zeros before it.
"""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from shopwright.edges import whole
from shopwright.errors import InvalidValue

LENGTHS = (8, 12, 13, 14)
"""How many digits a GTIN may have."""

_measure = whole(least=0)


@frozen(kw_only=True)
class Measures:
    """Weight in grams and the sides of the box in millimeters; zero where it is not known. Raises `InvalidValue` below zero."""

    weight_g: int = field(default=0, validator=_measure)
    length_mm: int = field(default=0, validator=_measure)
    width_mm: int = field(default=0, validator=_measure)
    height_mm: int = field(default=0, validator=_measure)

    @property
    def volume_mm3(self) -> int:
        """The volume of the box in cubic millimeters; zero where a side is not known."""
        return self.length_mm * self.width_mm * self.height_mm


def check_digit(digits: str) -> str:
    """The digit that makes a GTIN of these, which are all of it but the last."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def barcode_problem(code: str) -> str:
    """What is wrong with this barcode, in a few words; empty when nothing is."""
    if not (code.isascii() and code.isdigit()) or len(code) not in LENGTHS:
        return f"must be a GTIN of 8, 12, 13 or 14 digits, got {code[:60]!r}"
    if check_digit(code[:-1]) != code[-1]:
        return f"must be a GTIN that ends with its check digit {check_digit(code[:-1])}, got {code}; a digit is wrong"
    return ""


def gtin(code: str) -> str:
    """A barcode as 14 digits, by which two are the same; raises `InvalidValue` for what is none."""
    problem = barcode_problem(code)
    if problem:
        raise InvalidValue(f"a barcode {problem}")
    return code.zfill(14)


def is_barcode(instance: Any, attribute: Any, value: Any) -> None:
    """A validator for a barcode, or nothing."""
    problem = "must be text" if not isinstance(value, str) else value and barcode_problem(value)
    if problem:
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} {problem}")
