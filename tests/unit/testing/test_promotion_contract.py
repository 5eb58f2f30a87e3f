"""The kits for conditions and effects themselves: each part below has one small, likely mistake, and the test that is meant fails."""

from __future__ import annotations

import os
import random
import time
from datetime import UTC, datetime

import pytest
from attrs import define, evolve, field, frozen
from hypothesis import Phase, settings
from hypothesis.errors import Flaky

from shopwright.errors import InvalidValue
from shopwright.promotions.basket import Basket
from shopwright.promotions.conditions import OneOf, Unmet
from shopwright.promotions.effects import Aim, Percent
from shopwright.promotions.matching import Named, meant
from shopwright.promotions.taking import NOTHING, SHIPPING, Gift, Tab, Taken
from shopwright.testing import ConditionContract, EffectContract
from shopwright.testing.promotion_contract.parts import PartLaws
from shopwright.testing.promotion_contract.watching import looked_at

NO = Unmet("kit", "something", "something else")


@frozen
class Dear:
    """A condition without a mistake: one unit costs so much. What is broken below begins here."""

    price: int = 3_000
    reads = frozenset(("price",))
    keys = None

    def unmet(self, basket: Basket) -> Unmet | None:
        dearest = max(line.unit_price for line in basket.lines)
        return None if dearest >= self.price else Unmet("dear", self.price, dearest, self.price - dearest)


class SaysNothingOfWhatItReads(Dear):
    reads = None


class ReadsMoreThanItSays(Dear):
    def unmet(self, basket):
        return super().unmet(basket) if basket.channel else NO


class CountsLinesAndDoesNotSay(Dear):
    reads = frozenset()

    def unmet(self, basket):
        return None if len(basket.lines) > 1 else NO


class HasKeysOfItsOwn(Dear):
    keys = frozenset((("weekday", "monday"),))


class HasNoKeyAtAll(Dear):
    keys = frozenset()


class HasTooFewKeys(Dear):
    keys = frozenset((("sku", "tea"), ("code", "SPRING")))


@define
class IsNoValue:
    asked: int = 0
    reads = frozenset(("price",))
    keys = None

    def unmet(self, basket):
        return Dear().unmet(basket)


@frozen
class KeepsWhatFilesCannot:
    price: int = field(default=3_000, init=False)
    names: dict = field(factory=dict, hash=False)
    reads = frozenset(("price",))
    keys = None

    def unmet(self, basket):
        return Dear().unmet(basket)


class IsMetByAll(Dear):
    def unmet(self, basket):
        return None


class IsMetByNone(Dear):
    def unmet(self, basket):
        return NO


@define(unsafe_hash=True)
class MeetsOnceAndNeverAgain:
    asked: set = field(factory=set, eq=False)
    reads = frozenset(("price", "buyer"))
    keys = None

    def unmet(self, basket):
        if basket.buyer.id in self.asked:
            return NO
        self.asked.add(basket.buyer.id)
        return Dear().unmet(basket)


class ChangesTheBasket(Dear):
    def unmet(self, basket):
        object.__setattr__(basket.lines[0], "unit_price", basket.lines[0].unit_price + 1)


@frozen
class RemembersByTooLittle:
    """Keeps what it answered, by the currency alone."""

    answers: dict = field(factory=dict, eq=False)
    reads = frozenset(("price", "currency"))
    keys = None

    def unmet(self, basket):
        if basket.currency not in self.answers:
            self.answers[basket.currency] = Dear().unmet(basket)
        return self.answers[basket.currency]


class LooksAtTheClock(Dear):
    def unmet(self, basket):
        return None if datetime.now(UTC) > datetime(2020, 1, 1, tzinfo=UTC) else NO


class DrawsLots(Dear):
    def unmet(self, basket):
        return None if random.random() < 2 else NO


class LooksAtTheSettings(Dear):
    def unmet(self, basket):
        return NO if "NO_PROMOTIONS" in os.environ else super().unmet(basket)


