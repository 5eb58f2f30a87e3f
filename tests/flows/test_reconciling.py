"""A shop's books against those of its provider: equal after a life of payments, and each break told and kept until it is cleared up."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from attrs import evolve

from shopwright import CancelOrder, Money, RefundOrder, Shop, accepted
from shopwright.adapters.fake_gateway import FakeGateway, FakeSettings
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.errors import InvalidValue
from shopwright.flows.reconciling import note_movements
from shopwright.payments.errors import Indeterminate, Unsupported
from shopwright.payments.ledger import LedgerLine
from shopwright.payments.operations import Operation
from shopwright.ports.storage import Query, Storage
from shopwright.settlement.books import BooksReport, PaymentBooks
from shopwright.settlement.reconciling import BooksTerms, BreakKind, FeeRule
from shopwright.testing.ids import SeededIds
from shopwright.wire.kinds import KINDS
from tests.flows.mall import CLERK, START, Mall, an_order, paid, placed

DAY = timedelta(days=1)


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    if request.param == "postgres":
        from shopwright.adapters.postgres.storage import PostgresStorage

        opened: Storage = PostgresStorage.open(request.getfixturevalue("postgres_database"), kinds=KINDS, upgrade=True)
    else:
        opened = MemoryStorage(KINDS) if request.param == "memory" else SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KINDS, upgrade=True)
    yield opened
    opened.close()


def reconciled(mall: Mall, *, terms: BooksTerms = BooksTerms(), later: timedelta = timedelta(hours=1)) -> BooksReport:
    mall.clock.advance(later)
    return mall.shop.payments.reconcile("fake", START, mall.clock.now(), terms=terms)


def breaks(report: BooksReport) -> list[tuple[str, str, int, int]]:
    return [(it.kind.value, it.what, it.ours, it.theirs) for it in report.breaks]


def a_life(mall: Mall) -> None:
    """Payments of every kind: taken, promised and taken, partly refunded, charged back and won, canceled, failed on the way back."""
    shop = mall.shop
    first = paid(shop, an_order(key="o1"))
    for number in (1, 2):
        back = RefundOrder(key=f"back-{number}", by=CLERK, order_id=first.id, amount=Money(700, "EUR"), reason="late")
        accepted(shop.payments.refund(back))
    paid(shop, an_order(key="o2", token="tok_ok+refund_fails_late", capture=False))
    gone = paid(shop, an_order(key="o3", token="tok_ok+refund_fails_late"))
    accepted(shop.orders.cancel(CancelOrder(key="no", by=CLERK, order_id=gone.id)))
    disputed = paid(shop, an_order(key="o4"))
    mall.provider.advance()
    mall.provider.charge_back(disputed.payments[0].reference, Money(900, "EUR"))
    mall.provider.reverse_chargeback(disputed.payments[0].reference)
    placed(shop, an_order(key="o5"))
    for raw in mall.provider.notifications():
        assert shop.payments.receive("fake", raw).status == 200


def test_after_a_life_of_payments_the_books_are_equal_to_the_last_unit(storage: Storage) -> None:
    mall = Mall(storage)
    a_life(mall)

    report = reconciled(mall, terms=BooksTerms(fee=FeeRule(basis_points=200)))

    moved = sum(sign * it.amount.minor for it in mall.provider.movements() for kind, sign in SIGNS.items() if it.kind == kind)
    assert (report.breaks, report.awaited, [(it.currency, it.ours, it.theirs) for it in report.sums]) == ((), 0, [("EUR", moved, moved)])
    assert report.is_balanced
    assert report.matched == report.lines
    assert storage.find(Query(BooksReport)).items[0].value == report


SIGNS = {"captured": 1, "refunded": -1, "refund_failed": 1, "charged_back": -1, "chargeback_reversed": 1}


def test_a_second_run_and_eight_at_once_change_nothing(storage: Storage) -> None:
    mall = Mall(storage)
    a_life(mall)
    first = reconciled(mall)
    kept = {it.value for it in storage.find(Query(PaymentBooks, limit=100)).items}

    with ThreadPoolExecutor(8) as pool:
        again = list(pool.map(lambda _: mall.shop.payments.reconcile("fake", START, mall.clock.now()), range(8)))

    assert again == [first] * 8
    assert {it.value for it in storage.find(Query(PaymentBooks, limit=100)).items} == kept


def test_money_that_the_shop_has_not_heard_of_is_missing_here_until_it_hears(storage: Storage) -> None:
    mall = Mall(storage)
    order = paid(mall.shop, an_order(token="tok_redirect"))
    mall.provider.approve(order.payments[0].reference)

    assert breaks(reconciled(mall)) == [("missing_here", "charge", 0, 4900)]
    for raw in mall.provider.notifications():
        mall.shop.payments.receive("fake", raw)

    report = mall.shop.payments.reconcile("fake", mall.clock.now(), mall.clock.now() + DAY)
    assert (report.breaks, report.is_balanced, report.lines) == ((), True, 0), "it is open, so it is judged again in every run"


class Forgetful(FakeGateway):
    """A provider whose ledger leaves lines out, books others, or breaks off."""

    forgets: frozenset[str] = frozenset()
    adds: tuple[LedgerLine, ...] = ()
    breaks_off = False

    def ledger(self, since, until):
        for line in super().ledger(since, until):
            if line.kind not in self.forgets:
                yield line
            if self.breaks_off:
                raise Indeterminate("the connection was reset")
        yield from self.adds


def with_gateway(mall: Mall, gateway: FakeGateway) -> None:
    mall.shop = Shop(mall.storage, gateways=[gateway], clock=mall.clock, ids=SeededIds(99), terms=mall.terms)


def test_what_the_provider_never_books_is_awaited_and_then_missing_there_until_it_comes(storage: Storage) -> None:
    mall = Mall(storage)
    paid(mall.shop)
    gateway = Forgetful(provider=mall.provider)
    gateway.forgets = frozenset({"charge"})
    with_gateway(mall, gateway)

    first = reconciled(mall)
    assert (first.awaited, first.breaks, first.sums[0].awaited) == (1, (), 4900)
    assert breaks(reconciled(mall, later=3 * DAY)) == [("missing_there", "charge", 4900, 0)]
    gateway.forgets = frozenset()
    assert reconciled(mall).is_balanced


def test_a_line_that_is_about_nothing_a_wrong_amount_and_a_wrong_fee_are_told(storage: Storage) -> None:
    mall = Mall(storage)
    paid(mall.shop)
    [line] = mall.shop.ports.gateway("fake").ledger(START, START + DAY)
    gateway = Forgetful(provider=mall.provider)
    gateway.forgets = frozenset({"charge"})
    odd = evolve(line, line_id="x1", reference="", kind="monthly_fee", gross=Money(-500, "EUR"), fee=Money(0, "EUR"))
    gateway.adds = (evolve(line, line_id="x0", gross=Money(4800, "EUR")), odd)
    with_gateway(mall, gateway)

    told = reconciled(mall)

    assert sorted(breaks(told)) == [("amount_differs", "charge", 4900, 4800), ("line_unknown", "monthly_fee", 0, -500)]
    assert (told.sums[0].difference, told.is_balanced) == (600, False)
    gateway.adds, gateway.forgets = (), frozenset()
    books = Mall(MemoryStorage(KINDS))
    paid(books.shop)
    with_gateway(books, FakeGateway(provider=books.provider, settings=FakeSettings(fee_basis_points=300)))
    assert breaks(reconciled(books, terms=BooksTerms(fee=FeeRule(basis_points=200)))) == [(BreakKind.FEE_DIFFERS.value, "charge", 98, 147)]


def test_a_ledger_that_breaks_off_raises_and_the_next_run_goes_on(storage: Storage) -> None:
    mall = Mall(storage)
    a_life(mall)
    expected = reconciled(mall)
    other = Mall(MemoryStorage(KINDS))
    a_life(other)
    gateway = Forgetful(provider=other.provider)
    gateway.breaks_off = True
    with_gateway(other, gateway)

    with pytest.raises(Indeterminate):
        reconciled(other)
    gateway.breaks_off = False

    found = other.shop.payments.reconcile("fake", START, other.clock.now())
    assert (found.matched, found.sums, found.breaks) == (expected.matched, expected.sums, ())


def test_movements_are_noted_once_however_the_stream_is_read() -> None:
    mall = Mall(MemoryStorage(KINDS))
    a_life(mall)

    assert note_movements(mall.shop.ports, at=mall.clock.now()) > 20
    assert note_movements(mall.shop.ports, at=mall.clock.now()) == 0


def test_a_gateway_without_a_ledger_has_no_books_and_a_time_must_not_end_before_it_begins() -> None:
    mall = Mall(MemoryStorage(KINDS))
    mall.provider.capabilities = evolve(mall.provider.capabilities, operations=mall.provider.capabilities.operations - {Operation.LEDGER})
    paid(mall.shop)

    with pytest.raises(Unsupported, match="cannot ledger"):
        reconciled(mall)
    note_movements(mall.shop.ports, at=mall.clock.now())
    assert mall.storage.find(Query(PaymentBooks)).items == ()
    with pytest.raises(InvalidValue, match="ends after it begins"):
        mall.shop.payments.reconcile("fake", START, START)
