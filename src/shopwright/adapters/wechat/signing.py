"""What WeChat Pay v3 signs and encrypts: requests and answers with RSA and SHA-256, callbacks and certificates with AES-GCM besides.

Rules
- a request is signed over its verb, target, time, nonce and body, an answer and a callback over time, nonce and body; each part ends a line;
- bodies are signed as the bytes that they are on the wire;
- what is handed to the buyer's page or app is signed by the shop; the nonce in it is made of the account's key, so that a repeat is the same.
"""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SCHEMA = "WECHATPAY2-SHA256-RSA2048"


def request_text(verb: str, target: str, timestamp: str, nonce: str, body: bytes) -> bytes:
    """What the shop signs in a request."""
    return f"{verb}\n{target}\n{timestamp}\n{nonce}\n".encode() + body + b"\n"


def answer_text(timestamp: str, nonce: str, body: bytes) -> bytes:
    """What WeChat Pay signs in an answer and in a callback."""
    return f"{timestamp}\n{nonce}\n".encode() + body + b"\n"


def pay_text(app_id: str, timestamp: str, nonce: str, package: str) -> bytes:
    """What the shop signs for the buyer's page or app; `package` is `prepay_id=...` on a page and the bare id in an app."""
    return f"{app_id}\n{timestamp}\n{nonce}\n{package}\n".encode()


def made_nonce(key: bytes, *words: str) -> str:
    """32 letters that nobody without the key foresees, and that are the same for the same words."""
    return hmac.new(key, "\n".join(words).encode(), sha256).hexdigest()[:32]


def decrypted(key: bytes, *, nonce: str, associated_data: str, ciphertext: str) -> bytes:
    """The plain bytes of an encrypted resource (AEAD_AES_256_GCM). Raises `ValueError` for what does not open."""
    try:
        return AESGCM(key).decrypt(nonce.encode(), b64decode(ciphertext, validate=True), associated_data.encode())
    except (InvalidTag, binascii.Error, ValueError, OverflowError) as error:
        raise ValueError(f"the resource does not open: {type(error).__name__}") from None
