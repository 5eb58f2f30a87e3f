"""The observers port: whoever wants to hear, after the commit, what has happened.

Rules
- observers hear of what is in the store, in order, within one process; they are told at most once, and nothing when the process
  dies in between. Whoever must miss nothing reads the stream `events` with `shop.events.relay` instead;
- an observer that raises harms neither the shop nor other observers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Observers(Protocol):
    """Hears what has happened."""

    def heard(self, order_id: str, events: Sequence[object]) -> None:
        """These events of this order are in the store. Must not raise."""
        ...


class Nobody:
    """Nobody listens."""

    def heard(self, order_id: str, events: Sequence[object]) -> None:
        """Nothing happens."""
