from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from shopwright.errors import InvalidValue
from shopwright.periods import Frequency, Recurrence, Rule, parse_rule

NEW_YEAR = datetime(2024, 1, 1, 9)


def days(text, *, first=NEW_YEAR, count=5, start=None):
    """The dates of the first occurrences from `start` on."""
    found = Recurrence(parse_rule(text), first).after(start or first)
    return [f"{wall:%Y-%m-%d}" for wall in islice(found, count)]


def walls(text, *, first=NEW_YEAR, count=5, start=None):
    return list(islice(Recurrence(parse_rule(text), first).after(start or first), count))


# --- the text ---------------------------------------------------------------------------------------------------------------------


def test_a_rule_is_read_whole_and_written_in_one_form():
    assert parse_rule("rrule:byday=fr,sa;freq=weekly;interval=2;wkst=su;until=20261231;") == Rule(
        "FREQ=WEEKLY;INTERVAL=2;UNTIL=20261231;BYDAY=FR,SA;WKST=SU",
        Frequency.WEEKLY,
        interval=2,
        until=datetime(2026, 12, 31, 23, 59, 59, 999999),
        weekdays=frozenset({(4, 0), (5, 0)}),
        week_start=6,
    )


def test_the_text_of_a_rule_reads_as_the_same_rule():
    rule = parse_rule("FREQ=YEARLY;BYMONTH=1,6;BYDAY=-1FR,2TU;BYHOUR=8,20;BYMINUTE=30;BYSECOND=15;BYSETPOS=1,-1;COUNT=9")
    assert parse_rule(rule.text) == rule


