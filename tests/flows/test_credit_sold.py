"""Gift cards as goods: made when they are paid for, void when their sale is undone; and kept money of members who are one, or are forgotten."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

import pytest
from attrs import evolve

from shopwright import CancelOrder, Order, PlaceOrder, Refusal, Tender, Via, accepted, customer, orders
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows import commands as c
from shopwright.flows.credit import commands as k
from shopwright.flows.credit import selling
from shopwright.flows.members import commands as m
from shopwright.flows.saving import advance
from shopwright.orders.refund_plan import RefundPlan
from shopwright.wire.kinds import KINDS
from tests.flows.credited import ANNS, DAY, TEN, a_mall, card_tender, check_credit, granted, of_both, put_gift, send, some_cards
from tests.flows.mall import ANN, CLERK, Mall, paid, placed, refused
from tests.flows.membering import merging, two_records
from tests.flows.vaulted import VAULTED


@pytest.fixture
def mall() -> Mall:
    return selling_mall()


def selling_mall(**ways: Any) -> Mall:
    mall = a_mall(MemoryStorage(KINDS), **ways)
    put_gift(mall)
    return mall


def codes(mall: Mall, order: Order) -> list[tuple[str, int]]:
    return [(it.account.state.value, it.account.free) for it in accepted(mall.shop.credit.cards_in(order.id, by=ANN))]


def test_a_card_is_made_when_the_order_that_bought_it_is_paid_and_not_before(mall):
    """CARDS-4."""
    order = placed(mall.shop, some_cards())
    assert (mall.shop.credit.follow_cards() > 0, codes(mall, order)) == (True, [])

    accepted(mall.shop.payments.pay(c.PayOrder(key="pay", by=ANN, order_id=order.id)))
    follow(mall)
    assert codes(mall, order) == [("active", 1_000)] * 2
    (owed,) = mall.shop.credit.liability()
    assert (owed.sold, owed.outstanding) == (2_000, 2_000)
    assert len({it.code for it in accepted(mall.shop.credit.cards_in(order.id, by=ANN))}) == 2
    assert refused(mall.shop.credit.cards_in(order.id, by=customer("bob"))) == "order_not_found"


def test_a_card_that_was_bought_buys(mall):
    bought = paid(mall.shop, some_cards(1))
    follow(mall)
    (card,) = accepted(mall.shop.credit.cards_in(bought.id, by=ANN))
    rest = Tender(method="card", amount=3_900, gateway="fake", source="tok_ok")
    given = card_tender(mall, card.code, 1_000, buyer_id="bob", subject="bob")
    order = paid_by(mall, "bob", evolve(of_both(key="his"), tenders=(given, rest)))

    assert (order.state.value, check_credit(mall.storage)[card.account.id].free) == ("confirmed", 0)
    assert card.code not in repr(card)


def test_cards_of_an_order_that_is_canceled_are_void(mall):
    order = paid(mall.shop, some_cards())
    follow(mall)
    accepted(mall.shop.orders.cancel(CancelOrder(key="off", by=CLERK, order_id=order.id, goods_out=True)))
    follow(mall)

    assert codes(mall, order) == [("void", 0)] * 2
    assert {it.used for it in check_credit(mall.storage).values()} == {0}


def test_of_units_that_are_paid_back_the_card_that_nobody_has_spent_from_is_void_first(mall):
    order = paid(mall.shop, some_cards())
    follow(mall)
    second = accepted(mall.shop.credit.cards_in(order.id))[1]
    rest = Tender(method="card", amount=4_500, gateway="fake", source="tok_ok")
    paid(mall.shop, evolve(of_both(key="spends"), tenders=(card_tender(mall, second.code, 400), rest)))
    given_back(mall, order)
    follow(mall)

    assert codes(mall, order) == [("void", 0), ("active", 600)]


def test_a_card_that_staff_have_voided_is_not_made_anew(mall):
    order = paid(mall.shop, some_cards())
    follow(mall)
    first = accepted(mall.shop.credit.cards_in(order.id))[0]
    accepted(mall.shop.credit.void(k.VoidCard(key="stolen", by=CLERK, card_id=first.account.id)))
    for _ in range(2):
        selling._followed(mall.shop.ports, mall.ways["credit"].cards, order.id, at=mall.clock.now())

    assert codes(mall, order) == [("void", 0), ("active", 1_000)]


def test_a_slow_worker_leaves_no_card_of_an_order_that_was_canceled_meanwhile(mall):
    """CARDS-4."""
    order = placed(mall.shop, some_cards(1, tenders=(Tender(method="cash", amount=1_000, via=Via.EXTERNAL),)))
    accepted(mall.shop.payments.record(c.RecordPayment(key="cash", by=CLERK, order_id=order.id, payment_id="p1", amount=TEN)))
    cancel = partial(mall.shop.orders.cancel, CancelOrder(key="off", by=CLERK, order_id=order.id, goods_out=True))
    slow, storage = mall.shop.ports, Slow(mall.storage, cancel)
    selling._followed(evolve(slow, storage=storage), mall.ways["credit"].cards, order.id, at=mall.clock.now())

    assert codes(mall, order) == [("void", 0)]


def paid_by(mall: Mall, buyer: str, command: PlaceOrder) -> Order:
    """An order that somebody else has placed and paid."""
    order = placed(mall.shop, evolve(command, by=customer(buyer), buyer_id=buyer))
    return accepted(mall.shop.payments.pay(c.PayOrder(key=f"pay-{order.id}", by=customer(buyer), order_id=order.id)))


def given_back(mall: Mall, order: Order) -> None:
    """One unit of the first line is paid back."""
    at = mall.clock.now()
    advance(mall.shop.ports, order, lambda it: orders.refund_planned(it, accepted(planned(it, at))), at=at)


def planned(order: Order, at: datetime) -> RefundPlan | Refusal:
    return orders.plan_refund(order, ((1, 1),), reason="not wanted", by=CLERK, at=at)


def follow(mall: Mall) -> None:
    """The follower, until nothing is new."""
    while mall.shop.credit.follow_cards():
        pass


class Slow:
    """A storage that is so slow, once, that something happens between what was read of an order and the write."""

    def __init__(self, storage: Any, meanwhile: Any) -> None:
        self._storage, self._meanwhile = storage, meanwhile

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    def load(self, kind: Any, id: str) -> Any:
        found = self._storage.load(kind, id)
        if kind is Order and self._meanwhile is not None:
            meanwhile, self._meanwhile = self._meanwhile, None
            accepted(meanwhile())
        return found


def test_store_credit_of_two_members_who_are_one_is_in_one_account_and_still_comes_back():
    """CREDIT-9."""
    mall = selling_mall(**VAULTED)
    two_records(mall)
    for member in ("ann", "lee", "guest-7"):
        accepted(send(mall, k.GrantCredit, f"to-{member}", member_id=member))
    order = paid_by(mall, "lee", of_both(key="lees", capture=False))
    spent = paid_by(mall, "lee", of_both(key="spent", credit=200))
    accepted(mall.shop.members.merge(merging()))

    accounts = check_credit(mall.storage)
    assert (accounts["store_credit/EUR/lee"].merged_into, accounts[ANNS].granted, accounts[ANNS].used) == (ANNS, 3_000, 800)
    for each in (order, spent):
        accepted(mall.shop.orders.cancel(CancelOrder(key=f"cancel-{each.id}", by=CLERK, order_id=each.id)))
    assert check_credit(mall.storage)[ANNS].used == 0
    assert [accepted(mall.shop.credit.balance(member, "EUR")).available for member in ("ann", "lee", "guest-7")] == [3_000] * 3


def test_what_a_guest_had_is_the_members_who_adopts_them():
    """CREDIT-9."""
    mall = selling_mall(**VAULTED)
    accepted(send(mall, k.GrantCredit, "to-guest", member_id="guest-7"))
    accepted(send(mall, k.GrantCredit, "to-lee", member_id="lee"))
    two_records(mall)

    assert accepted(mall.shop.credit.balance("lee", "EUR")).available == 2_000
    assert accepted(mall.shop.credit.account("store_credit/EUR/guest-7")).id == "store_credit/EUR/lee"
    check_credit(mall.storage)


def test_kept_money_of_a_member_who_is_erased_stays_in_the_books_until_it_lapses():
    mall = selling_mall(**VAULTED)
    two_records(mall)
    granted(mall)
    accepted(mall.shop.members.erase(m.EraseMember(key="erase", by=ANN, member_id="ann")))

    (owed,) = mall.shop.credit.liability()
    assert (owed.outstanding, check_credit(mall.storage)[ANNS].free) == (1_000, 1_000)
    mall.clock.advance(9 * DAY)
    assert (mall.shop.credit.expire(), mall.shop.credit.liability()[0].expired) == (1, 1_000)
