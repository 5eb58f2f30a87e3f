"""Fixed vectors that others made: what WeChat Pay's own Go library takes for genuine, we take for genuine, and no change of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shopwright.adapters.rsa import signed
from shopwright.adapters.wechat.certificates import PlatformKeys, read_certificate
from shopwright.adapters.wechat.proofs import HEADERS, Proof
from shopwright.adapters.wechat.signing import decrypted

VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text(encoding="utf-8"))
AES, RSA, CALLBACK = VECTORS["aes_gcm"], VECTORS["rsa"], VECTORS["callback"]
WHEN = datetime.fromtimestamp(1_624_523_846, UTC)
TOLERANCE = timedelta(minutes=5)


def opened(**other) -> bytes:
    facts = {name: AES[name] for name in ("nonce", "associated_data", "ciphertext")} | other
    return decrypted(other.pop("key", AES["key"]).encode(), **{name: value for name, value in facts.items() if name != "key"})


def flipped(text: str, place: int) -> str:
    return text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]


def test_the_sealed_text_opens_and_no_changed_one_does():
    assert opened().decode() == AES["plain"]
    for name in ("key", "nonce", "associated_data", "ciphertext"):
        for place in range(len(AES[name])):
            with pytest.raises(ValueError, match="does not open"):
                opened(**{name: flipped(AES[name], place)})
    for other in ("invalid cipher", "SGVsbG8gV29ybGQK", ""):
        with pytest.raises(ValueError, match="does not open"):
            opened(ciphertext=other)


def test_the_signature_of_the_platform_certificate_fits_its_text_only():
    certificate = read_certificate(RSA["certificate"])
    assert certificate.serial == RSA["serial"]
    assert signed(RSA["text"], RSA["signature"], certificate.key)
    assert not signed("wrong source", RSA["signature"], certificate.key)
    assert [place for place in range(len(RSA["signature"])) if signed(RSA["text"], flipped(RSA["signature"], place), certificate.key)] == []


def known(*, at: datetime = WHEN) -> PlatformKeys:
    keys = PlatformKeys(key=None, key_id=None, renew_after=timedelta(hours=12))
    keys.learn([read_certificate(CALLBACK["certificate"])], at=at)
    return keys


def test_the_callback_is_believed_at_its_time_and_opens_to_its_words():
    proof, body = Proof(*[CALLBACK["headers"][name] for name in HEADERS]), CALLBACK["body"].encode()
    assert proof.problem(body, known(), at=WHEN, tolerance=TOLERANCE) is None
    resource = json.loads(body)["resource"]
    words = {name: resource[name] for name in ("nonce", "associated_data", "ciphertext")}
    assert decrypted(CALLBACK["key"].encode(), **words).decode() == CALLBACK["plain"]
    assert proof.problem(body, known(), at=WHEN + TOLERANCE + timedelta(seconds=1), tolerance=TOLERANCE) is not None
    assert proof.problem(body.replace(b"2021", b"2022"), known(), at=WHEN, tolerance=TOLERANCE) == "the signature does not fit"


def test_a_certificate_verifies_while_it_is_valid_and_no_longer():
    proof, body = Proof(*[CALLBACK["headers"][name] for name in HEADERS]), CALLBACK["body"].encode()
    for at in (datetime(2021, 4, 26, tzinfo=UTC), datetime(2031, 4, 26, tzinfo=UTC)):
        told = proof.problem(body, known(), at=at, tolerance=timedelta(days=10_000))
        assert told == "no key of WeChat Pay is known under 'D7CE59D1F522D701'; known are: D7CE59D1F522D701"
