"""What a storage or a planner refuses, in the words of a shop."""

from __future__ import annotations

from shopwright.promotions.limits import promotion_of
from shopwright.refusals import Refusal


def in_shop_words(refusal: Refusal) -> Refusal:
    """What a storage or a planner refuses, in the words of a shop."""
    facts = dict(refusal.facts)
    if refusal.code == "stock_short":
        return Refusal("stock_exhausted", refusal.message, {"sku": facts["sku"], "wanted": facts["wanted"], "free": facts["available"]})
    if refusal.code == "index_taken":
        return Refusal("external_id_taken", f"another order has the external id {facts['value']!r}", {"external_id": facts["value"]})
    if refusal.code != "quota_exhausted":
        return refusal
    family, _, name = str(facts["key"]).partition("/")
    if family == "coupon":
        return Refusal("coupon_exhausted", f"coupon {name} has no uses left", {"coupon": name})
    if family == "promotion":
        id = promotion_of(str(facts["key"]))
        return Refusal("promotion_exhausted", f"promotion {id} has no uses left", {"promotion": id})
    wanted, free = facts["wanted"], facts["free"]
    return Refusal("stock_exhausted", f"{wanted} of {name} are wanted and {free} are free", {"sku": name, "wanted": wanted, "free": free})
