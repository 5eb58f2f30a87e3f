from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import available_timezones

import pytest

from shopwright.errors import InvalidValue
from shopwright.periods import Window, day_of, start_of_day
from shopwright.promotions.birthdays import BirthdayWindow, LeapDay, birthday

SHANGHAI, BERLIN, APIA, SANTIAGO = "Asia/Shanghai", "Europe/Berlin", "Pacific/Apia", "America/Santiago"
LEAPLING = date(2000, 2, 29)
TICK = timedelta(microseconds=1)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def opened(window, birth, moment, *, zone=BERLIN):
    return window.opened(birth, zone=zone, at=moment)


# --- the day ----------------------------------------------------------------------------------------------------------------------


def test_a_birthday_is_the_whole_day_where_the_member_lives():
    window, birth = BirthdayWindow(), date(1990, 6, 15)
    starts, ends = at(2026, 6, 14, 16), at(2026, 6, 15, 16)
    moments = [starts - TICK, starts, ends - TICK, ends]
    assert [opened(window, birth, moment, zone=SHANGHAI) for moment in moments] == [None, 2026, 2026, None]
    assert window.window(birth, zone=SHANGHAI, year=2026) == Window(starts, ends)


def test_a_window_takes_days_before_and_after_the_birthday_in():
    window = BirthdayWindow(days_before=3, days_after=7)
    assert window.window((6, 15), zone=BERLIN, year=2026) == Window(at(2026, 6, 11, 22), at(2026, 6, 22, 22))


def test_a_window_over_new_year_has_the_year_of_its_birthday():
    window = BirthdayWindow(days_before=7, days_after=7)
    assert opened(window, (12, 30), at(2026, 1, 2)) == 2025
    assert opened(window, (1, 2), at(2025, 12, 30)) == 2026
    assert [opened(window, (1, 2), moment) for moment in (at(2025, 12, 25), at(2026, 1, 9, 12), at(2026, 1, 10))] == [None, 2026, None]


def test_a_window_of_a_year_is_always_on_and_changes_its_year_once_a_year():
    window = BirthdayWindow(days_before=182, days_after=182)
    years = [opened(window, (7, 2), at(2023, 1, 2, 12) + timedelta(days=number)) for number in range(1100)]
    assert [year for year in dict.fromkeys(years) if year is not None] == [2023, 2024, 2025, 2026]
    # The day that a leap year has more belongs to no window.
    assert years.count(None) == 1


def test_an_edited_birth_date_has_a_birthday_in_the_same_calendar_years():
    window = BirthdayWindow(days_before=3, days_after=3)
    before, after = opened(window, date(1990, 3, 1), at(2026, 3, 1, 12)), opened(window, date(1990, 11, 5), at(2026, 11, 5, 12))
    assert (before, after) == (2026, 2026)


def test_the_day_of_birth_is_no_birthday_and_nothing_is_on_before_it():
    window, birth = BirthdayWindow(days_before=1), date(2020, 6, 15)
    assert [opened(window, birth, at(year, 6, 15, 10)) for year in (2019, 2020, 2021)] == [None, None, 2021]
    assert window.next_opening(birth, zone="UTC", at=at(2000, 1, 1)) == at(2021, 6, 14)
    assert (window.window(birth, zone="UTC", year=2020), window.window(birth, zone="UTC", year=2021)) == (
        None,
        Window(at(2021, 6, 14), at(2021, 6, 16)),
    )


# --- 29 February ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("leap", "days"),
    [
        (LeapDay.FEB_28, [date(2023, 2, 28), date(2024, 2, 29), date(2025, 2, 28), date(2100, 2, 28)]),
        (LeapDay.MAR_1, [date(2023, 3, 1), date(2024, 2, 29), date(2025, 3, 1), date(2100, 3, 1)]),
    ],
)
def test_who_was_born_on_a_leap_day_has_a_birthday_every_year(leap, days):
    assert [birthday(LEAPLING, year=day.year, leap=leap) for day in days] == days
    assert [birthday((2, 29), year=day.year, leap=leap) for day in days] == days
    window = BirthdayWindow(leap=leap)
    assert [opened(window, LEAPLING, start_of_day(day, BERLIN)) for day in days] == [day.year for day in days]


@pytest.mark.parametrize("leap", LeapDay)
def test_who_was_born_beside_a_leap_day_keeps_the_day(leap):
    days = [birthday(birth, year=year, leap=leap) for birth in ((2, 28), (3, 1)) for year in (2024, 2025)]
    assert days == [date(2024, 2, 28), date(2025, 2, 28), date(2024, 3, 1), date(2025, 3, 1)]


@pytest.mark.parametrize("leap", LeapDay)
def test_a_leap_birthday_is_one_whole_day_in_every_zone(leap):
    window, wrong = BirthdayWindow(leap=leap), []
    for zone in sorted(available_timezones()):
        for year in (2024, 2025):
            day = birthday(LEAPLING, year=year, leap=leap)
            start, end = start_of_day(day, zone), start_of_day(day + timedelta(days=1), zone)
            moments = (start - TICK, start, end - TICK, end)
            if [opened(window, LEAPLING, moment, zone=zone) for moment in moments] != [None, year, year, None]:
                wrong.append((zone, year))
            if window.next_opening(LEAPLING, zone=zone, at=start - TICK) != start:
                wrong.append((zone, year, "next"))
    assert wrong == []


