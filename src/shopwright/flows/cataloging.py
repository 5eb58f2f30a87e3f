"""A catalog on a storage: product groups, and the products that carts and orders know of them, written together.

    kept = KeptCatalog(storage, key="spring", at=now, languages=("en",))
    report = import_catalog(lines, form="csv", known=kept.known, keep=kept.keep)

Rules
- groups and their products are one changeset, so that no cart sees a half of them; only products that change are written, each with its next version;
- a product whose variant has gone becomes inactive, unless another group has taken its sku over since: then its title or its seller is another;
- stock, and what a product was sold for, are left as they are;
- what is written is known by its content and by the versions that it replaces, so that a repeat after a crash writes nothing twice;
- when somebody else writes one of these documents at the same time, all are read and decided again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from attrs import Factory, field, frozen

from shopwright.catalog.categories import CategoryTree
from shopwright.catalog.groups import ProductGroup, products_of
from shopwright.catalog.products import Product
from shopwright.edges import identifier, of, texts
from shopwright.errors import VersionConflict
from shopwright.periods import utc
from shopwright.ports.storage import Changeset, Operation, Put, Storage, Stored
from shopwright.refusals import accepted
from shopwright.wire.codec import Codec

TRIES = 5
"""How often a batch is read and decided again because somebody else was faster, before the conflict is the caller's."""


@frozen
class _Batch:
    """What is to be written: groups and products, each with the version that it replaces."""

    groups: tuple[tuple[ProductGroup, int], ...]
    products: tuple[tuple[Product, int], ...]


@frozen(kw_only=True)
class KeptCatalog:
    """The catalog of a storage, as an import asks for it and has it kept.

    `key` names the import in the operations of the storage, `tree` adds the categories above to products, and their titles are told in the first of
    `languages`.
    """

    storage: Storage = field(kw_only=False)
    key: str = field(validator=identifier(most=100))
    at: datetime = field(converter=utc)
    tree: CategoryTree = field(factory=CategoryTree, validator=of(CategoryTree))
    languages: tuple[str, ...] = field(default=(), validator=texts(least=1))
    _codec: Codec = field(init=False, repr=False, eq=False, default=Factory(lambda self: Codec(self.storage.kinds), takes_self=True))

    def known(self, ids: Collection[str]) -> Mapping[str, ProductGroup]:
        """The groups of these ids that are there."""
        return {id: stored.value for id, stored in self.storage.load_many(ProductGroup, ids).items()}

    def keep(self, groups: Sequence[ProductGroup]) -> None:
        """Write these groups and their products, all or none. Raises `VersionConflict` when somebody else was faster again and again."""
        for left in range(0 if self.storage.is_joined else TRIES - 1, -1, -1):
            batch = self._batch(groups)
            puts = [
                *(Put(group.id, group, version) for group, version in batch.groups),
                *(Put(it.sku, it, version) for it, version in batch.products),
            ]
            fingerprint = self._codec.fingerprint(batch)
            try:
                accepted(self.storage.commit(Changeset(Operation(f"{self.key}/{fingerprint}", fingerprint, "catalog"), self.at, puts=tuple(puts))))
            except VersionConflict:
                if not left:
                    raise
                continue
            return

    def _batch(self, groups: Sequence[ProductGroup]) -> _Batch:
        there = self.storage.load_many(ProductGroup, [group.id for group in groups])
        wanted = {variant.sku for group in groups for variant in group.variants}
        gone = {variant.sku for stored in there.values() for variant in stored.value.variants} - wanted
        products = self.storage.load_many(Product, [*wanted, *gone])
        changed: dict[str, tuple[Product, int]] = {}
        for group in groups:
            for product in products_of(
                group, before=self._before(group, there.get(group.id), products, gone), tree=self.tree, languages=self.languages
            ):
                stored = products.get(product.sku)
                if stored is None or stored.value != product:
                    changed[product.sku] = (product, 0 if stored is None else stored.version)
        versions = [(group, there[group.id].version if group.id in there else 0) for group in groups]
        return _Batch(tuple(versions), tuple(changed.values()))

    def _before(
        self, group: ProductGroup, old: Stored[ProductGroup] | None, products: Mapping[str, Stored[Product]], gone: Collection[str]
    ) -> list[Product]:
        """The products of a group as they are, and those of variants that have gone and are still the group's."""
        found = [products[variant.sku].value for variant in group.variants if variant.sku in products]
        for made in () if old is None else products_of(old.value, tree=self.tree, languages=self.languages):
            stored = products.get(made.sku) if made.sku in gone else None
            if stored is not None and (stored.value.title, stored.value.seller_id) == (made.title, made.seller_id):
                found.append(stored.value)
        return found
