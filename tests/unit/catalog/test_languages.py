"""Texts in several languages, and which one a reader gets."""

from __future__ import annotations

import pytest

from shopwright.catalog.languages import Texts, language_tag
from shopwright.errors import InvalidValue

POT = Texts({"en": "Tea pot", "de": "Teekanne", "zh-hant": "茶壺", "ZH": "茶壶", "de-at": "Teehäferl"})


@pytest.mark.parametrize(
    ("languages", "told"),
    [
        (("de",), "Teekanne"),
        (("de-CH",), "Teekanne"),
        (("DE_at".replace("_", "-"),), "Teehäferl"),
        (("zh-Hant-TW",), "茶壺"),
        (("zh-Hans-CN",), "茶壶"),
        (("de-x-low",), "Teekanne"),
        (("fr", "en-GB"), "Tea pot"),
        (("fr-CA", "de-AT", "en"), "Teehäferl"),
        (("fr",), "Teekanne"),
        ((), "Teekanne"),
    ],
)
def test_a_reader_gets_the_nearest_text_of_the_first_language_that_is_there(languages, told):
    assert POT.told(*languages) == told


def test_nothing_is_told_where_nothing_is_said():
    assert (Texts().told("en"), Texts().longest(), POT.longest()) == ("", 0, 9)


@pytest.mark.parametrize(
    ("tag", "kept"), [("EN", "en"), ("pt-br", "pt-BR"), ("zh-hant-tw", "zh-Hant-TW"), ("es-419", "es-419"), ("sl-ROZAJ", "sl-rozaj")]
)
def test_a_language_is_kept_in_its_recommended_case(tag, kept):
    assert language_tag(tag) == kept


def test_texts_are_the_same_in_any_order_and_case():
    assert Texts({"DE": "a", "en": "b"}) == Texts([("en", "b"), ("de", "a")])


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"e": "x"}, "expected a language such as en, pt-BR or zh-Hant, got 'e'"),
        ({"en_US": "x"}, "expected a language"),
        ({"": "x"}, "expected a language"),
        ({"en": ""}, "Texts.said must have 1 to 20000 characters, got 0"),
        ({"en": "x" * 20_001}, "got 20001"),
        ({"en": "a", "EN": "b"}, "expected each language once, got EN, en"),
    ],
)
def test_what_is_no_text_in_a_language_is_refused(said, words):
    with pytest.raises(InvalidValue, match=words):
        Texts(said)
