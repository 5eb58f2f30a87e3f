"""Units given back at a shop: what the plan shows is what is done, once, with a credit note whose number no crash and no rival can lose."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from attrs import evolve

from shopwright import Cart, CartLine, Coupon, Money, Order, PutCoupon, RefundOrder, Tender, Terms, accepted, customer
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows.commands import RefundUnits
from shopwright.orders.credit_notes import CreditLine, CreditNote, CreditNoteBook
from shopwright.orders.refund_policy import BelowMinimum, RefundPolicy, ShippingBack
from shopwright.pricing.facts import NoShipping
from shopwright.pricing.tax_amounts import Taxed
from shopwright.promotions.extras import By, Ladder, Rung
from shopwright.promotions.promotion import Promotion
from shopwright.refusals import Refusal
from shopwright.wire.kinds import KINDS
from tests.flows.given_back import back, come, sorry
from tests.flows.mall import ANN, CLERK, Mall, an_order, refused


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS))


def test_what_the_plan_shows_is_what_is_done(mall: Mall) -> None:
    """REFUND-3"""
    order = come(mall)
    plan = accepted(mall.shop.payments.plan_refund(back(order, (1, 1))))
    assert mall.shop.orders.get(order.id) == order

    after = accepted(mall.shop.payments.refund_units(back(order, (1, 1), as_of=plan.event_count)))
    assert (plan.amount, after.refunded, [it.refunded for it in after.payments]) == (1_089, 1_089, [it.amount for it in plan.ways])
    assert (after.owed, after.surplus, after.settled) == (3_811, 0, plan.events[0].lines)  # type: ignore[union-attr]


def test_a_plan_that_was_shown_is_not_done_to_an_order_that_has_moved(mall: Mall) -> None:
    """REFUND-5"""
    order = come(mall)
    plan = accepted(mall.shop.payments.plan_refund(back(order, (1, 1))))
    accepted(mall.shop.payments.refund(RefundOrder(key="other", by=CLERK, order_id=order.id, amount=Money(10, "EUR"), reason="a chip")))
    answer = mall.shop.payments.refund_units(back(order, (1, 1), as_of=plan.event_count))

    assert isinstance(answer, Refusal)
    (note,) = accepted(mall.shop.payments.credit_notes(order.id))
    assert (answer.code, dict(answer.facts)["planned"], note.reason) == ("refund_plan_stale", plan.event_count, "a chip")


def test_the_same_command_gives_back_once(mall: Mall) -> None:
    order = come(mall)
    command = back(order, (1, 1), as_of=order.event_count)
    first = accepted(mall.shop.payments.refund_units(command))

    assert accepted(mall.shop.payments.refund_units(command)) == first
    assert (first.refunded, len(accepted(mall.shop.payments.credit_notes(order.id)))) == (1_089, 1)


def test_a_refund_has_a_credit_note_with_its_lines(mall: Mall) -> None:
    """REFUND-7"""
    order = come(mall)
    accepted(mall.shop.payments.refund_units(back(order, (1, 2))))
    (note,) = accepted(mall.shop.payments.credit_notes(order.id, by=ANN))

    goods = CreditLine(line_no=1, about="goods", sku="TEA", title="Tea", units=2, taxed=Taxed(2_000))
    shipping = CreditLine(line_no=1, about="shipping", sku="TEA", title="Tea", units=0, taxed=Taxed(178))
    assert note == CreditNote(
        number="CN-000001",
        order_id=order.id,
        order_number=order.number,
        buyer_id="ann",
        currency="EUR",
        reason="it does not fit",
        lines=(goods, shipping),
        refund=2_178,
        issued_at=note.issued_at,
    )


def test_numbers_have_no_gap_whatever_is_refused_between(mall: Mall) -> None:
    """REFUND-6"""
    order = come(mall)
    answers = [
        mall.shop.payments.refund_units(back(order, (1, 1), key="one")),
        mall.shop.payments.refund_units(back(order, (1, 5), key="too many")),
        mall.shop.payments.give_goodwill(sorry(order)),
        mall.shop.payments.give_goodwill(sorry(order, 9_999, key="too much")),
        mall.shop.payments.refund_units(back(order, (2, 1), key="two", series="DE-2026")),
        mall.shop.payments.refund_units(back(order, (1, 1), key="three")),
    ]
    notes = accepted(mall.shop.payments.credit_notes(order.id))

    assert [isinstance(it, Order) for it in answers] == [True, False, True, False, True, True]
    assert sorted(it.number for it in notes) == ["CN-000001", "CN-000002", "CN-000003", "DE-2026-000001"]
    assert sum(it.refund for it in notes) == accepted(mall.shop.orders.get(order.id)).refunded == 4_900


def test_orders_that_are_refunded_at_once_never_share_a_number(mall: Mall) -> None:
    """REFUND-6"""
    found = [come(mall, key=f"o{n}") for n in range(3)]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda order: mall.shop.payments.refund_units(back(order, (1, 1), key=f"back-{order.id}")), found))
    numbers = [it.number for order in found for it in accepted(mall.shop.payments.credit_notes(order.id))]

    assert [accepted(it).refunded for it in answers] == [1_089] * 3
    assert sorted(numbers) == ["CN-000001", "CN-000002", "CN-000003"]
    stored = mall.shop.ports.storage.load(CreditNoteBook, "CN")
    assert stored is not None
    assert stored.value == CreditNoteBook(series="CN", last=3)


def test_somebody_elses_credit_notes_are_not_shown(mall: Mall) -> None:
    order = come(mall)
    accepted(mall.shop.payments.refund_units(back(order, (1, 1))))

    assert refused(mall.shop.payments.credit_notes(order.id, by=customer("bob"))) == "order_not_found"


def test_goodwill_goes_as_far_as_the_terms_let() -> None:
    mall = Mall(MemoryStorage(KINDS), terms=Terms(goodwill_most=600))
    order = come(mall)
    after = accepted(mall.shop.payments.give_goodwill(sorry(order)))
    answer = mall.shop.payments.give_goodwill(sorry(order, 101, key="more"))

    assert (after.goodwill, after.refunded, after.owed) == (500, 500, 4_400)
    assert refused(answer) == "goodwill_above_limit"


def test_the_policy_of_the_terms_holds_and_a_clerk_may_name_another() -> None:
    mall = Mall(MemoryStorage(KINDS), terms=Terms(refunds=RefundPolicy(shipping=ShippingBack.NEVER, restocking=1_000)))
    order = come(mall)

    assert accepted(mall.shop.payments.plan_refund(back(order, (2, 1)))).amount == 2_250
    assert accepted(mall.shop.payments.plan_refund(back(order, (2, 1), policy=RefundPolicy()))).amount == 2_722


@pytest.mark.parametrize(
    ("policy", "refunds"),
    [
        pytest.param(BelowMinimum.KEEP, [1_600, 1_600, 800], id="what stays keeps its twenty percent"),
        pytest.param(BelowMinimum.RE_EVALUATE, [1_300, 1_750, 950], id="what stays gets ten percent, then five"),
        pytest.param(BelowMinimum.CHARGE_BACK, [1_000, 2_000, 1_000], id="what stays gets nothing"),
    ],
)
def test_what_stays_gets_what_the_steps_of_a_ladder_give_and_in_the_end_all_has_gone_back(policy: BelowMinimum, refunds: list[int]) -> None:
    """REFUND-4, REFUND-11"""
    rungs = [(1_000, 500), (3_000, 1_000), (5_000, 2_000)]
    ladder = Ladder(By.SPEND, tuple(Rung(spend=Money(spend, "EUR"), percent=percent) for spend, percent in rungs))
    mall = Mall(
        MemoryStorage(KINDS), terms=Terms(refunds=RefundPolicy(below_minimum=policy)), ways={"promotions": (Promotion(id="more", effects=(ladder,)),)}
    )
    card = Tender(method="card", amount=4_000, gateway="fake", source="tok_ok")
    order = come(mall, evolve(an_order(), cart=Cart("EUR", (CartLine("TEA", 5),)), shipping=NoShipping(), tenders=(card,)))

    plans = []
    for number, units in enumerate((2, 2, 1)):
        command = back(order, (1, units), key=f"back-{number}")
        plans.append(accepted(mall.shop.payments.plan_refund(command)).amount)
        after = accepted(mall.shop.payments.refund_units(command))

    assert (plans, after.refunded, after.paid, sum(refunds)) == (refunds, 4_000, 0, 4_000)


def test_the_minimum_of_a_coupon_is_the_one_that_was_frozen(mall: Mall) -> None:
    """REFUND-4"""
    spring = Coupon("SPRING", percent=1_000, limited=True, minimums=(Money(4_500, "EUR"),), version=2)
    accepted(mall.shop.goods.put_coupon(PutCoupon(key="spring-2", by=CLERK, coupon=spring)))
    order = come(mall, coupon="SPRING")
    accepted(mall.shop.goods.put_coupon(PutCoupon(key="spring-3", by=CLERK, coupon=Coupon("SPRING", percent=1_000, limited=True, version=3))))
    charged = RefundUnits(
        key="back",
        by=CLERK,
        order_id=order.id,
        units=((1, 2),),
        reason="it does not fit",
        policy=RefundPolicy(below_minimum=BelowMinimum.CHARGE_BACK),
    )
    plan = accepted(mall.shop.payments.plan_refund(charged))

    assert (plan.lines[0].charged, plan.lines[0].why[-1].note) == (250, "less 2.50 EUR: what stays is below the minimum of SPRING")
