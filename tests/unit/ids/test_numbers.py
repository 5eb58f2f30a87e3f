from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.errors import InvalidValue
from shopwright.ids import OrderNumbers
from shopwright.ids.numbers import DIGITS, check_character
from shopwright.ids.ordered import CROCKFORD

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LETTERS = OrderNumbers()
PLAIN_DIGITS = OrderNumbers(alphabet=DIGITS, length=6)
BRANDED = OrderNumbers(prefix="SHOP1", zone="Asia/Shanghai", length=4)
FEW = OrderNumbers(alphabet="ZYX", length=3)
SCHEMES = [LETTERS, PLAIN_DIGITS, BRANDED, FEW]

schemes = st.sampled_from(SCHEMES)


def numbered(scheme: OrderNumbers, sequence: int) -> str:
    return scheme.make(at=NOON, sequence=sequence)


# --- making them ------------------------------------------------------------------------------------------------------------------


def test_a_number_is_a_date_a_body_and_a_check():
    assert numbered(LETTERS, 0) == "20261122-00000-M"
    assert numbered(LETTERS, 33) == "20261122-00011-J"
    assert numbered(PLAIN_DIGITS, 42) == "20261122-000042-6"
    assert numbered(BRANDED, 1) == "SHOP1-20261122-0001-8"
    assert numbered(FEW, 5) == "20261122-ZYX-E"


def test_the_date_is_that_of_the_shops_zone():
    late = datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert BRANDED.make(at=late, sequence=0).split("-")[1] == "20270101"
    assert LETTERS.make(at=late, sequence=0).split("-")[0] == "20261231"
    assert LETTERS.make(at=datetime(33, 4, 3, tzinfo=UTC), sequence=0).split("-")[0] == "00330403"


@pytest.mark.parametrize("scheme", [FEW, OrderNumbers(alphabet=DIGITS, length=3)])
def test_every_sequence_of_a_day_has_a_number_of_its_own(scheme):
    made = [numbered(scheme, sequence) for sequence in range(scheme.capacity)]
    assert (len(set(made)), all(map(scheme.valid, made))) == (scheme.capacity, True)


def test_a_drawn_body_is_drawn_from_all_bodies():
    random = Random(1)
    assert {FEW.make(at=NOON, rng=random) for _ in range(1000)} == {numbered(FEW, sequence) for sequence in range(27)}


def test_a_body_is_either_drawn_or_counted():
    for both in ({}, {"rng": Random(1), "sequence": 1}):
        with pytest.raises(InvalidValue, match="expected either rng= or sequence="):
            LETTERS.make(at=NOON, **both)


@pytest.mark.parametrize("sequence", [-1, 27, 10**30, True, 1.0, "1"])
def test_a_sequence_beyond_the_capacity_of_a_day_is_refused(sequence):
    with pytest.raises(InvalidValue, match=r"expected a sequence from 0 to 26, got .*; a larger length holds more"):
        numbered(FEW, sequence)


@pytest.mark.parametrize("at", [datetime(2026, 11, 22), None, "2026-11-22", date(2026, 11, 22)])
def test_a_time_without_a_zone_has_no_number(at):
    with pytest.raises(InvalidValue, match=r"^at must be a datetime with a time zone"):
        LETTERS.make(at=at, sequence=0)


