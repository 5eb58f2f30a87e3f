"""The laws of generated codes, for any key, pattern and text: nothing comes twice, everything is turned back, every slip is seen."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta, timezone

from attrs import evolve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shopwright.promotions.code_attempts import Attempts
from shopwright.promotions.code_batches import CodeBatch, code_at, codes, following, position_of
from shopwright.promotions.code_books import CodeBook, find
from shopwright.promotions.code_files import CodeRow, RowProblem, code_lines, read_codes
from shopwright.promotions.code_shuffles import Shuffle
from shopwright.promotions.codes import ALPHABET, CodePattern, Uses, check_letter, read_code, risk, same_code, shortest, squeeze
from shopwright.promotions.coupons import normalize_code
from shopwright.refusals import Refusal

KNOWN = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

keys = st.binary(min_size=16, max_size=64)
patterns = st.builds(
    CodePattern,
    prefix=st.text(KNOWN, max_size=20),
    length=st.integers(4, 24),
    group=st.integers(0, 24),
    check=st.booleans(),
)
spaced_numbers = st.integers(4, 24).flatmap(lambda length: st.tuples(st.just(length), st.integers(0, 31**length - 1)))
bodies = st.text(ALPHABET, min_size=1, max_size=29)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=zones)
anything = st.text(st.characters(), max_size=80)  # lone surrogates too, which plain text() leaves out


@st.composite
def batches(draw):
    pattern = draw(patterns)
    return CodeBatch(
        id=draw(st.sampled_from(["a", "b"])),
        pattern=pattern,
        count=draw(st.integers(1, min(pattern.space, 10**9))),
        key=draw(keys),
        promotion="p",
        safe_one_in=1,
    )


@st.composite
def codes_of_patterns(draw):
    pattern = draw(patterns)
    return pattern, pattern.spell(draw(st.integers(0, pattern.space - 1)))


@given(bodies, st.data())
def test_a_wrong_letter_anywhere_is_seen(body, data):
    code = body + check_letter(body)
    at = data.draw(st.integers(0, len(code) - 1))
    other = data.draw(st.sampled_from(ALPHABET.replace(code[at], "")))
    wrong = code[:at] + other + code[at + 1 :]
    assert check_letter(wrong[:-1]) != wrong[-1]


@given(bodies, st.data())
def test_any_two_different_letters_that_are_swapped_are_seen(body, data):
    code = body + check_letter(body)
    one, other = sorted(data.draw(st.lists(st.integers(0, len(code) - 1), min_size=2, max_size=2, unique=True)))
    assume(code[one] != code[other])
    wrong = code[:one] + code[other] + code[one + 1 : other] + code[one] + code[other + 1 :]
    assert check_letter(wrong[:-1]) != wrong[-1]


@given(codes_of_patterns())
def test_a_code_is_read_back_however_it_is_grouped_and_in_lower_case(made):
    pattern, code = made
    assert read_code(pattern, pattern.write(code).lower()) == code
    assert pattern.spell(pattern.number(code)) == code


@given(codes_of_patterns(), st.data())
def test_spaces_and_dashes_anywhere_change_nothing(made, data):
    pattern, code = made
    noise = st.text("  -\t\n\u2011\u2013\u200b\u00a0.'’_", max_size=2)
    assert read_code(pattern, "".join(letter + data.draw(noise) for letter in code)) == code


@given(codes_of_patterns())
def test_a_stored_code_is_its_own_normal_form_and_begins_no_formula(made):
    pattern, code = made
    assert squeeze(code) == normalize_code(code) == code
    assert len(code) == pattern.size <= 64
    assert code[0] in KNOWN


@given(st.one_of(anything, st.text("０aＡ-\u00df\ufb01\u0131\u00b4?\ufdfa٣Аᴬ①\u0301", max_size=80)))
def test_squeezing_twice_changes_nothing_and_leaves_plain_letters(typed):
    once = squeeze(typed)
    assert squeeze(once) == once
    assert set(once) <= set(KNOWN) | {"?"}
    assert len(once) <= 65


@given(patterns, anything)
def test_whatever_is_typed_is_a_code_or_refused(pattern, typed):
    got = read_code(pattern, typed)
    if isinstance(got, Refusal):
        assert got.code == "coupon_mistyped"
    else:
        assert pattern.spell(pattern.number(got)) == got


@given(codes_of_patterns(), codes_of_patterns())
def test_two_codes_are_the_same_exactly_when_their_letters_are(one, other):
    assert same_code(one[1], other[1]) is (one[1] == other[1])
    assert same_code(one[1], one[0].write(one[1])) is True


@given(keys, st.text(max_size=10), spaced_numbers)
def test_every_permutation_is_turned_back_both_ways(key, label, spaced):
    length, number = spaced
    shuffle = Shuffle(key=key, label=(label,), length=length)
    assert shuffle.position_of(shuffle.number_at(number)) == number
    assert shuffle.number_at(shuffle.position_of(number)) == number


@given(keys, st.integers(2, 3))
@settings(max_examples=10)
def test_a_whole_small_space_is_permuted(key, length):
    shuffle = Shuffle(key=key, label=(), length=length)
    assert sorted(map(shuffle.number_at, range(shuffle.size))) == list(range(31**length))


@given(batches(), st.data())
def test_a_position_gives_a_code_and_the_code_gives_the_position(batch, data):
    position = data.draw(st.integers(0, batch.count - 1))
    code = code_at(batch, position)
    assert position_of(batch, batch.pattern.write(code)) == position
    assert find(CodeBook((batch,)), code).position == position


@given(batches(), st.data())
def test_a_code_is_in_a_batch_exactly_when_its_position_is(batch, data):
    number = data.draw(st.integers(0, batch.pattern.space - 1))
    position = batch.shuffle().position_of(number)
    assert position_of(batch, batch.pattern.spell(number)) == (position if position < batch.count else None)


@given(batches(), st.integers(0, 30), st.integers(0, 30))
def test_codes_are_all_different_and_go_on_where_they_stopped(batch, some, more):
    stop = min(batch.count, some + more)
    start = min(some, stop)
    whole = list(codes(batch, stop=stop))
    assert list(codes(batch, stop=start)) + list(codes(batch, start=start, stop=stop)) == whole
    assert len(set(whole)) == stop


@given(batches(), st.integers(1, 20), st.integers(1, 20))
def test_a_series_never_meets_itself_and_its_batches_keep_their_codes_apart(batch, count, next_count):
    assume(count + next_count <= batch.pattern.space)
    one = evolve(batch, count=count)
    other = following(one, id="next", count=next_count)
    assert not set(codes(one)) & set(codes(other))
    book = CodeBook((one, other))
    assert [find(book, code).batch.id for batch in (one, other) for code in codes(batch)] == [one.id] * count + ["next"] * next_count


@given(st.integers(4, 24), st.integers(1, 10**9))
def test_the_statement_is_never_safer_than_the_truth(length, live):
    pattern = CodePattern(length=length)
    assume(live <= pattern.space)
    guessing = risk(pattern, live)
    assert guessing.one_in * live <= pattern.space < (guessing.one_in + 1) * live


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_the_shortest_body_is_safe_and_one_letter_less_is_not(live, one_in):
    length = shortest(live, one_in=one_in)
    assert 31**length >= live * one_in
    assert length == 4 or 31 ** (length - 1) < live * one_in


@given(st.lists(st.integers(0, 500), max_size=30), st.integers(1, 5), st.integers(1, 60))
def test_no_window_ever_sees_more_failures_than_are_allowed(seconds, limit, window):
    start = datetime(2026, 1, 1, tzinfo=UTC)
    attempts, failed = Attempts(limit=limit, window=timedelta(seconds=window)), []
    for second in sorted(seconds):
        at = start + timedelta(seconds=second)
        assert attempts.allows(at) is (sum(second - each < window for each in failed) < limit)
        assert attempts.allows(attempts.free_at(at))
        if attempts.allows(at):
            attempts = attempts.after(at)
            failed.append(second)
    assert all(sum(begin <= each < begin + window for each in failed) <= limit for begin in failed)


ids = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40).filter(lambda text: text == text.strip())
free_codes = st.one_of(ids, codes_of_patterns().map(lambda made: made[1])).filter(lambda text: 0 < len(squeezed(text)) <= 64)
uses = st.builds(Uses, st.one_of(st.none(), st.integers(1, 2**63 - 1)))


def squeezed(text):
    try:
        return normalize_code(text)
    except ValueError:
        return ""


rows = st.builds(
    CodeRow,
    free_codes,
    batch=st.one_of(st.just(""), ids),
    member=st.one_of(st.none(), ids),
    expires=st.one_of(st.none(), moments),
    uses=uses,
)


@given(st.lists(rows, max_size=5))
def test_what_is_exported_is_imported_as_it_was(given_rows):
    assert list(read_codes(code_lines(given_rows))) == given_rows


@given(rows)
def test_no_exported_cell_begins_as_a_formula(row):
    _, cells = csv.reader(code_lines([row]))
    assert [cell for cell in cells if cell.startswith(tuple("=+-@＝＋－＠\t\r"))] == []


@given(st.lists(st.text(st.characters(exclude_characters="\n\r"), max_size=60), max_size=6))
def test_every_line_gives_a_row_or_at_least_one_problem_in_its_place(lines):
    got = list(read_codes(["code,batch,member,expires,uses\n", *(line + "\n" for line in lines)]))
    wrong = {each.line for each in got if isinstance(each, RowProblem)}
    good = sum(isinstance(each, CodeRow) for each in got)
    assert len(wrong) + good == sum(bool(line.strip()) for line in lines)


@given(st.lists(anything, max_size=6))
def test_no_text_at_all_breaks_the_reader(lines):
    assert all(isinstance(each, CodeRow | RowProblem) for each in read_codes(lines))
