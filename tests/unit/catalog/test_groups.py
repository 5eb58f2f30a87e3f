"""Product groups: variants along options, kinds of goods, and the products that carts know of them."""

from __future__ import annotations

import pytest
from attrs import evolve

from shopwright.catalog import Product
from shopwright.catalog.categories import CategoryTree
from shopwright.catalog.groups import Kind, ProductGroup, Status, products_of
from shopwright.catalog.languages import Texts
from shopwright.catalog.measures import Measures
from shopwright.catalog.products import Component
from shopwright.catalog.variants import Media, Option, Variant
from shopwright.errors import InvalidValue
from shopwright.money import Money

PRICES = (Money(2900, "EUR"), Money(4500, "JPY"))
SIZES = (Option("size", ("S", "M")), Option("color", ("red", "ink")))


def a_variant(sku="SHIRT-S", size="S", color="red", **more):
    return Variant(sku, {"size": size, "color": color}, **{"prices": PRICES, **more})


def a_group(**more):
    given = {"id": "shirt", "seller_id": "own", "titles": Texts({"en": "Shirt", "de": "Hemd"}), "status": Status.ACTIVE}
    return ProductGroup(**{**given, "options": SIZES, "variants": (a_variant(), a_variant("SHIRT-M", "M")), **more})


def a_single(sku="TEA", **more):
    return a_group(**{"id": "tea", "options": (), "variants": (Variant(sku, prices=PRICES),), **more})


def test_carts_know_a_product_for_each_variant():
    group = a_group(
        brand="Loom",
        categories=("shirts",),
        tags=("summer",),
        tax_class="clothing",
        variants=(a_variant(measures=Measures(weight_g=180), floors=(Money(2000, "EUR"),)), a_variant("SHIRT-M", "M", "ink", tracked=False)),
    )

    one, other = products_of(group, tree=CategoryTree({"shirts": "clothing"}), languages=("de",))

    assert one == Product(
        "SHIRT-S",
        "Hemd (S, red)",
        "own",
        PRICES,
        weight_g=180,
        brand="Loom",
        categories=("clothing", "shirts"),
        tags=("summer",),
        floors=(Money(2000, "EUR"),),
        tax_class="clothing",
        group_id="shirt",
    )
    assert (other.sku, other.title, other.tracked) == ("SHIRT-M", "Hemd (M, ink)", False)


def test_a_group_without_options_is_one_product_with_the_title_of_the_group():
    assert [product.title for product in products_of(a_single())] == ["Hemd"]


def test_a_product_that_stays_the_same_keeps_its_version_and_one_that_changes_gets_the_next():
    group = a_group()
    before = products_of(group)
    cheaper = evolve(group, variants=(a_variant(prices=(Money(1900, "EUR"),)), group.variants[1]))

    again, after = products_of(group, before=before), products_of(cheaper, before=before)

    assert again == before
    assert [(product.sku, product.version) for product in after] == [("SHIRT-S", 2), ("SHIRT-M", 1)]


def test_a_product_whose_variant_has_gone_stays_inactive():
    group = a_group()
    before = products_of(group)
    fewer = evolve(group, variants=group.variants[:1])

    after = products_of(fewer, before=before)

    assert after == (before[0], evolve(before[1], active=False, version=2))
    assert products_of(fewer, before=after) == after


@pytest.mark.parametrize(("kind", "ships", "tracked"), [(Kind.PHYSICAL, True, True), (Kind.DIGITAL, False, False), (Kind.GIFT_CARD, False, False)])
def test_what_needs_no_parcel_is_not_counted(kind, ships, tracked):
    (product,) = products_of(a_single(kind=kind))

    assert (product.ships, product.tracked) == (ships, tracked)


def test_a_bundle_ships_and_is_counted_as_packed_sets():
    (product,) = products_of(a_single(kind=Kind.BUNDLE, variants=(Variant("SET", prices=PRICES, components=(Component("TEA", 2),)),)))

    assert (product.ships, product.tracked) == (True, True)


@pytest.mark.parametrize(
    ("status", "channels", "sold"),
    [
        (Status.ACTIVE, (), True),
        (Status.ACTIVE, ("app",), True),
        (Status.ACTIVE, ("web",), False),
        (Status.DRAFT, (), False),
        (Status.ARCHIVED, ("app",), False),
    ],
)
def test_only_what_is_active_is_sold_and_only_in_its_channels(status, channels, sold):
    group = a_group(status=status, channels=channels)

    assert group.sold_in("app") is sold
    assert {product.active for product in products_of(group)} == {status is Status.ACTIVE}


