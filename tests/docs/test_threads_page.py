"""The page of threads is true: each test that it names exists, and each test that is named for a thread stands on it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.surroundings import ROOT

PAGE = ROOT / "docs" / "reference" / "threads.md"
_FLOWS = ROOT / "tests" / "flows"
NAMED_FOR_THREADS = (ROOT / "tests" / "unit" / "promotions" / "test_threads.py", _FLOWS / "test_threads.py", _FLOWS / "test_points_threads.py")
NUMBER = re.compile(r"_(\d{3,})_")


def told() -> list[tuple[str, str, str]]:
    """The rows of the page: threads, the file of a test, and its name."""
    return re.findall(r"^\| ([^|]+) \| [^|]+ \| `(tests/[\w/]+\.py)::(test_\w+)` \|$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)


def names_in(path: Path) -> set[str]:
    """The names of the tests of a file."""
    return {node.name for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)}


def test_every_row_names_a_thread_and_a_test_that_exists():
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][2:]
    assert len(told()) == len(rows) > 40
    assert [(file, name) for _, file, name in told() if name not in names_in(ROOT / file)] == []


def test_a_test_that_is_named_for_a_thread_stands_on_the_page_beside_its_number():
    on_page = {name: threads for threads, _, name in told()}
    for path in NAMED_FOR_THREADS:
        for name in sorted(names_in(path)):
            numbers = NUMBER.findall(f"{name}_".replace("_", "__"))
            assert not numbers or [number for number in numbers if f"#{number}" in on_page.get(name, "")] == numbers, name
