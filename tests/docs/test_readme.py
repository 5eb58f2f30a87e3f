"""The first page keeps its word: its example is the quickstart, and its commands come first."""

from __future__ import annotations

from tests.docs.pages import blocks
from tests.surroundings import ROOT

README = ROOT / "README.md"


def test_the_example_in_the_readme_is_the_quickstart():
    quickstart = (ROOT / "examples" / "quickstart.py").read_text(encoding="utf-8")
    assert blocks(README, "python") == [quickstart]


def test_the_two_commands_stand_at_the_top():
    first = blocks(README, "console")[0].replace("$ ", "").splitlines()
    assert [line.partition("#")[0].strip() for line in first if line] == ["python3 -m pip install nox && nox -s demo", "nox -s tests"]
