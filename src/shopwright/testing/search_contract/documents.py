"""Goods to look for: a handful that shows each promise, and strategies that make any."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from shopwright.catalog.languages import Texts
from shopwright.catalog.search_documents import SearchDocument
from shopwright.money import Money
from shopwright.ports.search import SearchQuery, Sort


def a_document(id: str, title: str = "", **said: Any) -> SearchDocument:
    """Goods of this id; a `title` is in English, and `eur` are prices in euros in minor units."""
    prices = tuple([Money(minor, "EUR") for minor in said.pop("eur", ())])
    titles = said.pop("titles", {"en": title or id})
    return SearchDocument(id=id, titles=Texts(titles), descriptions=Texts(said.pop("descriptions", {})), prices=said.pop("prices", prices), **said)


SHELF = (
    a_document(
        "shirt",
        titles={"en": "Linen shirt", "zh": "亚麻衬衫"},
        brand="Nord",
        categories=("clothing", "shirts"),
        tags=("summer",),
        attributes=(("color", "red"), ("color", "white"), ("size", "M")),
        codes=("SHIRT.7", "4006381333931"),
        eur=(3_990, 4_990),
        popularity=5,
    ),
    a_document(
        "tshirt", "Men's T-Shirt", brand="Nord", categories=("clothing", "shirts"), attributes=(("color", "red"),), eur=(1_990,), popularity=9
    ),
    a_document(
        "teapot",
        titles={"en": "Green teapot 500ml", "zh": "绿茶壶"},
        brand="Kiln",
        categories=("kitchen", "tea"),
        tags=("gift", "summer"),
        attributes=(("color", "green"),),
        eur=(2_500,),
        channels=("web",),
    ),
    a_document("tea", titles={"en": "Green tea", "zh": "绿茶"}, categories=("drinks", "tea"), tags=("gift",), eur=(690,), in_stock=False),
    a_document("phone", titles={"en": "iPhone15 case", "zh": "iPhone15手机壳"}, brand="Case & Co", prices=(Money(1500, "USD"),)),
    a_document("glasses", "Running glasses", descriptions={"en": "For runners. Not made of linen."}, eur=(8_900,), popularity=-1),
)
"""Six goods."""

_WORDS = ("tea", "teapot", "pot", "green", "linen", "shirt", "shirts", "red", "running", "500ml", "t-shirt", "绿茶壶", "茶", "手机壳", "壶茶绿")
_NAMES = ("tea", "Nord", "a/b", "绿茶", "It's", "100%", "x_y", "-", "NEAR", "'\"")
_text = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=4).map(" ".join)
_names = st.lists(st.sampled_from(_NAMES), max_size=3, unique=True).map(tuple)
_said = st.lists(st.tuples(st.sampled_from(("color", "a:b")), st.sampled_from(_NAMES)), max_size=3, unique=True)
_prices = st.lists(st.tuples(st.integers(0, 5), st.sampled_from(("EUR", "USD"))), max_size=3, unique=True)

documents: st.SearchStrategy[SearchDocument] = st.builds(
    SearchDocument,
    id=st.sampled_from([f"goods-{number}" for number in range(9)] + ["茶", "a/b'c\""]),
    titles=_text.map(lambda words: Texts({"en": words})),
    descriptions=st.one_of(st.just(Texts()), _text.map(lambda words: Texts({"zh": words}))),
    brand=st.sampled_from(("", *_NAMES)),
    categories=_names,
    tags=_names,
    channels=st.sampled_from(((), ("web",), ("shop", "web"))),
    attributes=_said,
    codes=st.sampled_from(((), ("TE-500",), ("A.B-1",))),
    prices=_prices.map(lambda prices: tuple(Money(minor, currency) for minor, currency in prices)),
    in_stock=st.booleans(),
    popularity=st.integers(-2, 2),
)

_bounds = st.one_of(st.none(), st.integers(0, 5))
queries: st.SearchStrategy[SearchQuery] = st.builds(
    SearchQuery,
    text=st.one_of(st.just(""), _text, st.sampled_from(("TE-500", "a.b-1", "tea NOT pot", '"', "te*", "linnen teepot", "greentea", "?!"))),
    categories=_names,
    brands=_names,
    tags=_names,
    attributes=st.dictionaries(st.sampled_from(("color", "a:b")), st.sampled_from(_NAMES).map(lambda name: (name,)), max_size=1),
    currency=st.just("EUR"),
    price_from=_bounds,
    price_to=_bounds,
    channel=st.sampled_from(("", "web", "shop", "fair")),
    in_stock=st.booleans(),
    facets=st.just(("brand", "category", "tag", "attribute:color", "attribute:a:b")),
    values=st.integers(1, 4),
    sort=st.sampled_from(tuple(Sort)),
    limit=st.integers(1, 4),
)
