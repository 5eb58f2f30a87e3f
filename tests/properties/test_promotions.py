"""The laws of promotions, on random baskets and promotions of every effect and every way of stacking."""

from __future__ import annotations

from itertools import combinations

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwright.promotions.basket import Basket, canonical
from shopwright.promotions.conditions import ALWAYS
from shopwright.promotions.engine import Engine, Skip
from shopwright.promotions.promotion import Promotion, Stacking, in_order, is_legal, stand_together
from shopwright.promotions.search import Options, Search, Strategy, search
from shopwright.promotions.sets import gives_nothing, rank, take, uses_code, worth
from shopwright.promotions.taking import Tab
from tests.properties.promotion_values import BASKETS, EFFECTS, STACKINGS, promotion_sets

STRATEGIES = st.sampled_from(Strategy)


def options(basket: Basket, promotions: tuple[Promotion, ...], stacking: Stacking) -> Options:
    """What the engine hands to the search: the promotions that apply, on the lines in their own order."""
    own = evolve(basket, lines=tuple([basket.lines[place] for place in canonical(basket.lines)]))
    good = tuple([it for it in in_order(promotions, stacking) if it.when.unmet(own) is None])
    return Options(own, good, stacking, frozenset(it.id for it in good if uses_code(it, own)))


@given(BASKETS, promotion_sets(), STACKINGS)
def test_exact_finds_what_trying_every_legal_set_finds(basket: Basket, promotions: tuple[Promotion, ...], stacking: Stacking) -> None:
    told = options(basket, promotions, stacking)
    ranked = []
    for size in range(len(told.promotions) + 1):
        for some in combinations(told.promotions, size):
            if is_legal(some, stacking):
                total, _ = told.tried(some)
                ranked.append(rank(total, some, told.coded))

    found = search(told, Search(Strategy.EXACT, 1_000_000))

    assert rank(found.worth, [it.promotion for it in found.applied], told.coded) == min(ranked)
    assert (found.proved, found.bound) == (True, found.worth)


def best_of_all(told: Options, stacking: Stacking) -> tuple[object, ...]:
    """The rank of the best legal set, by trying each of them; what is legal stays legal when one is taken away, so the others need not be grown."""
    best = rank(0, (), told.coded)
    stack: list[tuple[int, Tab, int, tuple[Promotion, ...]]] = [(0, Tab(told.basket), 0, ())]
    while stack:
        index, before, total, chosen = stack.pop()
        for place in range(index, len(told.promotions)):
            grown = (*chosen, told.promotions[place])
            if is_legal(grown, stacking):
                tab = before.copy()
                sum_of_all = total + worth(take(told.promotions[place], tab), told.basket)
                best = min(best, rank(sum_of_all, grown, told.coded))
                stack.append((place + 1, tab, sum_of_all, grown))
    return best


@settings(max_examples=100)
@given(BASKETS, promotion_sets(least=8, most=12, when=st.just(ALWAYS)), STACKINGS)
def test_exact_finds_what_trying_every_legal_set_of_up_to_twelve_finds(
    basket: Basket, promotions: tuple[Promotion, ...], stacking: Stacking
) -> None:
    told = options(basket, promotions, stacking)

    found = search(told, Search(Strategy.EXACT, 1_000_000))

    assert rank(found.worth, [it.promotion for it in found.applied], told.coded) == best_of_all(told, stacking)
    assert (found.proved, found.bound, len(told.promotions)) == (True, found.worth, len(promotions))


@given(BASKETS, promotion_sets(), STACKINGS, st.integers(1, 5))
def test_a_search_that_was_cut_short_says_so_and_knows_what_no_set_exceeds(
    basket: Basket, promotions: tuple[Promotion, ...], stacking: Stacking, nodes: int
) -> None:
    told = options(basket, promotions, stacking)
    cut, whole = search(told, Search(Strategy.EXACT, nodes)), search(told, Search(Strategy.EXACT, 1_000_000))
    assert cut.worth <= whole.worth <= cut.bound
    assert cut.nodes <= nodes
    if cut.proved:
        assert (cut.worth, cut.applied) == (whole.worth, whole.applied)


@given(BASKETS, promotion_sets(), STACKINGS, STRATEGIES)
def test_no_strategy_gives_more_than_the_exact_one_or_than_its_bound(
    basket: Basket, promotions: tuple[Promotion, ...], stacking: Stacking, strategy: Strategy
) -> None:
    told = options(basket, promotions, stacking)
    found, best = search(told, Search(strategy, 1_000_000)), search(told, Search(Strategy.EXACT, 1_000_000))
    assert found.worth <= best.worth <= found.bound
    assert is_legal([it.promotion for it in found.applied], stacking)
    assert not any(map(gives_nothing, found.applied))


