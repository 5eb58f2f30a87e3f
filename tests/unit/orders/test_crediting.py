"""Which refunds have a credit note, what stands on it, and that the notes of an order sum to what it charged and gave back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwright import orders
from shopwright.errors import IllegalTransition, InvalidValue
from shopwright.orders import fold
from shopwright.orders.credit_notes import CreditLine
from shopwright.orders.crediting import credited
from shopwright.orders.decision import decided
from shopwright.orders.lines import Bucket
from shopwright.orders.refund_policy import RefundPolicy
from shopwright.orders.returning import reopen_units, return_units
from shopwright.payments.events import PaymentChargedBack
from shopwright.pricing.tax_amounts import RateTax, Taxed
from shopwright.promotions.coupons import Coupon
from shopwright.refusals import Refused
from shopwright.testing.builders import NOON, sold
from tests.unit.orders.lives import BY, Life
from tests.unit.orders.refunding import ALL_OFF, BOOK, LAMP, ON_TOP, SEVEN, TENTH, TWENTY, WITHIN, taxed

TEAS = sold("TEA", 2, 5_000)


def two_rates(*vouchers: int, coupon: Coupon | None = None) -> Life:
    """Two lamps at 20 % and three books at 7 %, 125.50 with shipping."""
    quote = taxed(LAMP, BOOK, taxes=ON_TOP, coupon=coupon, shipping=600)
    return Life(LAMP, BOOK, quote=quote, vouchers=vouchers)


def test_what_is_canceled_after_it_was_paid_is_credited_line_by_line_with_its_taxes() -> None:
    """REFUND-8"""
    life = two_rates().paid().canceled()
    (note,) = life.notes

    assert [(it.line_no, it.about, it.units, it.gross) for it in note.lines] == [
        (line.line_no, about, line.quantity if about == "goods" else 0, part.gross)
        for line in life.order.lines
        if line.taxed is not None
        for about, part in (("goods", line.taxed.goods), ("shipping", line.taxed.shipping))
    ]
    assert (note.refund, note.set_off, note.reason, note.number) == (life.order.total.minor, 0, "canceled: customer", "CN-000001")
    assert note.net + note.tax == life.order.total.minor
    assert life.taxes == life.charged_taxes


def test_what_was_never_paid_has_no_note() -> None:
    """REFUND-8"""
    assert Life(TEAS, vouchers=(10_000,)).canceled().notes == []


def test_what_comes_in_after_an_order_was_canceled_goes_back_without_a_note() -> None:
    """REFUND-8"""
    life = Life(TEAS, vouchers=(10_000,)).canceled().paid()

    assert (life.order.refund_granted, life.notes) == (10_000, [])


def test_a_part_that_was_paid_is_credited_and_the_rest_was_never_to_be_corrected() -> None:
    life = Life(TEAS, vouchers=(4_000, 6_000))
    life.do(orders.record, "p1", 4_000, at=NOON).canceled()

    assert life.sums == [(4_000, 4_000, 0)]


def test_an_allowance_is_cut_out_of_every_line_with_its_tax() -> None:
    """REFUND-8"""
    life = two_rates().paid().refunded(1_000)
    (note,) = life.notes

    assert (note.gross, note.refund, note.net + note.tax, note.reason) == (1_000, 1_000, 1_000, "a scratch")
    assert [(it.line_no, it.about, it.units) for it in note.lines] == [(1, "goods", 0), (1, "shipping", 0), (2, "goods", 0), (2, "shipping", 0)]
    assert note.taxes == (RateTax(SEVEN, 15), RateTax(TWENTY, 124))


def test_what_was_paid_too_much_goes_back_without_a_note() -> None:
    """REFUND-8"""
    life = Life(TEAS, vouchers=(10_000,)).paid(10_500).refunded(500)
    assert life.notes == []

    assert life.refunded(700).sums == [(700, 700, 0)]


def test_of_what_was_paid_too_much_goods_that_are_owed_no_more_go_back_first() -> None:
    """REFUND-9"""
    life = Life(TEAS, vouchers=(10_000,)).paid(10_500).come()
    life.do(return_units, ((1, 1),), at=NOON).refunded(5_000)
    assert life.sums == [(5_000, 5_000, 0)]

    life.refunded(500)
    assert life.sums == [(5_000, 5_000, 0)]


def test_goods_that_come_back_are_credited_once_their_money_is_granted() -> None:
    """REFUND-8"""
    life = Life(TEAS, vouchers=(10_000,)).paid().come()
    life.do(return_units, ((1, 1),), at=NOON)
    assert life.notes == []

    life.refunded(5_000)
    (line,) = life.notes[0].lines
    assert line == CreditLine(line_no=1, about="goods", sku="TEA", title="Tea", units=1, taxed=Taxed(5_000))


def test_goods_that_go_out_again_instead_are_not_credited() -> None:
    life = Life(TEAS, vouchers=(10_000,)).paid().come()
    life.do(return_units, ((1, 1),), at=NOON).do(reopen_units, ((1, 1),), source=Bucket.RETURNED, **BY)

    assert life.refunded(100).sums == [(100, 100, 0)]
    assert life.notes[0].lines[0].units == 0


def test_an_order_that_is_called_off_without_a_refund_is_credited_when_its_money_is_granted() -> None:
    """REFUND-8"""
    life = Life(TEAS, vouchers=(10_000,)).paid().canceled(refund=False)
    assert life.notes == []

    assert life.refunded(9_000).refunded(1_000).sums == [(9_000, 9_000, 0), (1_000, 1_000, 0)]


def test_what_a_bank_took_back_has_no_note_and_is_not_given_back_twice() -> None:
    """REFUND-8"""
    life = Life(TEAS, vouchers=(10_000,)).paid().come()
    life.take(decided(life.order, PaymentChargedBack(payment_id="p1", amount=10_000, at=NOON)))

    assert life.canceled(goods_out=True).notes == []


def test_units_after_a_chargeback_are_credited_and_set_off() -> None:
    life = Life(TEAS, vouchers=(10_000,)).paid().come()
    life.take(decided(life.order, PaymentChargedBack(payment_id="p1", amount=8_000, at=NOON)))

    assert life.settled((1, 2)).sums == [(10_000, 2_000, 8_000)]


def test_what_an_allowance_has_credited_is_not_credited_again_with_the_goods() -> None:
    """REFUND-10"""
    life = two_rates().paid().come().refunded(1_000)
    total = life.order.total.minor
    life.settled((1, 2)).settled((2, 3))

    assert sum(it.gross for it in life.notes) == sum(it.refund for it in life.notes) == total
    assert life.taxes == life.charged_taxes


def test_goodwill_is_no_part_of_what_was_charged_so_units_are_credited_in_full_and_it_is_set_off() -> None:
    life = Life(TEAS, vouchers=(10_000,)).paid().come()
    life.do(orders.goodwill, 1_000, reason="sorry", **BY).settled((1, 2))

    assert life.sums == [(1_000, 1_000, 0), (10_000, 9_000, 1_000)]


def test_goodwill_leaves_what_was_paid_too_much_alone() -> None:
    life = Life(TEAS, vouchers=(10_000,)).paid(10_500)
    life.do(orders.goodwill, 500, reason="sorry", **BY)

    assert (life.order.owed, life.order.surplus, life.sums) == (9_500, 500, [(500, 500, 0)])


def test_shopware_2938_goods_that_cost_nothing_at_two_rates_have_only_their_shipping_credited() -> None:
    """REFUND-10"""
    life = two_rates(coupon=ALL_OFF).paid()
    life.come().settled((2, 1)).settled((1, 1)).refunded(1).settled((1, 1), (2, 2))

    assert {line.about for note in life.notes for line in note.lines} == {"shipping"}
    assert (life.taxes, sum(note.gross for note in life.notes)) == (life.charged_taxes, life.order.total.minor)


@pytest.mark.parametrize("taxes", [ON_TOP, WITHIN])
def test_a_step_without_a_refund_has_no_note(taxes: Any) -> None:
    life = Life(LAMP, BOOK, quote=taxed(LAMP, BOOK, taxes=taxes))

    assert credited(life.history, ()) is None
    assert credited((), life.history) is None


_REFUNDS = ("refund 1", "refund 777", "refund 3000", "sorry", "settle 1", "settle 2", "settle with a fee", "charge back")
_STEPS = st.sampled_from([*_REFUNDS, "cancel", "cancel for nothing", "ship", "ship one", "return", "reopen"])


def _stepped(life: Life, step: str) -> None:
    """One step, if it can be taken."""
    payment = life.order.payments[0].id
    try:
        match step.split():
            case ["refund", amount]:
                life.refunded(int(amount))
            case ["sorry"]:
                life.do(orders.goodwill, 300, reason="sorry", **BY)
            case ["settle", "with", *_]:
                life.settled((1, 1), policy=RefundPolicy(restocking=1_000))
            case ["settle", line]:
                life.settled((int(line), 1))
            case ["cancel"]:
                life.canceled(goods_out=True)
            case ["cancel", *_]:
                life.canceled(refund=False)
            case ["ship"]:
                life.come()
            case ["ship", *_]:
                life.come((1, 1), (2, 1))
            case ["return"]:
                life.do(return_units, ((1, 1),), at=NOON)
            case ["reopen"]:
                life.do(reopen_units, ((1, 1),), source=Bucket.RETURNED, **BY)
            case _:
                life.take(decided(life.order, PaymentChargedBack(payment_id=payment, amount=1_000, at=NOON)))
    except (Refused, IllegalTransition, InvalidValue):
        return


@settings(max_examples=150, deadline=None)
@given(st.lists(_STEPS, max_size=12), st.sampled_from([0, 0, 700]), st.sampled_from([None, TENTH]))
def test_the_notes_of_any_life_sum_to_what_was_granted_and_never_pass_what_was_charged(steps: list[str], more: int, coupon: Coupon | None) -> None:
    """REFUND-8, REFUND-9, REFUND-10"""
    life = two_rates(coupon=coupon)
    life.paid(life.order.total.minor + more)
    for step in steps:
        _stepped(life, step)
    order = life.order
    plain = [line for note in life.notes for line in note.lines if line.about != "goodwill"]
    refunds = sum(note.refund for note in life.notes)

    assert fold(life.history) == order
    assert order.refund_granted - more <= refunds <= order.refund_granted
    assert sum(line.gross for line in plain) <= order.total.minor
    assert all(tax <= life.charged_taxes[rate] for rate, tax in life.taxes.items())
    if sum(line.gross for line in plain) == order.total.minor:
        assert life.taxes == life.charged_taxes
