"""What looks like the number of a card is refused where it is given; what does not is let through."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from shopwright import Money, RecordPayment, Tender, Via, staff
from shopwright.errors import InvalidValue
from shopwright.flows.commands import AddPayment, KeepLooseMoney, RepayOrder
from shopwright.payments.card_numbers import holds_card_number
from shopwright.payments.operations import Flow, OperationKey
from shopwright.payments.requests import StartPayment
from shopwright.testing.clock import NOON

CARDS = {
    "visa": "4242424242424242",
    "visa of 13": "4222222222222",
    "mastercard": "5555555555554444",
    "mastercard of the second series": "2223003122003222",
    "american express": "378282246310005",
    "diners": "30569309025904",
    "discover": "6011111111111117",
    "jcb": "3566002020360505",
    "unionpay": "6200000000000005",
    "maestro": "6759649826438453",
}
NO_CARDS = {
    "a token": "tok_1MtwBwLkdIwHu7ix28a3tqPa",
    "an order's key": "01KJMMA2G072TECMQ49PKZ57H6_1",
    "a wrong check digit": "4242424242424241",
    "too long": "42424242424242424242",
    "a trade of Alipay": "2026030122001400000000000001",
    "a transaction of WeChat Pay": "4200000000202603011234567890",
    "an IBAN": "DE89 3704 0044 0532 0130 00",
    "milliseconds": "1772366400000",
    "a phone": "+49 40 5551234",
    "the last four": "4242",
    "a hash": "416d631088217221eb0b4c18b9b8992f",
}


@pytest.mark.parametrize("name", sorted(CARDS))
@pytest.mark.parametrize("form", ["{}", "card {}, thanks", "pan={};12/29", "x{}y"])
def test_the_number_of_a_card_is_known_in_any_dress(name: str, form: str) -> None:
    """CARD-1"""
    number = CARDS[name]
    fours = [number[place : place + 4] for place in range(0, len(number), 4)]
    assert all(holds_card_number(form.format(it)) for it in (number, "-".join(fours), " ".join(fours)))


@pytest.mark.parametrize("name", sorted(NO_CARDS))
def test_what_is_no_card_is_let_through(name: str) -> None:
    assert not holds_card_number(NO_CARDS[name])


def test_few_numbers_by_chance_look_like_one() -> None:
    chance = Random(1)
    runs = ["".join(chance.choices("0123456789", k=chance.randint(12, 19))) for _ in range(5_000)]
    assert sum(map(holds_card_number, runs)) / len(runs) < 0.03


def a_tender(source: str, flow: Flow = Flow.TOKEN) -> Tender:
    return Tender(method="card", amount=100, gateway="fake", source=source, flow=flow)


def a_start(**facts: Any) -> StartPayment:
    told = {"key": OperationKey("order_1"), "amount": Money(100, "EUR"), "description": "tea", "flow": Flow.TOKEN, "at": NOON}
    return StartPayment(**{**told, **facts})


ABOUT: dict[str, Any] = {"key": "k", "by": staff("clerk"), "order_id": "o"}
GIVEN: dict[str, Callable[[str], Any]] = {
    "a tender": lambda it: AddPayment(tenders=(a_tender(it),), **ABOUT),
    "a source": lambda it: a_start(source_token=it),
    "a fact of the buyer": lambda it: a_start(buyer=(("note", it),)),
    "metadata": lambda it: a_start(extra=(("note", it),)),
    "a reference of money": lambda it: RecordPayment(payment_id="p1", amount=Money(100, "EUR"), reference=it, **ABOUT),
    "a reference of a repayment": lambda it: RepayOrder(payment_id="p1", amount=Money(100, "EUR"), reference=it, **ABOUT),
    "a fact": lambda it: KeepLooseMoney(
        key="k", by=staff("clerk"), source="bank", method="card", amount=Money(1, "EUR"), reason="lost", facts=(("from", it),)
    ),
}


@pytest.mark.parametrize("place", sorted(GIVEN))
def test_a_card_number_is_refused_wherever_it_is_given_and_shown_nowhere(place: str) -> None:
    """CARD-1"""
    GIVEN[place]("tok_visa")
    with pytest.raises(InvalidValue, match="never hold the number of a card") as told:
        GIVEN[place]("4242 4242 4242 4242")
    assert "4242" not in str(told.value)


def test_a_code_that_the_buyer_shows_may_be_any_number() -> None:
    code = "6200000000000005"
    AddPayment(tenders=(a_tender(code, Flow.SCAN_BUYER_CODE),), **ABOUT)
    assert a_start(source_token=code, flow=Flow.SCAN_BUYER_CODE).source_token == code


def test_a_tender_outside_gateways_needs_no_token() -> None:
    AddPayment(tenders=(Tender(method="cash", amount=100, via=Via.ON_DELIVERY),), **ABOUT)
