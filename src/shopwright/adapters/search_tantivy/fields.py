"""How goods lie in tantivy: the fields of its schema, and a document of ours as one of its own.

Rules
- terms are ours: tantivy is handed them with spaces between, and cuts nowhere else; what is chosen by is kept as it is;
- `c0` has the terms of the weightiest field, and each of the others what the one before has and its own field's besides: `c3` has them all;
- what goods are ordered by is text that compares like it: a length or a title, then the id, as the digits of their bytes, so that no two are equal;
- a price field for each currency has the least price, and `prices` all of them by currency;
- words have an index of their own, each word once, with the keys that misspelled ones are looked up by.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from shopwright.catalog.languages import Texts
from shopwright.catalog.search_documents import FIELDS, SearchDocument, kept
from shopwright.catalog.search_typos import typo_keys
from shopwright.money.currencies import EXPONENTS

if TYPE_CHECKING:
    from tantivy import Document, Index, Schema

CUMULATED = tuple(f"c{at}" for at in range(len(FIELDS)))
ALL = CUMULATED[-1]
LONGEST = 0xFFF
"""Titles of more terms than this are taken to be as long as this."""

EVERY = "1"
"""The term that all goods have in the field `every`: how many have it, beside how many there are, tells whether any were dropped."""

_SPACED = "spaced"


def goods_schema() -> Schema:
    """The schema of the goods."""
    import tantivy

    schema = tantivy.SchemaBuilder()
    schema.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    schema.add_bytes_field("titles", stored=True)
    for name in CUMULATED:
        schema.add_text_field(name, tokenizer_name=_SPACED, index_option="basic")
    for name in ("by_id", "by_fit", "by_title", "brand", "category", "tag"):
        schema.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for name in ("channel", "name", "word", "every"):
        schema.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("prices", "said"):
        schema.add_json_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    schema.add_boolean_field("in_stock", indexed=True)
    schema.add_integer_field("popularity", fast=True, indexed=True)
    for currency in sorted(EXPONENTS):
        schema.add_integer_field(least_in(currency), fast=True, indexed=True)
    return schema.build()


def words_schema() -> Schema:
    """The schema of the words."""
    import tantivy

    schema = tantivy.SchemaBuilder()
    schema.add_text_field("word", stored=True, tokenizer_name="raw", index_option="basic")
    schema.add_text_field("term", stored=True, tokenizer_name="raw", index_option="basic")
    schema.add_text_field("key", tokenizer_name=_SPACED, index_option="basic")
    return schema.build()


def with_tokenizer(index: Index) -> Index:
    """The index, knowing how our terms are apart."""
    from tantivy import TextAnalyzerBuilder, Tokenizer

    index.register_tokenizer(_SPACED, TextAnalyzerBuilder(Tokenizer.whitespace()).build())
    return index


def least_in(currency: str) -> str:
    """The field of the least price in a currency."""
    return f"least_{currency}"


def attribute_path(facet: str) -> str:
    """Where the values of `attribute:<code>` are: as the digits of the code's bytes, for a dot in a path means more than a dot."""
    return f"said.{_code(facet.removeprefix('attribute:'))}"


def _code(code: str) -> str:
    return f"x{code.encode().hex()}"


def digits(text: str) -> str:
    """A text as something that compares as its code points do, and that has letters and digits alone."""
    return text.encode().hex()


def by_title(title: str, id: str) -> str:
    """What goods are ordered by their titles by; a title comes before those that go on from it."""
    return digits(f"{title}\0{id}")


def title_and_id(ordered: str) -> tuple[str, str]:
    """What `by_title` was made of."""
    title, _, id = bytes.fromhex(ordered).decode().partition("\0")
    return title, id


def by_fit(length: int, id: str) -> str:
    """What goods are ordered by that fit as well: those with the shorter title first."""
    return f"{length:03x}{digits(id)}"


def length_and_id(ordered: str) -> tuple[int, str]:
    """What `by_fit` was made of."""
    return int(ordered[:3], 16), bytes.fromhex(ordered[3:]).decode()


def tantivy_document(document: SearchDocument) -> tuple[Document, list[tuple[str, str]]]:
    """Goods as tantivy keeps them, and their words with their terms."""
    import tantivy

    it = kept(document)
    said: dict[str, Any] = {"id": document.id, "titles": json.dumps(document.titles.said).encode(), "every": EVERY}
    terms: dict[str, None] = {}
    for name, field in zip(CUMULATED, it.fields, strict=True):
        terms |= dict.fromkeys(field)
        said[name] = " ".join(terms)
    said["by_id"] = digits(document.id)
    said["by_fit"] = by_fit(min(len(it.fields[0]), LONGEST), document.id)
    said["by_title"] = by_title(it.title, document.id)
    for facet in ("brand", "category", "tag"):
        said[facet] = list(document.facet(facet))
    said["channel"] = [f"={channel}" for channel in document.channels] or ["*"]
    said["name"] = [f"{begin}\t{name}" for begin, name in it.names]
    said["word"] = sorted({word for word, _ in it.words})
    said["said"] = _by_code(document)
    said["prices"] = _by_currency(document)
    said |= {least_in(currency): min(minors) for currency, minors in said["prices"].items()}
    said |= {"in_stock": document.in_stock, "popularity": document.popularity}
    return tantivy.Document(**{name: value for name, value in said.items() if value not in ([], {})}), list(it.words)


def _by_code(document: SearchDocument) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    for code, value in document.attributes:
        said.setdefault(_code(code), []).append(value)
    return said


def _by_currency(document: SearchDocument) -> dict[str, list[int]]:
    prices: dict[str, list[int]] = {}
    for price in document.prices:
        prices.setdefault(price.currency, []).append(price.minor)
    return prices


def word_document(word: str, term: str) -> Document:
    """A word as tantivy keeps it."""
    import tantivy

    return tantivy.Document(word=word, term=term, key=" ".join(typo_keys(word)))


def titles_of(stored: bytes) -> Texts:
    """The titles of goods that were found."""
    return Texts(tuple([(language, said) for language, said in json.loads(bytes(stored))]))
