from __future__ import annotations

import copy
import pickle
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction

import pytest
from attrs.exceptions import FrozenInstanceError

from shopwright.errors import CurrencyMismatch, InvalidValue
from shopwright.money import LARGEST, SMALLEST, Money, Rounding, total


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


class Four(IntEnum):
    FOUR = 4


# --- making one -------------------------------------------------------------------------------------------------------------------


def test_an_amount_holds_minor_units_and_a_code():
    assert (eur(1999).minor, eur(1999).currency) == (1999, "EUR")
    assert repr(eur(1999)) == "Money(minor=1999, currency='EUR')"
    assert Money(currency="EUR", minor=1999) == eur(1999)


@pytest.mark.parametrize("minor", [1.0, "1", None, True, Decimal(1), Fraction(1), float("nan"), [1], Four.FOUR])
def test_minor_units_that_are_no_int_are_refused(minor):
    with pytest.raises(InvalidValue, match=r"^expected an int of minor units, got .*" + type(minor).__name__):
        Money(minor, "EUR")


@pytest.mark.parametrize("minor", [19.99, "19.99", Decimal("19.99")])
def test_whole_units_given_as_minor_ones_are_told_the_way_in(minor):
    with pytest.raises(InvalidValue, match=r"use Money\.of\('19\.99', currency\)$"):
        Money(minor, "EUR")


@pytest.mark.parametrize("currency", ["eur", "EU", "EURO", "", "XXX", "XAU", "XTS", "ZZZ", "E\u0130R", None, 978, b"EUR", ["EUR"], "\ud800"])
def test_what_is_no_currency_is_refused(currency):
    with pytest.raises(InvalidValue, match="currency"):
        Money(1, currency)


def test_a_code_in_the_wrong_case_is_answered_with_the_right_one():
    with pytest.raises(InvalidValue, match=r"got ' eur '; did you mean 'EUR'\?$"):
        Money(1, " eur ")


def test_amounts_end_where_64_bits_end():
    assert (eur(LARGEST).minor, eur(SMALLEST).minor) == (2**63 - 1, -(2**63))
    assert (eur(LARGEST - 1) + eur(1), eur(SMALLEST + 1) - eur(1)) == (eur(LARGEST), eur(SMALLEST))
    for minor in (LARGEST + 1, SMALLEST - 1, 10**5000):
        with pytest.raises(InvalidValue, match=r"within 64 bits.*got an int of \d+ bits$"):
            eur(minor)


def test_a_result_beyond_64_bits_is_refused_like_an_input():
    beyond = (
        lambda: eur(LARGEST) + eur(1),
        lambda: eur(SMALLEST) - eur(1),
        lambda: eur(LARGEST) * 2,
        lambda: -eur(SMALLEST),
        lambda: abs(eur(SMALLEST)),
        lambda: eur(LARGEST).share(20_000, Rounding.UP),
        lambda: total([eur(LARGEST), eur(1)], currency="EUR"),
        lambda: Money.of(10**19, "EUR"),
        lambda: Money.of("9" * 40, "EUR"),
    )
    for step in beyond:
        with pytest.raises(InvalidValue, match="within 64 bits"):
            step()


def test_a_retired_currency_still_reads():
    assert str(Money(1999, "BGN")) == "19.99 BGN"


def test_an_amount_never_changes():
    money = eur(1)
    with pytest.raises(FrozenInstanceError):
        money.minor = 2
    with pytest.raises(AttributeError):
        money.note = "no room"


def test_an_amount_survives_copies_and_pickles():
    assert [copy.copy(eur(5)), copy.deepcopy(eur(5)), pickle.loads(pickle.dumps(eur(5)))] == [eur(5)] * 3


