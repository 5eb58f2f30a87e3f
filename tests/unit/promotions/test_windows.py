from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta

import pytest

from shopwright.errors import InvalidValue
from shopwright.periods import Skipped, Twice
from shopwright.promotions.windows import DateWindow, Recurring

NEW_YORK, BERLIN, LORD_HOWE, APIA = "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia"
HOUR = timedelta(hours=1)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def happy_hour(**changes) -> Recurring:
    """Every day from 17:00 to 19:00 in Berlin, since long ago, with these fields changed."""
    said = {"rule": "FREQ=DAILY", "first": datetime(2000, 1, 1, 17), "duration": 2 * HOUR, "zone": BERLIN} | changes
    return Recurring(said.pop("rule"), **said)


def answers(window, moment):
    return window.opened_at(moment), window.next_start(moment), window.next_end(moment)


# --- between two instants ---------------------------------------------------------------------------------------------------------


def test_a_window_between_two_instants_is_on_at_its_start_and_off_at_its_end():
    window = DateWindow(at(2026, 1, 1), at(2026, 2, 1))
    tick = timedelta(microseconds=1)
    moments = [at(2026, 1, 1) - tick, at(2026, 1, 1), at(2026, 2, 1) - tick, at(2026, 2, 1)]
    assert [window.is_open(moment) for moment in moments] == [False, True, True, False]
    assert [answers(window, moment) for moment in moments] == [
        (None, at(2026, 1, 1), at(2026, 2, 1)),
        (at(2026, 1, 1), None, at(2026, 2, 1)),
        (at(2026, 1, 1), None, at(2026, 2, 1)),
        (None, None, None),
    ]


def test_either_side_of_a_window_may_be_open():
    moment = at(2026, 1, 1)
    assert (DateWindow().is_open(moment), answers(DateWindow(), moment)) == (True, (None, None, None))
    assert answers(DateWindow(starts=moment), moment) == (moment, None, None)
    assert answers(DateWindow(ends=moment), moment - HOUR) == (None, None, moment)
    assert not DateWindow(ends=moment).is_open(moment)


def test_a_window_of_days_takes_the_last_day_in_on_the_calendar_of_the_zone():
    window = DateWindow.of_days(date(2026, 3, 28), date(2026, 3, 29), zone=BERLIN)
    assert window == DateWindow(at(2026, 3, 27, 23), at(2026, 3, 29, 22))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: DateWindow(at(2026, 1, 1), at(2026, 1, 1)), "a window must end after it starts, got 2026-01-01T00:00:00+00:00 to 2026-01-01"),
        (lambda: DateWindow(datetime(2026, 1, 1)), "DateWindow.starts must be a datetime with a time zone"),
        (lambda: DateWindow(ends="tomorrow"), "DateWindow.ends must be a datetime with a time zone, got 'tomorrow'"),
        (lambda: DateWindow.of_days(date(2026, 1, 2), date(2026, 1, 1), zone=BERLIN), "expected the last day at or after the first"),
        (lambda: DateWindow().is_open(datetime(2026, 1, 1)), "at must be a datetime with a time zone"),
    ],
)
def test_a_bad_window_between_two_instants_is_refused(make, said):
    with pytest.raises(InvalidValue) as caught:
        make()
    assert str(caught.value).startswith(said)


# --- again and again --------------------------------------------------------------------------------------------------------------


def test_a_recurring_window_is_on_at_each_start_and_off_at_each_end():
    window = happy_hour()
    tick = timedelta(microseconds=1)
    today, tomorrow = at(2026, 7, 1, 15), at(2026, 7, 2, 15)
    assert answers(window, today - tick) == (None, today, today + 2 * HOUR)
    assert answers(window, today) == (today, tomorrow, today + 2 * HOUR)
    assert answers(window, today + 2 * HOUR - tick) == (today, tomorrow, today + 2 * HOUR)
    assert answers(window, today + 2 * HOUR) == (None, tomorrow, tomorrow + 2 * HOUR)
    assert [window.is_open(moment) for moment in (today - tick, today, today + 2 * HOUR)] == [False, True, False]


def test_the_clocks_on_the_wall_count_in_summer_and_in_winter():
    assert (happy_hour().next_start(at(2026, 1, 1)), happy_hour().next_start(at(2026, 7, 1))) == (at(2026, 1, 1, 16), at(2026, 7, 1, 15))


