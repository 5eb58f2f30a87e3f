"""Hand out the coupons that orders promised, once they are due: each once, under the key of its promise.

Rules
- BOOK-5: a promise is kept once, by the reward that stands under its key, whatever happens to the order afterwards;
- codes of a batch are handed out in the order of their positions, from the first; a batch whose codes are issued to members by name, one that is
  used up, and one that the shop does not honor give none: the reward then says that the host has to give the coupon.
"""

from __future__ import annotations

from datetime import datetime

from shopwright.flows.points.saving import TRIES
from shopwright.flows.ports import Ports
from shopwright.flows.saving import fitted
from shopwright.flows.trying import tried
from shopwright.loyalty.rewards import CouponGiven, CouponReward, HandedOut
from shopwright.orders.grants import Promise, PromiseState, promises
from shopwright.orders.order import Order
from shopwright.ports.storage import Changeset, Operation, Put, Record
from shopwright.pricing.gifts import GrantKind
from shopwright.promotions.code_batches import CodeBatch, code_at
from shopwright.wire.kinds import REWARDS


def hand_out(ports: Ports, order: Order, *, at: datetime) -> None:
    """Give the coupons that an order promised and that are due, and were not given yet."""
    if not order.grants:
        return
    due = [it for it in promises(order) if it.grant.kind is GrantKind.COUPON and it.state is PromiseState.DUE]
    given = ports.storage.load_many(CouponReward, [it.key for it in due]) if due else {}
    for promise in due:
        if promise.key not in given:
            _give(ports, order, promise, at=at)


def _give(ports: Ports, order: Order, promise: Promise, *, at: datetime) -> None:
    def attempt() -> None:
        code, puts = next_code(ports, promise.grant.batch) or ("", ())
        reward = CouponReward(
            id=promise.key,
            order_id=order.id,
            buyer_id=order.buyer_id,
            batch=promise.grant.batch,
            code=code,
            promotion=promise.grant.promotion,
            version=promise.grant.version,
            at=at,
        )
        told = CouponGiven(key=promise.key, order_id=order.id, buyer_id=order.buyer_id, batch=promise.grant.batch, has_code=bool(code), at=at)
        op = Operation(fitted(f"rewards/{promise.key}"), "give")
        change = Changeset(op, at, puts=(Put(reward.id, reward), *puts), records=(Record(REWARDS, promise.key, 1, told),))
        ports.storage.commit(change)

    tried(ports.storage, attempt, most=TRIES)


def next_code(ports: Ports, batch_id: str) -> tuple[str, tuple[Put, ...]] | None:
    """The next code of a batch, and what is written so that nobody else gets it.

    `None` where the batch is used up, and an empty code where the host gives it.
    """
    batch = _batch(ports, batch_id)
    if batch is None or batch.members:
        return "", ()
    stored = ports.storage.load(HandedOut, batch.id)
    handed = HandedOut(batch.id) if stored is None else stored.value
    if handed.count >= batch.count:
        return None
    return code_at(batch, handed.count), (Put(batch.id, handed.next(), 0 if stored is None else stored.version),)


def _batch(ports: Ports, batch_id: str) -> CodeBatch | None:
    batches = () if ports.codes is None else ports.codes.desk.book.batches
    return next((batch for batch in batches if batch.id == batch_id), None)
