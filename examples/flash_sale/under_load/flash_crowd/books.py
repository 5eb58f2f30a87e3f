"""The books after a sale, from two sides that have nothing to do with each other: what the quotas say, and what all orders say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from attrs import frozen

import shopwright as sw
from flash_crowd.sale import RULE, STOCK, UNITS, Sale
from shopwright.orders.events import ClaimState
from shopwright.ports.quotas import Quota
from shopwright.ports.storage import Query, Storage


@frozen(kw_only=True)
class Books:
    """What was sold by the orders that stand (`sold`, by member `held`), and what the quotas of the sale and of the stock say."""

    units: int
    sold: int
    paid: int
    held: tuple[tuple[str, int], ...]
    sale: Quota
    stock: Quota

    @property
    def oversold(self) -> int:
        """Units that were sold and are not there."""
        return max(0, self.sold - self.units)

    @property
    def unsold(self) -> int:
        """Units that nobody has."""
        return max(0, self.units - self.sold)

    @property
    def agree(self) -> bool:
        """Whether quotas and orders tell the same: used is what is paid, and held what is not yet."""
        each = (self.paid, self.sold - self.paid)
        return all((quota.used, quota.held) == each for quota in (self.sale, self.stock))


def books(storage: Storage, sale: Sale, *, at: datetime) -> Books:
    """Count everything. At a moment at which the time to pay of no order is over: `Shop.orders.sweep` sees to that."""
    standing = [order for order in _orders(storage) if order.state != "canceled"]
    quotas = storage.quota((UNITS, *sale.stock_keys), at=at)
    return Books(
        units=sale.units,
        sold=sum(map(_units, standing)),
        paid=sum(_units(order) for order in standing if order.claim.state is ClaimState.USED),
        held=tuple([(order.buyer_id, _units(order)) for order in standing]),
        sale=quotas[UNITS],
        stock=_together([quotas[key] for key in sale.stock_keys]),
    )


def _orders(storage: Storage) -> Iterator[sw.Order]:
    after = ""
    while True:
        page = storage.find(Query(sw.Order, limit=500, after=after))
        yield from (stored.value for stored in page.items)
        if not page.next:
            return
        after = page.next


def _together(quotas: Sequence[Quota]) -> Quota:
    """What they say as one: the stock of all places."""
    granted, used, held = (sum(each) for each in zip(*[(it.granted, it.used, it.held) for it in quotas], strict=True))
    return Quota(STOCK, granted, used, held)


def _units(order: sw.Order) -> int:
    """The units that have the price of the sale."""
    return sum(line.quantity for line in order.lines if any(it.rule == RULE for it in line.adjustments))
