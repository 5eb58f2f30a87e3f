"""The laws of recurring windows: whatever the rule, an answer found from anywhere is what a walk from the first occurrence finds."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import isleap, monthrange
from datetime import UTC, date, datetime, timedelta
from itertools import islice, takewhile

from dateutil.rrule import rrulestr
from hypothesis import assume, example, given
from hypothesis import strategies as st

from shopwright.periods import Frequency, Recurrence, Skipped, Twice, instant, parse_rule, wall_at
from shopwright.promotions.windows import Recurring

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
ENOUGH = 80
"""How many occurrences a walk from the first one takes."""
ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Antarctica/Troll",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "UTC",
)


def listed(name, numbers, most):
    """A part with a list of these numbers, or nothing."""
    lists = st.lists(numbers, min_size=1, max_size=most, unique=True)
    return st.one_of(st.just(""), lists.map(lambda found: f";{name}=" + ",".join(map(str, found))))


def signed(most):
    return st.integers(1, most).flatmap(lambda number: st.sampled_from([number, -number]))


def numbered_days(most):
    return st.tuples(signed(most), st.sampled_from(WEEKDAYS)).map(lambda pair: f"{pair[0]}{pair[1]}")


@st.composite
def rules(draw, frequencies=tuple(Frequency)):
    """The text of a rule without an end, of what the standard allows and dateutil reads the same way."""
    frequency = draw(st.sampled_from(frequencies))
    weekday = st.sampled_from(WEEKDAYS)
    parts = [f"FREQ={frequency.name};INTERVAL={draw(st.one_of(st.just(1), st.integers(1, 5), st.integers(1, 40)))}"]
    parts.append(draw(listed("BYMONTH", st.integers(1, 12), 6)))
    # dateutil takes weeks 52 and 53 at the start of some years for one another; another law is about them.
    weeks = draw(listed("BYWEEKNO", st.one_of(st.integers(1, 51), st.just(-1)), 4)) if frequency is Frequency.YEARLY else ""
    parts.append(weeks)
    if frequency in {Frequency.HOURLY, Frequency.YEARLY}:
        parts.append(draw(listed("BYYEARDAY", signed(366), 6)))
    if frequency is not Frequency.WEEKLY:
        parts.append(draw(listed("BYMONTHDAY", signed(31), 6)))
    if weeks:
        parts.append(";BYDAY=" + ",".join(draw(st.lists(weekday, min_size=1, max_size=3, unique=True))))
    elif frequency >= Frequency.MONTHLY:
        parts.append(draw(st.one_of(listed("BYDAY", weekday, 3), listed("BYDAY", numbered_days(5), 3))))
    else:
        parts.append(draw(listed("BYDAY", weekday, 3)))
    parts.append(draw(listed("BYHOUR", st.integers(0, 23), 3)))
    parts.append(draw(listed("BYMINUTE", st.integers(0, 59), 2)))
    if any("BY" in part for part in parts):
        parts.append(draw(listed("BYSETPOS", signed(5), 2)))
    parts.append(draw(st.sampled_from(["", ";WKST=SU", ";WKST=TH"])))
    return "".join(parts)


firsts = st.datetimes(datetime(1970, 1, 1), datetime(2030, 12, 31)).map(lambda wall: wall.replace(microsecond=0))


def in_order(text, first):
    """The first occurrences as this library finds them; not so far on that a walk would take long."""
    rule = parse_rule(text)
    last = first.year + (2 if rule.frequency is Frequency.HOURLY else 25)
    return list(islice(takewhile(lambda wall: wall.year <= last, Recurrence(rule, first).after(first)), ENOUGH))


def for_dateutil(text, first):
    """dateutil cuts the first week off at the first time before it picks positions; at the start of a week both are one."""
    if "FREQ=WEEKLY" in text and "BYSETPOS" in text:
        back = (first.weekday() - parse_rule(text).week_start) % 7
        return first - timedelta(days=back)
    return first


# --- rules ------------------------------------------------------------------------------------------------------------------------


@given(rules(), firsts)
@example("FREQ=YEARLY;BYWEEKNO=1,-1;BYDAY=MO,SU", datetime(1999, 12, 31, 8))
@example("FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYDAY=-1TH", datetime(2096, 2, 1))
@example("FREQ=HOURLY;INTERVAL=7;BYHOUR=3,4;BYMINUTE=0,30;BYSETPOS=-1", datetime(2024, 2, 28, 5))
def test_occurrences_are_those_that_dateutil_walks_to(text, first):
    first = for_dateutil(text, first)
    found = in_order(text, first)
    # dateutil raises where hours contradict one another; another law is about what is never found.
    assume(found)
    assert list(islice(rrulestr(text, dtstart=first), len(found))) == found


@given(signed(53), st.dates(date(1970, 1, 1), date(2100, 1, 1)))
@example(53, date(2009, 12, 1))
@example(52, date(2010, 12, 1))
@example(-1, date(2000, 1, 1))
def test_weeks_are_numbered_as_the_calendar_of_python_numbers_them(week, first):
    rule = parse_rule(f"FREQ=YEARLY;BYWEEKNO={week};BYDAY={','.join(WEEKDAYS)}")
    found = takewhile(lambda wall: wall.date() < first + timedelta(days=800), Recurrence(rule, plain(first)).after(plain(first)))
    wanted = [day for number in range(800) if week in weeks_of(day := first + timedelta(days=number))]
    assert [wall.date() for wall in found] == wanted


def plain(day):
    return datetime(day.year, day.month, day.day)


def weeks_of(day):
    """The number of the week of a day, from the start and from the end of its year of weeks."""
    year, week, _ = day.isocalendar()
    return week, week - date(year, 12, 28).isocalendar().week - 1


@given(rules(), firsts, st.integers(1, 60))
def test_a_count_ends_where_dateutil_ends(text, first, count):
    first = for_dateutil(text, first)
    assume(len(in_order(text, first)) >= count)
    text = f"{text};COUNT={count}"
    assert list(Recurrence(parse_rule(text), first).after(first)) == list(rrulestr(text, dtstart=first))


@given(rules(), firsts)
@example("FREQ=DAILY;INTERVAL=2;BYHOUR=1", datetime(2000, 1, 1))
def test_a_rule_means_the_days_that_its_parts_say_and_no_other(text, first):
    rule = parse_rule(text)
    assume(not rule.positions)
    assume(not rule.weeks)
    days = [first.date() + timedelta(days=number) for number in range(700)]
    last = datetime(days[-1].year, days[-1].month, days[-1].day)
    walk = [wall for day in days if is_meant(rule, first, day) for wall in times_on(rule, first, day)]
    found = takewhile(lambda wall: wall < last, Recurrence(rule, first).after(first))
    assert list(found) == [wall for wall in walk if first <= wall < last]


def is_meant(rule, first, day):
    """Whether a rule means a day, as its parts say it one by one."""
    length, year_length = monthrange(day.year, day.month)[1], 365 + isleap(day.year)
    year_day = day.timetuple().tm_yday
    month_days, weekdays, months = rule.month_days, rule.weekdays, rule.months
    if not (month_days or weekdays or rule.year_days):
        month_days = {first.day} if rule.frequency >= Frequency.MONTHLY else set()
        weekdays = {(first.weekday(), 0)} if rule.frequency is Frequency.WEEKLY else set()
        months = months or ({first.month} if rule.frequency is Frequency.YEARLY else set())
    place, size = (year_day, year_length) if rule.frequency is Frequency.YEARLY and not rule.months else (day.day, length)
    numbers = {0, (place + 6) // 7, -((size - place + 7) // 7)}
    return bool(
        is_in_turn(rule, first, day)
        and (not months or day.month in months)
        and (not month_days or {day.day, day.day - length - 1} & month_days)
        and (not rule.year_days or {year_day, year_day - year_length - 1} & rule.year_days)
        and (not weekdays or {(day.weekday(), number) for number in numbers} & weekdays)
    )


def is_in_turn(rule, first, day):
    """Whether the interval that a day is in counts; hours are counted one by one."""
    weeks = [(each - timedelta(days=(each.weekday() - rule.week_start) % 7)).toordinal() // 7 for each in (first.date(), day)]
    away = {
        Frequency.HOURLY: 0,
        Frequency.DAILY: (day - first.date()).days,
        Frequency.WEEKLY: weeks[1] - weeks[0],
        Frequency.MONTHLY: (day.year - first.year) * 12 + day.month - first.month,
        Frequency.YEARLY: day.year - first.year,
    }
    return away[rule.frequency] % rule.interval == 0


def times_on(rule, first, day):
    """The times on a day that is meant."""
    hours = rule.hours or (range(24) if rule.frequency is Frequency.HOURLY else {first.hour})
    for hour in sorted(hours):
        away = (day - first.date()).days * 24 + hour - first.hour
        if rule.frequency is not Frequency.HOURLY or away % rule.interval == 0:
            for minute in sorted(rule.minutes or {first.minute}):
                yield datetime(day.year, day.month, day.day, hour, minute, first.second)


@given(rules(), firsts, st.integers(0, ENOUGH), st.integers(-2, 2))
def test_occurrences_are_the_same_from_wherever_one_looks(text, first, place, seconds):
    found = in_order(text, first)
    assume(found)
    place = min(place, len(found) - 1)
    wall = found[place] + timedelta(seconds=seconds)
    recurrence = Recurrence(parse_rule(text), first)
    after, before = found[bisect_left(found, wall) :], found[: bisect_right(found, wall)][::-1]
    assert list(islice(recurrence.after(wall), len(after))) == after
    assert list(recurrence.before(wall)) == before


# --- windows ----------------------------------------------------------------------------------------------------------------------


durations = st.one_of(
    st.integers(1, 48).map(lambda quarters: timedelta(minutes=15 * quarters)),
    st.integers(1, 40).map(lambda days: timedelta(days=days)),
)


def windows_in_order(window):
    """The windows by a walk over the first occurrences: resolved one by one, sorted, each start once."""
    walls = islice(rrulestr(window.rule, dtstart=datetime.fromisoformat(window.first)), ENOUGH)
    kept = [wall for wall in walls if wall.date() not in window.except_on]
    starts = set()
    for wall in kept:
        skipped = Skipped.FORWARD if window.skipped is Skipped.LEAVE_OUT else window.skipped
        start = instant(wall, window.zone, twice=window.twice, skipped=skipped)
        if window.skipped is not Skipped.LEAVE_OUT or wall_at(start, window.zone) == wall:
            starts.add(start)
    return [(start, closing(window, start)) for start in sorted(starts)], kept


def closing(window, start):
    return instant(wall_at(start, window.zone) + window.duration, window.zone, twice=window.twice, skipped=Skipped.FIRST_AFTER)


def closes(windows, at):
    """When the window that is on, or the next to come, goes off."""
    end = None
    for start, until in windows:
        if until <= at or (end is not None and end < start):
            continue
        end = until if end is None else max(end, until)
    return end


@st.composite
def recurring(draw):
    # Clocks change in the small hours, from autumn to autumn twice: most rules here meet that.
    text = draw(
        st.sampled_from(
            [
                "FREQ=DAILY",
                "FREQ=DAILY;BYHOUR=0,1,2,3",
                "FREQ=DAILY;BYHOUR=1,2;BYMINUTE=0,15,30,45",
                "FREQ=HOURLY",
                "FREQ=HOURLY;INTERVAL=5",
                "FREQ=WEEKLY;BYDAY=SU,SA",
                "FREQ=MONTHLY;BYDAY=-1SU,2SU",
                "FREQ=YEARLY;BYMONTH=3,10,11;BYDAY=SU",
            ]
        )
    )
    first = draw(st.sampled_from([datetime(2025, 3, 8), datetime(2025, 3, 28, 2), datetime(2025, 10, 3, 2, 30), datetime(2025, 10, 24, 2, 15)]))
    return Recurring(
        text,
        first=first + timedelta(minutes=draw(st.sampled_from([0, 15, 30, 60, 90, 150]))),
        duration=draw(durations),
        zone=draw(st.sampled_from(ZONES)),
        skipped=draw(st.sampled_from([Skipped.FORWARD, Skipped.FIRST_AFTER, Skipped.LEAVE_OUT])),
        twice=draw(st.sampled_from([Twice.FIRST, Twice.SECOND])),
        except_on=draw(st.lists(st.dates(date(2025, 3, 8), date(2025, 11, 30)), max_size=3)),
    )


@given(recurring(), st.data())
def test_a_window_answers_as_a_walk_over_all_occurrences_does(window, data):
    windows, kept = windows_in_order(window)
    assume(len(windows) > 2)
    moments = sorted({moment for pair in windows for moment in pair if moment < windows[-1][0]})
    at = data.draw(st.sampled_from(moments)) + timedelta(seconds=data.draw(st.sampled_from([-3600, -1, 0, 1, 1800])))
    last_known = instant(kept[-1], window.zone)
    opened = max((start for start, end in windows if start <= at < end), default=None)
    assert (window.is_open(at), window.opened_at(at)) == (opened is not None, opened)
    assert window.next_start(at) == min(start for start, _ in windows if at < start)
    expected = closes(windows, at)
    # Past the walk the windows go on, and one that runs into the next may do so for as long as one looks.
    if expected is not None and expected < last_known - timedelta(days=2):
        assert window.next_end(at) == expected


@given(recurring(), st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)))
def test_what_is_next_follows_and_agrees_with_what_is_on(window, at):
    start, end, opened = window.next_start(at), window.next_end(at), window.opened_at(at)
    assert start is not None
    assert at < start
    assert window.opened_at(start) == start
    assert opened is None or opened <= at
    if end is not None:
        assert at < end
        assert not window.is_open(end)
        assert window.is_open(end - timedelta(microseconds=1))
    else:
        assert window.is_open(start + timedelta(days=7))
