"""The laws of a price, for any cart: nothing is lost, nothing is below zero, and the order of lines changes no total."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from shopwright.catalog import Product
from shopwright.money import Money, Rounding, share
from shopwright.pricing import Cart, CartLine, FlatShipping, NoShipping, PriceFacts, Quote, ShippingPerLine, explain, price, replay
from shopwright.promotions import Coupon, normalize_code
from shopwright.refusals import Refusal

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
COLUMNS = ("subtotal", "discount", "shipping", "tax", "total")

amounts = st.one_of(st.integers(0, 20), st.integers(0, 200_000), st.integers(0, 10**12))
currencies = st.sampled_from(["EUR", "JPY", "KWD"])


@st.composite
def coupons(draw, currency):
    title = draw(st.sampled_from(["", "Spring"]))
    if draw(st.booleans()):
        return Coupon("SAVE", percent=draw(st.integers(1, 10_000)), rounding=draw(st.sampled_from(Rounding)), title=title)
    return Coupon("SAVE", amounts=(Money(draw(st.integers(1, 300_000)), currency),), title=title)


@st.composite
def offers(draw, *, least=1, most=7, with_coupon=None):
    """A cart and its facts, of which nothing is wrong, except perhaps that the coupon has no effect."""
    currency, size = draw(currencies), draw(st.integers(least, most))
    products = [
        Product(f"P{number}", "Thing", f"S{number % 2}", (Money(draw(amounts), currency),), ships=draw(st.booleans())) for number in range(size)
    ]
    lines = tuple(CartLine(product.sku, draw(st.one_of(st.integers(1, 4), st.integers(1, 1000)))) for product in products)
    coupon = draw(coupons(currency)) if (draw(st.booleans()) if with_coupon is None else with_coupon) else None
    freight = [draw(st.integers(0, 5000)) if product.ships else 0 for product in products]
    shipping = draw(st.sampled_from([NoShipping(), FlatShipping("post", draw(st.integers(0, 9999))), ShippingPerLine("freight", tuple(freight))]))
    return Cart(currency, lines, coupon.code if coupon else ""), PriceFacts(tuple(products), coupon, shipping)


def quoted(cart, facts) -> Quote:
    outcome = price(cart, facts, at=NOON)
    assume(not (isinstance(outcome, Refusal) and outcome.code == "coupon_no_effect"))
    assert isinstance(outcome, Quote), outcome
    return outcome


@given(offers())
def test_every_column_sums_to_the_total_of_the_quote(offer):
    quote = quoted(*offer)
    assert {name: sum(getattr(line, name) for line in quote.lines) for name in COLUMNS} == {name: getattr(quote, name) for name in COLUMNS}


@given(offers())
def test_every_line_adds_up_and_so_does_the_quote(offer):
    quote = quoted(*offer)
    for part in (quote, *quote.lines):
        assert part.total == part.subtotal - part.discount + part.shipping + part.tax


@given(offers())
def test_nothing_is_below_zero_and_no_discount_is_above_its_price(offer):
    quote = quoted(*offer)
    for part in (quote, *quote.lines):
        assert min(getattr(part, name) for name in COLUMNS) >= 0
        assert part.discount <= part.subtotal


@given(offers())
def test_a_line_costs_its_unit_price_times_its_quantity(offer):
    cart, facts = offer
    quote = quoted(cart, facts)
    listed = {product.sku: product.prices[0].minor for product in facts.products}
    assert [line.subtotal for line in quote.lines] == [listed[line.sku] * line.quantity for line in cart.lines]


@given(offers(with_coupon=True))
def test_the_discount_is_what_the_coupon_is_worth_and_at_most_the_subtotal(offer):
    cart, facts = offer
    quote, coupon = quoted(cart, facts), facts.coupon
    worth = share(quote.subtotal, coupon.percent, coupon.rounding) if coupon.percent else coupon.amounts[0].minor
    assert quote.discount == min(worth, quote.subtotal)
    assert (quote.coupon_code, quote.coupon_version) == (coupon.code, coupon.version)


@given(offers(with_coupon=True))
def test_each_line_carries_its_exact_share_of_the_discount_to_less_than_one_unit(offer):
    quote = quoted(*offer)
    for line in quote.lines:
        assert abs(line.discount - Fraction(quote.discount * line.subtotal, quote.subtotal)) < 1


@given(offers())
def test_the_adjustments_of_a_line_are_its_discount(offer):
    for line in quoted(*offer).lines:
        assert sum(adjustment.amount for adjustment in line.adjustments) == -line.discount
        assert all(adjustment.amount < 0 for adjustment in line.adjustments)


@given(offers())
def test_shipping_is_charged_in_full_and_only_on_lines_that_ship(offer):
    cart, facts = offer
    quote = quoted(cart, facts)
    ships = any(product.ships for product in facts.products)
    match facts.shipping:
        case FlatShipping(amount=amount):
            assert quote.shipping == (amount if ships else 0)
        case ShippingPerLine(amounts=parts):
            assert tuple(line.shipping for line in quote.lines) == parts
        case NoShipping():
            assert quote.shipping == 0
    assert all(line.ships or not line.shipping for line in quote.lines)


@given(offers(), st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_no_total_and_only_ties_between_equal_lines(offer, chance):
    cart, facts = offer
    order = list(range(len(cart.lines)))
    chance.shuffle(order)
    shipping = facts.shipping
    if isinstance(shipping, ShippingPerLine):
        shipping = evolve(shipping, amounts=tuple(shipping.amounts[place] for place in order))
    one = quoted(cart, facts)
    other = quoted(evolve(cart, lines=tuple(cart.lines[place] for place in order)), evolve(facts, shipping=shipping))
    assert [getattr(one, name) for name in COLUMNS] == [getattr(other, name) for name in COLUMNS]
    # Only lines of one value may trade an odd cent, so the pairs stay the same.
    assert sorted((line.subtotal, line.discount) for line in one.lines) == sorted((line.subtotal, line.discount) for line in other.lines)


@given(offers(with_coupon=True), amounts)
def test_one_more_thing_in_the_cart_never_lowers_what_a_coupon_takes_off(offer, minor):
    cart, facts = offer
    more = Product("MORE", "One more", "S0", (Money(minor, cart.currency),))
    shipping = NoShipping()
    before = quoted(cart, evolve(facts, shipping=shipping))
    larger = PriceFacts((*facts.products, more), facts.coupon, shipping)
    assert quoted(evolve(cart, lines=(*cart.lines, CartLine("MORE"))), larger).discount >= before.discount


@given(offers())
def test_each_entry_of_the_trace_begins_where_the_last_one_ended(offer):
    quote = quoted(*offer)
    at = 0
    for entry in quote.trace:
        assert (entry.before, entry.before + entry.amount) == (at, entry.after)
        assert sum(entry.parts) == entry.amount
        assert len(entry.parts) in {0, len(quote.lines)}
        at = entry.after
    assert at == quote.total


@given(offers())
def test_the_trace_alone_tells_what_every_line_costs(offer):
    quote = quoted(*offer)
    parts = [entry.parts for entry in quote.trace if entry.parts]
    assert [sum(column) for column in zip(*parts, strict=True)] == [line.total for line in quote.lines]


@given(offers())
def test_frozen_facts_are_priced_again_to_the_cent(offer):
    quote = quoted(*offer)
    assert replay(quote, at=quote.priced_at) == quote


@given(offers())
def test_the_same_cart_and_facts_give_the_same_price(offer):
    assert price(*offer, at=NOON) == price(*offer, at=NOON)


@given(offers())
def test_every_price_can_be_explained(offer):
    quote = quoted(*offer)
    said = explain(quote.trace, currency=quote.currency)
    assert len(said) == len(quote.trace) + 1
    assert said[-1] == f"total: {Money(quote.total, quote.currency)}"


@given(
    st.lists(st.tuples(st.sampled_from(["P1", "P2", "OLD", "YEN", "NONE"]), st.integers(-1, 2), st.sampled_from([None, "EUR", "USD"])), max_size=5),
    st.sampled_from(["", "SAVE", "NOPE"]),
)
def test_any_cart_has_a_price_or_a_reason_and_its_order_does_not_change_which(wishes, code):
    products = (
        Product("P1", "One", "S", (Money(100, "EUR"),)),
        Product("P2", "Two", "S", (Money(0, "EUR"),)),
        Product("OLD", "Old", "S", (Money(100, "EUR"),), active=False),
        Product("YEN", "Yen", "S", (Money(100, "JPY"),)),
    )
    facts = PriceFacts(products, Coupon("SAVE", percent=1000), FlatShipping("post", 100))
    lines = tuple(CartLine(sku, quantity, None if shown is None else Money(100, shown)) for sku, quantity, shown in wishes)
    outcomes = [price(Cart("EUR", some, code), facts, at=NOON) for some in (lines, lines[::-1])]
    told = [outcome.code if isinstance(outcome, Refusal) else outcome.total for outcome in outcomes]
    assert told[0] == told[1]


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=3))
def test_the_one_form_of_a_coupon_code_is_its_own_form_in_any_case_and_has_no_spaces(text):
    code = normalize_code(text)
    assert normalize_code(code) == code
    assert normalize_code(code.lower()) == normalize_code(code.casefold()) == code
    assert not any(letter.isspace() for letter in code)
