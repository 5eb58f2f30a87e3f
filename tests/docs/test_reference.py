"""The reference is complete: whatever the code can say has its heading, and no heading speaks of what is gone."""

from __future__ import annotations

import re

import pytest

from tests.docs import rules, said_by_code
from tests.docs.pages import headings
from tests.surroundings import ROOT

PAGES = {
    "refusals.md": said_by_code.refusals,
    "events.md": said_by_code.events,
    "errors.md": said_by_code.errors,
    "ports.md": said_by_code.port_methods,
    "hooks.md": said_by_code.hooks,
}
NAME = re.compile(r"[a-z]+(_[a-z0-9]+)+|[A-Z]\w+(\.\w+)?")


@pytest.mark.parametrize("page", PAGES)
def test_all_that_the_code_can_say_has_its_heading(page):
    missing = set(PAGES[page]()) - headings(page)
    assert missing == set(), f"docs/reference/{page} lacks {len(missing)} headings: {', '.join(sorted(missing))}"


@pytest.mark.parametrize("page", PAGES)
def test_no_heading_speaks_of_what_is_gone(page):
    known = set(PAGES[page]())
    known |= {name.partition(".")[0] for name in known}
    assert {heading for heading in headings(page) if NAME.fullmatch(heading)} - known == set()


def test_every_state_is_told():
    text = (ROOT / "docs" / "reference" / "states.md").read_text(encoding="utf-8")
    assert [state for state in sorted(said_by_code.states()) if f"`{state}`" not in text and f" {state}" not in text] == []


def test_the_code_of_a_refusal_is_written_out_where_it_is_made():
    assert said_by_code.refusals_not_written_out() == []


def test_a_refusal_code_is_a_subject_and_a_reason():
    assert [code for code in said_by_code.refusals() if not re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", code)] == []


def test_the_page_of_rules_is_the_one_that_the_code_tells():
    assert rules.PAGE.read_text(encoding="utf-8") == rules.page(), f"write it anew: {rules.COMMAND}"


def test_a_rule_that_is_named_is_defined_and_held_by_a_test():
    defined = {f"{subject}-{number}" for subject, number in rules.defined()}
    named = {name for path in (ROOT / "tests").rglob("*.py") for name in re.findall(r"\b[A-Z][A-Z_]*-\d+\b", path.read_text(encoding="utf-8"))}
    assert said_by_code.numbered_rules() == defined
    assert sorted(defined - named) == []
