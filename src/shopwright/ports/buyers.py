"""The buyers port: what is known of a member at a moment, for prices and promotions that are for some.

Rules
- it is asked once for a price, before anything is written, and by a page as by a cart, so that both tell the same;
- what it does not know it leaves `None`: what needs it is then skipped and says so;
- an order keeps the prices it got: who loses a tier later loses nothing of an order that was placed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, runtime_checkable

from shopwright.promotions.basket import Buyer


@runtime_checkable
class Buyers(Protocol):
    """Somebody who knows the members of a shop."""

    def known(self, buyer_id: str, *, at: datetime) -> Buyer:
        """What is known of this buyer at this moment: tier, segments, orders so far, since when a member, date of birth. Its id is the one asked."""
        ...


class Strangers:
    """Nothing is known of anybody but the id."""

    def known(self, buyer_id: str, *, at: datetime) -> Buyer:
        """The id."""
        return Buyer(buyer_id)
