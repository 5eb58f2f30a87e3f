"""What it costs to tell how a price came about and why promotions were not taken, against the same engine that tells only amounts.

Twenty lines and a hundred promotions: twenty take something off one product each, the others each fail at a condition. Both sides are handed the
same cart and facts, and give the same amounts, line by line, in integers.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

from shopwright.catalog import Product
from shopwright.money import Money, allocate
from shopwright.pricing import Cart, CartLine, Explained, FlatShipping, Offers, PriceFacts, Quote, explained, price
from shopwright.pricing.checks import Sheet, open_sheet
from shopwright.pricing.offers import basket_of
from shopwright.promotions.basket import Basket
from shopwright.promotions.conditions import All, CartQuantity, CartTotal, Code, Condition, OneOf
from shopwright.promotions.effects import Percent
from shopwright.promotions.engine import Engine, Outcome, Skipped
from shopwright.promotions.matching import Named
from shopwright.promotions.promotion import Promotion
from tests.benchmarks import offered, work
from tests.benchmarks.rows import Row
from tests.benchmarks.session import Race, Session
from tests.benchmarks.sides import CPU, Bench, Local

LINES, PROMOTIONS = 20, 100
JOB = "promotions, the trace"
SCALE = f"{LINES} lines, {PROMOTIONS} promotions"
ALONE = "ours, amounts alone"


def rows(session: Session) -> list[Row]:
    """A price with its trace, an outcome with the reason of every promotion that was not taken, and a price with both."""
    expected = [[answer(turn) for turn in range(offered.CARTS)], None]
    priced = Race(JOB, f"{SCALE}, a price", "ms", lambda: Local("ours", traced()), {ALONE: lambda: Local(ALONE, amounts())}, offered.CARTS, expected)
    off = [[offered.offered(turn, LINES, LINES)["parts"] for turn in range(offered.CARTS)], None]
    told = Race(JOB, f"{SCALE}, every reason", "ms", lambda: Local("ours", reasons()), {ALONE: lambda: Local(ALONE, silent())}, offered.CARTS, off)
    both = Race(JOB, f"{SCALE}, both", "ms", lambda: Local("ours", all_told()), {ALONE: lambda: Local(ALONE, amounts())}, offered.CARTS, expected)
    return [*session.run(priced), *session.run(told), *session.run(both)]


def answer(turn: int) -> dict[str, Any]:
    """What both sides must answer: the discount of each line, and what is paid."""
    off = offered.offered(turn, LINES, LINES)
    subtotal = sum(quantity * amount for _, quantity, amount in offered.lines(turn, LINES))
    return {"parts": off["parts"], "total": subtotal - off["discount"] + work.SHIPPING}


def an_engine() -> Engine:
    """The promotions: one on each product, and others that each fail at something else."""
    taken = [Promotion(id=offered.sku(number), effects=(Percent(100 * offered.OFF, Named("sku", offered.sku(number))),)) for number in range(LINES)]
    return Engine([*taken, *[Promotion(id=f"no-{number:03}", effects=(Percent(500),), when=never(number)) for number in range(PROMOTIONS - LINES)]])


def never(number: int) -> Condition:
    """A condition that no cart here meets."""
    much = CartTotal(Money(10_000_000 + number, work.CURRENCY))
    several = (much, CartQuantity(1_000 + number), OneOf("channel", f"c{number}"), Code(f"CODE{number}"), All((CartQuantity(2), much)))
    return several[number % len(several)]


def facts() -> PriceFacts:
    """The products of every cart, flat shipping, and the promotions."""
    products = [Product(offered.sku(number), "Thing", "own", (Money(100 * offered.price(number), work.CURRENCY),)) for number in range(LINES)]
    return PriceFacts(tuple(products), shipping=FlatShipping("post", work.SHIPPING), offers=Offers(an_engine()))


def cart(turn: int) -> Cart:
    """The cart of a turn."""
    return Cart(work.CURRENCY, tuple([CartLine(sku, quantity) for sku, quantity, _ in offered.lines(turn, LINES)]))


def traced() -> Bench:
    """A price as anybody asks for it: a quote with its trace."""
    known = facts()

    def tell(quote: Any) -> dict[str, Any]:
        assert isinstance(quote, Quote)
        assert sum(entry.amount for entry in quote.trace) == quote.total
        assert len({entry.rule for entry in quote.trace if entry.step == "promotion"}) == LINES
        return {"parts": [line.discount for line in quote.lines], "total": quote.total}

    return Bench(run=lambda given: price(given, known, at=work.AT), prepare=cart, tell=tell, clock=CPU)


def all_told() -> Bench:
    """A quote with its trace and the reason of every promotion that does not change it."""
    known = facts()

    def tell(told: Any) -> dict[str, Any]:
        assert isinstance(told, Explained)
        assert len({it.promotion.id for it in told.skipped if it.unmet is not None}) == PROMOTIONS - LINES
        return {"parts": [line.discount for line in told.quote.lines], "total": told.quote.total}

    return Bench(run=lambda given: explained(given, known, at=work.AT), prepare=cart, tell=tell, clock=CPU)


def amounts() -> Bench:
    """The same steps with nothing written down: what each line amounts to, and what is taken off it."""
    known = facts()
    offers = known.offers
    assert isinstance(offers, Offers)

    def run(given: Cart) -> tuple[tuple[int, ...], list[int]]:
        sheet = open_sheet(given, known, at=work.AT)
        assert isinstance(sheet, Sheet)
        outcome = offers.engine.evaluate(basket_of(sheet, offers), reasons=False)
        left = [unit * line.quantity - off for unit, line, off in zip(sheet.unit_prices, given.lines, outcome.parts, strict=True)]
        shares = allocate(work.SHIPPING, left)
        return outcome.parts, [goods + share for goods, share in zip(left, shares, strict=True)]

    return Bench(run=run, prepare=cart, tell=lambda told: {"parts": list(told[0]), "total": sum(told[1])}, clock=CPU)


def basket(turn: int) -> Basket:
    """The cart of a turn as promotions see it."""
    known = facts()
    sheet = open_sheet(cart(turn), known, at=work.AT)
    assert isinstance(sheet, Sheet)
    assert isinstance(known.offers, Offers)
    return basket_of(sheet, known.offers)


def reasons() -> Bench:
    """An outcome, and why each of the other promotions is not taken, down to the condition that fails and how far it is."""
    engine = an_engine()

    def run(given: Basket) -> tuple[Outcome, tuple[Skipped, ...]]:
        outcome = engine.evaluate(given)
        return outcome, engine.why_not(given, outcome=outcome)

    def tell(told: tuple[Outcome, tuple[Skipped, ...]]) -> list[int]:
        outcome, skipped = told
        known = chain((it.promotion.id for it in outcome.applied), (it.promotion.id for it in skipped if it.unmet is not None))
        assert len(set(known)) == PROMOTIONS
        return list(outcome.parts)

    return Bench(run=run, prepare=basket, tell=tell, clock=CPU)


def silent() -> Bench:
    """An outcome without a word about the others."""
    engine = an_engine()
    return Bench(run=lambda given: engine.evaluate(given, reasons=False), prepare=basket, tell=lambda outcome: list(outcome.parts), clock=CPU)
