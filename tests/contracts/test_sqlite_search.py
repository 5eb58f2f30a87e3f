"""The search index on SQLite's FTS5 keeps the contract of every search index, in a file of its own and in that of a shop."""

from __future__ import annotations

import pytest

from shopwright.adapters.search_sqlite import SqliteSearch
from shopwright.errors import StorageUnavailable, VersionConflict
from shopwright.shop import Shop
from shopwright.testing import DurableSearchIndexContract
from shopwright.testing.search_contract.documents import SHELF, a_document
from shopwright.testing.search_contract.kit import found


class TestSqliteSearch(DurableSearchIndexContract):
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path):
        self.folder, self.made = tmp_path, 0

    def make_index(self):
        self.made += 1
        return SqliteSearch(self.folder / f"search-{self.made}.sqlite")

    def open_index(self):
        return SqliteSearch(self.folder / "search.sqlite")


def test_an_index_lives_in_the_file_of_a_shop(tmp_path):
    path = tmp_path / "mall.sqlite"
    Shop.open(f"sqlite:///{path}").close()
    index = SqliteSearch(path)
    assert index.rebuild(SHELF) == 6
    index.close()
    Shop.open(f"sqlite:///{path}").close()
    assert found(SqliteSearch(path), "linen shirt") == ["shirt"]


def test_of_two_rebuilds_the_one_that_began_last_counts(tmp_path):
    one, other = SqliteSearch(tmp_path / "search.sqlite"), SqliteSearch(tmp_path / "search.sqlite")

    def overtaken():
        yield a_document("early", "early bird")
        other.rebuild(SHELF)

    with pytest.raises(VersionConflict, match="began to rebuild"):
        one.rebuild(overtaken())
    assert (one.count(), found(one, "early")) == (6, [])
    one.put([a_document("early", "early bird")])
    assert found(other, "early") == ["early"]


def test_a_put_that_cannot_be_leaves_nothing(tmp_path):
    index = SqliteSearch(tmp_path / "search.sqlite")
    index.put(SHELF)
    broken = (*SHELF[:1], None)
    with pytest.raises(AttributeError):
        index.put(broken)
    assert (index.count(), index.suggest("Nor")) == (6, ("Nord",))


def test_a_file_that_has_gone_is_told(tmp_path):
    index = SqliteSearch(tmp_path / "search.sqlite")
    index.put(SHELF)
    (tmp_path / "search.sqlite").unlink()
    with pytest.raises(StorageUnavailable, match="moved or deleted"):
        index.put(SHELF)
