"""What bundles come down to when they are packed: how many of each sku, and how many sets a stock is enough for.

Rules
- a bundle may hold bundles, to any depth, and never itself;
- components that come in by several ways add up, and stand in the order of their skus.
"""

from __future__ import annotations

from collections.abc import Mapping

from shopwright.catalog.products import Component
from shopwright.errors import InvalidValue

Bundles = Mapping[str, tuple[Component, ...]]
"""What each bundle is made of, by its sku."""


def packed(sku: str, bundles: Bundles) -> tuple[Component, ...]:
    """What one unit of a sku comes down to; itself for what is no bundle. Raises `InvalidValue` for a bundle that holds itself,
    and for more than a million of one sku.
    """
    needed = {sku: 1}
    for each in _outermost_first(sku, bundles):
        count = needed.pop(each)
        for component in bundles[each]:
            needed[component.sku] = needed.get(component.sku, 0) + count * component.quantity
    return tuple([Component(part, count) for part, count in sorted(needed.items())])


def sets_from(components: tuple[Component, ...], stock: Mapping[str, int]) -> int:
    """How many sets of these components this stock is enough for; zero where there are none, or one is not in stock."""
    return min((max(0, stock.get(it.sku, 0)) // it.quantity for it in components), default=0)


def _outermost_first(sku: str, bundles: Bundles) -> tuple[str, ...]:
    """The bundles in a bundle, each before those it holds."""
    done: dict[str, None] = {}
    path = [(sku, iter(bundles.get(sku, ())))]
    inside = {sku}
    while path:
        holder, rest = path[-1]
        part = next(rest, None)
        if part is None:
            path.pop()
            inside.discard(holder)
            if holder in bundles:
                done[holder] = None
        elif part.sku in inside:
            circle = " holds ".join([*[name for name, _ in path], part.sku])
            raise InvalidValue(f"expected bundles that never hold themselves, got {circle}; take one of these out")
        elif part.sku in bundles and part.sku not in done:
            path.append((part.sku, iter(bundles[part.sku])))
            inside.add(part.sku)
    return tuple(reversed(done))
