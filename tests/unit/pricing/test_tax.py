"""Taxes of whole carts: what the laws of some countries ask for, and what the bugs of others have taught."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from shopwright.errors import InvalidValue
from shopwright.money import Rounding
from shopwright.ports.tax import API_VERSION, TableTax, TaxEngine
from shopwright.pricing.tax import Prices, RoundingLevel, ShippingTax, TaxLine, TaxPolicy, TaxRequest, assess, reckon, taxed
from shopwright.pricing.tax_amounts import RateTax, TaxAssessment, Taxed, TaxedLine, TaxTotal
from shopwright.pricing.tax_rates import Ruling, TaxPlace, TaxRate, TaxRule, TaxTable, Treatment
from shopwright.pricing.tax_trace import misfits, policy_of, traced
from shopwright.pricing.trace import TraceStep
from shopwright.refusals import Refusal

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
GROSS, NET = TaxPolicy(prices=Prices.INCLUSIVE), TaxPolicy(prices=Prices.EXCLUSIVE)
DE_19, DE_7, DE_0 = TaxRate("DE-19", "19 %"), TaxRate("DE-7", "7 %"), TaxRate("DE-0", 0)
GST, QST = TaxRate("GST", "5 %"), TaxRate("QST", "9.975 %")
NYC = TaxRate("US-NYC", "0.08875")
EXEMPT = Ruling(treatment=Treatment.EXEMPT, reason="exempt")
REVERSED = Ruling(treatment=Treatment.REVERSE_CHARGE, reason="VAT reverse charge")


def by_line(policy: TaxPolicy) -> TaxPolicy:
    return evolve(policy, level=RoundingLevel.LINE)


def table(**classes: Ruling) -> TaxTable:
    return TaxTable("shop", tuple(TaxRule(name, ruling) for name, ruling in classes.items()), version=4)


def a_request(*lines, policy=GROSS, currency="EUR", place=TaxPlace("DE")) -> TaxRequest:
    """Lines are (tax class, amount) or (tax class, amount, shipping)."""
    numbered = [TaxLine(number, *line[:2], shipping=line[2] if len(line) > 2 else 0) for number, line in enumerate(lines, 1)]
    return TaxRequest(currency, tuple(numbered), place=place, policy=policy, at=NOON)


def assessed(*lines, rules: TaxTable, **more) -> TaxAssessment:
    answer = assess(a_request(*lines, **more), rules)
    assert isinstance(answer, TaxAssessment), answer
    return answer


def columns(answer: TaxAssessment) -> list[tuple[int, int, int]]:
    return [(line.net, line.tax, line.gross) for line in answer.lines]


# --- what countries ask for ---------------------------------------------------------------------------------------------------------


def test_german_prices_hold_19_or_7_percent():  # § 12 UStG; § 1 PAngV: consumers are shown gross prices
    answer = assessed(("goods", 11_900), ("books", 10_700), ("goods", 999), rules=table(goods=Ruling((DE_19,)), books=Ruling((DE_7,))))
    assert columns(answer) == [(10_000, 1900, 11_900), (10_000, 700, 10_700), (839, 160, 999)]
    assert answer.totals == (TaxTotal(Treatment.TAXED, DE_19, 10_839, 2060), TaxTotal(Treatment.TAXED, DE_7, 10_000, 700))
    assert (answer.net, answer.tax, answer.gross) == (20_839, 2760, 23_599)


def test_new_york_adds_8_875_percent():  # NY Tax Department, Publication 718: New York City
    answer = assessed(("goods", 10_000), policy=NET, currency="USD", rules=table(goods=Ruling((NYC,))))
    assert columns(answer) == [(10_000, 888, 10_888)]


def test_quebec_takes_gst_and_qst_side_by_side():  # Revenu Québec, "Calculating the Taxes": 100.00, 5.00, 9.98, 114.98
    answer = assessed(("goods", 10_000), policy=NET, currency="CAD", rules=table(goods=Ruling((GST, QST))))
    assert answer.lines == (TaxedLine(1, Taxed(10_000, (RateTax(GST, 500), RateTax(QST, 998)))),)
    assert answer.gross == 11_498


def test_quebec_took_qst_on_gst_until_2012():  # 9.5 % of the price and the GST: the same 9.98, of another base
    old = TaxRate("QST", "9.5 %", stage=1)
    for rates in ((GST, old), (old, GST)):
        answer = assessed(("goods", 10_000), policy=NET, currency="CAD", rules=table(goods=Ruling(rates)))
        assert answer.totals == (TaxTotal(Treatment.TAXED, GST, 10_000, 500), TaxTotal(Treatment.TAXED, old, 10_500, 998))


def test_india_takes_the_same_for_the_union_and_for_the_state():  # CGST and SGST Acts 2017: half of 18 % each, never a paisa apart
    halves = Ruling((TaxRate("CGST", "9 %"), TaxRate("SGST", "9 %")))
    for amount in (11_800, 9_999, 1, 17):
        cgst, sgst = taxed(amount, halves, policy=GROSS).taxes
        assert cgst.tax == sgst.tax


def test_japan_rounds_once_for_each_rate_of_an_invoice():  # qualified invoice system since October 2023, fractions cut off by custom
    rules = table(food=Ruling((TaxRate("JP-8", "8 %"),)), goods=Ruling((TaxRate("JP-10", "10 %"),)))
    lines = (("food", 108), ("food", 108), ("food", 108), ("goods", 119), ("goods", 119))
    policy = TaxPolicy(prices=Prices.EXCLUSIVE, rounding=Rounding.DOWN)
    once, each = (assessed(*lines, policy=it, currency="JPY", rules=rules) for it in (policy, by_line(policy)))
    assert [(total.base, total.tax) for total in once.totals] == [(238, 23), (324, 25)]
    assert [(total.base, total.tax) for total in each.totals] == [(238, 22), (324, 24)]
    assert [line.tax for line in once.lines] == [9, 8, 8, 12, 11]


def test_an_american_seller_may_round_by_item_or_by_invoice():  # Streamlined Sales and Use Tax Agreement, section 324
    rules = table(goods=Ruling((TaxRate("US-MN", "6.875 %"),)))
    lines = [("goods", 80)] * 3
    assert [line.tax for line in assessed(*lines, policy=NET, rules=rules).lines] == [6, 6, 5]
    assert [line.tax for line in assessed(*lines, policy=by_line(NET), rules=rules).lines] == [6, 6, 6]


def test_bahrain_counts_in_thousandths():  # BHD has three decimals: 1.005 dinar and 10 % (5 % until 2021) are plain integers here
    rules = table(goods=Ruling((TaxRate("BH", "10 %"),)))
    assert columns(assessed(("goods", 1005), policy=NET, currency="BHD", rules=rules)) == [(1005, 101, 1106)]
    assert columns(assessed(("goods", 1005), policy=GROSS, currency="KWD", rules=rules)) == [(914, 91, 1005)]


def test_a_business_elsewhere_in_the_union_pays_no_tax_and_reads_why():  # Directive 2006/112/EC, Art. 196 and 226 (11a)
    rules = TaxTable("shop", (TaxRule("service", Ruling((DE_19,)), TaxPlace()), TaxRule("service", REVERSED, TaxPlace("FR", buyer="business"))))
    answer = assessed(("service", 10_000), policy=NET, place=TaxPlace("FR", buyer="business"), rules=rules)
    assert columns(answer) == [(10_000, 0, 10_000)]
    assert answer.totals == (TaxTotal(Treatment.REVERSE_CHARGE, None, 10_000, 0, "VAT reverse charge"),)


def test_zero_exempt_and_reverse_charged_stand_apart_in_the_summary():  # EN 16931-1: categories Z, E and AE
    rules = table(zero=Ruling((DE_0,)), exempt=EXEMPT, service=REVERSED)
    answer = assessed(("zero", 100), ("exempt", 200), ("service", 300), ("exempt", 50), policy=NET, rules=rules)
    assert answer.totals == (
        TaxTotal(Treatment.TAXED, DE_0, 100, 0),
        TaxTotal(Treatment.EXEMPT, None, 250, 0, "exempt"),
        TaxTotal(Treatment.REVERSE_CHARGE, None, 300, 0, "VAT reverse charge"),
    )


# --- what went wrong elsewhere ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", RoundingLevel)
@pytest.mark.parametrize(("prices", "expected"), [(Prices.EXCLUSIVE, (897_750, 179_550, 1_077_300)), (Prices.INCLUSIVE, (748_125, 149_625, 897_750))])
def test_25_at_399_less_ten_percent_with_20_percent_tax_do_not_drift(prices, expected, level):  # vendure#3091
    answer = assessed(
        ("goods", 25 * 39_900 * 9 // 10), policy=TaxPolicy(prices=prices, level=level), rules=table(goods=Ruling((TaxRate("T", 2000),)))
    )
    assert columns(answer) == [expected]


def test_the_price_of_one_does_not_grow_an_error_when_25_are_bought():  # vendure#3091: 399.00 gross holds 66.50; 25 of them hold 25 times that
    rules = table(goods=Ruling((TaxRate("T", 2000),)))
    one, many = assessed(("goods", 39_900), rules=rules), assessed(("goods", 39_900 * 25), rules=rules)
    assert (one.tax, many.tax) == (6650, 25 * 6650)


@pytest.mark.parametrize("policy", [GROSS, NET, by_line(GROSS), by_line(NET)])
def test_a_cart_that_costs_nothing_has_no_net_and_no_tax_at_two_rates(policy):  # shopware#2938: -0.01 net
    answer = assessed(("goods", 0), ("books", 0), policy=policy, rules=table(goods=Ruling((DE_19,)), books=Ruling((DE_7,))))
    assert columns(answer) == [(0, 0, 0), (0, 0, 0)]
    assert answer.totals == (TaxTotal(Treatment.TAXED, DE_19, 0, 0), TaxTotal(Treatment.TAXED, DE_7, 0, 0))


def test_a_discount_is_not_made_larger_by_the_tax():  # vendure#1237, oscar#3685: 20 % off 120.00 gross is 24.00, of which 4.00 is tax
    rules = table(goods=Ruling((TaxRate("T", 2000),)))
    full, cut = assessed(("goods", 12_000), rules=rules), assessed(("goods", 9_600), rules=rules)
    assert (full.gross - cut.gross, full.tax - cut.tax) == (2400, 400)


@pytest.mark.parametrize(("currency", "amount", "tax"), [("JPY", 1000, 100), ("KWD", 1000, 100), ("EUR", 1000, 100)])
def test_how_many_decimals_a_currency_has_does_not_matter(currency, amount, tax):  # solidus#1957
    assert assessed(("goods", amount), policy=NET, currency=currency, rules=table(goods=Ruling((TaxRate("T", 1000),)))).tax == tax


# --- levels and ties ----------------------------------------------------------------------------------------------------------------


def test_per_order_the_odd_unit_goes_to_the_largest_remainder_and_of_like_lines_to_the_earlier():
    rules = table(goods=Ruling((TaxRate("T", 1000),)))
    answer = assessed(("goods", 14), ("goods", 16), ("goods", 14), ("goods", 16), policy=NET, rules=rules)
    assert [line.tax for line in answer.lines] == [1, 2, 1, 2]
    assert [line.tax for line in assessed(*[("goods", 15)] * 3, policy=NET, rules=rules).lines] == [2, 2, 1]


def test_a_rate_is_rounded_once_though_lines_bear_other_rates_too():
    rules = table(both=Ruling((TaxRate("A", 1000), TaxRate("B", 500))), one=Ruling((TaxRate("A", 1000),)))
    answer = assessed(("both", 4), ("one", 4), ("one", 4), policy=NET, rules=rules)
    assert [(total.rate.code, total.base, total.tax) for total in answer.totals] == [("A", 12, 1), ("B", 4, 0)]


def test_a_line_of_a_few_units_never_holds_more_tax_than_it_costs():
    absurd = Ruling((TaxRate("A", "200 %"), TaxRate("B", "200 %")))
    up = TaxPolicy(prices=Prices.INCLUSIVE, rounding=Rounding.UP)
    assert taxed(1, absurd, policy=up) == Taxed(0, (RateTax(absurd.rates[0], 1), RateTax(absurd.rates[1], 0)))
    lines = assessed(("goods", 1), ("goods", 1), policy=up, rules=table(goods=absurd)).lines
    assert [(line.net, line.tax) for line in lines] == [(0, 1), (0, 1)]


# --- shipping -----------------------------------------------------------------------------------------------------------------------


def test_shipping_is_taxed_like_the_goods_it_was_shared_over():
    rules = table(goods=Ruling((DE_19,)), books=Ruling((DE_7,)))
    answer = assessed(("goods", 11_900, 250), ("books", 10_700, 240), rules=rules)
    assert [(line.goods.tax, line.shipping.tax, line.gross) for line in answer.lines] == [(1900, 40, 12_150), (700, 16, 10_940)]


def test_shipping_of_its_own_class_is_taxed_by_that_wherever_it_was_shared_to():
    rules = table(goods=Ruling((DE_19,)), exempt=EXEMPT, freight=Ruling((DE_7,)))
    policy = evolve(GROSS, shipping=ShippingTax.OWN_CLASS, shipping_class="freight")
    answer = assessed(("goods", 11_900, 107), ("exempt", 5000, 107), policy=policy, rules=rules)
    assert [(line.goods.tax, line.shipping.tax, line.treatment, line.shipping_treatment) for line in answer.lines] == [
        (1900, 7, Treatment.TAXED, Treatment.TAXED),
        (0, 7, Treatment.EXEMPT, Treatment.TAXED),
    ]


def test_shares_of_shipping_are_one_position_also_where_lines_are_rounded_by_themselves():
    rules = table(goods=Ruling((DE_19,)))
    answer = assessed(*[("goods", 1000, 50)] * 10, policy=by_line(NET), rules=rules)
    assert sum(line.shipping.tax for line in answer.lines) == 95  # ten shares rounded one by one would bear 100


def test_the_class_of_shipping_is_not_asked_where_nothing_is_charged_for_it():
    policy = evolve(GROSS, shipping=ShippingTax.OWN_CLASS, shipping_class="freight")
    assert assessed(("goods", 119), policy=policy, rules=table(goods=Ruling((DE_19,)))).tax == 19
    refused = assess(a_request(("goods", 119), ("goods", 119, 5), policy=policy), table(goods=Ruling((DE_19,))))
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.fact("tax_class"), refused.fact("line")) == ("tax_class_unknown", "freight", 2)


@pytest.mark.parametrize(("shipping", "name"), [(ShippingTax.OWN_CLASS, ""), (ShippingTax.LIKE_GOODS, "freight")])
def test_a_class_of_shipping_that_is_lacking_or_in_vain_is_misuse(shipping, name):
    with pytest.raises(InvalidValue, match=r"expected a shipping_class with ShippingTax\.OWN_CLASS and none without"):
        TaxPolicy(prices=Prices.INCLUSIVE, shipping=shipping, shipping_class=name)


# --- refusals and misuse ------------------------------------------------------------------------------------------------------------


def test_an_unknown_class_is_told_before_a_missing_rule_and_names_the_first_line_that_asked():
    rules = TaxTable("shop", (TaxRule("goods", Ruling((DE_19,)), TaxPlace("FR")),))
    refused = assess(a_request(("goods", 1), ("toys", 1), ("toys", 2)), rules)
    assert refused == Refusal(
        "tax_class_unknown",
        "line 2: the tax table shop does not know the class 'toys'",
        {"tax_class": "toys", "table": "shop", "line": 2},
    )
    missing = assess(a_request(("goods", 1)), rules)
    assert isinstance(missing, Refusal)
    assert (missing.code, missing.fact("line"), missing.fact("country")) == ("tax_rule_missing", 1, "DE")


def test_an_amount_that_no_store_keeps_is_refused():
    lines = [("goods", 2**63 - 1)]
    refused = assess(a_request(*lines, policy=NET), table(goods=Ruling((DE_19,))))
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.facts) == ("amount_too_large", (("currency", "EUR"),))
    assert assessed(*lines, policy=GROSS, rules=table(goods=Ruling((DE_19,)))).gross == 2**63 - 1


def test_one_code_for_two_rates_in_an_order_is_misuse():
    rules = table(goods=Ruling((TaxRate("VAT", 1900),)), books=Ruling((TaxRate("VAT", 700),)))
    with pytest.raises(InvalidValue, match="expected one rate of code VAT in an order, got 19 % and 7 %"):
        assess(a_request(("goods", 1), ("books", 1)), rules)


def test_rulings_for_another_number_of_lines_are_misuse():
    with pytest.raises(InvalidValue, match="a pair of rulings for each of the 1 lines, got 0"):
        reckon((TaxLine(1, "goods", 1),), (), policy=NET)


@pytest.mark.parametrize("amount", [-1, 1.5, True, "1", None, 2**63])
def test_an_amount_is_an_integer_of_minor_units(amount):
    with pytest.raises(InvalidValue, match=r"TaxLine\.amount must be"):
        TaxLine(1, "goods", amount)
    if amount != 2**63:
        with pytest.raises(InvalidValue, match="expected an amount of minor units from zero up"):
            taxed(amount, Ruling((DE_19,)), policy=NET)


def test_a_request_is_for_one_known_currency_at_a_moment_and_for_each_line_once():
    line = TaxLine(1, "goods", 1)
    with pytest.raises(InvalidValue, match="expected each line once"):
        TaxRequest("EUR", (line, line), place=TaxPlace(), policy=NET, at=NOON)
    with pytest.raises(InvalidValue, match=r"TaxRequest\.at must be a datetime with a time zone"):
        TaxRequest("EUR", (line,), place=TaxPlace(), policy=NET, at=datetime(2026, 1, 1))
    with pytest.raises(InvalidValue, match="EURO"):
        TaxRequest("EURO", (line,), place=TaxPlace(), policy=NET, at=NOON)


def test_an_order_without_lines_has_no_tax():
    assert assessed(rules=table(goods=EXEMPT)) == TaxAssessment("shop", 4, ())


# --- trace and port -----------------------------------------------------------------------------------------------------------------


def test_tax_on_top_is_an_entry_that_changes_the_lines():
    policy = TaxPolicy(prices=Prices.EXCLUSIVE, rounding=Rounding.HALF_EVEN, shipping=ShippingTax.OWN_CLASS, shipping_class="freight")
    answer = assessed(("goods", 10_000), ("goods", 20_000), policy=policy, rules=table(goods=Ruling((GST, QST))))
    facts = (("level", "order"), ("shipping", "own_class"), ("shipping_class", "freight"), ("tax", 4492))
    entry = traced(answer, policy, before=30_000)
    assert entry == TraceStep("tax", "added", 30_000, 4492, 34_492, (1497, 2995), "shop", 4, "half_even", "GST 5 %, QST 9.975 %", facts)
    assert policy_of(entry) == policy


def test_tax_that_prices_hold_is_told_and_changes_nothing():
    answer = assessed(("goods", 11_900), rules=table(goods=Ruling((DE_19,))))
    facts = (("level", "order"), ("shipping", "like_goods"), ("shipping_class", ""), ("tax", 1900))
    entry = traced(answer, GROSS, before=11_900)
    assert entry == TraceStep("tax", "included", 11_900, 0, 11_900, (), "shop", 4, "half_up", "DE-19 19 %", facts)
    assert policy_of(entry) == GROSS


def test_a_table_stands_behind_the_port_like_any_engine():
    engine, request = TableTax(table(goods=Ruling((DE_19,)))), a_request(("goods", 119))
    assert isinstance(engine, TaxEngine)
    assert (engine.name, engine.api_version) == ("table", API_VERSION)
    answer = engine.assess(request, deadline=timedelta(seconds=1))
    assert answer == assess(request, engine.table)
    assert misfits(request, answer) == ()


@pytest.mark.parametrize(
    ("lines", "policy", "said"),
    [
        ((TaxedLine(2, Taxed(119)),), GROSS, ("it was asked for the lines [1], and tells of [2]",)),
        ((), GROSS, ("it was asked for the lines [1], and tells of []",)),
        ((TaxedLine(1, Taxed(119, (RateTax(DE_19, 19),))),), GROSS, ("line 1: goods of 119 gross were asked, it tells of 138",)),
        ((TaxedLine(1, Taxed(100, (RateTax(DE_19, 19),)), Taxed(5)),), NET, (
            "line 1: goods of 119 net were asked, it tells of 100",
            "line 1: shipping of 0 net were asked, it tells of 5",
        )),
        ((TaxedLine(1, Taxed(119, (RateTax(DE_19, 23),))),), NET, ()),
    ],
)  # fmt: skip
def test_an_engine_is_believed_in_the_tax_and_not_in_the_amounts(lines, policy, said):
    assert misfits(a_request(("goods", 119), policy=policy), TaxAssessment("engine", 0, lines)) == said
