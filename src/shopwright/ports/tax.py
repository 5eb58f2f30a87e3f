"""The tax port: an outside engine that knows the rates of every place, in the stead of a table of one's own.

A flow prices a cart without tax, asks the engine for the taxes of the lines as they then stand, and prices once more with its answer among
the facts: nothing pure ever waits for a network, and no transaction is open meanwhile. What the engine answered is checked
(`shopwright.pricing.tax_trace.misfits`) and frozen on the order, and a refund is cut from that (`shopwright.pricing.tax_amounts.part_of`) without
asking again. What becomes of an order when the engine is silent, or answers what cannot be, is said beforehand: `IfSilent`.
"""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from attrs import field, frozen

from shopwright.edges import maybe, of
from shopwright.errors import InvalidValue
from shopwright.pricing.tax import TaxPolicy, TaxRequest, assess
from shopwright.pricing.tax_amounts import TaxAssessment
from shopwright.pricing.tax_rates import TaxPlace, TaxTable
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


class IfSilent(StrEnum):
    """What becomes of a price when the engine gives no answer, or one that does not fit what was asked."""

    REFUSE = "refuse"
    """There is no price: `tax_unavailable`."""
    TABLE = "table"
    """A table of one's own tells the taxes; the trace says so."""
    HOLD = "hold"
    """The table too, and an order at that price is held until a person has looked at its taxes."""


def _is_engine(_: Any, __: Any, value: Any) -> None:
    name = getattr(value, "name", None)
    if isinstance(value, type) or not callable(getattr(value, "assess", None)):
        raise InvalidValue(f"EngineTaxes.engine must be a tax engine with name, api_version and assess, got {value!r}")
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", name):
        raise InvalidValue(f"the name of a tax engine is a letter and up to 59 more of a-z, 0-9 and _; got {name!r} from {value!r}")
    version = getattr(value, "api_version", None)
    if version != API_VERSION:
        raise InvalidValue(f"the tax engine {name} was written for version {version} of the port; this release has version {API_VERSION}")


@frozen(kw_only=True)
class EngineTaxes:
    """An engine that a shop asks, and by which policy; `place` is what is known of every sale besides where the goods go: the kind of buyer.

    The engine is given `deadline` for an answer. `table` tells the taxes when it is silent, where `if_silent` wants that. Raises `InvalidValue` for
    what is no engine of this version of the port, a deadline that is not above zero, and a table that is lacking or in vain.
    """

    engine: TaxEngine = field(validator=_is_engine)
    policy: TaxPolicy = field(validator=of(TaxPolicy))
    place: TaxPlace = field(default=TaxPlace(), validator=of(TaxPlace))
    deadline: timedelta = field(default=timedelta(seconds=5), validator=of(timedelta))
    if_silent: IfSilent = field(default=IfSilent.REFUSE, validator=of(IfSilent))
    table: TaxTable | None = field(default=None, validator=maybe(of(TaxTable)))

    def __attrs_post_init__(self) -> None:
        if self.deadline <= timedelta(0):
            raise InvalidValue(f"EngineTaxes.deadline must be above zero, got {self.deadline}")
        if (self.table is None) is not (self.if_silent is IfSilent.REFUSE):
            raise InvalidValue(f"EngineTaxes takes a table with IfSilent.TABLE and IfSilent.HOLD and none with IfSilent.REFUSE, got {self.table!r}")
