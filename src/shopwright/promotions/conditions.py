"""When a promotion applies: a tree of conditions over a basket, each of which can say how far it is from being met.

Rules
- a condition looks at the basket before any promotion: what one promotion takes off never changes whether another applies;
- what is not known (`None`) meets no condition and is told as missing, also under `Not`: nobody gets a discount for what we do not know;
- the first condition of an `All` that surely fails is the one that is told, before one of which it is not known; of an `AnyOf` that fails
  every branch is told, and of a `Not` what was met;
- conditions are pure and look at no clock: the time is the basket's.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Protocol, TypeVar

from attrs import evolve, field, frozen

from shopwright.edges import maybe, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.periods import utc
from shopwright.promotions.amounts import Amounts, amount_for, amounts, as_amounts
from shopwright.promotions.basket import Basket, as_names, some_names
from shopwright.promotions.birthdays import BirthdayWindow
from shopwright.promotions.coupons import normalize_code
from shopwright.promotions.matching import ANYTHING, Anything, Keys, LineMatch, is_match, keys_of_all, keys_of_any, meant
from shopwright.promotions.windows import DateWindow, Recurring
from shopwright.refusals import Fact

T = TypeVar("T")


# Not slotted, like what is told of a promotion: a basket has one for each that does not apply, and they are made in half the time.
@frozen(slots=False)
class Unmet:
    """Why a condition does not hold.

    `required` and `actual` are in the unit of the condition (minor units for `money`); `actual` is `None` where it is not known. `missing` is
    how much more would do, 0 where more would not help. `path` leads through the tree to the condition; `inside` are the branches of an `AnyOf`,
    whose paths begin there.
    """

    condition: str
    required: Fact
    actual: Fact | None
    missing: int = 0
    unit: str = ""
    path: tuple[int, ...] = ()
    inside: tuple[Unmet, ...] = ()

    @property
    def is_unknown(self) -> bool:
        """Whether it fails because something is not known."""
        return self.actual is None and (not self.inside or any(branch.is_unknown for branch in self.inside))


class Condition(Protocol):
    """Says whether a promotion applies to a basket. Pure; the same basket always gets the same answer, whatever the order of its lines."""

    @property
    def keys(self) -> Keys:
        """What at least one of must be found in a basket, on a line or around it; `None` for anything."""
        ...

    def unmet(self, basket: Basket) -> Unmet | None:
        """Why it does not hold; `None` when it does."""
        ...


def is_condition(instance: Any, attribute: Any, value: Any) -> None:
    """A validator for a condition, ours or a plug-in's."""
    if not (callable(getattr(value, "unmet", None)) and hasattr(value, "keys")):
        where = f"{type(instance).__name__}.{attribute.name}"
        raise InvalidValue(f"{where} must be a condition, such as CartTotal(...), got {type(value).__name__}")


def _are_conditions(instance: Any, attribute: Any, value: Any) -> None:
    members(object)(instance, attribute, value)
    for each in value:
        is_condition(instance, attribute, each)


def _are_some_conditions(instance: Any, attribute: Any, value: Any) -> None:
    members(object, least=1)(instance, attribute, value)
    _are_conditions(instance, attribute, value)


@frozen
class All:
    """All of these; with none, always."""

    of: tuple[Condition, ...] = field(default=(), validator=_are_conditions)

    @property
    def keys(self) -> Keys:
        """Those of the part with the fewest: each part must hold."""
        return keys_of_all(part.keys for part in self.of)

    def unmet(self, basket: Basket) -> Unmet | None:
        """The first part that surely fails, else the first of which it is not known."""
        unknown: Unmet | None = None
        for place, part in enumerate(self.of):
            failed = part.unmet(basket)
            if failed is None:
                continue
            failed = evolve(failed, path=(place, *failed.path))
            if not failed.is_unknown:
                return failed
            unknown = unknown or failed
        return unknown


@frozen
class AnyOf:
    """At least one of these."""

    of: tuple[Condition, ...] = field(validator=_are_some_conditions)

    @property
    def keys(self) -> Keys:
        """Those of all parts, when each has some."""
        return keys_of_any(part.keys for part in self.of)

    def unmet(self, basket: Basket) -> Unmet | None:
        """Every branch, when all fail."""
        failed: list[Unmet] = []
        for place, part in enumerate(self.of):
            branch = part.unmet(basket)
            if branch is None:
                return None
            failed.append(evolve(branch, path=(place, *branch.path)))
        return Unmet("any_of", len(self.of), None, inside=tuple(failed))


