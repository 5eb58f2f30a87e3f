"""A witness of connections: what this thread asks the network for while somebody looks.

Python tells audit hooks of each connection, and lets nobody take a hook away; so one is set on first use, and looks away unless it is asked to look.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

EVENTS = frozenset({"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"})
_seen: ContextVar[list[str] | None] = ContextVar("seen", default=None)


def _notice(event: str, _arguments: Any) -> None:
    if event in EVENTS:
        seen = _seen.get()
        if seen is not None:
            seen.append(event)


@cache
def _look() -> None:
    sys.addaudithook(_notice)


@contextmanager
def connections() -> Iterator[list[str]]:
    """The events of this thread that reach for the network until the block ends."""
    _look()
    found: list[str] = []
    token = _seen.set(found)
    try:
        yield found
    finally:
        _seen.reset(token)
