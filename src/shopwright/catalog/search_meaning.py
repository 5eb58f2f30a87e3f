"""What a query means in a catalog: which of its words are there, which are misspelled, which are two words or one.

    meaning("linnen tea pot", vocabulary)
    # linen; teapot, or tea and pot

Rules
- a word that the catalog has is never mended, and a code or a word in Chinese never is;
- SEARCH-6: a word that it has not is the nearest that it has, or else two words that it has, written together; two words that stand together
  are also found as one, where the catalog has that;
- goods are found that have all words; where there are none, those that have any.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise
from typing import Protocol

from attrs import frozen

from shopwright.catalog.search_stems import stem
from shopwright.catalog.search_text import Asked, asked
from shopwright.catalog.search_typos import Word, meant, typo_keys


class Vocabulary(Protocol):
    """The words of a search index."""

    def counts(self, terms: Collection[str]) -> Mapping[str, int]:
        """How many documents have each of these terms; those that none has may be left out."""
        ...

    def near(self, keys: Collection[str]) -> Iterable[Word]:
        """The words that are kept under any of these keys (`search_typos.typo_keys`), in any order."""
        ...


@frozen
class Correction:
    """A word of a query that was taken for another."""

    said: str
    meant: str


@frozen
class Meaning:
    """What is looked for: of each group one of its alternatives, and of that all terms. No group means everything."""

    groups: tuple[tuple[tuple[str, ...], ...], ...] = ()
    corrected: tuple[Correction, ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """All terms, each once."""
        return tuple(dict.fromkeys(term for group in self.groups for alternative in group for term in alternative))

    def found_by(self, has: Collection[str], *, every: bool) -> bool:
        """Whether goods with these terms are found: by every group, or by any."""
        groups = (any(all(term in has for term in alternative) for alternative in group) for group in self.groups)
        return not self.groups or (all(groups) if every else any(groups))


def meaning(text: str, vocabulary: Vocabulary) -> Meaning:
    """What a query means in this vocabulary."""
    said = asked(text)
    pairs = _written_together(said)
    counts = vocabulary.counts({term for word in (*said, *pairs.values()) for alternative in word.alternatives for term in alternative})
    groups, corrected = [], []
    for word in _joined(said, pairs, counts):
        alternatives, mended = _known(word, vocabulary, counts)
        groups.append(alternatives)
        corrected += mended
    return Meaning(tuple(groups), tuple(corrected))


def _written_together(said: tuple[Asked, ...]) -> dict[int, Asked]:
    """By its place, each word that would stand there if it were written together with the next."""
    found = {}
    for at, (one, other) in enumerate(pairwise(said)):
        if one.plain and other.plain:
            parts = (one.alternatives[0][0], other.alternatives[0][0])
            found[at] = Asked(f"{one.said} {other.said}", ((stem(one.said + other.said),), parts))
    return found


def _joined(said: tuple[Asked, ...], pairs: Mapping[int, Asked], counts: Mapping[str, int]) -> list[Asked]:
    found, at = [], 0
    while at < len(said):
        pair = pairs.get(at)
        together = pair is not None and counts.get(pair.alternatives[0][0], 0) > 0
        found.append(pair if pair is not None and together else said[at])
        at += 2 if together else 1
    return found


def _known(word: Asked, vocabulary: Vocabulary, counts: Mapping[str, int]) -> tuple[tuple[tuple[str, ...], ...], list[Correction]]:
    """The alternatives of a word that the catalog can have, and how it was mended."""
    there = tuple([each for each in word.alternatives if all(counts.get(term, 0) for term in each)])
    if there:
        return there, []
    if word.plain:
        words = meant(word.said, vocabulary.near(typo_keys(word.said)))
        if words:
            return tuple([(it.term,) for it in words]), [Correction(word.said, words[0].word)]
        return _apart(word, vocabulary)
    if len(word.said) == 2 and word.alternatives == ((word.said,),):  # a pair that the catalog has not: its characters, apart
        return (tuple(word.said),), []
    return word.alternatives, []


def _apart(word: Asked, vocabulary: Vocabulary) -> tuple[tuple[tuple[str, ...], ...], list[Correction]]:
    """Two words that the catalog has, written together, and those of which the rarer is in most goods."""
    halves = [(word.said[:at], word.said[at:]) for at in range(2, len(word.said) - 1)]
    counts = vocabulary.counts({stem(half) for pair in halves for half in pair})
    known = [(min(counts.get(stem(half), 0) for half in pair), pair) for pair in halves]
    count, (first, second) = max(known, default=(0, ("", "")))
    if not count:
        return word.alternatives, []
    return ((stem(first), stem(second)),), [Correction(word.said, f"{first} {second}")]
