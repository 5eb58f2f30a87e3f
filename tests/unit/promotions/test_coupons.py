"""What a coupon is worth, and in which order it is asked whether it is good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from attrs import evolve

from shopwright.errors import InvalidValue
from shopwright.money import Money, Rounding
from shopwright.promotions import Coupon, check, coupon_key, discount, normalize_code
from shopwright.refusals import Refusal

START, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
WITHIN = START + timedelta(days=3)
SPRING = Coupon("SPRING", percent=1000, minimums=(Money(5000, "EUR"),), starts=START, ends=END)


def verdict(coupon, *, subtotal=6000, currency="EUR", at=WITHIN):
    return check(coupon, subtotal=subtotal, currency=currency, at=at)


@pytest.mark.parametrize("typed", ["save10", " Save 10 ", "SAVE10", "ＳＡＶＥ１０", "sa\u200ave10", "ſave10"])
def test_one_code_is_typed_in_many_ways(typed):
    assert normalize_code(typed) == "SAVE10"


@pytest.mark.parametrize(
    ("typed", "code"),
    [("", ""), ("   ", ""), ("straße", "STRASSE"), ("STRASSE", "STRASSE"), ("春节", "春节"), ("ﬁne", "FINE"), ("скидка", "СКИДКА"), ("o\u00af", "Ō")],
)
def test_a_code_comes_in_any_script(typed, code):
    assert normalize_code(typed) == code


@pytest.mark.parametrize("typed", [None, 10, b"SAVE", "x" * 65, "a\0", "\ud800", "ﷺ" * 64])
def test_what_no_store_keeps_is_no_code(typed):
    with pytest.raises(InvalidValue, match="coupon code"):
        normalize_code(typed)


def test_uses_of_a_coupon_are_counted_under_its_code_however_it_is_typed():
    assert [coupon_key(typed) for typed in ("SAVE10", " save 10")] == ["coupon/SAVE10", "coupon/SAVE10"]


def test_a_percentage_is_taken_once_of_the_whole_and_rounded_by_the_coupon():
    rates = [evolve(SPRING, percent=1250, rounding=rounding) for rounding in (Rounding.HALF_UP, Rounding.DOWN, Rounding.HALF_EVEN)]
    assert [discount(coupon, subtotal=1004, currency="EUR") for coupon in rates] == [126, 125, 126]


def test_all_of_it_is_the_most_that_a_percentage_takes():
    assert discount(Coupon("ALL", percent=10_000, rounding=Rounding.UP), subtotal=333, currency="EUR") == 333


def test_a_fixed_amount_takes_at_most_the_subtotal():
    coupon = Coupon("TEN", amounts=(Money(1000, "EUR"), Money(1500, "JPY")))
    assert [discount(coupon, subtotal=subtotal, currency="EUR") for subtotal in (3000, 1000, 999, 0)] == [1000, 1000, 999, 0]
    assert [discount(coupon, subtotal=3000, currency=currency) for currency in ("JPY", "USD")] == [1500, 0]


def test_a_coupon_without_conditions_is_good():
    assert verdict(Coupon("OPEN", percent=1)) is None


def test_a_coupon_is_good_from_its_start_until_just_before_its_end():
    moments = (START - timedelta(microseconds=1), START, END - timedelta(microseconds=1), END)
    told = [verdict(SPRING, at=at) for at in moments]
    assert [refusal and refusal.code for refusal in told] == ["coupon_not_started", None, None, "coupon_expired"]


def test_the_moment_counts_not_the_clock_on_the_wall():
    shanghai = timezone(timedelta(hours=8))
    assert verdict(SPRING, at=datetime(2026, 3, 1, 8, tzinfo=shanghai)) is None
    assert verdict(SPRING, at=datetime(2026, 3, 1, 7, 59, tzinfo=shanghai)).code == "coupon_not_started"


def test_a_coupon_that_has_not_started_says_when_it_does():
    expected = Refusal(
        "coupon_not_started",
        "coupon SPRING is good from 2026-03-01T00:00:00+00:00 on",
        {"coupon": "SPRING", "starts": "2026-03-01T00:00:00+00:00"},
    )
    assert verdict(SPRING, at=START - timedelta(days=1)) == expected


def test_an_expired_coupon_says_when_it_ended():
    expected = Refusal(
        "coupon_expired", "coupon SPRING was good until 2026-04-01T00:00:00+00:00", {"coupon": "SPRING", "ends": "2026-04-01T00:00:00+00:00"}
    )
    assert verdict(SPRING, at=END) == expected


def test_a_subtotal_below_the_minimum_says_what_is_missing():
    expected = Refusal(
        "coupon_minimum",
        "coupon SPRING needs 50.00 EUR; 0.01 EUR is missing",
        {"coupon": "SPRING", "currency": "EUR", "minimum": 5000, "subtotal": 4999, "missing": 1},
    )
    assert verdict(SPRING, subtotal=4999) == expected
    assert verdict(SPRING, subtotal=5000) is None


def test_a_fixed_coupon_is_good_only_where_an_amount_is_named():
    coupon = Coupon("TEN", amounts=(Money(1000, "EUR"),))
    assert verdict(coupon, currency="USD") == Refusal("coupon_currency", "coupon TEN is not good for USD", {"coupon": "TEN", "currency": "USD"})


def test_a_coupon_with_a_minimum_is_good_only_where_a_minimum_is_named():
    assert verdict(SPRING, currency="USD").code == "coupon_currency"


def test_a_coupon_that_would_take_nothing_off_is_refused_rather_than_wasted():
    expected = Refusal("coupon_no_effect", "coupon TINY would take nothing off 0.10 EUR", {"coupon": "TINY", "currency": "EUR", "subtotal": 10})
    assert verdict(Coupon("TINY", percent=1), subtotal=10) == expected


def test_the_checks_come_in_their_documented_order():
    worthless = evolve(SPRING, percent=1, minimums=(Money(100, "USD"),))
    told = [
        verdict(worthless, at=START - timedelta(days=1), subtotal=0),
        verdict(worthless, at=END, subtotal=0),
        verdict(worthless, subtotal=0),
        verdict(worthless, subtotal=0, currency="USD"),
        verdict(worthless, subtotal=100, currency="USD"),
    ]
    assert [refusal.code for refusal in told] == ["coupon_not_started", "coupon_expired", "coupon_currency", "coupon_minimum", "coupon_no_effect"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"code": " "}, "Coupon.code must have 1 to 64 characters, got 0"),
        ({"percent": 0}, "must take a percent or fixed amounts off"),
        ({"amounts": (Money(1, "EUR"),)}, "must take a percent or fixed amounts off, got 1000 and 1 amounts"),
        ({"percent": 10_001}, "Coupon.percent must be between 0 and 10000"),
        ({"percent": -1}, "Coupon.percent must be between 0 and 10000"),
        ({"percent": 12.5}, "Coupon.percent must be an integer"),
        ({"percent": 0, "amounts": (Money(0, "EUR"),)}, "amounts of coupon X must be 1 or more minor units"),
        ({"percent": 0, "amounts": (Money(1, "EUR"), Money(2, "EUR"))}, "amounts of coupon X must name each currency once"),
        ({"minimums": (Money(0, "EUR"),)}, "minimums of coupon X must be 1 or more"),
        ({"minimums": Money(1, "EUR")}, "Coupon.minimums must be tuple, got Money"),
        ({"starts": datetime(2026, 1, 1)}, "Coupon.starts must be a datetime with a time zone"),
        ({"ends": "tomorrow"}, "Coupon.ends must be a datetime"),
        ({"starts": END, "ends": END}, "coupon X must end after it starts"),
        ({"limited": 1}, "Coupon.limited must be bool"),
        ({"title": None}, "Coupon.title must be text"),
        ({"rounding": "half_up"}, "Coupon.rounding must be Rounding, got str"),
        ({"version": 0}, "Coupon.version must be between 1"),
    ],
)
def test_a_wrong_value_is_named_with_its_field(wrong, said):
    with pytest.raises(InvalidValue) as caught:
        Coupon(**{"code": "x", "percent": 1000, **wrong})
    assert said in str(caught.value)
