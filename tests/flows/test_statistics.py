"""The statistics of a shop: counted from its streams in any pieces, by any number of workers, and over again with the same result."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from shopwright import CancelOrder, Money, Product, PutProduct, RefundOrder, Shop, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.catalog.groups import ProductGroup, Status
from shopwright.catalog.languages import Texts
from shopwright.catalog.variants import Variant
from shopwright.errors import InvalidValue
from shopwright.flows.catalog.commands import PutGroup
from shopwright.ports.storage import START as BEGINNING
from shopwright.ports.storage import Query, Storage
from shopwright.statistics.reports import By
from shopwright.statistics.tallies import Tally
from shopwright.statistics.terms import StatisticsTerms
from shopwright.statistics.visits import Step
from shopwright.wire.kinds import KINDS
from shopwright.wire.statistics_kinds import VISITS, DayTally, KnownVisitor
from tests.flows.counted import FIRST, LAST, follow, steps, tallies_of, visit
from tests.flows.mall import ANN, CLERK, START, Mall, an_order, paid, placed
from tests.flows.vaulted import VAULTED
from tests.surroundings import peer

TODAY = START.date()
ONE = Tally(placed=1, units=3, gross=4_500, shipping=400)


def total(mall: Mall, *key: str, by: tuple[By, ...] = ()) -> Tally:
    """What was counted in all, or for a key."""
    report = mall.shop.statistics.report(since=FIRST, until=LAST, by=by)
    return report.row(*key) if key else report.total


def put_group(mall: Mall, category: str, *, key: str) -> None:
    """File the tea in a category."""
    tea = Variant("TEA", prices=(Money(1000, "EUR"),))
    group = ProductGroup(
        id="tea", seller_id="house", titles=Texts({"en": "Tea"}), status=Status.ACTIVE, categories=(category, "gifts"), variants=(tea,)
    )
    accepted(mall.shop.catalog.put(PutGroup(key=key, by=CLERK, group=group)))


def live(mall: Mall) -> Iterator[None]:
    """A day in a shop, in pieces: orders come, are paid, called off, refunded and lost, and people look around."""
    order = paid(mall.shop)
    yield
    visit(mall, *steps(0, 1), *steps(5, visitor="bob", step=Step.CART), key="morning")
    accepted(mall.shop.payments.refund(RefundOrder(key="sorry", by=CLERK, order_id=order.id, amount=Money(700, "EUR"), reason="a chipped cup")))
    yield
    other = placed(mall.shop, an_order(key="other", coupon="SPRING"))
    mall.clock.advance(timedelta(days=1))
    yield
    accepted(mall.shop.orders.cancel(CancelOrder(key="off", by=ANN, order_id=order.id)))
    visit(mall, *steps(33, 60 * 24), *steps(60 * 24, visitor="bot", agent="Googlebot/2.1"), key="next day")
    yield
    accepted(mall.shop.orders.cancel(CancelOrder(key="off too", by=ANN, order_id=other.id)))
    paid(mall.shop, an_order(key="third"))
    yield


def a_mall() -> Mall:
    return Mall(MemoryStorage(KINDS))


def counts(mall: Mall, edition: int) -> list[tuple[Any, Tally]]:
    """What was counted in an edition, wherever something was."""
    found = [it.value for it in mall.storage.find(Query(DayTally, order_by="shelf", limit=1_000)).items]
    book = StatisticsTerms(edition=edition).book
    return sorted([(repr(it.place), it.tally) for it in found if it.book == book and it.tally != Tally()])


def in_edition(mall: Mall, edition: int) -> Shop:
    """The same shop, which counts in this edition."""
    return Shop(mall.storage, clock=mall.clock, statistics=StatisticsTerms(edition=edition))


def test_an_order_is_counted_on_its_day_in_its_channel_and_under_its_sellers() -> None:
    mall = a_mall()
    placed(mall.shop)
    assert follow(mall) > 0
    assert mall.shop.statistics.follow() == 0
    assert total(mall) == total(mall, TODAY.isoformat(), by=(By.DAY,)) == total(mall, "", by=(By.CHANNEL,)) == ONE
    assert total(mall, "house", by=(By.SELLER,)) == ONE


@given(st.lists(st.integers(1, 7), min_size=5, max_size=5))
def test_what_is_counted_while_a_shop_goes_on_is_what_a_recount_finds(limits: list[int]) -> None:
    """COUNT-3, STAT-13"""
    mall = a_mall()
    for limit, _ in zip(limits, live(mall), strict=True):
        mall.shop.statistics.follow(limit=limit)
    follow(mall, limit=limits[0])
    again = in_edition(mall, 2)
    while again.statistics.follow(limit=1_000):
        pass

    assert counts(mall, 1) == counts(mall, 2)
    assert (total(mall).placed, total(mall).canceled, total(mall).visits, total(mall).bot_steps) == (3, 2, 4, 1)


def opened(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """A storage of this kind."""
    if kind == "sqlite":
        return SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KINDS, upgrade=True, durability="normal")
    peer("psycopg")
    from shopwright.adapters.postgres.storage import PostgresStorage

    return PostgresStorage.open(request.getfixturevalue("postgres_database"), kinds=KINDS, upgrade=True)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_workers_that_count_at_the_same_time_count_nothing_twice(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """COUNT-1"""
    reference = a_mall()
    for _ in live(reference):
        pass
    follow(reference)

    with closing(opened(kind, request, tmp_path)) as storage:
        mall = Mall(storage)
        for _ in live(mall):
            pass
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: follow(mall, limit=2), range(4)))
        assert in_edition(mall, 2).statistics.follow(limit=1_000) > 20
        assert counts(mall, 1) == counts(mall, 2) == counts(reference, 1)
        assert total(mall) == total(reference)


def test_a_batch_asks_as_much_of_a_large_shop_as_of_a_small_one() -> None:
    """COUNT-2"""
    mall = a_mall()

    def calls() -> list[str]:
        paid(mall.shop, an_order(key=f"o{len(mall.orders())}"))
        mall.faults.heal()
        follow(mall)
        return list(mall.faults.calls)

    first = calls()
    for _ in range(3):
        assert calls() == first


def test_another_zone_is_counted_by_itself_by_its_own_days() -> None:
    """COUNT-3, STAT-7"""
    mall = a_mall()
    placed(mall.shop)
    far = Shop(mall.storage, clock=mall.clock, statistics=StatisticsTerms(zone="Pacific/Kiritimati"))
    far.statistics.follow()
    assert [row.key for row in far.statistics.report(since=FIRST, until=LAST).rows] == [("2026-03-02",)]
    assert mall.shop.statistics.report(since=FIRST, until=LAST).rows == ()
    late = Mall(MemoryStorage(KINDS), ways={"statistics": StatisticsTerms(zone="Pacific/Kiritimati")})
    late.clock.advance(timedelta(hours=2))
    placed(late.shop)
    follow(late)
    assert total(late, "2026-03-03", by=(By.DAY,)) == ONE


def test_the_category_of_a_line_is_the_first_of_its_group_when_it_was_first_counted() -> None:
    """STAT-14"""
    mall = a_mall()
    put_group(mall, "drinks", key="file")
    order = paid(mall.shop)
    follow(mall)
    put_group(mall, "hot drinks", key="file again")
    accepted(mall.shop.orders.cancel(CancelOrder(key="off", by=ANN, order_id=order.id)))
    follow(mall)

    drinks = total(mall, "drinks", by=(By.CATEGORY,))
    assert (drinks.placed, drinks.canceled, drinks.gross, drinks.net) == (1, 1, 2_000, 0)
    assert total(mall, "hot drinks", by=(By.CATEGORY,)) == Tally()
    assert total(mall, "", by=(By.CATEGORY,)).gross == 2_500


def test_what_becomes_of_an_order_counts_on_its_day_and_refunds_on_theirs() -> None:
    """STAT-7, STAT-15"""
    mall = a_mall()
    order = paid(mall.shop)
    mall.clock.advance(timedelta(days=3))
    accepted(mall.shop.orders.cancel(CancelOrder(key="off", by=ANN, order_id=order.id)))
    follow(mall)

    report = mall.shop.statistics.report(since=FIRST, until=LAST)
    assert report.row("2026-03-02") == evolve(ONE, confirmed=1, canceled=1, called_off=4_500, shipping_off=400)
    assert report.row("2026-03-05") == Tally(cancellations=1, refunds=4_900)
    assert total(mall, "2026-03-05", "house", by=(By.DAY, By.SELLER)) == Tally()


def test_visits_and_orders_meet_in_the_conversion_rate() -> None:
    """STAT-5"""
    mall = a_mall()
    visit(mall, *steps(0, 1), *steps(2, visitor="bob"), *steps(3, visitor="cat", step=Step.CHECKOUT))
    paid(mall.shop)
    follow(mall)
    assert total(mall).conversion_rate == Fraction(1, 3)
    assert total(mall, "", by=(By.CHANNEL,)).checkout_rate == Fraction(1, 3)


def test_a_report_over_several_currencies_asks_for_one() -> None:
    """STAT-17"""
    mall = a_mall()
    placed(mall.shop)
    mug = Product(sku="MUG", title="Mug", seller_id="house", prices=(Money(800, "JPY"),), tracked=False)
    accepted(mall.shop.goods.put(PutProduct(key="mug", by=CLERK, product=mug)))
    plain = an_order(key="yen")
    cart = evolve(plain.cart, currency="JPY", lines=(evolve(plain.cart.lines[0], sku="MUG", quantity=1),))
    placed(mall.shop, evolve(plain, cart=cart, tenders=(evolve(plain.tenders[0], amount=1_200),)))
    follow(mall)

    with pytest.raises(InvalidValue, match="EUR, JPY; name one"):
        mall.shop.statistics.report(since=FIRST, until=LAST)
    report = mall.shop.statistics.report(since=FIRST, until=LAST, currency="JPY")
    assert (report.currency, report.total.gross, report.total.placed) == ("JPY", 800, 1)


def test_a_batch_that_is_sent_again_counts_once() -> None:
    mall = a_mall()
    assert [visit(mall), visit(mall)] == [2, 2]
    follow(mall)
    assert (total(mall).visits, len(tallies_of(mall)[1])) == (1, 2)


def test_with_a_vault_a_visitor_is_a_keyed_hash_and_no_agent_is_kept() -> None:
    """VISIT-7"""
    mall = Mall(MemoryStorage(KINDS), ways=VAULTED)
    visit(mall, *steps(0, 1, visitor="cookie-of-ann", agent="Firefox/140"), *steps(2, visitor="cookie-of-bob"))
    follow(mall)
    _, seen, known = tallies_of(mall)
    assert len({step.visitor for step in seen}) == 2
    assert not any(word in repr((seen, known)) for word in ("cookie", "Firefox"))
    assert total(mall).visitors == 2


def test_visitors_are_forgotten_and_what_was_counted_stays() -> None:
    """VISIT-8"""
    mall = a_mall()
    visit(mall, *steps(0), *steps(60 * 24 * 3, visitor="bob"))
    follow(mall)
    before = total(mall)
    mall.clock.advance(timedelta(days=3))
    assert (mall.shop.visits.forget(), mall.shop.visits.forget()) == (1, 0)
    assert [it.seen.visitor for it in tallies_of(mall)[2]] == ["bob"]
    visit(mall, *steps(60 * 24 * 3), key="back")
    follow(mall)
    assert (before.visits, total(mall).visits, total(mall).visitors) == (2, 3, 3)


def test_more_visitors_than_a_page_are_forgotten_up_to_the_limit() -> None:
    """VISIT-8"""
    mall = a_mall()
    visit(mall, *[step for number in range(250) for step in steps(0, visitor=f"v{number}")])
    follow(mall)
    mall.clock.advance(timedelta(days=9))
    assert [mall.shop.visits.forget(limit=30), mall.shop.visits.forget(), mall.shop.visits.forget()] == [30, 220, 0]
    assert mall.storage.find(Query(KnownVisitor)).items == ()
    assert len(mall.storage.read(VISITS, after=BEGINNING, limit=1_000)) == 250


def test_days_are_told_as_dates() -> None:
    report = a_mall().shop.statistics.report(since=date(2026, 3, 1), until=date(2026, 3, 1))
    assert (report.rows, report.total, report.zone, report.currency) == ((), Tally(), "UTC", "")
