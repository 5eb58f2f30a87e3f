"""The contract of a search index, as tests that the author of an adapter inherits.

    class TestMySearch(SearchIndexContract):
        def make_index(self) -> SearchIndex:
            return MySearch(...)              # fresh and empty

    class TestMySearchOnDisk(DurableSearchIndexContract):
        def open_index(self) -> SearchIndex:
            return MySearch(self.place)       # the same place each time

`documents` has goods to look for, and `laws` compares an index with the one in memory over goods and queries that nobody wrote.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from shopwright.testing.search_contract.durable import DurableSearchIndexContract as DurableSearchIndexContract
    from shopwright.testing.search_contract.kit import SearchIndexContract as SearchIndexContract

_HOMES = {"DurableSearchIndexContract": "durable", "SearchIndexContract": "kit"}
_MODULES = ("documents", "laws", "kit", "durable")

__all__ = ["DurableSearchIndexContract", "SearchIndexContract"]

pytest.register_assert_rewrite(*(f"{__name__}.{name}" for name in _MODULES))


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__} has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
