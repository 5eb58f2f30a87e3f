"""The laws of the words for promotions, on random baskets and promotions of every effect, condition and way of stacking."""

from __future__ import annotations

import json
from random import Random

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from shopwright.promotions.basket import Basket
from shopwright.promotions.engine import Engine, Outcome
from shopwright.promotions.promotion import Promotion, Stacking
from shopwright.promotions.search import Search, Strategy
from shopwright.promotions.telling import as_data, table, tell_outcome
from tests.properties.promotion_values import BASKETS, CODES, STACKINGS, promotion_sets

STRATEGIES = st.sampled_from(Strategy)


def everything(engine: Engine, basket: Basket) -> Outcome:
    """What was taken, and why not each of the others."""
    outcome = engine.evaluate(basket)
    told = engine.why_not(basket, outcome=outcome)
    assert told == engine.why_not(basket)
    return evolve(outcome, skipped=told)


def texts(outcome: Outcome, basket: Basket) -> tuple[str, ...]:
    return *tell_outcome(outcome, basket), table(outcome, basket), json.dumps(as_data(outcome, basket))


@given(BASKETS, promotion_sets(), STACKINGS, STRATEGIES, st.randoms(use_true_random=False))
def test_the_same_facts_are_told_in_the_same_words_and_data_whatever_the_order_of_lines_and_promotions(
    basket: Basket, promotions: tuple[Promotion, ...], stacking: Stacking, strategy: Strategy, chance: Random
) -> None:
    turned = evolve(basket, lines=tuple(chance.sample(basket.lines, len(basket.lines))))
    one = Engine(promotions, stacking=stacking, how=Search(strategy))
    other = Engine(chance.sample(promotions, len(promotions)), stacking=stacking, how=Search(strategy))
    assert texts(everything(one, basket), basket) == texts(everything(other, turned), turned)


@given(BASKETS, promotion_sets(), STACKINGS)
def test_every_promotion_is_told_once_and_no_code_that_was_not_typed_is(
    basket: Basket, promotions: tuple[Promotion, ...], stacking: Stacking
) -> None:
    outcome = everything(Engine(promotions, stacking=stacking), basket)
    *sentences, _ = tell_outcome(outcome, basket)
    assert sorted(sentence.partition(":")[0].removesuffix(" is not taken") for sentence in sentences) == sorted(it.id for it in promotions)
    assert sorted(row.split()[0] for row in table(outcome, basket).splitlines()[1:]) == sorted(it.id for it in promotions)
    for code in set(CODES) - basket.codes:
        assert [text for text in texts(outcome, basket) if code in text] == []


@given(BASKETS, promotion_sets(), STACKINGS, STRATEGIES)
def test_the_data_of_an_outcome_add_up(basket: Basket, promotions: tuple[Promotion, ...], stacking: Stacking, strategy: Strategy) -> None:
    told = json.loads(json.dumps(as_data(Engine(promotions, stacking=stacking, how=Search(strategy)).evaluate(basket), basket)))
    for place, line in enumerate(told["lines"]):
        assert line["off"] == sum(applied["off"][place] for applied in told["applied"])
        assert line["off"] <= line["amount"]
    assert told["off"] == sum(line["off"] for line in told["lines"])
    assert told["shipping_off"] == sum(applied["shipping_off"] for applied in told["applied"])
