"""What a warehouse does to the stock of one sku at one place: each verb is one changeset of quota, movements and what is kept."""

from __future__ import annotations

from datetime import datetime

from shopwright.flows.checking import takes
from shopwright.flows.inventory import commands as c
from shopwright.flows.inventory.saving import take
from shopwright.flows.ports import Ports
from shopwright.inventory import place_keeping as keeping
from shopwright.inventory.place_stock import StockStanding
from shopwright.inventory.shelves import Shelf, Step
from shopwright.refusals import Refusal


@takes(c.ReceiveGoods)
def receive_goods(ports: Ports, command: c.ReceiveGoods, *, at: datetime) -> StockStanding | Refusal:
    """Goods come in. Raises `InvalidValue` for a place that the shop does not have."""
    told = {"units": command.units, "cost": command.cost}
    return take(
        ports,
        command,
        lambda it: keeping.receive(it, lots=command.lots, source=command.source, reason=command.reason, at=at, **told),
        opened=True,
        at=at,
    )


@takes(c.TakeBackGoods)
def take_back_goods(ports: Ports, command: c.TakeBackGoods, *, at: datetime) -> StockStanding | Refusal:
    """Goods that were sold come back. Raises `InvalidValue` for a place that the shop does not have."""
    told = {"units": command.units, "cost": command.cost}
    return take(
        ports,
        command,
        lambda it: keeping.take_back(it, lots=command.lots, source=command.source, reason=command.reason, at=at, **told),
        opened=True,
        at=at,
    )


@takes(c.FindGoods)
def find_goods(ports: Ports, command: c.FindGoods, *, at: datetime) -> StockStanding | Refusal:
    """Units are written on. Raises `InvalidValue` for a place that the shop does not have."""
    told = {"units": command.units, "cost": command.cost}
    return take(ports, command, lambda it: keeping.write_on(it, lots=command.lots, reason=command.reason, at=at, **told), opened=True, at=at)


@takes(c.WriteOffGoods)
def write_off_goods(ports: Ports, command: c.WriteOffGoods, *, at: datetime) -> StockStanding | Refusal:
    """Units are written off. Refused with `stock_short`."""
    return take(ports, command, lambda it: keeping.write_off(it, command.units, reason=command.reason, lot_id=command.lot_id, at=at), at=at)


@takes(c.DamageGoods)
def damage_goods(ports: Ports, command: c.DamageGoods, *, at: datetime) -> StockStanding | Refusal:
    """Units are broken, lost or stolen. Refused with `stock_short`."""
    return take(ports, command, lambda it: keeping.damage(it, command.units, reason=command.reason, lot_id=command.lot_id, at=at), at=at)


@takes(c.CountGoods)
def count_goods(ports: Ports, command: c.CountGoods, *, at: datetime) -> StockStanding | Refusal:
    """What differs from what was counted comes or goes. Raises `InvalidValue` for a place that the shop does not have."""
    return take(
        ports, command, lambda it: keeping.count(it, units=command.units, lots=command.lots, reason=command.reason, at=at), opened=True, at=at
    )


@takes(c.SetAsideGoods)
def set_aside_goods(ports: Ports, command: c.SetAsideGoods, *, at: datetime) -> StockStanding | Refusal:
    """Units are not for sale for now. Refused with `aside_exists` and `stock_short`."""

    def decide(it: Shelf) -> Step | Refusal:
        return keeping.set_aside(it, command.aside_id, command.units, reason=command.reason, lot_id=command.lot_id, at=at)

    return take(ports, command, decide, at=at)


@takes(c.EndAside)
def end_aside(ports: Ports, command: c.EndAside, *, at: datetime) -> StockStanding | Refusal:
    """What was set aside is for sale again, but for what is broken. Refused with `aside_unknown` and `stock_short`."""
    return take(ports, command, lambda it: keeping.end_aside(it, command.aside_id, broken=command.broken, reason=command.reason, at=at), at=at)


@takes(c.KeepStock)
def keep_stock(ports: Ports, command: c.KeepStock, *, at: datetime) -> StockStanding | Refusal:
    """How a stock is kept at a place. Raises `InvalidValue` for a place that the shop does not have."""
    return take(ports, command, lambda it: keeping.keep(it, safety=command.safety, low=command.low, at=at), opened=True, at=at)
