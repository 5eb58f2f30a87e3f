"""Measures, and barcodes with their check digits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.catalog.measures import Measures, barcode_problem, check_digit, gtin
from shopwright.catalog.variants import Variant
from shopwright.errors import InvalidValue


def test_the_volume_is_known_when_all_sides_are():
    assert Measures(length_mm=200, width_mm=100, height_mm=50).volume_mm3 == 1_000_000
    assert Measures(length_mm=200, width_mm=100).volume_mm3 == 0


def test_a_measure_below_zero_is_refused():
    with pytest.raises(InvalidValue, match=r"Measures\.height_mm must be between 0 and"):
        Measures(height_mm=-1)


# EAN-13, EAN-8 and UPC-A that are printed in public explanations of the check digit, and the GTIN-14 of a case.
@pytest.mark.parametrize("code", ["4006381333931", "73513537", "036000291452", "10614141000415"])
def test_known_barcodes_are_right(code):
    assert (barcode_problem(code), Variant("A", barcode=code).barcode, gtin(code)) == ("", code, code.zfill(14))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("4006381333932", "must be a GTIN that ends with its check digit 1, got 4006381333932; a digit is wrong"),
        ("40063813", "must be a GTIN that ends with its check digit 2"),
        ("400638133393", "must be a GTIN that ends with its check digit 0"),
        ("123", "must be a GTIN of 8, 12, 13 or 14 digits, got '123'"),
        ("４００６３８１３３３９３１", "must be a GTIN of 8"),
        ("400638133393X", "must be a GTIN of 8"),
    ],
)
def test_a_wrong_barcode_is_refused(code, words):
    with pytest.raises(InvalidValue, match=f"Variant.barcode {words}"):
        Variant("A", barcode=code)
    with pytest.raises(InvalidValue, match=f"a barcode {words}"):
        gtin(code)


def test_a_barcode_is_text():
    with pytest.raises(InvalidValue, match=r"Variant\.barcode must be text"):
        Variant("A", barcode=4006381333931)


@given(st.from_regex(r"[0-9]{12}", fullmatch=True), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_always_seen(digits, place, more):
    code = digits + check_digit(digits)
    wrong = code[:place] + str((int(code[place]) + more) % 10) + code[place + 1 :]

    assert barcode_problem(code) == ""
    assert barcode_problem(wrong) != ""
