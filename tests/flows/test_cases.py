"""Cases in the shop: what is written with what, who sees what, and what becomes of goods, money, store credit and points."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from shopwright import Cart, CartLine, DeliverShipment, DispatchShipment, Money, Order, PutProduct, ShipOrder, Tender, Via, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.catalog.products import Product
from shopwright.errors import InvalidValue
from shopwright.flows import commands as c
from shopwright.flows.credit.commands import GrantCredit
from shopwright.flows.members.commands import RegisterMember
from shopwright.flows.returns import commands as r
from shopwright.flows.returns.looking import OpenCase
from shopwright.flows.returns.noting import CaseNote
from shopwright.flows.vault.commands import ErasePerson
from shopwright.loyalty.account import Account
from shopwright.orders.credit_notes import CreditLine
from shopwright.orders.lines import Buckets
from shopwright.orders.states import OrderState
from shopwright.ports.storage import Match, Query, Where
from shopwright.pricing.facts import NoShipping
from shopwright.pricing.tax_amounts import Taxed
from shopwright.promotions.matching import Named
from shopwright.promotions.price_rules import CatalogPrice, SetPrice
from shopwright.returns.case import Case, CaseKind, WaitsFor
from shopwright.returns.order_cases import CaseClaim, OrderCases
from shopwright.returns.rules import ReturnRule, ReturnTerms
from shopwright.returns.states import CaseState
from shopwright.returns.words import Granted, Outcome, Resolution, Why, Wish
from shopwright.wire.kinds import KINDS
from tests.flows.cased import ASIDE, BOB, DAY, SMALL, TEA, applied, apply, approved, asked, check_cases, do, inspected, lost, resolved, sent
from tests.flows.credited import ANNS, CREDITED, check_credit, granted, of_both
from tests.flows.given_back import back, come
from tests.flows.mall import ANN, CLERK, Mall, an_order, paid, refused
from tests.flows.vaulted import VAULTED


def a_mall(**ways: Any) -> Mall:
    return Mall(MemoryStorage(KINDS), ways=ways)


@pytest.fixture
def mall() -> Mall:
    return a_mall()


def refunds(mall: Mall) -> list[int]:
    return [it.amount.minor for it in mall.provider.movements() if it.kind == "refunded"]


def free(mall: Mall, key: str = "stock/TEA") -> int:
    return mall.storage.quota((key,), at=mall.clock.now())[key].free


def came(mall: Mall, command: c.PlaceOrder) -> Order:
    """An order that was paid and has been delivered."""
    order = paid(mall.shop, command)
    accepted(mall.shop.shipping.ship(ShipOrder(key=f"ship-{order.id}", by=CLERK, order_id=order.id)))
    about = {"by": CLERK, "order_id": order.id, "shipment_id": "s1"}
    accepted(mall.shop.shipping.dispatch(DispatchShipment(key=f"go-{order.id}", **about)))
    return accepted(mall.shop.shipping.deliver(DeliverShipment(key=f"come-{order.id}", **about)))


def teas(units: int) -> c.PlaceOrder:
    card = Tender(method="card", amount=1_000 * units, gateway="fake", source="tok_ok")
    return evolve(an_order(), cart=Cart("EUR", (CartLine("TEA", units),)), shipping=NoShipping(), tenders=(card,))


def back_in(mall: Mall, case: Case, **facts: Any) -> Case:
    """The same case, approved, with its goods received and as they were sold."""
    for kind in (r.ApproveCase, r.ReceiveReturn, r.InspectReturn):
        case = accepted(do(mall, kind, case, **(facts if kind is r.ApproveCase else {})))
    return case


def test_three_are_announced_and_two_come_so_two_are_refunded(mall: Mall) -> None:
    """spree PR#14678, RETURN-2."""
    order = came(mall, teas(3))
    case = accepted(do(mall, r.ApproveCase, accepted(apply(mall, order, evolve(TEA, units=3)))))
    case = accepted(do(mall, r.ReceiveReturn, case, units=((1, 2),)))
    case = accepted(do(mall, r.InspectReturn, case))
    three = Outcome(no=1, units=3, resolution=Resolution.REFUND)
    assert refused(do(mall, r.ResolveCase, case, key="all", outcomes=(three,))) == "case_units_above"

    case = accepted(do(mall, r.ResolveCase, case))

    assert (case.state, [it.units for it in case.lines[0].outcomes]) == (CaseState.RESOLVED, [2])
    assert refunds(mall) == [2_000]
    assert accepted(mall.shop.orders.get(order.id)).lines[0].buckets == Buckets(delivered=1, returned=2)
    assert refused(apply(mall, order, evolve(TEA, units=2), key="more")) == "return_units_above"


