"""What is said in several languages, and which of them a reader gets.

    name = Texts({"en": "Tea pot", "de": "Teekanne", "zh-Hant": "茶壺"})
    name.told("de-AT", "en")         # Teekanne

Rules
- languages are tags of BCP 47, kept in the case that it recommends (zh-Hant-TW), so that each is said once;
- a reader's languages are tried in their order, each cut from its end until something is there (RFC 4647, lookup): zh-Hant-TW, zh-Hant, zh;
- where none of them is there, the text of the first language by its tag is told rather than nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from attrs import field, frozen

from shopwright.edges import Pairs, sorted_pairs, text
from shopwright.errors import InvalidValue

MOST_TEXT = 20_000
"""The longest text in one language, in characters."""

_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}")
_is_text = text(least=1, most=MOST_TEXT)


def language_tag(tag: str) -> str:
    """A language tag in its recommended case; raises `InvalidValue` for what is none."""
    if not _TAG.fullmatch(tag):
        raise InvalidValue(f"expected a language such as en, pt-BR or zh-Hant, got {tag!r}")
    first, *rest = tag.split("-")
    return "-".join([first.lower(), *(_subtag(part) for part in rest)])


def _subtag(part: str) -> str:
    if len(part) == 4 and part.isalpha():
        return part.title()
    return part.upper() if len(part) == 2 else part.lower()


def _by_language(said: Mapping[str, str] | Iterable[tuple[str, str]]) -> Pairs:
    pairs = sorted_pairs(said, "what is said")
    try:
        found = {language_tag(tag): words for tag, words in pairs}
    except InvalidValue as error:
        raise InvalidValue(f"what is said: {error}") from None
    if len(found) < len(pairs):
        raise InvalidValue(f"expected each language once, got {', '.join(tag for tag, _ in pairs)}")
    return tuple(sorted(found.items()))


def _are_texts(instance: Any, attribute: Any, value: Any) -> None:
    for _, words in value:
        _is_text(instance, attribute, words)


@frozen(slots=False)
class Texts:
    """One text in several languages, as a mapping or pairs of language and text.

    Raises `InvalidValue` for a language that is none or comes twice, and for a text that is empty or longer than `MOST_TEXT`.
    """

    said: Pairs = field(default=(), converter=_by_language, validator=_are_texts)

    def told(self, *languages: str) -> str:
        """The text for a reader of these languages, the preferred first; empty where nothing is said in any language."""
        for wanted in languages:
            parts = language_tag(wanted).split("-")
            while parts:
                found = self._by_tag.get("-".join(parts))
                if found is not None:
                    return found
                parts.pop()
                if len(parts) > 1 and len(parts[-1]) == 1:  # a single letter only leads in what follows it
                    parts.pop()
        return self.said[0][1] if self.said else ""

    def longest(self) -> int:
        """How many characters the longest of the texts has."""
        return max((len(words) for _, words in self.said), default=0)

    @cached_property
    def _by_tag(self) -> dict[str, str]:
        return dict(self.said)
