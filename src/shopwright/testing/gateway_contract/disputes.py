"""Disputes: a buyer asks the bank for the money back, and the shop answers through the gateway, where it can (`AnswersDisputes`)."""

from __future__ import annotations

from typing import cast

import pytest

from shopwright.payments.disputes import Dispute
from shopwright.payments.errors import InvalidState, NotFound
from shopwright.payments.evidence import Evidence, EvidencePart
from shopwright.payments.operations import OperationKey
from shopwright.ports.gateway import AnswersDisputes
from shopwright.testing.gateway_contract.promises import promise
from shopwright.testing.gateway_contract.spare import spare
from shopwright.testing.gateway_contract.stage import GatewayStage, a_key, captured, note_refusal

EVIDENCE = Evidence({EvidencePart.EXPLANATION: "it was delivered", EvidencePart.TRACKING_NUMBER: "FR0000001"})


class Disputes:
    """What is disputed is answered once."""

    @promise(7)
    @pytest.mark.parametrize("given_up", [False, True], ids=["answered", "given_up"])
    def test_a_dispute_is_answered_once_under_its_key_and_not_after_its_end(self, stage: GatewayStage, given_up: bool) -> None:
        gateway = _answering(stage)
        if gateway is None:
            return
        dispute = spare(stage, "disputed", "a dispute")(captured(stage).reference)

        def answer(key: OperationKey) -> Dispute:
            return gateway.accept_dispute(key, dispute) if given_up else gateway.answer_dispute(key, dispute, EVIDENCE)

        key = a_key()
        first = answer(key)
        assert (first.id, first.to_answer) == (dispute, False)
        assert (answer(key).id, answer(key).state) == (first.id, first.state)
        spare(stage, "decided", "the end of a dispute")(dispute)
        with pytest.raises(InvalidState):
            answer(a_key())

    @promise(7)
    def test_a_dispute_that_nobody_knows_is_not_found(self, stage: GatewayStage) -> None:
        gateway = _answering(stage)
        if gateway is None:
            return
        with pytest.raises(NotFound):
            gateway.answer_dispute(a_key(), "no_such_dispute", EVIDENCE)
        with pytest.raises(NotFound):
            gateway.accept_dispute(a_key(), "no_such_dispute")


def _answering(stage: GatewayStage) -> AnswersDisputes | None:
    """The gateway, if the shop can answer disputes through it."""
    if hasattr(stage.gateway, "answer_dispute"):
        return cast("AnswersDisputes", stage.gateway)
    note_refusal("answers_disputes")
    return None
