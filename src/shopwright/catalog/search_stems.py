"""English words brought down to what they have in common, lightly: plurals, -ing and -ed, and endings that only spell a sound.

    stem("dresses") == stem("dress"); stem("running") == stem("runs"); stem("batteries") == stem("battery")

Rules
- a stem is not for people: `running` and `run` are one, and so are `bake` and `baking`, whatever the letters that are left;
- words that make others (-er, -ness, -ly) stay apart: a washer is no wash;
- words of three letters or fewer, with a digit, or in another alphabet stay as they are.
"""

from __future__ import annotations

import re
from functools import lru_cache

_IRREGULAR = {
    "children": "child", "feet": "foot", "geese": "goose", "halves": "half", "knives": "knife", "leaves": "leaf", "lice": "louse", "loaves": "loaf",
    "men": "man", "mice": "mouse", "people": "person", "scarves": "scarf", "shelves": "shelf", "teeth": "tooth", "wives": "wife", "wolves": "wolf",
    "women": "woman",
}  # fmt: skip
_AS_THEY_ARE = frozenset(
    "always bedding building canvas ceiling christmas earring evening lens morning news pudding series species stocking wedding wing".split()
)
_VOWEL = re.compile("[aeiouy]")
_LATIN = re.compile("[a-z]{4,}")
_DOUBLE = frozenset("bb dd ff gg mm nn pp rr tt".split())
_HISSING = ("ses", "xes", "zes", "ches", "shes")


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The stem of a folded word (`search_text.folded`)."""
    known = _IRREGULAR.get(word, word)
    if not _LATIN.fullmatch(known):
        return known
    return _bare(_without_tense(_singular(known)))


def _singular(word: str) -> str:
    if not word.endswith("s") or word.endswith(("ss", "us", "is")) or word in _AS_THEY_ARE:
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(_HISSING) else word[:-1]


def _without_tense(word: str) -> str:
    if word in _AS_THEY_ARE:
        return word
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= 3 and _VOWEL.search(rest):
            return rest[:-1] if rest[-2:] in _DOUBLE else rest
    return word


def _bare(word: str) -> str:
    """Without an ending that only spells a sound: `e`, and `y` and `ie` as `i`."""
    if len(word) < 4:
        return word
    if word.endswith("ie"):
        return word[:-1]
    if word.endswith("e"):
        return word[:-1]
    return f"{word[:-1]}i" if word.endswith("y") and word[-2] not in "aeiou" else word
