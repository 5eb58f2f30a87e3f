"""An exception of an order as it stands."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from shopwright.orders.exception_events import How
from shopwright.refusals import Fact


@frozen(kw_only=True)
class Compensation:
    """What the shop owes for an exception by a rule, once: frozen when it is owed, and given after that."""

    rule: str
    gives: str
    amount: int
    batch: str = ""
    given_at: datetime | None = None
    refused: str = ""


@frozen
class ExceptionNote:
    """Something that is not as it should be: a code, the facts, and when it was noted; who works on it, and since when and how it is resolved.

    Its number is its place among the exceptions of its order, from 1 up. `told_at` is when the customer was told, and `look_at` when the shop looks
    at it again by itself.
    """

    code: str
    facts: tuple[tuple[str, Fact], ...]
    at: datetime
    owner: str = ""
    resolved_at: datetime | None = None
    how: How | None = None
    told_at: datetime | None = None
    compensations: tuple[Compensation, ...] = ()
    look_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody should look at it."""
        return self.resolved_at is None

    def fact(self, name: str) -> Fact:
        """What is told of it under this name; empty where nothing is."""
        return dict(self.facts).get(name, "")
