"""What a price must have kept to be reckoned again, whoever keeps it.

A `Quote` has all of this, and so has the event that placed an order; what stands above pricing is read through these protocols.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from shopwright.catalog.products import Component
from shopwright.pricing.gifts import GivenBy, Grant
from shopwright.pricing.tax_amounts import TaxedLine
from shopwright.pricing.trace import TraceStep


class FrozenLine(Protocol):
    """What is read of a line; `QuoteLine` and the line of an order have it."""

    @property
    def sku(self) -> str:
        """What was sold."""
        ...

    @property
    def title(self) -> str:
        """Its name at the time."""
        ...

    @property
    def seller_id(self) -> str:
        """Who sold it."""
        ...

    @property
    def quantity(self) -> int:
        """How many units."""
        ...

    @property
    def unit_price(self) -> int:
        """What one unit cost, in minor units like all that follows."""
        ...

    @property
    def subtotal(self) -> int:
        """The unit price times the quantity."""
        ...

    @property
    def discount(self) -> int:
        """What was taken off, zero or more."""
        ...

    @property
    def shipping(self) -> int:
        """Its share of shipping."""
        ...

    @property
    def tax(self) -> int:
        """The tax on it."""
        ...

    @property
    def total(self) -> int:
        """What it cost in all."""
        ...

    @property
    def taxed(self) -> TaxedLine | None:
        """Its taxes in full, where there were some."""
        ...

    @property
    def tracked(self) -> bool:
        """Whether its stock was counted."""
        ...

    @property
    def ships(self) -> bool:
        """Whether it needed a parcel."""
        ...

    @property
    def product_version(self) -> int:
        """Which version of the product was priced."""
        ...

    @property
    def components(self) -> tuple[Component, ...]:
        """What a unit was put together from, where that is what was in stock."""
        ...

    @property
    def given_by(self) -> GivenBy | None:
        """The promotion that gave it away, where it was a gift."""
        ...


class FrozenPrice(Protocol):
    """What is read of a price that was frozen."""

    @property
    def currency(self) -> str:
        """The one currency of all amounts."""
        ...

    @property
    def lines(self) -> Sequence[FrozenLine]:
        """The lines, in the order of the cart."""
        ...

    @property
    def coupon_code(self) -> str:
        """The coupon that was applied, empty where none was."""
        ...

    @property
    def trace(self) -> tuple[TraceStep, ...]:
        """How the price came about."""
        ...

    @property
    def grants(self) -> tuple[Grant, ...]:
        """What was promised besides goods."""
        ...