@frozen
class Not:
    """Not this; what is not known stays not known."""

    of: Condition = field(validator=is_condition)

    @property
    def keys(self) -> Keys:
        """Anything may do."""
        return None

    def unmet(self, basket: Basket) -> Unmet | None:
        """What was met and should not be, or what is not known."""
        inner = self.of.unmet(basket)
        if inner is None:
            return Unmet("not", False, True, path=(0,))
        return evolve(inner, path=(0, *inner.path)) if inner.is_unknown else None


ALWAYS = All()
"""No condition."""


@frozen
class CartTotal:
    """The lines that are meant amount to at least, and at most, so much before promotions; unmet in a currency that is not named."""

    least: Amounts = field(default=(), converter=as_amounts, validator=amounts(least=0, some=False))
    most: Amounts = field(default=(), converter=as_amounts, validator=amounts(least=0, some=False))
    lines: LineMatch = field(default=ANYTHING, validator=is_match)

    def __attrs_post_init__(self) -> None:
        if not (self.least or self.most):
            raise InvalidValue("CartTotal must name an amount as its least or its most, for it holds in no currency that neither names")

    @property
    def keys(self) -> Keys:
        """Those of the lines, when an amount is asked for in every market that has one: where none is, a cart without such lines will do."""
        asked = {(amount.money.currency, amount.channel) for amount in self.least}
        everywhere = all({(each.money.currency, each.channel), (each.money.currency, "")} & asked for each in self.most)
        return self.lines.keys if everywhere and all(amount.money.minor for amount in self.least) else None

    def unmet(self, basket: Basket) -> Unmet | None:
        """How much is missing, or too much."""
        total = basket.amount if isinstance(self.lines, Anything) else sum([basket.amounts[place] for place in meant(self.lines, basket)])
        low = amount_for(self.least, currency=basket.currency, channel=basket.channel)
        high = amount_for(self.most, currency=basket.currency, channel=basket.channel)
        if low is None and high is None:
            named = sorted({amount.money.currency for amount in (*self.least, *self.most)})
            return Unmet("currency", ", ".join(named), basket.currency)
        if low is not None and total < low:
            return Unmet("cart_total", low, total, low - total, "money")
        return Unmet("cart_total_most", high, total, 0, "money") if high is not None and total > high else None


@frozen
class CartQuantity:
    """The lines that are meant have at least, and at most, so many units together."""

    least: int = field(default=1, validator=whole(least=0))
    most: int | None = field(default=None, validator=maybe(whole(least=0)))
    lines: LineMatch = field(default=ANYTHING, validator=is_match)

    @property
    def keys(self) -> Keys:
        """Those of the lines, when a unit is asked for."""
        return self.lines.keys if self.least else None

    def unmet(self, basket: Basket) -> Unmet | None:
        """How many are missing, or too many."""
        units = basket.units if isinstance(self.lines, Anything) else sum([basket.lines[place].quantity for place in meant(self.lines, basket)])
        if units < self.least:
            return Unmet("cart_quantity", self.least, units, self.least - units, "units")
        return Unmet("cart_quantity_most", self.most, units, 0, "units") if self.most is not None and units > self.most else None


def _as_codes(given: Any) -> frozenset[str]:
    return frozenset(map(normalize_code, as_names(given)))


@frozen
class Code:
    """One of these codes was typed."""

    codes: frozenset[str] = field(converter=_as_codes, validator=some_names)

    @property
    def keys(self) -> Keys:
        """One of the codes."""
        return frozenset(("code", code) for code in self.codes)

    def unmet(self, basket: Basket) -> Unmet | None:
        """The code is not among those that were typed; which codes there are is nobody's to learn."""
        return Unmet("code", "a code", "none") if self.codes.isdisjoint(basket.codes) else None


@frozen
class Issued:
    """A code that was issued for this promotion was typed, and admitted; a shop puts it before the conditions of each promotion of its code book."""

    promotion: str = field(validator=text(least=1, most=100))

    reads = frozenset({"code"})

    @property
    def word(self) -> str:
        """What a basket has among its codes for it. Nobody can type it: what is typed is in capitals."""
        return f"issued:{self.promotion}"

    @property
    def codes(self) -> frozenset[str]:
        """The word, as the one code that it asks for."""
        return frozenset((self.word,))

    @property
    def keys(self) -> Keys:
        """The word."""
        return frozenset((("code", self.word),))

    def unmet(self, basket: Basket) -> Unmet | None:
        """No such code is among those that were typed."""
        return None if self.word in basket.codes else Unmet("code", "a code", "none")


