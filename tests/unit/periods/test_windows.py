from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.errors import InvalidValue
from shopwright.periods import Window, day

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hours(start: int | None, end: int | None) -> Window:
    """A window so many hours after noon."""
    return Window(None if start is None else NOON + start * HOUR, None if end is None else NOON + end * HOUR)


bounds = st.one_of(st.none(), st.integers(-5, 5))
windows = st.tuples(bounds, bounds).filter(lambda pair: None in pair or pair[0] <= pair[1]).map(lambda pair: hours(*pair))
instants = st.integers(-6, 6).map(lambda hour: NOON + hour * HOUR)


def test_a_window_has_its_start_and_not_its_end():
    assert [hours(0, 1).contains(NOON + minutes * timedelta(minutes=1)) for minutes in (-1, 0, 59, 60)] == [False, True, True, False]


def test_an_open_side_has_no_bound():
    assert (hours(None, 0).contains(datetime.min.replace(tzinfo=UTC)), hours(None, 0).contains(NOON)) == (True, False)
    assert (hours(0, None).contains(datetime.max.replace(tzinfo=UTC)), Window().contains(NOON)) == (True, True)
    assert (Window().length, hours(0, None).length, hours(None, 0).length, hours(0, 2).length) == (None, None, None, 2 * HOUR)


def test_bounds_are_kept_in_utc_so_that_windows_compare_as_instants():
    there = Window(NOON.astimezone(ZoneInfo("Asia/Shanghai")), NOON.astimezone(ZoneInfo("Europe/Berlin")) + HOUR)
    assert (there, there.start.tzinfo, there.end.tzinfo) == (hours(0, 1), UTC, UTC)


def test_an_hour_that_comes_twice_is_told_apart():
    berlin = ZoneInfo("Europe/Berlin")
    first, second = (datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=fold) for fold in (0, 1))
    window = Window(first, first + timedelta(minutes=10))
    assert (window.contains(first), window.contains(second)) == (True, False)


def test_a_window_that_ends_where_it_starts_holds_nothing():
    assert (hours(0, 0).empty, hours(0, 0).contains(NOON), hours(0, 0).overlaps(hours(-1, 1))) == (True, False, False)
    assert (hours(0, 1).empty, Window().empty) == (False, False)


def test_windows_that_touch_do_not_overlap():
    assert (hours(0, 1).overlaps(hours(1, 2)), hours(0, 2).overlaps(hours(1, 3))) == (False, True)
    assert hours(0, 2).intersection(hours(1, None)) == hours(1, 2)
    assert (hours(None, 0).intersection(hours(0, None)), Window().intersection(Window())) == (None, Window())


@given(windows, windows, instants)
def test_what_is_in_both_windows_is_in_their_intersection(one, other, at):
    both = one.intersection(other)
    assert (one.contains(at) and other.contains(at)) == (both is not None and both.contains(at))
    assert one.overlaps(other) == other.overlaps(one)


@given(windows, windows)
def test_windows_overlap_when_some_instant_is_in_both(one, other):
    """All bounds are on the hour and within five of noon, so the hours around it are enough to look at."""
    shared = [hour for hour in range(-7, 7) if one.contains(NOON + hour * HOUR) and other.contains(NOON + hour * HOUR)]
    assert one.overlaps(other) == bool(shared)


def test_a_window_that_ends_before_it_starts_is_refused():
    with pytest.raises(
        InvalidValue, match=r"^expected a window to end at or after its start, got \[2026-11-22T12.*, 2026-11-22T11.*\); swap the two$"
    ):
        hours(0, -1)


@pytest.mark.parametrize("bound", [datetime(2026, 11, 22), date(2026, 11, 22), "2026-11-22", 0])
def test_a_bound_without_a_zone_is_refused(bound):
    for pair in ((bound, None), (None, bound)):
        with pytest.raises(InvalidValue, match=r"^the (start|end) of a window must be a datetime"):
            Window(*pair)


@pytest.mark.parametrize("at", [datetime(2026, 11, 22), None, "now"])
def test_only_an_instant_can_be_inside(at):
    with pytest.raises(InvalidValue, match=r"^at must be a datetime"):
        Window().contains(at)


def test_a_window_reads_as_its_bounds():
    assert str(day(date(2026, 11, 22), "UTC")) == "[2026-11-22T00:00:00+00:00, 2026-11-23T00:00:00+00:00)"
    assert str(Window()) == "[, )"
