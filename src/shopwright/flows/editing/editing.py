"""Edit an order that is placed: shown before it happens, and then done as it was shown.

Rules
- what `preview_edit` shows is what `edit_order` does: both ask the same plan; with `as_of` and `delta` the flow refuses once the order has moved, or
  a price of today has;
- the order, its events and what it takes of stock and limits, or gives back, are one changeset: too little stock, and nothing is changed;
- an order that waits for its money holds its goods under one hold, so an edit gives that up and takes another in the same write;
- with a vault the address and the note are sealed, as those of an order are.
"""

from __future__ import annotations

from datetime import datetime

from shopwright import orders
from shopwright.errors import VersionConflict
from shopwright.flows import claims
from shopwright.flows.addressing import opened_address, sealed_address
from shopwright.flows.checking import check_gateways, steps_of, takes
from shopwright.flows.commands import AddPayment
from shopwright.flows.editing.commands import EditOrder
from shopwright.flows.editing.pricing import prices
from shopwright.flows.members.methods import with_saved
from shopwright.flows.noting import noted
from shopwright.flows.points.earning import points_refused
from shopwright.flows.ports import Ports
from shopwright.flows.refusing import in_shop_words
from shopwright.flows.resourcing import awaited_puts
from shopwright.flows.saving import commit, operation, read
from shopwright.flows.settling import settle
from shopwright.flows.trying import TRIES, tries
from shopwright.flows.vault.sealing import kept_box
from shopwright.flows.vault.tokens import sealed_tenders
from shopwright.orders.edit_changes import ChangeAddress
from shopwright.orders.edit_plan import EditPlan
from shopwright.orders.editing import stale
from shopwright.orders.order import Order
from shopwright.ports.storage import Stored
from shopwright.refusals import Fact, Refusal


@takes(EditOrder)
def preview_edit(ports: Ports, command: EditOrder, *, at: datetime) -> EditPlan | Refusal:
    """What `edit_order` would do now; nothing of the order is written. Refused as `edit_order` is, but for what only the write can tell."""
    stored = read(ports, command.order_id, command.by)
    return stored if isinstance(stored, Refusal) else _planned(ports, stored.value, command, kept=False, at=at)


@takes(EditOrder)
def edit_order(ports: Ports, command: EditOrder, *, at: datetime) -> Order | Refusal:
    """Change an order that is placed.

    Refused with `order_not_found`, `edit_plan_stale`, `card_number_given`, `personal_data_erased`, the codes of `shopwright.orders.editing` and
    `shopwright.orders.repricing`, for goods that are added with those of `place`, for tenders with those of `add_payment`, with `edit_delta` where
    the buyer was told to owe something else, `stock_exhausted`, `coupon_exhausted`, `promotion_exhausted` and `edit_hold_lapsed`.
    """
    op = operation(ports, command, command.order_id)
    for left in tries(ports.storage):
        stored = read(ports, command.order_id, command.by)
        if isinstance(stored, Refusal):
            return stored
        if ports.storage.answered(op) is not None:
            return settle(ports, stored.value, at=at)
        plan = _planned(ports, stored.value, command, kept=True, at=at)
        if isinstance(plan, Refusal):
            return plan
        try:
            order = _written(ports, stored, command, plan, at=at)
        except VersionConflict:
            if not left:
                raise
            continue
        return order if isinstance(order, Refusal) else settle(ports, order, at=at)
    raise VersionConflict(f"order {command.order_id!r} changed {TRIES} times while an edit of it was decided; try again")


def _planned(ports: Ports, order: Order, command: EditOrder, *, kept: bool, at: datetime) -> EditPlan | Refusal:
    """The plan; with `kept` as it is to be written, with what is personal sealed."""
    if command.as_of is not None and command.as_of != order.event_count:
        return stale(order, command.as_of)
    check_gateways(ports, command.tenders, order.currency)
    asked = AddPayment(key=command.key, by=command.by, order_id=order.id, tenders=command.tenders) if command.tenders else None
    if asked is not None and ports.loyalty is not None and (no := points_refused(ports.loyalty, order, asked)):
        return no
    tenders = with_saved(ports, order.buyer_id, command.tenders, by=command.by)
    if isinstance(tenders, Refusal):
        return tenders
    to, changes = command.ship_to, command.changes
    if to is not None and order.ship_to.sealed is not None and opened_address(ports, order) == to:
        to = None  # sealed anew it would look like another one
    priced = prices(ports, order, command, grant=kept, at=at)
    if isinstance(priced, Refusal):
        return priced
    if kept and ports.vault is not None:
        theirs = kept_box(ports, order.buyer_id, at=at)
        tenders = sealed_tenders(theirs, order.id, tenders)
        to = None if to is None else sealed_address(theirs, order.id, to)
    plan = orders.plan_edit(
        order,
        changes if to is None else (ChangeAddress(to), *changes),
        priced=priced,
        tenders=tenders,
        steps=steps_of(ports, command.tenders, order.currency),
        own=ports.own_gateways,
        by=command.by,
        at=at,
        note=noted(ports, order, command.note, at=at) if kept else "",
    )
    if isinstance(plan, EditPlan) and command.delta is not None and command.delta != plan.delta:
        facts: dict[str, Fact] = {"told": command.delta, "now": plan.delta, "currency": order.currency}
        return Refusal("edit_delta", f"this edit was told to change what is owed by {command.delta}; it would by {plan.delta}", facts)
    return plan


def _written(ports: Ports, stored: Stored[Order], command: EditOrder, plan: EditPlan, *, at: datetime) -> Order | Refusal:
    before = stored.value
    decision = orders.edit_planned(before, plan)
    if isinstance(decision, Refusal):
        return decision
    decision = orders.watched(before, orders.give_back(decision, at=at), at=at)
    moves, puts = claims.moves(before, decision.order), awaited_puts(ports, decision.order, at=at)
    result = commit(ports, decision, operation(ports, command, before.id), expected=stored.version, moves=moves, at=at, puts=puts)
    if isinstance(result, Refusal):
        return _lapsed(before) if result.code in _LAPSED else in_shop_words(result)
    if not result.repeated:
        return decision.order
    again = ports.storage.load(Order, before.id)
    return before if again is None else again.value


_LAPSED = frozenset({"hold_exists", "hold_unknown", "hold_lapsed"})
"""What a storage says where the hold of an unpaid order was reclaimed."""


def _lapsed(order: Order) -> Refusal:
    message = f"what was held for order {order.number} was not paid in time and went to others; have it paid, or cancel it"
    return Refusal("edit_hold_lapsed", message, {"order": order.number})
