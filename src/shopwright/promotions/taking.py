"""What is left of a basket while promotions are taken one after another: the scratch pad of the engine, and what one effect takes.

Rules
- no line ever amounts to less than its floor price times its quantity, and shipping to no less than nothing: what an effect would take
  beyond that is not taken;
- of the units of a line those that one effect has used up (the two of "buy 2 get 1", the parts of a bundle) are not used again by another;
- the units of a line are alike: so many of them are worth their part of what is left of it, rounded down, and all of them all of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import cached_property, cmp_to_key
from operator import add, sub

from attrs import field, frozen

from shopwright.edges import identifier, whole
from shopwright.promotions.basket import MAX_QUANTITY, Basket


class Basis(StrEnum):
    """What an effect reckons from."""

    LIST = "list"
    """The list price, before price rules and before any promotion."""
    LEFT = "left"
    """What price rules and earlier promotions have left of it."""


class Pick(StrEnum):
    """Which units are meant when not all are."""

    CHEAPEST = "cheapest"
    DEAREST = "dearest"


@frozen
class Gift:
    """So many units of a sku that are given away; they are reserved like any other goods."""

    sku: str = field(validator=identifier(most=100))
    quantity: int = field(default=1, validator=whole(least=1, most=MAX_QUANTITY))


@frozen(slots=False)
class Taken:
    """What one effect gives: amounts off the lines and off shipping, in minor units from zero up, and what is no money.

    `parts` and `used` are per line, in the order of the basket, and empty where no line is touched. `points_rate` multiplies points, in basis points.
    """

    parts: tuple[int, ...] = ()
    used: tuple[int, ...] = ()
    shipping: int = 0
    gifts: tuple[Gift, ...] = ()
    points: int = 0
    points_rate: int = 0
    coupons: tuple[str, ...] = ()

    @cached_property
    def amount(self) -> int:
        """All the money it takes off."""
        return sum(self.parts) + self.shipping

    @property
    def has_extras(self) -> bool:
        """Whether it gives something that is no money."""
        return bool(self.gifts or self.points or self.points_rate or self.coupons)

    @property
    def is_nothing(self) -> bool:
        """Whether it gives nothing at all."""
        return not (self.amount or self.has_extras)


NOTHING = Taken()
"""No effect."""

SHIPPING = -1
"""The place of shipping, where the places of lines are told."""


class Tab:
    """What is left of each line and of shipping, and how many units of each line are used up. Never shared; `copy` it to look ahead."""

    __slots__ = ("basket", "left", "shipping", "used")

    def __init__(self, basket: Basket) -> None:
        self.basket = basket
        self.left = list(basket.amounts)
        self.used = [0] * len(basket.lines)
        self.shipping = basket.shipping

    def copy(self) -> Tab:
        """The same, to go on from."""
        other = Tab.__new__(Tab)
        other.basket, other.left, other.used, other.shipping = self.basket, self.left[:], self.used[:], self.shipping
        return other

    def take(self, taken: Taken) -> None:
        """Take what an effect gives."""
        if taken.parts:
            self.left = list(map(sub, self.left, taken.parts))
        if taken.used:
            self.used = list(map(add, self.used, taken.used))
        self.shipping -= taken.shipping

    def room(self, place: int) -> int:
        """How much may still be taken off a line, in minor units."""
        return max(0, self.left[place] - self.basket.floors[place])

    def free(self, place: int) -> int:
        """How many units of a line are not used up."""
        return self.basket.lines[place].quantity - self.used[place]

    def worth(self, place: int, units: int, basis: Basis) -> int:
        """What so many units of a line are worth."""
        line = self.basket.lines[place]
        return line.unit_price * units if basis is Basis.LIST else self.left[place] * units // line.quantity

    def worths(self, counts: Iterable[tuple[int, int]], basis: Basis) -> list[int]:
        """What so many units of each of these lines are worth."""
        lines, left = self.basket.lines, self.left
        if basis is Basis.LIST:
            return [lines[place].unit_price * count for place, count in counts]
        return [left[place] * count // lines[place].quantity for place, count in counts]

    def kept_to_room(self, places: Iterable[int], parts: Iterable[int]) -> list[int]:
        """Parts of these lines that take none below its floor."""
        left, floors = self.left, self.basket.floors
        return [max(0, min(part, left[place] - floors[place])) for place, part in zip(places, parts, strict=True)]

    def over_lines(self, places: Iterable[int], amounts: Iterable[int]) -> tuple[int, ...]:
        """What some lines have, as a number for each line of the basket."""
        every = [0] * len(self.left)
        for place, amount in zip(places, amounts, strict=True):
            every[place] = amount
        return tuple(every)

    def ranked(self, places: Iterable[int], *, dearest: bool, basis: Basis) -> list[int]:
        """The lines by the price of one unit; equal ones as they stand in the basket's own order."""
        lines, left = self.basket.lines, self.left

        def compared(one: int, other: int) -> int:
            if basis is Basis.LIST:
                return lines[one].unit_price - lines[other].unit_price
            return left[one] * lines[other].quantity - left[other] * lines[one].quantity

        return sorted(places, key=cmp_to_key(compared), reverse=dearest)
