"""What stands in a product group: its options and variants, what a bundle is made of, and where its pictures are.

Rules
- an option is an axis (size) with its values in the order people see them; a variant names one value of each option of its group;
- a component says how many of another sku are in one unit of a bundle; an `assembled` bundle is put together from their stock when it is ordered,
  any other is stocked as packed sets;
- media are references: an address and what it shows in words, never the bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from shopwright.catalog.languages import Texts
from shopwright.catalog.measures import Measures, is_barcode
from shopwright.catalog.products import MAX_SKU, Component, check_amounts, check_components
from shopwright.edges import Pairs, identifier, members, of, sorted_pairs, text
from shopwright.errors import InvalidValue
from shopwright.money import Money

MOST_VALUE = 50
"""The longest value of an option, in characters: the values of a variant stand in its title."""

_is_value = identifier(most=MOST_VALUE)


def _are_values(instance: Any, attribute: Any, value: Any) -> None:
    members(str, least=1)(instance, attribute, value)
    for each in value:
        _is_value(instance, attribute, each)


def _options(given: Mapping[str, str] | Iterable[tuple[str, str]]) -> Pairs:
    return sorted_pairs(given, "options")


def _are_choices(instance: Any, attribute: Any, value: Any) -> None:
    for pair in value:
        for each in pair:
            _is_value(instance, attribute, each)


@frozen
class Option:
    """An axis along which the variants of a group differ. Raises `InvalidValue` without a value, or with one twice."""

    code: str = field(validator=_is_value)
    values: tuple[str, ...] = field(validator=_are_values)
    titles: Texts = field(factory=Texts, kw_only=True, validator=of(Texts))

    def __attrs_post_init__(self) -> None:
        if len(set(self.values)) < len(self.values):
            raise InvalidValue(f"option {self.code} must have each value once, got {', '.join(self.values)}")


class MediaType(StrEnum):
    """What a medium is."""

    IMAGE = "image"
    VIDEO = "video"
    DOCUMENT = "document"


@frozen
class Media:
    """Where a picture, a video or a document is: an address, or a key of the host's own store. `sku` says that it shows one variant."""

    url: str = field(validator=identifier(most=2_000))
    type: MediaType = field(default=MediaType.IMAGE, validator=of(MediaType))
    alt: Texts = field(factory=Texts, kw_only=True, validator=of(Texts))
    sku: str = field(default="", kw_only=True, validator=text(most=MAX_SKU))


@frozen
class Variant:
    """One thing of a group that can be bought: its sku, the values of its options, its list prices, measures and barcode.

    `prices` and `floors` have one amount per currency at most, as those of a `Product` have. `tracked=False` says that its stock is not counted,
    `assembled=True` that each unit is put together from the stock of its components. Raises `InvalidValue` for amounts below zero or two in one
    currency, a wrong barcode, a component that is named twice, and for none where it is assembled.
    """

    sku: str = field(validator=identifier(most=MAX_SKU))
    options: Pairs = field(default=(), converter=_options, validator=_are_choices)
    prices: tuple[Money, ...] = field(default=(), kw_only=True, validator=members(Money))
    floors: tuple[Money, ...] = field(default=(), kw_only=True, validator=members(Money))
    measures: Measures = field(factory=Measures, kw_only=True, validator=of(Measures))
    barcode: str = field(default="", kw_only=True, validator=is_barcode)
    tracked: bool = field(default=True, kw_only=True, validator=of(bool))
    components: tuple[Component, ...] = field(default=(), kw_only=True, validator=members(Component))
    assembled: bool = field(default=False, kw_only=True, validator=of(bool))

    def __attrs_post_init__(self) -> None:
        check_amounts(f"prices of variant {self.sku}", self.prices, least=0)
        check_amounts(f"floors of variant {self.sku}", self.floors, least=0)
        check_components(f"variant {self.sku}", self.sku, self.components)
        if self.assembled and not self.components:
            raise InvalidValue(f"variant {self.sku} is assembled and must name its components, got none")
