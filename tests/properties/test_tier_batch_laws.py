"""Laws of many members at once, and of when to look at one again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.errors import InvalidValue
from shopwright.loyalty.tier_batches import Ranked, changes_at, evaluate_many
from shopwright.loyalty.tiering import evaluate, joined
from tests.properties.test_tier_laws import DAY, JOINED, facts, moments, policies

TICK = timedelta(microseconds=1)


@given(facts(), policies(), moments)
def test_a_tier_changes_at_the_moment_that_was_told_and_not_before(member, policy, seen):
    standing = evaluate(joined(policy, at=JOINED), member, policy, at=seen).standing
    turns = changes_at(standing, member, policy)

    if turns is None:
        later = max(seen, *[deed.at for deed in member.deeds], *[it.at for it in member.undone], seen) + 4_000 * DAY
        assert evaluate(standing, member, policy, at=later).standing.tier == standing.tier
    elif turns > seen:
        assert evaluate(standing, member, policy, at=turns - TICK).standing.tier == standing.tier
        assert evaluate(standing, member, policy, at=turns).standing.since == turns


@given(st.lists(facts(), max_size=4), policies(), moments)
def test_many_are_told_as_each_is_told_alone(members, policy, at):
    rows = [Ranked(id=f"m{number}", standing=joined(policy, at=JOINED), facts=it) for number, it in enumerate(members)]

    assert list(evaluate_many(rows, policy, at=at)) == [(row.id, evaluate(row.standing, row.facts, policy, at=at)) for row in rows]


@given(facts(), policies())
def test_a_batch_takes_one_member_at_a_time_and_tells_how_far_it_is(member, policy):
    taken, told = [], []

    def rows():
        for number in range(5):
            taken.append(number)
            yield Ranked(id=f"m{number}", standing=joined(policy, at=JOINED), facts=member)

    batch = evaluate_many(rows(), policy, at=JOINED + 100 * DAY, progress=told.append, every=2)
    assert next(batch)[0] == "m0"
    assert taken == [0]
    assert [id for id, _ in batch] == ["m1", "m2", "m3", "m4"]
    assert told == [2, 4, 5]


@given(policies())
def test_progress_that_is_never_told_is_a_mistake(policy):
    with pytest.raises(InvalidValue, match="every 1 or more"):
        next(evaluate_many((), policy, at=JOINED, every=0))
