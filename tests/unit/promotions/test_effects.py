"""What percentages, amounts off and fixed prices take, under caps and above floors."""

from __future__ import annotations

import pytest

from shopwright.errors import InvalidValue
from shopwright.money import Money, Rounding
from shopwright.promotions.amounts import Amount
from shopwright.promotions.effects import AcrossOff, Aim, Cap, EachOff, FixedPrice, OnceOff, Percent
from shopwright.promotions.matching import Named
from shopwright.promotions.taking import NOTHING, Basis, Pick
from tests.unit.promotions.baskets import a_basket, a_line, eur, parts, taken

FIRST = Named("sku", "P1")
ALL_OFF = Percent(10_000)


# --- percent ----------------------------------------------------------------------------------------------------------------------


def test_a_percentage_is_reckoned_once_for_all_lines_and_split_by_what_they_are_worth():
    assert parts(Percent(1_000), a_basket(333, 333, 333)) == (34, 33, 33)


@pytest.mark.parametrize(("rounding", "off"), [(Rounding.HALF_UP, 13), (Rounding.HALF_EVEN, 12), (Rounding.DOWN, 12), (Rounding.UP, 13)])
def test_a_percentage_is_rounded_by_its_policy(rounding, off):
    assert parts(Percent(1_250, rounding=rounding), a_basket(100)) == (off,)


def test_a_percentage_off_what_is_left_is_less_than_one_off_the_list_price():
    half = Percent(5_000)
    assert parts(Percent(5_000), a_basket(1_000), half) == (250,)
    assert parts(Percent(5_000, basis=Basis.LIST), a_basket(1_000), half) == (500,)


def test_a_line_that_costs_nothing_gets_nothing():
    assert parts(Percent(3_333), a_basket(0, 100, 0, 200)) == (0, 33, 0, 67)


def test_only_the_lines_that_are_meant_are_touched():
    assert parts(Percent(5_000, FIRST), a_basket(1_000, 2_000)) == (500, 0)
    assert taken(Percent(5_000, Named("sku", "MAT")), a_basket(1_000)) == NOTHING


def test_a_percentage_is_about_the_order_unless_it_says_about_lines():
    assert [Percent(100).aim, Percent(100, aim=Aim.LINE).aim] == [Aim.ORDER, Aim.LINE]


# --- amounts ----------------------------------------------------------------------------------------------------------------------


def test_an_amount_off_each_takes_it_from_every_unit_and_no_more_than_the_unit_costs():
    assert parts(EachOff(eur(200)), a_basket((1_000, 3), (150, 2))) == (600, 300)


def test_an_amount_across_is_taken_once_and_split_by_what_is_left():
    basket = a_basket((1_000, 3), 1_000)
    assert parts(AcrossOff(eur(1_000)), basket) == (750, 250)
    assert parts(AcrossOff(eur(1_000)), basket, Percent(10_000, FIRST)) == (0, 1_000)


def test_an_amount_across_takes_at_most_all_that_is_left():
    assert parts(AcrossOff(eur(9_999)), a_basket(1_000, 500)) == (1_000, 500)


@pytest.mark.parametrize(("pick", "off"), [(Pick.DEAREST, (0, 900, 0)), (Pick.CHEAPEST, (300, 0, 0))])
def test_an_amount_once_is_taken_from_one_unit_and_no_more_than_it_costs(pick, off):
    assert parts(OnceOff(eur(900), pick=pick), a_basket((300, 5), (1_000, 2), 500)) == off


def test_an_amount_is_taken_in_its_currency_and_channel_only():
    amounts = (Money(900, "USD"), Amount(eur(300), "app"))
    for effect in (EachOff(amounts), AcrossOff(amounts), OnceOff(amounts), FixedPrice(amounts)):
        assert taken(effect, a_basket(1_000)) == NOTHING
        assert taken(effect, a_basket(1_000, channel="app")).amount == (700 if isinstance(effect, FixedPrice) else 300)


def test_amounts_of_currencies_without_cents_and_with_thousandths_are_taken_whole():
    amounts = (Money(500, "JPY"), Money(1_250, "KWD"))
    assert [parts(AcrossOff(amounts), a_basket((3_333, 3), currency=currency)) for currency in ("JPY", "KWD")] == [(500,), (1_250,)]


# --- fixed prices -----------------------------------------------------------------------------------------------------------------


def test_a_fixed_price_takes_off_what_units_cost_beyond_it():
    assert parts(FixedPrice(eur(500)), a_basket((800, 2), 500, 400)) == (600, 0, 0)


def test_a_fixed_price_of_nothing_gives_the_goods_away():
    assert parts(FixedPrice(eur(0)), a_basket((800, 2))) == (1_600,)


def test_a_fixed_price_does_not_raise_what_earlier_promotions_have_brought_below_it():
    assert parts(FixedPrice(eur(500)), a_basket(800), Percent(5_000)) == (0,)


# --- caps -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cap", "off"),
    [
        (Cap(), (1_500, 500)),
        (Cap(per_unit=eur(400)), (1_200, 400)),
        (Cap(per_line=eur(700)), (700, 500)),
        (Cap(per_order=eur(1_000)), (750, 250)),
        (Cap(per_unit=eur(300), per_order=eur(300)), (225, 75)),
        (Cap(units=2), (1_000, 0)),
        (Cap(units=2, per_order=eur(100)), (100, 0)),
        (Cap(per_order=Money(1, "USD")), (1_500, 500)),
    ],
)
def test_a_cap_holds_per_unit_per_line_per_order_and_in_units(cap, off):
    assert parts(Percent(5_000, cap=cap), a_basket((1_000, 3), 1_000)) == off


