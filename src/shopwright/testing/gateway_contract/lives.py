"""The life of a payment: charge, authorize, capture, void, and the buyer who has to act."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from shopwright.payments.errors import GatewayKeyConflict, InvalidState, NotFound
from shopwright.payments.notifications import EventKind
from shopwright.payments.operations import Flow, Operation
from shopwright.payments.outcomes import ActionRequired, ClientSdk, Declined, DeclineReason, Done, InProgress, Redirect, ShowQr, Totals, Wait
from shopwright.testing.gateway_contract.promises import promise
from shopwright.testing.gateway_contract.stage import (
    GatewayStage,
    a_key,
    a_start,
    an_amount,
    authorized,
    captured,
    come,
    declares,
    done,
    needs,
    sum_of,
    totals,
)

ACTIONS: dict[Flow, tuple[type, ...]] = {Flow.REDIRECT: (Redirect,), Flow.QR: (ShowQr,), Flow.CLIENT_SDK: (ClientSdk,), Flow.OFFLINE: (ShowQr, Wait)}
"""What a buyer is asked to do in each flow that asks for something."""


class Lives:
    """What happens between the first request and the money."""

    @promise(4)
    @needs(Operation.CHARGE)
    def test_a_charge_takes_all_the_money_once(self, stage: GatewayStage) -> None:
        amount = an_amount(stage)
        paid = captured(stage, amount=amount)
        assert paid.totals == Totals.of(amount.currency, authorized=amount.minor, captured=amount.minor)
        assert sum_of(stage, EventKind.CAPTURED) == amount.minor

    @promise(5)
    @needs("challenges")
    def test_a_challenged_payment_promises_nothing_before_its_buyer_has_acted(self, stage: GatewayStage) -> None:
        started = stage.gateway.start(a_start(stage, challenge=True))
        assert isinstance(started, ActionRequired), f"expected the buyer to be asked for a proof, got {started}"
        assert list(stage.moved()) == []
        come(stage, started.reference or "")
        stage.buyer_pays(started.reference or "")
        assert done(stage.gateway.query(reference=started.reference)).totals.authorized.minor > 0

    @promise(4)
    @needs("installments")
    def test_a_payment_in_installments_is_taken_whole_and_in_so_many_alone(self, stage: GatewayStage) -> None:
        request = a_start(stage, installments=3)
        first = stage.gateway.start(request)
        if stage.gateway.capabilities.honors_keys:
            assert stage.gateway.start(request) == first
            with pytest.raises(GatewayKeyConflict):
                stage.gateway.start(evolve(request, installments=1))
        if not isinstance(first, Done):
            stage.buyer_pays(first.reference or "")
        assert sum_of(stage, EventKind.CAPTURED) == request.amount.minor

    @promise(4)
    @needs(Operation.AUTHORIZE)
    def test_an_authorization_holds_money_and_takes_none(self, stage: GatewayStage) -> None:
        amount = an_amount(stage)
        held = authorized(stage, amount=amount)
        assert held.totals == Totals.of(amount.currency, authorized=amount.minor)
        assert sum_of(stage, EventKind.CAPTURED) == 0

    @promise(4)
    @needs(Operation.AUTHORIZE, Operation.CAPTURE)
    def test_a_capture_takes_what_was_authorized(self, stage: GatewayStage) -> None:
        held = authorized(stage)
        amount = held.totals.authorized
        taken = done(stage.gateway.capture(a_key(), held.reference, amount))
        assert taken.totals == Totals.of(amount.currency, authorized=amount.minor, captured=amount.minor)
        assert totals(stage, held.reference) == taken.totals

    @promise(4)
    @needs(Operation.AUTHORIZE, Operation.CAPTURE, "partial_capture")
    def test_a_final_partial_capture_releases_the_rest(self, stage: GatewayStage) -> None:
        held = authorized(stage)
        part = an_amount(stage, 2)
        taken = done(stage.gateway.capture(a_key(), held.reference, part, final=True))
        rest = held.totals.authorized.minor - part.minor
        assert taken.totals == Totals.of(part.currency, authorized=held.totals.authorized.minor, captured=part.minor, voided=rest)
        with pytest.raises(InvalidState):
            stage.gateway.capture(a_key(), held.reference, part)

    @promise(4)
    @needs(Operation.AUTHORIZE, Operation.CAPTURE, "multi_capture")
    def test_captures_add_up_to_what_was_authorized_and_no_further(self, stage: GatewayStage) -> None:
        held = authorized(stage)
        part = an_amount(stage, 2)
        for times in (1, 2, 3):
            taken = done(stage.gateway.capture(a_key(), held.reference, part, final=False))
            assert taken.totals.captured == part * times
        with pytest.raises(InvalidState):
            stage.gateway.capture(a_key(), held.reference, an_amount(stage, 1), final=False)
        assert sum_of(stage, EventKind.CAPTURED) == held.totals.authorized.minor

    @promise(4)
    @needs(Operation.AUTHORIZE, Operation.CAPTURE)
    def test_more_than_was_authorized_is_not_captured(self, stage: GatewayStage) -> None:
        held = authorized(stage)
        with pytest.raises(InvalidState):
            stage.gateway.capture(a_key(), held.reference, held.totals.authorized + an_amount(stage, 1))
        assert totals(stage, held.reference) == held.totals

    @promise(4)
    @needs(Operation.AUTHORIZE, Operation.VOID)
    def test_a_void_releases_an_authorization_for_good(self, stage: GatewayStage) -> None:
        held = authorized(stage)
        released = done(stage.gateway.void(a_key(), held.reference))
        amount = held.totals.authorized
        assert released.totals == Totals.of(amount.currency, authorized=amount.minor, voided=amount.minor)
        if declares(stage, Operation.CAPTURE):
            with pytest.raises(InvalidState):
                stage.gateway.capture(a_key(), held.reference, amount)
        assert sum_of(stage, EventKind.CAPTURED) == 0

    @promise(4)
    @needs(Operation.VOID)
    def test_captured_money_is_not_voided(self, stage: GatewayStage) -> None:
        paid = captured(stage)
        with pytest.raises(InvalidState):
            stage.gateway.void(a_key(), paid.reference)
        assert totals(stage, paid.reference) == paid.totals

    @promise(4)
    @needs(Operation.AUTHORIZE, Operation.CAPTURE)
    def test_an_authorization_lapses_when_its_time_is_over(self, stage: GatewayStage) -> None:
        lifetime = stage.gateway.capabilities.auth_ttl
        if lifetime is None:
            return
        held = authorized(stage)
        stage.clock.advance(lifetime + timedelta(seconds=1))
        with pytest.raises(InvalidState):
            stage.gateway.capture(a_key(), held.reference, held.totals.authorized)
        lapsed = totals(stage, held.reference)
        assert (lapsed.captured.minor, lapsed.capturable.minor) == (0, 0)

    @promise(5)
    @pytest.mark.parametrize("flow", list(ACTIONS))
    def test_a_flow_asks_for_its_own_action_and_moves_nothing_before_it(self, stage: GatewayStage, flow: Flow) -> None:
        @needs(flow)
        def works(_self: Lives, stage: GatewayStage) -> None:
            request = a_start(stage, flow=flow)
            waiting = stage.gateway.start(request)
            assert isinstance(waiting, ActionRequired)
            assert isinstance(waiting.action, ACTIONS[flow])
            if declares(stage, "recalls_actions"):
                assert stage.gateway.query(reference=_reference(waiting)) == waiting
            else:
                assert stage.gateway.start(request) == waiting
                come(stage, _reference(waiting))
                assert isinstance(stage.gateway.query(reference=_reference(waiting)), InProgress)
            assert list(stage.moved()) == []

        works(self, stage)

    @promise(5)
    @pytest.mark.parametrize("flow", list(ACTIONS))
    def test_a_buyer_who_pays_twice_is_charged_once(self, stage: GatewayStage, flow: Flow) -> None:
        @needs(flow)
        def works(_self: Lives, stage: GatewayStage) -> None:
            request = a_start(stage, flow=flow)
            reference = _reference(stage.gateway.start(request))
            stage.buyer_pays(reference)
            stage.buyer_pays(reference)
            assert totals(stage, reference).authorized == request.amount
            assert len(stage.moved()) == 1

        works(self, stage)

    @promise(5)
    @pytest.mark.parametrize("flow", list(ACTIONS))
    def test_a_payment_that_was_closed_cannot_be_paid_any_more(self, stage: GatewayStage, flow: Flow) -> None:
        @needs(flow, Operation.VOID)
        def works(_self: Lives, stage: GatewayStage) -> None:
            reference = _reference(stage.gateway.start(a_start(stage, flow=flow)))
            come(stage, reference)
            assert isinstance(stage.gateway.void(a_key(), reference), Done)
            stage.buyer_pays(reference)
            assert isinstance(stage.gateway.query(reference=reference), Declined)
            assert [each for each in stage.moved() if each.amount] == []

        works(self, stage)

    @promise(5)
    @pytest.mark.parametrize("flow", list(ACTIONS))
    def test_a_buyer_who_comes_too_late_pays_nothing(self, stage: GatewayStage, flow: Flow) -> None:
        @needs(flow)
        def works(_self: Lives, stage: GatewayStage) -> None:
            request = evolve(a_start(stage, flow=flow), expires_at=stage.clock.now() + timedelta(hours=1))
            reference = _reference(stage.gateway.start(request))
            come(stage, reference)
            stage.clock.advance(timedelta(hours=1, seconds=1))
            stage.buyer_pays(reference)
            outcome = stage.gateway.query(reference=reference)
            assert isinstance(outcome, Declined)
            assert outcome.reason is DeclineReason.EXPIRED
            assert [each for each in stage.moved() if each.amount] == []

        works(self, stage)

    @promise(5)
    def test_a_slow_payment_comes_to_its_end(self, stage: GatewayStage) -> None:
        outcome = stage.gateway.start(a_start(stage, case="slow"))
        if isinstance(outcome, ActionRequired):
            stage.buyer_pays(_reference(outcome))
            outcome = stage.gateway.query(reference=_reference(outcome))
        assert isinstance(outcome, InProgress)
        stage.ripen()
        ended = stage.gateway.query(reference=_reference(outcome))
        assert isinstance(ended, Done)
        assert ended.totals.authorized == an_amount(stage)

    @promise(4)
    def test_a_payment_that_nobody_knows_is_not_found(self, stage: GatewayStage) -> None:
        with pytest.raises(NotFound):
            stage.gateway.query(reference="no_such_payment")

    @promise(7)
    @needs("queries_by_key")
    def test_a_payment_is_found_by_the_key_of_its_start(self, stage: GatewayStage) -> None:
        request = a_start(stage)
        started = stage.gateway.start(request)
        assert stage.gateway.query(key=request.key) == stage.gateway.query(reference=_reference(started))
        with pytest.raises(NotFound):
            stage.gateway.query(key=a_key())

    @promise(4)
    @needs(Operation.CAPTURE)
    def test_an_operation_on_a_payment_that_nobody_knows_is_not_found(self, stage: GatewayStage) -> None:
        with pytest.raises(NotFound):
            stage.gateway.capture(a_key(), "no_such_payment", an_amount(stage))


def _reference(outcome: Done | ActionRequired | InProgress | Declined) -> str:
    assert outcome.reference is not None
    return outcome.reference
