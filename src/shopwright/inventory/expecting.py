"""What a shop keeps of goods that are not there: those that are on their way, and those that are waited for."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from shopwright.edges import members, text
from shopwright.inventory.keys import place_name
from shopwright.inventory.promising import Incoming


def expected_id(place: str, sku: str) -> str:
    """Under which id it is kept what is expected of a sku at a place."""
    return f"{place}/{sku}"


@frozen(kw_only=True)
class ExpectedGoods:
    """What is on its way to a place of one sku, as it was last told: the units that have not come in yet, and when they are due."""

    place: str = field(validator=place_name)
    sku: str = field(validator=text(least=1))
    incoming: tuple[Incoming, ...] = field(default=(), validator=members(Incoming))


@frozen(kw_only=True)
class AwaitedGoods:
    """An order waits for units of a sku at a place since it was placed. How many those are is told by the order's claim; `is_open` says that it may
    still wait.
    """

    order_id: str
    place: str
    sku: str
    since: datetime
    is_open: bool = True

    @property
    def id(self) -> str:
        """Under which id it is kept."""
        return f"{self.order_id}/{self.place}/{self.sku}"


@frozen
class BackorderAllowed:
    """How many units a quota of what may be ordered without being there was last brought to; its id is the key of the quota."""

    key: str
    units: int
