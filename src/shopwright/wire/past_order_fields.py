"""What a file of past orders can tell of an order and of its lines: how each field is read, and what is expected in it.

Rules
- a cell of CSV is text, a value of JSON may be an integer, a boolean or a list; both are read here;
- a reader raises `ValueError` for what it cannot read, and gets the currency that amounts are in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from shopwright.money import Money

Reader = Callable[[Any, str], Any]


def _text(value: Any, _currency: str) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value


def _whole(value: Any, _currency: str) -> int:
    if value.__class__ is int:
        return int(value)
    if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20):
        raise ValueError
    return int(value)


def _amount(value: Any, currency: str) -> int:
    if value.__class__ is not int and not isinstance(value, str):
        raise ValueError
    minor = Money.of(value, currency).minor
    if minor < 0:
        raise ValueError
    return minor


def _names(value: Any, _currency: str) -> frozenset[str]:
    names = value.split("|") if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) and name.strip() for name in names):
        raise ValueError
    return frozenset([name.strip() for name in names])


def _time(value: Any, currency: str) -> datetime:
    found = datetime.fromisoformat(_text(value, currency))
    if found.utcoffset() is None:
        raise ValueError
    return found


def _day(value: Any, currency: str) -> date:
    return date.fromisoformat(_text(value, currency))


def _flag(value: Any, _currency: str) -> bool:
    if isinstance(value, bool):
        return value
    if value not in {"true", "false"}:
        raise ValueError
    return bool(value == "true")


_A_TEXT = _text, "text"
_A_COUNT = _whole, "a whole number from zero up"
_AN_AMOUNT = _amount, "an amount from zero up in units of the currency, such as 12.34"
_SOME_NAMES = _names, "names, with | between several"
_A_TIME = _time, "a time with its zone such as 2026-03-01T12:00:00+01:00"

ORDER_FIELDS: Mapping[str, tuple[Reader, str]] = {
    "order": _A_TEXT,
    "at": _A_TIME,
    "currency": _A_TEXT,
    "paid": _AN_AMOUNT,
    "shipping": _AN_AMOUNT,
    "codes": _SOME_NAMES,
    "channel": _A_TEXT,
    "payment_method": _A_TEXT,
    "ship_to": _A_TEXT,
    "member": _A_TEXT,
    "tier": _A_TEXT,
    "segments": _SOME_NAMES,
    "orders_before": _A_COUNT,
    "joined_at": _A_TIME,
    "born": (_day, "a day such as 1990-02-28"),
    "zone": (_text, "an IANA zone such as Europe/Berlin"),
}
"""What can be told of an order: how it is read, and what is expected."""

LINE_FIELDS: Mapping[str, tuple[Reader, str]] = {
    "sku": _A_TEXT,
    "quantity": _A_COUNT,
    "unit_price": _AN_AMOUNT,
    "product": _A_TEXT,
    "seller": _A_TEXT,
    "brand": _A_TEXT,
    "categories": _SOME_NAMES,
    "tags": _SOME_NAMES,
    "floor": _AN_AMOUNT,
    "reduced": (_flag, "true or false"),
}
"""What can be told of an order line."""

FIELDS = {**ORDER_FIELDS, **LINE_FIELDS}
MUST = ("order", "at", "currency", "sku", "quantity", "unit_price")
"""What must be told."""
