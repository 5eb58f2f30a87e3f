"""The analyzer of search: what texts are found by, and what queries ask for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.catalog.search_stems import stem
from shopwright.catalog.search_text import MOST_WORDS, Asked, asked, code_terms, folded, terms, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CAFÉ", "cafe"),
        ("ＡＢＣ１２", "abc12"),
        ("Straße", "STRASSE"),
        ("ﬁne  tea ", "fine tea"),
        ("Smørrebrød", "smorrebrod"),
        ("Men’s", "men's"),
        ("ガ", "ｶﾞ"),
    ],
)
def test_case_width_and_accents_do_not_matter(one, other):  # SEARCH-1
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    "alike",
    [
        "dress dresses", "run runs running", "battery batteries", "cookie cookies", "shoe shoes", "box boxes", "bake baked baking", "watch watches",
        "knife knives", "woman women", "potato potatoes", "glass glasses", "knit knitted knitting", "toy toys", "headache headaches", "case cases",
    ],
)  # fmt: skip
def test_forms_of_a_word_have_one_stem(alike):
    assert len({stem(word) for word in alike.split()}) == 1


@pytest.mark.parametrize("apart", ["washer wash", "ring run", "earring ear", "bus bu", "wedding wed", "lens len", "news new", "red r", "a1s a1"])
def test_other_words_stay_apart(apart):
    one, other = apart.split()
    assert stem(one) != stem(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("绿茶壶", ["绿", "茶", "壶", "绿茶", "茶壶"]),  # SEARCH-2
        ("茶", ["茶"]),
        ("T-Shirts", ["tshirt", "t", "shirt"]),  # SEARCH-3
        ("500ml", ["500ml", "500", "ml"]),
        ("3.5mm", ["3.5mm", "3.5", "mm"]),
        ("iPhone15手机壳", ["iphone15", "iphon", "15", "手", "机", "壳", "手机", "机壳"]),
        ("the men's tea.", ["the", "man", "tea"]),
        ("हिन्दी", ["हिन्दी"]),
        ("?!", []),
    ],
)
def test_a_text_is_found_by_its_words_and_their_parts(text, expected):
    assert list(terms(text)) == expected


def test_a_code_is_found_as_it_is_and_by_its_parts():  # SEARCH-4
    assert code_terms("Ab-12/x") == ("#ab.12.x", "ab12x", "ab", "12", "x")
    assert asked("ab-12/X") == (Asked("ab-12/x", (("#ab.12.x",), ("ab12x",), ("ab", "12", "x"))),)


def test_plain_words_are_told_as_people_write_them():
    assert words("Linen shirts 500ml 茶 a") == (("linen", "linen"), ("shirts", "shirt"), ("ml", "ml"))


def test_a_query_asks_for_each_word_once():
    assert asked("Shirts for the shirts") == (Asked("shirts", (("shirt",),), plain=True),)
    assert asked("for the") == (Asked("for", (("for",),), plain=True), Asked("the", (("the",),), plain=True))
    assert asked("绿茶壶 壶") == (Asked("绿茶", (("绿茶",), ("绿", "茶"))), Asked("茶壶", (("茶壶",), ("茶", "壶"))), Asked("壶", (("壶",),)))
    assert len(asked(" ".join(f"word{number}" for number in range(50)))) == MOST_WORDS


@given(st.text(max_size=40))
def test_whatever_is_typed_is_read_and_texts_are_found_by_themselves(text):
    has = set(terms(text))
    assert all(term and " " not in term for term in has)
    for word in asked(text):
        assert any(set(alternative) <= has for alternative in word.alternatives)
    assert folded(folded(text)) == folded(text)
