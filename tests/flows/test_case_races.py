"""Two at once about one case, or the same units, in threads on each storage: no unit is taken back twice, and no cent goes back twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from attrs import evolve

from shopwright import Refusal, Shop, accepted
from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.errors import IllegalTransition
from shopwright.flows.returns import commands as r
from shopwright.ports.storage import Storage
from shopwright.returns.case import Case
from shopwright.returns.states import CaseState
from shopwright.testing.ids import SeededIds
from shopwright.wire.kinds import KINDS
from tests.flows.cased import DAY, TEA, approved, check_cases, inspected
from tests.flows.given_back import back, come
from tests.flows.mall import ANN, CLERK, Mall

Act = Callable[[Shop], Any]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    if request.param == "postgres":
        from shopwright.adapters.postgres.storage import PostgresStorage

        opened: Storage = PostgresStorage.open(request.getfixturevalue("postgres_database"), kinds=KINDS, upgrade=True)
    elif request.param == "sqlite":
        opened = SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KINDS, upgrade=True, durability="normal")
    else:
        opened = MemoryStorage(KINDS)
    yield opened
    opened.close()


def at_once(mall: Mall, *acts: Act) -> list[Any]:
    """What each of these answered or raised, all begun at the same moment, each in a shop of its own."""
    ready, answers = Barrier(len(acts)), list[Any]([None] * len(acts))

    def run(number: int, act: Act) -> None:
        shop = Shop(mall.storage, gateways=[FakeGateway(provider=mall.provider)], clock=mall.clock, ids=SeededIds(100 + number))
        ready.wait(30)
        try:
            answers[number] = act(shop)
        except IllegalTransition as error:
            answers[number] = error

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    check_cases(mall.storage)
    return answers


def refunded(mall: Mall) -> int:
    return sum(it.amount.minor for it in mall.provider.movements() if it.kind == "refunded")


def test_two_cases_never_get_the_last_unit_of_a_line(storage: Storage) -> None:
    """RETURN-5, CASE-1."""
    mall = Mall(storage)
    order = come(mall)

    def applied(key: str) -> Act:
        cup = evolve(TEA, line_no=2)
        return lambda shop: shop.returns.apply(r.ApplyForReturn(key=key, by=ANN, order_id=order.id, wishes=(cup,)))

    answers = at_once(mall, *[applied(f"a{n}") for n in range(4)])

    assert sorted(it.code if isinstance(it, Refusal) else "case" for it in answers) == ["case", *["return_units_above"] * 3]


def test_a_case_is_resolved_once_however_many_resolve_it(storage: Storage) -> None:
    """RETURN-1, CASE-5."""
    mall = Mall(storage)
    case = inspected(mall)

    def resolved(key: str) -> Act:
        return lambda shop: shop.returns.resolve(r.ResolveCase(key=key, by=CLERK, case_id=case.id))

    answers = at_once(mall, resolved("one"), resolved("one"), resolved("other"), resolved("third"))

    assert sum(isinstance(it, Case) for it in answers) in (1, 2)
    assert all(isinstance(it, Case | IllegalTransition) for it in answers)
    assert refunded(mall) == 1_089
    assert len(accepted(mall.shop.payments.credit_notes(case.order_id))) == 1


def test_what_a_case_gives_back_and_what_a_clerk_gives_back_is_given_back_once(storage: Storage) -> None:
    mall = Mall(storage)
    case = inspected(mall, evolve(TEA, units=2))
    order = accepted(mall.shop.orders.get(case.order_id))

    answers = at_once(
        mall,
        lambda shop: shop.returns.resolve(r.ResolveCase(key="case", by=CLERK, case_id=case.id)),
        lambda shop: shop.payments.refund_units(back(order, (1, 2))),
    )

    assert sum(isinstance(it, Refusal) for it in answers) == 1
    assert refunded(mall) == 2_178
    assert len(accepted(mall.shop.payments.credit_notes(order.id))) == 1


def test_goods_that_come_as_their_time_is_over_are_here_or_were_too_late(storage: Storage) -> None:
    mall = Mall(storage)
    case = approved(mall)
    mall.clock.advance(14 * DAY)

    received, expired = at_once(
        mall,
        lambda shop: shop.returns.receive(r.ReceiveReturn(key="here", by=CLERK, case_id=case.id)),
        lambda shop: shop.returns.sweep(),
    )

    state = accepted(mall.shop.returns.get(case.id)).state
    assert (state, isinstance(received, Case), expired) in {(CaseState.RECEIVED, True, 0), (CaseState.EXPIRED, False, 1)}
