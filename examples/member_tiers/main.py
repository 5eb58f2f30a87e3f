"""The rules of tiers alone: what members have done goes in, and out comes who is in which tier, since when, why, and what is missing to the next.

Run it with `python main.py`.
"""

from datetime import UTC, datetime

from shopwright.loyalty.expiry import EndOf
from shopwright.loyalty.qualifying import Deed, MemberFacts, Undone
from shopwright.loyalty.tiering import evaluate, joined, replay
from shopwright.loyalty.tiers import AllOf, AnyOf, AtLeast, Basis, Benefits, Calendar, Drop, Keep, Returns, Rolling, Tier, TierPolicy

YEAR = Calendar(EndOf.YEAR)
GOLD = AnyOf((AllOf((AtLeast(Basis.SPEND, 500_00, YEAR), AtLeast(Basis.ORDERS, 3, YEAR))), AtLeast(Basis.ORDERS, 12, Rolling(months=6))))
POLICY = TierPolicy(
    zone="Asia/Shanghai",
    tiers=(
        Tier(id="regular"),
        Tier(id="silver", requires=AtLeast(Basis.SPEND, 100_00, YEAR), gives=Benefits(points_rate=12_000)),
        Tier(
            id="gold",
            requires=GOLD,
            gives=Benefits(points_rate=15_000, free_shipping_from=0, birthday_gift="tea", priority_support=True),
        ),
    ),
    keep=Keep.NEXT_PERIOD_END,
    drop=Drop.ONE_STEP,
    returns=Returns.DROP_TO_BEFORE,
)


def on(month: int, day: int, year: int = 2026) -> datetime:
    """Noon of a day."""
    return datetime(year, month, day, 12, tzinfo=UTC)


def main() -> None:
    """A member climbs, gives something back, and is gone for years."""
    orders = [Deed(id=f"order-{number}", at=on(number + 1, 10), spend=190_00, orders=1, points=190) for number in range(1, 4)]
    member = MemberFacts(joined=on(1, 1), deeds=tuple(orders), undone=(Undone(id="r", of="order-3", at=on(5, 1), spend=190_00, orders=1),))

    standing = joined(POLICY, at=member.joined)
    for at in (on(2, 10), on(3, 10), on(4, 10), on(5, 1)):
        told = evaluate(standing, member, POLICY, at=at)
        standing = told.standing
        lacks = ", ".join(f"{it.amount} of {it.basis}" for it in told.next.missing) if told.next else "nothing"
        print(f"{at:%d %b}: {told.tier.id} (points at {told.tier.gives.points_rate / 100:.0f} %), to the next is missing: {lacks}")

    for it in replay(member, POLICY, at=on(1, 1, 2030)):
        print(f"{it.start:%Y-%m-%d} to {f'{it.end:%Y-%m-%d}' if it.end else 'now':10} {it.tier:8} {it.cause}")


if __name__ == "__main__":
    main()
