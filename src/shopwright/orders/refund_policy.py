"""What a shop gives back for goods that come back, as values: how shipping is shared, what handling costs, and what becomes of a discount whose
minimum the goods that stay do not meet. A policy is frozen on each order with its terms.

Laws differ. A buyer who withdraws from a distance contract in the EU gets the outbound shipping back (at the price of the cheapest offer), and
owes no restocking fee (Directive 2011/83/EU, Articles 13 and 14); the defaults keep to that for an order that comes back as a whole.
"""

from __future__ import annotations

from enum import StrEnum

from attrs import field, frozen

from shopwright.edges import identifier, members, of, whole
from shopwright.errors import InvalidValue
from shopwright.money import BASIS_POINTS, Rounding


class ShippingBack(StrEnum):
    """What goes back of the shipping that was paid.

    `share`: what each unit carries of it. `whole`: all of it once the last unit comes back, and nothing before. `never`: nothing.
    """

    SHARE = "share"
    WHOLE = "whole"
    NEVER = "never"


class BelowMinimum(StrEnum):
    """What becomes of a discount when the goods that stay are worth less than its minimum.

    `keep`: what stays keeps its frozen share. `re_evaluate`: what stays gets what the steps of the rule give for so much. `charge_back`: what stays
    loses all of it. What is taken off a refund so is given back once everything has come back.
    """

    KEEP = "keep"
    RE_EVALUATE = "re_evaluate"
    CHARGE_BACK = "charge_back"


@frozen(kw_only=True)
class RefundPolicy:
    """What goes back of a unit besides its price. `restocking` are basis points of what was paid for the goods; with `received_only` nothing goes
    back for units that are not with the shop again, or lost.
    """

    shipping: ShippingBack = field(default=ShippingBack.SHARE, validator=of(ShippingBack))
    below_minimum: BelowMinimum = field(default=BelowMinimum.KEEP, validator=of(BelowMinimum))
    restocking: int = field(default=0, validator=whole(least=0, most=BASIS_POINTS))
    received_only: bool = field(default=False, validator=of(bool))


@frozen(kw_only=True)
class DiscountStep:
    """What a rule gives from `least` minor units of goods on: `percent` in basis points of them, rounded so, or a fixed `amount` in minor units."""

    least: int = field(validator=whole(least=0))
    percent: int = field(default=0, validator=whole(least=0, most=BASIS_POINTS))
    amount: int = field(default=0, validator=whole(least=0))
    rounding: Rounding = field(default=Rounding.FLOOR, validator=of(Rounding))

    def __attrs_post_init__(self) -> None:
        if self.percent and self.amount:
            raise InvalidValue(f"a step of a discount is a percent or an amount; got {self.percent} basis points and {self.amount}")


@frozen(kw_only=True)
class Minimum:
    """From how much of goods on a rule gave its discount, in minor units before promotions; `rule` is the id that its adjustments have on the lines.

    `steps` are what it gives for less, for `BelowMinimum.RE_EVALUATE`.
    """

    rule: str = field(validator=identifier(most=200))
    least: int = field(validator=whole(least=1))
    steps: tuple[DiscountStep, ...] = field(default=(), validator=members(DiscountStep))
