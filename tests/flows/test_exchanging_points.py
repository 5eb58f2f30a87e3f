"""Points that buy coupons: the points and the code go together, each code once."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from shopwright import accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import InvalidValue, KeyConflict
from shopwright.flows.points import commands as p
from shopwright.loyalty import account_id
from shopwright.loyalty.rewards import CouponGiven, CouponReward, HandedOut, Prize
from shopwright.promotions.code_batches import code_at
from shopwright.wire.kinds import KINDS, REWARDS
from tests.flows.coded import ANNS as ISSUED
from tests.flows.coded import BOOK, FIVE, ONCE, TWICE, a_coded_order
from tests.flows.mall import ANN, CLERK, START, Mall, refused
from tests.flows.paying_points import ANNS, PAYING
from tests.flows.pointed import BOBS, send

PRIZES = (
    Prize(id="five-off", version=3, points=30, batch=ONCE.id),
    Prize(id="rare", points=30, batch=TWICE.id),
    Prize(id="by-name", points=30, batch=ISSUED.id),
    Prize(id="by-hand", points=30, batch="a-dinner"),
)


def a_mall(points: int = 100) -> Mall:
    """A mall in which Ann has so many points."""
    mall = Mall(MemoryStorage(KINDS), ways={"loyalty": evolve(PAYING, prizes=PRIZES), "promotions": (FIVE,), "codes": BOOK})
    accepted(mall.shop.points.grant(p.GrantPoints(key="grant", by=CLERK, account_id=ANNS, lot_id="lot", points=points)))
    return mall


def exchange(mall: Mall, id: str = "mine", *, prize: str = "five-off", **facts: Any) -> Any:
    """Ann exchanges points for a prize."""
    command = {"key": f"exchange-{id}", "by": ANN, "account_id": ANNS, "prize": prize, "redemption_id": id, **facts}
    return mall.shop.points.exchange(p.ExchangePoints(**command))


def test_points_buy_the_next_code_of_a_prize_and_the_code_takes_its_discount():
    mall = a_mall()
    reward = accepted(exchange(mall))

    assert reward == CouponReward(id="mine", buyer_id="ann", batch="once", code=code_at(ONCE, 0), promotion="five-off", version=3, at=START)
    assert accepted(mall.shop.points.balance(ANNS)).available == 70
    assert mall.shop.loyalty.coupons("ann", by=ANN) == (reward,)
    (told,) = mall.storage.read(REWARDS)
    assert told.value == CouponGiven(key="mine", order_id="", buyer_id="ann", batch="once", has_code=True, at=START)
    assert accepted(mall.shop.orders.place(a_coded_order(reward.code))).total.minor == 4400


def test_the_same_exchange_is_done_once_and_each_gets_a_code_of_its_own():
    mall = a_mall()
    first, again, second = (accepted(exchange(mall, id)) for id in ("mine", "mine", "more"))

    assert (again, second.code) == (first, code_at(ONCE, 1))
    assert accepted(mall.shop.points.balance(ANNS)).available == 40
    with pytest.raises(KeyConflict):
        exchange(mall, prize="rare")


def test_an_exchange_that_fails_spends_neither_points_nor_codes():
    mall = a_mall(60)

    assert refused(exchange(mall, prize="a-car")) == "prize_unknown"
    assert refused(exchange(mall, account_id=BOBS)) == "account_not_found"
    accepted(exchange(mall, prize="rare"))
    assert refused(exchange(mall, "more", prize="rare")) == "prize_exhausted"
    assert refused(exchange(mall, key="another")) == "redemption_exists"
    accepted(exchange(mall, "last"))
    assert refused(exchange(mall, "none-left")) == "points_short"
    handed = mall.storage.load(HandedOut, ONCE.id)
    assert handed is not None
    assert handed.value.count == 1


@pytest.mark.parametrize("prize", ["by-name", "by-hand"])
def test_a_prize_without_codes_that_are_handed_out_is_for_the_host_to_give(prize):
    mall = a_mall()

    assert accepted(exchange(mall, prize=prize)).code == ""
    assert mall.storage.read(REWARDS)[0].value.has_code is False


def test_the_points_of_an_exchange_come_back_as_those_of_any_redemption():
    mall = a_mall()
    accepted(exchange(mall))
    accepted(send(mall, p.RestorePoints, "back", redemption_id="mine", points=30))

    assert accepted(mall.shop.points.balance(ANNS)).available == 100


def test_points_of_another_kind_buy_nothing_of_a_program():
    with pytest.raises(InvalidValue, match="an account of points"):
        exchange(a_mall(), account_id=account_id("ann", "miles"))


def test_a_prize_stands_once_in_a_program():
    with pytest.raises(InvalidValue, match="each prize once, got five-off, five-off"):
        evolve(PAYING, prizes=PRIZES[:1] * 2)
