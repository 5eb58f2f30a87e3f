"""Laws of promotion files: what is written reads back as it was, in both forms, and the schema allows all of it."""

from __future__ import annotations

import json
from datetime import date, timedelta, timezone

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from shopwright.promotions.birthdays import BirthdayWindow, LeapDay
from shopwright.promotions.conditions import All, AnyOf, Birthday, Condition, During, Not
from shopwright.promotions.extras import ShippingOff
from shopwright.promotions.promotion import Promotion, PromotionState
from shopwright.promotions.promotion_set import PromotionSet
from shopwright.promotions.search import Search, Strategy
from shopwright.promotions.windows import DateWindow, Recurring
from shopwright.wire.promotion_files import UnreadableFile, read_promotions, schema, write_promotions
from tests.properties.promotion_values import AT, CONDITIONS, EFFECTS, STACKINGS, promotion_sets
from tests.surroundings import tries

SCHEMA = Draft202012Validator(schema())
TIMES = st.integers(0, 10**6).map(lambda minutes: (AT + timedelta(minutes=minutes)).astimezone(timezone(timedelta(minutes=minutes % 600))))
WORDS = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=12)
"""Any text that a value keeps: also such as YAML reads as something else."""
TRICKY = st.sampled_from(
    ("no", "010", "1:30", "2026-03-01", "null", "~", "1e3", "0x1f", "- a", "a: b", "#", "&x", "*x", "!x", "%", "'", '"', "=", "<<", "true")
)

WINDOWS: st.SearchStrategy[Condition] = st.one_of(
    st.builds(lambda starts, days: During(DateWindow(starts, starts + timedelta(days=days))), TIMES, st.integers(1, 50)),
    st.builds(lambda ends: During(DateWindow(None, ends)), TIMES),
    st.builds(
        lambda seconds, off: During(
            Recurring("FREQ=WEEKLY;BYDAY=MO,FR", first="2026-03-02T18:00:00", duration=timedelta(seconds=seconds), zone="Europe/Paris", except_on=off)
        ),
        st.integers(1, 10**6),
        st.lists(st.integers(0, 99).map(lambda days: date(2026, 3, 1) + timedelta(days=days)), max_size=3),
    ),
    st.builds(BirthdayWindow, days_before=st.integers(0, 9), days_after=st.integers(0, 9), leap=st.sampled_from(LeapDay)).map(Birthday),
)


@st.composite
def any_sets(draw: st.DrawFn) -> PromotionSet:
    """Sets of all kinds, with every word that files know."""
    stacking = draw(STACKINGS)
    when = st.one_of(CONDITIONS, WINDOWS, WINDOWS.map(Not), st.lists(WINDOWS, min_size=1, max_size=2).map(lambda some: AnyOf((All(), *some))))
    odd = st.builds(
        Promotion,
        id=st.just("odd"),
        effects=st.lists(EFFECTS, min_size=1, max_size=2).map(tuple),
        when=when,
        title=st.one_of(WORDS, TRICKY),
        tags=st.frozensets(TRICKY, max_size=3),
        state=st.sampled_from(PromotionState),
        starts=st.one_of(st.none(), st.just(AT)),
        ends=st.one_of(st.none(), TIMES.map(lambda at: at + timedelta(days=1))),
        version=st.integers(1, 3),
        priority=st.integers(-(2**63), 2**63 - 1),
    )
    how = draw(st.builds(Search, st.sampled_from(Strategy), st.integers(1, 50)))
    return PromotionSet((*draw(promotion_sets(most=3)), draw(odd)), stacking, how)


@pytest.mark.parametrize("form", ["yaml", "json"])
@given(given_set=any_sets())
@example(given_set=PromotionSet((Promotion(id="ends", effects=(ShippingOff(percent=10_000),), title="\x85"),)))
@example(given_set=PromotionSet((Promotion(id="ends", effects=(ShippingOff(percent=10_000),), title=" a\u2028 b\u2029"),)))
@settings(max_examples=tries(50, full=150), deadline=None)
def test_what_is_written_reads_back_as_it_was(form, given_set):
    assert read_promotions(write_promotions(given_set, form=form), form=form).set == given_set


@given(any_sets())
@settings(max_examples=60, deadline=None)
def test_the_schema_allows_what_is_written(given_set):
    assert [each.message for each in SCHEMA.iter_errors(json.loads(write_promotions(given_set, form="json")))] == []


@pytest.mark.parametrize("form", ["yaml", "json"])
@given(text=st.one_of(st.text(max_size=60), st.text("{}[]\":,-# \nabp1.%&*!|>'promotions", max_size=60)))
@settings(max_examples=tries(100, full=300), deadline=None)
def test_any_text_is_read_or_refused_with_places(form, text):
    problems = ()
    try:
        read_promotions(text, form=form)
    except UnreadableFile as refused:
        problems = refused.problems or (None,)
    assert all(problem is not None and problem.line >= 1 and problem.column >= 1 for problem in problems)


@given(any_sets(), st.data())
@settings(max_examples=80, deadline=None)
def test_a_file_that_was_cut_or_changed_never_says_something_else_in_silence(given_set, data):
    text = write_promotions(given_set, form="json")
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + data.draw(st.sampled_from(("", "x", '"', "1", "{", "}"))) + text[at + data.draw(st.integers(0, 3)) :]
    try:
        plain = json.loads(changed, object_pairs_hook=_once)
    except ValueError:
        with pytest.raises(UnreadableFile):
            read_promotions(changed, form="json")
    else:
        try:
            found = read_promotions(changed, form="json").set
        except UnreadableFile:
            return
        assert read_promotions(json.dumps(plain), form="json").set == found


def _once(pairs):
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key comes twice")
    return dict(pairs)
