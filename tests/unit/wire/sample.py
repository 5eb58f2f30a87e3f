"""Values of every storable type, independent of any shop."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import Enum, StrEnum
from fractions import Fraction
from typing import NewType

from attrs import field, frozen

Tag = NewType("Tag", str)


class Color(StrEnum):
    RED = "red"
    BLUE = "blue"


class Size(Enum):
    SMALL = 1
    LARGE = 2


@frozen
class Circle:
    radius: int


@frozen
class Box:
    width: int
    height: int = 1
    inner: "Shape | None" = None


Shape = Circle | Box


def _pairs(facts: Mapping[str, str | int] | tuple[tuple[str, str | int], ...]) -> tuple[tuple[str, str | int], ...]:
    return tuple(sorted(dict(facts).items()))


@frozen
class Everything:
    name: str
    count: int
    flag: bool
    color: Color
    size: Size
    tag: Tag
    at: datetime
    day: date
    span: timedelta
    rate: Fraction
    raw: bytes
    shape: Shape
    shapes: tuple[Shape, ...]
    tags: frozenset[Tag]
    corners: frozenset[Circle]
    pair: tuple[str, datetime]
    either: str | int | bool
    facts: tuple[tuple[str, str | int], ...] = field(default=(), converter=_pairs)
    note: str | None = None
    until: datetime | None = None
    nested: tuple[tuple[Tag, ...], ...] = ()
    _hidden: int = 0
