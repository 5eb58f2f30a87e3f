"""A payment as a value: what a tender may be, and what the amounts mean together."""

from __future__ import annotations

import pytest
from attrs import evolve as changed

from shopwright.errors import InvalidValue
from shopwright.payments.events import PaymentVerb
from shopwright.payments.payment import Attempt, Payment, Tender, Via, planned
from shopwright.payments.states import PaymentState
from shopwright.testing.builders import NOON, a_tender, a_voucher, cash


def a_payment(state: PaymentState = PaymentState.CAPTURED, **amounts: object) -> Payment:
    return changed(planned("p1", a_tender(1000)), state=state, **amounts)


def asked(verb: PaymentVerb, amount: int) -> Attempt:
    return Attempt(key="k", verb=verb, amount=amount, at=NOON)


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"amount": -1}, r"^Tender\.amount must be between 0 and"),
        ({"amount": 1.5}, r"^Tender\.amount must be an integer, got float$"),
        ({"amount": True}, r"^Tender\.amount must be an integer, got bool$"),
        ({"amount": 2**63}, r"^Tender\.amount must be between 0 and"),
        ({"method": ""}, r"^Tender\.method must have 1 to 60 characters"),
        ({"via": "gateway"}, r"^Tender\.via must be Via, got str$"),
        ({"gateway": ""}, r"^a tender via gateway needs gateway name; got ''$"),
        ({"via": Via.EXTERNAL, "gateway": "fake"}, r"^a tender via external takes no gateway name; got 'fake'$"),
        ({"installments": 0}, r"^Tender\.installments must be between 1 and 999, got 0$"),
        ({"source": "x" * 4001}, r"^Tender\.source must have 0 to 4000 characters"),
        ({"capture": "yes"}, r"^Tender\.capture must be bool, got str$"),
        ({"flow": "qr"}, r"^Tender\.flow must be Flow, got str$"),
    ],
)
def test_a_tender_checks_what_it_is_told(facts: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        Tender(**{"method": "card", "amount": 5, "gateway": "fake", **facts})


def test_a_tender_does_not_show_its_source() -> None:
    assert "tok_secret" not in repr(a_tender(source="tok_secret"))


@pytest.mark.parametrize(
    ("tender", "state"), [(a_tender(5), PaymentState.DUE), (a_voucher(5), PaymentState.DUE), (cash(5), PaymentState.ON_DELIVERY)]
)
def test_a_payment_begins_where_its_money_is_awaited(tender: Tender, state: PaymentState) -> None:
    assert planned("p1", tender) == Payment(id="p1", tender=tender, state=state)


def test_what_the_shop_has_is_what_came_less_what_went() -> None:
    payment = a_payment(captured=1000, refunded=300, charged_back=200)

    assert (payment.net, payment.refundable, payment.expected) == (500, 500, 500)


def test_what_was_asked_back_is_not_asked_back_again() -> None:
    """PAY-1"""
    payment = a_payment(captured=1000, refunded=300, attempts=(asked(PaymentVerb.REFUND, 500), asked(PaymentVerb.CAPTURE, 100)))

    assert (payment.refundable, payment.asked(PaymentVerb.REFUND), payment.asked(PaymentVerb.CAPTURE)) == (200, 500, 100)


def test_a_refund_that_met_a_chargeback_leaves_less_than_nothing_and_nothing_to_give_back() -> None:
    payment = a_payment(captured=1000, refunded=1000, charged_back=400)

    assert (payment.net, payment.refundable) == (-400, 0)


def test_what_is_promised_is_what_was_neither_taken_nor_given_up() -> None:
    payment = a_payment(authorized=1000, captured=300, voided=100)

    assert (payment.open_authorization, payment.expected, a_payment(captured=1000).open_authorization) == (600, 900, 0)


@pytest.mark.parametrize(
    ("state", "amounts", "expected", "prospect"),
    [
        (PaymentState.DUE, {}, 0, 1000),
        (PaymentState.ON_DELIVERY, {}, 1000, 1000),
        (PaymentState.UNANSWERED, {}, 0, 1000),
        (PaymentState.AWAITING_BUYER, {}, 0, 1000),
        (PaymentState.AUTHORIZED, {"authorized": 900}, 900, 900),
        (PaymentState.CAPTURED, {"captured": 1100}, 1100, 1100),
        (PaymentState.DECLINED, {}, 0, 0),
        (PaymentState.VOIDED, {"authorized": 1000, "voided": 1000}, 0, 0),
    ],
)
def test_a_tender_is_in_prospect_until_it_is_declined_or_given_up(state: PaymentState, amounts: dict[str, int], expected: int, prospect: int) -> None:
    """ORDER-15"""
    payment = a_payment(state, **amounts)

    assert (payment.expected, payment.prospect) == (expected, prospect)


def test_what_no_key_accounts_for_is_told_apart() -> None:
    assert a_payment(captured=1000, refunded=700, refunded_by_hand=100, refunds=(("k1", 400),)).refunded_without_key == 200
