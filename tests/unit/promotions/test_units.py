"""Effects over single units: no unit is used twice, and the cheapest (or dearest) is the one that is given."""

from __future__ import annotations

import pytest

from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.promotions.effects import Percent
from shopwright.promotions.matching import Named
from shopwright.promotions.search import Strategy
from shopwright.promotions.taking import NOTHING, Basis, Pick, Taken
from shopwright.promotions.units import Bundle, BuyGet, EveryNth, Part
from tests.unit.promotions.baskets import a_basket, a_line, a_promotion, eur, outcome_of, parts, taken

TEA, CUP, POT = (Named("sku", sku) for sku in ("TEA", "CUP", "POT"))
TWO_AND_ONE = BuyGet(2, 1)


# --- buy X get Y ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("quantity", "free"), [(1, 0), (2, 0), (3, 1), (4, 1), (5, 1), (6, 2), (9, 3), (10, 3)])
def test_buy_two_get_one_repeats_as_often_as_it_can(quantity, free):
    assert parts(TWO_AND_ONE, a_basket((100, quantity))) == (100 * free,)


def test_buy_two_get_one_repeats_as_often_as_it_says():
    assert parts(BuyGet(2, 1, times=1), a_basket((100, 9))) == (100,)


@pytest.mark.parametrize(("pick", "off"), [(Pick.CHEAPEST, (0, 0, 300)), (Pick.DEAREST, (900, 0, 0))])
def test_the_cheapest_or_the_dearest_is_the_one_that_is_free(pick, off):
    assert parts(BuyGet(2, 1, pick=pick), a_basket(900, 500, 300)) == off


def test_bought_and_given_units_are_both_used_up():
    assert taken(TWO_AND_ONE, a_basket((900, 2), (300, 3))) == Taken((0, 300), (2, 1))


def test_what_is_given_may_be_other_goods_than_what_is_bought():
    basket = a_basket(a_line("TEA", 5, 700), a_line("CUP", 3, 400))
    assert parts(BuyGet(2, 1, bought=TEA, given=CUP), basket) == (0, 800)
    assert parts(BuyGet(2, 1, bought=CUP, given=TEA), basket) == (700, 0)


def test_units_that_are_given_are_not_the_ones_that_were_bought():
    assert taken(BuyGet(2, 1, pick=Pick.DEAREST), a_basket((900, 2), (300, 1))) == Taken((900, 0), (2, 1))


def test_several_that_are_given_are_counted_as_well_as_those_that_are_bought():
    basket = a_basket(a_line("TEA", 3, 700), a_line("CUP", 5, 400))
    assert taken(BuyGet(1, 2, bought=TEA, given=CUP), basket) == Taken((0, 1_600), (2, 4))


def test_one_comes_with_those_that_are_bought_unless_the_promotion_says_how_many():
    assert BuyGet(2) == BuyGet(2, 1)


def test_of_units_that_could_be_bought_and_given_as_few_are_given_as_must_be():
    basket = a_basket(a_line("TEA", 2, 700), a_line("CUP", 1, 400))
    either = BuyGet(1, 1, bought=Named("sku", {"TEA", "CUP"}), given=Named("sku", {"CUP"}))
    assert taken(either, basket) == Taken((0, 400), (1, 1))
    shared = BuyGet(1, 1, bought=CUP, given=Named("sku", {"TEA", "CUP"}))
    assert taken(shared, basket) == Taken((700, 0), (1, 1))


def test_a_given_unit_may_cost_a_part_of_its_price():
    assert parts(BuyGet(1, 1, percent=5_000), a_basket((333, 2))) == (167,)


def test_a_given_unit_may_cost_an_amount_less_and_never_less_than_nothing():
    five_off = BuyGet(2, 1, off=(eur(500), Money(600, "JPY")))
    assert [parts(five_off, a_basket((price, 7))) for price in (2_000, 300)] == [(1_000,), (600,)]
    assert parts(five_off, a_basket((2_000, 3), currency="JPY")) == (600,)
    assert taken(five_off, a_basket((2_000, 3), currency="USD")) == NOTHING
    assert [five_off.most(a_basket((price, 7))) for price in (2_000, 100)] == [1_000, 700]


