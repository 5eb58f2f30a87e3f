"""Transfers find the orders that they pay: by the number that the buyer wrote, once, and never by a guess."""

from __future__ import annotations

from contextlib import closing
from threading import Barrier, Thread

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwright import CancelOrder, Money, Order, RecordPayment, Via, accepted, customer
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.errors import InvalidValue
from shopwright.flows.banking import AssignTransfer, StatementReport
from shopwright.ports.storage import Match, Query, Where
from shopwright.settlement.transfers import Share, Transfer
from shopwright.wire.kinds import KINDS
from tests.flows.banked import ACCOUNT, a_line, match, ordered
from tests.flows.mall import ANN, CLERK, START, Mall, an_order, placed, refused


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS))


def now(mall: Mall, order: Order) -> Order:
    return accepted(mall.shop.orders.get(order.id))


def test_a_transfer_with_the_number_of_an_order_pays_it_however_it_is_written(mall: Mall) -> None:
    """BANK-1, BANK-2."""
    order = ordered(mall.shop)
    written = f"Order no. {order.number.lower().replace('-', ' ')} \n thank you"

    report = match(mall, a_line(written))

    assert [(it.state, it.shares) for it in report.booked] == [("booked", (Share(order.id, 4900),))]
    assert (now(mall, order).state, now(mall, order).paid, report.unclear) == ("confirmed", 4900, ())


def test_a_number_with_a_slip_of_the_pen_is_no_number_and_the_order_is_proposed_by_its_amount(mall: Mall) -> None:
    """BANK-1, BANK-4."""
    order = ordered(mall.shop)
    slip = order.number[:-1] + ("0" if order.number[-1] != "0" else "1")

    (transfer,) = match(mall, a_line(slip)).unclear

    assert (transfer.unclear, transfer.proposals, transfer.shares, now(mall, order).paid) == ("no_number", (order.number,), (), 0)


def test_less_leaves_the_rest_open_for_the_next_transfer_and_more_than_open_is_for_a_person(mall: Mall) -> None:
    """BANK-2."""
    order = ordered(mall.shop)

    first = match(mall, a_line(order.number, 4000))
    more = match(mall, a_line(order.number, 1000, id="L2"))
    rest = match(mall, a_line(order.number, 900, id="L3"))
    again = match(mall, a_line(order.number, 900, id="L4"))

    assert [len(it.booked) for it in (first, more, rest, again)] == [1, 0, 1, 0]
    assert [it.unclear for it in (*more.unclear, *again.unclear)] == ["more_than_open", "nothing_open"]
    assert (now(mall, order).paid, [it.captured for it in now(mall, order).payments], now(mall, order).state) == (4900, [4000, 900], "confirmed")


def test_one_transfer_pays_two_orders_when_it_is_what_both_cost_and_else_neither(mall: Mall) -> None:
    """BANK-3."""
    one, two = ordered(mall.shop), ordered(mall.shop, "o2")
    text = f"{one.number} and {two.number}"

    (unclear,) = match(mall, a_line(text, 9000)).unclear
    (booked,) = match(mall, a_line(text, 9800, id="L2")).booked

    assert (unclear.unclear, set(unclear.proposals)) == ("several_orders", {one.number, two.number})
    assert set(booked.shares) == {Share(one.id, 4900), Share(two.id, 4900)}
    assert [now(mall, it).paid for it in (one, two)] == [4900, 4900]


def test_cash_at_the_door_that_a_carrier_hands_on_pays_its_orders(mall: Mall) -> None:
    one, two = placed(mall.shop, an_order(via=Via.ON_DELIVERY)), placed(mall.shop, an_order(key="o2", via=Via.ON_DELIVERY))

    report = match(mall, a_line(f"COD {one.number}, {two.number}", 9800))

    assert [len(it.shares) for it in report.booked] == [2]
    assert [(now(mall, it).paid, now(mall, it).payments[0].state) for it in (one, two)] == [(4900, "captured")] * 2


def test_other_money_unknown_numbers_canceled_orders_and_what_goes_out_book_nothing(mall: Mall) -> None:
    """BANK-5."""
    order, gone = ordered(mall.shop), ordered(mall.shop, "o2")
    accepted(mall.shop.orders.cancel(CancelOrder(key="no", by=ANN, order_id=gone.id)))
    unknown = str(mall.shop.ports.numbers.make(at=START, rng=lambda count: b"\xff" * count))

    report = match(
        mall,
        a_line(order.number, currency="USD"),
        a_line(unknown, id="L2"),
        a_line(gone.number, id="L3"),
        a_line(order.number, -4900, id="L4"),
    )

    assert [it.unclear for it in report.unclear] == ["other_currency", "unknown_number", "nothing_open"]
    assert (report.outgoing, report.booked, now(mall, order).paid, now(mall, gone).paid) == (1, (), 0, 0)


def test_a_line_is_booked_once_however_often_and_by_whomever_a_statement_is_read(mall: Mall) -> None:
    """BANK-6."""
    order = ordered(mall.shop)
    first = match(mall, a_line(order.number))

    again = mall.shop.payments.match(ACCOUNT, [a_line(order.number)], by=evolve(CLERK, id="other clerk"))
    changed = match(mall, a_line(order.number, 4901))
    elsewhere = mall.shop.payments.match("another account", [a_line(order.number)], by=CLERK)

    assert again.booked == first.booked
    assert (changed.changed, changed.booked, changed.unclear) == (("L1",), (), ())
    assert [it.unclear for it in elsewhere.unclear] == ["nothing_open"]
    assert now(mall, order).paid == 4900


