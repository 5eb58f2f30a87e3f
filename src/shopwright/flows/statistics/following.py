"""Count what happens in a shop: its orders and its visits, from the streams that tell of them, into the tallies of days.

Rules
- COUNT-1: how far a stream was counted, the tallies, and what is kept of the orders and visitors of a batch are one changeset: a crash loses nothing
  and counts nothing twice, and neither do several workers;
- COUNT-2: a batch reads and writes what its events are about, and no more, however long the streams are;
- COUNT-3: each zone and edition of the terms (`StatisticsTerms.book`) is counted from the beginning of the streams, by itself; so to count all anew
  is to take the next edition, and what was counted before answers meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, get_args

from shopwright.catalog.groups import ProductGroup
from shopwright.catalog.products import Product
from shopwright.flows.checking import moment
from shopwright.flows.ports import Ports
from shopwright.flows.saving import fitted
from shopwright.flows.trying import tried
from shopwright.orders.events import OrderEvent
from shopwright.orders.order import Order
from shopwright.ports.storage import START, Changeset, Operation, Position, Put, Recorded, Stored
from shopwright.statistics.counting import Added, CountedSale, Place, count, summed, unfiled
from shopwright.statistics.tallies import Tally
from shopwright.statistics.visits import StepSeen, see
from shopwright.wire.kinds import EVENTS, Consumer
from shopwright.wire.statistics_kinds import VISITS, DayTally, KnownVisitor

Counted = tuple[list[Put], list[Added]]
"""What is kept of what a batch is about, and what is added."""

_EVENTS = get_args(OrderEvent)


def follow_statistics(ports: Ports, *, at: datetime, limit: int = 500) -> int:
    """Count what happened since the last time, `limit` records of each stream at most; how many those were, 0 when there is nothing new.

    Safe to run at the same time in several workers, and again after a crash; what another worker counted meanwhile is in the number too. Raises
    `InvalidValue` for a limit below 1.
    """
    now = moment(at)
    counted = tried(ports.storage, lambda: _batch(ports, EVENTS, _orders, limit=limit, at=now))
    return counted + tried(ports.storage, lambda: _batch(ports, VISITS, _visits, limit=limit, at=now))


def _batch(ports: Ports, stream: str, counted_of: Callable[[Ports, Sequence[Recorded]], Counted], *, limit: int, at: datetime) -> int:
    """Count the next records of a stream, in one changeset (COUNT-1)."""
    book = ports.statistics.book
    consumer = fitted(f"statistics {book}/{stream}")
    stored = ports.storage.load(Consumer, consumer)
    after = START if stored is None else Position(stored.value.position)
    recorded = ports.storage.read(stream, after=after, limit=limit)
    if not recorded:
        return 0
    puts, added = counted_of(ports, recorded)
    position, version = recorded[-1].position, 0 if stored is None else stored.version
    puts += _tallies(ports, book, summed(added))
    puts.append(Put(consumer, Consumer(f"statistics {book}", stream, position), version))
    op = Operation(fitted(f"count/{consumer}/{position}/{version}"), "count")
    ports.storage.commit(Changeset(op, at, puts=tuple(puts)))
    return len(recorded)


def _tallies(ports: Ports, book: str, added: Mapping[Place, Tally]) -> list[Put]:
    """The tallies of these places with what is added."""
    ids = {_id(book, place): place for place in added}
    there = ports.storage.load_many(DayTally, ids)
    puts = []
    for id, place in ids.items():
        before = there.get(id)
        tally = added[place] if before is None else before.value.tally.plus(added[place])
        puts.append(Put(id, DayTally(id=id, book=book, place=place, tally=tally), _version(before)))
    return puts


def _id(book: str, place: Place) -> str:
    named = f"{book}\x00{place.currency}\x00{place.channel}\x00{place.dimension.value}\x00{place.name}"
    return f"{place.day.isoformat()}/{sha256(named.encode()).hexdigest()}"


def _orders(ports: Ports, recorded: Sequence[Recorded]) -> Counted:
    """What is new of the orders that these events are about."""
    book, zone = ports.statistics.book, ports.statistics.zone
    events: dict[str, list[tuple[int, OrderEvent]]] = {}
    for it in recorded:
        if isinstance(it.value, _EVENTS):
            events.setdefault(it.key, []).append((it.number, it.value))
    ids = {order_id: fitted(f"{book}/{order_id}") for order_id in events}
    loaded = ports.storage.load_each({Order: tuple(ids), CountedSale: tuple(ids.values())})
    orders, kept = loaded.of(Order), loaded.of(CountedSale)
    known = {order_id: kept[id].value if id in kept else None for order_id, id in ids.items()}
    skus = [sku for order_id in ids if order_id in orders for sku in unfiled(known[order_id], orders[order_id].value)]
    categories = categories_of(ports, skus) if skus else {}
    puts: list[Put] = []
    added: list[Added] = []
    for order_id, id in ids.items():
        if order_id not in orders:
            continue
        after, more = count(known[order_id], orders[order_id].value, events[order_id], categories=categories, zone=zone)
        if after != known[order_id]:
            puts.append(Put(id, after, _version(kept.get(id))))
        added += more
    return puts, added


def categories_of(ports: Ports, skus: Iterable[str]) -> dict[str, str]:
    """The first category that the product group of each sku stands in; skus without one are left out."""
    products = ports.storage.load_many(Product, set(skus))
    groups = ports.storage.load_many(ProductGroup, {it.value.group_id for it in products.values() if it.value.group_id})
    found = {}
    for sku, stored in products.items():
        group = groups.get(stored.value.group_id)
        if group is not None and group.value.categories:
            found[sku] = group.value.categories[0]
    return found


def _visits(ports: Ports, recorded: Sequence[Recorded]) -> Counted:
    """What is new of the visitors of these steps."""
    terms = ports.statistics
    steps = [it.value for it in recorded if isinstance(it.value, StepSeen)]
    ids = [_visitor_id(terms.book, step) for step in steps]
    there = ports.storage.load_many(KnownVisitor, set(ids))
    known = {id: stored.value.seen for id, stored in there.items()}
    added: list[Added] = []
    for id, step in zip(ids, steps, strict=True):
        after, more = see(known.get(id), step, terms.visits, terms.zone)
        if after is not None:
            known[id] = after
        added += more
    puts = [
        Put(id, KnownVisitor(id=id, seen=seen), _version(there.get(id)))
        for id, seen in known.items()
        if id not in there or seen != there[id].value.seen
    ]
    return puts, added


def _visitor_id(book: str, step: StepSeen) -> str:
    return sha256(f"{book}\x00{step.channel}\x00{step.visitor}".encode()).hexdigest()


def _version(stored: Stored[Any] | None) -> int:
    return 0 if stored is None else stored.version
