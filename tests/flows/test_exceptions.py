"""The inbox of exceptions: on every storage the same rows in the same order, page by page; who works on what, and what is said of the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from attrs import evolve

from shopwright import Order, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite.storage import SqliteStorage
from shopwright.flows import commands as c
from shopwright.flows.exceptions.looking import InboxFilter, OpenException
from shopwright.flows.vault.commands import ErasePerson
from shopwright.orders.exception_events import How
from shopwright.orders.exceptions import ExceptionKind, Severity, meaning_of
from shopwright.ports.storage import Storage
from shopwright.wire.kinds import KINDS
from tests.flows.excepted import assign, odd, resolve
from tests.flows.mall import ANN, CLERK, START, Mall, an_order, paid
from tests.flows.vaulted import VAULTED

HOUR = timedelta(hours=1)


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    if request.param == "postgres":
        from shopwright.adapters.postgres.storage import PostgresStorage

        opened: Storage = PostgresStorage.open(request.getfixturevalue("postgres_database"), kinds=KINDS, upgrade=True)
    else:
        opened = MemoryStorage(KINDS) if request.param == "memory" else SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KINDS, upgrade=True)
    yield opened
    opened.close()


def note(mall: Mall, order: Order, code: str, *, on_record: bool = False) -> None:
    key = f"{order.id}-{code}"
    accepted(mall.shop.orders.note(c.NoteException(key=key, by=CLERK, order_id=order.id, code=code, on_record=on_record)))


def rows(mall: Mall, **wanted: object) -> list[tuple[str, str]]:
    return [(it.number, it.code) for it in mall.shop.exceptions.inbox(InboxFilter(**wanted)).exceptions]  # type: ignore[arg-type]  # as given


def three_orders(mall: Mall) -> tuple[Order, Order, Order]:
    """The second has the oldest exception, and a newer one; what the third has is on record alone."""
    one, two, three = (paid(mall.shop, an_order(key=key)) for key in ("o1", "o2", "o3"))
    note(mall, two, "booking_failed")
    mall.clock.advance(HOUR)
    note(mall, one, "refund_failed")
    mall.clock.advance(HOUR)
    note(mall, two, "late")
    note(mall, three, "delivered_late", on_record=True)
    return one, two, three


def test_the_inbox_tells_what_is_open_oldest_order_first_with_age_and_what_to_try(storage: Storage) -> None:
    """INBOX-1 INBOX-2"""
    mall = Mall(storage)
    one, two, _three = three_orders(mall)
    line = meaning_of("booking_failed")
    shown = mall.shop.exceptions.inbox().exceptions
    assert [(it.number, it.code, it.age) for it in shown] == [
        (two.number, "booking_failed", 2 * HOUR),
        (two.number, "late", timedelta(0)),
        (one.number, "refund_failed", HOUR),
    ]
    assert shown[0] == OpenException(
        order_id=two.id,
        number=two.number,
        exception=1,
        code="booking_failed",
        facts=(),
        noted_at=START,
        age=2 * HOUR,
        owner="",
        kind=line.kind,
        severity=line.severity,
        meaning=line.meaning,
        suggests=line.suggests,
    )


def test_the_inbox_shows_what_a_filter_asks_for(storage: Storage) -> None:
    """INBOX-1"""
    mall = Mall(storage)
    one, two, _three = three_orders(mall)
    accepted(mall.shop.exceptions.assign(assign(two, exception=2)))
    assert rows(mall, owner="clerk") == [(two.number, "late")]
    assert rows(mall, owner="") == [(two.number, "booking_failed"), (one.number, "refund_failed")]
    assert rows(mall, kind=ExceptionKind.PAYMENT) == [(one.number, "refund_failed")]
    assert rows(mall, severity=Severity.NORMAL) == [(two.number, "booking_failed"), (two.number, "late")]
    assert rows(mall, code="late") == [(two.number, "late")]
    assert rows(mall, noted_before=START + HOUR) == [(two.number, "booking_failed")]
    accepted(mall.shop.exceptions.resolve(resolve(two, exception=1)))
    assert rows(mall) == [(one.number, "refund_failed"), (two.number, "late")]


def test_pages_of_the_inbox_tell_every_exception_once(storage: Storage) -> None:
    """INBOX-3"""
    mall = Mall(storage)
    three_orders(mall)
    told, after = list[OpenException](), ""
    while True:
        page = mall.shop.exceptions.inbox(limit=1, after=after)
        assert len({it.order_id for it in page.exceptions}) <= 1
        told += page.exceptions
        if not page.next:
            break
        after = page.next
    assert tuple(told) == mall.shop.exceptions.inbox().exceptions


def test_an_age_is_never_below_zero() -> None:
    mall = Mall(MemoryStorage(KINDS))
    odd(mall)
    [shown] = mall.shop.exceptions.inbox(at=START - HOUR).exceptions
    assert shown.age == timedelta(0)


def test_a_command_about_an_exception_that_is_sent_again_is_done_once() -> None:
    mall = Mall(MemoryStorage(KINDS))
    order = odd(mall)
    for verb, command in ((mall.shop.exceptions.assign, assign(order)), (mall.shop.exceptions.resolve, resolve(order))):
        assert verb(command) == verb(command)  # type: ignore[operator]  # each verb gets its command
    told = [type(it.value).__name__ for it in mall.shop.orders.history(order.id)]
    assert [told.count(name) for name in ("ExceptionNoted", "ExceptionAssigned", "ExceptionResolved")] == [1, 1, 1]


def test_how_an_exception_ended_is_a_note_for_staff_that_is_sealed_for_the_buyer() -> None:
    mall = Mall(MemoryStorage(KINDS), ways=VAULTED)
    order = odd(mall)
    accepted(mall.shop.exceptions.assign(assign(order)))
    accepted(mall.shop.exceptions.resolve(resolve(order, note="Ann Lee moved to Kiel")))
    assert [(it.about, it.text) for it in accepted(mall.shop.orders.notes(order.id, by=CLERK))] == [("resolved", "Ann Lee moved to Kiel")]
    assert accepted(mall.shop.orders.notes(order.id, by=ANN)) == ()
    story = accepted(mall.shop.orders.timeline(order.id, by=CLERK)).text.splitlines()
    assert story[-2:] == [
        "2026-03-02T09:00:00+00:00 staff clerk: gave exception 1 to clerk",
        "2026-03-02T09:00:00+00:00 staff clerk: resolved exception 1 (settled): Ann Lee moved to Kiel",
    ]
    assert "exception" not in accepted(mall.shop.orders.timeline(order.id, by=ANN)).text
    assert "Kiel" not in str([it.value for it in mall.shop.orders.history(order.id)])
    accepted(mall.shop.persons.erase(ErasePerson(key="erase", by=CLERK, subject="ann")))
    assert accepted(mall.shop.orders.notes(order.id, by=CLERK))[0].text is None


def test_what_was_brought_in_on_record_is_in_no_inbox_and_in_the_order() -> None:
    """EXCEPT-2"""
    mall = Mall(MemoryStorage(KINDS))
    order = paid(mall.shop)
    note(mall, order, "delivered_late", on_record=True)
    after = accepted(mall.shop.orders.get(order.id))
    assert [(it.code, it.how) for it in after.exceptions] == [("delivered_late", How.ON_RECORD)]
    assert mall.shop.exceptions.inbox().exceptions == ()


def test_noting_the_same_again_changes_nothing_while_it_is_open() -> None:
    """EXCEPT-3"""
    mall = Mall(MemoryStorage(KINDS))
    order = odd(mall)
    again = c.NoteException(key="again", by=CLERK, order_id=order.id, code="payment_amount")
    assert accepted(mall.shop.orders.note(again)) == order
    assert len(accepted(mall.shop.orders.note(evolve(again, key="more", facts=(("amount", 3),)))).exceptions) == 2
