"""Orders that take stock at places, written as the flows write them, and what must hold of all stock in a store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache

from attrs import evolve

from shopwright import Refusal
from shopwright.adapters.memory import MemoryStorage
from shopwright.inventory import Costing, Movement, MovementKind, StockLot, valued
from shopwright.inventory.place_stock import PlaceStock
from shopwright.inventory.sold import SoldGoods
from shopwright.inventory.stock_lots import first_units, in_turn, joined, units_of, without
from shopwright.inventory.transfers import StockTransfer
from shopwright.orders.events import Claim, ClaimChanged, ClaimReduced, ClaimState, OrderEvent, OrderPlaced
from shopwright.orders.order import Order
from shopwright.ports.quotas import CommitHold, Give, QuotaMove, ReleaseHold, Reserve
from shopwright.ports.storage import Changeset, Operation, Put, Query, Record, Storage
from shopwright.wire.kinds import EVENTS, KINDS
from shopwright.wire.stock_kinds import STOCK
from tests.flows.mall import Mall, placed


@cache
def _template() -> tuple[Order, OrderPlaced]:
    """An order that was placed, and the event that placed it."""
    mall = Mall(MemoryStorage(KINDS))
    order = placed(mall.shop)
    return order, mall.shop.orders.history(order.id)[0].value


Items = tuple[tuple[str, int], ...]


def hold(storage: Storage, order_id: str, items: Items, *, until: datetime, at: datetime) -> Refusal | None:
    """Place an order that holds these units, by the keys of their quotas; the refusal where they are not free."""
    order, event = _template()
    order = evolve(order, id=order_id, number=order_id, claim=Claim(ClaimState.HELD, items), due_at=until, event_count=1)
    event = evolve(event, order_id=order_id, number=order_id, claim=order.claim, due_at=until)
    return _write(storage, order, 0, event, (Reserve(order_id, items, until),), at)


def pay(storage: Storage, order_id: str, *, at: datetime) -> Refusal | None:
    """Turn what an order holds into use."""
    return _change(storage, order_id, ClaimChanged(state=ClaimState.USED, at=at), (CommitHold(order_id),), at)


def cancel(storage: Storage, order_id: str, *, at: datetime) -> Refusal | None:
    """Give back all that an order holds or uses."""
    stored = storage.load(Order, order_id)
    assert stored is not None
    claim = stored.value.claim
    moves: tuple[QuotaMove, ...] = (ReleaseHold(order_id),)
    if claim.state is ClaimState.USED:
        moves = tuple([Give(key, units) for key, units in claim.items])
    return _change(storage, order_id, ClaimChanged(state=ClaimState.RELEASED, at=at), moves, at)


def reduce(storage: Storage, order_id: str, key: str, *, at: datetime) -> Refusal | None:
    """Give back one unit of what an order uses."""
    stored = storage.load(Order, order_id)
    assert stored is not None
    items = tuple([(it, units - (it == key)) for it, units in stored.value.claim.items if units > (it == key)])
    return _change(storage, order_id, ClaimReduced(items=items, at=at), (Give(key, 1),), at)


def stocks_of(storage: Storage) -> dict[str, PlaceStock]:
    """All that is kept of stock, by the key of the quota."""
    return {stored.value.key: stored.value for stored in storage.find(Query(PlaceStock, limit=1_000)).items}


def movements_of(storage: Storage, key: str) -> list[Movement]:
    """All movements of a stock."""
    return [it.value for it in storage.read(STOCK, key=key, limit=1_000) if isinstance(it.value, Movement)]


def check_stock(storage: Storage, at: datetime, *, followed: bool = False) -> None:
    """SHELF-1 and what else holds of all stock, whatever was done; more of it once all orders are followed."""
    stocks = stocks_of(storage)
    quotas = storage.quota(list(stocks) or ["stock/none"], at=at)
    for key, stock in stocks.items():
        moved, quota = movements_of(storage, key), quotas[key]
        assert sum(it.change for it in moved) == stock.on_hand, key
        assert valued(moved, Costing.FIFO) == stock.worth, key
        assert quota.free >= 0, key
        assert quota.held >= stock.kept + stock.set_aside, key
        assert stock.granted <= quota.granted, key
        if followed:
            assert stock.on_hand == quota.granted - quota.used - stock.missing, key
        else:
            assert stock.on_hand + quota.granted - stock.granted >= quota.granted - quota.used - stock.missing - _given_back(storage, key), key
    for stored in storage.find(Query(StockTransfer, limit=1_000)).items:
        transfer = stored.value
        arrived = sum(it.arrived or 0 for it in transfer.goods)
        assert sum(it.units for it in transfer.goods) == arrived + transfer.lost + transfer.under_way


def _given_back(storage: Storage, key: str) -> int:
    """Units that orders gave back and that are not booked so yet."""
    booked = sum(part.units for it in storage.find(Query(SoldGoods, limit=1_000)).items for part in it.value.parts if part.key == key)
    used = sum(
        units
        for it in storage.find(Query(Order, limit=1_000)).items
        if it.value.claim.state is ClaimState.USED
        for item, units in it.value.claim.items
        if item == key
    )
    return max(0, booked - used)


def check_first_out(before: Mapping[str, PlaceStock], storage: Storage, at: datetime) -> None:
    """SHELF-4: of all that left since, what expires first left first, and what had expired last."""
    for key, stock in stocks_of(storage).items():
        was = before.get(key)
        if stock.asides != (() if was is None else was.asides):
            continue  # what is set aside leaves the lots without a movement
        lots = () if was is None else was.lots
        told = movements_of(storage, key)
        new = told[_count(storage, key, was) :]
        for movement in new:
            if movement.kind in {MovementKind.SOLD, MovementKind.MOVED_OUT} and movement.taken:
                assert movement.taken == first_units(_turns(lots, at), units_of(movement.taken)), (key, stock)
            lots = joined(without(lots, movement.taken), movement.added)


def _turns(lots: tuple[StockLot, ...], at: datetime) -> tuple[StockLot, ...]:
    return tuple(sorted(in_turn(lots), key=lambda lot: lot.has_expired(at)))


def _count(storage: Storage, key: str, was: PlaceStock | None) -> int:
    """How many movements a stock had when it stood so."""
    if was is None:
        return 0
    recorded = [it for it in storage.read(STOCK, key=key, limit=1_000) if it.number <= was.count]
    return len([it for it in recorded if isinstance(it.value, Movement)])


def _change(storage: Storage, order_id: str, event: OrderEvent, moves: tuple[QuotaMove, ...], at: datetime) -> Refusal | None:
    stored = storage.load(Order, order_id)
    assert stored is not None
    before = stored.value
    claim = evolve(before.claim, items=event.items) if isinstance(event, ClaimReduced) else evolve(before.claim, state=event.state)  # type: ignore[union-attr]
    return _write(storage, evolve(before, claim=claim, event_count=before.event_count + 1), stored.version, event, moves, at)


def _write(storage: Storage, order: Order, expected: int, event: OrderEvent, moves: tuple[QuotaMove, ...], at: datetime) -> Refusal | None:
    record = Record(EVENTS, order.id, order.event_count, event)
    op = Operation(f"{order.id}/{order.event_count}", "deed")
    result = storage.commit(Changeset(op, at, puts=(Put(order.id, order, expected),), moves=moves, records=(record,)))
    return result if isinstance(result, Refusal) else None
