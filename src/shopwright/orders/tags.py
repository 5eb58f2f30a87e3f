"""Tags: words that staff put on orders to find them by, and take off again.

Rules
- TAG-1: a tag is a word or a few, of any script, in small letters and with one space between them, as `tag_of` makes it of what is typed; it has 1 to
  40 characters, no comma and no control character.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from unicodedata import category, normalize

from attrs import field, frozen

from shopwright.edges import aware, of
from shopwright.errors import InvalidValue
from shopwright.members.actors import Actor

LONGEST = 40
"""How many characters a tag has at most."""


@frozen(kw_only=True)
class OrderTagged:
    """Staff put tags on it and took tags off."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    by: Actor = field(validator=of(Actor))
    at: datetime = field(validator=aware)


def tag_of(typed: str) -> str:
    """What somebody typed, as a tag (TAG-1). Raises `InvalidValue` for what is none."""
    if not isinstance(typed, str):
        raise InvalidValue(f"a tag must be text, got {type(typed).__name__}")
    tag = " ".join(normalize("NFC", normalize("NFC", typed).casefold()).split())
    if not 1 <= len(tag) <= LONGEST:
        raise InvalidValue(f"a tag must have 1 to {LONGEST} characters, got {len(tag)}")
    if "," in tag or any(category(it) in ("Cc", "Cs") for it in tag):
        raise InvalidValue("a tag must hold no comma, no control character and no lone surrogate; give several tags one by one")
    return tag


def tags_of(typed: Any) -> tuple[str, ...]:
    """Tags as a command has them: each once, in order. Raises `InvalidValue` for anything but a tuple of tags."""
    if not isinstance(typed, tuple):
        raise InvalidValue(f"expected a tuple of tags, got {type(typed).__name__}; a single one is written (tag,)")
    return tuple(sorted({tag_of(it) for it in typed}))
