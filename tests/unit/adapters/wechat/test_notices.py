"""Callbacks of WeChat Pay: everything that is not to the letter changes nothing, and nothing else is ever raised."""

from __future__ import annotations

import json
from datetime import timedelta
from random import Random

import pytest
from attrs import evolve

from shopwright.adapters.rsa import new_key
from shopwright.adapters.wechat.notices import OK, RETRY_LATER, opened
from shopwright.adapters.wechat.proofs import HEADERS
from shopwright.adapters.wechat.simulator import sealed
from shopwright.money import Money
from shopwright.payments.errors import BadNotification
from shopwright.payments.notifications import Ack, EventKind, GatewayEvent, RawNotification
from shopwright.payments.operations import OperationKey
from shopwright.payments.outcomes import Totals
from tests.unit.adapters.wechat.parts import KEY_ID, NOON, SCHEMA_HEADER, TRANSACTION, a_body, keys, paid, refunded, settings, signed_raw

STRANGER = new_key()


def read(raw: RawNotification, **other) -> GatewayEvent:
    (event,) = opened(raw, settings(**other), keys()).events
    return event


def told(resource=None, event: str = "TRANSACTION.SUCCESS", **other) -> RawNotification:
    return signed_raw(a_body(paid() if resource is None else resource, event, **other))


def test_a_payment_is_told_with_its_key_its_amount_and_the_totals():
    key = OperationKey("order_1_1")
    assert read(told()) == GatewayEvent(
        event_id=f"{TRANSACTION}_paid",
        kind=EventKind.CAPTURED,
        reference="order_1_1",
        occurred_at=NOON,
        payment_key=key,
        our_key=key,
        amount=Money(1230, "CNY"),
        totals=Totals.of("CNY", authorized=1230, captured=1230),
        merchant_account="1900000109",
        raw=(("transaction_id", TRANSACTION),),
    )


def test_a_refund_is_told_with_its_own_key_and_amount():
    refund = "50300000012026030100000001"
    assert read(told(refunded(), "REFUND.SUCCESS")) == GatewayEvent(
        event_id=f"{refund}_success",
        kind=EventKind.REFUNDED,
        reference="order_1_1",
        occurred_at=NOON,
        payment_key=OperationKey("order_1_1"),
        our_key=OperationKey("refund_1"),
        amount=Money(230, "CNY"),
        merchant_account="1900000109",
        raw=(("refund_id", refund), ("refund_status", "SUCCESS"), ("transaction_id", TRANSACTION)),
    )


@pytest.mark.parametrize(("status", "kind"), [("CLOSED", EventKind.REFUND_FAILED), ("ABNORMAL", EventKind.IGNORED)])
def test_a_refund_that_was_closed_has_failed_and_one_that_a_person_has_to_settle_has_not_yet(status, kind):
    event = read(told(refunded(refund_status=status, success_time=None), f"REFUND.{status}"))
    assert (event.kind, event.our_key, event.occurred_at) == (kind, OperationKey("refund_1"), NOON + timedelta(seconds=1))


def test_the_answers_are_what_wechat_pay_waits_for():
    assert Ack(204) == OK
    assert (RETRY_LATER.status, RETRY_LATER.content_type, json.loads(RETRY_LATER.body)["code"]) == (500, "application/json", "FAIL")


def test_the_same_payment_that_is_told_again_under_another_number_is_the_same_event():
    assert read(told(id="EV-1")) == read(told(id="EV-2"))


def test_an_order_that_was_made_elsewhere_has_no_key_of_ours():
    assert read(told(paid(out_trade_no="2019-08*15"))).payment_key is None


def test_another_kind_of_message_and_a_share_are_ignored():
    assert read(told({"mchid": "1900000109"}, "PAYSCORE.USER_OPEN_SERVICE")).kind is EventKind.IGNORED
    share = {"mchid": "1900000109", "transaction_id": TRANSACTION, "out_order_no": "split_1", "receiver": {"account": "1900000110", "amount": 30}}
    body = json.loads(a_body(share))
    body["resource"]["original_type"] = "profitsharing"
    assert read(signed_raw(json.dumps(body).encode())).kind is EventKind.IGNORED


@pytest.mark.parametrize(
    "other",
    [
        {"mchid": "1900000110"},
        {"mchid": None},
        {"appid": "wx0000000000000000"},
        {"appid": None},
        {"trade_state": "NOTPAY"},
        {"transaction_id": None},
        {"success_time": "2026-03-01 20:00:00"},
        {"success_time": "yesterday"},
        {"success_time": None},
        {"amount": None},
        {"amount": {"total": 12.3, "currency": "CNY"}},
        {"amount": {"total": "1230", "currency": "CNY"}},
        {"amount": {"total": True, "currency": "CNY"}},
        {"amount": {"total": -1, "currency": "CNY"}},
        {"amount": {"total": 10**30, "currency": "CNY"}},
        {"amount": {"total": 1230, "currency": "USD"}},
        {"amount": [1230]},
        {"out_trade_no": 7},
    ],
)
def test_a_signed_payment_that_is_not_ours_or_makes_no_sense_is_refused(other):
    with pytest.raises(BadNotification):
        read(told(paid(**other)))


@pytest.mark.parametrize(
    "other", [{"mchid": "1900000110"}, {"mchid": None}, {"refund_status": "PROCESSING"}, {"out_trade_no": None}, {"amount": {"refund": 1.5}}]
)
def test_a_signed_refund_that_is_not_ours_or_makes_no_sense_is_refused(other):
    with pytest.raises(BadNotification):
        read(told(refunded(**other), "REFUND.SUCCESS"))


