"""Laws that hold after any sequence of operations, answers, lost answers and repeats."""

from __future__ import annotations

from contextlib import suppress

import pytest
from attrs import field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwright.adapters.troubles import Trouble
from shopwright.payments.errors import GatewayError
from shopwright.payments.notifications import EventKind
from shopwright.payments.operations import Operation, OperationKey
from shopwright.payments.outcomes import Done, Totals
from shopwright.payments.requests import RefundPart
from shopwright.testing.gateway_contract.promises import promise
from shopwright.testing.gateway_contract.stage import GatewayStage, a_key, a_start, an_amount, declares, events_sum, sum_of

PARTS = 6


@frozen
class Step:
    """One thing that is done to the payment: a verb with a part of its amount, under a new key or one of the last, in trouble or not."""

    verb: str
    parts: int
    repeat: bool
    trouble: Trouble | None
    final: bool = field(default=False)


STEPS = st.builds(
    Step,
    verb=st.sampled_from(("capture", "void", "refund", "ripen", "pay", "query", "hear")),
    parts=st.integers(1, PARTS + 1),
    repeat=st.booleans(),
    trouble=st.none() | st.sampled_from(Trouble),
    final=st.booleans(),
)


class Laws:
    """Money is conserved."""

    def make_gateway(self) -> GatewayStage:
        """Overridden by the adapter's test."""
        raise NotImplementedError

    @promise(14)
    def test_nothing_comes_from_nothing_whatever_is_done_in_whatever_order(self) -> None:
        cases = ("ok", "slow", "refund_slow", "refund_fails_late")
        able = self.make_gateway().gateway.capabilities.operations
        modes = [mode for mode, operation in ((True, Operation.CHARGE), (False, Operation.AUTHORIZE)) if operation in able]

        @settings(max_examples=60, deadline=None, derandomize=True)
        @given(st.sampled_from(_stageable(self.make_gateway(), cases)), st.sampled_from(modes), st.lists(STEPS, max_size=12))
        def holds(case: str, capture: bool, steps: list[Step]) -> None:
            stage = self.make_gateway()
            outcome = stage.gateway.start(a_start(stage, case=case, capture=capture))
            assert outcome.reference is not None
            before, last = Totals.of(an_amount(stage).currency), a_key()
            for step in steps:
                last = last if step.repeat else a_key()
                with suppress(GatewayError):
                    _do(stage, step, outcome.reference, last)
                before = _demand_lawful(stage, outcome.reference, before)
            if declares(stage, "pushes_notifications"):
                _demand_told(stage, outcome.reference)

        holds()


def _do(stage: GatewayStage, step: Step, reference: str, key: OperationKey) -> None:
    amount = an_amount(stage, step.parts)
    outcome = stage.gateway.query(reference=reference)
    taken = outcome.totals.captured if isinstance(outcome, Done) and outcome.totals.captured else amount
    if step.trouble is not None:
        stage.strike(step.trouble)
    match step.verb:
        case "capture":
            stage.gateway.capture(key, reference, amount, final=step.final)
        case "void":
            stage.gateway.void(key, reference)
        case "refund":
            outcome = stage.gateway.query(reference=reference)
            taken = outcome.totals.captured if isinstance(outcome, Done) else amount
            stage.gateway.refund(RefundPart(key=key, payment=reference, amount=amount, of_total=taken or amount))
        case "ripen":
            stage.ripen()
        case "pay":
            stage.buyer_pays(reference)
        case "hear":
            for raw in stage.pushed():
                stage.gateway.parse_notification(raw)
        case _:
            stage.gateway.query(reference=reference)


def _demand_told(stage: GatewayStage, reference: str) -> None:
    """What was pushed of it says what moved, no more and no less, in one currency."""
    pushed = [event for raw in stage.pushed() for event in stage.gateway.parse_notification(raw).events]
    events = {event.event_id: event for event in pushed if event.reference == reference}.values()
    told = [amount for event in events for amount in (event.amount, event.totals and event.totals.captured) if amount is not None]
    assert {amount.currency for amount in told} <= {an_amount(stage).currency}
    assert events_sum(EventKind.CAPTURED, events) == sum_of(stage, EventKind.CAPTURED)


def _demand_lawful(stage: GatewayStage, reference: str, before: Totals) -> Totals:
    try:
        outcome = stage.gateway.query(reference=reference)
    except GatewayError:
        outcome = stage.gateway.query(reference=reference)  # a trouble that the step before did not use up
    if not isinstance(outcome, Done):
        assert sum_of(stage, EventKind.CAPTURED) == 0
        return before
    now = outcome.totals
    assert now.captured + now.voided + now.pending_capture <= now.authorized
    assert now.refunded + now.pending_refund <= now.captured
    assert now.authorized >= before.authorized
    assert now.captured >= before.captured
    assert now.voided >= before.voided
    assert sum_of(stage, EventKind.CAPTURED) == now.captured.minor
    if stage.gateway.capabilities.counts_refunds:
        assert sum_of(stage, EventKind.REFUNDED) - sum_of(stage, EventKind.REFUND_FAILED) <= now.refunded.minor
    assert now.currency == before.currency
    return now


def _stageable(stage: GatewayStage, cases: tuple[str, ...]) -> list[str]:
    found = []
    for case in cases:
        with suppress(pytest.skip.Exception):
            stage.source(case)
            found.append(case)
    return found
