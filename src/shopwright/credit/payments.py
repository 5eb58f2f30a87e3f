"""A payment of an order with money that the shop keeps: what was held, taken and given back of an account for it.

Rules
- CREDIT-6: what an operation did stands under its key, so the same key again does nothing and answers the same, and with other parameters conflicts;
- the lots that were taken stand with the payment, so that what goes back goes where it came from, whatever became of the account;
- amounts are minor units, `authorized >= captured + voided` and `captured >= refunded`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from attrs import evolve, field, frozen

from shopwright.credit.books import CreditLot
from shopwright.edges import aware, identifier, maybe, members, of, text, whole
from shopwright.errors import KeyConflict


class CreditVerb(StrEnum):
    """What was asked for."""

    START = "start"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


@frozen(kw_only=True)
class CreditOperation:
    """Something that was done, under its key; `final` says that a capture was the last."""

    key: str = field(validator=identifier())
    verb: CreditVerb = field(validator=of(CreditVerb))
    amount: int = field(default=0, validator=whole(least=0))
    final: bool = field(default=True, validator=of(bool))
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class CreditPayment:
    """A payment with money of an account; `id` is the key it was started under, and its reference.

    `until` is when what is only held lapses, `None` where all was taken at once; `declined` is why nothing was held, as a code. `lots` are
    those that were taken and have not come back.
    """

    id: str = field(validator=identifier())
    account_id: str = field(default="", validator=text())
    currency: str = field(validator=text(least=3, most=3))
    amount: int = field(validator=whole(least=1))
    until: datetime | None = field(default=None, validator=maybe(aware))
    declined: str = field(default="", validator=text())
    captured: int = field(default=0, validator=whole(least=0))
    voided: int = field(default=0, validator=whole(least=0))
    refunded: int = field(default=0, validator=whole(least=0))
    lots: tuple[CreditLot, ...] = field(default=(), validator=members(CreditLot))
    done: tuple[CreditOperation, ...] = field(default=(), validator=members(CreditOperation))

    @property
    def authorized(self) -> int:
        """What was held or taken at the start."""
        return 0 if self.declined else self.amount

    def gone(self, at: datetime) -> int:
        """What of it was given up by a moment: all that was still held, once that has lapsed."""
        lapsed = self.until is not None and self.until <= at
        return self.authorized - self.captured if lapsed else self.voided

    def capturable(self, at: datetime) -> int:
        """What can still be taken."""
        return self.authorized - self.captured - self.gone(at)

    @property
    def refundable(self) -> int:
        """What can still go back."""
        return self.captured - self.refunded

    def operation(self, key: str, verb: CreditVerb, amount: int | None = None) -> CreditOperation | None:
        """What was done under a key, `None` where nothing was. Raises `KeyConflict` where that was something else."""
        found = next((it for it in self.done if it.key == key), None)
        if found is not None and (found.verb is not verb or amount not in (None, found.amount)):
            raise KeyConflict(f"the key {key} stands for {found.verb} of {found.amount}, got {verb} of {amount}")
        return found

    def after(self, operation: CreditOperation, lots: tuple[CreditLot, ...]) -> CreditPayment:
        """The same after one more operation, which must be within what is there; `lots` are those that are taken by then."""
        done = (*self.done, operation)
        match operation.verb:
            case CreditVerb.START:
                taken = 0 if self.declined or self.until is not None else self.amount
                return evolve(self, done=done, lots=lots, captured=taken)
            case CreditVerb.CAPTURE:
                captured = self.captured + operation.amount
                return evolve(self, done=done, lots=lots, captured=captured, voided=self.authorized - captured if operation.final else 0)
            case CreditVerb.VOID:
                return evolve(self, done=done, lots=lots, voided=self.authorized - self.captured)
            case CreditVerb.REFUND:
                return evolve(self, done=done, lots=lots, refunded=self.refunded + operation.amount)