def test_what_nobody_could_match_a_person_books_or_puts_aside(mall: Mall) -> None:
    order = ordered(mall.shop)
    match(mall, a_line("for the teas"), a_line("rent", 70_000, id="L2"))

    def assign(key: str, line: str, *shares: tuple[str, int], note: str = "") -> object:
        command = AssignTransfer(key=key, by=CLERK, transfer_id=f"{ACCOUNT}/{line}", shares=shares, note=note)
        return mall.shop.payments.assign(command)

    assert refused(assign("a", "L1", (order.id, 4000))) == "transfer_shares"
    assert refused(assign("b", "L9", (order.id, 4900))) == "transfer_not_found"
    assert refused(assign("c", "L1", ("nowhere", 4900))) == "order_not_found"
    booked = accepted(assign("d", "L1", (order.id, 4900)))
    aside = accepted(assign("e", "L2", note="not ours"))

    assert (booked.state, aside.state, now(mall, order).paid) == ("booked", "aside", 4900)
    assert accepted(assign("d", "L1", (order.id, 4900))) == booked
    assert refused(assign("f", "L1", (order.id, 4900))) == "transfer_settled"
    left = mall.storage.find(Query(Transfer, where=(Where("state", Match.EQUAL, "unclear"),)))
    assert [it.value for it in left.items] == []


def test_a_plan_that_somebody_overtook_ends_with_a_person_and_tells_what_was_booked(mall: Mall) -> None:
    """BANK-6: the order was paid otherwise between the plan and the booking."""
    one, two = ordered(mall.shop), ordered(mall.shop, "o2")
    match(mall, a_line("two orders", 9800))
    paid = RecordPayment(key="cash", by=CLERK, order_id=two.id, payment_id="p1", amount=Money(4900, "EUR"))
    accepted(mall.shop.payments.record(paid))

    shares = ((one.id, 4900), (two.id, 4900))
    transfer = accepted(mall.shop.payments.assign(AssignTransfer(key="a", by=CLERK, transfer_id=f"{ACCOUNT}/L1", shares=shares)))

    assert (transfer.state, transfer.unclear, transfer.shares) == ("unclear", "overtaken", (Share(one.id, 4900),))
    assert [now(mall, it).paid for it in (one, two)] == [4900, 4900]


def test_many_workers_read_one_statement_and_each_line_is_booked_once(tmp_path) -> None:
    """BANK-6, with threads on SQLite."""
    with closing(SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KINDS, upgrade=True, durability="normal")) as storage:
        mall = Mall(storage)
        orders = [ordered(mall.shop, f"o{number}") for number in range(4)]
        lines = [a_line(f"{it.number}", 2450, id=f"L{number}") for number, it in enumerate([*orders, *orders])]
        reports: list[StatementReport] = []
        barrier = Barrier(4)

        def read() -> None:
            barrier.wait()
            reports.append(match(mall, *lines))

        threads = [Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(reports) == 4
        assert [now(mall, it).paid for it in orders] == [4900] * 4
        assert {len(match(mall, *lines).booked)} == {8}


amounts = st.integers(1, 6000)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0, 1]), amounts), max_size=6), st.randoms(use_true_random=False))
def test_whatever_comes_in_no_order_is_paid_above_what_it_costs_and_all_that_is_booked_stands_on_orders(told, rng) -> None:
    mall = Mall(MemoryStorage(KINDS))
    orders = [ordered(mall.shop), ordered(mall.shop, "o2")]
    lines = [a_line(orders[which].number, amount, id=f"L{number}") for number, (which, amount) in enumerate(told)]
    twice = [*lines, *lines]
    rng.shuffle(twice)

    match(mall, *twice)
    report = match(mall, *lines)

    paid = [now(mall, order).paid for order in orders]
    assert all(each <= 4900 for each in paid)
    assert sum(paid) == sum(it.amount for it in report.booked)
    assert len(report.booked) + len(report.unclear) == len(lines)


@pytest.mark.parametrize(
    ("account", "lines", "by", "method"),
    [("", [], CLERK, "x"), ("a/b", [], CLERK, "x"), ("a", ["no line"], CLERK, "x"), ("a", [], ANN, "x"), ("a", [], None, "x"), ("a", [], CLERK, "")],
    ids=["no account", "a slash", "no line", "a customer", "nobody", "no method"],
)
def test_what_is_no_statement_is_told_and_nothing_is_written(mall: Mall, account, lines, by, method) -> None:
    with pytest.raises(InvalidValue, match="expected"):
        mall.shop.payments.match(account, lines, by=by, method=method)
    assert mall.storage.find(Query(Transfer)).items == ()


def test_a_transfer_keeps_neither_who_paid_nor_what_was_written(mall: Mall) -> None:
    line = a_line("private words")
    (transfer,) = match(mall, line).unclear

    for kept in (repr(line), repr(transfer)):
        assert "private" not in kept
        assert "Ann Lee" not in kept


def test_only_staff_assigns(mall: Mall) -> None:
    with pytest.raises(InvalidValue, match="is for staff"):
        AssignTransfer(key="a", by=customer("ann"), transfer_id="x", note="mine")