def test_a_first_time_is_a_day_a_time_on_the_wall_or_its_text():
    assert happy_hour(first=date(2000, 1, 1)) == happy_hour(first=datetime(2000, 1, 1)) == happy_hour(first="2000-01-01")
    assert happy_hour(first="2000-01-01 17:00").first == "2000-01-01T17:00:00"
    assert happy_hour(first=date(2000, 1, 1)).next_start(at(2026, 7, 1)) == at(2026, 7, 1, 22)


def test_equal_rules_are_equal_windows():
    assert happy_hour(rule="rrule:interval=1;freq=daily") == happy_hour(rule="FREQ=DAILY;INTERVAL=1")
    assert hash(happy_hour(except_on=[date(2026, 1, 2), date(2026, 1, 1)])) == hash(happy_hour(except_on=(date(2026, 1, 1), date(2026, 1, 2))))


def test_a_window_may_run_over_midnight():
    window = happy_hour(rule="FREQ=WEEKLY;BYDAY=FR", first=datetime(2026, 1, 1, 22), duration=8 * HOUR)
    assert answers(window, at(2026, 1, 3, 3)) == (at(2026, 1, 2, 21), at(2026, 1, 9, 21), at(2026, 1, 3, 5))


def test_nothing_is_on_before_the_first_time_nor_long_after():
    window = happy_hour(rule="FREQ=DAILY;COUNT=2", first=datetime(2026, 1, 1, 17))
    assert answers(window, at(1, 1, 1)) == (None, at(2026, 1, 1, 16), at(2026, 1, 1, 18))
    assert answers(window, at(2026, 1, 2, 17)) == (at(2026, 1, 2, 16), None, at(2026, 1, 2, 18))
    assert answers(window, at(2026, 1, 2, 18)) == (None, None, None)
    assert answers(happy_hour(), datetime.max.replace(tzinfo=UTC)) == (None, None, None)


def test_a_day_that_is_left_out_is_one_on_the_wall_and_counted_all_the_same():
    window = happy_hour(rule="FREQ=DAILY;COUNT=3", first=datetime(2026, 1, 1, 0, 30), except_on=(date(2026, 1, 2),))
    assert window.next_start(at(2026, 1, 1)) == at(2026, 1, 2, 23, 30)
    assert window.next_start(at(2026, 1, 2, 23, 30)) is None
    assert not window.is_open(at(2026, 1, 1, 23, 45))


def test_an_end_with_a_z_is_an_instant_and_the_last_start():
    window = happy_hour(rule="FREQ=DAILY;UNTIL=20260102T160000Z", first=datetime(2000, 1, 1, 17))
    assert answers(window, at(2026, 1, 2, 15)) == (None, at(2026, 1, 2, 16), at(2026, 1, 2, 18))
    assert answers(window, at(2026, 1, 2, 16)) == (at(2026, 1, 2, 16), None, at(2026, 1, 2, 18))
    assert answers(window, at(2400, 1, 1)) == (None, None, None)
    earlier = happy_hour(rule="FREQ=DAILY;UNTIL=20260102T155959Z", first=datetime(2000, 1, 1, 17))
    assert earlier.next_start(at(2026, 1, 1, 17)) is None


def steps_of(ask) -> int:
    """How many calls an answer takes, once what is remembered is known."""
    ask()
    calls = []
    before = sys.getprofile()
    sys.setprofile(lambda frame, event, arg: calls.append(event))
    try:
        ask()
    finally:
        sys.setprofile(before)
    return len(calls)


@pytest.mark.parametrize("rule", ["FREQ=DAILY", "FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,FR", "FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1", "FREQ=DAILY;COUNT=10000"])
@pytest.mark.parametrize("ask", [Recurring.is_open, Recurring.next_start, Recurring.next_end])
def test_an_answer_takes_no_more_steps_for_an_old_rule_than_for_a_young_one(rule, ask):
    # A multiple of three weeks lies between the two, so that both mean the same days.
    moment = at(2026, 7, 1, 15, 30)
    young, old = (happy_hour(rule=rule, first=datetime(2025, 12, 29, 17) - timedelta(weeks=weeks)) for weeks in (0, 1200))
    assert steps_of(lambda: ask(old, moment)) <= 1.1 * steps_of(lambda: ask(young, moment))


# --- occurrences that touch and overlap -------------------------------------------------------------------------------------------


def test_of_occurrences_that_overlap_the_last_one_is_meant_and_the_window_closes_after_all_of_them():
    window = happy_hour(rule="FREQ=DAILY;COUNT=3", first=datetime(2026, 1, 1, 17), duration=30 * HOUR)
    assert answers(window, at(2026, 1, 2, 17)) == (at(2026, 1, 2, 16), at(2026, 1, 3, 16), at(2026, 1, 4, 22))
    assert answers(window, at(2025, 1, 1)) == (None, at(2026, 1, 1, 16), at(2026, 1, 4, 22))
    assert [window.is_open(moment) for moment in (at(2026, 1, 4, 21, 59), at(2026, 1, 4, 22))] == [True, False]


