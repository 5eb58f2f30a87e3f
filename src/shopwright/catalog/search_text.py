"""The one analyzer of search: what a text is found by, and what a query asks for. Every search index stores and asks its terms, and no others.

    terms("Men's T-Shirts, 500ml 绿茶壶")     # man tshirt t shirt 500ml 500 ml 绿 绿茶 茶 茶壶 壶
    asked("green t-shirt")                    # green, and tshirt or t and shirt

Rules
- SEARCH-1: case, width, accents and ligatures do not matter (Unicode NFKC, case folded); words in Latin letters are brought to their stems;
- SEARCH-2: text of scripts without spaces (Chinese, Japanese, Thai; Korean too) is found by single characters and by pairs of neighbors; who asks for
  one character or a pair gets it, and who asks for more gets what has each pair, or its characters apart;
- SEARCH-3: a word made of parts (`t-shirt`, `usb-c`, `500ml`, `iphone15`) is found whole, without what joins it, and by its parts;
- SEARCH-4: a sku or a barcode is found as it is, above all else, and by its parts too;
- words that say nothing (`the`, `for`) are not asked for, unless there is nothing else; the first `MOST_WORDS` words of a query count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from unicodedata import normalize

from attrs import frozen

from shopwright.catalog.search_stems import stem

MOST_WORDS = 32
"""How many words of a query count, each pair of neighbors in Chinese as one."""

_MARKS = re.compile("[\u0300-\u036f]")
_SPELLED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "’": "'", "‘": "'", "‐": "-", "‑": "-"})
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
_LETTER = rf"(?:(?![{_UNSPACED}])[^\W_]|[\u0900-\u0dff])"  # the marks of Indic scripts are no letters to `\w`
_PIECE = re.compile(rf"(?P<run>[{_UNSPACED}]+)|{_LETTER}+(?:[-'./&]{_LETTER}+)*")
_POSSESSIVE = re.compile(r"'s(?![^\W_])")
_PART = re.compile(r"\d+(?:\.\d+)*|(?:[^\W\d_]|[\u0900-\u0dff])+")
_JOINT = re.compile(r"[-/&']|(?<!\d)\.|\.(?!\d)")
_CODE = re.compile(r"[^\s]*[\d\-_./][^\s]*")
_NOT_IN_CODE = re.compile(r"[^\w]+")
_SILENT = frozenset("a an and at by for from in is it me my of on or some the to with".split())


@frozen
class Asked:
    """One word of a query: how it was said, and the terms that it means: one of the alternatives, and of that all.

    `plain` tells a word in letters that may be misspelled, such as codes and Chinese may not.
    """

    said: str
    alternatives: tuple[tuple[str, ...], ...]
    plain: bool = False


def folded(text: str) -> str:
    """A text without what does not matter when one looks for it: case, width, accents, ligatures, white space at its ends and twice."""
    if text.isascii():
        return " ".join(text.lower().split())
    spelled = normalize("NFKC", text).casefold().translate(_SPELLED)
    if not spelled.isascii():
        spelled = normalize("NFC", _MARKS.sub("", normalize("NFD", spelled)))
    return " ".join(spelled.split())


def terms(text: str) -> tuple[str, ...]:
    """The terms that a text is found by, each as often as it stands there."""
    return tuple([term for piece, is_run in _pieces(text) for term in (_of_run(piece) if is_run else _of_word(piece))])


def code_terms(code: str) -> tuple[str, ...]:
    """The terms that a sku or a barcode is found by: as it is, and by its parts."""
    return (_as_it_is(folded(code)), *terms(code))


def words(text: str) -> tuple[tuple[str, str], ...]:
    """The plain words of a text, as people write them and with their terms: what misspelled words are mended by."""
    return tuple([pair for piece, is_run in _pieces(text) if not is_run for pair in _plain(piece)])


def asked(text: str) -> tuple[Asked, ...]:
    """What a query asks for, word by word."""
    codes = {_JOINT.sub("", code): _as_it_is(code) for code in _CODE.findall(folded(text))}
    found = [word for piece, is_run in _pieces(text) for word in (_asked_run(piece) if is_run else (_asked_word(piece, codes),))]
    told = [word for word in found if word.said not in _SILENT] or found
    return tuple({word.said: word for word in told}.values())[:MOST_WORDS]


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The runs of scripts without spaces and the words of others, in their order; the truth tells a run."""
    said = folded(text)
    for match in _PIECE.finditer(_POSSESSIVE.sub("", said) if "'" in said else said):
        yield match[0], match["run"] is not None


def _of_run(run: str) -> tuple[str, ...]:
    return (*run, *_pairs(run))


def _pairs(run: str) -> tuple[str, ...]:
    return tuple([run[at : at + 2] for at in range(len(run) - 1)])


# The words of a catalog come again and again: to remember them makes a rebuild twice as fast.
@lru_cache(maxsize=65_536)
def _of_word(word: str) -> tuple[str, ...]:
    parts = [stem(part) for part in _parts(word)]
    return (_whole(word), *parts) if len(parts) > 1 else (_whole(word),)


@lru_cache(maxsize=65_536)
def _plain(word: str) -> tuple[tuple[str, str], ...]:
    return tuple([(part, stem(part)) for part in _parts(word) if part.isalpha() and len(part) > 1])


def _parts(word: str) -> list[str]:
    """A word at its joints, and where letters and digits meet; a number keeps its point."""
    return [part for piece in re.split("[-/&]", word.replace("'", "")) for part in _PART.findall(piece)] or [word]


def _whole(word: str) -> str:
    return stem(_JOINT.sub("", word))


def _as_it_is(code: str) -> str:
    return f"#{_NOT_IN_CODE.sub('.', code)}"


def _asked_run(run: str) -> tuple[Asked, ...]:
    if len(run) < 3:
        return (Asked(run, ((run,),)),)
    return tuple([Asked(pair, ((pair,), tuple(pair))) for pair in _pairs(run)])


def _asked_word(word: str, codes: dict[str, str]) -> Asked:
    parts = tuple([stem(part) for part in _parts(word)])
    whole = _whole(word)
    alternatives = [(whole,), *([parts] if len(parts) > 1 else [])]
    if (code := codes.get(_JOINT.sub("", word))) is not None:
        alternatives.insert(0, (code,))
    return Asked(word, tuple(alternatives), plain=len(parts) == 1 and whole.isalpha())
