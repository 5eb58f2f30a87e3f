"""The desks of a shop: its verbs, in groups. Each takes a command, asks the flow of that name, and answers with a value or a `Refusal`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from attrs import frozen

from shopwright import flows
from shopwright.catalog.products import Product
from shopwright.errors import InvalidValue
from shopwright.flows import commands as c
from shopwright.flows.addressing import opened_address
from shopwright.flows.banking import METHOD, AssignTransfer, StatementReport
from shopwright.flows.checking import moment
from shopwright.flows.disputing import AnswerDispute, OpenDispute, open_disputes
from shopwright.flows.finding import FoundOrders, each_order, find_orders
from shopwright.flows.labeling import kept_labels
from shopwright.flows.noting import OrderNote, notes
from shopwright.flows.ports import Ports
from shopwright.flows.saving import not_found, read
from shopwright.flows.shelving import shelf
from shopwright.flows.sweeping import Progress
from shopwright.flows.timeline import Timeline, timeline
from shopwright.inventory.keys import stock_key
from shopwright.members.actors import SYSTEM, Actor
from shopwright.members.addresses import Address
from shopwright.orders.credit_notes import CreditNote
from shopwright.orders.finding import OrderFilter
from shopwright.orders.order import Order
from shopwright.orders.refund_plan import RefundPlan
from shopwright.payments.notifications import Ack, RawNotification
from shopwright.ports.clock import Clock
from shopwright.ports.edge import check_ids
from shopwright.ports.quotas import Quota
from shopwright.ports.storage import Match, Page, Query, Recorded, Stored, Where
from shopwright.pricing.quote import Quote
from shopwright.pricing.shelf_price import ShelfPrice
from shopwright.promotions.coupons import Coupon
from shopwright.promotions.engine import Skipped
from shopwright.refusals import Refusal
from shopwright.settlement.books import BooksReport
from shopwright.settlement.payouts import PayoutsReport
from shopwright.settlement.reconciling import BooksTerms, PayoutReceived
from shopwright.settlement.transfers import StatementLine, Transfer
from shopwright.shipping.bookings import Label
from shopwright.wire.kinds import LooseMoney
from shopwright.wire.order_rows import RowForm, order_lines


@frozen
class Desk:
    """What every group of verbs works with."""

    ports: Ports
    clock: Clock

    def _at(self, at: datetime | None) -> datetime:
        return moment(self.clock.now() if at is None else at)


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


@frozen
class Shipping(Desk):
    """The goods of orders on their way."""

    def ship(self, command: c.ShipOrder, *, at: datetime | None = None) -> Order | Refusal:
        """Set units aside and book their transport."""
        return flows.ship(self.ports, command, at=self._at(at))

    def unplan(self, command: c.UnplanShipment, *, at: datetime | None = None) -> Order | Refusal:
        """Take a shipment apart that has not left."""
        return flows.unplan(self.ports, command, at=self._at(at))

    def dispatch(self, command: c.DispatchShipment, *, at: datetime | None = None) -> Order | Refusal:
        """A shipment has left."""
        return flows.dispatch(self.ports, command, at=self._at(at))

    def track(self, command: c.TrackShipment, *, at: datetime | None = None) -> Order | Refusal:
        """Ask the carrier where a shipment is."""
        return flows.track(self.ports, command, at=self._at(at))

    def receive(self, carrier: str, raw: RawNotification, *, at: datetime | None = None) -> Ack:
        """Take in what a carrier pushed, and answer it."""
        return flows.receive_tracking(self.ports, carrier, raw, at=self._at(at))

    def labels(self, order_id: str, shipment_id: str, *, by: Actor = SYSTEM) -> tuple[Label, ...] | Refusal:
        """The labels of a shipment that a carrier has booked, none before that.

        Refused with `order_not_found`, `shipment_unknown` and `personal_data_erased`.
        """
        return kept_labels(self.ports, order_id, shipment_id, by=by)

    def deliver(self, command: c.DeliverShipment, *, at: datetime | None = None) -> Order | Refusal:
        """A shipment has arrived."""
        return flows.deliver(self.ports, command, at=self._at(at))

    def take_back(self, command: c.TakeBackShipment, *, at: datetime | None = None) -> Order | Refusal:
        """A shipment is back."""
        return flows.take_back(self.ports, command, at=self._at(at))

    def lose(self, command: c.LoseShipment, *, at: datetime | None = None) -> Order | Refusal:
        """A shipment is given up for lost."""
        return flows.lose(self.ports, command, at=self._at(at))


@frozen
class Goods(Desk):
    """Products, their stock, and coupons."""

    def put(self, command: c.PutProduct, *, at: datetime | None = None) -> Product | Refusal:
        """Put a product on sale, or change it."""
        return flows.put_product(self.ports, command, at=self._at(at))

    def receive(self, command: c.ReceiveStock, *, at: datetime | None = None) -> Quota | Refusal:
        """Count goods in."""
        return flows.receive_stock(self.ports, command, at=self._at(at))

    def stock(self, skus: Iterable[str], *, at: datetime | None = None) -> dict[str, Quota]:
        """The stock of these skus as it stands. Raises `InvalidValue` for what is no sku."""
        keys = {sku: stock_key(sku) for sku in check_ids("skus", skus)}
        found = self.ports.storage.quota(tuple(keys.values()), at=self._at(at))
        return {sku: found[key] for sku, key in keys.items()}

    def shelf(
        self, skus: Iterable[str], *, currency: str, channel: str = "", buyer_id: str = "", quantity: int = 1, at: datetime | None = None
    ) -> dict[str, ShelfPrice | Refusal]:
        """What one of `quantity` units of products costs one buyer now, with what is left of flash prices: what a page shows and a cart charges
        before promotions. With price lists (`CatalogTerms.lists`), the price to tell beside a reduced one.

        `sku_unknown`, `product_inactive`, `product_elsewhere` or `price_missing` stand in place of a price. Raises `InvalidValue` for what is no sku.
        """
        return shelf(self.ports, skus, currency=currency, channel=channel, buyer_id=buyer_id, quantity=quantity, at=self._at(at))

    def put_coupon(self, command: c.PutCoupon, *, at: datetime | None = None) -> Coupon | Refusal:
        """Put a coupon into circulation, or change it."""
        return flows.put_coupon(self.ports, command, at=self._at(at))
