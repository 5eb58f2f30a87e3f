"""The contract of an effect: `EffectContract`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from attrs import astuple
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from shopwright.promotions.basket import Basket
from shopwright.promotions.effects import Aim, Effect
from shopwright.promotions.engine import Engine
from shopwright.promotions.promotion import Promotion
from shopwright.promotions.taking import SHIPPING, Gift, Tab, Taken
from shopwright.testing.promotion_contract.baskets import tab_after, tabs, takings
from shopwright.testing.promotion_contract.changes import reordered, without_keys
from shopwright.testing.promotion_contract.parts import Case, PartLaws, as_strategy, found_by_none


class EffectContract(PartLaws):
    """Every promise of an effect. Inherit, override `effects`, done."""

    sort = "effects"

    def effects(self) -> Collection[Effect] | SearchStrategy[Effect]:
        """Some effects of the class under test, or a strategy that draws them."""
        raise NotImplementedError(f"{type(self).__name__} must override effects and return some values, such as (MyEffect(),)")

    def drawn(self) -> SearchStrategy[Any]:
        """The effects."""
        return as_strategy(self.effects())

    def answer(self, part: Any, basket: Basket) -> tuple[Taken, int]:
        """What it takes before all others, and the most it could take."""
        return part.take(Tab(basket)), part.most(basket)

    def matters(self, part: Any, basket: Basket) -> bool:
        """Whether it gives anything."""
        taken: Taken = part.take(Tab(basket))
        return not taken.is_nothing

    def promoted(self, part: Any) -> Promotion:
        """A promotion with this effect alone."""
        return Promotion(id="kit", effects=(part,))

    def after_others(self) -> SearchStrategy[tuple[Any, Tab]]:
        """Effects, with what other promotions have left them."""
        return self.cases().flatmap(lambda case: st.tuples(st.just(case[0]), tabs(case[1])))

    def test_it_says_what_it_is_about(self) -> None:
        @self.every(self.drawn())
        def holds(part: Any) -> None:
            assert isinstance(part.aim, Aim)

    def test_it_takes_no_line_below_its_floor_and_no_more_than_there_is(self) -> None:
        @self.every(self.after_others())
        def holds(drawn: tuple[Any, Tab]) -> None:
            part, tab = drawn
            taken = part.take(tab)
            places = range(len(tab.left))
            assert isinstance(taken, Taken), f"expected Taken, got {type(taken).__name__}"
            assert {len(taken.parts), len(taken.used)} <= {0, len(places)}, "parts and used have a number for each line, or none at all"
            assert [(place, taken.parts[place]) for place in places if taken.parts and not 0 <= taken.parts[place] <= tab.room(place)] == []
            assert [(place, taken.used[place]) for place in places if taken.used and not 0 <= taken.used[place] <= tab.free(place)] == []
            assert 0 <= taken.shipping <= tab.shipping
            assert min(taken.points, taken.points_rate) >= 0
            assert {type(gift) for gift in taken.gifts} <= {Gift}, "gifts are Gift values: a sku and a quantity"
            assert {type(batch) for batch in taken.coupons} <= {str}, "coupons are the names of coupon batches"

    def test_it_gives_whole_minor_units(self) -> None:
        @self.every(self.after_others())
        def holds(drawn: tuple[Any, Tab]) -> None:
            part, tab = drawn
            taken = part.take(tab)
            numbers = (*taken.parts, *taken.used, taken.shipping, taken.points, taken.points_rate, part.most(tab.basket))
            assert {type(number) for number in numbers} == {int}

    def test_it_never_takes_more_than_the_most_it_promised(self) -> None:
        @self.every(self.after_others())
        def holds(drawn: tuple[Any, Tab]) -> None:
            part, tab = drawn
            assert 0 <= part.take(tab).amount <= part.most(tab.basket)

    def test_taking_leaves_the_tab_as_it_was(self) -> None:
        @self.every(self.after_others())
        def holds(drawn: tuple[Any, Tab]) -> None:
            part, tab = drawn
            before = tab.copy()
            first = part.take(tab)
            assert (tab.left, tab.used, tab.shipping) == (before.left, before.used, before.shipping), "the tab was changed; return Taken(...) instead"
            assert part.take(before) == first

    def test_it_takes_nothing_off_what_it_does_not_touch(self) -> None:
        @self.every(self.after_others())
        def holds(drawn: tuple[Any, Tab]) -> None:
            part, tab = drawn
            taken, touches = part.take(tab), _touches(part, tab.basket)
            changed = {place for numbers in (taken.parts, taken.used) for place, number in enumerate(numbers) if number}
            assert changed | ({SHIPPING} if taken.shipping else set()) <= touches

    def test_what_was_taken_off_what_it_does_not_touch_changes_nothing(self) -> None:
        @self.every(self.cases().flatmap(lambda case: st.tuples(st.just(case), takings(case[1]), takings(case[1]))))
        def holds(drawn: tuple[Case, Taken, Taken]) -> None:
            (part, basket), here, elsewhere = drawn
            touches = _touches(part, basket)
            assume(not touches >= {SHIPPING, *range(len(basket.lines))})
            tab, other = tab_after(basket, here), tab_after(basket, _chosen(here, elsewhere, touches))
            assert part.take(other) == part.take(tab), "it looks at a line, or at shipping, that its touches() do not tell"

    def test_the_order_of_the_lines_changes_nothing(self) -> None:
        @self.every(self.cases().flatmap(lambda case: st.tuples(st.just(case), st.permutations(range(len(case[1].lines))))))
        def holds(drawn: tuple[Case, Sequence[int]]) -> None:
            (part, basket), places = drawn
            mixed = reordered(basket, places)
            assert part.most(mixed) == part.most(basket)
            assert {places[place] if place >= 0 else place for place in _touches(part, mixed)} == _touches(part, basket)
            engine = Engine((self.promoted(part),))
            one, other = engine.evaluate(basket, reasons=False), engine.evaluate(mixed, reasons=False)
            assert _by_line(basket, one.parts) == _by_line(mixed, other.parts)
            assert (one.shipping, one.gifts, one.worth) == (other.shipping, other.gifts, other.worth)

    def test_it_gives_nothing_to_a_basket_with_none_of_its_keys(self) -> None:
        @self.every(self.cases(), st.booleans())
        def holds(case: Case, is_stripped: bool) -> None:
            part, basket = case
            if is_stripped and part.keys is not None:
                basket = without_keys(basket, part.keys)
            if found_by_none(part, basket):
                assert part.take(Tab(basket)).is_nothing, "it gives something to a basket for which it would not be looked up; let its keys be None"


def _touches(part: Any, basket: Basket) -> set[int]:
    """What it touches: everything, where it does not tell."""
    touches = getattr(part, "touches", None)
    return set(range(SHIPPING, len(basket.lines)) if touches is None else touches(basket))


def _chosen(one: Taken, other: Taken, places: set[int]) -> Taken:
    """The one takings at these places, and the other ones elsewhere."""
    count = range(len(one.parts))
    return Taken(
        parts=tuple([(one if place in places else other).parts[place] for place in count]),
        used=tuple([(one if place in places else other).used[place] for place in count]),
        shipping=(one if SHIPPING in places else other).shipping,
    )


def _by_line(basket: Basket, parts: Sequence[int]) -> list[tuple[str, int]]:
    """What is taken off each line, whatever the order; of equal lines any may be the one that has the odd cent."""
    return sorted(zip(map(_named, basket.lines), parts, strict=True))


def _named(line: Any) -> str:
    """A text that is the same for equal lines: `repr` tells sets in any order."""
    return repr([sorted(value) if isinstance(value, frozenset) else value for value in astuple(line, recurse=False)])