def test_an_end_is_a_day_a_time_on_the_wall_or_an_instant():
    ends = [(parse_rule(f"FREQ=DAILY;UNTIL={text}")) for text in ("20260105", "20260105T120000", "20260105T120000Z")]
    assert [(rule.until, rule.until_instant) for rule in ends] == [
        (datetime(2026, 1, 5, 23, 59, 59, 999999), None),
        (datetime(2026, 1, 5, 12), None),
        (None, datetime(2026, 1, 5, 12, tzinfo=UTC)),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected a rule such as 'FREQ=WEEKLY;BYDAY=FR' of 1 to 500 characters, got ''"),
        (None, "expected a rule such as 'FREQ=WEEKLY;BYDAY=FR' of 1 to 500 characters, got None"),
        ("FREQ=DAILY;" + "X" * 500, "expected a rule such as"),
        ("BYDAY=MO", "expected FREQ to be one of HOURLY, DAILY, WEEKLY, MONTHLY, YEARLY, got none"),
        ("FREQ=FORTNIGHTLY", "expected FREQ to be one of HOURLY, DAILY, WEEKLY, MONTHLY, YEARLY, got 'FORTNIGHTLY'"),
        ("FREQ=MINUTELY", "FREQ=MINUTELY is too often for a rule; allowed: HOURLY, DAILY, WEEKLY, MONTHLY, YEARLY"),
        ("FREQ=SECONDLY", "FREQ=SECONDLY is too often for a rule; allowed: HOURLY"),
        ("FREQ=DAILY;BYEASTER=0", "unknown part 'BYEASTER' in a rule; allowed: FREQ, INTERVAL, COUNT, UNTIL, BYDAY, WKST, BYMONTH"),
        ("FREQ=DAILY;;", "unknown part '' in a rule"),
        ("FREQ=DAILY;BYHOUR=", "expected BYHOUR=... in a rule, got 'BYHOUR='; give it a value or leave it out"),
        ("FREQ=DAILY;BYHOUR", "expected BYHOUR=... in a rule, got 'BYHOUR'"),
        ("FREQ=DAILY;BYHOUR=1;BYHOUR=2", "BYHOUR comes twice in a rule; write its values as one list, such as BYHOUR=1,2"),
        ("FREQ=DAILY;INTERVAL=0", "expected INTERVAL to be a number from 1 to 10000, got '0'"),
        ("FREQ=DAILY;INTERVAL=-1", "expected INTERVAL to be a number from 1 to 10000, got '-1'"),
        ("FREQ=DAILY;COUNT=10001", "expected COUNT to be a number from 1 to 10000, got '10001'"),
        ("FREQ=DAILY;COUNT=TEN", "expected COUNT to be a number from 1 to 10000, got 'TEN'"),
        ("FREQ=DAILY;BYHOUR=24", "expected BYHOUR to be numbers with commas between, 0 to 23, got '24'"),
        ("FREQ=DAILY;BYHOUR=1,,2", "expected BYHOUR to be numbers with commas between, 0 to 23, got ''"),
        ("FREQ=DAILY;BYSECOND=60", "expected BYSECOND to be numbers with commas between, 0 to 59, got '60'"),
        ("FREQ=DAILY;BYMONTH=-1", "expected BYMONTH to be numbers with commas between, 1 to 12, got '-1'"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "expected BYMONTHDAY to be numbers with commas between, 1 to 31 and -31 to -1, got '0'"),
        ("FREQ=MONTHLY;BYMONTHDAY=٣", "expected BYMONTHDAY to be numbers with commas between"),
        ("FREQ=WEEKLY;BYDAY=FRI", "expected BYDAY to be days out of MO, TU, WE, TH, FR, SA, SU, each with its number before it or none"),
        ("FREQ=MONTHLY;BYDAY=0MO", "expected BYDAY to be days out of"),
        ("FREQ=MONTHLY;BYDAY=54MO", "expected BYDAY to be days out of"),
        ("FREQ=WEEKLY;WKST=1", "expected WKST to be one of MO, TU, WE, TH, FR, SA, SU, got '1'"),
        ("FREQ=DAILY;UNTIL=2026-12-31", "expected UNTIL to be a day (20261231), a time on the wall (20261231T180000) or in UTC"),
        ("FREQ=DAILY;UNTIL=20260230", "expected UNTIL to be a day"),
        ("FREQ=DAILY;UNTIL=20260228T250000Z", "expected UNTIL to be a day"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY has no meaning with FREQ=WEEKLY; allowed with: HOURLY, DAILY, MONTHLY, YEARLY"),
        ("FREQ=MONTHLY;BYYEARDAY=1", "BYYEARDAY has no meaning with FREQ=MONTHLY; allowed with: HOURLY, YEARLY"),
        ("FREQ=MONTHLY;BYWEEKNO=1;BYDAY=MO", "BYWEEKNO has no meaning with FREQ=MONTHLY; allowed with: YEARLY"),
        ("FREQ=WEEKLY;BYDAY=1MO", "numbered days in BYDAY have no meaning with FREQ=WEEKLY, got 1MO; allowed with FREQ=MONTHLY and FREQ=YEARLY"),
        ("FREQ=YEARLY;BYWEEKNO=2;BYDAY=1MO", "numbered days in BYDAY have no meaning with BYWEEKNO, got 1MO"),
        ("FREQ=YEARLY;BYWEEKNO=2", "BYWEEKNO needs BYDAY, which says which days of these weeks are meant"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20261231", "COUNT and UNTIL exclude each other in a rule; leave one of them out"),
        ("FREQ=DAILY;BYSETPOS=1", "BYSETPOS picks out of what another part lists; add one, such as BYDAY"),
        ("FREQ=HOURLY;BYMINUTE=" + ",".join(map(str, range(13))), "a rule may start 288 times a day at most, got 312 by BYHOUR, BYMINUTE"),
    ],
)
def test_a_bad_rule_is_refused_by_the_part_that_is_bad_and_what_is_allowed(text, said):
    with pytest.raises(InvalidValue) as caught:
        parse_rule(text)
    assert str(caught.value).startswith(said)


# --- the examples of RFC 5545, and what dateutil leaves open ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first", "found"),
    [
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", datetime(1997, 8, 5, 9), ["1997-08-05", "1997-08-10", "1997-08-19", "1997-08-24"]),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", datetime(1997, 8, 5, 9), ["1997-08-05", "1997-08-17", "1997-08-19", "1997-08-31"]),
        ("FREQ=YEARLY;BYDAY=20MO", datetime(1997, 5, 19, 9), ["1997-05-19", "1998-05-18", "1999-05-17", "2000-05-15", "2001-05-14"]),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", datetime(1997, 5, 12, 9), ["1997-05-12", "1998-05-11", "1999-05-17", "2000-05-15", "2001-05-14"]),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", datetime(1997, 9, 2, 9), ["1998-02-13", "1998-03-13", "1998-11-13", "1999-08-13", "2000-10-13"]),
        ("FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", datetime(2007, 1, 15, 9), ["2007-01-15", "2007-01-30", "2007-02-15", "2007-03-15", "2007-03-30"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", datetime(1997, 9, 29, 9), ["1997-09-29", "1997-10-30", "1997-11-27", "1997-12-30"]),
        ("FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", datetime(1996, 11, 5, 9), ["1996-11-05", "2000-11-07", "2004-11-02"]),
        ("FREQ=YEARLY;INTERVAL=3;BYYEARDAY=1,100,200", datetime(1997, 1, 1, 9), ["1997-01-01", "1997-04-10", "1997-07-19", "2000-01-01"]),
    ],
)
def test_the_examples_of_the_standard_come_out(text, first, found):
    assert days(text, first=first, count=len(found)) == found


def test_weekdays_with_and_without_a_number_are_both_meant():
    assert days("FREQ=MONTHLY;BYDAY=MO,2TU", count=6) == ["2024-01-01", "2024-01-08", "2024-01-09", "2024-01-15", "2024-01-22", "2024-01-29"]


def test_weeks_are_counted_from_the_end_of_the_year_too():
    assert days("FREQ=YEARLY;BYWEEKNO=-1;BYDAY=TH", count=3) == ["2024-12-26", "2025-12-25", "2026-12-31"]
    assert days("FREQ=YEARLY;BYWEEKNO=-53;BYDAY=MO", count=3, first=datetime(2020, 1, 1)) == ["2025-12-29", "2031-12-29", "2036-12-29"]


