"""Notifications of Alipay: production's own verifies, and everything that is not to the letter changes nothing."""

from __future__ import annotations

import json
from datetime import timedelta
from random import Random
from urllib.parse import urlencode

import pytest
from attrs import evolve

from shopwright.adapters.alipay.messages import moment
from shopwright.adapters.alipay.notices import OK, RETRY_LATER, opened
from shopwright.money import Money
from shopwright.payments.errors import BadNotification
from shopwright.payments.notifications import Ack, EventKind, GatewayEvent
from shopwright.payments.operations import OperationKey
from shopwright.payments.outcomes import Totals
from tests.surroundings import real_data
from tests.unit.adapters.alipay.parts import NOON, OURS, form, raw, settings, signed_form

PAID = "2026030122001400000000000001"


def read(fields, **how) -> GatewayEvent:
    (event,) = opened(signed_form(fields, **how), settings()).events
    return event


def test_a_payment_is_told_with_its_key_its_amount_and_the_totals():
    key = OperationKey("order_1_1")
    assert read(form()) == GatewayEvent(
        event_id=f"{PAID}_paid",
        kind=EventKind.CAPTURED,
        reference="order_1_1",
        occurred_at=NOON,
        payment_key=key,
        our_key=key,
        amount=Money(1230, "CNY"),
        totals=Totals.of("CNY", authorized=1230, captured=1230),
        merchant_account="2088000000000001",
        raw=(("notify_id", "n1"), ("trade_no", PAID), ("trade_status", "TRADE_SUCCESS")),
    )


def test_the_answers_are_the_exact_bytes_that_alipay_waits_for():
    assert (Ack(200, b"success"), Ack(500, b"fail")) == (OK, RETRY_LATER)


def test_a_refund_names_its_key_and_the_sum_of_all_refunds_and_no_amount_of_its_own():
    event = read(form(refund_fee="2.30", out_biz_no="refund_01", gmt_refund="2026-03-01 20:00:00.321"))
    assert (event.kind, event.event_id, event.our_key, event.amount) == (
        EventKind.REFUNDED, f"{PAID}_refund_refund_01", OperationKey("refund_01"), None,
    )  # fmt: skip
    assert event.totals == Totals.of("CNY", authorized=1230, captured=1230, refunded=230)


def test_a_trade_that_ends_is_the_same_event_as_when_it_was_paid():
    assert read(form(trade_status="TRADE_FINISHED", notify_id="n2")).event_id == read(form()).event_id


def test_a_closed_trade_was_never_paid_or_was_given_back_whole_as_its_amounts_say():
    assert read(form(trade_status="TRADE_CLOSED", gmt_payment=None)).kind is EventKind.FAILED
    assert read(form(trade_status="TRADE_CLOSED", refund_fee="12.30")).kind is EventKind.REFUNDED


def test_a_waiting_trade_and_another_kind_of_message_are_ignored():
    assert read(form(trade_status="WAIT_BUYER_PAY")).kind is EventKind.IGNORED
    assert read({"app_id": "2021000000000001", "notify_id": "n9", "notify_type": "x", "notify_time": "2026-03-01 20:00:00"}).kind is EventKind.IGNORED


def test_a_trade_that_was_made_elsewhere_has_no_key_of_ours():
    assert read(form(out_trade_no="2019-08-15/1")).payment_key is None


@pytest.mark.parametrize(
    "other",
    [
        {"app_id": "2021000000000002"},
        {"app_id": None},
        {"seller_id": "2088000000000002"},
        {"seller_id": None},
        {"total_amount": "12.345"},
        {"total_amount": "-1.00"},
        {"total_amount": "1e3"},
        {"total_amount": None},
        {"notify_time": None},
        {"notify_time": "yesterday"},
        {"trade_no": None},
        {"gmt_payment": "2026-13-01 00:00:00"},
    ],
)
def test_a_signed_form_that_is_not_about_us_or_makes_no_sense_is_refused(other):
    with pytest.raises(BadNotification):
        read(form(**other))


def test_a_form_that_is_signed_by_another_or_names_another_algorithm_is_refused():
    with pytest.raises(BadNotification, match="does not fit"):
        read(form(), key=OURS)
    for sign_type in ("RSA", "MD5", "rsa2", ""):
        with pytest.raises(BadNotification, match="expected sign_type RSA2"):
            read(form(), sign_type=sign_type)


