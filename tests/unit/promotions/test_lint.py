"""The linter finds each planted fault by its code, and nothing in sets that are in order.

The files in `lint/faults` say in their first line what must be found in them, and nothing else may be; in those of `lint/clean` there is nothing.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from attrs import evolve, frozen

from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.promotions.basket import Basket, BasketLine
from shopwright.promotions.conditions import All, AnyOf, CartTotal, Code, Not, NthOrder, OneOf, Unmet
from shopwright.promotions.effects import Cap, EachOff, Percent
from shopwright.promotions.limits import NO_LIMITS, Limits
from shopwright.promotions.lint import Code as FindingCode
from shopwright.promotions.lint import Finding, Good, Severity, lint
from shopwright.promotions.linting.asking import asked as asked_of
from shopwright.promotions.linting.clauses import Truth, clauses_of
from shopwright.promotions.linting.findings import Live
from shopwright.promotions.linting.meeting import alike
from shopwright.promotions.matching import Except, Named
from shopwright.promotions.promotion import Promotion, PromotionState, Stacking, in_order
from shopwright.promotions.promotion_set import PromotionSet
from shopwright.wire.promotion_files import form_of, read_promotions, schema
from tests.surroundings import ROOT

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
END = AT + timedelta(days=30)
FILES = Path(__file__).parent / "lint"
FAULTS, CLEAN = sorted((FILES / "faults").iterdir()), sorted((FILES / "clean").iterdir())
TEN = (Percent(1_000),)


def name_of(path: Path) -> str:
    return path.stem


def said(text: str, what: str) -> list[list[str]]:
    """What a comment in a file says."""
    found = re.search(rf"^# {what}: (.*)$", text, flags=re.MULTILINE)
    return [part.split() for part in found[1].split(";")] if found else []


def linted(path: Path) -> tuple[Finding, ...]:
    text = path.read_text(encoding="utf-8")
    goods = [Good(BasketLine(sku, 1, Money.of(price, "EUR").minor), "EUR", Money.of(cost, "EUR").minor) for sku, price, cost in said(text, "goods")]
    return lint(read_promotions(text, form=form_of(path.name)).set, at=AT, goods=goods)


@pytest.mark.parametrize("path", FAULTS, ids=name_of)
def test_a_planted_fault_is_found_and_nothing_else(path):
    expected = {(code, *sorted(ids)) for code, *ids in said(path.read_text(encoding="utf-8"), "expect")}
    assert {(str(it.code), *sorted(it.promotions)) for it in linted(path)} == expected


@pytest.mark.parametrize("path", CLEAN, ids=name_of)
def test_in_a_clean_set_nothing_is_found(path):
    assert linted(path) == ()


def test_there_are_enough_files_and_every_code_is_planted():
    planted = {found[0] for path in FAULTS for found in said(path.read_text(encoding="utf-8"), "expect")}
    assert (len(FAULTS) >= 30, len(CLEAN) >= 10, planted) == (True, True, set(FindingCode))


def test_every_code_is_told_in_the_reference_with_its_severity_and_none_besides():
    page = (ROOT / "docs" / "reference" / "lint.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, flags=re.MULTILINE) == [str(code) for code in FindingCode]


def test_a_finding_says_all_in_one_line():
    (found,) = lint(PromotionSet((Promotion(id="p", effects=TEN),)))
    assert found == Finding(
        FindingCode.UNBOUNDED_BUDGET,
        Severity.WARNING,
        ("p",),
        "it has no end, no limit on its uses, and no cap on what it takes off one order; give it one of the three",
    )
    assert str(found).startswith("warning unbounded_budget p: it has no end")


def test_a_limit_an_end_or_a_cap_bounds_a_budget():
    never_ends = Promotion(id="p", effects=TEN)
    capped = evolve(never_ends, effects=(Percent(1_000, cap=Cap(per_order=Money(500, "EUR"))),))
    small = evolve(never_ends, when=CartTotal(most=Money(5_000, "EUR")))
    for bounded, limited in ((never_ends, {"p"}), (evolve(never_ends, ends=END), set()), (capped, set()), (small, set())):
        assert lint(PromotionSet((bounded,)), limited=frozenset(limited)) == ()


def test_without_a_time_nothing_has_ended():
    old = PromotionSet((Promotion(id="old", effects=TEN, ends=AT),))
    assert [it.code for it in lint(old, at=AT)] == [FindingCode.ENDED]
    assert lint(old) == ()


def test_what_is_archived_or_can_never_apply_is_not_held_against_others():
    ten = Promotion(id="ten", effects=TEN, ends=END, exclusive=True)
    dead = evolve(ten, id="dead", when=All((OneOf("tier", "a"), OneOf("tier", "b"))))
    archived = evolve(ten, id="archived", state=PromotionState.ARCHIVED)
    assert [(it.code, it.promotions) for it in lint(PromotionSet((ten, dead, archived)))] == [(FindingCode.UNREACHABLE, ("dead",))]


def test_a_floor_price_keeps_goods_above_cost():
    half = PromotionSet((Promotion(id="half", effects=(Percent(5_000),), ends=END),))
    tea = BasketLine("tea", 1, 1_000)
    assert [it.code for it in lint(half, goods=[Good(tea, "EUR", 600)])] == [FindingCode.BELOW_COST]
    assert lint(half, goods=[Good(evolve(tea, floor=600), "EUR", 600)]) == ()
    assert lint(half, goods=[Good(tea, "EUR")]) == ()


def test_goods_below_cost_by_one_set_are_told_together_with_the_worst():
    off = PromotionSet((Promotion(id="off", effects=(EachOff(Money(500, "EUR")),), ends=END),))
    goods = [Good(BasketLine(sku, 1, price), "EUR", 900) for sku, price in (("tea", 1_200), ("cup", 1_000))]
    (found,) = lint(off, goods=goods)
    assert found.message == "cup and 1 more can go down to 5.00 EUR, and costs 9.00 EUR; cap them, or set a floor price"


@frozen
class Weather:
    """A condition of a plug-in, which declares nothing."""

    keys = None

    def unmet(self, basket: Basket) -> Unmet | None:
        """It is always fine."""


@frozen
class WarmGold(Weather):
    """One that declares what holds whenever it does."""

    may_hold = OneOf("tier", "gold")


def test_a_condition_of_a_plug_in_may_hold_and_may_fail_unless_it_declares_more():
    def codes(when):
        return [it.code for it in lint(PromotionSet((Promotion(id="p", effects=TEN, when=when, ends=END),)))]

    assert codes(All((Weather(), OneOf("tier", "silver")))) == []
    assert codes(Not(Weather())) == []
    assert codes(All((Weather(), Not(Weather())))) == [FindingCode.UNREACHABLE]
    assert codes(All((WarmGold(), OneOf("tier", "silver")))) == [FindingCode.UNREACHABLE]
    assert codes(All((Not(WarmGold()), OneOf("tier", "silver")))) == []


def test_a_tree_that_is_too_large_is_said_nothing_of():
    many = All(tuple([Not(All((OneOf("tier", f"a{number}"), OneOf("segment", f"b{number}")))) for number in range(20)]))
    assert clauses_of([(many, Truth.TRUE)]) is None
    assert lint(PromotionSet((Promotion(id="p", effects=TEN, when=many, ends=END),))) == ()


def test_lines_of_many_tags_are_said_nothing_of_rather_than_looked_at_for_ever():
    many = All(tuple([CartTotal(most=Money(500, "EUR"), lines=Except(Named("tag", f"t{number}"))) for number in range(14)]))
    assert lint(PromotionSet((Promotion(id="p", effects=TEN, when=many, ends=END),))) == ()


@pytest.mark.parametrize("when", [OneOf("tier", "gold"), Code("SPRING")])
def test_what_asks_for_something_in_a_roundabout_way_is_shadowed_all_the_same(when):
    ten = Promotion(id="ten", effects=TEN, ends=END, exclusive=True, when=when)
    for roundabout in (Not(Not(when)), AnyOf((when, All((when, NthOrder()))))):
        found = lint(PromotionSet((ten, evolve(ten, id="twice", when=roundabout))))
        assert [(it.code, it.promotions) for it in found] == [(FindingCode.SHADOWED, ("twice", "ten"))]


def test_a_thousand_promotions_on_goods_at_times_and_with_codes_of_their_own_are_hardly_compared():
    """Of half a million pairs, and of a million with an order, next to none is left to ask about: only neighbors in time."""
    goods = [Promotion(id=f"g{n:03}", effects=(Percent(1_000, Named("sku", f"S{n}")),), ends=END) for n in range(400)]
    weeks = [Promotion(id=f"w{n:03}", effects=TEN, starts=AT + timedelta(weeks=n + 9), ends=AT + timedelta(weeks=n + 10)) for n in range(300)]
    codes = [Promotion(id=f"c{n:03}", effects=TEN, when=Code(f"C{n}"), exclusive=True, ends=END) for n in range(300)]
    live = Live(tuple(in_order([*goods, *weeks, *codes], Stacking())), Stacking(), AT)
    asked = [*live.pairs(lambda it: asked_of(it, [it.effects[0].lines]))]
    like = alike(live.promotions, lambda it: it.effects)
    instead = [other for one in live.promotions for other in live.in_place_of(one, like)]
    assert len(asked) + len(instead) <= len(live.promotions)


def test_progress_is_told_up_to_the_end():
    steps: list[tuple[int, int]] = []
    ended = Promotion(id="old", effects=TEN, ends=AT)
    lint(
        PromotionSet((ended, Promotion(id="ten", effects=TEN, ends=END))),
        at=AT,
        goods=[Good(BasketLine("tea", 1, 9), "EUR")],
        progress=lambda *step: steps.append(step),
    )
    assert [done for done, _ in steps] == list(range(1, len(steps) + 1))
    assert steps[-1] == (8, 8)
    with pytest.raises(InvalidValue, match="expected progress to be a function, got int"):
        lint(PromotionSet(), progress=7)


def test_fixtures_are_what_the_schema_allows():
    from jsonschema import Draft202012Validator
    from yaml import safe_load

    check = Draft202012Validator(schema())
    for path in (*FAULTS, *CLEAN):
        plain = json.loads(json.dumps(safe_load(path.read_text(encoding="utf-8")), default=lambda at: at.isoformat()))
        assert [error.message for error in check.iter_errors(plain)] == [], path.name


@pytest.mark.parametrize("limits", [Limits(total=10), Limits(units=10), Limits(budget=Money(500, "EUR")), Limits(per_member=1), NO_LIMITS])
def test_a_limit_in_all_bounds_a_budget_and_one_per_member_does_not(limits):
    promotion = Promotion(id="ten", effects=(Percent(1_000),), limits=limits)
    bounded = limits not in (NO_LIMITS, Limits(per_member=1))
    assert [finding.code for finding in lint(PromotionSet((promotion,)))] == ([] if bounded else [FindingCode.UNBOUNDED_BUDGET])
