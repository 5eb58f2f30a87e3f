"""The result of a simulation as plain data, for programs: amounts in minor units, times in ISO 8601, rates as text of an exact fraction.

It is written and never read back: a simulation is made again from its promotions and orders.
"""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import Any

from attrs import asdict

from shopwright.promotions.simulation import Simulation


def plain_simulation(found: Simulation, *, margin: int | None = None) -> dict[str, Any]:
    """All of a simulation; with a margin in basis points also the break-even of the whole and of each promotion (null where nothing pays)."""
    plain = asdict(found, value_serializer=_plain)
    plain["step"] = int(found.step.total_seconds())
    plain["sales"] = found.sales
    plain["share"] = _plain(None, None, found.share)
    if margin is not None:
        plain["margin"] = margin
        plain["break_even"] = _plain(None, None, found.break_even(margin=margin))
        for tally, told in zip(found.promotions, plain["promotions"], strict=True):
            told["break_even"] = _plain(None, None, tally.break_even(margin=margin))
    return plain


def _plain(_instance: Any, _attribute: Any, value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Fraction) else value
