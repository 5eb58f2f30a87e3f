"""Changed, replayed, old, exchanged and unsigned webhooks are told from real ones (WEBHOOK-1, WEBHOOK-2, WEBHOOK-3, WEBHOOK-4)."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.adapters.webhook import BadWebhook, Received, new_secret, signed_headers, verify
from shopwright.errors import InvalidValue
from tests.surroundings import peer

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECRET, OTHER = ("whsec_" + b64encode(bytes([number]) * 32).decode() for number in (1, 2))
BODY = b'{"type":"OrderPlaced","data":{"number":1}}'
SIGNED = signed_headers("evt_1", BODY, (SECRET,), at=NOON)


def test_what_was_signed_is_what_is_received() -> None:
    assert verify(SIGNED, BODY, (SECRET,), at=NOON) == Received(id="evt_1", signed_at=NOON, data=json.loads(BODY))


def test_the_signature_is_that_of_standard_webhooks() -> None:
    key = b64decode(SECRET.removeprefix("whsec_"))
    expected = b64encode(hmac.new(key, b"evt_1." + str(int(NOON.timestamp())).encode() + b"." + BODY, sha256).digest()).decode()
    assert SIGNED["webhook-signature"] == f"v1,{expected}"


def test_the_example_of_the_standard_is_verified() -> None:
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    at = datetime.fromtimestamp(1614265330, UTC)
    assert verify(headers, body, (secret,), at=at).data == {"test": 2432232314}


def test_names_of_headers_may_be_written_in_any_case() -> None:
    assert verify({name.title(): value for name, value in SIGNED.items()}, BODY, (SECRET,), at=NOON).id == "evt_1"


CHANGED: dict[str, tuple[dict[str, str], bytes]] = {
    "another body": (SIGNED, BODY.replace(b"1", b"2")),
    "one byte more": (SIGNED, BODY + b" "),
    "another id": ({**SIGNED, "webhook-id": "evt_2"}, BODY),
    "another time": ({**SIGNED, "webhook-timestamp": str(int(NOON.timestamp()) + 1)}, BODY),
    "a dot moved from the id to the time": ({**SIGNED, "webhook-id": "evt_1.1", "webhook-timestamp": SIGNED["webhook-timestamp"][1:]}, BODY),
    "no signature": ({**SIGNED, "webhook-signature": ""}, BODY),
    "no version": ({**SIGNED, "webhook-signature": SIGNED["webhook-signature"].removeprefix("v1,")}, BODY),
    "another version": ({**SIGNED, "webhook-signature": SIGNED["webhook-signature"].replace("v1,", "v1a,")}, BODY),
    "half a signature": ({**SIGNED, "webhook-signature": SIGNED["webhook-signature"][:20]}, BODY),
    "a signature that is no ASCII": ({**SIGNED, "webhook-signature": "v1,\udcffä"}, BODY),
    "no id": ({**SIGNED, "webhook-id": ""}, BODY),
    "no time": ({name: value for name, value in SIGNED.items() if name != "webhook-timestamp"}, BODY),
    "a time that is no number": ({**SIGNED, "webhook-timestamp": "noon"}, BODY),
    "digits of another script": ({**SIGNED, "webhook-timestamp": "١٢٣"}, BODY),
    "a time without end": ({**SIGNED, "webhook-timestamp": "9" * 400}, BODY),
    "the fitting signature behind too many": ({**SIGNED, "webhook-signature": "v1,x " * 20 + SIGNED["webhook-signature"]}, BODY),
}


@pytest.mark.parametrize("name", CHANGED)
def test_what_was_changed_on_the_way_is_refused_as_webhook_1_has_it(name: str) -> None:
    headers, body = CHANGED[name]
    with pytest.raises(BadWebhook):
        verify(headers, body, (SECRET,), at=NOON)


def test_a_stranger_cannot_sign() -> None:
    with pytest.raises(BadWebhook, match="not from the sender"):
        verify(signed_headers("evt_1", BODY, (OTHER,), at=NOON), BODY, (SECRET,), at=NOON)


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_one_body_is_never_taken_for_another(one: bytes, other: bytes) -> None:
    signed = signed_headers("evt_1", one, (SECRET,), at=NOON)
    if one != other:
        with pytest.raises(BadWebhook, match="no signature fits"):
            verify(signed, other, (SECRET,), at=NOON)


@pytest.mark.parametrize("late", [timedelta(minutes=5, seconds=1), timedelta(days=400), -timedelta(minutes=5, seconds=1)], ids=str)
def test_a_request_that_is_replayed_later_is_refused_though_it_is_signed_as_webhook_3_has_it(late: timedelta) -> None:
    with pytest.raises(BadWebhook, match="an old request"):
        verify(SIGNED, BODY, (SECRET,), at=NOON + late)


def test_a_request_that_is_replayed_at_once_has_the_id_of_the_first_as_webhook_4_has_it() -> None:
    seen: set[str] = set()
    for _ in range(3):
        seen.add(verify(SIGNED, BODY, (SECRET,), at=NOON).id)
    assert seen == {"evt_1"}


def test_a_secret_is_exchanged_without_a_request_lost_as_webhook_2_has_it() -> None:
    both = (OTHER, SECRET)
    steps = [((SECRET,), (SECRET,)), ((SECRET,), both), (both, both), ((OTHER,), both), ((OTHER,), (OTHER,))]
    for sender, receiver in steps:
        assert verify(signed_headers("evt_1", BODY, sender, at=NOON), BODY, receiver, at=NOON).id == "evt_1"
    with pytest.raises(BadWebhook):
        verify(signed_headers("evt_1", BODY, (SECRET,), at=NOON), BODY, (OTHER,), at=NOON)


@pytest.mark.parametrize("body", [b"", b"no json", b"[1]", b"7", b"\xff"], ids=str)
def test_a_signed_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(BadWebhook):
        verify(signed_headers("evt_1", body, (SECRET,), at=NOON), body, (SECRET,), at=NOON)


@pytest.mark.parametrize("secret", ["", "whsec_", "abc", "whsec_!!!", "whsec_c2hvcnQ=", SECRET.removeprefix("whsec_"), None, 7], ids=repr)
def test_what_is_no_secret_is_refused_and_never_told(secret: Any) -> None:
    with pytest.raises(InvalidValue) as told:
        verify(SIGNED, BODY, (secret,), at=NOON)
    assert not secret or str(secret) not in str(told.value).replace("whsec_ and", "") or secret in {"whsec_", 7}


def test_a_receiver_without_secrets_or_with_text_or_without_a_zone_is_a_mistake() -> None:
    text: Any = BODY.decode()
    for given_body, secrets, at in ((BODY, (), NOON), (text, (SECRET,), NOON), (BODY, (SECRET,), NOON.replace(tzinfo=None))):
        with pytest.raises(InvalidValue):
            verify(SIGNED, given_body, secrets, at=at)


def test_a_new_secret_is_never_the_same() -> None:
    made = {new_secret() for _ in range(20)}
    assert len(made) == 20
    assert all(len(b64decode(secret.removeprefix("whsec_"))) == 32 for secret in made)


def test_the_library_of_the_standard_verifies_what_we_sign_and_signs_what_we_verify() -> None:
    library = peer("standardwebhooks")
    now = datetime.now(UTC)
    assert library.Webhook(SECRET).verify(BODY.decode(), signed_headers("evt_1", BODY, (OTHER, SECRET), at=now)) == json.loads(BODY)
    theirs = library.Webhook(SECRET).sign(msg_id="evt_1", timestamp=now, data=BODY.decode())
    headers = {"webhook-id": "evt_1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": theirs}
    assert verify(headers, BODY, (SECRET,), at=now).id == "evt_1"