def test_a_position_is_one_of_the_whole_interval_also_of_what_was_before_the_first_time():
    assert days("FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=2", first=datetime(2024, 1, 2)) == days("FREQ=WEEKLY;BYDAY=WE", first=datetime(2024, 1, 2))


def test_the_first_time_is_an_occurrence_only_when_the_rule_means_it():
    assert days("FREQ=WEEKLY;BYDAY=FR", count=2) == ["2024-01-05", "2024-01-12"]


def test_a_month_without_the_day_is_left_out():
    assert days("FREQ=MONTHLY", first=datetime(2024, 1, 31), count=4) == ["2024-01-31", "2024-03-31", "2024-05-31", "2024-07-31"]
    assert days("FREQ=YEARLY", first=datetime(2096, 2, 29), count=3) == ["2096-02-29", "2104-02-29", "2108-02-29"]


def test_the_time_of_day_is_that_of_the_first_time_unless_the_rule_says_another():
    first = datetime(2024, 1, 1, 9, 15, 20)
    assert walls("FREQ=DAILY", first=first, count=1) == [first]
    assert walls("FREQ=DAILY;BYHOUR=7,18;BYMINUTE=30", first=first, count=2) == [datetime(2024, 1, 1, 18, 30, 20), datetime(2024, 1, 2, 7, 30, 20)]


def test_hours_are_counted_on_the_wall_from_the_first_one():
    assert walls("FREQ=HOURLY;INTERVAL=5", count=6, start=datetime(2024, 1, 2)) == [datetime(2024, 1, 2, hour) for hour in (0, 5, 10, 15, 20)] + [
        datetime(2024, 1, 3, 1)
    ]


def test_an_end_as_a_day_takes_the_day_in():
    assert days("FREQ=DAILY;UNTIL=20240103") == ["2024-01-01", "2024-01-02", "2024-01-03"]
    assert days("FREQ=DAILY;UNTIL=20240103T090000") == ["2024-01-01", "2024-01-02", "2024-01-03"]
    assert days("FREQ=DAILY;UNTIL=20240103T085959") == ["2024-01-01", "2024-01-02"]


def test_a_count_is_counted_from_the_first_time_wherever_one_looks_from():
    recurrence = Recurrence(parse_rule("FREQ=DAILY;INTERVAL=2;COUNT=3"), NEW_YEAR)
    assert list(recurrence.after(datetime(2024, 1, 4))) == [datetime(2024, 1, 5, 9)]
    assert list(recurrence.after(datetime(2024, 1, 6))) == []
    assert list(recurrence.before(datetime(2500, 1, 1))) == [datetime(2024, 1, day, 9) for day in (5, 3, 1)]


def test_nothing_is_before_the_first_time():
    recurrence = Recurrence(parse_rule("FREQ=DAILY"), NEW_YEAR)
    assert list(recurrence.before(NEW_YEAR)) == [NEW_YEAR]
    assert list(recurrence.before(NEW_YEAR - timedelta(seconds=1))) == []
    assert next(recurrence.after(datetime(1, 1, 1))) == NEW_YEAR


# --- rules that mean nothing, or little, end ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;INTERVAL=24;BYHOUR=5",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=5",
        "FREQ=YEARLY;INTERVAL=100;BYMONTH=2;BYMONTHDAY=29;BYDAY=SA",
        "FREQ=DAILY;BYHOUR=8,9;BYSETPOS=3",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=3",
    ],
)
def test_a_rule_that_contradicts_itself_means_nothing(text):
    recurrence = Recurrence(parse_rule(text), NEW_YEAR)
    assert (list(recurrence.after(datetime(2026, 1, 1))), list(recurrence.before(datetime(2600, 1, 1)))) == ([], [])


def test_a_rule_that_means_one_day_in_four_centuries_finds_it():
    text = "FREQ=YEARLY;INTERVAL=100;BYMONTH=2;BYMONTHDAY=29"
    assert days(text, first=datetime(2000, 1, 1), start=datetime(2001, 1, 1), count=3) == ["2400-02-29", "2800-02-29", "3200-02-29"]
    assert next(Recurrence(parse_rule(text), datetime(2000, 1, 1)).before(datetime(2399, 1, 1))) == datetime(2000, 2, 29)


def test_nothing_comes_after_the_last_year():
    recurrence = Recurrence(parse_rule("FREQ=YEARLY"), NEW_YEAR)
    assert list(recurrence.after(datetime(9990, 1, 1))) == [datetime(9990, 1, 1, 9)]
    assert list(recurrence.after(datetime(9995, 1, 1))) == []
    assert next(recurrence.before(datetime(9999, 1, 1))) == datetime(9990, 1, 1, 9)


@pytest.mark.parametrize("first", [NEW_YEAR.replace(tzinfo=UTC), NEW_YEAR.replace(microsecond=1), datetime(1899, 12, 31), datetime(9991, 1, 1)])
def test_a_rule_is_counted_from_a_plain_time_on_the_wall(first):
    with pytest.raises(InvalidValue, match=r"^expected a rule to be counted from a time on the wall without a zone, on a full second"):
        Recurrence(parse_rule("FREQ=DAILY"), first)
