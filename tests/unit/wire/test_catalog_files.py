"""A catalog as a file: all that is wrong is told by line and column, and nothing is half done."""

from __future__ import annotations

import io
import tracemalloc

import pytest

from shopwright.catalog.attributes import Attribute, AttributeSchema, AttributeType, AttributeUse
from shopwright.catalog.groups import Kind, ProductGroup, Status
from shopwright.catalog.languages import Texts
from shopwright.catalog.measures import Measures
from shopwright.catalog.products import Component
from shopwright.catalog.variants import Media, MediaType, Option, Variant
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.wire import catalog_files
from shopwright.wire.catalog_fields import joined, parted
from shopwright.wire.catalog_files import GroupRead, read_catalog
from shopwright.wire.catalog_groups import RowProblem
from shopwright.wire.catalog_writing import csv_columns, write_catalog
from shopwright.wire.seen import Seen

SHIRT = ProductGroup(
    id="shirt",
    seller_id="own",
    titles=Texts({"en": "Shirt", "zh": "衬衫"}),
    descriptions=Texts({"en": 'Soft,\n"light" and | airy \\'}),
    status=Status.ACTIVE,
    brand="Loom",
    categories=("shirts", "a|b"),
    tags=("summer",),
    channels=("web",),
    attributes={"material": "linen"},
    tax_class="clothing",
    media=(Media("a.jpg"), Media("b.mp4", MediaType.VIDEO, alt=Texts({"en": "A film"}), sku="S")),
    options=(Option("size", ("S", "M", "L"), titles=Texts({"en": "Size"})),),
    variants=(
        Variant(
            "S",
            {"size": "S"},
            prices=(Money(2900, "EUR"), Money(4500, "JPY")),
            floors=(Money(2000, "EUR"),),
            measures=Measures(weight_g=180, width_mm=3),
        ),
        Variant("M", {"size": "M"}, barcode="4006381333931", tracked=False),
    ),
)
SET = ProductGroup(id="set", seller_id="own", kind=Kind.BUNDLE, variants=(Variant("SET x 2", components=(Component("S", 2), Component("A x 3"))),))
DRAFT = ProductGroup(id="draft", seller_id="own")

AMOUNTS = "expected amounts such as 12.34 EUR, with | between several"
MEDIA = 'expected addresses, with | between several, or a list such as [{"url": "a.mp4", "type": "video"}]'

CSV = """\
product,seller,status,title:en,categories,sku,option:size,prices,weight_g\r
shirt,own,active,Shirt,shirts|linen,SHIRT-S,S,29.00 EUR|4500 JPY,180\r
shirt,,,,,SHIRT-M,M,29.00 EUR,\r
\r
tea,own,active,"Green\r
tea",,TEA,,4.50 EUR,\r
"""


def read(text, form="csv", **more):
    return list(read_catalog(io.StringIO(text, newline=""), form=form, **more))


def problems(text, form="csv", **more):
    return [str(found) for found in read(text, form, **more)]


def test_a_csv_file_has_a_row_for_each_variant():
    shirt = ProductGroup(
        id="shirt",
        seller_id="own",
        status=Status.ACTIVE,
        titles=Texts({"en": "Shirt"}),
        categories=("shirts", "linen"),
        options=(Option("size", ("S", "M")),),
        variants=(
            Variant("SHIRT-S", {"size": "S"}, prices=(Money(2900, "EUR"), Money(4500, "JPY")), measures=Measures(weight_g=180)),
            Variant("SHIRT-M", {"size": "M"}, prices=(Money(2900, "EUR"),)),
        ),
    )
    tea = ProductGroup(
        id="tea", seller_id="own", status=Status.ACTIVE, titles=Texts({"en": "Green\r\ntea"}), variants=(Variant("TEA", prices=(Money(450, "EUR"),)),)
    )

    assert read("\ufeff" + CSV) == [GroupRead(2, shirt), GroupRead(5, tea)]


def test_a_file_of_json_lines_has_an_object_for_each_group():
    text = (
        """\ufeff{"product": "shirt", "seller": "own", "title": {"en": "Shirt"}, "attributes": {"lined": true, "length": 1.50}, "tags": null,
        """.replace("\n", " ")
        + """"variants": [{"sku": "S", "options": {"size": "S"}, "prices": ["29.00 EUR"], "tracked": false, "components": {}}]}

{"product": "set", "seller": "own", "kind": "bundle", "variants": [{"sku": "SET", "components": {"S": 2}}], "media": ["a.jpg", {"url": "b.jpg"}]}
"""
    )
    shirt = ProductGroup(
        id="shirt",
        seller_id="own",
        titles=Texts({"en": "Shirt"}),
        attributes={"lined": "true", "length": "1.50"},
        options=(Option("size", ("S",)),),
        variants=(Variant("S", {"size": "S"}, prices=(Money(2900, "EUR"),), tracked=False),),
    )
    bundle = ProductGroup(
        id="set",
        seller_id="own",
        kind=Kind.BUNDLE,
        variants=(Variant("SET", components=(Component("S", 2),)),),
        media=(Media("a.jpg"), Media("b.jpg")),
    )

    assert read(text, "jsonl") == [GroupRead(1, shirt), GroupRead(3, bundle)]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_what_is_written_comes_back_as_it_was(form):
    groups = (SHIRT, SET, DRAFT)

    text = "".join(write_catalog(groups, form=form, columns=csv_columns(groups)))

    assert [found.group for found in read(text, form)] == [*groups]


