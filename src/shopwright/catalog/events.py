"""What happens to a catalog. Whoever shows or finds goods follows these events, and reads what they name as it stands then.

Rules
- an event says what has changed and who did it (`by`, such as `staff:clerk`), never to what: the documents tell that;
- `group_id` names a product group that is to be shown anew, whatever it was that changed.
"""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from shopwright.edges import aware, identifier, of, text, texts

_is_id = identifier(most=100)


@frozen(kw_only=True)
class GroupPut:
    """A product group is there for the first time (`created`), or is another than before: its texts, variants, prices, status, whatever it may be."""

    group_id: str = field(validator=_is_id)
    created: bool = field(default=False, validator=of(bool))
    by: str = field(default="", validator=text(most=300))
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class GroupArchived:
    """A product group is for sale no more; it stays for those who ordered it."""

    group_id: str = field(validator=_is_id)
    by: str = field(default="", validator=text(most=300))
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class GroupRefiled:
    """A product group stands under other categories, because these were moved or merged; nothing of its own has changed."""

    group_id: str = field(validator=_is_id)
    by: str = field(default="", validator=text(most=300))
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class CategoriesPut:
    """These categories stand where they stand now: they are new, or were moved. Their groups are told of one by one (`GroupRefiled`)."""

    names: tuple[str, ...] = field(validator=texts(least=1))
    by: str = field(default="", validator=text(most=300))
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class CategoryMerged:
    """A category is no more, and what stood in it stands in another. Its groups are told of one by one (`GroupPut`)."""

    name: str = field(validator=identifier())
    into: str = field(validator=identifier())
    by: str = field(default="", validator=text(most=300))
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class AttributesPut:
    """The attributes of the catalog, or the categories that use them, are others."""

    by: str = field(default="", validator=text(most=300))
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class PriceListPut:
    """A price list is new, or is another: its currency, channel, tier or window."""

    list_id: str = field(validator=_is_id)
    by: str = field(default="", validator=text(most=300))
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class PriceListRemoved:
    """A price list is asked no more."""

    list_id: str = field(validator=_is_id)
    by: str = field(default="", validator=text(most=300))
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class PricesPut:
    """Lists say something else of a sku than before. `group_id` is the product group that it is a variant of, empty where there is none."""

    sku: str = field(validator=_is_id)
    group_id: str = field(default="", validator=text(most=100))
    by: str = field(default="", validator=text(most=300))
    at: datetime = field(validator=aware)


CatalogEvent = GroupPut | GroupArchived | GroupRefiled | CategoriesPut | CategoryMerged | AttributesPut | PriceListPut | PriceListRemoved | PricesPut
