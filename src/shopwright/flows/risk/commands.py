"""Commands about lists of links: who is always taken, never taken, or looked at. For staff and the shop itself."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from shopwright.edges import aware, maybe, of, text
from shopwright.errors import InvalidValue
from shopwright.flows.commands import Command, only_keepers
from shopwright.payments.risk.velocities import Link


@frozen(kw_only=True)
class ListCommand(Command):
    """What commands about lists have: the list, the link, and either its `value`, as somebody typed it, or the order that it was seen with.

    Raises `InvalidValue` for a customer, and for both or neither.
    """

    name: str = field(validator=text(least=1, most=60))
    link: Link = field(validator=of(Link))
    value: str = field(default="", validator=text(most=1_000), repr=False)
    order_id: str = field(default="", validator=text())

    def __attrs_post_init__(self) -> None:
        only_keepers(self)
        if bool(self.value.strip()) == bool(self.order_id):
            raise InvalidValue(f"{type(self).__name__} needs either a value or the order that it was seen with")


@frozen(kw_only=True)
class PutOnList(ListCommand):
    """Put a value on a list, until a moment or for good; `why` is a code."""

    until: datetime | None = field(default=None, validator=maybe(aware))
    why: str = field(default="", validator=text(most=60))


@frozen(kw_only=True)
class TakeOffList(ListCommand):
    """Take a value off a list."""
