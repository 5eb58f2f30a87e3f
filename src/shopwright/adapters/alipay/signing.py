"""RSA2, the signature of Alipay: PKCS #1 v1.5 with SHA-256 over fields in the order of their names.

Rules
- the algorithm is fixed, whatever the other side names: what is signed otherwise is not signed;
- a signature is Base64 in its one canonical form, so that no bit of it may change unnoticed;
- keys are at least 2048 bits, given as PEM or as the bare Base64 that the provider's tools write, PKCS #1 or PKCS #8.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)

from shopwright.errors import InvalidValue

LEAST_BITS = 2048


def private_key(text: str) -> RSAPrivateKey:
    """The key of this text. Raises `InvalidValue`, which does not show the text."""
    try:
        key = load_pem_private_key(text.strip().encode(), None) if "-----" in text else load_der_private_key(_der(text), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPrivateKey) or key.key_size < LEAST_BITS:
        raise InvalidValue(f"expected the application's private RSA key of {LEAST_BITS} bits or more, as PEM or Base64 without a password")
    return key


def public_key(text: str) -> RSAPublicKey:
    """The key of this text. Raises `InvalidValue`."""
    try:
        key = load_pem_public_key(text.strip().encode()) if "-----" in text else load_der_public_key(_der(text))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPublicKey) or key.key_size < LEAST_BITS:
        raise InvalidValue(f"expected the public RSA key of Alipay (not that of the application) of {LEAST_BITS} bits or more, as PEM or Base64")
    return key


def _der(text: str) -> bytes:
    return b64decode("".join(text.split()), validate=True)


def content(fields: Mapping[str, str], *, without: Iterable[str] = ("sign",), keep_empty: bool = False) -> str:
    """What is signed: `name=value` of all fields, by name, joined with `&`. Requests leave out what is empty."""
    left_out = frozenset(without)
    return "&".join([f"{name}={fields[name]}" for name in sorted(fields) if name not in left_out and (keep_empty or fields[name])])


def sign(text: str, key: RSAPrivateKey) -> str:
    """The signature of this text."""
    return b64encode(key.sign(text.encode(), PKCS1v15(), hashes.SHA256())).decode()


def signed(text: str, signature: str, key: RSAPublicKey) -> bool:
    """Whether this is the signature of this text."""
    try:
        given = b64decode(signature, validate=True)
        if b64encode(given).decode() != signature:
            return False
        key.verify(given, text.encode(), PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):  # UnicodeError is a ValueError
        return False
    return True
