from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from shopwright.errors import InvalidValue
from shopwright.periods import (
    Skipped,
    Twice,
    add_months,
    aware,
    day,
    day_of,
    days_after,
    instant,
    month,
    months_after,
    parse_local,
    start_of_day,
    utc,
    zone_of,
)

BERLIN, SHANGHAI, SAO_PAULO = "Europe/Berlin", "Asia/Shanghai", "America/Sao_Paulo"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
NO_TIMES = [None, 0, "2026-11-22T12:00:00+00:00", date(2026, 11, 22), datetime(2026, 11, 22, 12)]
NO_DATES = [None, "2026-11-22", NOON, 20261122]


def at_utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


# --- aware times ------------------------------------------------------------------------------------------------------------------


def test_an_aware_time_is_handed_back_as_it_is():
    there = NOON.astimezone(ZoneInfo(SHANGHAI))
    assert aware(there) is there
    assert utc(NOON) is NOON
    assert (utc(there), utc(there).tzinfo) == (NOON, UTC)


@pytest.mark.parametrize("check", [aware, utc])
@pytest.mark.parametrize("at", NO_TIMES)
def test_a_time_without_a_zone_is_refused_by_the_name_of_its_field(check, at):
    with pytest.raises(InvalidValue, match=r"^placed_at must be a datetime"):
        check(at, "placed_at")


def test_a_time_whose_zone_does_not_know_the_offset_is_refused():
    class Vague(timezone.__base__):
        def utcoffset(self, at):
            return None

    with pytest.raises(InvalidValue, match=r"^at must be a datetime with a time zone"):
        aware(datetime(2026, 11, 22, tzinfo=Vague()))


@pytest.mark.parametrize(
    "at", [datetime.min.replace(tzinfo=timezone(timedelta(hours=1))), datetime.max.replace(tzinfo=timezone(timedelta(hours=-1)))]
)
def test_a_time_beyond_the_years_1_to_9999_in_utc_is_refused(at):
    with pytest.raises(InvalidValue, match=r"^at must be in the years 1 to 9999 in UTC"):
        utc(at)


# --- zones ------------------------------------------------------------------------------------------------------------------------


def test_a_zone_is_a_name_or_a_tzinfo():
    assert zone_of(BERLIN) == ZoneInfo(BERLIN)
    assert zone_of(UTC) is zone_of("UTC") is UTC
    assert day_of(NOON, timezone(timedelta(hours=13))) == date(2026, 11, 23)


@pytest.mark.parametrize("zone", ["", "Nowhere", "Europe/", "../secret", "/etc/localtime", "x" * 5000, "a\x00", "\ud800", None, 5, ["UTC"]])
def test_an_unknown_zone_is_refused(zone):
    with pytest.raises(InvalidValue, match=r"^unknown time zone .*; expected a name of the IANA database"):
        zone_of(zone)


# --- times on the wall ------------------------------------------------------------------------------------------------------------


def test_a_time_on_the_wall_is_an_instant():
    assert instant(datetime(2026, 7, 1, 12), BERLIN) == at_utc(2026, 7, 1, 10)
    assert instant(datetime(2026, 1, 1, 12), BERLIN) == at_utc(2026, 1, 1, 11)
    assert instant(datetime(2026, 1, 1, 12), BERLIN).tzinfo is UTC


def test_a_time_that_comes_twice_is_the_first_unless_said_otherwise():
    wall = datetime(2026, 10, 25, 2, 30)
    assert instant(wall, BERLIN) == instant(wall.replace(fold=1), BERLIN) == at_utc(2026, 10, 25, 0, 30)
    assert instant(wall, BERLIN, twice=Twice.SECOND) == at_utc(2026, 10, 25, 1, 30)
    with pytest.raises(InvalidValue, match=r"^2026-10-25 02:30:00 comes twice in Europe/Berlin; say twice="):
        instant(wall, BERLIN, twice=Twice.REFUSE)


@pytest.mark.parametrize("twice", Twice)
@pytest.mark.parametrize("skipped", Skipped)
def test_a_time_that_comes_once_needs_no_policy(twice, skipped):
    assert instant(datetime(2026, 10, 25, 3, 0), BERLIN, twice=twice, skipped=skipped) == at_utc(2026, 10, 25, 2)


def test_a_time_that_never_comes_moves_forward_unless_said_otherwise():
    wall = datetime(2026, 3, 29, 2, 30, 15, 250)
    assert instant(wall, BERLIN) == at_utc(2026, 3, 29, 1, 30, 15, 250)
    assert instant(wall, BERLIN, skipped=Skipped.FIRST_AFTER) == at_utc(2026, 3, 29, 1)
    with pytest.raises(InvalidValue, match=r"^2026-03-29 02:30:15\.000250 never comes in Europe/Berlin, where clocks skip it; say skipped="):
        instant(wall, BERLIN, skipped=Skipped.REFUSE)


