"""The fake provider beyond the contract: its magic words, its scripts, its notifications, and the file that processes share."""

from __future__ import annotations

import multiprocessing
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from attrs import evolve

from shopwright.adapters.fake_gateway import FakeGateway, FakeProvider, FakeSettings
from shopwright.adapters.fake_gateway import conduct as words
from shopwright.adapters.fake_gateway.conduct import Conduct, Phase, conduct
from shopwright.adapters.troubles import Trouble
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.payments.errors import BadNotification, GatewayError, Indeterminate, InvalidRequest, InvalidState, NotSent, Throttled
from shopwright.payments.notifications import EventKind
from shopwright.payments.operations import Flow, OperationKey
from shopwright.payments.outcomes import ActionRequired, Declined, DeclineReason, Done, InProgress
from shopwright.payments.requests import RefundPart, Split, StartPayment
from shopwright.testing import FrozenClock

CLOCK = FrozenClock()
AMOUNT = Money(1990, "EUR")


def a_gateway(**facts: Any) -> FakeGateway:
    return FakeGateway(FakeProvider(clock=FrozenClock(), **facts))


def a_start(token: str = "tok_ok", number: int = 1, **facts: Any) -> StartPayment:
    base = {"key": OperationKey(f"start_{number}"), "amount": AMOUNT, "description": "order", "flow": Flow.TOKEN, "source_token": token}
    return StartPayment(**{**base, "at": CLOCK.now(), **facts})


def a_refund(reference: str, number: int = 1, minor: int = 1990) -> RefundPart:
    return RefundPart(key=OperationKey(f"refund_{number}"), payment=reference, amount=Money(minor, "EUR"), of_total=AMOUNT)


@pytest.mark.parametrize(
    ("token", "phase", "expected"),
    [
        ("tok_ok", Phase.START, Conduct()),
        ("tok_declined", Phase.START, Conduct(decline=DeclineReason.GENERIC)),
        ("tok_insufficient_funds", Phase.START, Conduct(decline=DeclineReason.INSUFFICIENT_FUNDS)),
        ("tok_lost_or_stolen", Phase.START, Conduct(decline=DeclineReason.LOST_OR_STOLEN)),
        ("tok_lost_applied", Phase.START, Conduct(trouble=Trouble.LOST_APPLIED)),
        ("tok_redirect+slow+review", Phase.START, Conduct(action="redirect", slow=True, review=True)),
        ("tok_ok+capture_lost_applied+refund_not_sent", Phase.START, Conduct()),
        ("tok_ok+capture_lost_applied+refund_not_sent", Phase.CAPTURE, Conduct(trouble=Trouble.LOST_APPLIED)),
        ("tok_ok+capture_lost_applied+refund_not_sent", Phase.REFUND, Conduct(trouble=Trouble.NOT_SENT)),
        ("tok_refund_fails_late", Phase.REFUND, Conduct(fails_late=True)),
        ("tok_query_throttled", Phase.QUERY, Conduct(trouble=Trouble.THROTTLED)),
    ],
)
def test_a_token_says_how_the_provider_behaves_in_each_phase(token: str, phase: Phase, expected: Conduct):
    assert conduct(token, phase) == evolve(expected, token=token)


@pytest.mark.parametrize("token", ["visa", "tok_", "tok_maybe", "tok_capture_slow", "tok_void_insufficient_funds", "tok_query_declined", "tok_ok+"])
def test_a_word_that_means_nothing_is_an_invalid_request_in_every_phase(token: str):
    for phase in Phase:
        with pytest.raises(InvalidRequest):
            conduct(token, phase)


def test_every_decline_reason_has_an_advice():
    assert set(words.ADVICE) == set(DeclineReason)


@pytest.mark.parametrize(
    ("token", "error"),
    [("tok_lost_applied", Indeterminate), ("tok_lost_not_applied", Indeterminate), ("tok_not_sent", NotSent), ("tok_throttled", Throttled)],
)
def test_a_token_of_trouble_strikes_the_first_request_and_lets_the_repeat_through(token: str, error: type[GatewayError]):
    gateway = a_gateway()
    with pytest.raises(error):
        gateway.start(a_start(token))
    assert len(gateway.provider.charges()) == (1 if token == "tok_lost_applied" else 0)
    assert isinstance(gateway.start(a_start(token)), Done)
    assert len(gateway.provider.charges()) == 1


