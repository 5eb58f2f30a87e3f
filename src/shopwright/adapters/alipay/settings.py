"""What a shop knows of its account with Alipay: who it is, the keys between them, where the gateway is, and how long to wait for it.

Rules
- the private key is in no `repr`; the keys are read once, when the settings are made, and bad ones are refused there;
- the gateway is reached over TLS; without it only on this machine, where a simulator may listen.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from attrs import field, frozen
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from shopwright.adapters.alipay.signing import private_key, public_key
from shopwright.adapters.calling import address, positive
from shopwright.adapters.kept_secrets import HoldsSecrets
from shopwright.adapters.rsa import secret_lines
from shopwright.edges import text, texts
from shopwright.errors import InvalidValue

PRODUCTION = "https://openapi.alipay.com/gateway.do"
SANDBOX = "https://openapi-sandbox.dl.alipaydev.com/gateway.do"


def _names(instance: Any, attribute: Any, value: Any) -> None:
    text(least=8, most=32)(instance, attribute, value)
    if not (value.isascii() and value.isalnum()):
        raise InvalidValue(f"AlipaySettings.{attribute.name} is made of letters and digits, got {value!r}")


@frozen(kw_only=True)
class AlipaySettings(HoldsSecrets):
    """An application at Alipay.

    `seller_id` is the account that is paid (2088...); notifications for another one are refused. `alipay_public_key` is the key that
    Alipay signs with, not the public half of `private_key`; `other_public_keys` are believed too, while that key is replaced. `tolerance` is how
    old a notification may be when it arrives, and `refund_window` what the contract with Alipay says (a year unless told otherwise).
    """

    app_id: str = field(validator=_names)
    seller_id: str = field(validator=_names)
    private_key: str = field(validator=text(least=1, most=20_000), repr=False)
    alipay_public_key: str = field(validator=text(least=1, most=20_000), repr=False)
    other_public_keys: tuple[str, ...] = field(default=(), converter=tuple, validator=texts(least=1, most=20_000), repr=False)
    gateway: str = field(default=PRODUCTION, validator=address)
    connect: timedelta = field(default=timedelta(seconds=5), validator=positive)
    read: timedelta = field(default=timedelta(seconds=20), validator=positive)
    tolerance: timedelta = field(default=timedelta(minutes=30), validator=positive)
    refund_window: timedelta = field(default=timedelta(days=365), validator=positive)
    signing_key: RSAPrivateKey = field(init=False, repr=False, eq=False)
    verifying_keys: tuple[RSAPublicKey, ...] = field(init=False, repr=False, eq=False)

    @signing_key.default
    def _signing_key(self) -> RSAPrivateKey:
        return private_key(self.private_key)

    @verifying_keys.default
    def _verifying_keys(self) -> tuple[RSAPublicKey, ...]:
        return tuple([public_key(text) for text in (self.alipay_public_key, *self.other_public_keys)])

    @classmethod
    def sandbox(cls, *, app_id: str, seller_id: str, private_key: str, alipay_public_key: str) -> AlipaySettings:
        """An application in the sandbox of Alipay, where no money moves."""
        return cls(app_id=app_id, seller_id=seller_id, private_key=private_key, alipay_public_key=alipay_public_key, gateway=SANDBOX)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be logged: the private key, as it was given and line by line."""
        return secret_lines(self.private_key)
