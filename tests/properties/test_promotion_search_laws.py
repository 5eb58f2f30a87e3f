"""The laws behind the speed of promotions: what is compiled, indexed, kept or left out never changes an answer."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from itertools import combinations

from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from shopwright.money import Money
from shopwright.promotions.basket import Basket, BasketLine, arranged, canonical
from shopwright.promotions.compiled import Compiler
from shopwright.promotions.conditions import All, CartQuantity, Code, Condition, Not, OneOf, Unmet
from shopwright.promotions.effects import AcrossOff, Percent
from shopwright.promotions.engine import Engine
from shopwright.promotions.index import Index
from shopwright.promotions.matching import Keys, LineMatch, Named, meant
from shopwright.promotions.promotion import Promotion, Stacking, in_order, is_legal
from shopwright.promotions.search import Options, Search, Strategy, search
from shopwright.promotions.sets import gives_nothing, take, uses_code
from shopwright.promotions.standing import Standing
from shopwright.promotions.taking import SHIPPING, Tab
from tests.properties.promotion_values import BASKETS, CONDITIONS, EFFECTS, MATCHES, STACKINGS, promotion_sets


@given(BASKETS, st.lists(CONDITIONS, min_size=1, max_size=5))
def test_a_compiled_condition_says_what_the_condition_says(basket: Basket, conditions: list[Condition]) -> None:
    compiler = Compiler()
    for condition in conditions:
        unmet = condition.unmet(basket)
        assert compiler.holds(condition)(basket) is (unmet is None)
        assert compiler.fails(condition)(basket) is (unmet is not None and not unmet.is_unknown)


@frozen
class Moody:
    """A plug-in's condition that counts how often it was asked, and that cannot be compared by its content."""

    asked: list[Basket]

    @property
    def keys(self) -> Keys:
        return None

    def unmet(self, basket: Basket) -> Unmet | None:
        self.asked.append(basket)
        return Unmet("mood", "good", None)


def test_a_condition_of_a_plug_in_is_asked_once_for_a_basket() -> None:
    moody, compiler = Moody([]), Compiler()
    basket = Basket("EUR", (BasketLine("tea", 1, 500),), datetime(2026, 3, 1, tzinfo=UTC))
    checks = [compiler.holds(moody), compiler.holds(Not(moody)), compiler.fails(moody)]
    assert [check(basket) for check in checks] == [False, False, False]
    assert len(moody.asked) == 1


@given(BASKETS, st.lists(MATCHES, min_size=1, max_size=5))
def test_the_lines_that_are_looked_up_are_those_for_which_the_predicate_holds(basket: Basket, matches: list[LineMatch]) -> None:
    for match in (*matches, *matches):
        assert meant(match, basket) == tuple([place for place, line in enumerate(basket.lines) if match.holds(line, basket)])


@given(BASKETS, EFFECTS, st.lists(EFFECTS, max_size=2), st.lists(st.integers(0, 3_000), min_size=6, max_size=6))
def test_what_an_effect_gives_hangs_on_what_it_touches_alone(basket: Basket, effect, before, taken: list[int]) -> None:
    touched = set(effect.touches(basket))
    tab = Tab(basket)
    for each in before:
        tab.take(each.take(tab))
    other = tab.copy()
    for place in range(len(basket.lines)):
        if place not in touched:
            other.left[place], other.used[place] = max(0, other.left[place] - taken[place]), basket.lines[place].quantity
    if SHIPPING not in touched:
        other.shipping = max(0, other.shipping - taken[-1])
    given_one, given_other = effect.take(tab), effect.take(other)
    assert given_one == given_other
    assert {place for place, part in enumerate(given_one.parts) if part} <= touched
    assert SHIPPING in touched or not given_one.shipping


@given(promotion_sets(), STACKINGS)
def test_what_may_be_added_one_by_one_is_what_is_legal(promotions: tuple[Promotion, ...], stacking: Stacking) -> None:
    standing = Standing(promotions, stacking)
    for size in range(len(promotions)):
        for some in combinations(range(len(promotions)), size):
            if not is_legal([promotions[place] for place in some], stacking):
                continue
            chosen, counts = 0, standing.none
            for place in some:
                chosen, counts = chosen | 1 << place, standing.with_one_more(counts, place)
            for place in set(range(len(promotions))) - set(some):
                assert standing.allows(chosen, counts, place) is is_legal([promotions[each] for each in (*some, place)], stacking)