def test_a_case_tells_what_came_of_it_on_its_order_with_a_credit_note_and_the_goods_on_sale(mall: Mall) -> None:
    """CASE-4, CASE-5."""
    before = free(mall)
    case = resolved(mall, evolve(TEA, units=2))

    (note,) = accepted(mall.shop.payments.credit_notes(case.order_id))
    assert (note.number, note.reason, note.refund) == ("CN-000001", f"case {case.number}", 2_178)
    assert refunds(mall) == [2_178]
    assert free(mall) == before
    assert (case.kind, accepted(mall.shop.returns.get(case.id)) == case) == (CaseKind.RETURN, True)
    assert [type(it.value).__name__ for it in mall.shop.returns.history(case.id)] == [
        *("CaseOpened", "CaseApproved", "GoodsReceived", "GoodsInspected", "CaseResolved")
    ]


def test_a_part_of_the_price_goes_back_with_a_note_of_its_line_and_the_goods_are_compensated(mall: Mall) -> None:
    """CASE-4."""
    part = Granted(no=1, resolution=Resolution.PARTIAL_REFUND, goods_back=False, amount=300)
    case = accepted(do(mall, r.ResolveCase, approved(mall, granted=(part,))))

    (note,) = accepted(mall.shop.payments.credit_notes(case.order_id))
    assert note.lines == (CreditLine(line_no=1, about="goods", sku="TEA", title="Tea", units=0, taxed=Taxed(300)),)
    assert (refunds(mall), case.kind) == ([300], CaseKind.CLAIM)
    order = accepted(mall.shop.orders.get(case.order_id))
    assert refused(apply(mall, order, evolve(TEA, units=2), key="again")) == "return_units_above"


def test_a_case_and_what_the_cases_of_its_order_claim_are_one_changeset(mall: Mall) -> None:
    """CASE-1."""
    order = come(mall)
    first = accepted(apply(mall, order, key="first"))

    second = accepted(apply(mall, order, key="second"))

    claims = tuple(CaseClaim(case_id=case.id, units=((1, 1),)) for case in (first, second))
    stored = mall.storage.load(OrderCases, order.id)
    assert stored is not None
    assert stored.value == OrderCases(order_id=order.id, count=2, claims=claims)
    assert (second.id, second.number) == (f"{order.id}/c2", f"{order.number}-C2")
    assert refused(apply(mall, order, key="third")) == "return_units_above"
    accepted(do(mall, r.WithdrawCase, first, by=ANN))
    assert accepted(apply(mall, order, key="fourth")).number == f"{order.number}-C3"
    check_cases(mall.storage)


def test_the_same_application_sent_again_is_the_case_as_it_stands(mall: Mall) -> None:
    order = come(mall)
    case = accepted(apply(mall, order))
    after = accepted(do(mall, r.ApproveCase, case))

    assert accepted(apply(mall, order)) == after
    assert accepted(do(mall, r.ApproveCase, case)) == after


def test_a_customer_sees_their_own_cases_and_no_other(mall: Mall) -> None:
    """CASE-2."""
    case = applied(mall)

    assert accepted(mall.shop.returns.get(case.id, by=ANN)) == case
    assert accepted(mall.shop.returns.numbered(f" {case.number.lower()} ", by=ANN)) == case
    assert accepted(mall.shop.returns.of_order(case.order_id, by=ANN)) == (case,)
    assert refused(mall.shop.returns.get(case.id, by=BOB)) == "case_not_found"
    assert refused(mall.shop.returns.numbered(case.number, by=BOB)) == "case_not_found"
    assert refused(do(mall, r.WithdrawCase, case, by=BOB)) == "case_not_found"


def test_a_customer_does_what_is_theirs_and_nobody_judges_what_they_ask_for_themselves(mall: Mall) -> None:
    case = asked(mall)
    case = accepted(do(mall, r.AnswerCase, case, by=ANN))
    case = accepted(do(mall, r.ApproveCase, case))

    assert accepted(do(mall, r.SendReturn, case, by=ANN, carrier="post")).carrier == "post"
    with pytest.raises(InvalidValue, match="for staff"):
        do(mall, r.ResolveCase, case, by=ANN)


