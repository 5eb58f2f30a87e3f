"""RSA with SHA-256 (PKCS #1 v1.5), the signature of Alipay and of WeChat Pay: keys from text, signatures as Base64.

Rules
- the algorithm is fixed, whatever the other side names: what is signed otherwise is not signed;
- a signature is Base64 in its one canonical form, so that no bit of it may change unnoticed;
- keys are at least 2048 bits, given as PEM or as the bare Base64 that the tools of providers write, PKCS #1 or PKCS #8.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)

from shopwright.errors import InvalidValue

LEAST_BITS = 2048


def new_key() -> RSAPrivateKey:
    """A key of 2048 bits."""
    return generate_private_key(public_exponent=65537, key_size=LEAST_BITS)


def private_text(key: RSAPrivateKey) -> str:
    """The key as PEM, PKCS #8."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_text(key: RSAPrivateKey) -> str:
    """Its public half as PEM."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def private_key(text: str, *, whose: str) -> RSAPrivateKey:
    """The key of this text. Raises `InvalidValue`, which does not show the text."""
    key = _read(text)
    if key is None:
        raise InvalidValue(f"expected the private RSA key of {whose} of {LEAST_BITS} bits or more, as PEM or Base64 without a password")
    return key


@lru_cache(maxsize=8)  # reading checks that the parts are primes, which takes longer than a hundred signatures
def _read(text: str) -> RSAPrivateKey | None:
    try:
        key = load_pem_private_key(text.strip().encode(), None) if "-----" in text else load_der_private_key(_der(text), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, RSAPrivateKey) and key.key_size >= LEAST_BITS else None


def public_key(text: str, *, whose: str) -> RSAPublicKey:
    """The key of this text. Raises `InvalidValue`."""
    try:
        key = load_pem_public_key(text.strip().encode()) if "-----" in text else load_der_public_key(_der(text))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPublicKey) or key.key_size < LEAST_BITS:
        raise InvalidValue(f"expected the public RSA key of {whose} of {LEAST_BITS} bits or more, as PEM or Base64")
    return key


def secret_lines(text: str) -> tuple[str, ...]:
    """A private key in all shapes in which it must not be logged: as it was given, in one line, and line by line."""
    lines = [line.strip() for line in text.splitlines()]
    inner = [line for line in lines if line and "-----" not in line]
    return text, "".join(inner), *(line for line in inner if len(line) > 15)


def _der(text: str) -> bytes:
    return b64decode("".join(text.split()), validate=True)


def sign(text: str | bytes, key: RSAPrivateKey) -> str:
    """The signature of this text."""
    return b64encode(key.sign(_bytes(text), PKCS1v15(), hashes.SHA256())).decode()


def signed(text: str | bytes, signature: str, key: RSAPublicKey) -> bool:
    """Whether this is the signature of this text."""
    try:
        given = b64decode(signature, validate=True)
        if b64encode(given).decode() != signature:
            return False
        key.verify(given, _bytes(text), PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):  # UnicodeError is a ValueError
        return False
    return True


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text
