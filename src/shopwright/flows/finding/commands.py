"""Commands about finding orders: the tags on them."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from shopwright.errors import InvalidValue
from shopwright.flows.commands import OrderCommand
from shopwright.flows.free_texts import FREE_TEXT
from shopwright.orders.tags import tags_of


def _tags(name: str, typed: Any) -> tuple[str, ...]:
    """Tags, or the name of the field that they were to be in."""
    try:
        return tags_of(typed)
    except InvalidValue as error:
        raise InvalidValue(f"TagOrder.{name}: {error}") from None


def _add(typed: Any) -> tuple[str, ...]:
    return _tags("add", typed)


def _remove(typed: Any) -> tuple[str, ...]:
    return _tags("remove", typed)


@frozen(kw_only=True)
class TagOrder(OrderCommand):
    """Put tags on an order and take others off, both at once. Tags are made of what is typed by `shopwright.orders.tags.tag_of`."""

    add: tuple[str, ...] = field(default=(), converter=_add, metadata=FREE_TEXT)
    remove: tuple[str, ...] = field(default=(), converter=_remove, metadata=FREE_TEXT)

    def __attrs_post_init__(self) -> None:
        if not self.add and not self.remove:
            raise InvalidValue("TagOrder names no tag; give tags to `add`, to `remove`, or both")
        if both := sorted({*self.add} & {*self.remove}):
            raise InvalidValue(f"TagOrder both adds and removes {both[0]!r}; leave it out of one of the two")
