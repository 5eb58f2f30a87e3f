"""The promises of a search index, each a test."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopwright.catalog.languages import Texts
from shopwright.catalog.search_documents import SearchDocument
from shopwright.catalog.search_meaning import Correction
from shopwright.errors import InvalidValue, StorageUnavailable
from shopwright.money import Money
from shopwright.ports.search import Facet, FacetCount, SearchIndex, SearchPage, SearchQuery, Sort
from shopwright.refusals import Refusal, accepted
from shopwright.testing.search_contract.documents import SHELF, a_document, documents, queries
from shopwright.testing.search_contract.laws import agree, every_hit

_LAW = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def found(index: SearchIndex, text: str = "", **said: object) -> list[str]:
    """The ids that a search finds, in their order."""
    return [hit.id for hit in every_hit(index, SearchQuery(text=text, **said))]  # type: ignore[arg-type]  # each test says what it asks


class SearchIndexContract:
    """A search index keeps its promises."""

    @abstractmethod
    def make_index(self) -> SearchIndex:
        """A fresh, empty index."""

    @pytest.fixture
    def index(self) -> Iterator[SearchIndex]:
        """An index with six goods."""
        index = self.make_index()
        index.put(SHELF)
        yield index
        index.close()

    # What is found

    @pytest.mark.parametrize(
        ("text", "ids"),
        [
            ("linen shirt", ["shirt"]),
            ("LINEN  Shirts", ["shirt"]),
            ("green", ["tea", "teapot"]),
            ("red", ["shirt", "tshirt"]),
            ("nord", ["shirt", "tshirt"]),
            ("run", ["glasses"]),
            ("for the run", ["glasses"]),
        ],
    )
    def test_goods_are_found_that_have_all_words_in_whatever_field(self, index: SearchIndex, text: str, ids: list[str]) -> None:
        assert sorted(found(index, text)) == ids

    @pytest.mark.parametrize(
        ("text", "ids"),
        [
            ("绿茶", ["tea", "teapot"]),
            ("茶壶", ["teapot"]),
            ("壶", ["teapot"]),
            ("衬衫", ["shirt"]),
            ("iphone15手机壳", ["phone"]),
            ("绿色茶壶", ["teapot"]),
        ],
    )
    def test_chinese_is_found_by_characters_and_by_words(self, index: SearchIndex, text: str, ids: list[str]) -> None:
        assert sorted(found(index, text))[: len(ids)] == ids

    @pytest.mark.parametrize("text", ["500ml", "500 ml", "tea pot", "greenteapot"])
    def test_words_are_found_however_they_are_put_together(self, index: SearchIndex, text: str) -> None:
        assert found(index, text)[0] == "teapot"

    @pytest.mark.parametrize("text", ["SHIRT.7", "shirt.7", "4006381333931", "linen SHIRT.7"])
    def test_goods_are_found_by_their_codes_before_all_else(self, index: SearchIndex, text: str) -> None:
        assert found(index, text)[0] == "shirt"

    @pytest.mark.parametrize("text", ["t-shirt", "tshirt", "T SHIRT", "t-shirts"])
    def test_a_word_made_of_parts_is_found_whole_and_in_parts(self, index: SearchIndex, text: str) -> None:
        assert "tshirt" in found(index, text)

    @pytest.mark.parametrize(
        ("text", "said", "meant"), [("linnen", "linnen", "linen"), ("taepot", "taepot", "teapot"), ("glases", "glases", "glasses")]
    )
    def test_a_misspelled_word_is_taken_for_the_nearest_and_told(self, index: SearchIndex, text: str, said: str, meant: str) -> None:
        page = accepted(index.search(SearchQuery(text=text)))
        assert page.corrected == (Correction(said, meant),)
        assert page.total > 0

    def test_where_nothing_has_all_words_goods_are_found_that_have_any_and_it_is_told(self, index: SearchIndex) -> None:
        page = accepted(index.search(SearchQuery(text="linen teapot zzzzzz")))
        assert (sorted(hit.id for hit in page.hits), page.total, page.relaxed) == (["glasses", "shirt", "teapot"], 3, True)
        assert not accepted(index.search(SearchQuery(text="linen shirt"))).relaxed

    @pytest.mark.parametrize("text", ["zzzzzz", "?!", "…", "'", '"', "*", "(", "\\", "%"])
    def test_what_nothing_has_finds_nothing(self, index: SearchIndex, text: str) -> None:
        assert accepted(index.search(SearchQuery(text=text))) == SearchPage()

    @pytest.mark.parametrize(
        "text", ["green AND", "green NOT tea", "green OR", "NEAR(green)", 'green"', "green*", "title:green", "green & tea", "-green", "green:*"]
    )
    def test_no_word_is_an_operator(self, index: SearchIndex, text: str) -> None:
        assert {"tea", "teapot"} <= set(found(index, text))

    def test_what_is_in_the_title_comes_before_what_is_in_the_description(self, index: SearchIndex) -> None:
        assert found(index, "linen") == ["shirt", "glasses"]

    def test_without_a_text_all_are_found(self, index: SearchIndex) -> None:
        assert found(index) == sorted(document.id for document in SHELF)

    # Filters, facets, order

    @pytest.mark.parametrize(
        ("query", "ids"),
        [
            ({"categories": ("tea",)}, ["tea", "teapot"]),
            ({"categories": ("drinks", "shirts")}, ["shirt", "tea", "tshirt"]),
            ({"brands": ("Nord",)}, ["shirt", "tshirt"]),
            ({"tags": ("gift",), "categories": ("kitchen",)}, ["teapot"]),
            ({"attributes": {"color": ("red", "green")}}, ["shirt", "teapot", "tshirt"]),
            ({"attributes": {"color": "red", "size": "M"}}, ["shirt"]),
            ({"currency": "USD"}, ["phone"]),
            ({"currency": "EUR", "price_from": 2_500, "price_to": 4_000}, ["shirt", "teapot"]),
            ({"currency": "EUR", "price_to": 690}, ["tea"]),
            ({"channel": "shop"}, ["glasses", "phone", "shirt", "tea", "tshirt"]),
            ({"channel": "web", "categories": ("tea",), "in_stock": True}, ["teapot"]),
            ({"text": "green", "categories": ("drinks",)}, ["tea"]),
            ({"brands": ("nord",)}, []),
        ],
    )
    def test_values_of_a_filter_are_alternatives_and_filters_add_up(self, index: SearchIndex, query: dict[str, object], ids: list[str]) -> None:
        assert sorted(found(index, **query)) == ids  # type: ignore[arg-type]  # each case says what it asks

    def test_a_facet_counts_what_would_be_found_without_its_own_filter(self, index: SearchIndex) -> None:
        query = SearchQuery(
            categories=("shirts",), attributes={"color": ("white",)}, facets=("category", "attribute:color", "brand", "attribute:none")
        )
        assert accepted(index.search(query)).facets == (
            Facet("category", (FacetCount("clothing", 1), FacetCount("shirts", 1))),
            Facet("attribute:color", (FacetCount("red", 2), FacetCount("white", 1))),
            Facet("brand", (FacetCount("Nord", 1),)),
            Facet("attribute:none"),
        )

    def test_the_values_of_a_facet_that_most_goods_have_come_first_then_by_code_point(self, index: SearchIndex) -> None:
        page = accepted(index.search(SearchQuery(facets=("tag", "category"), values=3)))
        categories = Facet("category", (FacetCount("clothing", 2), FacetCount("shirts", 2), FacetCount("tea", 2)))
        assert page.facets == (Facet("tag", (FacetCount("gift", 2), FacetCount("summer", 2))), categories)

    def test_facets_are_told_where_nothing_is_found(self, index: SearchIndex) -> None:
        page = accepted(index.search(SearchQuery(text="?!", facets=("tag",))))
        assert page == SearchPage(facets=(Facet("tag"),))

    @pytest.mark.parametrize(
        ("sort", "ids"),
        [
            (Sort.CHEAPEST, ["tea", "tshirt", "teapot", "shirt", "glasses"]),
            (Sort.DEAREST, ["glasses", "shirt", "teapot", "tshirt", "tea"]),
            (Sort.POPULAR, ["tshirt", "shirt", "tea", "teapot", "glasses"]),
            (Sort.TITLE, ["tea", "teapot", "shirt", "tshirt", "glasses"]),
            (Sort.RELEVANCE, ["glasses", "shirt", "tea", "teapot", "tshirt"]),
        ],
    )
    @pytest.mark.parametrize("limit", [1, 2, 100])
    def test_goods_come_in_the_order_that_was_asked_page_by_page(self, index: SearchIndex, sort: Sort, ids: list[str], limit: int) -> None:
        assert found(index, currency="EUR", sort=sort, limit=limit) == ids

    def test_titles_are_told_in_the_language_of_the_reader(self, index: SearchIndex) -> None:
        page = accepted(index.search(SearchQuery(text="teapot", languages=("zh-Hans-CN", "en"))))
        assert [(hit.id, hit.title) for hit in page.hits] == [("teapot", "绿茶壶")]

    # Pages

    def test_what_comes_and_goes_shifts_nothing_between_pages(self, index: SearchIndex) -> None:
        query = SearchQuery(sort=Sort.TITLE, limit=2)
        first = accepted(index.search(query))
        index.drop([first.hits[0].id])
        index.put([a_document("aa", "aaa before all others")])
        second = accepted(index.search(evolve(query, after=first.next)))
        assert [hit.id for hit in (*first.hits, *second.hits)] == ["tea", "teapot", "phone", "shirt"]

    def test_a_page_of_another_search_is_refused(self, index: SearchIndex) -> None:
        query = SearchQuery(limit=1)
        next_page = accepted(index.search(query)).next
        for wrong in (evolve(query, text="tea", after=next_page), evolve(query, after="x" + next_page), evolve(query, after="?")):
            refused = index.search(wrong)
            assert isinstance(refused, Refusal)
            assert refused.code == "search_page_unknown"
        assert not isinstance(index.search(evolve(query, limit=5, after=next_page)), Refusal)

    def test_a_text_that_is_too_long_is_refused(self, index: SearchIndex) -> None:
        assert index.search(SearchQuery(text="x" * 201)) == Refusal(
            "search_text_too_long", "a search takes at most 200 characters; it was given 201", {"length": 201, "most": 200}
        )

    def test_prices_that_nothing_can_have_are_refused(self, index: SearchIndex) -> None:
        refused = index.search(SearchQuery(currency="EUR", price_from=2, price_to=1))
        assert isinstance(refused, Refusal)
        assert (refused.code, dict(refused.facts)) == ("search_price_impossible", {"price_from": 2, "price_to": 1, "currency": "EUR"})

    # Suggestions

    @pytest.mark.parametrize(
        ("prefix", "first"),
        [
            ("lin", "linen"),
            ("Nor", "Nord"),
            ("tea", "tea"),
            ("green teap", "green teapot"),
            ("GREEN  Teap", "green teapot"),
            ("case &", "Case & Co"),
            ("茶", ""),
        ],
    )
    def test_what_was_begun_is_told_to_the_end(self, index: SearchIndex, prefix: str, first: str) -> None:
        assert next(iter(index.suggest(prefix)), "") == first

    def test_names_are_suggested_in_any_script(self, index: SearchIndex) -> None:
        index.put([a_document("cup", "Cup", categories=("茶杯",))])
        assert index.suggest("茶") == ("茶杯",)

    def test_every_suggestion_finds_something(self, index: SearchIndex) -> None:
        for prefix in ("g", "green ", "green t", "nord r", "s", "zz"):
            for suggestion in index.suggest(prefix):
                page = accepted(index.search(SearchQuery(text=suggestion)))
                assert (page.total > 0, page.relaxed, page.corrected) == (True, False, ()), suggestion
        assert index.suggest("green tea", limit=1) == ("green tea",)
        assert index.suggest("zz") == index.suggest("  ") == ()

    @pytest.mark.parametrize("limit", [0, 101, True])
    def test_a_number_of_suggestions_that_cannot_be_is_a_mistake(self, index: SearchIndex, limit: int) -> None:
        with pytest.raises(InvalidValue, match="limit"):
            index.suggest("tea", limit=limit)

    # What is kept

    def test_goods_take_the_place_of_what_was_there_under_their_id(self, index: SearchIndex) -> None:
        index.put([a_document("tea", "Black coffee", prices=(Money(1, "USD"),))])
        assert (found(index, "green tea"), found(index, "coffee"), index.count()) == (["teapot"], ["tea"], 6)
        assert found(index, categories=("drinks",)) == []
        assert found(index, currency="USD") == ["phone", "tea"]

    def test_goods_that_are_dropped_are_not_found(self, index: SearchIndex) -> None:
        index.drop(["tea", "nobody", "tea"])
        index.drop([])
        assert (index.count(), found(index, "green")) == (5, ["teapot"])
        assert accepted(index.search(SearchQuery(facets=("tag",)))).facets == (Facet("tag", (FacetCount("summer", 2), FacetCount("gift", 1))),)
        index.drop([document.id for document in SHELF])
        assert (index.count(), found(index), index.suggest("tea")) == (0, [], ())

    def test_the_last_of_two_goods_of_one_id_is_kept(self) -> None:
        index = self.make_index()
        index.put([a_document("a", "first"), a_document("a", "second")])
        assert (index.count(), found(index, "first"), found(index, "second")) == (1, [], ["a"])
        index.close()

    def test_a_rebuild_keeps_the_new_goods_and_no_others(self, index: SearchIndex) -> None:
        told: list[int] = []
        goods = [a_document(f"cup-{number:03}", f"Cup number {number}") for number in range(250)]
        assert index.rebuild(iter(goods), progress=told.append) == 250
        assert (index.count(), found(index, "linen"), found(index, "cup", limit=100)) == (250, [], found(index, sort=Sort.RELEVANCE, limit=100))
        assert (told[-1], told) == (250, sorted(told))
        assert index.rebuild(()) == index.count() == 0

    def test_a_rebuild_that_breaks_off_leaves_all_as_it_was(self, index: SearchIndex) -> None:
        def broken() -> Iterator[SearchDocument]:
            yield a_document("cup")
            assert found(index, "linen shirt") == ["shirt"]
            raise KeyError("the catalog is gone")

        with pytest.raises(KeyError):
            index.rebuild(broken())
        assert found(index) == sorted(document.id for document in SHELF)
        assert index.rebuild(SHELF[:2]) == index.count() == 2

    def test_texts_in_any_script_come_back_as_they_were(self, index: SearchIndex) -> None:
        title = "𠮷野家 “quoted” 'x' \\ % 🍵 Ünïcödé"
        index.put([SearchDocument(id="odd 'id' 茶", titles=Texts({"en": title}))])
        assert [(hit.id, hit.title) for hit in every_hit(index, SearchQuery(text="𠮷野家 unicode"))] == [("odd 'id' 茶", title)]

    def test_a_closed_index_says_so(self) -> None:
        index = self.make_index()
        index.close()
        index.close()
        with pytest.raises(StorageUnavailable):
            index.search(SearchQuery())

    def test_it_finds_and_counts_what_the_index_in_memory_does(self) -> None:
        @_LAW
        @given(
            st.lists(documents, max_size=8),
            st.lists(documents, max_size=3),
            st.sets(st.sampled_from(["goods-1", "goods-2", "茶"])),
            st.lists(queries, max_size=6),
        )
        def law(before: list[SearchDocument], later: list[SearchDocument], gone: set[str], asked: list[SearchQuery]) -> None:
            index.rebuild(before)
            index.put(later)
            index.drop(gone)
            goods = {document.id: document for document in (*before, *later) if document.id not in gone}
            agree(index, goods.values(), asked)

        index = self.make_index()
        law()
        index.close()
