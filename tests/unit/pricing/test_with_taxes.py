"""Taxes put on a price that was made without: what is asked, and what may be answered."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from attrs import evolve

from shopwright.catalog import Product
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.pricing import Cart, CartLine, FlatShipping, GivenTaxes, PriceFacts, price
from shopwright.pricing.tax import Prices, TaxLine, TaxPolicy, assess
from shopwright.pricing.tax_amounts import TaxAssessment
from shopwright.pricing.tax_rates import Ruling, TaxPlace, TaxRate, TaxRule, TaxTable
from shopwright.pricing.with_taxes import tax_request, with_taxes

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
POLICY = TaxPolicy(prices=Prices.EXCLUSIVE)
TABLE = TaxTable("t", (TaxRule("standard", Ruling((TaxRate("VAT", "20 %"),))), TaxRule("books", Ruling((TaxRate("LOW", "5 %"),)))))
GOODS = (
    Product("MUG", "Mug", "own", (Money.of("10.00", "EUR"),)),
    Product("BOOK", "Book", "own", (Money.of("20.00", "EUR"),), tax_class="books", ships=False),
)


def a_quote():
    cart = Cart("EUR", (CartLine("MUG"), CartLine("BOOK")))
    return price(cart, PriceFacts(GOODS, shipping=FlatShipping("post", 500)), at=NOON)


def asked(**facts):
    return tax_request(a_quote(), GOODS, place=TaxPlace("DE"), policy=POLICY, **facts)


def test_a_request_has_the_classes_of_the_products_and_the_amounts_of_the_lines():
    request = asked(city="Hamburg", postcode="20457")
    assert request.lines == (TaxLine(1, "standard", 1_000, shipping=500), TaxLine(2, "books", 2_000))
    assert (request.currency, request.at, request.city, request.postcode) == ("EUR", NOON, "Hamburg", "20457")


def test_all_but_the_taxes_stays_as_it_was():
    plain = a_quote()
    taxed = with_taxes(plain, GivenTaxes(assess(asked(), TABLE), POLICY))
    assert (taxed.subtotal, taxed.shipping, taxed.tax, taxed.total) == (3_000, 500, 400, 3_900)
    assert taxed.trace[:-1] == plain.trace[:-1]


def test_taxes_are_put_on_once():
    taxed = with_taxes(a_quote(), GivenTaxes(assess(asked(), TABLE), POLICY))
    with pytest.raises(InvalidValue, match="expected a price without taxes, got one with taxes by t"):
        with_taxes(taxed, GivenTaxes(assess(asked(), TABLE), POLICY))
    with pytest.raises(InvalidValue, match="expected a price without taxes, got one with taxes by t"):
        tax_request(taxed, GOODS, place=TaxPlace(), policy=POLICY)


def test_an_answer_in_another_currency_does_not_fit():
    answer = assess(asked(), TABLE)
    assert isinstance(answer, TaxAssessment)
    with pytest.raises(InvalidValue, match="it was asked in EUR, and tells of USD"):
        with_taxes(a_quote(), GivenTaxes(evolve(answer, currency="USD"), POLICY))
