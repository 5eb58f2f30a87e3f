"""What conditions and effects promise alike: they are values, pure, and say what they look at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any, ClassVar, Literal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from shopwright.promotions.basket import ATTRIBUTES, Basket
from shopwright.promotions.conditions import AROUND
from shopwright.promotions.promotion import Promotion
from shopwright.promotions.promotion_set import PromotionSet
from shopwright.promotions.reads import FACTS, reads_of
from shopwright.testing.promotion_contract import baskets as random_baskets
from shopwright.testing.promotion_contract.changes import has_any, mixed, renewed, with_key
from shopwright.testing.promotion_contract.watching import looked_at
from shopwright.wire.promotion_files import read_promotions, write_promotions
from shopwright.wire.promotion_words import WORDS, Words, word

Case = tuple[Any, Basket]
"""A part, and a basket that it is asked about."""


class PartLaws:
    """The promises of both kits. Each test draws parts and baskets; the same ones in every run."""

    options: ClassVar[settings] = settings(
        max_examples=60, deadline=None, derandomize=True, database=None, report_multiple_bugs=False, suppress_health_check=list(HealthCheck)
    )
    """How Hypothesis looks at each law; `settings(options, max_examples=1_000)` looks longer."""
    sort: ClassVar[Literal["conditions", "effects"]]

    def baskets(self) -> SearchStrategy[Basket]:
        """The baskets that are asked about. Override it where a part needs rarer ones; the keys of a part are put into them anyway."""
        return random_baskets.baskets()

    def drawn(self) -> SearchStrategy[Any]:
        """The parts under test."""
        raise NotImplementedError

    def answer(self, part: Any, basket: Basket) -> object:
        """All that the part says of this basket."""
        raise NotImplementedError

    def matters(self, part: Any, basket: Basket) -> bool:
        """Whether the part makes a difference to this basket."""
        raise NotImplementedError

    def promoted(self, part: Any) -> Promotion:
        """A promotion with this part."""
        raise NotImplementedError

    def cases(self) -> SearchStrategy[Case]:
        """Parts with baskets, in some of which something stands that the part is looked up by."""

        @st.composite
        def drawn(draw: st.DrawFn) -> Case:
            part, basket = draw(self.drawn()), draw(self.baskets())
            for key in draw(st.lists(st.sampled_from(sorted(part.keys)), max_size=3)) if part.keys else ():
                basket = with_key(basket, key, draw(st.integers(0, len(basket.lines) - 1)))
            return part, basket

        return drawn()

    def every(self, *given_to: SearchStrategy[Any]) -> Callable[[Callable[..., None]], None]:
        """Run a law at once, on so many examples of these."""

        def run(law: Callable[..., None]) -> None:
            self.options(given(*given_to)(law))()

        return run

    def test_it_says_what_it_reads_in_the_names_of_facts(self) -> None:
        @self.every(self.drawn())
        def holds(part: Any) -> None:
            assert reads_of(part) <= FACTS

    def test_its_keys_are_such_as_a_basket_can_have(self) -> None:
        @self.every(self.drawn())
        def holds(part: Any) -> None:
            if part.keys is None:
                return
            assert isinstance(part.keys, frozenset), f"expected a frozenset of keys or None, got {type(part.keys).__name__}"
            known = {*ATTRIBUTES, *AROUND, "code"}
            assert [key for key in part.keys if key[0] not in known or not isinstance(key[1], str)] == []
            assert part.keys, "expected at least one key, for a promotion that is looked up by none is never found; None is for anything"

    def test_it_is_a_value_that_equals_its_copy(self) -> None:
        @self.every(self.drawn())
        def holds(part: Any) -> None:
            copy = deepcopy(part)
            assert (copy, hash(copy)) == (part, hash(part))

    def test_a_promotion_file_keeps_it(self) -> None:
        @self.every(self.drawn())
        def holds(part: Any) -> None:
            words = self._words(part)
            told = PromotionSet((self.promoted(part),))
            assert read_promotions(write_promotions(told, form="json", words=words), form="json", words=words).set == told

    def _words(self, part: Any) -> Words:
        """The words of Shopwright, and one for a part that is not among them."""
        kind = type(part)
        return WORDS if kind.__module__.startswith("shopwright.promotions.") else WORDS.with_kinds(**{self.sort: {word(kind): kind}})

    def test_it_makes_a_difference_to_some_baskets_and_none_to_others(self) -> None:
        met: dict[bool, Case] = {}

        @self.every(self.cases())
        def holds(case: Case) -> None:
            met.setdefault(self.matters(*case), case)

        word = "nothing here is put to the test: override baskets() so that it draws some"
        assert True in met, f"no basket of the kit meets a condition, or lets an effect give anything; {word}"
        assert False in met, f"every basket of the kit meets every condition, or lets every effect give something; {word} that do not"

    def test_the_same_basket_gets_the_same_answer_and_stays_as_it_was(self) -> None:
        @self.every(self.cases())
        def holds(case: Case) -> None:
            part, basket = case
            before, first = renewed(basket), self.answer(part, basket)
            assert self.answer(part, basket) == first
            assert self.answer(part, renewed(basket)) == first
            assert basket == before, "the basket was changed"

    def test_no_order_of_baskets_and_no_thread_changes_an_answer(self) -> None:
        @self.every(self.cases(), st.lists(self.cases(), min_size=1, max_size=3))
        def holds(case: Case, others: Sequence[Case]) -> None:
            cases = [case, *[(case[0], basket) for _, basket in others]]
            copy = deepcopy(case[0])
            first = [self.answer(part, renewed(basket)) for part, basket in cases]
            again = [self.answer(copy, renewed(basket)) for _, basket in reversed(cases)]
            with ThreadPoolExecutor(2) as threads:
                aside = list(threads.map(lambda case: self.answer(case[0], renewed(case[1])), cases))
            assert again[::-1] == first
            assert aside == first

    def test_it_looks_at_no_clock_no_chance_and_nothing_outside(self) -> None:
        @self.every(self.cases())
        def holds(case: Case) -> None:
            part, basket = case
            assert looked_at(lambda: self.answer(part, renewed(basket))) == ()

    def test_what_it_does_not_read_changes_nothing(self) -> None:
        @self.every(self.cases(), self.baskets())
        def holds(case: Case, other: Basket) -> None:
            part, basket = case
            changed = mixed(basket, other, reads_of(part))
            assert self.answer(part, changed) == self.answer(part, basket), (
                f"{type(part).__name__} says that it reads {', '.join(sorted(reads_of(part))) or 'nothing'}, and something else changed its answer"
            )


def as_strategy(given: Collection[Any] | SearchStrategy[Any]) -> SearchStrategy[Any]:
    """A strategy that draws from these, each a copy that nobody has asked yet; raises `AssertionError` where there is none."""
    if isinstance(given, SearchStrategy):
        return given.map(deepcopy)
    assert given, "expected at least one value to put to the test, got none"
    return st.sampled_from(tuple(given)).map(deepcopy)


def found_by_none(part: Any, basket: Basket) -> bool:
    """Whether the engine would not even look the part up for this basket."""
    return part.keys is not None and not has_any(basket, part.keys)
