"""What a promotion gives: percentages and amounts off lines, fixed prices, ladders, shipping, gifts, points and coupons.

Rules
- an effect says which lines it means, from which price it reckons (`Basis`), and how much it may give at most (`Cap`);
- a discount is reckoned once for all lines that are meant and then allocated over them, so its parts always sum to it;
- an effect takes nothing where it has no amount in the basket's currency and channel;
- `most` is a promise to the search: never less than what the effect could take off this basket, whatever was taken before it.

Effects over single units (buy X get Y, every nth, bundles) are in `shopwright.promotions.units`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, Protocol

from attrs import field, frozen

from shopwright.edges import maybe, members, of, whole
from shopwright.errors import InvalidValue
from shopwright.money import BASIS_POINTS, Rounding, allocate, share
from shopwright.promotions.amounts import Amounts, amount_for, amounts, as_amounts
from shopwright.promotions.basket import Basket
from shopwright.promotions.matching import ANYTHING, Keys, LineMatch, is_match, meant
from shopwright.promotions.taking import NOTHING, Basis, Pick, Tab, Taken


class Aim(IntEnum):
    """What an effect is about; within a lane they are taken in this order."""

    LINE = 1
    """Single lines or units."""
    ORDER = 2
    """All that is meant, as a whole."""
    SHIPPING = 3
    EXTRA = 4
    """No money: gifts, points, coupons."""


class Effect(Protocol):
    """What a promotion does. Pure: it looks at the tab and changes nothing.

    It may also have `touches(basket) -> tuple[int, ...]`: the places of all lines that it looks at or takes from, and `SHIPPING` where it does
    so with shipping. Promotions that touch nothing in common are searched apart; one that does not tell is taken to touch all. One that gives
    gifts may say by `if_gone` what happens without them, as `Extra` does.
    """

    @property
    def aim(self) -> Aim:
        """What it is about."""
        ...

    @property
    def keys(self) -> Keys:
        """What at least one of must be found in a basket for it to do anything; `None` for anything."""
        ...

    def take(self, tab: Tab) -> Taken:
        """What it gives, with what is left after the promotions before it."""
        ...

    def most(self, basket: Basket) -> int:
        """No less than it could ever take off this basket, in minor units."""
        ...


def is_effects(instance: Any, attribute: Any, value: Any) -> None:
    """A validator for effects, ours or a plug-in's."""
    members(object, least=1)(instance, attribute, value)
    for each in value:
        if not (callable(getattr(each, "take", None)) and callable(getattr(each, "most", None))):
            where = f"{type(instance).__name__}.{attribute.name}"
            raise InvalidValue(f"{where} must be effects, such as Percent(...), got {type(each).__name__}")


@frozen
class Cap:
    """How much an effect may give: per unit, per line and per order in money, and to how many units, the cheapest or the dearest."""

    per_unit: Amounts = field(default=(), converter=as_amounts, validator=amounts(some=False))
    per_line: Amounts = field(default=(), converter=as_amounts, validator=amounts(some=False))
    per_order: Amounts = field(default=(), converter=as_amounts, validator=amounts(some=False))
    units: int | None = field(default=None, validator=maybe(whole(least=1)))
    pick: Pick = field(default=Pick.DEAREST, validator=of(Pick))


NO_CAP = Cap()
"""No limit but the price itself."""


def counted(tab: Tab, lines: LineMatch, cap: Cap, basis: Basis) -> list[tuple[int, int]]:
    """The lines that are meant, each with how many of its units the cap lets an effect touch."""
    places = meant(lines, tab.basket)
    lines_of = tab.basket.lines
    quantities = [(place, lines_of[place].quantity) for place in places]
    if cap.units is None or sum(quantity for _, quantity in quantities) <= cap.units:
        return quantities
    some, left = [], cap.units
    for place in tab.ranked(places, dearest=cap.pick is Pick.DEAREST, basis=basis):
        count = min(left, tab.basket.lines[place].quantity)
        if count:
            some.append((place, count))
        left -= count
    return sorted(some)


def capped(tab: Tab, parts: Sequence[int], counts: list[tuple[int, int]], cap: Cap) -> Taken:
    """What is given under the caps and above the floors of these parts, one for each line that is counted."""
    places = [place for place, _ in counts]
    kept: Sequence[int] = tab.kept_to_room(places, parts if cap is NO_CAP else _under(parts, counts, cap, tab.basket))
    if cap.per_order:
        per_order = amount_for(cap.per_order, currency=tab.basket.currency, channel=tab.basket.channel)
        if per_order is not None and sum(kept) > per_order:
            kept = allocate(per_order, kept)
    return Taken(tab.over_lines(places, kept)) if any(kept) else NOTHING


