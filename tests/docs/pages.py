"""The pages of the manual, for tests that hold them against the code."""

from __future__ import annotations

import re
from pathlib import Path

from tests.surroundings import ROOT

PAGES = (ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "examples" / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
WRITTEN = tuple(page for page in PAGES if not page.is_relative_to(ROOT / "docs" / "reference" / "api") and "_build" not in page.parts)
FENCE = re.compile(r"^(`{3,})(?P<language>[^\n`]*)\n(?P<body>.*?)^\1$", flags=re.MULTILINE | re.DOTALL)


def headings(page: str) -> set[str]:
    """The headings of a reference page below its title, without the backticks around a name."""
    text = FENCE.sub("", (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8"))
    return {found.strip().strip("`") for found in re.findall(r"^#{2,} (.+)$", text, flags=re.MULTILINE)}


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a page in this language."""
    return [found["body"] for found in FENCE.finditer(page.read_text(encoding="utf-8")) if found["language"].strip() == language]


def short(page: Path) -> str:
    """The name of a page for people."""
    return str(page.relative_to(ROOT))
