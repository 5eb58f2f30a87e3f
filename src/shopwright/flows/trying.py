"""Read, decide and write again where somebody else was faster: the one loop of all flows.

Rules
- an attempt reads anew, decides anew and writes one changeset; that it was too late is told by `VersionConflict`, and nothing of it was written;
- the attempts are bounded, and the last conflict is the caller's;
- inside a host's transaction there is one attempt, since what was read there is the host's to read again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from shopwright.errors import VersionConflict
from shopwright.ports.storage import Storage

T = TypeVar("T")

TRIES = 20
"""How often a decision is made again because somebody else was faster, before the conflict is the caller's."""


def tries(storage: Storage, most: int = TRIES) -> range:
    """How often to decide, counting down to zero; once inside a host's transaction."""
    return range((1 if storage.is_joined else most) - 1, -1, -1)


def tried(storage: Storage, attempt: Callable[[], T], *, most: int = TRIES) -> T:
    """What an attempt answers that nobody was faster than. Raises `VersionConflict` when somebody was, `most` times in a row."""
    for left in tries(storage, most):
        try:
            return attempt()
        except VersionConflict:
            if not left:
                raise
    raise AssertionError("the last try returns or raises")
