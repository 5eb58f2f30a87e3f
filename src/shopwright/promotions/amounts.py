"""Amounts that differ by currency and by sales channel, as promotions name them.

Rules
- for a cart the amount that names its channel is taken before the one that names none;
- a currency without an amount is a currency in which the promotion has nothing to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import field, frozen

from shopwright.edges import Validator, members, of, text
from shopwright.errors import InvalidValue
from shopwright.money import Money


@frozen
class Amount:
    """An amount of money, in one sales channel or, where `channel` is empty, in all."""

    money: Money = field(validator=of(Money))
    channel: str = field(default="", validator=text())


Amounts = tuple[Amount, ...]


def as_amounts(given: Money | Amount | Iterable[Money | Amount]) -> Amounts:
    """A converter: one amount or several, in every channel unless they say otherwise."""
    if isinstance(given, Money | Amount):
        given = (given,)
    try:
        return tuple([Amount(each) if isinstance(each, Money) else each for each in given])
    except TypeError:
        raise InvalidValue(f"expected amounts of money, got {type(given).__name__}; give Money(500, 'EUR') or a tuple of such") from None


def amounts(*, least: int = 1, some: bool = True) -> Validator:
    """A validator for amounts from `least` minor units up, each currency once per channel, and at least one unless `some` is false."""
    are_amounts = members(Amount, least=1 if some else 0)

    def check(instance: Any, attribute: Any, value: Any) -> None:
        are_amounts(instance, attribute, value)
        seen: set[tuple[str, str]] = set()
        for amount in value:
            place = amount.money.currency, amount.channel
            if place in seen:
                raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must name {' in '.join(filter(None, place))} once")
            if amount.money.minor < least:
                raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must be {least} or more minor units, got {amount.money}")
            seen.add(place)

    return check


def amount_for(given: Amounts, *, currency: str, channel: str) -> int | None:
    """The amount in minor units for a cart in this currency and channel; `None` where none is named."""
    found: int | None = None
    for amount in given:
        if amount.money.currency != currency:
            continue
        if amount.channel == channel:
            return amount.money.minor
        if not amount.channel:
            found = amount.money.minor
    return found
