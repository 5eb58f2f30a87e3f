"""What can be changed of an order that is placed: one value for each kind of change; an edit is one or more of them."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from shopwright.catalog.products import MAX_SKU
from shopwright.edges import of, text, whole
from shopwright.errors import InvalidValue
from shopwright.members.addresses import Address
from shopwright.pricing.cart import MAX_QUANTITY
from shopwright.pricing.facts import FlatShipping, NoShipping, Shipping, ShippingPerLine
from shopwright.promotions.coupons import normalize_code

MAX_CHANGES = 100
"""How many changes one edit has at most."""


@frozen
class ChangeAddress:
    """Send it somewhere else."""

    ship_to: Address = field(validator=of(Address))


@frozen(kw_only=True)
class ChangeQuantity:
    """So many units of a line, in all that the buyer is to have of it; 0 removes it."""

    line_no: int = field(validator=whole(least=1))
    quantity: int = field(validator=whole(least=0, most=MAX_QUANTITY))


@frozen
class AddLine:
    """Other goods, or more of them, at the price of today."""

    sku: str = field(validator=text(least=1, most=MAX_SKU))
    quantity: int = field(default=1, validator=whole(least=1, most=MAX_QUANTITY))


@frozen
class ChangeShipping:
    """Another way of shipping, and what it costs for all that was ordered when the order was placed."""

    shipping: Shipping = field(validator=of(FlatShipping, ShippingPerLine, NoShipping))


@frozen
class ChangeCoupon:
    """Another coupon, or none where the code is empty."""

    code: str = field(default="", converter=normalize_code)


Change = ChangeAddress | ChangeQuantity | AddLine | ChangeShipping | ChangeCoupon
_KINDS = (ChangeAddress, ChangeQuantity, AddLine, ChangeShipping, ChangeCoupon)


def distinct(instance: Any, attribute: Any, value: Any) -> None:
    """A validator for the changes of an edit: nothing is changed twice."""
    if not isinstance(value, tuple) or not all(isinstance(it, _KINDS) for it in value):
        names = ", ".join(kind.__name__ for kind in _KINDS)
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must be a tuple of {names}, got {value!r}")
    if len(value) > MAX_CHANGES:
        raise InvalidValue(f"an edit has at most {MAX_CHANGES} changes, got {len(value)}")
    about = [_about(it) for it in value]
    if twice := sorted({str(it) for it in about if about.count(it) > 1}):
        raise InvalidValue(f"an edit changes a thing once, got {', '.join(twice)} more often; put it into one change")


def _about(change: Change) -> str:
    match change:
        case ChangeQuantity(line_no=line_no):
            return f"the quantity of line {line_no}"
        case AddLine(sku=sku):
            return f"added {sku}"
        case _:
            return {ChangeAddress: "the address", ChangeShipping: "the shipping", ChangeCoupon: "the coupon"}[type(change)]
