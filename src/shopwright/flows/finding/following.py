"""Keep the index of orders in step with what happens to them. A shop that never follows finds all the same, more slowly, and keeps no index.

Rules
- FIND-9: what the index keeps and how far it has followed are one changeset: a crash, and two workers at once, leave neither a term without its
  position nor a position without its terms;
- what is kept of an order is told by the order as it stands, so events may come late and twice; terms that it has lost are dropped;
- to make the index anew is to follow from the beginning in a new round, in which every term is written again; until it is done searches walk.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial

from attrs import evolve

from shopwright.errors import InvalidValue
from shopwright.flows.checking import moment
from shopwright.flows.finding.phones import kept_tail
from shopwright.flows.ports import Ports
from shopwright.flows.saving import fitted
from shopwright.flows.sweeping import Progress
from shopwright.flows.trying import tried
from shopwright.flows.walking import each_found
from shopwright.orders.finding import said_of
from shopwright.orders.finding_terms import terms_of, word_term
from shopwright.orders.order import Order
from shopwright.ports.edge import check_limit
from shopwright.ports.storage import START, Changeset, Drop, Match, Operation, Position, Put, Query, Recorded, Stored, Where
from shopwright.wire.finding_kinds import MOST_SUFFIX, OrderIndex, OrderTerm, OrderTerms, OrderWord, hashed, placed, suffixes, word_id
from shopwright.wire.kinds import EVENTS

INDEX = "orders"
"""The id of the one index."""


def follow_orders(ports: Ports, *, at: datetime, limit: int = 100) -> int:
    """Bring the index to what the next events of orders are about, `limit` of them at most; how many those were, 0 when nothing is new."""
    now = moment(at)
    check_limit(limit)
    return tried(ports.storage, lambda: _follow(ports, at=now, limit=limit))


def rebuild_orders(ports: Ports, *, at: datetime, progress: Progress | None = None) -> int:
    """Make the index anew from the first event on; how many events it has followed. `progress` is told so. Raises `InvalidValue` for no function."""
    if progress is not None and not callable(progress):
        raise InvalidValue(f"expected progress to be a function, got {type(progress).__name__}")
    now = moment(at)
    tried(ports.storage, lambda: _begin_again(ports, at=now))
    followed = 0
    while count := follow_orders(ports, at=now, limit=500):
        followed += count
        if progress is not None:
            progress(INDEX, followed)
    return followed


def _begin_again(ports: Ports, *, at: datetime) -> None:
    stored = ports.storage.load(OrderIndex, INDEX)
    if stored is not None:
        again = OrderIndex(START, stored.value.at, stored.value.epoch + 1)
        op = Operation(f"order_index/again/{stored.version}", "follow")
        ports.storage.commit(Changeset(op, at, puts=(Put(INDEX, again, stored.version),)))


def _follow(ports: Ports, *, at: datetime, limit: int) -> int:
    stored = ports.storage.load(OrderIndex, INDEX)
    before = OrderIndex(START, at) if stored is None else stored.value
    recorded = ports.storage.read(EVENTS, after=Position(before.position), limit=limit)
    if not recorded:
        return 0
    version = 0 if stored is None else stored.version
    latest = _latest(recorded) if before.position == START else max(before.at, _latest(recorded))
    after = OrderIndex(recorded[-1].position, latest, before.epoch)
    puts, drops = _kept(ports, sorted({it.key for it in recorded}), before.epoch)
    op = Operation(fitted(f"order_index/{after.position}/{version}"), "follow")
    ports.storage.commit(Changeset(op, at, puts=(Put(INDEX, after, version), *puts), drops=drops))
    return len(recorded)


def _latest(recorded: Sequence[Recorded]) -> datetime:
    return max(it.at for it in recorded)


def _kept(ports: Ports, order_ids: Collection[str], epoch: int) -> tuple[tuple[Put, ...], tuple[Drop, ...]]:
    """What has to be written for these orders."""
    loaded = ports.storage.load_each({Order: order_ids, OrderTerms: order_ids})
    kept, spots, drops, words = loaded.of(OrderTerms), set[str](), list[Drop](), set[str]()
    puts: list[Put] = []
    for id, stored in loaded.of(Order).items():
        before, after = kept.get(id), terms_kept(ports, stored.value, epoch)
        if before is not None and before.value == after:
            continue
        known = frozenset(before.value.terms) if before is not None and before.value.epoch == epoch else frozenset[str]()
        spots |= {spot(term, after) for term in after.terms if term not in known}
        words |= {word for word in said_of(stored.value) if hashed(word_term(word)) not in known}
        drops += [] if before is None else [Drop(OrderTerm, spot(term, after)) for term in before.value.terms if term not in after.terms]
        puts.append(Put(id, after, 0 if before is None else before.version))
    return (*puts, *_postings(ports, spots, words, all_parts=epoch > 0)), tuple(drops)


def _postings(ports: Ports, spots: Collection[str], words: Collection[str], *, all_parts: bool) -> list[Put]:
    """The terms and the parts of words that are not there yet; the parts of a word come together, so that one tells of all."""
    whole = {word_id(word[:MOST_SUFFIX], word): word for word in words}
    there = ports.storage.load_each({OrderTerm: spots, OrderWord: whole.keys()})
    new = [word for id, word in whole.items() if all_parts or id not in there.of(OrderWord)]
    parts = {word_id(suffix, word): OrderWord(suffix, word) for word in new for suffix in suffixes(word)}
    known = ports.storage.load_many(OrderWord, parts.keys()) if all_parts else {}
    return [
        *[Put(it, OrderTerm(it)) for it in sorted(spots) if it not in there.of(OrderTerm)],
        *[Put(id, parts[id]) for id in sorted(parts) if id not in known],
    ]


def terms_kept(ports: Ports, order: Order, epoch: int) -> OrderTerms:
    """What the index keeps of an order."""
    phones = tuple([hashed(term) for term in kept_tail(ports, order)])
    terms = {hashed(term) for term in terms_of(order)}
    return OrderTerms(order.id, placed(order.placed_at), tuple(sorted({*terms, *phones})), phones, epoch)


def spot(term: str, kept: OrderTerms) -> str:
    """Where a term of an order stands."""
    return f"{term}{kept.placed}{kept.order_id}"


def forget_phones(ports: Ports, buyer_ids: Collection[str], *, at: datetime) -> None:
    """Forget by which phones orders of these buyers were found: a part of their erasure, once their keys are gone.

    What is kept of each order is written anew, so that a follower who has read a key before it went writes in vain, and reads again.
    """
    if ports.storage.load(OrderIndex, INDEX) is None:
        return
    for buyer_id in buyer_ids:
        query = Query(Order, where=(Where("buyer_id", Match.EQUAL, buyer_id),), limit=100)
        for stored in each_found(ports.storage, query):
            tried(ports.storage, partial(_forget, ports, stored.value, at=at))


def _forget(ports: Ports, order: Order, *, at: datetime) -> None:
    stored: Stored[OrderTerms] | None = ports.storage.load(OrderTerms, order.id)
    version = 0 if stored is None else stored.version
    before = OrderTerms(order.id, placed(order.placed_at), ()) if stored is None else stored.value
    after = evolve(before, terms=tuple([term for term in before.terms if term not in before.phones]), phones=())
    drops = tuple([Drop(OrderTerm, spot(phone, before)) for phone in before.phones])
    op = Operation(fitted(f"order_index/forget/{order.id}/{version}"), "forget")
    ports.storage.commit(Changeset(op, at, puts=(Put(order.id, after, version),), drops=drops))
