"""Coupons and floor prices: whatever the coupon, no line goes below its floor, and nothing is lost that could have been given."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from shopwright.catalog import Product
from shopwright.money import Money, Rounding
from shopwright.pricing import Cart, CartLine, PriceFacts, Quote, disagreements, price, replay
from shopwright.pricing.facts import FlatShipping, Offers
from shopwright.promotions.coupons import Coupon, discount
from shopwright.promotions.effects import Percent
from shopwright.promotions.engine import Engine
from shopwright.promotions.promotion import Promotion
from shopwright.refusals import Refusal

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
coupons = st.one_of(
    st.builds(lambda percent, rounding: Coupon("SAVE", percent=percent, rounding=rounding), st.integers(1, 10_000), st.sampled_from(Rounding)),
    st.builds(lambda minor: Coupon("SAVE", amounts=(Money(minor, "EUR"),)), st.one_of(st.integers(1, 50), st.integers(1, 20_000))),
)
amounts = st.one_of(st.integers(0, 20), st.integers(0, 3_000))


@st.composite
def offers(draw, *, floors=True):
    """A cart with a coupon, its products with floor prices, some of which are above the price."""
    size = draw(st.integers(1, 6))
    products = []
    for number in range(size):
        floor = (Money(draw(amounts), "EUR"),) if floors and draw(st.booleans()) else ()
        products.append(Product(f"P{number}", "Thing", "own", (Money(draw(amounts), "EUR"),), floors=floor))
    chosen = draw(st.lists(st.sampled_from(products), min_size=1, max_size=6))
    lines = tuple(CartLine(product.sku, draw(st.integers(1, 5))) for product in chosen)
    return Cart("EUR", lines, coupon_code="SAVE"), PriceFacts(tuple(products), draw(coupons), FlatShipping("post", 400))


def rooms(cart, facts) -> list[int]:
    """How much each line is above its floor price."""
    by_sku = {product.sku: product for product in facts.products}
    return [
        max(0, (by_sku[line.sku].price_in("EUR") - by_sku[line.sku].floor_in("EUR")) * line.quantity) for line in cart.lines
    ]


def worth(cart, facts) -> int:
    by_sku = {product.sku: product for product in facts.products}
    return discount(facts.coupon, subtotal=sum(by_sku[line.sku].price_in("EUR") * line.quantity for line in cart.lines), currency="EUR")


@given(offers())
def test_no_coupon_takes_a_line_below_its_floor_price(offer):
    quote = price(*offer, at=NOON)
    if isinstance(quote, Quote):
        assert all(0 <= line.discount <= room for line, room in zip(quote.lines, rooms(*offer), strict=True))


@given(offers())
def test_a_fixed_amount_is_given_as_far_as_there_is_room_for_it_and_else_refused(offer):
    cart, facts = offer
    most = min(worth(cart, facts), sum(rooms(cart, facts)))
    quote = price(cart, facts, at=NOON)
    if isinstance(quote, Refusal):
        assert (quote.code, most if facts.coupon.amounts else 0) == ("coupon_no_effect", 0)
    elif facts.coupon.amounts:
        assert quote.discount == most
    else:
        assert quote.discount <= most


@given(offers())
def test_of_a_percentage_each_line_gives_its_share_or_all_that_it_has_above_its_floor(offer):
    cart, facts = offer
    quote = price(cart, facts, at=NOON)
    if isinstance(quote, Quote) and facts.coupon.percent:
        off = worth(cart, facts)
        for line, room in zip(quote.lines, rooms(cart, facts), strict=True):
            share = Fraction(off * line.subtotal, quote.subtotal)
            assert line.discount == room <= share + 1 or abs(line.discount - share) < 1


@given(offers(floors=False), st.data())
def test_floors_that_nothing_reaches_change_nothing(offer, data):
    cart, facts = offer
    plain = price(cart, facts, at=NOON)
    if isinstance(plain, Refusal):
        return
    lowest = {}
    for line in plain.lines:
        unit = (line.subtotal - line.discount) // line.quantity
        lowest[line.sku] = min(unit, lowest.get(line.sku, unit))
    floored = tuple(
        evolve(it, floors=(Money(data.draw(st.integers(0, lowest[it.sku])), "EUR"),)) if it.sku in lowest else it for it in facts.products
    )

    assert price(cart, evolve(facts, products=floored), at=NOON) == plain


@given(offers(), st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_no_total(offer, chance):
    cart, facts = offer
    lines = list(cart.lines)
    chance.shuffle(lines)
    one, other = price(cart, facts, at=NOON), price(evolve(cart, lines=tuple(lines)), facts, at=NOON)

    assert type(one) is type(other)
    if isinstance(one, Quote):
        assert (one.discount, one.total) == (other.discount, other.total)


@given(offers(), st.booleans())
def test_a_price_that_floors_bore_on_is_made_again_from_its_own_facts(offer, promoted):
    cart, facts = offer
    if promoted:
        facts = evolve(facts, offers=Offers(Engine((Promotion(id="ten", effects=(Percent(1_000),)),))))
    quote = price(cart, facts, at=NOON)
    if isinstance(quote, Quote):
        again = replay(quote, at=NOON)
        assert (again, disagreements(quote, again)) == (quote, ())


@given(offers())
def test_promotions_and_a_coupon_together_go_no_lower_than_the_floors(offer):
    cart, facts = offer
    facts = evolve(facts, offers=Offers(Engine((Promotion(id="half", effects=(Percent(5_000),)),))))
    quote = price(cart, facts, at=NOON)
    if isinstance(quote, Quote):
        assert all(line.discount <= room for line, room in zip(quote.lines, rooms(cart, facts), strict=True))
