"""Taxes in a price: what comes on top, what the price holds, what is frozen, and what an engine outside may answer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from attrs import evolve

from shopwright.catalog import Product
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.pricing import (
    Cart,
    CartLine,
    FlatShipping,
    FrozenTaxes,
    GivenTaxes,
    PriceFacts,
    Quote,
    TableTaxes,
    explain,
    frozen_facts,
    price,
    replay,
)
from shopwright.pricing.tax import Prices, TaxPolicy
from shopwright.pricing.tax_amounts import RateTax, TaxAssessment, Taxed, TaxedLine
from shopwright.pricing.tax_rates import Ruling, TaxPlace, TaxRate, TaxRule, TaxTable
from shopwright.promotions import Coupon
from shopwright.refusals import Refusal

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TWENTY, SEVEN = TaxRate("VAT", "20 %"), TaxRate("LOW", "7 %")
TABLE = TaxTable("shop", (TaxRule("standard", Ruling((TWENTY,))), TaxRule("books", Ruling((SEVEN,)))), version=4)
ON_TOP, WITHIN = TableTaxes(TABLE, TaxPolicy(prices=Prices.EXCLUSIVE)), TableTaxes(TABLE, TaxPolicy(prices=Prices.INCLUSIVE))
PERCENT = {"SAVE": Coupon("SAVE", percent=1_000), "ALL": Coupon("ALL", percent=10_000)}


def priced(*goods: tuple[str, int, int], taxes=ON_TOP, coupon: str = "", shipping: int = 0) -> Quote | Refusal:
    """Goods are (tax class, unit price, quantity)."""
    products = tuple(
        Product(f"P{number}", "Thing", "own", (Money(unit, "EUR"),), tax_class=name) for number, (name, unit, _) in enumerate(goods)
    )
    lines = tuple(CartLine(product.sku, quantity) for product, (_, _, quantity) in zip(products, goods, strict=True))
    facts = PriceFacts(products, PERCENT.get(coupon), FlatShipping("post", shipping), taxes=taxes)
    return price(Cart("EUR", lines, coupon), facts, at=NOON)


def quoted(*goods: tuple[str, int, int], **more) -> Quote:
    quote = priced(*goods, **more)
    assert isinstance(quote, Quote), quote
    return quote


def test_the_error_does_not_grow_with_the_quantity():  # vendure#3091: 25 of 399.00, 10 % off the order, 20 % tax
    quote = quoted(("standard", 39_900, 25), coupon="SAVE")
    assert (quote.subtotal, quote.discount, quote.tax, quote.total) == (997_500, 99_750, 179_550, 1_077_300)


def test_nothing_to_pay_is_nothing_to_tax():  # shopware#2938: 100 % off, two rates
    quote = quoted(("standard", 1999, 1), ("books", 999, 3), coupon="ALL")
    assert (quote.tax, quote.total) == (0, 0)
    assert [(line.taxed.net, line.taxed.tax, line.taxed.gross) for line in quote.lines if line.taxed] == [(0, 0, 0), (0, 0, 0)]


def test_tax_on_top_follows_what_the_coupon_has_left_and_taxes_shipping_with_its_line():
    quote = quoted(("standard", 1000, 1), ("books", 1000, 1), coupon="SAVE", shipping=200)
    assert [(line.discount, line.shipping, line.tax, line.total) for line in quote.lines] == [(100, 100, 200, 1200), (100, 100, 70, 1070)]
    assert explain(quote.trace, currency="EUR")[-2:] == (
        "tax by shop (version 4), rounded half_up: 2.70 EUR, by order (line 1 2.00 EUR, line 2 0.70 EUR)",
        "total: 22.70 EUR",
    )


def test_tax_in_the_price_changes_no_total_and_is_told_all_the_same():
    quote = quoted(("standard", 1200, 2), taxes=WITHIN)
    (line,) = quote.lines
    assert (quote.tax, quote.total, line.taxed) == (0, 2400, TaxedLine(1, Taxed(2000, (RateTax(TWENTY, 400),))))
    assert "4.00 EUR in the price" in explain(quote.trace, currency="EUR")[-2]


def test_a_frozen_price_keeps_its_taxes_though_the_table_has_changed():
    quote = quoted(("standard", 999, 3), ("books", 1050, 1), coupon="SAVE", shipping=333)
    assert isinstance(frozen_facts(quote)[1].taxes, FrozenTaxes)
    assert replay(quote, at=NOON) == quote


def test_a_class_that_the_table_does_not_know_is_refused():
    refusal = priced(("food", 1000, 1))
    assert (getattr(refusal, "code", ""), refusal.fact("line")) == ("tax_class_unknown", 1)


def test_what_an_engine_answered_is_taken_as_it_is_and_frozen():
    given = GivenTaxes(TaxAssessment("outside", 0, (TaxedLine(1, Taxed(1000, (RateTax(TWENTY, 203),))),)), TaxPolicy(prices=Prices.EXCLUSIVE))
    quote = quoted(("standard", 1000, 1), taxes=given)
    assert (quote.tax, quote.total) == (203, 1203)
    assert replay(quote, at=NOON) == quote


def test_an_answer_for_another_cart_is_an_error():
    given = GivenTaxes(TaxAssessment("outside", 0, (TaxedLine(1, Taxed(900, (RateTax(TWENTY, 180),))),)), TaxPolicy(prices=Prices.EXCLUSIVE))
    with pytest.raises(InvalidValue, match="goods of 1000 net were asked, it tells of 900; ask the engine again"):
        priced(("standard", 1000, 1), taxes=given)


def test_frozen_taxes_of_another_cart_are_an_error():
    quote = quoted(("standard", 1000, 1))
    with pytest.raises(InvalidValue, match="expected taxes on each of the 1 frozen lines, got them on 0"):
        replay(evolve(quote, lines=tuple(evolve(line, taxed=None) for line in quote.lines)), at=NOON)
    facts = frozen_facts(quote)[1]
    with pytest.raises(InvalidValue, match="expected frozen taxes for 2 lines, got them for 1"):
        priced(("standard", 1000, 1), ("books", 1000, 1), taxes=facts.taxes)


def test_the_place_decides_which_rule_is_good():
    here = TaxTable("shop", (TaxRule("standard", Ruling((TWENTY,))), TaxRule("standard", Ruling((SEVEN,)), TaxPlace("FR"))))
    for country, tax in (("DE", 200), ("FR", 70)):
        assert quoted(("standard", 1000, 1), taxes=TableTaxes(here, TaxPolicy(prices=Prices.EXCLUSIVE), TaxPlace(country))).tax == tax
