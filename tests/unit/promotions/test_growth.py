"""A basket pays for the promotions that can apply, and however many of those there are, an answer comes after so many steps: counted, not timed."""

from __future__ import annotations

from collections import Counter

import pytest
from attrs import frozen

from shopwright.promotions.basket import Basket
from shopwright.promotions.conditions import All, CartTotal, Code, Unmet
from shopwright.promotions.effects import Aim, Percent
from shopwright.promotions.engine import Engine, Outcome, Skip
from shopwright.promotions.exact import GROWTH
from shopwright.promotions.matching import ANYTHING, Keys, LineMatch, Named
from shopwright.promotions.promotion import Group, Promotion, Stacking
from shopwright.promotions.search import Search, Strategy
from shopwright.promotions.taking import Tab, Taken
from tests.unit.promotions.baskets import a_basket, a_line, a_promotion, eur

ASKED: Counter[str] = Counter()


@frozen
class Counted:
    """A condition of a plug-in that counts how often it is asked."""

    lines: LineMatch

    @property
    def keys(self) -> Keys:
        """Those of the lines."""
        return self.lines.keys

    def unmet(self, basket: Basket) -> Unmet | None:
        """It always holds."""
        ASKED["condition"] += 1


@frozen
class Taking:
    """Ten percent off, counted each time it is taken."""

    lines: LineMatch = ANYTHING
    percent: int = 1_000
    aim = Aim.ORDER

    @property
    def keys(self) -> Keys:
        """Those of the lines."""
        return self.lines.keys

    def most(self, basket: Basket) -> int:
        """What a percentage takes at most."""
        return Percent(self.percent, self.lines).most(basket)

    def take(self, tab: Tab) -> Taken:
        """What a percentage takes."""
        ASKED["take"] += 1
        return Percent(self.percent, self.lines).take(tab)


def counted(engine: Engine, basket: Basket, *, reasons: bool = False) -> tuple[Outcome, Counter[str]]:
    """An outcome, and what was asked for it."""
    ASKED.clear()
    outcome = engine.evaluate(basket, reasons=reasons)
    return outcome, Counter(ASKED)


def test_of_ten_thousand_promotions_those_that_cannot_apply_are_not_even_asked():
    promotions = [Promotion(id=f"p{n}", effects=(Taking(Named("sku", f"S{n}")),), when=Counted(Named("sku", f"S{n}"))) for n in range(10_000)]
    basket = a_basket(*[a_line(f"S{n}", 1, 1_000) for n in range(20)])
    few, many = (counted(Engine(some), basket) for some in (promotions[:100], promotions))
    assert few == many
    assert (len(many[0].applied), many[1]["condition"]) == (20, 20)


@pytest.mark.parametrize("lines", [1, 20, 500])
def test_a_condition_is_asked_once_for_a_basket_however_many_lines_it_has(lines):
    engine = Engine([Promotion(id=f"p{n}", effects=(Percent(100),), when=All((CartTotal(eur(1)), Counted(ANYTHING)))) for n in range(3)])
    assert counted(engine, a_basket(*[a_line(f"S{n}", 1, 1_000) for n in range(lines)]))[1]["condition"] == 1


def test_of_ten_thousand_promotions_with_codes_a_thousand_codes_ask_about_a_thousand():
    when = [All((Code(f"CODE{n}"), Counted(Named("sku", {f"S{n}", "TEA"})))) for n in range(10_000)]
    engine = Engine([Promotion(id=f"p{n:04}", effects=(Taking(),), when=each) for n, each in enumerate(when)], how=Search(Strategy.BEST_SINGLE))
    basket = a_basket(a_line("TEA", 1, 1_000), codes={f"CODE{n}" for n in range(0, 10_000, 10)})
    outcome, asked = counted(engine, basket)
    assert ([it.promotion.id for it in outcome.applied], asked["condition"]) == (["p0000"], 1_000)
    assert asked["take"] <= 1_000


def alike(count: int, **more: object) -> list[Promotion]:
    """Promotions of one percent that all apply."""
    return [a_promotion(f"p{n:04}", Taking(percent=100 + n % 7), **more) for n in range(count)]


@pytest.mark.parametrize("strategy", [Strategy.GREEDY, Strategy.EXACT])
def test_hundreds_that_all_add_up_are_taken_after_so_many_steps_and_no_more(strategy):
    outcome, asked = counted(Engine(alike(300), how=Search(strategy, nodes=500)), a_basket((100_000_000, 1)))
    assert (len(outcome.applied), outcome.proved) == (300, False)
    assert asked["take"] <= GROWTH + 300 + 500 + 300
    assert outcome.bound >= outcome.worth == outcome.discount


@pytest.mark.parametrize("strategy", [Strategy.PRIORITY, Strategy.BEST_SINGLE])
def test_of_thousands_each_is_tried_once_where_a_strategy_asks_for_no_more(strategy):
    outcome, asked = counted(Engine(alike(3_000), how=Search(strategy)), a_basket((1_000_000, 3)))
    assert asked["take"] <= 3_000
    if strategy is Strategy.BEST_SINGLE:
        assert [it.promotion.effects[0].percent for it in outcome.applied] == [106]


def test_a_search_that_was_cut_short_gives_no_less_than_taking_each_in_its_order():
    promotions, basket = alike(150), a_basket((100_000_000, 1))
    by_priority, exact = (Engine(promotions, how=Search(how, nodes=10)).evaluate(basket).worth for how in (Strategy.PRIORITY, Strategy.EXACT))
    assert exact >= by_priority > 0


@pytest.mark.parametrize("stacking", [Stacking(most=3), Stacking(groups=(Group("g", 2),))])
def test_where_few_of_many_may_stand_together_the_others_say_so(stacking):
    engine = Engine(alike(400, group="g"), stacking=stacking, how=Search(Strategy.GREEDY))
    outcome, asked = counted(engine, a_basket(100_000), reasons=True)
    assert {it.reason for it in outcome.skipped} == {Skip.EXCLUDED}
    assert len(outcome.applied) + len(outcome.skipped) == 400
    assert asked["take"] <= 400 * 4
