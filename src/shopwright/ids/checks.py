"""Validators for ids, text and integers where they enter a value.

Rules
- text may be in any script, but holds no U+0000 and no lone surrogate, and is no longer than its field allows;
- an identifier is text that looks the same as it is: not empty, no control character, no white space at its ends;
- integers are within 64 bits, and a boolean is not an integer.

They are `shopwright.edges` in the words of this package: attrs validators that raise `InvalidValue`, naming the type and the field.
"""

from __future__ import annotations

from typing import Any

from shopwright.edges import Validator, whole
from shopwright.edges import text as text_between
from shopwright.errors import InvalidValue


def text(max: int = 200, *, empty: bool = False) -> Validator:  # noqa: A002 -- the word that reads best in a field
    """A validator for text of 1 to `max` characters, or of none where `empty` is said."""
    return text_between(least=0 if empty else 1, most=max)


def identifier(max: int = 200) -> Validator:  # noqa: A002 -- as in text()
    """A validator for an id, key or code of 1 to `max` characters."""
    is_text = text_between(least=1, most=max)

    def check(instance: Any, attribute: Any, value: Any) -> None:
        is_text(instance, attribute, value)
        # Printable text has no control character, and no white space but the plain space; joiners of some scripts are not printable.
        if value.isprintable() and value[0] != " " and value[-1] != " ":
            return
        if value != value.strip() or any(letter < " " or "\x7f" <= letter <= "\x9f" for letter in value):
            where = f"{type(instance).__name__}.{attribute.name}"
            raise InvalidValue(f"{where} must not hold control characters or begin or end with white space, got {value[:60]!r}; strip it first")

    return check


int64 = whole()
"""A validator for an integer within 64 bits."""
