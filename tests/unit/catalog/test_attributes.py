"""Typed attributes, asked for by category."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.catalog.attributes import Attribute, AttributeProblem, AttributeSchema, AttributeType, AttributeUse
from shopwright.catalog.categories import CategoryTree
from shopwright.catalog.groups import ProductGroup
from shopwright.errors import InvalidValue

MATERIAL = Attribute("material", AttributeType.CHOICE, choices=("cotton", "linen"))
LENGTH = Attribute("length", AttributeType.NUMBER, unit="cm")
LINED = Attribute("lined", AttributeType.FLAG)
CARE = Attribute("care")
TREE = CategoryTree({"shirts": "clothing", "coats": "clothing"})
SCHEMA = AttributeSchema(
    (CARE, MATERIAL, LENGTH, LINED),
    (AttributeUse("care"), AttributeUse("material", "clothing", required=True), AttributeUse("length", "shirts"), AttributeUse("lined", "coats")),
    TREE,
)


def test_a_category_asks_for_what_those_above_it_ask_for():
    assert SCHEMA.asked(["shirts"]) == {"care": False, "material": True, "length": False}
    assert SCHEMA.asked(["coats", "shirts"]) == {"care": False, "material": True, "length": False, "lined": False}
    assert SCHEMA.asked([]) == {"care": False}


def test_what_is_required_above_is_required_below_whatever_is_said_there():
    uses = (AttributeUse("care", "shirts"), AttributeUse("care", "clothing", required=True))

    assert AttributeSchema((CARE,), uses, TREE).asked(["shirts"]) == {"care": True}


def test_all_that_is_wrong_is_told_at_once():
    assert SCHEMA.problems(["shirts"], {"lined": "true", "length": "long", "care": "30°"}) == (
        AttributeProblem("material", "expected a value, got nothing; the category requires it"),
        AttributeProblem("lined", "expected an attribute of its categories, got lined; allowed: care, material, length"),
        AttributeProblem("length", "expected a number in cm such as 12.5, got 'long'"),
    )


def test_a_group_is_asked_for_the_attributes_of_its_categories():
    group = ProductGroup(id="shirt", seller_id="own", categories=("shirts",), attributes={"material": "silk"})

    assert group.problems(SCHEMA) == (AttributeProblem("material", "expected one of cotton, linen, got 'silk'"),)


@pytest.mark.parametrize(
    ("attribute", "value", "kept", "meant"),
    [
        (LENGTH, "12.50", "12.5", Decimal("12.5")),
        (LENGTH, "12 cm", "12", Decimal(12)),
        (LENGTH, "12cm", "12", Decimal(12)),
        (LENGTH, "-0.0", "0", Decimal(0)),
        (LENGTH, "007", "7", Decimal(7)),
        (LENGTH, "-0.25", "-0.25", Decimal("-0.25")),
        (LINED, "true", "true", True),
        (LINED, "false", "false", False),
        (MATERIAL, "linen", "linen", "linen"),
        (CARE, " wash cold ", " wash cold ", " wash cold "),
    ],
)
def test_a_value_has_one_form_and_a_meaning(attribute, value, kept, meant):
    assert (attribute.kept(value), attribute.meant(value)) == (kept, meant)


@pytest.mark.parametrize(
    ("attribute", "value", "words"),
    [
        (LENGTH, "5 in", "expected a number in cm such as 12.5, got '5 in'"),
        (LENGTH, "1e3", "expected a number"),
        (LENGTH, "1,5", "expected a number"),
        (LENGTH, "٣", "expected a number"),
        (LENGTH, "1.1234567", "expected a number"),
        (LENGTH, "1" * 16, "expected a number"),
        (LENGTH, "cm", "expected a number"),
        (LINED, "yes", "expected true or false, got 'yes'"),
        (MATERIAL, "Linen", "expected one of cotton, linen, got 'Linen'"),
        (CARE, "", "a value of care must have 1 to 4000 characters, got 0"),
        (CARE, "\x00", "a value of care must not hold U\\+0000"),
    ],
)
def test_what_is_no_value_is_refused(attribute, value, words):
    with pytest.raises(InvalidValue, match=words):
        attribute.kept(value)


@given(st.decimals(min_value=-(10**14), max_value=10**14, places=4))
def test_a_number_keeps_its_value_and_its_form_stays(number):
    kept = LENGTH.kept(f"{number:f}")

    assert (LENGTH.meant(kept), LENGTH.kept(kept)) == (number, kept)


def test_values_are_kept_in_their_form_and_those_nobody_defines_as_they_are():
    assert SCHEMA.kept({"length": "1.0 cm", "other": "1.0"}) == (("length", "1"), ("other", "1.0"))


def test_an_attribute_is_found_by_its_code():
    assert (SCHEMA.attribute("length"), SCHEMA.attribute("other")) == (LENGTH, None)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: Attribute("a", unit="cm"), "attribute a is text and has the unit cm; only numbers have one"),
        (lambda: Attribute("a", AttributeType.CHOICE), "attribute a is choice and has the choices"),
        (lambda: Attribute("a", AttributeType.CHOICE, choices=("x", "x")), "a choice has some, each once"),
        (lambda: Attribute("a", choices=("x",)), "attribute a is text and has the choices"),
        (lambda: AttributeSchema((CARE, CARE)), "expected each attribute once, got care, care"),
        (lambda: AttributeSchema((CARE,), (AttributeUse("fit"),)), "expected uses of attributes that are defined, got fit; allowed: care"),
        (lambda: AttributeUse("", "x"), "AttributeUse.code must have 1 to 60 characters"),
    ],
)
def test_what_is_no_schema_is_refused(wrong, words):
    with pytest.raises(InvalidValue, match=words):
        wrong()
