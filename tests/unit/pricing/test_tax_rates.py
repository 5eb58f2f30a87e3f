"""Rates are exact, rulings say what they mean, and a table has one answer for each class, place, buyer and moment."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from shopwright.errors import InvalidValue
from shopwright.periods import Window, start_of_day
from shopwright.pricing.tax_rates import Ruling, TaxPlace, TaxRate, TaxRule, TaxTable, Treatment, exact_ratio
from shopwright.refusals import Refusal

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BERLIN = "Europe/Berlin"
FULL, CUT = Ruling((TaxRate("DE-S", 1900),)), Ruling((TaxRate("DE-S", 1600),))
GERMANY = TaxPlace("DE")


def a_rule(tax_class="goods", ruling=FULL, place=GERMANY, start=None, end=None) -> TaxRule:
    bounds = [None if day is None else start_of_day(date.fromisoformat(day), BERLIN) for day in (start, end)]
    return TaxRule(tax_class, ruling, place, valid=Window(*bounds))


def a_table(*rules) -> TaxTable:
    return TaxTable("shop", rules)


@pytest.mark.parametrize(
    ("said", "ratio", "percent"),
    [
        (1900, (19, 100), "19 %"),
        ("19 %", (19, 100), "19 %"),
        ("19%", (19, 100), "19 %"),
        ("0.19", (19, 100), "19 %"),
        (Fraction(19, 100), (19, 100), "19 %"),
        ((38, 200), (19, 100), "19 %"),
        ("0.08875", (71, 800), "8.875 %"),
        ("9.975 %", (399, 4000), "9.975 %"),
        ("1/3", (1, 3), "1/3"),
        ("0.05%", (1, 2000), "0.05 %"),
        (0, (0, 1), "0 %"),
        ("10", (10, 1), "1000 %"),
    ],
)
def test_a_rate_is_kept_exactly_however_it_is_written(said, ratio, percent):
    rate = TaxRate("T", said)
    assert (exact_ratio(said), rate.rate, rate.percent) == (ratio, ratio, percent)


@pytest.mark.parametrize("said", [0.19, True, None, Decimal("0.19"), "", "19,5 %", "-1 %", "1e-2", "٣", " 19 %", "1/2/3", (19,), (0.19, 1), b"19"])
def test_what_is_no_exact_rate_is_misuse(said):
    with pytest.raises(InvalidValue, match=r"expected a tax rate such as 1900 \(basis points\)"):
        TaxRate("T", said)


def test_a_float_is_told_to_be_written_as_text():
    with pytest.raises(InvalidValue, match="a float is never exact, so write it as text"):
        TaxRate("T", 0.19)


@pytest.mark.parametrize("said", [-1, 100_001, "10.1", (1, 0), (1, -2), Fraction(-1, 2), "1/0"])
def test_a_rate_is_from_nothing_to_ten_times_the_base(said):
    with pytest.raises(InvalidValue, match="expected a tax rate from 0 to 1000 %"):
        TaxRate("T", said)


def test_a_rate_finer_than_a_trillionth_is_misuse():
    with pytest.raises(InvalidValue, match="a denominator of at most 1000000000000"):
        TaxRate("T", "0.00000000001 %")


def test_a_rate_made_from_a_rate_is_the_same_rate():
    rate = TaxRate("QST", "9.975 %", name="Quebec sales tax", stage=1)
    assert TaxRate(rate.code, rate.rate, name=rate.name, stage=rate.stage) == rate


@pytest.mark.parametrize("stage", [-1, 10, "1", True])
def test_a_stage_is_a_digit(stage):
    with pytest.raises(InvalidValue, match=r"TaxRate\.stage must be"):
        TaxRate("T", 100, stage=stage)


def test_a_rate_of_zero_is_a_tax_and_an_exemption_is_none():
    zero, exempt = Ruling((TaxRate("Z", 0),)), Ruling(treatment=Treatment.EXEMPT, reason="§ 4 Nr. 21 UStG")
    assert (zero.treatment, exempt.rates) == (Treatment.TAXED, ())
    assert zero != exempt


@pytest.mark.parametrize(
    ("rates", "treatment"), [((), Treatment.TAXED), *[((TaxRate("Z", 0),), it) for it in Treatment if it is not Treatment.TAXED]]
)
def test_only_what_is_taxed_has_rates_and_it_has_one_at_least(rates, treatment):
    with pytest.raises(InvalidValue, match=f"expected the rates of a sale that is {treatment.value}, got {len(rates)}"):
        Ruling(rates, treatment=treatment)


def test_a_ruling_lists_each_rate_once():
    with pytest.raises(InvalidValue, match="each rate of a ruling once, got GST, GST"):
        Ruling((TaxRate("GST", 500), TaxRate("GST", 600)))


def test_the_german_rate_of_a_day_is_the_one_of_that_day():  # § 28 UStG: 16 % from 1 July to 31 December 2020
    table = a_table(
        a_rule(end="2020-07-01"),
        a_rule(ruling=CUT, start="2020-07-01", end="2021-01-01"),
        a_rule(start="2021-01-01"),
    )
    moments = ["2020-06-30T21:59:59", "2020-06-30T22:00:00", "2020-12-31T22:59:59", "2020-12-31T23:00:00"]
    found = [table.ruling("goods", GERMANY, at=datetime.fromisoformat(moment).replace(tzinfo=UTC)) for moment in moments]
    assert found == [FULL, CUT, CUT, FULL]


def test_the_nearest_rule_is_taken_and_the_kind_of_buyer_goes_before_the_place():
    rulings = [Ruling((TaxRate(f"R{number}", number),)) for number in range(6)]
    places = [
        TaxPlace("US", "US-NY", "reseller"),
        TaxPlace("US", "", "reseller"),
        TaxPlace("", "", "reseller"),
        TaxPlace("US", "US-NY"),
        TaxPlace("US"),
        TaxPlace(),
    ]
    rules = [a_rule(ruling=ruling, place=place) for ruling, place in zip(rulings, places, strict=True)]
    asked = TaxPlace("us", "us-ny", "reseller")
    assert [a_table(*rules[first:]).ruling("goods", asked, at=NOON) for first in range(6)] == rulings


def test_a_rule_for_a_kind_of_buyer_says_nothing_of_others():
    charged = Ruling(treatment=Treatment.REVERSE_CHARGE, reason="VAT reverse charge")
    table = a_table(a_rule(), a_rule(ruling=charged, place=TaxPlace("DE", buyer="business")))
    assert [table.ruling("goods", TaxPlace("DE", buyer=buyer), at=NOON) for buyer in ("", "business", "charity")] == [FULL, charged, FULL]


def test_where_the_rule_of_a_region_has_ended_that_of_its_country_holds():
    ended = a_rule(ruling=CUT, place=TaxPlace("DE", "DE-BE"), end="2026-01-01")
    assert a_table(a_rule(), ended).ruling("goods", TaxPlace("DE", "DE-BE"), at=NOON) == FULL


def test_a_class_that_no_rule_has_is_refused():
    assert a_table(a_rule()).ruling("books", GERMANY, at=NOON) == Refusal(
        "tax_class_unknown", "the tax table shop does not know the class 'books'", {"tax_class": "books", "table": "shop"}
    )


@pytest.mark.parametrize("place", [TaxPlace(), TaxPlace("FR"), TaxPlace("FR", "FR-COR", "business")])
def test_a_class_without_a_rule_for_the_place_is_refused(place):
    answer = a_table(a_rule()).ruling("goods", place, at=NOON)
    assert isinstance(answer, Refusal)
    assert (answer.code, dict(answer.facts)) == (
        "tax_rule_missing",
        {
            "tax_class": "goods",
            "country": place.country,
            "region": place.region,
            "buyer": place.buyer,
            "at": "2026-03-01T12:00:00+00:00",
            "table": "shop",
        },
    )


def test_a_rule_that_has_not_begun_or_has_ended_is_no_rule():
    for rule in (a_rule(start="2026-03-02"), a_rule(end="2026-03-01"), a_rule(start="2026-03-01", end="2026-03-01")):
        answer = a_table(rule).ruling("goods", GERMANY, at=NOON)
        assert isinstance(answer, Refusal)
        assert answer.code == "tax_rule_missing"


@pytest.mark.parametrize(
    ("one", "other"),
    [((None, None), (None, None)), (("2026-01-01", None), (None, "2026-01-02")), (("2025-01-01", "2027-01-01"), ("2026-01-01", "2026-02-01"))],
)
def test_two_rules_for_the_same_thing_at_one_time_are_misuse(one, other):
    with pytest.raises(InvalidValue, match=r"expected one rule at a time for goods in DE, got .*; end one where the next starts"):
        a_table(a_rule(start=one[0], end=one[1]), a_rule(ruling=CUT, start=other[0], end=other[1]))


def test_a_region_of_no_country_is_misuse():
    with pytest.raises(InvalidValue, match="expected a region to come with its country, got US-NY alone"):
        a_rule(place=TaxPlace("", "US-NY"))


def test_a_time_without_a_zone_is_misuse():
    with pytest.raises(InvalidValue, match="at must be a datetime with a time zone"):
        a_table(a_rule()).ruling("goods", GERMANY, at=datetime(2026, 3, 1))


@pytest.mark.parametrize("bad", [{"country": 7}, {"country": "DEU"}, {"region": "x" * 21}, {"buyer": None}])
def test_a_place_is_text_of_its_length(bad):
    with pytest.raises(InvalidValue, match=r"TaxPlace\.(country|region|buyer) must"):
        TaxPlace(**bad)
