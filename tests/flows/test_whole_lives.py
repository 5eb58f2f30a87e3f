"""Whole lives of orders: bought, edited, split, given back in units and amounts, disputed, asked about in cases, by people who send things twice and
processes that die anywhere. The laws are those of `tests.flows.laws`, and that each case follows from its history and claims its units once.
"""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, ClassVar, cast

import pytest
from attrs import evolve
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from shopwright import FlatShipping, Order, PayOrder, PlaceOrder, Refusal, Tender, Terms, accepted, errors
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.payments.disputes import DisputeState
from shopwright.payments.errors import GatewayError
from shopwright.ports.storage import Query, Storage
from shopwright.returns.case import Case
from shopwright.returns.evolve import fold as fold_case
from shopwright.returns.order_cases import OrderCases
from shopwright.wire.kinds import KINDS
from tests.flows.case_deeds import EVERYTHING, OF_CASES, OF_ORDERS, about_case, words_of
from tests.flows.deeds import HOME, Deed, Wish, place, send
from tests.flows.kept_laws import KEEPING, check_kept, check_kept_end, rich
from tests.flows.laws import check_always
from tests.flows.mall import ANN
from tests.flows.paying_points import ANNS
from tests.flows.test_shop_machine import Meddle, ShopMachine, meddles
from tests.flows.town import a_cart

about_orders = st.builds(Deed, st.sampled_from(sorted(OF_ORDERS)), st.integers(0, 2), st.integers(0, 20))
about_cases = st.builds(Deed, st.sampled_from(sorted(OF_CASES)), st.integers(0, 3), st.integers(0, 15))
WAYS = (
    ("approve", "receive", "inspect", "resolve"),
    ("approve", "book_label", "track", "receive", "inspect", "resolve"),
    ("ask", "answer", "approve", "send", "receive", "set_aside", "resolve", "end_quarantine"),
    ("approve", "book_label", "void_label", "receive", "inspect", "resolve"),
    ("approve", "send", "miss", "resolve"),
    ("withdraw",),
    ("reject",),
)
"""Ways that a case goes at one go, from the application on."""


