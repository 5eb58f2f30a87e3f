"""An account of money that the shop keeps: lots that can be spent, holds on some of them, and what went through it.

Rules
- CREDIT-2: `granted - used` is what is in the lots, and `used` is what was spent and not given back, with what is held; neither is ever below zero;
- what can be spent follows from the clock: a lot whose time is over is not there, and a hold whose time is over holds nothing;
- a card that waits has no money in it; one that is void lets nothing out.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from attrs import field, frozen

from shopwright.credit.books import CreditLot
from shopwright.edges import aware, identifier, members, of, text, whole


class CreditState(StrEnum):
    """Whether money of an account can be spent."""

    WAITING = "waiting"
    """A card that was made and not yet sold: `face` is what will be in it."""
    ACTIVE = "active"
    VOID = "void"


@frozen(kw_only=True)
class CreditHold:
    """Lots that are promised to one payment until a moment."""

    id: str = field(validator=identifier())
    lots: tuple[CreditLot, ...] = field(validator=members(CreditLot, least=1))
    until: datetime = field(validator=aware)

    @property
    def amount(self) -> int:
        """What is held, in minor units."""
        return total(self.lots)


@frozen(kw_only=True)
class CreditBalance:
    """How an account stands at a moment, in minor units."""

    available: int
    held: int
    currency: str


@frozen(kw_only=True)
class CreditAccount:
    """Money of one program in one currency. `holder` is the member whose it is, empty for a card, which is whose the code is.

    `serial` is what the code of a card is made from, `ending` its last letters, and `face` what a card that waits will be worth.
    """

    id: str = field(validator=identifier())
    program: str = field(validator=identifier(most=40))
    currency: str = field(validator=text(least=3, most=3))
    holder: str = field(default="", validator=text())
    serial: str = field(default="", validator=text())
    ending: str = field(default="", validator=text(most=8))
    state: CreditState = field(default=CreditState.ACTIVE, validator=of(CreditState))
    face: int = field(default=0, validator=whole(least=0))
    lots: tuple[CreditLot, ...] = field(default=(), validator=members(CreditLot))
    holds: tuple[CreditHold, ...] = field(default=(), validator=members(CreditHold))
    granted: int = field(default=0, validator=whole(least=0))
    used: int = field(default=0, validator=whole(least=0))
    entry_count: int = field(default=0, validator=whole(least=0))
    merged_into: str = field(default="", validator=text())

    @property
    def free(self) -> int:
        """What is in the lots, whether it has lapsed or not."""
        return total(self.lots)

    def balance(self, at: datetime) -> CreditBalance:
        """What can be spent and what is held at a moment, whether lapsed money was written off by then or not."""
        let_go = [lot for hold in self.holds if hold.until <= at for lot in hold.lots]
        good = [lot for lot in (*self.lots, *let_go) if lot.good(at)] if self.state is CreditState.ACTIVE else []
        held = sum([hold.amount for hold in self.holds if hold.until > at])
        return CreditBalance(available=total(good), held=held, currency=self.currency)

    def hold(self, id: str) -> CreditHold | None:
        """The hold of this id."""
        return next((hold for hold in self.holds if hold.id == id), None)

    @property
    def lapses_at(self) -> datetime | None:
        """When the next of it lapses: a lot, or a hold."""
        ends = [lot.expires_at for lot in self.lots if lot.expires_at is not None]
        return min([*ends, *[hold.until for hold in self.holds]], default=None)


def total(lots: Iterable[CreditLot]) -> int:
    """What lots are worth together, in minor units."""
    return sum([lot.amount for lot in lots])
