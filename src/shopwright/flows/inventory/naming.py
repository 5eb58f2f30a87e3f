"""Say which units of a sku with serial numbers an order got: when they are packed, and not before."""

from __future__ import annotations

from datetime import datetime

from shopwright.flows.checking import takes
from shopwright.flows.inventory.commands import NameUnits
from shopwright.flows.inventory.following import book_orders
from shopwright.flows.inventory.looking import sold_of
from shopwright.flows.inventory.saving import StockChanges, changes_of, read_shelf, take_many
from shopwright.flows.ports import Ports
from shopwright.inventory.keys import place_key
from shopwright.inventory.place_keeping import name_units
from shopwright.inventory.sold import SoldGoods
from shopwright.ports.storage import Put
from shopwright.refusals import Refusal


@takes(NameUnits)
def name_packed_units(ports: Ports, command: NameUnits, *, at: datetime) -> SoldGoods | Refusal:
    """These units were packed for an order; what is booked of it, followed up to now.

    Refused with `serials_above_sold` (facts: `order`, `sku`, `wanted`, `sold`) for more than the order took there and are not named yet, and with
    `serials_unknown` where not all of them are there.
    """
    key = place_key(command.place, command.sku)

    def decide() -> StockChanges | Refusal:
        book_orders(ports, (command.order_id,), at=at)
        stored = ports.storage.load(SoldGoods, command.order_id)
        part = None if stored is None else stored.value.part(key)
        if stored is None or part is None or part.unnamed < len(command.serials):
            return _too_many(command, 0 if part is None else part.unnamed)
        shelf, version = read_shelf(ports, command.place, command.sku, at=at)
        step = name_units(shelf, command.serials, source=command.order_id, at=at)
        if isinstance(step, Refusal):
            return step
        sold = stored.value.with_lots(key, step.left_lots)
        return changes_of(step, version).plus(StockChanges((Put(command.order_id, sold, stored.version),)))

    refused = take_many(ports, command, command.order_id, decide, at=at)
    return sold_of(ports, command.order_id) if refused is None else refused


def _too_many(command: NameUnits, sold: int) -> Refusal:
    wanted = len(command.serials)
    facts: dict[str, str | int] = {"order": command.order_id, "sku": command.sku, "wanted": wanted, "sold": sold}
    return Refusal("serials_above_sold", f"{wanted} serial numbers of {command.sku} are named and {sold} units are without one", facts)
