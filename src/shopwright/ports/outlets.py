"""The outlet port: somebody outside who is told what happens, notice by notice: a function, a webhook, a message broker.

Rules
- a notice is handed over when `send` returns: from then on the other side has it for good;
- a notice that is handed over again is the same in every field, so that its `id` tells a repeat from news;
- notices about one key are handed over one after the other, in the order of their numbers; an outlet keeps that order;
- the shop keeps no secret of an outlet: addresses and keys are the host's, who makes the outlet anew at every start.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Protocol, runtime_checkable

from attrs import field, frozen

from shopwright.edges import aware, of, text, whole
from shopwright.errors import InvalidValue, Outage


@frozen(kw_only=True)
class Notice:
    """That one thing happened. `id` is the same whenever it is told; `key` names what it is about, an order's id in the stream of orders, and
    `number` counts what happened to it, from 1. `body` is the JSON object that goes out, as UTF-8 (`shopwright.wire.notices`).
    """

    id: str = field(validator=text(least=1, most=60))
    subscription: str = field(validator=text(least=1, most=60))
    stream: str = field(validator=text(least=1))
    type: str = field(validator=text(least=1))
    key: str = field(validator=text(least=1))
    number: int = field(validator=whole(least=1))
    at: datetime = field(validator=aware)
    body: bytes = field(validator=of(bytes), repr=False)


class OutletClosed(Outage):
    """The other side wants no more notices: the subscription pauses until a person resumes it. `raw_code` is what it said."""

    def __init__(self, message: str, *, raw_code: str = "") -> None:
        self.raw_code = raw_code
        super().__init__(message)


@runtime_checkable
class Outlet(Protocol):
    """Somebody who is told what happens. Safe to share between threads."""

    @property
    def name(self) -> str:
        """A slug that never changes: subscriptions name it."""
        ...

    def send(self, notice: Notice) -> None:
        """Hand over one notice, and return once the other side has it for good.

        Raises `NotSent` when it was provably not handed over, `Throttled` when the other side asks to wait, `Indeterminate` when nobody knows, and
        `OutletClosed` when it wants no more. To send it again is safe in every case; whatever else is raised counts as one more try.
        """
        ...


def _span(instance: Any, attribute: Any, value: Any) -> None:
    of(timedelta)(instance, attribute, value)
    if not timedelta() < value <= timedelta(days=30):
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must be above nothing and at most 30 days, got {value}")


@frozen(kw_only=True)
class Retries:
    """When a notice that could not be handed over is tried again, and how often in all before a person has to look at it.

    After `n` failed tries it waits `first * 2 ** (n - 1)`, at most `most`, and of that between a half and all: where in between a hash tells, of
    the notice and `n`, so that what failed at once is not tried at once, and a test knows when. With these defaults the last of 16 tries is made
    after a day and a half to three days. Where the other side says how long to wait, it waits at least that, up to `most`.
    """

    first: timedelta = field(default=timedelta(seconds=30), validator=_span)
    most: timedelta = field(default=timedelta(hours=12), validator=_span)
    tries: int = field(default=16, validator=whole(least=1, most=100))

    def wait(self, notice: str, failed: int, *, asked: timedelta | None = None) -> timedelta:
        """How long to wait after so many failed tries of the notice with this id, `asked` for at least so long by the other side."""
        most = self.first
        for _ in range(failed - 1):
            most = min(most * 2, self.most)
        most = min(most, self.most)
        part = int.from_bytes(sha256(f"{notice}/{failed}".encode()).digest()[:4], "big")
        return min(max(most / 2 + most / 2 * (part / 2**32), asked or timedelta()), self.most)
