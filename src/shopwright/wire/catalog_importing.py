"""Bring the catalog of a file into a store, in batches, and tell what became of each product group.

    report = import_catalog(lines, form="csv", known=known, keep=keep)
    report.created, report.changed, report.unchanged, report.wrong

Rules
- a group that is in the store just as the file says it is left alone: the same file again changes nothing and says so;
- a group with anything wrong in it is left out whole; `check_catalog` tells beforehand whether there is one;
- a batch is handed over at once, to be kept whole or not at all: after a crash the same file does the rest;
- what the file does not name stays as it is; one batch is held at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from attrs import evolve, field, frozen

from shopwright.catalog.attributes import AttributeSchema
from shopwright.catalog.groups import ProductGroup
from shopwright.errors import InvalidValue
from shopwright.wire.catalog_files import Form, Read, read_catalog
from shopwright.wire.catalog_groups import RowProblem

BATCH, TOLD = 200, 1_000
"""How many groups are kept at once unless said otherwise, and how many mistakes a report holds."""

Known = Callable[[Collection[str]], Mapping[str, ProductGroup]]
"""Asks the store for the groups of these ids; those that it does not have are left out."""

Keep = Callable[[Sequence[ProductGroup]], None]
"""Has the store keep these groups, all of them or none, and raises where it cannot."""


@frozen(kw_only=True)
class ImportReport:
    """What became of the groups of a file, and how many mistakes are in it; `problems` are the first of these, in the order of their lines."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    wrong: int = 0
    problems: tuple[RowProblem, ...] = field(default=(), repr=False)

    @property
    def groups(self) -> int:
        """How many groups could be read."""
        return self.created + self.changed + self.unchanged


Progress = Callable[[ImportReport], None]
"""Hears how far it has come, after each batch; numbers only, its `problems` are empty."""


def import_catalog(
    lines: Iterable[str],
    *,
    form: Form,
    known: Known,
    keep: Keep,
    schema: AttributeSchema | None = None,
    batch: int = BATCH,
    progress: Progress | None = None,
    tell: Callable[[RowProblem], None] | None = None,
) -> ImportReport:
    """Read a catalog and keep what is new or has changed; what became of it.

    `tell` hears every mistake, also those beyond `TOLD`. Whatever `known` and `keep` raise ends the import; the batches before are kept. Raises
    `InvalidValue` for a batch of less than one.
    """
    if batch < 1:
        raise InvalidValue(f"expected batches of one group or more, got {batch}")
    told: list[RowProblem] = []
    report = ImportReport()
    for some in _batches(read_catalog(lines, form=form, schema=schema), batch):
        problems = [read for read in some if isinstance(read, RowProblem)]
        if tell is not None:
            for problem in problems:
                tell(problem)
        told += problems[: TOLD - len(told)]
        report = _kept(
            [read.group for read in some if not isinstance(read, RowProblem)], known, keep, evolve(report, wrong=report.wrong + len(problems))
        )
        if progress is not None:
            progress(report)
    return evolve(report, problems=tuple(told))


def check_catalog(
    lines: Iterable[str], *, form: Form, schema: AttributeSchema | None = None, known: Known | None = None, progress: Progress | None = None
) -> ImportReport:
    """What an import would say, and nothing is kept. Without `known`, each group counts as new."""
    return import_catalog(lines, form=form, known=known or (lambda ids: {}), keep=lambda groups: None, schema=schema, progress=progress)


def _batches(reads: Iterable[Read], size: int) -> Iterator[list[Read]]:
    rest = iter(reads)
    while some := list(islice(rest, size)):
        yield some


def _kept(groups: Sequence[ProductGroup], known: Known, keep: Keep, report: ImportReport) -> ImportReport:
    if not groups:
        return report
    before = known([group.id for group in groups])
    new = [group for group in groups if group.id not in before]
    changed = [group for group in groups if group.id in before and before[group.id] != group]
    if new or changed:
        keep([group for group in groups if before.get(group.id) != group])
    same = len(groups) - len(new) - len(changed)
    return evolve(report, created=report.created + len(new), changed=report.changed + len(changed), unchanged=report.unchanged + same)