def test_notes_are_read_by_whom_they_are_for_and_gone_with_the_buyer() -> None:
    mall = a_mall(**VAULTED)
    case = applied(mall, note="too green")
    accepted(do(mall, r.AskForMore, case, note="how green?"))
    accepted(do(mall, r.AnswerCase, case, by=ANN, note="very"))
    accepted(do(mall, r.RejectCase, case, note="always the same with her"))

    for by, told in ((ANN, ["too green", "how green?", "very"]), (CLERK, ["too green", "how green?", "very", "always the same with her"])):
        assert [it.text for it in accepted(mall.shop.returns.notes(case.id, by=by))] == told
    opened = accepted(mall.shop.returns.notes(case.id, by=ANN))[0]
    assert opened == CaseNote(about="opened", text="too green", by=ANN, at=case.opened_at)
    assert not any(word in repr(mall.shop.returns.history(case.id)) for word in ("green", "very", "same"))
    accepted(mall.shop.persons.erase(ErasePerson(key="erase", by=ANN, subject="ann")))
    assert [it.text for it in accepted(mall.shop.returns.notes(case.id))] == [None] * 4


def test_rules_look_at_the_categories_of_the_catalog_and_at_what_a_unit_cost() -> None:
    """RETURN-3: kitchen goods are a final sale, and what costs less than twenty euros stays with the customer."""
    whys: Any = {Why.DEFECTIVE}
    kitchen = ReturnRule(name="kitchen", categories=frozenset({"kitchen"}), whys=whys)
    others = evolve(SMALL.rules[0], skus=frozenset({"TEA"}))
    mall = a_mall(returns=ReturnTerms(rules=(kitchen, others)))
    product = Product(sku="CUP", title="Cup", seller_id="house", prices=(Money(2_500, "EUR"),), categories=("kitchen",))
    accepted(mall.shop.goods.put(PutProduct(key="a-cup", by=CLERK, product=product)))
    order = come(mall)

    tea = accepted(apply(mall, order, key="tea"))

    assert refused(apply(mall, order, evolve(TEA, line_no=2), key="cup")) == "return_final_sale"
    assert accepted(apply(mall, order, evolve(TEA, line_no=2, why=Why.DEFECTIVE), key="broken")).lines[0].terms.rule == "kitchen"
    assert (tea.state, tea.approved_by_rule, tea.goods_back) == (CaseState.APPROVED, "rules", False)


def test_a_shop_offers_no_store_credit_and_no_points_that_it_does_not_keep(mall: Mall) -> None:
    mall.ways["growth"] = None
    mall.reopened()
    order = come(mall)
    for resolution in (Resolution.STORE_CREDIT, Resolution.POINTS):
        refusal = apply(mall, order, evolve(TEA, resolution=resolution))
        assert refused(refusal) == "return_resolution_not_offered"
    case = accepted(apply(mall, order))

    with pytest.raises(InvalidValue, match="keeps no store credit"):
        do(mall, r.ApproveCase, case, granted=(Granted(no=1, resolution=Resolution.STORE_CREDIT),))
    with pytest.raises(InvalidValue, match="gives no points"):
        do(mall, r.ApproveCase, case, granted=(Granted(no=1, resolution=Resolution.POINTS, goods_back=False, amount=5),))


def test_store_credit_takes_the_place_of_money_and_kept_money_goes_back_where_it_came_from() -> None:
    """CASE-3: of 49.00, 6.00 were paid with store credit and the rest by card; both teas bring 21.78."""
    mall = a_mall(**CREDITED)
    granted(mall)
    order = came(mall, of_both())
    case = accepted(apply(mall, order, evolve(TEA, units=2, resolution=Resolution.STORE_CREDIT)))

    accepted(do(mall, r.ResolveCase, back_in(mall, case)))
    accepted(do(mall, r.ResolveCase, case))

    after, account = accepted(mall.shop.orders.get(order.id)), check_credit(mall.storage)[ANNS]
    assert ([it.refunded for it in after.payments], after.surplus, refunds(mall)) == ([0, 2_178], 0, [])
    assert (account.free, [it.amount for it in account.lots if it.id.startswith("case/")]) == (400 + 2_178, [2_178])