def test_trouble_strikes_a_query_once_too():
    gateway = a_gateway()
    paid = gateway.start(a_start("tok_query_lost_applied"))
    with pytest.raises(Indeterminate):
        gateway.query(reference=paid.reference)
    assert gateway.query(reference=paid.reference) == paid


def test_a_scripted_word_goes_before_the_token_and_is_used_up():
    gateway = a_gateway()
    gateway.provider.script("start", "insufficient_funds", "slow")
    outcomes = [gateway.start(a_start(number=number)) for number in range(3)]
    assert [type(outcome) for outcome in outcomes] == [Declined, InProgress, Done]


def test_a_script_that_means_nothing_is_refused_at_once():
    with pytest.raises(InvalidRequest, match="means nothing to the fake gateway in a void"):
        a_gateway().provider.script("void", "slow")


def test_the_second_query_ends_a_slow_payment():
    gateway = a_gateway()
    waiting = gateway.start(a_start("tok_slow"))
    assert [type(gateway.query(key=OperationKey("start_1"))) for _ in range(2)] == [InProgress, Done]
    assert isinstance(waiting, InProgress)


def test_the_second_query_ends_a_slow_refund():
    gateway = a_gateway()
    paid = gateway.start(a_start("tok_refund_slow"))
    gateway.refund(a_refund(paid.reference))
    assert [type(gateway.query_refund(paid.reference, OperationKey("refund_1"))) for _ in range(2)] == [InProgress, Done]


def test_a_buyer_who_has_paid_may_still_have_to_wait():
    gateway = a_gateway()
    reference = gateway.start(a_start("tok_redirect+slow")).reference
    gateway.provider.approve(reference)
    assert isinstance(gateway.query(reference=reference), InProgress)
    gateway.provider.approve(reference)
    assert isinstance(gateway.query(reference=reference), Done)


def test_a_declined_void_leaves_the_authorization():
    gateway = a_gateway()
    held = gateway.start(a_start("tok_void_declined", capture=False))
    assert isinstance(gateway.void(OperationKey("void_1"), held.reference), Declined)
    assert gateway.provider.totals(held.reference) == held.totals


def test_a_declined_refund_leaves_the_money():
    gateway = a_gateway()
    paid = gateway.start(a_start("tok_refund_method_unavailable"))
    outcome = gateway.refund(a_refund(paid.reference))
    assert isinstance(outcome, Declined)
    assert outcome.reason is DeclineReason.METHOD_UNAVAILABLE
    assert gateway.query_refund(paid.reference, OperationKey("refund_1")) == outcome
    assert gateway.provider.totals(paid.reference) == paid.totals


def test_a_declined_split_shares_nothing():
    gateway = a_gateway()
    paid = gateway.start(a_start("tok_split_declined"))
    share = (Split(receiver="seller", amount=AMOUNT),)
    assert isinstance(gateway.split(OperationKey("split_1"), paid.reference, share, finish=True), Declined)
    assert EventKind.SPLIT_DONE not in {told.kind for told in gateway.provider.told()}


def test_a_split_in_another_currency_or_of_nothing_is_an_invalid_request():
    gateway = a_gateway()
    paid = gateway.start(a_start())
    for parts, finish in (((Split(receiver="seller", amount=Money(1, "USD")),), True), ((), False)):
        with pytest.raises(InvalidRequest):
            gateway.split(OperationKey("split_1"), paid.reference, parts, finish=finish)


def test_a_refund_names_what_was_captured_in_all():
    gateway = a_gateway()
    paid = gateway.start(a_start())
    with pytest.raises(InvalidRequest, match=r"captured in all, 19\.90 EUR, got 5\.00 EUR"):
        gateway.refund(evolve(a_refund(paid.reference, minor=100), of_total=Money(500, "EUR")))


def test_a_query_of_a_refund_is_for_refunds_of_that_payment():
    gateway = a_gateway()
    paid = gateway.start(a_start())
    with pytest.raises(InvalidRequest, match="not a refund of"):
        gateway.query_refund(paid.reference, OperationKey("start_1"))


def test_a_query_by_the_key_of_a_capture_tells_how_the_capture_stands():
    gateway = a_gateway()
    held = gateway.start(a_start("tok_capture_lost_applied", capture=False))
    with pytest.raises(Indeterminate):
        gateway.capture(OperationKey("capture_1"), held.reference, AMOUNT)
    assert gateway.query(key=OperationKey("capture_1")).totals.captured == AMOUNT


