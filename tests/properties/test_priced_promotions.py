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
    GivenTaxes,
    NoShipping,
    Offers,
    PriceFacts,
    Quote,
    ShippingPerLine,
    TableTaxes,
    disagreements,
    explain,
    explained,
    frozen_facts,
    price,
    replay,
    why_not,
)
from shopwright.pricing.checks import open_sheet
from shopwright.pricing.offers import basket_of
from shopwright.pricing.tax import Prices, RoundingLevel, TaxPolicy, assess
from shopwright.pricing.tax_amounts import TaxAssessment
from shopwright.pricing.tax_rates import Ruling, TaxRate, TaxRule, TaxTable
from shopwright.pricing.with_taxes import tax_request, with_taxes
from shopwright.promotions.basket import Buyer
from shopwright.promotions.effects import Effect
from shopwright.promotions.engine import Engine
from shopwright.promotions.extras import Extra, IfGone
from shopwright.refusals import Refusal
from tests.properties.promotion_values import AT, BUYERS, CODES, STACKINGS, TAGS, promotion_sets

COLUMNS = ("subtotal", "discount", "shipping", "tax", "total")


_TABLE = TaxTable(
    "shop", (TaxRule("standard", Ruling((TaxRate("A", "19 %"), TaxRate("B", "0.08875")))), TaxRule("low", Ruling((TaxRate("C", "7 %"),))))
)
POLICIES = st.builds(
    TaxPolicy, prices=st.sampled_from(Prices), level=st.sampled_from(RoundingLevel), rounding=st.sampled_from(Rounding)
)
TAXES = st.one_of(st.none(), POLICIES.map(lambda policy: TableTaxes(_TABLE, policy)))


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
    engine = Engine(draw(promotion_sets(most=5)), stacking=draw(STACKINGS))
    mug = Product("mug", "A mug", "s1", (), active=draw(st.sampled_from((True, True, False))), tracked=draw(st.booleans()))
    gifts = draw(st.sampled_from(((), (mug,))))
    gift_stock = draw(st.sampled_from(((), (("mug", 0),), (("mug", 1),), (("mug", 3),))))
    cart = Cart("EUR", lines, channel=draw(st.sampled_from(("", "app"))), codes=tuple(draw(st.frozensets(st.sampled_from(CODES)))))
    offers = Offers(engine, draw(BUYERS), gift_stock=gift_stock)
    return cart, PriceFacts((*products, *gifts), shipping=shipping, offers=offers, taxes=draw(TAXES))


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
        if asked[1].taxes is not None and line.given_by is None:
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
def test_taxes_that_are_asked_for_afterwards_are_those_that_are_known_beforehand(asked: tuple[Cart, PriceFacts]) -> None:
    cart, facts = asked
    if not isinstance(facts.taxes, TableTaxes):
        return
    known, plain = quoted(cart, facts), quoted(cart, evolve(facts, taxes=None))
    request = tax_request(plain, facts.products, place=facts.taxes.place, policy=facts.taxes.policy)
    answer = assess(request, facts.taxes.table)
    assert isinstance(answer, TaxAssessment)
    taxed = with_taxes(plain, GivenTaxes(answer, facts.taxes.policy))
    assert isinstance(taxed, Quote)
    assert (taxed.lines, taxed.total, taxed.trace[:-1]) == (known.lines, known.total, known.trace[:-1])
    assert evolve(taxed.trace[-1], facts=taxed.trace[-1].facts[:-1]) == known.trace[-1]
    assert replay(taxed, at=AT) == taxed


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


@given(priced())
def test_gifts_cost_nothing_come_last_and_are_never_more_than_there_are(asked: tuple[Cart, PriceFacts]) -> None:
    """GIFT-1, GIFT-2"""
    quote = quoted(*asked)
    known, stock = {product.sku: product for product in asked[1].products}, dict(offers_of(asked[1]).gift_stock)
    assert [line.line_no for line in quote.lines] == list(range(1, len(quote.lines) + 1))
    assert quote.lines[len(asked[0].lines) :] == quote.gifts
    for gift in quote.gifts:
        assert (gift.subtotal, gift.discount, gift.shipping, gift.tax, gift.total, gift.taxed, gift.adjustments) == (0, 0, 0, 0, 0, None, ())
        assert known[gift.sku].active
    given = sum(gift.quantity for gift in quote.gifts if gift.tracked)
    assert given <= stock.get("mug", given)


@given(priced())
def test_the_price_is_the_same_whether_a_gift_that_may_be_left_out_is_there_or_not(asked: tuple[Cart, PriceFacts]) -> None:
    """GIFT-3"""
    cart, facts = asked
    offers = offers_of(facts)
    left_out = [evolve(it, effects=tuple(map(_left_out, it.effects))) for it in offers.engine.promotions]
    engine = Engine(left_out, stacking=offers.engine.stacking)
    without = evolve(facts, products=tuple(it for it in facts.products if it.sku != "mug"), offers=evolve(offers, engine=engine))
    there = evolve(without, products=(*without.products, Product("mug", "A mug", "s1", ())), offers=evolve(offers, engine=engine, gift_stock=()))

    one, other = quoted(cart, without), quoted(cart, there)

    assert (one.gifts, one.grants, one.lines) == ((), other.grants, other.lines[: len(cart.lines)])
    assert (one.total, sum(entry.code == "left_out" for entry in one.trace)) == (other.total, len(other.gifts))


@given(priced())
def test_what_is_promised_is_what_the_trace_and_the_engine_say(asked: tuple[Cart, PriceFacts]) -> None:
    quote = quoted(*asked)
    told = [entry for entry in quote.trace if entry.step == "grant"]
    assert [(grant.promotion, grant.version, grant.kind) for grant in quote.grants] == [(it.rule, it.rule_version, it.code) for it in told]
    assert all(grant.amount > 0 for grant in quote.grants)
    if not any(entry.step == "gift" and entry.code == "not_taken" for entry in quote.trace):
        sheet = open_sheet(*asked, at=AT)
        assert not isinstance(sheet, Refusal)
        taken = [it for applied in offers_of(asked[1]).engine.evaluate(basket_of(sheet, offers_of(asked[1]))).applied for it in applied.taken]
        assert sum(it.points for it in taken) == sum(grant.amount for grant in quote.grants if grant.kind == "points")
        assert [it.points_rate for it in taken if it.points_rate] == [grant.amount for grant in quote.grants if grant.kind == "points_rate"]
        assert [name for it in taken for name in it.coupons] == [grant.batch for grant in quote.grants if grant.kind == "coupon"]


def offers_of(facts: PriceFacts) -> Offers:
    assert isinstance(facts.offers, Offers)
    return facts.offers


def _left_out(effect: Effect) -> Effect:
    return evolve(effect, if_gone=IfGone.LEAVE_OUT) if isinstance(effect, Extra) else effect


@given(priced())
def test_a_price_and_its_reasons_are_the_same_asked_at_once_and_one_after_the_other(given_cart):
    cart, facts = given_cart
    both = explained(cart, facts, at=AT)
    if isinstance(both, Refusal):
        assert both == price(cart, facts, at=AT)
    else:
        assert (both.quote, both.skipped) == (price(cart, facts, at=AT), why_not(cart, facts, at=AT))
        replayed = explained(*frozen_facts(both.quote), at=AT)
        assert (replayed.quote, replayed.skipped) == (both.quote, ())
