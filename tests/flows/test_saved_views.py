"""Saved views of orders: whose they are, what they show, and that they can be kept at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from shopwright import Refusal, Shop, accepted, staff
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.flows.finding.looking import FoundOrders
from shopwright.orders.finding import OrderFilter
from shopwright.orders.holds import HoldReason
from shopwright.orders.standing import Standing
from shopwright.orders.states import OrderState
from shopwright.wire.codec import Codec
from shopwright.wire.kinds import KINDS
from shopwright.wire.view_kinds import OrderViews, SavedView
from tests.flows.mall import CLERK, START, Mall, an_order, paid, placed
from tests.flows.viewed import removing, saving, views_kept

EVE = staff("eve")


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS))


def _names(views: Any) -> list[str]:
    return [view.name for view in views]


def test_views_are_their_owners_and_shared_ones_are_everybodys_whose_own_come_first(mall: Mall) -> None:
    """VIEW-1"""
    order = paid(mall.shop)
    accepted(mall.shop.views.save(saving(key="mine", name="tea", wanted=OrderFilter(sku="none"))))
    accepted(mall.shop.views.save(saving(key="ours", name="tea", shared=True)))
    accepted(mall.shop.views.save(saving(key="too", name="a second", shared=True)))

    assert [_names(mall.shop.views.mine(by=who)) for who in (CLERK, EVE)] == [["tea"], []]
    assert _names(mall.shop.views.shared()) == ["a second", "tea"]
    found = [accepted(mall.shop.views.open("tea", by=who)).orders for who in (CLERK, EVE)]
    assert found == [(), (order,)]


def test_a_view_is_saved_in_the_place_of_the_one_that_has_its_name_and_removed_once(mall: Mall) -> None:
    first = accepted(mall.shop.views.save(saving()))
    again = accepted(mall.shop.views.save(saving(key="again", wanted=OrderFilter(sku="CUP"))))
    gone = [accepted(mall.shop.views.remove(removing())) for _ in range(2)]
    missing = mall.shop.views.remove(removing(key="once more"))

    assert [[view.wanted.sku for view in views] for views in (first, again)] == [["TEA"], ["CUP"]]
    assert gone == [(), ()]
    assert isinstance(missing, Refusal)
    assert missing.code == "view_not_found"


def test_a_view_of_the_last_days_shows_those_before_it_is_opened(mall: Mall) -> None:
    """VIEW-4"""
    old = placed(mall.shop)
    mall.clock.advance(timedelta(days=8))
    new = placed(mall.shop, evolve(an_order(), key="new"))
    accepted(mall.shop.views.save(saving(within=timedelta(days=7))))
    accepted(mall.shop.views.save(saving(key="all", name="all")))

    found = [[it.id for it in accepted(mall.shop.views.open(name, by=CLERK)).orders] for name in ("tea", "all")]
    assert found == [[new.id], [new.id, old.id]]


def test_a_view_is_gone_through_page_by_page(mall: Mall) -> None:
    """VIEW-4"""
    ids = [placed(mall.shop, evolve(an_order(), key=f"o{number}")).id for number in range(5)]
    accepted(mall.shop.views.save(saving()))
    pages: list[FoundOrders] = [accepted(mall.shop.views.open("tea", by=CLERK, limit=2))]
    while pages[-1].next:
        pages.append(accepted(mall.shop.views.open("tea", by=CLERK, limit=2, after=pages[-1].next)))

    assert sorted(it.id for page in pages for it in page.orders) == sorted(ids)
    assert [len(page.orders) for page in pages] == [2, 2, 1]


def test_a_view_that_was_refused_is_not_there(mall: Mall) -> None:
    """VIEW-2, VIEW-3"""
    refused = mall.shop.views.save(saving(wanted=OrderFilter(phone_tail="1820", words="tea")))
    assert isinstance(refused, Refusal)
    assert (refused.code, dict(refused.facts), views_kept(mall)) == ("view_personal", {"field": "phone_tail"}, [])


def test_a_view_reads_back_as_it_was() -> None:
    wanted = OrderFilter(
        states=frozenset({OrderState.CONFIRMED, OrderState.PLACED}),
        standings=frozenset({Standing.ON_HOLD}),
        hold=HoldReason.STOCK,
        placed_before=START,
        currency="EUR",
        least=100,
        most=200,
        words="贈り物 tea",
        tag="VIP",
    )
    views = OrderViews(views=(SavedView(name="all of it", wanted=wanted, within=timedelta(days=7)),))
    codec = Codec(KINDS)
    kind = KINDS.document(OrderViews)
    assert codec.load(kind, kind.shape, codec.dump(views)) == views


def test_views_that_are_saved_at_once_are_all_there(tmp_path: Path) -> None:
    storage = SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KINDS, upgrade=True, durability="normal")
    shop = Shop(storage)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: accepted(shop.views.save(saving(key=f"s{number}", name=f"view {number}", shared=True))), range(8)))

    assert _names(shop.views.shared()) == [f"view {number}" for number in range(8)]
    storage.close()
