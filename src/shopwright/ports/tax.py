"""The tax port: an outside engine that knows the rates of every place, in the stead of a table of one's own.

A flow prices a cart without tax, asks the engine for the taxes of the lines as they then stand, and prices once more with its answer among
the facts: nothing pure ever waits for a network. What the engine answered is frozen on the order, and a refund is cut from that
(`shopwright.pricing.tax_amounts.part_of`) without asking again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol, runtime_checkable

from attrs import field, frozen

from shopwright.edges import of
from shopwright.pricing.tax import TaxRequest, assess
from shopwright.pricing.tax_amounts import TaxAssessment
from shopwright.pricing.tax_rates import TaxTable
from shopwright.refusals import Refusal

API_VERSION = 1
"""The version of this port; an adapter names the one it was written for."""


@runtime_checkable
class TaxEngine(Protocol):
    """Somebody who knows the taxes, seen with one account."""

    @property
    def name(self) -> str:
        """A slug (`[a-z][a-z0-9_]*`) that stands in stored prices and never changes."""
        ...

    @property
    def api_version(self) -> int:
        """The `API_VERSION` that this adapter was written for."""
        ...

    def assess(self, request: TaxRequest, *, deadline: timedelta) -> TaxAssessment | Refusal:
        """The taxes of each line of the request, in its order, of the very amounts that were asked (`pricing.tax_trace.misfits` is empty).

        It records nothing: to ask twice is to ask once. `tax_class_unknown` and `tax_rule_missing` where the engine cannot tell. Raises
        `NotSent`, `Throttled`, `Indeterminate` (no answer within the deadline: ask again) or `Misconfigured`.
        """
        ...


@frozen
class TableTax:
    """The engine in the house: a table, behind the port. It answers at once, whatever the deadline."""

    table: TaxTable = field(validator=of(TaxTable))

    @property
    def name(self) -> str:
        """`table`."""
        return "table"

    @property
    def api_version(self) -> int:
        """The version of the port it is written with."""
        return API_VERSION

    def assess(self, request: TaxRequest, *, deadline: timedelta) -> TaxAssessment | Refusal:
        """What `shopwright.pricing.tax.assess` says by the table."""
        return assess(request, self.table)