def test_a_buyer_comes_back_from_the_page_to_a_bank_that_says_no():
    gateway = a_gateway()
    waiting = gateway.start(a_start("tok_redirect+insufficient_funds"))
    assert isinstance(waiting, ActionRequired)
    gateway.provider.approve(waiting.reference)
    outcome = gateway.query(reference=waiting.reference)
    assert isinstance(outcome, Declined)
    assert outcome.reason is DeclineReason.INSUFFICIENT_FUNDS


@pytest.mark.parametrize(("end", "reason"), [("decline", DeclineReason.GENERIC), ("expire", DeclineReason.EXPIRED)])
def test_a_buyer_who_does_not_pay_ends_the_payment(end: str, reason: DeclineReason):
    gateway = a_gateway()
    reference = gateway.start(a_start("tok_qr")).reference
    getattr(gateway.provider, end)(reference)
    assert gateway.query(reference=reference).reason is reason
    with pytest.raises(InvalidState, match="waits for nobody"):
        gateway.provider.approve(reference)


def test_a_payment_expires_by_itself_when_the_buyers_time_is_over():
    gateway = a_gateway()
    clock = gateway.provider.clock
    waiting = gateway.start(a_start("tok_qr", expires_at=clock.now() + timedelta(minutes=15)))
    clock.advance(minutes=15)
    assert gateway.query(reference=waiting.reference).reason is DeclineReason.EXPIRED
    assert [told.kind for told in gateway.provider.told()] == [EventKind.FAILED]


def test_a_review_is_opened_with_the_payment_and_closed_by_the_provider():
    gateway = a_gateway()
    paid = gateway.start(a_start("tok_review"))
    assert paid.under_review
    gateway.provider.close_review(paid.reference)
    assert not gateway.query(reference=paid.reference).under_review
    gateway.provider.open_review(paid.reference)
    with pytest.raises(InvalidState, match="under review"):
        gateway.provider.open_review(paid.reference)
    kinds = [EventKind.CAPTURED, EventKind.REVIEW_OPENED, EventKind.REVIEW_CLOSED, EventKind.REVIEW_OPENED]
    assert [told.kind for told in gateway.provider.told()] == kinds


def test_a_chargeback_comes_with_time_and_takes_what_was_not_refunded():
    gateway = a_gateway()
    paid = gateway.start(a_start("tok_chargeback"))
    gateway.refund(a_refund(paid.reference, minor=990))
    gateway.provider.advance()
    gateway.provider.advance()
    totals = gateway.provider.totals(paid.reference)
    assert (totals.refunded, totals.charged_back, totals.refundable) == (Money(990, "EUR"), Money(1000, "EUR"), Money(0, "EUR"))


def test_the_bank_takes_back_no_more_than_is_there():
    gateway = a_gateway()
    paid = gateway.start(a_start())
    with pytest.raises(InvalidState):
        gateway.provider.charge_back(paid.reference, AMOUNT + AMOUNT)
    gateway.provider.charge_back(paid.reference, Money(5, "EUR"))
    assert gateway.provider.totals(paid.reference).charged_back == Money(5, "EUR")


def test_a_dispute_that_is_won_gives_back_what_was_charged_back_and_is_not_begun_again():
    gateway = a_gateway()
    paid = gateway.start(a_start("tok_chargeback"))
    gateway.provider.advance()
    with pytest.raises(InvalidState):
        gateway.provider.reverse_chargeback(paid.reference, AMOUNT + AMOUNT)
    gateway.provider.reverse_chargeback(paid.reference)
    gateway.provider.advance()
    assert gateway.provider.totals(paid.reference) == paid.totals
    assert [told.kind for told in gateway.provider.told()] == [EventKind.CAPTURED, EventKind.CHARGED_BACK, EventKind.CHARGEBACK_REVERSED]
    now = gateway.provider.clock.now()
    assert sum(line.gross.minor for line in gateway.ledger(now, now + timedelta(days=1))) == AMOUNT.minor


def test_a_refund_fails_when_the_provider_says_so_and_only_once():
    gateway = a_gateway()
    paid = gateway.start(a_start())
    gateway.refund(a_refund(paid.reference))
    gateway.provider.fail_refund(OperationKey("refund_1"))
    assert gateway.provider.totals(paid.reference) == paid.totals
    with pytest.raises(InvalidState, match="neither pending nor done"):
        gateway.provider.fail_refund(OperationKey("refund_1"))
    with pytest.raises(InvalidState, match="not pending"):
        gateway.provider.settle_refund(OperationKey("refund_1"))


