"""Orders that are paid with money that the shop keeps: held, taken and given back as money is, from who it belongs to, and never twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from shopwright import CancelOrder, Money, Order, PayOrder, RefundOrder, Shop, accepted, customer
from shopwright.adapters.memory import MemoryStorage
from shopwright.credit.account import CreditBalance
from shopwright.credit.books import EntryKind
from shopwright.errors import InvalidValue, Outage, VersionConflict
from shopwright.flows import commands as c
from shopwright.flows.credit import commands as k
from shopwright.flows.credit.saving import guard_key
from shopwright.payments.card_numbers import holds_card_number
from shopwright.payments.errors import InvalidState
from shopwright.payments.operations import Flow, OperationKey
from shopwright.payments.outcomes import Declined, Done
from shopwright.payments.payment import Tender
from shopwright.payments.requests import RefundPart, StartPayment
from shopwright.payments.states import PaymentState
from shopwright.ports.quotas import Take
from shopwright.ports.storage import Changeset, Operation, Storage
from shopwright.testing.clock import FrozenClock
from shopwright.wire.kinds import KINDS
from tests.flows.credited import (
    ANNS,
    CARD,
    CREDITED,
    DAY,
    TEN,
    FewAttempts,
    a_mall,
    card_tender,
    check_credit,
    granted,
    issued,
    of_both,
    send,
)
from tests.flows.mall import ANN, CLERK, START, Mall, an_order, paid, placed, refused
from tests.flows.processes import Opener, opener, race

SIX = Money(600, "EUR")


@pytest.fixture
def mall() -> Mall:
    return a_mall(MemoryStorage(KINDS))


def balance(mall: Mall) -> CreditBalance:
    return accepted(mall.shop.credit.balance("ann", "EUR"))


def start(key: str = "payment_1", **facts: Any) -> StartPayment:
    plain = {"amount": SIX, "description": "x", "flow": Flow.TOKEN, "at": START, "buyer": {"id": "ann"}}
    return StartPayment(**{**plain, "key": OperationKey(key), **facts})


def by_card(code: str, mall: Mall, *, key: str = "o1", amount: int = 600) -> c.PlaceOrder:
    rest = Tender(method="card", amount=4_900 - amount, gateway="fake", source="tok_ok")
    return evolve(an_order(key=key), tenders=(card_tender(mall, code, amount), rest))


def test_store_credit_pays_beside_a_card(mall):
    granted(mall)
    order = paid(mall.shop, of_both())

    assert [(it.state, it.captured) for it in order.payments] == [(PaymentState.CAPTURED, 600), (PaymentState.CAPTURED, 4_300)]
    assert (order.state.value, balance(mall)) == ("confirmed", CreditBalance(available=400, held=0, currency="EUR"))


def test_kept_money_that_is_only_promised_is_held_and_free_again_once_canceled(mall):
    granted(mall)
    order = paid(mall.shop, of_both(capture=False))
    assert balance(mall) == CreditBalance(available=400, held=600, currency="EUR")

    accepted(mall.shop.orders.cancel(CancelOrder(key="cancel", by=ANN, order_id=order.id)))
    assert balance(mall) == CreditBalance(available=1_000, held=0, currency="EUR")
    check_credit(mall.storage)


def test_a_refund_goes_back_to_where_it_came_from(mall):
    """Split over a card and store credit, each gets its own back, and never more."""
    granted(mall)
    order = paid(mall.shop, of_both())
    for number, amount in enumerate((4_400, 500)):
        command = RefundOrder(key=f"back-{number}", by=CLERK, order_id=order.id, amount=Money(amount, "EUR"), reason="back")
        order = accepted(mall.shop.payments.refund(command))

    assert [it.refunded for it in order.payments] == [600, 4_300]
    assert (balance(mall).available, check_credit(mall.storage)[ANNS].used) == (1_000, 0)


def test_two_cards_and_store_credit_pay_one_order(mall):
    granted(mall)
    codes = [issued(mall), str(accepted(send(mall, k.IssueCard, "second", serial="c2")).code)]
    cards = tuple([card_tender(mall, code, 1_000) for code in codes])
    kept = Tender(method="store_credit", amount=1_000, gateway="store_credit")
    order = paid(mall.shop, evolve(an_order(), tenders=(*cards, kept, Tender(method="card", amount=1_900, gateway="fake", source="tok_ok"))))

    assert ([it.captured for it in order.payments], order.state.value) == ([1_000, 1_000, 1_000, 1_900], "confirmed")
    assert {it.free for it in check_credit(mall.storage).values()} == {0}


def test_too_little_is_a_decline_and_another_tender_takes_its_place(mall):
    order = paid(mall.shop, of_both())
    assert [it.state for it in order.payments] == [PaymentState.DECLINED, PaymentState.CAPTURED]

    card = Tender(method="card", amount=600, gateway="fake", source="tok_ok")
    accepted(mall.shop.payments.add(c.AddPayment(key="card", by=ANN, order_id=order.id, tenders=(card,), replaces=("p1",))))
    assert accepted(mall.shop.payments.pay(PayOrder(key="again", by=ANN, order_id=order.id))).state.value == "confirmed"


def test_what_was_paid_by_card_goes_back_as_store_credit_where_the_customer_wants_that(mall):
    order = paid(mall.shop)
    after = accepted(send(mall, k.RefundAsCredit, "choice", order_id=order.id))

    assert (after.refunded, after.payments[0].refunded_by_hand, balance(mall).available) == (900, 900, 900)
    assert [it.kind for it in mall.provider.movements()] == ["captured"]
    assert accepted(send(mall, k.RefundAsCredit, "choice", order_id=order.id)) == after
    (lot,) = check_credit(mall.storage)[ANNS].lots
    assert (lot.origin.value, lot.expires_at) == ("refunded", START.replace(hour=0) + 31 * DAY)


def test_what_came_from_kept_money_never_becomes_store_credit(mall):
    granted(mall)
    order = paid(mall.shop, of_both())

    assert refused(send(mall, k.RefundAsCredit, "choice", order_id=order.id)) == "credit_refund_origin"


def test_somebody_elses_store_credit_pays_nothing(mall):
    granted(mall)
    gateway = mall.shop.ports.gateway("store_credit")
    outcome = gateway.start(start(source_token=ANNS, buyer={"id": "bob"}))

    assert isinstance(outcome, Declined)
    assert (outcome.raw_code, balance(mall).available) == ("account_not_yours", 1_000)
    assert isinstance(gateway.start(start("payment_2", source_token=ANNS)), Done)


def test_an_order_keeps_a_pass_and_never_the_code_of_a_card(mall):
    code = issued(mall)
    order = paid(mall.shop, by_card(code, mall))

    assert (order.payments[0].captured, order.state.value) == (600, "confirmed")
    assert code not in repr(mall.storage.load(Order, order.id)) + order.payments[0].tender.source
    assert not holds_card_number(order.payments[0].tender.source)


def test_a_pass_that_somebody_else_read_pays_nothing_of_theirs(mall):
    given = card_tender(mall, issued(mall), 600)
    outcome = mall.shop.ports.gateway("gift_card").start(start(source_token=given.source, buyer={"id": "bob"}))

    assert isinstance(outcome, Declined)
    assert outcome.raw_code == "card_unknown"


def test_a_code_itself_is_no_pass_so_that_guesses_are_counted(mall):
    outcome = mall.shop.ports.gateway("gift_card").start(start(source_token=issued(mall)))

    assert isinstance(outcome, Declined)
    assert outcome.raw_code == "card_unknown"


def test_who_guesses_too_often_is_not_answered_and_a_typing_mistake_costs_nothing():
    limited = evolve(CREDITED["credit"], cards=evolve(CREDITED["credit"].cards, limiter=FewAttempts()))
    mall = a_mall(MemoryStorage(KINDS), credit=limited)
    code = issued(mall)
    unknown = [str(accepted(send(a_mall(MemoryStorage(KINDS)), k.IssueCard, "k", serial=f"x{n}")).code) for n in range(3)]
    find = partial(mall.shop.credit.find_card, subject="eve")

    assert [refused(find("GIFT-22")) for _ in range(9)] == ["card_mistyped"] * 9
    assert [refused(find(wrong)) for wrong in unknown] == ["card_unknown"] * 3
    assert (refused(find(code)), accepted(mall.shop.credit.find_card(code, subject="ann")).id) == ("card_attempts", CARD)
    mall.clock.advance(timedelta(hours=1))
    assert accepted(find(code)).id == CARD


def test_a_card_that_waits_has_nothing_until_it_was_sold(mall):
    code = issued(mall, wait=True)
    assert refused(mall.shop.credit.card_tender(code, SIX, buyer_id="ann", subject="ann")) == "credit_waiting"
    assert mall.shop.credit.liability() == ()

    accepted(send(mall, k.ActivateCard, "sold"))
    (owed,) = mall.shop.credit.liability()
    assert (card_tender(mall, code, 600).amount, owed.sold, owed.outstanding) == (600, 1_000, 1_000)
    assert accepted(send(mall, k.ActivateCard, "sold again")).free == 1_000


def test_money_that_was_spent_cannot_go_back_to_a_card_that_is_void(mall):
    code = issued(mall)
    order = paid(mall.shop, by_card(code, mall))
    accepted(send(mall, k.VoidCard, "stolen"))
    after = accepted(mall.shop.orders.cancel(CancelOrder(key="cancel", by=ANN, order_id=order.id)))

    assert (after.payments[0].refunded, after.refund_outstanding) == (0, 600)
    check_credit(mall.storage)


def test_money_comes_back_to_a_card_whose_time_is_over_and_is_good_for_a_while(mall):
    order = paid(mall.shop, by_card(issued(mall), mall))
    mall.clock.advance(10 * DAY)
    accepted(mall.shop.orders.cancel(CancelOrder(key="cancel", by=ANN, order_id=order.id)))

    account = check_credit(mall.storage)[CARD]
    assert (account.balance(mall.clock.now()).available, account.lapses_at) == (600, mall.clock.now() + 30 * DAY)


def test_what_has_lapsed_is_written_off_once_and_told_by_whether_it_was_paid_for(mall):
    granted(mall)
    issued(mall, sold=True)
    mall.clock.advance(9 * DAY)

    assert [mall.shop.credit.expire(), mall.shop.credit.expire()] == [2, 0]
    told = {it.program: (it.outstanding, it.expired, it.breakage) for it in mall.shop.credit.liability()}
    assert told == {"store_credit": (0, 1_000, 0), "gift_card": (0, 0, 1_000)}
    check_credit(mall.storage)


def test_a_customer_reads_the_entries_of_their_own_account(mall):
    granted(mall)
    paid(mall.shop, of_both())
    entries = accepted(mall.shop.credit.entries(ANNS, by=ANN))

    assert [(it.number, it.value.kind) for it in entries] == [(1, EntryKind.PUT_IN), (2, EntryKind.SPENT)]
    assert [it.id for it in accepted(mall.shop.credit.accounts_of("ann", by=ANN))] == [ANNS]
    assert refused(mall.shop.credit.account(ANNS, by=customer("bob"))) == "credit_unknown"


def test_a_shop_without_kept_money_says_how_to_have_some():
    mall = Mall(MemoryStorage(KINDS))
    with pytest.raises(InvalidValue, match="keeps no store credit; give Shop"):
        granted(mall)
    with pytest.raises(InvalidValue, match="has no gift cards; give Shop"):
        issued(mall)


def test_kept_money_is_not_judged_as_a_card_is():
    from tests.flows.risk.scenes import JUDGING

    mall = a_mall(MemoryStorage(KINDS), **JUDGING)

    assert mall.shop.ports.risk is not None
    assert {"store_credit", "gift_card"} <= mall.shop.ports.risk.unjudged


def test_the_guard_refuses_what_the_account_would_have_let_through(mall):
    """CREDIT-8: another way to the money, such as a mistake of ours, finds the guard in its way."""
    granted(mall)
    mall.storage.commit(Changeset(Operation("a mistake", "x"), START, moves=(Take(guard_key(ANNS), 500),)))
    gateway = mall.shop.ports.gateway("store_credit")

    with pytest.raises(InvalidState, match="the guard"):
        gateway.start(start())
    assert balance(mall).available == 1_000


def test_a_key_stands_for_one_operation(mall):
    """CREDIT-6."""
    granted(mall)
    gateway = mall.shop.ports.gateway("store_credit")
    first = gateway.start(start())
    back = RefundPart(key=OperationKey("back_1"), payment="payment_1", amount=Money(200, "EUR"), of_total=SIX)

    assert gateway.start(start()) == first
    assert gateway.refund(back) == gateway.refund(back)
    assert (balance(mall).available, check_credit(mall.storage)[ANNS].used) == (600, 400)


def test_of_two_orders_that_want_one_card_one_gets_it(mall):
    code = issued(mall)
    orders = [placed(mall.shop, by_card(code, mall, key=key)) for key in ("o1", "o2")]
    pay = [partial(mall.shop.payments.pay, PayOrder(key=f"pay-{it.id}", by=ANN, order_id=it.id)) for it in orders]
    with ThreadPoolExecutor(2) as pool:
        after = [accepted(it.result()) for it in [pool.submit(each) for each in pay]]

    assert sorted(it.payments[0].state for it in after) == [PaymentState.CAPTURED, PaymentState.DECLINED]
    assert check_credit(mall.storage)[CARD].free == 400


PROCESSES, PARTS = 16, 40


def _spend(opened: Opener, turns: int, number: int, ready: Barrier) -> None:
    """One process, which pays 30 of one card as often as it has turns, and gives some of it back."""
    storage = opened()
    mall = Shop(storage, clock=FrozenClock(START), **CREDITED)
    gateway = mall.ports.gateway("gift_card")
    source = accepted(mall.credit.card_tender(accepted(mall.credit.card(CARD)).code, Money(1, "EUR"), buyer_id="ann", subject="ann")).source
    ready.wait(60)
    for turn in range(turns):
        key = f"p{number:02}_{turn:04}"
        started = _insisted(partial(gateway.start, start(key, source_token=source, amount=Money(30, "EUR"))))
        if isinstance(started, Done) and turn % 3 == 0:
            part = RefundPart(key=OperationKey(f"r{key}"), payment=key, amount=Money(10, "EUR"), of_total=Money(30, "EUR"))
            _insisted(partial(gateway.refund, part))
    storage.close()


def _insisted(deed: Any) -> Any:
    for _ in range(1_000):
        try:
            return deed()
        except (VersionConflict, Outage):
            continue
    raise AssertionError("somebody else was always faster")


MANY = [pytest.param(where, PROCESSES, marks=pytest.mark.full) for where in ("sqlite", "postgres")]


@pytest.mark.parametrize(("where", "processes"), [("sqlite", 3), *MANY])
def test_processes_spend_one_card_to_the_last_cent_and_no_further(where: str, processes: int, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    opened = opener(where, tmp_path, request)
    storage: Storage = opened()
    accepted(Shop(storage, clock=FrozenClock(START), **CREDITED).credit.issue(k.IssueCard(key="i", by=CLERK, serial="c1", amount=TEN)))
    race(_spend, processes, opened, PARTS * 3 // processes)

    account = check_credit(storage)[CARD]
    assert (account.granted, 0 <= account.free < 30) == (1_000, True)
    storage.close()
