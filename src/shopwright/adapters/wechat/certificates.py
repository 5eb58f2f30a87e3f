"""Who signs for WeChat Pay: its public key, or the platform certificates of the moment, which change while the shop is open.

Rules
- a signature names its key by a serial; a key that is not known, not valid yet or expired verifies nothing;
- certificates are looked up when there are none, when the last look is `renew_after` ago, and when a serial was met that nobody knows; never
  twice within a minute, so that made-up serials cause no traffic;
- new certificates stand beside the old ones: while WeChat Pay changes them, both sign;
- certificates come encrypted with the account's APIv3 key, which is what vouches for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from threading import Lock

from attrs import frozen
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_pem_x509_certificate

from shopwright.adapters.rsa import LEAST_BITS
from shopwright.errors import InvalidValue

PAUSE = timedelta(minutes=1)
"""How long certificates are not looked up again after they were."""

_HEX = re.compile(r"[0-9A-Fa-f]{8,64}", re.ASCII)


@frozen
class PlatformCertificate:
    """A key of WeChat Pay: its number, and from when until when it signs."""

    number: int
    key: RSAPublicKey
    since: datetime
    until: datetime

    @property
    def serial(self) -> str:
        """The number as it stands in headers."""
        return f"{self.number:X}"


def read_certificate(pem: str) -> PlatformCertificate:
    """The certificate of this text. Raises `InvalidValue`."""
    try:
        found = load_pem_x509_certificate(pem.strip().encode())
        key = found.public_key()
    except ValueError:
        raise InvalidValue("expected a platform certificate of WeChat Pay, as PEM") from None
    if not isinstance(key, RSAPublicKey) or key.key_size < LEAST_BITS:
        raise InvalidValue(f"expected a platform certificate with an RSA key of {LEAST_BITS} bits or more")
    return PlatformCertificate(found.serial_number, key, found.not_valid_before_utc, found.not_valid_after_utc)


class PlatformKeys:
    """The keys of WeChat Pay that are known now. Safe to share between threads."""

    def __init__(
        self, *, key: RSAPublicKey | None, key_id: str | None, certificates: Iterable[PlatformCertificate] = (), renew_after: timedelta
    ) -> None:
        self._key, self._key_id, self._renew_after = key, key_id, renew_after
        self._certificates = {each.number: each for each in certificates}
        self._lock = Lock()
        self._looked: datetime | None = None
        self._missed = False

    def named(self, serial: str, *, at: datetime) -> RSAPublicKey | None:
        """The key of this serial, if there is one that is valid now."""
        if serial == self._key_id:
            return self._key
        if not _HEX.fullmatch(serial):
            return None
        with self._lock:
            found = self._certificates.get(int(serial, 16))
            if found is None:
                self._missed = True
        return found.key if found is not None and found.since <= at <= found.until else None

    @property
    def serials(self) -> tuple[str, ...]:
        """The serials that verify, in order."""
        with self._lock:
            certificates = sorted(each.serial for each in self._certificates.values())
        return (*certificates, *(() if self._key_id is None else (self._key_id,)))

    def due(self, *, at: datetime) -> bool:
        """Whether certificates should be looked up now; the one who hears yes does it."""
        if self._key is not None:
            return False
        with self._lock:
            if self._looked is not None and at - self._looked < PAUSE:
                return False
            wanted = self._missed or not self._certificates or self._looked is None or at - self._looked >= self._renew_after
            if wanted:
                self._looked, self._missed = at, False
            return wanted

    def learn(self, certificates: Iterable[PlatformCertificate], *, at: datetime) -> None:
        """Take in what WeChat Pay lists now, beside what is still valid."""
        with self._lock:
            kept = {number: each for number, each in self._certificates.items() if each.until >= at}
            self._certificates = kept | {each.number: each for each in certificates}
