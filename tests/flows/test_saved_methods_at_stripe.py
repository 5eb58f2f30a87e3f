"""Saved methods at a simulated Stripe: one customer for all cards of a member, paid with while they are there or away, and detached in the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from attrs import evolve

from shopwright import Order, PayOrder, Tender, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows.commands import RefreshPayments
from shopwright.flows.members import commands as m
from shopwright.payments.errors import InvalidRequest
from shopwright.payments.events import PaymentDeclined
from shopwright.payments.operations import Flow
from shopwright.payments.outcomes import DeclineReason
from shopwright.payments.payment import Payment
from shopwright.payments.saved import MethodLabel
from shopwright.payments.states import PaymentState
from shopwright.wire.kinds import KINDS
from tests.flows.mall import ANN, Mall, an_order
from tests.flows.membering import keeping, of_ann, registered
from tests.flows.vaulted import VAULTED
from tests.surroundings import peer

peer("stripe")

from shopwright.adapters.stripe import StripeGateway, messages  # noqa: E402  # only where the extra is
from shopwright.adapters.stripe.simulator import StripeSimulator  # noqa: E402
from tests.unit.adapters.stripe.parts import a_start, settings  # noqa: E402


class World:
    """A shop of Ann's that takes cards with Stripe."""

    def __init__(self, stripe: StripeSimulator) -> None:
        self.mall = Mall(MemoryStorage(KINDS), ways=VAULTED)
        self.stripe = stripe
        stripe.provider.clock = self.mall.clock
        self.gateway = StripeGateway(stripe.settings, clock=self.mall.clock)
        ports = evolve(self.mall.shop.ports, gateways={"stripe": self.gateway})
        for desk in (self.mall.shop.orders, self.mall.shop.payments, self.mall.shop.members):
            object.__setattr__(desk, "ports", ports)
        registered(self.mall)

    def paid(self, key: str, **facts: Any) -> Payment:
        """An order that is paid, or was tried to be, by this tender."""
        tender = Tender(**{"method": "card", "amount": 4900, "gateway": "stripe", **facts})
        order = accepted(self.mall.shop.orders.place(evolve(an_order(key=key), tenders=(tender,))))
        return accepted(self.mall.shop.payments.pay(PayOrder(key=f"pay-{key}", by=ANN, order_id=order.id))).payments[0]

    def order(self) -> Order:
        """The order that was placed last."""
        return max(self.mall.orders(), key=lambda order: order.id)

    def kept(self, key: str, source: str) -> str:
        """The id of a card that was kept with a payment."""
        self.paid(key, source=source, save=True)
        return accepted(self.mall.shop.members.keep_method(keeping(self.order().id, key=f"keep-{key}"))).methods[-1].id


@pytest.fixture
def world() -> Iterator[World]:
    with StripeSimulator.open(clock=Mall(MemoryStorage(KINDS)).clock) as stripe:
        yield World(stripe)


def test_a_card_is_kept_with_a_payment_and_pays_the_next_one(world: World) -> None:
    id = world.kept("one", "pm_card_mastercard")
    (shown,) = accepted(world.mall.shop.members.methods("ann", by=ANN))
    assert shown.label == MethodLabel(kind="card", brand="mastercard", last_four="4444", expires="2030-12")
    assert world.paid("two", saved=id).captured == world.paid("three", saved=id, absent=True).captured == 4900


def test_all_cards_of_a_member_are_of_one_customer(world: World) -> None:
    world.kept("one", "pm_card_visa")
    world.kept("two", "pm_card_mastercard")
    provider = world.stripe.provider
    assert {it.customer for it in provider.methods.values()} == provider.customers
    assert (len(provider.customers), len(provider.methods)) == (1, 2)


def test_a_card_that_wants_a_proof_is_refused_while_its_owner_is_away_and_asked_for_while_they_are_there(world: World) -> None:
    payment = world.paid("one", source="pm_card_authenticationRequired", save=True)
    order = world.order()
    assert (payment.state, world.gateway.saved(payment.reference)) == (PaymentState.AWAITING_BUYER, None)
    world.stripe.provider.approve(payment.reference)
    accepted(world.mall.shop.payments.refresh(RefreshPayments(key="look", by=ANN, order_id=order.id)))
    id = accepted(world.mall.shop.members.keep_method(keeping(order.id))).methods[-1].id

    away, there = world.paid("two", saved=id, absent=True), world.paid("three", saved=id)

    assert (away.state, there.state) == (PaymentState.DECLINED, PaymentState.AWAITING_BUYER)
    reasons = [it.value.reason for it in world.mall.storage.read("events", limit=500) if isinstance(it.value, PaymentDeclined)]
    assert reasons == [DeclineReason.AUTHENTICATION_FAILED.value]


def test_a_card_that_is_removed_is_detached_and_charges_nobody(world: World) -> None:
    """SAVED-4"""
    id = world.kept("one", "pm_card_visa")
    placed = accepted(
        world.mall.shop.orders.place(
            evolve(an_order(key="two"), tenders=(Tender(method="card", amount=4900, gateway="stripe", saved=id),)),
        )
    )
    assert accepted(world.mall.shop.members.remove_method(of_ann(m.RemoveMethod, method=id))).leaving == ()
    (method,) = world.stripe.provider.methods.values()
    assert method.customer is None
    after = accepted(world.mall.shop.payments.pay(PayOrder(key="late", by=ANN, order_id=placed.id)))
    assert (after.payments[0].state, after.payments[0].captured) == (PaymentState.DECLINED, 0)
    world.gateway.forget(method.id)
    world.gateway.forget("pm_nobodys")


def test_to_erase_a_member_detaches_their_cards(world: World) -> None:
    """SAVED-5"""
    world.kept("one", "pm_card_visa")
    accepted(world.mall.shop.members.erase(of_ann(m.EraseMember)))
    assert [it.customer for it in world.stripe.provider.methods.values()] == [None]


def test_who_is_away_goes_to_no_page(world: World) -> None:
    with pytest.raises(InvalidRequest, match="who is absent pays by the token flow"):
        messages.start(a_start(flow=Flow.REDIRECT, return_url="https://mall.example", absent=True), settings())
