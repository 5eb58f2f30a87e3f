"""What is sent and between whom. Weights are whole grams, lengths whole millimeters: no float, no unit to guess."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from shopwright.edges import maybe, of, text, texts, whole
from shopwright.errors import InvalidValue
from shopwright.money import Money


def _country(instance: Any, attribute: Any, value: Any) -> None:
    if not (isinstance(value, str) and len(value) == 2 and value.isascii() and value.isupper() and value.isalpha()):
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must be two capital letters (ISO 3166), got {value!r}")


@frozen(kw_only=True)
class Party:
    """Who sends or receives: a name, address lines, a city and a country of ISO 3166. Personal, so it shows no more than the place."""

    name: str = field(validator=text(least=1), repr=False)
    lines: tuple[str, ...] = field(validator=texts(), repr=False)
    city: str = field(validator=text())
    region: str = field(default="", validator=text())
    postcode: str = field(default="", validator=text(most=32), repr=False)
    country: str = field(validator=_country)
    phone: str = field(default="", validator=text(most=64), repr=False)
    email: str = field(default="", validator=text(most=320), repr=False)


@frozen(kw_only=True)
class Parcel:
    """One box: its weight in grams, its sides in millimeters, and what its contents are declared to be worth."""

    weight_g: int = field(validator=whole(least=1))
    length_mm: int = field(validator=whole(least=1))
    width_mm: int = field(validator=whole(least=1))
    height_mm: int = field(validator=whole(least=1))
    declared: Money | None = field(default=None, validator=maybe(of(Money)))

    def volumetric_g(self, divisor: int) -> int:
        """The weight that its volume stands for, rounded up: cubic centimeters per kilogram are the divisor (5,000 is usual)."""
        cubic_mm = self.length_mm * self.width_mm * self.height_mm
        return -(-cubic_mm // divisor)

    def billed_g(self, divisor: int | None) -> int:
        """The greater of actual and volumetric weight; the actual one when the carrier has no divisor."""
        return self.weight_g if divisor is None else max(self.weight_g, self.volumetric_g(divisor))
