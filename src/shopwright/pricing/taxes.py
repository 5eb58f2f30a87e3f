"""Where the taxes of a price come from: a table, an engine outside, or what was frozen; one of them is among the facts of a cart."""

from __future__ import annotations

from attrs import field, frozen

from shopwright.edges import members, of, text, whole
from shopwright.pricing.tax import TaxPolicy
from shopwright.pricing.tax_amounts import TaxAssessment
from shopwright.pricing.tax_rates import Ruling, TaxPlace, TaxTable


@frozen
class TableTaxes:
    """A table of rates, how it is reckoned, and where the goods go."""

    table: TaxTable = field(validator=of(TaxTable))
    policy: TaxPolicy = field(validator=of(TaxPolicy))
    place: TaxPlace = field(default=TaxPlace(), validator=of(TaxPlace))


@frozen
class GivenTaxes:
    """What an engine outside answered for the lines of this very cart, asked under this policy.

    `instead_of` names an engine that was silent, where somebody else answered in its stead.
    """

    assessment: TaxAssessment = field(validator=of(TaxAssessment))
    policy: TaxPolicy = field(validator=of(TaxPolicy))
    instead_of: str = field(default="", validator=text(most=60))


@frozen
class FrozenTaxes:
    """The rulings that stand on frozen lines, of goods and of shipping, and under which table they were made."""

    rule: str = field(validator=text(least=1))
    version: int = field(validator=whole(least=0))
    policy: TaxPolicy = field(validator=of(TaxPolicy))
    rulings: tuple[tuple[Ruling, Ruling], ...] = field(validator=members(tuple))


Taxes = TableTaxes | GivenTaxes | FrozenTaxes
