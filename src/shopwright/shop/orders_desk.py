"""The desk of orders: from the cart to the end, and finding them again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from attrs import frozen

from shopwright import flows
from shopwright.errors import InvalidValue
from shopwright.flows import commands as c
from shopwright.flows.addressing import opened_address
from shopwright.flows.editing.commands import EditOrder
from shopwright.flows.finding.commands import TagOrder
from shopwright.flows.finding.following import follow_orders, rebuild_orders
from shopwright.flows.finding.looking import FoundOrders, each_order, find_orders
from shopwright.flows.noting import OrderNote, notes
from shopwright.flows.saving import not_found, read
from shopwright.flows.sweeping import Progress
from shopwright.flows.timeline import Timeline, timeline
from shopwright.members.actors import SYSTEM, Actor
from shopwright.members.addresses import Address
from shopwright.orders.edit_plan import EditPlan
from shopwright.orders.finding import OrderFilter
from shopwright.orders.order import Order
from shopwright.ports.storage import Match, Page, Query, Recorded, Stored, Where
from shopwright.pricing.quote import Quote
from shopwright.promotions.engine import Skipped
from shopwright.refusals import Refusal
from shopwright.shop.desks import Desk
from shopwright.wire.order_rows import RowForm, order_lines


@frozen
class Orders(Desk):
    """Orders, from the cart to the end."""

    def quote(self, command: c.PlaceOrder, *, at: datetime | None = None) -> Quote | Refusal:
        """What placing this order would cost now; nothing is written."""
        return flows.quote(self.ports, command, at=self._at(at))

    def why_not(self, command: c.PlaceOrder, *, at: datetime | None = None) -> tuple[Skipped, ...] | Refusal:
        """Why the promotions that do not change the price of this order do not, each with the first condition that fails and how far."""
        return flows.why_not(self.ports, command, at=self._at(at))

    def place(self, command: c.PlaceOrder, *, at: datetime | None = None) -> Order | Refusal:
        """Place an order. See `shopwright.flows.placing.place` for the refusals."""
        return flows.place(self.ports, command, at=self._at(at))

    def get(self, order_id: str, *, by: Actor = SYSTEM) -> Order | Refusal:
        """An order by its id. Refused with `order_not_found`, also when it is somebody else's."""
        stored = read(self.ports, order_id, by)
        return stored if isinstance(stored, Refusal) else stored.value

    def address(self, order_id: str, *, by: Actor = SYSTEM) -> Address | Refusal:
        """Where an order goes, in full. Refused with `order_not_found`, also when it is somebody else's, and `personal_data_erased`."""
        stored = read(self.ports, order_id, by)
        return stored if isinstance(stored, Refusal) else opened_address(self.ports, stored.value)

    def notes(self, order_id: str, *, by: Actor = SYSTEM) -> tuple[OrderNote, ...] | Refusal:
        """What was written about an order, oldest first; a customer is shown what was asked of them. Refused with `order_not_found`."""
        return notes(self.ports, order_id, by=by)

    def numbered(self, number: str, *, by: Actor = SYSTEM) -> Order | Refusal:
        """An order by its number, as typed. Refused with `order_not_found`; raises `InvalidValue` for what is no order number."""
        plain = self.ports.numbers.normalize(number)
        page = self.find(Query(Order, where=(Where("number", Match.EQUAL, plain),), limit=1))
        found = next((stored.value for stored in page.items), None)
        return not_found(plain) if found is None else self.get(found.id, by=by)

    def find(self, query: Query[Order]) -> Page[Stored[Order]]:
        """Orders by the indexes of their kind, page by page. Raises `InvalidValue` for a query for anything else, and `UnknownIndex`."""
        if getattr(query, "kind", None) is not Order:
            raise InvalidValue(f"expected a Query(Order, ...), got {query!r}")
        return self.ports.storage.find(query)

    def timeline(
        self, order_id: str, *, by: Actor = SYSTEM, as_customer: bool = False, after: str = "", limit: int = 100
    ) -> Timeline | Refusal:
        """What happened to an order, who did it, when and why: for its customer, or for staff. Refused with `order_not_found`."""
        return timeline(self.ports, order_id, by=by, as_customer=as_customer, after=after, limit=limit)

    def search(self, wanted: OrderFilter, *, by: Actor = SYSTEM, limit: int = 50, after: str = "") -> FoundOrders:
        """A page of the orders that meet a filter, newest first; a customer finds their own. Raises `InvalidValue` for a wrong limit or cursor."""
        return find_orders(self.ports, wanted, by=by, limit=limit, after=after)

    def export(self, wanted: OrderFilter, *, form: RowForm = RowForm.CSV) -> Iterator[str]:
        """The orders that meet a filter as lines of a file, read as they are asked for, in constant memory. Raises `InvalidValue` at once."""
        return order_lines(each_order(self.ports, wanted), form)

    def follow(self, *, at: datetime | None = None, limit: int = 100) -> int:
        """Bring the index of orders to what the next events tell, `limit` at most; 0 when nothing is new. Rare terms are then found at once."""
        return follow_orders(self.ports, at=self._at(at), limit=limit)

    def rebuild(self, *, at: datetime | None = None, progress: Progress | None = None) -> int:
        """Make the index of orders anew, after keys of the vault were rotated or its rules changed; how many events it has followed."""
        return rebuild_orders(self.ports, at=self._at(at), progress=progress)

    def tag(self, command: TagOrder, *, at: datetime | None = None) -> Order | Refusal:
        """Put tags on an order and take others off."""
        return flows.tag_order(self.ports, command, at=self._at(at))

    def history(self, order_id: str) -> tuple[Recorded, ...]:
        """All that happened to an order, oldest first."""
        return flows.history(self.ports, order_id)

    def confirm(self, command: c.ConfirmOrder, *, at: datetime | None = None) -> Order | Refusal:
        """A person approves an order."""
        return flows.confirm(self.ports, command, at=self._at(at))

    def reject(self, command: c.RejectOrder, *, at: datetime | None = None) -> Order | Refusal:
        """A person rejects an order."""
        return flows.reject(self.ports, command, at=self._at(at))

    def send_back(self, command: c.SendBackOrder, *, at: datetime | None = None) -> Order | Refusal:
        """A person asks the customer to correct an order."""
        return flows.send_back(self.ports, command, at=self._at(at))

    def correct(self, command: c.CorrectOrder, *, at: datetime | None = None) -> Order | Refusal:
        """The customer corrects an order."""
        return flows.correct(self.ports, command, at=self._at(at))

    def preview_edit(self, command: EditOrder, *, at: datetime | None = None) -> EditPlan | Refusal:
        """What an edit would do now: what changes, line by line, and what it means for the money. Nothing of the order is written."""
        return flows.preview_edit(self.ports, command, at=self._at(at))

    def edit(self, command: EditOrder, *, at: datetime | None = None) -> Order | Refusal:
        """Change an order that is placed: address, quantities, lines, coupon, way of shipping."""
        return flows.edit_order(self.ports, command, at=self._at(at))

    def hold(self, command: c.HoldOrder, *, at: datetime | None = None) -> Order | Refusal:
        """Keep an order from shipping."""
        return flows.hold(self.ports, command, at=self._at(at))

    def lift(self, command: c.LiftHold, *, at: datetime | None = None) -> Order | Refusal:
        """End a hold."""
        return flows.lift(self.ports, command, at=self._at(at))

    def note(self, command: c.NoteException, *, at: datetime | None = None) -> Order | Refusal:
        """Note an exception by code."""
        return flows.note(self.ports, command, at=self._at(at))

    def complete(self, command: c.CompleteOrder, *, at: datetime | None = None) -> Order | Refusal:
        """Close an order of which nothing more is expected."""
        return flows.complete(self.ports, command, at=self._at(at))

    def cancel(self, command: c.CancelOrder, *, at: datetime | None = None) -> Order | Refusal:
        """Call an order off, or what is left of it."""
        return flows.cancel(self.ports, command, at=self._at(at))

    def sweep(self, *, at: datetime | None = None, limit: int = 10_000, progress: Progress | None = None) -> flows.Swept:
        """Do all that is due by now: recover, expire, complete, lift."""
        return flows.sweep(self.ports, at=self._at(at), limit=limit, progress=progress)
