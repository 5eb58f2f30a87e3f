"""The search index in memory keeps the contract of every search index.

The kit holds SEARCH-7 (what is found), SEARCH-8 (filters), SEARCH-9 (facets) and SEARCH-10 (pages).
"""

from __future__ import annotations

from shopwright.adapters.search_memory import MemorySearch
from shopwright.testing import SearchIndexContract


class TestMemorySearch(SearchIndexContract):
    def make_index(self):
        return MemorySearch()
