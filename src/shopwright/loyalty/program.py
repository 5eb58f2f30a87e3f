"""A points program as one value: what orders earn by which rules, when that can be spent, what takes it back, and what points pay.

    program = PointsProgram(currency="EUR", rules=(EarnRule(id="one-for-a-euro"),), tiers=policy.tiers)

Rules
- EARN-5: what an order earns is frozen with it, by the rules of that day and the tier of the member before it; whoever is in no known tier
  is in the lowest;
- EARN-6: of several rules all earn, or the one that grants most, or the first that grants any; where two grant as much, the one told first;
- an order in another currency than the program's earns nothing and is paid with none of its points.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from attrs import field, frozen

from shopwright.edges import MOST, identifier, maybe, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.loyalty.earning import EarnLine, EarnRule
from shopwright.loyalty.expiry import ExpiresAfter, ExpiresOn, Expiry
from shopwright.loyalty.naming import account_problem
from shopwright.loyalty.order_points import EarnRate, ExpiresFrom, Opens, OrderPoints, RateOf, Several, earned_by
from shopwright.loyalty.reversing import Recourse
from shopwright.loyalty.rewards import Prize
from shopwright.loyalty.tendering import PointsTender
from shopwright.loyalty.tiers import Tier
from shopwright.periods import zone_name

LONGEST_RULE = 100
"""How long the id of a rule is at most: it is a part of the id of what an order earns."""


@frozen(kw_only=True)
class PointsProgram:
    """What orders in `currency` earn in one kind of points (`points`), and what those pay.

    What `rules` give comes together by `several`, multiplied by what the `tiers` of the program and promotions say; lines of an `excluded` sku earn
    nothing. `most_per_day` (of the program's zone) and `most_per_member` cap what a member is granted by orders, in points.

    Points of an order can be spent once it has been complete, or delivered (`opens`), for the length of `window`; with `expiry` they expire, counted
    `expires_from` when they were earned or when they can first be spent. `recourse` says how far it goes when they are taken back, and with
    `refunds_take` money that goes back takes its share along though the goods stay. `tender` says what points pay, `None` for nothing,
    and `prizes` are the coupons that they buy.

    Raises `InvalidValue` for two rules or two prizes of one id, and for an id of a rule of more than 100 characters.
    """

    currency: str = field(validator=text(least=3, most=3))
    id: str = field(default="points", validator=identifier(most=60))
    version: int = field(default=1, validator=whole(least=1))
    points: str = field(default="points", validator=identifier(most=60))
    rules: tuple[EarnRule, ...] = field(default=(), validator=members(EarnRule))
    several: Several = field(default=Several.SUM, validator=of(Several))
    tiers: tuple[Tier, ...] = field(default=(), validator=members(Tier))
    excluded: tuple[str, ...] = field(default=(), validator=members(str))
    zone: str = field(default="UTC", converter=zone_name)
    most_per_day: int | None = field(default=None, validator=maybe(whole(least=1, most=MOST)))
    most_per_member: int | None = field(default=None, validator=maybe(whole(least=1, most=MOST)))
    opens: Opens = field(default=Opens.COMPLETED, validator=of(Opens))
    window: timedelta = field(default=timedelta(0), validator=of(timedelta))
    expiry: Expiry | None = field(default=None, validator=maybe(of(ExpiresAfter, ExpiresOn)))
    expires_from: ExpiresFrom = field(default=ExpiresFrom.AVAILABLE, validator=of(ExpiresFrom))
    recourse: Recourse = field(default=Recourse.WITHIN_BALANCE, validator=of(Recourse))
    refunds_take: bool = field(default=True, validator=of(bool))
    tender: PointsTender | None = field(default=None, validator=maybe(of(PointsTender)))
    prizes: tuple[Prize, ...] = field(default=(), validator=members(Prize))

    def __attrs_post_init__(self) -> None:
        ids = [rule.id for rule in self.rules]
        if len(set(ids)) < len(ids):
            raise InvalidValue(f"expected each rule once, got {', '.join(ids)}")
        if max(map(len, ids), default=0) > LONGEST_RULE:
            raise InvalidValue(f"expected ids of rules of at most {LONGEST_RULE} characters, got {max(ids, key=len)[:60]!r} and more")
        prizes = [prize.id for prize in self.prizes]
        if len(set(prizes)) < len(prizes):
            raise InvalidValue(f"expected each prize once, got {', '.join(prizes)}")
        if account_problem(f"{self.points}/member") or "/" in self.points:
            raise InvalidValue(f"PointsProgram.points must be a kind of points as `account_id` takes it, got {self.points!r}")
        if self.window < timedelta(0):
            raise InvalidValue(f"expected a window of zero or more, got {self.window}")

    def prize(self, id: str) -> Prize | None:
        """The prize of this id."""
        return next((prize for prize in self.prizes if prize.id == id), None)

    @property
    def is_capped(self) -> bool:
        """Whether what a member is granted is capped over several orders."""
        return self.most_per_day is not None or self.most_per_member is not None

    def left(self, *, today: int, ever: int) -> int | None:
        """What is left of the caps for a member who was granted so many points today and ever; `None` where there is no cap."""
        caps = [(self.most_per_day, today), (self.most_per_member, ever)]
        return min([max(0, most - granted) for most, granted in caps if most is not None], default=None)

    def tier_rate(self, tier: str | None) -> EarnRate | None:
        """What the tier of a member before an order multiplies its points by; the lowest where none is known, `None` without tiers (EARN-5)."""
        if not self.tiers:
            return None
        found = next((it for it in self.tiers if it.id == tier), self.tiers[0])
        return EarnRate(RateOf.TIER, found.id, found.version, found.gives.points_rate)

    def freeze(
        self,
        lines: Iterable[EarnLine],
        *,
        tier: str | None = None,
        promotions: Sequence[EarnRate] = (),
        paid_with_points: int = 0,
        left: int | None = None,
    ) -> OrderPoints:
        """What an order of these lines earns, for good: `left` is what is left of the caps, in points (EARN-5)."""
        told = tuple(lines)
        of_tier = self.tier_rate(tier)
        rates = (*(() if of_tier is None else (of_tier,)), *promotions)
        return OrderPoints(
            program=self.id,
            version=self.version,
            points=self.points,
            gateway="" if self.tender is None else self.tender.gateway,
            rules=self.rules,
            several=self.several,
            rates=rates,
            barred=tuple([line.line_no for line in told if not line.earns]),
            left=left,
            earned=earned_by(self.rules, told, several=self.several, rates=rates, paid_with_points=paid_with_points, left=left),
            opens=self.opens,
            window=self.window,
            expiry=self.expiry,
            expires_from=self.expires_from,
            recourse=self.recourse,
            refunds_take=self.refunds_take,
        )
