"""The history of prices without gaps, and the prior price of an announced reduction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shopwright.catalog.price_history import PriceChange, PriceHistory, PriceInterval, PriorBasis, PriorPrice, listed_history, prior_price
from shopwright.catalog.price_lists import ListedPrice, PriceBreak, PriceList, PriceLists
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.periods import Window

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DAY, HOUR, TICK = timedelta(days=1), timedelta(hours=1), timedelta(microseconds=1)
BERLIN = "Europe/Berlin"


def a_history(*changes):
    """Changes as pairs of days after the begin, and a price."""
    history = PriceHistory("TEA", "EUR")
    for days, minor in changes:
        history = history.changed(minor, at=BEGIN + days * DAY)
    return history


def prior(history, day, **more):
    return prior_price(history, at=BEGIN + day * DAY, **{"zone": "UTC", **more})


def test_the_intervals_of_a_history_have_no_gap():
    history = a_history((0, 1000), (10, None), (12, 900))

    assert history.intervals() == (
        PriceInterval(Window(None, BEGIN), None),
        PriceInterval(Window(BEGIN, BEGIN + 10 * DAY), 1000),
        PriceInterval(Window(BEGIN + 10 * DAY, BEGIN + 12 * DAY), None),
        PriceInterval(Window(BEGIN + 12 * DAY, None), 900),
    )
    assert history.within(Window(BEGIN + 11 * DAY, BEGIN + 13 * DAY)) == (
        PriceInterval(Window(BEGIN + 11 * DAY, BEGIN + 12 * DAY), None),
        PriceInterval(Window(BEGIN + 12 * DAY, BEGIN + 13 * DAY), 900),
    )


def test_a_price_that_is_set_again_is_no_change():
    history = a_history((0, 1000))

    assert history.changed(1000, at=BEGIN + DAY) is history
    assert PriceHistory("TEA", "EUR").changed(None, at=BEGIN).changes == ()


@pytest.mark.parametrize("at", [BEGIN, BEGIN - TICK])
def test_what_customers_have_seen_is_not_rewritten(at):
    with pytest.raises(InvalidValue, match="expected a change of the price of TEA after the last one, at 2026-01-01T00:00:00"):
        a_history((0, 1000)).changed(900, at=at)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ((PriceChange(BEGIN, 1), PriceChange(BEGIN, 2)), "in the order of their time"),
        ((PriceChange(BEGIN, 1), PriceChange(BEGIN + DAY, 1)), "got 1 twice in a row"),
        ((PriceChange(BEGIN, None),), "got None twice in a row"),
    ],
)
def test_a_history_is_in_order_and_each_change_changes_something(changes, words):
    with pytest.raises(InvalidValue, match=words):
        PriceHistory("TEA", "EUR", changes=changes)


def test_the_prior_price_is_the_lowest_of_the_last_30_days():  # OMNIBUS-1
    history = a_history((0, 1000), (40, 800), (45, 1200), (60, 900))

    assert prior(history, 60) == PriorPrice(800, "EUR", PriorBasis.LAST_DAYS, Window(BEGIN + 30 * DAY, BEGIN + 60 * DAY), BEGIN + 40 * DAY)
    assert prior(history, 60).money == Money(800, "EUR")


def test_raising_a_price_before_a_reduction_gains_nothing():  # OMNIBUS-1
    assert prior(a_history((0, 1000), (40, 1500), (41, 1000)), 41).percent_off(1000) == 0


def test_the_price_that_held_when_the_days_began_counts_and_that_of_the_reduction_does_not():  # OMNIBUS-1
    history = a_history((0, 700), (31, 1000), (60, 500))

    assert [prior(history, days).minor for days in (60, 61)] == [700, 500]
    assert prior(a_history((0, 700), (30, 1000), (60, 500)), 60).minor == 1000


def test_the_days_are_whole_ones_of_the_place():  # OMNIBUS-2
    noon = datetime(2026, 6, 30, 10, tzinfo=UTC)  # 12:00 in Berlin
    start = datetime(2026, 5, 30, 22, tzinfo=UTC)  # 31 May, 00:00 in Berlin
    history = PriceHistory("TEA", "EUR").changed(100, at=BEGIN).changed(200, at=start + TICK)

    assert prior_price(history, at=noon, zone=BERLIN).days == Window(start, noon)
    assert (prior_price(history, at=noon, zone=BERLIN).minor, prior_price(history, at=noon, zone="UTC").minor) == (100, 200)


def test_the_days_are_never_fewer_than_so_many_times_24_hours():  # OMNIBUS-2
    midnight = datetime(2026, 4, 9, 22, tzinfo=UTC)  # 10 April in Berlin, whose clocks went forward on 29 March

    assert prior_price(a_history((0, 100)), at=midnight, zone=BERLIN).days == Window(midnight - 30 * DAY, midnight)


def test_a_state_may_ask_for_more_days():
    history = a_history((0, 700), (20, 1000))

    assert [prior(history, 60, days=days).minor for days in (30, 40, 41, 60)] == [1000, 1000, 700, 700]


def test_what_is_new_tells_the_lowest_since_it_came():  # OMNIBUS-3
    history = a_history((0, 1000), (5, 900), (8, 950))

    assert prior(history, 10) == PriorPrice(900, "EUR", PriorBasis.NEW, Window(BEGIN - 20 * DAY, BEGIN + 10 * DAY), BEGIN + 5 * DAY)
    assert [prior(history, days).basis for days in (29, 30)] == [PriorBasis.NEW, PriorBasis.LAST_DAYS]


def test_what_was_not_for_sale_has_no_prior_price():  # OMNIBUS-3
    assert prior(a_history((0, 1000), (10, None), (60, 500)), 60) is None
    assert prior(PriceHistory("TEA", "EUR"), 0) is None
    assert prior(a_history((0, 1000)), 0) is None


def test_times_at_which_nothing_was_for_sale_do_not_count():  # OMNIBUS-1
    assert prior(a_history((0, 1000), (35, None), (50, 1100), (60, 900)), 60).minor == 1000


def test_a_reduction_that_grows_counts_from_its_first_step():  # OMNIBUS-4
    history = a_history((0, 1000), (40, 900), (50, 800))

    assert prior(history, 50, first_step=BEGIN + 40 * DAY) == PriorPrice(
        1000, "EUR", PriorBasis.FIRST_STEP, Window(BEGIN + 10 * DAY, BEGIN + 40 * DAY), BEGIN + 10 * DAY
    )
    assert prior(history, 50).minor == 900


@pytest.mark.parametrize("between", [((45, 950),), ((45, None), (46, 900))])
def test_a_reduction_that_was_broken_off_counts_anew(between):  # OMNIBUS-4
    history = a_history((0, 1000), (40, 900), *between, (50, 800))

    assert (prior(history, 50, first_step=BEGIN + 40 * DAY).minor, prior(history, 50, first_step=BEGIN + 40 * DAY).basis) == (
        900,
        PriorBasis.LAST_DAYS,
    )


@pytest.mark.parametrize(
    ("before", "now", "points"), [(999, 666, 3333), (1000, 800, 2000), (1000, 1000, 0), (1000, 1100, 0), (1000, 0, 10_000), (0, 0, 0)]
)
def test_a_percentage_never_says_more_than_there_is(before, now, points):
    assert PriorPrice(before, "EUR", PriorBasis.LAST_DAYS, Window(), BEGIN).percent_off(now) == points


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"days": 0}, "expected one day or more, got 0"),
        ({"days": 10**6}, "expected 1000000 days before 2026-01-11"),
        ({"first_step": BEGIN + 11 * DAY}, "expected the first step of a reduction at or before 2026-01-11"),
    ],
)
def test_what_makes_no_sense_is_refused(more, words):
    with pytest.raises(InvalidValue, match=words):
        prior(a_history((0, 1000)), 10, **more)


prices = st.one_of(st.none(), st.integers(0, 5))
hourly = st.lists(st.tuples(st.integers(0, 80 * 24), prices), max_size=12, unique_by=lambda change: change[0]).map(sorted)


def history_of(changes):
    history = PriceHistory("TEA", "EUR")
    for hours, minor in changes:
        history = history.changed(minor, at=BEGIN + hours * HOUR)
    return history


def price_then(changes, hours):
    return next((minor for at, minor in reversed(changes) if at <= hours), None)


@given(hourly, st.integers(-24, 90 * 24), st.integers(1, 40))
@example([(0, 3), (24, 2)], 24, 1)
def test_the_prior_price_is_the_lowest_of_all_hours(changes, hours, days):
    history = history_of(changes)
    first = (hours // 24 - days) * 24
    sold = [price for hour in range(first, hours) if (price := price_then(changes, hour)) is not None]

    found = prior_price(history, at=BEGIN + hours * HOUR, zone="UTC", days=days)

    assert (None if found is None else found.minor) == min(sold, default=None)
    if found is not None:
        assert found.days == Window(BEGIN + first * HOUR, BEGIN + hours * HOUR)
        assert (found.days.contains(found.since), history.price_at(found.since)) == (True, found.minor)


@given(hourly)
def test_intervals_touch_cover_all_time_and_tell_the_price(changes):
    history = history_of(changes)
    intervals = history.intervals()

    assert (intervals[0].window.start, intervals[-1].window.end) == (None, None)
    assert [one.window.end for one in intervals[:-1]] == [other.window.start for other in intervals[1:]]
    assert all(one.minor != other.minor for one, other in pairwise(intervals))
    assert [history.price_at(BEGIN + hour * HOUR) for hour in range(0, 81 * 24, 7)] == [price_then(changes, hour) for hour in range(0, 81 * 24, 7)]


def test_a_history_follows_from_price_lists():
    sale = Window(BEGIN + 40 * DAY, BEGIN + 50 * DAY)
    lists = PriceLists(
        (PriceList("all", "EUR"), PriceList("sale", "EUR", window=sale), PriceList("gold", "EUR", tier="gold")),
        (
            ListedPrice("all", "TEA", (PriceBreak(1, 1000),)),
            ListedPrice("sale", "TEA", (PriceBreak(1, 800),)),
            ListedPrice("gold", "TEA", (PriceBreak(1, 1),)),
        ),
    )

    assert listed_history(lists, "TEA", currency="EUR", since=BEGIN, until=BEGIN + 60 * DAY) == a_history((0, 1000), (40, 800), (50, 1000))
    assert listed_history(lists, "TEA", currency="EUR", since=BEGIN, until=BEGIN + 50 * DAY) == a_history((0, 1000), (40, 800))
    assert listed_history(lists, "CUP", currency="EUR", since=BEGIN, until=BEGIN + 60 * DAY).changes == ()


windows = st.tuples(st.integers(0, 20), st.integers(1, 20)).map(lambda pair: Window(BEGIN + pair[0] * DAY, BEGIN + sum(pair) * DAY))


@given(st.lists(st.tuples(windows, st.integers(0, 9)), max_size=5))
def test_a_history_tells_at_each_moment_what_the_lists_say_then(sales):
    lists = PriceLists(
        tuple(PriceList(f"l{number}", "EUR", window=window) for number, (window, _) in enumerate(sales)),
        tuple(ListedPrice(f"l{number}", "TEA", (PriceBreak(1, minor),)) for number, (_, minor) in enumerate(sales)),
    )
    history = listed_history(lists, "TEA", currency="EUR", since=BEGIN, until=BEGIN + 41 * DAY)

    for hour in range(0, 41 * 24, 5):
        money = lists.price("TEA", currency="EUR", at=BEGIN + hour * HOUR).money
        assert history.price_at(BEGIN + hour * HOUR) == (None if money is None else money.minor)
