"""The desk of returns: what customers are not content with, from the application to the resolution."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from shopwright import flows
from shopwright.errors import InvalidValue
from shopwright.flows.returns import commands as c
from shopwright.flows.returns import looking
from shopwright.flows.returns.looking import Inbox
from shopwright.flows.returns.noting import CaseNote, history, notes
from shopwright.flows.returns.saving import read_case
from shopwright.flows.returns.sweeping import Progress
from shopwright.members.actors import SYSTEM, Actor
from shopwright.ports.edge import check_text
from shopwright.ports.storage import Page, Query, Recorded, Stored
from shopwright.refusals import Refusal
from shopwright.returns.case import Case, WaitsFor
from shopwright.returns.resolving import Resolved
from shopwright.shipping.bookings import Label
from shopwright.shop.desks import Desk


@frozen
class Returns(Desk):
    """Cases: returns, claims, exchanges and reships, by the terms of `Shop(returns=...)`."""

    def apply(self, command: c.ApplyForReturn, *, at: datetime | None = None) -> Case | Refusal:
        """A customer is not content with units of an order. See `shopwright.flows.returns.reviewing` for the refusals."""
        return flows.apply_for_return(self.ports, command, at=self._at(at))

    def ask(self, command: c.AskForMore, *, at: datetime | None = None) -> Case | Refusal:
        """Ask the customer for more. Refused with `case_not_found`, as are all verbs below."""
        return flows.ask_for_more(self.ports, command, at=self._at(at))

    def answer(self, command: c.AnswerCase, *, at: datetime | None = None) -> Case | Refusal:
        """The customer gives what was asked for."""
        return flows.answer_case(self.ports, command, at=self._at(at))

    def approve(self, command: c.ApproveCase, *, at: datetime | None = None) -> Case | Refusal:
        """Grant something for each line of a case."""
        return flows.approve_case(self.ports, command, at=self._at(at))

    def reject(self, command: c.RejectCase, *, at: datetime | None = None) -> Case | Refusal:
        """Grant nothing."""
        return flows.reject_case(self.ports, command, at=self._at(at))

    def withdraw(self, command: c.WithdrawCase, *, at: datetime | None = None) -> Case | Refusal:
        """The customer does not want it any more."""
        return flows.withdraw_case(self.ports, command, at=self._at(at))

    def send(self, command: c.SendReturn, *, at: datetime | None = None) -> Case | Refusal:
        """The goods are on their way back."""
        return flows.send_return(self.ports, command, at=self._at(at))

    def book_label(self, command: c.BookReturnLabel, *, at: datetime | None = None) -> Case | Refusal:
        """Have a carrier bring the goods back, at the cost of the shop. See `shopwright.flows.returns.labeling` for the refusals."""
        return flows.book_return_label(self.ports, command, at=self._at(at))

    def void_label(self, command: c.VoidReturnLabel, *, at: datetime | None = None) -> Case | Refusal:
        """Nothing will be sent with the label of a case. Refused with `return_label_missing`."""
        return flows.void_return_label(self.ports, command, at=self._at(at))

    def track(self, command: c.TrackReturn, *, at: datetime | None = None) -> Case | Refusal:
        """Ask the carrier where the goods are."""
        return flows.track_return(self.ports, command, at=self._at(at))

    def labels(self, case_id: str, *, by: Actor = SYSTEM) -> tuple[Label, ...] | Refusal:
        """The labels for the goods of a case, for its buyer and for staff. Refused with `case_not_found` and `personal_data_erased`."""
        return flows.labels_of_case(self.ports, case_id, by=by)

    def receive(self, command: c.ReceiveReturn, *, at: datetime | None = None) -> Case | Refusal:
        """Goods have come, all that are awaited or some."""
        return flows.receive_return(self.ports, command, at=self._at(at))

    def miss(self, command: c.MissReturn, *, at: datetime | None = None) -> Case | Refusal:
        """What has not come by now will not come."""
        return flows.miss_return(self.ports, command, at=self._at(at))

    def inspect(self, command: c.InspectReturn, *, at: datetime | None = None) -> Case | Refusal:
        """How the goods that came were found."""
        return flows.inspect_return(self.ports, command, at=self._at(at))

    def preview(self, command: c.ResolveCase, *, at: datetime | None = None) -> Resolved | Refusal:
        """What `resolve` would do now, to the cent, without doing it: refused as it would be."""
        return flows.preview_resolution(self.ports, command, at=self._at(at))

    def resolve(self, command: c.ResolveCase, *, at: datetime | None = None) -> Case | Refusal:
        """Do what is due about each unit: goods, money and credit notes. See `shopwright.flows.returns.resolving` for the refusals."""
        return flows.resolve_case(self.ports, command, at=self._at(at))

    def end_quarantine(self, command: c.EndQuarantine, *, at: datetime | None = None) -> Case | Refusal:
        """Decide about units that were kept aside."""
        return flows.end_quarantine(self.ports, command, at=self._at(at))

    def sweep(self, *, at: datetime | None = None, limit: int = 10_000, progress: Progress | None = None) -> int:
        """Close the cases whose customer had time until now and did nothing; how many. A host runs it with the sweep of orders."""
        return flows.sweep_cases(self.ports, at=self._at(at), limit=limit, progress=progress)

    def get(self, case_id: str, *, by: Actor = SYSTEM) -> Case | Refusal:
        """A case by its id. Refused with `case_not_found`, also when it is somebody else's."""
        stored = read_case(self.ports, case_id, by)
        return stored if isinstance(stored, Refusal) else stored.value

    def numbered(self, number: str, *, by: Actor = SYSTEM) -> Case | Refusal:
        """A case by its number, as typed. Refused with `case_not_found`; raises `InvalidValue` for what is no number of a case."""
        return looking.numbered(self.ports, number, by=by)

    def of_order(self, order_id: str, *, by: Actor = SYSTEM) -> tuple[Case, ...] | Refusal:
        """The cases of an order, in the order in which they were opened. Refused with `order_not_found`."""
        return looking.of_order(self.ports, order_id, by=by)

    def find(self, query: Query[Case]) -> Page[Stored[Case]]:
        """Cases by the indexes of their kind, page by page. Raises `InvalidValue` for a query for anything else, and `UnknownIndex`."""
        if getattr(query, "kind", None) is not Case:
            raise InvalidValue(f"expected a Query(Case, ...), got {query!r}")
        return self.ports.storage.find(query)

    def inbox(self, *, waits_for: WaitsFor | None = None, limit: int = 50, after: str = "", at: datetime | None = None) -> Inbox:
        """A page of the cases that are open, the oldest first, with their age; all, or those that wait for the shop, say."""
        return looking.inbox(self.ports, at=self._at(at), waits_for=waits_for, limit=limit, after=after)

    def notes(self, case_id: str, *, by: Actor = SYSTEM) -> tuple[CaseNote, ...] | Refusal:
        """What was written about a case, oldest first; a customer is shown what they wrote and what was asked of them."""
        return notes(self.ports, case_id, by=by)

    def history(self, case_id: str) -> tuple[Recorded, ...]:
        """All that happened to a case, oldest first."""
        check_text("case id", case_id)
        return tuple(history(self.ports, case_id))
