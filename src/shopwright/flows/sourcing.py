"""Where the goods of an order come from, in a shop with several places: planned from what is there now, and planned anew where some of it has gone.

Rules
- the quotas of all skus at all places are read in one call, no transaction is open while it is planned, and what is planned is reserved in the
  changeset that writes the order; the guard in that write decides (decision 0024);
- SOURCE-4: goods that are there go to those first to whom they were promised when they were not: a plan leaves them what they wait for;
- goods that are not there are planned only for orders for which those that are do not suffice; each unit of them costs `Costs.shortfall`, by which a
  policy prefers what is there, and each part says when it can leave, behind all who wait already.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import datetime

from attrs import evolve, frozen

from shopwright.errors import VersionConflict
from shopwright.flows.ports import Ports
from shopwright.inventory.expecting import BackorderAllowed, ExpectedGoods, expected_id
from shopwright.inventory.keys import backorder_key, place_key, stock_key
from shopwright.inventory.locations import Location, OnShelf
from shopwright.inventory.places import Places
from shopwright.inventory.planning import plan, reasons
from shopwright.inventory.plans import Part, Plan, Wanted
from shopwright.inventory.promising import due_date_of
from shopwright.inventory.stock import Keeping, Promised, Stock
from shopwright.orders.sourcing import SourcedPart, Sourcing
from shopwright.ports.quotas import Grant
from shopwright.ports.storage import Changeset, Operation, Put
from shopwright.refusals import Refusal

FAR_RANK = 10
"""What may be ordered without being there is locked after stock: only those ask for it who found too little."""


@frozen
class Taking:
    """Units of a sku that one line takes."""

    line_no: int
    sku: str
    units: int


@frozen
class _Shelves:
    """What may be taken of each sku at each place, by the key of its stock: what is there, and what may be ordered besides."""

    there: Mapping[str, int]
    beyond: Mapping[str, int]
    waiting: Mapping[str, int]
    """How many were promised already that are not there."""


def takings(lines: Iterable[tuple[int, tuple[tuple[str, int], ...]]]) -> tuple[Taking, ...]:
    """What lines take, from their numbers and what they take of each sku."""
    return tuple([Taking(line_no, sku, units) for line_no, stock in lines for sku, units in stock])


def free_anywhere(ports: Ports, skus: Collection[str], *, at: datetime) -> dict[str, int]:
    """How many of each sku are free, at all places together."""
    if ports.places is None:
        quotas = ports.storage.quota([stock_key(sku) for sku in skus], at=at)
        return {sku: quotas[stock_key(sku)].free for sku in skus}
    quotas = ports.storage.quota(ports.places.keys(skus), at=at)
    return {sku: sum([max(0, quotas[place_key(name, sku)].free) for name in ports.places.names]) for sku in skus}


def sourced(
    ports: Ports, places: Places, wanted: tuple[Taking, ...], zone: str, *, own: Mapping[str, int], at: datetime
) -> Sourcing | Refusal | None:
    """Which place ships what; `None` where nothing that is wanted is counted. `own` is what the buyer holds already, by key.

    Refused with the codes of `shopwright.inventory.plan`.
    """
    if not wanted:
        return None
    skus = tuple(dict.fromkeys([it.sku for it in wanted]))
    shelves = _read(ports, places, skus, own, at=at)
    lines = tuple([Wanted(f"{number:05}", it.sku, it.units) for number, it in enumerate(wanted)])
    locations = places.locations(skus, shelves.there)
    answer = plan(lines, locations, zone=zone, policy=places.policy)
    if isinstance(answer, Refusal) and shelves.beyond and answer.code in {"stock_short", "split_unavoidable"}:
        locations = _with_more(places, skus, shelves)
        answer = plan(lines, locations, zone=zone, policy=places.policy)
    if isinstance(answer, Refusal):
        return answer
    return _told(ports, places, wanted, answer, lines, locations, zone, shelves, at=at)


def _read(ports: Ports, places: Places, skus: tuple[str, ...], own: Mapping[str, int], *, at: datetime) -> _Shelves:
    """All that can be planned with, in one call."""
    late = [sku for sku in skus if places.keeping_of(sku).backorder]
    keys = places.keys(skus)
    beyond = {place_key(name, sku): backorder_key(name, sku) for sku in late for name in places.names}
    quotas = ports.storage.quota((*keys, *beyond.values()), at=at)
    waiting = {key: quotas[far].used + quotas[far].held - own.get(far, 0) for key, far in beyond.items()}
    there = {key: max(0, quotas[key].free - waiting.get(key, 0)) + own.get(key, 0) for key in keys}
    limits = {place_key(name, sku): places.keeping_of(sku).backorder for sku in late for name in places.names}
    more = {key: limits[key] - waiting[key] for key in beyond}
    for key, far in beyond.items():
        if more[key] > 0 and quotas[far].granted != limits[key]:
            _bring_to(ports, far, limits[key], at=at)
    return _Shelves(there, {key: units for key, units in more.items() if units > 0}, waiting)


def _with_more(places: Places, skus: tuple[str, ...], shelves: _Shelves) -> tuple[Location, ...]:
    """The locations with what may be ordered from them besides; whoever takes of that leaves them short."""
    beyond = shelves.beyond
    found = places.locations(skus, {key: units + beyond.get(key, 0) for key, units in shelves.there.items()})
    return tuple([evolve(place, stock=tuple([_stretched(place.id, shelf, beyond) for shelf in place.stock])) for place in found])


def _stretched(place: str, shelf: OnShelf, beyond: Mapping[str, int]) -> OnShelf:
    return evolve(shelf, target=shelf.target + beyond.get(place_key(place, shelf.sku), 0))


def _bring_to(ports: Ports, key: str, limit: int, *, at: datetime) -> None:
    """Let as many be ordered without being there as the shop says; of two who do so at once one does."""
    stored = ports.storage.load(BackorderAllowed, key)
    version = 0 if stored is None else stored.version
    quota = ports.storage.quota((key,), at=at)[key]
    put, move = Put(key, BackorderAllowed(key, limit), version), Grant(key, limit - quota.granted, rank=FAR_RANK)
    with suppress(VersionConflict):
        ports.storage.commit(Changeset(Operation(f"{key}/allowed/{version}", "allow"), at, puts=(put,), moves=(move,) if move.quantity else ()))


def _told(
    ports: Ports,
    places: Places,
    wanted: tuple[Taking, ...],
    answer: Plan,
    lines: tuple[Wanted, ...],
    locations: tuple[Location, ...],
    zone: str,
    shelves: _Shelves,
    *,
    at: datetime,
) -> Sourcing:
    left, owed = dict(shelves.there), dict[str, int]()
    parts = []
    for part in sorted(answer.parts, key=lambda it: (it.line_id, it.location_id)):
        key = place_key(part.location_id, part.sku)
        awaited = max(0, part.quantity - left.get(key, 0))
        left[key] = left.get(key, 0) - (part.quantity - awaited)
        owed[key] = owed.get(key, 0) + awaited
        taking = wanted[int(part.line_id)]
        parts.append((part, taking, awaited, shelves.waiting.get(key, 0) + owed[key]))
    coming = _coming(ports, [part for part, _, awaited, _ in parts if awaited])
    return Sourcing(
        zone=zone,
        strategy=places.policy.strategy,
        parts=tuple([_part(part, it, awaited, ahead, places.keeping_of(it.sku), coming, at) for part, it, awaited, ahead in parts]),
        standing=answer.standing,
        proved=answer.proved,
        reasons=reasons(answer, lines, locations, zone=zone, policy=places.policy),
    )


def _part(
    part: Part, taking: Taking, awaited: int, ahead: int, keeping: Keeping, coming: Mapping[str, ExpectedGoods], at: datetime
) -> SourcedPart:
    """A part of the plan; `ahead` is how many are awaited from there with its own, and those come first that were promised first."""
    releases_at = keeping.releases_at if keeping.releases_at is not None and keeping.releases_at > at else None
    due_at = releases_at
    if awaited:
        expected = coming.get(expected_id(part.location_id, part.sku))
        before = (Promised(id="before", units=ahead - awaited, made_at=at),) if ahead > awaited else ()
        stock = Stock(part.sku, part.location_id, keeping=Keeping(releases_at=releases_at), promises=before)
        due_at = due_date_of(stock, awaited, () if expected is None else expected.incoming, at=at)
    return SourcedPart(place=part.location_id, line_no=taking.line_no, sku=part.sku, quantity=part.quantity, awaited=awaited, due_at=due_at)


def _coming(ports: Ports, parts: Collection[Part]) -> dict[str, ExpectedGoods]:
    """What is on its way of what is awaited; nothing is read where nothing is."""
    ids = {expected_id(part.location_id, part.sku) for part in parts}
    return {id: stored.value for id, stored in ports.storage.load_many(ExpectedGoods, ids).items()} if ids else {}
