"""How often somebody may be wrong about a code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from attrs import define, evolve, field

from shopwright.errors import InvalidValue
from shopwright.promotions.code_attempts import AttemptLimiter, Attempts, enter
from shopwright.promotions.code_batches import CodeBatch, code_at
from shopwright.promotions.code_books import CodeBook, IssuedCode
from shopwright.promotions.codes import CodePattern
from shopwright.refusals import Refusal

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BATCH = CodeBatch(id="b", pattern=CodePattern(), count=2, key=bytes(32), promotion="p", members=("ann", "bob"))
NEVER = code_at(evolve(BATCH, count=3, members=()), 2)
THREE = Attempts(limit=3, window=10 * MINUTE)


@define
class Notebook:
    """A limiter that an app could have: the attempts of each subject, in memory."""

    start: Attempts
    pages: dict[str, Attempts] = field(factory=dict)

    def allow(self, subject, *, at):
        return self.pages.get(subject, self.start).allows(at)

    def failed(self, subject, *, at):
        self.pages[subject] = self.pages.get(subject, self.start).after(at)


def try_all(limiter: AttemptLimiter, *typed, member="ann", subject="ann"):
    outcomes = [enter(CodeBook((BATCH,)), each, subject=subject, limiter=limiter, at=NOON, member=member) for each in typed]
    return [outcome.code for outcome in outcomes]


def test_so_many_wrong_codes_are_allowed_and_then_none():
    assert try_all(Notebook(THREE), *[NEVER] * 4) == ["coupon_unknown"] * 3 + ["coupon_attempts"]


def test_who_may_not_try_learns_nothing_even_from_a_good_code():
    no = enter(CodeBook((BATCH,)), code_at(BATCH, 0), subject="ann", limiter=Notebook(THREE, {"ann": burnt(3)}), at=NOON, member="ann")
    assert no == Refusal("coupon_attempts", "too many wrong codes were entered; try again later")


def test_a_typing_mistake_is_no_guess():
    good = code_at(BATCH, 0)
    swapped = good[:2] + good[3] + good[2] + good[4:]
    assert try_all(Notebook(THREE), *[swapped] * 5, "", "SPRING", good) == ["coupon_mistyped"] * 7 + [good]


def test_a_code_of_somebody_else_is_a_guess():
    assert try_all(Notebook(THREE), *[code_at(BATCH, 1)] * 4) == ["coupon_not_yours"] * 3 + ["coupon_attempts"]


def test_a_good_code_is_no_failure():
    limiter = Notebook(THREE)
    assert try_all(limiter, *[code_at(BATCH, 0)] * 5) == [code_at(BATCH, 0)] * 5
    assert limiter.pages == {}


def test_a_code_that_has_expired_is_no_guess():
    limiter = Notebook(THREE)
    outcome = enter(CodeBook((evolve(BATCH, expires=NOON),)), code_at(BATCH, 0), subject="ann", limiter=limiter, at=NOON, member="ann")
    assert (outcome.code, limiter.pages) == ("coupon_expired", {})


def test_one_subject_does_not_pay_for_another():
    limiter = Notebook(THREE, {"bob": burnt(3)})
    assert try_all(limiter, code_at(BATCH, 0)) == [code_at(BATCH, 0)]
    assert isinstance(enter(CodeBook((BATCH,)), code_at(BATCH, 0), subject="ann", limiter=limiter, at=NOON, member="ann"), IssuedCode)


def burnt(failures):
    """The attempts of somebody who failed once a minute, the last time at noon."""
    return evolve(THREE, failures=tuple(NOON - MINUTE * number for number in range(failures)))


def test_a_failure_counts_until_exactly_one_window_later():
    attempts = burnt(3)
    oldest = NOON - 2 * MINUTE
    moments = (NOON, oldest + 10 * MINUTE - timedelta(microseconds=1), oldest + 10 * MINUTE)
    assert [attempts.allows(at) for at in moments] == [False, False, True]
    assert [attempts.free_at(at) for at in moments] == [oldest + 10 * MINUTE] * 3


def test_who_is_free_is_free_now_and_told_so_in_utc():
    shanghai = NOON.astimezone(timezone(timedelta(hours=8)))
    assert (burnt(2).free_at(shanghai), burnt(2).free_at(shanghai).tzinfo) == (NOON, UTC)


def test_failures_that_no_longer_count_are_forgotten():
    later = NOON + 9 * MINUTE
    assert burnt(3).after(later) == evolve(THREE, failures=(NOON, later))
    assert burnt(3).after(NOON + timedelta(days=1)) == evolve(THREE, failures=(NOON + timedelta(days=1),))


def test_no_more_failures_are_kept_than_are_counted():
    attempts = THREE
    for number in range(100):
        attempts = attempts.after(NOON + timedelta(seconds=number))
    assert attempts.failures == tuple(NOON + timedelta(seconds=number) for number in (97, 98, 99))


def test_a_clock_that_jumps_back_frees_nobody():
    before = NOON - timedelta(days=1)
    assert burnt(3).allows(before) is False
    assert burnt(2).after(before).failures == (before, NOON - MINUTE, NOON)


def test_ten_in_an_hour_are_allowed_unless_the_app_says_otherwise():
    assert (Attempts().limit, Attempts().window, Attempts().allows(NOON)) == (10, timedelta(hours=1), True)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"limit": 0}, "Attempts.limit must be between 1 and 10000, got 0"),
        ({"limit": 2.5}, "Attempts.limit must be an integer"),
        ({"window": timedelta(0)}, "Attempts.window must be a timedelta above zero"),
        ({"window": 60}, "Attempts.window must be timedelta, got int"),
        ({"failures": (datetime(2026, 3, 1),)}, "Attempts.failures must be a datetime with a time zone"),
        ({"failures": ("now",)}, "Attempts.failures must be a datetime"),
        ({"failures": None}, "Attempts.failures must be times, got NoneType"),
    ],
)
def test_attempts_that_make_no_sense_are_refused(wrong, said):
    with pytest.raises(InvalidValue, match=said):
        Attempts(**wrong)


@define
class Remembering(Notebook):
    """A limiter that knows a wrong code again."""

    def missed(self, subject, code, *, at):
        self.pages[subject] = self.pages.get(subject, self.start).after(at, code=code)


def test_a_limiter_that_is_told_the_code_counts_the_same_wrong_one_once_however_it_is_typed():
    limiter = Remembering(THREE)
    others = [code_at(evolve(BATCH, count=number + 3, members=()), number + 2) for number in range(1, 4)]

    assert try_all(limiter, *[NEVER, NEVER.lower(), f"-{NEVER}"] * 4) == ["coupon_unknown"] * 12
    assert len(limiter.pages["ann"].failures) == 1
    assert try_all(limiter, *others) == ["coupon_unknown", "coupon_unknown", "coupon_attempts"]


def test_a_wrong_code_counts_again_when_its_failure_no_longer_does():
    once = Attempts(limit=3, window=10 * MINUTE).after(NOON, code=NEVER)

    assert once.after(NOON + 10 * MINUTE - MINUTE / 60, code=NEVER).failures == (NOON,)
    assert once.after(NOON + 10 * MINUTE, code=NEVER).failures == (NOON + 10 * MINUTE,)


def test_no_more_fingerprints_are_kept_than_attempts_and_no_code_among_them():
    attempts = Attempts(limit=3)
    for number in range(10):
        attempts = attempts.after(NOON, code=f"{NEVER}{number}")

    assert (len(attempts.failures), len(attempts.seen)) == (3, 3)
    assert NEVER not in repr(attempts)
