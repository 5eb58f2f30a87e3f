"""Texts that people type into commands: nobody knows what stands in them, and the number of a card must not.

    note: str = field(default="", validator=text(most=1_000), metadata=FREE_TEXT)

Rules
- CARD-4: a command that holds what looks like the number of a card in a free text (`shopwright.payments.card_numbers`, CARD-2) is refused with
  `card_number_given` before anything is read, written or asked of anybody; the refusal names the field and shows nothing of the number;
- of an address its name, lines, city and region are looked at, of facts and profiles every value, every tag; postcodes and phones are no free texts.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from attrs import fields, has

from shopwright.members.addresses import Address
from shopwright.payments.card_numbers import is_in_free_text
from shopwright.refusals import Refusal

FREE_TEXT: Final = {"free_text": True}
"""The metadata of a field that people type into."""


@cache
def free_texts(kind: type[Any]) -> tuple[str, ...]:
    """The names of the free texts of this kind of command."""
    return tuple(it.name for it in fields(kind) if it.metadata.get("free_text")) if has(kind) else ()


def card_given(command: Any) -> Refusal | None:
    """The refusal of a command that holds the number of a card where people type (`card_number_given`, with `field`)."""
    kind: Any = type(command)
    for name in free_texts(kind):
        if is_in_free_text(_typed(getattr(command, name))):
            where = f"{type(command).__name__}.{name}"
            return Refusal(
                "card_number_given", f"{where} seems to hold the number of a card; leave it out, or give its last four digits", {"field": where}
            )
    return None


def _typed(value: Any) -> str:
    """What was typed, a line for each text."""
    if isinstance(value, Address):
        return "\n".join((value.name, *value.lines, value.city, value.region))
    if isinstance(value, tuple):
        return "\n".join(it if isinstance(it, str) else str(it[1]) for it in value)
    return str(value)