def test_time_passes_for_one_payment_or_for_all():
    gateway = a_gateway()
    references = [gateway.start(a_start("tok_slow", number)).reference for number in range(3)]
    gateway.provider.advance(references[0])
    assert len(gateway.provider.charges()) == 1
    gateway.provider.advance()
    assert [charge.reference for charge in gateway.provider.charges()] == references


def test_notifications_come_once_or_as_often_and_in_as_much_disorder_as_wanted():
    gateway = a_gateway()
    for number in range(3):
        gateway.start(a_start(number=number))
    ids = [event.event_id for raw in gateway.provider.notifications() for event in gateway.parse_notification(raw).events]
    assert gateway.provider.notifications() == []
    again = gateway.provider.notifications(again=True, duplicate=2, shuffle=Random(1))
    again_ids = [event.event_id for raw in again for event in gateway.parse_notification(raw).events]
    assert (sorted(again_ids), again_ids != sorted(again_ids)) == (sorted(ids * 2), True)


def test_noise_stands_between_the_real_notifications():
    gateway = a_gateway()
    gateway.start(a_start())
    kinds = [gateway.parse_notification(raw).events[0].kind for raw in gateway.provider.notifications(noise=True)]
    assert kinds == [EventKind.IGNORED, EventKind.CAPTURED]


def test_a_notification_signed_with_the_key_before_the_last_is_still_believed():
    old = FakeSettings(signing_keys=(("k1", "whsec_old_0123456789"),))
    new = FakeSettings(signing_keys=(("k2", "whsec_new_0123456789"), *old.signing_keys))
    gateway = a_gateway(settings=old)
    gateway.start(a_start())
    raw = gateway.provider.notifications()[0]
    assert FakeGateway(gateway.provider, settings=new).parse_notification(raw) == gateway.parse_notification(raw)
    with pytest.raises(BadNotification, match="a key that this account does not have"):
        FakeGateway(gateway.provider, settings=evolve(new, signing_keys=new.signing_keys[:1])).parse_notification(raw)


def test_the_provider_counts_every_movement_by_its_kind():
    gateway = a_gateway()
    held = gateway.start(a_start(capture=False))
    gateway.capture(OperationKey("capture_1"), held.reference, Money(1000, "EUR"))
    gateway.refund(evolve(a_refund(held.reference, minor=400), of_total=Money(1000, "EUR")))
    provider = gateway.provider
    amounts = [[move.amount.minor for move in moves] for moves in (provider.authorizations(), provider.charges(), provider.refunds())]
    assert amounts == [[1990], [1000], [400]]
    assert [move.key for move in provider.movements()] == ["start_1", "capture_1", "refund_1"]
    assert provider.reference(OperationKey("capture_1")) == held.reference


def test_a_key_conflict_does_not_tell_the_token():
    gateway = a_gateway()
    gateway.start(a_start("tok_ok+review"))
    with pytest.raises(GatewayError) as conflict:
        gateway.start(a_start("tok_ok"))
    assert "tok_" not in str(conflict.value)


def test_a_token_flow_needs_a_token():
    with pytest.raises(InvalidRequest, match="needs a source_token"):
        a_gateway().start(a_start(source_token=None))


def test_a_gateway_is_given_a_provider_or_a_clock_and_not_both():
    assert isinstance(FakeGateway(clock=FrozenClock()).start(a_start()), Done)
    with pytest.raises(InvalidValue, match="not both"):
        FakeGateway(FakeProvider(), clock=FrozenClock())


@pytest.mark.parametrize("facts", [{}, {"key": OperationKey("start_1"), "reference": "fp_000001"}])
def test_a_query_is_by_key_or_by_reference(facts: dict[str, Any]):
    with pytest.raises(InvalidRequest, match="by key or by reference"):
        a_gateway().query(**facts)


def test_processes_that_pay_under_one_key_at_once_are_charged_once(tmp_path: Path):
    context = multiprocessing.get_context("spawn")
    path, gate = tmp_path / "provider.jsonl", context.Barrier(3)
    processes = [context.Process(target=_pay, args=(path, gate)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert [charge.amount for charge in FakeProvider(path=path).charges()] == [AMOUNT] * 5


def _pay(path: Path, gate: Any) -> None:
    gateway = FakeGateway(FakeProvider(path=path, clock=FrozenClock()))
    gate.wait()
    for number in range(5):
        gateway.start(a_start(number=number))
