"""Commands about the catalog: what somebody asks a shop to show and sell, as values.

Rules
- as for all commands, the same command under the same key is done once, and the same key with another command raises `KeyConflict`;
- the catalog is kept by staff and by the shop itself: a customer who sends one of these is a mistake of the host.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen

from shopwright.catalog.attributes import AttributeSchema
from shopwright.catalog.groups import ProductGroup
from shopwright.catalog.price_lists import ListedPrice, PriceList
from shopwright.edges import Pairs, identifier, maybe, members, of, sorted_pairs, texts
from shopwright.errors import InvalidValue
from shopwright.flows.commands import Command, only_keepers

_GROUP_ID = identifier(most=100)


@frozen(kw_only=True)
class CatalogCommand(Command):
    """What only staff and the shop itself may ask. Raises `InvalidValue` for a customer."""

    def __attrs_post_init__(self) -> None:
        only_keepers(self)


@frozen(kw_only=True)
class PutGroup(CatalogCommand):
    """Put a product group into the catalog, or change it; its variants become products that carts and orders know."""

    group: ProductGroup = field(validator=of(ProductGroup))


@frozen(kw_only=True)
class ArchiveGroup(CatalogCommand):
    """Take a product group off sale for good. It stays for those who ordered it."""

    group_id: str = field(validator=_GROUP_ID)


_is_category = identifier()


def _parents(given: Mapping[str, str] | Iterable[tuple[str, str]]) -> Pairs:
    return sorted_pairs(given, "parents")


def _are_categories(instance: Any, attribute: Any, value: Any) -> None:
    if not value:
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must have one category or more, got none")
    for pair in value:
        for name in pair:
            _is_category(instance, attribute, name)


@frozen(kw_only=True)
class PutCategories(CatalogCommand):
    """Put categories under others, as a mapping or pairs of a category and the one right above it; those that stand elsewhere are moved."""

    parents: Pairs = field(converter=_parents, validator=_are_categories)


@frozen(kw_only=True)
class MoveCategory(CatalogCommand):
    """Move a category, with all that is under it, under another one, or to the top (`None`)."""

    name: str = field(validator=_is_category)
    under: str | None = field(default=None, validator=maybe(_is_category))


@frozen(kw_only=True)
class MergeCategory(CatalogCommand):
    """Put all that stands in a category into another one; the category is no more, and its own categories stand under the other."""

    name: str = field(validator=_is_category)
    into: str = field(validator=_is_category)


@frozen(kw_only=True)
class PutAttributes(CatalogCommand):
    """Say which attributes there are, and which categories use them. Categories stand where the shop has them: a tree in the schema is not kept."""

    schema: AttributeSchema = field(validator=of(AttributeSchema))


MOST_PRICES = 1_000
"""How many prices a command puts or removes."""


def _few(instance: Any, attribute: Any, value: Any) -> None:
    if not 0 < len(value) <= MOST_PRICES:
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must be 1 to {MOST_PRICES}, got {len(value)}")


def _once(instance: Any, attribute: Any, value: Any) -> None:
    members(ListedPrice)(instance, attribute, value)
    _few(instance, attribute, value)
    if len({(row.list_id, row.sku) for row in value}) < len(value):
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must name each sku of a list once; put all breaks into one price")


@frozen(kw_only=True)
class PutPriceList(CatalogCommand):
    """Put a price list into the shop, or change its channel, tier or window. Prices are put into it with `PutPrices`."""

    price_list: PriceList = field(validator=of(PriceList))


@frozen(kw_only=True)
class RemovePriceList(CatalogCommand):
    """Ask a price list no more. Its prices stay, and stand again should the list come back."""

    list_id: str = field(validator=_GROUP_ID)


@frozen(kw_only=True)
class PutPrices(CatalogCommand):
    """What lists say of skus, at most 1,000 prices, all of them or none; each in place of what its list said of the sku."""

    prices: tuple[ListedPrice, ...] = field(validator=_once)


@frozen(kw_only=True)
class RemovePrices(CatalogCommand):
    """Let a list say nothing of these skus any more, at most 1,000."""

    list_id: str = field(validator=_GROUP_ID)
    skus: tuple[str, ...] = field(validator=[texts(least=1), _few])
