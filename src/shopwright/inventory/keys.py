"""Under which keys stock is counted, and under which ids it is held.

Rules
- what there is of a sku is the quota `stock/<sku>`: granted is what was received, used is what was sold, held is what orders wait for;
- a shop with several places has such a quota for each: `stock@<place>/<sku>`, and their sum is never written;
- what may be ordered without being there is counted likewise, under `backorder/<sku>` or `backorder@<place>/<sku>`;
- the key is made from the sku as it is, which stands last, so two skus never share a count; the name of a place has no slash;
- the place of a shop that has but one is called by no name: `""`.
"""

from __future__ import annotations

from typing import Any

from shopwright.edges import identifier
from shopwright.errors import InvalidValue

MAX_PLACE = 60
"""How long the name of a place may be: with the longest sku behind it a key is no longer than a store keeps."""

_STOCK, _PLACED = "stock/", "stock@"
_BACKORDER, _PLACED_BACKORDER = "backorder/", "backorder@"
_PREFIXES = (_STOCK, _PLACED)
_BACKORDERS = (_BACKORDER, _PLACED_BACKORDER)

_is_name = identifier(most=MAX_PLACE)


def place_name(instance: Any, attribute: Any, value: Any) -> None:
    """A validator for the name of a place: 1 to 60 characters, no slash among them."""
    _is_name(instance, attribute, value)
    if "/" in value:
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must hold no slash, got {value!r}; a key of stock ends its place there")


def stock_key(sku: str) -> str:
    """The key of the quota that counts the stock of a sku, in a shop with one place."""
    return f"{_STOCK}{sku}"


def place_key(place: str, sku: str) -> str:
    """The key of the quota that counts the stock of a sku at a place; with `""` that of a shop with one place."""
    return f"{_PLACED}{place}/{sku}" if place else f"{_STOCK}{sku}"


def backorder_key(place: str, sku: str) -> str:
    """The key of the quota that counts how many of a sku may be ordered from a place without being there."""
    return f"{_PLACED_BACKORDER}{place}/{sku}" if place else f"{_BACKORDER}{sku}"


def is_stock(key: str) -> bool:
    """Whether a quota counts stock that is there, at whatever place."""
    return key.startswith(_PREFIXES)


def is_backorder(key: str) -> bool:
    """Whether a quota counts what may be ordered without being there."""
    return key.startswith(_BACKORDERS)


def place_and_sku(key: str) -> tuple[str, str]:
    """The place and the sku that a key of stock or of backorder counts; the place is `""` in a shop with one. Raises `InvalidValue` for others."""
    family, slash, sku = key.partition("/")
    name, at, place = family.partition("@")
    if not slash or not sku or name not in {"stock", "backorder"} or bool(at) != bool(place):
        raise InvalidValue(f"expected a key such as stock/<sku> or stock@<place>/<sku>, got {key!r}")
    return place, sku


def safety_hold(place: str, sku: str) -> str:
    """The id of the hold that keeps what is never promised of a sku at a place."""
    return f"safety/{place}/{sku}"


def aside_hold(place: str, sku: str, aside_id: str) -> str:
    """The id of the hold on units that were set aside: to be looked at, or because their time is over."""
    return f"aside/{place}/{aside_id}/{sku}"


def cart_hold(cart_id: str) -> str:
    """The id of the hold that keeps goods for a cart."""
    return f"cart/{cart_id}"
