"""What a cart costs: list prices, one coupon, shipping, and no tax yet."""

from __future__ import annotations

import pytest

from shopwright.errors import InvalidValue
from shopwright.money import Money, Rounding
from shopwright.pricing import Adjustment, FlatShipping, NoShipping, PriceFacts, Quote, QuoteLine, ShippingPerLine, TraceStep, price
from shopwright.promotions import Coupon
from tests.unit.pricing.builders import NOON, a_cart, a_product, column, goods, price_of, priced

TEN_PERCENT = Coupon("TEN", percent=1000, title="Ten off", version=3)


def test_a_quote_freezes_all_that_later_work_needs():
    mug = a_product("MUG", 1999, title="A mug", seller_id="kiln", tracked=False, version=7)
    card = a_product("CARD", 500, title="A gift card", ships=False)
    facts = PriceFacts((mug, card), TEN_PERCENT, FlatShipping("post", 450))
    assert price(a_cart(("MUG", 2), "CARD", coupon_code="ten"), facts, at=NOON) == Quote(
        currency="EUR",
        lines=(
            QuoteLine(
                line_no=1,
                sku="MUG",
                title="A mug",
                seller_id="kiln",
                quantity=2,
                unit_price=1999,
                subtotal=3998,
                discount=400,
                shipping=450,
                tax=0,
                total=4048,
                tracked=False,
                ships=True,
                product_version=7,
                adjustments=(Adjustment("coupon", "TEN", 3, -400, "Ten off"),),
            ),
            QuoteLine(
                line_no=2,
                sku="CARD",
                title="A gift card",
                seller_id="own",
                quantity=1,
                unit_price=500,
                subtotal=500,
                discount=50,
                shipping=0,
                tax=0,
                total=450,
                tracked=True,
                ships=False,
                product_version=1,
                adjustments=(Adjustment("coupon", "TEN", 3, -50, "Ten off"),),
            ),
        ),
        subtotal=4498,
        discount=450,
        shipping=450,
        tax=0,
        total=4498,
        coupon_code="TEN",
        coupon_version=3,
        shipping_method="post",
        trace=(
            TraceStep("list_prices", "listed", 0, 4498, 4498, (3998, 500)),
            TraceStep("coupon", "percent", 4498, -450, 4048, (-400, -50), "TEN", 3, "half_up", "Ten off", (("percent", 1000),)),
            TraceStep("shipping", "flat", 4048, 450, 4498, (450, 0), "post", facts=(("shared_by", "value"),)),
            TraceStep("tax", "off", 4498, 0, 4498),
        ),
        priced_at=NOON,
    )


def test_a_cart_without_extras_costs_its_list_prices():
    quote = priced(1999, 500, quantities=[2, 3])
    assert (column(quote, "subtotal"), quote.total) == ([3998, 1500], 5498)
    assert (quote.discount, quote.shipping, quote.tax, quote.coupon_code, quote.coupon_version, quote.shipping_method) == (0, 0, 0, "", 0, "")
    assert [line.adjustments for line in quote.lines] == [(), ()]


def test_a_percentage_is_rounded_once_not_line_by_line():
    quote = priced(5, 5, 5, 5, coupon=Coupon("TEN", percent=1000))
    assert (quote.discount, column(quote, "discount")) == (2, [1, 1, 0, 0])


@pytest.mark.parametrize("rounding", [Rounding.HALF_UP, Rounding.UP, Rounding.CEILING])
def test_half_a_cent_is_given_where_the_rounding_of_the_coupon_says_so(rounding):
    quote = priced(5, 495, coupon=Coupon("PART", percent=10, rounding=rounding))
    assert (quote.discount, quote.trace[1].rounding) == (1, rounding.value)


@pytest.mark.parametrize("rounding", [Rounding.HALF_DOWN, Rounding.HALF_EVEN, Rounding.DOWN, Rounding.FLOOR])
def test_half_a_cent_is_not_given_where_the_rounding_of_the_coupon_says_so(rounding):
    assert price_of(5, 495, coupon=Coupon("PART", percent=10, rounding=rounding)).code == "coupon_no_effect"


def test_a_fixed_coupon_is_split_by_the_value_of_the_lines():
    quote = priced(5000, 1000, coupon=Coupon("TEN", amounts=(Money(1000, "EUR"),)))
    assert (column(quote, "discount"), column(quote, "total")) == ([833, 167], [4167, 833])


def test_a_line_that_costs_nothing_carries_no_discount():
    quote = priced(0, 333, 333, 333, coupon=Coupon("ONE", amounts=(Money(100, "EUR"),)))
    assert column(quote, "discount") == [0, 34, 33, 33]
    assert quote.lines[0].adjustments == ()


