"""What the engine says of a basket: what is taken off, by which promotions, and why not by the others; and the same in words."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from attrs import evolve, frozen

from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.promotions.basket import Buyer
from shopwright.promotions.conditions import All, AnyOf, Birthday, CartQuantity, CartTotal, Code, During, NewBuyer, Not, NthOrder, OneOf, Unmet
from shopwright.promotions.effects import AcrossOff, EachOff, Percent
from shopwright.promotions.engine import Engine, Outcome, Skip, Skipped
from shopwright.promotions.extras import Extra, ShippingOff
from shopwright.promotions.matching import Named
from shopwright.promotions.promotion import Group, Promotion, PromotionState, Stacking
from shopwright.promotions.search import Search, Strategy
from shopwright.promotions.sets import Applied
from shopwright.promotions.taking import Gift, Taken
from shopwright.promotions.telling import as_data, table, tell, tell_outcome
from shopwright.promotions.units import BuyGet
from shopwright.promotions.windows import DateWindow
from tests.unit.promotions.baskets import NOON, a_basket, a_line, a_promotion, eur, ids, outcome_of

TEN = Percent(1_000)
GOLD = OneOf("tier", "gold")
TEA = Named("sku", "TEA")


def why(promotion: Promotion, basket=None, **more) -> Skipped:
    """Why this promotion is not taken."""
    (skipped,) = Engine((promotion,)).why_not(basket or a_basket(), **more)
    return skipped


def said(condition, basket=None) -> str:
    """The words for a condition that does not hold."""
    return tell(why(a_promotion("a", TEN, when=condition), basket), "EUR")


# --- an outcome -------------------------------------------------------------------------------------------------------------------


def test_an_outcome_tells_what_is_taken_off_each_line_as_the_basket_was_given():
    basket = a_basket(a_line("TEA", 2, 1_000), a_line("CUP", 1, 500))
    tea, ten = a_promotion("tea", EachOff(eur(100), TEA)), a_promotion("ten", TEN)
    assert outcome_of(basket, ten, tea) == Outcome(
        applied=(Applied(tea, (Taken((200, 0)),)), Applied(ten, (Taken((180, 50)),))),
        skipped=(),
        parts=(380, 50),
        shipping=0,
        worth=430,
        proved=True,
        nodes=outcome_of(basket, ten, tea).nodes,
        bound=430,
    )


def test_units_that_are_used_up_are_told_as_the_basket_was_given():
    basket = a_basket(a_line("Z", 2, 900), a_line("A", 1, 300))
    (applied,) = outcome_of(basket, a_promotion("third", BuyGet(2, 1))).applied
    assert applied.taken == (Taken((0, 300), (2, 1)),)


def test_an_outcome_of_nothing_is_nothing():
    assert outcome_of(a_basket(1_000, 500)) == Outcome((), (), (0, 0), 0, 0, True, outcome_of(a_basket(1_000, 500)).nodes, 0)


def test_gifts_shipping_and_money_are_told_apart():
    outcome = outcome_of(a_basket(shipping=499), a_promotion("all", TEN, ShippingOff(percent=10_000), Extra(gifts=(Gift("MUG"),), worth=eur(7))))
    assert (outcome.discount, outcome.shipping, outcome.gifts, outcome.worth) == (100, 499, (Gift("MUG"),), 606)


def test_an_engine_answers_the_same_again_and_is_not_changed_by_a_question():
    engine = Engine((a_promotion("a", TEN), a_promotion("b", TEN, when=GOLD)))
    first = engine.evaluate(a_basket())
    engine.evaluate(a_basket(buyer=Buyer(tier="gold")))
    assert engine.evaluate(a_basket()) == first


def test_five_hundred_lines_and_two_hundred_promotions_are_taken_on():
    basket = a_basket(*[a_line(f"S{number:03}", 1 + number % 3, 100 + number) for number in range(500)])
    engine = Engine([a_promotion(f"p{number:03}", Percent(1_000, Named("sku", f"S{number:03}"))) for number in range(200)])
    outcome = engine.evaluate(basket)
    assert (len(outcome.applied), outcome.proved) == (200, True)
    assert outcome.discount == sum(applied.amount for applied in outcome.applied)


def test_ten_thousand_promotions_that_a_basket_does_not_touch_are_not_told_of_unless_asked():
    engine = Engine([a_promotion(f"p{number}", TEN, when=Code(f"CODE{number}")) for number in range(10_000)])
    basket = a_basket(codes={"CODE7"})
    outcome = engine.evaluate(basket)
    assert (ids(outcome), outcome.skipped) == (["p7"], ())
    assert {skipped.reason for skipped in engine.why_not(basket)} == {Skip.CONDITION}


def test_promotions_with_one_id_make_no_engine():
    with pytest.raises(InvalidValue, match="promotions must have ids of their own, got a more than once"):
        Engine((a_promotion("a", TEN), a_promotion("a", TEN, version=2)))


def test_what_is_no_promotion_makes_no_engine():
    with pytest.raises(InvalidValue, match="expected promotions, got Percent; make each with Promotion"):
        Engine((TEN,))


# --- why not ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"state": PromotionState.ARCHIVED, "starts": NOON + timedelta(days=1)}, Skip.ARCHIVED),
        ({"starts": NOON + timedelta(seconds=1)}, Skip.NOT_STARTED),
        ({"ends": NOON, "when": GOLD}, Skip.ENDED),
    ],
)
def test_the_state_and_the_time_of_a_promotion_are_looked_at_before_its_conditions(more, reason):
    promotion = a_promotion("a", TEN, **more)
    assert why(promotion) == Skipped(promotion, reason)


def test_a_promotion_is_good_from_its_start_on_and_not_at_its_end():
    promotion = a_promotion("a", TEN, starts=NOON, ends=NOON + timedelta(days=1))
    moments = [NOON - timedelta(seconds=1), NOON, NOON + timedelta(days=1) - timedelta(seconds=1), NOON + timedelta(days=1)]
    assert [ids(outcome_of(a_basket(at=at), promotion)) for at in moments] == [[], ["a"], ["a"], []]


def test_a_promotion_without_uses_left_says_so_before_its_conditions():
    promotion = a_promotion("a", TEN, when=GOLD)
    assert why(promotion, exhausted=frozenset({"a"})) == Skipped(promotion, Skip.EXHAUSTED)
    assert Engine((a_promotion("a", TEN),)).evaluate(a_basket(), exhausted=frozenset({"a"})).applied == ()


def test_a_condition_that_is_not_met_is_told_with_what_is_missing():
    promotion = a_promotion("a", TEN, when=CartTotal(least=eur(5_000)))
    assert why(promotion) == Skipped(promotion, Skip.CONDITION, Unmet("cart_total", 5_000, 1_000, 4_000, "money"))


@pytest.mark.parametrize(
    "condition",
    [GOLD, OneOf("segment", "vip"), OneOf("ship_to", "DE"), OneOf("payment_method", "card"), NthOrder(), NewBuyer(3), Birthday(), Not(GOLD)],
)
def test_missing_context_skips_a_promotion_and_never_fails(condition):
    promotion = a_promotion("a", TEN, when=condition)
    skipped = why(promotion)
    assert (skipped.reason, skipped.unmet) == (Skip.UNKNOWN, condition.unmet(a_basket()))


def test_what_would_take_nothing_says_so():
    free, other = a_promotion("free", ShippingOff(percent=10_000)), a_promotion("tea", Percent(1_000, TEA))
    assert why(free) == Skipped(free, Skip.NO_EFFECT)
    assert why(other) == Skipped(other, Skip.NO_EFFECT)


def test_what_stands_in_the_way_is_told():
    sale, member = a_promotion("sale", Percent(3_000), tags={"sale"}), a_promotion("member", TEN, excludes={"sale"})
    tea = a_promotion("tea", EachOff(eur(1)))
    assert outcome_of(a_basket(), sale, member, tea).skipped == (Skipped(member, Skip.EXCLUDED, beside=("sale",)),)


def test_where_only_the_number_is_in_the_way_all_that_were_taken_are():
    promotions = [a_promotion(id, AcrossOff(eur(minor))) for id, minor in (("a", 3), ("b", 2), ("c", 1))]
    (skipped,) = outcome_of(a_basket(), *promotions, stacking=Stacking(most=2)).skipped
    assert skipped == Skipped(promotions[2], Skip.EXCLUDED, beside=("a", "b"))


def test_where_the_number_of_a_group_is_in_the_way_those_of_the_group_are():
    coupons = [a_promotion(id, AcrossOff(eur(minor)), group="coupons") for id, minor in (("a", 3), ("b", 2), ("c", 1))]
    (skipped,) = outcome_of(a_basket(), *coupons, a_promotion("other", TEN), stacking=Stacking(groups=(Group("coupons", 2),))).skipped
    assert skipped == Skipped(coupons[2], Skip.EXCLUDED, beside=("a", "b"))


def test_what_could_be_added_and_would_not_give_more_says_so():
    everything, little = a_promotion("all", Percent(10_000)), a_promotion("little", TEN, priority=5)
    assert outcome_of(a_basket(), everything, little).skipped == (Skipped(little, Skip.NOT_BETTER),)


def test_why_not_tells_of_every_promotion_in_the_order_they_would_be_taken():
    promotions = [a_promotion("z", TEN), a_promotion("b", TEN, when=Code("X")), a_promotion("a", Percent(500, TEA))]
    engine = Engine(promotions)
    assert [(it.promotion.id, it.reason) for it in engine.why_not(a_basket())] == [("a", Skip.NO_EFFECT), ("b", Skip.CONDITION)]


# --- in words ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (CartTotal(least=eur(5_000)), "40.00 EUR more (10.00 EUR of 50.00 EUR)"),
        (CartTotal(most=eur(900)), "at most 9.00 EUR, got 10.00 EUR"),
        (CartTotal(least=(Money(5, "USD"), Money(5, "CNY"))), "only in CNY or USD, and this is in EUR"),
        (CartQuantity(3), "2 more units (1 of 3)"),
        (CartQuantity(2), "1 more unit (1 of 2)"),
        (All((CartQuantity(1), CartQuantity(0, most=0))), "at most 0 units, got 1"),
        (Code({"SECRET", "HIDDEN"}), "needs a code that was not typed"),
        (Not(CartQuantity(1)), "what it excludes is the case"),
        (OneOf("channel", {"app", "web"}), "channel must be app or web, got none"),
        (GOLD, "not known: member tier"),
        (OneOf("segment", "vip"), "not known: member segments"),
        (OneOf("ship_to", "DE"), "not known: ship-to country"),
        (OneOf("payment_method", "card"), "not known: payment method"),
        (NthOrder(), "not known: orders before this one"),
        (NewBuyer(30), "not known: when the buyer joined"),
        (Birthday(), "not known: birth date"),
        (During(DateWindow(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))), "on from 2026-03-02 09:30 UTC"),
        (During(DateWindow(ends=NOON)), "never on again"),
        (AnyOf((CartTotal(least=eur(5_000)), GOLD)), "either 40.00 EUR more (10.00 EUR of 50.00 EUR), or not known: member tier"),
    ],
)
def test_a_condition_that_is_not_met_is_told_in_plain_words(condition, words):
    assert said(condition) == words


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (GOLD, "member tier must be gold, got basic"),
        (OneOf("segment", "vip"), "member segment must be vip, got none"),
        (OneOf("buyer", {"bob", "eve"}), "is for other buyers"),
        (NthOrder(), "up to order 1, and this is order 2"),
        (NthOrder(3, None), "from order 3 on, and this is order 2"),
        (NewBuyer(30), "within 30 days of joining, and it is 45 days"),
        (NewBuyer(1), "within 1 day of joining, and it is 45 days"),
        (Birthday(), "only around the birthday"),
    ],
)
def test_what_is_known_of_a_buyer_is_told_in_plain_words(condition, words):
    ann = Buyer("ann", tier="basic", segments=(), orders=1, joined_at=NOON - timedelta(days=45), born=date(1990, 7, 9))
    assert said(condition, a_basket(buyer=ann)) == words


def test_one_unit_is_a_unit():
    assert said(CartQuantity(1, most=1), a_basket((100, 2))) == "at most 1 unit, got 2"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"state": PromotionState.ARCHIVED}, "is archived"),
        ({"starts": NOON + timedelta(minutes=90)}, "starts at 2026-03-01 13:30 UTC"),
        ({"ends": NOON}, "ended at 2026-03-01 12:00 UTC"),
        ({"when": CartQuantity(1)}, "takes nothing off this basket"),
    ],
)
def test_what_is_not_in_force_is_told_in_plain_words(more, words):
    assert tell(why(a_promotion("a", Percent(1_000, TEA), **more)), "EUR") == words


@frozen
class Weather:
    """A condition of a plug-in."""

    keys = None
    unmet_as: Unmet

    def unmet(self, basket) -> Unmet | None:
        return self.unmet_as


@pytest.mark.parametrize(
    ("unmet", "words"),
    [
        (Unmet("weather", "sun", "rain"), "weather must be sun, got rain"),
        (Unmet("loyalty_points", 500, 380, 120, "points"), "loyalty points must be 500 points, got 380 points; 120 points more"),
        (Unmet("spent_ever", 50_000, 1_000, 49_000, "money"), "spent ever must be 500.00 EUR, got 10.00 EUR; 490.00 EUR more"),
        (Unmet("weather", "sun", None), "not known: weather"),
    ],
)
def test_a_condition_of_a_plug_in_is_told_by_its_name_and_facts(unmet, words):
    assert said(Weather(unmet)) == words


SALE = a_promotion("spring-sale", Percent(2_000, TEA), tags={"sale"}, group="g")
BOX = a_promotion("welcome-box", ShippingOff(percent=10_000), Extra(gifts=(Gift("MUG"),), points=50, points_rate=15_000, coupons=("next-time",)))
MEMBER = a_promotion("member", TEN, excludes={"sale"})
LARGE = a_promotion("large-carts", Percent(500), when=CartTotal(least=eur(8_000)))
SHELF = a_basket(a_line("TEA", 3, 1_000), a_line("CUP", 1, 1_299), a_line("TEA", 1, 1), shipping=499)
ENGINE = Engine((SALE, BOX, MEMBER, LARGE))


def test_an_outcome_is_told_promotion_by_promotion_and_how_sure_it_is():
    assert tell_outcome(ENGINE.evaluate(SHELF), SHELF) == (
        "spring-sale: 6.00 EUR off: TEA 6.00",
        "welcome-box: 4.99 EUR off shipping; 1 MUG as a gift; 50 points; points times 1.5; a coupon of next-time",
        "large-carts is not taken: 37.00 EUR more (43.00 EUR of 80.00 EUR)",
        "member is not taken: cannot stand beside spring-sale",
        "no set that is allowed gives more",
    )


def test_an_outcome_that_is_not_proved_says_what_no_set_exceeds():
    outcome = Engine((SALE, MEMBER), how=Search(Strategy.BEST_SINGLE)).evaluate(SHELF)
    assert tell_outcome(outcome, SHELF)[-1] == f"worth 6.00 EUR; no set that is allowed is worth more than {Money(outcome.bound, 'EUR')}"


def test_an_outcome_is_a_table_with_a_row_for_each_promotion():
    assert table(ENGINE.evaluate(SHELF), SHELF).splitlines() == [
        "promotion         off  why",
        "spring-sale  6.00 EUR  6.00 EUR off: TEA 6.00",
        "welcome-box  4.99 EUR  4.99 EUR off shipping; 1 MUG as a gift; 50 points; points times 1.5; a coupon of next-time",
        "large-carts         -  37.00 EUR more (43.00 EUR of 80.00 EUR)",
        "member              -  cannot stand beside spring-sale",
    ]


def test_a_table_stands_straight_in_scripts_that_are_twice_as_wide_and_obeys_no_control_character():
    basket = a_basket(a_line("T\x1b[31m", 1, 100))
    outcome = outcome_of(basket, a_promotion("春节", TEN), a_promotion("ten", TEN))
    assert table(outcome, basket).splitlines()[1:] == [
        "ten        0.10 EUR  0.10 EUR off: T?[31m 0.10",
        "春节       0.09 EUR  0.09 EUR off: T?[31m 0.09",
    ]


def test_an_outcome_is_plain_data():
    basket = a_basket(a_line("TEA", 2, 1_000), a_line("CUP", 1, 500))
    outcome = Engine((a_promotion("ten", TEN, version=3), LARGE)).evaluate(basket)
    assert as_data(outcome, basket) == {
        "currency": "EUR",
        "lines": [{"sku": "CUP", "quantity": 1, "amount": 500, "off": 50}, {"sku": "TEA", "quantity": 2, "amount": 2_000, "off": 200}],
        "off": 250,
        "shipping_off": 0,
        "worth": 250,
        "proved": True,
        "bound": 250,
        "applied": [
            {"promotion": "ten", "version": 3, "off": [50, 200], "shipping_off": 0, "gifts": [], "points": 0, "points_rates": [], "coupons": []},
        ],
        "skipped": [
            {
                "promotion": "large-carts",
                "version": 1,
                "reason": "condition",
                "beside": [],
                "unmet": {
                    "condition": "cart_total",
                    "required": 8_000,
                    "actual": 2_500,
                    "missing": 5_500,
                    "unit": "money",
                    "path": [],
                    "inside": [],
                },
            },
        ],
    }


def test_words_and_data_are_the_same_for_the_same_facts_in_any_order():
    turned = evolve(SHELF, lines=SHELF.lines[::-1])
    one, other = ENGINE.evaluate(SHELF), Engine((LARGE, MEMBER, BOX, SALE)).evaluate(turned)
    assert tell_outcome(one, SHELF) == tell_outcome(other, turned)
    assert table(one, SHELF) == table(other, turned)
    assert json.dumps(as_data(one, SHELF)) == json.dumps(as_data(other, turned))


def test_neither_words_nor_data_tell_a_code_that_was_not_typed_or_whom_else_a_promotion_is_for():
    hidden = a_promotion("a", TEN, when=AnyOf((Code({"SECRET"}), All((CartQuantity(1), Code("SECRET"))), OneOf("buyer", "bob"))))
    basket = a_basket(codes={"GUESS"}, buyer=Buyer("ann"))
    engine = Engine((hidden,))
    outcome = evolve(engine.evaluate(basket), skipped=engine.why_not(basket))
    told = [*tell_outcome(outcome, basket), table(outcome, basket), json.dumps(as_data(outcome, basket))]
    assert [text for text in told if "SECRET" in text or "bob" in text] == []


def test_an_exhausted_and_a_needless_promotion_are_told_in_plain_words():
    promotions = a_promotion("a", Percent(10_000), group="g"), a_promotion("b", TEN, priority=9), a_promotion("c", TEN)
    outcome = Engine(promotions, stacking=Stacking(groups=(Group("g"),))).evaluate(a_basket(), exhausted=frozenset({"c"}))
    assert tell_outcome(outcome, a_basket())[1:] == (
        "b is not taken: would not give more",
        "c is not taken: its uses are used up",
        "no set that is allowed gives more",
    )
