"""What a generated code looks like, how one that was typed is read, and what a guess at it is worth."""

from __future__ import annotations

import string
from fractions import Fraction
from itertools import product

import pytest

from shopwright.errors import InvalidValue
from shopwright.promotions.codes import (
    ALPHABET,
    SHARED,
    SINGLE_USE,
    CodePattern,
    Guessing,
    Uses,
    check_letter,
    read_code,
    risk,
    same_code,
    shortest,
    squeeze,
)
from shopwright.promotions.coupons import normalize_code
from shopwright.refusals import Refusal

SPRING = CodePattern(prefix="SPRING", length=8)
BARE = CodePattern(length=10)
CODE = "SPRING7KQ2M9XAR"


def test_the_letters_are_those_that_look_like_no_other_and_their_number_is_prime():
    assert set(ALPHABET) == set(string.digits + string.ascii_uppercase) - set("01ILO")
    assert (len(ALPHABET), [divisor for divisor in range(2, 31) if len(ALPHABET) % divisor == 0]) == (31, [])


def test_every_wrong_letter_and_every_swap_in_every_body_of_two_letters_is_seen():
    for first, second in product(ALPHABET, repeat=2):
        told = check_letter(first + second)
        alike = [other + second for other in ALPHABET if other != first and check_letter(other + second) == told]
        alike += [first + other for other in ALPHABET if other != second and check_letter(first + other) == told]
        assert alike == []
        assert first == second or check_letter(second + first) != told
        assert second in (first, told) or check_letter(first + told) != second


