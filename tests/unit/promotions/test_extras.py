"""Ladders, shipping, and what is no money."""

from __future__ import annotations

import pytest

from shopwright.errors import InvalidValue
from shopwright.money import Money, Rounding
from shopwright.promotions.amounts import Amount
from shopwright.promotions.effects import Aim, Cap, Percent
from shopwright.promotions.extras import By, Extra, Ladder, Rung, ShippingOff
from shopwright.promotions.matching import Named
from shopwright.promotions.promotion import Group, Stacking
from shopwright.promotions.search import Strategy
from shopwright.promotions.taking import NOTHING, Basis, Gift, Taken
from tests.unit.promotions.baskets import a_basket, a_line, a_promotion, eur, ids, outcome_of, parts, taken

BY_UNITS = Ladder(By.QUANTITY, (Rung(3, percent=500), Rung(10, percent=1_000)))
BY_SPEND = Ladder(By.SPEND, (Rung(spend=eur(5_000), off=eur(500)), Rung(spend=eur(10_000), off=eur(1_500))))


# --- ladders ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("quantity", "off"), [(2, 0), (3, 15), (9, 45), (10, 100), (500, 5_000)])
def test_a_ladder_by_quantity_gives_what_its_highest_step_says_from_its_very_unit_on(quantity, off):
    assert parts(BY_UNITS, a_basket((100, quantity))) == (off,)


@pytest.mark.parametrize(("spend", "off"), [(4_999, 0), (5_000, 500), (9_999, 500), (10_000, 1_500)])
def test_a_ladder_by_spend_gives_only_its_highest_step(spend, off):
    assert parts(BY_SPEND, a_basket(spend)) == (off,)


def test_a_ladder_by_spend_is_climbed_by_what_is_left_or_by_list_prices():
    half = Percent(5_000)
    assert parts(BY_SPEND, a_basket(10_000), half) == (500,)
    listed = Ladder(By.SPEND, BY_SPEND.rungs, basis=Basis.LIST)
    assert parts(listed, a_basket(10_000), half) == (1_500,)


def test_a_ladder_is_climbed_by_the_lines_that_are_meant():
    ladder = Ladder(By.QUANTITY, BY_UNITS.rungs, Named("sku", "TEA"))
    assert parts(ladder, a_basket(a_line("TEA", 3, 100), a_line("CUP", 9, 100))) == (15, 0)


def test_a_ladder_keeps_to_its_cap_and_its_rounding():
    ladder = Ladder(By.QUANTITY, (Rung(1, percent=3_333),), cap=Cap(per_order=eur(40)), rounding=Rounding.UP)
    assert [parts(ladder, a_basket(price)) for price in (100, 1_000)] == [(34,), (40,)]


def test_a_ladder_by_spend_has_no_step_in_a_currency_or_channel_that_it_does_not_name():
    ladder = Ladder(By.SPEND, (Rung(spend=(Money(1, "USD"), Amount(eur(1), "app")), percent=1_000),))
    assert [parts(ladder, a_basket(1_000, channel=channel)) for channel in ("", "app")] == [(0,), (100,)]


def test_the_highest_step_is_found_whatever_the_order_of_the_rungs_by_spend():
    ladder = Ladder(By.SPEND, BY_SPEND.rungs[::-1])
    assert parts(ladder, a_basket(10_000)) == (1_500,)


def test_a_ladder_promises_the_most_of_its_steps():
    assert [BY_UNITS.most(a_basket(1_000)), BY_SPEND.most(a_basket(1_000)), BY_SPEND.most(a_basket(9_000))] == [100, 1_000, 1_500]


# --- shipping ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("effect", "off"),
    [
        (ShippingOff(percent=10_000), 499),
        (ShippingOff(percent=5_000), 250),
        (ShippingOff(percent=5_000, rounding=Rounding.DOWN), 249),
        (ShippingOff(off=eur(200)), 200),
        (ShippingOff(off=eur(800)), 499),
    ],
)
def test_shipping_costs_less_and_never_less_than_nothing(effect, off):
    assert taken(effect, a_basket(1_000, shipping=499)) == Taken(shipping=off)
    assert effect.most(a_basket(1_000, shipping=499)) >= off


def test_free_shipping_gives_nothing_where_shipping_is_free_or_the_currency_is_not_named():
    assert taken(ShippingOff(percent=10_000), a_basket()) == NOTHING
    assert taken(ShippingOff(percent=10_000), a_basket(shipping=499), ShippingOff(percent=10_000)) == NOTHING
    assert taken(ShippingOff(off=Money(500, "USD")), a_basket(shipping=499)) == NOTHING


