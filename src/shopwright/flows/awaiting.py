"""Goods that were promised when they were not there: what comes in goes to the oldest promises, and everybody can be told when.

Rules
- AWAIT-1: what comes in of a sku at a place goes to those who were promised it there, in the order in which they were; an order that is not paid yet
  keeps its turn until its time is over;
- AWAIT-2: units move from what may be ordered without being there to the stock in the changeset that tells the order of it, so that no unit is
  promised twice, whoever fills at the same time;
- what an order waits for is told by its claim; the note that it waits (`AwaitedGoods`) is where goods look for it, and is closed when they find
  nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime

from attrs import evolve, frozen

from shopwright.edges import text_problem
from shopwright.errors import InvalidValue, VersionConflict
from shopwright.flows.cart_commands import ExpectGoods
from shopwright.flows.checking import moment, takes
from shopwright.flows.ports import Ports
from shopwright.flows.saving import operation, take_next
from shopwright.flows.trying import tried
from shopwright.inventory.expecting import AwaitedGoods, ExpectedGoods, expected_id
from shopwright.inventory.keys import backorder_key, place_key
from shopwright.inventory.promising import due_dates
from shopwright.inventory.stock import Keeping, Promised, Stock
from shopwright.orders.decision import Decision, decided
from shopwright.orders.events import ClaimState, OrderSourced
from shopwright.orders.order import Order
from shopwright.orders.sourcing import SourcedWhy
from shopwright.ports.edge import check_integer
from shopwright.ports.storage import Changeset, Match, Operation, Put, Query, Stored, Where
from shopwright.refusals import Refusal

Progress = Callable[[str, int], None]
"""Told the name of the job and how many promises it has looked at."""


@frozen
class Filled:
    """How many units went to promises, of how many orders."""

    units: int = 0
    orders: int = 0


@frozen(kw_only=True)
class Waiting:
    """An order in line for units of a sku at a place: since when, and when they can leave as things stand; `None` where not enough is on its way."""

    order_id: str
    units: int
    since: datetime
    due_at: datetime | None


@takes(ExpectGoods)
def expect_goods(ports: Ports, command: ExpectGoods, *, at: datetime) -> ExpectedGoods | Refusal:
    """Keep what is on its way to a place. Refused with `card_number_given`. Raises `InvalidValue` for a place that the shop does not have."""
    expected, id = ExpectedGoods(place=command.place, sku=command.sku, incoming=command.incoming), expected_id(command.place, command.sku)
    op = operation(ports, command, id)
    if ports.storage.answered(op) is not None:
        return expected
    _demand_place(ports, command.place)

    def attempt() -> ExpectedGoods:
        stored = ports.storage.load(ExpectedGoods, id)
        put = Put(id, expected, 0 if stored is None else stored.version)
        ports.storage.commit(Changeset(op, at, puts=(put,)))
        return expected

    return tried(ports.storage, attempt)


def fill_awaited(ports: Ports, *, at: datetime, place: str = "", sku: str = "", limit: int = 10_000, progress: Progress | None = None) -> Filled:
    """Give what is there to the oldest promises, of all skus, or of one at one place; at most `limit` promises are looked at.

    Safe to run at the same time in several workers. Raises `InvalidValue` for a place that the shop does not have, for one of the two alone, and for
    a limit below 1.
    """
    check_integer("limit", limit, least=1)
    if bool(place) != bool(sku):
        raise InvalidValue(f"expected a place and a sku, or neither, got {place!r} and {sku!r}")
    if ports.places is None:
        return Filled()
    if place:
        _demand_place(ports, place)
    at, left, units, filled = moment(at), _Left(ports, at), 0, set[str]()
    for seen, stored in enumerate(_open(ports, place, sku, at, limit), 1):
        come = _fill(ports, stored, left, at=at)
        units += come
        if come:
            filled.add(stored.value.order_id)
        if progress is not None:
            progress("awaited", seen)
    return Filled(units, len(filled))


def waiting(ports: Ports, place: str, sku: str, *, at: datetime) -> tuple[Waiting, ...]:
    """Who waits for a sku at a place, in turn, each with the moment at which their units can leave. Raises `InvalidValue` for an unknown place."""
    keeping, id = _demand_place(ports, place, sku), expected_id(place, sku)
    expected = ports.storage.load(ExpectedGoods, id)
    line: list[tuple[AwaitedGoods, int]] = []
    for stored in _open(ports, place, sku, at, None):
        order = ports.storage.load(Order, stored.value.order_id)
        if order is not None and (units := _awaited(order.value, stored.value, at)):
            line.append((stored.value, units))
    promises = tuple([Promised(id=it.order_id, units=units, made_at=it.since) for it, units in line])
    stock = Stock(sku, place, keeping=Keeping(releases_at=keeping.releases_at), promises=promises)
    due = {it.promise_id: it.due_at for it in due_dates(stock, () if expected is None else expected.value.incoming, at=at)}
    return tuple([Waiting(order_id=it.order_id, units=units, since=it.since, due_at=due[it.order_id]) for it, units in line])


def _demand_place(ports: Ports, place: str, sku: str = "") -> Keeping:
    if text_problem(place, least=1) or text_problem(sku):
        raise InvalidValue(f"expected a place and a sku as text, got {place!r} and {sku!r}")
    if ports.places is None or place not in ports.places.names:
        names = "none" if ports.places is None else ", ".join(ports.places.names)
        raise InvalidValue(f"expected a place of this shop, got {place!r}; it has {names}")
    return ports.places.keeping_of(sku)


class _Left:
    """What is free of each stock and not yet promised to somebody earlier in line; each is read once."""

    def __init__(self, ports: Ports, at: datetime) -> None:
        self._ports, self._at, self._free = ports, at, dict[str, int]()

    def of(self, key: str) -> int:
        """How many units are left of this stock."""
        if key not in self._free:
            self._free[key] = max(0, self._ports.storage.quota((key,), at=self._at)[key].free)
        return self._free[key]

    def take(self, key: str, units: int) -> None:
        """So many are somebody's now."""
        self._free[key] = max(0, self.of(key) - units)


