"""The work of the promotion benchmarks, made from the turn's number for every side: lines, offers on one product each, coupons, and what is right.

Rules
- prices are whole euro and percentages whole, so that nothing needs rounding: each peer rounds in a way of its own;
- the expected answers are worked out here, apart from every side's own arithmetic.
"""

from __future__ import annotations

import random
from functools import cache
from typing import Any

OFF = 10
"""The percentage of every offer on a product."""

CARTS = 50
COUPONS = 100


def sku(number: int) -> str:
    """The sku of a product."""
    return f"sku-{number:05}"


@cache
def lines(turn: int, count: int) -> tuple[tuple[str, int, int], ...]:
    """The cart of a turn: sku, quantity and price in cents of the first products."""
    rng = random.Random(turn % CARTS)
    return tuple((sku(number), rng.randint(1, 3), 100 * price(number)) for number in range(count))


def price(number: int) -> int:
    """The price of a product, in euro."""
    return 5 + number * 7 % 190


def offered(turn: int, count: int, offers: int) -> dict[str, Any]:
    """What every side must answer to a cart when the first products are offered at 10 % less."""
    parts = [amount * quantity * OFF // 100 if number < offers else 0 for number, (_, quantity, amount) in enumerate(lines(turn, count))]
    return {"discount": sum(parts), "parts": parts}


def coupons() -> list[tuple[str, int, int]]:
    """The coupons, each with its percentage and the cart total in cents that it asks for."""
    return [(f"C{number:03}", 1 + number % 20, 100 * (number * 37 % 800)) for number in range(COUPONS)]


def best_coupon(turn: int, count: int) -> dict[str, Any]:
    """What every side must answer when one coupon may be used: the one that takes most, of equal ones the first."""
    cart = lines(turn, count)
    total = sum(quantity * amount for _, quantity, amount in cart)
    code, percent = max(((code, percent) for code, percent, least in coupons() if least <= total), key=lambda each: each[1])
    parts = [quantity * amount * percent // 100 for _, quantity, amount in cart]
    return {"coupon": code, "discount": sum(parts), "parts": parts}
