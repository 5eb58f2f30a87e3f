"""Instants, days and months where a mall's calendar meets the clocks of a place, and rules by which times on the wall come again.

`instants` is about single times and `Window`; `rules` reads the text of a recurrence rule, and `recurrence` finds its occurrences.
This package is the only home of dateutil, which loads on first use.
"""

from __future__ import annotations

from shopwright.periods.instants import (
    Skipped,
    Twice,
    Window,
    Zone,
    add_months,
    aware,
    day,
    day_of,
    days_after,
    instant,
    month,
    months_after,
    parse_local,
    start_of_day,
    utc,
    wall_at,
    zone_name,
    zone_of,
)
from shopwright.periods.recurrence import Recurrence
from shopwright.periods.rules import Frequency, Rule, parse_rule

__all__ = [
    "Frequency",
    "Recurrence",
    "Rule",
    "Skipped",
    "Twice",
    "Window",
    "Zone",
    "add_months",
    "aware",
    "day",
    "day_of",
    "days_after",
    "instant",
    "month",
    "months_after",
    "parse_local",
    "parse_rule",
    "start_of_day",
    "utc",
    "wall_at",
    "zone_name",
    "zone_of",
]
