"""Who is erased leaves no link behind: neither of their orders nor on trails that others share."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from shopwright import Order, PayOrder, accepted, customer
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows.members.commands import EraseMember, RegisterMember
from shopwright.flows.risk.commands import PutOnList
from shopwright.flows.vault.commands import ErasePerson
from shopwright.payments.risk.conditions import OnList
from shopwright.payments.risk.context import PaymentContext
from shopwright.payments.risk.velocities import Kind, Link
from shopwright.payments.risk.verdicts import Verdict
from shopwright.ports.storage import Query
from shopwright.testing.faults import Crash
from shopwright.wire.kinds import KINDS
from shopwright.wire.risk_kinds import OrderLinks
from tests.flows.mall import CLERK, Mall, an_order, placed
from tests.flows.risk.judged import a_risk, a_rule, more_than, noted, of_kind, told, trails
from tests.flows.vaulted import VAULTED

SEEN = PaymentContext(ip="203.0.113.7", device="d-1", email="ann@mall.example")
RULES = (*[more_than(100, velocity=of_kind(Kind.ATTEMPT, link), id=link.value) for link in Link], a_rule(OnList("bad"), Verdict.BLOCK, "listed"))


@pytest.fixture(params=["vault", "keys"])
def mall(request: pytest.FixtureRequest) -> Mall:
    """A mall whose links are hashed by its vault, or under a key of their own."""
    risk = a_risk(*RULES, keys=()) if request.param == "vault" else a_risk(*RULES)
    return Mall(MemoryStorage(KINDS), ways={**VAULTED, "risk": risk})


def bought(mall: Mall, who: str, number: int, context: PaymentContext = SEEN) -> Order | Any:
    command = evolve(an_order(key=f"o-{who}-{number}"), buyer_id=who, by=customer(who))
    order = placed(mall.shop, command)
    return mall.shop.payments.pay(PayOrder(key=f"pay-{who}-{number}", by=customer(who), order_id=order.id, context=context))


def kept_of(mall: Mall) -> list[str]:
    return sorted(it.value.buyer_id for it in mall.storage.find(Query(OrderLinks, limit=100)).items)


def test_of_who_is_erased_nothing_is_linked_and_what_others_left_stays(mall: Mall) -> None:
    for who in ("guest-ann", "guest-bob"):
        for number in range(2):
            accepted(bought(mall, who, number, SEEN if who == "guest-ann" else evolve(SEEN, email="bob@mall.example")))
    assert (len(noted(mall, Link.IP)), len(noted(mall, Link.EMAIL)), kept_of(mall)) == (8, 8, ["guest-ann"] * 2 + ["guest-bob"] * 2)
    mine = [id for id, trail in trails(mall).items() if id.startswith(("email/", "buyer/")) and "guest" not in id]
    accepted(mall.shop.persons.erase(ErasePerson(key="erase", by=CLERK, subject="guest-ann")))

    assert (len(noted(mall, Link.IP)), len(noted(mall, Link.EMAIL)), kept_of(mall)) == (4, 4, ["guest-bob"] * 2)
    assert (len(mine), len([id for id in mine if id in trails(mall)])) == (4, 2)


def test_what_happens_to_an_order_after_that_is_not_linked_again(mall: Mall) -> None:
    order = placed(mall.shop, evolve(an_order(token="tok_chargeback"), buyer_id="guest-ann", by=customer("guest-ann")))
    mall.shop.payments.pay(PayOrder(key="pay", by=customer("guest-ann"), order_id=order.id, context=SEEN))
    accepted(mall.shop.persons.erase(ErasePerson(key="erase", by=CLERK, subject="guest-ann")))
    mall.provider.advance()
    for raw in mall.provider.notifications():
        mall.shop.payments.receive("fake", raw)
    mall.shop.risk.follow()

    assert (trails(mall), kept_of(mall)) == ({}, [])


def test_a_member_is_forgotten_under_every_id_and_who_was_kept_out_stays_out(mall: Mall) -> None:
    member = accepted(mall.shop.members.register(RegisterMember(key="join", by=CLERK, email="ann@mall.example")))
    order = accepted(bought(mall, member.id, 1))
    accepted(mall.shop.risk.put_on_list(PutOnList(key="bad", by=CLERK, name="bad", link=Link.EMAIL, order_id=order.id)))
    accepted(mall.shop.members.erase(EraseMember(key="erase", by=CLERK, member_id=member.id)))

    assert (trails(mall), kept_of(mall)) == ({}, [])
    assert told(bought(mall, "guest-9", 1)) == "payment_blocked"


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_at_any_call_of_an_erasure_and_a_repeat_forget_all(mall: Mall, after: bool) -> None:
    erase = ErasePerson(key="erase", by=CLERK, subject="guest-ann")
    for call in range(1, 40):
        world = Mall(MemoryStorage(KINDS), ways=mall.ways)
        for number in range(2):
            bought(world, "guest-ann", number)
        world.faults.heal()
        world.faults.crash_at(call, after=after)
        try:
            world.shop.persons.erase(erase)
        except Crash:
            world.faults.heal()
            world.reopened()
            accepted(world.shop.persons.erase(erase))
            assert (trails(world), kept_of(world)) == ({}, [])
        else:
            assert call > 5
            return
    raise AssertionError("an erasure has fewer calls than that")
