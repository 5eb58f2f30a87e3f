"""What a sku has cost in a shop without any gap, and the prior price that an announced reduction has to tell in the European Union.

    history = PriceHistory("TEA", "EUR").changed(1000, at=january).changed(800, at=may)
    prior = prior_price(history, at=may, zone="Europe/Berlin")
    prior.minor, prior.percent_off(800)        # 1000, 2000 basis points

The law: Directive 98/6/EC, Article 6a, put there by Directive (EU) 2019/2161; the Commission's guidance on it, OJ C 526 of 29.12.2021, p. 130; and
the judgment of 26 September 2024, C-330/23 (Aldi Sued), by which a percentage counts from the prior price too.

Rules
- the price holds from one change to the next, so that its intervals have no gap and no overlap; `None` is a time at which it was not for sale;
- OMNIBUS-1: the prior price is the lowest at which it was for sale in the 30 days before the reduction (paragraph 2), the price that held when they
  began included, and that of the reduction not;
- OMNIBUS-2: the days are those of the calendar of the place, whole ones before the day of the reduction (Regulation 1182/71, Article 3), and never
  fewer than so many times 24 hours;
- OMNIBUS-3: what has been for sale for less than that tells the lowest since it came (paragraph 4 lets a state allow it); what was not for sale in
  that time has no prior price, and no reduction of it can be announced;
- OMNIBUS-4: where a reduction grew in steps (paragraph 5 lets a state allow it), the days count back from its first step, as long as the price never
  rose and was always for sale since; else from the step itself;
- a percentage is rounded down, so that it never says more than there is;
- prices of single buyers and of clubs are not those of the shop, and stay out of its history; a channel has a history of its own.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from attrs import evolve, field, frozen

from shopwright.catalog.price_lists import PriceLists
from shopwright.catalog.products import MAX_SKU
from shopwright.edges import identifier, maybe, members, text, whole
from shopwright.errors import InvalidValue
from shopwright.money import BASIS_POINTS, Money
from shopwright.periods import Window, Zone, day_of, start_of_day, utc

DAYS = 30
"""How many days the directive asks for at least."""


@frozen
class PriceChange:
    """From this moment on a unit costs so many minor units; `None` says that it is not for sale."""

    at: datetime = field(converter=utc)
    minor: int | None = field(validator=maybe(whole(least=0)))


@frozen
class PriceInterval:
    """A stretch of time and what a unit cost in it."""

    window: Window
    minor: int | None


@frozen
class PriceHistory:
    """The price of a sku in one currency and channel over time. Raises `InvalidValue` for changes that are not in order or change nothing."""

    sku: str = field(validator=identifier(most=MAX_SKU))
    currency: str = field(validator=text(least=3, most=3))
    channel: str = field(default="", validator=text())
    changes: tuple[PriceChange, ...] = field(default=(), validator=members(PriceChange))

    def __attrs_post_init__(self) -> None:
        Money(0, self.currency)
        before = None
        for number, change in enumerate(self.changes):
            if number and change.at <= self.changes[number - 1].at:
                raise InvalidValue(f"expected the changes of the price of {self.sku} in the order of their time, got {change.at.isoformat()} late")
            if change.minor == before:
                raise InvalidValue(f"expected changes of the price of {self.sku}, got {change.minor} twice in a row at {change.at.isoformat()}")
            before = change.minor

    def changed(self, minor: int | None, *, at: datetime) -> PriceHistory:
        """The history with another price from this moment on; itself where it is the price already.

        Raises `InvalidValue` for a moment that is not after the last change: what customers have seen is not rewritten.
        """
        change = PriceChange(at, minor)
        if self.changes and change.at <= self.changes[-1].at:
            last = self.changes[-1].at.isoformat()
            raise InvalidValue(f"expected a change of the price of {self.sku} after the last one, at {last}, got {change.at.isoformat()}")
        return self if minor == self.price_at(change.at) else evolve(self, changes=(*self.changes, change))

    def price_at(self, at: datetime) -> int | None:
        """What a unit cost at this moment; `None` where it was not for sale."""
        at = utc(at)
        return next((change.minor for change in reversed(self.changes) if change.at <= at), None)

    def intervals(self) -> tuple[PriceInterval, ...]:
        """All of time: from before the first change to after the last one, each interval beginning where the one before it ends."""
        starts = [None, *[change.at for change in self.changes]]
        prices = [None, *[change.minor for change in self.changes]]
        return tuple([PriceInterval(Window(*bounds), minor) for *bounds, minor in zip(starts, [*starts[1:], None], prices, strict=True)])

    def within(self, window: Window) -> tuple[PriceInterval, ...]:
        """The intervals of a window, cut to it."""
        cut = [(each.window.intersection(window), each.minor) for each in self.intervals()]
        return tuple([PriceInterval(inside, minor) for inside, minor in cut if inside is not None])


class PriorBasis(StrEnum):
    """Which days a prior price is from."""

    LAST_DAYS = "last_days"
    NEW = "new"
    """It has not been for sale for so many days."""
    FIRST_STEP = "first_step"
    """The days before the first step of a reduction that grew."""


@frozen
class PriorPrice:
    """The price to tell beside a reduced one, the days that were looked at, and since when it held in them."""

    minor: int
    currency: str
    basis: PriorBasis
    days: Window
    since: datetime

    @property
    def money(self) -> Money:
        """The price as money."""
        return Money(self.minor, self.currency)

    def percent_off(self, minor: int) -> int:
        """By how many basis points a price is below the prior one, rounded down; zero where it is no reduction, and none may be announced."""
        return max(0, self.minor - minor) * BASIS_POINTS // self.minor if self.minor else 0


def prior_price(history: PriceHistory, *, at: datetime, zone: Zone, days: int = DAYS, first_step: datetime | None = None) -> PriorPrice | None:
    """The price that the announcement of a reduction at this moment has to tell; `None` where nothing was for sale in those days.

    `first_step` is when a reduction that grew in steps began, in a state that allows to count from there. Raises `InvalidValue` for fewer than
    one day, and for a first step after `at`.
    """
    at = utc(at)
    if days < 1:
        raise InvalidValue(f"expected one day or more, got {days}")
    basis = PriorBasis.LAST_DAYS
    if first_step is not None:
        first_step = utc(first_step, "first_step")
        if first_step > at:
            raise InvalidValue(f"expected the first step of a reduction at or before {at.isoformat()}, got {first_step.isoformat()}")
        if _only_fell(history, Window(first_step, at), at):  # OMNIBUS-4
            at, basis = first_step, PriorBasis.FIRST_STEP
    window = _days_before(at, days, zone)
    sold = [(each.minor, each.window.start) for each in history.within(window) if each.minor is not None]
    if not sold or window.start is None:
        return None  # OMNIBUS-3
    minor, since = min([(minor, start or window.start) for minor, start in sold])  # OMNIBUS-1
    if basis is PriorBasis.LAST_DAYS and all(change.minor is None or change.at > window.start for change in history.changes):
        basis = PriorBasis.NEW
    return PriorPrice(minor, history.currency, basis, window, since)


def _days_before(at: datetime, days: int, zone: Zone) -> Window:
    """Whole days of the calendar before the day of a moment, up to that moment (OMNIBUS-2)."""
    try:
        first = day_of(at, zone) - timedelta(days=days)
        return Window(min(start_of_day(first, zone), at - timedelta(days=days)), at)
    except OverflowError:
        raise InvalidValue(f"expected {days} days before {at.isoformat()} to be in the years 1 to 9999") from None


def _only_fell(history: PriceHistory, since: Window, at: datetime) -> bool:
    """Whether the price was for sale and never rose, from the first step to the moment itself."""
    prices = [each.minor for each in history.within(since)]
    if history.price_at(at) is not None:
        prices.append(history.price_at(at))
    known = [minor for minor in prices if minor is not None]
    return len(known) == len(prices) and known == sorted(known, reverse=True)


def listed_history(lists: PriceLists, sku: str, *, currency: str, channel: str = "", since: datetime, until: datetime) -> PriceHistory:
    """What lists say that a unit costs everybody over a time, as a history: from `since` on, with each change before `until`."""
    since, until = utc(since, "since"), utc(until, "until")
    history = PriceHistory(sku, currency, channel)
    for moment in (since, *lists.turns(after=since)):
        if moment < until:
            money = lists.price(sku, currency=currency, channel=channel, at=moment).money
            history = history.changed(None if money is None else money.minor, at=moment)
    return history