def _under(parts: Sequence[int], counts: list[tuple[int, int]], cap: Cap, basket: Basket) -> list[int]:
    per_unit, per_line = (amount_for(it, currency=basket.currency, channel=basket.channel) for it in (cap.per_unit, cap.per_line))
    if per_unit is not None:
        parts = [min(part, per_unit * count) for part, (_, count) in zip(parts, counts, strict=True)]
    return [min(part, per_line) for part in parts] if per_line is not None else list(parts)


def spread(worths: Sequence[int], amount: int) -> Sequence[int]:
    """An amount over lines by what the units that are meant are worth; never more than that."""
    total = sum(worths)
    return allocate(min(amount, total), worths) if total else worths


def worth_of(basket: Basket, lines: LineMatch) -> tuple[int, int]:
    """What the lines that are meant amount to before promotions, and what at most can be taken off them; reckoned once for a basket."""
    known = basket.worths.get(id(lines))
    if known is not None and known[0] is lines:
        reckoned: tuple[int, int] = known[1]
        return reckoned
    places, amounts, floors = meant(lines, basket), basket.amounts, basket.floors
    found = sum([amounts[place] for place in places]), sum([max(0, amounts[place] - floors[place]) for place in places])
    basket.worths[id(lines)] = lines, found
    return found


def at_most(basket: Basket, lines: LineMatch) -> int:
    """What can be taken off the lines that are meant: all above their floors."""
    return worth_of(basket, lines)[1]


def limited(basket: Basket, most: int, cap: Cap) -> int:
    """The same under the cap per order."""
    if not cap.per_order:
        return most
    per_order = amount_for(cap.per_order, currency=basket.currency, channel=basket.channel)
    return most if per_order is None else min(most, per_order)


