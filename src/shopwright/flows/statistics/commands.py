"""Commands about what a shop counts.

Rules
- as for all commands, the same command under the same key is done once: a batch of steps that a host sends again counts once;
- only staff and the shop itself tell of visits: a customer could make up as many as they like.
"""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from shopwright.edges import members
from shopwright.errors import InvalidValue
from shopwright.flows.commands import Command, only_keepers
from shopwright.statistics.visits import VisitStep

MOST_STEPS = 500
"""How many steps a batch may have."""


def _steps(instance: Any, attribute: Any, value: Any) -> None:
    members(VisitStep, least=1)(instance, attribute, value)
    if len(value) > MOST_STEPS:
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must have at most {MOST_STEPS} steps, got {len(value)}; send several batches")


@frozen(kw_only=True)
class RecordVisits(Command):
    """Tell the shop what visitors have done, in the order in which they did it."""

    steps: tuple[VisitStep, ...] = field(validator=_steps)

    def __attrs_post_init__(self) -> None:
        only_keepers(self)