# --- days of a place --------------------------------------------------------------------------------------------------------------


def test_a_birthday_is_as_long_as_the_day_is_there():
    window = BirthdayWindow()
    spans = [window.window(birth, zone=BERLIN, year=2026) for birth in ((3, 29), (10, 25))]
    assert [span.length for span in spans if span] == [timedelta(hours=23), timedelta(hours=25)]


def test_a_birthday_starts_with_the_first_moment_of_a_day_without_a_midnight():
    assert BirthdayWindow().next_opening((9, 7), zone=SANTIAGO, at=at(2025, 1, 1)) == at(2025, 9, 7, 4)


def test_a_birthday_on_a_day_that_the_place_skipped_has_no_hours_but_those_beside_it():
    alone, wide = BirthdayWindow(), BirthdayWindow(days_after=1)
    midnight = at(2011, 12, 30, 10)
    assert alone.window((12, 30), zone=APIA, year=2011) == Window(midnight, midnight)
    assert [opened(alone, (12, 30), moment, zone=APIA) for moment in (midnight - TICK, midnight)] == [None, None]
    assert alone.next_opening((12, 30), zone=APIA, at=at(2011, 6, 1)) == at(2012, 12, 29, 10)
    assert (opened(wide, (12, 30), midnight, zone=APIA), wide.next_opening((12, 30), zone=APIA, at=at(2011, 6, 1))) == (2011, midnight)


# --- what is next -----------------------------------------------------------------------------------------------------------------


def test_the_next_opening_is_after_the_one_that_is_on():
    window = BirthdayWindow(days_before=7)
    opening = window.next_opening((1, 3), zone="UTC", at=at(2025, 12, 1))
    assert opening == at(2025, 12, 27)
    assert window.next_opening((1, 3), zone="UTC", at=opening) == at(2026, 12, 27)
    assert window.next_opening((1, 3), zone="UTC", at=opening - TICK) == opening


def test_past_the_calendar_there_is_no_birthday():
    window = BirthdayWindow(days_before=10, days_after=10)
    assert window.next_opening((1, 3), zone="UTC", at=at(9999, 6, 1)) is None
    assert opened(window, (1, 3), at(9999, 6, 1), zone="UTC") is None
    assert (opened(window, (1, 3), at(1, 1, 3), zone="UTC"), opened(window, (1, 3), at(2, 1, 3), zone="UTC")) == (None, 2)


@pytest.mark.parametrize("before_after", [(0, 0), (3, 10), (200, 164)])
@pytest.mark.parametrize("birth", [date(1990, 1, 1), date(1988, 2, 29), date(1990, 12, 31), (7, 4)])
@pytest.mark.parametrize("leap", LeapDay)
def test_a_window_is_on_on_the_days_around_a_birthday_and_no_other(before_after, birth, leap):
    days_before, days_after = before_after
    window = BirthdayWindow(days_before=days_before, days_after=days_after, leap=leap)
    around = {}
    for year in range(2021, 2030):
        first = birthday(birth, year=year, leap=leap) - timedelta(days=days_before)
        around |= {first + timedelta(days=number): year for number in range(days_before + 1 + days_after)}
    moments = [at(2022, 12, 20, 3) + timedelta(days=number) for number in range(1500)]
    got = [opened(window, birth, moment, zone=SHANGHAI) for moment in moments]
    assert got == [around.get(day_of(moment, SHANGHAI)) for moment in moments]


# --- what is no birthday ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "birth", [(2, 30), (4, 31), (0, 1), (13, 1), (1, 0), (True, 1), (2, 29, 2000), (2,), "02-29", None, at(2000, 2, 29), (2**80, 1)]
)
def test_what_is_no_birth_date_is_refused(birth):
    with pytest.raises(InvalidValue, match=r"^expected a (birth date|month and a day)"):
        opened(BirthdayWindow(), birth, at(2026, 1, 1))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"days_before": -1}, "BirthdayWindow.days_before must be between 0 and 364, got -1"),
        ({"days_after": 365}, "BirthdayWindow.days_after must be between 0 and 364, got 365"),
        ({"days_before": 182, "days_after": 183}, "a birthday window must have at most 364 days beside the birthday, got 182 before and 183 after"),
        ({"leap": "feb_28"}, "BirthdayWindow.leap must be LeapDay, got str"),
    ],
)
def test_a_bad_birthday_window_is_refused(fields, said):
    with pytest.raises(InvalidValue) as caught:
        BirthdayWindow(**fields)
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize("year", [1, 9998, True, "2026"])
def test_a_year_that_the_calendar_does_not_have_is_refused(year):
    with pytest.raises(InvalidValue, match=r"^expected a year from 2 to 9997, got"):
        birthday((1, 1), year=year, leap=LeapDay.MAR_1)


def test_a_time_without_a_zone_and_an_unknown_zone_are_refused():
    with pytest.raises(InvalidValue, match=r"^at must be a datetime with a time zone"):
        opened(BirthdayWindow(), (1, 1), datetime(2026, 1, 1))
    with pytest.raises(InvalidValue, match=r"^unknown time zone 'Nowhere'"):
        opened(BirthdayWindow(), (1, 1), at(2026, 1, 1), zone="Nowhere")
