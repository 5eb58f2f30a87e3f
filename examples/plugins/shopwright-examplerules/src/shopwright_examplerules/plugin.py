"""What Shopwright asks of this distribution: its words for promotion files."""

from shopwright.plugins import PromotionParts, hookimpl

from shopwright_examplerules.conditions import FromBrands
from shopwright_examplerules.effects import RoundDown


@hookimpl
def shopwright_register_promotion_parts() -> PromotionParts:
    """The condition and the effect, by the words for them."""
    return PromotionParts(conditions={"from_brands": FromBrands}, effects={"round_down": RoundDown})
