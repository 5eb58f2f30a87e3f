"""When points expire: the calendar of the program, to the last instant of a day."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shopwright.errors import InvalidValue
from shopwright.loyalty import EndOf, ExpiresAfter, ExpiresOn, expires_at

BERLIN = "Europe/Berlin"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("rule", "since", "expires"),
    [
        (ExpiresAfter("UTC", months=1), "2026-01-31T10:00Z", "2026-03-01T00:00Z"),
        (ExpiresAfter("UTC", months=1), "2028-01-31T10:00Z", "2028-03-01T00:00Z"),
        (ExpiresAfter(BERLIN, days=1), "2026-03-28T22:59Z", "2026-03-29T22:00Z"),
        (ExpiresAfter(BERLIN, days=1), "2026-03-28T23:00Z", "2026-03-30T22:00Z"),
        (ExpiresAfter("UTC", months=12, end_of=EndOf.QUARTER), "2026-05-05T00:00Z", "2027-07-01T00:00Z"),
        (ExpiresAfter("UTC", months=12, end_of=EndOf.HALF_YEAR), "2026-07-01T00:00Z", "2028-01-01T00:00Z"),
        (ExpiresAfter("UTC", end_of=EndOf.MONTH), "2026-02-28T23:59Z", "2026-03-01T00:00Z"),
        (ExpiresAfter("UTC", end_of=EndOf.WEEK), "2026-03-01T12:00Z", "2026-03-02T00:00Z"),
        (ExpiresAfter("UTC", days=1, end_of=EndOf.YEAR), "2026-12-31T12:00Z", "2028-01-01T00:00Z"),
        (ExpiresOn("UTC"), "2026-12-31T23:59Z", "2027-01-01T00:00Z"),
        (ExpiresOn("UTC", least_days=90), "2026-11-01T00:00Z", "2028-01-01T00:00Z"),
        (ExpiresOn("UTC", month=2, day=29), "2026-01-01T00:00Z", "2026-03-01T00:00Z"),
        (ExpiresOn("UTC", month=2, day=29), "2026-03-01T00:00Z", "2027-03-01T00:00Z"),
    ],
)
def test_points_are_good_through_the_last_instant_of_their_last_day(rule, since, expires):  # POINTS-10
    assert expires_at(rule, at(since)) == at(expires)


def test_without_a_rule_points_never_expire():
    assert expires_at(None, datetime(2026, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: ExpiresAfter("UTC"), "got neither"),
        (lambda: ExpiresAfter("Nowhere/At-all", days=1), "Nowhere/At-all"),
        (lambda: ExpiresOn("UTC", month=4, day=31), "got month 4 and day 31"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(wrong, words):
    with pytest.raises(InvalidValue, match=words):
        wrong()
