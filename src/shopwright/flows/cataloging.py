"""A catalog on a storage: product groups, and the products that carts and orders know of them, written together.

    kept = KeptCatalog(storage, key="spring", at=now, languages=("en",))
    report = import_catalog(lines, form="csv", known=kept.known, keep=kept.keep)

Rules
- groups, their products and the records of the stream `catalog` are one changeset, so that no cart and no search sees a half of them; only what
  changes is written, products each with their next version;
- a product whose variant has gone becomes inactive, unless another group has taken its sku over since;
- stock, and what a product was sold for, are left as they are;
- what is written is known by its content and by the versions that it replaces, so that a repeat after a crash writes nothing twice;
- when somebody else writes one of these documents at the same time, all are read and decided again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from attrs import Factory, field, frozen

from shopwright.catalog.categories import CategoryTree
from shopwright.catalog.events import CatalogEvent, GroupArchived, GroupPut, GroupRefiled
from shopwright.catalog.groups import ProductGroup, Status, products_of
from shopwright.catalog.products import Product
from shopwright.edges import identifier, maybe, of, text, texts
from shopwright.flows.catalog.past import past_puts
from shopwright.flows.trying import tried
from shopwright.periods import utc
from shopwright.ports.storage import Changeset, Operation, Put, Record, Storage, Stored
from shopwright.refusals import accepted
from shopwright.wire.catalog_kinds import CATALOG, CATEGORIES
from shopwright.wire.codec import Codec

TRIES = 5
"""How often a batch is read and decided again because somebody else was faster, before the conflict is the caller's."""


@frozen
class CatalogBatch:
    """Groups and products to be written, each with the version that it replaces."""

    groups: tuple[tuple[ProductGroup, int], ...] = ()
    products: tuple[tuple[Product, int], ...] = ()


@frozen
class CatalogChanges:
    """What is to be written, and what is told of each of its groups."""

    batch: CatalogBatch
    events: tuple[CatalogEvent, ...]
    tree: int = 0
    """The version of the stored tree of categories by which they were made."""
    past: tuple[Put, ...] = ()
    """What keeps the prices of its products for later, where the shop does."""

    @property
    def puts(self) -> tuple[Put, ...]:
        """The documents, for a changeset."""
        batch = self.batch
        groups = (Put(it.id, it, version) for it, version in batch.groups)
        return (*groups, *(Put(it.sku, it, version) for it, version in batch.products), *self.past)

    @property
    def records(self) -> tuple[Record, ...]:
        """The records, for the same changeset."""
        told = zip(self.batch.groups, self.events, strict=True)
        return tuple([Record(CATALOG, group_record(group.id, version + 1), 1, event) for (group, version), event in told])


def group_record(group_id: str, version: int) -> str:
    """The key of the record that tells of a product group becoming this version of its document."""
    return f"group/{group_id}/{version}"


