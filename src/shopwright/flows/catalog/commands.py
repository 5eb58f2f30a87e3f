"""Commands about the catalog: what somebody asks a shop to show and sell, as values.

Rules
- as for all commands, the same command under the same key is done once, and the same key with another command raises `KeyConflict`;
- the catalog is kept by staff and by the shop itself: a customer who sends one of these is a mistake of the host.
"""

from __future__ import annotations

from attrs import field, frozen

from shopwright.catalog.groups import ProductGroup
from shopwright.edges import identifier, of
from shopwright.errors import InvalidValue
from shopwright.flows.commands import Command
from shopwright.members.actors import ActorKind

_GROUP_ID = identifier(most=100)


@frozen(kw_only=True)
class CatalogCommand(Command):
    """What only staff and the shop itself may ask. Raises `InvalidValue` for a customer."""

    def __attrs_post_init__(self) -> None:
        if self.by.kind is ActorKind.CUSTOMER:
            raise InvalidValue(f"{type(self).__name__} is for staff and the shop itself, got customer {self.by.id!r} as `by`")


@frozen(kw_only=True)
class PutGroup(CatalogCommand):
    """Put a product group into the catalog, or change it; its variants become products that carts and orders know."""

    group: ProductGroup = field(validator=of(ProductGroup))


@frozen(kw_only=True)
class ArchiveGroup(CatalogCommand):
    """Take a product group off sale for good. It stays for those who ordered it."""

    group_id: str = field(validator=_GROUP_ID)
