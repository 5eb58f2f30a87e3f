"""Gifts and grants of a price: which can be given, what is left out and why, and what plug-ins may give."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import evolve, frozen

from shopwright.catalog import Product
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.pricing import Cart, CartLine, GivenBy, Grant, GrantKind, Offers, PriceFacts, Quote, disagreements, explain, price, replay, why_not
from shopwright.pricing.trace_table import trace_data, trace_table
from shopwright.promotions.effects import Aim
from shopwright.promotions.engine import Engine
from shopwright.promotions.extras import Extra, IfGone
from shopwright.promotions.promotion import Promotion
from shopwright.promotions.taking import Gift, Tab, Taken
from shopwright.refusals import Refusal

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEA = Product("TEA", "Tea", "house", (Money(1_000, "EUR"),))
MUG = Product("MUG", "A mug", "house", ())
CART = Cart("EUR", (CartLine("TEA", 2),))


def priced(*promotions: Promotion, products: tuple[Product, ...] = (TEA, MUG), stock: tuple[tuple[str, int], ...] = ()) -> Quote | Refusal:
    return price(CART, PriceFacts(products, offers=Offers(Engine(promotions), gift_stock=stock)), at=AT)


def quoted(*promotions: Promotion, **facts: Any) -> Quote:
    quote = priced(*promotions, **facts)
    assert isinstance(quote, Quote), quote
    return quote


def giving(id: str, *gifts: Gift, if_gone: IfGone = IfGone.LEAVE_OUT, **more: Any) -> Promotion:
    return Promotion(id=id, effects=(Extra(gifts=gifts, if_gone=if_gone, **more),))


def told(quote: Quote) -> list[tuple[str, str, dict[str, Any]]]:
    return [(entry.rule, entry.code, dict(entry.facts)) for entry in quote.trace if entry.step in {"gift", "grant"}]


def test_stock_that_was_not_told_is_taken_to_suffice() -> None:
    assert [(line.sku, line.quantity) for line in quoted(giving("mug", Gift("MUG", 900))).gifts] == [("MUG", 900)]


def test_stock_that_is_not_counted_never_runs_out() -> None:
    quote = quoted(giving("mug", Gift("MUG")), products=(TEA, evolve(MUG, tracked=False)), stock=(("MUG", 0),))

    assert ([line.sku for line in quote.gifts], quote.stock_wanted()) == (["MUG"], (("stock/TEA", 2),))


def test_each_gift_of_a_promotion_stands_for_itself() -> None:
    """GIFT-3"""
    quote = quoted(giving("both", Gift("MUG"), Gift("CAP"), points=10))

    assert told(quote) == [
        ("both", "given", {"quantity": 1, "sku": "MUG"}),
        ("both", "left_out", {"free": 0, "quantity": 1, "sku": "CAP", "why": "unknown"}),
        ("both", "points", {"points": 10}),
    ]
    assert (len(quote.gifts), quote.grants) == (1, (Grant(GrantKind.POINTS, 10, "both", 1),))


def test_what_one_gift_takes_is_gone_for_the_next() -> None:
    """GIFT-2"""
    quote = quoted(giving("a", Gift("MUG", 2)), giving("b", Gift("MUG", 2)), giving("c", Gift("MUG")), stock=(("MUG", 3),))

    assert [(line.given_by.promotion, line.quantity) for line in quote.gifts if line.given_by] == [("a", 2), ("c", 1)]
    assert quote.stock_wanted() == (("stock/MUG", 3), ("stock/TEA", 2))


def test_what_a_promotion_that_is_not_taken_would_have_had_is_there_for_others() -> None:
    """GIFT-3"""
    needy = giving("a", Gift("MUG"), Gift("CAP"), if_gone=IfGone.NOT_TAKEN, points=5)

    quote = quoted(needy, giving("b", Gift("MUG")), stock=(("MUG", 1),))

    assert told(quote) == [
        ("b", "given", {"quantity": 1, "sku": "MUG"}),
        ("a", "not_taken", {"free": 0, "quantity": 1, "sku": "CAP", "why": "unknown"}),
    ]
    assert quote.grants == ()


def test_a_promotion_without_which_there_is_no_order_is_told_with_what_is_free() -> None:
    refusal = priced(giving("mug", Gift("MUG", 4), if_gone=IfGone.REFUSE), stock=(("MUG", 3),))

    assert isinstance(refusal, Refusal)
    assert (refusal.code, dict(refusal.facts)) == ("gift_unavailable", {"promotion": "mug", "sku": "MUG", "wanted": 4, "free": 3})


@frozen
class Lucky:
    """An effect of a plug-in that gives what it likes, and says nothing of what happens without it."""

    taken: Taken
    aim = Aim.EXTRA
    keys = None

    def take(self, tab: Tab) -> Taken:
        return self.taken

    def most(self, basket: object) -> int:
        return 0


def test_what_an_effect_of_a_plug_in_gives_is_given_like_ours() -> None:
    lucky = Promotion(id="lucky", effects=(Lucky(Taken(gifts=(Gift("MUG"), Gift("CAP")), points=7, coupons=("one", "two"))),), version=4)

    quote = quoted(lucky)

    assert [line.sku for line in quote.gifts] == ["MUG"]
    assert quote.grants == (
        Grant(GrantKind.POINTS, 7, "lucky", 4),
        Grant(GrantKind.COUPON, 1, "lucky", 4, "one"),
        Grant(GrantKind.COUPON, 1, "lucky", 4, "two"),
    )


@pytest.mark.parametrize("stock", [(("MUG", -1),), (("MUG", True),), (("MUG",),), [("MUG", 1)], (("MUG", "1"),), ("MUG",)])
def test_stock_that_is_no_count_is_told(stock: Any) -> None:
    with pytest.raises(InvalidValue, match="pairs of a sku and how many are free"):
        Offers(Engine(()), gift_stock=stock)


def test_the_trace_tells_of_gifts_and_grants_in_words_as_a_table_and_as_data() -> None:
    quote = quoted(
        giving("a", Gift("MUG", 2), points=50, points_rate=12_500, coupons=("next",)),
        giving("b", Gift("MUG")),
        giving("c", Gift("CAP"), if_gone=IfGone.NOT_TAKEN),
        products=(TEA, MUG, evolve(MUG, sku="CAP", active=False)),
        stock=(("MUG", 2),),
    )

    assert [line for line in explain(quote.trace, currency="EUR") if line.startswith("promotion ")] == [
        "promotion a (version 1): 2 MUG as a gift",
        "promotion a (version 1): 50 points",
        "promotion a (version 1): points times 1.25",
        "promotion a (version 1): a coupon of next",
        "promotion b (version 1): its gift of 1 MUG is left out: too few are free",
        "promotion c (version 1) is not taken, for its gift of 1 CAP is lacking: it is not active",
    ]
    rows = trace_table(quote.trace, currency="EUR").splitlines()
    assert [" ".join(row.split()) for row in rows if row.startswith("gift") and "MUG" in row] == [
        "gift a 1 - 20.00 EUR promotion a (version 1): 2 MUG as a gift",
        "gift b 1 - 20.00 EUR promotion b (version 1): its gift of 1 MUG is left out: too few are free",
    ]
    facts = [entry["facts"] for entry in trace_data(quote.trace) if entry["step"] == "grant"]
    assert facts == [{"points": 50}, {"rate": 12_500}, {"batch": "next"}]
    assert replay(quote, at=AT) == quote


def test_a_gift_that_was_changed_after_it_was_frozen_is_found() -> None:
    quote = quoted(giving("mug", Gift("MUG", 2)))
    more = evolve(quote, lines=(quote.lines[0], evolve(quote.lines[1], quantity=3)))
    other = evolve(quote, lines=(quote.lines[0], evolve(quote.lines[1], given_by=GivenBy("cap", 1))))

    for tampered in (more, other):
        assert disagreements(tampered, replay(tampered, at=AT)) == ("line 2: it is no gift as its facts give it",)


def test_why_not_tells_of_each_promotion_that_lacks_a_gift_once() -> None:
    promotions = (giving("a", Gift("CAP"), Gift("HAT"), points=5), giving("b", Gift("HAT"), if_gone=IfGone.NOT_TAKEN), giving("c", Gift("MUG")))

    skipped = why_not(CART, PriceFacts((TEA, MUG), offers=Offers(Engine(promotions))), at=AT)

    assert not isinstance(skipped, Refusal)
    assert {it.reason for it in skipped} == {"gift_gone"}
    assert [(it.promotion.id, it.unmet.required if it.unmet else "") for it in skipped] == [("a", "CAP"), ("b", "HAT")]