@frozen(kw_only=True)
class KeptCatalog:
    """The catalog of a storage, as an import asks for it and has it kept.

    `key` names the import in the operations of the storage, `tree` adds the categories above to products (without one, the tree that the storage
    keeps), their titles are told in the first of `languages`, and `by` is told with the changes. With `keeps_past`, what products cost is kept for
    the prior prices of later reductions.
    """

    storage: Storage = field(kw_only=False)
    key: str = field(validator=identifier(most=100))
    at: datetime = field(converter=utc)
    tree: CategoryTree | None = field(default=None, validator=maybe(of(CategoryTree)))
    languages: tuple[str, ...] = field(default=(), validator=texts(least=1))
    by: str = field(default="", validator=text(most=300))
    keeps_past: bool = field(default=False, validator=of(bool))
    _codec: Codec = field(init=False, repr=False, eq=False, default=Factory(lambda self: Codec(self.storage.kinds), takes_self=True))

    def known(self, ids: Collection[str]) -> Mapping[str, ProductGroup]:
        """The groups of these ids that are there."""
        return {id: stored.value for id, stored in self.storage.load_many(ProductGroup, ids).items()}

    def keep(self, groups: Sequence[ProductGroup]) -> None:
        """Write these groups and their products, all or none. Raises `VersionConflict` when somebody else was faster again and again."""

        def attempt() -> CatalogChanges:
            return self._written(self.changes(groups))

        self.follow(tried(self.storage, attempt, most=TRIES))

    def revise(self, ids: Collection[str], revised: Callable[[ProductGroup], ProductGroup]) -> None:
        """Write these groups as they become, each from what it is at that moment, and their products with them. Raises as `keep` does."""

        def attempt() -> CatalogChanges:
            there = self.storage.load_many(ProductGroup, ids)
            return self._written(self.changes([revised(stored.value) for stored in there.values()], there=there))

        self.follow(tried(self.storage, attempt, most=TRIES))

    def follow(self, changes: CatalogChanges) -> None:
        """Make the products of these changes again where somebody moved categories while they were written; mostly there is nothing to do."""
        if changes.events and self.tree is None and self._tree()[1] != changes.tree:
            self.revise([group.id for group, _ in changes.batch.groups], lambda group: group)

    def _written(self, changes: CatalogChanges) -> CatalogChanges:
        if changes.events:
            fingerprint = self._codec.fingerprint(changes.batch)
            op = Operation(f"{self.key}/{fingerprint}", fingerprint, "catalog")
            accepted(self.storage.commit(Changeset(op, self.at, puts=changes.puts, records=changes.records)))
        return changes

    def changes(self, groups: Sequence[ProductGroup], *, there: Mapping[str, Stored[ProductGroup]] | None = None) -> CatalogChanges:
        """What keeping these groups writes: nothing for those that are there just so, with all their products. `there` are the groups as they were
        when it was decided what they become; without it, as they are now.
        """
        if there is None:
            there = self.storage.load_many(ProductGroup, [group.id for group in groups])
        tree, tree_version = self._tree()
        wanted = {variant.sku for group in groups for variant in group.variants}
        gone = {variant.sku for stored in there.values() for variant in stored.value.variants} - wanted
        products = self.storage.load_many(Product, [*wanted, *gone])
        changed: dict[str, tuple[Product, int]] = {}
        kept: list[tuple[ProductGroup, int]] = []
        events: list[CatalogEvent] = []
        for group in groups:
            old = there.get(group.id)
            before = self._before(group, old, products, gone, tree)
            count = len(changed)
            for product in products_of(group, before=before, tree=tree, languages=self.languages):
                stored = products.get(product.sku)
                if stored is None or stored.value != product:
                    changed[product.sku] = (product, 0 if stored is None else stored.version)
            if old is None or old.value != group or len(changed) > count:
                kept.append((group, 0 if old is None else old.version))
                events.append(self._event(group, None if old is None else old.value))
        past = past_puts(self.storage, {sku: (product, None) for sku, (product, _) in changed.items()}, at=self.at) if self.keeps_past else ()
        return CatalogChanges(CatalogBatch(tuple(kept), tuple(changed.values())), tuple(events), tree_version, past)

    def _tree(self) -> tuple[CategoryTree, int]:
        """The categories, those of the storage with their version where none were given."""
        if self.tree is not None:
            return self.tree, 0
        stored = self.storage.load(CategoryTree, CATEGORIES)
        return (CategoryTree(), 0) if stored is None else (stored.value, stored.version)

    def _event(self, group: ProductGroup, old: ProductGroup | None) -> CatalogEvent:
        if old == group:
            return GroupRefiled(group_id=group.id, by=self.by, at=self.at)
        if group.status is Status.ARCHIVED and old is not None and old.status is not Status.ARCHIVED:
            return GroupArchived(group_id=group.id, by=self.by, at=self.at)
        return GroupPut(group_id=group.id, created=old is None, by=self.by, at=self.at)

    def _before(
        self,
        group: ProductGroup,
        old: Stored[ProductGroup] | None,
        products: Mapping[str, Stored[Product]],
        gone: Collection[str],
        tree: CategoryTree,
    ) -> list[Product]:
        """The products of a group as they are, and those of variants that have gone and are still the group's."""
        found = [products[variant.sku].value for variant in group.variants if variant.sku in products]
        for made in () if old is None else products_of(old.value, tree=tree, languages=self.languages):
            stored = products.get(made.sku) if made.sku in gone else None
            if stored is not None and _is_of(stored.value, group, made):
                found.append(stored.value)
        return found


def _is_of(product: Product, group: ProductGroup, made: Product) -> bool:
    """Whether a product is still the group's; those that were made before products knew their group are told by title and seller."""
    if product.group_id:
        return product.group_id == group.id
    return (product.title, product.seller_id) == (made.title, made.seller_id)
