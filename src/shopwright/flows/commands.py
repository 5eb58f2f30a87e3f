"""Commands: what somebody asks a shop to do, as values.

Rules
- each carries a `key` of 1 to 150 characters: the same command under the same key is done once, however often it is sent, and the
  same key with another command raises `KeyConflict`;
- what people type into it is marked `FREE_TEXT`, and refused with `card_number_given` where it holds the number of a card;
- each says who asks (`by`): a customer who names somebody else's order gets `order_not_found`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import field, frozen

from shopwright.catalog.products import MAX_SKU, Product
from shopwright.edges import Validator, aware, identifier, maybe, members, of, plain_facts, text, texts, whole
from shopwright.errors import InvalidValue
from shopwright.flows.free_texts import FREE_TEXT
from shopwright.inventory.keys import MAX_PLACE
from shopwright.members.actors import Actor, ActorKind
from shopwright.members.addresses import Address
from shopwright.money import Money
from shopwright.orders.events import CancelReason
from shopwright.orders.fulfilling import BookingWanted
from shopwright.orders.holds import HoldReason
from shopwright.orders.refund_policy import RefundPolicy
from shopwright.orders.terms import SERIES
from shopwright.payments.card_numbers import demand_no_card_number, no_card_in_facts, no_card_number
from shopwright.payments.operations import Flow
from shopwright.payments.payment import Tender
from shopwright.payments.risk.context import PaymentContext
from shopwright.pricing.cart import Cart
from shopwright.pricing.facts import FlatShipping, NoShipping, Shipping, ShippingPerLine
from shopwright.promotions.coupons import Coupon
from shopwright.refusals import Fact

KEY = identifier(most=150)
_ID = text(least=1, most=200)
_NOTE = text(most=1_000)


def an_address(instance: Any, attribute: Any, value: Any) -> None:
    """A validator for an address in full; one from an order that is kept sealed names nobody."""
    of(Address)(instance, attribute, value)
    if value.sealed is not None:
        where = f"{type(instance).__name__}.{attribute.name}"
        raise InvalidValue(f"{where} must be an address in full, got a sealed one; open it with `shop.orders.address(order_id, by=...)`")


def full_tenders(instance: Any, attribute: Any, value: Any) -> None:
    """A validator for tenders as a buyer gives them; those of an order that is kept sealed cannot be given again."""
    members(Tender)(instance, attribute, value)
    if any(it.sealed_source for it in value):
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must be tenders in full, got one with a sealed source; ask the buyer for it")
    for tender in value:
        if tender.saved and tender.source:
            raise InvalidValue("a tender is paid with a source or with a saved method, got both")
        if tender.source and tender.flow is not Flow.SCAN_BUYER_CODE:
            demand_no_card_number("Tender.source", tender.source)


def counted_lines(what: str) -> Validator:
    """A validator for pairs of a line and how many of it (`what` names both), both from 1 up, each line once."""

    def check(instance: Any, attribute: Any, value: Any) -> None:
        members(tuple)(instance, attribute, value)
        for pair in value:
            members(int)(instance, attribute, pair)
            if len(pair) != 2:
                raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must be pairs of {what}, got {pair!r}")
            for number in pair:
                whole(least=1)(instance, attribute, number)
        if len({line for line, _ in value}) < len(value):
            raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must name each line once, got {value!r}")

    return check


check_units = counted_lines("line number and quantity")


@frozen(kw_only=True)
class Command:
    """What all commands have."""

    key: str = field(validator=KEY)
    by: Actor = field(validator=of(Actor))


def only_keepers(command: Command) -> None:
    """Raises `InvalidValue` for a customer: the command is for staff and the shop itself."""
    if command.by.kind is ActorKind.CUSTOMER:
        raise InvalidValue(f"{type(command).__name__} is for staff and the shop itself, got customer {command.by.id!r} as `by`")


@frozen(kw_only=True)
class PlaceOrder(Command):
    """Place an order for a cart.

    `exact_tenders=False` keeps tenders that do not add up to the total. `external_id` is the order's name in another system, unique
    if given. An import places it `at=` the time at which it was placed there. What is held for the cart `cart_id` becomes the order's. `context` is
    what a shop that judges payments is told of the moment; it tells no command from another.
    """

    buyer_id: str = field(validator=_ID)
    cart: Cart = field(validator=of(Cart))
    ship_to: Address = field(validator=an_address, metadata=FREE_TEXT)
    tenders: tuple[Tender, ...] = field(default=(), validator=full_tenders)
    shipping: Shipping = field(factory=NoShipping, validator=of(FlatShipping, ShippingPerLine, NoShipping))
    promised_at: datetime | None = field(default=None, validator=maybe(aware))
    external_id: str = field(default="", validator=text())
    exact_tenders: bool = field(default=True, validator=of(bool))
    cart_id: str = field(default="", validator=text(most=150))
    context: PaymentContext | None = field(default=None, validator=maybe(of(PaymentContext)), repr=False)


@frozen(kw_only=True)
class PutProduct(Command):
    """Put a product on sale, or change it."""

    product: Product = field(validator=of(Product))


@frozen(kw_only=True)
class ReceiveStock(Command):
    """Goods have arrived; a negative quantity takes away what is still free."""

    sku: str = field(validator=text(least=1, most=MAX_SKU))
    quantity: int = field(validator=whole())

    def __attrs_post_init__(self) -> None:
        if not self.quantity:
            raise InvalidValue("ReceiveStock.quantity must not be zero")


@frozen(kw_only=True)
class PutCoupon(Command):
    """Put a coupon into circulation, or change it; `more_uses` adds to how often a limited one can be used."""

    coupon: Coupon = field(validator=of(Coupon))
    more_uses: int = field(default=0, validator=whole(least=0))


@frozen(kw_only=True)
class OrderCommand(Command):
    """What all commands about one order have."""

    order_id: str = field(validator=_ID)


@frozen(kw_only=True)
class PayOrder(OrderCommand):
    """Ask the gateways for every payment that is due. The buyer comes back to `return_url`; the provider notifies `notify_url`. `context` is what a
    shop that judges payments is told of the moment; it tells no command from another, so a repeat may come from elsewhere.
    """

    return_url: str = field(default="", validator=text(most=4_000))
    notify_url: str = field(default="", validator=text(most=4_000))
    context: PaymentContext | None = field(default=None, validator=maybe(of(PaymentContext)), repr=False)


@frozen(kw_only=True)
class RecordPayment(OrderCommand):
    """Money that arrived outside a gateway: a voucher, a transfer, cash at the door. `reason` says why cash is not what was due."""

    payment_id: str = field(validator=_ID)
    amount: Money = field(validator=of(Money))
    reference: str = field(default="", validator=no_card_number())
    reason: str = field(default="", validator=text(most=200), metadata=FREE_TEXT)


@frozen(kw_only=True)
class AddPayment(OrderCommand):
    """Offer more tenders for what is open: after a decline, or in place of payments (`replaces`, their ids) that were not made."""

    tenders: tuple[Tender, ...] = field(validator=[members(Tender, least=1), full_tenders])
    replaces: tuple[str, ...] = field(default=(), validator=texts(least=1))


@frozen(kw_only=True)
class CapturePayment(OrderCommand):
    """Take promised money, all of it or a part."""

    payment_id: str = field(validator=_ID)
    amount: Money | None = field(default=None, validator=maybe(of(Money)))


@frozen(kw_only=True)
class RefreshPayments(OrderCommand):
    """Ask the gateways how the order's open payments stand, and do what is left to do."""


