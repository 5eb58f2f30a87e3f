"""Everything that a query finds, page after page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from attrs import evolve

from shopwright.ports.storage import Query, Storage, Stored

T = TypeVar("T")


def each_found(storage: Storage, query: Query[T]) -> Iterator[Stored[T]]:
    """Every document that a query finds, in its order, a page of it at a time; what is written meanwhile may be missing."""
    while True:
        page = storage.find(query)
        yield from page.items
        if not page.next:
            return
        query = evolve(query, after=page.next)
