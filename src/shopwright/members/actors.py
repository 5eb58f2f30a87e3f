"""Who asks. Every command carries an actor, and a customer sees nobody's orders but their own."""

from __future__ import annotations

from enum import StrEnum

from attrs import field, frozen

from shopwright.edges import of, text


class ActorKind(StrEnum):
    """In which role somebody acts."""

    CUSTOMER = "customer"
    STAFF = "staff"
    SYSTEM = "system"


@frozen
class Actor:
    """Somebody in a role; `id` is the host application's own."""

    kind: ActorKind = field(validator=of(ActorKind))
    id: str = field(validator=text(least=1))

    def sees(self, buyer_id: str) -> bool:
        """Whether this actor may know of an order of this buyer: a customer only of their own."""
        return self.kind is not ActorKind.CUSTOMER or self.id == buyer_id


SYSTEM = Actor(ActorKind.SYSTEM, "shopwright")
"""The shop itself: sweeps, notifications, recovery."""


def customer(id: str) -> Actor:
    """A customer, known by their member id (or a guest id)."""
    return Actor(ActorKind.CUSTOMER, id)


def staff(id: str) -> Actor:
    """Somebody who works in the shop."""
    return Actor(ActorKind.STAFF, id)
