"""The people port: what flows of loyalty must know of a member and forget at once, such as where they live and when they were born.

Rules
- nothing of it is stored by those who ask, so that whoever erases a member has nothing to look for;
- who is no member, or is blocked, is `None`, and gets nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, runtime_checkable

from attrs import field, frozen

from shopwright.edges import aware, maybe, text
from shopwright.errors import InvalidValue
from shopwright.periods import zone_of
from shopwright.promotions.birthdays import Birth, is_birth

MonthDay = tuple[int, int]


def _is_birth(instance: object, _attribute: object, value: object) -> None:
    """A validator for a date of birth, or its month and day; what was given is not shown."""
    if not is_birth(value):
        raise InvalidValue(f"{type(instance).__name__}.born must be a date, or a pair of month and day such as (2, 29); it is not shown")


@frozen(kw_only=True)
class Person:
    """What is known of a member; `born` is a date of birth on the calendar, or its month and day, `zone` where the member's days begin and end."""

    zone: str = field(default="UTC", validator=text(least=1))
    born: Birth | None = field(default=None, validator=maybe(_is_birth), repr=False)
    joined_at: datetime | None = field(default=None, validator=maybe(aware))

    def __attrs_post_init__(self) -> None:
        zone_of(self.zone)


@runtime_checkable
class People(Protocol):
    """Somebody who knows the members of a shop."""

    def person(self, member_id: str) -> Person | None:
        """What is known of a member; `None` for whoever is none, or is blocked."""
        ...

    def born_on(self, days: frozenset[MonthDay]) -> Iterable[str]:
        """The ids of the members who were born on one of these days of a year, pairs of month and day; one after the other, in any order."""
        ...


class Anybody:
    """Whoever asks is a member of whom nothing is known."""

    def person(self, member_id: str) -> Person | None:
        """Nothing but that there is somebody."""
        return Person()

    def born_on(self, days: frozenset[MonthDay]) -> Iterable[str]:
        """Nobody."""
        return ()