# --- the check --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("alphabet", [CROCKFORD, DIGITS])
def test_the_check_tells_any_two_characters_and_any_swap_of_neighbors_apart_wherever_they_stand(alphabet):
    """By induction over the state that the characters before have led to: one character leads to every state, and no two states meet."""
    only = alphabet == DIGITS

    def closes(body: str) -> str:
        return check_character(body, digits_only=only)

    assert {closes(each) for each in alphabet} == set(alphabet)
    for one in alphabet:
        assert len({closes(one + last) for last in alphabet}) == len({closes(first + one) for first in alphabet}) == len(alphabet)
        assert closes(one + closes(one)) == alphabet[0]
    for before, one, other in product(alphabet, repeat=3):
        if one != other:
            assert closes(before + one + other) != closes(before + other + one)
            assert closes(before + one) != other or closes(before + other) != one


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_single_wrong_character_is_caught(scheme):
    for sequence in (0, 1, scheme.capacity // 2, scheme.capacity - 1):
        number = numbered(scheme, sequence)
        start = len(scheme.prefix) + 1 if scheme.prefix else 0
        for place in range(start, len(number)):
            for wrong in CROCKFORD:
                if number[place] not in (wrong, "-"):
                    assert not scheme.valid(number[:place] + wrong + number[place + 1 :])


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_swap_of_two_neighbors_is_caught_even_across_a_dash(scheme):
    random = Random(4)
    for _ in range(300):
        plain = scheme.make(at=NOON, rng=random).replace("-", "")
        for place in range(len(scheme.prefix), len(plain) - 1):
            one, other = plain[place : place + 2]
            if one != other:
                assert not scheme.valid(plain[:place] + other + one + plain[place + 2 :])


# --- reading them -----------------------------------------------------------------------------------------------------------------


@given(schemes, st.integers(0), st.datetimes(datetime(1000, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)))
def test_a_number_reads_back_as_itself(scheme, sequence, at):
    number = scheme.make(at=at, sequence=sequence % scheme.capacity)
    assert scheme.normalize(number) == scheme.normalize(number.lower().replace("-", "")) == number


@pytest.mark.parametrize(
    "typed",
    [
        "20261122-00011-J",
        " 20261122 00011 j ",
        "2026112200011j",
        "2O261122-OOOIL-j",
        "2026-11-22/00011/J",
        "２０２６１１２２－０００１１－Ｊ",
        "20261122–00011—J",
    ],
)
def test_case_spaces_dashes_and_confusable_letters_do_not_matter(typed):
    assert LETTERS.normalize(typed) == "20261122-00011-J"


def test_a_prefix_is_read_like_the_rest_but_must_be_there():
    assert BRANDED.normalize("sh0pi 20261122 0001 8") == "SHOP1-20261122-0001-8"
    for typed in ("20261122-0001-8", "SHOP2-20261122-0001-8", "SHOP1"):
        with pytest.raises(InvalidValue, match="expected an order number such as SHOP1-20261122-1111-M"):
            BRANDED.normalize(typed)


@pytest.mark.parametrize("typed", ["", "20261122", "20261122-0001-B", "20261122-000111-B", "hello", "\ud800"])
def test_what_has_another_shape_is_answered_with_a_sample(typed):
    with pytest.raises(InvalidValue, match=r"^expected an order number such as 20261122-11111-"):
        LETTERS.normalize(typed)


@pytest.mark.parametrize(
    "typed", ["20261322-00011-J", "20260230-00011-J", "2026U122-00011-J", "20261122-0001U-J", "20261122-00011-C", "\u0662" * 8 + "00011J"]
)
def test_what_has_the_shape_but_cannot_be_a_number_is_to_be_read_again(typed):
    with pytest.raises(InvalidValue, match=r"a character is wrong or two are swapped; read it again$"):
        LETTERS.normalize(typed)


@pytest.mark.parametrize("typed", [None, 20261122, b"20261122-00011-J", "2" * 101])
def test_what_is_no_text_or_much_too_long_is_refused(typed):
    with pytest.raises(InvalidValue, match="expected an order number as text of at most 100 characters"):
        LETTERS.normalize(typed)
    assert not LETTERS.valid(typed)


@given(st.text(max_size=120))
def test_any_text_is_read_or_refused(typed):
    assert LETTERS.valid(typed) in (True, False)


# --- settings ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"alphabet": "0"}, "alphabet must have 2 to 32"),
        ({"alphabet": ""}, "alphabet must have 2 to 32"),
        ({"alphabet": "ABU"}, "alphabet must be different characters out of .*, got U"),
        ({"alphabet": "ab"}, "alphabet must be different characters out of .*, got a, b"),
        ({"alphabet": "ABA"}, "alphabet must be different characters .*, got one twice"),
        ({"alphabet": None}, "alphabet must be text"),
        ({"length": 0}, "length must be between 1 and 16"),
        ({"length": 17}, "length must be between 1 and 16"),
        ({"length": True}, "length must be an integer"),
        ({"prefix": "sw"}, "prefix must be upper-case letters and digits"),
        ({"prefix": "S-W"}, "prefix must be upper-case letters and digits"),
        ({"prefix": "ÄB"}, "prefix must be upper-case letters and digits"),
        ({"prefix": "A" * 13}, "prefix must have 0 to 12"),
        ({"zone": "Nowhere/Land"}, "unknown time zone 'Nowhere/Land'"),
        ({"zone": ""}, "zone must have 1 to 100"),
        ({"zone": None}, "zone must be text"),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(settings, named):
    with pytest.raises(InvalidValue, match=named):
        OrderNumbers(**settings)


def test_the_capacity_of_a_day_is_told():
    assert (LETTERS.capacity, PLAIN_DIGITS.capacity, FEW.capacity) == (33_554_432, 1_000_000, 27)
