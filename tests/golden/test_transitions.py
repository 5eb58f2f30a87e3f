"""The machines against their golden table: stored history must replay, so transitions are added and never changed or removed."""

from __future__ import annotations

from enum import StrEnum

import pytest

from tests.docs.states import COMMAND, MACHINES, PAGE, Table, page, reachable, transitions
from tests.surroundings import ROOT

GOLDEN = ROOT / "tests" / "golden" / "transitions.txt"
FINAL = {
    "Order": {"canceled"},
    "Payment": set(),
    "Shipment": {"returned", "canceled"},
    "Member": {"erased"},
    "Case": {"resolved", "rejected", "withdrawn", "expired"},
    "Return label": {"failed", "void", "kept"},
    "Referral": {"clawed_back", "rejected", "expired"},
}


def test_no_transition_was_changed_or_removed():
    missing = set(GOLDEN.read_text(encoding="utf-8").splitlines()) - set(transitions().splitlines())
    assert missing == set(), "stored events lead elsewhere now; add transitions, and leave those that are there"


def test_the_golden_table_has_every_transition():
    assert GOLDEN.read_text(encoding="utf-8") == transitions(), f"a transition is new: write it down with `{COMMAND}`"


def test_the_page_of_states_is_as_the_tables_are():
    assert PAGE.read_text(encoding="utf-8") == page(), f"the tables have changed: write the page with `{COMMAND}`"


@pytest.mark.parametrize(("title", "module", "table", "first"), MACHINES, ids=[machine[0] for machine in MACHINES])
def test_every_state_is_reached_and_final_ones_are_named(title: str, module: str, table: Table, first: tuple[StrEnum, ...]):
    states = set(type(first[0]))
    assert reachable(table, first) == states == set(table)
    assert {state for state, targets in table.items() if not targets} == FINAL[title]
