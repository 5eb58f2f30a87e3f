"""Codes that customers type: one that is not good changes no price, and whatever happens to orders, each is used as often as it may be."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from shopwright import CancelOrder, Money, Order, PayOrder, ReceiveStock, RefundOrder, Terms, accepted, customer
from shopwright.adapters.memory import MemoryStorage
from shopwright.orders.terms import ReturnUses
from shopwright.promotions.code_batches import code_at
from shopwright.promotions.coupons import coupon_key
from shopwright.wire.kinds import KINDS
from tests.flows.coded import ANNS, CODE, CODED, NEVER, ONCE, OPEN, OTHER, TWICE, a_coded_order, limited_to
from tests.flows.mall import CLERK, Mall

MALL = Mall(MemoryStorage(KINDS), ways=CODED)
GOOD = (CODE, OTHER, code_at(TWICE, 0), code_at(OPEN, 0), "HELLO")
BAD = (NEVER, code_at(ANNS, 0), "WINTER", "ISSUED:FIVE", CODE[:-1] + "0", OTHER[1:], "?", "7")
USES = {CODE: 1, OTHER: 1, code_at(TWICE, 0): 2}


def spelled(code: str) -> st.SearchStrategy[str]:
    """A code as somebody may type it."""
    written = ONCE.pattern.write(code) if code in (CODE, OTHER) else code
    return st.sampled_from((code, code.lower(), written, f" {written.lower()} "))


def carts(codes: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(codes).flatmap(spelled), max_size=6)


@given(carts(GOOD), carts(BAD), st.randoms(use_true_random=False))
def test_codes_that_are_not_good_change_no_price_and_the_order_of_codes_changes_nothing(good, bad, chance) -> None:
    codes = [*good, *bad]
    chance.shuffle(codes)
    quote = accepted(MALL.shop.orders.quote(a_coded_order(*(codes or ["HELLO"]), buyer="bob")))
    alone = accepted(MALL.shop.orders.quote(a_coded_order(*(good or (["HELLO"] if not codes else ["WINTER"])), buyer="bob")))
    again = accepted(MALL.shop.orders.quote(a_coded_order(*(sorted(codes) or ["HELLO"]), buyer="bob")))

    assert (quote.total, quote.lines) == (alone.total, alone.lines)
    assert (again.trace, again.lines) == (quote.trace, quote.lines)
    assert {entry.rule for entry in quote.refused_codes} <= {code.strip().upper() for code in bad}


@given(st.lists(st.sampled_from((*BAD, *GOOD)), min_size=1, max_size=30), st.integers(1, 5))
def test_no_more_wrong_codes_are_looked_at_than_somebody_may_try(codes, attempts) -> None:
    mall = Mall(MemoryStorage(KINDS), ways=limited_to(attempts))
    told = [accepted(mall.shop.orders.quote(a_coded_order(code, buyer="eve"))) for code in codes]
    wrong = [entry.code for quote in told for entry in quote.refused_codes if entry.code in {"coupon_unknown", "coupon_not_yours"}]
    shut = next((place for place, quote in enumerate(told) if any(it.code == "coupon_attempts" for it in quote.refused_codes)), len(told))

    assert len(wrong) <= attempts
    assert all([it.code for it in quote.refused_codes] == ["coupon_attempts"] and not quote.discount for quote in told[shut:])


class Codes(RuleBasedStateMachine):
    """Buyers who place with codes, pay, cancel, get their money back and let orders lapse, beside the number of uses that must be left."""

    live = Bundle("live")

    @initialize(policy=st.sampled_from(ReturnUses))
    def opens(self, policy: ReturnUses) -> None:
        """A shop whose orders give uses back by this policy."""
        self.mall = Mall(MemoryStorage(KINDS), terms=Terms(return_uses=policy), ways=CODED)
        for sku in ("TEA", "CUP"):
            accepted(self.mall.shop.goods.receive(ReceiveStock(key=f"more-{sku}", by=CLERK, sku=sku, quantity=1_000)))
        self.count = 0

    def left(self, code: str) -> int:
        """How many uses the orders as they stand leave of a code."""
        claimed = [dict(order.claim.items).get(coupon_key(code), 0) for order in self.mall.orders() if order.claim.state in {"held", "used"}]
        lapsed = [
            dict(order.claim.items).get(coupon_key(code), 0)
            for order in self.mall.orders()
            if order.claim.state == "held" and order.due_at is not None and order.due_at <= self.mall.clock.now()
        ]
        return USES[code] - sum(claimed) + sum(lapsed)

    def key(self) -> str:
        self.count += 1
        return f"k{self.count}"

    @rule(target=live, code=st.sampled_from(sorted(USES)), buyer=st.sampled_from(("ann", "bob")))
    def place(self, code: str, buyer: str) -> str:
        """Somebody wants to use a code, and can while it has uses left."""
        free = self.left(code)
        answer = self.mall.shop.orders.place(a_coded_order(code, key=self.key(), buyer=buyer))
        assert isinstance(answer, Order) == (free > 0), (free, answer)
        return answer.id if isinstance(answer, Order) else ""

    def _act(self, order_id: str, act: Any) -> None:
        order = self.mall.shop.orders.get(order_id) if order_id else None
        if isinstance(order, Order) and order.state != "canceled":
            act(order)

    @rule(order_id=live)
    def pay(self, order_id: str) -> None:
        """The buyer pays, in time or not."""
        self._act(order_id, lambda it: self.mall.shop.payments.pay(PayOrder(key=self.key(), by=customer(it.buyer_id), order_id=it.id)))

    @rule(order_id=live)
    def cancel(self, order_id: str) -> None:
        """The order is called off."""
        self._act(order_id, lambda it: self.mall.shop.orders.cancel(CancelOrder(key=self.key(), by=CLERK, order_id=it.id)))

    @rule(order_id=live, share=st.sampled_from((1, 2)))
    def refund(self, order_id: str, share: int) -> None:
        """The money goes back, or half of it."""

        def act(order: Order) -> None:
            if order.paid >= share:
                amount = Money(order.paid // share, "EUR")
                self.mall.shop.payments.refund(RefundOrder(key=self.key(), by=CLERK, order_id=order.id, amount=amount, reason="sorry"))

        self._act(order_id, act)

    @rule(minutes=st.sampled_from((5, 31)))
    def wait(self, minutes: int) -> None:
        """Time passes."""
        self.mall.clock.advance(minutes=minutes)

    @rule()
    def sweep(self) -> None:
        """What is overdue is called off."""
        self.mall.shop.orders.sweep()

    @invariant()
    def uses_are_those_of_the_orders(self) -> None:
        """What is used and held of each code is what orders claim of it, and never more than it may be."""
        if not hasattr(self, "mall"):
            return
        for code, uses in USES.items():
            quota = self.mall.storage.quota((coupon_key(code),), at=self.mall.clock.now())[coupon_key(code)]
            assert (uses - quota.used - quota.held, quota.granted in {0, uses}) == (self.left(code), True)
            assert quota.used + quota.held <= uses


TestCodes = Codes.TestCase
TestCodes.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