class LivesMachine(ShopMachine):
    """Anything may happen next, to orders and to their cases. What is done goes round with the number of commands, so that all of it is met."""

    more = KEEPING
    stock = 15
    reached: ClassVar[Counter[str]] = Counter()

    def begun(self) -> None:
        """Ann has points and credit, and an order of hers has come."""
        self.forgotten = False
        rich(self.town)
        self.come(Wish(teas=2))

    def _cases(self) -> tuple[Case, ...]:
        return tuple(it.value for it in self.town.storage.find(Query(Case, limit=100)).items)

    def _sent(self, verb: str, command: Any, meddle: Meddle | None) -> None:
        self._meddled(lambda: self._tell(verb, command), meddle)
        self.sent = (*getattr(self, "sent", ()), (verb, command))

    def _tell(self, verb: str, command: Any) -> None:
        """Send a command, and take note of what it came to."""
        answer = send(self.town.shop, verb, command)
        if not isinstance(answer, Refusal | Exception):
            self.reached.update(words_of(verb, command, answer))

    @rule(meddle=meddles)
    def the_buyer_is_forgotten(self, meddle: Meddle | None) -> None:
        self.forgotten = True
        super().the_buyer_is_forgotten(meddle)

    @rule(method=st.sampled_from(("points", "store_credit")), share=st.integers(1, 29), capture=st.booleans(), meddle=meddles)
    def somebody_pays_with_what_is_kept(self, method: str, share: int, capture: bool, meddle: Meddle | None) -> None:
        """A cup for 29.00 with its shipping, so many euros of it in points or credit."""
        kept = Tender(method=method, amount=100 * share, gateway=method, source=ANNS if method == "points" else "", capture=capture)
        rest = Tender(method="card", amount=2_900 - kept.amount, gateway="fake", source="tok_ok", capture=capture)
        tenders = (kept, rest) if rest.amount else (kept,)
        about = {"by": ANN, "buyer_id": "ann", "cart": a_cart(0, 1, ""), "ship_to": HOME, "shipping": FlatShipping("post", 400)}
        self._sent("orders.place", PlaceOrder(key=self._key(), tenders=tenders, **about), meddle)
        orders = self.town.orders()
        self._sent("payments.pay", PayOrder(key=self._key(), by=ANN, order_id=orders[-1].id), meddle)

    @rule(meddle=meddles)
    def points_are_counted(self, meddle: Meddle | None) -> None:
        self._meddled(self.town.shop.loyalty.follow, meddle)

    @rule(deed=about_orders, meddle=meddles)
    def somebody_wants_something_else(self, deed: Deed, meddle: Meddle | None) -> None:
        orders = self.town.orders()
        if orders:
            self._sent(*OF_ORDERS[deed.verb](orders[deed.which % len(orders)], deed.part + self.count, self._key()), meddle)

    @rule(deed=about_cases, meddle=meddles)
    def somebody_moves_a_case(self, deed: Deed, meddle: Meddle | None) -> None:
        cases = sorted(self._cases(), key=lambda case: case.open)
        if cases:
            self._sent(*about_case(cases[-1 - deed.which % len(cases)], evolve(deed, part=deed.part + self.count), self._key()), meddle)

    @rule(which=st.integers(0, 2), seed=st.integers(0, 1_000), meddle=meddles)
    def goods_come_back(self, which: int, seed: int, meddle: Meddle | None) -> None:
        """From the door to the resolution, at one go."""
        dice = Random(f"{seed}/{self.count}")
        self.goods_go(which, carried=False)
        came = [order for order in self.town.orders() if any(line.buckets.delivered for line in order.lines)]
        if not came:
            return
        self.brought_back(came[which % len(came)], dice.randrange(64), dice.choice(WAYS), dice, meddle)

    def brought_back(self, order: Order, wish: int, way: tuple[str, ...], dice: Random, meddle: Meddle | None = None) -> None:
        """A case of this order goes this way."""
        before = {case.id for case in self._cases()}
        self._sent(*OF_ORDERS["apply"](order, wish, self._key()), None)
        for verb in way:
            for case in self._cases():
                if case.id not in before:
                    deed = Deed(verb, 0, dice.randrange(64))
                    self._sent(*about_case(case, deed, self._key()), meddle if verb == "resolve" else None)

    def come(self, wish: Wish) -> Order:
        """An order that was bought, paid and delivered, while nobody meddles."""
        order = accepted(place(self.town.other, wish, self._key()))
        at = [it.id for it in self.town.orders()].index(order.id)
        for verb in ("pay", "confirm", "ship", "dispatch", "deliver"):
            self._do(self.town.other, Deed(verb, at))
        return accepted(self.town.other.orders.get(order.id))

    @rule(nth=st.integers(0, 50))
    def a_command_comes_again(self, nth: int) -> None:
        sent = getattr(self, "sent", ())
        if sent:
            verb, command = sent[nth % len(sent)]
            self._tell(verb, command)

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
    def what_is_kept_is_what_its_entries_say(self) -> None:
        if hasattr(self, "town"):
            check_kept(self.town)

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


    def teardown(self) -> None:
        if hasattr(self, "town"):
            self.town.heal()
            if not self.forgotten:
                check_kept_end(self.town, self.town.orders())
        super().teardown()


PACE = settings(stateful_step_count=25, suppress_health_check=list(HealthCheck), deadline=None)
TestLives = LivesMachine.TestCase
TestLives.settings = settings(PACE, max_examples=30)


def test_all_that_may_become_of_goods_and_edits_is_met_with_the_laws() -> None:
    LivesMachine.reached.clear()
    for number, way in enumerate(WAYS):
        lives = LivesMachine()
        lives.stock = 30
        lives.opens(terms=Terms(), first=Wish(), second=Wish(), gives=False, seals=bool(number % 2), judges=False)
        for wish in range(8):
            lives.brought_back(lives.come(Wish()), wish, way, Random(wish))
            lives.somebody_wants_something_else(Deed("edit", 1, wish), None)
            check_always(lives.town)
        lives.cases_follow_from_their_histories()
        lives.the_story_tells_every_event()
        lives.teardown()

    assert EVERYTHING - set(LivesMachine.reached) == set()


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
