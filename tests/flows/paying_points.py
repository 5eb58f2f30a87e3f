"""Shops whose orders earn points and are paid with them: programs, members with points, and orders of both tenders."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from attrs import evolve

from shopwright import Order, PlaceOrder, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows.points import accounts as points
from shopwright.flows.points.commands import GrantPoints
from shopwright.flows.points.saving import kept_account
from shopwright.loyalty.account import Account, Balance
from shopwright.loyalty.earning import EarnRule
from shopwright.loyalty.naming import account_id
from shopwright.loyalty.program import PointsProgram
from shopwright.loyalty.tendering import PointsTender
from shopwright.loyalty.tiers import AtLeast, Basis, Benefits, Tier
from shopwright.payments.payment import Tender
from shopwright.ports.storage import Storage
from shopwright.promotions.basket import Buyer
from shopwright.wire.kinds import KINDS
from tests.flows.mall import CLERK, Mall, an_order, paid

TIERS = (Tier(id="regular"), Tier(id="gold", requires=AtLeast(Basis.SPEND, 4_000), gives=Benefits(points_rate=20_000)))
PROGRAM = PointsProgram(currency="EUR", rules=(EarnRule(id="euro"),), window=timedelta(days=14))
PAYING = evolve(PROGRAM, tender=PointsTender(points=1, worth=10))
"""A point for a euro, that pays ten cents."""

ANNS = account_id("ann")
ORDER_OF_BOTH = {"loyalty": PAYING}


class Members:
    """Who buys is in this tier, or in that of its name."""

    def __init__(self, tier: str | None = None, **tiers: str) -> None:
        self.tier, self.tiers = tier, tiers

    def known(self, buyer_id: str, *, at: datetime) -> Buyer:
        """The buyer, in its tier."""
        return Buyer(buyer_id, tier=self.tiers.get(buyer_id, self.tier))


def a_mall(program: PointsProgram = PAYING, *, storage: Storage | None = None, **ways: Any) -> Mall:
    """A mall with a points program."""
    return Mall(storage or MemoryStorage(KINDS), ways={"loyalty": program, **ways})


def with_points(mall: Mall, many: int = 300, *, member: str = "ann", lot: str = "gift", **facts: Any) -> None:
    """A member has so many points."""
    granted = GrantPoints(key=f"{member}-{lot}", by=CLERK, account_id=account_id(member), lot_id=f"{member}-{lot}", points=many, **facts)
    accepted(points.grant_points(mall.shop.ports, granted, at=mall.clock.now()))


def mixed(amount: int = 2_000, *, key: str = "o1", source: str = ANNS, capture: bool = True, points_last: bool = False) -> PlaceOrder:
    """An order of 49.00, so much of which is paid with points."""
    given = Tender(method="points", amount=amount, gateway="points", source=source, capture=capture)
    card = Tender(method="card", amount=4_900 - amount, gateway="fake", source="tok_ok", capture=capture)
    tenders = (given, card) if amount < 4_900 else (given,)
    return evolve(an_order(key=key), tenders=tenders[::-1] if points_last else tenders)


def paid_with_points(mall: Mall) -> Order:
    """An order of 49.00, of which 20.00 are paid with points."""
    with_points(mall)
    return paid(mall.shop, mixed())


def account(mall: Mall, id: str = ANNS) -> Account:
    """An account as it stands."""
    return kept_account(mall.shop.ports, id).account


def balance(mall: Mall, id: str = ANNS) -> Balance:
    """What of an account can be spent, waits and is held."""
    return account(mall, id).balance(mall.clock.now())
