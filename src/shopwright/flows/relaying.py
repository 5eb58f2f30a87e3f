"""Hand the stream of events on to whoever must miss nothing: the outbox.

Delivery is at least once: the position is kept after the delivery, so a crash in between delivers again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from shopwright.edges import text_problem
from shopwright.errors import InvalidValue, VersionConflict
from shopwright.flows.histories import history
from shopwright.flows.ports import Ports
from shopwright.flows.saving import fitted
from shopwright.ports.storage import START, Changeset, Operation, Position, Put, Recorded
from shopwright.wire.kinds import EVENTS, Consumer

__all__ = ["history", "relay"]


def relay(ports: Ports, consumer: str, deliver: Callable[[Sequence[Recorded]], None], *, at: datetime, stream: str = EVENTS, limit: int = 100) -> int:
    """Deliver the next events of a stream to a consumer, at most `limit`, and keep how far it has come; returns how many.

    When `deliver` raises, nothing is kept and the same events come again. Two workers of one consumer may deliver the same events.
    Raises `InvalidValue` for a consumer without a name, or with one of more than 60 characters.
    """
    if problem := text_problem(consumer, least=1, most=60):
        raise InvalidValue(f"the name of a consumer {problem}")
    if not callable(deliver):
        raise InvalidValue(f"expected a function to deliver to, got {type(deliver).__name__}")
    stored = ports.storage.load(Consumer, f"{consumer}/{stream}")
    after = START if stored is None else Position(stored.value.position)
    recorded = ports.storage.read(stream, after=after, limit=limit)
    if not recorded:
        return 0
    deliver(recorded)
    position = recorded[-1].position
    version = 0 if stored is None else stored.version
    # The version tells a position from the same one before the consumer was set back, as after a rebuild of what it keeps.
    op = Operation(fitted(f"relay/{consumer}/{stream}/{position}/{version}"), "relay")
    put = Put(f"{consumer}/{stream}", Consumer(consumer, stream, position), version)
    try:
        ports.storage.commit(Changeset(op, at, puts=(put,)))
    except VersionConflict:
        return len(recorded)
    return len(recorded)
