"""Edits of an order that is placed, told before they happen, and then done as they were told.

    plan = plan_edit(order, (ChangeQuantity(line_no=1, quantity=2),), by=clerk, at=now)
    done = edit_planned(order, plan)

Rules
- EDIT-1: fewer units of a line call off units that are not set aside yet, at their frozen share; what stays costs what it did (vendure#4811);
- EDIT-2: more units, or other goods, are lines of their own at the price of the day, and change nothing on any other line;
- EDIT-3: a plan is shown as it would be done: it is the very events; it is done only to the order that it was made for, as it stood then;
- EDIT-4: where less is owed, what was paid above it goes back, tenders that nobody was asked for yet are lowered, and what was promised stays
  promised: less of it is taken (medusa#14984);
- EDIT-11: while a gateway is asked to take money that an edit would make too much, the edit is refused: nobody knows yet what goes back; nor are
  units called off as a way out of an exception;
- EDIT-5: where more is owed, the tenders that come with the edit are for it; without any, a tender that nobody was asked for yet is raised; what is
  missing still keeps the order from shipping until it is paid;
- EDIT-6: the address changes while no shipment is on its way or booked to the old one; where taxes are frozen with the order it stays in its country
  and region;
- EDIT-10: an order that goes to another zone is planned anew from all places, with what it claims counted as free for it, while all of it is open and
  nothing of it is awaited; the plan that was made stays where units of it are set aside, have left, or are waited for;
- EDIT-7: a coupon or the way of shipping changes while all that was ordered is still open and nothing of it was given back: lines are priced again by
  their own frozen facts, with this one thing changed;
- EDIT-8: a confirmed order that grows by an edit, and is above a limit of its approval rule then, is looked at by a person before it ships;
- EDIT-9: a customer edits as long as the terms let customers do it (`Terms.customer_edits`), staff as long as it is possible; a customer who edits an
  order that was sent back has corrected it.

Refusal codes, in order: `order_closed`, `edit_staff_only`, `edit_shipment_open`, `edit_tax_place`, `edit_not_open`, `units_unknown`,
`edit_units_left`, `edit_gift`, `edit_price_missing`, `edit_not_shipped`, `edit_leaves_nothing`, `edit_changes_nothing`,
`edit_capture_open`, those of `shopwright.orders.retender`, and `edit_plan_stale`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from attrs import evolve as changed
from attrs import frozen

from shopwright.members.actors import Actor, ActorKind
from shopwright.members.sealing import Sealed, kept_as
from shopwright.orders.closing import unclaimed
from shopwright.orders.decision import Decision, decided
from shopwright.orders.edit_changes import AddLine, Change, ChangeAddress, ChangeCoupon, ChangeQuantity, ChangeShipping
from shopwright.orders.edit_events import AddressChanged, LinesAdded, LinesRepriced, OrderEdited
from shopwright.orders.edit_money import follow_money
from shopwright.orders.edit_plan import EditedLine, EditPlan
from shopwright.orders.events import OrderSourced, RefundGranted, UnitsCanceled
from shopwright.orders.lines import Buckets, OrderLine
from shopwright.orders.order import Order
from shopwright.orders.sourcing import SourcedWhy, Sourcing, beside_goods
from shopwright.orders.states import FINAL, OrderState
from shopwright.orders.terms import CustomerEdits
from shopwright.payments.payment import Tender
from shopwright.pricing.quote import Quote
from shopwright.refusals import Fact, Refusal
from shopwright.shipping.states import ShipmentState

_AT_REST = frozenset({ShipmentState.DELIVERED, ShipmentState.RETURNED, ShipmentState.LOST, ShipmentState.CANCELED})


@frozen(kw_only=True)
class Priced:
    """What was priced for an edit: the goods that are added, as a quote of them alone, what they claim of stock and limits, and the lines
    of the order priced again, with what coupon uses are claimed from then on. `sourced` are parts of plans of places for the lines that are added,
    and `anew` is the plan for all that was ordered before, where that goes to another zone.
    """

    added: Quote | None = None
    claims: tuple[tuple[str, int], ...] = ()
    again: Quote | None = None
    coupon_claims: tuple[tuple[str, int], ...] = ()
    coupon_gone: tuple[str, ...] = ()
    sourced: Sourcing | None = None
    anew: Sourcing | None = None


def additions(order: Order, changes: tuple[Change, ...]) -> tuple[tuple[str, int], ...]:
    """What has to be priced for an edit: skus with quantities, each once, in the order in which they are asked for (EDIT-2)."""
    found: dict[str, int] = {}
    for change in changes:
        sku, more = (change.sku, change.quantity) if isinstance(change, AddLine) else _more_of(order, change)
        if more > 0:
            found[sku] = found.get(sku, 0) + more
    return tuple(found.items())


def _more_of(order: Order, change: Change) -> tuple[str, int]:
    line = order.line(change.line_no) if isinstance(change, ChangeQuantity) else None
    if line is None or not isinstance(change, ChangeQuantity):
        return "", 0
    return line.sku, change.quantity - _kept(line)


def _kept(line: OrderLine) -> int:
    """How many units of a line the buyer has or is to have."""
    return line.quantity - line.buckets.gone


def plan_edit(
    order: Order,
    changes: tuple[Change, ...],
    *,
    priced: Priced | None = None,
    tenders: tuple[Tender, ...] = (),
    steps: tuple[tuple[str, int], ...] = (),
    own: Collection[str] = (),
    by: Actor,
    at: datetime,
    note: str | Sealed = "",
) -> EditPlan | Refusal:
    """What an edit would do; nothing is changed by it. `priced` is what `additions` and other changes of price come to.

    Refused with the codes of this module. `steps` are as in `Placement`; `own` are the gateways to what the shop itself keeps (points, store credit),
    whose tenders are never raised, for nobody knows whether there is as much.
    """
    priced = priced or Priced()
    if refusal := _refused(order, changes, priced, by):
        return refusal
    text, sealed = kept_as(note)
    decision = decided(order, OrderEdited(by=by, at=at, note=text, sealed_note=sealed))
    decision = _addressed(decision, changes, priced.anew, by=by, at=at)
    decision = _repriced(decision, priced, by=by, at=at)
    decision = _called_off(decision, changes, at=at)
    decision = added(decision, priced, by=by, at=at)
    if len(decision.events) == 1:
        return Refusal("edit_changes_nothing", f"order {order.number} is as this edit wants it already", {"order": order.number})
    if not any(_kept(line) for line in decision.order.lines if line.given_by is None):
        return Refusal("edit_leaves_nothing", f"this edit leaves nothing of order {order.number}; cancel it instead", {"order": order.number})
    done = follow_money(order, decision, tenders, steps=steps, own=own, by=by, at=at)
    return done if isinstance(done, Refusal) else _plan(order, changes, done, by=by, at=at)


def edit_planned(order: Order, plan: EditPlan) -> Decision | Refusal:
    """Do what a plan says. Refused with `edit_plan_stale` when it was made for another order, or this one has moved since (EDIT-3)."""
    if (plan.order_id, plan.event_count) != (order.id, order.event_count):
        return stale(order, plan.event_count)
    return decided(order, *plan.events)


def stale(order: Order, planned: int) -> Refusal:
    """The refusal of an edit that was planned for an order as it stood before."""
    facts: dict[str, Fact] = {"order": order.number, "planned": planned, "now": order.event_count}
    return Refusal("edit_plan_stale", f"order {order.number} has moved since this edit was planned; plan it again", facts)


def _refused(order: Order, changes: tuple[Change, ...], priced: Priced, by: Actor) -> Refusal | None:
    if order.state in FINAL:
        return Refusal("order_closed", f"order {order.number} is {order.state}", {"state": order.state.value})
    if by.kind is ActorKind.CUSTOMER and not _open_to_customers(order):
        return Refusal("edit_staff_only", f"order {order.number} is {order.state}; ask the shop to change it", {"state": order.state.value})
    for change in changes:
        match change:
            case ChangeAddress():
                refusal = _address_refused(order, change)
            case ChangeShipping() | ChangeCoupon():
                refusal = _repricing_refused(order)
            case ChangeQuantity():
                refusal = _quantity_refused(order, change)
            case _:
                refusal = None
        if refusal is not None:
            return refusal
    return _additions_refused(order, changes, priced)


def _open_to_customers(order: Order) -> bool:
    """Whether the customer may edit it (EDIT-9)."""
    match order.terms.customer_edits:
        case CustomerEdits.NEVER:
            return order.state is OrderState.SENT_BACK
        case CustomerEdits.UNTIL_CONFIRMED:
            return order.state in (OrderState.PLACED, OrderState.SENT_BACK)
        case CustomerEdits.UNTIL_SET_ASIDE:
            return order.state is not OrderState.IN_REVIEW and not any(line.buckets.allocated or line.buckets.left for line in order.lines)


def _address_refused(order: Order, change: ChangeAddress) -> Refusal | None:
    open_ones = [it.id for it in order.shipments if it.state not in _AT_REST and not (it.state is ShipmentState.PLANNED and not it.booking_key)]
    if open_ones:
        ids = ", ".join(open_ones)
        return Refusal("edit_shipment_open", f"{ids} go to the old address; take them apart first, or wait for their end", {"shipments": ids})
    was, to = (order.ship_to.country, order.ship_to.region), (change.ship_to.country, change.ship_to.region)
    if was != to and any(line.taxed is not None for line in order.lines):
        message = f"the taxes of order {order.number} are those of {was[1]} {was[0]}; place another order to send it elsewhere"
        return Refusal("edit_tax_place", message, {"country": was[0], "region": was[1]})
    return None


def _repricing_refused(order: Order) -> Refusal | None:
    touched = [line.line_no for line in order.lines if line.buckets.open != line.quantity]
    if touched or order.settled or order.refund_granted:
        facts: dict[str, Fact] = {"lines": ", ".join(map(str, touched))}
        message = f"order {order.number} cannot be priced again: units of it are set aside, gone or called off, or money of it went back"
        return Refusal("edit_not_open", message, facts)
    return None


def _quantity_refused(order: Order, change: ChangeQuantity) -> Refusal | None:
    line = order.line(change.line_no)
    facts: dict[str, Fact] = {"line_no": change.line_no}
    if line is None:
        return Refusal("units_unknown", f"order {order.number} has no line {change.line_no}", facts)
    if line.given_by is not None and change.quantity > _kept(line):
        return Refusal("edit_gift", f"line {line.line_no} is a gift; more of it is not given", facts)
    off = _kept(line) - change.quantity
    if off > line.buckets.open:
        facts |= {"off": off, "open": line.buckets.open}
        message = (
            f"{line.buckets.open} units of line {line.line_no} are open; {off} cannot be called off: take shipments apart, or have goods back"
        )
        return Refusal("edit_units_left", message, facts)
    return None


def _additions_refused(order: Order, changes: tuple[Change, ...], priced: Priced) -> Refusal | None:
    wanted = dict(additions(order, changes))
    offered: dict[str, int] = {}
    for line in () if priced.added is None else priced.added.lines:
        if line.given_by is None:
            offered[line.sku] = offered.get(line.sku, 0) + line.quantity
    if wanted != offered:
        return Refusal("edit_price_missing", "what an edit adds has to be priced, and nothing else", {"skus": ", ".join(wanted)})
    if order.state is OrderState.CONFIRMED and priced.added is not None and (sku := next((it.sku for it in priced.added.lines if not it.ships), "")):
        message = f"{sku} is handed over when its order is confirmed, and order {order.number} is already; place an order for it"
        return Refusal("edit_not_shipped", message, {"sku": sku})
    return None


def _addressed(decision: Decision, changes: tuple[Change, ...], anew: Sourcing | None, *, by: Actor, at: datetime) -> Decision:
    """Another address, and what ships it from where (EDIT-10)."""
    to = next((it.ship_to for it in changes if isinstance(it, ChangeAddress)), None)
    if to is None or to == decision.order.ship_to:
        return decision
    decision = decision.then(AddressChanged(ship_to=to, by=by, at=at))
    if anew is None:
        return decision
    return decision.then(OrderSourced(sourcing=anew, items=beside_goods(decision.order.claim.items, anew), why=SourcedWhy.READDRESSED, at=at))


def to_plan_anew(order: Order, zone: str) -> tuple[OrderLine, ...]:
    """The lines of which the places are planned anew when an order goes to this zone; none where its plan stays (EDIT-10)."""
    plan = order.sourcing
    open_only = all(line.buckets.open + line.buckets.canceled == line.quantity for line in order.lines)
    return order.lines if plan is not None and plan.zone != zone and not plan.awaits and open_only else ()


def _repriced(decision: Decision, priced: Priced, *, by: Actor, at: datetime) -> Decision:
    """The lines at another price (EDIT-7)."""
    offer, order = priced.again, decision.order
    if offer is None:
        return decision
    placed = order.lines[: len(offer.lines)]  # lines that were added since keep their own price (EDIT-2)
    lines = tuple([order_line(line, was.line_no) for line, was in zip(offer.lines, placed, strict=True)])
    items = tuple([it for it in order.claim.items if it[0] not in priced.coupon_gone])
    event = LinesRepriced(
        lines=lines,
        items=_together(items, priced.coupon_claims),
        trace=offer.trace,
        coupon_code=offer.coupon_code,
        coupon_version=offer.coupon_version,
        shipping_method=offer.shipping_method,
        by=by,
        at=at,
    )
    return decision.then(event)


def _called_off(decision: Decision, changes: tuple[Change, ...], *, at: datetime) -> Decision:
    """Units that are not wanted any more (EDIT-1), and the stock of them."""
    units = []
    for change in changes:
        line = decision.order.line(change.line_no) if isinstance(change, ChangeQuantity) else None
        if line is not None and isinstance(change, ChangeQuantity) and (off := _kept(line) - change.quantity) > 0:
            units.append((line.line_no, off))
    if not units:
        return decision
    return unclaimed(decision.then(UnitsCanceled(units=tuple(units), at=at)), tuple(units), at)


def added(decision: Decision, priced: Priced, *, by: Actor, at: datetime) -> Decision:
    """What is sold with it besides (EDIT-2)."""
    offer = priced.added
    if offer is None:
        return decision
    first = len(decision.order.lines) + 1
    lines = tuple([order_line(line, no) for no, line in enumerate(offer.lines, first)])
    items = _together(decision.order.claim.items, priced.claims)
    return decision.then(LinesAdded(lines=lines, items=items, trace=offer.trace, sourced=_numbered(priced.sourced, first), by=by, at=at))


def _numbered(plan: Sourcing | None, first: int) -> Sourcing | None:
    """A plan for lines that are numbered from 1 on, for lines from `first` on."""
    return None if plan is None else changed(plan, parts=tuple([changed(part, line_no=part.line_no + first - 1) for part in plan.parts]))


def order_line(line: object, line_no: int) -> OrderLine:
    """What a quote says of a line, under a number of the order, and all of its units open."""
    told = {**vars(line), "line_no": line_no}
    if told["taxed"] is not None:
        told["taxed"] = changed(told["taxed"], line_no=line_no)
    return OrderLine(**told, buckets=Buckets(open=told["quantity"]))


def _together(items: tuple[tuple[str, int], ...], more: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
    found = dict(items)
    for key, quantity in more:
        found[key] = found.get(key, 0) + quantity
    return tuple(found.items())


def _plan(order: Order, changes: tuple[Change, ...], decision: Decision, *, by: Actor, at: datetime) -> EditPlan:
    after = decision.order
    granted = sum([it.amount for it in decision.events if isinstance(it, RefundGranted)])
    return EditPlan(
        order_id=order.id,
        order_number=order.number,
        event_count=order.event_count,
        currency=order.currency,
        changes=changes,
        by=by,
        at=at,
        lines=tuple([it for line in after.lines if (it := _edited(order.line(line.line_no), line)) is not None]),
        address_changes=any(isinstance(it, AddressChanged) for it in decision.events),
        shipping=None if order.shipping_method == after.shipping_method else (order.shipping_method, after.shipping_method),
        coupon=None if order.coupon_code == after.coupon_code else (order.coupon_code, after.coupon_code),
        owed_before=order.owed,
        owed_after=after.owed,
        to_pay=max(0, after.owed + after.going_back - sum([it.prospect for it in after.payments])),
        goes_back=granted,
        events=decision.events,
    )


def _edited(before: OrderLine | None, after: OrderLine) -> EditedLine | None:
    had, owed = (0, 0) if before is None else (_kept(before), before.owed)
    if before is not None and (had, owed) == (_kept(after), after.owed):
        return None
    return EditedLine(
        line_no=after.line_no,
        sku=after.sku,
        title=after.title,
        units_before=had,
        units_after=_kept(after),
        owed_before=owed,
        owed_after=after.owed,
    )
