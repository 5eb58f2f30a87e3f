r"""What a file can tell of a product group and of its variants: how each field is read, and what is expected in it.

Rules
- a cell of CSV is text, a value of JSON may be an integer, a boolean, a list or an object; both are read here;
- a list in a cell has `|` between its members, and `\|` and `\\` where a member holds one of these itself;
- a reader raises `ValueError` for what it cannot read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any

from attrs import frozen

from shopwright.catalog.groups import Kind, Status
from shopwright.catalog.languages import Texts
from shopwright.catalog.products import Component
from shopwright.catalog.variants import Media, MediaType, Option
from shopwright.errors import InvalidValue
from shopwright.money import Money

_MEMBER = re.compile(r"((?:[^\\|]|\\[\\|])*)(\||$)")


@frozen
class Field:
    """A field of a file: how it is read, and what is expected in it, in words."""

    read: Callable[[Any], Any]
    expected: str


def joined(members: Iterable[str]) -> str:
    """A list as a cell."""
    return "|".join(member.replace("\\", "\\\\").replace("|", "\\|") for member in members)


def parted(cell: str) -> tuple[str, ...]:
    """A cell as a list. Raises `ValueError` for a backslash before anything but `|` and a backslash."""
    found, place = [], 0
    while True:
        member = _MEMBER.match(cell, place)
        if member is None:
            raise ValueError("write \\\\ for a backslash")
        found.append(re.sub(r"\\(.)", r"\1", member[1], flags=re.DOTALL))
        place = member.end()
        if not member[2]:
            return tuple(found)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("it is no text")
    return value


def _said(value: Any) -> str:
    """A value of an attribute: numbers and booleans of JSON as they are written."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else _text(value)


def _whole(value: Any) -> int:
    if value.__class__ is int:
        return int(value)
    if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20):
        raise ValueError("it is no whole number")
    return int(value)


def _flag(value: Any) -> bool:
    if value not in (True, False, "true", "false") or value.__class__ is int:
        raise ValueError("it is neither")
    return value in (True, "true")


def _names(value: Any) -> tuple[str, ...]:
    names = parted(value) if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) and name for name in names):
        raise ValueError("a name is empty or is no text")
    return tuple(names)


def _one_of(kind: type[StrEnum]) -> Field:
    def read(value: Any) -> StrEnum:
        try:
            return kind(_text(value))
        except ValueError:
            raise ValueError("it is none of these") from None

    return Field(read, f"one of {', '.join(kind)}")


def _monies(value: Any) -> tuple[Money, ...]:
    return tuple([Money.parse(amount) for amount in _names(value)])


def _components(value: Any) -> tuple[Component, ...]:
    if isinstance(value, dict):
        return tuple([Component(sku, _whole(quantity)) for sku, quantity in value.items()])
    found = []
    for name in _names(value):
        sku, times, quantity = name.rpartition(" x ")
        found.append(Component(sku, _whole(quantity)) if times and quantity.isdigit() else Component(name))
    return tuple(found)


def _list(value: Any) -> list[Any]:
    found = json.loads(value, object_pairs_hook=once) if isinstance(value, str) else value
    if not isinstance(found, list):
        raise ValueError("it is no list")
    return found


def _media(value: Any) -> tuple[Media, ...]:
    if isinstance(value, str) and not value.startswith("["):
        return tuple([Media(url) for url in _names(value)])
    found = _list(value)
    return tuple([Media(each) if isinstance(each, str) else _medium(each) for each in found])


def _medium(said: Any) -> Media:
    if not isinstance(said, dict):
        raise ValueError("it is neither an address nor an object")
    known_keys(said, ("url", "type", "alt", "sku"))
    return Media(_text(said.get("url")), MediaType(said.get("type", "image")), alt=Texts(said.get("alt", {})), sku=_text(said.get("sku", "")))


def _options(value: Any) -> tuple[Option, ...]:
    found = []
    for said in _list(value):
        if not isinstance(said, dict):
            raise ValueError("it is no list of objects")
        known_keys(said, ("code", "values", "titles"))
        found.append(Option(_text(said.get("code")), _names(said.get("values")), titles=Texts(said.get("titles", {}))))
    return tuple(found)


def known_keys(said: Mapping[str, Any], allowed: Iterable[str]) -> None:
    """Raise `ValueError` for a key that is not allowed."""
    unknown = [key for key in said if key not in tuple(allowed)]
    if unknown:
        raise ValueError(f"unknown keys: {', '.join(unknown)}; allowed: {', '.join(allowed)}")


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON; raises `InvalidValue` where a key comes twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise InvalidValue("a key comes twice")
    return found


_TEXT, _WHOLE, _FLAG = Field(_text, "text"), Field(_whole, "a whole number from zero up"), Field(_flag, "true or false")
_NAMES, _MONIES = Field(_names, "names, with | between several"), Field(_monies, "amounts such as 12.34 EUR, with | between several")

GROUP: Mapping[str, Field] = {
    "product": _TEXT,
    "seller": _TEXT,
    "kind": _one_of(Kind),
    "status": _one_of(Status),
    "brand": _TEXT,
    "categories": _NAMES,
    "tags": _NAMES,
    "channels": _NAMES,
    "tax_class": _TEXT,
    "media": Field(_media, 'addresses, with | between several, or a list such as [{"url": "a.mp4", "type": "video"}]'),
    "options": Field(_options, 'a list such as [{"code": "size", "values": ["S", "M"]}]'),
}
"""Fields of a product group."""

VARIANT: Mapping[str, Field] = {
    "sku": _TEXT,
    "barcode": _TEXT,
    "prices": _MONIES,
    "floors": _MONIES,
    "weight_g": _WHOLE,
    "length_mm": _WHOLE,
    "width_mm": _WHOLE,
    "height_mm": _WHOLE,
    "tracked": _FLAG,
    "components": Field(_components, "skus such as CUP x 4, with | between several"),
    "assembled": _FLAG,
}
"""Fields of a variant."""

GROUP_NAMED: Mapping[str, Field] = {"title": _TEXT, "description": _TEXT, "attribute": Field(_said, "text")}
"""Fields of a group of which there are several, each with a name behind a colon: `title:en`, `attribute:material`."""

VARIANT_NAMED: Mapping[str, Field] = {"option": _TEXT}
"""The same of a variant: `option:size`."""

MUST = ("product", "seller", "sku")
"""Columns that a file must have."""


def field_of(column: str) -> Field | None:
    """The field of a column; `None` for a column that there is not."""
    name, colon, rest = column.partition(":")
    if colon:
        return (GROUP_NAMED.get(name) or VARIANT_NAMED.get(name)) if rest else None
    return GROUP.get(name) or VARIANT.get(name)


def is_of_group(column: str) -> bool:
    """Whether a column tells something of a whole group."""
    return column in GROUP or column.partition(":")[0] in GROUP_NAMED
