"""Codes that are made from a counter and a key, recognized without a list, and looked up in the book of a shop."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import islice

import pytest
from attrs import evolve

from shopwright.errors import InvalidValue
from shopwright.promotions.code_batches import CodeBatch, code_at, codes, following, position_of
from shopwright.promotions.code_books import CodeBook, IssuedCode, admit, find
from shopwright.promotions.code_shuffles import ROUNDS, Shuffle
from shopwright.promotions.codes import SHARED, SINGLE_USE, CodePattern, Uses, read_code, risk
from shopwright.refusals import Refusal

KEY = bytes(range(32))
END = datetime(2026, 4, 1, tzinfo=UTC)
DURING = END - timedelta(days=3)
GOLDEN = ["SPRINGYCZV3PVZ2X3", "SPRINGARUJX5Y4TBG", "SPRINGX85KWDBRGNU"]
LAST = "SPRINGBAF47CNQ7DX"


def a_batch(**changes):
    told = {"id": "spring-1", "pattern": CodePattern(prefix="SPRING"), "count": 1_000_000, "key": KEY, "promotion": "ten-percent-off", **changes}
    return CodeBatch(**told)


def test_the_codes_of_a_key_never_change():
    assert list(codes(a_batch(), stop=3)) == GOLDEN
    assert code_at(a_batch(), 999_999) == LAST


@pytest.mark.parametrize("length", [2, 3])
def test_every_number_of_a_small_space_comes_once_and_is_turned_back(length):
    shuffle = Shuffle(key=KEY, label=("small",), length=length)
    numbers = [shuffle.number_at(position) for position in range(shuffle.size)]
    assert sorted(numbers) == list(range(31**length))
    assert [shuffle.position_of(number) for number in numbers] == list(range(31**length))


def test_the_halves_of_a_permutation_end_where_they_began_and_fit_what_a_round_reads():
    assert (ROUNDS % 2, 31**12 < 2**64) == (0, True)


def test_neighbors_in_the_counter_are_spread_over_the_space():
    shuffle = Shuffle(key=KEY, label=("spread",), length=10)
    tenths = [0] * 10
    for position in range(10_000):
        tenths[shuffle.number_at(position) * 10 // shuffle.size] += 1
    assert all(850 < count < 1150 for count in tenths), tenths


@pytest.mark.parametrize("wrong", [-1, 31**4, True, 1.5, "1"])
def test_a_number_outside_the_space_has_no_place(wrong):
    shuffle = Shuffle(key=KEY, label=(), length=4)
    for ask in (shuffle.number_at, shuffle.position_of):
        with pytest.raises(InvalidValue, match="expected a number from 0 to 923520"):
            ask(wrong)


@pytest.mark.parametrize("wrong", [{"key": b"short"}, {"key": bytes(65)}, {"length": 1}, {"length": 25}, {"length": True}])
def test_a_permutation_wants_a_key_and_a_length_that_fit(wrong):
    with pytest.raises(InvalidValue, match=r"key must be 16 to 64 bytes|expected a length from 2 to 24"):
        Shuffle(**{"key": KEY, "label": (), "length": 4, **wrong})


def test_labels_that_run_together_are_still_different():
    same = {Shuffle(key=KEY, label=label, length=8).number_at(0) for label in (("a", "bc"), ("ab", "c"), ("abc",), ("abc", ""))}
    assert len(same) == 4


def test_making_codes_goes_on_where_it_stopped():
    batch = a_batch(count=100)
    whole = list(codes(batch))
    assert list(codes(batch, stop=40)) + list(codes(batch, start=40)) == whole
    assert [code_at(batch, position) for position in range(100)] == whole
    assert list(codes(batch, start=100)) == []


def test_a_million_codes_are_a_promise_until_they_are_asked_for():
    endless = codes(a_batch(count=10**9, pattern=CodePattern(length=14)))
    assert len(list(islice(endless, 2))) == 2


def test_twenty_thousand_codes_are_all_different_and_all_of_the_form():
    batch = a_batch(pattern=CodePattern(length=9), count=20_000)
    made = list(codes(batch))
    assert len(set(made)) == 20_000
    assert all(read_code(batch.pattern, code) == code for code in made)


def test_a_code_is_recognized_by_its_position_however_it_is_typed():
    batch = a_batch()
    typed = batch.pattern.write(code_at(batch, 777)).lower()
    assert position_of(batch, typed) == 777


def test_a_foreign_code_has_no_position():
    batch = a_batch(count=1000)
    longer = evolve(batch, count=1001)
    foreign = [code_at(evolve(batch, key=bytes(32)), 0), code_at(longer, 1000), "SPRING", "", "SPRING-2222-2222-22-2"]
    assert [position_of(batch, typed) for typed in foreign] == [None] * 5


def test_more_codes_a_later_end_and_other_uses_leave_every_code_as_it_is():
    batch, other = a_batch(count=10), a_batch(count=500, expires=END, uses=SHARED, campaign="more", promotion="another")
    assert list(codes(other, stop=10)) == list(codes(batch))


@pytest.mark.parametrize(
    "change", [{"key": bytes(32)}, {"series": "other"}, {"id": "spring-2"}, {"pattern": CodePattern(prefix="SPRING", length=11)}]
)
def test_another_key_series_or_length_changes_every_code(change):
    batch = a_batch(count=50)
    bodies = [{code[6:16] for code in codes(each)} for each in (batch, a_batch(**{"count": 50, **change}))]
    assert bodies[0] & bodies[1] == set()


def test_the_next_batch_of_a_series_has_other_codes_and_knows_the_live_ones():
    first = a_batch(count=300)
    second = following(first, id="spring-2", count=200)
    third = following(second, id="spring-3", count=1, members=("m-1",))
    made = [code for batch in (first, second, third) for code in codes(batch)]
    assert (len(set(made)), made) == (501, list(codes(evolve(first, count=501))))
    assert (third.series, third.first, third.members, third.guessing) == ("spring-1", 500, ("m-1",), risk(first.pattern, 501))


def test_a_batch_that_is_too_easy_to_guess_is_refused_with_the_length_to_take():
    said = (
        "codes of batch spring-1 are too easy to guess: 1000000 live codes of 852891037441, allowed is one hit in 1000000 guesses; "
        "take a length of 9, got 8"
    )
    with pytest.raises(InvalidValue) as caught:
        a_batch(pattern=CodePattern(length=8))
    assert str(caught.value) == said


def test_the_limit_is_met_exactly():
    four = CodePattern(length=4)
    assert a_batch(pattern=four, count=31, safe_one_in=31**3).guessing.one_in == 31**3
    with pytest.raises(InvalidValue, match="take a length of 5, got 4"):
        a_batch(pattern=four, count=32, safe_one_in=31**3)


def test_live_codes_of_the_same_series_make_guessing_easier():
    full = a_batch(pattern=CodePattern(length=4), count=900, safe_one_in=1000)
    with pytest.raises(InvalidValue, match="924 live codes"):
        following(full, id="more", count=24)


def test_the_key_is_not_shown():
    assert "key" not in repr(a_batch())
    with pytest.raises(InvalidValue) as caught:
        a_batch(key=b"sesame")
    assert str(caught.value) == "CodeBatch.key must be 16 to 64 bytes, got 6 of them; make one with secrets.token_bytes(32)"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"key": "text"}, "CodeBatch.key must be bytes, got str"),
        ({"key": bytes(65)}, "CodeBatch.key must be 16 to 64 bytes, got 65"),
        ({"count": 0}, "CodeBatch.count must be between 1"),
        ({"count": True}, "CodeBatch.count must be an integer"),
        ({"first": -1}, "CodeBatch.first must be between 0"),
        ({"id": ""}, "CodeBatch.id must have 1"),
        ({"promotion": " x"}, "CodeBatch.promotion must not hold"),
        ({"pattern": "SPRING"}, "CodeBatch.pattern must be CodePattern"),
        ({"count": 2, "members": ("one",)}, "CodeBatch.members must be none, or one for each of 2 codes, got 1"),
        ({"count": 1, "members": ("\n",)}, "CodeBatch.members must not hold control characters"),
        ({"count": 1, "members": ["one"]}, "CodeBatch.members must be tuple, got list"),
        ({"uses": 1}, "CodeBatch.uses must be Uses, got int"),
        ({"expires": datetime(2026, 4, 1)}, "CodeBatch.expires must be a datetime with a time zone"),
        ({"safe_one_in": 0}, "CodeBatch.safe_one_in must be between 1"),
        ({"series": ""}, "CodeBatch.series must have 1"),
    ],
)
def test_a_batch_that_makes_no_sense_is_refused(wrong, said):
    with pytest.raises(InvalidValue, match=said):
        a_batch(**wrong)


@pytest.mark.parametrize("position", [-1, 10, True, "1"])
def test_a_position_that_the_batch_does_not_have_is_refused_at_once(position):
    with pytest.raises(InvalidValue, match="expected a position from 0 to 9 of batch spring-1"):
        code_at(a_batch(count=10), position)


@pytest.mark.parametrize("span", [{"start": -1}, {"start": 11}, {"stop": 11}, {"start": None}, {"stop": True}])
def test_a_span_that_the_batch_does_not_have_is_refused_before_the_first_code(span):
    with pytest.raises(InvalidValue, match="expected positions from 0 to 10 of batch spring-1"):
        codes(a_batch(count=10), **span)


SPRING, SECOND = a_batch(count=100, expires=END), following(a_batch(count=100), id="spring-2", count=2, members=("ann", "bob"))
SUMMER = a_batch(id="summer", pattern=CodePattern(prefix="SUN"), count=5, uses=Uses(20))
BOOK = CodeBook((SPRING, SECOND, SUMMER))


def test_a_book_tells_whose_code_was_typed_and_for_what():
    found = [find(BOOK, code_at(batch, position)) for batch, position in ((SPRING, 99), (SECOND, 1), (SUMMER, 0))]
    assert found == [
        IssuedCode(code_at(SPRING, 99), SPRING, 99),
        IssuedCode(code_at(SECOND, 1), SECOND, 1),
        IssuedCode(code_at(SUMMER, 0), SUMMER, 0),
    ]
    assert [(each.member, each.uses) for each in found] == [(None, SINGLE_USE), ("bob", SINGLE_USE), (None, Uses(20))]


def test_a_code_of_the_right_form_that_was_never_issued_is_unknown():
    never = code_at(evolve(SUMMER, count=6), 5)
    assert find(BOOK, never.lower()) == Refusal("coupon_unknown", f"coupon {never} is not known", {"coupon": never})


def test_a_mistyped_code_is_told_of_the_batch_that_it_comes_closest_to():
    code = code_at(SUMMER, 0)
    typed = [code[:-1] + ("2" if code[-1] != "2" else "3"), code[:-1] + "0", code + "2", "WINTER"]
    assert [find(BOOK, each).fact("reason") for each in typed] == ["check", "letter", "length", "prefix"]


def test_an_empty_book_knows_no_code():
    assert find(CodeBook(()), "SPRING").code == "coupon_unknown"


def test_a_book_is_opened_for_the_member_whose_code_it_is_and_until_it_expires():
    anns, anyones = code_at(SECOND, 0), code_at(SPRING, 0)
    asked = [
        admit(BOOK, anns, at=DURING, member="ann"),
        admit(BOOK, anns, at=DURING, member="bob"),
        admit(BOOK, anns, at=DURING),
        admit(BOOK, anyones, at=END - timedelta(microseconds=1), member="bob"),
        admit(BOOK, anyones, at=END),
    ]
    theirs = Refusal("coupon_not_yours", f"coupon {anns} was issued to another member", {"coupon": anns})
    told = "2026-04-01T00:00:00+00:00"
    late = Refusal("coupon_expired", f"coupon {anyones} was good until {told}", {"coupon": anyones, "ends": told})
    assert asked == [IssuedCode(anns, SECOND, 0), theirs, theirs, IssuedCode(anyones, SPRING, 0), late]


def test_a_code_of_somebody_else_is_not_told_to_have_expired():
    book = CodeBook((evolve(SECOND, expires=END),))
    assert admit(book, code_at(SECOND, 0), at=END, member="bob").code == "coupon_not_yours"


def test_what_is_refused_by_its_form_is_not_looked_up():
    assert admit(BOOK, "SPRING", at=DURING).code == "coupon_mistyped"


def test_the_end_of_a_batch_is_a_moment_whatever_the_zone():
    assert a_batch(expires=datetime(2026, 4, 1, 8, tzinfo=timezone(timedelta(hours=8)))).expires == END


def test_a_time_without_a_zone_is_a_bug():
    with pytest.raises(InvalidValue, match="at must be a datetime with a time zone"):
        admit(BOOK, "", at=datetime(2026, 4, 1))


@pytest.mark.parametrize(
    "other",
    [
        {"id": "other"},
        {"id": "other", "series": "spring-1"},
        {"id": "other", "series": "spring-1", "first": 99},
        {"id": "other", "series": "spring-1", "first": 100, "key": bytes(32)},
        {"id": "other", "pattern": CodePattern(prefix="SPR1NG")},
        {"id": "other", "pattern": CodePattern(prefix="SPRINGS", length=9)},
        {"id": "other", "pattern": CodePattern(length=16)},
        {"id": "other", "series": "spring-1", "first": 100, "pattern": CodePattern(prefix="SPRING", length=11, check=False)},
    ],
)
def test_a_book_refuses_batches_that_could_have_a_code_in_common(other):
    with pytest.raises(InvalidValue, match="batches spring-1 and other could have a code in common; give one another prefix or length"):
        CodeBook((SPRING, a_batch(count=10, safe_one_in=1, **other)))


def test_a_book_takes_batches_that_differ_in_length_prefix_or_position():
    batches = (
        SPRING,
        a_batch(id="longer", pattern=CodePattern(prefix="SPRING", length=12)),
        a_batch(id="winter", pattern=CodePattern(prefix="WINTER")),
        following(SPRING, id="next", count=3),
    )
    assert CodeBook(batches).batches == batches


def test_a_book_has_each_id_once():
    with pytest.raises(InvalidValue, match="must have each id once, got spring-1 twice"):
        CodeBook((SPRING, SPRING))
