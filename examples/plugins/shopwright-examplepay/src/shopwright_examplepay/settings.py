"""An account with ExamplePay. Making it does no I/O; printing it shows no secret, and it is not pickled."""

from __future__ import annotations

import ssl
from datetime import timedelta

from attrs import field, frozen
from shopwright.adapters.kept_secrets import HoldsSecrets


@frozen(kw_only=True)
class Settings(HoldsSecrets):
    """Who we are at ExamplePay. `connect` and `read` are how long to wait for a connection and for an answer.

    `trust` replaces the certificate authorities of the system, for a proxy that has its own.
    """

    account: str
    api_key: str = field(repr=False)
    signing_secret: str = field(repr=False)
    host: str = "api.examplepay.example"
    port: int = 443
    encrypted: bool = True
    connect: timedelta = timedelta(seconds=5)
    read: timedelta = timedelta(seconds=20)
    trust: ssl.SSLContext | None = field(default=None, repr=False)
