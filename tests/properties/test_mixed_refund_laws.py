"""What goes back of an order that was paid in several ways: in turn, in multiples of what each way can move, and in all exactly what was paid."""

from __future__ import annotations

from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from shopwright.orders import Order, Terms, answer, next_step, refund
from shopwright.orders.decision import Decision
from shopwright.payments.payment import Tender
from shopwright.refusals import Refusal, accepted
from shopwright.testing.builders import CLERK, NOON, a_done, an_order, paid, sold


@frozen
class Case:
    """An order of a point tender in steps and some cash, by turns, and the refunds that are asked for."""

    step: int
    in_points: int
    cards: tuple[int, ...]
    points_first_told: bool
    terms: Terms
    refunds: tuple[int, ...]

    @property
    def total(self) -> int:
        return self.in_points * self.step + sum(self.cards)

    def order(self) -> Order:
        points = Tender(method="points", amount=self.in_points * self.step, gateway="points", source="points/ann")
        cards = tuple(Tender(method="card", amount=amount, gateway="fake", source="tok") for amount in self.cards)
        tenders = (points, *cards) if self.points_first_told else (*cards, points)
        return paid(an_order(sold("TEA", 1, self.total), tenders=tenders, steps=(("points", self.step),), terms=self.terms))


CASES = st.builds(
    Case,
    step=st.integers(1, 40),
    in_points=st.integers(1, 60),
    cards=st.lists(st.integers(1, 2_000), max_size=2).map(tuple),
    points_first_told=st.booleans(),
    terms=st.sampled_from((Terms(), Terms(refund_first=("points",)), Terms(refund_last=("points",)), Terms(refund_first=("card", "points")))),
    refunds=st.lists(st.integers(1, 1_500), max_size=7).map(tuple),
)


def settled(order: Order) -> Order:
    """All that can go back has gone."""
    while (asked := next_step(order, at=NOON)) is not None:
        order = Decision(order).then(asked).order
        payment = order.payment(asked.payment_id)
        assert payment is not None
        order = answer(order, payment, a_done(payment, refunded=asked.amount), key=asked.key, at=NOON).order
    return order


@given(CASES)
def test_refunds_in_any_steps_sum_to_what_was_paid_and_no_part_of_a_point_goes_back(case: Case) -> None:  # ORDER-17
    order = case.order()
    for amount in case.refunds:
        asked = refund(order, amount, reason="back", by=CLERK, at=NOON)
        if isinstance(asked, Refusal):
            assert amount > case.total - order.refund_granted
            continue
        order = settled(asked.order)
        points = next(it for it in order.payments if it.tender.method == "points")
        assert points.refunded % case.step == 0
        assert 0 <= order.refund_granted - order.refunded < case.step
        assert order.refunded == order.refund_granted or all(it.refundable == 0 for it in order.payments if it.tender.method == "card")
    if order.refund_granted < case.total:
        order = settled(accepted(refund(order, case.total - order.refund_granted, reason="rest", by=CLERK, at=NOON)).order)

    assert order.refunded == case.total
    assert [it.refunded for it in order.payments] == [it.tender.amount for it in order.payments]


@given(CASES)
def test_who_gives_back_first_is_who_the_terms_name_or_else_the_last(case: Case) -> None:  # ORDER-17
    order = case.order()
    amount = min(case.total, max(case.step, 500) // case.step * case.step)
    after = settled(accepted(refund(order, amount, reason="back", by=CLERK, at=NOON)).order)
    first, last = case.terms.refund_first, case.terms.refund_last
    method = first[0] if first else ("card" if last or case.points_first_told else "points")
    wanted = min(amount, sum(it.tender.amount for it in order.payments if it.tender.method == method))
    went = sum(it.refunded for it in after.payments if it.tender.method == method)

    assert wanted - case.step < went
