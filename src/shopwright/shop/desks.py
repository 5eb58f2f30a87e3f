"""A desk of a shop: a group of its verbs. Each takes a command, asks the flow of that name, and answers with a value or a `Refusal`."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from shopwright.flows.checking import moment
from shopwright.flows.ports import Ports
from shopwright.ports.clock import Clock


@frozen
class Desk:
    """What every group of verbs works with."""

    ports: Ports
    clock: Clock

    def _at(self, at: datetime | None) -> datetime:
        return moment(self.clock.now() if at is None else at)
