"""Find orders: newest first, page by page, on any storage with the same answers as a look at every order would give.

Rules
- FIND-4: orders come by the time they were placed, newest first, then by id; a page goes on exactly behind the last order of the one before, whatever
  was placed in between;
- FIND-5: a look reads `MOST_LOOKED` orders at most: what no index tells (sku, hold, channel, coupon, amount, words) is asked of the orders that an
  index gives, and a page may end early, with a `next` to go on behind the last order that was looked at;
- FIND-6: a customer finds their own orders alone;
- a number and a number elsewhere name one order; a buyer, and standings that orders pass through, are found by their index; else the walk goes along
  the time of placing, within the times that are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve, frozen

from shopwright.errors import InvalidValue
from shopwright.flows.ports import Ports
from shopwright.members.actors import SYSTEM, Actor, ActorKind
from shopwright.orders.finding import OrderFilter, meets
from shopwright.orders.order import Order
from shopwright.orders.standing import Standing
from shopwright.ports.edge import check_limit
from shopwright.ports.storage import Match, Query, Where
from shopwright.wire import cursors

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
    """One page of the orders that meet a filter. Raises `InvalidValue` for a limit outside 1 to 1,000 and for a cursor that is none."""
    _check_filter(wanted)
    if not isinstance(by, Actor):
        raise InvalidValue(f"expected `by` to be an Actor, got {type(by).__name__}; make one with customer(id) or staff(id)")
    check_limit(limit)
    if by.kind is ActorKind.CUSTOMER:
        if wanted.buyer_id not in ("", by.id):
            return FoundOrders(())
        wanted = evolve(wanted, buyer_id=by.id)
    return _page(ports, wanted, limit, query_of(wanted, after=after))


def each_order(ports: Ports, wanted: OrderFilter) -> Iterator[Order]:
    """Every order that meets a filter, newest first, in constant memory; what is placed meanwhile may be missing."""
    _check_filter(wanted)
    return _walk(ports, wanted)


def _check_filter(wanted: object) -> None:
    if not isinstance(wanted, OrderFilter):
        raise InvalidValue(f"expected an OrderFilter, got {type(wanted).__name__}")


def _walk(ports: Ports, wanted: OrderFilter) -> Iterator[Order]:
    page = find_orders(ports, wanted, limit=CHUNK)
    yield from page.orders
    while page.next:
        page = find_orders(ports, wanted, limit=CHUNK, after=page.next)
        yield from page.orders


def query_of(wanted: OrderFilter, *, after: str = "") -> Query[Order]:
    """What is asked of the storage: the orders among which those of the filter are, by an index, in the order of the pages."""
    where = [Where(index, Match.EQUAL, value) for index, value in _named(wanted)[:1]]
    if not where and wanted.standings and not wanted.standings & RESTING:
        where.append(Where("standing", Match.IN, tuple(sorted(it.value for it in wanted.standings))))
    if wanted.placed_from is not None:
        where.append(Where("placed_at", Match.AT_LEAST, wanted.placed_from))
    if wanted.placed_before is not None:
        where.append(Where("placed_at", Match.BELOW, wanted.placed_before))
    return Query(Order, where=tuple(where), order_by="placed_at", descending=True, limit=CHUNK, after=after)


def _named(wanted: OrderFilter) -> list[tuple[str, str]]:
    """The values that name few orders, those that name one first."""
    pairs = (("number", wanted.number), ("external_id", wanted.external_id), ("buyer_id", wanted.buyer_id))
    return [(index, value) for index, value in pairs if value]


def _page(ports: Ports, wanted: OrderFilter, limit: int, query: Query[Order]) -> FoundOrders:
    kind, found, looked = ports.storage.kinds.document(Order), list[Order](), 0
    while True:
        chunk = ports.storage.find(query)
        for number, stored in enumerate(chunk.items, start=1):
            looked += 1
            if meets(stored.value, wanted):
                found.append(stored.value)
            if len(found) == limit or looked == MOST_LOOKED:
                is_last = number == len(chunk.items) and not chunk.next
                behind = "" if is_last else cursors.cursor(kind, query, value=stored.value.placed_at, id=stored.value.id)
                return FoundOrders(tuple(found), behind, looked)
        if not chunk.next:
            return FoundOrders(tuple(found), "", looked)
        query = evolve(query, after=chunk.next)
