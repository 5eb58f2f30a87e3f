"""Effects that look at single units: buy X get Y, every nth unit, and bundles at one price.

Rules
- a unit that one of these effects has used is not used by another, of the same promotion or of a later one: neither the two that were
  bought nor the one that is free;
- units are ranked by their price before promotions (`Basis.LIST`) or by what is left of it; units of one line are alike;
- "buy 2 get 1" repeats as often as it can, or `times` at most;
- of units that could be bought as well as given, as few are given as must be for the cheapest (or dearest) to be the ones given.

`most` reckons with the dearest units at their list prices, for an earlier promotion may have used up the cheap ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import field, frozen

from shopwright.edges import maybe, members, of, whole
from shopwright.errors import InvalidValue
from shopwright.money import BASIS_POINTS, Rounding, allocate, share
from shopwright.promotions.amounts import Amounts, amount_for, amounts, as_amounts
from shopwright.promotions.basket import Basket
from shopwright.promotions.effects import Aim, at_most
from shopwright.promotions.matching import ANYTHING, Keys, LineMatch, is_match, meant
from shopwright.promotions.taking import NOTHING, Basis, Pick, Tab, Taken

Counts = dict[int, int]
"""How many units of which line."""


@frozen
class BuyGet:
    """For every `buy` units of `bought` come `get` units of `given` at so much off (all of it by default).

    `off` is an amount off each given unit instead of the percentage; `percent` is then left at 10,000.
    """

    buy: int = field(validator=whole(least=1, most=1_000))
    get: int = field(default=1, validator=whole(least=1, most=1_000))
    bought: LineMatch = field(default=ANYTHING, validator=is_match)
    given: LineMatch = field(default=ANYTHING, validator=is_match)
    percent: int = field(default=BASIS_POINTS, validator=whole(least=1, most=BASIS_POINTS))
    pick: Pick = field(default=Pick.CHEAPEST, validator=of(Pick))
    basis: Basis = field(default=Basis.LEFT, validator=of(Basis))
    times: int | None = field(default=None, validator=maybe(whole(least=1)))
    rounding: Rounding = field(default=Rounding.HALF_UP, validator=of(Rounding))
    off: Amounts = field(default=(), converter=as_amounts, validator=amounts(some=False))
    aim = Aim.LINE

    def __attrs_post_init__(self) -> None:
        if self.off and self.percent != BASIS_POINTS:
            raise InvalidValue("BuyGet must take a percent or amounts off, and not both")

    @property
    def keys(self) -> Keys:
        """Those of what is given."""
        return self.given.keys

    def take(self, tab: Tab) -> Taken:
        """The part of what the given units are worth, or the amount for each; bought and given units are used up."""
        amount = amount_for(self.off, currency=tab.basket.currency, channel=tab.basket.channel)
        if self.off and amount is None:
            return NOTHING
        can_buy, can_give = set(meant(self.bought, tab.basket)), set(meant(self.given, tab.basket))
        times = self._times(tab, can_buy, can_give)
        if not times:
            return NOTHING
        spare = self._spare(tab, can_buy, can_give, times)
        ranked = tab.ranked(sorted(can_give), dearest=self.pick is Pick.DEAREST, basis=self.basis)
        given = _drawn(tab, ranked, self.get * times, spare=spare, shared=can_buy)
        only_bought = tab.ranked(sorted(can_buy - can_give), dearest=True, basis=self.basis)
        either = tab.ranked(sorted(can_buy & can_give), dearest=True, basis=self.basis)
        bought = _drawn(tab, [*only_bought, *either], self.buy * times, without=given)
        if amount is not None:
            return _used(tab, given, bought, {place: min(amount * count, tab.worth(place, count, Basis.LEFT)) for place, count in given.items()})
        return _percent_off(tab, given, bought, self.percent, self.basis, self.rounding)

    def most(self, basket: Basket) -> int:
        """The dearest units that could be given, at list prices, or the amount for each."""
        can_give = meant(self.given, basket)
        units = sum(basket.lines[place].quantity for place in {*meant(self.bought, basket), *can_give})
        times = units // (self.buy + self.get)
        count = self.get * (times if self.times is None else min(times, self.times))
        if self.off:
            amount = amount_for(self.off, currency=basket.currency, channel=basket.channel) or 0
            return min(amount * count, at_most(basket, self.given))
        return min(share(_dearest(basket, can_give, count), self.percent, Rounding.CEILING), at_most(basket, self.given))

    def touches(self, basket: Basket) -> tuple[int, ...]:
        """The lines that could be bought for it and those that could be given."""
        return (*meant(self.bought, basket), *meant(self.given, basket))

    def _times(self, tab: Tab, can_buy: set[int], can_give: set[int]) -> int:
        """How often there is enough of both."""
        only_buy, only_give, either = (_free(tab, it) for it in (can_buy - can_give, can_give - can_buy, can_buy & can_give))
        low, high = 0, (only_buy + only_give + either) // (self.buy + self.get)
        if self.times is not None:
            high = min(high, self.times)
        while low < high:
            middle = (low + high + 1) // 2
            fits = max(0, self.buy * middle - only_buy) + max(0, self.get * middle - only_give) <= either
            low, high = (middle, high) if fits else (low, middle - 1)
        return low

    def _spare(self, tab: Tab, can_buy: set[int], can_give: set[int], times: int) -> int:
        """How many of the units that could be bought may be given all the same."""
        return _free(tab, can_buy & can_give) - max(0, self.buy * times - _free(tab, can_buy - can_give))


@frozen
class EveryNth:
    """Every nth unit of what is meant at so much off, counted from the dearest: `EveryNth(2, percent=5000)` is the second at half its price."""

    n: int = field(validator=whole(least=2, most=1_000))
    percent: int = field(default=BASIS_POINTS, validator=whole(least=1, most=BASIS_POINTS))
    lines: LineMatch = field(default=ANYTHING, validator=is_match)
    basis: Basis = field(default=Basis.LEFT, validator=of(Basis))
    times: int | None = field(default=None, validator=maybe(whole(least=1)))
    rounding: Rounding = field(default=Rounding.HALF_UP, validator=of(Rounding))
    aim = Aim.LINE

    @property
    def keys(self) -> Keys:
        """Those of the lines."""
        return self.lines.keys

    def take(self, tab: Tab) -> Taken:
        """The part of what every nth unit is worth; all units up to the last such one are used up."""
        given: Counts = {}
        others: Counts = {}
        places = tab.ranked(meant(self.lines, tab.basket), dearest=True, basis=self.basis)
        times = sum(map(tab.free, places)) // self.n
        last, passed = self.n * (times if self.times is None else min(times, self.times)), 0
        for place in places:
            count = min(tab.free(place), last - passed)
            nth = (passed + count) // self.n - passed // self.n
            passed += count
            given[place], others[place] = nth, count - nth
        return _percent_off(tab, given, others, self.percent, self.basis, self.rounding)

    def most(self, basket: Basket) -> int:
        """As many of the dearest units, at list prices."""
        places = meant(self.lines, basket)
        times = sum(basket.lines[place].quantity for place in places) // self.n
        count = times if self.times is None else min(times, self.times)
        return min(share(_dearest(basket, places, count), self.percent, Rounding.CEILING), at_most(basket, self.lines))

    def touches(self, basket: Basket) -> tuple[int, ...]:
        """The lines that are meant."""
        return meant(self.lines, basket)


@frozen
class Part:
    """So many units of what is meant, as a part of a bundle."""

    quantity: int = field(validator=whole(least=1, most=1_000))
    lines: LineMatch = field(default=ANYTHING, validator=is_match)


@frozen
class Bundle:
    """These parts together cost so much, as often as they can be put together, or `times` at most; a bundle that would cost less without is not made.

    The parts are filled in their order, each with the dearest units that are free.
    """

    parts: tuple[Part, ...] = field(validator=members(Part, least=1))
    prices: Amounts = field(converter=as_amounts, validator=amounts(least=0))
    times: int = field(default=100, validator=whole(least=1, most=1_000))
    aim = Aim.LINE

    @property
    def keys(self) -> Keys:
        """Those of the part with the fewest: each part must be there."""
        known = [part.lines.keys for part in self.parts if part.lines.keys is not None]
        return min(known, key=len) if known else None

    def take(self, tab: Tab) -> Taken:
        """What the bundles would cost beyond their price."""
        price = amount_for(self.prices, currency=tab.basket.currency, channel=tab.basket.channel)
        if price is None:
            return NOTHING
        ranked = [tab.ranked(meant(part.lines, tab.basket), dearest=True, basis=Basis.LEFT) for part in self.parts]
        all_units: Counts = {}
        made = 0
        while made < self.times:
            one = self._one(tab, ranked, all_units)
            if one is None or _worth(tab, one, Basis.LEFT) <= price:
                break
            all_units = {place: all_units.get(place, 0) + one.get(place, 0) for place in {*all_units, *one}}
            made += 1
        off = _worth(tab, all_units, Basis.LEFT) - price * made
        return _off(tab, all_units, {}, off) if made else NOTHING

    def most(self, basket: Basket) -> int:
        """All that its lines amount to, beyond one price."""
        price = amount_for(self.prices, currency=basket.currency, channel=basket.channel)
        if price is None:
            return 0
        places = {place for part in self.parts for place in meant(part.lines, basket)}
        lines = [basket.lines[place] for place in places]
        room = sum(max(0, line.amount - line.floor * line.quantity) for line in lines)
        return max(0, min(sum(line.amount for line in lines) - price, room))

    def touches(self, basket: Basket) -> tuple[int, ...]:
        """The lines of all parts."""
        return tuple([place for part in self.parts for place in meant(part.lines, basket)])

    def _one(self, tab: Tab, ranked: Sequence[Sequence[int]], used: Counts) -> Counts | None:
        """The units of one more bundle; `None` when a part cannot be filled."""
        one: Counts = {}
        for part, places in zip(self.parts, ranked, strict=True):
            wanted = part.quantity
            for place in places:
                count = min(wanted, tab.free(place) - used.get(place, 0) - one.get(place, 0))
                if count > 0:
                    one[place] = one.get(place, 0) + count
                    wanted -= count
            if wanted:
                return None
        return one


def _free(tab: Tab, places: Iterable[int]) -> int:
    return sum(map(tab.free, places))


def _drawn(tab: Tab, ranked: Iterable[int], wanted: int, *, without: Counts | None = None, spare: int = 0, shared: Iterable[int] = ()) -> Counts:
    """So many free units from the lines in this order; of the `shared` ones no more than `spare`."""
    drawn: Counts = {}
    shared = set(shared)
    for place in ranked:
        count = min(wanted, tab.free(place) - (without or {}).get(place, 0))
        if place in shared:
            count = min(count, spare)
            spare -= count
        if count > 0:
            drawn[place] = count
            wanted -= count
    return drawn


def _worth(tab: Tab, counts: Counts, basis: Basis) -> int:
    return sum(tab.worth(place, count, basis) for place, count in counts.items())


def _percent_off(tab: Tab, given: Counts, others: Counts, percent: int, basis: Basis, rounding: Rounding) -> Taken:
    return _off(tab, given, others, share(_worth(tab, given, basis), percent, rounding), basis)


def _off(tab: Tab, given: Counts, others: Counts, amount: int, basis: Basis = Basis.LEFT) -> Taken:
    """An amount off the given units, by what they are worth; these and the others are used up, unless nothing comes of it."""
    places = sorted(given)
    worths = [tab.worth(place, given[place], basis) for place in places]
    if amount <= 0 or not any(worths):
        return NOTHING
    return _used(tab, given, others, dict(zip(places, allocate(amount, worths), strict=True)))


def _used(tab: Tab, given: Counts, others: Counts, parts: Counts) -> Taken:
    """These amounts off the lines, above their floors; the given and the other units are used up, unless nothing comes of it."""
    places = sorted(parts)
    kept = tab.kept_to_room(places, [parts[place] for place in places])
    if not any(kept):
        return NOTHING
    used = [given.get(place, 0) + others.get(place, 0) for place in range(len(tab.left))]
    return Taken(tab.over_lines(places, kept), tuple(used))


def _dearest(basket: Basket, places: Iterable[int], count: int) -> int:
    """What so many of the dearest units amount to at list prices."""
    amount = 0
    for place in sorted(places, key=lambda place: basket.lines[place].unit_price, reverse=True):
        units = min(count, basket.lines[place].quantity)
        amount += units * basket.lines[place].unit_price
        count -= units
    return amount
