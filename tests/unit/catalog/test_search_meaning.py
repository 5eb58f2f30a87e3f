"""What misspelled words, compounds and words that nobody has mean in a catalog."""

from __future__ import annotations

from collections import Counter

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from shopwright.catalog.search_meaning import Correction, Meaning, meaning
from shopwright.catalog.search_stems import stem
from shopwright.catalog.search_typos import Word, allowed, distance, meant, typo_keys


@frozen
class Words:
    """A vocabulary of some words, each in so many documents."""

    by_word: dict[str, int]

    def counts(self, terms):
        counted = Counter()
        for word, count in self.by_word.items():
            counted[stem(word)] += count
        return {term: counted[term] for term in terms if term in counted}

    def near(self, keys):
        return [Word(word, stem(word), count) for word, count in self.by_word.items() if typo_keys(word) & set(keys)]


CATALOG = Words({"linen": 3, "lines": 1, "teapot": 2, "green": 5, "tea": 4, "pot": 1, "shirt": 9, "绿": 1, "茶": 1, "500ml": 1})


@pytest.mark.parametrize(
    ("text", "groups", "corrected"),
    [
        ("", (), ()),
        ("linen shirts", ((("linen",),), (("shirt",),)), ()),
        ("linnen", ((("linen",),),), (Correction("linnen", "linen"),)),
        ("tea pot", ((("teapot",), ("tea", "pot")),), ()),  # SEARCH-6
        ("greentea", ((("green", "tea"),),), (Correction("greentea", "green tea"),)),
        ("绿茶", ((("绿", "茶"),),), ()),
        ("zzzz", ((("zzzz",),),), ()),
        ("500mk", ((("#500mk",), ("500mk",), ("500", "mk")),), ()),
    ],
)
def test_a_query_means_what_the_catalog_has(text, groups, corrected):
    assert meaning(text, CATALOG) == Meaning(groups, corrected)


@pytest.mark.parametrize(
    ("said", "edits"),
    [("ab", 0), ("abc", 1), ("abcde", 1), ("abcdef", 2)],
)
def test_longer_words_may_have_more_edits(said, edits):  # SEARCH-5
    assert allowed(said) == edits


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [
        ("linen", "linen", 0),
        ("linnen", "linen", 1),
        ("lnien", "linen", 1),
        ("lixen", "linen", 1),
        ("lie", "linen", 2),
        ("abcdef", "ghijkl", 3),
        ("", "ab", 2),
    ],
)
def test_an_edit_is_a_letter_more_less_or_other_or_two_turned_round(one, other, edits):
    assert distance(one, other) == distance(other, one) == edits


def test_the_nearest_words_are_meant_and_of_these_the_ones_that_more_goods_have():
    known = [
        Word("tee", "te", 1),
        Word("tea", "tea", 9),
        Word("sea", "sea", 50),
        Word("teas", "tea", 5),
        Word("gone", "gone", 0),
        Word("ten", "ten", 1),
    ]
    assert [it.word for it in meant("teo", known)] == ["tea", "tee", "ten"]
    assert meant("gones", known) == ()


def reference(one, other):
    """Optimal string alignment, by the book."""
    rows = {(-1, -1): 0} | {(at, -1): at + 1 for at in range(len(one))} | {(-1, at): at + 1 for at in range(len(other))}
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            rows[i, j] = min(rows[i - 1, j] + 1, rows[i, j - 1] + 1, rows[i - 1, j - 1] + (a != b))
            if i and j and a == other[j - 1] and b == one[i - 1]:
                rows[i, j] = min(rows[i, j], rows[i - 2, j - 2] + 1)
    return rows[len(one) - 1, len(other) - 1]


_letters = st.text("abc", min_size=1, max_size=9)


@given(_letters, _letters)
def test_edits_are_counted_as_by_the_book(one, other):
    assert distance(one, other) == min(reference(one, other), 3)


@given(st.text("abcdefgh", min_size=3, max_size=12), st.text("abcdefgh", min_size=3, max_size=12))
def test_words_within_the_allowed_edits_share_a_key(one, other):
    if distance(one, other) <= min(allowed(one), allowed(other)):
        assert typo_keys(one) & typo_keys(other)
