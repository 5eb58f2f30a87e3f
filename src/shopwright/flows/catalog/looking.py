"""Look at what happened to the catalog."""

from __future__ import annotations

from attrs import frozen

from shopwright.catalog.events import CatalogEvent
from shopwright.flows.ports import Ports
from shopwright.ports.storage import START, Position
from shopwright.wire.catalog_kinds import CATALOG


@frozen
class Changed:
    """A change of the catalog, and where it stands in the stream `catalog`."""

    position: Position
    event: CatalogEvent


def changes(ports: Ports, *, after: Position = START, limit: int = 100) -> tuple[Changed, ...]:
    """The next changes of the catalog, oldest first. Whoever keeps the position of the last one misses none."""
    return tuple([Changed(record.position, record.value) for record in ports.storage.read(CATALOG, after=after, limit=limit)])
