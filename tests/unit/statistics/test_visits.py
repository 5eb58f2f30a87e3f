"""How steps become visits, who is a bot, and what is told late."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from shopwright.errors import InvalidValue
from shopwright.statistics.counting import Added, summed
from shopwright.statistics.tallies import NOTHING, Tally
from shopwright.statistics.visits import BOT_WORDS, Step, StepSeen, VisitorSeen, VisitRules, VisitStep, see

EVENING = datetime(2026, 3, 2, 23, 50, tzinfo=UTC)
RULES = VisitRules()


def seen(minutes: float = 0, step: Step = Step.VISIT, **facts: Any) -> StepSeen:
    """A step so many minutes after ten to midnight."""
    return StepSeen(**{"visitor": "ann", "at": EVENING + timedelta(minutes=minutes), "step": step, **facts})


def counted(*steps: StepSeen, rules: VisitRules = RULES, zone: str = "UTC") -> dict[tuple[date, str], Tally]:
    """What is counted of these steps of one visitor, by day and channel."""
    known: dict[str, VisitorSeen | None] = {}
    added: list[Added] = []
    for step in steps:
        known[step.channel], more = see(known.get(step.channel), step, rules, zone)
        added += more
    return {(place.day, place.channel): tally for place, tally in summed(added).items()}


MARCH_2, MARCH_3 = date(2026, 3, 2), date(2026, 3, 3)
ONE = Tally(visits=1, visitors=1)


def test_steps_within_half_an_hour_of_each_other_are_one_visit_of_the_day_it_began() -> None:
    """VISIT-1"""
    assert counted(seen(0), seen(25), seen(55)) == {(MARCH_2, ""): ONE}
    assert counted(seen(0), seen(30), seen(61)) == {(MARCH_2, ""): ONE, (MARCH_3, ""): ONE}
    assert counted(seen(0), seen(11), zone="Europe/Berlin") == {(MARCH_3, ""): ONE}


def test_the_window_is_what_the_rules_say() -> None:
    """VISIT-1"""
    assert counted(seen(0), seen(5), rules=VisitRules(window=timedelta(minutes=4))) == {(MARCH_2, ""): Tally(visits=2, visitors=1)}


def test_visits_in_two_channels_are_two() -> None:
    """VISIT-1"""
    assert counted(seen(0, channel="app"), seen(1, channel="web")) == {(MARCH_2, "app"): ONE, (MARCH_2, "web"): ONE}


def test_a_visit_counts_once_wherever_it_comes_to() -> None:
    """VISIT-2"""
    steps = (seen(0, Step.PRODUCT), seen(1, Step.PRODUCT), seen(2, Step.CART), seen(3, Step.CART), seen(4, Step.CHECKOUT))
    assert counted(*steps) == {(MARCH_2, ""): evolve(ONE, product_visits=1, cart_visits=1, checkout_visits=1)}


def test_a_visitor_counts_once_a_day() -> None:
    """VISIT-3"""
    assert counted(seen(-200), seen(-100), seen(0), seen(100)) == {(MARCH_2, ""): Tally(visits=3, visitors=1), (MARCH_3, ""): ONE}


@pytest.mark.parametrize("agent", ["Mozilla/5.0 (compatible; Googlebot/2.1)", "curl/8.5.0", "AhrefsBot", "Python-Requests/2.32"])
def test_an_agent_that_says_it_is_a_program_is_a_bot(agent: str) -> None:
    """VISIT-4"""
    assert RULES.is_bot(agent)


@pytest.mark.parametrize("agent", ["", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "MallApp/3.1 (iPhone)"])
def test_any_other_agent_and_none_is_a_person(agent: str) -> None:
    """VISIT-4"""
    assert not RULES.is_bot(agent)


def test_a_host_adds_words_of_bots() -> None:
    """VISIT-4"""
    rules = VisitRules(bot_words=(*BOT_WORDS, "Acme-Probe"))
    assert (rules.is_bot("acme-probe/1"), RULES.is_bot("acme-probe/1")) == (True, False)


def test_steps_of_bots_are_counted_apart_and_begin_no_visit() -> None:
    """VISIT-4"""
    assert counted(seen(0, is_bot=True), seen(1, is_bot=True)) == {(MARCH_2, ""): Tally(bot_steps=2)}
    assert counted(seen(0), seen(1, Step.CART, is_bot=True)) == {(MARCH_2, ""): evolve(ONE, bot_steps=1)}


def test_a_visit_that_is_faster_than_people_are_is_taken_back() -> None:
    """VISIT-5"""
    rules = VisitRules(most_steps=3, within=timedelta(seconds=10))
    hasty = [seen(0.05 * number, Step.CART) for number in range(4)]
    assert counted(*hasty[:3], rules=rules) == {(MARCH_2, ""): evolve(ONE, cart_visits=1)}
    assert counted(*hasty, rules=rules) == {(MARCH_2, ""): Tally(bot_visits=1)}
    assert counted(*hasty, seen(5, Step.CHECKOUT), rules=rules) == {(MARCH_2, ""): Tally(bot_visits=1)}
    assert counted(*[seen(0.06 * number) for number in range(4)], rules=rules) == {(MARCH_2, ""): ONE}


def test_a_visitor_whose_visit_was_a_bots_counts_with_the_next_one() -> None:
    """VISIT-3, VISIT-5"""
    rules = VisitRules(most_steps=1, within=timedelta(seconds=10))
    assert counted(seen(-100), seen(-100), seen(0), rules=rules) == {(MARCH_2, ""): evolve(ONE, bot_visits=1)}
    assert counted(seen(-200), seen(-100), seen(-100), seen(0), rules=rules) == {(MARCH_2, ""): Tally(visits=2, visitors=1, bot_visits=1)}


def test_a_step_that_is_told_late_belongs_to_the_open_visit_or_counts_as_late() -> None:
    """VISIT-6"""
    assert counted(seen(0), seen(-20, Step.CART), seen(10)) == {(MARCH_2, ""): evolve(ONE, cart_visits=1)}
    assert counted(seen(0), seen(-31, Step.CART), seen(10)) == {(MARCH_2, ""): evolve(ONE, late_steps=1)}


STEPS = st.lists(
    st.builds(seen, st.integers(-3_000, 3_000), st.sampled_from(Step), is_bot=st.booleans(), channel=st.sampled_from(("", "app"))), max_size=12
)


@given(STEPS)
def test_whatever_is_told_no_count_is_below_zero_and_every_visit_has_its_visitor(steps: list[StepSeen]) -> None:
    """VISIT-2, VISIT-3, VISIT-4"""
    for tally in counted(*steps, rules=VisitRules(most_steps=2, within=timedelta(minutes=30))).values():
        assert tally.minus(NOTHING) == tally
        assert min(tally.visits, tally.bot_visits, tally.bot_steps, tally.late_steps) >= 0
        assert (tally.visitors <= tally.visits, tally.visitors > 0) == (True, tally.visits > 0)
        assert max(tally.product_visits, tally.cart_visits, tally.checkout_visits) <= tally.visits


@pytest.mark.parametrize(
    "facts",
    [{"window": timedelta(0)}, {"window": 30}, {"most_steps": 0}, {"within": timedelta(days=2)}, {"bot_words": ("",)}, {"bot_words": "bot"}],
    ids=str,
)
def test_rules_that_make_no_sense_are_refused(facts: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue, match="VisitRules"):
        VisitRules(**facts)


def test_what_an_agent_said_is_shown_nowhere() -> None:
    """VISIT-7"""
    assert "Firefox" not in repr(VisitStep(visitor="ann", at=EVENING, agent="Firefox"))
