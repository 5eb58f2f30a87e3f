"""What tiers give at the till, as promotions: free shipping from an amount on. Member prices are price rules, and need nothing of this.

    shop = Shop(storage, growth=growth, promotions=(*promotions, *tier_promotions(policy, currency="EUR")))

Rules
- each tier has a promotion of its own, of the version of the tier; a tier without such a benefit has none;
- the lines are counted as `CartTotal` counts them, before promotions.
"""

from __future__ import annotations

from shopwright.loyalty.tiers import Tier, TierPolicy
from shopwright.money import Money
from shopwright.promotions.conditions import All, CartTotal, Condition, OneOf
from shopwright.promotions.extras import ShippingOff
from shopwright.promotions.promotion import Promotion

FREE = 10_000


def tier_promotions(policy: TierPolicy, *, currency: str) -> tuple[Promotion, ...]:
    """The promotions of the tiers of a policy, from the lowest up; amounts of the tiers are minor units of this currency.

    Raises `InvalidValue` for a currency that is none, and for a tier whose id cannot stand in that of a promotion.
    """
    from_so_much = [(tier, tier.gives.free_shipping_from) for tier in policy.tiers]
    return tuple([_free_shipping(tier, least, currency) for tier, least in from_so_much if least is not None])


def _free_shipping(tier: Tier, least: int, currency: str) -> Promotion:
    of_tier: Condition = OneOf("tier", {tier.id})
    when = All((of_tier, CartTotal(least=(Money(least, currency),)))) if least else of_tier
    return Promotion(
        id=f"free-shipping-{tier.id}",
        title=f"free shipping, {tier.title or tier.id}",
        version=tier.version,
        when=when,
        effects=(ShippingOff(percent=FREE),),
    )