def test_a_payment_in_the_app_of_the_merchant_is_ours_too():
    assert read(told(paid(appid="wxd678efh567hg6788"))).kind is EventKind.CAPTURED
    with pytest.raises(BadNotification, match="another merchant or application"):
        read(told(paid(appid="wxd678efh567hg6788")), mobile_app_id=None)


def test_a_callback_that_a_stranger_signed_or_under_a_serial_that_nobody_knows_is_refused():
    for other in ({"key": STRANGER}, {"serial": "PUB_KEY_ID_1"}, {"serial": "5157F09E"}):
        raw = signed_raw(a_body(paid()), **other)
        with pytest.raises(BadNotification, match=r"does not fit|no key of WeChat Pay is known"):
            read(raw)


def test_another_schema_is_a_downgrade_and_no_schema_is_what_older_callbacks_have():
    genuine = told()
    others = tuple(pair for pair in genuine.headers if pair != SCHEMA_HEADER)
    assert read(evolve(genuine, headers=others)).kind is EventKind.CAPTURED
    for named in (("WECHATPAY2-SM2-WITH-SM3",), ("HMAC-SHA256",), ("",), (SCHEMA_HEADER[1], SCHEMA_HEADER[1])):
        headers = (*others, *(("wechatpay-signature-type", each) for each in named))
        with pytest.raises(BadNotification, match="other signatures are not accepted"):
            read(evolve(genuine, headers=headers))


@pytest.mark.parametrize("late_by", [timedelta(days=30), timedelta(minutes=5, seconds=1), -timedelta(minutes=5, seconds=1)])
def test_a_callback_from_another_time_is_refused_and_the_tolerance_is_a_setting(late_by):
    raw = evolve(told(), received_at=NOON + late_by)
    with pytest.raises(BadNotification, match="from another time"):
        read(raw)
    assert read(raw, tolerance=timedelta(days=31)).kind is EventKind.CAPTURED


def test_the_encryption_must_be_the_named_one_with_our_key_our_nonce_and_our_associated_data():
    others = {"algorithm": "AEAD_SM4_GCM", "nonce": "aaaaaaaaaaaa", "associated_data": "refund", "ciphertext": "eA=="}
    for name, value in (*others.items(), ("ciphertext", 7), ("associated_data", None)):
        body = json.loads(a_body(paid()))
        body["resource"][name] = value
        with pytest.raises(BadNotification):
            read(signed_raw(json.dumps(body).encode()))
    with pytest.raises(BadNotification):
        read(told(), api_v3_key="f" * 32)
    with pytest.raises(BadNotification, match="expected an encrypted resource"):
        read(told(resource_type="plain"))


@pytest.mark.parametrize("plain", [b"", b"[]", b"7", b"{", b"\xff", b"[" * 20_000, b'"x"'])
def test_a_resource_that_is_no_object_is_refused(plain):
    with pytest.raises(BadNotification):
        read(told(plain))


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff\xfe", b"[" * 50_000, b"{" * 5_000, b'{"resource":{}}', b"x" * 200_000])
def test_a_signed_body_that_is_no_callback_is_refused(body):
    with pytest.raises(BadNotification):
        read(signed_raw(body))


def test_a_body_that_was_parsed_and_written_again_is_refused():
    genuine = told()
    with pytest.raises(BadNotification, match="does not fit"):
        read(evolve(genuine, body=json.dumps(json.loads(genuine.body)).encode()))


SNIPPETS = (b'"', b"{", b"}", b"[", b",", b":", b"null", b"1e999", b"-0", b"\\u0000", b"\\ud800", b"\xff", b"\r\n")


def mutated(text: bytes, rng: Random) -> bytes:
    """The bytes with a few of them changed, lost, doubled or cut away."""
    found = bytearray(text)
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
                found[place:place] = rng.choice(SNIPPETS)
            case 4 if place < len(found):
                found[place] ^= 1 << rng.randrange(8)
            case _:
                found = found[place:] + found[:place]
    return bytes(found)


def a_mutation(number: int, rng: Random, genuine: RawNotification) -> RawNotification:
    """A mutated body under the genuine signature, a mutated header, or mutated words that are encrypted and signed anew."""
    if number % 20 == 0:  # signing takes a millisecond
        plain = mutated(json.dumps(rng.choice([paid(), refunded()])).encode(), rng)
        return signed_raw(a_body(plain, rng.choice(["TRANSACTION.SUCCESS", "REFUND.SUCCESS", "REFUND.CLOSED"])))
    if number % 20 == 1:
        return signed_raw(mutated(a_body(refunded(), "REFUND.ABNORMAL"), rng))
    if number % 20 < 6:
        name = rng.choice(HEADERS)
        return evolve(genuine, headers=[(each, _header(mutated(value.encode(), rng)) if each == name else value) for each, value in genuine.headers])
    return evolve(genuine, body=mutated(genuine.body, rng))


def _header(text: bytes) -> str:
    return text.decode("latin-1").replace("\x00", "")  # no web server hands U+0000 on


def demand_only_bad_notifications(count: int, seed: int) -> None:
    rng, genuine, ours, known = Random(seed), told(), settings(), keys()
    for number in range(count):
        try:
            opened(a_mutation(number, rng, genuine), ours, known)
        except BadNotification:
            continue


def test_twenty_thousand_mutated_callbacks_raise_nothing_but_bad_notification():
    demand_only_bad_notifications(20_000, seed=6)


@pytest.mark.full
def test_a_million_mutated_callbacks_raise_nothing_but_bad_notification():
    demand_only_bad_notifications(1_000_000, seed=7)


def test_a_sealed_resource_is_never_the_same_twice():
    assert sealed(b"{}", associated="x") != sealed(b"{}", associated="x")
    assert KEY_ID in keys().serials
