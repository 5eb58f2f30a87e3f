"""A quote is priced again from its own frozen facts, and agrees to the cent."""

from __future__ import annotations

import pytest
from attrs import evolve

from shopwright.errors import InvalidValue
from shopwright.money import Money, Rounding
from shopwright.pricing import FlatShipping, NoShipping, PriceFacts, ShippingPerLine, disagreements, price, replay
from shopwright.promotions import Coupon
from tests.unit.pricing.builders import NOON, a_cart, a_product, priced

COUPONS = {
    "no coupon": None,
    "a percentage": Coupon("PART", percent=1234, rounding=Rounding.HALF_EVEN, title="Part of it", version=4),
    "a percentage with conditions": Coupon("PART", percent=500, minimums=(Money(100, "EUR"), Money(100, "USD")), starts=NOON, limited=True),
    "a fixed amount": Coupon("OFF", amounts=(Money(700, "EUR"), Money(900, "USD"))),
    "more than there is": Coupon("OFF", amounts=(Money(10**9, "EUR"),), minimums=(Money(1, "EUR"),)),
}
SHIPPING = {
    "no shipping": NoShipping(),
    "flat": FlatShipping("post", 495),
    "flat and free": FlatShipping("post", 0),
    "freight": ShippingPerLine("freight", (100, 0, 51)),
    "freight of nothing": ShippingPerLine("freight", (0, 0, 0)),
}


@pytest.mark.parametrize("coupon", COUPONS)
@pytest.mark.parametrize("shipping", SHIPPING)
def test_the_frozen_facts_give_the_same_quote_again(coupon, shipping):
    quote = priced(1999, 333, 1, quantities=[1, 3, 2], coupon=COUPONS[coupon], shipping=SHIPPING[shipping])
    assert replay(quote, at=quote.priced_at) == quote


def test_goods_that_do_not_ship_and_are_not_counted_are_priced_again():
    card = a_product("CARD", ships=False, tracked=False, version=9, seller_id="kiln")
    quote = price(a_cart(("CARD", 2), "CARD"), PriceFacts((card,), shipping=FlatShipping("post", 500)), at=NOON)
    assert replay(quote, at=quote.priced_at) == quote


def test_an_offer_of_today_does_not_touch_a_quote_of_yesterday():
    quote = priced(1000, coupon=Coupon("PART", percent=1000, ends=NOON.replace(hour=13)))
    later = evolve(quote, priced_at=NOON.replace(year=2030))
    assert replay(later, at=later.priced_at) == later


def test_a_price_that_was_tampered_with_is_told_by_line_and_by_step():
    quote = priced(1000, 500, coupon=Coupon("PART", percent=1000))
    line = evolve(quote.lines[0], discount=0, total=1000)
    trace = (evolve(quote.trace[0], before=5), *quote.trace[1:3])
    forged = evolve(quote, lines=(line, *quote.lines[1:]), trace=trace)
    again = replay(forged, at=NOON)
    assert again == quote
    assert disagreements(quote, again) == ()
    assert disagreements(forged, again) == (
        "line 1: discount is 0.00 EUR, its facts give 1.00 EUR",
        "line 1: total is 10.00 EUR, its facts give 9.00 EUR",
        "trace: step list_prices does not say what its facts give",
        "trace: it has 3 steps, its facts give 4",
    )


def test_frozen_facts_that_cannot_be_priced_are_refused():
    quote = priced(1000)
    with pytest.raises(InvalidValue, match="refused with quantity_invalid"):
        replay(evolve(quote, lines=(evolve(quote.lines[0], quantity=0),)), at=NOON)
    with pytest.raises(InvalidValue, match="expected a trace with a coupon and a shipping step, got none"):
        replay(evolve(quote, trace=()), at=NOON)