def _open(ports: Ports, place: str, sku: str, at: datetime, limit: int | None) -> Iterator[Stored[AwaitedGoods]]:
    """The notes of who waits, the oldest first."""
    where = [Where("waits_since", Match.AT_MOST, at)]
    if place:
        where.append(Where("waits_for", Match.EQUAL, expected_id(place, sku)))
    after, seen = "", 0
    while True:
        page = ports.storage.find(Query(AwaitedGoods, where=tuple(where), order_by="waits_since", limit=200, after=after))
        for stored in page.items:
            if limit is not None and seen >= limit:
                return
            seen += 1
            yield stored
        if not page.next:
            return
        after = page.next


def _awaited(order: Order, awaited: AwaitedGoods, at: datetime) -> int:
    """How many units an order waits for, by its claim; none once its hold is over."""
    if order.claim.state is ClaimState.USED or (order.claim.state is ClaimState.HELD and order.due_at is not None and at < order.due_at):
        return dict(order.claim.items).get(backorder_key(awaited.place, awaited.sku), 0)
    return 0


def _fill(ports: Ports, stored: Stored[AwaitedGoods], left: _Left, *, at: datetime) -> int:
    """Give an order what it waits for, as far as it is there; how many units that were."""
    awaited, key = stored.value, place_key(stored.value.place, stored.value.sku)
    if not left.of(key):
        return 0
    found = ports.storage.load(Order, awaited.order_id)
    wanted = 0 if found is None else _awaited(found.value, awaited, at)
    if found is None or (not wanted and found.value.claim.state is not ClaimState.HELD):
        _close(ports, stored, at=at)
        return 0
    there = min(wanted, left.of(key))
    left.take(key, there)
    if found.value.claim.state is not ClaimState.USED:
        return 0  # its turn, and not paid yet
    taken = take_next(ports, found.value, lambda order: _come(order, awaited, there, at), at=at)
    if taken.events and not _awaited(taken.order, awaited, at):
        _close(ports, stored, at=at)
    return there if taken.events else 0


def _come(order: Order, awaited: AwaitedGoods, units: int, at: datetime) -> Decision:
    """So many of the units that an order waits for are there."""
    come = min(units, _awaited(order, awaited, at)) if order.claim.state is ClaimState.USED else 0
    if not come or order.sourcing is None:
        return Decision(order)
    near, far = place_key(awaited.place, awaited.sku), backorder_key(awaited.place, awaited.sku)
    items = dict(order.claim.items)
    items[far] -= come
    items = {near: items.get(near, 0) + come} | {key: units for key, units in items.items() if key != near}
    plan = order.sourcing.filled(awaited.place, awaited.sku, come)
    kept = tuple([(key, units) for key, units in items.items() if units])
    return decided(order, OrderSourced(sourcing=plan, items=kept, why=SourcedWhy.GOODS_CAME, at=at))


def _close(ports: Ports, stored: Stored[AwaitedGoods], *, at: datetime) -> None:
    """Nothing is waited for any more; somebody who was faster has closed it, or it waits again."""
    id, version = stored.value.id, stored.version
    put = Put(id, evolve(stored.value, is_open=False), version)
    with suppress(VersionConflict):
        ports.storage.commit(Changeset(Operation(f"a/{id}/{version}", "close"), at, puts=(put,)))
