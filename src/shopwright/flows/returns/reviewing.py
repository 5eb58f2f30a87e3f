"""Cases before goods come: a customer applies, answers and withdraws, the shop asks, approves and rejects.

Refusals, told in this order: `card_number_given`, `order_not_found` or `case_not_found`; those of `shopwright.returns`; of an approval
`credit_currency`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from attrs import evolve

from shopwright.errors import InvalidValue
from shopwright.flows.checking import takes
from shopwright.flows.credit.accounts import store_of, wrong_currency
from shopwright.flows.ports import Ports
from shopwright.flows.returns.commands import AnswerCase, ApplyForReturn, ApproveCase, AskForMore, RejectCase, WithdrawCase
from shopwright.flows.returns.grounds import grounds_of, points_given
from shopwright.flows.returns.labeling import tell_carrier
from shopwright.flows.returns.noting import noted
from shopwright.flows.returns.saving import as_it_stands, cases_of, change, records
from shopwright.flows.saving import operation, read
from shopwright.flows.shelving import shelf
from shopwright.flows.trying import tried
from shopwright.members.sealing import Sealed
from shopwright.money import Money
from shopwright.orders.order import Order
from shopwright.ports.storage import Changeset, Operation, Put
from shopwright.refusals import Refusal
from shopwright.returns import applying, reviewing
from shopwright.returns.case import Case
from shopwright.returns.decision import CaseDecision
from shopwright.returns.words import Granted, Resolution, Wish


@takes(ApplyForReturn)
def apply_for_return(ports: Ports, command: ApplyForReturn, *, at: datetime) -> Case | Refusal:
    """Open a case of an order, approved at once where the rules let it pass without a person.

    Refused with `order_not_found`, `return_units_above`, `return_not_offered`, `return_final_sale`, `return_window_over`,
    `return_resolution_not_offered`, `return_evidence_missing` or `card_number_given`; for an exchange also with those of a price (`sku_unknown`,
    `product_inactive`, `product_elsewhere`, `price_missing`).
    """
    op = operation(ports, command, "")

    def attempt() -> Case | Refusal:
        if (done := ports.storage.answered(op)) is not None:
            return as_it_stands(ports, done.text)
        return _opened(ports, command, op, at=at)

    return tried(ports.storage, attempt)


def _opened(ports: Ports, command: ApplyForReturn, op: Operation, *, at: datetime) -> Case | Refusal:
    stored = read(ports, command.order_id, command.by)
    if isinstance(stored, Refusal):
        return stored
    order, together = stored.value, cases_of(ports, command.order_id)
    nth = together.value.count + 1
    note = noted(ports, applying.case_id(order, nth), order.buyer_id, command.note, at=at)
    if no := _not_sold(ports, command.wishes, lambda: order, at=at):
        return no
    grounds = grounds_of(ports, order, command.wishes, together.value)
    decision = applying.apply(order, command.wishes, grounds, nth=nth, by=command.by, at=at, note=note)
    if isinstance(decision, Refusal):
        return decision
    case = decision.case
    puts = (Put(case.id, case), Put(order.id, together.value.opened(case), together.version))
    result = ports.storage.commit(Changeset(evolve(op, answer=case.id), at, puts=puts, records=records(decision)))
    if isinstance(result, Refusal):
        return result
    return as_it_stands(ports, result.answer) if result.repeated else case


@takes(AskForMore)
def ask_for_more(ports: Ports, command: AskForMore, *, at: datetime) -> Case | Refusal:
    """Ask the customer for more. Refused with `case_not_found` or `card_number_given`."""

    def decide(case: Case) -> CaseDecision:
        return reviewing.ask(case, ports.returns, note=_kept(ports, case, command.note, at), by=command.by, at=at)

    return change(ports, command, decide, at=at)


@takes(AnswerCase)
def answer_case(ports: Ports, command: AnswerCase, *, at: datetime) -> Case | Refusal:
    """Give what was asked for. Refused with `case_not_found`, `case_line_unknown` or `card_number_given`."""

    def decide(case: Case) -> CaseDecision | Refusal:
        return applying.answer(case, evidence=command.evidence, note=_kept(ports, case, command.note, at), by=command.by, at=at)

    return change(ports, command, decide, at=at)


@takes(ApproveCase)
def approve_case(ports: Ports, command: ApproveCase, *, at: datetime) -> Case | Refusal:
    """Grant something for each line. Refused with `case_not_found`, `credit_currency`, those of a price for goods that are not sold,
    `case_line_unknown` or `case_goods_unseen`.

    Raises `InvalidValue` for store credit and points in a shop that keeps none.
    """

    def decide(case: Case) -> CaseDecision | Refusal:
        given = command.granted or tuple([reviewing.as_wished(line) for line in case.lines])
        no = _not_kept(ports, case, given) or _not_sold(ports, given, lambda: _order_of(ports, case), at=at)
        return no or reviewing.approve(case, ports.returns, granted=given, by=command.by, at=at)

    return change(ports, command, decide, at=at)


def _not_kept(ports: Ports, case: Case, granted: tuple[Granted, ...]) -> Refusal | None:
    """The refusal of store credit in a currency that the shop keeps none in."""
    given = {it.resolution for it in granted}
    if Resolution.POINTS in given and points_given(ports) is None:
        raise InvalidValue("this shop gives no points; give it Shop(loyalty=PointsProgram(...)), or grant something else")
    if Resolution.STORE_CREDIT in given:
        return wrong_currency(store_of(ports).currencies, Money(0, case.currency))
    return None


def _not_sold(ports: Ports, wanted: Iterable[Wish | Granted], order_of: Callable[[], Order], *, at: datetime) -> Refusal | None:
    """Why one of the goods that something is to be exchanged for is not sold, as its price says; nobody waits for the end of a case to learn that."""
    skus = sorted({it.sku for it in wanted if it.sku})
    if not skus:
        return None
    order = order_of()
    prices = shelf(ports, skus, currency=order.currency, channel=order.channel, at=at)
    return next((it for it in prices.values() if isinstance(it, Refusal)), None)


def _order_of(ports: Ports, case: Case) -> Order:
    stored = ports.storage.load(Order, case.order_id)
    assert stored is not None, "a case is of an order that is there"
    return stored.value


@takes(RejectCase)
def reject_case(ports: Ports, command: RejectCase, *, at: datetime) -> Case | Refusal:
    """Grant nothing. Refused with `case_not_found` or `card_number_given`."""

    def decide(case: Case) -> CaseDecision:
        return reviewing.reject(case, why=command.why, note=_kept(ports, case, command.note, at), by=command.by, at=at)

    return change(ports, command, decide, at=at)


@takes(WithdrawCase)
def withdraw_case(ports: Ports, command: WithdrawCase, *, at: datetime) -> Case | Refusal:
    """The customer does not want it any more; a label for the goods is void. Refused with `case_not_found`."""
    case = change(ports, command, lambda case: applying.withdraw(case, by=command.by, at=at), at=at)
    return case if isinstance(case, Refusal) else tell_carrier(ports, case, at=at)


def _kept(ports: Ports, case: Case, note: str, at: datetime) -> str | Sealed:
    return noted(ports, case.id, case.buyer_id, note, at=at)
