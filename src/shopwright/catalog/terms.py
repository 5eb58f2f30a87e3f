"""How a shop keeps its catalog: chosen once, and the same for every group."""

from __future__ import annotations

from attrs import field, frozen

from shopwright.edges import texts


@frozen(kw_only=True)
class CatalogTerms:
    """`languages` are those in which products are named in carts and on orders: the title of a group in the first that it has."""

    languages: tuple[str, ...] = field(default=(), validator=texts(least=1))
