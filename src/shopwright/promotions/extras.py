"""More of what a promotion gives: ladders, shipping, and what is no money (gifts, points, coupons).

Rules
- a ladder gives what its highest step says that was reached, and only that step;
- shipping never costs less than nothing;
- gifts, points and coupons take nothing off the price; `worth` says what the shop reckons them at when the best set is searched.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from attrs import field, frozen

from shopwright.edges import members, of, whole
from shopwright.errors import InvalidValue
from shopwright.money import BASIS_POINTS, Rounding, share
from shopwright.promotions.amounts import Amounts, amount_for, amounts, as_amounts
from shopwright.promotions.basket import Basket
from shopwright.promotions.effects import NO_CAP, AcrossOff, Aim, Cap, Percent
from shopwright.promotions.matching import ANYTHING, Keys, LineMatch, is_match, meant
from shopwright.promotions.taking import NOTHING, SHIPPING, Basis, Gift, Tab, Taken


class By(StrEnum):
    """What a ladder is climbed by."""

    SPEND = "spend"
    QUANTITY = "quantity"


@frozen
class Rung:
    """A step of a ladder: from so many units (`units`) or so much money (`spend`) on, a percentage or an amount off."""

    units: int = field(default=0, validator=whole(least=0))
    spend: Amounts = field(default=(), converter=as_amounts, validator=amounts(least=0, some=False))
    percent: int = field(default=0, validator=whole(least=0, most=BASIS_POINTS))
    off: Amounts = field(default=(), converter=as_amounts, validator=amounts(some=False))

    def __attrs_post_init__(self) -> None:
        if bool(self.percent) is bool(self.off):
            raise InvalidValue("a rung must take a percent or amounts off, and not both; write two rungs of two ladders for both")


def _rungs_rise(instance: Any, attribute: Any, value: Any) -> None:
    members(Rung, least=1)(instance, attribute, value)
    units = [rung.units for rung in value]
    if instance.by is By.QUANTITY and (units[0] < 1 or units != sorted(set(units))):
        raise InvalidValue(f"Ladder.rungs must rise in units from 1 on, each once, got {', '.join(map(str, units))}")
    if instance.by is By.SPEND and not all(rung.spend for rung in value):
        raise InvalidValue("Ladder.rungs of a ladder by spend must each say from which spend on; give spend=Money(...)")


@frozen
class Ladder:
    """The more is bought of what is meant, the more is taken off it: `Ladder(By.QUANTITY, (Rung(3, percent=500), Rung(10, percent=1000)))`."""

    by: By = field(validator=of(By))
    rungs: tuple[Rung, ...] = field(validator=_rungs_rise)
    lines: LineMatch = field(default=ANYTHING, validator=is_match)
    basis: Basis = field(default=Basis.LEFT, validator=of(Basis))
    cap: Cap = field(default=NO_CAP, validator=of(Cap))
    rounding: Rounding = field(default=Rounding.HALF_UP, validator=of(Rounding))
    aim = Aim.ORDER

    @property
    def keys(self) -> Keys:
        """Those of the lines."""
        return self.lines.keys

    def take(self, tab: Tab) -> Taken:
        """What the highest step that was reached takes off."""
        reached = self._reached(tab)
        return NOTHING if reached is None else self._effect(reached).take(tab)

    def most(self, basket: Basket) -> int:
        """The most that any step takes off."""
        return max(self._effect(rung).most(basket) for rung in self.rungs)

    def touches(self, basket: Basket) -> tuple[int, ...]:
        """The lines that are meant."""
        return meant(self.lines, basket)

    def _effect(self, rung: Rung) -> Percent | AcrossOff:
        if rung.percent:
            return Percent(rung.percent, self.lines, self.basis, self.cap, self.rounding)
        return AcrossOff(rung.off, self.lines, self.cap)

    def _reached(self, tab: Tab) -> Rung | None:
        basket = tab.basket
        places = meant(self.lines, basket)
        if self.by is By.QUANTITY:
            units = sum(basket.lines[place].quantity for place in places)
            return max((rung for rung in self.rungs if rung.units <= units), key=lambda rung: rung.units, default=None)
        spent = sum(tab.worth(place, basket.lines[place].quantity, self.basis) for place in places)
        steps = [(amount_for(rung.spend, currency=basket.currency, channel=basket.channel), rung) for rung in self.rungs]
        return max(((step, rung) for step, rung in steps if step is not None and step <= spent), key=lambda pair: pair[0], default=(0, None))[1]


@frozen
class ShippingOff:
    """Shipping costs less: so many basis points (10,000 is free shipping) or an amount."""

    percent: int = field(default=0, validator=whole(least=0, most=BASIS_POINTS))
    off: Amounts = field(default=(), converter=as_amounts, validator=amounts(some=False))
    rounding: Rounding = field(default=Rounding.HALF_UP, validator=of(Rounding))
    aim = Aim.SHIPPING

    def __attrs_post_init__(self) -> None:
        if bool(self.percent) is bool(self.off):
            raise InvalidValue("ShippingOff must take a percent or amounts off, and not both; percent=10000 is free shipping")

    @property
    def keys(self) -> Keys:
        """Anything may do."""
        return None

    def take(self, tab: Tab) -> Taken:
        """Its part of what shipping still costs."""
        if self.percent:
            off = share(tab.shipping, self.percent, self.rounding)
        else:
            off = amount_for(self.off, currency=tab.basket.currency, channel=tab.basket.channel) or 0
        off = min(off, tab.shipping)
        return Taken(shipping=off) if off else NOTHING

    def most(self, basket: Basket) -> int:
        """All that shipping costs, or the amount."""
        if self.percent:
            return share(basket.shipping, self.percent, Rounding.CEILING)
        return min(amount_for(self.off, currency=basket.currency, channel=basket.channel) or 0, basket.shipping)

    def touches(self, basket: Basket) -> tuple[int, ...]:
        """Shipping alone."""
        return (SHIPPING,)


class IfGone(StrEnum):
    """What becomes of a promotion of which a gift cannot be given: nobody knows the product, it is not active, or too few are free."""

    LEAVE_OUT = "leave_out"
    """The gift alone is left out. Which promotions are taken was settled before, so the price does not change."""
    NOT_TAKEN = "not_taken"
    """The promotion is not taken, and the best set is searched without it; the price may change."""
    REFUSE = "refuse"
    """There is no price, and no order, without the gift."""


@frozen
class Extra:
    """Something besides money: a gift, points, or coupons to come. `worth` is what the shop reckons it at, in its currencies.

    `points_rate` multiplies the points of the order, in basis points: 20,000 doubles them. `coupons` names coupon batches to draw from.
    `if_gone` says what happens where a gift cannot be given.
    """

    gifts: tuple[Gift, ...] = field(default=(), validator=members(Gift))
    points: int = field(default=0, validator=whole(least=0))
    points_rate: int = field(default=0, validator=whole(least=0))
    coupons: tuple[str, ...] = field(default=(), validator=members(str))
    worth: Amounts = field(default=(), converter=as_amounts, validator=amounts(some=False))
    if_gone: IfGone = field(default=IfGone.LEAVE_OUT, validator=of(IfGone))
    aim = Aim.EXTRA

    def __attrs_post_init__(self) -> None:
        if not (self.gifts or self.points or self.points_rate or self.coupons):
            raise InvalidValue("an Extra must give gifts, points, a points rate or coupons")

    @property
    def keys(self) -> Keys:
        """Anything may do."""
        return None

    def take(self, tab: Tab) -> Taken:
        """All of it, whatever else was taken."""
        return Taken(gifts=self.gifts, points=self.points, points_rate=self.points_rate, coupons=self.coupons)

    def most(self, basket: Basket) -> int:
        """It takes nothing off."""
        return 0

    def touches(self, basket: Basket) -> tuple[int, ...]:
        """No line, and not shipping."""
        return ()