@given(BASKETS, promotion_sets(), STACKINGS)
def test_what_is_searched_apart_gives_the_same_apart_and_together(basket: Basket, promotions: tuple[Promotion, ...], stacking: Stacking) -> None:
    ordered = in_order(promotions, stacking)
    parts = Standing(ordered, stacking).apart(basket)
    assert sorted(place for part in parts for place in part) == list(range(len(ordered)))
    together = Tab(basket)
    given_together = {it.id: take(it, together) for it in ordered}
    for part in parts:
        tab = Tab(basket)
        for place in part:
            assert take(ordered[place], tab) == given_together[ordered[place].id]


@given(BASKETS, promotion_sets(), STACKINGS)
def test_one_coupon_is_the_best_that_trying_each_alone_finds(basket: Basket, promotions: tuple[Promotion, ...], stacking: Stacking) -> None:
    good = tuple([it for it in in_order(promotions, stacking) if it.when.unmet(basket) is None])
    given_ = Options(basket, good, stacking, frozenset(it.id for it in good if uses_code(it, basket)))
    singles = [given_.tried((it,)) for it in good]
    found = search(given_, Search(Strategy.BEST_SINGLE))
    assert found.worth == max([worth for worth, _ in singles], default=0)
    assert len(found.applied) <= 1


@given(BASKETS, promotion_sets())
def test_a_promotion_that_applies_and_gives_something_is_always_looked_up(basket: Basket, promotions: tuple[Promotion, ...]) -> None:
    touched = {promotions[place].id for place in Index(promotions).touched(basket)}
    for promotion in promotions:
        if promotion.when.unmet(basket) is None and not gives_nothing(take(promotion, Tab(basket))):
            assert promotion.id in touched


def test_a_promotion_is_looked_up_by_what_the_fewest_have_in_common() -> None:
    app = OneOf("channel", "app")
    promotions = [Promotion(id=f"p{number}", effects=(Percent(1_000, Named("sku", f"sku-{number}")),), when=app) for number in range(100)]
    promotions.append(Promotion(id="coded", effects=(Percent(500),), when=All((app, Code("SPRING"), CartQuantity(lines=Named("tag", "new"))))))
    basket = Basket("EUR", (BasketLine("sku-7", 1, 500, tags={"new"}),), datetime(2026, 3, 1, tzinfo=UTC), channel="app")
    index = Index(promotions)
    assert [promotions[place].id for place in index.touched(basket)] == ["p7"]
    assert [promotions[place].id for place in index.touched(evolve(basket, codes={"SPRING"}))] == ["p7", "coded"]


@given(BASKETS, promotion_sets(), STACKINGS)
def test_who_asks_for_no_reasons_gets_the_same_price(basket: Basket, promotions: tuple[Promotion, ...], stacking: Stacking) -> None:
    engine = Engine(promotions, stacking=stacking)
    assert engine.evaluate(basket, reasons=False) == evolve(engine.evaluate(basket), skipped=())


@given(BASKETS, st.randoms())
def test_an_arranged_basket_is_the_one_that_could_have_been_made_so(basket: Basket, chance: random.Random) -> None:
    places = list(range(len(basket.lines)))
    chance.shuffle(places)
    assert (basket.places, basket.amount) != (None, None)
    same = arranged(basket, tuple(places))
    made = evolve(basket, lines=tuple([basket.lines[place] for place in places]))
    assert (same, same.places, same.amounts, same.keys) == (made, made.places, made.amounts, made.keys)
    assert canonical(arranged(basket, canonical(basket.lines)).lines) == tuple(range(len(places)))


def test_the_search_among_forty_offers_stays_in_its_budget_and_tells_the_gap() -> None:
    chance = random.Random(40)
    lines = tuple([BasketLine(f"sku-{place:02}", 1, chance.randrange(500, 9_000), tags={chance.choice(("a", "b", "c"))}) for place in range(20)])
    basket = Basket("EUR", lines, datetime(2026, 3, 1, tzinfo=UTC))
    promotions = [
        Promotion(
            id=f"p{number:02}",
            priority=number,
            effects=(_effect(chance),),
            exclusive=number % 10 == 9,
            tags={f"t{number % 4}"},
            excludes={f"t{number % 3}"},
        )
        for number in range(40)
    ]
    for nodes in (1, 50, 500):
        outcome = Engine(promotions, how=Search(Strategy.EXACT, nodes)).evaluate(basket)
        assert outcome.nodes <= nodes
        assert not outcome.proved
        assert outcome.worth < outcome.bound <= basket.amount
    assert outcome.worth >= Engine(promotions, how=Search(Strategy.GREEDY)).evaluate(basket).worth


def _effect(chance: random.Random) -> Percent | AcrossOff:
    lines = Named("tag", chance.choice(("a", "b", "c")))
    return Percent(chance.randrange(200, 900), lines) if chance.random() < 0.5 else AcrossOff(Money(chance.randrange(300, 900), "EUR"), lines)
