"""The trace as a table and as data: every entry with its rule and version, in columns that line up."""

from __future__ import annotations

import json

from attrs import evolve

from shopwright.pricing import CartLine, Quote, price
from shopwright.pricing.trace_table import trace_data, trace_table
from shopwright.promotions.effects import Percent
from shopwright.promotions.promotion import Promotion
from tests.unit.pricing.test_shelf_price import FLASH, GOLD, NOON, SPRING, cart, facts


def a_quote() -> Quote:
    promotions = (Promotion(id="茶", effects=(Percent(1_000),), version=4),)
    return price(cart(CartLine("TEA", 5)), facts(GOLD, FLASH, SPRING, promotions=promotions), at=NOON)


def test_a_table_has_a_row_for_each_entry_in_columns_that_line_up():
    table = trace_table(a_quote().trace, currency="EUR")
    assert table.splitlines()[:4] == [
        "step           rule    version      amount       then  why",
        "list prices    -             -   50.00 EUR  50.00 EUR  list prices: 50.00 EUR (line 1 50.00 EUR)",
        "member price   gold          2   -5.00 EUR  45.00 EUR  member price gold (version 2), 5 units: -5.00 EUR (line 1 -5.00 EUR)",
        "catalog price  flash         1  -12.00 EUR  33.00 EUR  catalog price flash (version 1), 3 units: -12.00 EUR (line 1 -12.00 EUR)",
    ]
    assert "promotion      茶            4   -3.12 EUR  28.08 EUR  promotion 茶 (version 4), percent: -3.12 EUR (line 1 -3.12 EUR)" in table
    assert len(table.splitlines()) == len(a_quote().trace) + 1


def test_nothing_in_a_table_is_obeyed_by_a_terminal():
    (entry, *_) = a_quote().trace
    assert "\x1b" not in trace_table((evolve(entry, rule="\x1b[31m", step="odd", code="odd"),), currency="EUR")


def test_a_trace_of_nothing_is_an_empty_table():
    assert (trace_table((), currency="EUR"), trace_data(())) == ("", [])


def test_as_data_an_entry_says_all_that_it_says():
    data = trace_data(a_quote().trace)
    assert data[1] == {
        "step": "member_price",
        "code": "fixed",
        "rule": "gold",
        "version": 2,
        "before": 5_000,
        "amount": -500,
        "after": 4_500,
        "parts": [-500],
        "rounding": "",
        "note": "",
        "line": 0,
        "facts": {"engine": 1, "units": 5},
    }
    assert json.loads(json.dumps(data)) == data
