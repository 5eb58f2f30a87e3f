"""The work that every side does: the same catalog, the same carts, one coupon, flat shipping, and what the answer must be.

Rules
- everything is made from the turn's number, so all sides see the same carts, in whatever process they live;
- the expected answer is worked out here with fractions, apart from every side's own arithmetic.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime
from fractions import Fraction
from functools import cache
from typing import Any

from attrs import frozen

AT = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
CURRENCY = "EUR"
COUPON = "SAVE10"
COUPON_BASIS_POINTS = 1_000
SHIPPING = 499
STOCK = 10**9
COUPON_USES = 10**9
SKUS = 1_000
CARTS = 400
LINES = 5
HOT = "sku-00000"
LIVE_OFFERS = 100
"""How many offers a shop of some size has running, nearly all of them for other goods than those in a cart."""


@frozen
class Item:
    """A product of the catalog; the price is in cents."""

    sku: str
    title: str
    price: int


@frozen
class Wanted:
    """A cart on its way to an order: who, what, and the key that makes it happen once."""

    key: str
    buyer: str
    lines: tuple[tuple[str, int], ...]


def offered_elsewhere(count: int) -> list[str]:
    """Goods that no cart has, each with an offer of its own."""
    return [f"other-{number:03}" for number in range(count)]


@cache
def catalog(*, round_prices: bool = False) -> tuple[Item, ...]:
    """All products. Round prices are whole euro, of which 10 % needs no rounding: for peers that round in ways of their own."""
    rng = random.Random(5)
    prices = [rng.randint(199, 19_999) for _ in range(SKUS)]
    return tuple(
        Item(f"sku-{n:05}", f"Product title number {n}", price // 100 * 100 + 100 if round_prices else price) for n, price in enumerate(prices)
    )


@cache
def _carts() -> tuple[tuple[str, tuple[tuple[str, int], ...]], ...]:
    rng = random.Random(6)
    skus = [item.sku for item in catalog() if item.sku != HOT]
    return tuple((f"member-{rng.randrange(10_000)}", tuple((sku, rng.randint(1, 3)) for sku in rng.sample(skus, LINES))) for _ in range(CARTS))


def wanted(turn: int, *, run: str = "run", hot: bool = False) -> Wanted:
    """The cart of this turn; a `hot` one has the same sku first as every other. `run` keeps the keys of several writers apart."""
    buyer, lines = _carts()[turn % CARTS]
    return Wanted(f"{run}-{turn}", buyer, ((HOT, 1), *lines[1:]) if hot else lines)


def expected(turns: int, *, round_prices: bool = False) -> list[Any]:
    """What every side must answer to the first turns, and the facts that its store must then hold."""
    prices = {item.sku: item.price for item in catalog(round_prices=round_prices)}
    carts = [wanted(turn) for turn in range(turns)]
    answers = [answer([(prices[sku], quantity) for sku, quantity in cart.lines]) for cart in carts]
    units = sum(quantity for cart in carts for _, quantity in cart.lines)
    return [answers, facts(orders=turns, units=units, coupon_uses=turns, total=sum(each["total"] for each in answers))]


def answer(lines: list[tuple[int, int]]) -> dict[str, Any]:
    """The price of lines of unit price and quantity."""
    totals = [price * quantity for price, quantity in lines]
    subtotal = sum(totals)
    discount = int(Fraction(subtotal * COUPON_BASIS_POINTS, 10_000) + Fraction(1, 2))
    exact = [Fraction(discount * total, subtotal) for total in totals]
    parts = [int(part) for part in exact]
    by_rest = sorted(range(len(parts)), key=lambda place: (exact[place] - parts[place], totals[place]), reverse=True)
    for place in by_rest[: discount - sum(parts)]:
        parts[place] += 1
    return told(subtotal=subtotal, discount=discount, total=subtotal - discount + SHIPPING, parts=parts)


def told(*, subtotal: int, discount: int, total: int, parts: list[int]) -> dict[str, Any]:
    """An answer as all sides put it, in cents."""
    return {"subtotal": subtotal, "discount": discount, "total": total, "parts": parts}


def facts(*, orders: int, units: int, coupon_uses: int, total: int) -> dict[str, int]:
    """What stands in a store: how many orders, units and coupon uses taken, and the sum of the orders' totals."""
    return {"orders": orders, "units": units, "coupon_uses": coupon_uses, "total": total}
