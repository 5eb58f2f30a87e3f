"""Commands about subscriptions, all for staff and the shop itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import field, frozen

from shopwright.edges import aware, maybe, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.flows.commands import Command, only_keepers
from shopwright.flows.free_texts import FREE_TEXT
from shopwright.ports.outlets import Retries
from shopwright.wire.kinds import EVENTS


def _slug(instance: Any, attribute: Any, value: Any) -> None:
    text(least=1, most=60)(instance, attribute, value)
    if not (value.isascii() and value.replace("_", "").replace("-", "").isalnum() and value == value.lower()):
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must be made of a-z, 0-9, - and _, got {value!r}")


def _names(instance: Any, attribute: Any, value: Any) -> None:
    of(frozenset)(instance, attribute, value)
    members(str)(instance, attribute, tuple(value))


@frozen(kw_only=True)
class SubscriptionCommand(Command):
    """A command about the subscription of this name. Raises `InvalidValue` for a customer."""

    name: str = field(validator=_slug)

    def __attrs_post_init__(self) -> None:
        only_keepers(self)


@frozen(kw_only=True)
class Subscribe(SubscriptionCommand):
    """Tell an outlet what happens from now on, or from `since`; or change what a subscription tells, and when it tries again.

    `kinds` are names of events, all of the stream when empty; `plus` are fields beside those that everybody is told, such as `OrderPlaced.ship_to`.
    """

    outlet: str = field(validator=text(least=1, most=60))
    stream: str = field(default=EVENTS, validator=text(least=1))
    kinds: frozenset[str] = field(default=frozenset(), validator=_names)
    plus: tuple[str, ...] = field(default=(), validator=members(str))
    since: datetime | None = field(default=None, validator=maybe(aware))
    retries: Retries = field(factory=Retries, validator=of(Retries))


@frozen(kw_only=True)
class PauseSubscription(SubscriptionCommand):
    """Tell nothing more until it is resumed; what happens meanwhile is told then."""

    why: str = field(default="", validator=text(most=200), metadata=FREE_TEXT)


@frozen(kw_only=True)
class ResumeSubscription(SubscriptionCommand):
    """Go on where it was paused, at once."""


@frozen(kw_only=True)
class ReplaySubscription(SubscriptionCommand):
    """Tell again all that happened at `since` and later. What still waits to be told keeps its place in its order."""

    since: datetime = field(validator=aware)


@frozen(kw_only=True)
class RedeliverNotices(SubscriptionCommand):
    """Try what waits behind a notice about `about` (an order's id) anew, from the first try on."""

    about: str = field(validator=text(least=1))


@frozen(kw_only=True)
class DiscardNotice(SubscriptionCommand):
    """Never tell the notice `number` about `about` that keeps others waiting, and go on with those."""

    about: str = field(validator=text(least=1))
    number: int = field(validator=whole(least=1))
