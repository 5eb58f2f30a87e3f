"""Where goods go."""

from __future__ import annotations

from attrs import field, frozen

from shopwright.edges import text


@frozen
class Address:
    """A postal address as the buyer wrote it; `country` is ISO 3166-1 alpha-2. Any script; bounded lengths."""

    name: str = field(validator=text(least=1, most=200))
    lines: tuple[str, ...] = ()
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    phone: str = field(default="", repr=False)