def test_a_fixed_coupon_makes_a_cart_free_at_most():
    quote = priced(400, 200, coupon=Coupon("BIG", amounts=(Money(100_000, "EUR"),)))
    assert (quote.discount, quote.total, column(quote, "total")) == (600, 0, [0, 0])


def test_shipping_is_not_discounted():
    quote = priced(1000, coupon=Coupon("ALL", percent=10_000), shipping=FlatShipping("post", 495))
    assert (quote.discount, quote.shipping, quote.total) == (1000, 495, 495)


def test_a_code_without_a_coupon_is_refused():
    outcome = price(a_cart("P1", coupon_code="nope"), PriceFacts(goods(100)), at=NOON)
    assert (outcome.code, outcome.message, outcome.facts) == ("coupon_unknown", "there is no coupon NOPE", (("coupon", "NOPE"),))


def test_a_coupon_that_the_cart_does_not_name_is_not_applied():
    facts = PriceFacts(goods(100), TEN_PERCENT)
    assert price(a_cart("P1"), facts, at=NOON).total == 100
    assert price(a_cart("P1", coupon_code="other"), facts, at=NOON).code == "coupon_unknown"


def test_a_coupon_is_asked_for_the_subtotal_of_the_cart_at_its_moment():
    coupon = Coupon("BIG", percent=1000, minimums=(Money(2000, "EUR"),), ends=NOON)
    assert price_of(1999, coupon=coupon, at=NOON).code == "coupon_expired"
    assert price_of(1999, coupon=coupon, at=NOON.replace(hour=11)).code == "coupon_minimum"
    assert price_of(1000, quantities=[2], coupon=coupon, at=NOON.replace(hour=11)).total == 1800


def test_a_cart_is_refused_before_its_coupon():
    outcome = price(a_cart(("P1", 0), coupon_code="nope"), PriceFacts(goods(100)), at=NOON)
    assert outcome.code == "quantity_invalid"


def test_flat_shipping_is_shared_by_the_value_after_discounts():
    quote = priced(3000, 1000, shipping=FlatShipping("post", 500))
    assert column(quote, "shipping") == [375, 125]


def test_flat_shipping_of_a_free_cart_is_shared_by_quantity():
    quote = priced(1000, 5000, quantities=[3, 1], coupon=Coupon("ALL", percent=10_000), shipping=FlatShipping("post", 500))
    assert column(quote, "shipping") == [375, 125]
    assert quote.trace[2].fact("shared_by") == "quantity"


def test_only_lines_that_ship_carry_shipping():
    products = (a_product("MUG"), a_product("CARD", 9000, ships=False), a_product("CUP"))
    quote = price(a_cart("MUG", "CARD", "CUP"), PriceFacts(products, shipping=FlatShipping("post", 501)), at=NOON)
    assert column(quote, "shipping") == [251, 0, 250]


def test_where_no_line_ships_nothing_is_charged_for_shipping():
    facts = PriceFacts((a_product("CARD", ships=False),), shipping=FlatShipping("post", 500))
    quote = price(a_cart("CARD"), facts, at=NOON)
    assert (quote.shipping, quote.total, quote.trace[2].code, quote.trace[2].fact("offered")) == (0, 1000, "nothing_ships", 500)


def test_freight_is_charged_line_by_line_as_given():
    quote = priced(1000, 2000, shipping=ShippingPerLine("freight", (1371, 0)))
    assert (column(quote, "shipping"), quote.shipping, quote.total, quote.shipping_method) == ([1371, 0], 1371, 4371, "freight")


@pytest.mark.parametrize("amounts", [(), (1,), (1, 2, 3)])
def test_freight_for_another_number_of_lines_is_misuse(amounts):
    with pytest.raises(InvalidValue, match=f"a shipping amount for each of the 2 lines of the cart, got {len(amounts)}"):
        price_of(1000, 2000, shipping=ShippingPerLine("freight", amounts))


def test_freight_on_a_line_that_does_not_ship_is_misuse():
    facts = PriceFacts((a_product("CARD", ships=False),), shipping=ShippingPerLine("freight", (1,)))
    with pytest.raises(InvalidValue, match="expected no shipping on line 1, for CARD does not ship, got 1"):
        price(a_cart("CARD"), facts, at=NOON)


def test_shipping_may_cost_nothing():
    assert priced(1000, shipping=NoShipping()).trace[2] == TraceStep("shipping", "free", 1000, 0, 1000)
    assert priced(1000, shipping=FlatShipping("post", 0)).shipping_method == "post"
