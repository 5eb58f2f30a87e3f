"""Laws of the linter: what it says can never be is never so, and on a small world it says so whenever it is never so."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import chain, combinations, product

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwright.money import Money
from shopwright.promotions.basket import Basket, BasketLine, Buyer
from shopwright.promotions.birthdays import BirthdayWindow
from shopwright.promotions.conditions import (
    All,
    AnyOf,
    Birthday,
    CartQuantity,
    CartTotal,
    Code,
    Condition,
    During,
    Issued,
    NewBuyer,
    Not,
    NthOrder,
    OneOf,
)
from shopwright.promotions.effects import Percent
from shopwright.promotions.lint import Code as Found
from shopwright.promotions.lint import lint
from shopwright.promotions.linting.clauses import Truth
from shopwright.promotions.linting.linear import Row, has_solution
from shopwright.promotions.linting.reach import Question, may_be
from shopwright.promotions.matching import ANYTHING, Either, Every, Except, LineMatch, Named, NotReduced, Priced
from shopwright.promotions.promotion import Promotion
from shopwright.promotions.promotion_set import PromotionSet
from shopwright.promotions.search import Search
from shopwright.promotions.windows import DateWindow, Recurring
from tests.properties.promotion_values import AT, BASKETS, STACKINGS, promotion_sets

NEVER = {Found.UNREACHABLE, Found.CONTRADICTORY_WINDOWS, Found.NO_GOODS, Found.ENDED}

# A world that is small enough to be looked at whole: every line below, and every basket of three of them at most.
LINES = tuple(
    BasketLine(sku, quantity, price, tags=tags, reduced=reduced)
    for sku, quantity, price, tags, reduced in product(("tea", "cup"), (1, 3), (0, 5, 10), (frozenset(), frozenset({"new"})), (False, True))
)
MATCHES: st.SearchStrategy[LineMatch] = st.recursive(
    st.sampled_from(
        (
            ANYTHING,
            Named("sku", "tea"),
            Named("sku", "cup"),
            Named("tag", "new"),
            NotReduced(),
            Priced(most=Money(5, "EUR")),
            Priced(least=Money(6, "EUR")),
        )
    ),
    lambda parts: st.one_of(
        st.lists(parts, min_size=1, max_size=2).map(lambda some: Every(tuple(some))),
        st.lists(parts, min_size=1, max_size=2).map(lambda some: Either(tuple(some))),
        parts.map(Except),
    ),
    max_leaves=2,
)
TOTALS = st.one_of(
    st.builds(lambda amount, lines: CartTotal(least=Money(5 * amount, "EUR"), lines=lines), st.integers(0, 6), MATCHES),
    st.builds(lambda amount, lines: CartTotal(most=Money(5 * amount, "EUR"), lines=lines), st.integers(0, 6), MATCHES),
    st.builds(lambda least, lines: CartQuantity(least, lines=lines), st.integers(0, 3), MATCHES),
    st.builds(lambda most, lines: CartQuantity(0, most, lines=lines), st.integers(0, 3), MATCHES),
)
AROUND = st.one_of(
    st.sets(st.sampled_from("AB"), min_size=1).map(Code),
    st.just(Issued("a")),
    st.builds(OneOf, st.sampled_from(("tier", "channel", "segment", "payment_method")), st.sets(st.sampled_from("ab"), min_size=1)),
    st.builds(
        lambda first, more: NthOrder(first, None if more is None else first + more), st.integers(1, 3), st.one_of(st.none(), st.integers(0, 1))
    ),
    st.sampled_from((5, 30)).map(NewBuyer),
    st.builds(BirthdayWindow, days_before=st.sampled_from((0, 9)), days_after=st.sampled_from((0, 9))).map(Birthday),
)


def trees(leaves: st.SearchStrategy[Condition], most: int) -> st.SearchStrategy[Condition]:
    """Conditions over these, of which many contradict themselves: for each leaf the opposite of one like it is as likely."""
    tree = st.recursive(
        st.one_of(leaves, leaves.map(Not)),
        lambda parts: st.one_of(
            st.lists(parts, min_size=2, max_size=3).map(lambda some: All(tuple(some))),
            st.lists(parts, min_size=1, max_size=2).map(lambda some: AnyOf(tuple(some))),
            parts.map(Not),
        ),
        max_leaves=most,
    )
    return st.one_of(tree, st.lists(tree, min_size=2, max_size=3).map(lambda some: All(tuple(some))))


def baskets_of_lines():
    """Every basket of three of the lines at most."""
    for some in chain.from_iterable(combinations(LINES, count) for count in (1, 2, 3)):
        yield Basket("EUR", some, AT)


SMALL_WORLD = tuple(baskets_of_lines())


def asked_about(condition) -> set[str]:
    """What around the basket a tree looks at."""
    if isinstance(condition, All | AnyOf):
        return set().union(*map(asked_about, condition.of))
    if isinstance(condition, Not):
        return asked_about(condition.of)
    if isinstance(condition, Issued):
        return {"Code"}
    return {condition.what if isinstance(condition, OneOf) else type(condition).__name__}


def worlds(condition):
    """Baskets that differ in all that the tree looks at, and in nothing else."""
    about = asked_about(condition)
    ways = {
        "tier": ("tier", (None, "a", "b", "c")),
        "segment": ("segments", (None, frozenset(), frozenset("a"), frozenset("b"), frozenset("c"), frozenset("ab"))),
        "NthOrder": ("orders", (None, 0, 1, 2, 3, 4, 5)),
        "NewBuyer": ("joined_at", (None, *[AT - timedelta(days=days) for days in (3, 20, 90)])),
        "Birthday": ("born", (None, date(1990, 3, 1), date(1990, 3, 5), date(1990, 2, 25), date(1990, 7, 1))),
    }
    basket_ways = {
        "Code": ("codes", tuple(frozenset(some) | more for some in ("", "A", "B", "AB") for more in (frozenset(), Issued("a").codes))),
        "channel": ("channel", ("", "a", "b", "c")),
        "payment_method": ("payment_method", (None, "a", "b", "c")),
    }
    of_buyer = [ways[it] for it in sorted(about & ways.keys())]
    of_basket = [basket_ways[it] for it in sorted(about & basket_ways.keys())]
    for buyer_values in product(*[values for _, values in of_buyer]):
        buyer = Buyer(**dict(zip([name for name, _ in of_buyer], buyer_values, strict=True)))
        for values in product(*[values for _, values in of_basket]):
            more = dict(zip([name for name, _ in of_basket], values, strict=True))
            yield Basket("EUR", LINES[:1], AT, buyer=buyer, **more)


def may(condition: Condition) -> bool:
    """Whether the linter thinks that a basket meets it."""
    return may_be(Question(((condition, Truth.TRUE),)))


@given(promotion_sets(most=4), STACKINGS, st.lists(BASKETS, min_size=1, max_size=6))
@settings(max_examples=100, deadline=None)
def test_what_can_never_apply_never_does(promotions, stacking, baskets):
    given_set = PromotionSet(promotions, stacking)
    never = {it.promotions[0] for it in lint(given_set, at=AT) if it.code in NEVER}
    engine = given_set.engine()
    for basket in baskets:
        assert never.isdisjoint(it.promotion.id for it in engine.evaluate(basket).applied)


@given(trees(TOTALS, 3))
@settings(max_examples=70, deadline=None)
def test_on_a_small_world_of_lines_what_never_holds_is_found_and_nothing_else(condition):
    holds = any(condition.unmet(basket) is None for basket in SMALL_WORLD)
    # The world of the linter has more prices and more lines, so it may know a basket that is not in this one.
    assert may(condition) >= holds
    if not holds:
        assert not may(condition) or is_met_beyond(condition)


def is_met_beyond(condition: Condition) -> bool:
    """Whether a basket with more prices, more units and another currency meets it."""
    lines = [evolve(line, quantity=quantity, unit_price=price) for line in LINES[::6] for quantity, price in product((1, 2), (1, 2, 6, 12, 26))]
    some = [*LINES, *[evolve(line, sku="pot") for line in LINES[::2]], *lines]
    return any(
        condition.unmet(Basket(currency, chosen, AT)) is None
        for count in (1, 2)
        for chosen in combinations(some, count)
        for currency in ("EUR", "USD")
    )


@given(trees(AROUND, 4))
@settings(max_examples=300, deadline=None)
def test_around_a_basket_what_never_holds_is_found_and_nothing_else(condition):
    assert may(condition) is any(condition.unmet(basket) is None for basket in worlds(condition))


@given(trees(AROUND, 3), trees(AROUND, 3))
@settings(max_examples=200, deadline=None)
def test_that_one_holds_whenever_another_does_is_found(one, other):
    both = All((one, other))
    contrary = any(one.unmet(basket) is None and other.unmet(basket) is not None for basket in worlds(both))
    assert may_be(Question(((one, Truth.TRUE), (other, Truth.NOT_TRUE)))) is contrary


DAYS = st.integers(0, 20).map(lambda days: datetime(2026, 3, 1, tzinfo=AT.tzinfo) + timedelta(days=days))
WINDOWS = st.one_of(
    st.builds(lambda starts, days: During(DateWindow(starts, starts + timedelta(days=days))), DAYS, st.integers(1, 6)),
    st.builds(
        lambda day, hours: During(Recurring(f"FREQ=WEEKLY;BYDAY={day}", first="2026-02-02T00:00:00", duration=timedelta(hours=hours), zone="UTC")),
        st.sampled_from(("MO", "TU", "SU")),
        st.sampled_from((6, 24, 36)),
    ),
)


@given(trees(WINDOWS, 4), DAYS, st.integers(1, 20))
@settings(max_examples=200, deadline=None)
def test_windows_that_never_meet_are_found_and_nothing_else(condition, starts, days):
    ends = starts + timedelta(days=days)
    hours = [starts + timedelta(hours=hour) for hour in range(0, days * 24, 6)]
    holds = any(condition.unmet(Basket("EUR", LINES[:1], at)) is None for at in hours)
    assert may_be(Question(((condition, Truth.TRUE),), starts, ends)) is holds


ROWS = st.lists(
    st.builds(
        lambda parts, low, more: Row(tuple(parts), low, None if more is None else low + more),
        st.lists(st.integers(0, 3), min_size=3, max_size=3),
        st.integers(0, 8),
        st.one_of(st.none(), st.integers(-1, 6)),
    ),
    min_size=1,
    max_size=4,
)


@given(ROWS)
@settings(max_examples=400, deadline=None)
def test_a_system_that_whole_numbers_solve_is_never_said_to_have_no_solution(rows):
    def fits(unknowns) -> bool:
        sums = [(sum(part * each for part, each in zip(row.parts, unknowns, strict=True)), row) for row in rows]
        return all(row.low <= total and (row.high is None or total <= row.high) for total, row in sums)

    # Halves and thirds are among what is tried, so that a "yes" is checked too, as far as the bounds go.
    if any(fits(unknowns) for unknowns in product(range(9), repeat=3)):
        assert has_solution(rows)


@given(promotion_sets(most=4), STACKINGS, st.lists(BASKETS, min_size=1, max_size=5))
@settings(max_examples=80, deadline=None)
def test_without_what_is_shadowed_nobody_gets_less(promotions, stacking, baskets):
    copies = (*promotions, *[evolve(it, id=f"copy-{it.id}", exclusive=True) for it in promotions])
    for given_set in (PromotionSet(promotions, stacking), PromotionSet(copies, stacking, Search())):
        shadowed = {it.promotions[0] for it in lint(given_set) if it.code is Found.SHADOWED}
        kept = tuple([it for it in given_set.promotions if it.id not in shadowed])
        if not shadowed:
            continue
        rest = evolve(given_set, promotions=kept)
        for basket in baskets:
            assert rest.engine().evaluate(basket).worth == given_set.engine().evaluate(basket).worth


@given(st.lists(promotion_sets(most=3), min_size=1, max_size=1), STACKINGS)
@settings(max_examples=50, deadline=None)
def test_the_order_of_promotions_in_a_file_changes_no_finding(sets, stacking):
    (promotions,) = sets
    there = lint(PromotionSet(promotions, stacking), at=AT)
    back = lint(PromotionSet(promotions[::-1], stacking), at=AT)
    assert sorted(map(str, there)) == sorted(map(str, back))


def test_a_percentage_alone_is_never_held_against_anybody_else():
    kept = Promotion(id="kept", effects=(Percent(1_000),), ends=AT + timedelta(days=1))
    assert lint(PromotionSet((kept,))) == ()
