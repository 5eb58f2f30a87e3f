"""The import of a catalog: the same file again changes nothing, and a batch is kept whole or not at all."""

from __future__ import annotations

import gzip
from itertools import islice

import pytest
from attrs import define, field

from shopwright.catalog.groups import ProductGroup, Status
from shopwright.catalog.languages import Texts
from shopwright.catalog.measures import Measures
from shopwright.catalog.variants import Variant
from shopwright.errors import InvalidValue, StorageUnavailable
from shopwright.wire.catalog_importing import ImportReport, check_catalog, import_catalog
from shopwright.wire.catalog_writing import csv_columns, write_catalog
from tests.surroundings import peer, real_data

HEAD = "product,seller,sku,title:en\n"
ROWS = [f"p{number},own,s{number},Thing {number}\n" for number in range(7)]


@define
class Shelves:
    """A store that keeps groups in memory, and may break down before the batch of this number."""

    groups: dict[str, ProductGroup] = field(factory=dict)
    batches: list[list[str]] = field(factory=list)
    breaks_at: int = -1

    def known(self, ids):
        """The groups of these ids."""
        return {id: self.groups[id] for id in ids if id in self.groups}

    def keep(self, groups):
        """All of them, or none where it breaks down."""
        if len(self.batches) == self.breaks_at:
            raise StorageUnavailable("gone")
        self.batches.append([group.id for group in groups])
        self.groups |= {group.id: group for group in groups}


def bring(shelves, lines, **more):
    return import_catalog(lines, **{"form": "csv", "known": shelves.known, "keep": shelves.keep, "batch": 3, **more})


def test_the_same_file_twice_changes_nothing_and_says_so():
    shelves = Shelves()

    first, kept = bring(shelves, [HEAD, *ROWS]), dict(shelves.groups)
    again = bring(shelves, [HEAD, *ROWS])

    assert (first, again) == (ImportReport(created=7), ImportReport(unchanged=7))
    assert (shelves.batches, shelves.groups) == ([["p0", "p1", "p2"], ["p3", "p4", "p5"], ["p6"]], kept)


def test_only_what_is_new_or_has_changed_is_kept():
    shelves = Shelves()
    bring(shelves, [HEAD, *ROWS])
    shelves.batches.clear()

    report = bring(shelves, [HEAD, ROWS[0], "p1,own,s1,Another thing\n", ROWS[2], "p9,own,s9,New\n"])

    assert (report, shelves.batches) == (ImportReport(created=1, changed=1, unchanged=2), [["p1"], ["p9"]])
    assert len(shelves.groups) == 8


def test_what_is_wrong_is_left_out_and_told_and_the_rest_is_kept():
    shelves, told = Shelves(), []

    report = bring(shelves, [HEAD, ROWS[0], "bad,,b,Bad\n", ROWS[1], "worse,,w,Worse\n"], tell=told.append)

    assert (report.created, report.wrong, report.groups) == (2, 2, 2)
    assert [str(problem) for problem in told] == [f"line {line}, seller: expected text, got nothing" for line in (3, 5)]
    assert (report.problems, sorted(shelves.groups)) == (tuple(told), ["p0", "p1"])


def test_after_a_crash_the_same_file_does_the_rest():
    shelves = Shelves(breaks_at=1)
    with pytest.raises(StorageUnavailable):
        bring(shelves, [HEAD, *ROWS])
    assert sorted(shelves.groups) == ["p0", "p1", "p2"]

    shelves.breaks_at = -1
    assert bring(shelves, [HEAD, *ROWS]) == ImportReport(created=4, unchanged=3)


def test_progress_is_told_after_each_batch():
    heard = []

    bring(Shelves(), [HEAD, *ROWS], progress=heard.append)

    assert heard == [ImportReport(created=count) for count in (3, 6, 7)]


def test_a_check_keeps_nothing_and_says_what_an_import_would():
    shelves = Shelves()
    bring(shelves, [HEAD, *ROWS[:3]])

    assert check_catalog([HEAD, *ROWS], form="csv", known=shelves.known) == ImportReport(created=4, unchanged=3)
    assert check_catalog([HEAD, *ROWS], form="csv") == ImportReport(created=7)
    assert len(shelves.groups) == 3


def test_a_report_holds_the_first_mistakes_and_counts_them_all():
    report = check_catalog([HEAD, *[f"p{number},,s{number},\n" for number in range(1_500)]], form="csv")

    assert (report.wrong, len(report.problems), report.problems[-1].line) == (1_500, 1_000, 1_001)


def test_a_batch_has_a_group():
    with pytest.raises(InvalidValue, match="expected batches of one group or more, got 0"):
        bring(Shelves(), [HEAD], batch=0)


def olist():
    """The products of a marketplace: a category and measures, and no text."""
    table = peer("pyarrow.parquet").read_table(real_data("olist") / "products.parquet").to_pylist()
    for row in table:
        sides = {f"{side}_mm": (row[f"product_{side}_cm"] or 0) * 10 for side in ("length", "width", "height")}
        measures = Measures(weight_g=row["product_weight_g"] or 0, **sides)
        category = row["product_category_name"]
        yield ProductGroup(
            id=row["product_id"],
            seller_id="olist",
            categories=(category,) if category else (),
            variants=(Variant(row["product_id"], measures=measures),),
        )


def groceries():
    """The products of a grocer: a department, a brand, a category, a type and a size, and no name."""
    table = peer("pyarrow.parquet").read_table(real_data("dunnhumby-products") / "products.parquet").to_pylist()
    for row in table:
        names = [row[name] for name in ("product_type", "product_category", "department")]
        yield ProductGroup(
            id=str(row["product_id"]),
            seller_id=str(row["manufacturer_id"]),
            titles=Texts({"en": next(name for name in names if name)}),
            status=Status.ACTIVE,
            brand=row["brand"],
            categories=tuple(dict.fromkeys(name for name in names if name)),
            attributes={"package_size": row["package_size"]} if row["package_size"] else {},
            variants=(Variant(str(row["product_id"])),),
        )


@pytest.mark.parametrize(
    ("goods", "count", "form"),
    [
        (olist, 4_500, "csv"),
        (groceries, 4_500, "jsonl"),
        pytest.param(olist, 32_951, "csv", marks=pytest.mark.full),
        pytest.param(groceries, 92_331, "jsonl", marks=pytest.mark.full),
    ],
)
def test_real_catalogs_import_twice_with_the_same_result(goods, count, form, tmp_path):
    """The first of them, in three batches, or with `--full` all there are."""
    groups = list(islice(goods(), count)) if count < 5_000 else list(goods())
    file = tmp_path / "catalog.gz"
    with gzip.open(file, "wt", encoding="utf-8", newline="", compresslevel=1) as lines:
        lines.writelines(write_catalog(groups, form=form, columns=csv_columns(groups)))
    shelves = Shelves()

    def brought():
        with gzip.open(file, "rt", encoding="utf-8-sig", newline="") as lines:
            return bring(shelves, lines, form=form, batch=2_000)

    assert (brought(), shelves.groups) == (ImportReport(created=count), {group.id: group for group in groups})
    assert (brought(), len(shelves.groups)) == (ImportReport(unchanged=count), count)
