"""What adapters are made of: signatures with a time, transcripts without secrets, troubles on demand."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from shopwright.adapters import troubles
from shopwright.adapters.scrubbing import is_card_number, scrub
from shopwright.adapters.signatures import signature, verify
from shopwright.adapters.troubles import Trouble
from shopwright.payments.errors import BadNotification, Indeterminate, NotSent, Throttled

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET, BODY = "whsec_1", b'{"a": 1}'


def test_a_signature_is_the_one_that_other_implementations_make():
    # Computed with: printf '%s' '1772366400.{"a": 1}' | openssl dgst -sha256 -hmac whsec_1
    expected = "65827c5ce57ab994bdd4231d4a913e4e24bfbd04d036f1f0fefcd95e42a527ed"
    assert signature(SECRET, BODY, at=NOON) == f"t=1772366400,v1={expected}"


@pytest.mark.parametrize("late", [-300, 0, 300])
def test_a_signature_is_good_as_long_as_it_is_fresh(late: int):
    verify(signature(SECRET, BODY, at=NOON), SECRET, BODY, at=NOON + timedelta(seconds=late))


@pytest.mark.parametrize("late", [-301, 301, 86_400])
def test_a_signature_from_another_time_is_a_replay(late: int):
    with pytest.raises(BadNotification, match="another time"):
        verify(signature(SECRET, BODY, at=NOON), SECRET, BODY, at=NOON + timedelta(seconds=late))


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=1",
        "v1=aa,t=1",
        "t=,v1=aa",
        "t=-1,v1=aa",
        "t=1.5,v1=aa",
        "t=１,v1=aa",
        "t=1,v1=",
        "t=1,v1=aa,v1=bb",
        "t=1,v0=aa",
        "t=" + "9" * 5_000 + ",v1=aa",
    ],
)
def test_a_header_in_another_shape_is_refused(header: str):
    with pytest.raises(BadNotification):
        verify(header, SECRET, BODY, at=NOON)


def test_a_signature_of_another_secret_or_body_is_refused():
    made = signature(SECRET, BODY, at=NOON)
    for secret, body in (("whsec_2", BODY), (SECRET, BODY + b" ")):
        with pytest.raises(BadNotification, match="does not fit"):
            verify(made, secret, body, at=NOON)


def test_a_genuine_signature_from_the_far_future_is_refused_and_nothing_else_happens():
    header = signature(SECRET, BODY, at=NOON).replace(str(int(NOON.timestamp())), "99999999999")
    with pytest.raises(BadNotification):
        verify(header, SECRET, BODY, at=NOON)


SECRETS = ("sk live+/=", 'whsec"\\1')


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "form", [str, lambda text: quote(text, safe=""), lambda text: json.dumps({"key": text}), lambda text: b64encode(text.encode()).decode()]
)
def test_a_secret_goes_in_every_form_in_which_a_wire_carries_it(secret: str, form):
    clean = scrub(f"before {form(secret)} after", secrets=SECRETS)
    assert (form(secret) in clean, clean.startswith("before "), clean.endswith(" after")) == (False, True, True)


@pytest.mark.parametrize("card", ["4242424242424242", "4242 4242 4242 4242", "3782-822463-10005", "6304000000000000000"])
def test_a_card_number_goes(card: str):
    assert scrub(f"card={card};", secrets=()) == "card=[card];"


@pytest.mark.parametrize("text", ["4242424242424241", "order 20260301", "1234567890123", "12345678901234567890"])
def test_a_number_that_is_no_card_stays(text: str):
    assert scrub(text, secrets=("",)) == text


def test_the_check_digit_tells_card_numbers():
    assert (is_card_number("79927398713"), is_card_number("79927398710"), is_card_number("")) == (True, False, False)


@pytest.mark.parametrize(
    ("trouble", "error"), [(Trouble.NOT_SENT, NotSent), (Trouble.THROTTLED, Throttled), (Trouble.LOST_NOT_APPLIED, Indeterminate)]
)
def test_three_troubles_strike_before_the_work(trouble: Trouble, error: type[Exception]):
    with pytest.raises(error):
        troubles.before(trouble)
    troubles.after(trouble)


def test_one_trouble_strikes_after_the_work():
    troubles.before(Trouble.LOST_APPLIED)
    with pytest.raises(Indeterminate):
        troubles.after(Trouble.LOST_APPLIED)


def test_without_trouble_nothing_strikes():
    troubles.before(None)
    troubles.after(None)


@pytest.mark.parametrize(
    ("told", "clean"),
    [
        ("order 1 4242 4242 4242 4242", "order 1 [card]"),
        ("12 4242 4242 4242 4242 99", "12 [card] 99"),
        ("2026 4242424242424242 5555-5555-5555-4444", "2026 [card] [card]"),
        ("20260301 000000000000 12", "20260301 000000000000 12"),
    ],
)
def test_the_number_of_a_card_goes_though_other_digits_stand_beside_it(told: str, clean: str) -> None:
    assert scrub(told, secrets=()) == clean
