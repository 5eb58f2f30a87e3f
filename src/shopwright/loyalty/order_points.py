"""What is frozen on an order about points: what it earns and why, when that can be spent, and what takes it back.

Rules
- EARN-7: what goes back takes points along by the frozen lines for units, and by its share of the price for money, whichever is more: goods that
  come back and the money for them are one return, in whatever order they are told;
- a part takes its share rounded down, and everything takes all, so parts of any size sum to what was earned.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from attrs import field, frozen

from shopwright.edges import identifier, maybe, members, of, text, whole
from shopwright.loyalty.earning import Earned, EarnLine, EarnRule, earn_on
from shopwright.loyalty.expiry import ExpiresAfter, ExpiresOn, Expiry, expires_at
from shopwright.loyalty.reversing import Recourse


class Several(StrEnum):
    """What several rules come to together."""

    SUM = "sum"
    BEST = "best"
    FIRST = "first"


class Opens(StrEnum):
    """What the window counts from after which points of an order can be spent."""

    COMPLETED = "completed"
    DELIVERED = "delivered"


class ExpiresFrom(StrEnum):
    """When the clock of the expiry starts."""

    EARNED = "earned"
    """When the order was confirmed."""
    AVAILABLE = "available"
    """When the points can first be spent; they do not expire before."""


class RateOf(StrEnum):
    """Who multiplies."""

    TIER = "tier"
    PROMOTION = "promotion"


@frozen
class EarnRate:
    """What multiplies the points of an order, in basis points: a tier or a promotion, with its id and version."""

    of: RateOf = field(validator=of(RateOf))
    id: str = field(validator=text(least=1))
    version: int = field(validator=whole(least=1))
    rate: int = field(validator=whole(least=0))


@frozen(kw_only=True)
class OrderPoints:
    """The points of an order, frozen: by which program and rules, with which rates, on which lines.

    `earned` is what each rule that counts gives; `barred` are the numbers of lines that earn nothing, and `left` what was left of the caps of the
    member. `gateway` is where its points pay. The other fields are those of `shopwright.loyalty.program.PointsProgram`.
    """

    program: str = field(validator=identifier())
    version: int = field(validator=whole(least=1))
    points: str = field(validator=identifier())
    gateway: str = field(default="", validator=text())
    rules: tuple[EarnRule, ...] = field(default=(), validator=members(EarnRule))
    several: Several = field(default=Several.SUM, validator=of(Several))
    rates: tuple[EarnRate, ...] = field(default=(), validator=members(EarnRate))
    barred: tuple[int, ...] = field(default=(), validator=members(int))
    left: int | None = field(default=None, validator=maybe(whole(least=0)))
    earned: tuple[Earned, ...] = field(default=(), validator=members(Earned))
    opens: Opens = field(default=Opens.COMPLETED, validator=of(Opens))
    window: timedelta = field(default=timedelta(0), validator=of(timedelta))
    expiry: Expiry | None = field(default=None, validator=maybe(of(ExpiresAfter, ExpiresOn)))
    expires_from: ExpiresFrom = field(default=ExpiresFrom.AVAILABLE, validator=of(ExpiresFrom))
    recourse: Recourse = field(default=Recourse.WITHIN_BALANCE, validator=of(Recourse))
    refunds_take: bool = field(default=True, validator=of(bool))

    @property
    def desired(self) -> int:
        """What the rules that count would give without any cap."""
        return sum([each.desired for each in self.earned])

    @property
    def granted(self) -> int:
        """What the order earns."""
        return sum([each.granted for each in self.earned])

    def earning(self, lines: Iterable[EarnLine], *, paid_with_points: int) -> tuple[Earned, ...]:
        """What the frozen rules give for these lines, so much of which is paid with points, in minor units."""
        return earned_by(self.rules, lines, several=self.several, rates=self.rates, paid_with_points=paid_with_points, left=self.left)

    def available_from(self, *, completed_at: datetime | None, delivered_at: datetime | None) -> datetime | None:
        """From when its points can be spent; `None` while that is open. Where nothing was delivered, being complete counts."""
        since = completed_at if self.opens is Opens.COMPLETED else delivered_at or completed_at
        return None if since is None else since + self.window

    def expires_at(self, *, earned_at: datetime, available_from: datetime | None) -> datetime | None:
        """When they expire; `None` for never, or while it is open."""
        since = earned_at if self.expires_from is ExpiresFrom.EARNED else available_from
        return None if since is None else expires_at(self.expiry, since)


def earned_by(
    rules: Sequence[EarnRule],
    lines: Iterable[EarnLine],
    *,
    several: Several = Several.SUM,
    rates: Sequence[EarnRate] = (),
    paid_with_points: int = 0,
    left: int | None = None,
) -> tuple[Earned, ...]:
    """What rules give for these lines, as far as they count together (EARN-6)."""
    told, times = tuple(lines), tuple([each.rate for each in rates])
    found: list[Earned] = []
    for rule in rules:
        earned = earn_on(rule, told, rates=times, paid_with_points=paid_with_points, left=left)
        found.append(earned)
        if left is not None and several is Several.SUM:
            left -= earned.granted
        if earned.granted and several is Several.FIRST:
            return (earned,)
    if several is Several.SUM or not found:
        return tuple(found)
    return (max(found, key=lambda each: (each.granted, each.desired)),)


@frozen
class GoneUnits:
    """How many units of a line there were, and how many of them are gone."""

    line_no: int
    quantity: int
    gone: int


def taken_back(lines: Iterable[tuple[int, int]], units: Iterable[GoneUnits], *, given_back: int = 0, of: int = 0) -> int:
    """How many points of these lines are to be taken back in all (EARN-7), for units that are gone and money that went back `of` a price."""
    earned = dict(lines)
    total = sum(earned.values())
    by_units = sum([earned.get(each.line_no, 0) * each.gone // each.quantity for each in units if each.gone])
    by_money = total * min(given_back, of) // of if of > 0 else 0
    return max(by_units, by_money)
