"""What is said of a payment: a verdict, and the rules that held with what they had looked at.

Light values, for they stand in the history of orders; the rules themselves are in `shopwright.payments.risk.rules`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from attrs import frozen

from shopwright.refusals import Fact

Inputs = tuple[tuple[str, Fact], ...]
"""What a rule looked at, in words and numbers that may be stored and shown: never a value of a link."""


class Verdict(StrEnum):
    """What follows, in the order in which it counts."""

    ALLOW = "allow"
    BLOCK = "block"
    CHALLENGE = "challenge"
    """The buyer proves who they are first: 3-D Secure, or a one-time code."""
    REVIEW = "review"
    """The order is held until a person has looked at it."""


@frozen
class Fired:
    """A rule that held, and what it had looked at."""

    rule: str
    version: int
    then: Verdict | None
    points: int
    inputs: Inputs


@frozen(kw_only=True)
class Assessment:
    """What was decided: the verdict, the rules that fired, the points together, and the rules that could not tell."""

    verdict: Verdict
    at: datetime
    fired: tuple[Fired, ...] = ()
    unknown: tuple[str, ...] = ()
    points: int = 0
