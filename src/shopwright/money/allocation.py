"""The one allocator: a total is split by weights, to the last unit, by largest remainder.

Discounts, shipping, taxes, refunds, commissions and points are all split here, so they all obey the same laws

- the parts sum to the total exactly;
- no part has the sign opposite to the total's, and a zero weight gets zero;
- each part is less than one unit away from its exact share;
- the parts depend on the weights alone, not on their order: the units left over go to the largest remainders, of equal
  remainders to the larger weight, and only lines of equal weight are told apart by position, the earlier first;
- weights count by their ratio: (1, 2) and (10, 20) give the same parts; a negative total mirrors the positive one.

What is not a law: that no part shrinks when the total grows. Largest remainder can take a unit from a part when one more unit is
to be had (the Alabama paradox: 10 over 6, 6, 2 gives 4, 4, 2, and 11 gives 5, 5, 1), so a growing discount is allocated anew
from its new total, never topped up from old parts. It is the price of parts that are, taken together, as near to exact as can be;
divisor methods have no such paradox, but leave the one-unit bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from reprlib import repr as shown

from shopwright.errors import InvalidValue

_FEW = 3  # to look for so many one by one is quicker than to sort, however many there are


def allocate(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Split `total` over `weights`; `allocate(100, (1, 1, 1))` is `(34, 33, 33)`.

    Weights are whole numbers from zero up, such as the line totals in minor units. Raises `InvalidValue` for a weight below
    zero or not an int, for what is no sequence of them, and when there is something to split but no weight to carry it.
    """
    if total.__class__ is not int:
        raise InvalidValue(f"expected the total to be an int of minor units, got {shown(total)} ({type(total).__name__})")
    if total < 0:
        return tuple([-part for part in allocate(-total, weights)])
    if not hasattr(weights, "__len__"):
        raise InvalidValue(f"expected weights as a sequence of ints, got {shown(weights)} ({type(weights).__name__})")
    whole = 0
    for weight in weights:
        if weight.__class__ is not int or weight < 0:
            raise _bad_weight(weights)
        whole += weight
    if not whole:
        return _nothing_to_carry(total, weights)
    parts = []
    ranks = []
    left = total
    for weight in weights:
        share = total * weight
        part = share // whole
        left -= part
        parts.append(part)
        # Remainder first, weight second, in one integer; where a weight equals `whole` nothing is left over to rank.
        ranks.append(share % whole * whole + weight)
    for place in _first(left, ranks):
        parts[place] += 1
    return tuple(parts)


def _first(count: int, ranks: list[int]) -> list[int]:
    """The places of so many of the highest ranks, of equal ones the earlier."""
    if count > _FEW:
        # A stable sort keeps equal ranks in their order, also in reverse.
        return sorted(range(len(ranks)), key=ranks.__getitem__, reverse=True)[:count]
    places = []
    for _ in range(count):
        place = ranks.index(max(ranks))
        ranks[place] = -1
        places.append(place)
    return places


def _bad_weight(weights: Sequence[int]) -> InvalidValue:
    place, weight = next((place, weight) for place, weight in enumerate(weights) if type(weight) is not int or weight < 0)
    return InvalidValue(f"expected weights to be ints from zero up, got {shown(weight)} ({type(weight).__name__}) at position {place}")


def _nothing_to_carry(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    if total:
        raise InvalidValue(f"cannot allocate {total}: expected at least one weight above zero, got {shown(list(weights))}")
    return (0,) * len(weights)
