"""Every Python block of the manual runs, page by page from top to bottom, and console blocks name what exists."""

from __future__ import annotations

import re

import pytest
from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser

from shopwright import Shop
from tests.docs.pages import WRITTEN, blocks, short
from tests.surroundings import ROOT

SESSIONS = set(re.findall(r"^@nox\.session\ndef (\w+)", (ROOT / "noxfile.py").read_text(), flags=re.MULTILINE))


@pytest.mark.parametrize("page", [page for page in WRITTEN if blocks(page, "python")], ids=short)
def test_the_blocks_of_a_page_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    document = Sybil([PythonCodeBlockParser()], path=str(ROOT)).parse(page)
    examples = list(document.examples())
    assert len(examples) == len(blocks(page, "python"))
    for example in examples:
        example.evaluate()
    for shop in (value for value in document.namespace.values() if isinstance(value, Shop)):
        shop.close()


@pytest.mark.parametrize("page", WRITTEN, ids=short)
def test_the_sessions_that_a_page_names_exist(page):
    assert set(re.findall(r"nox -s (\w+)", page.read_text(encoding="utf-8"))) <= SESSIONS


def test_all_sessions_are_told_to_contributors():
    text = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
    assert [name for name in sorted(SESSIONS) if f"| `{name}` |" not in text] == []
