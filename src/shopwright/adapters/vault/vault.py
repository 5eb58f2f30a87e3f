"""AES-256-GCM: a key per person, wrapped under a master; keyed hashes with HMAC-SHA-256.

Rules
- every seal has 96 bits of chance of its own as its nonce, from the operating system unless a test gives another source;
- person, field and key are authenticated with what is sealed, and so is the master with what it wraps: parts are told apart by their lengths;
- `cryptography` is imported with the first vault that is made.
"""

from __future__ import annotations

import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING

from shopwright.adapters.vault.keyring import Keyring, Master
from shopwright.edges import text_problem
from shopwright.errors import InvalidValue, NotSupportedHere, SealBroken
from shopwright.members.sealing import PersonalKey, Sealed

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE, KEY, TAG = 12, 32, 16
_WRAP, _LOOKUP, _FINGERPRINT = "wrap 1", "lookup 1", "fingerprint 1"


class AesVault:
    """Seals and opens under a keyring; implements `shopwright.ports.vault.Vault`. It keeps nothing and shows nothing.

    Raises `NotSupportedHere` where `cryptography` is not installed (extra `members`).
    """

    def __init__(self, keyring: Keyring, *, randbytes: Callable[[int], bytes] = os.urandom) -> None:
        if not isinstance(keyring, Keyring):
            raise InvalidValue(f"expected a Keyring, got {type(keyring).__name__}; make one with Keyring((Master(id, secret),))")
        try:
            from cryptography.exceptions import InvalidTag
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        except ImportError as error:
            raise NotSupportedHere(f"a vault needs cryptography ({error}); install shopwright[members]") from error
        self._keyring, self._randbytes = keyring, randbytes
        self._cipher: Callable[[bytes], AESGCM] = AESGCM
        self._invalid: type[Exception] = InvalidTag

    def __repr__(self) -> str:
        return f"AesVault({', '.join(self.masters)})"

    @property
    def masters(self) -> tuple[str, ...]:
        """The ids of the masters, the current one first."""
        return tuple(master.id for master in self._keyring.masters)

    def new_key(self, subject: str) -> PersonalKey:
        """A new key for a person, wrapped under the current master."""
        key_id = urlsafe_b64encode(self._randbytes(NONCE)).decode()
        return self._wrapped(subject, key_id, self._randbytes(KEY))

    def rewrapped(self, key: PersonalKey) -> PersonalKey:
        """The same key under the current master."""
        if key.master == self._keyring.current.id:
            return key
        return self._wrapped(key.subject, key.id, self._unwrapped(key))

    def seal(self, key: PersonalKey, field: str, content: bytes) -> Sealed:
        """This content for this person and this field."""
        nonce = self._randbytes(NONCE)
        sealed = self._cipher(self._unwrapped(key)).encrypt(nonce, content, _bound(key, field))
        return Sealed(f"1.{key.id}.{urlsafe_b64encode(nonce + sealed).decode().rstrip('=')}")

    def open(self, key: PersonalKey, field: str, sealed: Sealed) -> bytes:
        """What was sealed for this person and this field under this key."""
        data = _decoded(sealed.payload)
        try:
            return self._cipher(self._unwrapped(key)).decrypt(data[:NONCE], data[NONCE:], _bound(key, field))
        except (self._invalid, ValueError):
            why = "it was altered, or sealed for somebody or something else"
            raise SealBroken(f"{field} of {key.subject} does not open under key {key.id}: {why}") from None

    def lookups(self, kind: str, text: str) -> tuple[str, ...]:
        """The keyed hashes of a normalized text, the current one first."""
        if problem := text_problem(text, least=1, most=1_000):
            raise InvalidValue(f"the text of a lookup {problem}")
        told = _joined(kind.encode(), text.encode())
        return tuple(_hashed(master, _LOOKUP, told) for master in self._keyring.masters)

    def fingerprints(self, fingerprint: str) -> tuple[str, ...]:
        """The keyed hashes of a fingerprint, the current one first."""
        return tuple(_hashed(master, _FINGERPRINT, fingerprint.encode()) for master in self._keyring.masters)

    def _wrapped(self, subject: str, key_id: str, secret: bytes) -> PersonalKey:
        master, nonce = self._keyring.current, self._randbytes(NONCE)
        wrapped = self._cipher(master.derived(_WRAP)).encrypt(nonce, secret, _joined(b"key", subject.encode(), key_id.encode(), master.id.encode()))
        return PersonalKey(subject, key_id, master.id, nonce + wrapped)

    def _unwrapped(self, key: PersonalKey) -> bytes:
        master = self._keyring.master(key.master)
        bound = _joined(b"key", key.subject.encode(), key.id.encode(), master.id.encode())
        try:
            return self._cipher(master.derived(_WRAP)).decrypt(key.wrapped[:NONCE], key.wrapped[NONCE:], bound)
        except (self._invalid, ValueError):
            why = "the keyring has another secret under that name, or the stored key was altered"
            raise SealBroken(f"the key of {key.subject} does not open under master {key.master!r}: {why}") from None


def _bound(key: PersonalKey, field: str) -> bytes:
    return _joined(b"seal", key.subject.encode(), key.id.encode(), field.encode())


def _joined(*parts: bytes) -> bytes:
    """The parts, each after its length, so that no two lists of parts give the same bytes."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def _hashed(master: Master, purpose: str, content: bytes) -> str:
    return f"{master.id}.{hmac.digest(master.derived(purpose), content, sha256).hex()}"


def _decoded(payload: str) -> bytes:
    return urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
