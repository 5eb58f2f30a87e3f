"""Where goods go.

Rules
- with a vault an address is kept sealed: name, lines, postcode and phone stand in `sealed` alone, and city, region and country stay plain, for taxes
  and statistics need them, and they name nobody;
- a sealed address is opened where it is needed and nowhere else (`shopwright.flows.addressing`).
"""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from shopwright.edges import maybe, of, text, texts
from shopwright.members.sealing import Sealed

_IS_NAME, _IS_EMPTY = text(least=1), text(most=0)


def _name(instance: Any, attribute: Any, value: Any) -> None:
    """A name, where nothing is sealed."""
    (_IS_EMPTY if isinstance(instance.sealed, Sealed) else _IS_NAME)(instance, attribute, value)


@frozen
class Address:
    """A postal address as the buyer wrote it, in any script; `country` is ISO 3166-1 alpha-2. Personal, so it shows the place alone.

    Where `sealed` is there, it holds name, lines, postcode and phone, and these are empty.
    """

    name: str = field(validator=_name, repr=False)
    lines: tuple[str, ...] = field(default=(), validator=texts(), repr=False)
    city: str = field(default="", validator=text())
    region: str = field(default="", validator=text())
    postcode: str = field(default="", validator=text(most=32), repr=False)
    country: str = field(default="", validator=text(most=2))
    phone: str = field(default="", validator=text(most=64), repr=False)
    sealed: Sealed | None = field(default=None, validator=maybe(of(Sealed)), repr=False)
