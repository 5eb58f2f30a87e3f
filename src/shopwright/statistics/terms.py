"""How a shop counts: chosen once, since what was counted by other terms is not counted anew unless somebody asks for it."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from shopwright.edges import of, whole
from shopwright.errors import InvalidValue
from shopwright.periods import zone_name
from shopwright.statistics.visits import VisitRules


def _is_zone(instance: Any, attribute: Any, value: Any) -> None:
    where = f"{type(instance).__name__}.{attribute.name}"
    if not isinstance(value, str):
        raise InvalidValue(f"{where} must be the name of a zone such as Europe/Berlin, got {value!r}")
    try:
        zone_name(value)
    except InvalidValue as error:
        raise InvalidValue(f"{where}: {error}") from None


@frozen(kw_only=True)
class StatisticsTerms:
    """Days are those of the calendar of the `zone`; `visits` are the rules of visits.

    Another `zone` or another `edition` is counted from the beginning of the streams, beside what was counted before: a shop whose categories or rules
    have changed, and that wants its past counted by them, takes the next edition.
    """

    zone: str = field(default="UTC", validator=_is_zone)
    edition: int = field(default=1, validator=whole(least=1, most=1_000_000))
    visits: VisitRules = field(factory=VisitRules, validator=of(VisitRules))

    @property
    def book(self) -> str:
        """What all that is counted by these terms is kept under."""
        return f"{self.zone}@{self.edition}"
