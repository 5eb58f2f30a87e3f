"""What a promotion is, in which order promotions are taken, and which may stand together."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from shopwright.errors import InvalidValue
from shopwright.promotions.conditions import Code, OneOf
from shopwright.promotions.effects import Aim, EachOff, Percent
from shopwright.promotions.extras import Extra, ShippingOff
from shopwright.promotions.limits import Limits
from shopwright.promotions.matching import Named
from shopwright.promotions.promotion import AimLimit, Group, Promotion, Stacking, in_order, is_legal, stand_together
from tests.unit.promotions.baskets import NOON, a_promotion, eur

TEN = Percent(1_000)
EACH = EachOff(eur(100))
FREE_SHIPPING = ShippingOff(percent=10_000)
POINTS = Extra(points=5)
ONLY_LINES = frozenset({Aim.LINE})


def promotion(id="a", *effects, **more) -> Promotion:
    return a_promotion(id, *(effects or (TEN,)), **more)


# --- one promotion ----------------------------------------------------------------------------------------------------------------


def test_a_promotion_is_about_the_first_aim_of_its_effects():
    aims = [promotion("a", *effects).aim for effects in ((TEN,), (POINTS, FREE_SHIPPING), (POINTS, TEN, EACH))]
    assert aims == [Aim.ORDER, Aim.SHIPPING, Aim.LINE]


def test_a_promotion_is_looked_up_by_the_rarest_of_its_conditions_and_its_effects():
    code, tea = Code({"A", "B"}), Percent(1_000, Named("sku", "TEA"))
    cups = Percent(1_000, Named("sku", {"CUP", "POT"}))
    codes = frozenset({("code", "A"), ("code", "B")})
    assert [promotion("a", *effects, when=code).keys for effects in ((TEN,), (tea,), (tea, cups), (tea, FREE_SHIPPING))] == [
        codes,
        frozenset({("sku", "TEA")}),
        codes,
        codes,
    ]
    assert promotion("a", tea, cups).keys == frozenset({("sku", "TEA"), ("sku", "CUP"), ("sku", "POT")})
    assert promotion("a", TEN).keys is None


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: promotion(""), "Promotion.id must have 1 to 100 characters"),
        (lambda: promotion(" a"), "Promotion.id must not hold control characters or begin or end with white space"),
        (lambda: Promotion(id="a", effects=()), "Promotion.effects must have at least 1 members"),
        (lambda: Promotion(id="a", effects=TEN), "Promotion.effects must be tuple, got Percent"),
        (lambda: promotion("a", "10 %"), "Promotion.effects must be effects, such as Percent(...), got str"),
        (lambda: promotion(when="monday"), "Promotion.when must be a condition, such as CartTotal(...), got str"),
        (lambda: promotion(version=0), "Promotion.version must be between 1"),
        (lambda: promotion(state="enabled!"), "Promotion.state must be PromotionState, got str"),
        (lambda: promotion(starts=datetime(2026, 3, 1)), "Promotion.starts must be a datetime with a time zone"),
        (lambda: promotion(starts=NOON, ends=NOON), "promotion a must end after it starts"),
        (lambda: promotion(limits=Limits(per_birthday=1)), "promotion a is limited per birthday and asks for none"),
        (lambda: promotion(starts=NOON, ends=NOON - timedelta(days=1)), "promotion a must end after it starts"),
        (lambda: promotion(priority="first"), "Promotion.priority must be an integer, got str"),
        (lambda: promotion(exclusive=1), "Promotion.exclusive must be bool, got int"),
        (lambda: promotion(tags={7}), "Promotion.tags must be str, got int"),
        (lambda: promotion(excludes=7), "expected a name or several"),
        (lambda: promotion(beside={"line"}), "Promotion.beside must be Aim, got str"),
        (lambda: promotion(beside=Aim.LINE), "expected some of LINE, ORDER, SHIPPING, EXTRA, got <Aim.LINE: 1>"),
        (lambda: Group("", 1), "Group.name must have 1 to 200 characters"),
        (lambda: Group("a", 0), "Group.most must be between 1"),
        (lambda: AimLimit("line"), "AimLimit.aim must be Aim, got str"),
        (lambda: Stacking(lanes=()), "Stacking.lanes must have at least 1 members"),
        (lambda: Stacking(lanes=("cart", "cart")), "stacking rules must name each lane once, got cart more than once"),
        (lambda: Stacking(groups=(Group("a"), Group("a", 2))), "stacking rules must name each group once, got a more than once"),
        (lambda: Stacking(aims=(AimLimit(Aim.LINE), AimLimit(Aim.LINE))), "stacking rules must name each aim once, got LINE more than once"),
        (lambda: Stacking(most=0), "Stacking.most must be between 1"),
    ],
)
def test_what_is_no_promotion_and_no_stacking_rule_is_told_with_what_was_expected(make, said):
    with pytest.raises(InvalidValue) as error:
        make()
    assert said in str(error.value)


# --- the order --------------------------------------------------------------------------------------------------------------------


def test_promotions_are_taken_by_lane_then_aim_then_priority_then_id():
    every = [
        promotion("z", EACH, lane="catalog", priority=9),
        promotion("e", POINTS),
        promotion("b", TEN, priority=1),
        promotion("a", TEN, priority=1),
        promotion("c", TEN),
        promotion("d", FREE_SHIPPING, priority=-5),
        promotion("f", EACH),
    ]
    assert [it.id for it in in_order(every, Stacking())] == ["z", "f", "c", "a", "b", "d", "e"]
    assert in_order(every[::-1], Stacking()) == in_order(every, Stacking())


def test_lanes_are_taken_in_the_order_that_the_rules_say():
    every = [promotion("a", lane="cart"), promotion("b", lane="catalog")]
    assert [[it.id for it in in_order(every, Stacking(lanes))] for lanes in (("catalog", "cart"), ("cart", "catalog"))] == [["b", "a"], ["a", "b"]]


def test_an_id_comes_once():
    with pytest.raises(InvalidValue, match=r"^promotions must have ids of their own, got a, b more than once$"):
        in_order([promotion("b"), promotion("a"), promotion("b"), promotion("a"), promotion("c")], Stacking())


def test_a_lane_that_the_rules_do_not_name_is_told_with_those_that_they_do():
    with pytest.raises(InvalidValue, match=r"^promotion a is in the lane 'flash'; the stacking rules have catalog, cart$"):
        in_order([promotion("a", lane="flash")], Stacking())


# --- side by side -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (promotion("a"), promotion("b"), True),
        (promotion("a", exclusive=True), promotion("b"), False),
        (promotion("a", excludes={"b"}), promotion("b"), False),
        (promotion("a", excludes={"sale"}), promotion("b", tags={"sale"}), False),
        (promotion("a", excludes={"sale"}), promotion("b", tags={"spring"}), True),
        (promotion("a", tags={"b"}), promotion("b"), True),
        (promotion("a", beside=ONLY_LINES), promotion("b", EACH), True),
        (promotion("a", beside=ONLY_LINES), promotion("b", TEN), False),
        (promotion("a", beside=ONLY_LINES), promotion("b", EACH, beside=ONLY_LINES), False),
        (promotion("a", EACH, beside=ONLY_LINES), promotion("b", EACH, beside=ONLY_LINES), True),
    ],
)
def test_two_stand_together_when_both_allow_it(one, other, together):
    assert (stand_together(one, other), stand_together(other, one)) == (together, together)
    assert is_legal((one, other), Stacking()) is together


def test_an_exclusive_promotion_stands_alone():
    assert is_legal((promotion(exclusive=True),), Stacking())


def test_at_most_so_many_of_a_group_stand_together():
    rules = Stacking(groups=(Group("sale", 2), Group("tier")))
    sales = [promotion(id, group="sale") for id in "abc"]
    tiers = [promotion(id, group="tier") for id in "xy"]
    assert [is_legal(some, rules) for some in (sales[:2], sales, tiers[:1], tiers, [*sales[:2], tiers[0]])] == [True, False, True, False, True]


def test_a_group_that_no_rule_names_has_no_limit():
    assert is_legal([promotion(id, group="many") for id in "abc"], Stacking(groups=(Group("sale"),)))
    assert [Stacking(groups=(Group("sale", 2),)).limit_of(name) for name in ("sale", "many")] == [2, None]


def test_at_most_so_many_promotions_of_an_aim_stand_together():
    rules = Stacking(aims=(AimLimit(Aim.ORDER),))
    assert is_legal((promotion("a"), promotion("b", EACH), promotion("c", EACH)), rules)
    assert not is_legal((promotion("a"), promotion("b", TEN)), rules)


def test_at_most_so_many_promotions_stand_together_at_all():
    assert [is_legal([promotion(id) for id in names], Stacking(most=2)) for names in ("ab", "abc")] == [True, False]


def test_every_pair_must_agree():
    three = promotion("a"), promotion("b", excludes={"c"}), promotion("c")
    assert [is_legal(some, Stacking()) for some in (three, three[:2], three[::2], three[1:])] == [False, True, True, False]


def test_a_change_of_a_promotion_is_another_value():
    assert promotion("a", when=OneOf("tier", "gold")) != promotion("a", when=OneOf("tier", "gold"), version=2)
    assert len({promotion("a"), promotion("a"), promotion("a", version=2)}) == 2