@pytest.mark.parametrize("length", range(4, 25))
def test_every_wrong_letter_and_every_swap_is_seen_at_each_length_that_a_code_can_have(length):
    pattern = CodePattern(length=length)
    code = pattern.spell(pattern.space * 5 // 7)
    wrong = [code[:at] + letter + code[at + 1 :] for at in range(len(code)) for letter in ALPHABET if letter != code[at]]
    swapped = [code[:at] + code[at + 1] + code[at] + code[at + 2 :] for at in range(length)]
    told = {read.fact("reason") for typed in (*wrong, *swapped) if typed != code for read in [read_code(pattern, typed)] if isinstance(read, Refusal)}
    assert [typed for typed in (*wrong, *swapped) if typed != code and not isinstance(read_code(pattern, typed), Refusal)] == []
    assert (len(wrong), told) == (30 * (length + 1), {"check"})


@pytest.mark.parametrize(("body", "letter"), [("7KQ2M9XA", "R"), ("2222222222", "2"), ("3222222222", "Y"), ("ZZZZZZZZZZ", "5"), ("", "2")])
def test_the_check_letter_of_a_body_never_changes(body, letter):
    assert check_letter(body) == letter


@pytest.mark.parametrize("body", ["AB0", "ab", "A-B", None, 12, "A" * 30])
def test_what_is_no_body_has_no_check_letter(body):
    with pytest.raises(InvalidValue, match="expected a body of at most 29 letters"):
        check_letter(body)


@pytest.mark.parametrize(
    "typed",
    [
        "SPRING7KQ2M9XAR",
        "spring-7kq2-m9xa-r",
        "  Spring 7KQ2 M9XA R\n",
        "ＳＰＲＩＮＧ－７ＫＱ２－Ｍ９ＸＡ－Ｒ",
        "SPRING\u20117KQ2\u20137M9XAR".replace("7M", "M"),
        "“SPRING-7KQ2-M9XA-R”.",
        "'SPRING-7KQ2-M9XA-R",
        "SPR1NG-7KQ2-M9XA-R",
        "SPRlNG-7KQ2-M9XA-R",
        "SPRING-7KQ2-М9ХА-R",
        "SPRING-7ΚQ2-Μ9ΧΑ-R",
        "SPRING-٧KQ٢-M٩XA-R",
        "SPRING\u200b7KQ2\u00adM9XA\ufeffR",
    ],
)
def test_one_code_is_typed_in_many_ways(typed):
    assert read_code(SPRING, typed) == CODE


@pytest.mark.parametrize(
    ("typed", "reason", "more"),
    [
        ("", "prefix", {}),
        ("SUMMER-7KQ2-M9XA-R", "prefix", {}),
        ("SPRING-7KQ2-M9XA", "length", {}),
        ("SPRING-7KQ2-M9XA-RR", "length", {}),
        ("SPRING-7KQ2-M9XA-" + "R" * 100_000, "length", {}),
        ("SPRING-7KO2-M9XA-R", "letter", {"position": 9}),
        ("SPRING-7K02-M9XA-R", "letter", {"position": 9}),
        ("SPRING-7KQ2-M9XA-1", "letter", {"position": 15}),
        ("SPRING-7KQ2-M9XÄ-R", "letter", {"position": 14}),
        ("SPRING-7KQ2-M9X春-R", "letter", {"position": 14}),
        ("SPRING-7KQ2-M9X\0-R", "letter", {"position": 14}),
        ("SPRING-7KQ2-M9X\ud800-R", "letter", {"position": 14}),
        ("SPRING-7KQ2-M9XA-S", "check", {}),
        ("SPRING-7QK2-M9XA-R", "check", {}),
    ],
)
def test_what_is_wrong_with_a_code_is_told_in_the_order_of_the_checks(typed, reason, more):
    no = read_code(SPRING, typed)
    assert (no.code, dict(no.facts)) == ("coupon_mistyped", {"coupon": squeeze(typed)[:64], "reason": reason, **more})


def test_a_mistyped_code_is_told_with_its_place():
    assert read_code(SPRING, "spring-7ko2-m9xa-r") == Refusal(
        "coupon_mistyped",
        "coupon SPRING7KO2M9XAR is mistyped: letter 9 cannot be right: after the prefix, 0, 1, I, L and O are never used",
        {"coupon": "SPRING7KO2M9XAR", "reason": "letter", "position": 9},
    )


@pytest.mark.parametrize("typed", [None, 7, b"SPRING", ["S"]])
def test_what_is_no_text_is_a_bug_and_not_a_typing_mistake(typed):
    for ask in (squeeze, lambda it: read_code(SPRING, it), lambda it: same_code(CODE, it)):
        with pytest.raises(InvalidValue, match="coupon code must be text"):
            ask(typed)


def test_a_code_is_spelled_by_its_number_and_written_in_groups():
    numbers = (0, 1, 30, 31, 31**8 - 1)
    assert [SPRING.write(SPRING.spell(number)) for number in numbers] == [
        "SPRING-2222-2222-2",
        "SPRING-2222-2223-R",
        "SPRING-2222-222Z-B",
        "SPRING-2222-2232-S",
        "SPRING-ZZZZ-ZZZZ-F",
    ]
    assert [SPRING.number(SPRING.spell(number)) for number in numbers] == list(numbers)


def test_a_pattern_says_how_codes_are_written():
    patterns = [
        CodePattern(length=5, group=group, check=check, prefix=prefix) for prefix in ("", "X1") for group in (0, 3) for check in (False, True)
    ]
    assert [pattern.write(pattern.spell(0)) for pattern in patterns] == [
        "22222",
        "222222",
        "222-22",
        "222-222",
        "X122222",
        "X1222222",
        "X1-222-22",
        "X1-222-222",
    ]
    assert [pattern.size for pattern in patterns] == [5, 6, 5, 6, 7, 8, 7, 8]


def test_without_a_check_letter_every_body_reads_well():
    assert read_code(CodePattern(length=4, check=False), "abcd") == "ABCD"


def test_a_stored_code_is_also_what_a_coupon_calls_its_normal_form():
    assert normalize_code(CODE) == CODE


@pytest.mark.parametrize("number", [-1, 31**8, True, 1.0, "1"])
def test_a_number_beyond_the_space_spells_nothing(number):
    with pytest.raises(InvalidValue, match="expected a number from 0 to 852891037440"):
        SPRING.spell(number)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"prefix": "spring"}, "CodePattern.prefix must be upper-case letters and digits, got 'spring'"),
        ({"prefix": "A-B"}, "CodePattern.prefix must be upper-case letters and digits, got 'A-B'"),
        ({"prefix": "SPRING\n"}, "CodePattern.prefix must be upper-case"),
        ({"prefix": "=1"}, "CodePattern.prefix must be upper-case"),
        ({"prefix": "X" * 21}, "CodePattern.prefix must have 0 to 20 characters, got 21"),
        ({"length": 3}, "CodePattern.length must be between 4 and 24, got 3"),
        ({"length": 25}, "CodePattern.length must be between 4 and 24, got 25"),
        ({"length": True}, "CodePattern.length must be an integer"),
        ({"group": -1}, "CodePattern.group must be between 0 and 24, got -1"),
        ({"check": 1}, "CodePattern.check must be bool, got int"),
    ],
)
def test_a_pattern_that_makes_no_codes_is_refused(wrong, said):
    with pytest.raises(InvalidValue, match=said):
        CodePattern(**wrong)


