"""What the wire itself can do: connections that never stand, answers that never come, and answers that are nobody's.

These checks are for gateways that speak HTTP: their stage is a `WiredStage` too. Others are told as not staged.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl

import pytest

from shopwright.payments.errors import Indeterminate, NotSent, Throttled
from shopwright.payments.notifications import EventKind
from shopwright.payments.operations import Operation
from shopwright.payments.outcomes import Done
from shopwright.testing.gateway_contract.promises import promise
from shopwright.testing.gateway_contract.spare import spare
from shopwright.testing.gateway_contract.stage import (
    GatewayStage,
    a_key,
    a_refund,
    a_start,
    an_amount,
    cannot_stage,
    captured,
    declares,
    done,
    needs,
    sum_of,
)
from shopwright.testing.gateway_contract.wire import (
    BITS,
    NEVER_LEAVES,
    NOBODY_KNOWS,
    TRICKLED,
    WAIT,
    WRONG_CERTIFICATES,
    Fault,
    WiredStage,
    bad_wire,
    served,
)

MOST_TRIES = 3
"""How often a gateway may send one request by itself."""


class Transports:
    """Whatever the wire does, the shop is told the truth about it."""

    @promise(8)
    @pytest.mark.parametrize("fault", NEVER_LEAVES)
    def test_a_request_that_never_left_is_not_sent(self, stage: GatewayStage, fault: Fault) -> None:
        paid = captured(stage)
        with bad_wire(_wired(stage), fault) as (gateway, _requests), pytest.raises(NotSent):
            gateway.query(reference=paid.reference)

    @promise(15)
    @pytest.mark.parametrize("fault", WRONG_CERTIFICATES)
    def test_nobody_with_a_wrong_certificate_is_told_anything(self, stage: GatewayStage, fault: Fault) -> None:
        paid = captured(stage)
        with bad_wire(_wired(stage), fault) as (gateway, requests):
            with pytest.raises(NotSent):
                gateway.query(reference=paid.reference)
            assert requests == [], "a request was sent to somebody whose certificate does not fit"

    @promise(15)
    def test_a_provider_with_the_right_certificate_is_believed(self, stage: GatewayStage) -> None:
        paid = captured(stage)
        with bad_wire(_wired(stage), Fault.NONE, encrypted=True) as (gateway, requests):
            assert done(gateway.query(reference=paid.reference)).totals == paid.totals
            assert len(requests) > 0

    @promise(8)
    @pytest.mark.parametrize("applied", [True, False], ids=["applied", "not_applied"])
    @pytest.mark.parametrize("fault", NOBODY_KNOWS)
    @needs("honors_keys")
    def test_an_answer_that_is_lost_or_spoiled_is_indeterminate_and_a_repeat_moves_money_once(
        self, stage: GatewayStage, fault: Fault, applied: bool
    ) -> None:
        wired, request = _wired(stage), a_start(stage)
        kind = EventKind.CAPTURED if request.capture else EventKind.AUTHORIZED
        with bad_wire(wired, fault, passes_on=applied) as (gateway, _requests), pytest.raises(Indeterminate):
            gateway.start(request)
        assert sum_of(stage, kind) == (request.amount.minor if applied else 0)
        done(stage.gateway.start(request))
        assert sum_of(stage, kind) == request.amount.minor

    @promise(8)
    @pytest.mark.parametrize("fault", NOBODY_KNOWS)
    def test_a_spoiled_answer_to_a_query_is_never_done(self, stage: GatewayStage, fault: Fault) -> None:
        paid = captured(stage)
        with bad_wire(_wired(stage), fault, passes_on=False) as (gateway, _requests), pytest.raises(Indeterminate):
            gateway.query(reference=paid.reference)

    @promise(9)
    @pytest.mark.parametrize("fault", [Fault.RESET, Fault.SILENCE, Fault.ERROR_500, Fault.ERROR_502])
    def test_a_request_whose_end_nobody_knows_is_not_sent_again_and_again(self, stage: GatewayStage, fault: Fault) -> None:
        with bad_wire(_wired(stage), fault, passes_on=False) as (gateway, requests):
            with pytest.raises(Indeterminate):
                gateway.start(a_start(stage))
            assert 1 <= len(requests) <= MOST_TRIES, f"sent {len(requests)} times; at most {MOST_TRIES} are allowed"

    @promise(9)
    @pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
    def test_an_answer_that_trickles_is_given_up_before_it_ends(self, stage: GatewayStage, encrypted: bool) -> None:
        paid = captured(stage)
        with served(_wired(stage), Fault.TRICKLE, passes_on=False, encrypted=encrypted) as (gateway, server):
            with pytest.raises(Indeterminate):
                gateway.query(reference=paid.reference)
            assert server.trickled < TRICKLED, "the whole answer was waited for, byte by byte"

    @promise(8)
    def test_a_request_that_is_turned_away_as_one_too_many_is_throttled_and_says_how_long_to_wait(self, stage: GatewayStage) -> None:
        request = a_start(stage)
        with bad_wire(_wired(stage), Fault.TOO_MANY, passes_on=False) as (gateway, _requests), pytest.raises(Throttled) as caught:
            gateway.start(request)
        assert caught.value.retry_after == WAIT
        assert list(stage.moved()) == []
        done(stage.gateway.start(request))

    @promise(8)
    def test_an_answer_that_was_changed_on_its_way_is_never_done(self, stage: GatewayStage) -> None:
        wired = _wired(stage)
        spare(stage, "signs_answers", "changed answers: this provider does not sign them")
        paid = captured(stage)
        with bad_wire(wired, Fault.ALTERED) as (gateway, _requests):
            for _ in range(BITS):
                with pytest.raises(Indeterminate):
                    gateway.query(reference=paid.reference)

    @promise(3)
    @pytest.mark.parametrize("parts", [1, 7, 123_457])
    def test_no_amount_is_a_floating_point_number_on_the_wire(self, stage: GatewayStage, parts: int) -> None:
        with bad_wire(_wired(stage), Fault.NONE) as (gateway, requests):
            outcome = gateway.start(a_start(stage, amount=an_amount(stage, parts)))
            if isinstance(outcome, Done) and not outcome.totals.captured and declares(stage, Operation.CAPTURE):
                outcome = gateway.capture(a_key(), outcome.reference, outcome.totals.authorized)
            if isinstance(outcome, Done) and outcome.totals.captured and declares(stage, Operation.REFUND):
                gateway.refund(a_refund(outcome))
            assert [number for body in requests for number in _floats(body)] == []

    @promise(15)
    def test_a_recorded_request_that_was_scrubbed_shows_no_secret(self, stage: GatewayStage) -> None:
        request = a_start(stage)
        with bad_wire(_wired(stage), Fault.NONE) as (gateway, requests):
            gateway.start(request)
            transcript = "\n".join(body.decode("utf-8", "replace") for body in requests)
            clean = gateway.scrub(transcript)
        assert [secret for secret in stage.secrets if secret in clean] == []


def _wired(stage: GatewayStage) -> WiredStage:
    if not isinstance(stage, WiredStage):
        cannot_stage("a bad wire: the stage has no `through` and `provider_at`")
    flows = stage.gateway.capabilities.flows
    if not flows & {"token", "scan_buyer_code"}:
        cannot_stage("a bad wire: this gateway starts no payment that needs no buyer")
    return stage


def _floats(body: bytes) -> Iterator[float]:
    """The floating-point numbers in a body of JSON, or in the JSON that stands in the fields of a form; none in any other."""
    found: list[float] = []

    def note(text: str) -> float:
        found.append(float(text))
        return found[-1]

    try:
        text = body.decode()
    except UnicodeDecodeError:
        return
    for each in (text, *(value for _name, value in parse_qsl(text) if value[:1] in ("{", "["))):
        with suppress(ValueError):
            _parsed: Any = json.loads(each, parse_float=note)
    yield from found