@frozen(kw_only=True)
class RefundOrder(OrderCommand):
    """Give money back to the buyer, on the ways it came."""

    amount: Money = field(validator=of(Money))
    reason: str = field(validator=text(least=1, most=200), metadata=FREE_TEXT)


@frozen(kw_only=True)
class RefundUnits(OrderCommand):
    """Give units of an order back: `units` are pairs of line number and quantity. Without a `policy` that of the order's terms holds.

    `as_of` is the `event_count` of the plan that was shown: the refund is refused once the order has moved. `series` is that of the credit
    note, where it is another than that of the order's terms.
    """

    units: tuple[tuple[int, int], ...] = field(validator=check_units)
    reason: str = field(validator=text(least=1, most=200), metadata=FREE_TEXT)
    policy: RefundPolicy | None = field(default=None, validator=maybe(of(RefundPolicy)))
    as_of: int | None = field(default=None, validator=maybe(whole(least=1)))
    series: str = field(default=SERIES, validator=identifier(most=40))

    def __attrs_post_init__(self) -> None:
        if not self.units:
            raise InvalidValue("RefundUnits.units must name 1 unit or more")


@frozen(kw_only=True)
class GiveGoodwill(OrderCommand):
    """Give money back for no unit, out of goodwill; `series` is that of the credit note, where the terms of the order do not say it."""

    amount: Money = field(validator=of(Money))
    reason: str = field(validator=text(least=1, most=200), metadata=FREE_TEXT)
    series: str = field(default=SERIES, validator=identifier(most=40))


@frozen(kw_only=True)
class RepayOrder(OrderCommand):
    """A person has given money back outside any gateway: by transfer, in cash, on a new voucher. `reference` tells how."""

    payment_id: str = field(validator=_ID)
    amount: Money = field(validator=of(Money))
    reference: str = field(default="", validator=no_card_number())


