"""Money that goes back: refunds in parts, refunds that take their time, refunds that come back, and declines of each operation."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopwright.payments.errors import InvalidRequest, InvalidState, NotFound
from shopwright.payments.notifications import EventKind
from shopwright.payments.operations import Operation
from shopwright.payments.outcomes import Declined, DeclineReason, Done, InProgress
from shopwright.payments.requests import RefundPart
from shopwright.testing.gateway_contract.promises import promise
from shopwright.testing.gateway_contract.stage import (
    GatewayStage,
    a_key,
    a_refund,
    a_start,
    an_amount,
    authorized,
    captured,
    declares,
    done,
    given_back,
    needs,
    sum_of,
    totals,
)


class Refunds:
    """No more goes back than came in."""

    @promise(6)
    @needs(Operation.REFUND)
    def test_a_refund_gives_everything_back_once(self, stage: GatewayStage) -> None:
        paid = captured(stage)
        returned = _refunded(stage, paid)
        assert returned.totals.refunded == paid.totals.captured
        with pytest.raises(InvalidState):
            stage.gateway.refund(a_refund(paid))
        assert sum_of(stage, EventKind.REFUNDED) == paid.totals.captured.minor

    @promise(6)
    @needs(Operation.REFUND, "partial_refund")
    def test_partial_refunds_sum_to_the_total_and_no_further(self, stage: GatewayStage) -> None:
        paid = captured(stage)
        most = min(stage.gateway.capabilities.max_refunds or 6, 6)
        parts = [a_refund(paid, an_amount(stage, 1 if times < most else 6 - most + 1)) for times in range(1, most + 1)]
        for part in parts:
            stage.gateway.refund(part)
            stage.ripen()
        assert given_back(stage, paid, *(part.key for part in parts)) == paid.totals.captured
        with pytest.raises(InvalidState):
            stage.gateway.refund(a_refund(paid, an_amount(stage, 1)))
        assert sum_of(stage, EventKind.REFUNDED) == paid.totals.captured.minor

    @promise(6)
    @needs(Operation.REFUND, "partial_refund")
    def test_more_refunds_than_declared_are_refused(self, stage: GatewayStage) -> None:
        most = stage.gateway.capabilities.max_refunds
        if most is None:
            return
        paid = captured(stage, amount=an_amount(stage, most + 1))
        for _ in range(most):
            stage.gateway.refund(a_refund(paid, an_amount(stage, 1)))
        with pytest.raises(InvalidState):
            stage.gateway.refund(a_refund(paid, an_amount(stage, 1)))

    @promise(6)
    @needs(Operation.REFUND)
    def test_more_than_was_captured_is_not_refunded(self, stage: GatewayStage) -> None:
        paid = captured(stage)
        with pytest.raises(InvalidState):
            stage.gateway.refund(a_refund(paid, paid.totals.captured + an_amount(stage, 1)))
        assert totals(stage, paid.reference) == paid.totals

    @promise(6)
    @needs(Operation.AUTHORIZE, Operation.REFUND)
    def test_money_that_was_not_taken_is_not_refunded(self, stage: GatewayStage) -> None:
        held = authorized(stage)
        amount = held.totals.authorized
        with pytest.raises((InvalidState, InvalidRequest)):
            stage.gateway.refund(RefundPart(key=a_key(), payment=held.reference, amount=amount, of_total=amount))
        assert totals(stage, held.reference) == held.totals

    @promise(6)
    @needs(Operation.REFUND, "refund_is_async")
    def test_a_refund_under_way_is_pending_until_it_arrives(self, stage: GatewayStage) -> None:
        paid = captured(stage, case="refund_slow")
        request = a_refund(paid)
        assert isinstance(stage.gateway.refund(request), InProgress)
        under_way = totals(stage, paid.reference)
        pending = paid.totals.captured if declares(stage, "counts_refunds") else paid.totals.captured * 0
        assert (under_way.pending_refund, under_way.refunded.minor) == (pending, 0)
        assert isinstance(stage.gateway.query_refund(paid.reference, request.key), InProgress)
        stage.ripen()
        arrived = done(stage.gateway.query_refund(paid.reference, request.key))
        assert (arrived.totals.pending_refund.minor, arrived.totals.refunded) == (0, paid.totals.captured)

    @promise(6)
    @needs(Operation.REFUND, "refund_is_async")
    def test_a_refund_that_comes_back_restores_the_totals(self, stage: GatewayStage) -> None:
        paid = captured(stage, case="refund_fails_late")
        request = a_refund(paid)
        done(stage.gateway.refund(request))
        stage.ripen()
        assert totals(stage, paid.reference) == paid.totals
        assert isinstance(stage.gateway.query_refund(paid.reference, request.key), Declined)

    @promise(6)
    @needs(Operation.REFUND)
    def test_a_refund_after_the_window_is_refused(self, stage: GatewayStage) -> None:
        window = stage.gateway.capabilities.refund_window
        if window is None:
            return
        paid = captured(stage)
        stage.clock.advance(window + timedelta(seconds=1))
        with pytest.raises(InvalidState):
            stage.gateway.refund(a_refund(paid))
        assert sum_of(stage, EventKind.REFUNDED) == 0

    @promise(6)
    @needs(Operation.REFUND)
    def test_a_refund_that_was_never_asked_for_is_not_found(self, stage: GatewayStage) -> None:
        with pytest.raises(NotFound):
            stage.gateway.query_refund(captured(stage).reference, a_key())


class Declines:
    """No is an answer."""

    @promise(10)
    @pytest.mark.parametrize("reason", [reason for reason in DeclineReason if reason not in {DeclineReason.EXPIRED, DeclineReason.BUYER_CANCELED}])
    def test_a_decline_is_a_value_with_its_reason_and_moves_nothing(self, stage: GatewayStage, reason: DeclineReason) -> None:
        outcome = stage.gateway.start(a_start(stage, case=reason.value))
        if not isinstance(outcome, Declined):
            assert outcome.reference is not None
            stage.buyer_pays(outcome.reference)
            outcome = stage.gateway.query(reference=outcome.reference)
        assert isinstance(outcome, Declined)
        assert outcome.reason is reason
        assert outcome.raw_code
        assert [each for each in stage.moved() if each.amount] == []

    @promise(10)
    def test_a_repeat_of_a_declined_start_is_declined_too(self, stage: GatewayStage) -> None:
        request = a_start(stage, case=DeclineReason.INSUFFICIENT_FUNDS.value)
        assert stage.gateway.start(request) == stage.gateway.start(request)
        assert [each for each in stage.moved() if each.amount] == []

    @promise(10)
    @needs(Operation.AUTHORIZE, Operation.CAPTURE)
    def test_a_declined_capture_leaves_the_authorization(self, stage: GatewayStage) -> None:
        held = authorized(stage, case="capture_declined")
        assert isinstance(stage.gateway.capture(a_key(), held.reference, held.totals.authorized), Declined)
        assert totals(stage, held.reference) == held.totals


def _refunded(stage: GatewayStage, paid: Done) -> Done:
    request = a_refund(paid)
    outcome = stage.gateway.refund(request)
    if isinstance(outcome, InProgress):
        stage.ripen()
        outcome = stage.gateway.query_refund(paid.reference, request.key)
    return done(outcome)
