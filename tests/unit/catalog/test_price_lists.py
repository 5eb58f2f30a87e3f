"""Price lists: which one gives the price, and why the others do not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.catalog.price_lists import ListedPrice, PassedFor, PassedList, PriceBreak, PriceFound, PriceList, PriceLists
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.periods import Window

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def listed(list_id, *breaks, sku="TEA"):
    return ListedPrice(list_id, sku, tuple(PriceBreak(*each) for each in breaks))


def lists_of(*lists, **rows):
    """Price lists and what each says of the tea: one price, or breaks."""
    found = [listed(id, *(((1, row),) if isinstance(row, int) else row)) for id, row in rows.items()]
    return PriceLists(lists, tuple(found))


def test_the_answer_tells_where_the_price_is_from_and_why_no_other_list_gave_it():
    lists = lists_of(
        PriceList("all", "EUR"),
        PriceList("app", "EUR", channel="app"),
        PriceList("gold", "EUR", tier="gold"),
        PriceList("later", "EUR", window=Window(NOON + DAY, None)),
        PriceList("past", "EUR", window=Window(None, NOON)),
        PriceList("us", "USD"),
        PriceList("void", "EUR"),
        PriceList("whole", "EUR"),
        PriceList("web", "EUR", channel="web"),
        PriceList("staff", "EUR", tier="staff"),
        all=1000, app=((1, 950), (10, 900)), gold=((2, 800), (6, 700), (12, 600)), later=1, past=2, us=3, whole=((100, 400),),
        web=4, staff=5,
    )

    assert lists.price("TEA", quantity=7, currency="EUR", channel="app", tier="gold", at=NOON) == PriceFound(
        Money(700, "EUR"),
        "gold",
        PriceBreak(6, 700),
        PriceBreak(12, 600),
        (
            PassedList("all", PassedFor.LESS_FOR_TIER, 1000),
            PassedList("app", PassedFor.LESS_FOR_TIER, 950),
            PassedList("later", PassedFor.NOT_YET, 1),
            PassedList("past", PassedFor.OVER, 2),
            PassedList("staff", PassedFor.TIER, 5),
            PassedList("us", PassedFor.CURRENCY, 3),
            PassedList("void", PassedFor.NOT_LISTED),
            PassedList("web", PassedFor.CHANNEL, 4),
            PassedList("whole", PassedFor.TOO_FEW),
        ),
    )


@pytest.mark.parametrize(
    ("better", "worse", "reason"),
    [
        (PriceList("z", "EUR", tier="gold"), PriceList("a", "EUR", channel="app", window=Window(NOON, NOON + DAY)), PassedFor.LESS_FOR_TIER),
        (PriceList("z", "EUR", channel="app"), PriceList("a", "EUR", window=Window(NOON, NOON + DAY)), PassedFor.LESS_FOR_CHANNEL),
        (PriceList("z", "EUR", window=Window(None, NOON + DAY)), PriceList("a", "EUR", window=Window(NOON, None)), PassedFor.ENDS_LATER),
        (PriceList("z", "EUR", window=Window(NOON, None)), PriceList("a", "EUR", window=Window(NOON - DAY, None)), PassedFor.BEGAN_EARLIER),
        (PriceList("z", "EUR", window=Window(NOON - DAY, None)), PriceList("a", "EUR"), PassedFor.BEGAN_EARLIER),
        (PriceList("a", "EUR"), PriceList("z", "EUR"), PassedFor.LATER_ID),
    ],
)
def test_the_more_particular_list_gives_the_price_whatever_it_is(better, worse, reason):  # PRICES-2
    for lists in ((better, worse), (worse, better)):
        found = lists_of(*lists, **{better.id: 900, worse.id: 100}).price("TEA", currency="EUR", channel="app", tier="gold", at=NOON)
        assert (found.money, found.passed) == (Money(900, "EUR"), (PassedList(worse.id, reason, 100),))


@pytest.mark.parametrize(
    ("quantity", "minor", "beyond"),
    [(1, 1000, PriceBreak(5, 900)), (4, 1000, PriceBreak(5, 900)), (5, 900, PriceBreak(10, 950)), (10, 950, None), (10**9, 950, None)],
)
def test_the_highest_break_that_is_reached_counts_for_all_units(quantity, minor, beyond):  # PRICES-3
    found = lists_of(PriceList("all", "EUR"), all=((1, 1000), (5, 900), (10, 950))).price("TEA", quantity=quantity, currency="EUR", at=NOON)

    assert (found.money, found.next_break) == (Money(minor, "EUR"), beyond)


def test_a_list_whose_lowest_break_is_not_reached_leaves_the_price_to_others():  # PRICES-3
    lists = lists_of(PriceList("all", "EUR"), PriceList("gold", "EUR", tier="gold"), all=1000, gold=((6, 700),))

    assert [lists.price("TEA", quantity=count, currency="EUR", tier="gold", at=NOON).list_id for count in (5, 6)] == ["all", "gold"]


@pytest.mark.parametrize(("moment", "there"), [(-DAY, False), (0 * DAY, True), (DAY - timedelta(microseconds=1), True), (DAY, False)])
def test_a_list_begins_with_its_window_and_ends_before_its_end(moment, there):  # PRICES-1
    lists = lists_of(PriceList("day", "EUR", window=Window(NOON, NOON + DAY)), day=500)

    assert (lists.price("TEA", currency="EUR", at=NOON + moment).money is not None) is there


def test_no_price_is_told_where_no_list_has_one():
    lists = lists_of(PriceList("all", "EUR"), all=100)

    assert lists.price("CUP", currency="EUR", at=NOON) == PriceFound(None, None, None, None, (PassedList("all", PassedFor.NOT_LISTED),))
    assert PriceLists().price("CUP", currency="EUR", at=NOON) == PriceFound(None, None, None, None, ())


def test_list_prices_are_those_that_everybody_pays_for_one_unit():
    lists = lists_of(
        PriceList("us", "USD"),
        PriceList("eu", "EUR"),
        PriceList("gold", "EUR", tier="gold"),
        PriceList("jp", "JPY"),
        us=1200,
        eu=((1, 1000), (5, 800)),
        gold=1,
        jp=((2, 9),),
    )

    assert lists.list_prices("TEA", at=NOON) == (Money(1000, "EUR"), Money(1200, "USD"))


def test_prices_turn_where_lists_begin_or_end():
    lists = PriceLists((PriceList("a", "EUR", window=Window(NOON, NOON + 2 * DAY)), PriceList("b", "EUR", window=Window(NOON + DAY, NOON + 2 * DAY))))

    assert lists.turns(after=NOON) == (NOON + DAY, NOON + 2 * DAY)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: PriceLists((PriceList("a", "EUR"), PriceList("a", "USD"))), "expected each price list once, got a, a"),
        (lambda: PriceLists((), (listed("a", (1, 1)),)), "expected prices of lists that are there, got a; allowed: none"),
        (
            lambda: PriceLists((PriceList("a", "EUR"),), (listed("a", (1, 1)), listed("a", (2, 1)))),
            "expected one price of TEA in price list a, got more",
        ),
        (lambda: listed("a", (2, 5), (2, 4)), "breaks of TEA in price list a must have rising quantities, got 2, 2"),
        (lambda: listed("a"), r"ListedPrice.breaks must have at least 1 members"),
        (lambda: PriceBreak(0, 1), r"PriceBreak.quantity must be between 1 and"),
        (lambda: PriceBreak(1, -1), r"PriceBreak.minor must be between 0 and"),
        (lambda: PriceList("a", "XXZ"), "XXZ"),
        (lambda: PriceLists().price("TEA", quantity=0, currency="EUR", at=NOON), "expected a quantity of one or more, got 0"),
        (lambda: PriceLists().price("TEA", currency="EUR", at=datetime(2026, 1, 1)), "must be a datetime with a time zone"),
    ],
)
def test_what_is_no_price_list_is_refused(wrong, words):
    with pytest.raises(InvalidValue, match=words):
        wrong()


moments = st.one_of(st.none(), st.integers(-3, 3).map(lambda days: NOON + days * DAY))


@st.composite
def some_lists(draw):
    """Up to six lists that differ in everything, with what some of them say of the tea."""
    lists, rows = [], []
    for number in range(draw(st.integers(0, 6))):
        bounds = sorted([draw(moments), draw(moments)], key=lambda at: at or NOON - 9 * DAY)
        start, end = bounds if None not in bounds or draw(st.booleans()) else (bounds[1], None)
        window = Window(start, end)
        lists.append(
            PriceList(
                f"l{number}",
                draw(st.sampled_from(["EUR", "USD"])),
                channel=draw(st.sampled_from(["", "app"])),
                tier=draw(st.sampled_from(["", "gold"])),
                window=window,
            )
        )
        quantities = draw(st.sets(st.integers(1, 6), max_size=3))
        if quantities:
            rows.append(listed(f"l{number}", *[(quantity, draw(st.integers(0, 9))) for quantity in sorted(quantities)]))
    return tuple(draw(st.permutations(lists))), tuple(draw(st.permutations(rows)))


def naive_price(lists, rows, *, quantity, currency, channel, tier, at):
    """One rule after the other over all lists, as people would do it."""
    said = {
        row.list_id: max([each for each in row.breaks if each.quantity <= quantity], key=lambda each: each.quantity, default=None) for row in rows
    }
    left = [
        it
        for it in lists
        if it.currency == currency and it.channel in ("", channel) and it.tier in ("", tier) and it.window.contains(at) and said.get(it.id)
    ]
    for better in (lambda it: it.tier != "", lambda it: it.channel != "", lambda it: it.window.end is not None):
        left = [it for it in left if better(it)] or left
    begins = [it.window.start for it in left if it.window.start is not None]
    left = [it for it in left if it.window.start == max(begins)] if begins else left
    first = min(left, key=lambda it: it.id, default=None)
    return None if first is None else (first.id, said[first.id].minor)


@given(some_lists(), st.integers(1, 7), st.sampled_from(["", "app", "web"]), st.sampled_from(["", "gold"]), st.integers(-4, 4))
def test_the_price_is_that_of_the_rules_taken_one_by_one_in_any_order_of_the_lists(given_lists, quantity, channel, tier, days):
    lists, rows = given_lists
    asked = {"quantity": quantity, "currency": "EUR", "channel": channel, "tier": tier, "at": NOON + days * DAY}

    found = PriceLists(lists, rows).price("TEA", **asked)

    assert (None if found.money is None else (found.list_id, found.money.minor)) == naive_price(lists, rows, **asked)
    assert PriceLists(lists[::-1], rows[::-1]).price("TEA", **asked) == found
    assert sorted([each.list_id for each in found.passed] + ([found.list_id] if found.list_id else [])) == sorted(each.id for each in lists)
