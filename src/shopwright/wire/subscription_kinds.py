"""What a shop keeps of who is told what happens: subscriptions, and what waits behind a notice that could not be handed over."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from attrs import field, frozen

from shopwright.ports.kinds import Index, IndexType, Kind
from shopwright.ports.outlets import Retries


class SubscriptionState(StrEnum):
    """Whether notices go out."""

    ACTIVE = "active"
    PAUSED = "paused"


@frozen(kw_only=True)
class Subscription:
    """Who is told what; its id is its name. `kinds` are the names of events that it is told, all when empty; `plus` are fields that its notices hold
    beside those that every notice holds. It is told what happened at `since` and later.

    `position` is how far the stream was gone through. A relay holds it until `leased_until`. Where one order after the other could not be told,
    nothing new is tried before `rests_until`.
    """

    name: str
    outlet: str
    stream: str
    since: datetime
    kinds: frozenset[str] = frozenset()
    plus: tuple[str, ...] = ()
    retries: Retries = field(factory=Retries)
    state: SubscriptionState = SubscriptionState.ACTIVE
    why: str = ""
    position: str = ""
    holder: str = ""
    leased_until: datetime | None = None
    failures: int = 0
    rests_until: datetime | None = None


@frozen(kw_only=True)
class Backlog:
    """What waits behind a notice that could not be handed over; its id is `<subscription>/<key>`. It is gone once all of it was told.

    `number` and `type` are those of the notice, `after` is the position before it, and `seen` the number of the last one that waits behind it. It is
    tried again at `due_at`; `None` says that it was tried as often as it may be: it is dead, and a person redelivers or discards it. `error` is how
    the last try ended, by code.
    """

    subscription: str
    key: str
    after: str
    number: int
    seen: int
    type: str
    stuck_since: datetime
    tries: int = 0
    error: str = ""
    due_at: datetime | None = None

    @property
    def is_dead(self) -> bool:
        """Whether nothing goes on without a person."""
        return self.due_at is None


DOCUMENTS = (
    Kind("subscription", Subscription, indexes=(Index("stream", IndexType.TEXT, lambda it: it.stream),)),
    Kind(
        "backlog",
        Backlog,
        indexes=(
            Index("subscription", IndexType.TEXT, lambda it: it.subscription),
            Index("dead", IndexType.TEXT, lambda it: it.subscription if it.is_dead else None),
            Index("due_at", IndexType.TIME, lambda it: it.due_at),
        ),
        erasable=True,
    ),
)
