"""One thing that is wrong: what somebody does, what came before, and how it is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import frozen

from tests.flows.mall import Mall


@frozen
class Bad:
    """`act` must come to nothing: a refusal of this code, or this exception. `before` is what happened before it."""

    name: str
    act: Callable[[Mall], Any]
    expected: type[Exception] | str
    match: str | None = None
    before: Callable[[Mall], Any] | None = None
