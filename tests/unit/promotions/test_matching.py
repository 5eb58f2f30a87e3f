"""Which lines are meant."""

from __future__ import annotations

import pytest

from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.promotions.amounts import Amount, amount_for, as_amounts
from shopwright.promotions.matching import ANYTHING, Either, Every, Except, Named, NotReduced, Priced, Quantity, meant
from tests.unit.promotions.baskets import a_basket, a_line, eur

SHELF = a_basket(
    a_line("TEA", 3, 900, product="tea", seller="leaf", brand="kettle", categories={"drinks", "food"}, tags={"new", "green"}),
    a_line("CUP", 1, 1_200, product="cup", seller="kiln", brand="kettle", categories="home", reduced=True),
    a_line("POT", 2, 4_000, product="pot", seller="kiln", categories={"home"}, tags={"new"}),
)


def found(match, basket=SHELF) -> list[str]:
    return [basket.lines[place].sku for place in meant(match, basket)]


def test_anything_is_every_line():
    assert found(ANYTHING) == ["TEA", "CUP", "POT"]


@pytest.mark.parametrize(
    ("attribute", "values", "skus"),
    [
        ("sku", {"TEA", "MAT"}, ["TEA"]),
        ("product", "cup", ["CUP"]),
        ("seller", "kiln", ["CUP", "POT"]),
        ("brand", "kettle", ["TEA", "CUP"]),
        ("category", {"home", "food"}, ["TEA", "CUP", "POT"]),
        ("tag", "new", ["TEA", "POT"]),
        ("tag", "New", []),
    ],
)
def test_a_line_is_named_by_what_it_is_or_has(attribute, values, skus):
    assert found(Named(attribute, values)) == skus


def test_a_category_means_what_stands_below_it_since_lines_carry_all_above_them():
    assert found(Named("category", "food")) == ["TEA"]


def test_a_price_range_has_both_ends_in_it():
    assert found(Priced(least=eur(900), most=eur(1_200))) == ["TEA", "CUP"]
    assert found(Priced(least=eur(901))) == ["CUP", "POT"]
    assert found(Priced(most=eur(899))) == []


def test_a_price_range_means_no_line_in_a_currency_that_it_does_not_name():
    assert found(Priced(least=Money(1, "USD"))) == []
    assert found(Priced(least=Money(1, "USD"), most=eur(1_000))) == ["TEA"]


def test_what_is_reduced_already_can_be_left_out():
    assert found(NotReduced()) == ["TEA", "POT"]


def test_a_line_is_meant_by_how_many_units_it_has():
    assert found(Quantity(2)) == ["TEA", "POT"]
    assert found(Quantity(2, most=2)) == ["POT"]


def test_predicates_are_put_together_and_turned_around():
    new, home = Named("tag", "new"), Named("category", "home")
    every = (Every((new, home)), Either((new, home)), Except(new), Except(Every((new, home))))
    assert [found(each) for each in every] == [
        ["POT"],
        ["TEA", "CUP", "POT"],
        ["CUP"],
        ["TEA", "CUP"],
    ]


def test_promotions_are_looked_up_by_the_rarest_of_what_must_be_there():
    skus, tag = Named("sku", {"A", "B"}), Named("tag", "new")
    assert Every((NotReduced(), skus, tag)).keys == frozenset({("tag", "new")})
    assert Either((skus, tag)).keys == frozenset({("sku", "A"), ("sku", "B"), ("tag", "new")})
    anywhere = [Either((skus, NotReduced())), Except(skus), Every((Quantity(2),)), Priced(most=eur(1)), ANYTHING]
    assert [each.keys for each in anywhere] == [None] * 5


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Named("color", "red"), "expected one of the attributes brand, category, product, seller, sku, tag, got 'color'"),
        (lambda: Named("sku", ()), "Named.values must have at least one name"),
        (lambda: Named("sku", None), "expected a name or several"),
        (lambda: Named("sku", {""}), "Named.values must have 1 to 200 characters"),
        (lambda: Priced(least=eur(-5)), "Priced.least must be 0 or more minor units"),
        (lambda: Priced(least="5 EUR"), "Priced.least must be Amount, got str"),
        (lambda: Quantity(0), "Quantity.least must be between 1"),
        (lambda: Quantity(1, most="2"), "Quantity.most must be an integer, got str"),
        (lambda: Every(()), "Every.of must have at least 1 members"),
        (lambda: Either([ANYTHING]), "Either.of must be tuple, got list"),
        (lambda: Except("TEA"), "Except.of must say which lines are meant, as Named('sku', ...) does, got str"),
    ],
)
def test_what_is_no_predicate_is_told_with_what_was_expected(make, said):
    with pytest.raises(InvalidValue) as error:
        make()
    assert said in str(error.value)


def test_an_amount_for_the_channel_goes_before_the_one_for_all_and_no_other_currency_stands_in():
    named = as_amounts((eur(500), Amount(eur(400), "app"), Money(600, "JPY")))
    asked = [("EUR", "app"), ("EUR", "web"), ("EUR", ""), ("JPY", "app"), ("USD", "")]
    assert [amount_for(named, currency=currency, channel=channel) for currency, channel in asked] == [400, 500, 500, 600, None]


def test_the_order_in_which_amounts_are_named_does_not_matter():
    named = as_amounts((Amount(eur(400), "app"), eur(500)))
    assert [amount_for(named, currency="EUR", channel=channel) for channel in ("app", "web")] == [400, 500]
