"""Categories as a tree: what stands under what, so that a rule about drinks means every tea.

    tree = CategoryTree({"green tea": "tea", "tea": "drinks"})
    tree.with_above({"green tea"})   # green tea, tea and drinks

Rules
- a category has one parent at most, and none is above itself; names that the tree does not know stand alone at its top;
- products carry the names of their categories with all that are above them, so that nothing has to be looked up where goods are priced;
- the materialized path of a category is the text of the names from the top down to it, each ended by `/`, with `~1` for a `/` and `~0` for a `~`
  in a name, as in RFC 6901: what stands under a category is what has a path that begins with its path, in any database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from attrs import field, frozen

from shopwright.edges import Pairs, identifier, sorted_pairs
from shopwright.errors import InvalidValue


def _parents(given: Mapping[str, str] | Iterable[tuple[str, str]]) -> Pairs:
    return sorted_pairs(given, "parents")


def _are_names(instance: Any, attribute: Any, value: Any) -> None:
    for pair in value:
        for name in pair:
            identifier()(instance, attribute, name)


@frozen(slots=False)
class CategoryTree:
    """Categories and the one right above each, as a mapping or pairs. Raises `InvalidValue` for a category that would be above itself."""

    parents: Pairs = field(default=(), converter=_parents, validator=_are_names)

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
        found, rest = {name}, [name]
        while rest:
            below = self._children.get(rest.pop(), ())
            found.update(below)
            rest.extend(below)
        return frozenset(found)

    def path(self, name: str) -> str:
        """The materialized path of a category, such as `drinks/tea/green tea/`."""
        names = [*reversed(self.above(name)), name]
        return "".join(f"{each.replace('~', '~0').replace('/', '~1')}/" for each in names)

    def moved(self, name: str, *, under: str | None) -> CategoryTree:
        """The tree with a category, and all that is under it, in another place; `None` is the top. Raises as the tree does."""
        rest: Mapping[str, str] = {child: parent for child, parent in self.parents if child != name}
        return CategoryTree(rest if under is None else {**rest, name: under})

    def merged(self, name: str, *, into: str) -> CategoryTree:
        """The tree without a category, whose own categories stand under the other one then; `merged_names` does it for what stands in them.

        Raises `InvalidValue` for a category that would be merged into itself or into one under it.
        """
        if into in self.under(name):
            where = "itself" if into == name else "under it"
            raise InvalidValue(f"cannot merge the category {name} into {into}, which is {where}; move that one first")
        return CategoryTree({child: into if parent == name else parent for child, parent in self.parents if child != name})

    @cached_property
    def _children(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for child, parent in self.parents:
            found.setdefault(parent, []).append(child)
        return found


def names_on(path: str) -> tuple[str, ...]:
    """The categories on a materialized path, from the top down. Raises `InvalidValue` for what is no path."""
    names = path.split("/")
    if names.pop() or not all(names) or not names:
        raise InvalidValue(f"expected a path such as 'drinks/tea/', got {path[:200]!r}")
    return tuple([name.replace("~1", "/").replace("~0", "~") for name in names])


def merged_names(names: Iterable[str], name: str, *, into: str) -> tuple[str, ...]:
    """The categories of a thing after one was merged into another, each once and in their order."""
    return tuple(dict.fromkeys(into if each == name else each for each in names))
