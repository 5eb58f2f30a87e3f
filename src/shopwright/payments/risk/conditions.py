"""What a risk rule asks of a payment. A condition answers yes, no, or `None` where it cannot tell.

Rules
- RISK-3: what is not known is neither yes nor no, and `NotThat` of it is not known either; `EachOf` is no where one is no, `AnyOf` yes where one is;
- bounds are strict: "above 3" is 4 and more, "younger than a day" is less than 24 hours;
- `inputs` tells what a condition looked at, in words and numbers that may be stored and shown: never a value of a link.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Protocol, TypeVar

from attrs import field, frozen

from shopwright.edges import members, of, text, texts, whole
from shopwright.errors import InvalidValue
from shopwright.payments.risk.context import Funding, Where
from shopwright.payments.risk.facts import RiskFacts
from shopwright.payments.risk.velocities import KEPT, Velocity
from shopwright.payments.risk.verdicts import Inputs
from shopwright.refusals import Fact

T = TypeVar("T")


class RiskCondition(Protocol):
    """Something that can be asked of the facts."""

    def holds(self, facts: RiskFacts) -> bool | None:
        """Whether it is so; `None` where that is not known."""
        ...

    def inputs(self, facts: RiskFacts) -> Inputs:
        """What was looked at, to be stored with the decision."""
        ...


def _tuple_of(given: Iterable[T]) -> tuple[T, ...]:
    return tuple(given)


def _above(value: int | None, bound: int) -> bool | None:
    return None if value is None else value > bound


def _told(**facts: Fact | None) -> Inputs:
    return tuple((name, "unknown" if fact is None else fact) for name, fact in facts.items())


@frozen
class TooOften:
    """A velocity counts more than `above`; without `sums` that may be at most what a trail remembers (RISK-2)."""

    velocity: Velocity = field(validator=of(Velocity))
    above: int = field(validator=whole(least=0), kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not self.velocity.sums and self.above >= KEPT:
            raise InvalidValue(f"expected a bound below {KEPT}, which is how many happenings are remembered, got {self.above}")

    def holds(self, facts: RiskFacts) -> bool | None:
        """Whether it happened more often."""
        return _above(facts.count(self.velocity), self.above)

    def inputs(self, facts: RiskFacts) -> Inputs:
        """What was counted, by what, and in how many seconds."""
        seconds = int(self.velocity.within.total_seconds())
        return _told(by=self.velocity.by.value, seconds=seconds, counted=facts.count(self.velocity))


@frozen
class AmountAbove:
    """It is about more than so many minor units."""

    amount: int = field(validator=whole(least=0))

    def holds(self, facts: RiskFacts) -> bool | None:
        """Whether the amount is above."""
        return facts.amount > self.amount

    def inputs(self, facts: RiskFacts) -> Inputs:
        """The amount."""
        return _told(amount=facts.amount)


@frozen
class AmountBelow:
    """It is about less than so many minor units, as when somebody tries out cards."""

    amount: int = field(validator=whole(least=1))

    def holds(self, facts: RiskFacts) -> bool | None:
        """Whether the amount is below."""
        return facts.amount < self.amount

    def inputs(self, facts: RiskFacts) -> Inputs:
        """The amount."""
        return _told(amount=facts.amount)


@frozen
class AmountUnusual:
    """It is about more than `percent` of what this buyer's orders cost on average."""

    percent: int = field(validator=whole(least=100, most=1_000_000))

    def holds(self, facts: RiskFacts) -> bool | None:
        """Whether the amount is above; not known of who has no orders."""
        return None if not facts.usual_amount else facts.amount * 100 > facts.usual_amount * self.percent

    def inputs(self, facts: RiskFacts) -> Inputs:
        """The amount, and the usual one."""
        return _told(amount=facts.amount, usual_amount=facts.usual_amount)


@frozen
class CountriesDiffer:
    """Two countries that are known are not the same one."""

    one: Where = field(validator=of(Where))
    other: Where = field(validator=of(Where))

    def holds(self, facts: RiskFacts) -> bool | None:
        """Whether they differ."""
        one, other = facts.country(self.one), facts.country(self.other)
        return None if one is None or other is None else one != other

    def inputs(self, facts: RiskFacts) -> Inputs:
        """Both countries."""
        return tuple((f"{place.value}_country", facts.country(place) or "unknown") for place in (self.one, self.other))


