"""The phone that an order is delivered to, as it is found by: its last digits, opened for the moment, and kept as a keyed hash alone."""

from __future__ import annotations

from shopwright.errors import MasterKeyMissing, SealBroken, VaultMissing
from shopwright.flows.addressing import opened_address
from shopwright.flows.ports import Ports
from shopwright.orders.finding import phone_tail
from shopwright.orders.order import Order
from shopwright.refusals import Refusal


def tail_of(ports: Ports, order: Order) -> str:
    """The last digits of the phone of an order, empty where it has none or its buyer was erased.

    Raises `VaultMissing`, `SealBroken` and `MasterKeyMissing`.
    """
    to = opened_address(ports, order)
    return "" if isinstance(to, Refusal) else phone_tail(to.phone)


def kept_tail(ports: Ports, order: Order) -> tuple[str, ...]:
    """The term under which the phone of an order is kept; none for one that nobody can open now, which a rebuild finds once it can be opened."""
    try:
        tail = tail_of(ports, order)
    except (VaultMissing, SealBroken, MasterKeyMissing):
        return ()
    return phone_terms(ports, tail)[:1] if tail else ()


def phone_terms(ports: Ports, tail: str) -> tuple[str, ...]:
    """The terms under which these digits may be kept, the current one first: hashed under each master of the vault, plain where addresses are too."""
    if ports.vault is None:
        return (f"phone/{tail}",)
    return (*[f"phone/{it}" for it in ports.vault.lookups("order_phone_tail", tail)], f"phone/{tail}")
