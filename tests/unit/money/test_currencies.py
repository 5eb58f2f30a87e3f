from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from shopwright.errors import InvalidValue
from shopwright.money import Currency, currencies, currency, exponent, iso4217
from tests.golden import refresh_currencies
from tests.surroundings import peer


@pytest.mark.parametrize(("code", "places"), [("JPY", 0), ("KRW", 0), ("CNY", 2), ("EUR", 2), ("ISK", 0), ("KWD", 3), ("CLF", 4), ("BGN", 2)])
def test_exponents_are_those_of_the_standard(code, places):
    assert exponent(code) == places


@pytest.mark.parametrize("code", ["XAU", "XXX", "XTS", "XDR", "jpy", "", "JP", None, 392, ["JPY"]])
def test_what_is_no_currency_has_no_exponent(code):
    with pytest.raises(InvalidValue, match="currency"):
        exponent(code)


def test_a_currency_tells_its_number_and_name_and_whether_it_is_retired():
    assert currency("EUR") == Currency("EUR", 2, "978", "Euro", retired=False)
    assert currency("ALL") == Currency("ALL", 2, "008", "Lek", retired=False)
    assert currency("HRK") == Currency("HRK", 2, "191", "Kuna", retired=True)
    with pytest.raises(InvalidValue, match="XAU and XXX have no minor unit"):
        currency("XAU")


def test_the_list_of_currencies_is_those_in_use_today():
    listed = currencies()
    assert [each.code for each in listed] == sorted(iso4217.ACTIVE)
    assert not any(each.retired for each in listed)


def test_no_code_is_both_in_use_and_retired_and_no_two_in_use_share_a_number():
    assert iso4217.ACTIVE.keys().isdisjoint(iso4217.RETIRED)
    assert len({number for _, number, _ in iso4217.ACTIVE.values()}) == len(iso4217.ACTIVE)


def test_the_frozen_table_is_what_the_published_standard_says():
    published, rows = refresh_currencies.published(peer("iso4217"))
    assert refresh_currencies.moved_exponents(rows) == {}
    if published == iso4217.PUBLISHED:
        assert rows == iso4217.ACTIVE


def test_a_refresh_writes_the_table_as_it_stands():
    frozen = refresh_currencies.rendered(iso4217.PUBLISHED, iso4217.ACTIVE, iso4217.RETIRED)
    assert frozen == refresh_currencies.TABLE.read_text(encoding="utf-8")


def test_a_refresh_keeps_a_withdrawn_code_as_retired():
    rows = {code: {"CcyNm": name, "CcyNbr": number, "CcyMnrUnts": str(places)} for code, (places, number, name) in iso4217.ACTIVE.items()}
    source = SimpleNamespace(raw_table={**rows, "XAU": {"CcyMnrUnts": "N.A."}, None: {"CcyMnrUnts": None}}, __published__=date(2027, 1, 1))
    del rows["ISK"], source.raw_table["ISK"]
    text = refresh_currencies.refreshed(source)
    active, retired = text.split("RETIRED: ")
    assert ('"ISK": (0, 352, "Iceland Krona")' in retired, '"ISK"' in active, '"2027-01-01"' in active, "XAU" in text) == (True, False, True, False)


def test_a_refresh_refuses_an_exponent_that_moved():
    moved = {"JPY": (2, 392, "Yen"), "EUR": iso4217.ACTIVE["EUR"], "NEW": (2, 1, "New")}
    assert refresh_currencies.moved_exponents(moved) == {"JPY": (0, 2)}
    source = SimpleNamespace(raw_table={"JPY": {"CcyNm": "Yen", "CcyNbr": 392, "CcyMnrUnts": "2"}}, __published__=date(2027, 1, 1))
    with pytest.raises(SystemExit, match="exponents changed"):
        refresh_currencies.refreshed(source)
