"""The masters of a shop: 32 secret bytes each under an id, the current one first.

Rules
- a secret stands in no repr, error or comparison that fails; it is never written into the shop's storage;
- what is done with a master is done with keys derived from it, one per purpose: who learns one of them learns no other;
- as a text, a keyring is a line per master, `<id> <base64 of 32 bytes>`; empty lines and lines that begin with `#` say nothing.
"""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from attrs import field, frozen

from shopwright.errors import InvalidValue, MasterKeyMissing

SECRET_BYTES = 32
_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")


def _is_id(_instance: Any, _attribute: Any, value: Any) -> None:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise InvalidValue("the id of a master is 1 to 40 of A-Z, a-z, 0-9, _ and -, such as 2026-11; what was given is not, and is not shown")


def _is_secret(_instance: Any, _attribute: Any, value: Any) -> None:
    if not isinstance(value, bytes) or len(value) != SECRET_BYTES:
        raise InvalidValue(f"a master has a secret of {SECRET_BYTES} bytes; what was given is none, and is not shown; make one with Master.new(id)")


@frozen
class Master:
    """A secret of 32 random bytes and the id that is kept beside what it wraps. An id is never used for two secrets."""

    id: str = field(validator=_is_id)
    secret: bytes = field(validator=_is_secret, repr=False)

    @classmethod
    def new(cls, id: str) -> Master:
        """A new master, from the chance of the operating system."""
        return cls(id, secrets.token_bytes(SECRET_BYTES))

    def derived(self, purpose: str) -> bytes:
        """The key for one purpose: 32 bytes (the expansion of HKDF with SHA-256, RFC 5869, for one block)."""
        return hmac.digest(self.secret, b"shopwright " + purpose.encode() + b"\x01", sha256)

    def line(self) -> str:
        """How it stands in the text of a keyring. This is the secret itself: write it nowhere but where the host keeps its secrets."""
        return f"{self.id} {b64encode(self.secret).decode()}"


@frozen(init=False)
class Keyring:
    """The masters that a host gives: the first seals and hashes anew, the others open and find what is older.

    Raises `InvalidValue` for none, and for two of one id or one secret.
    """

    masters: tuple[Master, ...]

    def __init__(self, masters: Iterable[Master]) -> None:
        every = tuple(masters)
        if not every or not all(isinstance(master, Master) for master in every):
            raise InvalidValue("a keyring has one master at least, the current one first; expected Master(id, secret)")
        if len({master.id for master in every}) < len(every) or len({master.secret for master in every}) < len(every):
            raise InvalidValue(f"each master of a keyring has an id and a secret of its own; got {', '.join(master.id for master in every)}")
        self.__attrs_init__(every)

    @classmethod
    def parse(cls, text: str) -> Keyring:
        """The keyring of a text, as `shopwright vault new` writes it. Raises `InvalidValue` that names the line and shows nothing of it."""
        lines = ((number, line.split()) for number, line in enumerate(text.splitlines(), 1))
        return cls([_master(number, words) for number, words in lines if words and not words[0].startswith("#")])

    @property
    def current(self) -> Master:
        """The master that seals and hashes anew."""
        return self.masters[0]

    def master(self, id: str) -> Master:
        """The master of this id; raises `MasterKeyMissing` naming those there are."""
        for master in self.masters:
            if master.id == id:
                return master
        known = ", ".join(master.id for master in self.masters)
        raise MasterKeyMissing(f"something is kept under master {id!r} and the keyring has {known}; give it that master too until all is rotated")


def _master(number: int, words: list[str]) -> Master:
    try:
        id, encoded = words
        return Master(id, b64decode(encoded, validate=True))
    except ValueError:
        raise InvalidValue(f"line {number} of a keyring is not `<id> <base64 of {SECRET_BYTES} bytes>`; it is not shown") from None
