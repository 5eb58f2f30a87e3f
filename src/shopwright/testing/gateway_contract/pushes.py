"""Notifications: genuine ones are read, everything else changes nothing; and the secrets and books of an account."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from itertools import pairwise, permutations

import pytest
from attrs import evolve

from shopwright.adapters.troubles import Trouble
from shopwright.payments.errors import BadNotification, Indeterminate, InvalidState
from shopwright.payments.ledger import LedgerLine
from shopwright.payments.notifications import EventKind, GatewayEvent, RawNotification
from shopwright.payments.operations import Operation
from shopwright.payments.requests import Split
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
    done,
    events_sum,
    given_back,
    needs,
    sum_of,
    totals,
)

STALE = timedelta(hours=1)


class Pushes:
    """What the provider pushes is verified first."""

    @promise(13)
    @needs("pushes_notifications")
    def test_a_genuine_notification_names_its_payment_by_reference_and_key(self, stage: GatewayStage) -> None:
        request = a_start(stage)
        outcome = stage.gateway.start(request)
        if outcome.reference is not None:
            stage.buyer_pays(outcome.reference)
        event = _events(stage, stage.pushed())[-1]
        assert (event.reference, event.payment_key, event.amount) == (outcome.reference, request.key, request.amount)
        assert event.kind is (EventKind.CAPTURED if request.capture else EventKind.AUTHORIZED)

    @promise(11)
    @needs("pushes_notifications")
    def test_one_changed_bit_anywhere_in_the_body_is_refused(self, stage: GatewayStage) -> None:
        captured(stage)
        raw = stage.pushed()[0]
        step = max(1, len(raw.body) // 40)
        for place in range(0, len(raw.body), step):
            changed = bytearray(raw.body)
            changed[place] ^= 1
            _demand_bad(stage, evolve(raw, body=bytes(changed)))
        _demand_bad(stage, evolve(raw, body=raw.body + b"\n"))
        _demand_bad(stage, evolve(raw, body=b""))

    @promise(11)
    @needs("pushes_notifications")
    def test_a_changed_missing_or_repeated_signature_header_is_refused(self, stage: GatewayStage) -> None:
        captured(stage)
        raw = stage.pushed()[0]
        for name in stage.signature_headers:
            value = raw.header(name)
            others = tuple(pair for pair in raw.headers if pair[0].lower() != name.lower())
            _demand_bad(stage, evolve(raw, headers=others))
            _demand_bad(stage, evolve(raw, headers=(*others, (name, value), (name, value))))
            for place in range(len(value)):
                changed = value[:place] + chr(ord(value[place]) ^ 1) + value[place + 1 :]
                _demand_bad(stage, evolve(raw, headers=(*others, (name, changed))))

    @promise(12)
    @needs("pushes_notifications")
    def test_a_body_that_says_the_same_in_other_bytes_is_refused(self, stage: GatewayStage) -> None:
        captured(stage)
        raw = stage.pushed()[0]
        try:
            said = json.loads(raw.body)
        except ValueError:
            cannot_stage("other bytes: the notifications of this provider are no JSON")
        for written in (json.dumps(said, indent=3), json.dumps(said, separators=(" ,", " :"))):
            _demand_bad(stage, evolve(raw, body=written.encode()))

    @promise(11)
    @needs("pushes_notifications")
    def test_a_notification_that_is_vouched_for_in_a_weaker_way_is_refused(self, stage: GatewayStage) -> None:
        weakened = spare(stage, "weakened", "a weaker signature")
        captured(stage)
        forged = [each for raw in stage.pushed() for each in weakened(raw)]
        assert forged, "the stage weakens nothing"
        for each in forged:
            _demand_bad(stage, each)

    @promise(12)
    @needs("pushes_notifications")
    def test_a_key_that_is_replaced_counts_until_it_is_gone(self, stage: GatewayStage) -> None:
        rolled = spare(stage, "rolled", "keys that are replaced")()
        assert rolled.old
        assert rolled.new
        for raw in (*rolled.old, *rolled.new):
            assert rolled.during.parse_notification(raw).events
        for raw in rolled.new:
            assert rolled.after.parse_notification(raw).events
        for raw in rolled.old:
            with pytest.raises(BadNotification):
                rolled.after.parse_notification(raw)

    @promise(13)
    @needs("pushes_notifications")
    def test_a_provider_is_acknowledged_in_its_own_words(self, stage: GatewayStage) -> None:
        acknowledged = spare(stage, "acknowledged", "the words of an acknowledgment")
        captured(stage)
        read = [stage.gateway.parse_notification(raw) for raw in (*stage.pushed(), *stage.pushed(), stage.noise())]
        assert {(each.ok, each.retry_later) for each in read} == {acknowledged}

    @promise(11)
    @needs("pushes_notifications")
    def test_header_names_are_read_in_any_case(self, stage: GatewayStage) -> None:
        captured(stage)
        raw = stage.pushed()[0]
        for case in (str.lower, str.upper, str.title):
            changed = evolve(raw, headers=tuple((case(name), value) for name, value in raw.headers))
            assert stage.gateway.parse_notification(changed).events == stage.gateway.parse_notification(raw).events

    @promise(11)
    @needs("pushes_notifications")
    @pytest.mark.parametrize("late_by", [STALE, -STALE])
    def test_a_notification_from_another_time_is_refused(self, stage: GatewayStage, late_by: timedelta) -> None:
        captured(stage)
        raw = stage.pushed()[0]
        _demand_bad(stage, evolve(raw, received_at=raw.received_at + late_by))

    @promise(11)
    @needs("pushes_notifications")
    def test_a_notification_for_another_account_is_refused(self, stage: GatewayStage) -> None:
        captured(stage)
        with pytest.raises(BadNotification):
            stage.stranger().parse_notification(stage.pushed()[0])

    @promise(13)
    @needs("pushes_notifications")
    def test_an_event_of_an_unknown_kind_is_ignored_and_acknowledged(self, stage: GatewayStage) -> None:
        read = stage.gateway.parse_notification(stage.noise())
        assert {event.kind for event in read.events} <= {EventKind.IGNORED}
        assert 200 <= read.ok.status < 300 <= read.retry_later.status

    @promise(13)
    @needs("pushes_notifications", Operation.REFUND)
    def test_events_add_up_to_what_a_query_tells_however_often_and_in_whatever_order_they_come(self, stage: GatewayStage) -> None:
        paid = captured(stage)
        back = a_refund(paid)
        stage.gateway.refund(back)
        stage.ripen()
        pushed, told = stage.pushed(), totals(stage, paid.reference)
        refunded = given_back(stage, paid, back.key)
        orders = permutations(pushed) if len(pushed) <= 5 else (pushed, list(reversed(pushed)))
        for order in ([*pushed] * 3, *orders):
            once = {event.event_id: event for event in _events(stage, order) if event.reference == paid.reference}
            sums = {kind: events_sum(kind, once.values()) for kind in (EventKind.CAPTURED, EventKind.REFUNDED)}
            assert sums == {EventKind.CAPTURED: told.captured.minor, EventKind.REFUNDED: refunded.minor}

    @promise(13)
    @needs("pushes_notifications")
    def test_an_event_that_overtakes_the_lost_answer_of_its_start_is_known_by_its_key(self, stage: GatewayStage) -> None:
        request = a_start(stage)
        stage.strike(Trouble.LOST_APPLIED)
        with pytest.raises(Indeterminate):
            stage.gateway.start(request)
        if stage.gateway.capabilities.queries_by_key:
            stage.buyer_pays(stage.gateway.query(key=request.key).reference or "")
        assert {event.payment_key for event in _events(stage, stage.pushed())} == {request.key}


class Books:
    """What was settled, what was shared, and what may be logged."""

    @promise(15)
    def test_a_scrubbed_transcript_shows_no_secret_and_no_card_number(self, stage: GatewayStage) -> None:
        cards = ("4242424242424242", "5555 5555 5555 4444", "3782-822463-10005")
        transcript = " ".join(("order 20260301 of 19.99 EUR", *stage.secrets, *cards))
        clean = stage.gateway.scrub(transcript)
        assert [secret for secret in (*stage.secrets, *cards) if secret in clean] == []
        assert clean.startswith("order 20260301 of 19.99 EUR")

    @promise(16)
    @needs(Operation.LEDGER, Operation.REFUND)
    def test_the_ledger_sums_to_what_moved_and_reads_the_same_in_parts(self, stage: GatewayStage) -> None:
        begin = stage.clock.now()
        for _ in range(3):
            paid = captured(stage)
            stage.clock.advance(hours=1)
            stage.gateway.refund(a_refund(paid))
            stage.ripen()
            stage.clock.advance(hours=1)
        end = stage.clock.now()
        stage.clock.advance(days=2)  # some providers write the bill of a day in the night that follows
        lines = list(stage.gateway.ledger(begin, end))
        gross = sum(line.gross.minor for line in lines)
        assert gross == sum_of(stage, EventKind.CAPTURED) - sum_of(stage, EventKind.REFUNDED)
        assert len({line.line_id for line in lines}) == len(lines)
        assert all(earlier.booked_at <= later.booked_at for earlier, later in pairwise(lines))
        middle = begin + (end - begin) / 2
        assert [*stage.gateway.ledger(begin, middle), *stage.gateway.ledger(middle, end)] == lines
        assert {type(line) for line in lines} == {LedgerLine}
        assert [line.net for line in lines] == [line.gross - line.fee for line in lines]

    @promise(16)
    @needs(Operation.SPLIT)
    def test_no_more_is_shared_than_is_there_and_a_repeat_shares_once(self, stage: GatewayStage) -> None:
        paid = captured(stage)
        key, share = a_key(), Split(receiver="seller", amount=an_amount(stage, 4))
        first = done(stage.gateway.split(key, paid.reference, (share,), finish=False))
        assert stage.gateway.split(key, paid.reference, (share,), finish=False) == first
        with pytest.raises(InvalidState):
            stage.gateway.split(a_key(), paid.reference, (share,), finish=False)
        rest = Split(receiver="seller", amount=an_amount(stage, 2))
        assert done(stage.gateway.split(a_key(), paid.reference, (rest,), finish=True)).totals == first.totals
        with pytest.raises(InvalidState):
            stage.gateway.split(a_key(), paid.reference, (Split(receiver="other", amount=an_amount(stage, 1)),), finish=False)


def _events(stage: GatewayStage, pushed: Iterable[RawNotification]) -> list[GatewayEvent]:
    return [event for raw in pushed for event in stage.gateway.parse_notification(raw).events if event.kind is not EventKind.IGNORED]


def _demand_bad(stage: GatewayStage, raw: RawNotification) -> None:
    before = list(stage.moved())
    with pytest.raises(BadNotification):
        stage.gateway.parse_notification(raw)
    assert list(stage.moved()) == before
