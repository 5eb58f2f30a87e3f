"""What an app knows of the moment in which somebody pays: where the request came from, and what is said of address, phone and card.

Rules
- `ip`, `device`, `email`, `phone` and `card` link payments, and are kept as keyed hashes alone; `user_agent` is for engines outside, and is not kept;
- none of them shows in a `repr`;
- what is not known is left out; a rule about it then cannot tell.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from shopwright.edges import maybe, of, text
from shopwright.errors import InvalidValue


class Where(StrEnum):
    """Of what a country is known."""

    CARD = "card"
    """Where the card was issued (BIN)."""
    IP = "ip"
    BILLING = "billing"
    SHIPPING = "shipping"
    PHONE = "phone"


class Funding(StrEnum):
    """How a card is funded."""

    CREDIT = "credit"
    DEBIT = "debit"
    PREPAID = "prepaid"


_COUNTRY = re.compile(r"([A-Z]{2})?")
_CARD_NUMBER = re.compile(r"\d(?:[ -]?\d){11,18}")


def _country(instance: Any, attribute: Any, value: Any) -> None:
    text(most=2)(instance, attribute, value)
    if not _COUNTRY.fullmatch(value):
        where = f"{type(instance).__name__}.{attribute.name}"
        raise InvalidValue(f"{where} must be a code of ISO 3166-1, such as 'DE', or empty, got {value!r}")


def _no_card_number(instance: Any, attribute: Any, value: Any) -> None:
    text()(instance, attribute, value)
    if _CARD_NUMBER.fullmatch(value):
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must be a fingerprint or token of the provider, never the number of a card")


_SEEN = text(most=1_000)


@frozen(kw_only=True)
class PaymentContext:
    """What is known when an order is placed or paid. `card` is the fingerprint that the provider gives for a card, `device` whatever the app knows a
    device by. Countries are codes of ISO 3166-1. Raises `InvalidValue`, also for the number of a card.
    """

    ip: str = field(default="", validator=_SEEN, repr=False)
    device: str = field(default="", validator=_SEEN, repr=False)
    user_agent: str = field(default="", validator=_SEEN, repr=False)
    email: str = field(default="", validator=_SEEN, repr=False)
    phone: str = field(default="", validator=text(), repr=False)
    card: str = field(default="", validator=_no_card_number, repr=False)
    ip_country: str = field(default="", validator=_country)
    billing_country: str = field(default="", validator=_country)
    card_country: str = field(default="", validator=_country)
    phone_country: str = field(default="", validator=_country)
    email_disposable: bool | None = field(default=None, validator=maybe(of(bool)))
    ip_anonymous: bool | None = field(default=None, validator=maybe(of(bool)))
    funding: Funding | None = field(default=None, validator=maybe(of(Funding)))