def test_columns_stand_in_one_order_whatever_the_order_of_the_groups():
    assert (
        csv_columns((SET, DRAFT, SHIRT))
        == csv_columns((SHIRT, SET))
        == (
            *("product", "seller", "kind", "status", "brand", "categories", "tags", "channels", "tax_class", "media", "options"),
            *("attribute:material", "description:en", "title:en", "title:zh"),
            *("sku", "barcode", "prices", "floors", "weight_g", "width_mm", "tracked", "components", "option:size"),
        )
    )


@pytest.mark.parametrize(
    ("group", "columns", "words"),
    [
        (SHIRT, (), "expected the columns of the CSV file, got none; csv_columns\\(groups\\) tells them"),
        (SET, ("product", "seller", "sku"), "cannot write product group set as CSV: the columns kind, components are missing"),
        (
            ProductGroup(id="long", seller_id="own", media=tuple(Media("x" * 2000) for _ in range(70))),
            ("product", "seller", "sku", "media"),
            "cannot write product group long as CSV: a cell has more than 131072 characters",
        ),
    ],
)
def test_nothing_is_lost_in_writing(group, columns, words):
    with pytest.raises(InvalidValue, match=words):
        list(write_catalog((group,), form="csv", columns=columns))


def test_all_that_is_wrong_is_told_and_what_is_right_is_read():
    text = """\
product,seller,kind,title:en,sku,barcode,prices,weight_g,tracked,components
a,own,thing,Tea,A1,123,free,heavy,yes,CUP x many
b,own,,Tea,B1,,1.00 EUR,,,
c,,,,C1,,1.00 EUR,,,
"""
    found = read(text)

    assert [str(each) for each in found if isinstance(each, RowProblem)] == [
        "line 2, kind: expected one of physical, digital, gift_card, bundle, got 'thing' (it is none of these)",
        f"line 2, prices: {AMOUNTS}, got 'free' (expected an amount and a currency code such as '19.99 EUR', got 'free')",
        "line 2, weight_g: expected a whole number from zero up, got 'heavy' (it is no whole number)",
        "line 2, tracked: expected true or false, got 'yes' (it is neither)",
        "line 2, barcode: Variant.barcode must be a GTIN of 8, 12, 13 or 14 digits, got '123'",
        "line 4, seller: expected text, got nothing",
    ]
    assert [each.group.id for each in found if isinstance(each, GroupRead)] == ["b"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("a,own,A,123,", "line 2, barcode: Variant.barcode must be a GTIN of 8, 12, 13 or 14 digits, got '123'"),
        ("a, own ,A,,x", "line 2, title: what is said: expected a language such as en, pt-BR or zh-Hant, got 'e'"),
        (
            " a,own,A,,",
            "line 2, product: ProductGroup.id must not hold control characters or begin or end with white space, got ' a'; strip it first",
        ),
        ("a,own,A,,\na,other,B,,", "line 3, seller: expected what line 2 says of the same product ('own'), or nothing, got 'other'"),
        ("a,own,A,,\na,,,4006381333931,", "line 3, sku: expected text, got nothing"),
        ("a,own,A,,\na,own,B,,", "line 2: variants A and B of product group a have the same options; an option is missing"),
    ],
)
def test_a_wrong_cell_is_told_with_its_line_and_column(rows, said):
    assert problems(f"product,seller,sku,barcode,title:e\n{rows}\n") == [said]


def test_a_sku_or_a_product_that_comes_twice_is_wrong_where_it_comes_again():
    text = "product,seller,sku\na,own,A\nb,own,B\na,own,C\nd,own,A\n"

    assert [str(found) if isinstance(found, RowProblem) else found.group.id for found in read(text)] == [
        "a",
        "b",
        "line 4, product: expected each product in one place, got 'a' again",
        "line 5, sku: expected each sku in one place, got 'A' again",
    ]


def test_no_group_is_made_without_one_of_its_rows():
    text = "product,seller,sku,option:size\na,own,A,S\na,own\nb,own,B,S\nb,own,C,M\nc,own,D,\n"

    assert [str(found) if isinstance(found, RowProblem) else found.group.id for found in read(text)] == [
        "line 3: expected 4 cells, as the head has, got 2",
        "line 4: expected a product whose rows can all be read; one right before it, in line 3, cannot, and may be one of them",
        "c",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ["line 1: expected a head with the columns product, seller, sku, got an empty file"]),
        ("product,sku\n", ["line 1: expected a head with the columns product, seller, sku; missing: seller"]),
        ("product,seller,sku\n,own,A\n", ["line 2, product: expected text, got nothing"]),
        (
            'product,seller,sku\na,own,A\na,own,"B\n',
            ["line 3: expected cells that CSV allows (unexpected end of data); is a quotation mark not closed?"],
        ),
    ],
)
def test_what_is_no_csv_of_a_catalog_is_told(text, said):
    assert problems(text) == said


