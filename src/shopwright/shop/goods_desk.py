"""The desks of goods: what is sold, and how it is shipped."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from attrs import frozen

from shopwright import flows
from shopwright.catalog.products import Product
from shopwright.flows import commands as c
from shopwright.flows.labeling import kept_labels
from shopwright.flows.shelving import shelf
from shopwright.inventory.keys import stock_key
from shopwright.members.actors import SYSTEM, Actor
from shopwright.orders.order import Order
from shopwright.payments.notifications import Ack, RawNotification
from shopwright.ports.edge import check_ids
from shopwright.ports.quotas import Quota
from shopwright.pricing.shelf_price import ShelfPrice
from shopwright.promotions.coupons import Coupon
from shopwright.refusals import Refusal
from shopwright.shipping.bookings import Label
from shopwright.shop.desks import Desk


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