def test_no_unit_is_used_twice_by_two_promotions():
    basket = a_basket((100, 5))
    outcome = outcome_of(basket, a_promotion("a", TWO_AND_ONE), a_promotion("b", BuyGet(1, 1)), strategy=Strategy.PRIORITY)
    # Units of a line are alike: after the first one is free, 400 is left of five.
    assert (outcome.parts, [sum(it.taken[0].used) for it in outcome.applied]) == ((100 + 80,), [3, 2])


def test_no_unit_is_used_twice_by_two_effects_of_one_promotion():
    outcome = outcome_of(a_basket((100, 5)), a_promotion("both", TWO_AND_ONE, TWO_AND_ONE))
    assert outcome.parts == (100,)


def test_what_an_earlier_promotion_has_taken_is_not_given_again():
    basket = a_basket((1_000, 3))
    assert parts(TWO_AND_ONE, basket, Percent(5_000)) == (500,)
    assert parts(BuyGet(2, 1, basis=Basis.LIST), basket, Percent(5_000)) == (1_000,)


def test_a_given_unit_keeps_to_the_floor_of_its_line():
    assert parts(TWO_AND_ONE, a_basket(a_line("TEA", 3, 1_000, floor=800))) == (600,)


def test_a_given_unit_of_one_cent_is_given():
    assert taken(TWO_AND_ONE, a_basket((1, 3))) == Taken((1,), (3,))


def test_units_that_cost_nothing_give_nothing_and_are_not_used_up():
    assert taken(TWO_AND_ONE, a_basket((0, 3))) == NOTHING


def test_a_million_units_are_counted_and_not_walked():
    assert parts(TWO_AND_ONE, a_basket((100, 1_000_000))) == (33_333_300,)


# --- every nth --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("quantity", "off"), [(1, 0), (2, 50), (3, 50), (4, 100)])
def test_every_second_unit_costs_half(quantity, off):
    assert parts(EveryNth(2, 5_000), a_basket((100, quantity))) == (off,)


def test_units_are_counted_from_the_dearest_so_that_the_cheaper_of_a_pair_is_the_reduced_one():
    assert parts(EveryNth(2), a_basket(900, 300, 500, 100)) == (0, 0, 500, 100)
    assert parts(EveryNth(3, times=1), a_basket((100, 5), (900, 2))) == (100, 0)


def test_units_up_to_the_last_reduced_one_are_used_up():
    assert taken(EveryNth(2), a_basket(900, (500, 2))) == Taken((0, 500), (1, 1))


# --- bundles ----------------------------------------------------------------------------------------------------------------------


def tea_set(price=1_000, **more) -> Bundle:
    return Bundle((Part(2, TEA), Part(1, CUP)), eur(price), **more)


def test_a_bundle_costs_its_price_as_often_as_it_can_be_put_together():
    basket = a_basket(a_line("TEA", 5, 500), a_line("CUP", 3, 400))
    given = taken(tea_set(), basket)
    assert (given.amount, given.used) == (800, (4, 2))


def test_a_bundle_is_made_as_often_as_it_says():
    assert taken(tea_set(times=1), a_basket(a_line("TEA", 4, 500), a_line("CUP", 2, 400))).amount == 400


def test_a_bundle_without_one_of_its_parts_is_not_made():
    assert taken(tea_set(), a_basket(a_line("TEA", 9, 500))) == NOTHING
    assert taken(tea_set(), a_basket(a_line("TEA", 1, 500), a_line("CUP", 1, 400))) == NOTHING


def test_a_bundle_that_would_cost_less_without_is_not_made():
    assert taken(tea_set(1_400), a_basket(a_line("TEA", 2, 500), a_line("CUP", 1, 400))) == NOTHING