@frozen
class OneOf:
    """Something around the basket is one of these values: `OneOf("channel", {"app"})`, `OneOf("tier", {"gold"})`."""

    what: str = field()
    values: frozenset[str] = field(converter=as_names, validator=some_names)

    def __attrs_post_init__(self) -> None:
        if self.what not in AROUND:
            raise InvalidValue(f"expected one of {', '.join(sorted(AROUND))}, got {self.what!r}")

    @property
    def keys(self) -> Keys:
        """One of the values."""
        return frozenset((self.what, value) for value in self.values)

    def unmet(self, basket: Basket) -> Unmet | None:
        """It is another one, or not known."""
        found = around(basket, self.what)
        if found is not None and not self.values.isdisjoint(found):
            return None
        return Unmet(self.what, ", ".join(sorted(self.values)), None if found is None else ", ".join(sorted(found)))


AROUND = ("channel", "payment_method", "ship_to", "tier", "segment", "buyer")
"""What `OneOf` can look at."""


def around(basket: Basket, what: str) -> frozenset[str] | None:
    """The values of something around the basket; `None` where it is not known."""
    return basket.around[what]


@frozen
class NthOrder:
    """This is the buyer's order of a number from `first` to `last`: `NthOrder()` is the first order, `NthOrder(3, None)` each from the third on."""

    first: int = field(default=1, validator=whole(least=1))
    last: int | None = field(default=1, validator=maybe(whole(least=1)))

    def __attrs_post_init__(self) -> None:
        if self.last is not None and self.last < self.first:
            raise InvalidValue(f"NthOrder.last must be {self.first} or more, or None for each order from there on, got {self.last}")

    @property
    def keys(self) -> Keys:
        """Anything may do."""
        return None

    def unmet(self, basket: Basket) -> Unmet | None:
        """It is another one, or not known."""
        before = basket.buyer.orders
        if before is None:
            return Unmet("nth_order", self.first, None, unit="orders")
        number = before + 1
        if number < self.first:
            return Unmet("nth_order", self.first, number, self.first - number, "orders")
        return Unmet("nth_order_last", self.last, number, 0, "orders") if self.last is not None and number > self.last else None


@frozen
class NewBuyer:
    """The buyer joined so many days ago at most."""

    days: int = field(validator=whole(least=0, most=36_500))

    @property
    def keys(self) -> Keys:
        """Anything may do."""
        return None

    def unmet(self, basket: Basket) -> Unmet | None:
        """Joined too long ago, or nobody knows when."""
        joined = basket.buyer.joined_at
        if joined is None:
            return Unmet("new_buyer", self.days, None, unit="days")
        age = basket.at - joined
        return Unmet("new_buyer", self.days, age.days, 0, "days") if age > timedelta(days=self.days) else None


@frozen
class During:
    """The window is on at the time of the basket: `During(DateWindow(...))`, `During(Recurring("FREQ=WEEKLY;BYDAY=MO", ...))`."""

    window: DateWindow | Recurring = field(validator=of(DateWindow, Recurring))

    @property
    def keys(self) -> Keys:
        """Anything may do."""
        return None

    def unmet(self, basket: Basket) -> Unmet | None:
        """It is off: when it is on next, and the time it is, as ISO 8601 in UTC; a window that never comes again asks for nothing, ``""``."""
        if self.window.is_open(basket.at):
            return None
        following = self.window.next_start(basket.at)
        return Unmet("during", "" if following is None else utc(following).isoformat(), utc(basket.at).isoformat(), 0, "time")


@frozen
class Birthday:
    """The window around the buyer's birthday is on, by the calendar of the buyer's zone.

    Once a year is a limit, and no condition: `Limits(per_birthday=1)`.
    """

    window: BirthdayWindow = field(default=BirthdayWindow(), validator=of(BirthdayWindow))

    @property
    def keys(self) -> Keys:
        """Anything may do."""
        return None

    def unmet(self, basket: Basket) -> Unmet | None:
        """It is off, or the date of birth is not known; no day is told, so that no date of birth gets into a trace."""
        born = basket.buyer.born
        if born is None:
            return Unmet("birthday", True, None)
        is_on = self.window.opened(born, zone=basket.buyer.zone, at=basket.at) is not None
        return None if is_on else Unmet("birthday", True, False)


def asked(condition: Any, *kinds: type[T]) -> list[T]:
    """The conditions of these kinds in a tree, wherever they stand in it."""
    if isinstance(condition, kinds):
        return [condition]
    parts = getattr(condition, "of", ())
    return [found for part in (parts if isinstance(parts, tuple) else (parts,)) for found in asked(part, *kinds)]
