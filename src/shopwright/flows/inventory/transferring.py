"""Move goods from place to place, in two steps: out and in. Between them they are in neither place."""

from __future__ import annotations

from datetime import datetime

from shopwright.flows.checking import takes
from shopwright.flows.inventory.commands import ReceiveTransfer, SendTransfer
from shopwright.flows.inventory.saving import StockChanges, changes_of, read_shelves, require_open, take_many
from shopwright.flows.ports import Ports
from shopwright.inventory.keys import place_key
from shopwright.inventory.movements import Movement
from shopwright.inventory.place_keeping import move_in, move_out
from shopwright.inventory.shelves import Step
from shopwright.inventory.transfers import Sent, StockTransfer, arrived
from shopwright.ports.storage import Put
from shopwright.refusals import Refusal


@takes(SendTransfer)
def send_transfer(ports: Ports, command: SendTransfer, *, at: datetime) -> StockTransfer | Refusal:
    """Goods leave for another place, all or none.

    Refused with `transfer_exists` (fact: `transfer`), and with `stock_short` where so many are not free. Raises `InvalidValue` for a place that the
    shop does not have; from one that it had they can be sent.
    """
    keys = {line.sku: place_key(command.from_place, line.sku) for line in command.lines}

    def decide() -> StockChanges | Refusal:
        require_open(ports, command.to_place)
        if ports.storage.load(StockTransfer, command.transfer_id) is not None:
            return Refusal("transfer_exists", f"there is a transfer {command.transfer_id}", {"transfer": command.transfer_id})
        shelves, changes, goods = read_shelves(ports, keys.values(), at=at), StockChanges(), []
        for line in command.lines:
            shelf, version = shelves[keys[line.sku]]
            step = move_out(shelf, line.units, source=command.transfer_id, at=at)
            if isinstance(step, Refusal):
                return step
            goods.append(_sent(step, line.sku))
            changes = changes.plus(changes_of(step, version))
        transfer = StockTransfer(
            id=command.transfer_id,
            from_place=command.from_place,
            to_place=command.to_place,
            goods=tuple(goods),
            reason=command.reason,
            sent_at=at,
        )
        return changes.plus(StockChanges((Put(transfer.id, transfer),)))

    refused = take_many(ports, command, command.transfer_id, decide, at=at)
    return transfer_of(ports, command.transfer_id) if refused is None else refused


@takes(ReceiveTransfer)
def receive_transfer(ports: Ports, command: ReceiveTransfer, *, at: datetime) -> StockTransfer | Refusal:
    """Goods of a transfer arrive, in the lots and at the cost with which they left.

    Refused with `transfer_unknown`, `transfer_arrived` (fact: `transfer`), and `stock_short` for more than were sent.
    """

    def decide() -> StockChanges | Refusal:
        stored = ports.storage.load(StockTransfer, command.transfer_id)
        if stored is None:
            return _unknown(command.transfer_id)
        transfer = arrived(stored.value, command.arrived, at=at)
        if isinstance(transfer, Refusal):
            return transfer
        came = [it for it in transfer.goods if it.arrived]
        keys = {it.sku: place_key(transfer.to_place, it.sku) for it in came}
        shelves = read_shelves(ports, keys.values(), at=at)
        changes = StockChanges((Put(transfer.id, transfer, stored.version),))
        for sent in came:
            shelf, version = shelves[keys[sent.sku]]
            units, lots, cost = sent.came
            changes = changes.plus(changes_of(move_in(shelf, units=units, lots=lots, cost=cost, source=transfer.id, at=at), version))
        return changes

    refused = take_many(ports, command, command.transfer_id, decide, at=at)
    return transfer_of(ports, command.transfer_id) if refused is None else refused


def transfer_of(ports: Ports, transfer_id: str) -> StockTransfer | Refusal:
    """A transfer. Refused with `transfer_unknown`."""
    stored = ports.storage.load(StockTransfer, transfer_id)
    return _unknown(transfer_id) if stored is None else stored.value


def _sent(step: Step, sku: str) -> Sent:
    """What left by a step."""
    (movement,) = [it for it in step.records if isinstance(it, Movement) and it.kind.value == "moved_out"]
    return Sent(sku=sku, units=movement.left, lots=movement.taken, cost=step.cost)


def _unknown(transfer_id: str) -> Refusal:
    return Refusal("transfer_unknown", f"there is no transfer {transfer_id}", {"transfer": transfer_id})
