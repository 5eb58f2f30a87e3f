"""Keep the search index in step: follow what happens to the catalog and to stock, and make the index again from nothing.

Rules
- the position in each stream is kept under the name `search`, after what was read is in the index: a crash in between reads it again, to no harm;
- a rebuild begins with the end of the streams, and lets who follows go on from there: what was put while it ran is put again;
- without places stock has no stream: a host says with `refresh` which goods came in or were sold out, or rebuilds at night.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial

from shopwright.catalog.events import GroupArchived, GroupPut, GroupRefiled
from shopwright.catalog.groups import ProductGroup, Status
from shopwright.catalog.products import Product
from shopwright.catalog.search_documents import SearchDocument
from shopwright.errors import InvalidValue
from shopwright.flows.checking import moment
from shopwright.flows.ports import Ports
from shopwright.flows.relaying import relay
from shopwright.flows.saving import fitted
from shopwright.flows.search.indexing import documents_of, keep_groups, searching
from shopwright.flows.sweeping import Progress
from shopwright.flows.trying import tried
from shopwright.inventory.keys import is_stock, place_and_sku
from shopwright.ports.storage import START, Changeset, Match, Operation, Position, Put, Query, Recorded, Where
from shopwright.wire.catalog_kinds import CATALOG
from shopwright.wire.kinds import Consumer
from shopwright.wire.stock_kinds import STOCK

CONSUMER = "search"
STREAMS = (CATALOG, STOCK)

PAGE = 200


def follow_search(ports: Ports, *, at: datetime, limit: int = 100) -> int:
    """Bring the index to what the next records of each stream are about, at most `limit` of each; how many those were, 0 when nothing is new."""
    searching(ports)
    now = moment(at)
    return sum(relay(ports, CONSUMER, partial(_deliver, ports, at=now), at=now, stream=stream, limit=limit) for stream in STREAMS)


def refresh_search(ports: Ports, group_ids: Sequence[str], *, at: datetime) -> int:
    """Bring the index to what the catalog and the stock say of these groups; how many of them are found there now."""
    return keep_groups(ports, group_ids, at=moment(at))


def rebuild_search(ports: Ports, *, at: datetime, progress: Progress | None = None) -> int:
    """Make the index again from the catalog; how many goods are in it. Until it is done the one before answers.

    `progress` is told how many were kept so far. Raises `InvalidValue` for one that cannot be called.
    """
    if progress is not None and not callable(progress):
        raise InvalidValue(f"expected progress to be a function, got {type(progress).__name__}")
    index, now = searching(ports).index, moment(at)
    ends = {stream: _end(ports, stream) for stream in STREAMS}
    count = index.rebuild(_all(ports, at=now), progress=None if progress is None else partial(progress, CONSUMER))
    for stream, end in ends.items():
        tried(ports.storage, partial(_go_on_from, ports, stream, end, at=now))
    return count


def _deliver(ports: Ports, recorded: Sequence[Recorded], *, at: datetime) -> None:
    events = [it.value for it in recorded if it.stream == CATALOG]
    ids = {event.group_id for event in events if isinstance(event, GroupPut | GroupArchived | GroupRefiled)}
    skus = {place_and_sku(it.key)[1] for it in recorded if it.stream == STOCK and is_stock(it.key)}
    if skus:
        products = ports.storage.load_many(Product, skus).values()
        ids |= {stored.value.group_id for stored in products if stored.value.group_id}
    keep_groups(ports, ids, at=at)


def _all(ports: Ports, *, at: datetime) -> Iterator[SearchDocument]:
    """Every group that is for sale, a page at a time."""
    after = ""
    while True:
        page = ports.storage.find(Query(ProductGroup, where=(Where("status", Match.EQUAL, Status.ACTIVE.value),), limit=PAGE, after=after))
        yield from documents_of(ports, [stored.value for stored in page.items], at=at)
        if not page.next:
            return
        after = page.next


def _end(ports: Ports, stream: str) -> Position:
    """The position of the last record there is, from where the index has followed to."""
    stored = ports.storage.load(Consumer, f"{CONSUMER}/{stream}")
    end = START if stored is None else Position(stored.value.position)
    while recorded := ports.storage.read(stream, after=end, limit=1_000):
        end = recorded[-1].position
    return end


def _go_on_from(ports: Ports, stream: str, end: Position, *, at: datetime) -> None:
    """Let who follows go on from here, though they may have come further."""
    id = f"{CONSUMER}/{stream}"
    stored = ports.storage.load(Consumer, id)
    if end == START or (stored is not None and stored.value.position == end):
        return
    version = 0 if stored is None else stored.version
    op = Operation(fitted(f"relay/{id}/rebuilt/{version}/{end}"), "relay")
    ports.storage.commit(Changeset(op, at, puts=(Put(id, Consumer(CONSUMER, stream, end), version),)))
