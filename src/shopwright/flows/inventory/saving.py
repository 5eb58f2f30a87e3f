"""Stock in the store: how it is read, and what of a step is written. Other flows put stock inside a changeset of their own with it.

    shelf, version = read_shelf(ports, "hamburg", "milk", at=at)
    changes = changes_of(receive(shelf, units=5, at=at), version)
    ports.storage.commit(Changeset(op, at, puts=changes.puts, moves=changes.moves, records=changes.records))

Rules
- what is kept of a stock, its movements, what is told of it, and the moves of its quota are one changeset;
- what is kept is read before the quota: whoever changes both meanwhile has changed the version that the put names;
- a quota that falls short in the write means that an order was faster: read again, decide again, a bounded number of times.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime

from attrs import frozen

from shopwright.errors import InvalidValue, Misuse, VersionConflict
from shopwright.flows.inventory.commands import StockCommand, WarehouseCommand
from shopwright.flows.ports import Ports
from shopwright.flows.saving import operation
from shopwright.flows.trying import tried
from shopwright.inventory.keys import aside_hold, backorder_key, place_and_sku, place_key, safety_hold
from shopwright.inventory.place_stock import Guarded, PlaceStock, StockStanding, standing_of
from shopwright.inventory.places import Places
from shopwright.inventory.shelves import Shelf, Step, shelf_of
from shopwright.inventory.stock import Keeping
from shopwright.inventory.valuing import Costing, Worth
from shopwright.ports.quotas import Grant, Quota, QuotaMove, ReleaseHold, Reserve
from shopwright.ports.storage import Changeset, Operation, Put, Record
from shopwright.refusals import Refusal
from shopwright.wire.stock_kinds import STOCK

TRIES = 100
"""How often a step is decided again because an order was faster: stock that sells fast is changed at every moment."""

WITHOUT_END = datetime(9_999, 1, 1, tzinfo=UTC)
"""When a hold for safety ends: after all times that a flow may be called with."""

_ONE_PLACE = Keeping()


@frozen
class StockChanges:
    """What belongs into a changeset: documents, moves of quotas, and records."""

    puts: tuple[Put, ...] = ()
    moves: tuple[QuotaMove, ...] = ()
    records: tuple[Record, ...] = ()

    def plus(self, other: StockChanges) -> StockChanges:
        """These and others, which must be of other documents."""
        return StockChanges((*self.puts, *other.puts), (*self.moves, *other.moves), (*self.records, *other.records))


@frozen
class Decided:
    """What a decision writes, besides what it changes of stock."""

    changes: StockChanges


def read_shelf(ports: Ports, place: str, sku: str, *, at: datetime) -> tuple[Shelf, int]:
    """The stock of a sku at a place, and the version to name when it is put back."""
    return read_shelves(ports, (place_key(place, sku),), at=at)[place_key(place, sku)]


def read_shelves(ports: Ports, keys: Collection[str], *, at: datetime) -> dict[str, tuple[Shelf, int]]:
    """Stocks by the keys of their quotas, each with the version to name when it is put back."""
    stored = ports.storage.load_many(PlaceStock, keys)
    parts = {key: place_and_sku(key) for key in keys}
    beyond = {} if ports.places is None else {key: backorder_key(place, sku) for key, (place, sku) in parts.items()}
    quotas = ports.storage.quota((*keys, *beyond.values()), at=at)
    found = {}
    for key, (place, sku) in parts.items():
        stock, version = (stored[key].value, stored[key].version) if key in stored else (_new(ports.places, place, sku), 0)
        keeping = _ONE_PLACE if ports.places is None else ports.places.keeping_of(sku)
        in_lots = ports.places is not None and ports.places.has_lots(sku)
        said = _guarded(quotas[key], quotas.get(beyond.get(key, "")))
        found[key] = shelf_of(stock, said, keeping=keeping, in_lots=in_lots, at=at), version
    return found


def _guarded(quota: Quota, beyond: Quota | None) -> Guarded:
    """What the quotas of a stock say, and of what may be ordered without being there, in the words of a stock."""
    awaited = 0 if beyond is None else beyond.used + beyond.held
    return Guarded(granted=quota.granted, used=quota.used, held=quota.held, awaited=awaited)


def changes_of(step: Step, version: int) -> StockChanges:
    """What a step writes; nothing where it changes nothing."""
    if not step.changes:
        return StockChanges()
    before, after = step.before, step.stock
    first = after.count - len(step.records) + 1
    records = tuple([Record(STOCK, after.key, first + n, record) for n, record in enumerate(step.records)])
    return StockChanges((Put(after.key, after, version),), _moves(before, after, step.grant), records)


def _moves(before: PlaceStock, after: PlaceStock, grant: int) -> tuple[QuotaMove, ...]:
    """What is held for safety and aside is let go where it changes, then the quota is granted what came, and what is to be held is held anew."""
    place, sku, key = after.place, after.sku, after.key
    gone = [it for it in before.asides if after.aside(it.id) != it]
    new = [it for it in after.asides if before.aside(it.id) != it]
    kept = before.kept != after.kept
    moves: list[QuotaMove] = [ReleaseHold(aside_hold(place, sku, it.id)) for it in gone]
    moves += [ReleaseHold(safety_hold(place, sku))] if kept and before.kept else []
    moves += [Grant(key, grant)] if grant else []
    moves += [Reserve(aside_hold(place, sku, it.id), ((key, it.units),), WITHOUT_END) for it in new]
    moves += [Reserve(safety_hold(place, sku), ((key, after.kept),), WITHOUT_END)] if kept and after.kept else []
    return tuple(moves)


def take(
    ports: Ports, command: StockCommand, decide: Callable[[Shelf], Step | Refusal], *, opened: bool = False, at: datetime
) -> StockStanding | Refusal:
    """Read one stock, decide, write once; how it stands afterwards. With `opened` the shop must have the place; from one that it had goods can be
    taken away.

    Raises `InvalidValue`, `KeyConflict` and `VersionConflict`.
    """

    def changes() -> StockChanges | Refusal:
        if opened:
            require_open(ports, command.place)
        shelf, version = read_shelf(ports, command.place, command.sku, at=at)
        step = decide(shelf)
        return step if isinstance(step, Refusal) else changes_of(step, version)

    refused = take_many(ports, command, place_key(command.place, command.sku), changes, at=at)
    return look(ports, command.place, command.sku, at=at) if refused is None else refused


def take_many(ports: Ports, command: WarehouseCommand, answer: str, decide: Callable[[], StockChanges | Refusal], *, at: datetime) -> Refusal | None:
    """Decide and write once, whatever stocks it takes; a command that was done before is done. The refusal where it is refused."""
    op = operation(ports, command, answer)

    def attempt() -> Refusal | None:
        try:
            changes = decide()
        except Misuse:
            if ports.storage.answered(op) is None:
                raise
            return None
        if isinstance(changes, Refusal):
            return changes if ports.storage.answered(op) is None else None
        commit(ports, op, changes, at=at)
        return None

    return tried(ports.storage, attempt, most=TRIES)


def commit(ports: Ports, op: Operation, changes: StockChanges, *, at: datetime) -> None:
    """Write what was decided. Raises `VersionConflict` also where a quota has changed since it was read, so that it is decided again."""
    result = ports.storage.commit(Changeset(op, at, puts=changes.puts, moves=changes.moves, records=changes.records))
    if isinstance(result, Refusal):
        raise VersionConflict(f"stock changed while a step of it was decided ({result.message}); try again")


def look(ports: Ports, place: str, sku: str, *, at: datetime) -> StockStanding:
    """How the stock of a sku at a place stands."""
    shelf, _ = read_shelf(ports, place, sku, at=at)
    return standing_of(shelf.stock, shelf.guarded)


def require_open(ports: Ports, place: str) -> None:
    """Raises `InvalidValue` for a place that the shop does not have, naming those it has."""
    names: Iterable[str] = ("",) if ports.places is None else ports.places.names
    if place not in names:
        has = "one place, which has no name" if ports.places is None else ", ".join(names)
        raise InvalidValue(f"no place is named {place!r}; this shop has {has}")


def _new(places: Places | None, place: str, sku: str) -> PlaceStock:
    return PlaceStock(place=place, sku=sku, worth=Worth(Costing.FIFO if places is None else places.costing))
