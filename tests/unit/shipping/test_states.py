"""The shipment machine: its events are used, and it knows what is here and what is final."""

from __future__ import annotations

from typing import get_args

from shopwright.shipping import events as e
from shopwright.shipping.states import FINAL, STILL_HERE, TRANSITIONS, VERBS, ShipmentState, allowed


def test_every_event_is_in_the_table_or_says_something_without_moving() -> None:
    moving = {event for targets in TRANSITIONS.values() for event in targets}

    assert moving == set(VERBS)
    assert set(get_args(e.ShipmentEvent)) - moving == {e.ShipmentPlanned, e.BookingAttempted, e.BookingFailed, e.BookingVoided, e.ShipmentTracked}


def test_final_states_are_those_that_nothing_leads_out_of() -> None:
    assert {state for state in ShipmentState if not TRANSITIONS[state]} == FINAL


def test_only_what_is_still_here_can_be_canceled() -> None:
    assert {state for state in ShipmentState if e.ShipmentCanceled in TRANSITIONS[state]} == STILL_HERE


def test_a_state_tells_the_verbs_that_it_allows() -> None:
    assert allowed(ShipmentState.PLANNED) == ("book", "dispatch", "cancel")
