"""The laws of orders, for any life: whatever people, gateways and carriers do, in whatever order it is heard."""

from __future__ import annotations

from functools import reduce
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shopwright import orders
from shopwright.changing import changed
from shopwright.orders import Decision, OrderState, fold, paying
from shopwright.orders.events import OrderPlaced
from shopwright.orders.lines import Bucket, Buckets
from shopwright.orders.standing import Standings, standings
from shopwright.payments.events import PaymentVerb
from shopwright.payments.outcomes import Done, Outcome
from shopwright.payments.payment import Attempt, Payment
from shopwright.pricing import disagreements, replay
from shopwright.refusals import Refusal
from shopwright.testing.builders import ANN, CLERK, NOON, a_decision, a_tender, a_voucher, an_order, paid, sold
from shopwright.testing.moves import of_goods, of_people
from shopwright.testing.strategies import lives, placings
from tests.properties.bank import Bank


@given(lives())
def test_a_history_tells_of_its_order(life: Decision) -> None:
    assert fold(life.events) == life.order
    assert life.order.event_count == len(life.events)


@given(lives())
def test_units_are_conserved_whatever_happens(life: Decision) -> None:
    """ORDER-1"""
    for line in life.order.lines:
        places = [getattr(line.buckets, bucket) for bucket in Bucket]
        assert (sum(places), min(places) >= 0) == (line.quantity, True)


@given(lives())
def test_what_was_agreed_never_changes(life: Decision) -> None:
    """ORDER-2"""
    assert [changed(line, buckets=Buckets()) for line in life.order.lines] == [changed(line, buckets=Buckets()) for line in life.events[0].lines]


@given(placings())
def test_a_price_with_or_without_gifts_is_made_again_from_what_its_order_froze(placed: Decision) -> None:
    """ORDER-2"""
    placing = placed.events[0]
    assert isinstance(placing, OrderPlaced)
    again = replay(placing, at=placing.at)
    assert (disagreements(placing, again), again.total, again.grants) == ((), placed.order.total.minor, placed.order.grants)


@given(lives())
def test_nothing_is_ever_owed_for_a_gift(life: Decision) -> None:
    """GIFT-1"""
    gifts = [line for line in life.order.lines if line.given_by is not None]
    assert [(line.total, line.owed, line.discount) for line in gifts] == [(0, 0, 0)] * len(gifts)
    without = changed(life.order, lines=tuple(line for line in life.order.lines if line.given_by is None))
    assert (without.owed, without.total) == (life.order.owed, life.order.total)


@given(lives())
def test_no_more_goes_back_than_came(life: Decision) -> None:
    """PAY-1"""
    for payment in life.order.payments:
        assert 0 <= payment.refunded <= payment.captured
        assert payment.asked(PaymentVerb.REFUND) <= payment.captured


@given(lives())
def test_a_standing_is_always_told_and_the_next_step_can_always_be_taken(life: Decision) -> None:
    assert isinstance(standings(life.order), Standings)
    step = orders.next_step(life.order, at=NOON)
    assert step is None or orders.evolve(life.order, step).open_attempts[-1:] != ()


@given(lives(), st.data())
def test_events_in_any_order_never_fail_to_apply(life: Decision, data: st.DataObject) -> None:
    first, *rest = life.events
    order = reduce(orders.evolve, data.draw(st.permutations(rest)), fold([first]))

    assert order.event_count == len(life.events)
    assert [line.buckets.total for line in order.lines] == [line.quantity for line in order.lines]


@given(placings(), st.data())
def test_shares_of_units_called_off_one_by_one_add_up_to_the_line(placed: Decision, data: st.DataObject) -> None:
    """ORDER-3: in any order, any sequence of partial cancellations gives back the total, to the cent."""
    for line in placed.order.lines:
        gone = sorted(data.draw(st.sets(st.integers(min_value=1, max_value=line.quantity), max_size=line.quantity)) | {0, line.quantity})
        owed = [changed(line, buckets=Buckets(open=line.quantity - units, canceled=units)).owed for units in gone]
        refunds = [before - after for before, after in pairwise(owed)]
        assert (sum(refunds), min(refunds, default=0) >= 0, owed[0], owed[-1]) == (line.total, True, line.total, 0)


