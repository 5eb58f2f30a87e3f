"""A kit that every gateway passes proves nothing: each of these gateways breaks one promise, and one test of the kit says so."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from shopwright.adapters.fake_gateway import EVERYTHING, FakeGateway
from shopwright.adapters.fake_gateway.messages import opened
from shopwright.adapters.troubles import Trouble
from shopwright.money import Money
from shopwright.payments.disputes import Dispute, DisputeState
from shopwright.payments.errors import GatewayError, Indeterminate, InvalidState, NotSent, Unsupported
from shopwright.payments.notifications import Ack, RawNotification
from shopwright.payments.operations import Operation
from shopwright.payments.outcomes import Declined, Done
from shopwright.testing import GatewayContract
from shopwright.testing.gateway_contract.stage import a_key
from tests.contracts.test_fake_gateway import FakeStage


class ForgetsKeys(FakeGateway):
    def start(self, request):
        return super().start(evolve(request, key=a_key()))


class RaisesDeclines(FakeGateway):
    def start(self, request):
        outcome = super().start(request)
        if isinstance(outcome, Declined):
            raise Indeterminate(outcome.message)
        return outcome


class CallsALostAnswerNotSent(FakeGateway):
    def start(self, request):
        try:
            return super().start(request)
        except Indeterminate as error:
            raise NotSent(str(error)) from error


class RepeatsByItselfUnderAnotherKey(FakeGateway):
    def start(self, request):
        try:
            return super().start(request)
        except Indeterminate:
            super().start(evolve(request, key=a_key()))
            raise


class RoundsToWholeUnits(FakeGateway):
    def start(self, request):
        return super().start(evolve(request, amount=Money(-(-request.amount.minor // 100) * 100, request.amount.currency)))


class ChallengesNobody(FakeGateway):
    def start(self, request):
        return super().start(evolve(request, challenge=False))


class ForgetsTheInstallments(FakeGateway):
    def start(self, request):
        return super().start(evolve(request, installments=1))


class CapturesAllOfIt(FakeGateway):
    def capture(self, key, reference, amount, *, final=True):
        held = super().query(reference=reference)
        assert isinstance(held, Done)
        return super().capture(key, reference, held.totals.authorized, final=final)


class HidesAnOverRefund(FakeGateway):
    def refund(self, request):
        try:
            return super().refund(request)
        except GatewayError:
            return super().query(reference=request.payment)


class BelievesEveryBody(FakeGateway):
    def parse_notification(self, raw):
        for genuine in self.provider.notifications(again=True):
            if genuine.headers == raw.headers:
                return super().parse_notification(genuine)
        return super().parse_notification(raw)


class BelievesOldNotifications(FakeGateway):
    def parse_notification(self, raw: RawNotification):
        return super().parse_notification(evolve(raw, received_at=self.provider.clock.now()))


class LogsSecrets(FakeGateway):
    def scrub(self, transcript):
        return transcript


class ShowsSecrets(FakeGateway):
    def __repr__(self):
        return f"FakeGateway({self.settings.api_secret})"


class HasANameOfItsOwn(FakeGateway):
    def __init__(self, *args, **facts):
        super().__init__(*args, **facts)
        self.name = "Fake Gateway"


class IsAnotherAfterARestart(FakeGateway):
    made = count()

    def __init__(self, *args, **facts):
        super().__init__(*args, **facts)
        self.name = f"fake_{next(self.made)}"


class TakesWhatIsForeign(FakeGateway):
    def refund(self, request):
        known = super().query(reference=request.payment).totals.captured
        amount = Money(min(request.amount.minor, known.minor), known.currency)
        return super().refund(evolve(request, amount=amount, of_total=known))


class LosesAMinorUnit(FakeGateway):
    def start(self, request):
        return super().start(evolve(request, amount=Money(request.amount.minor - 1, request.amount.currency)))


class WritesTheBodyAgain(FakeGateway):
    def parse_notification(self, raw):
        for genuine in self.provider.notifications(again=True):
            with suppress(ValueError):
                if json.loads(raw.body) == json.loads(genuine.body):
                    return super().parse_notification(evolve(raw, body=genuine.body))
        return super().parse_notification(raw)


class BelievesEveryKeyItEverHad(FakeGateway):
    def parse_notification(self, raw):
        keys = (*self.settings.signing_keys, *self.provider.settings.signing_keys)
        return opened(raw, evolve(self.settings, signing_keys=keys))


class BelievesAnyScheme(FakeGateway):
    def parse_notification(self, raw):
        headers = tuple((name, value.replace("v0=", "v1=")) for name, value in raw.headers)
        return super().parse_notification(evolve(raw, headers=headers))


class AcknowledgesInItsOwnWords(FakeGateway):
    def parse_notification(self, raw):
        return evolve(super().parse_notification(raw), ok=Ack(200, b"thank you"))


class CarriesItsSecrets(FakeGateway):
    def __reduce__(self):
        return str, (self.settings.api_secret,)


class AnswersDisputesAgainAndAgain(FakeGateway):
    def answer_dispute(self, key, dispute, evidence):
        with suppress(InvalidState):
            return super().answer_dispute(a_key(), dispute, evidence)
        with self.provider.open() as book:
            return evolve(book.dispute(dispute).dispute, state=DisputeState.UNDER_REVIEW)


class FindsDisputesThatAreNot(FakeGateway):
    def answer_dispute(self, key, dispute, evidence):
        return Dispute(id=dispute, state=DisputeState.UNDER_REVIEW, amount=1, told_at=self.provider.clock.now())


class ClaimsToSplit(FakeGateway):
    def split(self, key, reference, parts, *, finish):
        return super().query(reference=reference)


class ForgetsHalfTheLedger(FakeGateway):
    def ledger(self, since, until):
        return iter(list(super().ledger(since, until))[::2])


class SellsWhatItDoesNotDeclare(FakeGateway):
    def capture(self, key, reference, amount, *, final=True):
        return super().query(reference=reference)

    @property
    def capabilities(self):
        return evolve(EVERYTHING, operations=EVERYTHING.operations - {Operation.CAPTURE})


class DeclaresWhatItDoesNotSell(FakeGateway):
    def void(self, key, reference):
        raise Unsupported("not yet")


LOST = {"verb": "start", "trouble": Trouble.LOST_APPLIED}
kit, STALE = GatewayContract, timedelta(hours=1)


@pytest.mark.parametrize(
    ("broken", "test", "facts"),
    [
        (ForgetsKeys, kit.test_a_repeat_under_the_same_key_moves_nothing_and_answers_the_same, {"verb": "start"}),
        (ForgetsKeys, kit.test_a_key_with_other_parameters_is_a_conflict_and_moves_nothing, {"verb": "start"}),
        (ForgetsKeys, kit.test_requests_under_one_key_at_the_same_moment_move_money_once, {"verb": "start"}),
        (SellsWhatItDoesNotDeclare, kit.test_an_operation_works_or_is_unsupported_just_as_declared, {"operation": Operation.CAPTURE}),
        (DeclaresWhatItDoesNotSell, kit.test_an_operation_works_or_is_unsupported_just_as_declared, {"operation": Operation.VOID}),
        (ChallengesNobody, kit.test_a_challenged_payment_promises_nothing_before_its_buyer_has_acted, {}),
        (ForgetsTheInstallments, kit.test_a_payment_in_installments_is_taken_whole_and_in_so_many_alone, {}),
        (RaisesDeclines, kit.test_a_repeat_of_a_declined_start_is_declined_too, {}),
        (
            CallsALostAnswerNotSent,
            kit.test_a_request_in_trouble_says_so_and_its_repeat_moves_money_once,
            LOST,
        ),
        (
            RepeatsByItselfUnderAnotherKey,
            kit.test_a_request_in_trouble_says_so_and_its_repeat_moves_money_once,
            LOST,
        ),
        (RoundsToWholeUnits, kit.test_an_amount_comes_back_to_the_last_minor_unit, {"currency": "EUR", "parts": 7}),
        (CapturesAllOfIt, kit.test_a_final_partial_capture_releases_the_rest, {}),
        (HidesAnOverRefund, kit.test_more_than_was_captured_is_not_refunded, {}),
        (BelievesEveryBody, kit.test_one_changed_bit_anywhere_in_the_body_is_refused, {}),
        (BelievesOldNotifications, kit.test_a_notification_from_another_time_is_refused, {"late_by": STALE}),
        (LogsSecrets, kit.test_a_scrubbed_transcript_shows_no_secret_and_no_card_number, {}),
        (ShowsSecrets, kit.test_nothing_that_is_printed_shows_a_secret, {}),
        (ClaimsToSplit, kit.test_no_more_is_shared_than_is_there_and_a_repeat_shares_once, {}),
        (HasANameOfItsOwn, kit.test_the_name_is_a_slug_and_the_port_version_is_ours, {}),
        (IsAnotherAfterARestart, kit.test_the_adapter_is_a_payment_gateway_and_stays_the_same_after_a_restart, {}),
        (CarriesItsSecrets, kit.test_nothing_that_is_pickled_holds_a_secret, {}),
        (LosesAMinorUnit, kit.test_an_amount_comes_back_to_the_last_minor_unit, {"currency": "JPY", "parts": 7}),
        (TakesWhatIsForeign, kit.test_nothing_foreign_is_refunded, {}),
        (WritesTheBodyAgain, kit.test_a_body_that_says_the_same_in_other_bytes_is_refused, {}),
        (BelievesEveryKeyItEverHad, kit.test_a_key_that_is_replaced_counts_until_it_is_gone, {}),
        (BelievesAnyScheme, kit.test_a_notification_that_is_vouched_for_in_a_weaker_way_is_refused, {}),
        (AcknowledgesInItsOwnWords, kit.test_a_provider_is_acknowledged_in_its_own_words, {}),
        (AnswersDisputesAgainAndAgain, kit.test_a_dispute_is_answered_once_under_its_key_and_not_after_its_end, {"given_up": False}),
        (FindsDisputesThatAreNot, kit.test_a_dispute_that_nobody_knows_is_not_found, {}),
        (ForgetsHalfTheLedger, kit.test_the_ledger_sums_to_what_moved_and_reads_the_same_in_parts, {}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_broken_gateway_fails(broken: type[FakeGateway], test: Callable[..., None], facts: dict[str, Any]):
    stage = FakeStage()
    stage.gateway = broken(stage.provider)
    with pytest.raises((AssertionError, pytest.fail.Exception, GatewayError)):
        test(kit(), stage=stage, **facts)


def test_a_gateway_that_does_something_when_it_is_imported_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    noise = "from pathlib import Path\nPath(__file__).with_name('noise').write_text('x')\n"
    (tmp_path / "noisypay.py").write_text(noise + "from shopwright.adapters.fake_gateway import FakeGateway\nclass NoisyPay(FakeGateway): pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    stage = FakeStage()
    stage.gateway = importlib.import_module("noisypay").NoisyPay(stage.provider)
    with pytest.raises(AssertionError, match="noise"):
        kit().test_to_import_it_does_nothing_else(stage)
