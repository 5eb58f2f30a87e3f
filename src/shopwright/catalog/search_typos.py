"""Misspelled words, and the words of a catalog that they may mean.

    allowed("linnen") == 2; distance("linnen", "linen") == 1
    typo_keys("linnen") & typo_keys("linen")         # what an index looks up, so that it need not compare all its words

Rules
- SEARCH-5: an edit is a letter too many, one too few, another one, or two neighbors in the wrong order; words of three to five letters may have one,
  longer ones two, shorter ones none;
- of the words that are as near, those count that begin alike, then those that more goods have, then the first by code point;
- two words within the allowed distance share a key: what is left of their first `PREFIX` letters when up to so many are taken out.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from attrs import frozen

PREFIX = 7
"""How many letters of a word its keys are made of."""

MOST_MEANT = 3
"""How many words a misspelled one may mean at once."""


@frozen
class Word:
    """A word of the catalog: as people write it (folded), the term it is found by, and how many goods have that term."""

    word: str
    term: str
    documents: int


def allowed(word: str) -> int:
    """How many edits a word may be away from what it means."""
    if len(word) < 3:
        return 0
    return 1 if len(word) <= 5 else 2


def typo_keys(word: str) -> frozenset[str]:
    """The keys under which an index keeps a word, and looks up one that it does not know."""
    begin = word[:PREFIX]
    return frozenset("".join(kept) for taken in range(min(allowed(word), len(begin) - 1) + 1) for kept in combinations(begin, len(begin) - taken))


def distance(one: str, other: str, *, most: int = 2) -> int:
    """How many edits one word is from another; `most` + 1 for all that are more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        older, before, row = before, row, [at]
        for place, against in enumerate(other, 1):
            edits = min(before[place] + 1, row[-1] + 1, before[place - 1] + (letter != against))
            if at > 1 and place > 1 and letter == other[place - 2] and one[at - 2] == against:
                edits = min(edits, older[place - 2] + 1)
            row.append(edits)
        if min(row) > most and (not before or min(before) > most):
            return most + 1
    return min(row[-1], most + 1)


def meant(said: str, candidates: Iterable[Word]) -> tuple[Word, ...]:
    """The words that a misspelled one means, the likeliest first, all of them as near; each term once, at most `MOST_MEANT`."""
    most = allowed(said)
    near = [(away, word) for word in candidates if word.documents and (away := distance(said, word.word, most=most)) <= most]
    least = min((away for away, _ in near), default=0)
    told = sorted([word for away, word in near if away == least], key=lambda it: (it.word[:1] != said[:1], -it.documents, it.word))
    by_term = {word.term: word for word in reversed(told)}
    return tuple([word for word in told if by_term[word.term] is word][:MOST_MEANT])
