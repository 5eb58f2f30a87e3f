"""What every simulated provider can be asked for: a gateway for the shop, and the other side of it for whoever plays the world.

A checkout, a test or the command `shopwright simulate gateway` is written once over this face and runs with each of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from attrs import frozen

from shopwright.adapters.troubles import Trouble
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.payments.notifications import EventKind, RawNotification
from shopwright.payments.outcomes import NextAction
from shopwright.payments.payment import Tender
from shopwright.ports.gateway import PaymentGateway


@frozen(kw_only=True)
class Waiting:
    """A payment that waits for its buyer."""

    reference: str
    amount: Money
    about: str


@frozen(kw_only=True)
class Moved:
    """Money that moved at the provider, by its own count."""

    kind: EventKind
    reference: str
    amount: Money


class Simulation(Protocol):
    """A provider on this machine. Safe to share between threads."""

    @property
    def name(self) -> str:
        """The name of its gateway."""
        ...

    @property
    def currency(self) -> str:
        """A currency that it takes."""
        ...

    @property
    def address(self) -> str:
        """Where it listens; empty for one that is asked without a network."""
        ...

    @property
    def books_after(self) -> timedelta:
        """How long after a movement its ledger tells of it at the latest."""
        ...

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret in the settings of its gateway."""
        ...

    def gateway(self, *, through: str = "", patience: timedelta | None = None) -> PaymentGateway:
        """A gateway as a shop makes it; one that goes `through` another address on its way, and waits no longer than `patience` for an answer."""
        ...

    def tender(self, amount: int, *, capture: bool = True) -> Tender:
        """A way to pay so many minor units in which the buyer has to act; promised only with `capture=False`, where there are promises."""
        ...

    def waiting(self) -> Sequence[Waiting]:
        """The payments that wait for their buyers, oldest first."""
        ...

    def come(self, reference: str, action: NextAction | None = None) -> None:
        """The buyer follows what they were shown, and has not decided yet."""
        ...

    def approve(self, reference: str) -> bool:
        """The buyer pays; whether that did anything."""
        ...

    def decline(self, reference: str) -> bool:
        """The buyer, or their bank, says no; whether that did anything."""
        ...

    def ripen(self) -> None:
        """Let everything happen that is on its way: refunds arrive."""
        ...

    def strike(self, trouble: Trouble) -> None:
        """Let the next request end in this trouble."""
        ...

    def pushed(self, *, after: int = 0) -> Sequence[RawNotification]:
        """Every notification from the first, or behind the first so many, signed now."""
        ...

    def moved(self) -> Sequence[Moved]:
        """What moved, oldest first."""
        ...

    def recipe(self) -> str:
        """Python that makes a gateway with the settings of this simulation, to paste into a shop."""
        ...


def rerouted(address: str, through: str) -> str:
    """An address with its path, at another host and port."""
    if not through:
        return address
    path = address.split("://", 1)[1].partition("/")[2]
    return f"{through.rstrip('/')}/{path}" if path else through


def written(name: str, module: str, gateway: str, settings: str, facts: dict[str, object]) -> str:
    """A recipe: the imports, and a gateway with its settings, a fact a line."""
    lines = "\n".join([f"        {key}={_literal(value)}," for key, value in facts.items()])
    head = f"from {module} import {gateway}, {settings}"
    return f"{head}\n\n{name} = {gateway}(\n    {settings}(\n{lines}\n    )\n)\n"


def _literal(value: object) -> str:
    """A value as people write it; a key keeps its lines."""
    if not isinstance(value, str) or '"' in value or "\\" in value:
        return repr(value)
    return f'"""{value}"""' if "\n" in value else f'"{value}"'


def refuse_file(path: Path | None) -> None:
    """Raise `InvalidValue` for a file, where a simulation is behind a port and keeps nothing."""
    if path is not None:
        raise InvalidValue(f"this simulation is reached over its port and keeps nothing in a file, got {path}")


def opened(url: str) -> str:
    """The page at an address of a simulation, as a buyer's browser opens it. Raises `InvalidValue` for an address of another machine."""
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname != "127.0.0.1":
        raise InvalidValue(f"expected a page of a simulation on 127.0.0.1, got {url[:100]!r}")
    connection = HTTPConnection("127.0.0.1", parts.port, timeout=10)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}" if parts.query else parts.path)
        return connection.getresponse().read().decode("utf-8", "replace")
    finally:
        connection.close()
