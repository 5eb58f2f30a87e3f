"""Price rules in a price and on a product page: what is charged, what the trace tells, what is frozen, and what a page shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from shopwright.catalog import Product
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.pricing import (
    Adjustment,
    Cart,
    CartLine,
    Granted,
    Offers,
    PriceFacts,
    Prices,
    ShelfPrice,
    TraceStep,
    disagreements,
    explain,
    frozen_facts,
    price,
    replay,
    shelf_price,
    why_not,
)
from shopwright.promotions.basket import Buyer
from shopwright.promotions.conditions import CartTotal
from shopwright.promotions.effects import Percent
from shopwright.promotions.engine import Engine
from shopwright.promotions.matching import Named, NotReduced
from shopwright.promotions.price_rules import Audience, Beyond, CatalogPrice, MemberPrice, PercentOff, SetPrice
from shopwright.promotions.promotion import Promotion
from shopwright.promotions.shelf import PriceSkip
from shopwright.promotions.taking import Basis
from shopwright.promotions.windows import DateWindow, Recurring
from shopwright.refusals import Refusal

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEA = Product("TEA", "Tea", "own", (Money.of("10.00", "EUR"),))
CUP = Product("CUP", "Cup", "own", (Money.of("20.00", "EUR"),))
GOLD = MemberPrice(id="gold", to=SetPrice(Money.of("9.00", "EUR")), who=Audience(tiers="gold"), lines=Named("sku", "TEA"), version=2)
SPRING = CatalogPrice(id="spring", to=PercentOff(1_000), title="Spring sale", window=DateWindow(ends=NOON + timedelta(days=3)))
FLASH = CatalogPrice(id="flash", to=SetPrice(Money.of("5.00", "EUR")), lines=Named("sku", "TEA"), units=100, units_per_member=3)
ANN = Buyer("ann", tier="gold")


def facts(*rules, buyer=ANN, left=(), promotions=()):
    offers = Offers(Engine(promotions), buyer) if promotions else None
    return PriceFacts((TEA, CUP), offers=offers, prices=Prices(rules, buyer, left))


def cart(*lines, **more):
    return Cart("EUR", lines or (CartLine("TEA", 2), CartLine("CUP")), **more)


def test_member_and_catalog_prices_are_steps_of_the_trace_with_their_rules_and_versions():
    quote = price(cart(), facts(GOLD, SPRING), at=NOON)
    assert quote.trace[:3] == (
        TraceStep("list_prices", "listed", 0, 4_000, 4_000, (2_000, 2_000)),
        TraceStep("member_price", "fixed", 4_000, -200, 3_800, (-200, 0), "gold", 2, "", "", (("engine", 1), ("units", 2))),
        TraceStep(
            "catalog_price", "percent", 3_800, -380, 3_420, (-180, -200), "spring", 1, "half_up", "Spring sale",
            (("basis", "left"), ("engine", 1), ("percent", 1_000), ("units", 3)),
        ),
    )  # fmt: skip
    assert (quote.subtotal, quote.discount, quote.total) == (4_000, 580, 3_420)
    assert quote.lines[0].adjustments == (
        Adjustment("member_price", "gold", 2, -200, ""),
        Adjustment("catalog_price", "spring", 1, -180, "Spring sale"),
    )
    assert [(line.unit_price, line.shelf) for line in quote.lines] == [(1_000, 1_620), (2_000, 1_800)]


def test_the_trace_tells_of_price_rules_in_words():
    quote = price(cart(CartLine("TEA", 5)), facts(GOLD, FLASH, SPRING), at=NOON)
    assert explain(quote.trace, currency="EUR")[:5] == (
        "list prices: 50.00 EUR (line 1 50.00 EUR)",
        "member price gold (version 2), 5 units: -5.00 EUR (line 1 -5.00 EUR)",
        "catalog price flash (version 1), 3 units: -12.00 EUR (line 1 -12.00 EUR)",
        "catalog price spring (version 1), 10 % off each of 2 units, rounded half_up: -1.80 EUR (line 1 -1.80 EUR)",
        "catalog price flash (version 1): for 3 of 5 units, the others have their ordinary price",
    )


def test_the_trace_tells_what_was_not_known_and_what_was_used_up():
    stranger = price(cart(), facts(GOLD, FLASH, buyer=Buyer()), at=NOON)
    assert [(entry.step, entry.code, entry.rule, entry.amount, entry.facts) for entry in stranger.trace[1:3]] == [
        ("member_price", "unknown", "gold", 0, (("needs", "tier"),)),
        ("catalog_price", "unknown", "flash", 0, (("needs", "member"),)),
    ]
    assert explain(stranger.trace, currency="EUR")[1:3] == (
        "member price gold (version 2): not looked at, for the tier of the buyer is not known",
        "catalog price flash (version 1): not looked at, for it is not known who buys",
    )
    late = price(cart(), facts(evolve(FLASH, beyond=Beyond.NOTHING), left={"flash": 1}), at=NOON)
    assert late.trace[1] == TraceStep("catalog_price", "exhausted", 4_000, 0, 4_000, (), "flash", 1, "", "", (("left", 1), ("wanted", 2)))
    assert explain(late.trace, currency="EUR")[1] == "catalog price flash (version 1): not taken, 2 wanted and 1 left"


def test_a_promotion_reckons_from_what_the_shelf_left_or_from_the_list_price():
    left = Promotion(id="left", effects=(Percent(1_000),))
    listed = Promotion(id="list", effects=(Percent(1_000, basis=Basis.LIST),))
    half = CatalogPrice(id="half", to=PercentOff(5_000))
    assert [price(cart(), facts(half, promotions=(it,)), at=NOON).total for it in (left, listed)] == [1_800, 1_600]


def test_conditions_see_the_prices_of_the_shelf():
    over = Promotion(id="over", effects=(Percent(1_000),), when=CartTotal(Money.of("30.00", "EUR")))
    half = CatalogPrice(id="half", to=PercentOff(5_000), lines=Named("sku", "TEA"))
    asked = facts(half, promotions=(over,)), facts(half, promotions=(evolve(over, when=CartTotal(Money.of("30.01", "EUR"))),))
    assert [price(cart(), known, at=NOON).total for known in asked] == [2_700, 3_000]
    (skipped,) = why_not(cart(), asked[1], at=NOON)
    assert skipped.unmet.missing == 1


def test_what_the_shelf_has_reduced_can_be_left_out_of_a_promotion():
    full = Promotion(id="full", effects=(Percent(1_000, NotReduced()),))
    half = CatalogPrice(id="half", to=PercentOff(5_000), lines=Named("sku", "TEA"))
    quote = price(cart(), facts(half, promotions=(full,)), at=NOON)
    assert [line.discount for line in quote.lines] == [1_000, 200]


def test_a_price_is_made_again_from_what_was_granted_though_the_rules_are_gone():
    ten = Promotion(id="ten", effects=(Percent(1_000),))
    quote = price(cart(CartLine("TEA", 5), CartLine("CUP")), facts(GOLD, FLASH, SPRING, promotions=(ten,)), at=NOON)
    again = replay(quote, at=NOON)
    _, known = frozen_facts(quote)
    assert isinstance(known.prices, Granted)
    assert (again, disagreements(quote, again)) == (quote, ())


def test_what_was_granted_must_be_for_the_lines_of_the_cart():
    entry = TraceStep("catalog_price", "fixed", 0, -5, -5, (-5,), "flash", 1, "", "", (("units", 1),))
    with pytest.raises(InvalidValue, match="price rule flash granted for 2 lines, got it for 1"):
        price(cart(), PriceFacts((TEA, CUP), prices=Granted((entry,))), at=NOON)


def shown(amount: str, quantity: int = 1, sku: str = "TEA"):
    return CartLine(sku, quantity, Money.of(amount, "EUR"))


def test_a_shown_price_is_held_against_the_price_of_the_shelf():
    known = facts(FLASH)
    assert price(cart(shown("5.00", 3)), known, at=NOON).total == 1_500
    refused = price(cart(shown("10.00")), known, at=NOON)
    assert (refused.code, dict(refused.facts)) == ("price_changed", {"line": 1, "sku": "TEA", "currency": "EUR", "shown": 1_000, "now": 500})


def test_a_shown_price_must_be_that_of_every_unit():
    refused = price(cart(shown("5.00", 5)), facts(FLASH), at=NOON)
    assert (refused.code, refused.fact("shown"), refused.fact("now")) == ("price_changed", 500, 1_000)
    assert price(cart(CartLine("TEA", 5)), facts(FLASH), at=NOON).total == 3_500


def test_other_checks_of_a_cart_come_before_the_price_of_the_shelf():
    known = facts(FLASH)
    assert price(cart(shown("10.00"), CartLine("GONE")), known, at=NOON).code == "sku_unknown"
    assert price(cart(CartLine("TEA", 1, Money.of("5.00", "USD"))), known, at=NOON).code == "currency_mixed"


def test_a_page_shows_the_price_of_the_cart_why_and_until_when():
    assert shelf_price(TEA, facts(GOLD, SPRING), currency="EUR", at=NOON) == ShelfPrice(
        "TEA",
        Money.of("10.00", "EUR"),
        Money.of("8.10", "EUR"),
        until=NOON + timedelta(days=3),
        why=(
            TraceStep("member_price", "fixed", 0, -100, -100, (-100,), "gold", 2, "", "", (("engine", 1), ("units", 1))),
            TraceStep(
                "catalog_price", "percent", 0, -90, -90, (-90,), "spring", 1, "half_up", "Spring sale",
                (("basis", "left"), ("engine", 1), ("percent", 1_000), ("units", 1)),
            ),
        ),
    )  # fmt: skip


def test_a_page_shows_how_many_units_there_are_at_a_flash_price():
    assert [shelf_price(TEA, facts(FLASH, left=left), currency="EUR", at=NOON).units for left in ({}, {"flash": 2})] == [3, 2]
    gone = shelf_price(TEA, facts(FLASH, left={"flash": 0}), currency="EUR", at=NOON)
    assert (gone.price.minor, gone.units, [it.reason for it in gone.skipped]) == (1_000, None, [PriceSkip.EXHAUSTED])


def test_a_page_without_rules_shows_the_list_price():
    plain = shelf_price(TEA, PriceFacts(()), currency="EUR", at=NOON)
    assert (plain, plain.is_reduced) == (ShelfPrice("TEA", Money.of("10.00", "EUR"), Money.of("10.00", "EUR")), False)
    assert shelf_price(TEA, facts(SPRING), currency="EUR", at=NOON).is_reduced


def test_a_window_that_is_still_to_open_ends_the_price_of_today():
    tomorrow = evolve(SPRING, window=DateWindow(NOON + timedelta(days=1), NOON + timedelta(days=2)))
    assert shelf_price(TEA, facts(tomorrow), currency="EUR", at=NOON).until == NOON + timedelta(days=1)


def test_a_window_that_changes_nothing_ends_no_price():
    never_lower = evolve(FLASH, to=SetPrice(Money.of("99.00", "EUR")), window=DateWindow(ends=NOON + timedelta(days=1)))
    assert shelf_price(TEA, facts(never_lower), currency="EUR", at=NOON).until is None


def test_a_window_that_opens_every_day_and_changes_nothing_is_looked_at_a_hundred_times():
    daily = Recurring("FREQ=DAILY", first="2026-01-01T20:00:00", duration=timedelta(hours=2), zone="UTC")
    never_lower = evolve(FLASH, to=SetPrice(Money.of("99.00", "EUR")), window=daily)
    until = shelf_price(TEA, facts(never_lower), currency="EUR", at=NOON).until
    assert until is not None
    assert until > NOON + timedelta(days=40)


@pytest.mark.parametrize(
    ("product", "more", "code"),
    [
        (TEA, {"currency": "USD"}, "price_missing"),
        (evolve(TEA, active=False), {}, "product_inactive"),
        (TEA, {"quantity": 0}, "quantity_invalid"),
    ],
)
def test_what_a_cart_would_be_refused_for_has_no_price_on_a_page(product, more, code):
    refused = shelf_price(product, facts(SPRING), **{"currency": "EUR", "at": NOON, **more})
    assert isinstance(refused, Refusal)
    assert refused.code == code


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: shelf_price("TEA", PriceFacts(()), currency="EUR", at=NOON), "expected a Product and PriceFacts, got str and PriceFacts"),
        (lambda: shelf_price(TEA, PriceFacts(()), currency="EUR", at=datetime(2026, 1, 1)), "with a time zone"),  # the fault
        (lambda: Prices(5), "Prices.book must be PriceBook, got int"),
        (lambda: Prices((), left=5), "expected the units that are left by the ids of flash prices, got 5"),
        (lambda: Prices((), left={"a": "b"}), "whole units by the ids of flash prices"),
        (lambda: PriceFacts((), prices=(SPRING,)), "PriceFacts.prices must be Prices or Granted, got tuple"),
    ],
)
def test_what_is_no_price_fact_is_refused_when_it_is_made(make, said):
    with pytest.raises(InvalidValue, match=said):
        make()
