"""Whatever a catalog holds, a file of it brings the same catalog back."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from shopwright.catalog.groups import Kind, ProductGroup, Status
from shopwright.catalog.languages import Texts
from shopwright.catalog.measures import Measures, check_digit
from shopwright.catalog.products import Component
from shopwright.catalog.variants import Media, MediaType, Option, Variant
from shopwright.money import Money
from shopwright.wire.catalog_files import GroupRead, read_catalog
from shopwright.wire.catalog_writing import csv_columns, write_catalog

# Letters that files are made of, and some that they are not.
texts = st.text(st.sampled_from("ab|\\\",\n\r:;[]{} x2茶\u2028\ufeffé='"), min_size=1, max_size=8)
names = texts.filter(lambda name: name == name.strip() and not any(letter < " " for letter in name))
languages = st.dictionaries(st.sampled_from(["en", "de-AT", "zh-Hant"]), texts, max_size=3).map(Texts)
monies = st.dictionaries(st.sampled_from(["EUR", "JPY", "KWD"]), st.integers(0, 10**9), max_size=3).map(
    lambda amounts: tuple(Money(minor, currency) for currency, minor in amounts.items())
)
measures = st.builds(Measures, weight_g=st.integers(0, 10**6), length_mm=st.integers(0, 9), width_mm=st.integers(0, 9), height_mm=st.integers(0, 9))
barcodes = st.one_of(st.just(""), st.from_regex(r"[0-9]{12}", fullmatch=True).map(lambda digits: digits + check_digit(digits)))
lists = st.lists(texts, max_size=3).map(tuple)


@st.composite
def some_groups(draw):
    """A product group of any kind, with ids of its own number."""
    kind, number = draw(st.sampled_from(Kind)), draw(st.integers(0, 10**6))
    options = tuple(
        Option(code, tuple(draw(st.lists(names, min_size=1, max_size=3, unique=True))), titles=draw(languages))
        for code in draw(st.lists(names, max_size=2, unique=True))
    )
    skus = draw(st.lists(names, max_size=3 if options else 1, unique=True))
    variants = {}
    for sku in skus:
        chosen = tuple((option.code, draw(st.sampled_from(option.values))) for option in options)
        parts = draw(st.lists(names.filter(lambda part: part not in skus), min_size=1, max_size=2, unique=True)) if kind is Kind.BUNDLE else []
        variants[chosen] = Variant(
            sku,
            chosen,
            prices=draw(monies),
            floors=draw(monies),
            measures=draw(measures),
            barcode=draw(barcodes) if not variants else "",
            tracked=draw(st.booleans()),
            components=tuple(Component(part, draw(st.integers(1, 9))) for part in parts),
            assembled=bool(parts) and draw(st.booleans()),
        )
    titles = draw(languages)
    kept = tuple(variants.values())
    media = st.builds(Media, names, st.sampled_from(MediaType), alt=languages, sku=st.sampled_from(["", *[variant.sku for variant in kept]]))
    return ProductGroup(
        id=f"{draw(names)}{number}",
        seller_id=draw(texts),
        titles=titles,
        descriptions=draw(languages),
        kind=kind,
        status=draw(st.sampled_from(Status)) if titles.said and kept else Status.DRAFT,
        brand=draw(st.one_of(st.just(""), texts)),
        categories=draw(lists),
        tags=draw(lists),
        channels=draw(lists),
        attributes=draw(st.dictionaries(names, texts, max_size=2)),
        media=tuple(draw(st.lists(media, max_size=2))),
        tax_class=draw(texts),
        options=options,
        variants=kept,
    )


def apart(groups):
    """Groups that share no id and no sku."""
    found, seen = [], set()
    for group in groups:
        own = {group.id, *[f"\n{variant.sku}" for variant in group.variants]}
        if own.isdisjoint(seen):
            seen |= own
            found.append(group)
    return found


@given(st.lists(some_groups(), max_size=3).map(apart), st.sampled_from(["csv", "jsonl"]))
def test_what_is_written_is_read_as_it_was(groups, form):
    text = "".join(write_catalog(groups, form=form, columns=csv_columns(groups)))

    found = list(read_catalog(io.StringIO(text, newline=""), form=form))

    assert [it.group if isinstance(it, GroupRead) else it for it in found] == groups


@given(st.text(st.sampled_from('product,sellerkuqo"\n\r{}[]:|\\ 1x')), st.sampled_from(["csv", "jsonl"]))
def test_any_text_is_read_or_told_and_never_raises(text, form):
    start = "product,seller,sku,components,media,options,option:size\n" if form == "csv" else ""

    for found in read_catalog(io.StringIO(start + text, newline=""), form=form):
        assert found.line >= 1
