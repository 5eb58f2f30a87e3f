"""Whole lives of orders: bought, edited, split, given back in units and amounts, disputed, asked about in cases, by people who send things twice and
processes that die anywhere. The laws are those of `tests.flows.laws`, and that each case follows from its history and claims its units once.
"""

from __future__ import annotations

from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from shopwright import Refusal, errors
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.payments.disputes import DisputeState
from shopwright.payments.errors import GatewayError
from shopwright.ports.storage import Query, Storage
from shopwright.returns.case import Case
from shopwright.returns.evolve import fold as fold_case
from shopwright.returns.order_cases import OrderCases
from shopwright.wire.kinds import KINDS
from tests.flows.case_deeds import OF_CASES, OF_ORDERS, about_case
from tests.flows.deeds import Deed, send
from tests.flows.test_shop_machine import Meddle, ShopMachine, meddles

about_orders = st.builds(Deed, st.sampled_from(sorted(OF_ORDERS)), st.integers(0, 2), st.integers(0, 20))
about_cases = st.builds(Deed, st.sampled_from(sorted(OF_CASES)), st.integers(0, 3), st.integers(0, 11))
FORTH = ("approve", "receive", "inspect", "resolve")


class LivesMachine(ShopMachine):
    """Anything may happen next, to orders and to their cases."""

    def _cases(self) -> tuple[Case, ...]:
        return tuple(it.value for it in self.town.storage.find(Query(Case, limit=100)).items)

    def _sent(self, verb: str, command: Any, meddle: Meddle | None) -> None:
        self._meddled(lambda: send(self.town.shop, verb, command), meddle)
        self.sent = (*getattr(self, "sent", ()), (verb, command))

    @rule(deed=about_orders, meddle=meddles)
    def somebody_wants_something_else(self, deed: Deed, meddle: Meddle | None) -> None:
        orders = self.town.orders()
        if orders:
            self._sent(*OF_ORDERS[deed.verb](orders[deed.which % len(orders)], deed.part, self._key()), meddle)

    @rule(deed=about_cases, meddle=meddles)
    def somebody_moves_a_case(self, deed: Deed, meddle: Meddle | None) -> None:
        cases = self._cases()
        if cases:
            self._sent(*about_case(cases[-1 - deed.which % len(cases)], deed, self._key()), meddle)

    @rule(which=st.integers(0, 2), wish=st.integers(0, 20), parts=st.tuples(*[st.integers(0, 11)] * 4), meddle=meddles)
    def goods_come_back(self, which: int, wish: int, parts: tuple[int, ...], meddle: Meddle | None) -> None:
        """From the door to the resolution, at one go."""
        self.goods_go(which, carried=False)
        self.somebody_wants_something_else(Deed("apply", which, wish), None)
        for verb, part in zip(FORTH, parts, strict=True):
            self.somebody_moves_a_case(Deed(verb, 0, part), meddle if verb == "resolve" else None)

    @rule(nth=st.integers(0, 50))
    def a_command_comes_again(self, nth: int) -> None:
        sent = getattr(self, "sent", ())
        if sent:
            verb, command = sent[nth % len(sent)]
            send(self.town.shop, verb, command)

    @rule(which=st.integers(0, 2), state=st.sampled_from((None, *DisputeState)), inquiry=st.booleans(), heard=st.booleans())
    def a_payment_is_disputed(self, which: int, state: DisputeState | None, inquiry: bool, heard: bool) -> None:
        """Opened where nothing is open, else decided."""
        accounts = self.town.accounts()
        if not accounts:
            return
        reference = accounts[which % len(accounts)].reference
        with self.town.provider.open() as book:
            filed = book.disputes(reference)
        try:
            if state is None or not filed:
                self.town.provider.open_dispute(reference, inquiry=inquiry)
            else:
                self.town.provider.decide_dispute(filed[-1].id, state)
        except (GatewayError, errors.InvalidValue):
            return
        if heard:
            self.town.deliver_all(again=False)

    @invariant()
    def cases_follow_from_their_histories(self) -> None:
        if not hasattr(self, "town"):
            return
        by_order: dict[str, list[Case]] = {}
        for case in self._cases():
            history = self.town.other.returns.history(case.id)
            assert [event.number for event in history] == list(range(1, case.event_count + 1))
            assert fold_case(event.value for event in history) == case
            by_order.setdefault(case.order_id, []).append(case)
        for order_id, cases in by_order.items():
            claims = OrderCases(order_id=order_id)
            for case in cases:
                claims = claims.with_case(case)
            stored = self.town.storage.load(OrderCases, order_id)
            assert stored is not None
            assert (stored.value.count, stored.value.taken) == (len(cases), claims.taken)

    @invariant()
    def the_story_tells_every_event(self) -> None:
        for order in self.town.orders() if hasattr(self, "town") else ():
            told = self.town.other.orders.timeline(order.id, limit=500)
            assert not isinstance(told, Refusal)
            cases = [case for case in self._cases() if case.order_id == order.id]
            assert len(told.moments) == order.event_count + sum(case.event_count for case in cases)


PACE = settings(stateful_step_count=25, suppress_health_check=list(HealthCheck), deadline=None)
TestLives = LivesMachine.TestCase
TestLives.settings = settings(PACE, max_examples=40)


@pytest.mark.parametrize("where", ["sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def test_whole_lives_on_a_store_of_files(where: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    shared: Any
    if where == "sqlite":
        shared = SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KINDS, upgrade=True, durability="normal")
    else:
        from shopwright.adapters.postgres.storage import PostgresStorage

        shared = PostgresStorage.open(request.getfixturevalue("postgres_database"), kinds=KINDS, upgrade=True)
    numbers = count(1)

    class LivesThere(LivesMachine):
        def storage(self) -> Storage:
            return cast("Storage", shared.scoped(f"town-{next(numbers)}"))

    with closing(shared):
        run_state_machine_as_test(LivesThere, settings=settings(PACE, max_examples=5 if where == "sqlite" else 60))


@pytest.mark.full
def test_many_more_whole_lives() -> None:
    run_state_machine_as_test(LivesMachine, settings=settings(PACE, max_examples=1_500))