@frozen(kw_only=True)
class ConfirmOrder(OrderCommand):
    """A person approves the order."""


@frozen(kw_only=True)
class RejectOrder(OrderCommand):
    """A person rejects the order: it is canceled, and money goes back."""

    note: str = field(default="", validator=_NOTE, metadata=FREE_TEXT)


@frozen(kw_only=True)
class SendBackOrder(OrderCommand):
    """A person asks the customer to correct the order; `note` says what."""

    note: str = field(validator=text(least=1, most=1_000), metadata=FREE_TEXT)


@frozen(kw_only=True)
class CorrectOrder(OrderCommand):
    """The customer corrects an order that was sent back."""

    ship_to: Address = field(validator=an_address, metadata=FREE_TEXT)


@frozen(kw_only=True)
class HoldOrder(OrderCommand):
    """Keep the order from shipping until the hold is lifted or expires."""

    hold_id: str = field(validator=_ID)
    reason: HoldReason = field(validator=of(HoldReason))
    expires_at: datetime | None = field(default=None, validator=maybe(aware))
    note: str = field(default="", validator=_NOTE, metadata=FREE_TEXT)


@frozen(kw_only=True)
class LiftHold(OrderCommand):
    """End a hold."""

    hold_id: str = field(validator=_ID)


@frozen(kw_only=True)
class NoteException(OrderCommand):
    """Note by code that something about the order is not as it should be; `on_record` where it was so and waits for nobody."""

    code: str = field(validator=text(least=1, most=60), metadata=FREE_TEXT)
    facts: tuple[tuple[str, Fact], ...] = field(default=(), validator=plain_facts, metadata=FREE_TEXT)
    on_record: bool = field(default=False, validator=of(bool))


@frozen(kw_only=True)
class ShipOrder(OrderCommand):
    """Set units aside and book their transport; without `units` all that are open.

    In a shop with places they leave from `place`; without one, from the place that has them all, where there is but one.
    With a `carrier` the shop's adapter of that name quotes and books the cheapest rate for what is `wanted`. Without one
    somebody brings the goods themselves.
    """

    units: tuple[tuple[int, int], ...] = field(default=(), validator=check_units)
    carrier: str = field(default="", validator=text())
    wanted: BookingWanted | None = field(default=None, validator=maybe(of(BookingWanted)))
    place: str = field(default="", validator=text(most=MAX_PLACE))

    def __attrs_post_init__(self) -> None:
        if bool(self.carrier) != (self.wanted is not None):
            raise InvalidValue("a shipment needs both a carrier and what is wanted of it, or neither")


@frozen(kw_only=True)
class ShipmentCommand(OrderCommand):
    """What all commands about one shipment have."""

    shipment_id: str = field(validator=_ID)


@frozen(kw_only=True)
class UnplanShipment(ShipmentCommand):
    """Take a shipment apart that has not left: its units can be shipped anew, and its carrier is told."""


@frozen(kw_only=True)
class DispatchShipment(ShipmentCommand):
    """A shipment has left the shop's hands."""


@frozen(kw_only=True)
class TrackShipment(ShipmentCommand):
    """Ask the carrier where a shipment is."""


@frozen(kw_only=True)
class DeliverShipment(ShipmentCommand):
    """A shipment has arrived, by somebody's word."""


@frozen(kw_only=True)
class TakeBackShipment(ShipmentCommand):
    """A shipment is back with the shop."""


@frozen(kw_only=True)
class LoseShipment(ShipmentCommand):
    """Nobody expects a shipment any more."""


@frozen(kw_only=True)
class CompleteOrder(OrderCommand):
    """Close an order of which nothing more is expected."""


@frozen(kw_only=True)
class CancelOrder(OrderCommand):
    """Call an order off, or what is left of it. See `shopwright.orders.cancel` for `goods_out` and `refund`."""

    reason: CancelReason = field(default=CancelReason.CUSTOMER, validator=of(CancelReason))
    note: str = field(default="", validator=_NOTE, metadata=FREE_TEXT)
    goods_out: bool = field(default=False, validator=of(bool))
    refund: bool = field(default=True, validator=of(bool))


@frozen(kw_only=True)
class KeepLooseMoney(Command):
    """Keep a note of money that belongs to no order that could be placed."""

    source: str = field(validator=_ID)
    method: str = field(validator=text(least=1, most=60))
    amount: Money = field(validator=of(Money))
    reason: str = field(validator=text(least=1, most=60))
    facts: tuple[tuple[str, Fact], ...] = field(default=(), validator=[plain_facts, no_card_in_facts])

    def __attrs_post_init__(self) -> None:
        if self.amount.minor < 0:
            raise InvalidValue(f"KeepLooseMoney.amount must be zero or more, got {self.amount}")
