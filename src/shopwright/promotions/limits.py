"""How often a promotion may be used and how much it may cost: limits, and the quotas that count them.

Rules
- a limit is a quota under a key of its own, decided by the store when an order is written: held while the order is unpaid, used once it is
  paid, given back when it is canceled or its hold lapses;
- a day is the day of the shop's zone, and a budget counts money of one currency, lines and shipping together;
- a limit per member needs a member, and one per code counts each code that was typed and that the promotion asks for;
- a birthday is counted under the calendar year it is in, so that a date of birth that was corrected gives no second one in that year;
- a promotion whose limits changed is a new version; the quotas are then brought to the new limits.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from attrs import field, frozen

from shopwright.edges import maybe, text, whole
from shopwright.periods import zone_of
from shopwright.promotions.amounts import Amounts, amount_for, amounts, as_amounts

_MOST = 10**12


@frozen
class Limits:
    """At most so many uses in all, per member, per code and per day of a zone, so many units, and so much money off; `None` is without a limit.

    `per_birthday` counts the uses of a member around each birthday; it is for promotions with the condition `Birthday`, and an order that meets
    another branch of their condition is not counted.

    `units` and `units_per_member` are for flash prices: they count all units of the lines that the promotion changes, and an order that wants
    more than are left does without the promotion.
    """

    total: int | None = field(default=None, validator=maybe(whole(least=0, most=_MOST)))
    per_member: int | None = field(default=None, validator=maybe(whole(least=1, most=_MOST)))
    per_code: int | None = field(default=None, validator=maybe(whole(least=1, most=_MOST)))
    per_day: int | None = field(default=None, validator=maybe(whole(least=1, most=_MOST)))
    per_birthday: int | None = field(default=None, validator=maybe(whole(least=1, most=_MOST)))
    units: int | None = field(default=None, validator=maybe(whole(least=1, most=_MOST)))
    units_per_member: int | None = field(default=None, validator=maybe(whole(least=1, most=_MOST)))
    budget: Amounts = field(default=(), converter=as_amounts, validator=amounts(some=False))
    zone: str = field(default="UTC", validator=text(least=1, most=100))

    def __attrs_post_init__(self) -> None:
        zone_of(self.zone)

    @property
    def are_none(self) -> bool:
        """Whether nothing is limited."""
        return self == Limits(zone=self.zone)

    @property
    def need_a_member(self) -> bool:
        """Whether something is counted per member."""
        return self.per_member is not None or self.per_birthday is not None or self.units_per_member is not None


NO_LIMITS = Limits()
"""As often as anybody likes."""


@frozen
class Claim:
    """So much of a limit as one order needs: the key of its quota, the quantity, and what the limit is."""

    key: str
    quantity: int
    limit: int


@frozen
class Use:
    """One use of a promotion: what it takes off in minor units, for whom, by which codes, off how many units, and around which year's birthday."""

    promotion_id: str
    amount: int
    currency: str
    channel: str
    member: str
    codes: frozenset[str]
    at: datetime
    units: int = 0
    birthday: int | None = None


def claims(limits: Limits, use: Use) -> tuple[Claim, ...]:
    """What a use needs of the limits of its promotion."""
    found: list[Claim] = []
    start = f"promotion/{use.promotion_id}"
    if limits.total is not None:
        found.append(Claim(f"{start}/total", 1, limits.total))
    if limits.per_member is not None:
        found.append(Claim(f"{start}/member/{_short(use.member)}", 1, limits.per_member))
    if limits.per_code is not None:
        found += [Claim(f"{start}/code/{_short(code)}", 1, limits.per_code) for code in sorted(use.codes)]
    if limits.per_day is not None:
        day = use.at.astimezone(zone_of(limits.zone)).date().isoformat()
        found.append(Claim(f"{start}/day/{day}", 1, limits.per_day))
    if limits.per_birthday is not None and use.birthday is not None:
        found.append(Claim(f"{start}/birthday/{use.birthday}/{_short(use.member)}", 1, limits.per_birthday))
    if limits.units is not None and use.units:
        found.append(Claim(f"{start}/units", use.units, limits.units))
    if limits.units_per_member is not None and use.units:
        found.append(Claim(f"{start}/units-of/{_short(use.member)}", use.units, limits.units_per_member))
    budget = amount_for(limits.budget, currency=use.currency, channel=use.channel)
    if budget is not None and use.amount:
        found.append(Claim(f"{start}/budget/{use.currency}", use.amount, budget))
    return tuple(found)


def promotion_of(key: str) -> str:
    """The id of the promotion that a quota key counts for."""
    return key.split("/")[1]


def _short(name: str) -> str:
    """A name that fits into a key; different names stay different."""
    return name if len(name) <= 60 else f"{name[:20]}~{sha256(name.encode()).hexdigest()[:32]}"