@pytest.mark.parametrize(
    ("zone", "wall", "first_after"),
    [
        (BERLIN, datetime(2026, 3, 29, 2, 0), at_utc(2026, 3, 29, 1)),
        (BERLIN, datetime(2026, 3, 29, 2, 59, 59, 999999), at_utc(2026, 3, 29, 1)),
        (SAO_PAULO, datetime(2018, 11, 4, 0, 0), at_utc(2018, 11, 4, 3)),
        ("Australia/Lord_Howe", datetime(2026, 10, 4, 2, 15), at_utc(2026, 10, 3, 15, 30)),
        ("Pacific/Apia", datetime(2011, 12, 30, 18, 0), at_utc(2011, 12, 30, 10)),
    ],
)
def test_the_first_moment_after_a_skip_is_found_wherever_in_it_the_time_falls(zone, wall, first_after):
    assert instant(wall, zone, skipped=Skipped.FIRST_AFTER) == first_after


@pytest.mark.parametrize("wall", [None, "2026-11-22", date(2026, 11, 22), NOON])
def test_only_a_datetime_without_a_zone_stands_on_a_wall(wall):
    with pytest.raises(InvalidValue, match=r"^(wall must be a datetime|expected a time on the wall without a zone)"):
        instant(wall, BERLIN)


@pytest.mark.parametrize("policy", [{"twice": "first"}, {"skipped": "forward"}, {"twice": Skipped.REFUSE}, {"skipped": None}])
def test_a_policy_that_is_none_is_refused(policy):
    with pytest.raises(InvalidValue, match=r"^expected (twice|skipped) to be one of (Twice|Skipped)\.\w+, "):
        instant(datetime(2026, 1, 1), BERLIN, **policy)


@pytest.mark.parametrize("text", ["2018-01-31 23:59:00", "2018-01-31T23:59", "20180131T23:59:00.000000"])
def test_text_of_a_place_is_an_instant(text):
    assert parse_local(text, SAO_PAULO) == at_utc(2018, 2, 1, 1, 59)


@pytest.mark.parametrize(
    "text", ["", "2018-01-31", "2018-01-32 00:00:00", "2018-01-31 25:00", "31.01.2018 10:00", "today 10:00", "\ud800:", "1:" * 40]
)
def test_text_that_is_no_date_with_a_time_is_refused(text):
    with pytest.raises(InvalidValue, match=r"^expected a date and a time such as '2018-01-31 23:59:00', got "):
        parse_local(text, SAO_PAULO)


@pytest.mark.parametrize("text", [None, 5, b"2018-01-31 23:59:00", NOON])
def test_what_is_no_text_is_not_parsed(text):
    with pytest.raises(InvalidValue, match=r"^expected a date and a time"):
        parse_local(text, SAO_PAULO)


def test_text_with_an_offset_of_its_own_is_no_local_time():
    with pytest.raises(InvalidValue, match=r"an aware datetime is an instant already$"):
        parse_local("2018-01-31 23:59:00-02:00", SAO_PAULO)


def test_text_is_read_with_the_policies_of_instant():
    assert parse_local("2026-10-25 02:30", BERLIN, twice=Twice.SECOND) == at_utc(2026, 10, 25, 1, 30)
    assert parse_local("2026-03-29 02:30", BERLIN, skipped=Skipped.FIRST_AFTER) == at_utc(2026, 3, 29, 1)


# --- days and months --------------------------------------------------------------------------------------------------------------


def test_the_date_is_that_of_the_place():
    assert day_of(at_utc(2026, 12, 31, 17), SHANGHAI) == date(2027, 1, 1)
    assert day_of(at_utc(2026, 12, 31, 17), SAO_PAULO) == date(2026, 12, 31)


@pytest.mark.parametrize("at", NO_TIMES)
def test_a_time_without_a_zone_has_no_date(at):
    with pytest.raises(InvalidValue, match=r"^at must be a datetime"):
        day_of(at, BERLIN)


def test_a_time_at_the_edge_of_the_calendar_has_no_date_beyond_it():
    with pytest.raises(InvalidValue, match=r"^at must be in the years 1 to 9999 in Asia/Shanghai"):
        day_of(datetime.max.replace(tzinfo=UTC), SHANGHAI)


def test_a_day_begins_at_its_first_instant_even_where_midnight_is_skipped_or_comes_twice():
    assert start_of_day(date(2026, 11, 22), SHANGHAI) == at_utc(2026, 11, 21, 16)
    assert start_of_day(date(2018, 11, 4), SAO_PAULO) == at_utc(2018, 11, 4, 3)
    assert start_of_day(date(1919, 3, 31), "America/Toronto") == at_utc(1919, 3, 31, 4, 30)
    assert start_of_day(date(2026, 10, 25), "Atlantic/Azores") == at_utc(2026, 10, 25, 0)


@pytest.mark.parametrize(
    ("zone", "on", "hours"),
    [
        (BERLIN, date(2026, 11, 22), 24),
        (BERLIN, date(2026, 3, 29), 23),
        (BERLIN, date(2026, 10, 25), 25),
        ("Atlantic/Azores", date(2026, 10, 25), 25),
        ("Pacific/Apia", date(2011, 12, 30), 0),
    ],
)
def test_a_day_is_as_long_as_it_is_in_its_place(zone, on, hours):
    assert day(on, zone).length == timedelta(hours=hours)


