"""The promises of a search index that outlives its process."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator

from shopwright.catalog.search_documents import SearchDocument
from shopwright.ports.search import SearchIndex
from shopwright.testing.search_contract.documents import SHELF, a_document
from shopwright.testing.search_contract.kit import SearchIndexContract, found


class DurableSearchIndexContract(SearchIndexContract):
    """A search index that is kept somewhere keeps its promises there too."""

    @abstractmethod
    def open_index(self) -> SearchIndex:
        """The index of this test, opened once more; it is empty when it is opened first."""

    def test_what_was_put_is_there_when_it_is_opened_again(self) -> None:
        index = self.open_index()
        index.put(SHELF)
        index.close()
        index = self.open_index()
        assert (index.count(), found(index, "linnen shirt"), index.suggest("Nor")) == (6, ["shirt"], ("Nord",))
        index.close()

    def test_two_who_have_it_open_see_the_same(self) -> None:
        one, other = self.open_index(), self.open_index()
        one.put(SHELF)
        assert found(other, "linen shirt") == ["shirt"]
        other.drop(["shirt"])
        assert found(one, "linen") == ["glasses"]
        other.rebuild(SHELF[:2])
        assert found(one) == found(other) == ["shirt", "tshirt"]
        one.put(SHELF[2:3])
        assert found(other) == ["shirt", "teapot", "tshirt"]
        one.close()
        other.close()

    def test_a_rebuild_that_its_process_did_not_outlive_leaves_nothing_behind(self) -> None:
        def cut_short() -> Iterator[SearchDocument]:
            yield from (a_document(f"cup-{number}") for number in range(2_000))
            raise KeyboardInterrupt

        index = self.open_index()
        index.put(SHELF)
        try:
            index.rebuild(cut_short())
        except KeyboardInterrupt:
            index.close()
        index = self.open_index()
        assert index.count() == 6
        assert index.rebuild(SHELF[:3]) == index.count() == 3
        index.close()
