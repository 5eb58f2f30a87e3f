"""What a shop keeps of goods that are held for carts, on their way, and waited for."""

from __future__ import annotations

from shopwright.inventory.cart_holds import CartHold
from shopwright.inventory.expecting import AwaitedGoods, BackorderAllowed, ExpectedGoods, expected_id
from shopwright.ports.kinds import Index, IndexType, Kind


def _waits_for(awaited: AwaitedGoods) -> str | None:
    """What is waited for, while it is."""
    return expected_id(awaited.place, awaited.sku) if awaited.is_open else None


DOCUMENTS = (
    Kind("cart_hold", CartHold, indexes=(Index("buyer_id", IndexType.TEXT, lambda held: held.buyer_id),)),
    Kind("expected_goods", ExpectedGoods),
    Kind("backorder_allowed", BackorderAllowed),
    Kind(
        "awaited_goods",
        AwaitedGoods,
        indexes=(
            Index("waits_for", IndexType.TEXT, _waits_for),
            Index("waits_since", IndexType.TIME, lambda awaited: awaited.since if awaited.is_open else None),
        ),
    ),
)
