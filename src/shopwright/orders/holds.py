"""Named holds: reasons why an order does not ship for now. An order may have several at once."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from attrs import field, frozen

from shopwright.edges import aware, maybe, of, text
from shopwright.members.actors import Actor
from shopwright.members.sealing import Sealed


class HoldReason(StrEnum):
    """Why an order is held."""

    PAYMENT_RISK = "payment_risk"
    ADDRESS_WRONG = "address_wrong"
    STOCK = "stock"
    TAX = "tax"
    CUSTOMER_REQUEST = "customer_request"
    OTHER = "other"


@frozen(kw_only=True)
class Hold:
    """A hold: its reason, who placed it and when, a note (with a vault, sealed), and the moment at which it ends by itself, if any."""

    id: str = field(validator=text(least=1))
    reason: HoldReason = field(validator=of(HoldReason))
    by: Actor = field(validator=of(Actor))
    at: datetime = field(validator=aware)
    expires_at: datetime | None = field(default=None, validator=maybe(aware))
    note: str = field(default="", validator=text(most=1_000))
    sealed_note: Sealed | None = field(default=None, validator=maybe(of(Sealed)), repr=False)

    def active(self, at: datetime) -> bool:
        """Whether it still holds at this time."""
        return self.expires_at is None or at < self.expires_at
