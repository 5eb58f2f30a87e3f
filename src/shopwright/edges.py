"""The value edge: what may enter a value at all, so that nothing behind it has to ask again.

Rules
- text has no U+0000 and no lone surrogate, and is no longer than its field allows; any script is fine;
- integers are integers (never booleans) within 64 bits;
- times know their zone;
- sequences are tuples; loose facts are sorted pairs of text, so that values hash and compare.

Each function is an attrs validator or makes one; all of them raise `InvalidValue` naming the type and the field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from reprlib import repr as shown
from typing import Any

from shopwright.errors import InvalidValue

Validator = Callable[[Any, Any, Any], None]
Pairs = tuple[tuple[str, str], ...]

MOST = 2**63 - 1
"""The largest integer that every store keeps."""


def text_problem(value: object, *, least: int = 0, most: int = 200) -> str:
    """What is wrong with this text, in a few words; empty when nothing is."""
    if not isinstance(value, str):
        return f"must be text, got {type(value).__name__}"
    if not least <= len(value) <= most:
        return f"must have {least} to {most} characters, got {len(value)}"
    if "\x00" in value or not (value.isascii() or _encodable(value)):
        return "must not hold U+0000 or a lone surrogate"
    return ""


def text(*, least: int = 0, most: int = 200) -> Validator:
    """A validator for text of so many characters."""

    def check(instance: Any, attribute: Any, value: Any) -> None:
        # Constructors run this for every field, and nearly every text is plain: it pays to see that first.
        if value.__class__ is str and least <= len(value) <= most and "\x00" not in value and (value.isascii() or _encodable(value)):
            return
        problem = text_problem(value, least=least, most=most)
        if problem:
            raise InvalidValue(f"{_name(instance, attribute)} {problem}")

    return check


def identifier(*, most: int = 200) -> Validator:
    """A validator for an id, key or code of 1 to `most` characters that looks the same as it is: no control character in it, and no
    white space at its ends.
    """
    is_text = text(least=1, most=most)

    def check(instance: Any, attribute: Any, value: Any) -> None:
        is_text(instance, attribute, value)
        # Printable text has no control character, and no white space but the plain space; joiners of some scripts are not printable.
        if value.isprintable() and value[0] != " " and value[-1] != " ":
            return
        if value != value.strip() or any(letter < " " or "\x7f" <= letter <= "\x9f" for letter in value):
            where = _name(instance, attribute)
            raise InvalidValue(f"{where} must not hold control characters or begin or end with white space, got {value[:60]!r}; strip it first")

    return check


def texts(*, least: int = 0, most: int = 200) -> Validator:
    """A validator for a tuple of texts."""
    are_texts, is_text = members(str), text(least=least, most=most)

    def check(instance: Any, attribute: Any, value: Any) -> None:
        are_texts(instance, attribute, value)
        for each in value:
            is_text(instance, attribute, each)

    return check


def whole(*, least: int = -MOST - 1, most: int = MOST) -> Validator:
    """A validator for an integer in this range."""

    def check(instance: Any, attribute: Any, value: Any) -> None:
        if value.__class__ is int and least <= value <= most:
            return
        if isinstance(value, bool) or not isinstance(value, int):
            raise InvalidValue(f"{_name(instance, attribute)} must be an integer, got {type(value).__name__}")
        if not least <= value <= most:
            raise InvalidValue(f"{_name(instance, attribute)} must be between {least} and {most}, got {value}")

    return check


def aware(instance: Any, attribute: Any, value: Any) -> None:
    """A validator for a time that knows its zone."""
    if value.__class__ is datetime and value.tzinfo is UTC:  # as nearly every time is
        return
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise InvalidValue(f"{_name(instance, attribute)} must be a datetime with a time zone, got {value!r}")


def of(*types: type) -> Validator:
    """A validator for an instance of one of these types."""

    def check(instance: Any, attribute: Any, value: Any) -> None:
        if not isinstance(value, types):
            expected = " or ".join(each.__name__ for each in types)
            raise InvalidValue(f"{_name(instance, attribute)} must be {expected}, got {type(value).__name__}")

    return check


def members(*types: type, least: int = 0) -> Validator:
    """A validator for a tuple of instances of these types, with at least so many of them."""
    is_tuple, is_member = of(tuple), of(*types)

    def check(instance: Any, attribute: Any, value: Any) -> None:
        is_tuple(instance, attribute, value)
        if len(value) < least:
            raise InvalidValue(f"{_name(instance, attribute)} must have at least {least} members, got {len(value)}")
        for each in value:
            if not isinstance(each, types):
                is_member(instance, attribute, each)

    return check


def maybe(check: Validator) -> Validator:
    """The same validator, but `None` is fine too."""

    def unless_none(instance: Any, attribute: Any, value: Any) -> None:
        if value is not None:
            check(instance, attribute, value)

    return unless_none


def sorted_pairs(facts: Mapping[str, str] | Iterable[tuple[str, str]], what: str = "facts") -> Pairs:
    """A converter: a mapping or pairs, kept as sorted pairs; `what` names them in the error."""
    try:
        return tuple(sorted(dict(facts).items()))
    except (TypeError, ValueError):
        raise InvalidValue(f"expected {what} as a mapping or as pairs of text, got {shown(facts)}") from None


_is_name, _is_fact = text(least=1), text(most=4_000)


def fact_pairs(instance: Any, attribute: Any, value: Any) -> None:
    """A validator for pairs of text, as `sorted_pairs` leaves them: names to 200 characters, values to 4,000."""
    for name, fact in value:
        _is_name(instance, attribute, name)
        _is_fact(instance, attribute, fact)


def plain_facts(instance: Any, attribute: Any, value: Any) -> None:
    """A validator for pairs of a name, to 200 characters, and a plain fact: text to 4,000 characters, an integer or a boolean."""
    members(tuple)(instance, attribute, value)
    for pair in value:
        if len(pair) != 2:
            raise InvalidValue(f"{_name(instance, attribute)} must be pairs of a name and a fact, got {shown(pair)}")
        name, fact = pair
        text(least=1)(instance, attribute, name)
        if isinstance(fact, str):
            text(most=4_000)(instance, attribute, fact)
        elif not isinstance(fact, bool):
            whole()(instance, attribute, fact)


def _encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _name(instance: Any, attribute: Any) -> str:
    return f"{type(instance).__name__}.{attribute.name}"