def test_a_window_whose_occurrences_touch_for_ever_never_closes():
    window = happy_hour(duration=24 * HOUR)
    assert answers(window, at(2026, 1, 2, 17)) == (at(2026, 1, 2, 16), at(2026, 1, 3, 16), None)
    assert all(window.is_open(at(2026, 3, 28) + hours * HOUR) for hours in range(72))


# --- clocks that change -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("skipped", "opened"),
    [
        (Skipped.FORWARD, (at(2025, 3, 9, 7, 30), at(2025, 3, 9, 8, 30))),
        (Skipped.FIRST_AFTER, (at(2025, 3, 9, 7), at(2025, 3, 9, 8))),
        (Skipped.LEAVE_OUT, (at(2025, 3, 10, 6, 30), at(2025, 3, 10, 7, 30))),
    ],
)
def test_half_past_two_in_new_york_on_the_day_it_is_skipped_is_what_the_window_says(skipped, opened):
    window = happy_hour(first=datetime(2020, 1, 1, 2, 30), duration=HOUR, zone=NEW_YORK, skipped=skipped)
    before = at(2025, 3, 9, 6)
    assert (window.next_start(before), window.next_end(before)) == opened
    assert window.opened_at(opened[0]) == opened[0]
    assert not window.is_open(opened[1])


@pytest.mark.parametrize(("twice", "start"), [(Twice.FIRST, at(2025, 10, 26, 0, 30)), (Twice.SECOND, at(2025, 10, 26, 1, 30))])
def test_a_time_that_berlin_shows_twice_opens_once_as_the_window_says(twice, start):
    window = happy_hour(first=datetime(2020, 1, 1, 2, 30), duration=timedelta(minutes=15), twice=twice)
    assert answers(window, at(2025, 10, 25, 12)) == (None, start, start + timedelta(minutes=15))
    assert window.next_start(start) == at(2025, 10, 27, 1, 30)


@pytest.mark.parametrize(
    ("start", "hours"),
    [(at(2025, 3, 28, 21), 8), (at(2025, 3, 29, 21), 7), (at(2025, 10, 24, 20), 8), (at(2025, 10, 25, 20), 9)],
)
def test_ten_in_the_evening_for_eight_hours_ends_at_six_also_when_clocks_change(start, hours):
    window = happy_hour(first=datetime(2020, 1, 1, 22), duration=8 * HOUR)
    assert answers(window, start)[::2] == (start, start + hours * HOUR)


def test_an_end_that_clocks_skip_is_the_moment_after_the_skip():
    window = happy_hour(first=datetime(2020, 1, 1, 1), duration=timedelta(minutes=90))
    assert window.next_end(at(2025, 3, 29, 12)) == at(2025, 3, 30, 1)


@pytest.mark.parametrize(
    ("skipped", "start"),
    [(Skipped.FORWARD, at(2025, 10, 4, 15, 45)), (Skipped.FIRST_AFTER, at(2025, 10, 4, 15, 30)), (Skipped.LEAVE_OUT, at(2025, 10, 5, 15, 15))],
)
def test_the_half_hour_that_lord_howe_skips(skipped, start):
    window = happy_hour(first=datetime(2020, 1, 1, 2, 15), duration=HOUR, zone=LORD_HOWE, skipped=skipped)
    assert answers(window, at(2025, 10, 4, 12)) == (None, start, start + HOUR)


@pytest.mark.parametrize(("twice", "start"), [(Twice.FIRST, at(2025, 4, 5, 14, 45)), (Twice.SECOND, at(2025, 4, 5, 15, 15))])
def test_the_half_hour_that_lord_howe_shows_twice(twice, start):
    window = happy_hour(first=datetime(2020, 1, 1, 1, 45), duration=timedelta(minutes=10), zone=LORD_HOWE, twice=twice)
    assert answers(window, at(2025, 4, 5, 12)) == (None, start, start + timedelta(minutes=10))


