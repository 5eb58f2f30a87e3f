"""What a shop knows of its account with Stripe: the keys between them, which account is paid, where Stripe is, and how long to wait for it.

Rules
- no key is in a `repr`; a publishable key given as the secret one is refused, for it could not ask anything;
- Stripe is reached over TLS; without it only on this machine, where a simulator may listen.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from attrs import field, frozen

from shopwright.adapters.calling import address, positive
from shopwright.adapters.kept_secrets import HoldsSecrets
from shopwright.edges import of, text, texts
from shopwright.errors import InvalidValue

PRODUCTION = "https://api.stripe.com"
VERSION = "2026-10-28.endive"
"""The version of Stripe's API that this adapter was written for; answers keep this shape whatever the account is set to."""


def _host(instance: Any, attribute: Any, value: Any) -> None:
    address(instance, attribute, value)
    parts = urlsplit(value)
    if parts.path or parts.query or parts.username:
        raise InvalidValue("the api of StripeSettings is a host, without a path, a query or a user")


def _secret_key(instance: Any, attribute: Any, value: Any) -> None:
    text(least=8, most=500)(instance, attribute, value)
    if not (value.startswith(("sk_", "rk_")) and value.isascii() and value.isprintable() and " " not in value):
        raise InvalidValue("the api_key of StripeSettings is a secret or restricted key: it begins with sk_ or rk_")


def _publishable(instance: Any, attribute: Any, value: Any) -> None:
    text(most=500)(instance, attribute, value)
    if value and not value.startswith("pk_"):
        raise InvalidValue("the publishable_key of StripeSettings begins with pk_; the secret key must not reach a browser")


def _account(instance: Any, attribute: Any, value: Any) -> None:
    text(most=100)(instance, attribute, value)
    if value and not value.startswith("acct_"):
        raise InvalidValue(f"the account of StripeSettings begins with acct_, got {value!r}")


def _sellers(_instance: Any, _attribute: Any, value: Any) -> None:
    pairs = isinstance(value, tuple) and all(isinstance(each, tuple) and len(each) == 2 and all(isinstance(it, str) for it in each) for each in value)
    if not pairs or not all(name and account.startswith("acct_") for name, account in value) or len({name for name, _ in value}) < len(value):
        raise InvalidValue("the sellers of StripeSettings are pairs of a name, each once, and an account (acct_...)")


def _tuple(given: str | Iterable[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


@frozen(kw_only=True)
class StripeSettings(HoldsSecrets):
    """An account at Stripe.

    `webhook_secrets` are those of the end point (`whsec_...`), two while one is rolled; without any, no notification is believed.
    `account` is the connected account that is paid (`acct_...`), when a platform asks in its name: notifications for another one are
    refused, and so are those that name one when none is set. `publishable_key` is handed to the buyer's browser.

    `names_payouts`: the ledger asks Stripe for the payouts of its time too, and says which line is in which; the key must be allowed to read them.
    `searches`: Stripe's search is there, so that a lost payment is found by its key (accounts in India have none).
    `shares`: the account is a platform of Stripe Connect and may send transfers to its sellers, so that payments are split. `sellers` are pairs of
    the shop's name of a receiver and its account (`acct_...`); an account is always a name of itself.
    `multicapture`: the account may take an authorization in several parts. `auth_ttl` is how long a card holds money. `tolerance` is how
    old a notification may be when it arrives.
    """

    api_key: str = field(validator=_secret_key, repr=False)
    webhook_secrets: tuple[str, ...] = field(default=(), converter=_tuple, validator=texts(least=8, most=500), repr=False)
    publishable_key: str = field(default="", validator=_publishable)
    account: str = field(default="", validator=_account)
    api: str = field(default=PRODUCTION, validator=_host)
    version: str = field(default=VERSION, validator=text(least=1, most=100))
    connect: timedelta = field(default=timedelta(seconds=5), validator=positive)
    read: timedelta = field(default=timedelta(seconds=30), validator=positive)
    tolerance: timedelta = field(default=timedelta(minutes=5), validator=positive)
    auth_ttl: timedelta = field(default=timedelta(days=7), validator=positive)
    names_payouts: bool = field(default=False, validator=of(bool))
    searches: bool = field(default=True, validator=of(bool))
    multicapture: bool = field(default=False, validator=of(bool))
    shares: bool = field(default=False, validator=of(bool))
    sellers: tuple[tuple[str, str], ...] = field(default=(), validator=_sellers)

    def __attrs_post_init__(self) -> None:
        if self.shares and self.account:
            raise InvalidValue("StripeSettings that share payments ask in the name of the platform itself; leave account empty")

    def seller(self, receiver: str) -> str | None:
        """The account of a receiver; none where nobody has that name."""
        return receiver if receiver.startswith("acct_") else dict(self.sellers).get(receiver)

    @property
    def live(self) -> bool:
        """Whether money moves: the key is none of a sandbox."""
        return "_live_" in self.api_key[:10]

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be logged."""
        return self.api_key, *self.webhook_secrets
