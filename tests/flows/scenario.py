"""What a crash test runs: what came before, and the command itself, which can be sent again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from shopwright import Terms
from tests.flows.mall import Mall

Prepare = Callable[[Mall], Any]
Act = Callable[[Mall, Any], Any]


@frozen
class Scenario:
    """`prepare` runs in peace and returns what `act` needs; `act` is what crashes and is run again."""

    name: str
    flow: Callable[..., Any]
    act: Act
    prepare: Prepare = lambda mall: None
    terms: Terms = Terms()
    ways: Mapping[str, Any] = {}
    """What else the shop is made of."""