@frozen
class Percent:
    """So many basis points off the lines that are meant (1,000 is 10 %), rounded once by its policy."""

    percent: int = field(validator=whole(least=1, most=BASIS_POINTS))
    lines: LineMatch = field(default=ANYTHING, validator=is_match)
    basis: Basis = field(default=Basis.LEFT, validator=of(Basis))
    cap: Cap = field(default=NO_CAP, validator=of(Cap))
    rounding: Rounding = field(default=Rounding.HALF_UP, validator=of(Rounding))
    aim: Aim = field(default=Aim.ORDER, validator=of(Aim))

    @property
    def keys(self) -> Keys:
        """Those of the lines."""
        return self.lines.keys

    def take(self, tab: Tab) -> Taken:
        """The part of what the lines are worth."""
        counts = counted(tab, self.lines, self.cap, self.basis)
        worths = tab.worths(counts, self.basis)
        return capped(tab, spread(worths, share(sum(worths), self.percent, self.rounding)), counts, self.cap)

    def most(self, basket: Basket) -> int:
        """The part of the list prices, rounded up."""
        worth, room = worth_of(basket, self.lines)
        if self.basis is Basis.LIST:
            worth = sum([basket.lines[place].unit_price * basket.lines[place].quantity for place in meant(self.lines, basket)])
        most = min(-(-worth * self.percent // BASIS_POINTS), room)
        return most if self.cap is NO_CAP else limited(basket, most, self.cap)

    def touches(self, basket: Basket) -> tuple[int, ...]:
        """The lines that are meant."""
        return meant(self.lines, basket)


@frozen
class EachOff:
    """A fixed amount off each unit that is meant."""

    amounts: Amounts = field(converter=as_amounts, validator=amounts())
    lines: LineMatch = field(default=ANYTHING, validator=is_match)
    cap: Cap = field(default=NO_CAP, validator=of(Cap))
    aim = Aim.LINE

    @property
    def keys(self) -> Keys:
        """Those of the lines."""
        return self.lines.keys

    def take(self, tab: Tab) -> Taken:
        """The amount for each unit, as far as there is something left of it."""
        amount = amount_for(self.amounts, currency=tab.basket.currency, channel=tab.basket.channel)
        if amount is None:
            return NOTHING
        counts = counted(tab, self.lines, self.cap, Basis.LEFT)
        worths = tab.worths(counts, Basis.LEFT)
        parts = [min(amount * count, worth) for (_, count), worth in zip(counts, worths, strict=True)]
        return capped(tab, parts, counts, self.cap)

    def most(self, basket: Basket) -> int:
        """The amount for every unit, or all that the lines amount to."""
        amount = amount_for(self.amounts, currency=basket.currency, channel=basket.channel) or 0
        units = sum(basket.lines[place].quantity for place in meant(self.lines, basket))
        return limited(basket, min(amount * units, at_most(basket, self.lines)), self.cap)

    def touches(self, basket: Basket) -> tuple[int, ...]:
        """The lines that are meant."""
        return meant(self.lines, basket)


@frozen
class AcrossOff:
    """A fixed amount off all lines that are meant together, split by what is left of them."""

    amounts: Amounts = field(converter=as_amounts, validator=amounts())
    lines: LineMatch = field(default=ANYTHING, validator=is_match)
    cap: Cap = field(default=NO_CAP, validator=of(Cap))
    aim = Aim.ORDER

    @property
    def keys(self) -> Keys:
        """Those of the lines."""
        return self.lines.keys

    def take(self, tab: Tab) -> Taken:
        """The amount, or all that is left."""
        amount = amount_for(self.amounts, currency=tab.basket.currency, channel=tab.basket.channel)
        counts = counted(tab, self.lines, self.cap, Basis.LEFT)
        return NOTHING if amount is None else capped(tab, spread(tab.worths(counts, Basis.LEFT), amount), counts, self.cap)

    def most(self, basket: Basket) -> int:
        """The amount, or all that the lines amount to."""
        amount = amount_for(self.amounts, currency=basket.currency, channel=basket.channel) or 0
        return limited(basket, min(amount, at_most(basket, self.lines)), self.cap)

    def touches(self, basket: Basket) -> tuple[int, ...]:
        """The lines that are meant."""
        return meant(self.lines, basket)


@frozen
class OnceOff:
    """A fixed amount off one unit: the dearest or the cheapest that is meant."""

    amounts: Amounts = field(converter=as_amounts, validator=amounts())
    lines: LineMatch = field(default=ANYTHING, validator=is_match)
    pick: Pick = field(default=Pick.DEAREST, validator=of(Pick))
    aim = Aim.LINE

    @property
    def keys(self) -> Keys:
        """Those of the lines."""
        return self.lines.keys

    def take(self, tab: Tab) -> Taken:
        """The amount, or all that is left of the unit."""
        return AcrossOff(self.amounts, self.lines, Cap(units=1, pick=self.pick)).take(tab)

    def most(self, basket: Basket) -> int:
        """The amount."""
        return AcrossOff(self.amounts, self.lines).most(basket)

    def touches(self, basket: Basket) -> tuple[int, ...]:
        """The lines that are meant."""
        return meant(self.lines, basket)


@frozen
class FixedPrice:
    """Each unit that is meant costs so much, where it would cost more."""

    prices: Amounts = field(converter=as_amounts, validator=amounts(least=0))
    lines: LineMatch = field(default=ANYTHING, validator=is_match)
    cap: Cap = field(default=NO_CAP, validator=of(Cap))
    aim = Aim.LINE

    @property
    def keys(self) -> Keys:
        """Those of the lines."""
        return self.lines.keys

    def take(self, tab: Tab) -> Taken:
        """What the units cost beyond the price."""
        price = amount_for(self.prices, currency=tab.basket.currency, channel=tab.basket.channel)
        if price is None:
            return NOTHING
        counts = counted(tab, self.lines, self.cap, Basis.LEFT)
        worths = tab.worths(counts, Basis.LEFT)
        parts = [max(0, worth - price * count) for (_, count), worth in zip(counts, worths, strict=True)]
        return capped(tab, parts, counts, self.cap)

    def most(self, basket: Basket) -> int:
        """What the list prices are beyond the price."""
        price = amount_for(self.prices, currency=basket.currency, channel=basket.channel)
        if price is None:
            return 0
        lines = [basket.lines[place] for place in meant(self.lines, basket)]
        over = sum(max(0, line.unit_price - price) * line.quantity for line in lines)
        return limited(basket, min(over, at_most(basket, self.lines)), self.cap)

    def touches(self, basket: Basket) -> tuple[int, ...]:
        """The lines that are meant."""
        return meant(self.lines, basket)