class LooksAtTheFirstLine(Dear):
    def unmet(self, basket):
        return super().unmet(evolve(basket, lines=basket.lines[:1]))


class TakesNotKnownForNo(Dear):
    reads = frozenset(("tier",))

    def unmet(self, basket):
        return None if basket.buyer.tier == "gold" else Unmet("tier", "gold", basket.buyer.tier or "none")


class TakesNotKnownForYes(Dear):
    reads = frozenset(("orders",))

    def unmet(self, basket):
        return Unmet("new", 0, basket.buyer.orders) if basket.buyer.orders else None


class RaisesOnWhatIsNotKnown(Dear):
    reads = frozenset(("orders",))

    def unmet(self, basket):
        return None if basket.buyer.orders + 1 > 2 else NO


class SaysNoAndNotWhy(Dear):
    def unmet(self, basket):
        return super().unmet(basket) is None


conditions = ConditionContract
BROKEN_CONDITIONS = [
    (SaysNothingOfWhatItReads, conditions.test_it_says_what_it_reads_in_the_names_of_facts),
    (ReadsMoreThanItSays, conditions.test_what_it_does_not_read_changes_nothing),
    (CountsLinesAndDoesNotSay, conditions.test_what_it_does_not_read_changes_nothing),
    (HasKeysOfItsOwn, conditions.test_its_keys_are_such_as_a_basket_can_have),
    (HasNoKeyAtAll, conditions.test_its_keys_are_such_as_a_basket_can_have),
    (HasTooFewKeys, conditions.test_it_is_never_met_by_a_basket_with_none_of_its_keys),
    (IsNoValue, conditions.test_it_is_a_value_that_equals_its_copy),
    (KeepsWhatFilesCannot, conditions.test_a_promotion_file_keeps_it),
    (MeetsOnceAndNeverAgain, conditions.test_the_same_basket_gets_the_same_answer_and_stays_as_it_was),
    (ChangesTheBasket, conditions.test_the_same_basket_gets_the_same_answer_and_stays_as_it_was),
    (RemembersByTooLittle, conditions.test_no_order_of_baskets_and_no_thread_changes_an_answer),
    (LooksAtTheClock, conditions.test_it_looks_at_no_clock_no_chance_and_nothing_outside),
    (DrawsLots, conditions.test_it_looks_at_no_clock_no_chance_and_nothing_outside),
    (LooksAtTheSettings, conditions.test_it_looks_at_no_clock_no_chance_and_nothing_outside),
    (LooksAtTheFirstLine, conditions.test_the_order_of_the_lines_changes_nothing),
    (TakesNotKnownForNo, conditions.test_what_is_not_known_is_told_as_not_known),
    (TakesNotKnownForYes, conditions.test_what_is_not_known_is_told_as_not_known),
    (RaisesOnWhatIsNotKnown, conditions.test_every_basket_gets_nothing_or_a_reason_in_words),
    (SaysNoAndNotWhy, conditions.test_every_basket_gets_nothing_or_a_reason_in_words),
]


