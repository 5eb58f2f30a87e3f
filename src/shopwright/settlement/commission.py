"""What the mall keeps of a sale: a rate that was agreed, frozen with the line it was reckoned for.

Rules
- SETTLE-1: what goes back is a share of the very commission that was taken, whatever the rate is by then; any steps of returns sum to all of it;
- a commission is never more than what it is taken of.
"""

from __future__ import annotations

from attrs import field, frozen

from shopwright.edges import MOST, identifier, maybe, of, whole
from shopwright.errors import InvalidValue
from shopwright.money import BASIS_POINTS, Rounding, share


@frozen(kw_only=True)
class CommissionRate:
    """A part in basis points and a fixed amount on top, in minor units; `least` and `most` bound what one line costs."""

    id: str = field(validator=identifier())
    version: int = field(default=1, validator=whole(least=1))
    percent: int = field(default=0, validator=whole(least=0, most=BASIS_POINTS))
    fixed: int = field(default=0, validator=whole(least=0))
    least: int = field(default=0, validator=whole(least=0))
    most: int | None = field(default=None, validator=maybe(whole(least=0)))
    rounding: Rounding = field(default=Rounding.HALF_UP, validator=of(Rounding))

    def __attrs_post_init__(self) -> None:
        if self.most is not None and self.most < self.least:
            raise InvalidValue(f"commission rate {self.id}: expected at most {self.most} to be no less than at least {self.least}")


@frozen(kw_only=True)
class Commission:
    """What was kept of a line, in minor units, and of how much: frozen, with the rate and its version."""

    rate: str
    rate_version: int
    base: int = field(validator=whole(least=0, most=MOST))
    amount: int = field(validator=whole(least=0, most=MOST))

    def back(self, part: int, *, before: int = 0) -> int:
        """What goes back of it when so much of its base does, of which so much has gone back before (SETTLE-1).

        Raises `InvalidValue` where that is more than the base.
        """
        if part < 0 or before < 0 or before + part > self.base:
            raise InvalidValue(f"expected {before} and {part} to be no more than the {self.base} that the commission was taken of")
        return self.amount * (before + part) // self.base - self.amount * before // self.base if part else 0


def commission(base: int, rate: CommissionRate) -> Commission:
    """What the mall keeps of an amount in minor units. Raises `InvalidValue` for an amount below zero."""
    if base < 0:
        raise InvalidValue(f"expected an amount from zero up, got {base}")
    amount = max(rate.least, share(base, rate.percent, rate.rounding) + rate.fixed)
    amount = amount if rate.most is None else min(amount, rate.most)
    return Commission(rate=rate.id, rate_version=rate.version, base=base, amount=min(amount, base))
