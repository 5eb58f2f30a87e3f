"""Promotions on a basket: against django-oscar's applicator and flexcommerce-discounts, against trying all sets, and against ourselves as they grow.

Ours looks for the best set and proves it, unless a row says otherwise; the peers take offers in their order. Equal answers come first in every
race. Oscar takes seconds for a basket, so it is timed once, by the very basket that it is checked by; both sides in processor time.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from attrs import evolve

from shopwright.money import Money
from shopwright.promotions.basket import Basket, BasketLine
from shopwright.promotions.conditions import CartTotal
from shopwright.promotions.effects import AcrossOff, Percent
from shopwright.promotions.engine import Engine, Outcome
from shopwright.promotions.matching import ANYTHING, Named
from shopwright.promotions.promotion import Group, Promotion, Stacking
from shopwright.promotions.search import Search, Strategy
from tests.benchmarks import offered, work
from tests.benchmarks.by_hand import enumeration
from tests.benchmarks.rows import Row, skipped
from tests.benchmarks.session import QUICK, Race, Session
from tests.benchmarks.sides import CPU, Bench, Local, Remote, Side

OFFERS = "promotions, an offer per product"
LONG = "SHOPWRIGHT_BENCH_LONG"
"""The environment variable that asks for the row that takes half an hour."""

BUDGET = 2_000
"""How many sets the search among 40 offers may look at."""


def rows(session: Session) -> list[Row]:
    """All rows."""
    return [*against_oscar(session), *against_flexcommerce(session), *growing(session), *searching(session)]


def against_oscar(session: Session) -> list[Row]:
    """An offer on each product. Oscar takes seconds for a basket, so a quick run has one row of these, and the largest is only run when asked for."""
    told = []
    asked_for = LONG in os.environ
    for lines, offers in ((20, 10), (20, 100), (50, 100), (20, 1_000), (20, 10_000)):
        scale = f"{lines} lines, {offers:,} offers"
        if (session.plan is QUICK and (lines, offers) != (20, 10)) or (offers == 10_000 and not asked_for):
            why = f"Oscar takes seconds to minutes for a basket; a full run has this row, the one of 10,000 offers where {LONG} is set"
            told.append(skipped(OFFERS, "django-oscar", scale, "ms", why))
            continue
        url = f"sqlite:///{session.path('oscar-offers.sqlite')}"

        def peer(lines: int = lines, offers: int = offers, url: str = url) -> Side:
            return Remote("django-oscar", "tests.benchmarks.peers.oscar_offers", url=url, lines=lines, offers=offers)

        def mine(lines: int = lines, offers: int = offers) -> Side:
            return Local("ours", on_products(lines, offers))

        told += session.run(Race(OFFERS, scale, "ms", mine, {"django-oscar": peer}, 1, [[offered.offered(0, lines, offers)], None]))
    return told


def on_products(lines: int, offers: int, per: int = 1) -> Bench:
    """The best set of offers of 10 % on one product each, for a basket that was never seen before."""
    engine = Engine(
        Promotion(id=offered.sku(number), effects=(Percent(100 * offered.OFF, Named("sku", offered.sku(number))),)) for number in range(offers)
    )

    def tell(outcome: Outcome) -> dict[str, Any]:
        assert outcome.proved
        return {"discount": outcome.discount, "parts": list(outcome.parts)}

    return Bench(run=engine.evaluate, prepare=lambda turn: basket_of(turn, lines), tell=tell, per=per, clock=CPU)


def basket_of(turn: int, lines: int) -> Basket:
    """The cart of a turn."""
    return Basket(work.CURRENCY, tuple([BasketLine(sku, quantity, price) for sku, quantity, price in offered.lines(turn, lines)]), work.AT)


def against_flexcommerce(session: Session) -> list[Row]:
    """One of a hundred coupons on the whole cart. The peer says nothing of those that it does not take, so ours is not asked for reasons."""
    name = "flexcommerce-discounts"
    peers: dict[str, Callable[[], Side]] = {name: lambda: Remote(name, "tests.benchmarks.peers.flexcommerce", lines=20)}
    expected = [[offered.best_coupon(turn, 20) for turn in range(offered.CARTS)], None]
    return session.run(
        Race("promotions, best coupon", "20 lines, 100 coupons", "ms", lambda: Local("ours", best_coupon(20)), peers, offered.CARTS, expected)
    )


def best_coupon(lines: int) -> Bench:
    """The coupon that takes most."""
    engine = Engine(
        [
            Promotion(id=code, effects=(Percent(100 * percent),), when=CartTotal(least=Money(least, work.CURRENCY)))
            for code, percent, least in offered.coupons()
        ],
        how=Search(Strategy.BEST_SINGLE),
    )

    def tell(outcome: Outcome) -> dict[str, Any]:
        (applied,) = outcome.applied
        return {"coupon": applied.promotion.id, "discount": outcome.discount, "parts": list(outcome.parts)}

    return Bench(run=lambda basket: engine.evaluate(basket, reasons=False), prepare=lambda turn: basket_of(turn, lines), tell=tell, clock=CPU)


def growing(session: Session) -> list[Row]:
    """Ours against ourselves: more promotions that cannot apply, and more lines."""
    many = Race(
        "promotions, growth",
        "20 lines, 10,000 promotions of which 20 can apply",
        "ms",
        lambda: Local("ours", on_products(20, 10_000)),
        {"ours, 100 promotions": lambda: Local("ours, 100 promotions", on_products(20, 100))},
        3,
        [[offered.offered(turn, 20, 100) for turn in range(3)], None],
    )
    alone = evolve(on_products(1, 100), tell=lambda outcome: outcome.proved)
    fifty = evolve(on_products(50, 100, per=50), tell=lambda outcome: outcome.proved)
    long = Race(
        "promotions, growth",
        "50 lines, 100 promotions, per line",
        "µs",
        lambda: Local("ours", fifty),
        {"ours, 1 line": lambda: Local("ours, 1 line", alone)},
        3,
    )
    return [*session.run(many), *session.run(long)]


def searching(session: Session) -> list[Row]:
    """The exact search against trying every legal set; and, where there are too many, in its budget, against the search that only grows a set."""
    few = Race(
        "promotions, exact search",
        "20 lines, 12 offers",
        "ms",
        lambda: Local("ours", best_set(12, Strategy.EXACT, lambda outcome: outcome.worth if outcome.proved else None)),
        {"every legal set by hand": lambda: Local("every legal set by hand", by_hand(12))},
        enumeration.CARTS,
        [[enumeration.best(enumeration.cart(turn), enumeration.offers(turn, 12)) for turn in range(enumeration.CARTS)], None],
    )
    scale = f"20 lines, 40 offers, {BUDGET:,} sets at most"
    if session.plan is QUICK:
        why = "a basket takes a tenth of a second, and the row has no goal; a full run has it"
        return [*session.run(few), skipped("promotions, exact search", "ours, greedy", scale, "ms", why)]
    many = Race(
        "promotions, exact search",
        scale,
        "ms",
        lambda: Local("ours", best_set(40, Strategy.EXACT, is_within_budget)),
        {"ours, greedy": lambda: Local("ours, greedy", best_set(40, Strategy.GREEDY, is_within_budget))},
        3,
        [[True] * 3, None],
    )
    return [*session.run(few), *session.run(many)]


def is_within_budget(outcome: Outcome) -> bool:
    """Whether no more sets were looked at than allowed, and the gap is told where the best is not proved."""
    return outcome.nodes <= BUDGET and (outcome.bound == outcome.worth if outcome.proved else outcome.bound >= outcome.worth)


def by_hand(count: int) -> Bench:
    """Every legal set, in plain integers."""

    def run(turn: int) -> int:
        return enumeration.best(enumeration.cart(turn), enumeration.offers(turn, count))

    return Bench(run=run, clock=CPU)


def best_set(count: int, strategy: Strategy, tell: Callable[[Outcome], Any]) -> Bench:
    """The same offers as promotions; of many all may stand together but the exclusive ones, or there would be few sets."""
    stacking = Stacking(groups=tuple([Group(str(number)) for number in (1, 2, 3)])) if count <= 12 else Stacking()
    how = Search(strategy, BUDGET)
    engines = [Engine(map(promotion, enumerate(enumeration.offers(turn, count))), stacking=stacking, how=how) for turn in range(enumeration.CARTS)]

    def prepare(turn: int) -> tuple[Engine, Basket]:
        lines = [BasketLine(f"line-{place:02}", 1, amount, categories={name}) for place, (amount, name) in enumerate(enumeration.cart(turn))]
        return engines[turn % enumeration.CARTS], Basket(work.CURRENCY, tuple(lines), work.AT)

    return Bench(run=lambda pair: pair[0].evaluate(pair[1], reasons=False), prepare=prepare, tell=tell, clock=CPU)


def promotion(numbered: tuple[int, enumeration.Offer]) -> Promotion:
    """An offer as a promotion."""
    number, offer = numbered
    lines = Named("category", offer.category) if offer.category else ANYTHING
    effect = Percent(100 * offer.percent, lines) if offer.percent else AcrossOff(Money(offer.amount, work.CURRENCY), lines)
    return Promotion(
        id=f"p{number:02}",
        effects=(effect,),
        when=CartTotal(least=Money(offer.least, work.CURRENCY)),
        priority=number,
        group=str(offer.group) if offer.group else "",
        exclusive=offer.exclusive,
    )