@pytest.mark.parametrize("late_by", [timedelta(minutes=31), -timedelta(minutes=31)])
def test_a_form_from_another_time_is_refused_and_the_tolerance_is_a_setting(late_by):
    told = evolve(signed_form(form()), received_at=NOON + late_by)
    with pytest.raises(BadNotification, match="another time"):
        opened(told, settings())
    assert opened(told, settings(tolerance=timedelta(hours=1))).events


def test_every_changed_field_a_new_one_a_missing_one_and_a_repeated_one_is_refused():
    genuine = dict(part.split("=", 1) for part in signed_form(form()).body.decode().split("&"))
    bodies = [{**genuine, name: f"{value}1"} for name, value in genuine.items()]
    bodies += [{each: value for each, value in genuine.items() if each != name} for name in genuine]
    bodies.append({**genuine, "refund_fee": "0"})
    texts = ["&".join(f"{name}={value}" for name, value in body.items()) for body in bodies]
    texts += [f"{'&'.join(f'{n}={v}' for n, v in genuine.items())}&{name}={value}" for name, value in genuine.items()]
    for text in texts:
        with pytest.raises(BadNotification):
            opened(raw(text.encode()), settings())


def test_a_notification_of_production_verifies_and_no_change_of_it_does():
    told = json.loads((real_data("vectors") / "alipay_notification.json").read_text(encoding="utf-8"))
    fields = told["notification"]
    at = moment(fields["notify_time"])
    ours = settings(app_id=fields["app_id"], seller_id=fields["seller_id"], alipay_public_key=told["public_key_base64_der"])
    (event,) = opened(raw(urlencode(fields).encode(), at=at), ours).events
    assert (event.kind, event.reference, event.amount) == (EventKind.CAPTURED, "20190815155618536-564-57", Money(10, "CNY"))
    for name, value in fields.items():
        for changed in (value + "0", value[:-1], value.swapcase() if value.swapcase() != value else "x"):
            with pytest.raises(BadNotification):
                opened(raw(urlencode({**fields, name: changed}).encode(), at=at), ours)
    with pytest.raises(BadNotification, match="another time"):
        opened(raw(urlencode(fields).encode(), at=NOON), ours)


def mutated(body: bytes, rng: Random) -> bytes:
    """The body with a few bytes changed, lost, doubled or cut away."""
    found = bytearray(body)
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(len(found) + 1)
        match rng.randrange(6):
            case 0:
                found[place:place] = rng.randbytes(rng.randint(1, 8))
            case 1:
                del found[place : place + rng.randint(1, 20)]
            case 2:
                found = found[:place] + found[:place]
            case 3:
                found[place:place] = rng.choice([b"&", b"=", b"%", b"%ff", b"%00", b"&sign_type=RSA2", b"+", b"\xff", b"&=", b"%ud800"])
            case 4 if place < len(found):
                found[place] ^= 1 << rng.randrange(8)
            case _:
                found = found[place:] + found[:place]
        found = found or bytearray(b"&")
    return bytes(found)


def demand_only_bad_notifications(count: int, seed: int) -> None:
    """Mutated bytes under the genuine signature, and mutated words that are signed anew: a notification, or `BadNotification`."""
    rng, genuine, ours = Random(seed), signed_form(form(refund_fee="1.00")).body, settings()
    fields = form(refund_fee="1.00", gmt_refund="2026-03-01 20:00:00", out_biz_no="refund_01")
    for number in range(count):
        told = raw(mutated(genuine, rng))
        if number % 20 == 0:  # signing takes a millisecond
            name = rng.choice(list(fields))
            told = signed_form({**fields, name: mutated(fields[name].encode(), rng).decode("utf-8", "replace")})
        try:
            opened(told, ours)
        except BadNotification:
            continue


def test_twenty_thousand_mutated_notifications_raise_nothing_but_bad_notification():
    demand_only_bad_notifications(20_000, seed=6)


@pytest.mark.full
def test_a_million_mutated_notifications_raise_nothing_but_bad_notification():
    demand_only_bad_notifications(1_000_000, seed=7)
