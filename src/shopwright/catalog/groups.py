"""Product groups: what a page of the shop shows as one product, with the variants that are bought.

    shirt = ProductGroup(
        id="shirt", seller_id="own", titles=Texts({"en": "Linen shirt"}), status=Status.ACTIVE,
        options=(Option("size", ("S", "M")),),
        variants=(Variant("SHIRT-S", {"size": "S"}, prices=prices), Variant("SHIRT-M", {"size": "M"}, prices=prices)),
    )
    products_of(shirt)                # a `Product` for each sku, as carts and orders know it

Rules
- CATALOG-1: a variant names one value of each option of its group, no two name the same values, and a group without options has one variant at most;
- CATALOG-2: a bundle's variants, and no others, are made of components, and none of these is a variant of the bundle itself;
- a draft may be unfinished; what is active or archived has a title and a variant;
- only what is active is sold, and only in its channels, which its products have too; no channels means all of them;
- gift cards and digital goods need no parcel, and what is delivered from nowhere is not counted: their variants are products without stock;
- a bundle is stocked as packed sets under its own sku, and `bundles` tells how many more can be packed; the units of a variant that is `assembled`
  are taken from the stock of its components when they are ordered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from attrs import evolve, field, frozen

from shopwright.catalog.attributes import MOST_VALUE, AttributeProblem, AttributeSchema
from shopwright.catalog.categories import CategoryTree
from shopwright.catalog.languages import Texts
from shopwright.catalog.products import Product
from shopwright.catalog.variants import Media, Option, Variant
from shopwright.edges import Pairs, identifier, members, of, sorted_pairs, text, texts
from shopwright.errors import InvalidValue

MOST_TITLE, MOST_OPTIONS, MOST_VARIANTS = 200, 5, 2_000
"""The longest title in characters, and how many options and variants a group may have."""


class Kind(StrEnum):
    """What kind of goods a group is."""

    PHYSICAL = "physical"
    DIGITAL = "digital"
    GIFT_CARD = "gift_card"
    BUNDLE = "bundle"


class Status(StrEnum):
    """Where a group stands in its life: not yet for sale, for sale, and no more."""

    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"


_is_code, _is_value = identifier(most=60), text(least=1, most=MOST_VALUE)


def _attributes(given: Mapping[str, str] | Iterable[tuple[str, str]]) -> Pairs:
    return sorted_pairs(given, "attributes")


def _are_attributes(instance: Any, attribute: Any, value: Any) -> None:
    for code, said in value:
        _is_code(instance, attribute, code)
        _is_value(instance, attribute, said)


@frozen(kw_only=True)
class ProductGroup:
    """What the variants of a product have in common, and the variants.

    `categories` are those it stands in, without those above them; `attributes` are pairs of a code and a value (see `attributes`); `tax_class` is
    what tables of tax rates know it by. Raises `InvalidValue` for what the rules of this module do not allow.
    """

    id: str = field(validator=identifier(most=100))
    seller_id: str = field(validator=text(least=1, most=100))
    titles: Texts = field(factory=Texts, validator=of(Texts))
    descriptions: Texts = field(factory=Texts, validator=of(Texts))
    kind: Kind = field(default=Kind.PHYSICAL, validator=of(Kind))
    status: Status = field(default=Status.DRAFT, validator=of(Status))
    brand: str = field(default="", validator=text())
    categories: tuple[str, ...] = field(default=(), validator=texts(least=1))
    tags: tuple[str, ...] = field(default=(), validator=texts(least=1))
    channels: tuple[str, ...] = field(default=(), validator=texts(least=1))
    attributes: Pairs = field(default=(), converter=_attributes, validator=_are_attributes)
    media: tuple[Media, ...] = field(default=(), validator=members(Media))
    tax_class: str = field(default="standard", validator=text(least=1, most=60))
    options: tuple[Option, ...] = field(default=(), validator=members(Option))
    variants: tuple[Variant, ...] = field(default=(), validator=members(Variant))

    def __attrs_post_init__(self) -> None:
        if self.status is not Status.DRAFT and not (self.titles.said and self.variants):
            raise InvalidValue(f"product group {self.id} is {self.status} and must have a title and a variant; leave it a draft until it does")
        if self.titles.longest() > MOST_TITLE:
            raise InvalidValue(f"titles of product group {self.id} must have at most {MOST_TITLE} characters, got {self.titles.longest()}")
        if len(self.options) > MOST_OPTIONS or len(self.variants) > MOST_VARIANTS:
            told = f"{len(self.options)} options and {len(self.variants)} variants"
            raise InvalidValue(f"product group {self.id} must have at most {MOST_OPTIONS} options and {MOST_VARIANTS} variants, got {told}")
        _once(self, "sku", [variant.sku for variant in self.variants])
        _once(self, "barcode", [variant.barcode.zfill(14) for variant in self.variants if variant.barcode])
        _once(self, "option", [option.code for option in self.options])
        _check_options(self)
        _check_components(self)
        strangers = sorted({medium.sku for medium in self.media if medium.sku} - {variant.sku for variant in self.variants})
        if strangers:
            raise InvalidValue(f"media of product group {self.id} show {', '.join(strangers)}, which are none of its variants")

    def sold_in(self, channel: str) -> bool:
        """Whether it is for sale in this channel."""
        return self.status is Status.ACTIVE and (not self.channels or channel in self.channels)

    def problems(self, schema: AttributeSchema) -> tuple[AttributeProblem, ...]:
        """What is wrong with its attributes."""
        return schema.problems(self.categories, self.attributes)


def _once(group: ProductGroup, what: str, names: Sequence[str]) -> None:
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise InvalidValue(f"product group {group.id} must have each {what} once, got {', '.join(twice)} more often")


def _check_options(group: ProductGroup) -> None:
    allowed = {option.code: option.values for option in group.options}
    taken: dict[Pairs, str] = {}
    for variant in group.variants:
        chosen = dict(variant.options)
        if chosen.keys() != allowed.keys() or any(value not in allowed[code] for code, value in variant.options):  # CATALOG-1
            expected = "; ".join(f"{code}: {', '.join(values)}" for code, values in allowed.items()) or "no options"
            got = ", ".join(f"{code} {value}" for code, value in variant.options) or "none"
            raise InvalidValue(f"variant {variant.sku} must have one value of each option of product group {group.id} ({expected}), got {got}")
        other = taken.setdefault(variant.options, variant.sku)
        if other != variant.sku:
            raise InvalidValue(f"variants {other} and {variant.sku} of product group {group.id} have the same options; an option is missing")


def _check_components(group: ProductGroup) -> None:
    own = {variant.sku for variant in group.variants}
    for variant in group.variants:
        if bool(variant.components) != (group.kind is Kind.BUNDLE):  # CATALOG-2
            told = f"variant {variant.sku} is of a {group.kind} group and has {len(variant.components)} components"
            raise InvalidValue(f"{told}; those of bundles have some, and others none")
        if not own.isdisjoint(component.sku for component in variant.components):
            raise InvalidValue(f"variant {variant.sku} is made of a variant of its own product group {group.id}")


def products_of(
    group: ProductGroup, *, before: Iterable[Product] = (), tree: CategoryTree | None = None, languages: Sequence[str] = ()
) -> tuple[Product, ...]:
    """What carts and orders know of a group: a product for each variant, in their order.

    `before` are the products of the group as they are: one that stays the same is handed back as it is, one that changes gets the next version, and
    one whose variant has gone stays, inactive, at the end. `tree` adds the categories above, and titles are told in the first of `languages`.
    """
    known = {product.sku: product for product in before}
    categories = tuple(sorted((tree or CategoryTree()).with_above(group.categories)))
    found = [_since(_product(group, variant, categories, languages), known.pop(variant.sku, None)) for variant in group.variants]
    return (*found, *[_since(evolve(gone, active=False), gone) for gone in known.values()])


def _since(product: Product, before: Product | None) -> Product:
    if before is None:
        return product
    same = evolve(product, version=before.version)
    return same if same == before else evolve(product, version=before.version + 1)


def _product(group: ProductGroup, variant: Variant, categories: tuple[str, ...], languages: Sequence[str]) -> Product:
    goods = group.kind in (Kind.PHYSICAL, Kind.BUNDLE)
    chosen = dict(variant.options)
    values = ", ".join(chosen[option.code] for option in group.options)
    title = group.titles.told(*languages) or group.id
    return Product(
        sku=variant.sku,
        title=f"{title} ({values})" if values else title,
        seller_id=group.seller_id,
        prices=variant.prices,
        active=group.status is Status.ACTIVE,
        tracked=variant.tracked and goods,
        ships=goods,
        weight_g=variant.measures.weight_g,
        brand=group.brand,
        categories=categories,
        tags=group.tags,
        floors=variant.floors,
        tax_class=group.tax_class,
        channels=group.channels,
        group_id=group.id,
        components=variant.components if variant.assembled else (),
    )
