"""The catalogs of a real marketplace and a real grocer, through the desk of the catalog twice, with the same result."""

from __future__ import annotations

import gzip

import pytest

from shopwright import Shop
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.flows.catalog.bringing import all_groups
from shopwright.ports.storage import START as BEGINNING
from shopwright.testing.clock import NOON
from shopwright.wire.catalog_importing import ImportReport
from shopwright.wire.catalog_kinds import CATALOG
from shopwright.wire.catalog_writing import csv_columns, write_catalog
from shopwright.wire.kinds import KINDS
from tests.unit.wire.test_catalog_importing import groceries, olist


@pytest.mark.full
@pytest.mark.parametrize(("goods", "count", "form"), [(olist, 32_951, "csv"), (groceries, 92_331, "jsonl")])
def test_a_real_catalog_goes_through_the_desk_twice_alike(goods, count, form, tmp_path):
    groups = list(goods())
    file = tmp_path / "catalog.gz"
    with gzip.open(file, "wt", encoding="utf-8", newline="", compresslevel=1) as lines:
        lines.writelines(write_catalog(groups, form=form, columns=csv_columns(groups)))
    storage = SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KINDS, upgrade=True, durability="normal")
    shop = Shop(storage)

    def brought(key):
        with gzip.open(file, "rt", encoding="utf-8-sig", newline="") as lines:
            return shop.catalog.bring_in(lines, form=form, key=key, at=NOON, batch=1_000)

    def kept():
        return {group.id: group for group in all_groups(shop.ports)}, told(storage)

    assert (brought("first"), kept()) == (ImportReport(created=count), ({group.id: group for group in groups}, count))
    assert (brought("second"), kept()[1]) == (ImportReport(unchanged=count), count)
    storage.close()


def told(storage):
    """How many changes the stream of the catalog tells."""
    count, after = 0, BEGINNING
    while page := storage.read(CATALOG, after=after, limit=1_000):
        count, after = count + len(page), page[-1].position
    return count
