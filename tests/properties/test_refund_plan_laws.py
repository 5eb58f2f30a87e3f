"""Laws of refund plans: parts in any order come to the whole, nothing goes back above what was paid, and a plan says what counting it out says."""

from __future__ import annotations

from fractions import Fraction
from math import floor

from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from shopwright.money import Money
from shopwright.orders import Order
from shopwright.orders.planning import plan_refund, refund_planned
from shopwright.orders.refund_plan import KeptOfSale, RefundPlan
from shopwright.orders.refund_policy import BelowMinimum, DiscountStep, Minimum, RefundPolicy, ShippingBack
from shopwright.orders.refunds import goodwill
from shopwright.pricing.facts import FlatShipping
from shopwright.promotions.coupons import Coupon
from shopwright.refusals import Refusal, accepted
from shopwright.testing.builders import CLERK, NOON, a_quote, a_tender, an_order, delivered, paid, sold
from tests.unit.orders.refunding import ON_TOP, WITHIN, taxed


@frozen
class Case:
    """Goods with a discount and shipping, who paid for them, the policy, and the order in which units come back."""

    goods: tuple[tuple[int, int], ...]
    coupon: int
    shipping: int
    tax: str
    first: int
    policy: RefundPolicy
    turns: tuple[int, ...]

    def order(self) -> Order:
        goods = [sold(f"P{n}", quantity, price, tax_class=("standard", "books")[n % 2]) for n, (quantity, price) in enumerate(self.goods)]
        coupon = Coupon("OFF", percent=self.coupon) if self.coupon else None
        if self.tax:
            quote = taxed(*goods, taxes=ON_TOP if self.tax == "on top" else WITHIN, coupon=coupon, shipping=self.shipping)
        else:
            quote = a_quote(*goods, coupon=coupon, shipping=FlatShipping("post", self.shipping))
        cash = quote.total * self.first // 100
        parts = ((cash, "card"), (quote.total - cash, "wallet"))
        return delivered(paid(an_order(quote=quote, tenders=tuple([a_tender(amount, method) for amount, method in parts if amount]))))

    @property
    def minimums(self) -> tuple[Minimum, ...]:
        whole = sum(quantity * price for quantity, price in self.goods)
        return (Minimum(rule="OFF", least=max(1, whole * 2 // 3), steps=(DiscountStep(least=whole // 3, percent=self.coupon // 2),)),)

    def parts(self) -> list[tuple[tuple[int, int], ...]]:
        """Every unit once, in turns: which line is next is told by chance."""
        left = {n: quantity for n, (quantity, _) in enumerate(self.goods, 1)}
        found = []
        for turn in (*self.turns, *range(len(left))):
            open_ = [n for n in left if left[n]]
            if not open_:
                break
            line_no = open_[turn % len(open_)]
            units = 1 + turn % left[line_no] if turn < 100 else left[line_no]
            found.append(((line_no, min(units, left[line_no])),))
            left[line_no] -= min(units, left[line_no])
        rest = tuple((n, units) for n, units in left.items() if units)
        return [*found, rest] if rest else found


POLICIES = st.builds(
    RefundPolicy,
    shipping=st.sampled_from(ShippingBack),
    below_minimum=st.sampled_from(BelowMinimum),
    restocking=st.sampled_from((0, 0, 1, 1_500, 10_000)),
)
CASES = st.builds(
    Case,
    goods=st.lists(st.tuples(st.integers(1, 7), st.integers(20, 3_000)), min_size=1, max_size=3).map(tuple),
    coupon=st.sampled_from((0, 333, 1_000, 9_999, 10_000)),
    shipping=st.integers(0, 900),
    tax=st.sampled_from(("", "on top", "within")),
    first=st.sampled_from((0, 30, 100)),
    policy=POLICIES,
    turns=st.lists(st.integers(0, 120), max_size=8).map(tuple),
)


def plans_of(case: Case) -> tuple[Order, list[RefundPlan]]:
    """All units given back in turns."""
    order, found = case.order(), []
    for units in case.parts():
        plan = accepted(plan_refund(order, units, reason="back", by=CLERK, at=NOON, policy=case.policy, minimums=case.minimums))
        order = accepted(refund_planned(order, plan)).order
        found.append(plan)
    return order, found


def due(order: Order, policy: RefundPolicy) -> int:
    """What goes back once everything has: counted out from the totals of the lines."""
    total = 0
    for line in order.lines:
        shipping = line.shipping if line.taxed is None else line.taxed.shipping.gross
        goods = line.total - shipping
        total += goods - goods * policy.restocking // 10_000
        total += 0 if policy.shipping is ShippingBack.NEVER else shipping
    return total


@given(CASES)
def test_parts_in_any_order_come_to_the_whole(case: Case) -> None:  # REFUND-1, REFUND-4
    order, plans = plans_of(case)

    assert sum(plan.amount for plan in plans) == order.refund_granted == due(order, case.policy)
    assert (order.owed, order.surplus) == (order.total.minor - due(order, case.policy), 0)
    for line in order.lines:
        told = [it for plan in plans for it in plan.lines if it.line_no == line.line_no]
        assert sum(it.units for it in told) == line.quantity
        assert (sum(it.listed for it in told), sum(it.discount for it in told)) == (line.subtotal, line.discount)


@given(CASES)
def test_at_no_time_goes_back_more_than_was_paid_for_the_units_or_on_a_payment(case: Case) -> None:  # REFUND-2
    order, plans = plans_of(case)
    paid_for = {line.line_no: line.total for line in order.lines}

    for plan in plans:
        assert 0 <= plan.amount <= plan.value
        for line in plan.lines:
            assert 0 <= line.amount <= paid_for[line.line_no]
            assert line.amount == sum(it.amount for it in line.why)
            assert sum(line.each) == line.goods.gross + line.fee + line.charged
            paid_for[line.line_no] -= line.amount
        assert sum(way.amount for way in plan.ways) == plan.amount + plan.earlier
        assert all(way.amount <= order.payment(way.payment_id).captured for way in plan.ways)  # type: ignore[union-attr]


@given(CASES)
def test_taxes_come_back_rate_by_rate_to_what_was_taken(case: Case) -> None:
    order, plans = plans_of(case)
    if case.policy.restocking or not case.tax:
        return
    for line in order.lines:
        assert line.taxed is not None
        told = [it for plan in plans for it in plan.lines if it.line_no == line.line_no]
        assert sum(it.goods.tax for it in told) == line.taxed.goods.tax
        assert sum(it.goods.net for it in told) == line.taxed.goods.net
        back = 0 if case.policy.shipping is ShippingBack.NEVER else line.taxed.shipping.tax
        assert sum(it.shipping.tax for it in told) == back


@given(CASES, st.integers(1, 4_000))
def test_goodwill_and_units_together_never_bring_more_than_was_paid(case: Case, amount: int) -> None:  # REFUND-2
    order = case.order()
    sorry = goodwill(order, amount, reason="late", by=CLERK, at=NOON)
    order = order if isinstance(sorry, Refusal) else sorry.order
    for units in case.parts():
        order = accepted(refund_planned(order, accepted(plan_refund(order, units, reason="back", by=CLERK, at=NOON, policy=case.policy)))).order

    assert order.refund_granted <= order.total.minor


@given(st.integers(1, 9), st.integers(20, 5_000), st.sampled_from((0, 333, 1_000, 2_500)), st.data())
def test_a_plan_says_what_counting_unit_by_unit_says(quantity: int, price: int, percent: int, data: st.DataObject) -> None:
    """The planner against the plainest way to reckon: exact shares of one line, added up unit by unit and rounded down."""
    coupon = Coupon("OFF", percent=percent) if percent else None
    order = delivered(paid(an_order(sold("TEA", quantity, price), coupon=coupon, tenders=None)))
    before = 0
    while before < quantity:
        units = data.draw(st.integers(1, quantity - before))
        plan = accepted(plan_refund(order, ((1, units),), reason="back", by=CLERK, at=NOON))
        unit = Fraction(order.lines[0].total, quantity)
        each = tuple(floor(unit * (n + 1)) - floor(unit * n) for n in range(before, before + units))
        assert (plan.lines[0].each, plan.amount) == (each, sum(each))
        order, before = accepted(refund_planned(order, plan)).order, before + units


@given(st.integers(1, 9), st.integers(0, 5_000), st.integers(0, 900), st.data())
def test_commissions_come_back_in_parts_to_what_was_taken(quantity: int, base: int, amount: int, data: st.DataObject) -> None:
    order = delivered(paid(an_order(sold("TEA", quantity, 100))))
    kept, back, before = (KeptOfSale(line_no=1, party="mall", base=base, amount=min(amount, base)),), 0, 0
    while before < quantity:
        units = data.draw(st.integers(1, quantity - before))
        plan = accepted(plan_refund(order, ((1, units),), reason="back", by=CLERK, at=NOON, commissions=kept))
        back += sum(it.amount for it in plan.commissions)
        order, before = accepted(refund_planned(order, plan)).order, before + units

    assert back == min(amount, base)


def test_a_case_is_worth_what_it_says() -> None:
    case = Case(((3, 1_000),), 1_000, 300, "", 50, RefundPolicy(), (0, 1))

    assert (case.order().total, case.parts()) == (Money(3_000, "EUR"), [((1, 1),), ((1, 2),)])
