"""An order whose goods had gone by the time its money came, in a shop with places: planned anew from wherever they are now.

Rules
- SOURCE-5: what was paid for is planned anew from all places, as a new order would be; a gift that cannot be had any more is left out first (GIFT-5);
- only when no plan is left is the order canceled, as in a shop with one place.
"""

from __future__ import annotations

from datetime import datetime

from attrs import evolve, frozen

from shopwright.flows.gifting import GIFT_GONE
from shopwright.flows.ports import Ports
from shopwright.flows.sourcing import sourced, takings
from shopwright.inventory.expecting import AwaitedGoods
from shopwright.inventory.plans import Standing
from shopwright.orders.decision import Decision
from shopwright.orders.events import ExceptionNoted, OrderSourced, UnitsCanceled
from shopwright.orders.lines import OrderLine
from shopwright.orders.order import Order
from shopwright.orders.sourcing import SourcedWhy, Sourcing, beside_goods
from shopwright.ports.quotas import QuotaMove, Take
from shopwright.ports.storage import Put
from shopwright.refusals import Refusal


@frozen
class Resourced:
    """A decision with another plan, what it takes, and what is written beside it."""

    decision: Decision
    moves: tuple[QuotaMove, ...]
    puts: tuple[Put, ...]


def planned_anew(ports: Ports, before: Order, decision: Decision, *, at: datetime) -> Resourced | None:
    """The same decision by a plan that can be had now; `None` where there is none."""
    if ports.places is None or before.sourcing is None:
        return None
    lines = [line for line in before.lines if line.quantity > line.buckets.canceled]
    gifts = [line for line in lines if line.given_by is not None]
    for left_out in ([], gifts) if gifts else ([],):
        kept = [line for line in lines if line not in left_out]
        wanted = takings([(line.line_no, line.from_stock(line.quantity - line.buckets.canceled)) for line in kept])
        answer = sourced(ports, ports.places, wanted, before.sourcing.zone, own={}, at=at)
        if not isinstance(answer, Refusal):
            plan = answer or evolve(before.sourcing, parts=(), standing=Standing(cost=0, parcels=0, distance=0), proved=True, reasons=())
            return _with(ports, before, decision, plan, left_out, at)
    return None


def _with(ports: Ports, before: Order, decision: Decision, plan: Sourcing, left_out: list[OrderLine], at: datetime) -> Resourced:
    changed = OrderSourced(sourcing=plan, items=beside_goods(before.claim.items, plan), why=SourcedWhy.PLANNED_ANEW, at=at)
    events = [changed, *decision.events]
    if left_out:
        units = tuple([(line.line_no, line.quantity - line.buckets.canceled) for line in left_out])
        events.insert(0, UnitsCanceled(units=units, at=at))
        events += [ExceptionNoted(code=GIFT_GONE, facts=(("quantity", it.quantity), ("sku", it.sku)), at=at) for it in left_out]
    after = Decision(before).then(*events)
    return Resourced(after, tuple([Take(key, units) for key, units in after.order.claim.items]), awaited_puts(ports, after.order, at=at))


def awaited_puts(ports: Ports, order: Order, *, at: datetime, new: bool = False) -> tuple[Put, ...]:
    """What is written so that goods that come in find the order; of a `new` order nothing is there yet."""
    plan = order.sourcing
    if plan is None or not plan.awaits:
        return ()
    wanted = {it.id: it for it in (AwaitedGoods(order_id=order.id, place=part.place, sku=part.sku, since=at) for part in plan.parts if part.awaited)}
    known = {} if new else ports.storage.load_many(AwaitedGoods, wanted.keys())
    puts = []
    for id, it in wanted.items():
        stored = known.get(id)
        puts.append(Put(id, it if stored is None else evolve(stored.value, is_open=True), 0 if stored is None else stored.version))
    return tuple(puts)
