"""Which orders somebody looks for, as a value: it can be kept under a name, sent to another process, and asked of any order.

Rules
- FIND-1: an order is found when it meets every condition that is there; a filter without conditions finds every order;
- FIND-2: free text is words, and an order is found when each of them is part of its number, its number elsewhere, its buyer's id, its coupon, or a
  title or sku of a line, in any case; names, addresses and phones are not read, for with a vault nobody may;
- FIND-3: amounts are those agreed when it was placed, in minor units of the currency that is named; an order in another currency is not found;
- a time is from and including `placed_from`, and before `placed_before`.
"""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from shopwright.edges import aware, maybe, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.orders.holds import HoldReason
from shopwright.orders.order import Order
from shopwright.orders.standing import Standing, standing
from shopwright.orders.states import OrderState


@frozen(kw_only=True)
class OrderFilter:
    """What an order must be to be found. Empty text, an empty set and `None` ask for nothing.

    `states` and `standings` name those that are wanted, any of them. `hold` is the reason of a hold that is on it. `least` and `most` bound the
    total in minor units of `currency`, which they need. `words` is free text (FIND-2).
    """

    number: str = field(default="", validator=text())
    external_id: str = field(default="", validator=text())
    buyer_id: str = field(default="", validator=text())
    sku: str = field(default="", validator=text())
    channel: str = field(default="", validator=text())
    coupon: str = field(default="", validator=text())
    states: frozenset[OrderState] = field(default=frozenset(), validator=of(frozenset))
    standings: frozenset[Standing] = field(default=frozenset(), validator=of(frozenset))
    hold: HoldReason | None = field(default=None, validator=maybe(of(HoldReason)))
    placed_from: datetime | None = field(default=None, validator=maybe(aware))
    placed_before: datetime | None = field(default=None, validator=maybe(aware))
    currency: str = field(default="", validator=text(most=3))
    least: int | None = field(default=None, validator=maybe(whole(least=0)))
    most: int | None = field(default=None, validator=maybe(whole(least=0)))
    words: str = field(default="", validator=text())

    def __attrs_post_init__(self) -> None:
        for name, known, wanted in (("states", OrderState, self.states), ("standings", Standing, self.standings)):
            if wrong := [it for it in wanted if not isinstance(it, known)]:
                raise InvalidValue(f"OrderFilter.{name} must be a frozenset of {known.__name__}, got {wrong[0]!r} in it")
        if (self.least is not None or self.most is not None) and not self.currency:
            raise InvalidValue("OrderFilter.least and most are minor units; name the currency that they are of")


def meets(order: Order, wanted: OrderFilter) -> bool:
    """Whether an order is one of those that are looked for (FIND-1). Holds count until somebody or the sweep lifts them, as in standings."""
    return (
        _is_named(order, wanted)
        and (not wanted.states or order.state in wanted.states)
        and (wanted.placed_from is None or wanted.placed_from <= order.placed_at)
        and (wanted.placed_before is None or order.placed_at < wanted.placed_before)
        and (not wanted.sku or any(line.sku == wanted.sku for line in order.lines))
        and (wanted.hold is None or any(hold.reason is wanted.hold for hold in order.holds))
        and _costs(order, wanted)
        and _says(order, wanted.words)
        and (not wanted.standings or standing(order) in wanted.standings)
    )


def _is_named(order: Order, wanted: OrderFilter) -> bool:
    pairs = (
        (wanted.number, order.number),
        (wanted.external_id, order.external_id),
        (wanted.buyer_id, order.buyer_id),
        (wanted.channel, order.channel),
        (wanted.coupon, order.coupon_code),
        (wanted.currency, order.currency),
    )
    return all(not asked or asked == it for asked, it in pairs)


def _costs(order: Order, wanted: OrderFilter) -> bool:
    if wanted.least is None and wanted.most is None:
        return True
    total = order.total.minor
    return (wanted.least is None or wanted.least <= total) and (wanted.most is None or total <= wanted.most)


def _says(order: Order, words: str) -> bool:
    if not words.strip():
        return True
    named = (order.number, order.external_id, order.buyer_id, order.coupon_code)
    told = "\n".join([*named, *[it for line in order.lines for it in (line.sku, line.title)]]).casefold()
    return all(word in told for word in words.casefold().split())
