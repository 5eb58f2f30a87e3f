"""Follow the stream of events for what happened to judged payments and was not noted when it was written: whoever notes it crashed, or gave way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from shopwright.flows.checking import moment
from shopwright.flows.ports import Ports
from shopwright.flows.relaying import relay
from shopwright.flows.risk.links import risk_of
from shopwright.flows.risk.remembering import note
from shopwright.orders.order import Order
from shopwright.ports.storage import Recorded

CONSUMER = "risk"


def follow_risk(ports: Ports, *, at: datetime, limit: int = 1_000) -> int:
    """Note what happened since the last time, at most `limit` events; returns how many were read. Raises `InvalidValue` in a shop without rules."""
    risk_of(ports)
    at = moment(at)

    def deliver(recorded: Sequence[Recorded]) -> None:
        found = ports.storage.load_many(Order, sorted({it.key for it in recorded}))
        for it in recorded:
            if it.key in found:
                note(ports, found[it.key].value, it.number, it.value, at=at)

    return relay(ports, CONSUMER, deliver, at=at, limit=limit)
