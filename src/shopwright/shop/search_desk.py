"""The desk where goods are found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from shopwright.flows.search.following import follow_search, rebuild_search, refresh_search
from shopwright.flows.search.indexing import searching
from shopwright.flows.sweeping import Progress
from shopwright.ports.search import SearchPage, SearchQuery
from shopwright.refusals import Refusal
from shopwright.shop.desks import Desk


@frozen
class Search(Desk):
    """Goods by their words and by what can be said of them, in any order. Every verb raises `InvalidValue` in a shop without an index."""

    def find(self, query: SearchQuery) -> SearchPage | Refusal:
        """One page of the product groups that somebody looks for, with facets and what misspelled words were taken for.

        Refused with `search_text_too_long`, `search_price_impossible` or `search_page_unknown`.
        """
        return searching(self.ports).index.search(query)

    def suggest(self, prefix: str, *, limit: int = 10) -> tuple[str, ...]:
        """What a text that was begun may become: names of brands, tags and categories, then words; each of them finds something."""
        return searching(self.ports).index.suggest(prefix, limit=limit)

    def follow(self, *, at: datetime | None = None, limit: int = 100) -> int:
        """Bring the index to what happened to the catalog and the stock; how many records were read, 0 when there is nothing new."""
        return follow_search(self.ports, at=self._at(at), limit=limit)

    def refresh(self, group_ids: Sequence[str], *, at: datetime | None = None) -> int:
        """Bring the index to what the catalog and the stock say of these groups; how many of them are found there now."""
        return refresh_search(self.ports, group_ids, at=self._at(at))

    def rebuild(self, *, at: datetime | None = None, progress: Progress | None = None) -> int:
        """Make the index again from the catalog, while the one before answers; how many goods are in it."""
        return rebuild_search(self.ports, at=self._at(at), progress=progress)
