"""How often something happened of late with one card, address or device: sliding windows over short trails.

Rules
- RISK-1: a window is open where it begins: what happened exactly `within` ago is not counted, what happens now is;
- RISK-2: a trail keeps, of each kind of happening, the latest `KEPT`, so it never grows and a count up to `KEPT` is exact; no rule asks for more;
- chargebacks come weeks after their payments, so they are kept for a year, whatever the windows of the rules;
- sums are of one currency;
- a happening that is told twice under one key is one;
- what lies in the future, because a clock went back, is not counted until its time has come.

The primitives are those of the fraud engines of payment providers: Stripe Radar, Adyen, Checkout.com and CyberSource document the same ones.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from attrs import evolve, field, frozen

from shopwright.edges import identifier, maybe, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.periods import aware, utc

KEPT = 200
"""How many happenings of each kind a trail remembers, and the most that a rule can ask for."""


CHARGEBACKS_KEPT = timedelta(days=366)
"""How long chargebacks are remembered."""


class Link(StrEnum):
    """By what payments are known to belong together."""

    CARD = "card"
    BUYER = "buyer"
    EMAIL = "email"
    PHONE = "phone"
    DEVICE = "device"
    IP = "ip"
    ADDRESS = "address"


class Kind(StrEnum):
    """What happened."""

    ATTEMPT = "attempt"
    """Somebody set out to pay; who leaves the page of the provider has too."""
    DECLINE = "decline"
    SUCCESS = "success"
    CHARGEBACK = "chargeback"
    COUPON = "coupon"
    """A coupon for new buyers was used."""
    REFERRAL = "referral"
    """Somebody came by a referral."""


@frozen(kw_only=True)
class Happening:
    """One thing that happened, known by its `key`: its kind, its amount in minor units of `currency`, and the links that it was seen with."""

    key: str = field(validator=identifier())
    kind: Kind = field(validator=of(Kind))
    at: datetime = field(converter=utc)
    amount: int = field(default=0, validator=whole(least=0))
    currency: str = field(default="", validator=text(most=3))
    links: tuple[tuple[Link, str], ...] = field(default=(), validator=members(tuple), repr=False)


@frozen(kw_only=True)
class Velocity:
    """What is counted: happenings of these `kinds` with the same value of `by`, no longer ago than `within`.

    With `distinct` it counts the different values of another link among them, such as cards of one address; with `sums` it adds their amounts up.
    Raises `InvalidValue` for both, and for a link that is counted by itself.
    """

    by: Link = field(validator=of(Link))
    within: timedelta = field(validator=of(timedelta))
    kinds: frozenset[Kind] = field(default=frozenset({Kind.ATTEMPT}), validator=of(frozenset))
    distinct: Link | None = field(default=None, validator=maybe(of(Link)))
    sums: bool = field(default=False, validator=of(bool))

    def __attrs_post_init__(self) -> None:
        if not timedelta(0) < self.within <= timedelta(days=366):
            raise InvalidValue(f"expected a window of up to 366 days, such as timedelta(hours=1), got {self.within!r}")
        if not self.kinds or not all(isinstance(kind, Kind) for kind in self.kinds):
            raise InvalidValue(f"expected the kinds of a velocity as a set of Kind, got {self.kinds!r}")
        if self.distinct is not None and self.sums:
            raise InvalidValue("a velocity either counts distinct links or adds amounts up; make two of them")
        if self.distinct is self.by:
            raise InvalidValue(f"happenings with the same {self.by} have one {self.by}; count another link")


@frozen(kw_only=True)
class Trail:
    """What happened of late with one value of one link; `id` is `<link>/<value>`."""

    id: str
    happenings: tuple[Happening, ...] = ()


def trail_id(link: Link, value: str) -> str:
    """Under which id a trail is kept."""
    return f"{link}/{value}"


def noted(trail: Trail, happening: Happening, *, keep: timedelta) -> Trail:
    """The trail with what happened; what is older than `keep`, and of each kind all but the latest `KEPT`, is forgotten (RISK-2)."""
    if any(it.key == happening.key and it.kind is happening.kind for it in trail.happenings):
        return trail
    together = sorted((*trail.happenings, happening), key=lambda it: (it.at, it.key))
    newest = together[-1].at
    kept: list[Happening] = []
    seen: dict[Kind, int] = {}
    for it in reversed(together):
        seen[it.kind] = seen.get(it.kind, 0) + 1
        if seen[it.kind] <= KEPT and it.at > newest - (max(keep, CHARGEBACKS_KEPT) if it.kind is Kind.CHARGEBACK else keep):
            kept.append(it)
    return evolve(trail, happenings=tuple(reversed(kept)))


def merged(one: Trail, other: Trail) -> Trail:
    """Two trails of what turns out to be one link, as one under the first one's id."""
    known = {(it.key, it.kind) for it in one.happenings}
    more = [it for it in other.happenings if (it.key, it.kind) not in known]
    return evolve(one, happenings=tuple(sorted((*one.happenings, *more), key=lambda it: (it.at, it.key))))


def counted(trail: Trail, velocity: Velocity, *, at: datetime, currency: str = "") -> int:
    """What a velocity counts now (RISK-1); sums are of amounts in this currency, of all without one."""
    begins = aware(at) - velocity.within
    within = [it for it in trail.happenings if it.kind in velocity.kinds and begins < it.at <= at]
    if velocity.sums:
        return sum([it.amount for it in within if not currency or it.currency == currency])
    if velocity.distinct is None:
        return len(within)
    return len({value for it in within for link, value in it.links if link is velocity.distinct})
