"""A catalog to search, as large as asked for: made-up goods with words that people use as unevenly as real ones, a third of them in Chinese too.

Rules
- the same seed gives the same goods, in any process: what is thrown is thrown by numbers, never by the order of a set;
- word, brand and Chinese word number `n` is `n + 3` times rarer than number 0, so that a few stand in every tenth product and most in a handful;
- a question is made from the words of one of the goods, so that it has an answer.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate

from attrs import frozen

from shopwright.catalog.languages import Texts
from shopwright.catalog.search_documents import SearchDocument, kept
from shopwright.catalog.search_text import asked
from shopwright.money import Money
from shopwright.ports.search import SearchQuery, Sort

CURRENCY = "EUR"
SEED = 11
WORDS, CHINESE, BRANDS = 30_000, 2_000, 800
FIRST = 20
"""How many goods a page shows, and how many values a facet."""

TAGS = ("sale", "new", "eco", "gift", "bulk")
_STARTS = "b c d f g h j k l m n p r s t v w z br st tr ch sh pl gr".split()
_VOWELS, _ENDS = "a e i o u ai ea oo".split(), ("", "n", "r", "s", "t", "x")


@frozen
class Good:
    """One product: a title in English, one in Chinese or none, the path of its category from the top down, and the price in cents."""

    id: str
    title: str
    chinese: str
    brand: str
    path: tuple[str, str, str]
    tags: tuple[str, ...]
    color: str
    material: str
    price: int
    in_stock: bool


@frozen
class _Words:
    """What titles are made of; each list comes with the sums of its weights, as `random.choices` takes them."""

    english: Sequence[str]
    chinese: Sequence[str]
    brands: Sequence[str]
    paths: Sequence[tuple[str, str, str]]

    @property
    def colors(self) -> Sequence[str]:
        """Sixteen of them."""
        return self.english[1_000:1_016]

    @property
    def materials(self) -> Sequence[str]:
        """Ten of them."""
        return self.english[1_100:1_110]


@cache
def words() -> _Words:
    """The words of every catalog."""
    rng = random.Random(SEED)
    english = list(dict.fromkeys(_word(rng) for _ in range(3 * WORDS)))[:WORDS]
    signs = [chr(0x4E00 + number) for number in rng.sample(range(6_000), 1_500)]
    chinese = ["".join(rng.choices(signs, k=2)) for _ in range(CHINESE)]
    brands = [word.title() for word in rng.sample(english, BRANDS)]
    paths = [(top, f"{top} {middle}", f"{top} {middle} {low}") for top in english[:12] for middle in english[100:108] for low in english[200:206]]
    return _Words(english, chinese, brands, paths)


def _word(rng: random.Random) -> str:
    syllables = [rng.choice(_STARTS) + rng.choice(_VOWELS) for _ in range(rng.choice((1, 2, 2, 3, 3, 4)))]
    return "".join(syllables) + rng.choice(_ENDS)


def goods(count: int) -> Iterator[Good]:
    """So many products; a smaller catalog is the beginning of a larger one."""
    rng, known = random.Random(SEED + 1), words()
    english, chinese, brands = (_weights(len(each)) for each in (known.english, known.chinese, known.brands))
    for number in range(count):
        title = rng.choices(known.english, cum_weights=english, k=rng.randint(3, 9))
        signs = rng.choices(known.chinese, cum_weights=chinese, k=rng.randint(1, 4)) if number % 3 == 0 else []
        yield Good(
            id=f"p{number:07}",
            title=" ".join(title),
            chinese="".join(signs),
            brand=rng.choices(known.brands, cum_weights=brands)[0],
            path=rng.choice(known.paths),
            tags=tuple(sorted(set(rng.choices(TAGS, k=rng.randint(0, 2))))),
            color=rng.choice(known.colors),
            material=rng.choice(known.materials),
            price=rng.randint(99, 99_999),
            in_stock=rng.random() < 0.85,
        )


@cache
def _weights(count: int) -> list[float]:
    return list(accumulate(1 / (place + 3) for place in range(count)))


def document(good: Good) -> SearchDocument:
    """Goods as a search index takes them."""
    return SearchDocument(
        id=good.id,
        titles=Texts({"en": good.title, **({"zh": good.chinese} if good.chinese else {})}),
        brand=good.brand,
        categories=good.path,
        tags=good.tags,
        attributes=(("color", good.color), ("material", good.material)),
        prices=(Money(good.price, CURRENCY),),
        in_stock=good.in_stock,
    )


def terms(good: Good) -> list[str]:
    """The terms that goods are found by, for who keeps them by hand."""
    return [term for each in kept(document(good)).fields for term in each]


@frozen
class Question:
    """What somebody looks for: words that all must be there, under a category and in stock where asked; the facets and the order wanted."""

    words: tuple[str, ...]
    category: str = ""
    in_stock: bool = False
    facets: tuple[str, ...] = ()
    by_price: bool = False

    @property
    def terms(self) -> list[str]:
        """The terms of its words, for who looks for them by hand."""
        return [term for word in asked(" ".join(self.words)) for term in word.alternatives[0]]

    @property
    def query(self) -> SearchQuery:
        """The same for an index of ours."""
        return SearchQuery(
            text=" ".join(self.words),
            categories=(self.category,) if self.category else (),
            in_stock=self.in_stock,
            facets=self.facets,
            sort=Sort.CHEAPEST if self.by_price else Sort.RELEVANCE,
            currency=CURRENCY if self.by_price else "",
            limit=FIRST,
            values=FIRST,
        )


@cache
def questions() -> tuple[Question, ...]:
    """A thousand of them: what is typed into a search box, half of it with the facets beside the page, and some by price."""
    rng, known = random.Random(SEED + 2), list(goods(5_000))
    return tuple(_question(rng, rng.choice(known)) for _ in range(1_000))


def _question(rng: random.Random, good: Good) -> Question:
    title = list(dict.fromkeys(good.title.split()))
    if good.chinese and rng.random() < 0.5:
        asked: tuple[str, ...] = (good.chinese[:2],)
    else:
        asked = tuple(rng.sample(title, min(len(title), rng.choice((1, 1, 2, 2, 3)))))
    return Question(
        asked,
        category=good.path[0] if rng.random() < 0.25 else "",
        in_stock=good.in_stock and rng.random() < 0.3,
        facets=("brand", "tag") if rng.random() < 0.5 else (),
        by_price=rng.random() < 0.2,
    )