# --- from whole units -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "currency", "minor"),
    [
        ("19.99", "EUR", 1999),
        ("-0.05", "EUR", -5),
        ("+7", "EUR", 700),
        ("007.50", "EUR", 750),
        ("19.990", "EUR", 1999),
        ("500", "JPY", 500),
        ("500.0", "JPY", 500),
        ("1.234", "KWD", 1234),
        ("0", "CNY", 0),
        ("-0", "CNY", 0),
        (20, "EUR", 2000),
        (-3, "JPY", -3),
        (Decimal("19.99"), "EUR", 1999),
        (Decimal("1E+3"), "EUR", 100_000),
        (Decimal("-0.00"), "EUR", 0),
        (Fraction(1, 4), "EUR", 25),
    ],
)
def test_whole_units_become_minor_ones_exactly(value, currency, minor):
    assert Money.of(value, currency) == Money(minor, currency)


@pytest.mark.parametrize("value", ["19.999", "0.001", Decimal("19.999"), Fraction(1, 3)])
def test_a_value_finer_than_the_currency_is_refused_unless_a_rounding_is_said(value):
    with pytest.raises(InvalidValue, match=r"at most 2 decimals for EUR.*rounding="):
        Money.of(value, "EUR")
    assert Money.of(value, "EUR", rounding=Rounding.DOWN) <= Money.of(value, "EUR", rounding=Rounding.UP)


def test_a_said_rounding_is_used_and_only_where_it_is_needed():
    assert Money.of("2.345", "EUR", rounding=Rounding.HALF_EVEN) == eur(234)
    assert Money.of("-2.345", "EUR", rounding=Rounding.HALF_UP) == eur(-235)
    assert Money.of("2.34", "EUR", rounding=Rounding.UP) == eur(234)
    with pytest.raises(InvalidValue, match="expected a Rounding, got 'up'"):
        Money.of("2.345", "EUR", rounding="up")


def test_a_float_is_refused_with_the_way_out():
    with pytest.raises(InvalidValue, match=r"got 19\.99 \(float\); a float is never exact, so pass text such as '19\.99'$"):
        Money.of(19.99, "EUR")


@pytest.mark.parametrize("value", [True, None, b"1", float("nan"), float("inf"), Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity"), 1j, ["1"]])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(InvalidValue, match="expected an amount as text, int, finite Decimal or Fraction"):
        Money.of(value, "EUR")


NO_NUMBERS = (
    *("", " ", "-", "+", ".", "1.", ".5", "1,5", "1 000", "1_000", "1e3", "--1", "+-1", "1.2.3", "NaN", "€5", "5€"),
    *("\u0661", "\uff11", "\u00b2", "1\n", "1\x00", "\ud800", "9" * 41),
)


@pytest.mark.parametrize("value", NO_NUMBERS)
def test_text_that_is_no_plain_number_is_refused(value):
    with pytest.raises(InvalidValue, match=r"expected an amount such as '1999.00'"):
        Money.of(value, "EUR")


@pytest.mark.parametrize("value", [Decimal("1E+1000000"), Decimal("1E-1000000"), Decimal("0E+1000000")])
def test_a_decimal_of_a_million_places_is_refused_before_it_is_written_out(value):
    with pytest.raises(InvalidValue, match="within 64 bits"):
        Money.of(value, "EUR", rounding=Rounding.UP)


def test_whole_units_of_an_unknown_currency_are_refused():
    with pytest.raises(InvalidValue, match="unknown currency"):
        Money.of("1", "ZZZ")


# --- to whole units and text ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(1999, "EUR"), "19.99 EUR"),
        (Money(5, "EUR"), "0.05 EUR"),
        (Money(-5, "EUR"), "-0.05 EUR"),
        (Money(0, "EUR"), "0.00 EUR"),
        (Money(500, "JPY"), "500 JPY"),
        (Money(-1, "JPY"), "-1 JPY"),
        (Money(1234, "KWD"), "1.234 KWD"),
        (Money(12, "CLF"), "0.0012 CLF"),
    ],
)
def test_an_amount_is_written_with_the_decimals_of_its_currency_and_read_back(money, text):
    assert (str(money), f"{money:>15}", Money.parse(text)) == (text, text.rjust(15), money)
    assert str(money.decimal) == text.split(" ")[0]


