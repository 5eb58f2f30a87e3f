"""Four ways to choose among the promotions that apply, of which one is proved to be the best."""

from __future__ import annotations

import pytest

from shopwright.errors import InvalidValue
from shopwright.promotions.effects import AcrossOff, Percent
from shopwright.promotions.extras import Extra, ShippingOff
from shopwright.promotions.matching import Named
from shopwright.promotions.promotion import Group, Promotion, Stacking, in_order
from shopwright.promotions.search import Found, Options, Search, Strategy, search
from shopwright.promotions.taking import Basis
from tests.unit.promotions.baskets import a_basket, a_promotion, eur

FREE = Stacking()


def off(id: str, minor: int, **more) -> Promotion:
    return a_promotion(id, AcrossOff(eur(minor)), **more)


def found(*promotions: Promotion, basket=None, stacking=FREE, strategy=Strategy.EXACT, nodes=20_000, coded=()) -> Found:
    given = Options(basket or a_basket(10_000), in_order(promotions, stacking), stacking, frozenset(coded))
    return search(given, Search(strategy, nodes))


def chosen(outcome: Found) -> tuple[list[str], int]:
    return [it.promotion.id for it in outcome.applied], outcome.worth


# Exclusive takes 900; a and b together take 1,000; by priority the exclusive one comes first and shuts the others out.
CLASH = (off("only", 900, exclusive=True, priority=-1), off("a", 700), off("b", 300))


def test_priority_takes_each_that_may_stand_beside_those_before_it():
    assert chosen(found(*CLASH, strategy=Strategy.PRIORITY)) == (["only"], 900)
    assert chosen(
        found(off("a", 1, group="g"), off("b", 9, group="g"), off("c", 5), stacking=Stacking(groups=(Group("g"),)), strategy=Strategy.PRIORITY)
    ) == (
        ["a", "c"],
        6,
    )


def test_best_single_takes_the_one_that_gives_most():
    assert chosen(found(*CLASH, strategy=Strategy.BEST_SINGLE)) == (["only"], 900)
    assert chosen(found(off("a", 5), off("b", 9), strategy=Strategy.BEST_SINGLE)) == (["b"], 9)


def test_greedy_takes_what_adds_most_again_and_again_and_does_not_look_back():
    assert chosen(found(*CLASH, strategy=Strategy.GREEDY)) == (["only"], 900)
    assert chosen(found(off("a", 5), off("b", 9), strategy=Strategy.GREEDY)) == (["a", "b"], 14)


def test_exact_takes_the_best_legal_set_and_proves_it():
    outcome = found(*CLASH)
    assert chosen(outcome) == (["a", "b"], 1_000)
    assert (outcome.proved, outcome.bound) == (True, 1_000)


def test_exact_sees_that_the_order_of_taking_makes_a_percentage_smaller():
    first, half = off("first", 4_000, priority=-1), a_promotion("half", Percent(5_000), priority=1)
    assert chosen(found(first, half)) == (["first", "half"], 4_000 + 3_000)
    both_from_list = a_promotion("half", Percent(5_000, basis=Basis.LIST), priority=1)
    assert chosen(found(first, both_from_list)) == (["first", "half"], 9_000)


@pytest.mark.parametrize("strategy", Strategy)
def test_nothing_to_choose_from_gives_nothing(strategy):
    assert chosen(found(strategy=strategy)) == ([], 0)


@pytest.mark.parametrize("strategy", Strategy)
def test_a_promotion_that_would_give_nothing_is_never_taken(strategy):
    nothing, other = a_promotion("free", ShippingOff(percent=10_000)), a_promotion("none", Percent(1_000, Named("sku", "MAT")))
    assert chosen(found(nothing, other, off("a", 5), strategy=strategy)) == (["a"], 5)


@pytest.mark.parametrize("strategy", [Strategy.BEST_SINGLE, Strategy.GREEDY, Strategy.EXACT])
def test_of_two_that_give_alike_the_one_without_a_code_is_taken(strategy):
    groups = Stacking(groups=(Group("g"),))
    one, other = off("a", 500, group="g"), off("b", 500, group="g")
    assert chosen(found(one, other, stacking=groups, strategy=strategy, coded={"a"})) == (["b"], 500)
    assert chosen(found(one, other, stacking=groups, strategy=strategy)) == (["a"], 500)


@pytest.mark.parametrize("strategy", [Strategy.GREEDY, Strategy.EXACT])
def test_no_code_is_used_up_that_adds_nothing(strategy):
    everything = a_promotion("all", Percent(10_000))
    assert chosen(found(everything, off("code", 500, priority=5), strategy=strategy, coded={"code"})) == (["all"], 10_000)


def many(count: int) -> list[Promotion]:
    """Promotions of three groups, each better than the one before on a different line: nothing to tell them apart early."""
    lines = [Named("sku", f"P{number}") for number in range(1, 6)]
    return [
        a_promotion(
            f"p{number:02}",
            Percent(500 + 137 * number % 2_900, lines[number % 5]),
            Extra(points=1, worth=eur(1 + number % 7)),
            group="abc"[number % 3],
        )
        for number in range(count)
    ]


LIMITED = Stacking(groups=(Group("a", 4), Group("b", 4), Group("c", 4)), most=9)
FIVE = a_basket(5_000, 4_100, 3_333, 2_900, 1_999)


def test_forty_promotions_stay_within_their_budget_and_say_how_far_from_the_best_they_may_be():
    outcome = found(*many(40), basket=FIVE, stacking=LIMITED, nodes=200)
    assert (outcome.proved, outcome.nodes <= 200) == (False, True)
    assert 0 < outcome.worth < outcome.bound
    assert outcome.worth >= found(*many(40), basket=FIVE, stacking=LIMITED, strategy=Strategy.GREEDY).worth


def test_more_nodes_never_find_less_and_never_promise_more():
    budgets = [found(*many(14), basket=FIVE, stacking=LIMITED, nodes=nodes) for nodes in (1, 10, 100, 1_000_000)]
    worths, bounds = [it.worth for it in budgets], [it.bound for it in budgets]
    assert (worths, bounds) == (sorted(worths), sorted(bounds, reverse=True))
    assert [it.proved for it in budgets][-1]
    assert worths[-1] == bounds[-1]


@pytest.mark.parametrize("strategy", [Strategy.PRIORITY, Strategy.BEST_SINGLE, Strategy.GREEDY])
def test_the_other_strategies_prove_nothing_and_say_what_no_set_exceeds(strategy):
    outcome = found(*CLASH, strategy=strategy)
    assert not outcome.proved
    assert outcome.bound >= 1_000


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Search("exact"), "Search.strategy must be Strategy, got str"),
        (lambda: Search(Strategy.EXACT, 0), "Search.nodes must be between 1"),
        (lambda: Search(nodes=1.5), "Search.nodes must be an integer, got float"),
    ],
)
def test_what_is_no_way_to_search_is_told_with_what_was_expected(make, said):
    with pytest.raises(InvalidValue) as error:
        make()
    assert said in str(error.value)
