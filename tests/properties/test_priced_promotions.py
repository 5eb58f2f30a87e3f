"""The laws of a price with promotions in it: nothing is lost, nothing is below zero, and it can be made again without them."""

from __future__ import annotations

from itertools import pairwise

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from shopwright.catalog import Product
from shopwright.money import Money, Rounding
from shopwright.pricing import (
    Cart,
    CartLine,
    FlatShipping,
    NoShipping,
    Offers,
    PriceFacts,
    Quote,
    ShippingPerLine,
    TableTaxes,
    disagreements,
    explain,
    frozen_facts,
    price,
    replay,
)
from shopwright.pricing.tax import Prices, RoundingLevel, TaxPolicy
from shopwright.pricing.tax_rates import Ruling, TaxRate, TaxRule, TaxTable
from shopwright.promotions.basket import Buyer
from shopwright.promotions.engine import Engine
from shopwright.promotions.extras import Extra
from shopwright.promotions.promotion import Promotion
from tests.properties.promotion_values import AT, BUYERS, CODES, STACKINGS, TAGS, promotion_sets

COLUMNS = ("subtotal", "discount", "shipping", "tax", "total")


_TABLE = TaxTable(
    "shop", (TaxRule("standard", Ruling((TaxRate("A", "19 %"), TaxRate("B", "0.08875")))), TaxRule("low", Ruling((TaxRate("C", "7 %"),))))
)
POLICIES = st.builds(
    TaxPolicy, prices=st.sampled_from(Prices), level=st.sampled_from(RoundingLevel), rounding=st.sampled_from(Rounding)
)
TAXES = st.one_of(st.none(), POLICIES.map(lambda policy: TableTaxes(_TABLE, policy)))


def _of_money(promotions: tuple[Promotion, ...]) -> tuple[Promotion, ...]:
    return tuple(
        evolve(it, effects=tuple(effect for effect in it.effects if not isinstance(effect, Extra))) for it in promotions if _has_money(it)
    )


def _has_money(promotion: Promotion) -> bool:
    return not all(isinstance(effect, Extra) for effect in promotion.effects)


@st.composite
def priced(draw: st.DrawFn) -> tuple[Cart, PriceFacts]:
    """A cart and its facts, with promotions to look for."""
    skus = draw(st.lists(st.sampled_from(("tea", "cup", "pot", "mat")), min_size=1, unique=True))
    products = tuple(
        Product(
            sku,
            sku.title(),
            draw(st.sampled_from(("s1", "s2"))),
            (Money(draw(st.integers(0, 5_000)), "EUR"),),
            ships=draw(st.booleans()),
            tags=tuple(sorted(draw(st.frozensets(st.sampled_from(TAGS))))),
            floors=draw(st.sampled_from(((), (Money(300, "EUR"),)))),
            tax_class=draw(st.sampled_from(("standard", "low"))),
        )
        for sku in skus
    )
    lines = tuple(CartLine(product.sku, draw(st.integers(1, 5))) for product in products)
    freight = tuple(draw(st.integers(0, 500)) if product.ships else 0 for product in products)
    shipping = draw(st.sampled_from((NoShipping(), FlatShipping("post", 499), ShippingPerLine("freight", freight))))
    engine = Engine(_of_money(draw(promotion_sets(most=5))), stacking=draw(STACKINGS))
    cart = Cart("EUR", lines, channel=draw(st.sampled_from(("", "app"))), codes=tuple(draw(st.frozensets(st.sampled_from(CODES)))))
    return cart, PriceFacts(products, shipping=shipping, offers=Offers(engine, draw(BUYERS)), taxes=draw(TAXES))


def quoted(cart: Cart, facts: PriceFacts) -> Quote:
    quote = price(cart, facts, at=AT)
    assert isinstance(quote, Quote), quote
    return quote


@given(priced())
def test_every_column_sums_and_every_line_is_what_its_parts_say(asked: tuple[Cart, PriceFacts]) -> None:
    quote = quoted(*asked)
    assert {name: sum(getattr(line, name) for line in quote.lines) for name in COLUMNS} == {name: getattr(quote, name) for name in COLUMNS}
    for line in quote.lines:
        assert line.total == line.subtotal - line.discount + line.shipping + line.tax
        assert min(line.discount, line.shipping, line.subtotal - line.discount) >= 0
        assert -sum(adjustment.amount for adjustment in line.adjustments) == line.discount
        if asked[1].taxes is not None:
            assert line.taxed is not None
            assert (line.taxed.gross, line.taxed.net + line.taxed.tax) == (line.total, line.total)


@given(priced())
def test_no_promotion_takes_a_line_below_its_floor(asked: tuple[Cart, PriceFacts]) -> None:
    floors = {product.sku: product.floor_in("EUR") for product in asked[1].products}
    for line in quoted(*asked).lines:
        assert line.subtotal - line.discount >= min(line.subtotal, floors[line.sku] * line.quantity)


@given(priced())
def test_each_entry_of_the_trace_begins_where_the_last_one_ended(asked: tuple[Cart, PriceFacts]) -> None:
    quote = quoted(*asked)
    assert quote.trace[0].before == 0
    assert all(entry.before + entry.amount == entry.after for entry in quote.trace)
    assert all(one.after == other.before for one, other in pairwise(quote.trace))
    assert all(sum(entry.parts) == entry.amount for entry in quote.trace if entry.parts)
    assert explain(quote.trace, currency="EUR")[-1] == f"total: {Money(quote.total, 'EUR')}"


@given(priced())
def test_a_frozen_price_is_made_again_though_its_promotions_are_gone(asked: tuple[Cart, PriceFacts]) -> None:
    quote = quoted(*asked)
    _, facts = frozen_facts(quote)
    again = replay(quote, at=AT)
    assert not isinstance(facts.offers, Offers)
    assert (disagreements(quote, again), again) == ((), quote)


@given(priced())
def test_the_order_of_the_lines_changes_no_line(asked: tuple[Cart, PriceFacts]) -> None:
    cart, facts = asked
    if isinstance(facts.shipping, ShippingPerLine):
        facts = evolve(facts, shipping=NoShipping())
    one = quoted(cart, facts)
    other = quoted(evolve(cart, lines=cart.lines[::-1]), facts)
    assert sorted((line.sku, line.discount) for line in one.lines) == sorted((line.sku, line.discount) for line in other.lines)
    assert (one.total, one.discount, one.shipping) == (other.total, other.discount, other.shipping)


@given(priced())
def test_without_promotions_nothing_is_written_about_them(asked: tuple[Cart, PriceFacts]) -> None:
    cart, facts = asked
    none = evolve(facts, offers=None)
    nobody = evolve(facts, offers=Offers(Engine(()), Buyer()))  # it is told that they were looked for
    assert [entry.step for entry in quoted(cart, none).trace] == ["list_prices", "coupon", "shipping", "tax"]
    assert quoted(cart, nobody).lines == quoted(cart, none).lines
