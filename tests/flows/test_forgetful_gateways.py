"""Gateways that forget keys, that cannot be asked by key, or both: nobody is charged twice or refunded twice, and where nobody can
tell what became of a question, the payment stays unanswered and says so.
"""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from attrs import evolve

from shopwright import CancelOrder, CapturePayment, Money, Order, PayOrder, RefundOrder, Terms, accepted
from shopwright.adapters.fake_gateway import EVERYTHING, FakeGateway
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows import commands as c
from shopwright.orders import standings
from shopwright.payments.capabilities import Capabilities
from shopwright.payments.errors import Unsupported
from shopwright.payments.notifications import Notification, RawNotification
from shopwright.payments.operations import OperationKey
from shopwright.payments.outcomes import Outcome
from shopwright.payments.requests import RefundPart, StartPayment
from shopwright.testing.faults import Crash
from shopwright.wire.kinds import KINDS
from tests.flows.deeds import Wish, place
from tests.flows.laws import check_books
from tests.flows.mall import ANN, CLERK
from tests.flows.town import Town


class Forgetful:
    """A gateway whose provider takes every request for a new one, and knows the shop's keys only as a remark that letters repeat."""

    def __init__(self, gateway: FakeGateway, *, asked_by_key: bool) -> None:
        self._gateway, self._asked_by_key = gateway, asked_by_key
        self._numbers, self._meant = count(1), dict[str, str]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)

    @property
    def capabilities(self) -> Capabilities:
        return evolve(EVERYTHING, honors_keys=False, queries_by_key=self._asked_by_key)

    def _new(self, key: OperationKey) -> OperationKey:
        new = OperationKey(f"request_{next(self._numbers)}")
        self._meant[new.value] = key.value
        return new

    def start(self, request: StartPayment) -> Outcome:
        return self._gateway.start(evolve(request, key=self._new(request.key)))

    def capture(self, key: OperationKey, reference: str, amount: Money, *, final: bool = True) -> Outcome:
        return self._gateway.capture(self._new(key), reference, amount, final=final)

    def void(self, key: OperationKey, reference: str) -> Outcome:
        return self._gateway.void(self._new(key), reference)

    def refund(self, request: RefundPart) -> Outcome:
        return self._gateway.refund(evolve(request, key=self._new(request.key)))

    def _last(self, key: OperationKey) -> OperationKey:
        if not self._asked_by_key:
            raise Unsupported("this gateway cannot be asked by key")
        return OperationKey(next((new for new, meant in reversed(self._meant.items()) if meant == key.value), "never_made"))

    def query(self, *, key: OperationKey | None = None, reference: str | None = None) -> Outcome:
        return self._gateway.query(key=None if key is None else self._last(key), reference=reference)

    def query_refund(self, payment: str, key: OperationKey) -> Outcome:
        return self._gateway.query_refund(payment, self._last(key))

    def parse_notification(self, raw: RawNotification) -> Notification:
        heard = self._gateway.parse_notification(raw)
        return evolve(
            heard, events=tuple(evolve(event, payment_key=self._ours(event.payment_key), our_key=self._ours(event.our_key)) for event in heard.events)
        )

    def _ours(self, key: OperationKey | None) -> OperationKey | None:
        return None if key is None else OperationKey(self._meant.get(key.value, key.value))


def _town(*, asked_by_key: bool = False) -> Town:
    return Town(MemoryStorage(KINDS), Terms(), gateway=lambda gateway: Forgetful(gateway, asked_by_key=asked_by_key))


def _placed(town: Town, token: str, *, capture: bool = True) -> Order:
    return accepted(place(town.other, Wish(token=token, capture=capture), "o1"))


def _pay(town: Town, order: Order) -> Order:
    return accepted(town.shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id)))


def _impatient(town: Town, order: Order) -> Order:
    """All that somebody who will not wait can do."""
    for n in range(3):
        town.other.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id))
        town.other.payments.pay(PayOrder(key=f"pay{n}", by=ANN, order_id=order.id))
        town.other.payments.refresh(c.RefreshPayments(key=f"look{n}", by=ANN, order_id=order.id))
        town.clock.advance(minutes=3)
        town.other.orders.sweep()
    return accepted(town.other.orders.get(order.id))


@pytest.mark.parametrize(("token", "accounts"), [("tok_lost_applied", 1), ("tok_lost_not_applied", 0)])
def test_a_lost_answer_of_a_gateway_that_can_neither_be_told_twice_nor_asked_leaves_the_payment_unanswered(token: str, accounts: int) -> None:
    town = _town()
    order = _pay(town, _placed(town, token))

    after = _impatient(town, order)

    assert (after.payments[0].state, standings(after).payment, after.paid) == ("unanswered", "unanswered", 0)
    assert len(town.accounts()) == accounts


