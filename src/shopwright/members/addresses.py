"""Where goods go."""

from __future__ import annotations

from attrs import field, frozen

from shopwright.edges import text, texts


@frozen
class Address:
    """A postal address as the buyer wrote it, in any script; `country` is ISO 3166-1 alpha-2. Personal, so it shows the place alone."""

    name: str = field(validator=text(least=1), repr=False)
    lines: tuple[str, ...] = field(default=(), validator=texts(), repr=False)
    city: str = field(default="", validator=text())
    region: str = field(default="", validator=text())
    postcode: str = field(default="", validator=text(most=32))
    country: str = field(default="", validator=text(most=2))
    phone: str = field(default="", validator=text(most=64), repr=False)
