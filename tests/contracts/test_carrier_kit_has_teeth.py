"""A kit that every carrier passes proves nothing: each of these carriers breaks one promise, and one test of the kit says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from shopwright.adapters.flat_rate import FlatRate
from shopwright.adapters.troubles import Trouble
from shopwright.payments.errors import GatewayError, Indeterminate, NotSent, Unsupported
from shopwright.shipping.rates import RateQuote
from shopwright.shipping.tracking import TrackStatus
from shopwright.testing import CarrierContract
from shopwright.testing.carrier_contract.stage import a_key
from tests.contracts.test_flat_rate import EVERYWHERE, TIGHT, FlatStage


class ForgetsKeys(FlatRate):
    def book(self, key, request, rate, *, label_format):
        return super().book(a_key(), request, rate, label_format=label_format)


class BooksAnyRate(FlatRate):
    def book(self, key, request, rate, *, label_format):
        fresh = self.quote(request, deadline=TIGHT.valid_for).rates[0]
        return super().book(key, request, fresh, label_format=label_format)


class CallsALostAnswerNotSent(FlatRate):
    def book(self, key, request, rate, *, label_format):
        try:
            return super().book(key, request, rate, label_format=label_format)
        except Indeterminate as error:
            raise NotSent(str(error)) from error


class RaisesWhatItCannotCarry(FlatRate):
    def quote(self, request, *, deadline):
        quote = super().quote(request, deadline=deadline)
        if quote.problems:
            raise Unsupported(quote.problems[0].message)
        return quote


class QuotesByTheClock(FlatRate):
    def quote(self, request, *, deadline):
        rates = super().quote(request, deadline=deadline).rates
        return RateQuote(tuple(evolve(rate, rate_ref=f"{rate.rate_ref}{a_key()}") for rate in rates))


class GuessesUnknownCodes(FlatRate):
    def track(self, numbers):
        found = super().track(numbers)
        return {number: evolve(track, events=tuple(_guessed(event) for event in track.events)) for number, track in found.items()}


class LosesTheGoodWithTheBad(FlatRate):
    def track(self, numbers):
        found = super().track(numbers)
        unknown = [problem for problem in found.values() if hasattr(problem, "code")]
        return dict.fromkeys(numbers, unknown[0]) if unknown else found


class VoidsWhatIsOnItsWay(FlatRate):
    def void(self, key, reference):
        try:
            return super().void(key, reference)
        except GatewayError:
            return True


class ForgetsWhichWay(FlatRate):
    def quote(self, request, *, deadline):
        return super().quote(evolve(request, returns=False), deadline=deadline)

    def book(self, key, request, rate, *, label_format):
        return super().book(key, evolve(request, returns=False), rate, label_format=label_format)


class BelievesOldNotifications(FlatRate):
    def parse_notification(self, raw):
        return super().parse_notification(evolve(raw, received_at=self.desk.clock.now()))


def _guessed(event):
    return evolve(event, status=TrackStatus.IN_TRANSIT) if event.status is TrackStatus.UNKNOWN else event


kit = CarrierContract


@pytest.mark.parametrize(
    ("broken", "test", "facts"),
    [
        (ForgetsKeys, kit.test_a_repeat_under_the_same_key_books_once_also_after_a_restart, {}),
        (ForgetsKeys, kit.test_bookings_under_one_key_at_the_same_moment_are_one, {}),
        (BooksAnyRate, kit.test_a_rate_of_another_request_is_not_booked, {}),
        (BooksAnyRate, kit.test_a_rate_that_has_expired_is_not_booked, {}),
        (CallsALostAnswerNotSent, kit.test_a_booking_in_trouble_is_found_by_its_key_and_repeated_once, {"trouble": Trouble.LOST_APPLIED}),
        (RaisesWhatItCannotCarry, kit.test_a_parcel_may_weigh_the_most_and_not_a_gram_more, {}),
        (QuotesByTheClock, kit.test_the_same_request_gets_the_same_rates, {}),
        (GuessesUnknownCodes, kit.test_a_code_that_nobody_documented_is_unknown_and_stays_as_it_came, {}),
        (LosesTheGoodWithTheBad, kit.test_one_bad_number_spoils_no_other, {}),
        (VoidsWhatIsOnItsWay, kit.test_a_parcel_that_was_picked_up_is_not_voided, {}),
        (ForgetsWhichWay, kit.test_a_way_back_that_is_not_declared_is_neither_quoted_nor_booked, {}),
        (BelievesOldNotifications, kit.test_a_forged_or_stale_notification_is_refused, {}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_broken_carrier_fails(broken: type[FlatRate], test: Callable[..., None], facts: dict[str, Any]):
    stage = FlatStage(TIGHT)
    stage.carrier = broken(tariff=TIGHT, desk=stage.desk)
    with pytest.raises((AssertionError, pytest.fail.Exception, GatewayError)):
        test(kit(), stage=stage, **facts)


@pytest.mark.parametrize("test", [kit.test_no_rate_of_one_way_is_booked_for_the_other, kit.test_a_key_of_one_way_is_a_conflict_for_the_other])
def test_a_carrier_that_takes_goods_back_and_forgets_which_way_it_is_fails(test: Callable[..., None]):
    stage = FlatStage(EVERYWHERE)
    stage.carrier = ForgetsWhichWay(tariff=EVERYWHERE, desk=stage.desk)
    with pytest.raises(pytest.fail.Exception):
        test(kit(), stage=stage)
