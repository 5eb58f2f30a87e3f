"""RSA2, the signature of Alipay: RSA with SHA-256 (`shopwright.adapters.rsa`) over fields in the order of their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from shopwright.adapters import rsa
from shopwright.adapters.rsa import sign, signed

__all__ = ["content", "private_key", "public_key", "sign", "signed", "signed_by_any"]


def private_key(text: str) -> RSAPrivateKey:
    """The key of this text. Raises `InvalidValue`, which does not show the text."""
    return rsa.private_key(text, whose="the application")


def public_key(text: str) -> RSAPublicKey:
    """The key of this text. Raises `InvalidValue`."""
    return rsa.public_key(text, whose="Alipay (not that of the application)")


def signed_by_any(text: str, signature: str, keys: Iterable[RSAPublicKey]) -> bool:
    """Whether one of these keys has signed this text."""
    return any(signed(text, signature, key) for key in keys)


def content(fields: Mapping[str, str], *, without: Iterable[str] = ("sign",), keep_empty: bool = False) -> str:
    """What is signed: `name=value` of all fields, by name, joined with `&`. Requests leave out what is empty."""
    left_out = frozenset(without)
    return "&".join([f"{name}={fields[name]}" for name in sorted(fields) if name not in left_out and (keep_empty or fields[name])])
