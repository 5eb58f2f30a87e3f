"""What stands of the promises of an order, and that a ledger that writes under their keys books each of them once."""

from __future__ import annotations

from datetime import UTC, datetime

from attrs import evolve

from shopwright.adapters.memory import MemoryStorage
from shopwright.orders import Order, OrderState, Promise, PromiseState, promises
from shopwright.ports.quotas import Grant as Add
from shopwright.ports.storage import Changeset, Operation
from shopwright.pricing import Grant, GrantKind
from shopwright.testing.builders import an_order
from shopwright.wire.kinds import KINDS

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIFTY, DOUBLE = Grant(GrantKind.POINTS, 50, "box", 2), Grant(GrantKind.POINTS_RATE, 20_000, "double", 1)
COUPON = Grant(GrantKind.COUPON, 1, "box", 2, "next-time")


def promising(state: OrderState = OrderState.PLACED) -> Order:
    return evolve(an_order(), grants=(FIFTY, DOUBLE, COUPON), state=state)


def test_an_order_without_grants_promises_nothing() -> None:
    assert promises(an_order()) == ()


def test_what_stands_of_a_promise_follows_from_the_state_of_its_order() -> None:  # GRANT-1
    found = {state: {it.state for it in promises(promising(state))} for state in OrderState}

    assert found == {state: {PromiseState.OPEN} for state in OrderState} | {
        OrderState.COMPLETED: {PromiseState.DUE},
        OrderState.CANCELED: {PromiseState.CALLED_OFF},
    }


def test_the_key_of_a_promise_never_changes() -> None:  # GRANT-2
    order = promising()

    assert promises(order)[1] == Promise(f"{order.id}/grant/2", DOUBLE, PromiseState.OPEN)
    assert {tuple(it.key for it in promises(promising(state))) for state in OrderState} == {tuple(f"{order.id}/grant/{n}" for n in (1, 2, 3))}


def test_a_ledger_that_writes_under_the_keys_books_each_promise_once_however_often_it_is_told() -> None:  # GRANT-2
    storage = MemoryStorage(KINDS)

    for _ in range(3):
        for promise in promises(promising(OrderState.COMPLETED)):
            if promise.grant.kind is GrantKind.POINTS and promise.state is PromiseState.DUE:
                storage.commit(Changeset(Operation(promise.key, "book"), AT, moves=(Add("points/ann", promise.grant.amount),)))

    assert storage.quota(("points/ann",), at=AT)["points/ann"].granted == 50
