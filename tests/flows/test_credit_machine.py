"""Kept money of a shop, on any storage, is what simple sums say: debits equal credits, nothing is below zero, and no more comes out than was put in,
whatever is asked, twice, by two at once, late, and by processes that die at any call.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from shopwright import Money, Refusal, Shop
from shopwright.adapters.memory import MemoryStorage
from shopwright.credit.account import CreditAccount
from shopwright.credit.books import Book, CreditPosted, balances
from shopwright.errors import InvalidValue
from shopwright.flows.credit import commands as k
from shopwright.payments.errors import GatewayError
from shopwright.payments.operations import Flow, OperationKey
from shopwright.payments.outcomes import Done
from shopwright.payments.requests import RefundPart, StartPayment
from shopwright.ports.storage import START as BEGINNING
from shopwright.ports.storage import Storage
from shopwright.testing.clock import FrozenClock
from shopwright.testing.faults import Crash
from shopwright.testing.ids import SeededIds
from shopwright.wire.credit_kinds import CREDIT
from shopwright.wire.kinds import KINDS
from tests.flows.credited import CARD, CREDITED, check_credit
from tests.flows.mall import CLERK, START
from tests.flows.scoped_worlds import scoped_worlds
from tests.flows.town import Meddling, die

HOUR = timedelta(hours=1)
Deed = Callable[[Shop], Any]
amounts = st.integers(1, 60)
who = st.sampled_from(("ann", "bob", "card"))


def euros(amount: int) -> Money:
    return Money(amount, "EUR")


class CreditMachine(RuleBasedStateMachine):
    """Two shops over one storage, the first of which is meddled with."""

    deeds: Bundle[Deed] = Bundle("deeds")
    payments: Bundle[tuple[str, str]] = Bundle("payments")
    opened: ClassVar[Callable[[], Storage]] = lambda: MemoryStorage(KINDS)
    _numbers: ClassVar[Any] = count(1)

    @initialize()
    def begin(self) -> None:
        self.storage, self.clock, self.faults = type(self).opened(), FrozenClock(START), Meddling()
        self.shop = Shop(self.faults.wrap(self.storage), clock=self.clock, ids=SeededIds(1), **CREDITED)
        self.other = Shop(self.storage, clock=self.clock, ids=SeededIds(2), **CREDITED)
        assert not isinstance(self.other.credit.issue(k.IssueCard(key="card", by=CLERK, serial="c1", amount=euros(100))), Refusal)
        card = self.other.credit.card(CARD)
        assert not isinstance(card, Refusal)
        given = self.other.credit.card_tender(card.code, euros(1), buyer_id="ann", subject="ann")
        assert not isinstance(given, Refusal)
        self.card_source = given.source

    @rule(hours=st.integers(-3, 200))
    def time_passes(self, hours: int) -> None:
        self.clock.advance(hours * HOUR)

    @rule(target=deeds, to=who, amount=amounts, hours=st.one_of(st.none(), st.integers(1, 300)))
    def money_is_put_in(self, to: str, amount: int, hours: int | None) -> Deed:
        key = self.key()
        if to == "card":
            topped = k.TopUpCard(key=key, by=CLERK, card_id=CARD, amount=euros(amount))
            return self.done(lambda shop: shop.credit.top_up(topped))
        ends = None if hours is None else self.clock.now() + hours * HOUR
        granted = k.GrantCredit(key=key, by=CLERK, member_id=to, amount=euros(amount), expires_at=ends)
        return self.done(lambda shop: shop.credit.grant(granted))

    @rule(target=deeds, of=who, amount=amounts)
    def money_is_taken_out(self, of: str, amount: int) -> Deed:
        account = CARD if of == "card" else f"store_credit/EUR/{of}"
        command = k.TakeOutCredit(key=self.key(), by=CLERK, account_id=account, amount=euros(amount))
        return self.done(lambda shop: shop.credit.take_out(command))

    @rule(target=payments, of=who, amount=amounts, capture=st.booleans())
    def somebody_pays(self, of: str, amount: int, capture: bool) -> tuple[str, str]:
        key, gateway = self.key(), "gift_card" if of == "card" else "store_credit"
        source = self.card_source if of == "card" else None
        start = StartPayment(
            key=OperationKey(key),
            amount=euros(amount),
            description="x",
            flow=Flow.TOKEN,
            capture=capture,
            source_token=source,
            buyer={"id": "ann" if of == "card" else of},
            at=START,
        )
        self.done(lambda shop: shop.ports.gateway(gateway).start(start))
        return gateway, key

    @rule(target=deeds, payment=payments, amount=amounts, final=st.booleans())
    def some_is_captured(self, payment: tuple[str, str], amount: int, final: bool) -> Deed:
        key = OperationKey(self.key())
        return self.done(lambda shop: shop.ports.gateway(payment[0]).capture(key, payment[1], euros(amount), final=final))

    @rule(target=deeds, payment=payments)
    def it_is_voided(self, payment: tuple[str, str]) -> Deed:
        key = OperationKey(self.key())
        return self.done(lambda shop: shop.ports.gateway(payment[0]).void(key, payment[1]))

    @rule(target=deeds, payment=payments, amount=amounts)
    def some_goes_back(self, payment: tuple[str, str], amount: int) -> Deed:
        part = RefundPart(key=OperationKey(self.key()), payment=payment[1], amount=euros(amount), of_total=euros(60))
        return self.done(lambda shop: shop.ports.gateway(payment[0]).refund(part))

    @rule(deed=deeds)
    def it_is_asked_again(self, deed: Deed) -> None:
        """What was done is not done again; what was refused may be done now."""
        before = self.entries()
        first = self.answer(self.other, deed)
        after = self.entries()
        assert self.answer(self.other, deed) == first or after == before
        if not isinstance(first, Refusal | GatewayError | InvalidValue):
            assert self.entries() == after

    @rule(deed=deeds, call=st.integers(1, 4), after=st.booleans())
    def a_process_dies(self, deed: Deed, call: int, after: bool) -> None:
        self.faults.meddle_at(call, die, after=after)
        try:
            self.answer(self.shop, deed)
        except Crash:
            self.faults.heal()
            self.answer(self.other, deed)
        self.faults.heal()

    @rule(deed=deeds, theirs=deeds, call=st.integers(1, 4), after=st.booleans())
    def two_act_at_once(self, deed: Deed, theirs: Deed, call: int, after: bool) -> None:
        self.faults.meddle_at(call, lambda: self.answer(self.other, theirs), after=after)
        self.answer(self.shop, deed)
        self.faults.heal()

    @rule(call=st.integers(1, 6), after=st.booleans())
    def swept(self, call: int, after: bool) -> None:
        self.faults.meddle_at(call, die, after=after)
        with suppress(Crash):
            self.shop.credit.expire()
        self.faults.heal()
        self.other.credit.expire()
        assert self.shop.credit.expire() == 0

    @invariant()
    def the_books_are_right(self) -> None:
        accounts = check_credit(self.storage)
        books = balances(self.entries())
        put_in = books.get(Book.GRANTED, 0) + books.get(Book.SOLD, 0)
        owed = {it.program: it for it in self.other.credit.liability(as_of=START + 90_000 * HOUR)}
        assert put_in == sum([it.put_in for it in owed.values()])
        assert sum([it.outstanding for it in owed.values()]) == sum([self.inside(it) for it in accounts.values()])
        assert all(0 <= it.outstanding <= it.put_in and 0 <= it.spent <= it.put_in for it in owed.values())
        assert all(it.balance(self.clock.now()).available <= it.granted for it in accounts.values())

    def inside(self, account: CreditAccount) -> int:
        return account.free + sum([hold.amount for hold in account.holds])

    def entries(self) -> list[CreditPosted]:
        return [it.value for it in self.storage.read(CREDIT, after=BEGINNING, limit=1_000)]

    def done(self, deed: Deed) -> Deed:
        self.answer(self.shop, deed)
        return deed

    def answer(self, shop: Shop, deed: Deed) -> Any:
        """What a shop answers; gateways answer by raising, too, and money that has lapsed before it came cannot come any more."""
        try:
            answer = deed(shop)
        except (GatewayError, InvalidValue) as error:
            return error
        return Done if isinstance(answer, Done) else answer

    def key(self) -> str:
        return f"k{next(self._numbers):06d}"


    def teardown(self) -> None:
        if hasattr(self, "storage"):
            self.storage.close()


PACE = settings(stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
TestCredit = CreditMachine.TestCase
TestCredit.settings = settings(PACE, max_examples=25)


@pytest.mark.full
def test_kept_money_is_right_for_a_long_time() -> None:
    run_state_machine_as_test(CreditMachine, settings=settings(PACE, max_examples=300, stateful_step_count=40))


@pytest.mark.full
@pytest.mark.parametrize("where", ["sqlite", "postgres"])
def test_kept_money_is_right_on_databases(where: str, request: pytest.FixtureRequest) -> None:
    with scoped_worlds(where, request) as opened_world:

        class Machine(CreditMachine):
            opened = staticmethod(opened_world)

        run_state_machine_as_test(Machine, settings=settings(PACE, max_examples=30, stateful_step_count=20))
