"""Goods on their way from one place to another.

Rules
- SHELF-7: what left is what arrives, is lost or is still on its way, unit by unit, lot by lot and to the last unit of its cost;
- goods on their way are in neither place, and nobody is promised them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import evolve, field, frozen

from shopwright.catalog.products import MAX_SKU
from shopwright.edges import MOST, aware, identifier, maybe, members, text, whole
from shopwright.errors import InvalidValue
from shopwright.inventory.keys import MAX_PLACE
from shopwright.inventory.stock_lots import StockLot, StockLots, first_units, in_turn, units_of
from shopwright.money.allocation import allocate
from shopwright.refusals import Refusal


@frozen
class TransferLine:
    """So many units of a sku."""

    sku: str = field(validator=identifier(most=MAX_SKU))
    units: int = field(validator=whole(least=1, most=MOST))


@frozen(kw_only=True)
class Sent:
    """Units of a sku that left, the lots that they were in, what they cost in minor units, and how many arrived, `None` while on their way."""

    sku: str = field(validator=identifier(most=MAX_SKU))
    units: int = field(validator=whole(least=1, most=MOST))
    lots: StockLots = field(default=(), validator=members(StockLot))
    cost: int = field(default=0, validator=whole(least=0, most=MOST))
    arrived: int | None = field(default=None, validator=maybe(whole(least=0, most=MOST)))

    @property
    def came(self) -> tuple[int, StockLots, int]:
        """The units that arrived: how many without lots, the lots of the others, and what all of them cost; what expires last is what is lost."""
        arrived = self.arrived or 0
        lots = first_units(in_turn(self.lots), arrived)
        cost = allocate(self.cost, (arrived, self.units - arrived))[0]
        return arrived - units_of(lots), lots, cost


@frozen(kw_only=True)
class StockTransfer:
    """A transfer from place to place; `arrived_at` is `None` while its goods are on their way."""

    id: str = field(validator=identifier(most=60))
    from_place: str = field(validator=text(most=MAX_PLACE))
    to_place: str = field(validator=text(most=MAX_PLACE))
    goods: tuple[Sent, ...] = field(validator=members(Sent, least=1))
    reason: str = field(default="", validator=text(most=1_000))
    sent_at: datetime = field(validator=aware)
    arrived_at: datetime | None = field(default=None, validator=maybe(aware))

    @property
    def lost(self) -> int:
        """How many units did not arrive."""
        return sum([it.units - it.arrived for it in self.goods if it.arrived is not None])

    @property
    def under_way(self) -> int:
        """How many units are in neither place."""
        return sum([it.units for it in self.goods if it.arrived is None])


def arrived(transfer: StockTransfer, lines: Sequence[TransferLine] | None, *, at: datetime) -> StockTransfer | Refusal:
    """The transfer with its goods arrived, all of them or those of `lines`; the others are lost.

    Refused with `transfer_arrived` where it has before, and with `stock_short` for more of a sku than was sent.
    """
    if transfer.arrived_at is not None:
        return Refusal("transfer_arrived", f"transfer {transfer.id} arrived before", {"transfer": transfer.id})
    came = {it.sku: it.units for it in (transfer.goods if lines is None else lines)}
    sent = {it.sku: it.units for it in transfer.goods}
    for sku, units in came.items():
        if sent.get(sku, 0) < units:
            facts: dict[str, str | int] = {"place": transfer.to_place, "sku": sku, "wanted": units, "available": sent.get(sku, 0)}
            return Refusal("stock_short", f"{units} of {sku} are said to have arrived and {sent.get(sku, 0)} were sent", facts)
    goods = tuple([evolve(it, arrived=came.get(it.sku, 0)) for it in transfer.goods])
    return evolve(transfer, goods=goods, arrived_at=at)


def require_lines(lines: Sequence[TransferLine]) -> None:
    """Raises `InvalidValue` where a sku is named twice."""
    skus = [line.sku for line in lines]
    if len(set(skus)) < len(skus):
        raise InvalidValue(f"expected each sku of a transfer once, got {', '.join(skus)}; add the numbers up first")
