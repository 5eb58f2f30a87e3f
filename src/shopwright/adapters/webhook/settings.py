"""What a webhook needs to know: where it goes, what signs it, and whom inside it may tell."""

from __future__ import annotations

import ssl
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from attrs import field, frozen

from shopwright.adapters.calling import positive
from shopwright.adapters.kept_secrets import HoldsSecrets
from shopwright.adapters.webhook.signing import key_of
from shopwright.edges import maybe, members, of, text
from shopwright.errors import InvalidValue


def _secrets(instance: Any, attribute: Any, value: Any) -> None:
    of(tuple)(instance, attribute, value)
    if not 1 <= len(value) <= 5:
        raise InvalidValue(f"WebhookSettings.secrets must be 1 to 5 secrets, got {len(value)}")
    for secret in value:
        key_of(secret)


def _hosts(instance: Any, attribute: Any, value: Any) -> None:
    of(frozenset)(instance, attribute, value)
    members(str)(instance, attribute, tuple(value))


@frozen(kw_only=True)
class WebhookSettings(HoldsSecrets):
    """Where notices go (`url`, over TLS), and the secrets that sign them: the newest first, and older ones while receivers still change over.

    `private` names hosts that may be inside this network, and those may be asked without TLS: none, unless you say so. `wait` is how long to wait for
    the connection and for each part of the answer; `trust` replaces the certificate authorities of the system.
    """

    url: str = field(validator=text(least=1, most=2_000), repr=lambda url: repr(url.partition("?")[0]))
    secrets: tuple[str, ...] = field(validator=_secrets, repr=False)
    private: frozenset[str] = field(default=frozenset(), validator=_hosts)
    wait: timedelta = field(default=timedelta(seconds=10), validator=positive)
    trust: ssl.SSLContext | None = field(default=None, validator=maybe(of(ssl.SSLContext)), repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            port = parts.port
        except ValueError:
            raise InvalidValue("WebhookSettings.url must be an address such as https://erp.example/hooks") from None
        plain = parts.scheme == "http" and parts.hostname in self.private
        if not (parts.scheme == "https" or plain) or not parts.hostname or port == 0:
            raise InvalidValue("WebhookSettings.url must begin with https:// and a host; http:// goes to a host of `private` alone")
        if parts.username is not None or parts.password is not None or parts.fragment:
            raise InvalidValue("WebhookSettings.url must hold no name, password or fragment; receivers check the signature instead")
        if not (self.url.isascii() and self.url.isprintable() and " " not in self.url):
            raise InvalidValue("WebhookSettings.url must be plain ASCII without spaces; quote what is not")
