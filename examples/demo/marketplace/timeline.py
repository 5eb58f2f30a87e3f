"""Sends the commands of all orders in the order of their times, as they would have come to one shop, and sweeps it every day.

Rules
- only the public flows of a shop are used, and each command has a key of its own: a replay that was cut short is run again on the same
  database and goes on where it was;
- a product is put on sale before it is first sold, and again whenever its price has changed since;
- what the shop refuses is not forced: it is told, the rest of that order's goods stay where they are, and the next order goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from attrs import field, frozen

from marketplace import mapping
from marketplace.mapping import CHANNEL, IMPORT, Step
from marketplace.source import Marketplace, Sale
from shopwright import (
    CancelOrder,
    DeliverShipment,
    DispatchShipment,
    PutProduct,
    RecordPayment,
    Refusal,
    ShipOrder,
    Shop,
    Terms,
)
from shopwright.errors import IllegalTransition
from shopwright.flows.commands import NoteException, OrderCommand

TERMS = Terms(payment_window=timedelta(days=36_500), complete_after=timedelta(days=7), tolerance=2)
"""Nothing expires, since the files tell of no order that did; an order completes a week after it arrived; two cents may be missing."""

SWEEP_EVERY = timedelta(days=1)

_VERBS: dict[type, Callable[[Shop], Callable[..., Any]]] = {
    RecordPayment: lambda shop: shop.payments.record,
    ShipOrder: lambda shop: shop.shipping.ship,
    DispatchShipment: lambda shop: shop.shipping.dispatch,
    DeliverShipment: lambda shop: shop.shipping.deliver,
    CancelOrder: lambda shop: shop.orders.cancel,
    NoteException: lambda shop: shop.orders.note,
}
_GOODS = (ShipOrder, DispatchShipment, DeliverShipment)


@frozen(kw_only=True)
class Refused:
    """A command that the shop said no to."""

    sale: Sale
    command: str
    refusal: Refusal


@frozen(kw_only=True)
class Replayed:
    """What became of a replay: how many orders were placed, how many payments were kept as loose money, and what was refused."""

    placed: int
    loose: int
    completed: int
    commands: int
    refused: tuple[Refused, ...]


@frozen
class _Shelf:
    """What is on sale at which price, so that a product is put again only when its price has changed."""

    shop: Shop
    market: Marketplace
    prices: dict[str, tuple[int, int]] = field(factory=dict)

    def fill(self, sale: Sale) -> None:
        """Put what this order buys on sale, at the price that it was bought for."""
        for item in sale.items:
            sku = mapping.sku(self.market, item)
            price, version = self.prices.get(sku, (-1, 0))
            if price == item.price:
                continue
            self.prices[sku] = (item.price, version + 1)
            product = mapping.product(sku, item, self.market.goods[item.product_id], version + 1)
            command = PutProduct(key=f"{CHANNEL}/put/{sku}/{version + 1}", by=IMPORT, product=product)
            self.shop.goods.put(command, at=sale.purchased_at)


@frozen
class Timeline:
    """One replay of one marketplace in one shop."""

    shop: Shop
    market: Marketplace
    told: Callable[[int], None] = lambda _: None
    _ids: dict[str, str] = field(factory=dict)
    _refused: list[Refused] = field(factory=list)
    _stuck: set[str] = field(factory=set)

    def run(self) -> Replayed:
        """Send everything, and sweep until nothing is left to complete."""
        shelf = _Shelf(self.shop, self.market)
        completed, done, loose = 0, 0, 0
        work = sorted(_moments(self.market.sales), key=lambda it: it[:3])
        end = work[-1][0] + TERMS.complete_after + SWEEP_EVERY if work else None
        sweep_at = work[0][0] if work else None
        for due, _, _, sale, step in work:
            while sweep_at is not None and sweep_at < due:
                completed += self._swept(sweep_at)
                sweep_at += SWEEP_EVERY
            if step is not None:
                self._sent(sale, step)
            elif sale.items:
                shelf.fill(sale)
                self._placed(sale)
            else:
                loose += self._kept(sale, "no_items")
            done += 1
            self.told(done)
        while sweep_at is not None and end is not None and sweep_at <= end:
            completed += self._swept(sweep_at)
            sweep_at += SWEEP_EVERY
        return Replayed(placed=len(self._ids), loose=loose, completed=completed, commands=done, refused=tuple(self._refused))

    def _swept(self, at: datetime) -> int:
        return self.shop.orders.sweep(at=at).completed

    def _placed(self, sale: Sale) -> None:
        order = self.shop.orders.place(mapping.place(self.market, sale), at=sale.purchased_at)
        if isinstance(order, Refusal):
            self._refused.append(Refused(sale=sale, command="PlaceOrder", refusal=order))
            self._kept(sale, f"not_placed_{order.code}"[:60])
        else:
            self._ids[sale.id] = order.id

    def _kept(self, sale: Sale, reason: str) -> int:
        kept = mapping.loose(sale, reason=reason)
        for at, command in kept:
            self.shop.payments.keep_loose(command, at=at)
        return len(kept)

    def _sent(self, sale: Sale, step: Step) -> None:
        order_id = self._ids.get(sale.id)
        if order_id is None:
            return
        command = step.make(order_id)
        if sale.id in self._stuck and isinstance(command, _GOODS):
            return
        try:
            answer = _VERBS[type(command)](self.shop)(command, at=step.at)
        except IllegalTransition as error:  # what the files tell of an order need not make sense for one that stands where it does
            answer = Refusal("illegal_transition", str(error))
        if isinstance(answer, Refusal):
            self._no(sale, command, answer, step.at)

    def _no(self, sale: Sale, command: OrderCommand, refusal: Refusal, at: datetime) -> None:
        """Tell of a refusal, on the order too; goods that could not be sent cannot arrive."""
        self._stuck.add(sale.id)
        name = type(command).__name__
        self._refused.append(Refused(sale=sale, command=name, refusal=refusal))
        facts = (("command", name), ("code", refusal.code))
        note = NoteException(key=f"{command.key}/refused", by=IMPORT, order_id=command.order_id, code="refused", facts=facts, on_record=True)
        self.shop.orders.note(note, at=at)


Moment = tuple[datetime, int, int, Sale, Step | None]


def _moments(sales: tuple[Sale, ...]) -> Iterator[Moment]:
    """Each thing to be done: when, for which order, as which step of it; no step stands for placing it, or for keeping its money."""
    for place, sale in enumerate(sales):
        yield sale.purchased_at, place, 0, sale, None
        if sale.items:
            for number, step in enumerate(mapping.course(sale), 1):
                yield step.due, place, number, sale, step


def moments(market: Marketplace) -> int:
    """How many things a replay of this marketplace has to do."""
    return sum(1 for _ in _moments(market.sales))
