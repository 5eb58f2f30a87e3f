"""Points in the books: counted from the entries of all accounts, by when they were earned."""

from __future__ import annotations

from datetime import timedelta

from shopwright import accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows.points import commands as p
from shopwright.loyalty import EndOf, account_id
from shopwright.loyalty.cohorts import Counted, cohort
from shopwright.loyalty.liability import report
from shopwright.wire.kinds import KINDS
from tests.flows.mall import CLERK, START, Mall
from tests.flows.pointed import ANNS, BOBS, DAY
from tests.surroundings import tries

MILES = account_id("ann", "miles")


def a_mall() -> Mall:
    """Ann and Bob have points of two months, of which some were spent and some have lapsed; Ann has miles as well."""
    mall = Mall(MemoryStorage(KINDS))
    for number, (account, points, lasts) in enumerate([(ANNS, 100, 20), (BOBS, 50, None), (MILES, 7, None)]):
        grant = p.GrantPoints(
            key=f"grant-{number}",
            by=CLERK,
            account_id=account,
            lot_id=f"lot-{number}",
            points=points,
            expires_at=None if lasts is None else START + lasts * DAY,
        )
        accepted(mall.shop.points.grant(grant))
    accepted(mall.shop.points.redeem(p.RedeemPoints(key="r", by=CLERK, account_id=ANNS, redemption_id="cup", points=30)))
    mall.clock.advance(40 * DAY)
    accepted(mall.shop.points.grant(p.GrantPoints(key="wait", by=CLERK, account_id=BOBS, lot_id="late", points=20, wait=True)))
    mall.shop.points.expire()
    return mall


def test_the_points_of_all_accounts_are_counted_by_the_month_in_which_they_were_earned():
    mall, told = a_mall(), []

    counted = mall.shop.points.counted(zone="Europe/Berlin", progress=lambda what, read: told.append((what, read)))

    first, second = f"{START:%Y-%m}-01", f"{START + 40 * DAY:%Y-%m}-01"
    assert counted == (Counted(id=first, given=150, redeemed=30, expired=70), Counted(id=second, given=20, pending=20))
    assert told == [("points", 6)]
    assert [it.given for it in mall.shop.points.counted(zone="UTC", unit=EndOf.YEAR, points="miles")] == [7]


def test_the_books_of_an_earlier_day_are_those_of_that_day():
    mall = a_mall()

    (then,) = mall.shop.points.counted(zone="UTC", as_of=START + timedelta(days=1))

    assert (then.redeemed, then.expired, then.outstanding) == (30, 0, 120)
    books = report([cohort(then, deferred=1_500, redeemed_of_10_000=8_000)])
    assert (books.outstanding, books.recognized, books.liability) == (120, 375, 1_125)


def test_a_history_of_many_pages_is_counted_whole():
    mall = Mall(MemoryStorage(KINDS))
    count = tries(1_100, full=2_000)
    for number in range(count):
        accepted(mall.shop.points.grant(p.GrantPoints(key=f"{number}", by=CLERK, account_id=ANNS, lot_id=f"lot-{number}", points=1)))

    assert sum(it.given for it in mall.shop.points.counted(zone="UTC")) == count
