"""The search index on tantivy keeps the contract of every search index."""

from __future__ import annotations

import pytest

from shopwright.testing import DurableSearchIndexContract
from tests.surroundings import peer


class TestTantivySearch(DurableSearchIndexContract):
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path):
        peer("tantivy")
        self.place = tmp_path / "search"

    def make_index(self):
        return self.open_index()

    def open_index(self):
        from shopwright.adapters.search_tantivy import TantivySearch

        return TantivySearch(self.place)
