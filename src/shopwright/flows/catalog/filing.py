"""Categories of a shop: put, moved and merged, with all groups and products that stand under others for it.

Rules
- the tree, the record that tells of it, and the note of what is to be brought along are one changeset; the groups follow in batches, each of groups
  and products together, so that no product is ever without its group's categories;
- a crash in between leaves the note: the same command sent again, the next one about categories, or `refile` does the rest;
- a group that somebody else puts meanwhile looks at the tree again when it is written, so that none stays behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from attrs import evolve

from shopwright.catalog.categories import CategoryTree, merged_names
from shopwright.catalog.events import CatalogEvent, CategoriesPut, CategoryMerged
from shopwright.catalog.groups import ProductGroup
from shopwright.errors import InvalidValue, VersionConflict
from shopwright.flows.catalog.commands import CatalogCommand, MergeCategory, MoveCategory, PutCategories
from shopwright.flows.catalog.keeping import catalog_of, told
from shopwright.flows.checking import moment, takes
from shopwright.flows.ports import Ports
from shopwright.flows.saving import operation
from shopwright.flows.trying import tried
from shopwright.ports.storage import Changeset, Committed, Operation, Put, Query, Record
from shopwright.refusals import Refusal, accepted
from shopwright.wire.catalog_kinds import CATALOG, CATEGORIES, Refiling

BATCH = 200
"""How many groups are read at once, and at most written at once."""

Progress = Callable[[int], None]
"""Hears how many groups have been looked at."""


@takes(PutCategories)
def put_categories(ports: Ports, command: PutCategories, *, at: datetime) -> CategoryTree | Refusal:
    """Put categories under others; the tree as it stands. Refused with `category_circle` (facts: `category`, `problem`)."""
    names = tuple([name for name, _ in command.parents])
    event = CategoriesPut(names=names, by=told(command.by), at=at)
    return _changed(ports, command, lambda tree: CategoryTree({**dict(tree.parents), **dict(command.parents)}), names[0], event, at=at)


@takes(MoveCategory)
def move_category(ports: Ports, command: MoveCategory, *, at: datetime) -> CategoryTree | Refusal:
    """Move a category with all that is under it; the tree as it stands. Refused with `category_circle` (facts: `category`, `problem`)."""
    event = CategoriesPut(names=(command.name,), by=told(command.by), at=at)
    return _changed(ports, command, lambda tree: tree.moved(command.name, under=command.under), command.name, event, at=at)


@takes(MergeCategory)
def merge_category(ports: Ports, command: MergeCategory, *, at: datetime) -> CategoryTree | Refusal:
    """Put all that stands in a category into another; the tree as it stands. Refused with `category_circle` (facts: `category`, `problem`)."""
    event = CategoryMerged(name=command.name, into=command.into, by=told(command.by), at=at)
    return _changed(ports, command, lambda tree: tree.merged(command.name, into=command.into), command.name, event, at=at)


def _changed(
    ports: Ports, command: CatalogCommand, change: Callable[[CategoryTree], CategoryTree], name: str, event: CatalogEvent, *, at: datetime
) -> CategoryTree | Refusal:
    op = operation(ports, command, name)

    def attempt() -> Committed | Refusal:
        refile(ports, at=at)  # what an earlier change has left to do, since there is one note
        note = ports.storage.load(Refiling, CATEGORIES)
        if note is not None and not note.value.is_done:
            raise VersionConflict("the categories were changed while they were read; read them again and decide again")
        tree, version = stored_tree(ports)
        try:
            after = change(tree)
        except InvalidValue as error:
            done = ports.storage.answered(op)
            circle = Refusal("category_circle", str(error), {"category": name, "problem": str(error)[:4_000]})
            return circle if done is None else Committed(done.text, repeated=True)
        merged = (event.name, event.into) if isinstance(event, CategoryMerged) else None
        to_do = Refiling(_elsewhere(tree, after), merged, command.by)
        puts = (Put(CATEGORIES, after, version), Put(CATEGORIES, to_do, 0 if note is None else note.version))
        record = Record(CATALOG, f"categories/{version + 1}", 1, event)
        return ports.storage.commit(Changeset(op, at, puts=puts, records=(record,)))

    result = tried(ports.storage, attempt)
    if isinstance(result, Refusal):
        return result
    refile(ports, at=at)
    return stored_tree(ports)[0]


def _elsewhere(before: CategoryTree, after: CategoryTree) -> tuple[str, ...]:
    """The categories that have others above them than before."""
    names = {name for tree in (before, after) for pair in tree.parents for name in pair}
    return tuple(sorted(name for name in names if set(before.above(name)) != set(after.above(name))))


def refile(ports: Ports, *, at: datetime, progress: Progress | None = None) -> int:
    """Bring the groups along whose categories were moved or merged; how many were looked at, none where nothing is left to do."""
    moment(at)
    note = ports.storage.load(Refiling, CATEGORIES)
    if note is None or note.value.is_done:
        return 0
    names = {*note.value.names, *(note.value.merged or ())[:1]}
    kept = catalog_of(ports, "refile", note.value.by, at=at)
    seen = 0
    for groups in _pages(ports):
        touched = [group.id for group in groups if not names.isdisjoint(group.categories)]
        now = ports.storage.load(Refiling, CATEGORIES) if touched else note
        if now is None or now.version != note.version:
            return seen  # somebody else has done the rest
        if touched:
            kept.revise(touched, partial(_merged, note=note.value))
        seen += len(groups)
        if progress is not None:
            progress(seen)
    op = Operation(f"refiled/{note.version}", "refiled", CATEGORIES)
    accepted(ports.storage.commit(Changeset(op, at, puts=(Put(CATEGORIES, Refiling(), note.version),))))
    return seen


def _merged(group: ProductGroup, note: Refiling) -> ProductGroup:
    if note.merged is None or note.merged[0] not in group.categories:
        return group
    name, into = note.merged
    return evolve(group, categories=merged_names(group.categories, name, into=into))


def _pages(ports: Ports) -> Iterator[list[ProductGroup]]:
    after = ""
    while True:
        page = ports.storage.find(Query(ProductGroup, limit=BATCH, after=after))
        yield [stored.value for stored in page.items]
        if not (after := page.next):
            return


def stored_tree(ports: Ports) -> tuple[CategoryTree, int]:
    """The categories of the shop, and the version of the tree; 0 where it has none."""
    stored = ports.storage.load(CategoryTree, CATEGORIES)
    return (CategoryTree(), 0) if stored is None else (stored.value, stored.version)
