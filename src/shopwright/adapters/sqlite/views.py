"""The views that an upgrade makes for people and for reports: one row per thing that a shop speaks of.

Rules
- a view is made when every kind it reads is registered, and made anew by every upgrade, because it holds nothing itself;
- views read bodies with SQLite's JSON functions, which have been built in since 3.38; the storage itself never reads a view.
"""

from __future__ import annotations

from attrs import frozen

from shopwright.ports.kinds import Kinds


@frozen
class View:
    """A named `select` over the tables of some kinds."""

    name: str
    kinds: frozenset[str]
    select: str


VIEWS: tuple[View, ...] = (
    View(
        "quota_standing",
        frozenset(),
        "select scope, key, granted, used, held, granted - used - held as free from quota",
    ),
    View(
        "hold_standing",
        frozenset(),
        """
select item.scope, item.hold, item.key, item.quantity, item.until, item.until <= strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') as lapsed
from hold_item as item""",
    ),
)


def views_of(kinds: Kinds) -> tuple[View, ...]:
    """The views whose kinds are all registered."""
    names = {kind.name for kind in kinds.documents}
    return tuple(view for view in VIEWS if view.kinds <= names)
