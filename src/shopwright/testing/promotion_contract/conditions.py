"""The contract of a condition: `ConditionContract`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from shopwright.promotions.basket import Basket
from shopwright.promotions.conditions import Condition, Unmet
from shopwright.promotions.effects import Percent
from shopwright.promotions.promotion import Promotion
from shopwright.promotions.telling import tell_unmet
from shopwright.testing.promotion_contract.changes import NOT_KNOWN, forgotten, reordered, without_keys
from shopwright.testing.promotion_contract.parts import Case, PartLaws, as_strategy, found_by_none


class ConditionContract(PartLaws):
    """Every promise of a condition. Inherit, override `conditions`, done."""

    sort = "conditions"

    def conditions(self) -> Collection[Condition] | SearchStrategy[Condition]:
        """Some conditions of the class under test, or a strategy that draws them."""
        raise NotImplementedError(f"{type(self).__name__} must override conditions and return some values, such as (MyCondition(),)")

    def drawn(self) -> SearchStrategy[Any]:
        """The conditions."""
        return as_strategy(self.conditions())

    def answer(self, part: Any, basket: Basket) -> Unmet | None:
        """Why it is not met."""
        unmet: Unmet | None = part.unmet(basket)
        return unmet

    def matters(self, part: Any, basket: Basket) -> bool:
        """Whether it is met."""
        return self.answer(part, basket) is None

    def promoted(self, part: Any) -> Promotion:
        """A promotion under this condition."""
        return Promotion(id="kit", effects=(Percent(1_000),), when=part)

    def test_every_basket_gets_nothing_or_a_reason_in_words(self) -> None:
        @self.every(self.cases())
        def holds(case: Case) -> None:
            part, basket = case
            unmet = self.answer(part, basket)
            if unmet is None:
                return
            assert isinstance(unmet, Unmet), f"expected None or an Unmet, got {type(unmet).__name__}"
            assert unmet.condition
            assert unmet.missing >= 0
            assert tell_unmet(unmet, basket.currency)

    def test_the_order_of_the_lines_changes_nothing(self) -> None:
        @self.every(self.cases().flatmap(lambda case: st.tuples(st.just(case), st.permutations(range(len(case[1].lines))))))
        def holds(drawn: tuple[Case, Sequence[int]]) -> None:
            (part, basket), places = drawn
            assert self.answer(part, reordered(basket, places)) == self.answer(part, basket)

    def test_what_is_not_known_is_told_as_not_known(self) -> None:
        @self.every(self.cases(), st.sets(st.sampled_from(sorted(NOT_KNOWN)), min_size=1))
        def holds(case: Case, facts: set[str]) -> None:
            part, basket = case
            less = self.answer(part, forgotten(basket, facts))
            if less is not None and less.is_unknown:
                return
            said = "met" if less is None else "not met"
            more = self.answer(part, basket)
            assert (more is None) == (less is None), f"it was {said} where it is not known what would change that; tell Unmet(..., actual=None) there"

    def test_it_is_never_met_by_a_basket_with_none_of_its_keys(self) -> None:
        @self.every(self.cases(), st.booleans())
        def holds(case: Case, is_stripped: bool) -> None:
            part, basket = case
            if is_stripped and part.keys is not None:
                basket = without_keys(basket, part.keys)
            if found_by_none(part, basket):
                assert self.answer(part, basket) is not None, "it is met by a basket for which it would not be looked up; let its keys be None"
