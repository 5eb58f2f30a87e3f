"""What is asked of a gateway and under which key, in words that every provider shares.

Rules
- an operation key is minted and stored before the call, and never minted anew for the same operation;
- an adapter only re-encodes the key (an idempotency header, an order number, a refund number of the shop).
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from shopwright.errors import InvalidValue

_KEY = re.compile(r"[A-Za-z0-9_]{6,32}", re.ASCII)


def _key_text(_instance: Any, _attribute: Any, value: Any) -> None:
    if not isinstance(value, str) or not _KEY.fullmatch(value):
        raise InvalidValue(f"an operation key has 6 to 32 of A-Z, a-z, 0-9 and _, got {value!r}")


@frozen(order=True)
class OperationKey:
    """The name of one operation at the provider: 6 to 32 ASCII letters, digits or underscores, which all providers accept."""

    value: str = field(validator=_key_text)

    def __str__(self) -> str:
        return self.value


class Operation(StrEnum):
    """What a gateway may be able to do. Queries by reference and notifications are not listed: every gateway answers the first,
    and `Capabilities.pushes_notifications` tells of the second.
    """

    AUTHORIZE = "authorize"
    """`start` with `capture=False`: hold the money, take it later."""
    CHARGE = "charge"
    """`start` with `capture=True`: take the money at once."""
    CAPTURE = "capture"
    VOID = "void"
    """Release an authorization, or close a payment that nobody has paid yet."""
    REFUND = "refund"
    SPLIT = "split"
    """Share a captured payment among receivers of a marketplace."""
    LEDGER = "ledger"
    """List what was settled, with fees."""


class Flow(StrEnum):
    """How the buyer takes part in a payment."""

    TOKEN = "token"  # noqa: S105  # the name of a flow, no secret
    """A stored or freshly tokenized instrument; the buyer may still have to authenticate."""
    REDIRECT = "redirect"
    """A page of the provider."""
    QR = "qr"
    """A code that the buyer scans."""
    CLIENT_SDK = "client_sdk"
    """The provider's code within the shop's page or app."""
    SCAN_BUYER_CODE = "scan_buyer_code"
    """The shop scans a code that the buyer shows; it stands in `source_token`."""
    OFFLINE = "offline"
    """The buyer pays with instructions, later (a bank slip, a convenience store)."""
