"""A mall's growth program, and what has become of it as a picture: tiers and what was told of them."""

from __future__ import annotations

from typing import Any

from shopwright.loyalty.growth import CountWhen, Growth
from shopwright.loyalty.tier_accounts import TierAccount
from shopwright.loyalty.tiers import AtLeast, Basis, Benefits, Keep, Returns, Rolling, Tier, TierPolicy
from shopwright.ports.storage import START, Query, Storage
from shopwright.wire.growth_kinds import GROWTH

YEAR = Rolling(months=12)
TIERS = TierPolicy(
    tiers=(
        Tier(id="basic"),
        Tier(id="silver", requires=AtLeast(Basis.SPEND, 4000, YEAR)),
        Tier(id="gold", requires=AtLeast(Basis.ORDERS, 3, YEAR), gives=Benefits(birthday_gift="a-cake")),
    ),
    zone="Europe/Berlin",
    keep=Keep.NOT,
    returns=Returns.DROP_AT_ONCE,
)
GROWN = Growth(currency="EUR", zone="Europe/Berlin", tiers=TIERS, counts=CountWhen.CONFIRMED)


def grown(storage: Storage) -> dict[str, Any]:
    """What members have and what was told of them, without the names that chance gave."""
    accounts = [stored.value for stored in storage.find(Query(TierAccount, limit=100)).items]
    return {
        "tiers": [(it.id, it.standing, it.history, it.orders, _sums(it)) for it in accounts],
        "told": sorted(type(it.value).__name__ for it in storage.read(GROWTH, after=START, limit=500)),
    }


def _sums(account: TierAccount) -> tuple[int, int, int]:
    facts = account.facts
    return sum(it.spend for it in facts.deeds), sum(it.spend for it in facts.undone), sum(it.orders for it in facts.deeds)
