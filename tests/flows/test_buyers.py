"""A shop that is told more of its buyers than their ids: prices and promotions for some, at the moment of the price."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from shopwright import Money, Shop, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import InvalidValue
from shopwright.ports.buyers import Buyers, Strangers
from shopwright.pricing import ShelfPrice
from shopwright.promotions.basket import Buyer
from shopwright.promotions.birthdays import BirthdayWindow
from shopwright.promotions.conditions import Birthday, OneOf
from shopwright.promotions.effects import Percent
from shopwright.promotions.limits import Limits
from shopwright.promotions.price_rules import Audience, MemberPrice, SetPrice
from shopwright.promotions.promotion import Promotion
from shopwright.wire.kinds import KINDS
from tests.flows.mall import START, Mall, an_order
from tests.flows.test_promoted import the_placing

GOLD = MemberPrice(id="gold", to=SetPrice(Money(800, "EUR")), who=Audience(tiers="gold"))
VIPS = Promotion(id="vips", effects=(Percent(1_000),), when=OneOf("segment", "vip"))


class Club:
    """Ann is a gold member for a day, and was one of the vips all along; it remembers whom it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def known(self, buyer_id: str, *, at: datetime) -> Buyer:
        self.asked.append(buyer_id)
        if buyer_id != "ann":
            return Buyer(buyer_id, tier="basic", segments=())
        return Buyer("ann", tier="gold" if at < START + timedelta(days=1) else "basic", segments={"vip"})


def a_mall(buyers: Any = None, **ways: Any) -> tuple[Club, Mall]:
    club = Club()
    return club, Mall(MemoryStorage(KINDS), ways={"buyers": buyers or club, "prices": (GOLD,), "promotions": (VIPS,), **ways})


def at_any_price(shop: Shop, key: str, buyer: str = "ann") -> Any:
    command = evolve(an_order(key=key), buyer_id=buyer)
    total = accepted(shop.orders.quote(command)).total
    return accepted(shop.orders.place(evolve(command, tenders=(evolve(command.tenders[0], amount=total),))))


def test_a_tier_and_a_segment_count_in_an_order_and_each_price_asks_once() -> None:
    club, mall = a_mall()
    order = at_any_price(mall.shop, "o1")
    assert [(it.code, it.rule) for it in order.lines[0].adjustments] == [("member_price", "gold"), ("promotion", "vips")]
    assert club.asked == ["ann", "ann"]  # for the quote, and for the order
    assert at_any_price(mall.shop, "o2", "bob").total.minor == 4_900


def test_a_page_asks_the_same_and_nobody_for_a_stranger() -> None:
    club, mall = a_mall()
    pages = [mall.shop.goods.shelf(("TEA",), currency="EUR", buyer_id=name)["TEA"] for name in ("ann", "bob", "")]
    assert [it.price.minor for it in pages if isinstance(it, ShelfPrice)] == [800, 1_000, 1_000]
    assert club.asked == ["ann", "bob"]


def test_an_order_keeps_its_price_when_the_tier_is_lost() -> None:
    _, mall = a_mall()
    order = at_any_price(mall.shop, "o1")
    mall.clock.advance(days=2)
    later = at_any_price(mall.shop, "o2")
    assert (order.total.minor < later.total.minor, accepted(mall.shop.orders.get(order.id)).total) == (True, order.total)
    assert [entry.rule for entry in the_placing(mall.shop, later).trace if entry.step == "member_price"] == []


def test_nobody_is_asked_where_no_price_depends_on_who_buys() -> None:
    club, mall = a_mall(prices=(), promotions=())
    at_any_price(mall.shop, "o1")
    assert club.asked == []


@pytest.mark.parametrize("answer", [Buyer("bob"), None, "gold"])
def test_an_answer_about_somebody_else_is_a_bug(answer: Any) -> None:
    class Wrong:
        def known(self, buyer_id: str, *, at: datetime) -> Any:
            return answer

    _, mall = a_mall(Wrong())
    with pytest.raises(InvalidValue, match=r"expected what is known of the buyer 'ann', got .* from Wrong\.known"):
        mall.shop.orders.quote(an_order())


def test_what_knows_nobody_is_no_buyers_port() -> None:
    assert isinstance(Strangers(), Buyers)
    with pytest.raises(InvalidValue, match="expected buyers with known"):
        a_mall("ann")


class Registry:
    """A member whose date of birth can be corrected."""

    born = date(1990, START.month, START.day)

    def known(self, buyer_id: str, *, at: datetime) -> Buyer:
        return Buyer(buyer_id, born=self.born, zone="UTC")


def test_a_birthday_is_given_for_once_a_year_whatever_becomes_of_its_date() -> None:
    week = BirthdayWindow(days_before=3, days_after=3)
    cake = Promotion(id="cake", effects=(Percent(1_000),), when=Birthday(week), limits=Limits(per_birthday=1))
    registry = Registry()
    mall = Mall(MemoryStorage(KINDS), ways={"buyers": registry, "promotions": (cake,)})

    first = [at_any_price(mall.shop, key).lines[0].discount > 0 for key in ("o1", "o2")]
    registry.born = date(1990, START.month, START.day + 1)
    corrected = at_any_price(mall.shop, "o3").lines[0].discount > 0
    mall.clock.advance(days=365)
    next_year = [at_any_price(mall.shop, key).lines[0].discount > 0 for key in ("o4", "o5")]

    assert (first, corrected, next_year) == ([True, False], False, [True, False])
