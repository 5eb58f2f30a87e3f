"""The plug-in as a shop meets it: by its entry point, in a promotion file."""

from __future__ import annotations

from datetime import UTC, datetime

from shopwright.plugins import Plugins
from shopwright.promotions.basket import Basket, BasketLine
from shopwright.promotions.engine import Engine
from shopwright.promotions.telling import tell
from shopwright.wire.promotion_files import read_promotions

from shopwright_examplerules import FromBrands, RoundDown

FILE = """{"promotions": [{
  "id": "even",
  "when": {"from_brands": {"brands": ["acme", "ubu"]}},
  "effects": [{"round_down": {"to": "1.00 EUR"}}]
}]}"""


def a_basket(*brands: str) -> Basket:
    lines = tuple(BasketLine(f"sku-{brand}", 1, 1_045, brand=brand) for brand in brands)
    return Basket("EUR", lines, datetime(2026, 3, 1, 12, tzinfo=UTC))


def engine() -> Engine:
    plugins = Plugins().load()
    words = plugins.words()
    assert plugins.broken == ()
    return Engine(read_promotions(FILE, form="json", words=words).set.promotions)


def test_a_promotion_file_can_say_both_words() -> None:
    (promotion,) = engine().promotions
    assert isinstance(promotion.when, FromBrands)
    assert isinstance(promotion.effects[0], RoundDown)


def test_two_brands_are_rounded_down_to_whole_euros() -> None:
    assert engine().evaluate(a_basket("acme", "ubu")).parts == (45, 45)


def test_one_brand_is_told_how_many_more_it_takes() -> None:
    (skipped,) = engine().evaluate(a_basket("acme")).skipped
    assert tell(skipped, "EUR") == "from brands must be 2 brands, got 1 brands; 1 brands more"
