"""Real catalogs in every index that keeps them: goods are found by category, tag and text, and each facet counts what a count in SQL does."""

from __future__ import annotations

import sqlite3

import pytest

from shopwright.adapters.search_sqlite import SqliteSearch
from shopwright.catalog.languages import Texts
from shopwright.catalog.search_documents import SearchDocument
from shopwright.ports.search import SearchQuery
from shopwright.refusals import accepted
from tests.surroundings import peer, real_data

pytestmark = pytest.mark.full
MANY = 1_000


def rows(folder):
    return peer("pyarrow.parquet").read_table(real_data(folder) / "products.parquet").to_pylist()


def olist():
    """A marketplace: a category, and how heavy goods are and whether they are shown as tags; no text."""
    for row in rows("olist"):
        weight = row["product_weight_g"] or 0
        tags = ("heavy",) if weight > 5_000 else ("light",) if weight < 300 else ()
        pictured = ("pictured",) if row["product_photos_qty"] else ()
        category = row["product_category_name"]
        yield SearchDocument(id=row["product_id"], titles=Texts(), categories=(category,) if category else (), tags=(*tags, *pictured))


def groceries():
    """A grocer: a department, a category, a type, a brand and a size; the type is the title."""
    for row in rows("dunnhumby-products"):
        names = [row[name] for name in ("product_type", "product_category", "department") if row[name]]
        yield SearchDocument(
            id=str(row["product_id"]),
            titles=Texts({"en": names[0]}),
            brand=row["brand"],
            categories=tuple(names),
            tags=(f"maker {row['manufacturer_id'] % 50}",),
            attributes=(("size", row["package_size"]),) if row["package_size"] else (),
        )


def sqlite(request, tmp_path):
    return SqliteSearch(tmp_path / "search.sqlite")


def postgres(request, tmp_path):
    from shopwright.adapters.search_postgres import PostgresSearch

    return PostgresSearch(request.getfixturevalue("postgres_database"))


def tantivy(request, tmp_path):
    peer("tantivy")
    from shopwright.adapters.search_tantivy import TantivySearch

    return TantivySearch(tmp_path / "search")


@pytest.fixture(params=[sqlite, postgres, tantivy], ids=lambda opened: opened.__name__)
def opened(request, tmp_path):
    index = request.param(request, tmp_path)
    yield index
    index.close()


class Counted:
    """All pairs of a facet and a value in a table, counted by SQL."""

    def __init__(self, documents):
        self.db = sqlite3.connect(":memory:")
        self.db.execute("create table value (id text, facet text, value text)")
        self.db.executemany("insert into value values (?, ?, ?)", [(it.id, *pair) for it in documents for pair in it.facets])
        self.db.execute("create index by_id on value (id)")

    def facet(self, name, *, of=None):
        """The values of a facet of all goods, or of those that have another pair, with the number of goods that have each."""
        within = "and id in (select id from value where facet = ? and value = ?)" if of else ""
        sql = f"select value, count(distinct id) from value where facet = ? {within} group by value order by 2 desc, 1 limit {MANY}"
        return self.db.execute(sql, (name, *(of or ()))).fetchall()

    def close(self):
        self.db.close()


def facet(index, name, **query):
    page = accepted(index.search(SearchQuery(facets=(name,), values=MANY, **query)))
    return [(each.value, each.count) for each in page.facets[0].values]


def total(index, **query):
    return accepted(index.search(SearchQuery(**query))).total


def test_a_marketplace_is_found_by_category_tag_and_text_and_counted_as_by_sql(opened):
    documents = list(olist())
    assert opened.rebuild(documents) == opened.rebuild(documents) == opened.count() == len(documents) == 32_951
    counted = Counted(documents)

    assert facet(opened, "category") == counted.facet("category")
    assert facet(opened, "tag") == counted.facet("tag")
    assert facet(opened, "tag", categories=("perfumaria",)) == counted.facet("tag", of=("category", "perfumaria"))
    assert facet(opened, "category", tags=("heavy",)) == counted.facet("category", of=("tag", "heavy"))
    categories, tags = dict(counted.facet("category")), dict(counted.facet("tag"))
    assert total(opened, categories=("perfumaria",)) == total(opened, text="perfumaria") == categories["perfumaria"]
    assert total(opened, text="heavy") == total(opened, tags=("heavy",)) == tags["heavy"]
    counted.close()


def test_a_grocer_is_found_by_category_tag_and_text_and_counted_as_by_sql(opened):
    documents = list(groceries())
    assert opened.rebuild(documents) == opened.count() == len(documents) == 92_331
    counted = Counted(documents)

    for name in ("brand", "category", "tag", "attribute:size"):
        assert facet(opened, name) == counted.facet(name)
    assert facet(opened, "brand", categories=("GROCERY",)) == counted.facet("brand", of=("category", "GROCERY"))
    assert facet(opened, "attribute:size", tags=("maker 2",)) == counted.facet("attribute:size", of=("tag", "maker 2"))
    assert facet(opened, "category", brands=("Private",)) == counted.facet("category", of=("brand", "Private"))
    assert total(opened, categories=("COOKIES",)) == dict(counted.facet("category"))["COOKIES"]
    found = accepted(opened.search(SearchQuery(text="chocolat coookies", limit=100)))
    assert (found.relaxed, [(it.said, it.meant) for it in found.corrected]) == (False, [("coookies", "cookies")])
    assert {"COOKIE" in hit.title or "CHOC" in hit.title for hit in found.hits} == {True}
    counted.close()
