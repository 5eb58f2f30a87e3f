"""What a stock is worth, in whole minor units: first in, first out, or by the weighted average.

Rules
- STOCK-5: what came in cost is what left cost and what is left is worth, to the last unit of money;
- the cost of a part is cut off by the one allocator, so that a rounding never gets lost and never adds up;
- units that are sold before they are there cost nothing until they come: what comes in then pays for them first;
- which lot left is a question of expiry; what it cost is a question of the books: the two need not agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from attrs import evolve, field, frozen

from shopwright.edges import MOST, members, of, whole
from shopwright.errors import InvalidValue
from shopwright.inventory.movements import Movement, MovementKind
from shopwright.money.allocation import allocate


class Costing(StrEnum):
    """Which units leave the books first."""

    FIFO = "fifo"
    """Those that came in first."""
    AVERAGE = "average"
    """All of them alike: each unit costs what all cost on average when it leaves."""


@frozen
class Layer:
    """Units and what all of them cost together."""

    units: int = field(validator=whole(least=1, most=MOST))
    cost: int = field(default=0, validator=whole(least=0, most=MOST))


@frozen
class Worth:
    """The books of one stock: its layers, oldest first, and what all that left has cost."""

    costing: Costing = field(validator=of(Costing))
    layers: tuple[Layer, ...] = field(default=(), validator=members(Layer))
    spent: int = field(default=0, validator=whole(least=0, most=MOST))
    owed: int = field(default=0, validator=whole(least=0, most=MOST))
    """Units that left before they came."""

    @property
    def units(self) -> int:
        """How many units are left."""
        return sum([layer.units for layer in self.layers])

    @property
    def value(self) -> int:
        """What is left is worth, in minor units."""
        return sum([layer.cost for layer in self.layers])


def added(worth: Worth, units: int, cost: int) -> Worth:
    """The books with so many units more, at what they cost together."""
    layers = (*worth.layers, Layer(units, cost))
    if worth.costing is Costing.AVERAGE:
        layers = (Layer(worth.units + units, worth.value + cost),)
    return Worth(worth.costing, layers, worth.spent, worth.owed)


def removed(worth: Worth, units: int) -> tuple[Worth, int]:
    """The books with so many units fewer, and what those cost. Raises `InvalidValue` for more than are left."""
    if not 0 <= units <= worth.units:
        raise InvalidValue(f"expected at most {worth.units} units to leave the books, got {units}")
    layers, cost = list(worth.layers), 0
    while units:
        layer = layers.pop(0)
        taken = min(units, layer.units)
        mine, rest = allocate(layer.cost, (taken, layer.units - taken)) if layer.units > taken else (layer.cost, 0)
        cost, units = cost + mine, units - taken
        if layer.units > taken:
            layers.insert(0, Layer(layer.units - taken, rest))
    return Worth(worth.costing, tuple(layers), worth.spent + cost, worth.owed), cost


def after(worth: Worth, movement: Movement) -> tuple[Worth, int]:
    """The books after a movement, and what the units cost that leave by it, those that were owed among them."""
    if movement.kind is MovementKind.NAMED:
        return worth, 0
    cost, short = 0, max(0, movement.left - worth.units)
    if movement.left:
        worth, cost = removed(worth, movement.left - short)
    worth = evolve(worth, owed=worth.owed + short)
    if movement.came:
        worth = added(worth, movement.came, movement.cost)
        late = min(worth.owed, worth.units)
        worth, more = removed(evolve(worth, owed=worth.owed - late), late)
        cost += more
    return worth, cost


def valued(movements: Iterable[Movement], costing: Costing) -> Worth:
    """The books of a stock from all its movements."""
    worth = Worth(costing)
    for movement in movements:
        worth, _ = after(worth, movement)
    return worth
