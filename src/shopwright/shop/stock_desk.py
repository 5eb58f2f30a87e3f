"""The desk of the warehouse: what comes in, moves, is counted and is lost, and how all of it stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from attrs import frozen

from shopwright.errors import InvalidValue
from shopwright.flows.inventory import commands as c
from shopwright.flows.inventory import following, keeping, looking, naming, transferring
from shopwright.flows.sweeping import Progress
from shopwright.inventory.place_stock import PlaceStock, StockStanding
from shopwright.inventory.sold import SoldGoods
from shopwright.inventory.transfers import StockTransfer
from shopwright.ports.storage import Page, Query, Recorded, Stored
from shopwright.refusals import Refusal
from shopwright.shop.desks import Desk


@frozen
class StockDesk(Desk):
    """Stock at all places of a shop. What a verb answers is how the stock stands afterwards."""

    def receive(self, command: c.ReceiveGoods, *, at: datetime | None = None) -> StockStanding | Refusal:
        """Goods come in, with what they cost and in lots where they expire."""
        return keeping.receive_goods(self.ports, command, at=self._at(at))

    def take_back(self, command: c.TakeBackGoods, *, at: datetime | None = None) -> StockStanding | Refusal:
        """Goods that were sold come back."""
        return keeping.take_back_goods(self.ports, command, at=self._at(at))

    def find_goods(self, command: c.FindGoods, *, at: datetime | None = None) -> StockStanding | Refusal:
        """Write units on."""
        return keeping.find_goods(self.ports, command, at=self._at(at))

    def write_off(self, command: c.WriteOffGoods, *, at: datetime | None = None) -> StockStanding | Refusal:
        """Write units off. Refused with `stock_short`."""
        return keeping.write_off_goods(self.ports, command, at=self._at(at))

    def damage(self, command: c.DamageGoods, *, at: datetime | None = None) -> StockStanding | Refusal:
        """Units are broken, lost or stolen. Refused with `stock_short`."""
        return keeping.damage_goods(self.ports, command, at=self._at(at))

    def count(self, command: c.CountGoods, *, at: datetime | None = None) -> StockStanding | Refusal:
        """Bring the books to what was counted."""
        return keeping.count_goods(self.ports, command, at=self._at(at))

    def set_aside(self, command: c.SetAsideGoods, *, at: datetime | None = None) -> StockStanding | Refusal:
        """Take units off sale for now. Refused with `aside_exists` and `stock_short`."""
        return keeping.set_aside_goods(self.ports, command, at=self._at(at))

    def end_aside(self, command: c.EndAside, *, at: datetime | None = None) -> StockStanding | Refusal:
        """Put what was set aside on sale again, but for what is broken. Refused with `aside_unknown` and `stock_short`."""
        return keeping.end_aside(self.ports, command, at=self._at(at))

    def keep(self, command: c.KeepStock, *, at: datetime | None = None) -> StockStanding | Refusal:
        """Say how many are kept for safety, and below how many it is told."""
        return keeping.keep_stock(self.ports, command, at=self._at(at))

    def name_units(self, command: c.NameUnits, *, at: datetime | None = None) -> SoldGoods | Refusal:
        """Say which serial numbers an order got. Refused with `serials_above_sold` and `serials_unknown`."""
        return naming.name_packed_units(self.ports, command, at=self._at(at))

    def send(self, command: c.SendTransfer, *, at: datetime | None = None) -> StockTransfer | Refusal:
        """Goods leave for another place. Refused with `transfer_exists` and `stock_short`."""
        return transferring.send_transfer(self.ports, command, at=self._at(at))

    def arrive(self, command: c.ReceiveTransfer, *, at: datetime | None = None) -> StockTransfer | Refusal:
        """Goods of a transfer arrive. Refused with `transfer_unknown`, `transfer_arrived` and `stock_short`."""
        return transferring.receive_transfer(self.ports, command, at=self._at(at))

    def transfer(self, transfer_id: str) -> StockTransfer | Refusal:
        """A transfer. Refused with `transfer_unknown`."""
        return transferring.transfer_of(self.ports, transfer_id)

    def standings(
        self, skus: Iterable[str], *, places: Sequence[str] | None = None, at: datetime | None = None
    ) -> dict[str, tuple[StockStanding, ...]]:
        """How skus stand at each place, all of the shop unless some are named. Raises `InvalidValue` for what is no sku."""
        return looking.standings(self.ports, skus, places=places, at=self._at(at))

    def find(self, query: Query[PlaceStock]) -> Page[Stored[PlaceStock]]:
        """What is kept of stock, by place, sku, expiry or what is `unsettled`, page by page. Raises `InvalidValue` for a query for anything else."""
        if getattr(query, "kind", None) is not PlaceStock:
            raise InvalidValue(f"expected a Query(PlaceStock, ...), got {query!r}")
        return self.ports.storage.find(query)

    def movements(self, sku: str, *, place: str = "") -> tuple[Recorded, ...]:
        """All that happened to a stock and was told of it, oldest first."""
        return looking.movements(self.ports, place, sku)

    def sold(self, order_id: str) -> SoldGoods:
        """What is booked of an order: the stocks, the lots and the cost of what it took."""
        return looking.sold_of(self.ports, order_id)

    def value(self, *, place: str | None = None, skus: Iterable[str] | None = None) -> looking.StockValue:
        """What stock is worth, as far as it is booked: of all places or one, of all skus or some."""
        return looking.value_of(self.ports, place=place, skus=skus)

    def follow(self, *, at: datetime | None = None, limit: int = 100) -> int:
        """Book what orders took and gave back; how many events were read, 0 when there is nothing new."""
        return following.follow_stock(self.ports, at=self._at(at), limit=limit)

    def sweep(self, *, at: datetime | None = None, limit: int = 10_000, progress: Progress | None = None) -> int:
        """Set aside what has expired, and settle what is low or missing; how many stocks that were."""
        return following.sweep_stock(self.ports, at=self._at(at), limit=limit, progress=progress)
