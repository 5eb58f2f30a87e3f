"""Stock is counted under a key made from the sku."""

from __future__ import annotations

from shopwright.inventory import stock_key


def test_stock_is_counted_under_the_sku_as_it_is():
    assert [stock_key(sku) for sku in ("MUG-1", "mug-1", "马克杯/红")] == ["stock/MUG-1", "stock/mug-1", "stock/马克杯/红"]
