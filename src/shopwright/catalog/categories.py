"""Categories as a tree: what stands under what, so that a rule about drinks means every tea.

    tree = CategoryTree({"green tea": "tea", "tea": "drinks"})
    tree.with_above({"green tea"})   # green tea, tea and drinks

Rules
- a category has one parent at most, and none is above itself; names that the tree does not know stand alone at its top;
- products carry the names of their categories with all that are above them, so that nothing has to be looked up where goods are priced.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from attrs import field, frozen

from shopwright.edges import Pairs, identifier, sorted_pairs
from shopwright.errors import InvalidValue


def _are_names(instance: Any, attribute: Any, value: Any) -> None:
    for pair in value:
        for name in pair:
            identifier()(instance, attribute, name)


@frozen(slots=False)
class CategoryTree:
    """Categories and the one right above each, as a mapping or pairs. Raises `InvalidValue` for a category that would be above itself."""

    parents: Pairs = field(default=(), converter=sorted_pairs, validator=_are_names)

    def __attrs_post_init__(self) -> None:
        fine: set[str] = set()
        for name in self._parent:
            path = [name]
            while path[-1] in self._parent and path[-1] not in fine:
                parent = self._parent[path[-1]]
                if parent in path:
                    circle = " under ".join([*path[path.index(parent) :], parent])
                    raise InvalidValue(f"expected a tree of categories, got a circle: {circle}; take one of these apart")
                path.append(parent)
            fine.update(path)

    @cached_property
    def _parent(self) -> dict[str, str]:
        return dict(self.parents)

    def above(self, name: str) -> tuple[str, ...]:
        """The categories above one, the nearest first."""
        found: list[str] = []
        while (parent := self._parent.get(found[-1] if found else name)) is not None:
            found.append(parent)
        return tuple(found)

    def with_above(self, names: Iterable[str]) -> frozenset[str]:
        """These categories and all that are above them: what a product, or a line of a basket, stands in."""
        given = frozenset(names)
        return given | {above for name in given for above in self.above(name)}

    def under(self, name: str) -> frozenset[str]:
        """A category and all that are under it."""
        return frozenset([name, *[other for other in self._parent if name in self.above(other)]])

    def moved(self, name: str, *, under: str | None) -> CategoryTree:
        """The tree with a category, and all that is under it, in another place; `None` is the top. Raises as the tree does."""
        rest: Mapping[str, str] = {child: parent for child, parent in self.parents if child != name}
        return CategoryTree(rest if under is None else {**rest, name: under})