@frozen
class HalfTheTea:
    """An effect without a mistake: half of what is left of the tea, and free shipping. What is broken below begins here."""

    points: int = 5
    aim = Aim.ORDER
    reads = frozenset(("sku", "price", "quantity", "floor", "shipping"))
    keys = None

    def take(self, tab: Tab) -> Taken:
        parts = [min(tab.left[place] // 2, tab.room(place)) if place in _tea(tab.basket) else 0 for place in range(len(tab.left))]
        return Taken(tuple(parts), shipping=tab.shipping, points=self.points)

    def most(self, basket: Basket) -> int:
        return sum(basket.lines[place].amount for place in _tea(basket)) + basket.shipping

    def touches(self, basket: Basket) -> tuple[int, ...]:
        return (SHIPPING, *_tea(basket))


TEA = Named("sku", "tea")


def _tea(basket: Basket) -> tuple[int, ...]:
    return meant(TEA, basket)


class HasNoAim(HalfTheTea):
    aim = "shipping"


class GoesBelowTheFloor(HalfTheTea):
    def take(self, tab):
        return Taken(tuple([tab.left[place] if place in _tea(tab.basket) else 0 for place in range(len(tab.left))]))


class GivesBackWhatWasTaken(HalfTheTea):
    def take(self, tab):
        return Taken(tuple([tab.left[place] - tab.basket.lines[place].amount for place in range(len(tab.left))]))


class UsesUnitsTwice(HalfTheTea):
    def take(self, tab):
        return evolve(super().take(tab), used=tuple([line.quantity for line in tab.basket.lines]))


class GivesMoreThanShippingCosts(HalfTheTea):
    def take(self, tab):
        return Taken(shipping=tab.basket.shipping)


class TellsFewerLinesThanThereAre(HalfTheTea):
    def take(self, tab):
        return Taken(parts=(0,))


class GivesAWordForAGift(HalfTheTea):
    def take(self, tab):
        return Taken(gifts=("MUG",))


class GivesHalfCents(HalfTheTea):
    def take(self, tab):
        return Taken(shipping=tab.shipping / 2)


class PromisesTooLittle(HalfTheTea):
    def most(self, basket):
        return super().most(basket) // 4


class PromisesWhatIsLeftAtFirst(HalfTheTea):
    """The dearest line that is not used up, by the list: when a cheap one goes first, it is another one."""

    def take(self, tab):
        free = [place for place in _tea(tab.basket) if tab.free(place)]
        cheapest = min(free, key=lambda place: (tab.left[place], place), default=None)
        return Taken(tuple([tab.room(place) if place == cheapest else 0 for place in range(len(tab.left))]), points=self.points)

    def most(self, basket):
        return min([basket.lines[place].amount for place in _tea(basket)], default=0)


class WritesOnTheTab(HalfTheTea):
    def take(self, tab):
        taken = super().take(tab)
        tab.take(taken)
        return taken


class ForgetsThatItTouchesShipping(HalfTheTea):
    def touches(self, basket):
        return _tea(basket)


class LooksAtAnotherLine(HalfTheTea):
    def take(self, tab):
        return super().take(tab) if sum(tab.left) >= 2_000 else NOTHING


class TakesTheFirstLineForTheTea(HalfTheTea):
    reads = frozenset(("price", "quantity", "floor"))

    def take(self, tab):
        return Taken((tab.room(0), *[0] * (len(tab.left) - 1)), points=self.points)

    def most(self, basket):
        return basket.lines[0].amount

    def touches(self, basket):
        return (0,)


class GivesWithoutItsKeys(HalfTheTea):
    keys = TEA.keys


class ReadsTheFloorAndDoesNotSay(HalfTheTea):
    reads = HalfTheTea.reads - {"floor"}


class GivesAGiftByTheClock(HalfTheTea):
    def take(self, tab):
        return Taken(gifts=(Gift("mug", 1 + (time.time() < 0)),))


effects = EffectContract
BROKEN_EFFECTS = [
    (HasNoAim, effects.test_it_says_what_it_is_about),
    (GoesBelowTheFloor, effects.test_it_takes_no_line_below_its_floor_and_no_more_than_there_is),
    (GivesBackWhatWasTaken, effects.test_it_takes_no_line_below_its_floor_and_no_more_than_there_is),
    (UsesUnitsTwice, effects.test_it_takes_no_line_below_its_floor_and_no_more_than_there_is),
    (GivesMoreThanShippingCosts, effects.test_it_takes_no_line_below_its_floor_and_no_more_than_there_is),
    (TellsFewerLinesThanThereAre, effects.test_it_takes_no_line_below_its_floor_and_no_more_than_there_is),
    (GivesAWordForAGift, effects.test_it_takes_no_line_below_its_floor_and_no_more_than_there_is),
    (GivesHalfCents, effects.test_it_gives_whole_minor_units),
    (PromisesTooLittle, effects.test_it_never_takes_more_than_the_most_it_promised),
    (PromisesWhatIsLeftAtFirst, effects.test_it_never_takes_more_than_the_most_it_promised),
    (WritesOnTheTab, effects.test_taking_leaves_the_tab_as_it_was),
    (ForgetsThatItTouchesShipping, effects.test_it_takes_nothing_off_what_it_does_not_touch),
    (ForgetsThatItTouchesShipping, effects.test_what_was_taken_off_what_it_does_not_touch_changes_nothing),
    (LooksAtAnotherLine, effects.test_what_was_taken_off_what_it_does_not_touch_changes_nothing),
    (TakesTheFirstLineForTheTea, effects.test_the_order_of_the_lines_changes_nothing),
    (GivesWithoutItsKeys, effects.test_it_gives_nothing_to_a_basket_with_none_of_its_keys),
    (ReadsTheFloorAndDoesNotSay, effects.test_what_it_does_not_read_changes_nothing),
    (GivesAGiftByTheClock, effects.test_it_looks_at_no_clock_no_chance_and_nothing_outside),
]


QUICK = settings(PartLaws.options, phases=(Phase.generate,), max_examples=2_000)  # what is broken is found long before


class OfConditions(ConditionContract):
    options = QUICK

    def __init__(self, *conditions):
        self._conditions = conditions

    def conditions(self):
        return self._conditions


class OfEffects(EffectContract):
    options = QUICK

    def __init__(self, *effects):
        self._effects = effects

    def effects(self):
        return self._effects


class TestDear(ConditionContract):
    def conditions(self):
        return (Dear(), Dear(100_000_000))


class TestHalfTheTea(EffectContract):
    def effects(self):
        return (HalfTheTea(points=0),)


@pytest.mark.parametrize(("broken", "test"), BROKEN_CONDITIONS, ids=lambda each: each.__name__)
def test_a_condition_that_breaks_a_promise_fails_its_test(broken, test):
    with pytest.raises((AssertionError, InvalidValue, TypeError, Flaky)):
        test(OfConditions(broken()))


@pytest.mark.parametrize("broken", [IsMetByAll, IsMetByNone])
def test_a_condition_that_tells_no_basket_from_another_fails_its_test(broken):
    """In as many baskets as the kit looks at: this law reads them all before it fails, so more would only take longer."""
    kit = OfConditions(broken())
    kit.options = PartLaws.options
    with pytest.raises(AssertionError, match="nothing here is put to the test"):
        kit.test_it_makes_a_difference_to_some_baskets_and_none_to_others()


@pytest.mark.parametrize(("broken", "test"), BROKEN_EFFECTS, ids=lambda each: each.__name__)
def test_an_effect_that_breaks_a_promise_fails_its_test(broken, test):
    with pytest.raises(AssertionError):
        test(OfEffects(broken()))


def test_what_a_call_looked_at_is_told_by_name():
    assert looked_at(lambda: (time.monotonic(), random.random(), datetime.now(UTC))) == ("datetime.now", "random.random", "time.monotonic")
    assert looked_at(lambda: (datetime(2026, 1, 1, tzinfo=UTC), sorted((2, 1)), max(1, 2))) == ()


def test_a_kit_without_a_part_says_what_to_write():
    with pytest.raises(NotImplementedError, match="must override conditions and return some values"):
        ConditionContract().conditions()
    with pytest.raises(NotImplementedError, match="must override effects and return some values"):
        EffectContract().effects()
    with pytest.raises(AssertionError, match="expected at least one value to put to the test, got none"):
        OfConditions().test_it_says_what_it_reads_in_the_names_of_facts()


def test_the_kits_take_several_values_and_values_of_shopwright():
    OfConditions(OneOf("tier", "gold"), Dear()).test_it_says_what_it_reads_in_the_names_of_facts()
    OfEffects(Percent(1_000)).test_a_promotion_file_keeps_it()