def test_the_days_of_a_month_fill_it_without_gap():
    days = [day(date(2026, 10, number), BERLIN) for number in range(1, 32)]
    whole = month(2026, 10, BERLIN)
    assert (days[0].start, days[-1].end) == (whole.start, whole.end)
    assert [one.end for one in days[:-1]] == [other.start for other in days[1:]]
    assert month(2026, 12, BERLIN).end == month(2027, 1, BERLIN).start


@pytest.mark.parametrize(("year", "number"), [(2026, 0), (2026, 13), (0, 1), (10_000, 1), (10**30, 1), (2026, 10**30), (9999, 12)])
def test_a_month_outside_the_calendar_is_refused(year, number):
    with pytest.raises(InvalidValue, match=r"years? (from )?1 to 9999"):
        month(year, number, BERLIN)


@pytest.mark.parametrize(("year", "number"), [(2026.0, 1), (True, 1), ("2026", 1), (2026, None), (2026, True)])
def test_a_month_is_told_in_ints(year, number):
    with pytest.raises(InvalidValue, match=r"^expected (year|month) to be an int, got "):
        month(year, number, BERLIN)


@pytest.mark.parametrize("on", NO_DATES)
def test_a_day_is_told_by_a_date(on):
    for verb in (lambda: start_of_day(on, BERLIN), lambda: day(on, BERLIN), lambda: add_months(on, 1)):
        with pytest.raises(InvalidValue, match=r"^expected a date, got .*; day_of\(at, zone\) makes one of an instant$"):
            verb()


def test_the_last_day_of_the_calendar_has_no_end_and_the_first_may_have_no_beginning():
    with pytest.raises(InvalidValue, match=r"^expected a date in the years 1 to 9999, got 9999-12-31 and 1 days, 0 months$"):
        day(date.max, UTC)
    with pytest.raises(InvalidValue, match=r"^wall must be in the years 1 to 9999 in UTC"):
        start_of_day(date.min, SHANGHAI)


# --- steps ------------------------------------------------------------------------------------------------------------------------


def test_days_later_is_the_same_time_on_the_wall():
    before_change = at_utc(2026, 3, 28, 11)
    assert days_after(before_change, 1, BERLIN) == at_utc(2026, 3, 29, 10)
    assert days_after(before_change, 1, UTC) == at_utc(2026, 3, 29, 11)
    assert days_after(days_after(before_change, 1, BERLIN), -1, BERLIN) == before_change


def test_no_step_is_no_change_even_in_an_hour_that_comes_twice():
    second = at_utc(2026, 10, 25, 1, 30)
    assert days_after(second, 0, BERLIN) == months_after(second, 0, BERLIN) == second


def test_a_step_into_a_change_of_clocks_follows_the_policies():
    assert days_after(at_utc(2026, 3, 28, 1, 30), 1, BERLIN) == at_utc(2026, 3, 29, 1, 30)
    assert days_after(at_utc(2026, 3, 28, 1, 30), 1, BERLIN, skipped=Skipped.FIRST_AFTER) == at_utc(2026, 3, 29, 1)
    assert months_after(at_utc(2026, 9, 25, 0, 30), 1, BERLIN, twice=Twice.SECOND) == at_utc(2026, 10, 25, 1, 30)


@pytest.mark.parametrize(
    ("on", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
    ],
)
def test_a_month_that_is_too_short_ends_the_step_on_its_last_day(on, months, expected):
    assert add_months(on, months) == expected
    noon = instant(datetime(on.year, on.month, on.day, 12), BERLIN)
    assert months_after(noon, months, BERLIN) == instant(datetime(expected.year, expected.month, expected.day, 12), BERLIN)


@pytest.mark.parametrize("count", [1.0, True, "1", None, timedelta(days=1)])
def test_steps_are_counted_in_ints(count):
    for verb in (lambda: days_after(NOON, count, BERLIN), lambda: months_after(NOON, count, BERLIN), lambda: add_months(NOON.date(), count)):
        with pytest.raises(InvalidValue, match=r"^expected (days|months) to be an int, got "):
            verb()


@pytest.mark.parametrize("count", [10**5, -(10**5), 10**30])
def test_a_step_out_of_the_calendar_is_refused(count):
    for verb in (lambda: days_after(NOON, count * 100, BERLIN), lambda: months_after(NOON, count, BERLIN), lambda: add_months(NOON.date(), count)):
        with pytest.raises(InvalidValue, match=r"years 1 to 9999"):
            verb()


@pytest.mark.parametrize("at", NO_TIMES)
def test_a_time_without_a_zone_takes_no_step(at):
    for count in (0, 1):
        with pytest.raises(InvalidValue, match=r"^at must be a datetime"):
            days_after(at, count, BERLIN)
