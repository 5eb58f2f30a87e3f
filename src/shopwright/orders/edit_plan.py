"""An edit as a value before anything of it happens: what of the order changes, and what that means for the money.

`shopwright.orders.plan_edit` makes one; `shopwright.orders.edit_planned` does exactly what it says, or refuses.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from attrs import frozen

from shopwright.members.actors import Actor
from shopwright.orders.edit_changes import Change
from shopwright.orders.events import OrderEvent


class MoneyChange(StrEnum):
    """What an edit means for the buyer's money."""

    PAY_MORE = "pay_more"
    REFUND = "refund"
    NONE = "none"


@frozen(kw_only=True)
class EditedLine:
    """A line that changes: how many of its units the buyer is to have, and what is owed on it in minor units, before and after. A line that is added
    has neither before.
    """

    line_no: int
    sku: str
    title: str
    units_before: int
    units_after: int
    owed_before: int
    owed_after: int


@frozen(kw_only=True)
class EditPlan:
    """What an edit does. Amounts are minor units of `currency`.

    `owed_before` and `owed_after` are what the buyer owes in all. `to_pay` is what is missing after it that no tender stands for, `goes_back` what is
    granted to go back. `shipping` and `coupon` are pairs of what was and what will be, `None` where that stays. `event_count` says where the order
    stood.
    """

    order_id: str
    order_number: str
    event_count: int
    currency: str
    changes: tuple[Change, ...]
    by: Actor
    at: datetime
    lines: tuple[EditedLine, ...]
    address_changes: bool
    shipping: tuple[str, str] | None
    coupon: tuple[str, str] | None
    owed_before: int
    owed_after: int
    to_pay: int
    goes_back: int
    events: tuple[OrderEvent, ...]

    @property
    def delta(self) -> int:
        """How much more the buyer owes, below zero for less."""
        return self.owed_after - self.owed_before

    @property
    def money(self) -> MoneyChange:
        """What the buyer has to do with it: pay more, get something back, or neither."""
        if self.to_pay:
            return MoneyChange.PAY_MORE
        return MoneyChange.REFUND if self.goes_back else MoneyChange.NONE
