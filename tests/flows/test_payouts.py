"""Payouts: what a provider says it paid out, held against what has arrived at the bank, and each break told and kept (BOOKS-6, BOOKS-8)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from shopwright import Money, RefundOrder, Shop, accepted
from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.errors import InvalidValue
from shopwright.ports.storage import Query, Storage
from shopwright.settlement.payouts import PayoutBooks, PayoutsReport, payouts_in
from shopwright.settlement.reconciling import PayoutReceived
from shopwright.settlement.transfers import StatementLine
from shopwright.testing.ids import SeededIds
from shopwright.wire.kinds import KINDS
from tests.flows.mall import CLERK, START, Mall, an_order, paid

DAY = timedelta(days=1)


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def mall(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mall]:
    if request.param == "postgres":
        from shopwright.adapters.postgres.storage import PostgresStorage

        storage: Storage = PostgresStorage.open(request.getfixturevalue("postgres_database"), kinds=KINDS, upgrade=True)
    else:
        storage = MemoryStorage(KINDS) if request.param == "memory" else SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KINDS, upgrade=True)
    yield Mall(storage)
    storage.close()


def one_payout(mall: Mall) -> None:
    """Two orders paid and a part of one refunded, paid out: 98.00 less 2 % of it, less 9.00."""
    first, _ = paid(mall.shop, an_order(key="o1")), paid(mall.shop, an_order(key="o2"))
    back = RefundOrder(key="back", by=CLERK, order_id=first.id, amount=Money(900, "EUR"), reason="late")
    accepted(mall.shop.payments.refund(back))
    mall.provider.pay_out()


NET = 9800 - 196 - 900


def arrived(amount: int = NET, *, id: str = "po_1", line: str = "L1", currency: str = "EUR") -> PayoutReceived:
    return PayoutReceived(id=id, amount=Money(amount, currency), at=START + 3 * DAY, line_id=line)


def told(mall: Mall, *received: PayoutReceived) -> PayoutsReport:
    return mall.shop.payments.reconcile_payouts("fake", START, START + 30 * DAY, received)


def breaks(report: PayoutsReport) -> list[tuple[str, str, int, int]]:
    return [(it.kind.value, it.reference, it.ours, it.theirs) for it in report.breaks]


def test_a_payout_that_has_arrived_agrees_however_often_it_is_told(mall: Mall) -> None:
    one_payout(mall)
    paid(mall.shop, an_order(key="o3"))  # not paid out yet

    reports = [told(mall, arrived()), told(mall, arrived(), arrived()), told(mall)]

    assert [(it.payouts, it.agreed, it.awaited, it.breaks) for it in reports] == [(1, 1, 0, ())] * 3
    (books,) = (it.value for it in mall.storage.find(Query(PayoutBooks)).items)
    assert (books.id, books.net, books.arrived, len(books.lines), books.is_open) == ("fake/po_1", NET, NET, 3, False)


def test_what_has_not_arrived_is_awaited_then_missing_and_agrees_once_it_comes(mall: Mall) -> None:
    one_payout(mall)

    assert (told(mall).awaited, told(mall).is_balanced) == (1, True)
    mall.clock.advance(days=6)
    assert breaks(told(mall)) == [("payout_missing", "po_1", NET, 0)]
    late = mall.shop.payments.reconcile_payouts("fake", START + 20 * DAY, START + 30 * DAY, [arrived()])
    assert (late.agreed, late.breaks) == (1, ())


def test_another_sum_another_currency_and_a_payout_that_no_line_names_are_told(mall: Mall) -> None:
    one_payout(mall)
    one_payout_more = an_order(key="o4")
    paid(mall.shop, one_payout_more)
    mall.provider.pay_out()

    report = told(mall, arrived(NET - 1), arrived(4802, id="po_2", line="L2", currency="USD"), arrived(500, id="po_9", line="L3"))

    assert breaks(report) == [("payout_differs", "po_1", NET, NET - 1), ("payout_differs", "po_2", 4802, 4802), ("payout_unknown", "po_9", 0, 500)]
    assert breaks(told(mall, arrived(1, line="L4"))) == breaks(report)[1:]  # the missing cent came by itself


def test_a_line_that_is_paid_out_later_moves_the_sum_of_its_payout_alone(mall: Mall) -> None:
    paid(mall.shop, an_order(key="o1"))
    assert told(mall).payouts == 0
    mall.provider.pay_out()
    assert (told(mall, arrived(4802)).agreed, told(mall).agreed) == (1, 1)


def test_workers_at_a_time_come_to_the_same_books(mall: Mall) -> None:
    for number in range(4):
        paid(mall.shop, an_order(key=f"o{number}"))
        mall.provider.pay_out()
    came = [arrived(4802, id=f"po_{number}", line=f"L{number}") for number in range(1, 5)]

    def work(number: int) -> PayoutsReport:
        shop = Shop(mall.storage, gateways=[FakeGateway(provider=mall.provider)], clock=mall.clock, ids=SeededIds(900 + number))
        return shop.payments.reconcile_payouts("fake", START, START + 30 * DAY, came)

    with ThreadPoolExecutor(8) as pool:
        reports = list(pool.map(work, range(8)))

    assert {(it.payouts, it.agreed) for it in reports} == {(4, 4)}
    assert [it.value.arrived for it in mall.storage.find(Query(PayoutBooks)).items] == [4802] * 4


def test_payouts_are_found_in_a_bank_statement_by_what_their_text_or_payer_says() -> None:
    def line(id: str, text: str = "", payer: str = "", amount: int = 100) -> StatementLine:
        return StatementLine(id=id, booked_on=date(2026, 3, 5), amount=Money(amount, "EUR"), text=text, payer=payer)

    lines = [line("a", "STRIPE po_7x thanks"), line("b", "rent"), line("c", payer="STRIPE po_8"), line("d", "STRIPE po_9", amount=-5)]

    noon = datetime(2026, 3, 5, tzinfo=UTC)
    assert list(payouts_in(lines, r"STRIPE (po_\w+)")) == [
        PayoutReceived(id="po_7x", amount=Money(100, "EUR"), at=noon, line_id="a"),
        PayoutReceived(id="po_8", amount=Money(100, "EUR"), at=noon, line_id="c"),
        PayoutReceived(id="po_9", amount=Money(-5, "EUR"), at=noon, line_id="d"),
    ]
    with pytest.raises(InvalidValue, match="a group around"):
        list(payouts_in(lines, "STRIPE"))
    with pytest.raises(InvalidValue, match="a regular expression"):
        list(payouts_in(lines, "STRIPE ("))
