"""Lets the days go by: buyers come, stories go on when their time has come, post arrives, and the shop is swept every hour.

Rules
- time is the world's own clock, which stands still while somebody acts, and chance comes from one seed: every run is the same run;
- a story that is not over when the mall closes stays where it is, so that orders of every standing can be looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush
from random import Random

from shopwright import customer
from small_mall.goods import COUPONS, NAMES, SAMPLE, SHELVES
from small_mall.lives import DAYS, HOURS, Life, Visit
from small_mall.stories import STORIES, Story, for_nothing
from small_mall.world import OPENING, World

ORDERS = 300
OPEN = DAYS * 20
"""Buyers come for so long."""
CLOSING = OPENING + OPEN + HOURS * 6
SEED = 20_260_302

Told = Callable[[int, str], None]


def live(world: World, told: Told) -> int:
    """Let all days go by; returns how many buyers came. `told` hears how many hours have gone by, and what of."""
    world.stock_up()
    arrivals = [(OPENING + OPEN * number / ORDERS, number) for number in range(ORDERS)]
    waiting: list[tuple[datetime, int, Life]] = []
    for number in range(hours()):
        until = OPENING + HOURS * (number + 1)
        while arrivals and arrivals[0][0] <= until:
            at, visitor = arrivals.pop(0)
            heappush(waiting, (at, visitor, _life(world, visitor)))
        _go_on(world, waiting, until)
        world.clock.set(until)
        world.post()
        world.shop.orders.sweep()
        told(number + 1, f"day {(number + 24) // 24}, {ORDERS - len(arrivals)} orders")
    return ORDERS


def hours() -> int:
    """How many hours the mall lives."""
    return (CLOSING - OPENING) // HOURS


def _go_on(world: World, waiting: list[tuple[datetime, int, Life]], until: datetime) -> None:
    """Take every story on whose time has come."""
    while waiting and waiting[0][0] <= until:
        at, visitor, life = heappop(waiting)
        world.clock.set(at)
        pause: timedelta | None = next(life, None)
        if pause is not None:
            heappush(waiting, (at + pause, visitor, life))


def _life(world: World, number: int) -> Life:
    """The story of one visitor."""
    rng = Random(f"{SEED}/{number}")
    stories: list[Story] = [story for story, share in STORIES for _ in range(share)]
    story = rng.choice(stories)
    who = rng.randrange(len(NAMES))
    codes = [coupon.code for coupon, _ in COUPONS]
    visit = Visit(
        world=world,
        number=number,
        name=NAMES[who],
        buyer=customer(f"member-{who + 1:02d}"),
        rng=rng,
        skus=((SAMPLE, 1),) if story is for_nothing else _cart(rng),
        coupon="" if story is for_nothing or rng.random() < 0.6 else rng.choice(codes),
    )
    return story(visit)


def _cart(rng: Random) -> tuple[tuple[str, int], ...]:
    """A few things, most of them once."""
    skus = [shelf.product.sku for shelf in SHELVES if shelf.product.sku != SAMPLE]
    chosen = rng.sample(skus, rng.choice((1, 1, 2, 2, 3)))
    return tuple((sku, rng.choice((1, 1, 1, 2))) for sku in chosen)