@pytest.mark.parametrize("after", [False, True])
def test_a_process_that_dies_around_the_question_leaves_it_unanswered_too(after: bool) -> None:
    town = _town()
    order = _placed(town, "tok_ok")
    town.meddling.die_at("Watched.start", after=after)
    with pytest.raises(Crash):
        _pay(town, order)

    order = _impatient(town, order)

    assert (standings(order).payment, len(town.accounts())) == ("unanswered", int(after))


def test_a_letter_answers_what_could_not_be_asked() -> None:
    town = _town()
    order = _impatient(town, _pay(town, _placed(town, "tok_lost_applied")))

    town.deliver_all()

    after = accepted(town.other.orders.get(order.id))
    assert (after.state, after.paid, after.open_attempts) == ("confirmed", 3900, ())


def test_an_order_whose_payment_is_unanswered_does_not_expire_and_what_arrives_after_a_cancellation_goes_back() -> None:
    town = _town()
    order = _pay(town, _placed(town, "tok_lost_applied"))
    town.clock.advance(days=2)
    assert town.other.orders.sweep().expired == 0

    accepted(town.other.orders.cancel(CancelOrder(key="no", by=ANN, order_id=order.id)))
    town.deliver_all()

    after = accepted(town.other.orders.get(order.id))
    assert (after.state, after.paid, after.payments[0].refunded) == ("canceled", 0, 3900)


@pytest.mark.parametrize("word", ["lost_applied", "lost_not_applied"])
def test_a_refund_whose_answer_is_lost_is_never_made_twice(word: str) -> None:
    town = _town()
    order = _pay(town, _placed(town, "tok_ok"))
    town.provider.script("refund", word)
    accepted(town.shop.payments.refund(RefundOrder(key="r", by=CLERK, order_id=order.id, amount=Money(700, "EUR"), reason="kindness")))

    after = _impatient(town, order)

    assert sum(refund.amount.minor for refund in town.provider.refunds()) == (700 if word == "lost_applied" else 0)
    assert (standings(after).payment, after.payments[0].refundable) == ("unanswered", 3200)


@pytest.mark.parametrize("word", ["lost_applied", "lost_not_applied"])
def test_a_capture_whose_answer_is_lost_is_told_by_the_totals_of_its_payment(word: str) -> None:
    town = _town()
    order = _pay(town, _placed(town, "tok_ok", capture=False))
    town.provider.script("capture", word)
    part = CapturePayment(key="part", by=CLERK, order_id=order.id, payment_id="p1", amount=Money(1000, "EUR"))
    accepted(town.shop.payments.capture(part))

    after = _impatient(town, order)

    taken = sum(charge.amount.minor for charge in town.provider.charges())
    assert (after.paid, taken, after.open_attempts) == (taken, 1000 if word == "lost_applied" else 0, ())


@pytest.mark.parametrize("words", [(), ("lost_applied",), ("lost_not_applied",), ("not_sent", "throttled"), ("not_sent", "lost_applied")])
def test_a_gateway_that_can_be_asked_by_key_charges_once_though_it_forgets_keys(words: tuple[str, ...]) -> None:
    town = _town(asked_by_key=True)
    town.provider.script("start", *words)

    order = _impatient(town, _pay(town, _placed(town, "tok_ok")))

    assert (order.state, order.paid, len(town.accounts())) == ("confirmed", 3900, 1)


@pytest.mark.parametrize("moment", ["MemoryStorage.commit", "Watched.start"])
@pytest.mark.parametrize("after", [False, True])
def test_two_who_pay_at_once_at_a_gateway_that_forgets_keys_charge_once(moment: str, after: bool) -> None:
    town = _town(asked_by_key=True)
    order = _placed(town, "tok_ok")

    def somebody_looks() -> None:
        town.other.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id))
        town.other.payments.refresh(c.RefreshPayments(key="look", by=ANN, order_id=order.id))

    town.meddling.meddle_at(moment, somebody_looks, after=after)
    _pay(town, order)

    assert len(town.accounts()) == 1


def test_units_and_money_stay_whole_whatever_was_lost() -> None:
    for word in ("lost_applied", "lost_not_applied"):
        town = _town(asked_by_key=True)
        order = _pay(town, _placed(town, "tok_ok", capture=False))
        town.provider.script("void", word)
        accepted(town.shop.orders.cancel(CancelOrder(key="no", by=ANN, order_id=order.id)))
        check_books(town)
        assert (_impatient(town, order).payments[0].state, town.provider.charges()) == ("voided", ())
