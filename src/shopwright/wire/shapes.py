"""How values stand in a file that people write: one description from which reading, writing and the JSON Schema are made.

Rules
- a shape reads a node into a value or tells what is wrong with it and goes on: one run tells all;
- what it writes it reads back as an equal value;
- text, integers and booleans are never taken for one another, and text that other readers of YAML take for something else must be in quotes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any, Final, Protocol

from attrs import field, frozen

from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.wire.marked import Items, Node, Place, Problems, Scalar

Json = dict[str, Any]
BAD: Final = object()
"""What reading gives when it has told what is wrong."""

_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "min": timedelta(minutes=1), "s": timedelta(seconds=1), "us": timedelta(microseconds=1)}
_SPAN = re.compile(r"(?:\d{1,12} ?(?:d|h|min|s|us))(?: \d{1,12} ?(?:d|h|min|s|us))*")
_SPAN_PART = re.compile(r"(\d+) ?([a-z]+)")
_RATE = re.compile(r"\d{1,15}(?:\.\d{1,2})? ?%")
_MONEY = re.compile(r"-?\d+(?:\.\d+)? [A-Z]{3}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Shape(Protocol):
    """A kind of value in a file."""

    def read(self, node: Node, path: str, problems: Problems) -> Any:
        """The value, or `BAD` when it is told what is wrong."""
        ...

    def write(self, value: Any) -> Any:
        """The value as plain data: text, integers, booleans, `None`, lists and dicts."""
        ...

    def schema(self, defs: Json) -> Json:
        """The JSON Schema; what has a name goes to `defs`."""
        ...


def refuse(node: Node, path: str, problems: Problems, expected: str) -> Any:
    """Tell that something else was expected."""
    got = f"{node}" if not isinstance(node, Scalar) or isinstance(node.value, str) or node.value is None else f"{_kind(node.value)} {node}"
    problems.tell(node.at, path, f"expected {expected}, got {got}")
    return BAD


def _kind(value: Any) -> str:
    return "the boolean" if isinstance(value, bool) else "the integer"


def plain_text(node: Node, path: str, problems: Problems, expected: str) -> Any:
    """Text that nobody could take for anything else, or `BAD`."""
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        quotes = "; write it in quotes" if isinstance(node, Scalar) and node.value is not None else ""
        return refuse(node, path, problems, f"{expected}{quotes}")
    if node.doubt:
        hint = f'which YAML may take for {node.doubt}; write "{node.value}"'
        problems.tell(node.at, path, f"expected {expected}, got {node.value} without quotes, {hint}")
        return BAD
    return node.value


@frozen
class Text:
    """Text."""

    def read(self, node: Node, path: str, problems: Problems) -> Any:
        """The text."""
        return plain_text(node, path, problems, "text")

    def write(self, value: Any) -> Any:
        """Itself."""
        return value

    def schema(self, defs: Json) -> Json:
        """Text."""
        return {"type": "string"}


@frozen
class Whole:
    """An integer."""

    def read(self, node: Node, path: str, problems: Problems) -> Any:
        """The integer."""
        if not isinstance(node, Scalar) or isinstance(node.value, bool) or not isinstance(node.value, int):
            return refuse(node, path, problems, "a whole number in decimal digits, without zeros before it and without quotes")
        return node.value

    def write(self, value: Any) -> Any:
        """Itself."""
        return value

    def schema(self, defs: Json) -> Json:
        """An integer."""
        return {"type": "integer"}


@frozen
class Flag:
    """True or false."""

    def read(self, node: Node, path: str, problems: Problems) -> Any:
        """The boolean."""
        return node.value if isinstance(node, Scalar) and isinstance(node.value, bool) else refuse(node, path, problems, "true or false")

    def write(self, value: Any) -> Any:
        """Itself."""
        return value

    def schema(self, defs: Json) -> Json:
        """A boolean."""
        return {"type": "boolean"}


@frozen
class Written:
    """A value that is written as text of one form."""

    name: str
    expected: str
    form: re.Pattern[str]
    parse: Callable[[str], Any]
    show: Callable[[Any], str]
    whole: bool = False
    """Whether an integer stands for the value too."""

    def read(self, node: Node, path: str, problems: Problems) -> Any:
        """The value that the text stands for. Its form leaves no doubt, so that no quotes are needed."""
        if self.whole and isinstance(node, Scalar) and type(node.value) is int:
            return node.value
        if not isinstance(node, Scalar) or not isinstance(node.value, str) or not self.form.fullmatch(node.value):
            return refuse(node, path, problems, self.expected)
        try:
            return self.parse(node.value)
        except (ValueError, OverflowError) as error:
            problems.tell(node.at, path, f"expected {self.expected}, got {node}: {error}")
            return BAD

    def write(self, value: Any) -> Any:
        """The text."""
        return self.show(value)

    def schema(self, defs: Json) -> Json:
        """Text of this form."""
        text: Json = {"type": "string", "pattern": f"^{self.form.pattern}$"}
        form = {"oneOf": [text, {"type": "integer"}]} if self.whole else text
        defs[self.name] = {"description": f"{self.expected[0].upper()}{self.expected[1:]}.", **form}
        return {"$ref": f"#/$defs/{self.name}"}


def _rate_in(text: str) -> int:
    units, _, part = text.rstrip("%").strip().partition(".")
    return int(units) * 100 + int(part.ljust(2, "0") or 0)


def _rate_out(basis_points: int) -> str:
    units, part = divmod(basis_points, 100)
    return f"{units}.{part:02}".rstrip("0").rstrip(".") + " %"


def _span_in(text: str) -> timedelta:
    parts = [(int(count), unit) for count, unit in _SPAN_PART.findall(text)]
    if len({unit for _, unit in parts}) < len(parts):
        raise ValueError("name each unit once")
    return sum((count * _UNITS[unit] for count, unit in parts), timedelta(0))


def _span_out(span: timedelta) -> str:
    said = []
    for unit, length in _UNITS.items():
        count, span = divmod(span, length)
        if count:
            said.append(f"{count} {unit}")
    return " ".join(said) or "0 s"


def _time_in(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.utcoffset() is None:
        raise ValueError("it has no zone; add Z, or +01:00 as it was there and then")
    return found


RATE: Final = Written("Rate", 'a rate such as "12.5 %", or basis points such as 1250', _RATE, _rate_in, _rate_out, whole=True)
MONEY: Final = Written("Money", 'an amount with its currency such as "5.00 EUR"', _MONEY, Money.parse, str)
TIME: Final = Written("Time", "a time with its zone such as 2026-03-01T00:00:00+01:00", _TIME, _time_in, datetime.isoformat)
DAY: Final = Written("Day", "a day such as 2026-03-01", _DAY, date.fromisoformat, date.isoformat)
SPAN: Final = Written("Span", 'a length of time such as "8 h", "1 d 30 min" or "45 s"', _SPAN, _span_in, _span_out)


@frozen
class Choice:
    """A member of an enumeration, by the name that it has in files."""

    names: tuple[tuple[str, Enum], ...]

    @classmethod
    def of(cls, kind: type[Enum]) -> Choice:
        """By value where the values are text, else by name."""
        return cls(tuple([(it.value if isinstance(it.value, str) else it.name.lower(), it) for it in kind]))

    def read(self, node: Node, path: str, problems: Problems) -> Any:
        """The member."""
        if isinstance(node, Scalar):
            for name, member in self.names:
                if node.value == name:
                    return member
        return refuse(node, path, problems, f"one of {', '.join(name for name, _ in self.names)}")

    def write(self, value: Any) -> Any:
        """Its name."""
        return next(name for name, member in self.names if member is value)

    def schema(self, defs: Json) -> Json:
        """One of the names."""
        return {"enum": [name for name, _ in self.names]}


@frozen
class Optional:
    """Nothing, or a value of this shape."""

    of: Shape

    def read(self, node: Node, path: str, problems: Problems) -> Any:
        """The value, or `None`."""
        return None if isinstance(node, Scalar) and node.value is None else self.of.read(node, path, problems)

    def write(self, value: Any) -> Any:
        """`None` as null."""
        return None if value is None else self.of.write(value)

    def schema(self, defs: Json) -> Json:
        """Null, or that."""
        return {"anyOf": [{"type": "null"}, self.of.schema(defs)]}


@frozen
class Many:
    """A list of values of this shape; `alone` lets one stand without its list."""

    of: Shape
    make: Callable[[Any], Any] = field(default=tuple)
    order: Callable[[Any], Any] | None = None
    alone: bool = False

    def read(self, node: Node, path: str, problems: Problems) -> Any:
        """All of them, each with its place in the path."""
        if isinstance(node, Items):
            found = [self.of.read(each, f"{path}[{place}]", problems) for place, each in enumerate(node.items)]
            if any(each is BAD for each in found):
                return BAD
            return self.make(found)
        if not self.alone:
            return refuse(node, path, problems, "a list")
        one = self.of.read(node, path, problems)
        return BAD if one is BAD else self.make([one])

    def write(self, value: Any) -> Any:
        """A list, sorted where the value has no order of its own."""
        every = [self.of.write(each) for each in (value if self.order is None else sorted(value, key=self.order))]
        return every[0] if self.alone and len(every) == 1 else every

    def schema(self, defs: Json) -> Json:
        """A list, or one alone."""
        one = self.of.schema(defs)
        some: Json = {"type": "array", "items": one}
        return {"anyOf": [one, some]} if self.alone else some


def made(make: Callable[[], Any], where: Callable[[str], tuple[Place, str]], problems: Problems) -> Any:
    """A value from what was read; what its class refuses is told where it stands."""
    try:
        return make()
    except (InvalidValue, TypeError, ValueError, OverflowError) as error:
        said = str(error)
        problems.tell(*where(said), said)
        return BAD
