"""An account with ExamplePost. Making it does no I/O; printing it shows no secret, and it is not pickled."""

from __future__ import annotations

from datetime import timedelta, timezone, tzinfo

from attrs import field, frozen
from shopwright.adapters.kept_secrets import HoldsSecrets


@frozen(kw_only=True)
class Settings(HoldsSecrets):
    """Who we are at ExamplePost. Its scanners write local times without a zone; `zone` is the one they mean."""

    customer: str
    api_key: str = field(repr=False)
    signing_secret: str = field(repr=False)
    host: str = "api.examplepost.example"
    port: int = 443
    encrypted: bool = True
    connect: timedelta = timedelta(seconds=5)
    zone: tzinfo = timezone(timedelta(hours=8))
