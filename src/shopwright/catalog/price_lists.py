"""Price lists: what a unit costs in a currency and a channel, for a tier, at a time, from a quantity on, and why.

    lists = PriceLists((PriceList("web", "EUR"), PriceList("gold", "EUR", tier="gold")), rows)
    found = lists.price("TEA", quantity=12, currency="EUR", tier="gold", at=now)
    found.money, found.list_id, found.next_break, found.passed

Rules
- PRICES-1: a list is looked at when its currency is asked for, its channel and tier are those asked for or none, and the moment is in its window;
- PRICES-2: of the lists that have a price, that for the tier goes first, then that for the channel, then one that ends, then the one that began last,
  and then the first by its id: never the order in which they were given, and never a number that somebody chose;
- PRICES-3: of the breaks of a list the highest that the quantity reaches counts, for all units; a list whose lowest break is above it has no price;
- the answer tells of every other list why it was passed over;
- a list says what it says: it is not compared by amount, so that a price can be raised for a channel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

from attrs import field, frozen

from shopwright.catalog.products import MAX_SKU
from shopwright.edges import identifier, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.periods import Window, utc


@frozen
class PriceBreak:
    """From so many units on, each costs so many minor units."""

    quantity: int = field(validator=whole(least=1))
    minor: int = field(validator=whole(least=0))


@frozen
class PriceList:
    """A list of prices in one currency: for one channel and one tier, or all where it names none, and in a window."""

    id: str = field(validator=identifier(most=100))
    currency: str = field(validator=text(least=3, most=3))
    channel: str = field(default="", kw_only=True, validator=text())
    tier: str = field(default="", kw_only=True, validator=text())
    window: Window = field(default=Window(), kw_only=True, validator=of(Window))

    def __attrs_post_init__(self) -> None:
        Money(0, self.currency)


@frozen
class ListedPrice:
    """What a list says of a sku: breaks with rising quantities. Raises `InvalidValue` without one, or where quantities do not rise."""

    list_id: str = field(validator=identifier(most=100))
    sku: str = field(validator=identifier(most=MAX_SKU))
    breaks: tuple[PriceBreak, ...] = field(validator=members(PriceBreak, least=1))

    def __attrs_post_init__(self) -> None:
        quantities = [each.quantity for each in self.breaks]
        if any(one >= other for one, other in pairwise(quantities)):
            told = ", ".join(map(str, quantities))
            raise InvalidValue(f"breaks of {self.sku} in price list {self.list_id} must have rising quantities, got {told}")

    def reached(self, quantity: int) -> PriceBreak | None:
        """The highest break that this quantity reaches; `None` below the lowest."""
        return next((each for each in reversed(self.breaks) if each.quantity <= quantity), None)  # PRICES-3

    def beyond(self, quantity: int) -> PriceBreak | None:
        """The next break above this quantity; `None` where there is none."""
        return next((each for each in self.breaks if each.quantity > quantity), None)


class PassedFor(StrEnum):
    """Why a list did not give the price. The last five are about lists that have one: on what they lost to the list that was taken."""

    CURRENCY = "currency"
    CHANNEL = "channel"
    TIER = "tier"
    NOT_YET = "not_yet"
    OVER = "over"
    NOT_LISTED = "not_listed"
    TOO_FEW = "too_few"
    LESS_FOR_TIER = "less_for_tier"
    LESS_FOR_CHANNEL = "less_for_channel"
    ENDS_LATER = "ends_later"
    """It has no end, and the other one has."""
    BEGAN_EARLIER = "began_earlier"
    LATER_ID = "later_id"


_ORDER = (PassedFor.LESS_FOR_TIER, PassedFor.LESS_FOR_CHANNEL, PassedFor.ENDS_LATER, PassedFor.BEGAN_EARLIER, PassedFor.LATER_ID)
_Rank = tuple[bool, bool, bool, int, str]
_EPOCH, _TICK = datetime(1, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


@frozen
class PassedList:
    """A list that did not give the price, why, and what it would have asked for a unit in minor units, where it has a price."""

    list_id: str
    reason: PassedFor
    minor: int | None = None


@frozen
class PriceFound:
    """The price of one unit and where it is from; all three are `None` where no list has a price.

    `next_break` is where the same list goes on, for "three more and each costs less". `passed` are the other lists, in the order of their ids.
    """

    money: Money | None
    list_id: str | None
    break_taken: PriceBreak | None
    next_break: PriceBreak | None
    passed: tuple[PassedList, ...]


def _lists(given: Iterable[PriceList]) -> tuple[PriceList, ...]:
    return tuple(given)


def _prices(given: Iterable[ListedPrice]) -> tuple[ListedPrice, ...]:
    return tuple(given)


@frozen(slots=False)
class PriceLists:
    """Lists and what they say of skus. Raises `InvalidValue` for a list or a sku of one that comes twice, and for prices of an unknown list."""

    lists: tuple[PriceList, ...] = field(default=(), converter=_lists, validator=members(PriceList))
    prices: tuple[ListedPrice, ...] = field(default=(), converter=_prices, validator=members(ListedPrice))

    def __attrs_post_init__(self) -> None:
        ids = [each.id for each in self.lists]
        if len(set(ids)) < len(ids):
            raise InvalidValue(f"expected each price list once, got {', '.join(sorted(ids))}")
        unknown = sorted({row.list_id for row in self.prices} - set(ids))
        if unknown:
            raise InvalidValue(f"expected prices of lists that are there, got {', '.join(unknown)}; allowed: {', '.join(sorted(ids)) or 'none'}")
        if sum(map(len, self._rows.values())) < len(self.prices):
            twice = next(row for row in self.prices if self._rows[row.sku][row.list_id] is not row)
            raise InvalidValue(f"expected one price of {twice.sku} in price list {twice.list_id}, got more; put all breaks into one")

    def price(self, sku: str, *, quantity: int = 1, currency: str, channel: str = "", tier: str = "", at: datetime) -> PriceFound:
        """What one of so many units costs. Raises `InvalidValue` for a quantity below one and a time without a zone."""
        if quantity < 1:
            raise InvalidValue(f"expected a quantity of one or more, got {quantity}")
        at, rows = utc(at), self._rows.get(sku, {})
        passed: list[PassedList] = []
        able: list[tuple[_Rank, ListedPrice, PriceBreak]] = []
        for each in self.lists:
            row = rows.get(each.id)
            taken = None if row is None else row.reached(quantity)
            reason = _not_looked_at(each, currency, channel, tier, at)
            if reason is None and row is not None and taken is not None:
                able.append((_rank(each), row, taken))
            else:
                reason = reason or (PassedFor.NOT_LISTED if row is None else PassedFor.TOO_FEW)
                passed.append(PassedList(each.id, reason, None if taken is None else taken.minor))
        return _first(able, passed, currency, quantity)

    def list_prices(self, sku: str, *, channel: str = "", at: datetime) -> tuple[Money, ...]:
        """What one unit costs everybody in each currency, in the order of their codes: the `prices` of a variant or a product."""
        currencies = sorted({each.currency for each in self.lists})
        found = [self.price(sku, currency=currency, channel=channel, at=at).money for currency in currencies]
        return tuple([money for money in found if money is not None])

    def turns(self, *, after: datetime) -> tuple[datetime, ...]:
        """The moments after this one at which some list begins or ends, in their order: when prices may change by themselves."""
        after = utc(after)
        edges = {edge for each in self.lists for edge in (each.window.start, each.window.end) if edge is not None}
        return tuple(sorted(edge for edge in edges if edge > after))

    @cached_property
    def _rows(self) -> Mapping[str, Mapping[str, ListedPrice]]:
        found: dict[str, dict[str, ListedPrice]] = {}
        for row in self.prices:
            found.setdefault(row.sku, {})[row.list_id] = row
        return found


def _not_looked_at(each: PriceList, currency: str, channel: str, tier: str, at: datetime) -> PassedFor | None:
    # PRICES-1
    if each.currency != currency:
        return PassedFor.CURRENCY
    if each.channel not in ("", channel):
        return PassedFor.CHANNEL
    if each.tier not in ("", tier):
        return PassedFor.TIER
    if each.window.start is not None and at < each.window.start:
        return PassedFor.NOT_YET
    return None if each.window.contains(at) else PassedFor.OVER


def _rank(each: PriceList) -> _Rank:
    """Smaller is taken first (PRICES-2); in the order of `_ORDER`."""
    start = each.window.start
    began = -1 if start is None else (start - _EPOCH) // _TICK
    return (not each.tier, not each.channel, each.window.end is None, -began, each.id)


def _first(able: Sequence[tuple[_Rank, ListedPrice, PriceBreak]], passed: Iterable[PassedList], currency: str, quantity: int) -> PriceFound:
    if not able:
        return PriceFound(None, None, None, None, _by_id(passed))
    best, row, taken = min(able, key=lambda each: each[0])
    lost = [PassedList(other.list_id, _lost_on(best, rank), price.minor) for rank, other, price in able if other is not row]
    return PriceFound(Money(taken.minor, currency), row.list_id, taken, row.beyond(quantity), _by_id([*passed, *lost]))


def _lost_on(best: _Rank, other: _Rank) -> PassedFor:
    return next(reason for reason, one, two in zip(_ORDER, best, other, strict=True) if one != two)


def _by_id(passed: Iterable[PassedList]) -> tuple[PassedList, ...]:
    return tuple(sorted(passed, key=lambda each: each.list_id))