@frozen
class CountryIn:
    """A country is one of these."""

    place: Where = field(validator=of(Where))
    countries: tuple[str, ...] = field(converter=_tuple_of, validator=texts(least=2, most=2))

    def holds(self, facts: RiskFacts) -> bool | None:
        """Whether it is one of them."""
        country = facts.country(self.place)
        return None if country is None else country in self.countries

    def inputs(self, facts: RiskFacts) -> Inputs:
        """The country."""
        return ((f"{self.place.value}_country", facts.country(self.place) or "unknown"),)


@frozen
class FirstOrder:
    """The buyer has paid and kept no order before."""

    def holds(self, facts: RiskFacts) -> bool | None:
        """Whether it is the first."""
        return None if facts.orders_before is None else facts.orders_before == 0

    def inputs(self, facts: RiskFacts) -> Inputs:
        """How many there were."""
        return _told(orders_before=facts.orders_before)


@frozen
class AccountYounger:
    """The account is younger than this; that of a guest always is."""

    than: timedelta = field(validator=of(timedelta))

    def holds(self, facts: RiskFacts) -> bool | None:
        """Whether it is younger."""
        if facts.guest:
            return True
        return None if facts.account_since is None else facts.at - facts.account_since < self.than

    def inputs(self, facts: RiskFacts) -> Inputs:
        """Its age in seconds."""
        age = None if facts.account_since is None else int((facts.at - facts.account_since).total_seconds())
        return _told(guest=facts.guest, account_seconds=age)


@frozen
class IsGuest:
    """Whoever buys has no account."""

    def holds(self, facts: RiskFacts) -> bool | None:
        """Whether it is a guest."""
        return facts.guest

    def inputs(self, facts: RiskFacts) -> Inputs:
        """Whether it is a guest."""
        return _told(guest=facts.guest)


@frozen
class EmailDisposable:
    """The e-mail address is of a domain that gives addresses away for minutes."""

    def holds(self, facts: RiskFacts) -> bool | None:
        """Whether it is."""
        return facts.email_disposable

    def inputs(self, facts: RiskFacts) -> Inputs:
        """Whether it is."""
        return _told(email_disposable=facts.email_disposable)


@frozen
class IpAnonymous:
    """The request came over a proxy, a VPN or the like."""

    def holds(self, facts: RiskFacts) -> bool | None:
        """Whether it did."""
        return facts.ip_anonymous

    def inputs(self, facts: RiskFacts) -> Inputs:
        """Whether it did."""
        return _told(ip_anonymous=facts.ip_anonymous)


@frozen
class FundedBy:
    """The card is funded in one of these ways."""

    ways: tuple[Funding, ...] = field(converter=_tuple_of, validator=members(Funding, least=1))

    def holds(self, facts: RiskFacts) -> bool | None:
        """Whether it is."""
        return None if facts.funding is None else facts.funding in self.ways

    def inputs(self, facts: RiskFacts) -> Inputs:
        """How it is funded."""
        return _told(funding=None if facts.funding is None else facts.funding.value)


@frozen
class PaidBy:
    """The payment is by one of these methods."""

    methods: tuple[str, ...] = field(converter=_tuple_of, validator=texts(least=1, most=60))

    def holds(self, facts: RiskFacts) -> bool | None:
        """Whether it is."""
        return facts.method in self.methods if facts.method else None

    def inputs(self, facts: RiskFacts) -> Inputs:
        """The method."""
        return _told(method=facts.method or None)


@frozen
class GoodsTagged:
    """Some of the goods have one of these tags: gift cards, downloads, what is easily sold on."""

    tags: tuple[str, ...] = field(converter=_tuple_of, validator=texts(least=1))

    def holds(self, facts: RiskFacts) -> bool | None:
        """Whether some have."""
        return None if facts.tags is None else not facts.tags.isdisjoint(self.tags)

    def inputs(self, facts: RiskFacts) -> Inputs:
        """Which of them."""
        return _told(tags=None if facts.tags is None else ", ".join(sorted(facts.tags.intersection(self.tags))))


