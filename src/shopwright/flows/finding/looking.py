"""Find orders: newest first, page by page, on any storage with the same answers as a look at every order would give.

Rules
- FIND-4: orders come by the time they were placed, newest first, then by id; a page goes on exactly behind the last order of the one before, whatever
  was placed in between;
- FIND-5: a look reads `MOST_LOOKED` orders at most, and a page may end early, with a `next` to go on behind the last order that was looked at;
- FIND-6: a customer finds their own orders alone, under every id that is theirs, and who looks for the orders of a member finds those too;
- a number and a number elsewhere name one order; a buyer is found by their index, and terms (sku, seller, coupon, channel, tag, hold, amount, words,
  the end of a phone) by the index of terms where the shop follows its orders; standings that orders pass through are found by theirs; else the walk
  goes along the time of placing, within the times that are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from itertools import groupby, islice

from attrs import define, evolve, field, frozen

from shopwright.flows.finding.asking import Asked, asked
from shopwright.flows.finding.candidates import bounds_of, fresh_keys, fresh_of, groups, has_terms, rarest
from shopwright.flows.ports import Ports
from shopwright.members.actors import SYSTEM, Actor
from shopwright.orders.finding import OrderFilter
from shopwright.orders.order import Order
from shopwright.orders.standing import Standing
from shopwright.ports.edge import check_limit
from shopwright.ports.storage import Match, Query, Where
from shopwright.wire import cursors
from shopwright.wire.finding_kinds import TIME

MOST_LOOKED = 2_000
"""How many orders one page looks at, at most."""

CHUNK = 200
RESTING = frozenset({Standing.COMPLETED, Standing.CANCELED, Standing.DELIVERED, Standing.RETURNED, Standing.LOST})
"""Standings that orders stay in: there are too many of these to sort, so they are looked for along the time of placing."""


@frozen
class FoundOrders:
    """A page of orders. `next` is empty once there are no more; a page that is short, or empty, and has a `next` ended early (FIND-5)."""

    orders: tuple[Order, ...]
    next: str = ""
    looked: int = 0


def find_orders(ports: Ports, wanted: OrderFilter, *, by: Actor = SYSTEM, limit: int = 50, after: str = "") -> FoundOrders:
    """One page of the orders that meet a filter. Raises `InvalidValue` for a limit outside 1 to 1,000 and for a cursor that is none.

    To find by the end of a phone opens addresses, and raises `VaultMissing`, `SealBroken` and `MasterKeyMissing` where that cannot be.
    """
    ask = asked(ports, wanted, by)
    check_limit(limit)
    query = query_of(wanted, after=after, buyer_ids=() if ask is None else ask.buyer_ids)
    behind = cursors.position(ports.storage.kinds.document(Order), query)
    if ask is None:
        return FoundOrders(())
    looked = _Looked(ports, ask, limit)
    if not _named(wanted) and not ask.buyer_ids and (found := _by_terms(looked, query, behind)) is not None:
        return found
    return _page(looked, query)


def each_order(ports: Ports, wanted: OrderFilter) -> Iterator[Order]:
    """Every order that meets a filter, newest first, in constant memory; what is placed meanwhile may be missing."""
    asked(ports, wanted, SYSTEM)
    return _walk(ports, wanted)


def _walk(ports: Ports, wanted: OrderFilter) -> Iterator[Order]:
    page = find_orders(ports, wanted, limit=CHUNK)
    yield from page.orders
    while page.next:
        page = find_orders(ports, wanted, limit=CHUNK, after=page.next)
        yield from page.orders


def query_of(wanted: OrderFilter, *, after: str = "", buyer_ids: tuple[str, ...] = ()) -> Query[Order]:
    """What is asked of the storage: the orders among which those of the filter are, by an index, in the order of the pages."""
    where = [Where(index, Match.EQUAL, value) for index, value in _named(wanted)[:1]]
    if not where and buyer_ids:
        match, value = (Match.EQUAL, buyer_ids[0]) if len(buyer_ids) == 1 else (Match.IN, buyer_ids)
        where.append(Where("buyer_id", match, value))
    if not where and _passes(wanted):
        where.append(Where("standing", Match.IN, tuple(sorted(it.value for it in wanted.standings))))
    if wanted.placed_from is not None:
        where.append(Where("placed_at", Match.AT_LEAST, wanted.placed_from))
    if wanted.placed_before is not None:
        where.append(Where("placed_at", Match.BELOW, wanted.placed_before))
    return Query(Order, where=tuple(where), order_by="placed_at", descending=True, limit=CHUNK, after=after)


def _named(wanted: OrderFilter) -> list[tuple[str, str]]:
    """The values that name one order."""
    return [(index, value) for index, value in (("number", wanted.number), ("external_id", wanted.external_id)) if value]


def _passes(wanted: OrderFilter) -> bool:
    """Whether it asks for standings that orders pass through alone."""
    return bool(wanted.standings) and not wanted.standings & RESTING


@define
class _Looked:
    """A page in the making: orders as they are looked at, newest first."""

    ports: Ports
    ask: Asked
    limit: int
    found: list[Order] = field(factory=list)
    count: int = 0

    def at(self, order: Order) -> bool:
        """Look at one more order; whether the page ends with it."""
        self.count += 1
        if self.ask.met(self.ports, order):
            self.found.append(order)
        return len(self.found) == self.limit or self.count >= MOST_LOOKED

    def page(self, query: Query[Order], last: Order | None = None) -> FoundOrders:
        """The page, to go on behind an order, if any."""
        kind = self.ports.storage.kinds.document(Order)
        behind = "" if last is None else cursors.cursor(kind, query, value=last.placed_at, id=last.id)
        return FoundOrders(tuple(self.found), behind, self.count)


def _page(looked: _Looked, query: Query[Order]) -> FoundOrders:
    """A page along an index of the orders themselves."""
    while True:
        chunk = looked.ports.storage.find(query)
        for number, stored in enumerate(chunk.items, start=1):
            if looked.at(stored.value):
                is_last = number == len(chunk.items) and not chunk.next
                return looked.page(query, None if is_last else stored.value)
        if not chunk.next:
            return looked.page(query)
        query = evolve(query, after=chunk.next)


def _by_terms(looked: _Looked, query: Query[Order], behind: tuple[object, str] | None) -> FoundOrders | None:
    """A page by the index of terms; `None` where it does not serve, or standings have fewer orders."""
    ports, ask = looked.ports, looked.ask
    bounds = bounds_of(ask, behind)
    if not has_terms(ask) or (fresh := fresh_of(ports)) is None:
        return None
    postings = rarest(ports, groups(ports, ask), bounds)
    if postings is None or (_passes(ask.wanted) and not postings.all_read):
        return None
    keys = merge(fresh_keys(ports, fresh, bounds), postings.keys(), reverse=True)
    ids = (key[TIME:] for key, _ in groupby(keys))
    left = next(ids, None)
    while left is not None:
        batch = [left, *islice(ids, min(CHUNK, looked.limit) - 1)]
        left = next(ids, None)
        orders = ports.storage.load_many(Order, batch)
        for id in batch:
            if id in orders and looked.at(orders[id].value):
                return looked.page(query, None if id == batch[-1] and left is None else orders[id].value)
    return looked.page(query)
