"""When a notice that could not be handed over is tried again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.errors import InvalidValue
from shopwright.ports.outlets import Retries

SOME = Retries()


@given(st.text(max_size=20), st.integers(1, 100))
def test_the_wait_doubles_up_to_the_most_and_lies_between_half_and_all_of_it(notice: str, failed: int) -> None:
    whole = min(SOME.first * 2 ** min(failed - 1, 20), SOME.most)
    assert whole / 2 <= SOME.wait(notice, failed) <= whole


def test_the_wait_of_one_notice_is_always_the_same_and_that_of_many_is_spread() -> None:
    waits = [SOME.wait(f"evt_{number}", 1) for number in range(100)]
    assert waits == [SOME.wait(f"evt_{number}", 1) for number in range(100)]
    assert len(set(waits)) > 90
    assert min(waits) < timedelta(seconds=18)
    assert max(waits) > timedelta(seconds=27)


def test_all_tries_together_take_between_one_and_a_half_and_three_days() -> None:
    for number in range(50):
        together = sum((SOME.wait(f"evt_{number}", failed) for failed in range(1, SOME.tries)), timedelta())
        assert timedelta(days=1, hours=8) <= together <= timedelta(days=3)


def test_who_asks_to_wait_is_waited_for_up_to_the_most() -> None:
    assert SOME.wait("evt_1", 1, asked=timedelta(hours=2)) == timedelta(hours=2)
    assert SOME.wait("evt_1", 1, asked=timedelta(days=300)) == SOME.most
    assert SOME.wait("evt_1", 1, asked=timedelta()) == SOME.wait("evt_1", 1)


@pytest.mark.parametrize("facts", [{"first": timedelta()}, {"most": timedelta(days=31)}, {"tries": 0}, {"tries": 101}, {"first": 30}], ids=str)
def test_waits_and_tries_that_make_no_sense_are_refused(facts: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue):
        Retries(**facts)