def test_parts_of_a_bundle_are_filled_with_the_dearest_units_that_are_free():
    any_two = Bundle((Part(2),), eur(1_000))
    assert taken(any_two, a_basket(900, 300, 700)) == Taken((338, 0, 262), (1, 0, 1))


def test_one_line_can_fill_two_parts_with_different_units():
    pair = Bundle((Part(1, TEA), Part(1)), eur(500))
    assert taken(pair, a_basket(a_line("TEA", 2, 400))) == Taken((300,), (2,))
    assert taken(pair, a_basket(a_line("TEA", 1, 400))) == NOTHING


def test_a_bundle_for_nothing_takes_all_that_its_units_cost_and_one_of_free_goods_is_not_made():
    pair = Bundle((Part(1, TEA), Part(1, CUP)), eur(0))
    assert taken(pair, a_basket(a_line("TEA", 1, 1), a_line("CUP", 1, 0))) == Taken((1, 0), (1, 1))
    assert taken(pair, a_basket(a_line("TEA", 1, 0), a_line("CUP", 1, 0))) == NOTHING


def test_a_bundle_in_another_currency_is_not_made():
    assert taken(Bundle((Part(1),), Money(1, "USD")), a_basket(1_000)) == NOTHING


def test_a_bundle_does_not_use_what_another_has_used():
    basket = a_basket(a_line("TEA", 2, 500), a_line("CUP", 1, 400), a_line("POT", 1, 900))
    other = Bundle((Part(2, TEA), Part(1, POT)), eur(500))
    assert taken(tea_set(), basket, other) == NOTHING


# --- promises and keys ------------------------------------------------------------------------------------------------------------


def test_effects_over_units_promise_the_dearest_units_at_list_prices():
    basket = a_basket((900, 1), (300, 5))
    effects = [TWO_AND_ONE, EveryNth(3, 5_000), BuyGet(1, 1, times=1), Bundle((Part(2),), eur(500))]
    assert [effect.most(basket) for effect in effects] == [1_200, 600, 900, 1_900]


def test_effects_over_units_are_looked_up_by_what_they_give():
    tea = frozenset({("sku", "TEA")})
    assert [BuyGet(1, 1, bought=CUP, given=TEA).keys, EveryNth(2, lines=TEA).keys, tea_set().keys, TWO_AND_ONE.keys] == [tea, tea, tea, None]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: BuyGet(0), "BuyGet.buy must be between 1 and 1000, got 0"),
        (lambda: BuyGet(2, -1), "BuyGet.get must be between 1 and 1000, got -1"),
        (lambda: BuyGet(2, percent=-1), "BuyGet.percent must be between 1 and 10000, got -1"),
        (lambda: BuyGet(2, given="CUP"), "BuyGet.given must say which lines are meant"),
        (lambda: BuyGet(2, percent=5_000, off=eur(5)), "BuyGet must take a percent or amounts off, and not both"),
        (lambda: BuyGet(2, times=0), "BuyGet.times must be between 1"),
        (lambda: EveryNth(1), "EveryNth.n must be between 2 and 1000, got 1"),
        (lambda: EveryNth(2, 20_000), "EveryNth.percent must be between 1 and 10000, got 20000"),
        (lambda: Bundle((), eur(1)), "Bundle.parts must have at least 1 members"),
        (lambda: Bundle((TEA,), eur(1)), "Bundle.parts must be Part, got Named"),
        (lambda: Bundle((Part(1),), eur(-1)), "Bundle.prices must be 0 or more minor units"),
        (lambda: Bundle((Part(1),), ()), "Bundle.prices must have at least 1 members"),
        (lambda: Part(0), "Part.quantity must be between 1"),
    ],
)
def test_what_is_no_effect_over_units_is_told_with_what_was_expected(make, said):
    with pytest.raises(InvalidValue) as error:
        make()
    assert said in str(error.value)
