"""What a set of promotions gives together, and which of two sets is better."""

from __future__ import annotations

from datetime import timedelta

from shopwright.money import Money
from shopwright.promotions.conditions import All, AnyOf, CartQuantity, Code, Not
from shopwright.promotions.effects import EachOff, Percent
from shopwright.promotions.extras import Extra, ShippingOff
from shopwright.promotions.sets import Applied, gives_nothing, rank, take, uses_code, worth
from shopwright.promotions.taking import NOTHING, Gift, Tab, Taken
from tests.unit.promotions.baskets import NOON, a_basket, a_promotion, eur

TEN = Percent(1_000)
NO_CODES = frozenset()


def test_the_effects_of_a_promotion_are_taken_in_their_order_each_from_what_is_left():
    tab = Tab(a_basket((1_000, 2), shipping=500))
    both = a_promotion("both", EachOff(eur(100)), TEN, ShippingOff(percent=5_000))
    assert take(both, tab) == Applied(both, (Taken((200,)), Taken((180,)), Taken(shipping=250)))
    assert (tab.left, tab.shipping) == ([1_620], 250)


def test_a_promotion_is_worth_its_money_and_what_the_shop_reckons_its_extras_at():
    gift = Extra(gifts=(Gift("MUG"),), worth=(eur(400), Money(500, "USD")))
    basket = a_basket(1_000, shipping=300)
    applied = take(a_promotion("all", TEN, ShippingOff(percent=10_000), gift), Tab(basket))
    assert (applied.amount, worth(applied, basket)) == (400, 800)
    assert worth(applied, a_basket(currency="JPY")) == 400


def test_a_promotion_gives_nothing_when_none_of_its_effects_does():
    free = a_basket(0)
    assert gives_nothing(take(a_promotion("a", TEN, ShippingOff(percent=10_000)), Tab(free)))
    assert not gives_nothing(take(a_promotion("a", TEN, Extra(points=1)), Tab(free)))
    assert (NOTHING.is_nothing, Taken((0, 0)).is_nothing, Taken(points_rate=20_000).is_nothing) == (True, True, False)


def test_a_code_is_used_wherever_in_the_tree_it_stands():
    code = Code({"SPRING", "FRIEND"})
    trees = [code, All((CartQuantity(1), AnyOf((code, Code("OTHER"))))), Not(Not(code)), CartQuantity(1), Code("OTHER")]
    typed = a_basket(codes={"FRIEND"})
    assert [uses_code(a_promotion("a", TEN, when=tree), typed) for tree in trees] == [True, True, True, False, False]


def test_the_better_set_is_worth_more():
    assert rank(2, [a_promotion("z", TEN)], NO_CODES) < rank(1, [], NO_CODES)


def test_of_sets_that_are_worth_alike_the_one_with_more_extras_is_better_then_the_one_with_fewer_codes_then_with_fewer_promotions():
    points, plain, more = a_promotion("points", Extra(points=1)), a_promotion("plain", TEN), a_promotion("more", TEN)
    ranked = [
        rank(5, [plain, points], frozenset({"points"})),
        rank(5, [plain], NO_CODES),
        rank(5, [plain, more], NO_CODES),
        rank(5, [plain], frozenset({"plain"})),
    ]
    assert ranked == sorted(ranked)


def test_of_sets_that_are_alike_the_one_that_uses_up_what_ends_sooner_is_better_then_the_one_with_the_first_ids():
    soon, late = (a_promotion("z", TEN, ends=NOON + timedelta(days=days)) for days in (1, 2))
    never, first = a_promotion("b", TEN), a_promotion("a", TEN)
    ranked = [rank(5, [it], NO_CODES) for it in (soon, late, first, never)]
    assert ranked == sorted(ranked)


def test_a_tab_that_was_copied_goes_its_own_way():
    tab = Tab(a_basket((1_000, 2), shipping=100))
    ahead = tab.copy()
    ahead.take(Taken((500,), (2,), shipping=40))
    assert (ahead.left, ahead.used, ahead.shipping, ahead.free(0), ahead.room(0)) == ([1_500], [2], 60, 0, 1_500)
    assert (tab.left, tab.used, tab.shipping, tab.free(0), tab.room(0)) == ([2_000], [0], 100, 2, 2_000)