def test_what_was_paid_with_kept_money_alone_goes_back_there_and_becomes_no_new_credit() -> None:
    """CASE-3."""
    mall = a_mall(**CREDITED)
    accepted(mall.shop.credit.grant(GrantCredit(key="fifty", by=CLERK, member_id="ann", amount=Money(5_000, "EUR"))))
    order = came(mall, of_both(credit=4_900 - 1))
    case = accepted(apply(mall, order, evolve(TEA, units=2, resolution=Resolution.STORE_CREDIT)))

    accepted(do(mall, r.ResolveCase, back_in(mall, case)))

    after, account = accepted(mall.shop.orders.get(order.id)), check_credit(mall.storage)[ANNS]
    assert [it.refunded for it in after.payments] == [2_177, 1]
    assert (account.free, [it.amount for it in account.lots if it.id.startswith("case/")]) == (5_000 - 4_899 + 2_178, [1])


def test_what_a_member_is_told_of_themselves_holds_their_cases_with_what_they_may_read() -> None:
    mall = a_mall(**VAULTED)
    accepted(mall.shop.members.register(RegisterMember(key="ann", by=ANN, member_id="ann", email="ann@mall.example")))
    case = applied(mall, note="too green")
    accepted(do(mall, r.RejectCase, case, note="always the same with her"))

    (told,) = accepted(mall.shop.members.export("ann", by=ANN))["cases"]

    assert (told["id"], told["state"], [note["text"] for note in told["notes"]]) == (case.id, "rejected", ["too green"])


def test_a_preview_of_an_exchange_writes_nothing_not_even_the_units_of_a_flash_price() -> None:
    flash = CatalogPrice(id="flash", to=SetPrice(Money(600, "EUR")), lines=Named("sku", "CUP"), units=5)
    mall = a_mall(prices=(flash,))
    wish = evolve(TEA, resolution=Resolution.EXCHANGE, sku="CUP")
    case = back_in(mall, accepted(apply(mall, came(mall, teas(2)), wish)))
    key = "promotion/flash/units"

    planned = accepted(mall.shop.returns.preview(r.ResolveCase(key="plan", by=CLERK, case_id=case.id)))
    before = mall.storage.quota((key,), at=mall.clock.now())[key]
    accepted(do(mall, r.ResolveCase, case))
    after = mall.storage.quota((key,), at=mall.clock.now())[key]

    assert ((before.granted, before.used), (after.granted, after.used)) == ((0, 0), (5, 1))
    assert accepted(mall.shop.orders.get(case.order_id)).refund_granted == planned.order.order.refund_granted == 400


def test_points_are_given_once_for_goods_that_the_customer_keeps(mall: Mall) -> None:
    points = Granted(no=1, resolution=Resolution.POINTS, goods_back=False, amount=50)
    case = approved(mall, granted=(points,))
    for key in ("once", "once"):
        accepted(do(mall, r.ResolveCase, case, key=key))

    accounts = [stored.value for stored in mall.storage.find(Query(Account, limit=10)).items]
    assert [(it.id, sum(lot.points for lot in it.lots)) for it in accounts] == [("points/ann", 50)]
    assert refunds(mall) == []


def test_what_is_lost_goes_out_once_more_and_takes_stock_anew(mall: Mall) -> None:
    """RETURN-11."""
    order, before = lost(mall), free(mall)
    wish = Wish(line_no=1, units=2, why=Why.LOST, resolution=Resolution.REPLACE)
    case = accepted(do(mall, r.ApproveCase, accepted(apply(mall, order, wish))))

    case = accepted(do(mall, r.ResolveCase, case))

    after = accepted(mall.shop.orders.get(order.id))
    assert (case.kind, after.state, after.lines[0].buckets, free(mall)) == (CaseKind.RESHIP, OrderState.CONFIRMED, Buckets(open=2), before - 2)


def test_what_is_to_go_out_once_more_and_is_not_there_is_refused_and_the_case_stays(mall: Mall) -> None:
    wish = Wish(line_no=1, units=2, why=Why.LOST, resolution=Resolution.REPLACE)
    case = accepted(do(mall, r.ApproveCase, accepted(apply(mall, lost(mall), wish))))
    accepted(mall.shop.goods.receive(c.ReceiveStock(key="no-more", by=CLERK, sku="TEA", quantity=-free(mall))))

    assert refused(do(mall, r.ResolveCase, case)) == "stock_exhausted"
    assert accepted(mall.shop.returns.get(case.id)).state is CaseState.APPROVED