def test_two_promotions_off_shipping_share_what_it_costs():
    half, two = ShippingOff(percent=5_000), ShippingOff(off=eur(300))
    outcome = outcome_of(a_basket(shipping=499), a_promotion("half", half), a_promotion("two", two, priority=1))
    assert (ids(outcome), outcome.shipping, outcome.discount) == (["half", "two"], 499, 0)


# --- what is no money -------------------------------------------------------------------------------------------------------------


def test_gifts_points_and_coupons_take_nothing_off():
    extra = Extra(gifts=(Gift("MUG", 2),), points=50, points_rate=20_000, coupons=("welcome-back",), worth=eur(700))
    given = taken(extra, a_basket(1_000))
    assert given == Taken(gifts=(Gift("MUG", 2),), points=50, points_rate=20_000, coupons=("welcome-back",))
    assert (given.amount, given.is_nothing, extra.most(a_basket(1_000)), extra.aim) == (0, False, 0, Aim.EXTRA)


@pytest.mark.parametrize("strategy", Strategy)
def test_an_extra_that_the_shop_reckons_at_nothing_is_given_all_the_same(strategy):
    outcome = outcome_of(a_basket(), a_promotion("double", Extra(points_rate=20_000)), strategy=strategy)
    assert (ids(outcome), outcome.worth) == (["double"], 0)


@pytest.mark.parametrize("strategy", [Strategy.GREEDY, Strategy.EXACT])
def test_an_extra_that_is_reckoned_at_nothing_never_costs_the_customer_money(strategy):
    cash, gift = a_promotion("cash", Percent(10), group="one"), a_promotion("gift", Extra(gifts=(Gift("MUG"),)), group="one")
    outcome = outcome_of(a_basket(), cash, gift, strategy=strategy, stacking=Stacking(groups=(Group("one"),)))
    assert (ids(outcome), outcome.gifts) == (["cash"], ())


def test_what_an_extra_is_worth_to_the_shop_decides_against_money_off():
    cash = a_promotion("cash", Percent(1_000), exclusive=True)
    outcomes = [outcome_of(a_basket(), cash, a_promotion("gift", Extra(gifts=(Gift("MUG"),), worth=eur(worth)))) for worth in (99, 101)]
    assert [(ids(outcome), outcome.worth) for outcome in outcomes] == [(["cash"], 100), (["gift"], 101)]


# --- what is none of these --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Rung(3), "a rung must take a percent or amounts off, and not both"),
        (lambda: Rung(3, percent=500, off=eur(1)), "a rung must take a percent or amounts off, and not both"),
        (lambda: Rung(-1, percent=500), "Rung.units must be between 0"),
        (lambda: Rung(1, percent=-500), "Rung.percent must be between 0 and 10000, got -500"),
        (lambda: Ladder(By.QUANTITY, ()), "Ladder.rungs must have at least 1 members"),
        (lambda: Ladder(By.QUANTITY, BY_UNITS.rungs[::-1]), "Ladder.rungs must rise in units from 1 on, each once, got 10, 3"),
        (lambda: Ladder(By.QUANTITY, (Rung(2, percent=1), Rung(2, percent=2))), "each once, got 2, 2"),
        (lambda: Ladder(By.QUANTITY, (Rung(percent=1),)), "Ladder.rungs must rise in units from 1 on"),
        (lambda: Ladder(By.SPEND, (Rung(3, percent=1),)), "must each say from which spend on; give spend=Money(...)"),
        (lambda: Ladder("quantity", BY_UNITS.rungs), "Ladder.by must be By, got str"),
        (ShippingOff, "ShippingOff must take a percent or amounts off, and not both; percent=10000 is free shipping"),
        (lambda: ShippingOff(percent=-1), "ShippingOff.percent must be between 0 and 10000, got -1"),
        (lambda: ShippingOff(percent=1, off=eur(1)), "ShippingOff must take a percent or amounts off, and not both"),
        (Extra, "an Extra must give gifts, points, a points rate or coupons"),
        (lambda: Extra(points=-5), "Extra.points must be between 0"),
        (lambda: Extra(gifts=("MUG",)), "Extra.gifts must be Gift, got str"),
        (lambda: Extra(points=5, worth=eur(0)), "Extra.worth must be 1 or more minor units"),
        (lambda: Gift("MUG", 0), "Gift.quantity must be between 1"),
        (lambda: Gift(""), "Gift.sku must have 1 to 100 characters"),
    ],
)
def test_what_is_no_ladder_shipping_or_extra_is_told_with_what_was_expected(make, said):
    with pytest.raises(InvalidValue) as error:
        make()
    assert said in str(error.value)
