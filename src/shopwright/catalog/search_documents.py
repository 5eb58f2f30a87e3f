"""What a search index keeps of a product group: the texts it is found by, and what it can be chosen and sorted by.

    document = search_document(group, tree=tree, in_stock=True)
    kept(document).fields             # the terms of its title, its names, what is said of it, and its description

Rules
- a document says all languages at once, for who looks for goods may write in any of them;
- it stands in its categories and in all above them, so that who chooses drinks finds every tea;
- what its variants differ in (size, color) is said of it like its attributes, each value once;
- its prices are those of its variants, each once; it costs the least of them in a currency.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import field, frozen

from shopwright.catalog.categories import CategoryTree
from shopwright.catalog.groups import ProductGroup
from shopwright.catalog.languages import Texts
from shopwright.catalog.search_text import code_terms, folded, terms, words
from shopwright.edges import Pairs, identifier, members, of, text, texts, whole
from shopwright.errors import InvalidValue
from shopwright.money import Money

FIELDS = ("title", "names", "said", "description")
"""What a text is looked for in, the weightiest first: titles; brand, tags, categories and codes; attributes and options; descriptions."""

WEIGHTS = (8, 4, 2, 1)
"""What a term weighs in each of `FIELDS`, beside the others."""

MOST_SORTED = 200
"""How many characters of a folded title goods are sorted by."""


def _are_said(instance: Any, attribute: Any, value: Any) -> None:
    for pair in value:
        if not (isinstance(pair, tuple) and len(pair) == 2):
            raise InvalidValue(f"SearchDocument.attributes must be pairs of a code and a value, got {pair!r}")
        for each in pair:
            text(least=1, most=4_000)(instance, attribute, each)


def _once(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(set(values)))


@frozen(kw_only=True)
class SearchDocument:
    """What is known of one thing that can be found. `attributes` may say several values of a code; no `channels` means all of them.

    `popularity` is what the host sorts by, the highest first. Raises `InvalidValue` for what is no id and no text.
    """

    id: str = field(validator=identifier())
    titles: Texts = field(validator=of(Texts))
    descriptions: Texts = field(factory=Texts, validator=of(Texts))
    brand: str = field(default="", validator=text())
    categories: tuple[str, ...] = field(default=(), converter=_once, validator=texts(least=1))
    tags: tuple[str, ...] = field(default=(), converter=_once, validator=texts(least=1))
    channels: tuple[str, ...] = field(default=(), converter=_once, validator=texts(least=1))
    attributes: Pairs = field(default=(), converter=_once, validator=_are_said)
    codes: tuple[str, ...] = field(default=(), converter=_once, validator=texts(least=1))
    prices: tuple[Money, ...] = field(default=(), validator=members(Money))
    in_stock: bool = field(default=True, validator=of(bool))
    popularity: int = field(default=0, validator=whole())

    def price_in(self, currency: str) -> int | None:
        """The least price in a currency, in its minor units; `None` where it is not sold in it."""
        return min((price.minor for price in self.prices if price.currency == currency), default=None)

    def facet(self, name: str) -> tuple[str, ...]:
        """Its values of a facet (`category`, `brand`, `tag` or `attribute:<code>`), each once."""
        if name == "category":
            return self.categories
        if name == "tag":
            return self.tags
        if name == "brand":
            return (self.brand,) if self.brand else ()
        code = name.removeprefix("attribute:")
        return tuple([value for known, value in self.attributes if known == code])

    @property
    def facets(self) -> Pairs:
        """All pairs of a facet and a value of it."""
        named = [("brand", self.brand)] if self.brand else []
        named += [("category", name) for name in self.categories] + [("tag", name) for name in self.tags]
        return (*named, *[(f"attribute:{code}", value) for code, value in self.attributes])


@frozen
class Kept:
    """A document as indexes keep it: its terms by `FIELDS`, its plain words with their terms, names to suggest, and what it is sorted by as text."""

    fields: tuple[tuple[str, ...], ...]
    words: Pairs
    names: Pairs
    title: str

    @property
    def terms(self) -> frozenset[str]:
        """All terms, of whatever field."""
        return frozenset(term for each in self.fields for term in each)


def kept(document: SearchDocument) -> Kept:
    """What an index keeps of a document, by the analyzer that all share."""
    titles, descriptions = ([said for _, said in each.said] for each in (document.titles, document.descriptions))
    names = [name for name in (document.brand, *document.tags, *document.categories) if name]
    said = [value for _, value in document.attributes]
    coded = [term for code in document.codes for term in code_terms(code)]
    fields = (_terms(titles), (*_terms(names), *coded), _terms(said), _terms(descriptions))
    plain = {pair for each in (*titles, *names, *said, *descriptions) for pair in words(each)}
    return Kept(fields, _once(plain), _once((folded(name), name) for name in names), folded(document.titles.told())[:MOST_SORTED])


def _terms(said: Iterable[str]) -> tuple[str, ...]:
    return tuple([term for each in said for term in terms(each)])


def search_document(group: ProductGroup, *, tree: CategoryTree | None = None, in_stock: bool = True, popularity: int = 0) -> SearchDocument:
    """What can be found of a group; `tree` adds the categories above, `in_stock` is whether any of its variants can be had."""
    variants = group.variants
    chosen = [pair for variant in variants for pair in variant.options]
    prices = {price for variant in variants for price in variant.prices}
    return SearchDocument(
        id=group.id,
        titles=group.titles,
        descriptions=group.descriptions,
        brand=group.brand,
        categories=(tree or CategoryTree()).with_above(group.categories),
        tags=group.tags,
        channels=group.channels,
        attributes=(*group.attributes, *chosen),
        codes=[code for variant in variants for code in (variant.sku, variant.barcode) if code],
        prices=tuple(sorted(prices, key=lambda price: (price.currency, price.minor))),
        in_stock=in_stock,
        popularity=popularity,
    )
