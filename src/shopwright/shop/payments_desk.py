"""The desk of money: payments, refunds, disputes, and what banks and providers report."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from attrs import frozen

from shopwright import flows
from shopwright.flows import commands as c
from shopwright.flows.banking import METHOD, AssignTransfer, StatementReport
from shopwright.flows.disputing import AnswerDispute, OpenDispute, open_disputes
from shopwright.flows.sweeping import Progress
from shopwright.members.actors import SYSTEM, Actor
from shopwright.orders.credit_notes import CreditNote
from shopwright.orders.order import Order
from shopwright.orders.refund_plan import RefundPlan
from shopwright.payments.notifications import Ack, RawNotification
from shopwright.ports.storage import Page
from shopwright.refusals import Refusal
from shopwright.settlement.books import BooksReport
from shopwright.settlement.payouts import PayoutsReport
from shopwright.settlement.reconciling import BooksTerms, PayoutReceived
from shopwright.settlement.transfers import StatementLine, Transfer
from shopwright.shop.desks import Desk
from shopwright.wire.kinds import LooseMoney


@frozen
class Payments(Desk):
    """The money of orders."""

    def pay(self, command: c.PayOrder, *, at: datetime | None = None) -> Order | Refusal:
        """Ask the gateways for every payment that is due."""
        return flows.pay(self.ports, command, at=self._at(at))

    def record(self, command: c.RecordPayment, *, at: datetime | None = None) -> Order | Refusal:
        """Take in money that arrived outside a gateway."""
        return flows.record(self.ports, command, at=self._at(at))

    def add(self, command: c.AddPayment, *, at: datetime | None = None) -> Order | Refusal:
        """Take more tenders on, after a decline or in place of payments that were not made."""
        return flows.add_payment(self.ports, command, at=self._at(at))

    def capture(self, command: c.CapturePayment, *, at: datetime | None = None) -> Order | Refusal:
        """Take promised money."""
        return flows.capture(self.ports, command, at=self._at(at))

    def refund(self, command: c.RefundOrder, *, at: datetime | None = None) -> Order | Refusal:
        """Give money back."""
        return flows.refund(self.ports, command, at=self._at(at))

    def plan_refund(self, command: c.RefundUnits, *, at: datetime | None = None) -> RefundPlan | Refusal:
        """What giving these units back would do now, line by line and payment by payment, with why; nothing is written."""
        return flows.plan_refund(self.ports, command, at=self._at(at))

    def refund_units(self, command: c.RefundUnits, *, at: datetime | None = None) -> Order | Refusal:
        """Give units back as their plan tells it, with a credit note."""
        return flows.refund_units(self.ports, command, at=self._at(at))

    def give_goodwill(self, command: c.GiveGoodwill, *, at: datetime | None = None) -> Order | Refusal:
        """Give money back for no unit, within the limit of the order's terms, with a credit note."""
        return flows.give_goodwill(self.ports, command, at=self._at(at))

    def credit_notes(self, order_id: str, *, by: Actor = SYSTEM) -> tuple[CreditNote, ...] | Refusal:
        """The credit notes of an order, oldest first. Refused with `order_not_found`, also when it is somebody else's."""
        return flows.credit_notes(self.ports, order_id, by=by)

    def repay(self, command: c.RepayOrder, *, at: datetime | None = None) -> Order | Refusal:
        """Note that money was given back by hand."""
        return flows.repay(self.ports, command, at=self._at(at))

    def refresh(self, command: c.RefreshPayments, *, at: datetime | None = None) -> Order | Refusal:
        """Ask how open payments stand."""
        return flows.refresh(self.ports, command, at=self._at(at))

    def receive(self, gateway: str, raw: RawNotification, *, at: datetime | None = None) -> Ack:
        """Take in what a provider pushed, and answer it."""
        return flows.receive(self.ports, gateway, raw, at=self._at(at))

    def reconcile(
        self,
        gateway: str,
        since: datetime,
        until: datetime,
        *,
        terms: BooksTerms = BooksTerms(),
        at: datetime | None = None,
        progress: Progress | None = None,
    ) -> BooksReport:
        """Hold what the shop booked against what a provider booked from `since` on and before `until`, and tell the breaks."""
        return flows.reconcile(self.ports, gateway, since, until, at=self._at(at), terms=terms, progress=progress)

    def reconcile_payouts(
        self,
        gateway: str,
        since: datetime,
        until: datetime,
        received: Iterable[PayoutReceived] = (),
        *,
        terms: BooksTerms = BooksTerms(),
        at: datetime | None = None,
        progress: Progress | None = None,
    ) -> PayoutsReport:
        """Hold what a provider says it paid out against what has arrived at the bank, and tell the breaks."""
        return flows.reconcile_payouts(self.ports, gateway, since, until, received, at=self._at(at), terms=terms, progress=progress)

    def match(
        self,
        source: str,
        lines: Iterable[StatementLine],
        *,
        by: Actor,
        at: datetime | None = None,
        method: str = METHOD,
        progress: Progress | None = None,
    ) -> StatementReport:
        """Book the lines of a statement of the account `source` on the orders that they name; the rest is told, for a person to clear up."""
        return flows.match_statement(self.ports, source, lines, by=by, at=self._at(at), method=method, progress=progress)

    def assign(self, command: AssignTransfer, *, at: datetime | None = None) -> Transfer | Refusal:
        """Book a transfer that nobody could match on the orders that a person names, or put it aside."""
        return flows.assign_transfer(self.ports, command, at=self._at(at))

    def answer_dispute(self, command: AnswerDispute, *, at: datetime | None = None) -> Order | Refusal:
        """Give evidence for a dispute, or give it up."""
        return flows.answer_dispute(self.ports, command, at=self._at(at))

    def disputes(self, *, until: datetime | None = None, limit: int = 50, after: str = "") -> Page[OpenDispute]:
        """The disputes that the shop is asked to answer, the most urgent first, page by page."""
        return open_disputes(self.ports, until=until, limit=limit, after=after)

    def keep_loose(self, command: c.KeepLooseMoney, *, at: datetime | None = None) -> LooseMoney:
        """Keep a note of money that belongs to no order."""
        return flows.keep_loose(self.ports, command, at=self._at(at))