def test_what_was_kept_aside_is_on_sale_once_somebody_says_so(mall: Mall) -> None:
    """RETURN-9."""
    before = free(mall)
    case = resolved(mall, findings=ASIDE)
    assert (free(mall), case.lines[0].quarantined) == (before - 2, 1)

    case = accepted(do(mall, r.EndQuarantine, case))

    assert (free(mall), case.lines[0].quarantined) == (before - 1, 0)


def test_the_inbox_tells_what_is_open_the_oldest_first_and_who_has_to_do_something(mall: Mall) -> None:
    old = sent(mall)
    mall.clock.advance(2 * DAY)
    young = accepted(apply(mall, accepted(mall.shop.orders.get(old.order_id)), evolve(TEA, line_no=2), key="young"))
    closed = accepted(apply(mall, accepted(mall.shop.orders.get(old.order_id)), key="closed"))
    accepted(do(mall, r.WithdrawCase, closed))

    page = mall.shop.returns.inbox(limit=1)
    rest = mall.shop.returns.inbox(limit=1, after=page.next)

    assert page.cases == (OpenCase(case=old, age=2 * DAY, overdue=False),)
    assert rest.cases == (OpenCase(case=young, age=0 * DAY, overdue=False),)
    waiting = {who: [it.case.id for it in mall.shop.returns.inbox(waits_for=who).cases] for who in WaitsFor}
    assert waiting == {WaitsFor.SHOP: [young.id], WaitsFor.CARRIER: [old.id], WaitsFor.CUSTOMER: []}
    found = mall.shop.returns.find(Query(Case, where=(Where("state", Match.EQUAL, "withdrawn"),)))
    assert [it.value.id for it in found.items] == [closed.id]


def test_a_case_whose_customer_does_nothing_expires_and_its_units_are_free_again(mall: Mall) -> None:
    case = approved(mall)
    assert mall.shop.returns.sweep() == 0
    mall.clock.advance(14 * DAY)
    assert [it.overdue for it in mall.shop.returns.inbox().cases] == [True]

    assert (mall.shop.returns.sweep(), mall.shop.returns.sweep()) == (1, 0)

    assert accepted(mall.shop.returns.get(case.id)).state is CaseState.EXPIRED
    assert check_cases(mall.storage)["claims"] == [(1, ())]


def test_units_that_were_given_back_meanwhile_are_not_given_back_by_a_case(mall: Mall) -> None:
    case = inspected(mall, evolve(TEA, units=2))
    order = accepted(mall.shop.orders.get(case.order_id))
    accepted(mall.shop.payments.refund_units(back(order, (1, 1))))

    assert refused(do(mall, r.ResolveCase, case)) == "units_not_left"
    one = Outcome(no=1, units=1, resolution=Resolution.REFUND)
    rest = Outcome(no=1, units=1, resolution=Resolution.REJECT)
    assert accepted(do(mall, r.ResolveCase, case, key="one", outcomes=(one, rest))).state is CaseState.RESOLVED
    assert sum(refunds(mall)) == 2_178


def test_a_repaid_case_of_an_order_that_was_paid_at_the_door_leaves_its_money_to_a_person(mall: Mall) -> None:
    order = accepted(mall.shop.orders.place(an_order(via=Via.ON_DELIVERY)))
    accepted(mall.shop.shipping.ship(ShipOrder(key="ship", by=CLERK, order_id=order.id)))
    about = {"by": CLERK, "order_id": order.id}
    accepted(mall.shop.shipping.dispatch(DispatchShipment(key="go", shipment_id="s1", **about)))
    accepted(mall.shop.shipping.deliver(DeliverShipment(key="come", shipment_id="s1", **about)))
    accepted(mall.shop.payments.record(c.RecordPayment(key="cash", payment_id="p1", amount=Money(4_900, "EUR"), **about)))
    case = back_in(mall, accepted(apply(mall, order, evolve(TEA, units=2))))

    accepted(do(mall, r.ResolveCase, case))

    assert accepted(mall.shop.orders.get(order.id)).refund_outstanding == 2_178
