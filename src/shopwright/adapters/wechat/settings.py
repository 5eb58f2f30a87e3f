"""What a shop knows of its account with WeChat Pay: who it is, the keys between them, where the gateway is, and how long to wait for it.

Rules
- private key and APIv3 key are in no `repr`; keys and certificates are read once, when the settings are made, and bad ones are refused there;
- answers and callbacks are verified with the public key of WeChat Pay or, for older accounts, with platform certificates, which are fetched and
  renewed by themselves; an account that moves from one to the other gives both;
- the gateway is reached over TLS; without it only on this machine, where a simulator may listen.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from attrs import field, frozen
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from shopwright.adapters.calling import address, positive
from shopwright.adapters.kept_secrets import HoldsSecrets
from shopwright.adapters.rsa import private_key, public_key, secret_lines
from shopwright.adapters.wechat.certificates import PlatformCertificate, read_certificate
from shopwright.edges import maybe, of, text, texts
from shopwright.errors import InvalidValue

PRODUCTION = "https://api.mch.weixin.qq.com"
STANDBY = "https://api2.mch.weixin.qq.com"
"""The same gateway at another place, for when the first cannot be reached. WeChat Pay v3 has no sandbox; a simulator is shipped instead."""


def _like(pattern: str, what: str) -> Any:
    shape = re.compile(pattern, re.ASCII)

    def check(_instance: Any, attribute: Any, value: Any) -> None:
        if not isinstance(value, str) or not shape.fullmatch(value):
            raise InvalidValue(f"WechatSettings.{attribute.name} is {what}, got {value!r}")

    return check


def _api_v3_key(_instance: Any, _attribute: Any, value: Any) -> None:
    if not isinstance(value, str) or not re.fullmatch(r"[!-~]{32}", value):
        raise InvalidValue("WechatSettings.api_v3_key has 32 letters or digits: the APIv3 key, not the older API key")


@frozen(kw_only=True)
class WechatSettings(HoldsSecrets):
    """A merchant at WeChat Pay, with one application.

    `app_id` is that of the official account or mini program (wx...), `mobile_app_id` that of an app where it is another one; `merchant_id` is
    the account that is paid, and notifications for another one are refused. `serial` names the merchant's certificate, whose key signs our
    requests. `public_key` with `public_key_id` is the public key *of WeChat Pay*; without it, platform certificates are used: `certificates`
    are those that are known from the start, as PEM, and `renew_after` is how often they are looked up anew.
    `notify_url` is where payments and refunds are told that name no other address. With `profit_sharing` orders are made so that they can be
    shared, and only then the gateway can split. `tolerance` is how old a signature may be when it arrives.
    """

    app_id: str = field(validator=_like(r"wx[0-9A-Za-z_]{1,30}", "an application such as wxd678efh567hg6787"))
    merchant_id: str = field(validator=_like(r"[0-9]{6,32}", "a merchant number such as 1900000109"))
    serial: str = field(validator=_like(r"[0-9A-Fa-f]{8,64}", "the serial number of the merchant's certificate, in hexadecimal"))
    private_key: str = field(validator=text(least=1, most=20_000), repr=False)
    api_v3_key: str = field(validator=_api_v3_key, repr=False)
    public_key: str | None = field(default=None, validator=maybe(text(least=1, most=20_000)), repr=False)
    public_key_id: str | None = field(default=None, validator=maybe(_like(r"PUB_KEY_ID_[0-9A-Za-z]{1,60}", "the id of a public key: PUB_KEY_ID_...")))
    certificates: tuple[str, ...] = field(default=(), converter=tuple, validator=texts(least=1, most=20_000), repr=False)
    notify_url: str | None = field(default=None, validator=maybe(text(least=1, most=255)))
    mobile_app_id: str | None = field(default=None, validator=maybe(_like(r"wx[0-9A-Za-z_]{1,30}", "an application such as wxd678efh567hg6787")))
    profit_sharing: bool = field(default=False, validator=of(bool))
    gateway: str = field(default=PRODUCTION, validator=address)
    connect: timedelta = field(default=timedelta(seconds=5), validator=positive)
    read: timedelta = field(default=timedelta(seconds=20), validator=positive)
    tolerance: timedelta = field(default=timedelta(minutes=5), validator=positive)
    refund_window: timedelta = field(default=timedelta(days=365), validator=positive)
    renew_after: timedelta = field(default=timedelta(hours=12), validator=positive)
    signing_key: RSAPrivateKey = field(init=False, repr=False, eq=False)
    verifying_key: RSAPublicKey | None = field(init=False, repr=False, eq=False)
    first_certificates: tuple[PlatformCertificate, ...] = field(init=False, repr=False, eq=False)

    @signing_key.default
    def _signing_key(self) -> RSAPrivateKey:
        return private_key(self.private_key, whose="the merchant")

    @verifying_key.default
    def _verifying_key(self) -> RSAPublicKey | None:
        return None if self.public_key is None else public_key(self.public_key, whose="WeChat Pay (not that of the merchant)")

    @first_certificates.default
    def _first_certificates(self) -> tuple[PlatformCertificate, ...]:
        return tuple([read_certificate(each) for each in self.certificates])

    def __attrs_post_init__(self) -> None:
        if (self.public_key is None) != (self.public_key_id is None):
            raise InvalidValue("WechatSettings takes public_key and public_key_id together, or neither of them for platform certificates")

    @property
    def app_ids(self) -> frozenset[str]:
        """The applications of this account, for payments on pages and in an app."""
        return frozenset({self.app_id, self.mobile_app_id or self.app_id})

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be logged: the APIv3 key, and the private key as it was given and line by line."""
        return self.api_v3_key, *secret_lines(self.private_key)
