"""Commands about saved views of orders, all for staff and the shop itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from attrs import field, frozen

from shopwright.edges import identifier, of
from shopwright.errors import InvalidValue
from shopwright.flows.commands import Command, only_keepers
from shopwright.orders.finding import OrderFilter

LONGEST = timedelta(days=36_600)
"""How long a view may look back."""


def _within(instance: Any, attribute: Any, value: Any) -> None:
    if value is not None and not (isinstance(value, timedelta) and timedelta() < value <= LONGEST):
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must be a timedelta of up to {LONGEST.days} days, or None; got {value!r}")


@frozen(kw_only=True)
class ViewCommand(Command):
    """A command about the view of this name: one's own, or a `shared` one. Raises `InvalidValue` for a customer."""

    name: str = field(validator=identifier(most=60))
    shared: bool = field(default=False, validator=of(bool))

    def __attrs_post_init__(self) -> None:
        only_keepers(self)


@frozen(kw_only=True)
class SaveView(ViewCommand):
    """Keep a filter under a name, in the place of the one that has it. With `within`, the view shows orders placed so long before it is opened."""

    wanted: OrderFilter = field(validator=of(OrderFilter))
    within: timedelta | None = field(default=None, validator=_within)

    def __attrs_post_init__(self) -> None:
        ViewCommand.__attrs_post_init__(self)
        if self.within is not None and self.wanted.placed_from is not None:
            raise InvalidValue("SaveView has both `within` and `wanted.placed_from`; give one of them")


@frozen(kw_only=True)
class RemoveView(ViewCommand):
    """Forget a view."""