def test_a_draft_may_be_unfinished():
    assert products_of(ProductGroup(id="later", seller_id="own")) == ()
    assert [product.title for product in products_of(ProductGroup(id="later", seller_id="own", variants=(Variant("X"),)))] == ["later"]


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.ARCHIVED])
@pytest.mark.parametrize("missing", [{"titles": Texts()}, {"variants": ()}])
def test_what_is_no_draft_has_a_title_and_a_variant(status, missing):
    with pytest.raises(InvalidValue, match=f"product group shirt is {status} and must have a title and a variant; leave it a draft until it does"):
        a_group(status=status, **missing)


@pytest.mark.parametrize(
    "variant",
    [
        Variant("X", {"size": "S"}),
        Variant("X", {"size": "XL", "color": "red"}),
        Variant("X"),
        Variant("X", {"size": "S", "color": "red", "fit": "slim"}),
    ],
)
def test_a_variant_names_one_value_of_each_option(variant):  # CATALOG-1
    with pytest.raises(InvalidValue, match="variant X must have one value of each option of product group shirt"):
        a_group(variants=(variant,))


def test_no_two_variants_are_the_same():  # CATALOG-1
    with pytest.raises(InvalidValue, match="variants SHIRT-S and TWIN of product group shirt have the same options; an option is missing"):
        a_group(variants=(a_variant(), a_variant("TWIN")))
    with pytest.raises(InvalidValue, match="have the same options"):
        a_single(variants=(Variant("A"), Variant("B")))


@pytest.mark.parametrize(("kind", "components"), [(Kind.BUNDLE, ()), (Kind.PHYSICAL, (Component("TEA"),)), (Kind.GIFT_CARD, (Component("TEA"),))])
def test_bundles_and_no_others_are_made_of_components(kind, components):  # CATALOG-2
    with pytest.raises(InvalidValue, match=f"variant SET is of a {kind} group and has {len(components)} components"):
        a_single(kind=kind, variants=(Variant("SET", components=components),))


def test_a_bundle_is_not_made_of_its_own_variants():  # CATALOG-2
    option = (Option("size", ("S", "L")),)
    small, large = Variant("S", {"size": "S"}, components=(Component("TEA"),)), Variant("L", {"size": "L"}, components=(Component("S", 2),))
    with pytest.raises(InvalidValue, match="variant L is made of a variant of its own product group tea"):
        a_single(kind=Kind.BUNDLE, options=option, variants=(small, large))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: a_group(variants=(a_variant(), a_variant("SHIRT-S", "M"))), "must have each sku once, got SHIRT-S more often"),
        (
            lambda: a_group(variants=(a_variant(barcode="4006381333931"), a_variant("B", "M", barcode="04006381333931"))),
            "must have each barcode once, got 04006381333931",
        ),
        (lambda: a_group(options=(*SIZES, SIZES[0])), "must have each option once, got size"),
        (lambda: a_group(titles=Texts({"en": "x" * 201})), "titles of product group shirt must have at most 200 characters, got 201"),
        (lambda: a_group(media=(Media("a.jpg", sku="CAP"),)), "media of product group shirt show CAP, which are none of its variants"),
        (lambda: a_group(options=tuple(Option(code, ("a",)) for code in "abcdef")), "at most 5 options and 2000 variants, got 6 options"),
        (lambda: a_group(id=" shirt"), "ProductGroup.id must not hold control characters or begin or end with white space"),
        (lambda: a_group(kind="physical"), "ProductGroup.kind must be Kind, got str"),
        (lambda: Option("size", ("S", "S")), "option size must have each value once, got S, S"),
        (lambda: Option("size", ()), "Option.values must have at least 1 members"),
        (lambda: Variant("A", {"size": "x" * 51}), "Variant.options must have 1 to 50 characters"),
        (lambda: Variant("A", prices=(Money(-1, "EUR"),)), "prices of variant A must be 0 or more"),
        (lambda: Variant("A", floors=(Money(1, "EUR"), Money(2, "EUR"))), "floors of variant A must name each currency once"),
        (lambda: Variant("A", components=(Component("A"),)), "variant A must be made of other skus, each once, got A"),
        (lambda: Variant("A", components=(Component("B"), Component("B"))), "variant A must be made of other skus, each once, got B, B"),
        (lambda: Component("A", 0), "Component.quantity must be between 1 and"),
        (lambda: Media(""), "Media.url must have 1 to 2000 characters"),
    ],
)
def test_a_wrong_value_is_named(wrong, words):
    with pytest.raises(InvalidValue, match=words):
        wrong()
