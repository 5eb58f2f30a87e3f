"""What a unit costs by price rules: which of several is taken, for whom, until how many, and what is said of the others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from shopwright.errors import InvalidValue
from shopwright.money import Money, Rounding
from shopwright.promotions.amounts import Amount
from shopwright.promotions.basket import Basket, BasketLine, Buyer
from shopwright.promotions.matching import Every, Named, Quantity
from shopwright.promotions.price_rules import Audience, Beyond, CatalogPrice, MemberPrice, PercentOff, PriceBook, PriceRule, SetPrice
from shopwright.promotions.shelf import PriceShort, PriceSkip, put_on_shelf
from shopwright.promotions.taking import Basis
from shopwright.promotions.windows import DateWindow, Recurring
from tests.unit.promotions.baskets import NOON

TEA, CUP = Named("sku", "TEA"), Named("sku", "CUP")
GOLD = Buyer("ann", tier="gold", segments={"vip"})


def euros(amount: str) -> SetPrice:
    return SetPrice(Money.of(amount, "EUR"))


def member(id="gold", to=None, tiers="gold", **facts) -> MemberPrice:
    return MemberPrice(id=id, to=to or euros("9.00"), who=Audience(tiers=tiers), **{"lines": TEA, **facts})


def flash(id="flash", to=None, **facts) -> CatalogPrice:
    return CatalogPrice(id=id, to=to or euros("5.00"), **{"lines": TEA, **facts})


def a_basket(*lines: tuple[str, int, int], buyer=GOLD, at=NOON, **facts) -> Basket:
    """Lines are (sku, quantity, unit price)."""
    return Basket("EUR", tuple(BasketLine(*line) for line in lines or (("TEA", 2, 1_000),)), at, buyer=buyer, **facts)


def taken(*rules: PriceRule, basket=None, **left):
    """What each rule takes off each line."""
    return {it.rule.id: it.parts for it in put_on_shelf(basket or a_basket(), PriceBook(rules), left=left).taken}


def reasons(*rules: PriceRule, basket=None, **left):
    """Why rules are not taken."""
    shelf = put_on_shelf(basket or a_basket(), PriceBook(rules), left=left)
    return {it.rule.id: (it.reason, it.needs) for it in shelf.skipped}


def test_without_rules_a_unit_costs_its_list_price():
    shelf = put_on_shelf(a_basket(), PriceBook())
    assert (shelf.runs, shelf.off, shelf.taken, shelf.skipped) == ((((2, 1_000),),), (0,), (), ())


def test_a_member_price_is_for_one_of_a_tier_a_segment_or_a_name():
    by_segment = MemberPrice(id="vip", to=euros("8.50"), who=Audience(segments="vip"), lines=TEA)
    by_name = MemberPrice(id="ann", to=euros("8.00"), who=Audience(members={"ann", "bob"}), lines=TEA)
    assert taken(member()) == {"gold": (200,)}
    assert taken(by_segment) == {"vip": (300,)}
    assert taken(by_name) == {"ann": (400,)}
    assert reasons(member(tiers="black"), basket=a_basket()) == {"gold": (PriceSkip.OTHERS, "")}


def test_what_is_not_known_of_the_buyer_leaves_a_price_out_and_is_named():
    stranger = a_basket(buyer=Buyer())
    by_segment = MemberPrice(id="vip", to=euros("8"), who=Audience(segments="vip", members="ann"))
    by_name = MemberPrice(id="ann", to=euros("8"), who=Audience(members="ann"))
    limited = flash(units_per_member=1)
    assert reasons(member(), by_segment, by_name, limited, basket=stranger) == {
        "gold": (PriceSkip.UNKNOWN, "tier"),
        "vip": (PriceSkip.UNKNOWN, "segment"),
        "ann": (PriceSkip.UNKNOWN, "member"),
        "flash": (PriceSkip.UNKNOWN, "member"),
    }


def test_one_thing_that_is_known_is_enough_for_an_audience_of_several():
    either = MemberPrice(id="m", to=euros("8"), who=Audience(tiers="gold", members="ann"), lines=TEA)
    assert taken(either, basket=a_basket(buyer=Buyer("ann"))) == {"m": (400,)}


def test_the_lowest_member_price_is_taken_and_of_equal_ones_the_first():
    assert taken(member("a", euros("9")), member("b", euros("8")), member("c", euros("8"))) == {"b": (400,)}


def test_a_catalog_price_comes_after_the_member_price_and_each_says_what_it_took():
    shelf = put_on_shelf(a_basket(), PriceBook((CatalogPrice(id="sale", to=PercentOff(1_000), lines=TEA), member())))
    assert {it.rule.id: it.parts for it in shelf.taken} == {"gold": (200,), "sale": (180,)}
    assert ([it.rule.id for it in shelf.taken], shelf.runs, shelf.off) == (["gold", "sale"], (((2, 810),),), (380,))


def test_a_percentage_says_whether_it_is_of_the_list_price_or_of_what_is_left():
    sale = CatalogPrice(id="sale", to=PercentOff(1_000, basis=Basis.LIST), lines=TEA)
    assert taken(sale, member()) == {"gold": (200,), "sale": (200,)}
    deep = CatalogPrice(id="sale", to=PercentOff(9_500, basis=Basis.LIST), lines=TEA)
    assert taken(deep, member()) == {"gold": (200,), "sale": (1_800,)}


def test_a_percentage_is_rounded_per_unit_by_its_policy():
    odd = a_basket(("TEA", 3, 999))
    assert taken(CatalogPrice(id="sale", to=PercentOff(1_250)), basket=odd) == {"sale": (375,)}
    assert taken(CatalogPrice(id="sale", to=PercentOff(1_250, rounding=Rounding.FLOOR)), basket=odd) == {"sale": (372,)}


def test_a_price_that_is_not_lower_is_not_taken():
    assert reasons(member(to=euros("10")), flash(to=euros("12"))) == {"gold": (PriceSkip.NOT_LOWER, ""), "flash": (PriceSkip.NOT_LOWER, "")}


def test_no_price_rule_goes_below_the_floor():
    line = BasketLine("TEA", 2, 1_000, floor=700)
    assert taken(flash(), basket=Basket("EUR", (line,), NOON)) == {"flash": (600,)}


def test_a_price_names_its_currencies_and_channels():
    app = CatalogPrice(id="app", to=SetPrice((Money.of("9", "EUR"), Amount(Money.of("8", "EUR"), "app"))))
    assert taken(app) == {"app": (200,)}
    assert taken(app, basket=a_basket(channel="app")) == {"app": (400,)}
    assert reasons(flash(to=SetPrice(Money.of("5", "USD")))) == {"flash": (PriceSkip.ELSEWHERE, "")}
    percent = flash(to=PercentOff(500), channels="app", currencies={"EUR", "USD"})
    assert reasons(percent) == {"flash": (PriceSkip.ELSEWHERE, "")}
    assert taken(percent, basket=a_basket(channel="app")) == {"flash": (100,)}
    assert reasons(flash(to=PercentOff(500), currencies="USD")) == {"flash": (PriceSkip.ELSEWHERE, "")}


def test_a_price_holds_from_its_start_and_no_longer_at_its_end():
    rule = flash(window=DateWindow(NOON, NOON + timedelta(hours=1)))
    at = {minutes: a_basket(at=NOON + timedelta(minutes=minutes)) for minutes in (-1, 0, 59, 60)}
    assert [bool(taken(rule, basket=basket)) for basket in at.values()] == [False, True, True, False]
    assert reasons(rule, basket=at[60]) == {"flash": (PriceSkip.CLOSED, "")}


def test_a_flash_price_may_come_again_every_day():
    evening = Recurring("FREQ=DAILY", first="2026-01-01T20:00:00", duration=timedelta(hours=2), zone="Europe/Berlin")
    rule = flash(window=evening)
    day = NOON.replace(hour=0)
    assert [bool(taken(rule, basket=a_basket(at=day + timedelta(hours=hour)))) for hour in (18, 19, 20, 21)] == [False, True, True, False]


def test_units_beyond_those_that_are_left_cost_the_next_best_price():
    basket = a_basket(("TEA", 5, 1_000))
    sale = CatalogPrice(id="sale", to=euros("8"), lines=TEA)
    shelf = put_on_shelf(basket, PriceBook((sale, flash(units=10))), left={"flash": 3})
    assert shelf.runs == (((3, 500), (2, 800)),)
    assert [(it.rule.id, it.parts, it.units) for it in shelf.taken] == [("sale", (400,), 2), ("flash", (1_500,), 3)]
    assert shelf.short == (PriceShort(flash(units=10), 5, 3),)


def test_a_flash_price_for_all_or_nothing_is_not_taken_when_too_few_are_left():
    basket = a_basket(("TEA", 5, 1_000))
    rule = flash(units=10, beyond=Beyond.NOTHING)
    shelf = put_on_shelf(basket, PriceBook((rule,)), left={"flash": 4})
    assert (shelf.runs, shelf.taken, shelf.short) == ((((5, 1_000),),), (), (PriceShort(rule, 5, 4),))
    assert reasons(rule, basket=basket, flash=4) == {"flash": (PriceSkip.EXHAUSTED, "")}
    assert taken(rule, basket=basket, flash=5) == {"flash": (2_500,)}


def test_a_price_for_all_or_nothing_counts_what_comes_to_it_from_another_that_ran_out():
    basket = a_basket(("TEA", 4, 1_000), ("CUP", 2, 1_000))
    first = flash("first", units=2)
    second = CatalogPrice(id="second", to=euros("6"), units=3, beyond=Beyond.NOTHING)
    assert taken(first, second, basket=basket) == {"first": (1_000, 0)}
    assert taken(first, evolve(second, units=4), basket=basket) == {"first": (1_000, 0), "second": (800, 800)}


def test_no_more_units_than_a_member_may_have_are_sold_at_a_flash_price():
    basket = a_basket(("TEA", 5, 1_000))
    rule = flash(units=100, units_per_member=2)
    assert put_on_shelf(basket, PriceBook((rule,))).runs == (((2, 500), (3, 1_000)),)
    assert put_on_shelf(basket, PriceBook((rule,)), left={"flash": 99}).runs == (((2, 500), (3, 1_000)),)
    assert put_on_shelf(basket, PriceBook((rule,)), left={"flash": 0}).runs == (((5, 1_000),),)


def test_lines_share_the_units_and_those_that_save_most_come_first():
    basket = a_basket(("TEA", 2, 1_000), ("CUP", 2, 3_000))
    half = CatalogPrice(id="half", to=PercentOff(5_000), units=3)
    assert taken(half, basket=basket) == {"half": (500, 3_000)}


def test_a_quantity_of_a_line_can_be_asked_for():
    dozen = CatalogPrice(id="dozen", to=euros("7"), lines=Every((TEA, Quantity(12))))
    assert (taken(dozen, basket=a_basket(("TEA", 12, 1_000))), taken(dozen, basket=a_basket(("TEA", 11, 1_000)))) == ({"dozen": (3_600,)}, {})


def test_rules_that_mean_no_line_are_not_told():
    shelf = put_on_shelf(a_basket(), PriceBook((CatalogPrice(id="cups", to=euros("1"), lines=CUP),)))
    assert (shelf.taken, shelf.skipped) == ((), ())


def test_a_book_of_a_thousand_rules_looks_at_those_of_the_basket():
    rules = [CatalogPrice(id=f"p{number}", to=euros("1"), lines=Named("sku", f"S{number}")) for number in range(1_000)]
    book = PriceBook((*rules, flash(), CatalogPrice(id="all", to=PercentOff(100))))
    assert [rule.id for rule in book.near(a_basket())] == ["flash", "all"]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: flash("a/b"), "must not hold '/'"),
        (Audience, "must name tiers, segments or members, got none"),
        (lambda: PriceBook((flash(), flash())), "ids of their own, got flash more than once"),
        (lambda: PriceBook(5), "expected price rules, got int"),
        (lambda: PriceBook(("x",)), "must be MemberPrice or CatalogPrice, got str"),
        (lambda: PercentOff(0), "between 1 and 10000"),
        (lambda: PercentOff(10_001), "between 1 and 10000"),
        (lambda: euros("-1"), "0 or more minor units"),
        (lambda: flash(to=5), "must be SetPrice or PercentOff, got int"),
        (lambda: flash(units=0), "between 1 and"),
        (lambda: flash(window=NOON), "must be DateWindow or Recurring"),
        (lambda: flash(lines="TEA"), "must say which lines are meant"),
        (lambda: flash(beyond="ordinary"), "must be Beyond, got str"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_when_it_is_made(make, said):
    with pytest.raises(InvalidValue, match=said):
        make()
