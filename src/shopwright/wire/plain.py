"""How each type stands in a body: the table of all types that can be stored.

| type                              | in the body                                        |
| text, integer, boolean, None      | itself; no other type is taken for it when read    |
| an enumeration                    | its value, text or integer                         |
| a `NewType`                       | as the type it is made from                        |
| aware `datetime`                  | ISO 8601 in UTC, microseconds kept                 |
| `date`                            | ISO 8601                                           |
| `timedelta`                       | microseconds                                       |
| `Fraction`                        | "n/d"                                              |
| `bytes`                           | base64                                             |
| `tuple`                           | an array                                           |
| `frozenset`                       | an array, sorted                                   |
| an attrs class                    | an object; fields at their default are left out    |
| a union of attrs classes          | the object, with the name of the class as "_type"  |
| a union of text, integer, boolean | itself                                             |

Everything else is refused when it is first met (`InvalidValue`): a float or a `Decimal` would round, a list or a dict would
change under the reader. A mapping is kept as a tuple of pairs.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from enum import Enum, StrEnum
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any, NoReturn

from shopwright.errors import InvalidValue

_MICROSECOND = timedelta(microseconds=1)


def time_out(value: datetime) -> str:
    """The instant as text in UTC."""
    if value.tzinfo is not UTC:
        if value.utcoffset() is None:
            raise InvalidValue(f"times must be aware, got {value!r}; give it a tzinfo, such as datetime.UTC")
        try:
            value = value.astimezone(UTC)
        except OverflowError:
            raise InvalidValue(f"times must be within the years 1 to 9999 in UTC, got {value!r}") from None
    return _utc_out(value)


_utc_out = lru_cache(256)(datetime.isoformat)  # one command writes its time several times


def time_in(text: Any, _: Any = datetime) -> datetime:
    """The instant that `time_out` wrote."""
    value = datetime.fromisoformat(text)
    if value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        raise ValueError(f"expected a time with its offset, got {text!r}")
    return value.astimezone(UTC)


def date_in(text: Any, _: Any = date) -> date:
    """The day that `date.isoformat` wrote."""
    return date.fromisoformat(text)


def span_out(value: timedelta) -> int:
    """The span in microseconds."""
    return value // _MICROSECOND


def span_in(count: Any, _: Any = timedelta) -> timedelta:
    """The span of so many microseconds."""
    return timedelta(microseconds=integer_in(count))


def fraction_out(value: Fraction) -> str:
    """The fraction as "n/d", in lowest terms."""
    return f"{value.numerator}/{value.denominator}"


def fraction_in(text: Any, _: Any = Fraction) -> Fraction:
    """The fraction that `fraction_out` wrote."""
    numerator, slash, denominator = text_in(text).partition("/")
    if not slash:
        raise ValueError(f'expected a fraction like "1/3", got {text!r}')
    return Fraction(int(numerator), int(denominator))


def bytes_out(value: bytes) -> str:
    """The bytes as base64."""
    return b64encode(value).decode()


def bytes_in(text: Any, _: Any = bytes) -> bytes:
    """The bytes that `bytes_out` wrote."""
    return b64decode(text_in(text), validate=True)


def text_in(value: Any, type_: Any = str) -> Any:
    """Text and nothing else; a class made from text makes its own value of it."""
    if value.__class__ is not str:
        raise TypeError(f"expected text, got {value!r}")
    return value if type_ is str else type_(value)


def integer_in(value: Any, type_: Any = int) -> Any:
    """An integer and nothing else: `True` is not 1 here."""
    if value.__class__ is not int:
        raise TypeError(f"expected an integer, got {value!r}")
    return value if type_ is int else type_(value)


def boolean_in(value: Any, _: Any = bool) -> bool:
    """`True` or `False` and nothing else."""
    if value.__class__ is bool:
        return value
    raise TypeError(f"expected true or false, got {value!r}")


def refuse_type(type_: Any) -> NoReturn:
    """Say that no body may hold this type, and what may."""
    name = getattr(type_, "__qualname__", None) or str(type_)
    raise InvalidValue(
        f"values of type {name} cannot be stored; use text, int, bool, datetime, date, timedelta, Fraction, bytes, an enumeration, "
        "a tuple, a frozenset, or an attrs class; a mapping is kept as a tuple of pairs"
    )


def enum_out(type_: type[Enum]) -> Callable[[Any], Any] | None:
    """How a member is written; `None` when it is written as it stands, being text itself."""
    if not all(isinstance(member.value, str | int) for member in type_):
        raise InvalidValue(f"members of {type_.__name__} must be text or integers to be stored")
    if issubclass(type_, StrEnum):
        return None
    return lambda member: member.value


def enum_in(value: Any, type_: Any) -> Any:
    """The member with this value; an unknown one raises `ValueError` with those that are known."""
    members = _members(type_)
    member = members.get(value)
    if member is None or value.__class__ is bool:
        raise ValueError(f"{value!r} is not one of {', '.join(map(str, members))}")
    return member


@cache
def _members(type_: type[Enum]) -> dict[Any, Enum]:
    return {member.value: member for member in type_}