@frozen
class OnList:
    """One of the links stands on this list."""

    name: str = field(validator=text(least=1, most=60))

    def holds(self, facts: RiskFacts) -> bool | None:
        """Whether one does."""
        return self.name in facts.lists

    def inputs(self, facts: RiskFacts) -> Inputs:
        """The list."""
        return ((f"list_{self.name}", self.name in facts.lists),)


@frozen
class ChargebacksAbove:
    """Payments that share a link with this one were charged back more than so often."""

    count: int = field(default=0, validator=whole(least=0))

    def holds(self, facts: RiskFacts) -> bool | None:
        """Whether they were."""
        return _above(facts.chargebacks, self.count)

    def inputs(self, facts: RiskFacts) -> Inputs:
        """How often they were."""
        return _told(chargebacks=facts.chargebacks)


@frozen
class ScoreAbove:
    """An engine outside said more than this."""

    engine: str = field(validator=text(least=1, most=60))
    score: int = field(validator=whole())

    def holds(self, facts: RiskFacts) -> bool | None:
        """Whether it did."""
        return _above(facts.score(self.engine), self.score)

    def inputs(self, facts: RiskFacts) -> Inputs:
        """What it said."""
        return ((f"score_{self.engine}", "unknown" if (score := facts.score(self.engine)) is None else score),)


def _conditions(given: Iterable[RiskCondition]) -> tuple[RiskCondition, ...]:
    conditions = tuple(given)
    if not conditions or not all(callable(getattr(it, "holds", None)) and callable(getattr(it, "inputs", None)) for it in conditions):
        raise InvalidValue(f"expected one or more conditions, got {conditions!r}")
    return conditions


def _together(parts: tuple[RiskCondition, ...], facts: RiskFacts) -> Inputs:
    return tuple(dict(pair for part in parts for pair in part.inputs(facts)).items())


@frozen(init=False)
class EachOf:
    """All of these hold."""

    parts: tuple[RiskCondition, ...]

    def __init__(self, *parts: RiskCondition) -> None:
        self.__attrs_init__(_conditions(parts))

    def holds(self, facts: RiskFacts) -> bool | None:
        """Whether all hold."""
        told = {part.holds(facts) for part in self.parts}
        return False if False in told else None if None in told else True

    def inputs(self, facts: RiskFacts) -> Inputs:
        """What all of them looked at."""
        return _together(self.parts, facts)


@frozen(init=False)
class AnyOf:
    """One of these holds."""

    parts: tuple[RiskCondition, ...]

    def __init__(self, *parts: RiskCondition) -> None:
        self.__attrs_init__(_conditions(parts))

    def holds(self, facts: RiskFacts) -> bool | None:
        """Whether one holds."""
        told = {part.holds(facts) for part in self.parts}
        return True if True in told else None if None in told else False

    def inputs(self, facts: RiskFacts) -> Inputs:
        """What all of them looked at."""
        return _together(self.parts, facts)


@frozen
class NotThat:
    """This does not hold."""

    part: RiskCondition

    def holds(self, facts: RiskFacts) -> bool | None:
        """Whether it does not."""
        told = self.part.holds(facts)
        return None if told is None else not told

    def inputs(self, facts: RiskFacts) -> Inputs:
        """What it looked at."""
        return self.part.inputs(facts)


def parts_of(condition: RiskCondition) -> Iterator[RiskCondition]:
    """The conditions that a condition is made of, itself where it is made of none."""
    match condition:
        case EachOf() | AnyOf():
            for part in condition.parts:
                yield from parts_of(part)
        case NotThat():
            yield from parts_of(condition.part)
        case _:
            yield condition


def velocities_of(condition: RiskCondition) -> tuple[Velocity, ...]:
    """The velocities that a condition asks for, itself or in its parts."""
    return tuple([part.velocity for part in parts_of(condition) if isinstance(part, TooOften)])
