"""The best legal set of offers by trying every one, in plain integers, as one would write it without an engine.

An offer is a percentage or an amount, off all lines or a category, from some cart total on; it may be exclusive, or one of a group of which
one may be used. Carts and offers are random, by the turn's number.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from itertools import combinations

from attrs import frozen

from shopwright.money import allocate

LINES = 20
CATEGORIES = ("tea", "books", "shoes")
CARTS = 50

Line = tuple[int, str]
"""What a line amounts to in cents, and its category."""


@frozen
class Offer:
    """An offer; `group` 0 is none, and an empty category means all lines."""

    percent: int
    amount: int
    least: int
    category: str
    group: int
    exclusive: bool


@cache
def cart(turn: int) -> tuple[Line, ...]:
    """The lines of a turn."""
    rng = random.Random(turn % CARTS)
    return tuple((rng.randrange(500, 9_000), rng.choice(CATEGORIES)) for _ in range(LINES))


@cache
def offers(turn: int, count: int, exclusive: float = 0.15) -> tuple[Offer, ...]:
    """The offers of a turn, in the order they are taken."""
    rng = random.Random(f"{turn % CARTS} {count}")
    return tuple(_offer(rng, exclusive) for _ in range(count))


def _offer(rng: random.Random, exclusive: float) -> Offer:
    percent = rng.choice((0, rng.randrange(5, 30)))
    return Offer(
        percent,
        0 if percent else rng.randrange(300, 5_000),
        rng.choice((0, 5_000, 50_000, 100_000)),
        rng.choice(("", "", *CATEGORIES)),
        rng.choice((0, 1, 2, 3)),
        rng.random() < exclusive,
    )


def best(lines: Sequence[Line], every: Sequence[Offer]) -> int:
    """The most that a legal set takes off."""
    total = sum(amount for amount, _ in lines)
    good = [offer for offer in every if total >= offer.least]
    most = 0
    for size in range(1, len(good) + 1):
        legal = [some for some in combinations(good, size) if is_legal(some)]
        if not legal:
            break
        most = max(most, *[taken(lines, some) for some in legal])
    return most


def is_legal(some: Sequence[Offer]) -> bool:
    """Whether these may be used together."""
    groups = [offer.group for offer in some if offer.group]
    return len(groups) == len(set(groups)) and not (len(some) > 1 and any(offer.exclusive for offer in some))


def taken(lines: Sequence[Line], some: Sequence[Offer]) -> int:
    """What these offers take off, one after another."""
    left = [amount for amount, _ in lines]
    for offer in some:
        weights = [amount if offer.category in ("", category) else 0 for amount, (_, category) in zip(left, lines, strict=True)]
        meant = sum(weights)
        off = (meant * offer.percent + 50) // 100 if offer.percent else min(offer.amount, meant)
        if off:
            left = [amount - part for amount, part in zip(left, allocate(off, weights), strict=True)]
    return sum(amount for amount, _ in lines) - sum(left)
