"""What the linter never compares could not have been found: its findings are those of the linter that compares every two promotions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from attrs import evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwright.money import Money
from shopwright.promotions.basket import BasketLine
from shopwright.promotions.conditions import All, AnyOf, CartTotal, Code, Condition, During, Not, OneOf, Unmet
from shopwright.promotions.effects import AcrossOff, EachOff, Effect, Percent
from shopwright.promotions.lint import Code as Found
from shopwright.promotions.lint import Finding, Good, findings_of, lint
from shopwright.promotions.linting.asking import Asked
from shopwright.promotions.linting.findings import Live
from shopwright.promotions.linting.meeting import apart
from shopwright.promotions.matching import ANYTHING, Either, Every, LineMatch, Named
from shopwright.promotions.promotion import Promotion, Stacking, in_order, is_legal, stand_together
from shopwright.promotions.promotion_set import PromotionSet
from shopwright.promotions.search import Strategy
from shopwright.promotions.standing import bits
from shopwright.promotions.taking import Basis
from shopwright.promotions.windows import DateWindow
from tests.properties.promotion_values import AT, STACKINGS, promotion_sets
from tests.surroundings import tries

NEVER = {Found.UNREACHABLE, Found.CONTRADICTORY_WINDOWS, Found.NO_GOODS, Found.ENDED}
GOODS = tuple(Good(BasketLine(sku, 1, 1_000, brand=brand), "EUR", 700) for sku, brand in (("tea", "a"), ("cup", "b"), ("pot", "")))


@frozen(slots=False)
class EveryTwo(Live):
    """Compares every two that the rules for sets leave, whatever they ask for."""

    def pairs(
        self, asks: Callable[[Promotion], Asked | None], same: Callable[[Promotion], Any] = lambda _: None
    ) -> Iterator[tuple[Promotion, Promotion]]:
        """Each two that may stand together and are the same in something."""
        for place, other in enumerate(self.promotions):
            for one in self.promotions[:place]:
                if is_legal((one, other), self.stacking) and same(one) == same(other) and asks(one) is not None and asks(other) is not None:
                    yield one, other

    def in_place_of(self, one: Promotion, like: Sequence[int]) -> Iterator[Promotion]:
        """Each other of its lane and aim that may not stand beside it."""
        for other in self.promotions:
            if other is not one and (other.lane, other.aim) == (one.lane, one.aim) and not is_legal((one, other), self.stacking):
                yield other


def both_ways(promotions: tuple[Promotion, ...], stacking: Stacking, strategy: Strategy) -> tuple[list[Finding], list[Finding]]:
    """What is found by looking at few and by looking at every two."""
    never = {it.promotions[0] for it in lint(PromotionSet(promotions, stacking), at=AT) if it.code in NEVER}
    kept = tuple([it for it in in_order(promotions, stacking) if it.id not in never])
    few, every = (kind(kept, stacking, AT) for kind in (Live, EveryTwo))
    return [sorted(findings_of(live, strategy, goods=GOODS), key=str) for live in (few, every)]  # type: ignore[return-value]  # two of them


DAYS = st.integers(0, 6).map(lambda day: AT + timedelta(days=day))


@frozen
class Weather:
    """A condition of a plug-in that declares nothing."""

    keys = None

    def unmet(self, basket: object) -> Unmet | None:
        """It is always fine."""


@frozen
class WarmGold(Weather):
    """One that declares what holds whenever it does."""

    may_hold = OneOf("tier", "gold")


KINDS: tuple[st.SearchStrategy[Condition], ...] = (
    *[st.builds(OneOf, st.just(what), st.frozensets(st.sampled_from("abc"), min_size=1, max_size=2)) for what in ("tier", "channel", "segment")],
    st.frozensets(st.sampled_from("XYZ"), min_size=1, max_size=2).map(Code),
    st.builds(lambda starts, days: During(DateWindow(starts, starts + timedelta(days=days))), DAYS, st.integers(1, 3)),
    st.sampled_from((All(()), CartTotal(Money(500, "EUR")), OneOf("tier", "gold"), Weather(), WarmGold())),
)
TREES: st.SearchStrategy[Condition] = st.recursive(
    st.one_of(*KINDS),
    lambda parts: st.one_of(
        st.lists(parts, min_size=1, max_size=2).map(lambda some: All(tuple(some))),
        st.lists(parts, min_size=1, max_size=2).map(lambda some: AnyOf(tuple(some))),
        parts.map(Not),
    ),
    max_leaves=2,
)
NAMES = st.frozensets(st.sampled_from(("tea", "cup", "a", "b")), min_size=1, max_size=2)
NAMED = st.builds(Named, st.sampled_from(("sku", "brand", "category")), NAMES)
LINES: tuple[st.SearchStrategy[LineMatch], ...] = (st.just(ANYTHING), NAMED, st.tuples(NAMED, NAMED).map(Every), st.tuples(NAMED, NAMED).map(Either))
RATES, AMOUNTS, BASES = (
    st.sampled_from((1_000, 4_000, 6_000)),
    st.sampled_from((100, 400)).map(lambda minor: Money(minor, "EUR")),
    st.sampled_from(Basis),
)


def effects(lines: st.SearchStrategy[LineMatch]) -> tuple[st.SearchStrategy[Effect], ...]:
    """Percentages, and amounts as well."""
    percent = st.builds(Percent, RATES, lines, BASES)
    return percent, st.one_of(percent, st.builds(EachOff, AMOUNTS, lines), st.builds(AcrossOff, AMOUNTS, lines))


@st.composite
def narrow_sets(draw: st.DrawFn) -> tuple[Promotion, ...]:
    """Promotions that ask for one thing or another, at one time or another, many of which give alike."""
    kind, lines, found = draw(st.sampled_from(KINDS)), draw(st.sampled_from(LINES)), []
    effect = draw(st.sampled_from(effects(lines)))
    for number in range(draw(st.integers(2, 5))):
        starts = draw(st.one_of(st.none(), DAYS))
        days = draw(st.one_of(st.none(), st.integers(1, 4)))
        ends = None if days is None else (starts or AT) + timedelta(days=days)
        found.append(
            Promotion(
                id=f"p{number}",
                effects=(draw(effect),),
                when=draw(st.one_of(kind, kind, TREES)),
                starts=starts,
                ends=ends,
                exclusive=draw(st.sampled_from((False, False, True))),
                group=draw(st.sampled_from(("", "", "a"))),
            )
        )
    return tuple(found)


@given(narrow_sets(), STACKINGS, st.sampled_from(Strategy))
@settings(max_examples=tries(80, full=250), deadline=None)
def test_of_promotions_that_ask_for_different_things_all_is_found_that_comparing_every_two_finds(promotions, stacking, strategy):
    few, every = both_ways(promotions, stacking, strategy)
    assert few == every


@given(promotion_sets(most=4), STACKINGS, st.sampled_from(Strategy))
@settings(max_examples=tries(20, full=60), deadline=None)
def test_of_promotions_of_every_effect_all_is_found_that_comparing_every_two_finds(promotions, stacking, strategy):
    copies = tuple([evolve(it, id=f"copy-{it.id}", exclusive=True) for it in promotions[:2]])
    few, every = both_ways((*promotions, *copies), stacking, strategy)
    assert few == every


@given(promotion_sets(), STACKINGS)
@settings(max_examples=tries(35, full=100), deadline=None)
def test_those_that_may_not_stand_together_are_those_that_the_rules_say(promotions, stacking):
    for place, others in enumerate(apart(promotions, stacking)):
        legal = [it for number, it in enumerate(promotions) if number != place and is_legal((promotions[place], it), stacking)]
        assert [it for number, it in enumerate(promotions) if number != place and number not in set(bits(others))] == legal
        assert all(stand_together(promotions[place], it) for it in legal)
