"""Lists of links: put a value on one, take it off. What is kept is a keyed hash, so a list tells nobody who is on it.

Rules
- a value is put on a list under the first key, and taken off under every key that it may stand under;
- who is put on a list again stays on it by the newer word; one that is over counts no more, and needs no sweep;
- an order's value may be named in its stead, so that whoever looks at an order need not type what nobody may see.
"""

from __future__ import annotations

from datetime import datetime

from attrs import evolve

from shopwright.errors import InvalidValue
from shopwright.flows.checking import takes
from shopwright.flows.ports import Ports
from shopwright.flows.risk.commands import ListCommand, PutOnList, TakeOffList
from shopwright.flows.risk.gathering import listed_id
from shopwright.flows.risk.links import Hashed, hashed
from shopwright.flows.saving import operation
from shopwright.flows.trying import tried
from shopwright.payments.risk.velocities import Link
from shopwright.ports.storage import Changeset, Operation, Put
from shopwright.refusals import Refusal
from shopwright.wire.risk_kinds import Listed, OrderLinks


@takes(PutOnList)
def put_on_list(ports: Ports, command: PutOnList, *, at: datetime) -> Listed | Refusal:
    """Put a value on a list.

    Refused with `risk_link_unknown` for an order that nothing of the kind is known of. Raises `InvalidValue` for a time that is over, `KeyConflict`.
    """
    found = _meant(ports, command)
    if isinstance(found, Refusal):
        return found
    id = listed_id(command.name, found.link, found.value)
    op = _operation(ports, command, found, id)

    def attempt() -> Listed | Refusal:
        done = ports.storage.answered(op) is not None
        stored = ports.storage.load(Listed, id)
        if stored is not None and done:
            return stored.value
        if command.until is not None and command.until <= at:
            raise InvalidValue(f"expected a time to come, or none for good, got {command.until} at {at}")
        listed = Listed(id=id, name=command.name, link=found.link, by=command.by, at=at, until=command.until, why=command.why)
        result = ports.storage.commit(Changeset(op, at, puts=(Put(id, listed, 0 if stored is None else stored.version),)))
        return result if isinstance(result, Refusal) else listed

    return tried(ports.storage, attempt)


@takes(TakeOffList)
def take_off_list(ports: Ports, command: TakeOffList, *, at: datetime) -> Listed | Refusal:
    """Take a value off a list: from now on it counts no more. Refused with `risk_link_unknown`, and `risk_not_listed` where it did not."""
    found = _meant(ports, command)
    if isinstance(found, Refusal):
        return found
    ids = [listed_id(command.name, found.link, value) for value in (found.value, *found.older)]
    op = _operation(ports, command, found, ids[0])

    def attempt() -> Listed | Refusal:
        done = ports.storage.answered(op) is not None
        known = ports.storage.load_many(Listed, ids)
        if known and done:
            return known[next(id for id in ids if id in known)].value
        standing = {id: it for id, it in known.items() if it.value.until is None or at < it.value.until}
        if not standing:
            return Refusal("risk_not_listed", f"this {found.link} does not stand on the list {command.name}", {"list": command.name})
        ended = {id: evolve(it.value, until=at) for id, it in standing.items()}
        result = ports.storage.commit(Changeset(op, at, puts=tuple([Put(id, it, standing[id].version) for id, it in sorted(ended.items())])))
        return result if isinstance(result, Refusal) else ended[next(id for id in ids if id in ended)]

    return tried(ports.storage, attempt)


def _meant(ports: Ports, command: ListCommand) -> Hashed | Refusal:
    """The link that a command means."""
    if command.value:
        return hashed(ports, command.link, command.value)
    stored = ports.storage.load(OrderLinks, command.order_id)
    value = "" if stored is None else _seen(stored.value, command.link)
    if not value:
        return Refusal("risk_link_unknown", f"no {command.link} is known of order {command.order_id!r}", {"order": command.order_id})
    return Hashed(command.link, value)


def _seen(links: OrderLinks, link: Link) -> str:
    cards = [value for _, value in links.cards] if link is Link.CARD else []
    return dict(links.links).get(link, "") or next(iter(reversed(cards)), "")


def _operation(ports: Ports, command: ListCommand, found: Hashed, answer: str) -> Operation:
    """The operation of a command, known by the hash and not by what was typed."""
    return operation(ports, evolve(command, value=found.value, order_id=""), answer)
