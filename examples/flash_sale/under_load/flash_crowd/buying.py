"""What one visitor does: look at the page, order what it promises, look again when somebody was faster, and pay, cancel or leave.

Rules
- an order carries the price that the page has shown, so nobody is charged the ordinary price in the rush: it is refused instead;
- who was too slow looks at the page again, and takes what is left of what they want;
- each order has a key of its own, made from the visit and how often it has looked, so that what is asked again is ordered once;
- where the storage does not answer the same is asked again with the same key, until it does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from attrs import frozen

import shopwright as sw
from flash_crowd.sale import CLERK, FLASH_PRICE, SKU, UNITS, Then, Visit
from shopwright.errors import Outage
from shopwright.pricing import ShelfPrice

T = TypeVar("T")
PATIENCE = 1_000
PAUSE = 0.1
"""How many seconds somebody waits who got no answer."""
TOO_SLOW = frozenset({"promotion_exhausted", "price_changed", "stock_exhausted"})
"""What a visitor is told who looked at the page before others bought."""


class Ended(StrEnum):
    """How a visit ended."""

    SERVED = "served"
    HAS_THEIRS = "has as many as a member may have"
    SOLD_OUT = "sold out"


@frozen
class Outcome:
    """What became of a visit. Times are seconds from the opening: when it came, and when it was told how it ended."""

    visit: Visit
    ended: Ended
    came: float
    answered: float
    looked: int
    order_id: str = ""
    units: int = 0

    @property
    def waited(self) -> float:
        """How long the visitor waited, in seconds, with the time before anybody looked after them."""
        return self.answered - self.came


def visited(shop: sw.Shop, visit: Visit, *, opened: float, wave: int = 1) -> Outcome:
    """One visit from beginning to end. `opened` is when the sale opened, by `time.time`. Raises what the shop raises."""
    came = visit.after
    order: sw.Order | None = None
    ended, looked = Ended.SERVED, 0
    while order is None and ended is Ended.SERVED:
        looked += 1
        if looked > PATIENCE:
            raise RuntimeError(f"{visit.member} was told {PATIENCE} times that somebody was faster")
        units = _on_the_page(shop, visit)
        if not units:
            ended = Ended.HAS_THEIRS if _some_are_left(shop) else Ended.SOLD_OUT
            continue
        order = _ordered(shop, visit, min(units, visit.wants), key=f"wave-{wave}/{visit.number}/{looked}")
    answered = time.time() - opened
    if order is None:
        return Outcome(visit, ended, came, answered, looked)
    _then(shop, visit, order)
    return Outcome(visit, ended, came, answered, looked, order.id, order.lines[0].quantity)


def paid(shop: sw.Shop, order_id: str) -> sw.Order:
    """The order after its money has come; where the goods are gone by then it is canceled, and the money is to go back."""
    record = sw.RecordPayment(key=f"pay-{order_id}", by=CLERK, order_id=order_id, payment_id="p1", amount=_total(shop, order_id))
    return sw.accepted(_heard(lambda: shop.payments.record(record)))


def _heard(act: Callable[[], T]) -> T:
    """What an act answers, asked again where the storage is silent. Raises what it raised when patience is over."""
    for left in range(PATIENCE, -1, -1):
        try:
            return act()
        except Outage:
            if not left:
                raise
            time.sleep(PAUSE)
    raise AssertionError("the last silence was raised")


def _total(shop: sw.Shop, order_id: str) -> sw.Money:
    return sw.accepted(_heard(lambda: shop.orders.get(order_id, by=CLERK))).total


def _on_the_page(shop: sw.Shop, visit: Visit) -> int:
    """How many the page promises this member at the price of the sale."""
    shown = _heard(lambda: shop.goods.shelf((SKU,), currency="EUR", buyer_id=visit.member))[SKU]
    assert isinstance(shown, ShelfPrice), shown
    return (shown.units or 0) if shown.price == FLASH_PRICE else 0


def _some_are_left(shop: sw.Shop) -> bool:
    return _heard(lambda: shop.ports.storage.quota((UNITS,), at=shop.clock.now()))[UNITS].free > 0


def _ordered(shop: sw.Shop, visit: Visit, units: int, *, key: str) -> sw.Order | None:
    """The order, or nothing where somebody was faster."""
    command = sw.PlaceOrder(
        key=key,
        by=sw.customer(visit.member),
        buyer_id=visit.member,
        cart=sw.Cart("EUR", (sw.CartLine(SKU, units, shown_price=FLASH_PRICE),)),
        ship_to=sw.Address(visit.member, ("1 Harbor Street",), "Hamburg", country="DE"),
        tenders=(sw.Tender(method="transfer", amount=units * FLASH_PRICE.minor, via=sw.Via.EXTERNAL),),
    )
    order = _heard(lambda: shop.orders.place(command))
    if isinstance(order, sw.Refusal):
        assert order.code in TOO_SLOW, order
        return None
    return order


def _then(shop: sw.Shop, visit: Visit, order: sw.Order) -> None:
    if visit.then is Then.PAYS:
        paid(shop, order.id)
    elif visit.then is Then.CANCELS:
        command = sw.CancelOrder(key=f"cancel-{order.id}", by=sw.customer(visit.member), order_id=order.id)
        sw.accepted(_heard(lambda: shop.orders.cancel(command)))
