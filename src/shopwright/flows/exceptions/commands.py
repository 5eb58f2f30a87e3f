"""Commands about exceptions of orders."""

from __future__ import annotations

from attrs import field, frozen

from shopwright.edges import of, text, whole
from shopwright.flows.commands import OrderCommand
from shopwright.flows.free_texts import FREE_TEXT
from shopwright.orders.exception_events import How


@frozen(kw_only=True)
class ExceptionCommand(OrderCommand):
    """What all commands about one exception have: its number in its order."""

    exception: int = field(validator=whole(least=1))


@frozen(kw_only=True)
class AssignException(ExceptionCommand):
    """Somebody works on it from now on; without an `owner_id` it is everybody's again."""

    owner_id: str = field(default="", validator=text())


@frozen(kw_only=True)
class ResolveException(ExceptionCommand):
    """It is no more: `how` it ended, and what one should know of that."""

    how: How = field(validator=of(How))
    note: str = field(default="", validator=text(most=1_000), metadata=FREE_TEXT)
