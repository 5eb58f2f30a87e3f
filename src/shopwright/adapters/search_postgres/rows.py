"""Goods as rows of the tables of a generation.

Rules
- a term has a position for each time it stands in the goods, with the weight of its field: A for the title down to D for the description;
- the server counts 16,383 positions; what stands further behind stands at the last.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from attrs import frozen

from shopwright.adapters.search_postgres.tables import lexeme, mark, quoted
from shopwright.catalog.search_documents import Kept, SearchDocument, kept

COLUMNS = "id, terms, keys, prices, title, titles, in_stock, popularity"
NAMED = frozenset({"brand", "category", "tag"})
"""The facets whose values are suggested."""

_WEIGHTS = "ABCD"
_LAST_POSITION = 16_383


@frozen
class Good:
    """One document, analyzed."""

    document: SearchDocument
    kept: Kept

    @property
    def lexemes(self) -> frozenset[str]:
        """Its terms as they are counted."""
        return frozenset(map(lexeme, self.kept.terms))

    def chosen_by(self) -> Iterator[tuple[str, str]]:
        """All that it can be chosen by, as facets and values."""
        yield from dict.fromkeys(self.document.facets)
        for channel in self.document.channels or ("",):
            yield "channel", channel

    def row(self, numbers: dict[tuple[str, str], int]) -> tuple[object, ...]:
        """Its row, in the order of `COLUMNS`, with the numbers that its keys have."""
        document = self.document
        keys = sorted(numbers[key] for key in self.chosen_by())
        titles = json.dumps(document.titles.said, ensure_ascii=False)
        return document.id, self._terms(), keys, self._prices(), self.kept.title, titles, document.in_stock, document.popularity

    def _terms(self) -> str:
        positions: dict[str, list[str]] = {}
        at = 0
        for weight, terms in zip(_WEIGHTS, self.kept.fields, strict=True):
            for term in terms:
                at = min(at + 1, _LAST_POSITION)
                positions.setdefault(term, []).append(f"{at}{weight}")
        return " ".join(f"{quoted(term)}:{','.join(places)}" for term, places in positions.items())

    def _prices(self) -> str:
        prices: dict[str, list[int]] = {}
        for price in self.document.prices:
            prices.setdefault(price.currency, []).append(price.minor)
        return json.dumps({currency: sorted(set(minors)) for currency, minors in prices.items()})


def good(document: SearchDocument) -> Good:
    """Goods by the analyzer that all indexes share."""
    return Good(document, kept(document))


def key_row(number: int, facet: str, value: str) -> tuple[int, str, str, bytes, bytes | None]:
    """A key as a row: its number, facet and value, its mark, and the mark of the name that it is."""
    return number, facet, value, mark(facet, value), mark(value) if facet in NAMED else None
