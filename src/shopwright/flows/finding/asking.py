"""Who looks for which orders, with what a filter alone does not tell: every id of a buyer, and phones that have to be opened."""

from __future__ import annotations

from attrs import evolve, frozen

from shopwright.errors import InvalidValue
from shopwright.flows.finding.phones import tail_of
from shopwright.flows.ports import Ports
from shopwright.members.actors import Actor, ActorKind
from shopwright.members.member import Member
from shopwright.orders.finding import OrderFilter, meets
from shopwright.orders.order import Order


@frozen
class Asked:
    """A filter as it is asked: `wanted` without buyer and phone, the ids of the buyer (none for any), and the end of the phone."""

    wanted: OrderFilter
    buyer_ids: tuple[str, ...] = ()
    phone_tail: str = ""

    def met(self, ports: Ports, order: Order) -> bool:
        """Whether an order is one of those. Raises `VaultMissing`, `SealBroken` and `MasterKeyMissing` for a phone that cannot be opened."""
        if (self.buyer_ids and order.buyer_id not in self.buyer_ids) or not meets(order, self.wanted):
            return False
        return not self.phone_tail or tail_of(ports, order) == self.phone_tail


def asked(ports: Ports, wanted: OrderFilter, by: Actor) -> Asked | None:
    """What somebody asks for; `None` where a customer asks for the orders of somebody else."""
    if not isinstance(wanted, OrderFilter):
        raise InvalidValue(f"expected an OrderFilter, got {type(wanted).__name__}")
    if not isinstance(by, Actor):
        raise InvalidValue(f"expected `by` to be an Actor, got {type(by).__name__}; make one with customer(id) or staff(id)")
    ids = _ids_of(ports, wanted.buyer_id)
    if by.kind is ActorKind.CUSTOMER:
        mine = _ids_of(ports, by.id)
        ids = tuple([id for id in ids or mine if id in mine])
        if not ids:
            return None
    return Asked(evolve(wanted, buyer_id="", phone_tail=""), ids, wanted.phone_tail)


def _ids_of(ports: Ports, buyer_id: str) -> tuple[str, ...]:
    """Every id of a buyer: those of the guests and of the other records that a member was, too."""
    if not buyer_id or ports.vault is None:
        return (buyer_id,) if buyer_id else ()
    stored = ports.storage.load(Member, buyer_id)
    return (buyer_id,) if stored is None else stored.value.ids