def test_equal_codes_are_equal_however_typed_and_nothing_else_is():
    typed = [CODE, "spring-7kq2-m9xa-r", CODE[:-1], CODE + "R", "", "SPRING7KQ2M9XAS"]
    assert [same_code(CODE, each) for each in typed] == [True, True, False, False, False, False]


@pytest.mark.parametrize(("code", "typed"), [("", ""), ("-", " "), ("春节", "あい"), ("春节", "春节")])
def test_nothing_and_letters_of_no_code_are_never_the_same(code, typed):
    assert same_code(code, typed) is False


@pytest.mark.parametrize(
    ("length", "live", "one_in"),
    [(8, 1_000_000, 852_891), (10, 1_000_000, 819_628_286), (4, 1, 923_521), (4, 923_521, 1), (10, 3, 273_209_428_993_600)],
)
def test_what_a_guess_is_worth_is_told_and_never_too_safe(length, live, one_in):
    guessing = risk(CodePattern(length=length), live)
    assert (guessing, guessing.one_in) == (Guessing(31**length, live), one_in)
    assert guessing.chance == Fraction(live, 31**length) <= Fraction(1, one_in)


def test_the_statement_reads_as_a_sentence():
    assert str(risk(BARE, 1_000_000)) == "1,000,000 of 819,628,286,980,801 codes are live: one guess in 819,628,286 hits"


def test_the_hits_of_many_guesses_are_expected_exactly():
    assert risk(CodePattern(length=4), 31).hits(31**3 * 2) == 2


def test_a_check_letter_makes_no_code_harder_to_guess():
    assert risk(CodePattern(check=True), 7) == risk(CodePattern(check=False), 7)


@pytest.mark.parametrize(("space", "live"), [(0, 1), (10, 0), (10, 11), (31**24 + 1, 1), (10, -1), (10, 1.0)])
def test_a_statement_that_cannot_be_is_refused(space, live):
    with pytest.raises(InvalidValue, match="Guessing"):
        Guessing(space, live)


@pytest.mark.parametrize(("live", "one_in", "length"), [(1, 1, 4), (923_521, 1, 4), (923_522, 1, 5), (1_000_000, 1_000_000, 9), (1, 31**24, 24)])
def test_the_shortest_body_that_is_safe_enough_is_found(live, one_in, length):
    assert shortest(live, one_in=one_in) == length


def test_no_body_is_long_enough_for_what_is_asked():
    with pytest.raises(InvalidValue, match="expected no more than 1 live codes"):
        shortest(2, one_in=31**24)


def test_a_code_is_single_or_shared_or_in_between():
    told = [(uses.single, uses.limited) for uses in (SINGLE_USE, Uses(500), SHARED)]
    assert (told, Uses()) == ([(True, True), (False, True), (False, False)], SINGLE_USE)


@pytest.mark.parametrize("total", [0, -1, True, "1", 2**63])
def test_a_code_without_a_use_is_refused(total):
    with pytest.raises(InvalidValue, match=r"Uses\.total"):
        Uses(total)
