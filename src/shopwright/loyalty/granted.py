"""What a member was granted so far by orders, by the day: what caps of a program look at.

Rules
- EARN-9: a cap counts what was granted and not what is left of it: points that are taken back make no room for others;
- a day is one of the program's zone, that on which an order was placed; days are kept as long as a late order may still count on one of them.
"""

from __future__ import annotations

from datetime import date, timedelta

from attrs import evolve, field, frozen

from shopwright.edges import identifier, members, whole

KEPT = timedelta(days=60)
"""How long a day is kept after the last one that counts."""


@frozen
class GrantedSoFar:
    """The points of one account that orders were granted: in all, and of days. `id` is that of the account."""

    id: str = field(validator=identifier())
    ever: int = field(default=0, validator=whole(least=0))
    days: tuple[tuple[date, int], ...] = field(default=(), validator=members(tuple))

    def on(self, day: date) -> int:
        """What was granted on a day."""
        return dict(self.days).get(day, 0)

    def plus(self, points: int, *, on: date) -> GrantedSoFar:
        """The same with more points granted on a day."""
        days = dict(self.days)
        days[on] = days.get(on, 0) + points
        last = max(days)
        return evolve(self, ever=self.ever + points, days=tuple(sorted([(day, sum_) for day, sum_ in days.items() if day > last - KEPT])))
