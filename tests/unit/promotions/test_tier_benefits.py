"""Free shipping of tiers, as promotions that any engine takes."""

from __future__ import annotations

import pytest

from shopwright import Money, Shop, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.loyalty.growth import CountWhen, Growth
from shopwright.loyalty.tiers import AtLeast, Basis, Benefits, Tier, TierPolicy
from shopwright.promotions.basket import Buyer
from shopwright.promotions.conditions import All, CartTotal, OneOf
from shopwright.promotions.extras import ShippingOff
from shopwright.promotions.promotion import Promotion
from shopwright.promotions.tier_benefits import tier_promotions
from shopwright.wire.kinds import KINDS
from tests.flows.mall import Mall, an_order

POLICY = TierPolicy(
    tiers=(
        Tier(id="basic"),
        Tier(id="silver", version=3, requires=AtLeast(Basis.ORDERS, 1), gives=Benefits(free_shipping_from=4500)),
        Tier(id="gold", title="Gold", requires=AtLeast(Basis.ORDERS, 9), gives=Benefits(free_shipping_from=0)),
    ),
    zone="UTC",
)


def test_each_tier_with_free_shipping_has_a_promotion_of_its_version():
    free = (ShippingOff(percent=10_000),)
    silver = All((OneOf("tier", {"silver"}), CartTotal(least=(Money(4500, "EUR"),))))

    assert tier_promotions(POLICY, currency="EUR") == (
        Promotion(id="free-shipping-silver", title="free shipping, silver", version=3, when=silver, effects=free),
        Promotion(id="free-shipping-gold", title="free shipping, Gold", when=OneOf("tier", {"gold"}), effects=free),
    )


class Known:
    """Everybody is in one tier."""

    def __init__(self, tier: str) -> None:
        self.tier = tier

    def known(self, buyer_id: str, *, at: object) -> Buyer:
        return Buyer(buyer_id, tier=self.tier)


@pytest.mark.parametrize(("tier", "total"), [("basic", 4900), ("silver", 4500), ("gold", 4500)])
def test_a_quote_of_a_member_ships_for_nothing(tier: str, total: int):
    growth = Growth(currency="EUR", tiers=POLICY, counts=CountWhen.CONFIRMED)
    mall = Mall(MemoryStorage(KINDS))
    shop = Shop(mall.storage, growth=growth, buyers=Known(tier), promotions=tier_promotions(POLICY, currency="EUR"), clock=mall.clock)

    assert accepted(shop.orders.quote(an_order())).total == total
