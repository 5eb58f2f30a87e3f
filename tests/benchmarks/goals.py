"""The floors: what each ratio must reach, and why that much.

Rules
- keyed by job, peer and scale, as they stand in the rows; a row without a goal is there to be read;
- a ratio above 1 means that we are faster, also where the unit is a time;
- a goal is raised when the code has earned it; it is lowered only with a reason written here.
"""

from __future__ import annotations

from attrs import frozen


@frozen
class Goal:
    """The floor of a ratio and the reason for it."""

    ratio: float
    why: str


LIGHT = "who uses our values pays for exactness, not for decimals"

GOALS: dict[tuple[str, str, str], Goal] = {
    ("import", "attrs", "fresh process, warm bytecode"): Goal(
        1 / 2.3, "a command-line tool or a worker must not wait for a mall it may not need: at most 2.3 times the one dependency"
    ),
    ("money add", "py-moneyed", "one sum"): Goal(1.0, LIGHT),
    ("money add", "prices", "one sum"): Goal(0.6, "prices checks nothing when it adds; we keep amounts within 64 bits"),
    ("money multiply", "py-moneyed", "by a whole number"): Goal(1.0, LIGHT),
    ("money multiply", "prices", "by a whole number"): Goal(0.6, "as for adding"),
    ("money allocate", "py-moneyed", "5 lines"): Goal(2.0, "penny-exact splits are what a mall does all day"),
    ("money allocate", "prices", "5 lines"): Goal(2.0, "penny-exact splits are what a mall does all day"),
}
