"""Stock is counted under a key made from the place and the sku."""

from __future__ import annotations

import pytest

from shopwright.errors import InvalidValue
from shopwright.inventory import place_key, stock_key
from shopwright.inventory.keys import MAX_PLACE, aside_hold, backorder_key, cart_hold, is_backorder, is_stock, place_and_sku, safety_hold

SKUS = ("MUG-1", "mug-1", "马克杯/红", "a@b/c", "stock@x/y")


def test_stock_is_counted_under_the_sku_as_it_is():
    assert [stock_key(sku) for sku in ("MUG-1", "mug-1", "马克杯/红")] == ["stock/MUG-1", "stock/mug-1", "stock/马克杯/红"]


def test_stock_at_a_place_is_counted_apart_and_that_of_a_shop_with_one_place_as_before():
    assert [place_key("hamburg", "MUG-1"), place_key("", "MUG-1")] == ["stock@hamburg/MUG-1", stock_key("MUG-1")]
    assert [backorder_key("hamburg", "MUG-1"), backorder_key("", "MUG-1")] == ["backorder@hamburg/MUG-1", "backorder/MUG-1"]


@pytest.mark.parametrize("sku", SKUS)
@pytest.mark.parametrize("place", ["", "hamburg", "shop 7", "仓库"])
def test_a_key_tells_its_place_and_sku_whatever_letters_the_sku_has(place, sku):
    assert place_and_sku(place_key(place, sku)) == place_and_sku(backorder_key(place, sku)) == (place, sku)


@pytest.mark.parametrize("key", ["coupon/TEN", "stock", "stock/", "stock@/mug", "stocks/mug", "promotion/x/mug"])
def test_a_key_that_counts_no_stock_is_refused_with_an_example(key):
    with pytest.raises(InvalidValue, match="expected a key such as stock/<sku> or stock@<place>/<sku>"):
        place_and_sku(key)


def test_stock_that_is_there_and_stock_that_is_not_are_told_apart():
    keys = (place_key("", "mug"), place_key("hamburg", "mug"), backorder_key("", "mug"), backorder_key("hamburg", "mug"), "coupon/TEN")
    assert [(is_stock(key), is_backorder(key)) for key in keys] == [(True, False), (True, False), (False, True), (False, True), (False, False)]


def test_the_longest_place_and_sku_make_keys_and_holds_that_a_store_keeps():
    place, sku = "p" * MAX_PLACE, "s" * 100
    assert max(len(it) for it in (place_key(place, sku), backorder_key(place, sku), safety_hold(place, sku), aside_hold(place, sku, "a" * 30))) <= 200


def test_holds_are_named_for_what_they_hold():
    assert [safety_hold("hamburg", "mug"), aside_hold("hamburg", "mug", "recall-7"), cart_hold("c1")] == [
        "safety/hamburg/mug",
        "aside/hamburg/recall-7/mug",
        "cart/c1",
    ]
