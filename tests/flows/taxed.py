"""A shop whose taxes an engine outside tells: VAT on top of its prices, at the rates of a table that the engine has."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from shopwright import PlaceOrder
from shopwright.ports.tax import EngineTaxes, IfSilent
from shopwright.pricing.tax import Prices, TaxPolicy
from shopwright.pricing.tax_rates import Ruling, TaxPlace, TaxRate, TaxRule, TaxTable
from shopwright.testing.taxes import FakeTaxEngine
from tests.flows.mall import an_order

VAT, OLD = TaxRate("VAT", "19 %"), TaxRate("VAT", "16 %")
TABLE = TaxTable("engine_rates", (TaxRule("standard", Ruling((VAT,)), TaxPlace("DE")),), version=3)
OWN = TaxTable("own_rates", (TaxRule("standard", Ruling((OLD,))),))
POLICY = TaxPolicy(prices=Prices.EXCLUSIVE)
TAXED, BY_TABLE = 5831, 5684
"""What the order of a mall costs at the rate of the engine, and at that of the shop's own table."""


def engine_taxes(engine: FakeTaxEngine, if_silent: IfSilent = IfSilent.REFUSE) -> EngineTaxes:
    """An engine, with the shop's own table where somebody has to stand in for it."""
    return EngineTaxes(engine=engine, policy=POLICY, if_silent=if_silent, table=None if if_silent is IfSilent.REFUSE else OWN)


def silent() -> FakeTaxEngine:
    """An engine that does not know the shop any more."""
    engine = FakeTaxEngine(TABLE)
    engine.locked_out = True
    return engine


def a_taxed_order(total: int = TAXED, **facts: Any) -> PlaceOrder:
    """Two teas and a cup, with what Ann thinks they cost with taxes."""
    command = an_order()
    return evolve(command, tenders=(evolve(command.tenders[0], amount=total),), **facts)


ASKED = {"taxes": engine_taxes(FakeTaxEngine(TABLE))}
STOOD_IN = {"taxes": engine_taxes(silent(), IfSilent.HOLD)}
