"""The promotion engine alone: no shop, no storage, no clock. Promotions and baskets go in, and out comes what is taken off, and why not more.

Run it with `python main.py`, or ask about a code of your own with `python main.py --code SPRING`.
"""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta

from attrs import evolve

from shopwright.money import Money
from shopwright.promotions import normalize_code
from shopwright.promotions.basket import Basket, BasketLine, Buyer
from shopwright.promotions.conditions import All, CartTotal, Code, During, NthOrder, OneOf
from shopwright.promotions.effects import AcrossOff, Cap, Percent
from shopwright.promotions.engine import Engine
from shopwright.promotions.extras import Extra, ShippingOff
from shopwright.promotions.matching import Every, Named, NotReduced
from shopwright.promotions.promotion import Group, Promotion, Stacking
from shopwright.promotions.taking import Gift
from shopwright.promotions.telling import table, tell_outcome
from shopwright.promotions.units import BuyGet
from shopwright.promotions.windows import Recurring

FRIDAYS = Recurring("FREQ=WEEKLY;BYDAY=FR", first=datetime(2026, 1, 2, 17), duration=timedelta(hours=3), zone="Europe/Berlin")  # noqa: DTZ001 -- wall
FULL_PRICE_TEA = Every((Named("category", "tea"), NotReduced()))


def euro(amount: str) -> Money:
    """An amount as people write it."""
    return Money.of(amount, "EUR")


PROMOTIONS = (
    Promotion(id="spring-tea", lane="catalog", effects=(Percent(2_000, FULL_PRICE_TEA),)),
    Promotion(id="third-cup-free", lane="catalog", effects=(BuyGet(2, 1, bought=Named("sku", "CUP"), given=Named("sku", "CUP")),)),
    Promotion(id="five-off", group="cart", when=All((Code("WELCOME5"), CartTotal(least=euro("30")))), effects=(AcrossOff(euro("5")),)),
    Promotion(id="tenth", group="cart", when=CartTotal(least=euro("50")), effects=(Percent(1_000, cap=Cap(per_order=euro("20"))),)),
    Promotion(id="happy-hour", group="cart", when=During(FRIDAYS), effects=(Percent(1_500),)),
    Promotion(id="gold-ships-free", when=OneOf("tier", "gold"), effects=(ShippingOff(percent=10_000),)),
    Promotion(id="first-order", when=NthOrder(), effects=(Extra(gifts=(Gift("TEA-SAMPLE"),), points=100),)),
    Promotion(id="clearance", exclusive=True, effects=(Percent(4_000, Named("tag", "last-one")),)),
)
ENGINE = Engine(PROMOTIONS, stacking=Stacking(groups=(Group("cart"),)))

SUNDAY, FRIDAY = datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 3, 6, 17, 30, tzinfo=UTC)
TEA = BasketLine("GREEN-TEA", 2, 750, categories={"tea", "drinks"})
CUPS = BasketLine("CUP", 4, 1_200, categories={"home"})
POT = BasketLine("POT", 1, 4_900, categories={"home"}, tags={"last-one"}, floor=3_500)

BASKETS = {
    "a guest with two packets of tea": Basket("EUR", (TEA,), SUNDAY, codes={"WELCOME5"}, shipping=490),
    "a first order with a code": Basket("EUR", (TEA, CUPS), SUNDAY, codes={"WELCOME5"}, shipping=490, buyer=Buyer("ann", tier="basic", orders=0)),
    "a gold member on a Friday evening": Basket("EUR", (TEA, CUPS), FRIDAY, shipping=490, buyer=Buyer("bob", tier="gold", orders=7)),
    "the last pot, with its floor price": Basket("EUR", (POT, TEA), SUNDAY, shipping=490, buyer=Buyer("eve", tier="basic", orders=2)),
}


def show(title: str, basket: Basket) -> None:
    """What the engine says of one basket."""
    outcome = ENGINE.evaluate(basket)
    everything = evolve(outcome, skipped=ENGINE.why_not(basket))
    print(f"\n{title}")
    for line, off in zip(basket.lines, outcome.parts, strict=True):
        print(f"  {line.quantity} x {line.sku}: {Money(line.amount, basket.currency)} - {Money(off, basket.currency)}")
    to_pay = basket.amount - outcome.discount + basket.shipping - outcome.shipping
    print(f"  to pay with shipping: {Money(to_pay, basket.currency)}; {tell_outcome(outcome, basket)[-1]}")
    print("\n".join(f"    {row}" for row in table(everything, basket).splitlines()))


def main() -> None:
    """All baskets, each with one code more where one was given."""
    options = ArgumentParser(description=__doc__)
    options.add_argument("--code", default="", help="a code that is typed with every basket")
    code = normalize_code(options.parse_args().code)
    for title, basket in BASKETS.items():
        show(title, evolve(basket, codes=basket.codes | {code}) if code else basket)


if __name__ == "__main__":
    main()
