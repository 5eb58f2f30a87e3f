"""Put tags on orders, and take them off.

    tagged = tag(order, add=("vip", "gift wrap"), remove=("call back",), by=clerk, at=now)

Rules
- TAG-2: an order has a tag once, and 30 tags at most; in whatever state it is they come and go, and change nothing else of it;
- TAG-3: what is put on though it is there, or taken off though it is not, changes nothing.

Refusal codes: `tags_exceeded`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from shopwright.members.actors import Actor
from shopwright.orders.decision import Decision, decided
from shopwright.orders.order import Order
from shopwright.orders.tags import OrderTagged
from shopwright.refusals import Refusal

MOST = 30
"""How many tags an order has at most."""


def tag(order: Order, *, add: Collection[str] = (), remove: Collection[str] = (), by: Actor, at: datetime) -> Decision | Refusal:
    """Put tags on an order and take others off, each as `tag_of` makes it. Refused with `tags_exceeded`."""
    there = frozenset(order.tags)
    added, removed = sorted(set(add) - there), sorted(there & set(remove))
    if not added and not removed:
        return Decision(order)
    count = len(there) + len(added) - len(removed)
    if added and count > MOST:
        told = f"order {order.number} would have {count} tags, {MOST} are allowed; take others off in the same command"
        return Refusal("tags_exceeded", told, {"count": count, "allowed": MOST})
    return decided(order, OrderTagged(added=tuple(added), removed=tuple(removed), by=by, at=at))
