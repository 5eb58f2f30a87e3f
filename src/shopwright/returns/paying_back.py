"""The money of a case that was resolved: what of it becomes store credit, and the credit notes that tell it.

Rules
- CASE-3: store credit takes the place of money that would go back on payments, in their turn; what was paid with points or with kept money goes back
  where it came from, and never becomes store credit;
- CASE-4: each refund of a case has its credit note: the units that were given up by their plan, and what went back in part as a line of its
  goods with the taxes in it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from attrs import evolve

from shopwright.members.actors import Actor
from shopwright.orders.credit_notes import GOODS, CreditLine, CreditNote, CreditNoteBook, note_of_plan
from shopwright.orders.order import Order
from shopwright.orders.refunds import repay, ways
from shopwright.orders.unit_shares import frozen_tax
from shopwright.pricing.tax_amounts import Taxed, part_of_amount
from shopwright.refusals import Refusal
from shopwright.returns.case import CaseLine
from shopwright.returns.resolving import Resolved
from shopwright.returns.words import Resolution


def as_credit(resolved: Resolved, *, own: Collection[str], reference: str, by: Actor, at: datetime) -> Resolved | Refusal:
    """The same with what goes back as store credit taken from its payments (CASE-3); `credit` is then what is to be put into the account.

    `own` are the gateways to what the shop itself keeps, `reference` the name of the program.
    """
    decision, left = resolved.order, resolved.credit
    for way in ways(decision.order) if left else ():
        payment = decision.order.payment(way.payment_id)
        amount = min(left, way.amount)
        if not amount or payment is None or payment.tender.gateway in own:
            continue
        repaid = repay(decision.order, way.payment_id, amount, reference=reference, by=by, at=at)
        if isinstance(repaid, Refusal):
            return repaid
        decision, left = decision.then(*repaid.events), left - amount
    return evolve(resolved, order=decision, credit=resolved.credit - left)


def notes_of(resolved: Resolved, book: CreditNoteBook, *, at: datetime) -> tuple[tuple[CreditNote, ...], CreditNoteBook]:
    """The credit notes of a case that was resolved, and the book after them (CASE-4)."""
    notes: list[CreditNote] = []
    order, case = resolved.order.order, resolved.case.case
    for plan in resolved.plans:
        taken = book.next()
        note = note_of_plan(order, plan, number=taken.number(), at=at)
        if note is not None:
            notes, book = [*notes, note], taken
    lines = tuple([it for it in (_in_part(order, line) for line in case.lines) if it is not None])
    if lines:
        book = book.next()
        notes.append(_of_lines(order, lines, reason=f"case {case.number}", number=book.number(), at=at))
    return tuple(notes), book


def _in_part(order: Order, line: CaseLine) -> CreditLine | None:
    """What went back of a line in part, as a line of a credit note."""
    amount = sum([it.amount for it in line.outcomes if it.resolution is Resolution.PARTIAL_REFUND])
    sold = order.line(line.wish.line_no)
    if not amount or sold is None:
        return None
    goods = frozen_tax(sold).goods
    taxed = part_of_amount(goods, amount, before=0) if amount <= goods.gross else Taxed(amount)
    return CreditLine(line_no=sold.line_no, about=GOODS, sku=sold.sku, title=sold.title, units=0, taxed=taxed)


def _of_lines(order: Order, lines: tuple[CreditLine, ...], *, reason: str, number: str, at: datetime) -> CreditNote:
    return CreditNote(
        number=number,
        order_id=order.id,
        order_number=order.number,
        buyer_id=order.buyer_id,
        currency=order.currency,
        reason=reason,
        lines=lines,
        refund=sum([line.gross for line in lines]),
        issued_at=at,
    )
