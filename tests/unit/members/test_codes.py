"""One-time codes as arithmetic: when one may be sent, how often it may be tried, and which digits it has."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from shopwright.errors import InvalidValue
from shopwright.members.codes import CodePurpose, CodeRules, OneTimeCode, SentCodes, attempt, code_id, digits, gone, sent, wrong
from shopwright.refusals import Refusal

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
RULES = CodeRules(pause=timedelta(minutes=1), sends=3, within=timedelta(hours=1))
MINUTE = timedelta(minutes=1)
CODE = OneTimeCode(
    purpose=CodePurpose.VERIFY,
    member_id="ann",
    contact="c1",
    lookup="m.1",
    master="m",
    nonce="0" * 32,
    serial=1,
    sent_at=AT,
    expires_at=AT + 10 * MINUTE,
)


def at_minutes(*minutes: int) -> SentCodes:
    return SentCodes(times=tuple(AT + minute * MINUTE for minute in minutes))


@pytest.mark.parametrize(
    ("before", "minute", "again"),
    [
        (at_minutes(), 0, None),
        (at_minutes(0), 1, None),
        (at_minutes(0, 1), 2, None),
        (at_minutes(0, 1, 2), 60, None),
        (at_minutes(0, 1, 2), 3, 60),
        (at_minutes(0, 1, 2, 60), 61, None),
        (at_minutes(0), 0, 1),
    ],
)
def test_codes_have_pauses_and_a_most_within_a_span(before: SentCodes, minute: int, again: int | None) -> None:
    answer = sent(before, RULES, at=AT + minute * MINUTE)
    if again is None:
        assert isinstance(answer, SentCodes)
        assert answer.times[-1] == AT + minute * MINUTE
        assert len(answer.times) <= RULES.sends
    else:
        assert isinstance(answer, Refusal)
        assert answer.fact("again_at") == (AT + again * MINUTE).isoformat()


def test_an_attempt_is_counted_until_they_are_used_up() -> None:
    code: OneTimeCode | Refusal = CODE
    for number in range(1, RULES.attempts + 1):
        assert isinstance(code, OneTimeCode)
        code = attempt(code, RULES, at=AT)
        assert isinstance(code, OneTimeCode)
        assert (code.attempts, wrong(code, RULES).fact("left")) == (number, RULES.attempts - number)
    assert isinstance(code, OneTimeCode)
    refusal = attempt(code, RULES, at=AT)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "code_attempts"


def test_used_is_told_before_expired_and_expired_before_attempts() -> None:
    late = AT + 10 * MINUTE
    tried = evolve(CODE, attempts=99)
    told = [attempt(it, RULES, at=at) for it, at in ((None, AT), (evolve(tried, used_at=AT), late), (tried, late), (tried, AT))]
    assert [it.code for it in told if isinstance(it, Refusal)] == ["code_unknown", "code_used", "code_expired", "code_attempts"]
    assert gone(CODE, at=late - timedelta(microseconds=1)) is None


def test_codes_have_their_digits_and_each_digit_is_as_likely_as_any_other() -> None:
    codes = [digits(f"m.{number}", RULES) for number in range(20_000)]
    assert {len(code) for code in codes} == {6}
    for place in range(6):
        counts = Counter(code[place] for code in codes)
        assert set(counts) == set("0123456789")
        assert all(1_800 < count < 2_200 for count in counts.values()), counts
    assert len(digits("m.1", evolve(RULES, digits=12))) == 12


def test_purpose_contact_member_serial_and_chance_each_make_another_code() -> None:
    others = (
        evolve(CODE, purpose=CodePurpose.PROVE),
        evolve(CODE, contact="c2"),
        evolve(CODE, member_id="lee"),
        evolve(CODE, lookup="m.2"),
        evolve(CODE, serial=2),
        evolve(CODE, nonce="1" * 32),
    )
    assert len({it.told for it in (CODE, *others)}) == 7
    assert len({code_id(it.purpose, it.member_id, it.contact) for it in (CODE, *others[:3])}) == 4


@pytest.mark.parametrize(
    "facts", [{"digits": 3}, {"attempts": 0}, {"sends": 0}, {"lives": timedelta(-1)}, {"pause": 5}, {"within": timedelta(days=31)}]
)
def test_rules_that_would_let_anybody_in_are_refused(facts: dict[str, object]) -> None:
    with pytest.raises(InvalidValue):
        CodeRules(**facts)  # type: ignore[arg-type]  # that is the point
