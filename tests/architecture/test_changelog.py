"""A release tells what it brings."""

from __future__ import annotations

import re
from importlib.metadata import version

from tests.surroundings import ROOT


def test_the_changelog_has_a_heading_for_the_present_version():
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    assert version("shopwright") in headings
