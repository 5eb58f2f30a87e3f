"""The referral signals port: what an advocate and a referee have in common, as only the host can know.

Rules
- it is asked when a referral begins, without an order, and again when an order of the referee is looked at;
- it tells what it sees and decides nothing: the program says what of it rejects a referral;
- what it does not know it leaves out.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, runtime_checkable

from shopwright.loyalty.referring import Known


@runtime_checkable
class ReferralSignals(Protocol):
    """Somebody who can compare two members."""

    def known(self, advocate_id: str, referee_id: str, *, order_id: str, at: datetime) -> Known:
        """What both have in common, such as the fingerprint of a card, an address or a device, and which affiliate brought this order, if one did.

        `order_id` is empty where there is no order yet.
        """
        ...


class NoSignals:
    """Nothing is known."""

    def known(self, advocate_id: str, referee_id: str, *, order_id: str, at: datetime) -> Known:
        """Nothing."""
        return Known()
