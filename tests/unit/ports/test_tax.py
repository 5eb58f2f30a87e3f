"""Which engine a shop may be given, and how it says what becomes of a price when the engine is silent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopwright import Shop
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import InvalidValue
from shopwright.ports.tax import EngineTaxes, IfSilent, TableTax
from shopwright.pricing.tax import Prices, TaxPolicy
from shopwright.pricing.tax_rates import Ruling, TaxRate, TaxRule, TaxTable
from shopwright.testing.taxes import FakeTaxEngine
from shopwright.wire.kinds import KINDS

TABLE = TaxTable("rates", (TaxRule("standard", Ruling((TaxRate("VAT", "19 %"),))),))
POLICY = TaxPolicy(prices=Prices.INCLUSIVE)


class OfAnotherRelease(FakeTaxEngine):
    api_version = 99


def taxes(**facts):
    return EngineTaxes(**{"engine": FakeTaxEngine(TABLE), "policy": POLICY, **facts})


def test_a_shop_without_a_word_on_silence_refuses():
    assert (taxes().if_silent, taxes().table, taxes().deadline) == (IfSilent.REFUSE, None, timedelta(seconds=5))


def test_a_table_is_an_engine_too():
    assert taxes(engine=TableTax(TABLE)).engine.name == "table"


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"engine": "avalara"}, "must be a tax engine with name, api_version and assess, got 'avalara'"),
        ({"engine": FakeTaxEngine}, "must be a tax engine"),
        ({"engine": FakeTaxEngine(TABLE, name="My Taxes")}, "the name of a tax engine is a letter"),
        ({"engine": OfAnotherRelease(TABLE)}, "fake_tax was written for version 99 of the port; this release has version 1"),
        ({"policy": None}, "EngineTaxes.policy must be TaxPolicy, got NoneType"),
        ({"deadline": timedelta(0)}, "EngineTaxes.deadline must be above zero"),
        ({"deadline": 5}, "EngineTaxes.deadline must be timedelta, got int"),
        ({"if_silent": IfSilent.TABLE}, "takes a table with IfSilent.TABLE and IfSilent.HOLD"),
        ({"if_silent": IfSilent.HOLD}, "takes a table with IfSilent.TABLE and IfSilent.HOLD"),
        ({"table": TABLE}, "none with IfSilent.REFUSE"),
        ({"if_silent": "table", "table": TABLE}, "must be IfSilent, got str"),
    ],
)
def test_what_a_shop_could_not_work_with_is_refused_when_it_is_made(facts, said):
    with pytest.raises(InvalidValue, match=said):
        taxes(**facts)


def test_an_engine_alone_is_no_policy():
    with pytest.raises(InvalidValue, match=r"Ports\.taxes must be TableTaxes or EngineTaxes, got FakeTaxEngine"):
        Shop(MemoryStorage(KINDS), taxes=FakeTaxEngine(TABLE))