def test_a_cap_in_units_picks_the_dearest_or_the_cheapest_across_lines():
    basket = a_basket((100, 2), (900, 2), (500, 2))
    assert parts(Percent(10_000, cap=Cap(units=3)), basket) == (0, 1_800, 500)
    assert parts(Percent(10_000, cap=Cap(units=3, pick=Pick.CHEAPEST)), basket) == (200, 0, 500)


def test_units_are_picked_by_what_is_left_of_them_or_by_their_list_prices():
    basket, before = a_basket(1_000, 800), Percent(5_000, FIRST)
    left, listed = Percent(10_000, cap=Cap(units=1)), Percent(10_000, basis=Basis.LIST, cap=Cap(units=1))
    assert parts(left, basket, before) == (0, 800)
    assert parts(listed, basket, before) == (500, 0)


@pytest.mark.parametrize(
    ("effect", "off"),
    [
        (EachOff(eur(300), cap=Cap(units=2)), (600, 0)),
        (EachOff(eur(300), cap=Cap(per_line=eur(500))), (500, 300)),
        (AcrossOff(eur(2_000), cap=Cap(per_line=eur(500))), (500, 500)),
        (AcrossOff(eur(2_000), cap=Cap(units=1)), (1_000, 0)),
        (FixedPrice(eur(100), cap=Cap(units=1)), (900, 0)),
        (FixedPrice(eur(100), cap=Cap(per_order=eur(1_000))), (750, 250)),
    ],
)
def test_every_effect_off_lines_can_be_capped(effect, off):
    assert parts(effect, a_basket((1_000, 3), 1_000)) == off


# --- floors -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "effect",
    [ALL_OFF, EachOff(eur(9_000)), AcrossOff(eur(90_000)), FixedPrice(eur(0)), Percent(9_999, basis=Basis.LIST)],
    ids=lambda it: type(it).__name__,
)
def test_no_effect_takes_a_line_below_its_floor(effect):
    basket = a_basket(a_line("A", 2, 1_000, floor=800), a_line("B", 1, 500, floor=500), a_line("C", 1, 300, floor=400))
    assert parts(effect, basket) == (400, 0, 0)


def test_the_floor_counts_what_earlier_promotions_have_taken():
    basket = a_basket(a_line("A", 1, 1_000, floor=400))
    assert parts(ALL_OFF, basket, Percent(5_000)) == (100,)


def test_nothing_is_taken_twice_of_a_line_that_is_free_already():
    assert taken(ALL_OFF, a_basket(1_000), ALL_OFF) == NOTHING


# --- promises to the search -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("effect", "most"),
    [
        (Percent(1_250), 438),
        (Percent(5_000, cap=Cap(per_order=eur(700))), 700),
        (Percent(9_900, basis=Basis.LIST), 3_200),
        (EachOff(eur(100)), 400),
        (AcrossOff(eur(5_000)), 3_200),
        (OnceOff(eur(700)), 700),
        (FixedPrice(eur(600)), 1_200),
        (FixedPrice(Money(1, "USD")), 0),
    ],
)
def test_an_effect_says_what_it_could_take_at_most(effect, most):
    basket = a_basket(a_line("A", 3, 1_000, floor=100), 500)
    assert effect.most(basket) == most


# --- what is no effect ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Percent(-1_000), "Percent.percent must be between 1 and 10000, got -1000"),
        (lambda: Percent(0), "Percent.percent must be between 1 and 10000, got 0"),
        (lambda: Percent(10_001), "Percent.percent must be between 1 and 10000, got 10001"),
        (lambda: Percent(12.5), "Percent.percent must be an integer, got float"),
        (lambda: Percent(1_000, basis="list price"), "Percent.basis must be Basis, got str"),
        (lambda: Percent(1_000, rounding="up"), "Percent.rounding must be Rounding, got str"),
        (lambda: Percent(1_000, "P1"), "Percent.lines must say which lines are meant"),
        (lambda: Percent(1_000, cap=500), "Percent.cap must be Cap, got int"),
        (lambda: EachOff(eur(0)), "EachOff.amounts must be 1 or more minor units, got 0.00 EUR"),
        (lambda: EachOff(()), "EachOff.amounts must have at least 1 members"),
        (lambda: AcrossOff(500), "expected amounts of money, got int"),
        (lambda: AcrossOff((eur(5), eur(6))), "AcrossOff.amounts must name EUR once"),
        (lambda: AcrossOff((Amount(eur(5), "app"), Amount(eur(6), "app"))), "AcrossOff.amounts must name EUR in app once"),
        (lambda: OnceOff(eur(5), pick="dearest of all"), "OnceOff.pick must be Pick, got str"),
        (lambda: FixedPrice(eur(-1)), "FixedPrice.prices must be 0 or more minor units"),
        (lambda: Cap(units=0), "Cap.units must be between 1"),
        (lambda: Cap(per_order=eur(0)), "Cap.per_order must be 1 or more minor units"),
    ],
)
def test_what_is_no_effect_is_told_with_what_was_expected(make, said):
    with pytest.raises(InvalidValue) as error:
        make()
    assert said in str(error.value)
