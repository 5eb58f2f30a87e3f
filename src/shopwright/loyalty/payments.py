"""A payment in points: what was held, taken and given back of an account for it, at the rate that it was made at.

Rules
- PAY-7: what an operation did stands under its key, so the same key again does nothing and answers the same, and with other parameters conflicts;
- the rate stands with the payment: what goes back is counted in the points that were taken, whatever points are worth by then;
- amounts are minor units, `authorized >= captured + voided` and `captured >= refunded`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from attrs import evolve, field, frozen

from shopwright.edges import aware, identifier, maybe, members, of, text, whole
from shopwright.errors import KeyConflict
from shopwright.loyalty.tendering import PointsTender


class PointsVerb(StrEnum):
    """What was asked for."""

    START = "start"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


@frozen(kw_only=True)
class PointsOperation:
    """Something that was done, under its key."""

    key: str = field(validator=identifier())
    verb: PointsVerb = field(validator=of(PointsVerb))
    amount: int = field(default=0, validator=whole(least=0))
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class PointsPayment:
    """A payment of an order with the points of an account; `id` is the key it was started under, and its reference.

    So many points of `rate` pay so many minor units of it. `until` is when what is only held lapses, `None` where all was taken at once;
    `declined` is why nothing was held, as a code.
    """

    id: str = field(validator=identifier())
    account_id: str = field(validator=identifier())
    currency: str = field(validator=text(least=3, most=3))
    amount: int = field(validator=whole(least=1))
    rate: tuple[int, int] = field(validator=of(tuple))
    until: datetime | None = field(default=None, validator=maybe(aware))
    declined: str = field(default="", validator=text())
    captured: int = field(default=0, validator=whole(least=0))
    voided: int = field(default=0, validator=whole(least=0))
    refunded: int = field(default=0, validator=whole(least=0))
    done: tuple[PointsOperation, ...] = field(default=(), validator=members(PointsOperation))

    @property
    def authorized(self) -> int:
        """What was held or taken at the start."""
        return 0 if self.declined else self.amount

    def points(self, amount: int) -> int:
        """The points of an amount of it."""
        return PointsTender(points=self.rate[0], worth=self.rate[1]).points_for(amount)

    def gone(self, at: datetime) -> int:
        """What of it was given up by a moment: all that was only held, once that has lapsed."""
        lapsed = self.until is not None and not self.captured and self.until <= at
        return self.authorized if lapsed else self.voided

    def capturable(self, at: datetime) -> int:
        """What can still be taken."""
        return self.authorized - self.captured - self.gone(at)

    @property
    def refundable(self) -> int:
        """What can still go back."""
        return self.captured - self.refunded

    def operation(self, key: str, verb: PointsVerb, amount: int | None = None) -> PointsOperation | None:
        """What was done under a key, `None` where nothing was. Raises `KeyConflict` where that was something else."""
        found = next((it for it in self.done if it.key == key), None)
        if found is not None and (found.verb is not verb or amount not in (None, found.amount)):
            raise KeyConflict(f"the key {key} stands for {found.verb} of {found.amount}, got {verb} of {amount}")
        return found

    def after(self, operation: PointsOperation) -> PointsPayment:
        """The same after one more operation, which must be within what is there."""
        done = (*self.done, operation)
        match operation.verb:
            case PointsVerb.START:
                return evolve(self, done=done)
            case PointsVerb.CAPTURE:
                return evolve(self, done=done, captured=operation.amount, voided=self.authorized - operation.amount)
            case PointsVerb.VOID:
                return evolve(self, done=done, voided=self.authorized)
            case PointsVerb.REFUND:
                return evolve(self, done=done, refunded=self.refunded + operation.amount)