@given(BASKETS, promotion_sets(), STACKINGS, STRATEGIES)
def test_lines_stay_above_their_floors_and_the_parts_are_what_the_promotions_took(
    basket: Basket, promotions: tuple[Promotion, ...], stacking: Stacking, strategy: Strategy
) -> None:
    outcome = Engine(promotions, stacking=stacking, how=Search(strategy)).evaluate(basket)
    for line, part in zip(basket.lines, outcome.parts, strict=True):
        assert 0 <= part <= max(0, line.amount - line.floor * line.quantity)
    assert 0 <= outcome.shipping <= basket.shipping
    assert outcome.discount + outcome.shipping == sum(applied.amount for applied in outcome.applied)
    for place, line in enumerate(basket.lines):
        used = sum(taken.used[place] for applied in outcome.applied for taken in applied.taken if taken.used)
        assert used <= line.quantity


@given(BASKETS, promotion_sets(), STACKINGS, STRATEGIES, st.randoms())
def test_the_order_of_lines_and_promotions_changes_nothing(
    basket: Basket, promotions: tuple[Promotion, ...], stacking: Stacking, strategy: Strategy, chance: object
) -> None:
    from random import Random

    assert isinstance(chance, Random)
    places = list(range(len(basket.lines)))
    chance.shuffle(places)
    mixed = chance.sample(promotions, len(promotions))
    one = Engine(promotions, stacking=stacking, how=Search(strategy)).evaluate(basket)
    other = Engine(mixed, stacking=stacking, how=Search(strategy)).evaluate(evolve(basket, lines=tuple([basket.lines[place] for place in places])))
    assert sorted(zip(map(str, basket.lines), one.parts, strict=True)) == sorted(
        (str(basket.lines[place]), part) for place, part in zip(places, other.parts, strict=True)
    )
    assert [it.promotion.id for it in one.applied] == [it.promotion.id for it in other.applied]
    assert (one.worth, one.shipping, one.gifts, one.skipped) == (other.worth, other.shipping, other.gifts, other.skipped)


@given(BASKETS, EFFECTS, st.lists(EFFECTS, max_size=3))
def test_no_effect_takes_more_than_it_promised_whatever_was_taken_before(basket: Basket, effect, before) -> None:
    tab = Tab(basket)
    for each in before:
        tab.take(each.take(tab))
    taken = effect.take(tab)
    assert 0 <= taken.amount <= effect.most(basket)
    assert all(part >= 0 for part in taken.parts)


@given(BASKETS, promotion_sets(), STACKINGS)
def test_every_promotion_is_taken_or_says_why_not(basket: Basket, promotions: tuple[Promotion, ...], stacking: Stacking) -> None:
    engine = Engine(promotions, stacking=stacking)
    outcome, skipped = engine.evaluate(basket), engine.why_not(basket)
    assert sorted([it.promotion.id for it in outcome.applied] + [it.promotion.id for it in skipped]) == sorted(it.id for it in promotions)
    for skip in skipped:
        assert (skip.unmet is not None) == (skip.reason in {Skip.CONDITION, Skip.UNKNOWN})
        if skip.reason is Skip.EXCLUDED:
            assert skip.beside


@given(BASKETS, promotion_sets(most=4), STACKINGS)
def test_what_a_basket_does_not_touch_would_have_taken_nothing(basket: Basket, promotions: tuple[Promotion, ...], stacking: Stacking) -> None:
    engine = Engine(promotions, stacking=stacking)
    outcome = engine.evaluate(basket)
    seen = {it.promotion.id for it in (*outcome.applied, *outcome.skipped)}
    for promotion in promotions:
        if promotion.id not in seen and promotion.when.unmet(basket) is None:
            assert gives_nothing(take(promotion, Tab(basket)))


@given(promotion_sets(), STACKINGS)
def test_what_is_legal_stays_legal_when_one_is_taken_away(promotions: tuple[Promotion, ...], stacking: Stacking) -> None:
    for place, one in enumerate(promotions):
        for other in promotions[:place]:
            assert stand_together(one, other) == stand_together(other, one)
    if is_legal(promotions, stacking):
        for place in range(len(promotions)):
            assert is_legal(promotions[:place] + promotions[place + 1 :], stacking)
