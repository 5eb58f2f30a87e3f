"""What an order counts for tiers, told from its history alone: a deed once it counts, and what of it is undone as money and goods go back.

    for number, fact in deeds_of(events, currency="EUR", counts=CountWhen.COMPLETED): ...

Rules
- DEEDS-1: the same history gives the same facts under the same ids, whenever and however often it is read, and a longer history only adds to them;
- DEEDS-2: what counts is what the buyer paid and still owes, whichever is less, but for what was paid by methods that are left out;
- an order counts as one until nothing of it is left; one in another currency counts as an order, and nothing is spent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from attrs import evolve as changed
from attrs import frozen

from shopwright.errors import InvalidValue
from shopwright.loyalty.growth import CountWhen
from shopwright.loyalty.qualifying import Deed, Undone
from shopwright.orders.events import OrderEvent, OrderPlaced
from shopwright.orders.evolve import begin, evolve
from shopwright.orders.order import Order
from shopwright.orders.states import OrderState


@frozen
class _Worth:
    """What an order counts at a moment."""

    spend: int
    orders: int


def deeds_of(
    events: Iterable[OrderEvent], *, currency: str, counts: CountWhen, leave_out: Iterable[str] = ()
) -> Iterator[tuple[int, Deed | Undone]]:
    """The facts of a history with the number of the event that made each. Raises `InvalidValue` for one that does not begin with `OrderPlaced`."""
    out = frozenset(leave_out)
    order: Order | None = None
    open_: list[Deed] = []
    before = _Worth(0, 0)
    for number, event in enumerate(events, 1):
        order = begin(event) if order is None and isinstance(event, OrderPlaced) else evolve(_begun(order), event)
        if not open_ and not _counts(order, counts):
            continue
        now = _worth(order, currency, counts, out)
        if not open_ or now.spend > before.spend or now.orders > before.orders:
            deed = _more(order.id if not open_ else f"{order.id}/{number}", event.at, before, now)
            open_.append(deed)
            yield number, deed
        for undone in _less(f"{order.id}/{number}", event.at, open_, before, now):
            yield number, undone
        before = now


def _begun(order: Order | None) -> Order:
    if order is None:
        raise InvalidValue("a history begins with OrderPlaced")
    return order


def _counts(order: Order, counts: CountWhen) -> bool:
    if counts is CountWhen.CONFIRMED:
        return order.confirmed_at is not None
    return order.state is OrderState.COMPLETED


def worth_of(order: Order, *, leave_out: Iterable[str] = (), promised: bool = False) -> int:
    """What a buyer paid for an order and still owes, whichever is less, in minor units (DEEDS-2); with `promised` also what is sure to come."""
    out = frozenset(leave_out)
    told = [(it.expected if promised else it.net, it.tender.method in out) for it in order.payments]
    left_out = sum([amount for amount, is_out in told if is_out])
    return max(0, min(order.owed, sum([amount for amount, _ in told])) - left_out)


def _worth(order: Order, currency: str, counts: CountWhen, leave_out: frozenset[str]) -> _Worth:
    there = order.state is not OrderState.CANCELED and any(line.quantity > line.buckets.gone for line in order.lines)
    spend = worth_of(order, leave_out=leave_out, promised=counts is CountWhen.CONFIRMED) if order.currency == currency else 0
    kept = there and (order.owed > 0 or order.total.minor == 0)
    return _Worth(spend if there else 0, 1 if kept else 0)


def _more(id: str, at: datetime, before: _Worth, now: _Worth) -> Deed:
    return Deed(id=id, at=at, spend=max(0, now.spend - before.spend), orders=max(0, now.orders - before.orders))


def _less(id: str, at: datetime, open_: list[Deed], before: _Worth, now: _Worth) -> Iterator[Undone]:
    """What is undone, of the last deeds first, of each no more than is left of it."""
    spend, orders = max(0, before.spend - now.spend), max(0, before.orders - now.orders)
    for place in range(len(open_) - 1, -1, -1):
        deed = open_[place]
        less, fewer = min(spend, deed.spend), min(orders, deed.orders)
        if less or fewer:
            spend, orders = spend - less, orders - fewer
            open_[place] = changed(deed, spend=deed.spend - less, orders=deed.orders - fewer)
            yield Undone(id=f"{id}/{place}" if place else id, of=deed.id, at=at, spend=less, orders=fewer)
