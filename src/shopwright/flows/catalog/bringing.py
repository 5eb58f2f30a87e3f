"""Bring the catalog of a file into a shop, check one beforehand, and write the catalog out as a file.

Rules
- a batch of groups, their products and records is one changeset, known by its content: after a crash the same file does the rest, and the same file
  again changes nothing and says so;
- attributes are checked by the schema of the shop, and products stand in the categories of the shop as they are when their batch is written;
- the file is the truth about its groups: a sku that another group sells goes over to the group of the file;
- one batch of a file, and one page of a catalog, is held at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import get_args

from shopwright.catalog.groups import ProductGroup
from shopwright.errors import InvalidValue
from shopwright.flows.catalog.keeping import catalog_of, stored_schema
from shopwright.flows.checking import moment
from shopwright.flows.ports import Ports
from shopwright.members.actors import Actor, ActorKind
from shopwright.ports.storage import Query
from shopwright.wire.catalog_files import Form
from shopwright.wire.catalog_groups import RowProblem
from shopwright.wire.catalog_importing import BATCH, ImportReport, Progress, check_catalog, import_catalog
from shopwright.wire.catalog_writing import csv_columns, write_catalog

PAGE = 200
"""How many groups are read at once to be written out."""


def import_groups(
    ports: Ports,
    lines: Iterable[str],
    *,
    form: Form,
    key: str,
    by: Actor,
    at: datetime,
    batch: int = BATCH,
    progress: Progress | None = None,
    tell: Callable[[RowProblem], None] | None = None,
) -> ImportReport:
    """Keep what is new or has changed in the catalog of a file; what became of it, with what is wrong by line.

    `key` names the import in the operations of the storage. Raises `InvalidValue` for a form that there is not, a customer, and a batch of less than
    one; and whatever the storage raises, with the batches before kept.
    """
    _check(form)
    if by.kind is ActorKind.CUSTOMER:
        raise InvalidValue(f"imports are for staff and the shop itself, got customer {by.id!r} as `by`")
    kept = catalog_of(ports, key, by, at=moment(at))
    return import_catalog(
        lines, form=form, known=kept.known, keep=kept.keep, schema=stored_schema(ports), batch=batch, progress=progress, tell=tell
    )


def check_groups(ports: Ports, lines: Iterable[str], *, form: Form, progress: Progress | None = None) -> ImportReport:
    """What an import of this file would say; nothing is kept. Raises `InvalidValue` for a form that there is not."""
    _check(form)

    def known(ids: Iterable[str]) -> dict[str, ProductGroup]:
        return {id: stored.value for id, stored in ports.storage.load_many(ProductGroup, tuple(ids)).items()}

    return check_catalog(lines, form=form, schema=stored_schema(ports), known=known, progress=progress)


def export_groups(ports: Ports, *, form: Form) -> Iterator[str]:
    """The lines of a file with all product groups, in the order of their ids; CSV reads the catalog twice, for its columns come first.

    Raises `InvalidValue` for a form that there is not.
    """
    _check(form)
    columns = csv_columns(all_groups(ports)) if form == "csv" else ()
    return write_catalog(all_groups(ports), form=form, columns=columns)


def all_groups(ports: Ports) -> Iterator[ProductGroup]:
    """Every product group, in the order of their ids, a page at a time."""
    after = ""
    while True:
        page = ports.storage.find(Query(ProductGroup, limit=PAGE, after=after))
        yield from [stored.value for stored in page.items]
        if not (after := page.next):
            return


def _check(form: object) -> None:
    if form not in get_args(Form):
        raise InvalidValue(f"expected a form out of {', '.join(get_args(Form))}, got {form!r}")
