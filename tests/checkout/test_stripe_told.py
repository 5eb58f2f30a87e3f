"""What only Stripe's desk and Stripe's banks do to an order: disputes, reviews and refunds that the shop has not asked for, told by notification."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from attrs import evolve

from shopwright import Order, Shop, accepted, staff
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.simulators import Simulation
from shopwright.adapters.stripe import StripeGateway
from shopwright.flows.commands import RefreshPayments
from shopwright.flows.disputing import AnswerDispute
from shopwright.money import Money
from shopwright.orders.holds import HoldReason
from shopwright.payments.disputes import DisputeState as S
from shopwright.payments.errors import InvalidState, NotFound
from shopwright.payments.evidence import Evidence, EvidencePart
from shopwright.payments.operations import Flow, OperationKey
from shopwright.settlement.reconciling import PayoutReceived
from shopwright.testing import FrozenClock
from shopwright.testing.ids import SeededIds
from shopwright.wire.kinds import KINDS
from tests.checkout.selling import TOTAL, a_pay, an_order, stocked
from tests.checkout.world import simulated


class World:
    """A shop that takes cards with Stripe, and hears what is pushed."""

    def __init__(self, simulation: Simulation, clock: FrozenClock) -> None:
        self.simulation, self.clock = simulation, clock
        gateway = simulation.gateway()
        self.storage = MemoryStorage(KINDS)
        self.shop = stocked(Shop(self.storage, gateways=[gateway], clock=clock, ids=SeededIds(7)), simulation.currency)
        self.provider = simulation.simulator.provider
        self.heard = 0

    def paid(self, method: str = "pm_card_visa", *, flow: Flow = Flow.TOKEN) -> Order:
        """An order whose payment Stripe has taken."""
        tender = evolve(self.simulation.tender(TOTAL), flow=flow, source=method if flow is Flow.TOKEN else "")
        placed = accepted(self.shop.orders.place(evolve(an_order(self.simulation), tenders=(tender,))))
        order = accepted(self.shop.payments.pay(a_pay(placed)))
        if flow is not Flow.TOKEN:
            self.provider.approve(order.payments[0].reference, method)
        self.hear()
        return self.now(order)

    def hear(self) -> list[int]:
        """The statuses with which everything new is acknowledged."""
        pushed = self.simulation.pushed()[self.heard :]
        self.heard += len(pushed)
        return [self.shop.payments.receive("stripe", raw).status for raw in pushed]

    def now(self, order: Order) -> Order:
        return accepted(self.shop.orders.get(order.id))


@pytest.fixture
def world() -> Iterator[World]:
    clock = FrozenClock()
    with simulated("stripe", clock) as simulation:
        yield World(simulation, clock)


@pytest.mark.parametrize("flow", [Flow.TOKEN, Flow.REDIRECT, Flow.CLIENT_SDK])
def test_a_dispute_takes_the_money_back_and_one_that_is_won_gives_it_again(world, flow):
    order = world.paid(flow=flow)
    assert order.paid == TOTAL
    [intent] = world.provider.intents.values()
    dispute = world.provider.dispute(intent)
    assert set(world.hear()) == {200}
    lost = world.now(order)
    assert (lost.payments[0].charged_back, lost.payments[0].disputed, lost.payments[0].disputes[0].state) == (TOTAL, 0, S.NEEDS_RESPONSE)
    assert [hold.id for hold in lost.holds] == ["dispute_p1"]
    world.provider.win(dispute)
    assert set(world.hear()) == {200}
    won = world.now(order)
    assert (won.payments[0].charged_back, won.payments[0].disputes[0].state, won.holds) == (0, S.WON, ())


EVIDENCE = Evidence({EvidencePart.EXPLANATION: "it was delivered", EvidencePart.SHIPPED_ON: "2026-03-02"})


def an_answer(order: Order, evidence: Evidence | None = EVIDENCE, *, key: str = "answer") -> AnswerDispute:
    dispute = order.payments[0].disputes[0].id
    return AnswerDispute(key=key, by=staff("clerk"), order_id=order.id, payment_id="p1", dispute_id=dispute, evidence=evidence)


def test_an_inquiry_of_a_bank_takes_nothing_is_answered_once_and_rests(world):
    order = world.paid()
    [intent] = world.provider.intents.values()
    inquiry = world.provider.inquire(intent)
    assert set(world.hear()) == {200}
    asked = world.now(order)
    payment = asked.payments[0]
    assert (payment.charged_back, payment.disputed, payment.disputes[0].state, payment.disputes[0].reason.value) == (0, 0, S.INQUIRY, "unrecognized")
    [open_] = world.shop.payments.disputes().items
    assert (open_.order_id, open_.dispute.due_at) == (order.id, world.clock.now() + timedelta(days=7))

    answered = accepted(world.shop.payments.answer_dispute(an_answer(asked)))
    assert answered == accepted(world.shop.payments.answer_dispute(an_answer(asked)))
    assert (inquiry.submitted, inquiry.evidence) == (1, {"uncategorized_text": "it was delivered", "shipping_date": "2026-03-02"})
    assert answered.payments[0].disputes[0].state is S.INQUIRY_ANSWERED
    world.provider.lose(inquiry)
    assert set(world.hear()) == {200}
    assert (world.now(order).payments[0].disputes[0].state, world.now(order).holds) == (S.CLOSED, ())


def test_a_dispute_is_given_up_through_stripe_and_one_that_is_decided_takes_no_answer(world):
    order = world.paid()
    [intent] = world.provider.intents.values()
    world.provider.dispute(intent)
    assert set(world.hear()) == {200}
    given_up = accepted(world.shop.payments.answer_dispute(an_answer(world.now(order), None)))
    assert (given_up.payments[0].disputes[0].state, given_up.payments[0].charged_back, given_up.payments[0].disputed) == (S.LOST, TOTAL, 0)
    with pytest.raises(InvalidState):
        world.simulation.gateway().answer_dispute(OperationKey("another"), given_up.payments[0].disputes[0].id, EVIDENCE)
    for unknown in ("du_unknown", "../v1/accounts"):
        with pytest.raises(NotFound):
            world.simulation.gateway().accept_dispute(OperationKey("another"), unknown)


def test_the_ledger_of_stripe_names_the_payout_of_each_line_where_it_is_asked_to(world):
    world.paid()
    first = world.provider.pay_out()
    world.clock.advance(timedelta(days=1))
    [intent] = world.provider.intents.values()
    world.provider.dispute(intent)
    world.provider.refunds.clear()
    since, until = world.clock.now() - timedelta(days=9), world.clock.now() + timedelta(days=1)
    named = StripeGateway(evolve(world.simulation.simulator.settings, names_payouts=True), clock=world.clock)
    told = {line.kind: line.payout_id for line in named.ledger(since, until)}
    assert told == {"charge": first.id, "payout": first.id, "chargeback": None}
    assert {line.payout_id for line in world.simulation.gateway().ledger(since, until)} == {None}

    shop = Shop(world.storage, gateways=[named], clock=world.clock, ids=SeededIds(9))
    came = PayoutReceived(id=first.id, amount=Money(first.amount, "EUR"), at=world.clock.now(), line_id="L1")
    report = shop.payments.reconcile_payouts("stripe", since, until, [came])
    assert (report.payouts, report.agreed, report.breaks) == (1, 1, ())


def test_asked_how_a_disputed_payment_stands_stripe_tells_its_disputes(world):
    order = world.paid()
    [intent] = world.provider.intents.values()
    dispute = world.provider.dispute(intent)
    assert set(world.hear()) == {200}
    world.clock.advance(timedelta(minutes=1))
    world.provider.win(dispute)
    looked = accepted(world.shop.payments.refresh(RefreshPayments(key="look", by=staff("clerk"), order_id=order.id)))
    assert (looked.payments[0].disputes[0].state, looked.payments[0].charged_back, looked.holds) == (S.WON, 0, ())


def test_a_payment_that_stripe_doubts_holds_its_order_until_the_review_is_closed(world):
    order = world.paid("pm_card_riskLevelElevated")
    assert [hold.reason for hold in order.holds] == [HoldReason.PAYMENT_RISK]
    [intent] = world.provider.intents.values()
    world.provider.close_review(intent)
    assert set(world.hear()) == {200}
    assert world.now(order).holds == ()


def test_a_refund_that_somebody_makes_at_the_desk_of_stripe_is_found_out(world):
    order = world.paid(flow=Flow.REDIRECT)
    [intent] = world.provider.intents.values()
    world.provider.refund({"payment_intent": intent.id, "amount": "500"})
    assert set(world.hear()) == {200}
    assert world.now(order).payments[0].refunded == 500


def test_what_another_system_does_on_the_same_account_is_passed_over(world):
    order = world.paid()
    foreign = world.provider.create_intent({"amount": "700", "currency": "eur", "payment_method": "pm_card_visa", "confirm": "true"})
    world.provider.dispute(foreign)
    world.provider.refunds.clear()
    assert set(world.hear()) == {200}
    assert world.now(order) == order


def test_a_dispute_of_a_payment_that_nobody_can_be_asked_about_just_now_comes_again(world):
    order = world.paid()
    [intent] = world.provider.intents.values()
    world.provider.dispute(intent)
    [raw] = [raw for raw in world.simulation.pushed()[world.heard :] if b"funds_withdrawn" in raw.body]
    deaf = StripeGateway(evolve(world.simulation.simulator.settings, api="http://127.0.0.1:9"), clock=world.clock)
    shop = Shop(world.storage, gateways=[deaf], clock=world.clock, ids=SeededIds(8))
    assert shop.payments.receive("stripe", raw).status == 503
    assert set(world.hear()) == {200}
    assert world.now(order).payments[0].charged_back == TOTAL
