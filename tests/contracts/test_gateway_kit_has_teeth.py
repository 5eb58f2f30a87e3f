"""A kit that every gateway passes proves nothing: each of these gateways breaks one promise, and one test of the kit says so."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.adapters.troubles import Trouble
from shopwright.payments.errors import GatewayError
from shopwright.payments.operations import Flow, Operation
from shopwright.testing import GatewayContract
from tests.contracts.broken_gateways import (
    AcknowledgesInItsOwnWords,
    AnswersDisputesAgainAndAgain,
    AsksInOneWay,
    AsksTwice,
    BelievesEveryBody,
    BelievesEveryKeyItEverHad,
    BelievesForAnyAccount,
    BelievesOldNotifications,
    BelievesTheTimeAlone,
    CallsALostAnswerNotSent,
    CallsHomeAtOnce,
    CapturesAllOfIt,
    CarriesItsSecrets,
    ChallengesNobody,
    ClaimsToSplit,
    CountsWhatIsUnderWay,
    DeclaresWhatItDoesNotSell,
    DoesNotKnowWhatItDoesNotKnow,
    FindsDisputesThatAreNot,
    ForgetsHalfTheLedger,
    ForgetsKeys,
    ForgetsTheInstallments,
    HasANameOfItsOwn,
    HearsWholeCapturesAlone,
    HidesAnOverRefund,
    IsAnotherAfterARestart,
    IsNotWhatTheShopFinds,
    LogsSecrets,
    LosesAYen,
    NamesEventsAnew,
    NeedsNoNameOfAKey,
    NeverCloses,
    RaisesDeclines,
    ReadsHeadersAsTheyAreWritten,
    RepeatsByItselfUnderAnotherKey,
    RoundsToWholeUnits,
    SaysThatItArrived,
    SellsWhatItDoesNotDeclare,
    ShowsSecrets,
    TakesAnyAmount,
    TakesAnyCurrency,
    TakesAnyFlow,
    TakesAnyNumberOfRefunds,
    TakesNoiseForNews,
    TakesTwoForOne,
    TakesWhatIsForeign,
    TellsTheToken,
    TurnsAwayWhatItHasHeard,
    WritesTheBodyAgain,
)
from tests.contracts.test_fake_gateway import FakeStage
from tests.contracts.test_gateway_kit_has_teeth_on_the_wire import ON_THE_WIRE
from tests.contracts.whole_kit import failing


def staged(broken: type[FakeGateway]) -> FakeStage:
    """A stage with such a gateway on it."""
    stage = FakeStage()
    stage.gateway = broken(stage.provider)
    return stage


LOST = {"verb": "start", "trouble": Trouble.LOST_APPLIED}
kit, STALE = GatewayContract, timedelta(hours=1)


BROKEN = [
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
    (LosesAYen, kit.test_an_amount_comes_back_to_the_last_minor_unit, {"currency": "JPY", "parts": 7}),
    (TakesWhatIsForeign, kit.test_nothing_foreign_is_refunded, {}),
    (WritesTheBodyAgain, kit.test_a_body_that_says_the_same_in_other_bytes_is_refused, {}),
    (BelievesEveryKeyItEverHad, kit.test_a_key_that_is_replaced_counts_until_it_is_gone, {}),
    (BelievesTheTimeAlone, kit.test_a_notification_that_is_vouched_for_in_a_weaker_way_is_refused, {}),
    (TurnsAwayWhatItHasHeard, kit.test_a_provider_is_acknowledged_in_its_own_words, {}),
    (AcknowledgesInItsOwnWords, kit.test_a_provider_is_acknowledged_in_its_own_words, {}),
    (AnswersDisputesAgainAndAgain, kit.test_a_dispute_is_answered_once_under_its_key_and_not_after_its_end, {"given_up": False}),
    (FindsDisputesThatAreNot, kit.test_a_dispute_that_nobody_knows_is_not_found, {}),
    (NeverCloses, kit.test_a_buyer_who_comes_too_late_pays_nothing, {"flow": Flow.REDIRECT}),
    (NeedsNoNameOfAKey, kit.test_a_changed_missing_or_repeated_signature_header_is_refused, {}),
    (AsksInOneWay, kit.test_a_flow_asks_for_its_own_action_and_moves_nothing_before_it, {"flow": Flow.QR}),
    (BelievesForAnyAccount, kit.test_a_notification_for_another_account_is_refused, {}),
    (DoesNotKnowWhatItDoesNotKnow, kit.test_a_payment_that_nobody_knows_is_not_found, {}),
    (DoesNotKnowWhatItDoesNotKnow, kit.test_a_refund_that_was_never_asked_for_is_not_found, {}),
    (AsksTwice, kit.test_a_query_in_trouble_changes_nothing, {"trouble": Trouble.NOT_SENT}),
    (SaysThatItArrived, kit.test_a_refund_that_comes_back_restores_the_totals, {}),
    (CountsWhatIsUnderWay, kit.test_a_refund_under_way_is_pending_until_it_arrives, {}),
    (TellsTheToken, kit.test_an_error_tells_no_secret_and_no_token, {"trouble": Trouble.NOT_SENT}),
    (TakesNoiseForNews, kit.test_an_event_of_an_unknown_kind_is_ignored_and_acknowledged, {}),
    (NamesEventsAnew, kit.test_events_add_up_to_what_a_query_tells_however_often_and_in_whatever_order_they_come, {}),
    (ReadsHeadersAsTheyAreWritten, kit.test_header_names_are_read_in_any_case, {}),
    (TakesTwoForOne, kit.test_two_keys_are_two_payments, {}),
    (TakesAnyCurrency, kit.test_a_currency_that_is_not_declared_is_unsupported_and_nothing_moves, {}),
    (TakesAnyFlow, kit.test_a_flow_that_is_not_declared_is_unsupported, {"flow": Flow.QR}),
    (TakesAnyAmount, kit.test_an_amount_off_the_step_or_below_the_minimum_is_an_invalid_request, {}),
    (TakesAnyNumberOfRefunds, kit.test_more_refunds_than_declared_are_refused, {}),
    (ForgetsHalfTheLedger, kit.test_the_ledger_sums_to_what_moved_and_reads_the_same_in_parts, {}),
]


@pytest.mark.parametrize(
    ("broken", "test", "facts"),
    BROKEN,
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_broken_gateway_fails(broken: type[FakeGateway], test: Callable[..., None], facts: dict[str, Any]):
    stage = staged(broken)
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


ALONE = {
    HasANameOfItsOwn: kit.test_the_name_is_a_slug_and_the_port_version_is_ours,
    CallsHomeAtOnce: kit.test_to_make_a_gateway_reaches_for_no_network,
    IsNotWhatTheShopFinds: kit.test_the_shop_finds_the_gateway_by_its_name,
    LosesAYen: kit.test_an_amount_comes_back_to_the_last_minor_unit,
    TakesWhatIsForeign: kit.test_nothing_foreign_is_refunded,
    TakesAnyAmount: kit.test_an_amount_off_the_step_or_below_the_minimum_is_an_invalid_request,
    WritesTheBodyAgain: kit.test_a_body_that_says_the_same_in_other_bytes_is_refused,
    BelievesEveryKeyItEverHad: kit.test_a_key_that_is_replaced_counts_until_it_is_gone,
    BelievesTheTimeAlone: kit.test_a_notification_that_is_vouched_for_in_a_weaker_way_is_refused,
    BelievesOldNotifications: kit.test_a_notification_from_another_time_is_refused,
    AcknowledgesInItsOwnWords: kit.test_a_provider_is_acknowledged_in_its_own_words,
    TurnsAwayWhatItHasHeard: kit.test_a_provider_is_acknowledged_in_its_own_words,
    CarriesItsSecrets: kit.test_nothing_that_is_pickled_holds_a_secret,
    ShowsSecrets: kit.test_nothing_that_is_printed_shows_a_secret,
    TellsTheToken: kit.test_an_error_tells_no_secret_and_no_token,
    AnswersDisputesAgainAndAgain: kit.test_a_dispute_is_answered_once_under_its_key_and_not_after_its_end,
    HearsWholeCapturesAlone: kit.test_nothing_comes_from_nothing_whatever_is_done_in_whatever_order,
}
"""What no other check of the kit would have found."""


@pytest.mark.parametrize("broken", ALONE, ids=lambda broken: broken.__name__)
def test_without_this_check_a_broken_gateway_would_pass(broken: type[FakeGateway]):
    assert failing(kit_of(broken)) == {ALONE[broken].__name__}


@pytest.mark.full
def test_every_check_of_the_kit_has_found_something():
    found = {check.__name__ for _broken, check, _facts, _promise in ON_THE_WIRE} | {kit.test_to_import_it_does_nothing_else.__name__}
    found |= set().union(*[failing(kit_of(broken)) for broken in {broken for broken, _test, _facts in BROKEN} | set(ALONE)])

    assert {name for name in dir(GatewayContract) if name.startswith("test_")} - found == set()


def kit_of(broken: type[FakeGateway]) -> GatewayContract:
    class Kit(GatewayContract):
        def make_gateway(self):
            return staged(broken)

    return Kit()
