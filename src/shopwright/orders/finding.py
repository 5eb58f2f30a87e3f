"""Which orders somebody looks for, as a value: it can be kept under a name, sent to another process, and asked of any order.

Rules
- FIND-1: an order is found when it meets every condition that is there; a filter without conditions finds every order;
- FIND-2: free text is words, and an order is found when each of them is part of a word of a title or sku of its lines, or a whole word of its number,
  its number elsewhere, its buyer's id or its coupon, in any case; names, addresses and phones are not read, for with a vault nobody may;
- FIND-3: amounts are those agreed when it was placed, in minor units of the currency that is named; an order in another currency is not found;
- FIND-7: a phone is found by its last four digits, whatever stands between them; where it is sealed, by opening it for whoever asks;
- a time is from and including `placed_from`, and before `placed_before`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from unicodedata import normalize

from attrs import field, frozen

from shopwright.edges import aware, maybe, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.orders.holds import HoldReason
from shopwright.orders.order import Order
from shopwright.orders.standing import Standing, standing
from shopwright.orders.states import OrderState
from shopwright.orders.tags import tag_of

PHONE_TAIL = 4
"""How many digits of a phone it is found by."""


def _tail(instance: Any, attribute: Any, value: Any) -> None:
    text(most=PHONE_TAIL)(instance, attribute, value)
    if value and not (len(value) == PHONE_TAIL and value.isascii() and value.isdigit()):
        raise InvalidValue(f"OrderFilter.phone_tail must be the last {PHONE_TAIL} digits of a phone, got {len(value)} characters that are not")


def _tag(value: Any) -> str:
    return tag_of(value) if value != "" else ""


@frozen(kw_only=True)
class OrderFilter:
    """What an order must be to be found. Empty text, an empty set and `None` ask for nothing.

    `states` and `standings` name those that are wanted, any of them. `tag` is one that is on it, in whatever letters it is
    typed, `hold` the reason of a hold that is on it. `least` and `most` bound the total in minor units of `currency`, which they need. `words` is
    free text (FIND-2), `phone_tail` the end of the phone it is delivered to (FIND-7).
    """

    number: str = field(default="", validator=text())
    external_id: str = field(default="", validator=text())
    buyer_id: str = field(default="", validator=text())
    sku: str = field(default="", validator=text())
    seller_id: str = field(default="", validator=text())
    channel: str = field(default="", validator=text())
    coupon: str = field(default="", validator=text())
    states: frozenset[OrderState] = field(default=frozenset(), validator=of(frozenset))
    standings: frozenset[Standing] = field(default=frozenset(), validator=of(frozenset))
    tag: str = field(default="", converter=_tag)
    hold: HoldReason | None = field(default=None, validator=maybe(of(HoldReason)))
    placed_from: datetime | None = field(default=None, validator=maybe(aware))
    placed_before: datetime | None = field(default=None, validator=maybe(aware))
    currency: str = field(default="", validator=text(most=3))
    least: int | None = field(default=None, validator=maybe(whole(least=0)))
    most: int | None = field(default=None, validator=maybe(whole(least=0)))
    words: str = field(default="", validator=text())
    phone_tail: str = field(default="", validator=_tail, repr=False)

    def __attrs_post_init__(self) -> None:
        for name, known, wanted in (("states", OrderState, self.states), ("standings", Standing, self.standings)):
            if wrong := [it for it in wanted if not isinstance(it, known)]:
                raise InvalidValue(f"OrderFilter.{name} must be a frozenset of {known.__name__}, got {wrong[0]!r} in it")
        if (self.least is not None or self.most is not None) and not self.currency:
            raise InvalidValue("OrderFilter.least and most are minor units; name the currency that they are of")


def meets(order: Order, wanted: OrderFilter) -> bool:
    """Whether an order is one of those that are looked for (FIND-1). Holds count until somebody or the sweep lifts them, as in standings.

    A phone is read as it stands there: `shopwright.flows.finding` opens it where it is sealed.
    """
    return (
        _is_named(order, wanted)
        and (not wanted.states or order.state in wanted.states)
        and (wanted.placed_from is None or wanted.placed_from <= order.placed_at)
        and (wanted.placed_before is None or order.placed_at < wanted.placed_before)
        and (not wanted.sku or any(line.sku == wanted.sku for line in order.lines))
        and (not wanted.seller_id or any(line.seller_id == wanted.seller_id for line in order.lines))
        and (not wanted.tag or wanted.tag in order.tags)
        and (wanted.hold is None or any(hold.reason is wanted.hold for hold in order.holds))
        and _costs(order, wanted)
        and _says(order, wanted.words)
        and (not wanted.standings or standing(order) in wanted.standings)
        and (not wanted.phone_tail or phone_tail(order.ship_to.phone) == wanted.phone_tail)
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
    asked = words.casefold().split()
    if not asked:
        return True
    named, told = frozenset(names_of(order)), "\n".join(said_of(order))
    return all(word in named or word in told for word in asked)


def names_of(order: Order) -> Iterator[str]:
    """The words by which an order is named, of which each is found whole."""
    return _words((order.number, order.external_id, order.buyer_id, order.coupon_code))


def said_of(order: Order) -> Iterator[str]:
    """The words of its goods, of which any part is found."""
    return _words([it for line in order.lines for it in (line.sku, line.title)])


def _words(texts: Iterable[str]) -> Iterator[str]:
    return (word for it in texts for word in it.casefold().split())


def phone_tail(phone: str) -> str:
    """The last digits of a phone, empty where it has fewer."""
    digits = re.sub("[^0-9]", "", normalize("NFKC", phone))
    return digits[-PHONE_TAIL:] if len(digits) >= PHONE_TAIL else ""
