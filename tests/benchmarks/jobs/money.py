"""Money: add, multiply by a quantity, and allocate a discount over lines, against py-moneyed and prices.

Neither peer splits an amount, so their split is the same largest remainder written on top of them with `Decimal`, as their users write it.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from shopwright.money import Money
from tests.benchmarks.rows import Row
from tests.benchmarks.session import Race, Session
from tests.benchmarks.sides import CPU, Bench, Local, peer

PER = 200
WEIGHTS = (1999, 4550, 1235, 999, 777)
CENT = Decimal("0.01")

Make = Callable[[Decimal], Any]


def rows(session: Session) -> list[Row]:
    """Three jobs, two peers."""
    makers: dict[str, Callable[[], Make]] = {"py-moneyed": moneyed, "prices": prices}
    raced = []
    for job, scale, ours, theirs in (
        ("money add", "one sum", add(Money(1999, "EUR"), Money(501, "EUR")), lambda make: add(make(Decimal("19.99")), make(Decimal("5.01")))),
        ("money multiply", "by a whole number", multiply(Money(1999, "EUR")), lambda make: multiply(make(Decimal("19.99")))),
        ("money allocate", "5 lines", allocation(Money(10003, "EUR")), lambda make: allocate_decimal(make, make(Decimal("100.03")))),
    ):
        peers = {name: lambda theirs=theirs, maker=maker: Local("peer", many(theirs(maker()))) for name, maker in makers.items()}
        raced += session.run(Race(job, scale, "ns", lambda ours=ours: Local("ours", many(ours)), peers, check=1))
    return raced


def moneyed() -> Make:
    """How py-moneyed makes an amount in euro."""
    module = peer("moneyed")
    return lambda amount: module.Money(amount, module.EUR)


def prices() -> Make:
    """How prices makes an amount in euro."""
    module = peer("prices")
    return lambda amount: module.Money(amount, "EUR")


def many(once: Callable[[], Any]) -> Bench:
    """So many times in a row, as one call is too short for a clock."""

    def run(turn: int) -> Any:
        done = None
        for _ in range(PER):
            done = once()
        return done

    return Bench(run=run, tell=told, per=PER, clock=CPU)


def told(outcome: Any) -> Any:
    """Amounts in words that all sides share: `19.99`."""
    if isinstance(outcome, tuple | list):
        return [told(amount) for amount in outcome]
    return str(outcome.decimal if isinstance(outcome, Money) else outcome.amount)


def add(one: Any, other: Any) -> Callable[[], Any]:
    """One sum."""
    return lambda: one + other


def allocation(total: Money) -> Callable[[], Any]:
    """Our split, by the totals of the lines."""
    lines = [Money(weight, "EUR") for weight in WEIGHTS]
    return lambda: total.allocate([line.minor for line in lines])


def multiply(one: Any) -> Callable[[], Any]:
    """A unit price times a quantity."""
    return lambda: one * 3


def allocate_decimal(make: Make, total: Any) -> Callable[[], Any]:
    """Largest remainder with `Decimal` amounts: floors, then a cent each to the largest remainders, of equal ones to the larger weight."""
    lines = [make(Decimal(weight) * CENT) for weight in WEIGHTS]

    def once() -> Any:
        weights = [line.amount for line in lines]
        whole = sum(weights)
        exact = [total.amount * weight / whole for weight in weights]
        parts = [part.quantize(CENT, rounding=ROUND_FLOOR) for part in exact]
        left = int((total.amount - sum(parts)) / CENT)
        order = sorted(range(len(parts)), key=lambda place: (exact[place] - parts[place], weights[place]), reverse=True)
        for place in order[:left]:
            parts[place] += CENT
        return [make(part) for part in parts]

    return once
