"""What plug-ins bring for promotions: more conditions, effects and predicates over lines, by the words that promotion files know them by.

Rules
- a word of Shopwright itself stays what it is: a plug-in's of the same name is left out;
- a word that two plug-ins bring is left out of both: which one was meant is not for us to guess;
- what is left out is told with the plug-in that brought it; everything else, of the same plug-in too, is kept.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from attrs import field, frozen

from shopwright.errors import InvalidValue
from shopwright.wire.promotion_words import Words

WORD = re.compile(r"[a-z][a-z0-9_]{0,59}")
"""What a word looks like."""

_ASKED = {"conditions": ("unmet", "keys"), "effects": ("take", "most", "keys", "aim"), "matches": ("holds", "keys")}
"""What a class of each sort must have."""


@frozen
class PromotionParts:
    """Classes by their words: `PromotionParts(conditions={"from_brands": FromBrands})`.

    Each is an attrs class whose fields are of types that promotion files know: text, integers, booleans, times, money, enumerations, conditions,
    effects, predicates, other attrs classes, and tuples and frozensets of these. Each declares what it reads; `shopwright.testing` has a contract
    kit for conditions and one for effects.
    """

    conditions: Mapping[str, type[Any]] = field(factory=dict)
    effects: Mapping[str, type[Any]] = field(factory=dict)
    matches: Mapping[str, type[Any]] = field(factory=dict)

    def each(self) -> Iterator[tuple[str, str, type[Any]]]:
        """Sort, word and class, one after another."""
        for sort in _ASKED:
            for word, kind in getattr(self, sort).items():
                yield sort, word, kind


@frozen
class LeftOut:
    """Something of a plug-in that is not used, and why."""

    plugin: str
    error: str


def gathered(core: Words, plugins: Iterable[tuple[str, Callable[[], object]]]) -> tuple[Words, tuple[LeftOut, ...]]:
    """The words of the core and of all plug-ins, and what is left out; the plug-ins come with their names, and are asked in their order."""
    told: list[tuple[str, PromotionParts]] = []
    left_out: list[LeftOut] = []
    for plugin, ask in plugins:
        try:
            told.append((plugin, _checked(ask())))
        except Exception as error:  # noqa: BLE001  # whatever a plug-in raises when it is asked is its own fault
            left_out.append(LeftOut(plugin, f"{type(error).__name__}: {error}"))
    brought = Counter((sort, word) for _, parts in told for sort, word, _ in parts.each())
    words = core
    for plugin, parts in told:
        for sort, word, kind in parts.each():
            if brought[sort, word] > 1:
                others = ", ".join(name for name, other in told if name != plugin and word in getattr(other, sort))
                left_out.append(LeftOut(plugin, f"the word {word} of its {sort} is also brought by {others}; uninstall one of them"))
                continue
            try:
                words = _with_one_more(words, sort, word, kind)
            except Exception as error:  # noqa: BLE001  # a class that cannot be looked at is its plug-in's fault
                left_out.append(LeftOut(plugin, f"{word} of its {sort}: {error}"))
    return words, tuple(left_out)


def _checked(parts: object) -> PromotionParts:
    if not isinstance(parts, PromotionParts):
        raise InvalidValue(f"expected PromotionParts from shopwright_register_promotion_parts, got {type(parts).__name__}")
    return parts


def _with_one_more(words: Words, sort: str, word: Any, kind: Any) -> Words:
    """These words and one more; raises `InvalidValue` where it is no such part, or has a field that files do not know."""
    if not (isinstance(word, str) and WORD.fullmatch(word)):
        raise InvalidValue(f"expected a word of small letters, digits and _ that begins with a letter, got {word!r}")
    missing = [name for name in _ASKED[sort] if not hasattr(kind, name)]
    if not isinstance(kind, type) or missing:
        raise InvalidValue(f"expected a class with {', '.join(_ASKED[sort])}, got {kind!r}, which lacks {', '.join(missing) or 'being a class'}")
    more: Mapping[str, Any] = {sort: {word: kind}}
    grown = words.with_kinds(**more)
    grown.fields(kind).schema({})
    return grown
