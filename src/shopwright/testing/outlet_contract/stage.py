"""What the kit needs of an outlet under test: the outlet itself, what has arrived behind it, and a way to trouble the wire."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

from attrs import frozen

from shopwright.adapters.troubles import Trouble
from shopwright.ports.outlets import Notice, Outlet

WHEN = datetime(2026, 3, 2, 12, 30, 15, 123456, tzinfo=UTC)


@frozen
class Arrived:
    """What whoever listens on the other side can see of a notice: its id, what it is about, and its body."""

    id: str
    key: str
    body: bytes


class OutletStage(Protocol):
    """An outlet, and the other side as tests can see it."""

    outlet: Outlet
    secrets: Sequence[str]
    """What must never be printed; empty where there is nothing to hide."""

    def arrived(self) -> Sequence[Arrived]:
        """All that has arrived for good, in the order in which listeners read it."""
        ...

    def again(self) -> Outlet:
        """The same adapter as a new process would make it, at the same other side."""
        ...

    def strike(self, trouble: Trouble) -> None:
        """Let the next notice end in this trouble."""
        ...


def a_notice(number: int = 1, *, key: str = "01KJPWD6M0SM3JSP5YDYFP42E2", body: bytes = b'{"shape":1}') -> Notice:
    """The notice with this number about this key."""
    id = f"evt_{key}_{number}"[:60]
    return Notice(id=id, subscription="kit", stream="events", type="OrderPlaced", key=key, number=number, at=WHEN, body=body)
