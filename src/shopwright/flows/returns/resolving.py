"""The end of a case at a shop: goods, money, credit notes, store credit and points in one changeset; then the gateways are asked.

Rules
- CASE-5: case, order, events, quota moves, credit notes, store credit and points of a resolution are one changeset, under the key of its command;
  what is put into accounts is named by the case, so that nothing is given twice, whoever asks and however often;
- minimums of discounts are read only where the terms of the order ask for them, as for a refund of units;
- what goods are exchanged for is priced as goods that an edit adds; where it is dearer, tenders for the difference are added to the order;
- money that goes back on payments follows once that is written, as for every other refund.

Refusals, told in this order: `case_not_found`; those of `shopwright.returns.resolving`; `credit_currency`; `stock_exhausted`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from shopwright import orders
from shopwright.credit import ledger
from shopwright.credit.books import CreditLot, Origin
from shopwright.errors import InvalidValue
from shopwright.flows import claims
from shopwright.flows.checking import takes
from shopwright.flows.credit.accounts import account_for, store_of, wrong_currency
from shopwright.flows.credit.saving import CreditChanges, changes_of
from shopwright.flows.editing.commands import EditOrder
from shopwright.flows.editing.pricing import prices
from shopwright.flows.points.saving import Credit, PointsChanges, credited
from shopwright.flows.ports import Ports
from shopwright.flows.refunding import minimums
from shopwright.flows.refusing import in_shop_words
from shopwright.flows.resourcing import awaited_puts
from shopwright.flows.returns import saving
from shopwright.flows.returns.commands import EndQuarantine, KeepersCaseCommand, ResolveCase
from shopwright.flows.returns.grounds import points_given
from shopwright.flows.returns.labeling import tell_carrier
from shopwright.flows.returns.saving import once, read_case
from shopwright.flows.saving import commit, fitted, named_series, operation
from shopwright.flows.settling import settle
from shopwright.flows.trying import tried
from shopwright.loyalty.entries import Cause
from shopwright.loyalty.expiry import expires_at
from shopwright.loyalty.lots import Lot
from shopwright.loyalty.naming import account_id
from shopwright.members.actors import Actor
from shopwright.money import Money
from shopwright.orders.edit_changes import AddLine
from shopwright.orders.edit_events import LinesAdded
from shopwright.orders.editing import Priced
from shopwright.orders.order import Order
from shopwright.ports.storage import Changeset, Operation, Stored
from shopwright.refusals import Refusal
from shopwright.returns import resolving
from shopwright.returns.case import Case
from shopwright.returns.paying_back import as_credit
from shopwright.returns.resolving import Resolved

Decide = Callable[[Case, Order], Resolved | Refusal]


@takes(ResolveCase)
def resolve_case(ports: Ports, command: ResolveCase, *, at: datetime) -> Case | Refusal:
    """Do what is due about each unit, and let the money follow.

    Refused with `case_not_found`, `case_goods_awaited`, `case_line_unknown`, `case_units_above`, `case_exchange_unready`, `units_not_there`,
    `units_sourced`, `order_unpaid`, `units_not_left`, `refund_above_paid`, `credit_currency` or `stock_exhausted`; for goods that others are
    exchanged for also with the codes of `place`.
    """
    return _done(ports, command, named_series(command.series), _resolution(ports, command, grant=True, at=at), at=at)


@takes(ResolveCase)
def preview_resolution(ports: Ports, command: ResolveCase, *, at: datetime) -> Resolved | Refusal:
    """What `resolve_case` would do now: goods, money with its plans, store credit and points. Nothing is written; refused as it would be."""
    stored = read_case(ports, command.case_id, command.by)
    if isinstance(stored, Refusal):
        return stored
    return _resolution(ports, command, grant=False, at=at)(stored.value, _order_of(ports, stored.value).value)


def _resolution(ports: Ports, command: ResolveCase, *, grant: bool, at: datetime) -> Decide:
    """How a case is resolved by this command; with `grant` the quotas of limits are made ready, as for an order."""

    def decide(case: Case, order: Order) -> Resolved | Refusal:
        known = minimums(ports, order, order.terms.refunds)
        instead = _instead(ports, case, order, command, grant=grant, at=at)
        if isinstance(instead, Refusal):
            return instead
        resolved = resolving.resolve(case, order, command.outcomes, minimums=known, exchanged=instead, by=command.by, at=at)
        if isinstance(resolved, Refusal) or not resolved.credit:
            return resolved
        program = store_of(ports)
        if refusal := wrong_currency(program.currencies, Money(0, order.currency)):
            return refusal
        return as_credit(resolved, own=ports.own_gateways, reference=program.id, by=command.by, at=at)

    return decide


def _instead(ports: Ports, case: Case, order: Order, command: ResolveCase, *, grant: bool, at: datetime) -> Priced | Refusal | None:
    """The price of what goods are exchanged for, as it is today; `None` where none are."""
    wanted = resolving.wanted_instead(command.outcomes or resolving.all_due(case))
    if not wanted:
        return None
    adding = tuple([AddLine(sku, units) for sku, units in wanted])
    return prices(ports, order, EditOrder(key=command.key, by=command.by, order_id=order.id, changes=adding), grant=grant, at=at)


@takes(EndQuarantine)
def end_quarantine(ports: Ports, command: EndQuarantine, *, at: datetime) -> Case | Refusal:
    """Decide about units that were kept aside. Refused with `case_not_found`, `case_line_unknown` or `case_units_above`."""

    def decide(case: Case, order: Order) -> Resolved | Refusal:
        return resolving.end_quarantine(case, order, command.units, restocked=command.restocked, by=command.by, at=at)

    return _done(ports, command, "", decide, at=at)


def _done(ports: Ports, command: KeepersCaseCommand, series: str, decide: Decide, *, at: datetime) -> Case | Refusal:
    """Read case and order, decide, write both at once, and let the money follow, also for a command that was done before."""
    op = operation(ports, command, command.case_id)

    def attempt() -> Case | Refusal:
        return once(ports, op, command.case_id, lambda: _step(ports, command, series, decide, op, at=at))

    case = tried(ports.storage, attempt)
    if isinstance(case, Case):
        settle(ports, _order_of(ports, case).value, at=at)
        case = tell_carrier(ports, case, at=at)
    return case


def _step(ports: Ports, command: KeepersCaseCommand, series: str, decide: Decide, op: Operation, *, at: datetime) -> Case | Refusal:
    stored = read_case(ports, command.case_id, command.by)
    if isinstance(stored, Refusal):
        return stored
    kept = _order_of(ports, stored.value)
    resolved = decide(stored.value, kept.value)
    if isinstance(resolved, Refusal):
        return resolved
    given = _given(ports, resolved, by=command.by, at=at)
    if isinstance(given, Refusal):
        return given
    made = saving.changes_of(ports, stored, resolved.case)
    puts, more = (*made.puts, *given.puts), (*made.records, *given.records)
    decision = orders.watched(kept.value, orders.give_back(resolved.order, at=at), at=at) if resolved.order.events else resolved.order
    moves = (*claims.moves(kept.value, decision.order), *given.moves)
    puts = (*puts, *awaited_puts(ports, decision.order, at=at)) if any(isinstance(it, LinesAdded) for it in decision.events) else puts
    if decision.events:
        result = commit(ports, decision, op, expected=kept.version, moves=moves, at=at, puts=puts, more=more, series=series)
    else:
        result = ports.storage.commit(Changeset(op, at, puts=puts, moves=moves, records=more))
    if isinstance(result, Refusal):
        return in_shop_words(result)
    return saving.as_it_stands(ports, stored.value.id) if result.repeated else resolved.case.case


def _order_of(ports: Ports, case: Case) -> Stored[Order]:
    stored = ports.storage.load(Order, case.order_id)
    assert stored is not None, "orders never leave the store"
    return stored


def _given(ports: Ports, resolved: Resolved, *, by: Actor, at: datetime) -> CreditChanges | Refusal:
    """What a resolution puts into accounts of the buyer: store credit and points, each in a lot that is named by the case."""
    changes, case = CreditChanges(), resolved.case.case
    name = fitted(f"case/{case.id}")
    cause = Cause(by=by, source=case.order_id, reason=f"case {case.number}")
    if resolved.credit:
        program = store_of(ports)
        kept = account_for(ports, program, case.buyer_id, case.currency)
        lot = CreditLot(id=name, amount=resolved.credit, origin=Origin.REFUNDED, since=at, expires_at=program.lapses(at))
        posted = ledger.put_in(kept.account, lot, cause=cause, at=at)
        if isinstance(posted, Refusal):
            return posted
        changes = changes_of(kept, posted)
    if resolved.points:
        points = _points(ports, case, name, resolved.points, cause, at=at)
        if isinstance(points, Refusal):
            return points
        changes = changes.plus(CreditChanges(points.puts, (), points.records))
    return changes


def _points(ports: Ports, case: Case, name: str, points: int, cause: Cause, *, at: datetime) -> PointsChanges | Refusal:
    known = points_given(ports)
    if known is None:
        raise InvalidValue("this shop gives no points; give it Shop(loyalty=PointsProgram(...)), or resolve the case otherwise")
    lot = Lot(name, points, at, available_from=at, expires_at=expires_at(known.expiry, at))
    return credited(ports, (Credit(account_id=account_id(case.buyer_id, known.kind), lot=lot, cause=cause),), at=at)