@given(st.lists(st.integers(min_value=1, max_value=5_000), max_size=12), st.booleans())
def test_refunds_in_parts_add_up_to_what_was_paid_and_not_a_cent_more(amounts: list[int], split: bool) -> None:
    """PAY-1, ORDER-11"""
    order = paid(an_order(tenders=(a_voucher(1000), a_tender(3500)) if split else None))
    granted = 0
    for amount in amounts:
        outcome = orders.refund(order, amount, reason="kindness", by=CLERK, at=NOON)
        if isinstance(outcome, Refusal):
            assert (outcome.code, outcome.fact("refundable"), amount > 4500 - granted) == ("refund_above_paid", 4500 - granted, True)
        else:
            granted, order = granted + amount, outcome.order
    canceled = orders.cancel(order, reason=orders.CancelReason.CUSTOMER, by=ANN, at=NOON)

    assert isinstance(canceled, Decision)
    assert (order.refund_granted, order.owed, canceled.order.refund_granted, canceled.order.surplus) == (granted, 4500 - granted, 4500, 0)


class Banking(RuleBasedStateMachine):
    """A shop and the providers of its payments: answers are lost, events come late, twice and in any order, people do what they may."""

    def __init__(self) -> None:
        super().__init__()
        placed = a_decision(sold("TEA", 2), tenders=(a_tender(1500), a_tender(500)))
        self.order, self.events = placed.order, placed.events
        self.banks: dict[str, Bank] = {}
        self.heard: set[tuple[str, str]] = set()
        self.answers: list[tuple[str, str, Outcome]] = []

    @initialize(capture=st.booleans(), on_dispatch=st.booleans(), paid_for=st.booleans())
    def place(self, capture: bool, on_dispatch: bool, paid_for: bool) -> None:
        when = orders.CaptureWhen.ON_DISPATCH if on_dispatch else orders.CaptureWhen.AT_ONCE
        tenders = (a_tender(1500, capture=capture), a_tender(500))
        life = a_decision(sold("TEA", 2), tenders=tenders, terms=orders.Terms(capture=when))
        self.order, self.events = life.order, life.events
        for id in ("p1", "p2") if paid_for else ():
            self._start(id)
            self._answer(*self.order.open_attempts[0])

    def _take(self, outcome: Decision | Refusal | None) -> None:
        if isinstance(outcome, Decision):
            self.order, self.events = outcome.order, (*self.events, *outcome.events)

    def _payment(self, id: str) -> Payment:
        return next(payment for payment in self.order.payments if payment.id == id)

    @rule(data=st.data())
    def pay(self, data: st.DataObject) -> None:
        due = [payment.id for payment in paying.due(self.order)]
        if due and self.order.state is not OrderState.CANCELED:
            self._start(data.draw(st.sampled_from(due)))

    def _start(self, id: str) -> None:
        self._take(orders.start(self.order, id, at=NOON))
        self.banks[id] = Bank(self._payment(id).key, self._payment(id).tender.capture)

    @rule()
    def take_the_next_step(self) -> None:
        step = orders.next_step(self.order, at=NOON)
        self._take(None if step is None else Decision(self.order).then(step))

    @precondition(lambda self: self.order.open_attempts)
    @rule(lost=st.booleans(), data=st.data())
    def ask(self, lost: bool, data: st.DataObject) -> None:
        payment, attempt = data.draw(st.sampled_from(self.order.open_attempts))
        self._answer(payment, attempt, lost=lost)

    def _answer(self, payment: Payment, attempt: Attempt, *, lost: bool = False) -> None:
        outcome = self.banks[payment.id].asked(attempt)
        if lost:
            self._take(paying.unanswered(self.order, payment, key=attempt.key, why="timeout", at=NOON))
        else:
            self.answers.append((payment.id, attempt.key, outcome))
            self._take(paying.answer(self.order, payment, outcome, key=attempt.key, at=NOON))

    @precondition(lambda self: self.answers)
    @rule(data=st.data())
    def answer_again(self, data: st.DataObject) -> None:
        """Two workers asked the same, and the slower one takes its answer in."""
        id, key, outcome = data.draw(st.sampled_from(self.answers))
        if not isinstance(outcome, Done):
            self._take(paying.answer(self.order, self._payment(id), outcome, key=key, at=NOON))

    @precondition(lambda self: any(bank.events for bank in self.banks.values()))
    @rule(amount=st.integers(min_value=1, max_value=700), data=st.data())
    def misfortune(self, amount: int, data: st.DataObject) -> None:
        bank = data.draw(st.sampled_from([bank for bank in self.banks.values() if bank.events]))
        act = data.draw(st.sampled_from([Bank.charge_back, Bank.refund_elsewhere, Bank.give_in]))
        act(bank, amount)

    @precondition(lambda self: any(bank.refunds for bank in self.banks.values()))
    @rule(data=st.data())
    def a_refund_comes_back(self, data: st.DataObject) -> None:
        bank, key = data.draw(st.sampled_from([(bank, key) for bank in self.banks.values() for key in bank.refunds]))
        bank.fail_refund(key)

    @precondition(lambda self: any(bank.events for bank in self.banks.values()))
    @rule(data=st.data(), most=st.integers(min_value=1, max_value=4))
    def hear(self, data: st.DataObject, most: int) -> None:
        told = [(id, event) for id, bank in sorted(self.banks.items()) for event in bank.events]
        for id, event in data.draw(st.lists(st.sampled_from(told), min_size=1, max_size=most)):
            self._hear(id, event)

    def _hear(self, id: str, event: paying.GatewayEvent) -> None:
        payment = self._payment(id)
        self._take(paying.notified(self.order, payment, event, at=NOON))
        if paying.to_look_up(payment, event):
            self._take(paying.answer(self.order, self._payment(id), self.banks[id].look(), key="", at=NOON))
        self.heard.add((id, event.event_id))

    @rule(data=st.data())
    def people(self, data: st.DataObject) -> None:
        act = data.draw(st.sampled_from([*of_people(self.order, NOON), *of_goods(self.order, NOON)]))
        self._take(act.taken(self.order))

    @rule(amount=st.integers(min_value=1, max_value=700), by_hand=st.booleans(), lost=st.booleans())
    def give_back(self, amount: int, by_hand: bool, lost: bool) -> None:
        if by_hand and self.order.refund_outstanding:
            self._take(orders.repay(self.order, "p1", amount, by=CLERK, at=NOON))
        elif not by_hand:
            self._take(orders.refund(self.order, amount, reason="kindness", by=CLERK, at=NOON))
            self.take_the_next_step()
            for payment, attempt in self.order.open_attempts[-1:]:
                self._answer(payment, attempt, lost=lost)

    @invariant()
    def laws(self) -> None:
        assert fold(self.events) == self.order
        assert all(line.buckets.total == line.quantity for line in self.order.lines)
        assert self.order.refunded <= self.order.refund_granted
        assert isinstance(standings(self.order), Standings)
        orders.next_step(self.order, at=NOON)

    def teardown(self) -> None:
        """Once all is heard and answered, the shop knows what the providers know."""
        for _ in range(60):
            for id, bank in self.banks.items():
                for event in [it for it in bank.events if (id, it.event_id) not in self.heard]:
                    self._hear(id, event)
            for payment, attempt in self.order.open_attempts:
                self._answer(self._payment(payment.id), attempt)
            if (step := orders.next_step(self.order, at=NOON)) is None:
                break
            self._take(Decision(self.order).then(step))
        assert {id: _amounts(self._payment(id)) for id in self.banks} == {id: bank.amounts for id, bank in self.banks.items()}
        assert self.order.open_attempts == ()


def _amounts(payment: Payment) -> dict[str, int]:
    names = ("authorized", "captured", "voided", "charged_back")
    return {**{name: getattr(payment, name) for name in names}, "refunded": payment.refunded - payment.refunded_by_hand}


TestBanking = Banking.TestCase
TestBanking.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
