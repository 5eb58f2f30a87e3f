"""Baskets and promotions for tests of the engine: say what matters, the rest is plain. Amounts are cents of a euro."""

from __future__ import annotations

from datetime import UTC, datetime

from shopwright.money import Money
from shopwright.promotions.basket import Basket, BasketLine
from shopwright.promotions.effects import Effect
from shopwright.promotions.engine import Engine, Outcome
from shopwright.promotions.promotion import Promotion, Stacking
from shopwright.promotions.search import Search, Strategy
from shopwright.promotions.taking import Tab, Taken

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def a_line(sku="TEA", quantity=1, unit_price=1_000, **more) -> BasketLine:
    return BasketLine(sku, quantity, unit_price, **more)


def a_basket(*lines, **more) -> Basket:
    """Lines are lines, or unit prices of lines P1, P2 ... of one unit, or pairs of a unit price and a quantity."""
    made = [_line(number, line) for number, line in enumerate(lines or (1_000,), 1)]
    return Basket(**{"currency": "EUR", "lines": tuple(made), "at": NOON, **more})


def _line(number: int, line) -> BasketLine:
    if isinstance(line, BasketLine):
        return line
    price, quantity = line if isinstance(line, tuple) else (line, 1)
    return a_line(f"P{number}", quantity, price)


def a_promotion(id="some", *effects: Effect, **more) -> Promotion:
    return Promotion(id=id, effects=effects, **more)


def taken(effect: Effect, basket: Basket, *before: Effect) -> Taken:
    """What an effect gives on a basket, after others were taken."""
    tab = Tab(basket)
    for each in before:
        tab.take(each.take(tab))
    return effect.take(tab)


def parts(effect: Effect, basket: Basket, *before: Effect) -> tuple[int, ...]:
    """What an effect takes off each line; zeros where it gives nothing."""
    return taken(effect, basket, *before).parts or (0,) * len(basket.lines)


def outcome_of(basket: Basket, *promotions: Promotion, strategy=Strategy.EXACT, stacking: Stacking | None = None) -> Outcome:
    return Engine(promotions, stacking=stacking, how=Search(strategy)).evaluate(basket)


def ids(outcome: Outcome) -> list[str]:
    """Which promotions were taken, in their order."""
    return [it.promotion.id for it in outcome.applied]