def test_a_day_that_apia_skipped_has_no_window_of_its_own():
    window = happy_hour(first=datetime(2011, 12, 1, 10), duration=HOUR, zone=APIA)
    before, after = at(2011, 12, 29, 20), at(2011, 12, 30, 20)
    assert (window.next_start(before - HOUR), window.next_start(before), window.next_start(after)) == (before, after, at(2011, 12, 31, 20))
    once = happy_hour(rule="FREQ=YEARLY", first=datetime(2010, 12, 30, 10), duration=HOUR, zone=APIA)
    assert once.next_start(at(2011, 1, 1)) == after
    left_out = happy_hour(rule="FREQ=YEARLY", first=datetime(2010, 12, 30, 10), duration=HOUR, zone=APIA, skipped=Skipped.LEAVE_OUT)
    assert left_out.next_start(at(2011, 1, 1)) == at(2012, 12, 29, 20)


def test_two_starts_that_fall_on_one_instant_are_one():
    window = happy_hour(rule="FREQ=HOURLY", first=datetime(2025, 1, 1), duration=timedelta(minutes=10))
    assert window.next_start(at(2025, 3, 30, 0)) == at(2025, 3, 30, 1)
    assert window.next_start(at(2025, 3, 30, 1)) == at(2025, 3, 30, 2)


def test_a_start_that_moved_may_come_after_one_that_did_not():
    window = happy_hour(rule="FREQ=DAILY;BYHOUR=2,3;BYMINUTE=30,0", first=datetime(2025, 1, 1), duration=timedelta(minutes=10))
    assert window.next_start(at(2025, 3, 30, 0, 59)) == at(2025, 3, 30, 1)
    assert window.next_start(at(2025, 3, 30, 1)) == at(2025, 3, 30, 1, 30)
    assert window.opened_at(at(2025, 3, 30, 1, 35)) == at(2025, 3, 30, 1, 30)


# --- what is no window ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rule": "FREQ=MINUTELY"}, "FREQ=MINUTELY is too often for a rule; allowed: HOURLY"),
        ({"rule": 5}, "expected a rule such as 'FREQ=WEEKLY;BYDAY=FR'"),
        ({"first": at(2026, 1, 1)}, "expected first to be a day, or a time on the wall without a zone and on a full second, in the years 1900"),
        ({"first": datetime(2026, 1, 1, 0, 0, 0, 1)}, "expected first to be a day, or a time on the wall"),
        ({"first": datetime(1899, 12, 31)}, "expected first to be a day, or a time on the wall"),
        ({"first": "soon"}, "expected first to be a day, or a time on the wall without a zone"),
        ({"first": None}, "expected first to be a day, or a time on the wall without a zone"),
        ({"duration": timedelta(0)}, "expected a recurring window to last more than nothing and 366 days at most, got 0:00:00"),
        ({"duration": timedelta(days=367)}, "expected a recurring window to last more than nothing and 366 days at most"),
        ({"duration": 7200}, "Recurring.duration must be timedelta, got int"),
        ({"zone": "Nowhere"}, "unknown time zone 'Nowhere'; expected a name of the IANA database"),
        ({"zone": UTC}, "Recurring.zone must be str, got"),
        ({"skipped": Skipped.REFUSE}, "expected skipped of a recurring window to be one of Skipped.FORWARD, Skipped.FIRST_AFTER, Skipped.LEAVE_OUT"),
        ({"twice": Twice.REFUSE}, "expected twice of a recurring window to be one of Twice.FIRST, Twice.SECOND, got Twice.REFUSE"),
        ({"skipped": "forward"}, "Recurring.skipped must be Skipped, got str"),
        ({"except_on": [at(2026, 1, 1)]}, "expected except_on to be at most 1000 dates on the wall, got datetime.date"),
        ({"except_on": [date(2026, 1, 1)] * 1001}, "expected except_on to be at most 1000 dates on the wall, got 1001 days"),
    ],
)
def test_a_bad_recurring_window_is_refused(changes, said):
    with pytest.raises(InvalidValue) as caught:
        happy_hour(**changes)
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize("ask", [Recurring.is_open, Recurring.opened_at, Recurring.next_start, Recurring.next_end])
def test_a_time_without_a_zone_is_no_time_to_ask_about(ask):
    with pytest.raises(InvalidValue, match=r"^at must be a datetime with a time zone"):
        ask(happy_hour(), datetime(2026, 1, 1))


def test_a_rule_that_contradicts_itself_is_never_on():
    window = happy_hour(rule="FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")
    assert answers(window, at(2026, 1, 1)) == (None, None, None)


def test_a_rule_whose_every_start_is_skipped_and_left_out_is_never_on():
    rule = "FREQ=YEARLY;BYMONTH=3;BYDAY=2SU"
    window = happy_hour(rule=rule, first=datetime(2008, 1, 1, 2, 30), zone=NEW_YORK, skipped=Skipped.LEAVE_OUT)
    assert answers(window, at(2026, 1, 1)) == (None, None, None)
