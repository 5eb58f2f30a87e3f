"""A file of orders may have any length: reading and simulating many more takes no more memory."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from shopwright.money import Money
from shopwright.promotions.effects import Percent
from shopwright.promotions.engine import Engine
from shopwright.promotions.extras import ShippingOff
from shopwright.promotions.limits import Limits
from shopwright.promotions.matching import Named
from shopwright.promotions.promotion import Promotion
from shopwright.promotions.simulation import Simulation
from shopwright.promotions.simulator import simulate
from shopwright.wire.past_orders import Form, read_orders
from tests.surroundings import tries

START = datetime(2026, 1, 1, tzinfo=UTC)
ENGINE = Engine(
    (
        Promotion(id="tea", effects=(Percent(1_000, Named("sku", "TEA-1")),), limits=Limits(per_day=50, per_member=10_000)),
        Promotion(id="post", effects=(ShippingOff(percent=5_000),), limits=Limits(budget=Money(10_000_000, "EUR"))),
    )
)


def csv_lines(count: int) -> Iterator[str]:
    """Orders of two lines each, twelve hours apart, of a hundred members."""
    yield "order,at,currency,shipping,paid,member,sku,quantity,unit_price,categories\n"
    for number in range(count // 2):
        at = (START + number * timedelta(hours=12)).isoformat()
        yield f"o{number},{at},EUR,4.90,20.00,m{number % 100},TEA-{number % 7},1,10.{number % 100:02},hot|drinks\n"
        yield f"o{number},,,,,,CUP-{number % 11},2,3.00,\n"


def json_lines(count: int) -> Iterator[str]:
    """Orders of one line each."""
    for number in range(count):
        at = (START + number * timedelta(hours=12)).isoformat()
        line = f'{{"sku": "TEA-{number % 7}", "quantity": 1, "unit_price": "10.{number % 100:02}"}}'
        yield f'{{"order": "o{number}", "at": "{at}", "currency": "EUR", "shipping": "4.90", "member": "m{number % 100}", "lines": [{line}]}}\n'


def peak(lines: Iterator[str], form: Form) -> tuple[int, Simulation]:
    """The most memory that a simulation held beyond what was there, in bytes."""
    gc.collect()
    tracemalloc.start()
    try:
        found = simulate(read_orders(lines, form=form), ENGINE)
        return tracemalloc.get_traced_memory()[1], found
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("made", "form"), [(csv_lines, "csv"), (json_lines, "jsonl")])
def test_six_times_as_many_lines_take_no_more_memory(made, form):
    peak(made(200), form)  # what is loaded or kept for good on first use
    count = tries(400, full=1_000)
    few, small = peak(made(count), form)
    many, large = peak(made(6 * count), form)
    assert large.orders == 6 * small.orders
    assert many <= 2 * few, f"{few:,} bytes for {small.orders} orders, {many:,} for {large.orders}"


@pytest.mark.full
@pytest.mark.parametrize(("made", "form"), [(csv_lines, "csv"), (json_lines, "jsonl")])
def test_two_hundred_thousand_lines_take_no_more_memory_than_twenty_thousand(made, form):
    peak(made(1_000), form)
    few, _ = peak(made(20_000), form)
    many, _ = peak(made(200_000), form)
    assert many <= 1.5 * few, f"{few:,} bytes for 20,000 lines, {many:,} for 200,000"
