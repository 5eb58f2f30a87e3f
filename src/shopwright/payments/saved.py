"""A method of payment that a provider keeps for a buyer, as it crosses the gateway port.

Rules
- SAVED-1: what a shop has of a saved method is the provider's token, whose it is there, and a label that charges nobody: kind, brand, the last four
  digits and the month it is good until; no longer row of digits fits into a label;
- token and owner stand in no `repr`.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from attrs import field, frozen

from shopwright.edges import identifier, text
from shopwright.errors import InvalidValue

_LAST_FOUR, _MONTH = re.compile(r"(\d{4})?"), re.compile(r"(\d{4}-(0[1-9]|1[0-2]))?")


def _last_four(instance: Any, attribute: Any, value: Any) -> None:
    text(most=4)(instance, attribute, value)
    if not _LAST_FOUR.fullmatch(value):
        raise InvalidValue("MethodLabel.last_four must be four digits or empty; what was given is not shown")


def _month(instance: Any, attribute: Any, value: Any) -> None:
    text(most=7)(instance, attribute, value)
    if not _MONTH.fullmatch(value):
        raise InvalidValue("MethodLabel.expires must be a month such as 2030-12, or empty")


def _word(instance: Any, attribute: Any, value: Any) -> None:
    text(most=40)(instance, attribute, value)
    if sum(map(str.isdigit, value)) > len("0000"):
        raise InvalidValue(f"MethodLabel.{attribute.name} must be a word, and has too many digits for one; what was given is not shown")


@frozen(kw_only=True)
class MethodLabel:
    """How a saved method is shown to its owner: `card`, `visa`, `4242`, `2030-12`. What is not known is empty."""

    kind: str = field(default="card", validator=_word)
    brand: str = field(default="", validator=_word)
    last_four: str = field(default="", validator=_last_four)
    expires: str = field(default="", validator=_month)

    def is_over(self, at: datetime) -> bool:
        """Whether the month it is good until has passed, by the calendar of UTC."""
        return bool(self.expires) and self.expires < at.strftime("%Y-%m")


@frozen(kw_only=True)
class SavedToken:
    """What a provider has kept: the token to pay with the next time, and whose it is there (`owner`; empty where providers know no owners)."""

    token: str = field(validator=identifier(most=1_000), repr=False)
    owner: str = field(default="", validator=text(), repr=False)
    label: MethodLabel = field(factory=MethodLabel)
