"""Book what orders took and gave back, and tell which stock runs low by it. Nothing of this is done while an order is placed.

Rules
- what is booked of an order is told by the order as it stands (SHELF-8), so events may come twice, late and in any order;
- a batch of orders is one changeset: what is booked of each, the stocks that they took from, and their movements;
- a stock is told to run low by what is free when its orders are followed, promised units among what is not: a host follows as often as it wants to
  hear, in as many workers as it likes.

The position of the follower is kept under the name `stock`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from hashlib import sha256

from attrs import evolve

from shopwright.errors import InvalidValue
from shopwright.flows.checking import moment
from shopwright.flows.inventory.saving import TRIES, StockChanges, changes_of, commit, read_shelves
from shopwright.flows.ports import Ports
from shopwright.flows.relaying import relay
from shopwright.flows.sweeping import Progress
from shopwright.flows.trying import tried
from shopwright.inventory.keys import is_backorder, is_stock, place_and_sku, place_key
from shopwright.inventory.place_keeping import book_return, book_sale, settle
from shopwright.inventory.place_stock import Guarded, PlaceStock
from shopwright.inventory.shelves import Shelf, Step
from shopwright.inventory.sold import SoldGoods
from shopwright.orders.events import ClaimState
from shopwright.orders.order import Order
from shopwright.ports.edge import check_integer
from shopwright.ports.storage import Match, Operation, Put, Query, Recorded, Where

CONSUMER = "stock"

PAGE = 200


def follow_stock(ports: Ports, *, at: datetime, limit: int = 100) -> int:
    """Book what the next events of orders say, `limit` of them at most; how many events those were, 0 when there is nothing new."""
    now = moment(at)

    def deliver(recorded: Sequence[Recorded]) -> None:
        ids = tuple(dict.fromkeys([it.key for it in recorded]))
        tried(ports.storage, lambda: book_orders(ports, ids, at=now), most=TRIES)

    return relay(ports, CONSUMER, deliver, at=now, limit=limit)


def sweep_stock(ports: Ports, *, at: datetime, limit: int = 10_000, progress: Progress | None = None) -> int:
    """Settle stocks whose lots have expired, and those that are low or miss something, `limit` of each at most; how many those were.

    A host runs it every hour or day: what expired is set aside, what is missing is made up for from what is free by now, and what has recovered
    because holds lapsed is told. Raises `InvalidValue` for a limit below 1 and a progress that cannot be called.
    """
    check_integer("limit", limit, least=1)
    if progress is not None and not callable(progress):
        raise InvalidValue(f"expected progress to be a function, got {type(progress).__name__}")
    now, seen = moment(at), 0
    for where in (Where("expires_at", Match.AT_MOST, now), Where("unsettled", Match.EQUAL, "yes")):
        for key in _found(ports, where, limit):
            tried(ports.storage, partial(_settle, ports, (key,), at=now), most=TRIES)
            seen += 1
            if progress is not None:
                progress("stock", seen)
    return seen


def _found(ports: Ports, where: Where, limit: int) -> Iterable[str]:
    """The keys of the stocks that meet a condition, as they were when the sweep came by."""
    found: list[str] = []
    after = ""
    while len(found) < limit:
        page = ports.storage.find(Query(PlaceStock, where=(where,), limit=min(PAGE, limit - len(found)), after=after))
        found += [stored.value.key for stored in page.items]
        if not page.next:
            break
        after = page.next
    return found


def _settle(ports: Ports, keys: Sequence[str], *, at: datetime) -> None:
    shelves = read_shelves(ports, keys, at=at)
    changes = StockChanges()
    for shelf, version in shelves.values():
        changes = changes.plus(changes_of(settle(shelf, at=at), version))
    _write(ports, changes, at=at)


def book_orders(ports: Ports, order_ids: Sequence[str], *, at: datetime) -> None:
    """Bring what is booked of these orders to what they use, and settle every stock that they have to do with."""
    loaded = ports.storage.load_each({Order: order_ids, SoldGoods: order_ids})
    orders, kept = loaded.of(Order), loaded.of(SoldGoods)
    uses = {id: _uses(orders[id].value) for id in order_ids if id in orders}
    keys = {_near(key) for id in uses for key, _ in orders[id].value.claim.items if is_stock(key) or is_backorder(key)}
    keys |= {part.key for stored in kept.values() for part in stored.value.parts}
    shelves = read_shelves(ports, sorted(keys), at=at) if keys else {}
    booking = _Booking(shelves, at)
    puts = []
    for id, items in uses.items():
        before = kept[id].value if id in kept else SoldGoods(id)
        after = booking.booked(before, items)
        if after != before:
            puts.append(Put(id, after, kept[id].version if id in kept else 0))
    _write(ports, StockChanges(tuple(puts)).plus(booking.changes()), at=at)


class _Booking:
    """Stocks while orders are booked, one after the other."""

    def __init__(self, shelves: Mapping[str, tuple[Shelf, int]], at: datetime) -> None:
        self._versions = {key: version for key, (_, version) in shelves.items()}
        self._first = {key: shelf for key, (shelf, _) in shelves.items()}
        self._shelves = dict(self._first)
        self._steps: dict[str, list[Step]] = {key: [] for key in shelves}
        self._at = at

    def booked(self, sold: SoldGoods, items: Mapping[str, int]) -> SoldGoods:
        """The same order with all that it uses booked; what goes back comes before what leaves."""
        for key, units in sorted(sold.changes(items.items()), key=lambda it: it[1]):
            shelf = self._shelves[key]
            if units < 0:
                sold, lots, cost = sold.with_fewer(key, -units)
                self._take(key, book_return(shelf, -units, lots=lots, cost=cost, source=sold.order_id, at=self._at))
                continue
            step = book_sale(shelf, units, source=sold.order_id, at=self._at)
            self._take(key, step)
            sold = sold.with_more(key, units, step.left_lots, step.cost)
        return sold

    def changes(self) -> StockChanges:
        """All steps of each stock in one, with what follows from the clock."""
        changes = StockChanges()
        for key, version in self._versions.items():
            self._take(key, settle(self._shelves[key], at=self._at))
            steps = self._steps[key]
            records = tuple([record for step in steps for record in step.records])
            whole = Step(self._first[key].before, steps[-1].stock, sum([step.grant for step in steps]), records)
            changes = changes.plus(changes_of(whole, version))
        return changes

    def _take(self, key: str, step: Step) -> None:
        self._steps[key].append(step)
        shelf = self._shelves[key]
        self._shelves[key] = evolve(shelf, before=step.stock, stock=step.stock, past=(), guarded=_after(shelf, step))


def _after(shelf: Shelf, step: Step) -> Guarded:
    """What the quota will say after a step."""
    kept = step.stock.kept + step.stock.set_aside - step.before.kept - step.before.set_aside
    return evolve(shelf.guarded, granted=shelf.guarded.granted + step.grant, held=shelf.guarded.held + kept)


def _near(key: str) -> str:
    """The key of the stock that units are to come from, whether they are there or not."""
    return place_key(*place_and_sku(key))


def _uses(order: Order) -> dict[str, int]:
    """What an order uses of stock now, by the keys of the quotas."""
    claim = order.claim
    return {key: units for key, units in claim.items if is_stock(key)} if claim.state is ClaimState.USED else {}


def _write(ports: Ports, changes: StockChanges, *, at: datetime) -> None:
    """Write a step that nobody asked for by a command: it is named by the versions that it changes, which no other step can."""
    if not changes.puts:
        return
    named = "|".join([f"{put.id}:{put.expected}" for put in changes.puts])
    commit(ports, Operation(f"stock/{sha256(named.encode()).hexdigest()}", "book"), changes, at=at)