def test_unknown_columns_and_columns_that_come_twice_are_told_each():
    found = read("product,seller,sku,price,sku,title:,option:size\n")

    assert [(each.line, each.column, each.message[:22]) for each in found] == [
        (1, name, "expected columns out o") for name in ("price", "sku", "title:")
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "line 1, column 2: expected a product group as a JSON object on one line (Expecting property name enclosed in double quotes)"),
        ("[1]", "line 1: expected an object with a list of variants, got [1]"),
        ('{"product": "a", "product": "b"}', "line 1: expected a product group as a JSON object (a key comes twice)"),
        ('{"product": "a", "seller": "o", "variants": {}}', "line 1, variants: expected an object with a list of variants, got {}"),
        ('{"seller": "o"}', "line 1, product: expected text, got nothing"),
        ('{"product": "a", "seller": "o", "title": "x"}', "line 1, title: expected an object, got 'x'"),
        ('{"product": "a", "seller": 7}', "line 1, seller: expected text, got 7 (it is no text)"),
        ('{"product": "a", "seller": "o", "variants": [{}]}', "line 1, variants[0].sku: expected text, got nothing"),
        (
            '{"product": "a", "seller": "o", "variants": [{"sku": "A", "weight_g": 1.5}]}',
            "line 1, variants[0].weight_g: expected a whole number from zero up, got '1.5' (it is no whole number)",
        ),
        (
            '{"product": "a", "seller": "o", "media": [1]}',
            f"line 1, media: {MEDIA}, got [1] (it is neither an address nor an object)",
        ),
        (
            '{"product": "a", "seller": "o", "status": "active"}',
            "line 1: product group a is active and must have a title and a variant; leave it a draft until it does",
        ),
    ],
)
def test_what_is_no_json_of_a_catalog_is_told(text, said):
    found = problems(text, "jsonl")
    assert found[0] == said


def test_unknown_keys_are_told():
    (found,) = read('{"product": "a", "seller": "o", "price": 1}', "jsonl")

    assert (found.column, found.message.partition(",")[0]) == ("price", "expected keys out of title")


def test_a_line_without_an_end_is_not_read(monkeypatch):
    lines = iter(["x" * (catalog_files.MOST_CHARACTERS + 1), '{"product": "a"}'])

    assert [each.message for each in read_catalog(lines, form="jsonl")] == [
        "expected lines of at most 10000000 characters, got more; is this a file of a catalog?"
    ]


def test_attributes_are_checked_and_kept_by_the_schema():
    schema = AttributeSchema((Attribute("length", AttributeType.NUMBER, unit="cm"),), (AttributeUse("length", "shirts", required=True),))
    text = "product,seller,sku,categories,attribute:length,attribute:fit\na,own,A,shirts,12.0 cm,\nb,own,B,shirts,,slim\n"

    found = read(text, schema=schema)

    assert found[0].group.attributes == (("length", "12"),)
    assert [str(each) for each in found[1:]] == [
        "line 3, attribute:length: expected a value, got nothing; the category requires it",
        "line 3, attribute:fit: expected an attribute of its categories, got fit; allowed: length",
    ]


@pytest.mark.parametrize(("cell", "names"), [("a|b", ("a", "b")), (r"a\|b|c\\", ("a|b", "c\\")), ("", ("",)), ("a|", ("a", ""))])
def test_a_list_in_a_cell(cell, names):
    assert (parted(cell), joined(names)) == (names, cell)


@pytest.mark.parametrize("cell", ["\\", "a\\n"])
def test_a_backslash_stands_before_what_it_guards(cell):
    with pytest.raises(ValueError, match="for a backslash"):
        parted(cell)


def test_names_are_seen_once_and_never_forgotten():
    seen = Seen()

    assert [seen.first(f"n{number % 5000}") for number in range(15_000)] == [True] * 5000 + [False] * 10_000


def test_memory_stays_as_it_is_however_long_the_file_is():
    def rows(count):
        yield "product,seller,sku,title:en\n"
        for number in range(count):
            yield f"p{number},own,s{number},A thing that is sold under the number {number}\n"

    def peak(count):
        tracemalloc.start()
        read = sum(1 for _ in read_catalog(rows(count), form="csv"))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return read, most

    (few, small), (many, large) = peak(500), peak(5_000)

    assert (few, many) == (500, 5_000)
    assert large - small < 60 * 2 * (many - few)  # the numbers by which products and skus are seen again, and nothing of the rows
