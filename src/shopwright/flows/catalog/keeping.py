"""Put product groups into the catalog of a shop, and take them off sale.

Rules
- a group, the products that carts and orders know of it, and the record that tells of it are one changeset (`flows.cataloging`);
- attributes are checked by the schema that the shop keeps, if it keeps one, and kept in the form that it has for them;
- a group that is there just so is not written again, and nothing is told.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from attrs import evolve

from shopwright.catalog.attributes import AttributeSchema
from shopwright.catalog.categories import CategoryTree
from shopwright.catalog.groups import ProductGroup, Status
from shopwright.catalog.products import Product
from shopwright.flows.catalog.commands import ArchiveGroup, CatalogCommand, PutGroup
from shopwright.flows.cataloging import KeptCatalog
from shopwright.flows.checking import takes
from shopwright.flows.ports import Ports
from shopwright.flows.saving import operation
from shopwright.flows.trying import tried
from shopwright.members.actors import Actor
from shopwright.ports.storage import Changeset
from shopwright.refusals import Refusal
from shopwright.wire.catalog_kinds import ATTRIBUTES, CATEGORIES

Decide = Callable[[ProductGroup | None], ProductGroup | Refusal]
"""What a group becomes, from what it is."""


@takes(PutGroup)
def put_group(ports: Ports, command: PutGroup, *, at: datetime) -> ProductGroup | Refusal:
    """Put a product group into the catalog, or change it; the group as it is kept.

    Refused with `attribute_invalid` (facts: `group`, `attribute`, `problem`) where the schema of the shop does not allow its attributes, and with
    `sku_taken` (facts: `group`, `sku`, `other`) where another group sells under a sku of this one.
    """

    def decide(_: ProductGroup | None) -> ProductGroup | Refusal:
        schema = stored_schema(ports)
        return command.group if schema is None else _by_schema(command.group, schema)

    return _kept(ports, command, command.group.id, decide, at=at)


@takes(ArchiveGroup)
def archive_group(ports: Ports, command: ArchiveGroup, *, at: datetime) -> ProductGroup | Refusal:
    """Take a product group off sale for good.

    Refused with `group_unknown` (fact: `group`), and `group_unfinished` for a draft without a title or a variant, which nobody can have ordered.
    """

    def decide(group: ProductGroup | None) -> ProductGroup | Refusal:
        if group is None:
            return group_unknown(command.group_id)
        if not (group.titles.said and group.variants):
            return Refusal("group_unfinished", f"{group.id} is a draft without a title or a variant, and stays one", {"group": group.id})
        return evolve(group, status=Status.ARCHIVED)

    return _kept(ports, command, command.group_id, decide, at=at)


def _kept(ports: Ports, command: CatalogCommand, group_id: str, decide: Decide, *, at: datetime) -> ProductGroup | Refusal:
    op = operation(ports, command, group_id)
    kept = catalog_of(ports, "desk", command.by, at=at)

    def attempt() -> ProductGroup | Refusal:
        there = ports.storage.load_many(ProductGroup, (group_id,))
        group = decide(there[group_id].value if there else None)
        if isinstance(group, Refusal):
            return group if ports.storage.answered(op) is None else _as_it_stands(ports, group_id)
        if other := _sold_by_another(ports, group):
            return other if ports.storage.answered(op) is None else _as_it_stands(ports, group_id)
        changes = kept.changes((group,), there=there)
        result = ports.storage.commit(Changeset(op, at, puts=changes.puts, records=changes.records))
        if isinstance(result, Refusal):
            return result
        kept.follow(changes)
        return _as_it_stands(ports, group_id) if result.repeated else group

    return tried(ports.storage, attempt)


def _sold_by_another(ports: Ports, group: ProductGroup) -> Refusal | None:
    """The refusal for a sku under which another group sells."""
    for sku, stored in ports.storage.load_many(Product, {variant.sku for variant in group.variants}).items():
        product = stored.value
        if product.active and product.group_id not in ("", group.id):
            facts = {"group": group.id, "sku": sku, "other": product.group_id}
            return Refusal("sku_taken", f"{sku} is sold by product group {product.group_id}; take it out there first", facts)
    return None


def _as_it_stands(ports: Ports, group_id: str) -> ProductGroup:
    stored = ports.storage.load(ProductGroup, group_id)
    assert stored is not None, "an operation is stored together with its group"
    return stored.value


def _by_schema(group: ProductGroup, schema: AttributeSchema) -> ProductGroup | Refusal:
    problems = group.problems(schema)
    if problems:
        code, message = problems[0].code, problems[0].message
        return Refusal("attribute_invalid", f"{code} of {group.id}: {message}", {"group": group.id, "attribute": code, "problem": message})
    return evolve(group, attributes=schema.kept(group.attributes))


def stored_schema(ports: Ports) -> AttributeSchema | None:
    """The attributes of the shop over its categories; `None` where it keeps none, and attributes are what groups say."""
    found = ports.storage.load_each({AttributeSchema: (ATTRIBUTES,), CategoryTree: (CATEGORIES,)})
    schema, tree = found.of(AttributeSchema).get(ATTRIBUTES), found.of(CategoryTree).get(CATEGORIES)
    if schema is None:
        return None
    return schema.value if tree is None else evolve(schema.value, tree=tree.value)


def catalog_of(ports: Ports, key: str, by: Actor, *, at: datetime) -> KeptCatalog:
    """The catalog of a shop, kept as its terms say."""
    terms = ports.catalog
    return KeptCatalog(ports.storage, key=key, at=at, languages=terms.languages, by=told(by), keeps_past=terms.lists is not None)


def told(by: Actor) -> str:
    """Who it was, as records of the catalog tell it."""
    return f"{by.kind}:{by.id}"


def group_unknown(group_id: str) -> Refusal:
    """The refusal for a product group that the catalog does not have."""
    return Refusal("group_unknown", f"there is no product group {group_id!r}", {"group": group_id})