@pytest.mark.parametrize("text", ["", "19.99", "19.99EUR", "19.99  EUR", "EUR 19.99", "19.99 EUR ", "1.999 EUR", "1 eur", None, 5, "1 2 EUR"])
def test_text_that_is_no_amount_with_a_code_is_refused(text):
    with pytest.raises(InvalidValue):
        Money.parse(text)


# --- arithmetic -------------------------------------------------------------------------------------------------------------------


def test_amounts_of_one_currency_add_up():
    assert eur(250) + eur(50) - eur(100) == eur(200)
    assert (-eur(5), +eur(5), abs(eur(-5)), eur(5) * 3, 3 * eur(5), eur(5) * -1) == (eur(-5), eur(5), eur(5), eur(15), eur(15), eur(-5))
    assert (bool(eur(0)), bool(eur(-1)), Money.zero("EUR")) == (False, True, eur(0))


def test_amounts_of_one_currency_have_an_order():
    assert sorted([eur(3), eur(-1), eur(2)]) == [eur(-1), eur(2), eur(3)]
    assert (eur(1) < eur(2), eur(1) <= eur(1), eur(2) > eur(1), eur(1) >= eur(2)) == (True, True, True, False)


@pytest.mark.parametrize("verb", ["__add__", "__sub__", "__lt__", "__le__", "__gt__", "__ge__"])
def test_two_currencies_never_meet(verb):
    with pytest.raises(CurrencyMismatch, match=r"^cannot \w+ 0\.01 EUR and 1 JPY; expected two amounts in EUR"):
        getattr(eur(1), verb)(Money(1, "JPY"))


def test_amounts_of_two_currencies_are_merely_not_equal():
    assert Money(0, "EUR") != Money(0, "JPY")
    assert len({Money(0, "EUR"), Money(0, "JPY"), Money(0, "EUR")}) == 2


@pytest.mark.parametrize("verb", ["__add__", "__sub__", "__lt__", "__le__", "__gt__", "__ge__"])
@pytest.mark.parametrize("other", [1, 1.0, "1", None, Decimal(1)])
def test_an_amount_and_a_bare_number_do_not_mix(verb, other):
    assert getattr(eur(1), verb)(other) is NotImplemented
    with pytest.raises(TypeError):
        eur(1) + other


@pytest.mark.parametrize("times", [1.5, True, "2", None, Decimal(2), Fraction(1, 2), eur(2)])
def test_an_amount_is_multiplied_by_ints_alone(times):
    with pytest.raises(InvalidValue, match=r"expected to multiply 0.01 EUR by an int.*share.*allocate"):
        eur(1) * times


def test_a_total_knows_its_currency_even_of_nothing():
    assert total([], currency="JPY") == Money(0, "JPY")
    assert total((eur(n) for n in range(5)), currency="EUR") == eur(10)


def test_a_total_is_of_one_currency():
    with pytest.raises(CurrencyMismatch, match="cannot total 1 JPY in EUR"):
        total([eur(1), Money(1, "JPY")], currency="EUR")
    with pytest.raises(InvalidValue, match="expected amounts of Money in EUR, got 1"):
        total([eur(1), 1], currency="EUR")
    with pytest.raises(InvalidValue, match="unknown currency"):
        total([], currency="euro")


def test_a_total_may_pass_beyond_64_bits_on_its_way():
    assert total([eur(LARGEST), eur(1), eur(-1)], currency="EUR") == eur(LARGEST)


def test_a_share_of_an_amount_is_an_amount():
    assert eur(1999).share(1500, Rounding.HALF_UP) == eur(300)


def test_parts_of_an_amount_are_amounts():
    assert eur(100).allocate((1, 1, 1)) == (eur(34), eur(33), eur(33))
